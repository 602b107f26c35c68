"""Formulas of one's own are finite wherever they have a value that a float holds, and so are their derivatives.

A formula and its slope are held to the formula as it is written, at many digits, at floats of every size; losses to
numbers that were worked out at 50 digits.
"""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from formulas import WAYS, at, at_all, exactly, numbers
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import UNHURRIED, examples

import symnet

OF_EACH_DTYPE = [
    (way, dtype) for way in WAYS for dtype in ("float64", "float32") if way != "python" or dtype == "float64"
]
RELATIVE = {"float64": 1e-11, "float32": 1e-4}

FORMULAS = (
    "exp(z)-1",
    "tanh(exp(z) - exp(-z/2))",
    "maximum(z,0)+minimum(exp(z)-1,0)",
    "sign(z)*log(1+abs(z))",
    "sign(z)*(1-exp(-abs(z)))",
    "z*sqrt(abs(z))",
    "sqrt(maximum(z,0))",
    "z*tanh(exp(z))",
    "1/cosh(z)",
    "z/cosh(z)**2",
    "maximum(z,0)-1.5*maximum(1-exp(z),0)",
    "0.5*z*(1+tanh(0.7978845608028654*(z+0.044715*z**3)))",
    "sin(z)/z",
    "(1-exp(-z**2))/z",
    "z/(exp(z)-1)",
    "(1-cos(z))/z**2",
    "cosh(z)/sinh(z) - 1/z",
    "(exp(2*z)-1)/(exp(2*z)+1)",
    "z*((1+exp(z))**2-1)/((1+exp(z))**2+1)",
    "z/sqrt(1+z**2)",
    "(z+sqrt(z**2+4))/2",
    "log(z+sqrt(z**2+1))",
    "log(cosh(z))",
    "0.5*z*(1+erf(z/sqrt(2)))",
    "1-exp(-exp(z))",
    "z**3*exp(-z**2/2)",
    "z*(1-tanh(z))",
    "minimum(exp(z),1)",
    "z**2/(1+z**2)",
    "sqrt(1+z**4)",
    "log(1+z**2)/z",
    "exp(z)*exp(-exp(z))",
    "sin(z**2)*exp(-z**2)",
    "log(1/(1+exp(-z**3)))",
    "log(log(1+exp(z)))",
    "sqrt(z**2+1e-6)",
    "z/sqrt(z**2+0.3)",
    "sqrt(softplus(z))",
    "z*atan(exp(z))",
    "z**2/(1+abs(z))",
    "1/(1+z**2)",
    "z**2/(1+abs(z)**3)",
    "z**2/(0.3+z**2)",
    "z**3/(z**2+z+1)",
    "sqrt(1+exp(z))",
    "log(1+exp(z)+exp(2*z))",
    "log(0.5*exp(z)+0.3*exp(-z))",
    "log(1+sinh(z)**2)",
    "(exp(z)-1)/z",
    "asinh(z)/z",
    "log(1-exp(-exp(z)))",
    "z**2*log(z**2)",
    "1/softplus(z)",
    "z*atan(z**2)",
    "(1+abs(z))*atan(z**5-z**2)",
    "log((exp(z)-1)**2)",
    "log(abs(3*exp(z/2)-3))",
    "asinh(exp(z))",
    "asinh(2*exp(z/3))",
    "log(exp(z)+sqrt(exp(2*z)+1))",
    "log(exp(z)+sqrt(exp(2*z)+9))",
)


def hold(formula: str, way: str, dtype: str, accuracy: str = "fast") -> None:
    """Value and slope at every float that is tried are those of the formula, and nothing warns."""
    limit = float(np.finfo(dtype).max)
    known = {z: exact for z in numbers(dtype) if (exact := exactly(formula, z)) is not None}
    known = {z: exact for z, exact in known.items() if all(abs(result) <= limit for result in exact)}
    assert len(known) > 30
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = at_all(formula, list(known), way, dtype=dtype, accuracy=accuracy)
    for (z, (value, slope)), (has_value, has_slope) in zip(known.items(), found, strict=True):
        for what, result, exact, scale in (
            ("value", has_value, value, abs(z * slope)),
            ("slope", has_slope, slope, 0),
        ):
            allowed = RELATIVE[dtype] * max(1, abs(exact), scale)
            assert abs(result - exact) <= allowed, f"{what} of {formula} at {z!r}: {result!r} is not {float(exact)!r}"


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_and_its_slope_at_floats_of_every_size(formula: str) -> None:
    for way, dtype in OF_EACH_DTYPE:
        hold(formula, way, dtype)
    hold(formula, "numpy", "float64", "tails")


LEVEL = ("tanh", "sigmoid", "erf", "softplus", "gaussian", "atan")
GROWING = ("exp(z)", "z**3", "z + z**3", "sinh(z)", "z**2", "z*exp(z)", "exp(-z)", "z**5 - z**2")
BEFORE = ("", "z*", "3*", "(1 + abs(z))*")
LEVELLED = [
    f"{before}{level}({growing})"
    for level in LEVEL
    for growing in GROWING
    for before in BEFORE
    if "z" not in before or not (level == "gaussian" and "(" in growing)
]
"""Without bells of exponentials beside what grows, of which a reference takes thousands of digits."""


@settings(max_examples=examples(12), **UNHURRIED)
@given(st.sampled_from(LEVELLED))
def test_functions_that_level_off_of_functions_that_grow(formula: str) -> None:
    hold(formula, "numpy", "float64")


WEIGHTS = st.integers(1, 4)


@settings(max_examples=examples(12), **UNHURRIED)
@given(
    WEIGHTS, WEIGHTS, WEIGHTS, WEIGHTS, st.sampled_from(BEFORE), st.sampled_from(("exp(z)", "exp(-2*z)", "exp(z/2)"))
)
def test_quotients_of_exponentials(one: int, two: int, three: int, four: int, before: str, power: str) -> None:
    hold(f"{before}({one}*{power} + {two})/({three}*{power}**2 + {power} + {four})", "numpy-plain", "float64")


ANALYTIC = (
    "exp(z) - 1",
    "sin(z)",
    "tanh(z)",
    "erf(z)",
    "atan(z)",
    "log(1 + z**2)",
    "1 - cos(z)",
    "z*cosh(z/9)",
    "sinh(z)",
)


@settings(max_examples=examples(9), **UNHURRIED)
@given(st.sampled_from(ANALYTIC), st.sampled_from(("z", "2*z", "(exp(z) - 1)", "tanh(z)")))
def test_removable_singularities(above: str, below: str) -> None:
    assume(below not in (above, f"({above})"))
    formula = f"({above})/({below})"
    for z in (0.0, 5e-324, -1e-300, 1e-9, -1e-5, 0.1, -0.24, 0.26, 1.0, -3.0):
        exact = exactly(formula, z)
        assert exact is not None
        assert at(formula, z) == (pytest.approx(float(exact[0]), abs=1e-13), pytest.approx(float(exact[1]), abs=1e-12))


FOCAL = "-(y*(1-a)**2*log(a)+(1-y)*a**2*log(1-a))"
LOGCOSH = "log(cosh(a-y))"
POISSON = "a-y*log(a)"
LOGISTIC = "-log((1+a)/2)*(1+y)/2-log((1-a)/2)*(1-y)/2"
CASES = (
    ("sigmoid", FOCAL, 40.0, 1.0, 7.66764807373e-53, -2.30029442212e-52),
    ("sigmoid", FOCAL, 40.0, 0.0, 40.0, 1.0),
    ("sigmoid", FOCAL, 18.0, 1.0, 3.53262839e-24, -1.05978851786e-23),
    ("sigmoid", FOCAL, -100.0, 1.0, 100.0, -1.0),
    ("sigmoid", FOCAL, 1e30, 0.0, 1e30, 1.0),
    ("sigmoid", "y*log(y/a)", 0.0, 0.0, 0.0, 0.0),
    ("sigmoid", "y*log(y)-y*log(a)", 0.0, 0.0, 0.0, 0.0),
    ("sigmoid", "y*log(y/a)", -100.0, 1.0, 100.0, -1.0),
    ("sigmoid", "-(5*y*log(a)+(1-y)*log(1-a))", -120.0, 1.0, 600.0, -5.0),
    ("sigmoid", "-y*log(a)**3*(1-a)", 50.0, 1.0, 1.383896526736737e-87, -5.535586106946948e-87),
    ("sigmoid", "y*log(a/(1-a))", 50.0, 1.0, 50.0, 1.0),
    ("gaussian", "-y*log(a)", -100.0, 1.0, 10000.0, -200.0),
    ("exp(-z**2)", "-y*log(a)", 100.0, 1.0, 10000.0, 200.0),
    ("1/(1+exp(-z**3))", "-y*log(a)", -100.0, 1.0, 1e6, -30000.0),
    ("exp", "a-y*log(a)", -800.0, 1.0, 800.0, -1.0),
    ("exp", "a-y*log(a)", -800.0, 0.0, 0.0, 0.0),
    ("identity", LOGCOSH, 800.0, 0.0, 799.30685281944, 1.0),
    ("identity", LOGCOSH, -100.0, 0.0, 99.306852819440054, -1.0),
    ("identity", "log((exp(a-y)+exp(y-a))/2)", 800.0, 0.0, 799.30685281944, 1.0),
    ("identity", "log(exp(a-y)/2+exp(y-a)/2)", -1e5, 0.0, 99999.30685281944, -1.0),
    ("softplus", POISSON, -800.0, 0.0, 0.0, 0.0),
    ("softplus", POISSON, -800.0, 1.0, 800.0, -1.0),
    ("softplus", POISSON, -110.0, 2.0, 220.0, -2.0),
    ("softplus", "y*log(y/a)-y+a", -120.0, 1.0, 119.0, -1.0),
    ("log(1+exp(z))", "(log(a)-y)**2", -750.0, 0.0, 562500.0, -1500.0),
    ("tanh", LOGISTIC, 20.0, -1.0, 40.0, 2.0),
    ("tanh", LOGISTIC, -1e30, 1.0, 2e30, -2.0),
    ("tanh", LOGISTIC, 45.0, 1.0, 8.194012623990515e-40, -1.638802524798103e-39),
    ("tanh", "-log(1-a**2)", 30.0, 0.0, 58.61370563888011, 2.0),
    ("tanh", "-log(1-a**2)", -9.0, 0.0, 16.613705669340067, -1.999999939080008),
    ("tanh", "-log((1+a)/2)*(1-a)", 30.0, 1.0, 1.5335296147444e-52, -6.1341184589776e-52),
)


@pytest.mark.parametrize("accuracy", ["fast", "tails"])
@pytest.mark.parametrize(("way", "dtype"), OF_EACH_DTYPE)
@pytest.mark.parametrize(("output", "loss", "z", "y", "value", "slope"), CASES)
def test_losses_where_an_output_has_come_to_its_bound(
    output: str, loss: str, z: float, y: float, value: float, slope: float, way: str, dtype: str, accuracy: str
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = at(output, z, way, dtype=dtype, loss=loss, y=y, accuracy=accuracy)
    relative = 1e-6 if dtype == "float32" or value == 3.53262839e-24 else 1e-9
    tiny = float(np.finfo(dtype).smallest_normal)
    assert found == (pytest.approx(value, rel=relative, abs=tiny), pytest.approx(slope, rel=relative, abs=tiny))


@pytest.mark.parametrize("formula", ["z*tanh(exp(z))", "sqrt(maximum(z,0))", "sin(z)/z", "z/(exp(z)-1)", "z/cosh(z)"])
def test_gradients_of_such_formulas_agree_with_differences(formula: str) -> None:
    assert symnet.gradcheck(symnet.parse(f"3-4-1:{formula},identity"), points=2)


@pytest.mark.parametrize("notation", ["symnet", "nielsen", "hjorth-jensen"])
@pytest.mark.parametrize("formula", ["sin(z)/z", "z/sqrt(1+z**2)", "sqrt(maximum(z,0))", "log(cosh(z))"])
def test_pages_show_such_formulas_as_they_are_written(formula: str, notation: str) -> None:
    """Every equation is read back before it is handed out."""
    page = symnet.derive(symnet.parse(f"2-2-1:{formula},identity")).render("fragment", notation)
    assert not any(name in page for name in ("capped", "decay", "near", "hypot"))


@pytest.mark.parametrize("accuracy", ["fast", "tails"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("z", "y"), [(-37.0, 1.0), (-40.0, 1.0), (-300.0, 1.0), (40.0, 0.0), (37.0, 0.0)])
def test_nothing_cancels_in_a_divisor(z: float, y: float, way: str, accuracy: str) -> None:
    """The likelihood of a label in one logarithm: at y = 1 it is σ(z), which must not be lost beside (1 - y) σ(-z)."""
    loss = "-log(y*sigmoid(a)+(1-y)*(1-sigmoid(a)))"
    assert at("identity", z, way, loss=loss, y=y, accuracy=accuracy) == (
        pytest.approx(abs(z)),
        pytest.approx(1 - 2 * y),
    )


@pytest.mark.parametrize("accuracy", ["fast", "tails"])
@pytest.mark.parametrize("z", [0.0, 5e-324, 1e-200, -1e-200])
def test_a_logarithm_of_what_is_rounded_to_0_raises_nothing_in_python(z: float, accuracy: str) -> None:
    """z sin(z) is 0 in floats: the logarithm is infinite then, as it is in NumPy."""
    value, _ = at("z*log(z*sin(z))", z, "python", accuracy=accuracy)
    assert value == (0 if z == 0 else math.copysign(math.inf, -z))


@pytest.mark.parametrize("accuracy", ["fast", "tails"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("z", [1e-300, 1e-9, 0.5, 1.0, 2.0, 40.0, 709.0, 710.5, 1e4, 1e300])
def test_the_inverse_of_softplus(z: float, way: str, accuracy: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = at("log(exp(z)-1)", z, way, accuracy=accuracy)
    rest = math.log(-math.expm1(-z))
    assert found == (pytest.approx(z + rest, rel=1e-12), pytest.approx(-1 / math.expm1(-z), rel=1e-12))


@pytest.mark.parametrize("way", WAYS)
def test_a_logarithm_of_two_factors_of_the_same_sign(way: str) -> None:
    value, slope = at("log(z*(exp(z)-1))", -3.0, way)
    assert value == pytest.approx(math.log(-3 * math.expm1(-3)), rel=1e-12)
    assert slope == pytest.approx(-1 / 3 + math.exp(-3) / math.expm1(-3), rel=1e-12)
