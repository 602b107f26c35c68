"""Derivatives that are accurate in the tails, where forms through the forward value cancel.

σ' = a(1 - a) has no correct digits where a is near 1. Here such derivatives are separate functions of z, whose code is
correct to a few rounding errors at every float. Their derivatives are those of their definitions.

Exponentials are taken of nonpositive numbers only, so nothing overflows. A factor that may be subnormal is multiplied
as its square root h, twice, so that the result is rounded only once, at the end.
"""

from __future__ import annotations

from fractions import Fraction

from sympy import Integer, cosh, exp, tanh

from symnet.functions.arrays import Builder, Term, exponential_of
from symnet.functions.bells import gaussian
from symnet.functions.code import helped, helpers
from symnet.functions.declare import function
from symnet.functions.piecewise import SELU_ALPHA, SELU_SCALE, elu, minimum, select, selu
from symnet.functions.record import known_row
from symnet.functions.rows import leave_one_out

known_row(
    leave_one_out,
    lambda m, row, unit: sum((*row[:unit], *row[unit + 1 :])),
    helped(
        "f",
        "Sum of f_m over all m but k, for every k of each row",
        (
            "before, after = np.zeros_like(f), np.zeros_like(f)",
            "np.cumsum(f[..., :-1], axis=-1, out=before[..., 1:])",
            "after[..., :-1] = np.cumsum(f[..., :0:-1], axis=-1)[..., ::-1]",
            "value: Array = before + after",
            "return value",
        ),
    ),
    # Prefix and suffix sums, and the sum of one of each for every entry.
    operations=lambda length: {"add": Fraction(max(3 * length - 6, 0), length)},
)


def _sigmoid_slope(b: Builder, z: Term) -> Term:
    """(t/(1 + t))/(1 + t) with t = exp(-|z|)."""
    tail = exponential_of(b, b.magnitude(z), 1)
    total = b.add(tail, 1)
    return b.divide(b.divide(tail, total), total)


sigmoid_slope = function(
    "sigmoid_slope",
    "σ'(z) = t/(1 + t)² with t = exp(-|z|), which is 1/(2 + 2 cosh z).",
    lambda z: 1 / (2 + 2 * cosh(z)),
    parity=1,
    least=0.0,
    array=_sigmoid_slope,
    **helpers(
        "z",
        "t/(1 + t)**2 with t = exp(-|z|), the derivative of the sigmoid",
        numpy=("tail = np.exp(-np.abs(z))", "value: Array = tail / (1 + tail) / (1 + tail)", "return value"),
        python=("tail = exp(-abs(z))", "return tail / (1.0 + tail) / (1.0 + tail)"),
    ),
)


def _tanh_slope(b: Builder, z: Term) -> Term:
    """(2h/(1 + h²))² with h = exp(-|z|)."""
    root = exponential_of(b, b.magnitude(z), 1)
    secant = b.multiply(b.divide(root, b.add(b.multiply(root, root), 1)), 2)
    return b.multiply(secant, secant)


tanh_slope = function(
    "tanh_slope",
    "tanh'(z) = 4u/(1 + u)² with u = exp(-2|z|), which is 1/cosh(z)².",
    lambda z: cosh(z) ** -2,
    slope_of=tanh,
    parity=1,
    least=0.0,
    array=_tanh_slope,
    **helpers(
        "z",
        "4u/(1 + u)**2 with u = exp(-2|z|), the derivative of tanh",
        numpy=("root = np.exp(-np.abs(z))", "value: Array = (2 * root / (1 + root * root)) ** 2", "return value"),
        python=("root = exp(-abs(z))", "secant = 2.0 * root / (1.0 + root * root)", "return secant * secant"),
    ),
)


def _elu_slope(b: Builder, z: Term) -> Term:
    return b.apply("exp", b.apply("minimum", z, 0))


elu_slope = function(
    "elu_slope",
    "1 for z > 0, else exp(z).",
    lambda z: exp(minimum(z, Integer(0))),
    slope_of=elu,
    least=0.0,
    array=_elu_slope,
    numpy="np.exp(np.minimum({0}, 0))",
    python="(1.0 if {0} > 0.0 else exp({0}))",
)


def _selu_slope(b: Builder, z: Term) -> Term:
    """λα exp(min(z, 0)), plus λ - λα where z is positive."""
    lower = b.multiply(_elu_slope(b, z), 1.7580993408473769)
    return b.add(lower, b.multiply(b.where_positive(z), 1.0507009873554805 - 1.7580993408473769))


selu_slope = function(
    "selu_slope",
    "λ for z > 0, else λα exp(z).",
    lambda z: select(z, SELU_SCALE, SELU_SCALE * SELU_ALPHA * exp(z)),
    slope_of=selu,
    least=0.0,
    array=_selu_slope,
    numpy=helped(
        "z",
        "1.0507009873554805 for z > 0, else 1.0507009873554805*1.6732632423543773 exp(z)",
        ("return np.where(z > 0, DTYPE(1.0507009873554805), 1.7580993408473769 * np.exp(np.minimum(z, 0)))",),
    ),
    python="(1.0507009873554805 if {0} > 0.0 else 1.7580993408473769 * exp({0}))",
)


def _gaussian_slope(b: Builder, z: Term) -> Term:
    """-2 h z h with h = exp(-z²/2), which is 0 long before |z| = 40."""
    size = b.apply("minimum", b.magnitude(z), 40)
    root = exponential_of(b, b.multiply(size, size), 0.5)
    return b.multiply(b.multiply(b.multiply(root, -2), z), root)


gaussian_slope = function(
    "gaussian_slope",
    "-2z exp(-z²).",
    lambda z: -2 * z * gaussian(z),
    slope_of=gaussian,
    parity=-1,
    array=_gaussian_slope,
    numpy=helped(
        "z",
        "-2z exp(-z**2), which is 0 long before |z| = 40",
        (
            "size = np.minimum(np.abs(z), 40)",
            "root = np.exp(-0.5 * size * size)",
            "value: Array = -2 * root * z * root",
            "return value",
        ),
    ),
    python=helped("z", "-2z exp(-z**2)", ("root = exp(-0.5 * z * z)", "return -2.0 * root * z * root")),
)
