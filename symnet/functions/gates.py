"""z times a gate of z, and the derivatives of such products, with all digits where the gate is subnormal or near 1.

They are written as the functions of `tails` are.
"""

from __future__ import annotations

from typing import Any

from sympy import tanh

from symnet.functions.arrays import Builder, Term, exponential_of
from symnet.functions.bells import gelu_gate, gelu_gate_slope, norm_cdf, norm_pdf
from symnet.functions.code import helped, helpers
from symnet.functions.declare import function
from symnet.functions.logistic import sigmoid, softplus
from symnet.functions.tails import tanh_slope


def _upper_half(b: Builder, z: Term, lower: Term) -> Term:
    """Return a derivative, given its value at -|z|; those at z and at -z add up to 1."""
    return b.apply("select", b.where_positive(z, mask=True), b.subtract(1, lower), lower)


_UPPER_HALF = ("value: Array = np.where(z > 0, 1 - lower, lower)", "return value")
_FLOAT_UPPER_HALF = "return 1.0 - lower if z > 0.0 else lower"
"""For gates with g(z) + g(-z) = 1 the derivative of z g(z) at |z| is 1 less that at -|z|."""


def _gated(b: Builder, z: Term, root: Term) -> Term:
    """z/(1 + h²) for z > 0, else z h²/(1 + h²): z times the gate 1/(1 + exp(-u)) with h = exp(-|u|/2)."""
    lower = b.multiply(b.multiply(b.apply("minimum", z, 0), root), root)
    total = b.add(b.multiply(root, root), 1)
    return b.divide(b.add(b.apply("maximum", z, 0), lower), total)


_GATED = (
    "value: Array = (np.maximum(z, 0) + np.minimum(z, 0) * root * root) / (1 + root * root)",
    "return value",
)
_FLOAT_GATED = "return (z if z > 0.0 else z * root * root) / (1.0 + root * root)"


def _gated_slope(b: Builder, z: Term, root: Term, rise: Term) -> Term:
    """The derivative of `_gated`, with rise = |z| u'."""
    total = b.add(b.multiply(root, root), 1)
    inner = b.divide(b.subtract(1, b.divide(rise, total)), total)
    return _upper_half(b, z, b.multiply(b.multiply(root, inner), root))


def _silu_slope(b: Builder, z: Term) -> Term:
    size = b.magnitude(z)
    return _gated_slope(b, z, exponential_of(b, size, 0.5), size)


_FLOAT_ROOT = "root = exp(-0.5 * abs(z))"

silu = function(
    "silu",
    "z σ(z).",
    lambda z: z * sigmoid(z),
    product_of=sigmoid,
    slope=lambda a, z: silu_slope(z),
    array=lambda b, z: _gated(b, z, exponential_of(b, b.magnitude(z), 0.5)),
    **helpers(
        "z", "z/(1 + exp(-z))", numpy=("root = np.exp(-0.5 * np.abs(z))", *_GATED), python=(_FLOAT_ROOT, _FLOAT_GATED)
    ),
)
silu_slope: Any = function(
    "silu_slope",
    "σ(z) (1 + z σ(-z)).",
    lambda z: sigmoid(z) * (1 + z * sigmoid(-z)),
    array=_silu_slope,
    **helpers(
        "z",
        "sigmoid(z) (1 + z sigmoid(-z))",
        numpy=(
            "size = np.abs(z)",
            "root = np.exp(-0.5 * size)",
            "total = 1 + root * root",
            "lower = root * (1 - size / total) / total * root  # its value at -|z|",
            *_UPPER_HALF,
        ),
        python=(
            _FLOAT_ROOT,
            "total = 1.0 + root * root",
            "lower = root * (1.0 - abs(z) / total) / total * root  # its value at -|z|",
            _FLOAT_UPPER_HALF,
        ),
    ),
)


def _normal_parts(b: Builder, z: Term) -> tuple[Term, Term, Term]:
    """s = |z| up to 60, h = exp(-s²/4), which is 0 there, and exp(s²/2) Φ(-s)."""
    size = b.apply("minimum", b.magnitude(z), 60)
    root = exponential_of(b, b.multiply(size, size), 0.25)
    return size, root, b.multiply(b.apply("erfcx", b.multiply(size, 0.7071067811865476)), 0.5)


def _gelu(b: Builder, z: Term) -> Term:
    """max(z, 0) - s Φ(-s) with s = |z|."""
    size, root, ratio = _normal_parts(b, z)
    tail = b.multiply(b.multiply(b.multiply(ratio, size), root), root)
    return b.subtract(b.apply("maximum", z, 0), tail)


def _gelu_slope(b: Builder, z: Term) -> Term:
    """Φ(-s) - s φ(s) at -s, with s = |z|."""
    size, root, ratio = _normal_parts(b, z)
    inner = b.subtract(ratio, b.multiply(size, 0.3989422804014327))
    return _upper_half(b, z, b.multiply(b.multiply(inner, root), root))


_NORMAL = (
    "size = np.minimum(np.abs(z), 60)  # the tail is 0 long before",
    "root = np.exp(-0.25 * size * size)",
)
_FLOAT_NORMAL = (
    "size = min(abs(z), 60.0)",
    "root = exp(-0.25 * size * size)",
)
_SERIES = (
    "q = 1.0 / (size * size)",
    "series = 1.0 - q * (1.0 - q * (3.0 - q * (15.0 - q * (105.0 - q * (945.0 - q * 10395.0)))))",
)
"""x/φ(x) times the normal tail Φ(-x), for x of 36 and more, where the next term is below 1e-17."""

gelu = function(
    "gelu",
    "z Φ(z), with the normal distribution function Φ.",
    lambda z: z * norm_cdf(z),
    product_of=norm_cdf,
    slope=lambda a, z: gelu_slope(z),
    array=_gelu,
    numpy=helped(
        "z",
        "z (1 + erf(z/sqrt(2)))/2, which is max(z, 0) less a tail",
        (
            *_NORMAL,
            "tail = 0.5 * size * erfcx(0.7071067811865476 * size) * root * root",
            "value: Array = np.maximum(z, 0) - tail",
            "return value",
        ),
    ),
    python=helped(
        "z",
        "z (1 + erf(z/sqrt(2)))/2",
        (
            "if z > -36.0:",
            "    return 0.5 * z * erfc(-0.7071067811865476 * z)",
            *_FLOAT_NORMAL,
            *_SERIES,
            "return -0.3989422804014327 * series * root * root",
        ),
    ),
)
gelu_slope: Any = function(
    "gelu_slope",
    "Φ(z) + z φ(z), with the normal density φ.",
    lambda z: norm_cdf(z) + z * norm_pdf(z),
    array=_gelu_slope,
    **helpers(
        "z",
        "(1 + erf(z/sqrt(2)))/2 + z exp(-z**2/2)/sqrt(2 pi)",
        numpy=(
            *_NORMAL,
            "ratio = 0.5 * erfcx(0.7071067811865476 * size) - 0.3989422804014327 * size",
            "lower = ratio * root * root  # its value at -|z|",
            *_UPPER_HALF,
        ),
        python=(
            *_FLOAT_NORMAL,
            "if z > -36.0:",
            "    side = 0.5 * erfc(-0.7071067811865476 * z)",
            "    return side + 0.3989422804014327 * (size if z > 0.0 else -size) * root * root",
            *_SERIES,
            "return 0.3989422804014327 * (series / size - size) * root * root",
        ),
    ),
)


def _cubic(b: Builder, z: Term, cubic: float) -> Term:
    """s + cubic·s³ with s = |z| clamped to 40, beyond which z times the gate is 0 or z."""
    size = b.apply("minimum", b.magnitude(z), 40)
    return b.multiply(b.add(b.multiply(b.multiply(size, size), cubic), 1), size)


def _gelu_tanh_root(b: Builder, z: Term) -> Term:
    return exponential_of(b, _cubic(b, z, 0.044715), 0.7978845608028654)


def _gelu_tanh_slope(b: Builder, z: Term) -> Term:
    root = _gelu_tanh_root(b, z)
    return _gated_slope(b, z, root, b.multiply(_cubic(b, z, 0.134145), 1.5957691216057308))


_GELU_TANH = (
    "size = np.minimum(np.abs(z), 40)  # z times the gate is 0 or z long before",
    "root = np.exp(-0.7978845608028654 * (size + 0.044715 * size * size * size))",
)
_FLOAT_GELU_TANH = (
    "size = min(abs(z), 40.0)  # z times the gate is 0 or z long before",
    "root = exp(-0.7978845608028654 * (size + 0.044715 * size * size * size))",
)
_RISE = "rise = 1.5957691216057308 * (size + 0.134145 * size * size * size)"

gelu_tanh = function(
    "gelu_tanh",
    "z g(z), with the gate g of gelu's tanh form.",
    lambda z: z * gelu_gate(z),
    product_of=gelu_gate,
    slope=lambda a, z: gelu_tanh_slope(z),
    array=lambda b, z: _gated(b, z, _gelu_tanh_root(b, z)),
    **helpers(
        "z",
        "z (1 + tanh(sqrt(2/pi) (z + 0.044715 z**3)))/2",
        numpy=(*_GELU_TANH, *_GATED),
        python=(*_FLOAT_GELU_TANH, _FLOAT_GATED),
    ),
)
gelu_tanh_slope: Any = function(
    "gelu_tanh_slope",
    "g(z) (1 + z g(-z) u'(z)), where the gate is sigmoid(u(z)).",
    lambda z: gelu_gate(z) * (1 + z * gelu_gate(-z) * gelu_gate_slope(z)),
    array=_gelu_tanh_slope,
    **helpers(
        "z",
        "g(z) (1 + z g(-z) u'(z)) with the gate g = sigmoid(u), u = 2 sqrt(2/pi) (z + 0.044715 z**3)",
        numpy=(
            *_GELU_TANH,
            "total = 1 + root * root",
            _RISE,
            "lower = root * (1 - rise / total) / total * root  # its value at -|z|",
            *_UPPER_HALF,
        ),
        python=(
            *_FLOAT_GELU_TANH,
            "total = 1.0 + root * root",
            _RISE,
            "lower = root * (1.0 - rise / total) / total * root  # its value at -|z|",
            _FLOAT_UPPER_HALF,
        ),
    ),
)


def _mish_parts(b: Builder, size: Term) -> tuple[Term, Term, Term, Term]:
    """h = exp(-s/2), t = h², 1 + 2t (1 + t) and 2 + t (2 + t)."""
    root = exponential_of(b, size, 0.5)
    tail = b.multiply(root, root)
    above = b.add(b.multiply(b.multiply(tail, b.add(tail, 1)), 2), 1)
    return root, tail, above, b.add(b.multiply(tail, b.add(tail, 2)), 2)


def _mish(b: Builder, z: Term) -> Term:
    """z (1 + 2t)/(1 + 2t + 2t²) for z > 0, else z t (2 + t)/(2 + 2t + t²), with t = exp(-|z|)."""
    root, tail, above, below = _mish_parts(b, b.magnitude(z))
    upper = b.multiply(b.apply("maximum", z, 0), b.divide(b.add(b.multiply(tail, 2), 1), above))
    ratio = b.divide(b.add(tail, 2), below)
    return b.add(upper, b.multiply(b.multiply(b.multiply(b.apply("minimum", z, 0), root), ratio), root))


def _mish_slope(b: Builder, z: Term) -> Term:
    size = b.apply("minimum", b.magnitude(z), 1600)
    root, tail, above, below = _mish_parts(b, size)
    rising = b.multiply(b.multiply(size, b.add(tail, 1)), 4)
    square = b.multiply(tail, tail)
    upper = b.add(b.add(b.multiply(tail, 2), 1), b.divide(b.multiply(rising, square), above))
    lower = b.divide(b.subtract(b.add(tail, 2), b.divide(rising, below)), below)
    lower = b.multiply(b.multiply(lower, root), root)
    return b.apply("select", b.where_positive(z, mask=True), b.divide(upper, above), lower)


mish = function(
    "mish",
    "z tanh(log(1 + exp(z))).",
    lambda z: z * tanh(softplus(z)),
    slope=lambda a, z: mish_slope(z),
    array=_mish,
    **helpers(
        "z",
        "z tanh(log(1 + exp(z))) by h = exp(-|z|/2)",
        numpy=(
            "root = np.exp(-0.5 * np.abs(z))",
            "tail = root * root",
            "upper = np.maximum(z, 0) * ((1 + 2 * tail) / (1 + 2 * tail * (1 + tail)))",
            "lower = np.minimum(z, 0) * root * ((2 + tail) / (2 + tail * (2 + tail))) * root",
            "value: Array = upper + lower",
            "return value",
        ),
        python=(
            _FLOAT_ROOT,
            "tail = root * root",
            "if z > 0.0:",
            "    return z * ((1.0 + 2.0 * tail) / (1.0 + 2.0 * tail * (1.0 + tail)))",
            "return z * root * ((2.0 + tail) / (2.0 + tail * (2.0 + tail))) * root",
        ),
    ),
)
mish_slope: Any = function(
    "mish_slope",
    "tanh(s) + z tanh'(s) σ(z) with s = log(1 + exp(z)).",
    lambda z: tanh(softplus(z)) + z * tanh_slope(softplus(z)) * sigmoid(z),
    array=_mish_slope,
    **helpers(
        "z",
        "the derivative of z tanh(log(1 + exp(z))), by h = exp(-|z|/2)",
        numpy=(
            "size = np.minimum(np.abs(z), 1600)  # beyond, it is 0 or 1",
            "root = np.exp(-0.5 * size)",
            "tail = root * root",
            "above, below = 1 + 2 * tail * (1 + tail), 2 + tail * (2 + tail)",
            "upper = (1 + 2 * tail + 4 * size * tail * tail * (1 + tail) / above) / above",
            "lower = root * (2 + tail - 4 * size * (1 + tail) / below) / below * root",
            "value: Array = np.where(z > 0, upper, lower)",
            "return value",
        ),
        python=(
            "size = min(abs(z), 1600.0)  # beyond, it is 0 or 1",
            "root = exp(-0.5 * size)",
            "tail = root * root",
            "if z > 0.0:",
            "    total = 1.0 + 2.0 * tail * (1.0 + tail)",
            "    return (1.0 + 2.0 * tail + 4.0 * size * tail * tail * (1.0 + tail) / total) / total",
            "total = 2.0 + tail * (2.0 + tail)",
            "return root * (2.0 + tail - 4.0 * size * (1.0 + tail) / total) / total * root",
        ),
    ),
)
