"""The elementary functions in ufuncs that NumPy runs fast, stable at any input.

Clamping changes no value: it keeps an exponential or a square from overflowing where the result has
been 0 or 1 to the last digit for long. NumPy's `heaviside`, `logaddexp` and `where` take ten times as
long as what stands here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import cast

from symnet.lower.builder import Builder, Ref, Term
from symnet.lower.instructions import Operand

Expansion = Callable[..., Term]


def _sigmoid(b: Builder, z: Term) -> Term:
    """1/(1 + exp(-z)), where exp may be inf: the inverse is 0 then, as it should be."""
    return b.divide(1, b.add(b.apply("exp_or_inf", b.multiply(z, -1)), 1))


def _softplus(b: Builder, z: Term) -> Term:
    """max(z, 0) + log(1 + exp(-|z|))."""
    tail = b.apply("exp", b.apply("negative", b.magnitude(z)))
    return b.add(b.apply("log1p", tail), b.relu(cast(Ref, z)))


def _positive(b: Builder, z: Term) -> Term:
    return b.where_positive(z)


def _step(b: Builder, z: Term) -> Term:
    """[z >= 0], and nan where z is."""
    return b.apply("heaviside", z, 1)


def _bipolar_step(b: Builder, z: Term) -> Term:
    """2 [z >= 0] - 1, and nan where z is."""
    return b.subtract(b.multiply(b.apply("heaviside", z, 1), 2), 1)


def _relu(b: Builder, z: Term) -> Term:
    return b.relu(cast(Ref, z))


def _elu(b: Builder, z: Term) -> Term:
    """max(z, exp(min(z, 0)) - 1)."""
    negative = b.apply("expm1", b.apply("minimum", z, 0))
    return b.twin(b.apply("maximum", z, negative), cast(Ref, z))


def _selu(b: Builder, z: Term) -> Term:
    """λ max(z, 0) + λα (exp(min(z, 0)) - 1)."""
    negative = b.multiply(b.apply("expm1", b.apply("minimum", z, 0)), 1.7580993408473769)
    positive = b.multiply(b.apply("maximum", z, 0), 1.0507009873554805)
    return b.twin(b.apply("add", positive, negative), cast(Ref, z))


def _select(b: Builder, condition: Term, positive: Term, other: Term) -> Term:
    """One of two: a maximum for z and z/100, a multiple of the step for two numbers, else a masked copy."""
    if not isinstance(positive, Ref) and not isinstance(other, Ref):
        return b.add(b.multiply(b.where_positive(condition), positive - other), other)
    shifted = b.shifted_twin(other, condition) if isinstance(other, Ref) and not isinstance(positive, Ref) else None
    if shifted is not None:
        # Where v = c + a is chosen a is not positive, so it is min(a, 0) there, and elsewhere that is 0.
        shift, twin = shifted
        lower = b.add(b.minimum(twin, 0), shift)
        return b.add(lower, b.multiply(b.where_positive(condition), cast(float, positive) - shift))
    if positive == condition and isinstance(positive, Ref) and isinstance(other, Ref):
        match b.made_by(other, "multiply"):
            case (Operand(value=value), int() | float() as slope) if value == positive.value and 0 < slope < 1:
                return b.twin(b.apply("maximum", positive, other), positive)
    return b.apply("select", b.where_positive(condition, mask=True), positive, other)


def _half_step(b: Builder, z: Term) -> Term:
    """([z > 0] + [z ≥ 0])/2."""
    return b.multiply(b.add(b.where_positive(z), b.apply("greater_equal", z, 0)), 0.5)


def _blend(b: Builder, condition: Term, positive: Term, other: Term) -> Term:
    """Half of each of two choices, which differ where the condition is 0; only what is chosen is read."""
    halves = (b.multiply(positive, 0.5), b.multiply(other, 0.5))
    masks = (b.where_positive(condition, mask=True), b.apply("greater_equal", condition, 0, mask=True))
    above, from_zero = (b.apply("select", mask, *halves) for mask in masks)
    return b.add(above, from_zero)


def _softsign(b: Builder, z: Term) -> Term:
    return b.divide(z, b.add(b.magnitude(z), 1))


def _gaussian(b: Builder, z: Term) -> Term:
    """exp(-z²), which is 0 long before |z| = 30."""
    size = b.apply("minimum", b.magnitude(z), 30)
    return b.apply("exp", b.multiply(b.multiply(size, size), -1))


def _norm_pdf(b: Builder, z: Term) -> Term:
    """exp(-z²/2)/√(2π), which is 0 long before |z| = 40."""
    size = b.apply("minimum", b.magnitude(z), 40)
    return b.multiply(b.apply("exp", b.multiply(b.multiply(size, size), -0.5)), 0.3989422804014327)


def _norm_cdf(b: Builder, z: Term) -> Term:
    return b.multiply(b.apply("erfc", b.multiply(z, -0.7071067811865476)), 0.5)


def _held_square(b: Builder, z: Term) -> Term:
    """z², but not above 22²."""
    return b.apply("minimum", b.apply("square_or_inf", z), 484)


def _gelu_gate(b: Builder, z: Term) -> Term:
    """1/(1 + exp(-2√(2/π)(z + 0.044715 z³))), which is 0 or 1 before |z| = 22."""
    slope = b.subtract(-1.5957691216057308, b.multiply(_held_square(b, z), 0.07135481627260025))
    return b.divide(1, b.add(b.apply("exp_or_inf", b.apply("multiply_or_inf", slope, z)), 1))


def _gelu_gate_slope(b: Builder, z: Term) -> Term:
    """2√(2/π)(1 + 3·0.044715 z²); beyond |z| = 22 it only ever meets a factor 0."""
    return b.add(b.multiply(_held_square(b, z), 0.21406444881780075), 1.5957691216057308)


def _atan_slope(b: Builder, z: Term) -> Term:
    """1/(1 + z²), with the square of 1/|z| where that of z might overflow."""
    inverse = b.divide(1, b.apply("maximum", b.magnitude(z), 1))
    square = b.multiply(inverse, inverse)
    held = b.minimum(b.magnitude(z), 1)
    return b.divide(square, b.add(square, b.multiply(held, held)))


def _huber(b: Builder, residual: Term, threshold: Term) -> Term:
    """r²/2 for |r| ≤ δ, else δ(|r| - δ/2), as h(r - h/2) with r held within ±δ."""
    held = b.minimum(b.apply("maximum", residual, b.multiply(threshold, -1)), threshold)
    return b.multiply(held, b.subtract(residual, b.multiply(held, 0.5)))


def _capped(b: Builder, z: Term, bound: Term) -> Term:
    return b.apply("minimum", z, bound)


def _decay(b: Builder, z: Term) -> Term:
    return b.apply("exp", b.apply("minimum", z, 0))


def _largest(b: Builder, z: Term, other: Term) -> Term:
    return b.apply("maximum", *(b.magnitude(term) if isinstance(term, Ref) else abs(term) for term in (z, other)))


def _within(b: Builder, z: Term, radius: Term) -> Ref:
    return b.apply("less_equal", b.magnitude(z), radius, mask=True)


def _near(b: Builder, z: Term, radius: Term) -> Term:
    return b.apply("select", _within(b, z, radius), z, 0)


def _far(b: Builder, z: Term, radius: Term) -> Term:
    return b.apply("select", _within(b, z, radius), b.add(radius, 1), z)


def _above(b: Builder, z: Term, bound: Term) -> Term:
    mask = b.where_positive(b.subtract(z, bound), mask=True)
    return b.apply("select", mask, z, b.add(bound, 1))


def _over_hypot(b: Builder, z: Term, other: Term) -> Term:
    """z/√(z² + c²); the hypotenuse of a derivative is that of the value, whatever the order of its legs."""
    legs = (z, other) if isinstance(z, Ref) else (other, z)
    return b.divide(z, b.apply("hypot", *legs))


def _squareplus(b: Builder, z: Term, other: Term) -> Term:
    """t = (√(z² + c²) + |z|)/2 for z > 0, else c²/(4t)."""
    half = b.multiply(other, 0.5)
    total = b.add(b.multiply(b.apply("hypot", z, other), 0.5), b.multiply(b.magnitude(z), 0.5))
    lower = b.multiply(b.divide(half, total), half)
    return b.apply("select", b.where_positive(z, mask=True), total, lower)


def _log_cosh(b: Builder, z: Term) -> Term:
    """|z| + (log(1 + exp(-|z|)²) - log(2)), right to the rounding of 1."""
    size = b.magnitude(z)
    tail = b.apply("exp", b.multiply(size, -1))
    return b.add(b.subtract(b.apply("log1p", b.multiply(tail, tail)), 0.6931471805599453), size)


def _xlogy(b: Builder, factor: Term, argument: Term) -> Term:
    """x log(v), with log(1) where x is 0."""
    mask = b.apply("not_equal", factor, 0, mask=True)
    return b.multiply(b.apply("log", b.apply("select", mask, argument, 1)), factor)


def _times_exp(b: Builder, factor: Term, exponent: Term) -> Term:
    """x exp(v) by four of exp(v/4), with the exponential of no more than 0 where x is 0."""
    mask = b.apply("not_equal", factor, 0, mask=True)
    held = b.apply("select", mask, exponent, b.minimum(exponent, 0))
    quarter = b.apply("exp", b.multiply(held, 0.25))
    return reduce(lambda product, _: b.multiply(product, quarter), range(4), factor)


def _magnitude(b: Builder, z: Term) -> Term:
    return b.magnitude(z)


def _minimum(b: Builder, left: Term, right: Term) -> Term:
    return b.minimum(left, right)


def _ufunc(name: str) -> Expansion:
    return lambda b, *terms: b.apply(name, *terms)


EXPANSIONS: dict[str, Expansion] = {
    **{
        name: _ufunc(name)
        for name in ("exp", "expm1", "log", "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sign", "maximum")
    },
    "abs": _magnitude,
    "atan": _ufunc("arctan"),
    "asinh": _ufunc("arcsinh"),
    "hypot": _ufunc("hypot"),
    "over_hypot": _over_hypot,
    "squareplus": _squareplus,
    "log_cosh": _log_cosh,
    "times_exp": _times_exp,
    "xlogy": _xlogy,
    "capped": _capped,
    "decay": _decay,
    "largest": _largest,
    "scaled": lambda b, z, size: b.divide(z, size),
    "near": _near,
    "far": _far,
    "above": _above,
    "erf": _ufunc("erf"),
    "minimum": _minimum,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "positive": _positive,
    "step": _step,
    "bipolar_step": _bipolar_step,
    "relu": _relu,
    "elu": _elu,
    "selu": _selu,
    "select": _select,
    "half_step": _half_step,
    "blend": _blend,
    "softsign": _softsign,
    "gaussian": _gaussian,
    "norm_pdf": _norm_pdf,
    "norm_cdf": _norm_cdf,
    "gelu_gate": _gelu_gate,
    "gelu_gate_slope": _gelu_gate_slope,
    "atan_slope": _atan_slope,
    "huber": _huber,
}
"""By the names of the table in `equations.functions`."""

SCIPY = frozenset({"erf", "erfc", "erfcx"})
"""Ufuncs that `scipy.special` has and NumPy has not."""
