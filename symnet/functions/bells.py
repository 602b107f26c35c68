"""Bell-shaped functions, and the functions that they are the slopes of: gaussian, normal distribution, arctan."""

from __future__ import annotations

from typing import Any

from sympy import Rational, exp, pi, sqrt, tanh

from symnet.functions.arrays import Builder, Term, ufunc
from symnet.functions.code import Code, helped
from symnet.functions.declare import function
from symnet.functions.floats import number
from symnet.functions.logistic import sigmoid_value

GELU_CUBIC = Rational("0.044715")
"""The constant of Hendrycks and Gimpel (2016)."""


def _bell(b: Builder, z: Term, bound: int, rate: float) -> Term:
    """exp(-rate·z²) with |z| clamped to `bound`, where the result is 0 already."""
    size = b.apply("minimum", b.magnitude(z), bound)
    return b.apply("exp", b.multiply(b.multiply(size, size), -rate))


gaussian = function(
    "gaussian",
    "exp(-z²); gaussian' = -2za.",
    lambda z: exp(-(z**2)),
    slope=lambda a, z: -2 * z * a,
    value=lambda m, z: m.exp(-z * z),
    parity=1,
    least=0.0,
    levels=(-40, 40),
    vanishes=True,
    by_others=lambda call, z: call("exp", -z * z),
    array=lambda b, z: _bell(b, z, 30, 1),
    numpy=helped(
        "z",
        "exp(-z**2), which is 0 long before |z| = 30",
        ("size = np.minimum(np.abs(z), 30)", "value: Array = np.exp(-size * size)", "return value"),
    ),
    python="exp(-{0} * {0})",
)
erf = function(
    "erf",
    "The error function; erf' = 2/√π exp(-z²).",
    slope=lambda a, z: 2 / sqrt(pi) * gaussian(z),
    value=lambda m, z: m.erf(z),
    in_formulas=True,
    parity=-1,
    least=-1.0,
    levels=(-40, 40),
    is_analytic=True,
    array=lambda b, z: b.apply("erf", z),
    numpy="erf({0})",
    python="erf({0})",
)


def _atan_slope(b: Builder, z: Term) -> Term:
    """1/(1 + z²), by the square of 1/|z| where z² might overflow."""
    inverse = b.divide(1, b.apply("maximum", b.magnitude(z), 1))
    square = b.multiply(inverse, inverse)
    held = b.minimum(b.magnitude(z), 1)
    return b.divide(square, b.add(square, b.multiply(held, held)))


atan_slope = function(
    "atan_slope",
    "1/(1 + z²).",
    lambda z: 1 / (1 + z**2),
    slope=lambda a, z: -2 * z * a**2,
    parity=1,
    least=0.0,
    array=_atan_slope,
    numpy=helped(
        "z",
        "1/(1 + z**2), with the square of 1/|z| where that of z might overflow",
        (
            "inverse = 1 / np.maximum(np.abs(z), 1)",
            "held = np.minimum(np.abs(z), 1)",
            "value: Array = inverse * inverse / (inverse * inverse + held * held)",
            "return value",
        ),
    ),
    python="(1.0 / (1.0 + {0} * {0}))",
)
atan = function(
    "atan",
    "arctan(z); atan' = 1/(1 + z²), by a function of its own since z² may overflow.",
    slope=lambda a, z: atan_slope(z),
    value=lambda m, z: m.atan(z),
    in_formulas=True,
    parity=-1,
    is_analytic=True,
    **ufunc("arctan"),
    python="atan({0})",
    page_name="arctan",
)
norm_pdf = function(
    "norm_pdf",
    "The standard normal density, exp(-z²/2)/√(2π).",
    lambda z: exp(-(z**2) / 2) / sqrt(2 * pi),
    slope=lambda a, z: -z * a,
    value=lambda m, z: m.exp(-z * z / 2) / m.sqrt(2 * m.pi),
    parity=1,
    least=0.0,
    levels=(-60, 60),
    vanishes=True,
    array=lambda b, z: b.multiply(_bell(b, z, 40, 0.5), 0.3989422804014327),
    numpy=helped(
        "z",
        "exp(-z**2/2)/sqrt(2 pi), which is 0 long before |z| = 40",
        ("size = np.minimum(np.abs(z), 40)", "return 0.3989422804014327 * np.exp(-0.5 * size * size)"),
    ),
    python="(0.3989422804014327 * exp(-0.5 * {0} * {0}))",
    page_letter="varphi",
)
norm_cdf = function(
    "norm_cdf",
    "The standard normal distribution function, erfc(-z/√2)/2.",
    lambda z: (1 + erf(z / sqrt(2))) / 2,
    slope=lambda a, z: norm_pdf(z),
    value=lambda m, z: m.erfc(-z / m.sqrt(2)) / 2,
    least=0.0,
    levels=(-60, 60),
    vanishes=True,
    array=lambda b, z: b.multiply(b.apply("erfc", b.multiply(z, -0.7071067811865476)), 0.5),
    numpy=Code("0.5 * erfc(-0.7071067811865476 * {0})", tight=True),
    python="(0.5 * erfc(-0.7071067811865476 * {0}))",
    page_letter="Phi",
)


def _held_square(b: Builder, z: Term) -> Term:
    """z², clamped to at most 22²."""
    return b.apply("minimum", b.apply("square_or_inf", z), 484)


def _gelu_gate(b: Builder, z: Term) -> Term:
    """1/(1 + exp(-2√(2/π)(z + 0.044715 z³))), which rounds to 0 or 1 before |z| = 22."""
    slope = b.subtract(-1.5957691216057308, b.multiply(_held_square(b, z), 0.07135481627260025))
    return b.divide(1, b.add(b.apply("exp_or_inf", b.apply("multiply_or_inf", slope, z)), 1))


def _gelu_gate_slope(b: Builder, z: Term) -> Term:
    """2√(2/π)(1 + 3·0.044715 z²), clamped beyond |z| = 22, where the factor beside it is 0."""
    return b.add(b.multiply(_held_square(b, z), 0.21406444881780075), 1.5957691216057308)


def _gelu_gate_value(m: Any, z: Any) -> Any:
    return sigmoid_value(m, 2 * m.sqrt(2 / m.pi) * (z + number(m, GELU_CUBIC) * z * z * z))


gelu_gate: Any = function(
    "gelu_gate",
    "½(1 + tanh(√(2/π)(z + 0.044715 z³))), the gate g of gelu's tanh form; g' = g(1 - g) u'.",
    lambda z: (1 + tanh(sqrt(2 / pi) * (z + GELU_CUBIC * z**3))) / 2,
    slope=lambda a, z: a * (1 - a) * gelu_gate_slope(z),
    accurate_slope=lambda z: gelu_gate(z) * gelu_gate(-z) * gelu_gate_slope(z),
    value=_gelu_gate_value,
    least=0.0,
    array=_gelu_gate,
    numpy=helped(
        "z",
        "(1 + tanh(sqrt(2/pi) (z + 0.044715 z**3)))/2, which is 0 or 1 before |z| = 22",
        ("held = np.clip(z, -22, 22)", "return _sigmoid(1.5957691216057308 * (held + 0.044715 * held * held * held))"),
    ),
    python="(0.0 if {0} <= -21.0 else 1.0 / (1.0 + exp(-1.5957691216057308 * {0} * (1.0 + 0.044715 * {0} * {0}))))",
)
gelu_gate_slope: Any = function(
    "gelu_gate_slope",
    "u' = 2√(2/π)(1 + 3·0.044715 z²), where the gate of gelu's tanh form is sigmoid(u).",
    lambda z: 2 * sqrt(2 / pi) * (1 + 3 * GELU_CUBIC * z**2),
    slope=lambda a, z: 12 * sqrt(2 / pi) * GELU_CUBIC * z,
    least=0.0,
    array=_gelu_gate_slope,
    numpy=helped(
        "z",
        "2 sqrt(2/pi) (1 + 3*0.044715 z**2), the slope of the gate's argument",
        (
            "held = np.clip(z, -22, 22)  # beyond, the gate's slope is 0, and z times this may overflow",
            "return np.where(np.abs(z) >= 22, 0, 1.5957691216057308 * (1 + 0.134145 * held * held))",
        ),
    ),
    python="(0.0 if abs({0}) >= 22.0 else 1.5957691216057308 * (1.0 + 0.134145 * {0} * {0}))",
)
