"""Values and slopes of formulas that people asked about, most of them in the trackers of other libraries.

Each was wrong, or refused without a reason, when it was found. Right values were computed with mpmath at 50 digits or
more; at kinks they are those of docs/design.md. Every activation is carried by the network `1-1` with W = 1, b = z and
x = 0 under the loss `a`, so that C = f(z) and ∂C/∂b = f'(z).
"""

from __future__ import annotations

import math
import re
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np
import pytest
from conftest import Command

import symnet
from symnet.support.errors import SymnetError
from symnet.support.modules import module_from_source

RELATIVE = {"float64": 1e-12, "float32": 2e-6}
FOCAL = "-(y*(1-a)**2*log(a)+(1-y)*a**2*log(1-a))"
GELU_TANH = "0.5*z*(1+tanh(0.7978845608028654*(z+0.044715*z**3)))"
ASYMMETRIC = "-(5*y*log(a)+(1-y)*log(1-a))"


class Case(NamedTuple):
    """A formula at a point; `value` or `slope` is None where it is not asked about."""

    name: str
    formula: str
    z: float
    value: float | None
    slope: float | None
    dtype: str = "float64"
    loss: str = "a"
    y: float = 0.0


CASES = (
    Case("tie-identity", "maximum(0,z)+minimum(0,z)", 0.0, 0.0, 1.0),
    Case("tie-identity-2", "maximum(z,0)+minimum(z,0)", 0.0, 0.0, 1.0),
    Case("tie-elu", "maximum(z,0)+minimum(exp(z)-1,0)", 0.0, 0.0, 1.0),
    Case("tie-celu2-f32", "maximum(0,z)+minimum(0,2*(exp(z/2)-1))", 1e-9, 1e-9, 1.0, "float32"),
    Case("tie-softplus-stable", "log1p(exp(-abs(z)))+maximum(z,0)", 0.0, math.log(2), 0.5),
    Case("tie-leaky", "maximum(0,z)+0.1*minimum(0,z)", 0.0, 0.0, 0.55),
    Case("tie-order-z-first", "maximum(z,0)", 0.0, 0.0, 0.5),
    Case("tie-order-0-first", "maximum(0,z)", 0.0, 0.0, 0.5),
    Case("tie-order-relu", "relu", 0.0, 0.0, 0.0),
    Case("sign-symlog", "sign(z)*log(1+abs(z))", 0.0, 0.0, 1.0),
    Case("sign-elliot-1", "z/(1+abs(z))", 0.0, 0.0, 1.0),
    Case("sign-elliot-2", "sign(z)*(1-exp(-abs(z)))", 0.0, 0.0, 1.0),
    Case("sqrtabs", "z*sqrt(abs(z))", 0.0, 0.0, 0.0),
    Case("focal-40-1", "sigmoid", 40.0, 7.6676480737219996e-53, -2.3002944221165999e-52, loss=FOCAL, y=1.0),
    Case("focal-40-0", "sigmoid", 40.0, 40.0, 1.0, loss=FOCAL, y=0.0),
    Case("focal-f32-18", "sigmoid", 18.0, None, -1.0597885178583823e-23, "float32", FOCAL, 1.0),
    Case("sqrt-relu", "sqrt(maximum(z,0))", -1.0, 0.0, 0.0),
    Case("tanhexp", "z*tanh(exp(z))", 800.0, 800.0, 1.0),
    Case("sech", "1/cosh(z)", 800.0, 0.0, 0.0),
    Case("elu-relu", "relu(z)-1.5*relu(1-exp(z))", 800.0, 800.0, 1.0),
    Case("gelu-tanh-user", GELU_TANH, 1e25, 1e25, 1.0, "float32"),
    Case("sinc", "sin(z)/z", 0.0, 1.0, 0.0),
    Case("sinc-near", "sin(z)/z", 1e-6, 1 - 1e-12 / 6, -3.33333333333300e-7),
    Case("logcosh-800", "identity", 800.0, 800 - math.log(2), 1.0, loss="log(cosh(a-y))"),
    Case("logcosh-f32", "identity", 100.0, 100 - math.log(2), 1.0, "float32", "log(cosh(a-y))"),
    Case("tanh-exp2", "(exp(2*z)-1)/(exp(2*z)+1)", 400.0, 1.0, 0.0),
    Case("mish-algebraic", "z*((1+exp(z))**2-1)/((1+exp(z))**2+1)", 400.0, 400.0, 1.0),
    Case("poisson-exp", "exp", -800.0, 800.0, -1.0, loss="a-y*log(a)", y=1.0),
    Case("isru", "z/sqrt(1+z**2)", 1e25, 1.0, 0.0, "float32"),
    Case("squareplus", "(z+sqrt(z**2+4))/2", -1e8, 1e-8, 1e-16),
    Case("squareplus-f32", "(z+sqrt(z**2+4))/2", 1e25, 1e25, 1.0, "float32"),
    Case("asinh-user", "log(z+sqrt(z**2+1))", -1e8, -19.11382792451231, 1e-8),
    Case("gelu-user-tail", "0.5*z*(1+erf(z/sqrt(2)))", -9.0, -1.0157295653584566e-18, -9.1389373739066393e-18),
    Case("gelu-tail", "gelu", -9.0, -1.0157295653584566e-18, -9.1389373739066393e-18),
    Case("kl-zero", "sigmoid", 0.0, 0.0, 0.0, loss="y*log(y/a)", y=0.0),
    Case("kl-zero-2", "sigmoid", 0.0, 0.0, 0.0, loss="y*log(y)-y*log(a)", y=0.0),
    Case("posw", "sigmoid", -120.0, 600.0, -5.0, loss=ASYMMETRIC, y=1.0),
    Case("min-hint", "min(max(z,-1),1)", 0.0, 0.0, 1.0),
    Case("pi", "sin(2*pi*z)", 0.25, 1.0, 0.0),
    Case("domain-exp-log", "exp(log(z))", -1.0, math.nan, None),
    Case("domain-square-of-root", "sqrt(z)**2", -4.0, math.nan, None),
    Case("atan2-leak", "abs(sqrt(z))", 4.0, 2.0, 0.25),
)

REFUSED = (
    ("const-leaky", "1-1:leaky_relu(0.2)", "leaky_relu(slope=0.2)"),
    ("const-5", "1-1:5", "z"),
    ("const-z-z", "1-1:z-z", "z"),
    ("const-sin", "1-1:sin(2)", "z"),
    ("const-loss-y", "1-1;loss=y**2", "a"),
    ("const-loss-1", "1-1;loss=1", "a"),
    ("hat", "1-1:z^2", "**"),
    ("softmax-1-unit", "3-4-1;loss=cross_entropy", "sigmoid is meant for one"),
    ("empty-entry", "2-2-1:,identity", "empty"),
)

ZERO_TOLERANCE = {"float64": 1e-15, "float32": 1e-7}


@cache
def module(formula: str, loss: str, dtype: str, target: str, accuracy: str) -> ModuleType:
    network = symnet.parse(f"1-1:{formula};loss={loss}")
    return symnet.compile(network, dtype=dtype, target=target, accuracy=accuracy)


def agrees(found: float, right: float, dtype: str) -> bool:
    if math.isnan(right):
        return math.isnan(found)
    return math.isclose(found, right, rel_tol=RELATIVE[dtype], abs_tol=0.0 if right else ZERO_TOLERANCE[dtype])


@pytest.mark.parametrize("accuracy", ["fast", "tails"])
@pytest.mark.parametrize("target", ["numpy", "numpy-plain"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_value_and_slope_are_right(case: Case, target: str, accuracy: str) -> None:
    compiled = module(case.formula, case.loss, case.dtype, target, accuracy)
    ones = np.ones((1, 1), case.dtype)
    params = compiled.Parameters(ones, np.array([case.z], case.dtype))
    with np.errstate(invalid="ignore" if case.name.startswith("domain") else "raise", divide="raise", over="raise"):
        value, gradients = compiled.value_and_grad(params, 0 * ones, case.y * ones)
    assert case.value is None or agrees(value, case.value, case.dtype), value
    assert case.slope is None or agrees(float(gradients.b1[0]), case.slope, case.dtype), gradients.b1


@pytest.mark.parametrize(("name", "architecture", "remedy"), REFUSED, ids=[name for name, _, _ in REFUSED])
def test_what_is_not_meant_is_refused_in_one_line(name: str, architecture: str, remedy: str) -> None:
    with pytest.raises(SymnetError, match=re.escape(remedy)) as refusal:
        symnet.parse(architecture)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("formula", ["1e40*z", "1e-50*z"])
def test_a_constant_that_float32_cannot_hold_is_refused(formula: str) -> None:
    network = symnet.parse(f"1-1:{formula};loss=a")
    with pytest.raises(SymnetError, match="float32"):
        symnet.compile(network, dtype="float32")
    symnet.compile(network)


def test_leaky_relu_takes_its_slope_by_name() -> None:
    compiled = module("leaky_relu(slope=0.2)", "a", "float64", "numpy", "fast")
    for z, value, slope in ((-1.0, -0.2, 0.2), (3.0, 3.0, 1.0)):
        found, gradients = compiled.value_and_grad(
            compiled.Parameters(np.ones((1, 1)), np.array([z])), np.zeros((1, 1)), np.zeros((1, 1))
        )
        assert (found, float(gradients.b1[0])) == (value, slope)


@pytest.mark.parametrize(
    ("formula", "loss", "z", "y", "value", "slope"),
    [
        ("z**2.5", "a", -4.0, 0.0, math.nan, math.nan),
        ("1/z", "a", 0.0, 0.0, math.inf, -math.inf),
        ("log(z)", "a", 0.0, 0.0, -math.inf, math.inf),
        ("sigmoid", FOCAL, 40.0, 1.0, 7.6676480737219996e-53, -2.3002944221165999e-52),
    ],
    ids=["py-complex-25", "py-div0", "py-log0", "py-focal"],
)
def test_straight_line_python_computes_what_ieee_arithmetic_does(
    formula: str, loss: str, z: float, y: float, value: float, slope: float
) -> None:
    source = symnet.generate(symnet.parse(f"1-1:{formula};loss={loss}"), target="python")
    found, gradient = module_from_source(source, "straight_line").value_and_grad((1.0, z), (0.0,), (y,))
    for result, right in ((found, value), (gradient[1], slope)):
        assert isinstance(result, float)
        assert math.isnan(right) if math.isnan(result) else math.isclose(result, right, rel_tol=1e-12)


@pytest.mark.parametrize("loss", ["hinge", "perceptron"])
def test_labels_of_0_and_1_are_refused_where_minus_1_and_1_are_meant(loss: str) -> None:
    compiled = symnet.compile(symnet.parse(f"3-1;loss={loss}"))
    with pytest.raises(ValueError, match="-1 or 1"):
        compiled.value_and_grad(compiled.init(0), np.ones((2, 3)), np.zeros((2, 1)))


@pytest.mark.parametrize(
    "labels", [np.array([0.0, 1.0, 2.0]), np.array([[0], [1], [2]]), np.array([True, False, True])]
)
def test_labels_of_another_kind_are_told_that_integers_are_meant(labels: np.ndarray) -> None:
    compiled = symnet.compile(symnet.parse("2-3;loss=cross_entropy"))
    with pytest.raises(ValueError, match="integer"):
        compiled.loss(compiled.init(0), np.ones((3, 2)), labels)


def test_flat_targets_are_a_column_where_there_is_one_output() -> None:
    one = symnet.compile(symnet.parse("2-1"))
    y = np.arange(3.0)
    assert one.loss(one.init(0), np.ones((3, 2)), y) == one.loss(one.init(0), np.ones((3, 2)), y[:, None])
    two = symnet.compile(symnet.parse("2-2"))
    with pytest.raises(ValueError, match=r"\(3, 2\)"):
        two.loss(two.init(0), np.ones((3, 2)), y)


@pytest.mark.parametrize(
    ("arguments", "wanted", "unwanted"),
    [
        (("equations", "2-2-1:0.5*z*(1+erf(z/sqrt(2))),identity", "--latex"), r"\sqrt{2}", "282842712474619"),
        (("derive", f"2-2-1:{GELU_TANH},identity", "-o", "page.tex"), "0.7978845608", "285419265090401"),
    ],
    ids=["latex-gelu", "latex-gelu-tanh"],
)
def test_constants_are_printed_as_written(
    arguments: tuple[str, ...], wanted: str, unwanted: str, symnet_command: Command
) -> None:
    done = symnet_command(*arguments)
    assert done.status == 0, done.err
    text = Path("page.tex").read_text(encoding="utf-8") if "-o" in arguments else done.out
    assert wanted in text
    assert unwanted not in text
