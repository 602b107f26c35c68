"""The elementary functions in ufuncs, accurate in the tails: an overlay over `EXPANSIONS`.

Exponentials are of numbers that are not positive. A factor that may be subnormal comes in as the square of its root,
one root after the other, and what several functions of one z need is made once, as everywhere.
"""

from __future__ import annotations

from symnet.lower.builder import Builder, Ref, Term
from symnet.lower.expansions import EXPANSIONS, Expansion


def _decay(b: Builder, size: Term, rate: float) -> Ref:
    """exp(-rate·size) of a size that is not negative."""
    return b.apply("exp", b.multiply(size, -rate))


def _one_plus(b: Builder, term: Term) -> Term:
    return b.add(term, 1)


def _sigmoid(b: Builder, z: Term) -> Term:
    """max(t, [z > 0])/(1 + t) with t = exp(-|z|)."""
    tail = _decay(b, b.magnitude(z), 1)
    return b.divide(b.apply("maximum", tail, b.where_positive(z)), _one_plus(b, tail))


def _sigmoid_slope(b: Builder, z: Term) -> Term:
    """(t/(1 + t))/(1 + t) with t = exp(-|z|)."""
    tail = _decay(b, b.magnitude(z), 1)
    total = _one_plus(b, tail)
    return b.divide(b.divide(tail, total), total)


def _tanh_slope(b: Builder, z: Term) -> Term:
    """(2h/(1 + h²))² with h = exp(-|z|)."""
    root = _decay(b, b.magnitude(z), 1)
    secant = b.multiply(b.divide(root, _one_plus(b, b.multiply(root, root))), 2)
    return b.multiply(secant, secant)


def _elu_slope(b: Builder, z: Term) -> Term:
    return b.apply("exp", b.apply("minimum", z, 0))


def _selu_slope(b: Builder, z: Term) -> Term:
    """λα exp(min(z, 0)), and what is missing to λ where z is positive."""
    lower = b.multiply(_elu_slope(b, z), 1.7580993408473769)
    return b.add(lower, b.multiply(b.where_positive(z), 1.0507009873554805 - 1.7580993408473769))


def _gaussian_slope(b: Builder, z: Term) -> Term:
    """-2 h z h with h = exp(-z²/2), which is 0 long before |z| = 40."""
    size = b.apply("minimum", b.magnitude(z), 40)
    root = _decay(b, b.multiply(size, size), 0.5)
    return b.multiply(b.multiply(b.multiply(root, -2), z), root)


def _upper_half(b: Builder, z: Term, lower: Term) -> Term:
    """A derivative from its value at -|z|, where those at z and at -z add up to 1."""
    return b.apply("select", b.where_positive(z, mask=True), b.subtract(1, lower), lower)


def _gated(b: Builder, z: Term, root: Term) -> Term:
    """z/(1 + h²) for z > 0, else z h²/(1 + h²): z times the gate 1/(1 + exp(-u)) with h = exp(-|u|/2)."""
    lower = b.multiply(b.multiply(b.apply("minimum", z, 0), root), root)
    total = _one_plus(b, b.multiply(root, root))
    return b.divide(b.add(b.apply("maximum", z, 0), lower), total)


def _gated_slope(b: Builder, z: Term, root: Term, rise: Term) -> Term:
    """Its derivative, with rise = |z| u'."""
    total = _one_plus(b, b.multiply(root, root))
    inner = b.divide(b.subtract(1, b.divide(rise, total)), total)
    return _upper_half(b, z, b.multiply(b.multiply(root, inner), root))


def _silu(b: Builder, z: Term) -> Term:
    return _gated(b, z, _decay(b, b.magnitude(z), 0.5))


def _silu_slope(b: Builder, z: Term) -> Term:
    size = b.magnitude(z)
    return _gated_slope(b, z, _decay(b, size, 0.5), size)


def _cubic(b: Builder, z: Term, cubic: float) -> Term:
    """s + cubic·s³ with s = |z|, which is held at 40: z times the gate is 0 or z long before."""
    size = b.apply("minimum", b.magnitude(z), 40)
    return b.multiply(b.add(b.multiply(b.multiply(size, size), cubic), 1), size)


def _gelu_tanh(b: Builder, z: Term) -> Term:
    return _gated(b, z, _decay(b, _cubic(b, z, 0.044715), 0.7978845608028654))


def _gelu_tanh_slope(b: Builder, z: Term) -> Term:
    root = _decay(b, _cubic(b, z, 0.044715), 0.7978845608028654)
    return _gated_slope(b, z, root, b.multiply(_cubic(b, z, 0.134145), 1.5957691216057308))


def _normal_parts(b: Builder, z: Term) -> tuple[Term, Term, Term]:
    """s = |z| up to 60, h = exp(-s²/4), which is 0 there, and exp(s²/2) Φ(-s)."""
    size = b.apply("minimum", b.magnitude(z), 60)
    root = _decay(b, b.multiply(size, size), 0.25)
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


def _mish(b: Builder, z: Term) -> Term:
    """z (1 + 2t)/(1 + 2t + 2t²) for z > 0, else z t (2 + t)/(2 + 2t + t²), with t = exp(-|z|)."""
    root, tail, above, below = _mish_parts(b, b.magnitude(z))
    upper = b.multiply(b.apply("maximum", z, 0), b.divide(_one_plus(b, b.multiply(tail, 2)), above))
    ratio = b.divide(b.add(tail, 2), below)
    return b.add(upper, b.multiply(b.multiply(b.multiply(b.apply("minimum", z, 0), root), ratio), root))


def _mish_slope(b: Builder, z: Term) -> Term:
    size = b.apply("minimum", b.magnitude(z), 1600)
    root, tail, above, below = _mish_parts(b, size)
    rising = b.multiply(b.multiply(size, _one_plus(b, tail)), 4)
    square = b.multiply(tail, tail)
    upper = b.add(_one_plus(b, b.multiply(tail, 2)), b.divide(b.multiply(rising, square), above))
    lower = b.divide(b.subtract(b.add(tail, 2), b.divide(rising, below)), below)
    lower = b.multiply(b.multiply(lower, root), root)
    return b.apply("select", b.where_positive(z, mask=True), b.divide(upper, above), lower)


def _mish_parts(b: Builder, size: Term) -> tuple[Term, Term, Term, Term]:
    """h = exp(-s/2), t = h², 1 + 2t (1 + t) and 2 + t (2 + t)."""
    root = _decay(b, size, 0.5)
    tail = b.multiply(root, root)
    above = _one_plus(b, b.multiply(b.multiply(tail, _one_plus(b, tail)), 2))
    return root, tail, above, b.add(b.multiply(tail, b.add(tail, 2)), 2)


def _log_cosh(b: Builder, z: Term) -> Term:
    """log(1 + 2 sinh(z/2)²) for |z| ≤ 1, else |z| + log(1 + exp(-2|z|)) - log(2)."""
    size = b.magnitude(z)
    half = b.apply("sinh", b.multiply(b.apply("minimum", size, 1), 0.5))
    inner = b.apply("log1p", b.multiply(b.multiply(half, half), 2))
    outer = EXPANSIONS["log_cosh"](b, z)
    return b.apply("select", b.apply("less_equal", size, 1, mask=True), inner, outer)


TAIL_EXPANSIONS: dict[str, Expansion] = {
    **EXPANSIONS,
    "log_cosh": _log_cosh,
    "sigmoid": _sigmoid,
    "sigmoid_slope": _sigmoid_slope,
    "tanh_slope": _tanh_slope,
    "elu_slope": _elu_slope,
    "selu_slope": _selu_slope,
    "gaussian_slope": _gaussian_slope,
    "silu": _silu,
    "silu_slope": _silu_slope,
    "gelu": _gelu,
    "gelu_slope": _gelu_slope,
    "gelu_tanh": _gelu_tanh,
    "gelu_tanh_slope": _gelu_tanh_slope,
    "mish": _mish,
    "mish_slope": _mish_slope,
}

EXPANSIONS_FOR = {"fast": EXPANSIONS, "tails": TAIL_EXPANSIONS}
"""By what is asked for: speed, or every digit of every entry."""
