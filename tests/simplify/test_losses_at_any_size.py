"""Losses of an output and a target of any size: values and slopes are those of the formula at many digits.

Quotients of powers, which floats cannot hold, exponentials beside a target of 0, and logarithms of what rounds to 0.
"""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest
from formulas import WAYS, at, exactly_of_loss
from mpmath import mpf

SIZES = {
    "float64": (0.0, 1e-200, 1e-20, 0.3, 1.0, 2.5, 1e8, 1.2e154, 1e155, 1e200, 1e300),
    "float32": (0.0, 1e-30, 1e-8, 0.25, 1.0, 2.5, 1e4, 1.8e19, 1e20, 1e30, 1e36),
}
RELATIVE = {"float64": 1e-11, "float32": 1e-4}

ROBUST = (
    "log(1+(a-y)**2)",
    "log(1+((a-y)/3)**2)",
    "log(0.5+0.1*(a-y)**2)",
    "(a-y)**2/(1+(a-y)**2)",
    "((a-y)/3)**2/(1+((a-y)/3)**2)",
    "1/(1+(a-y)**2)",
    "((a-y)**2+1)**0.25",
    "(a-y)**2/(1+abs(a-y))",
    "a*(a-y)/(1+abs(a-y))",
    "atan((a-y)**2)",
)
RATIOS = (
    "(a-y)**2/(a+y)**2",
    "(a-y)**2/(a**2+y**2)",
    "a**2/(a**2+y**2)",
    "a*y/(a**2+y**2)",
    "sqrt(a**2+y**2)",
    "a*y/sqrt(a**2+y**2)",
    "(a-y)**2/(0.1+abs(a)+abs(y))",
    "a/(1+y**2)",
    "1-(2*a*y+1)/(a**2+y**2+1)",
    "abs(a-y)**3/(1+abs(a)+y**2)",
)
EXPONENTIALS = ("a+y**2*exp(-a)", "a+y*exp(-a)", "a/2+(y-1)**2*exp(-a)/2", "y*exp(-a)/2+a/2", "exp(a)/(1+y**2)-a*y")


def numbers(dtype: str, sizes: tuple[float, ...]) -> list[float]:
    return [float(np.dtype(dtype).type(sign * size)) for size in sizes for sign in (1, -1)]


def hold(loss: str, dtype: str, way: str, pairs: list[tuple[float, float]]) -> int:
    """Compare value and slope by the output with those of the formula; how many pairs there was a reference for."""
    limit = float(np.finfo(dtype).max) / 2**16
    compared = 0
    for a, y in pairs:
        exact = exactly_of_loss(loss, a, y)
        if exact is None or not all(abs(number) <= limit for number in exact):
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = at("identity", a, way, dtype=dtype, loss=loss, y=y)
        # What cancels in a slope by a is worth a rounding of the loss over a.
        scales = abs(a * exact[1]), abs(exact[0] / mpf(a)) if a else 0
        for what, result, right, scale in zip(("value", "slope"), found, exact, scales, strict=True):
            allowed = RELATIVE[dtype] * max(1, abs(right), scale)
            assert abs(result - right) <= allowed, f"{what} of {loss} at a = {a!r}, y = {y!r}: {result!r}, not {right}"
        compared += 1
    return compared


@pytest.mark.parametrize(("way", "dtype"), [("numpy", "float64"), ("numpy", "float32"), ("python", "float64")])
@pytest.mark.parametrize("loss", [*ROBUST, *RATIOS])
def test_losses_of_residuals_and_ratios_of_any_size(loss: str, way: str, dtype: str) -> None:
    chosen = numbers(dtype, SIZES[dtype])
    # Nothing over nothing is not a number.
    pairs = [(a, y) for a, y in itertools.product(chosen, chosen[::3]) if a or y]
    assert hold(loss, dtype, way, pairs) > 90


LOGARITHMS = (0.0, 0.3, 5.0, 30.0, 85.0, 90.0, 105.0, 400.0, 708.0, 712.0, 720.0, 746.0, 800.0, 1400.0, 1e4)


@pytest.mark.parametrize(("way", "dtype"), [("numpy", "float64"), ("numpy", "float32"), ("python", "float64")])
@pytest.mark.parametrize("loss", EXPONENTIALS)
def test_an_exponential_beside_a_target_that_makes_up_for_it(loss: str, way: str, dtype: str) -> None:
    pairs = list(itertools.product(numbers(dtype, LOGARITHMS), numbers(dtype, SIZES[dtype])[::3]))
    assert hold(loss, dtype, way, pairs) > 50


QUOTIENTS = (
    "y**3/(1+abs(a)+y**2)",
    "(a+2*y)*a/(1+abs(a-y)**2)",
    "a**2*y/(1+(a+2*y)**2+abs(a))",
    "abs(a-y)**3/(1+abs(a)**2+abs(y)**2)",
    "a*y/((1+a**2)*(1+y**2))",
    "(a**2-y**2)/(a**2+y**2)",
)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("loss", QUOTIENTS)
def test_a_quotient_has_its_value_and_no_slope_that_is_finite_and_wrong(loss: str, way: str) -> None:
    for a, y in (
        (0.5, 1e200),
        (1e200, 0.5),
        (1e200, -1e200),
        (3e155, 1e155),
        (1e-200, 2.0),
        (3.0, 4.0),
        (1e100, 1e-100),
    ):
        exact = exactly_of_loss(loss, a, y)
        assert exact is not None
        with np.errstate(all="ignore"):
            found, slope = at("identity", a, way, loss=loss, y=y)
        assert found == pytest.approx(float(exact[0]), rel=1e-12, abs=1e-12)
        assert not np.isfinite(slope) or slope == pytest.approx(float(exact[1]), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("output", "loss", "z", "y", "value", "slope"),
    [
        ("softplus", "y/a", -800.0, 0.0, 0.0, 0.0),
        ("softplus", "log(a)+y/a", -1e4, 0.0, -1e4, 1.0),
        ("softplus", "log(a)+y/a", -500.0, 0.0, -500.0, 1.0),
        ("softplus", "log(a)+y/a", -720.0, 1e-300, 4920700929543.8158, -4920700930262.8158),
        ("softplus", "1/a", -500.0, 0.0, 1.4035922178528374e217, -1.4035922178528374e217),
        ("exp", "log(a)+y/a", -800.0, 0.0, -800.0, 1.0),
        ("exp", "log(a)+y/a", -800.0, 1e-320, 2.7259e27, -2.7259e27),
        ("sigmoid", "-log(y*a+(1-y)*(1-a))", 300.0, 0.0, 300.0, 1.0),
        ("sigmoid", "-log(y*a+(1-y)*(1-a))", -300.0, 1.0, 300.0, -1.0),
        ("sigmoid", "-(1-(y*a+(1-y)*(1-a)))**2*log(y*a+(1-y)*(1-a))", 100.0, 0.0, 100.0, 1.0),
    ],
)
def test_outputs_that_round_to_their_bound(
    output: str, loss: str, z: float, y: float, value: float, slope: float, way: str
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = at(output, z, way, loss=loss, y=y)
    # A subnormal target has few digits.
    relative = 1e-2 if y == 1e-320 else 1e-11
    assert found == (pytest.approx(value, rel=relative), pytest.approx(slope, rel=relative))
