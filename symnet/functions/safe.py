"""Functions that compute a result without overflow or cancellation in intermediates, as hypot(x, y) for √(x² + y²).

`capped`, `decay`, `near`, `far` and `above` are parts of such forms. Where they are used, they have the value and the
derivative of the expression that they replace; elsewhere they have another value, which does not change the result.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

from sympy import Abs, Integer, cosh, exp, log, sqrt, tanh

from symnet.functions.arrays import Builder, Term, exponential_of, ufunc
from symnet.functions.code import Code, helpers
from symnet.functions.declare import function
from symnet.functions.operators import DIVIDE
from symnet.functions.piecewise import maximum

ONE, ZERO = Integer(1), Integer(0)


def _stand_in(name: str, about: str, **columns: Any) -> Any:
    """Declare a function of z and c: z, with derivative 1, where it is used, and any harmless value elsewhere."""
    return function(name, about, lambda z, c: z, slope=lambda a, z, c: ONE, keeps_zero=True, **columns)


def _within(b: Builder, z: Term, radius: Term) -> Term:
    return b.apply("less_equal", b.magnitude(z), radius, mask=True)


def _above(b: Builder, z: Term, bound: Term) -> Term:
    mask = b.where_positive(b.subtract(z, bound), mask=True)
    return b.apply("select", mask, z, b.add(bound, 1))


capped = _stand_in(
    "capped",
    "capped(z, c): z, and c where z is larger; used where larger z change nothing.",
    value=lambda m, z, c: min(z, c),
    least=min,
    **ufunc("minimum", 2),
    python="({1} if {0} > {1} else {0})",
)
decay = function(
    "decay",
    "exp(z) for z ≤ 0, else 1; used where z is not positive.",
    lambda z: exp(z),
    slope=lambda a, z: a,
    value=lambda m, z: m.exp(min(z, 0)),
    least=0.0,
    levels=(-800, None),
    vanishes=True,
    array=lambda b, z: b.apply("exp", b.apply("minimum", z, 0)),
    numpy="np.exp(np.minimum({0}, 0))",
    python="(1.0 if {0} > 0.0 else exp({0}))",
)
near = _stand_in(
    "near",
    "near(z, r): z where |z| ≤ r, else 0; used where |z| ≤ r.",
    value=lambda m, z, r: z if abs(z) <= r else 0 * r,
    least=lambda z, _: min(z, 0.0),
    array=lambda b, z, r: b.apply("select", _within(b, z, r), z, 0),
    numpy="np.where(np.abs({0}) <= {1}, {0}, DTYPE(0))",
    python="({0} if abs({0}) <= {1} else 0.0)",
)
far = _stand_in(
    "far",
    "far(z, r): z where |z| > r, else r + 1; used where |z| > r.",
    value=lambda m, z, r: z if abs(z) > r else r + 1,
    least=lambda z, r: min(z, r + 1),
    least_size=lambda z, r: r,
    array=lambda b, z, r: b.apply("select", _within(b, z, r), b.add(r, 1), z),
    numpy="np.where(np.abs({0}) > {1}, {0}, DTYPE({1} + 1))",
    python="({0} if abs({0}) > {1} else {1} + 1.0)",
)
above = _stand_in(
    "above",
    "above(z, c): z where z > c, else c + 1; used where z > c.",
    value=lambda m, z, c: z if z > c else c + 1,
    least=lambda _, c: c,
    array=_above,
    numpy="np.where({0} > {1}, {0}, DTYPE({1} + 1))",
    python="({0} if {0} > {1} else {1} + 1.0)",
)
largest = function(
    "largest",
    "largest(z, c): max(|z|, |c|) for a size that everything is divided by; no result depends on it, nor a slope.",
    lambda z, c: maximum(Abs(z), Abs(c)),
    slope=lambda a, z, c: ZERO,
    least=0.0,
    keeps_zero=True,
    array=lambda b, z, c: b.apply("maximum", b.magnitude(z), b.magnitude(c)),
    numpy="np.maximum(np.abs({0}), np.abs({1}))",
    python="(abs({0}) if abs({0}) > abs({1}) or {0} != {0} else abs({1}))",
)
scaled = function(
    "scaled",
    "scaled(z, s): z/s for a size s that no result depends on.",
    lambda z, s: z / s,
    slope=(lambda a, z, s: 1 / s, lambda a, z, s: -a / s),
    array=lambda b, z, s: b.divide(z, s),
    numpy=Code("{0} / {1}", tight=True),
    python=DIVIDE,
)
hypot = function(
    "hypot",
    "√(z² + c²).",
    lambda z, c: sqrt(z**2 + c**2),
    slope=(lambda a, z, c: z / a, lambda a, z, c: c / a),
    value=lambda m, z, c: m.hypot(z, c),
    least=0.0,
    keeps_zero=True,
    **ufunc("hypot", 2),
    python="hypot({0}, {1})",
)


def _over_hypot(b: Builder, z: Term, other: Term) -> Term:
    """z/√(z² + c²); the legs are ordered so that value and derivative share the hypotenuse."""
    legs = (other, z) if isinstance(z, int | float) else (z, other)
    return b.divide(z, b.apply("hypot", *legs))


over_hypot: Any = function(
    "over_hypot",
    "z/√(z² + c²); its derivative by z is c²/√(z² + c²)³.",
    lambda z, c: z / sqrt(z**2 + c**2),
    slope=(
        lambda a, z, c: over_hypot(c, z) ** 2 / hypot(z, c),
        lambda a, z, c: -a * over_hypot(c, z) / hypot(z, c),
    ),
    value=lambda m, z, c: z / m.hypot(z, c),
    least=-1.0,
    array=_over_hypot,
    numpy=Code("{0} / np.hypot({0}, {1})", tight=True),
    python=Code("_divide({0}, hypot({0}, {1}))", helper=DIVIDE.helper),
)


def _squareplus(b: Builder, z: Term, other: Term) -> Term:
    """t = (√(z² + c²) + |z|)/2 for z > 0, else c²/(4t)."""
    half = b.multiply(other, 0.5)
    total = b.add(b.multiply(b.apply("hypot", z, other), 0.5), b.multiply(b.magnitude(z), 0.5))
    lower = b.multiply(b.divide(half, total), half)
    return b.apply("select", b.where_positive(z, mask=True), total, lower)


def _squareplus_value(m: Any, z: Any, c: Any) -> Any:
    total = m.hypot(z, c) / 2 + abs(z) / 2
    return total if z > 0 else c / 2 / total * (c / 2)


squareplus = function(
    "squareplus",
    "(z + √(z² + c²))/2, for z < 0 as c²/(2(√(z² + c²) - z)).",
    lambda z, c: (z + sqrt(z**2 + c**2)) / 2,
    slope=(lambda a, z, c: a / hypot(z, c), lambda a, z, c: over_hypot(c, z) / 2),
    value=_squareplus_value,
    least=0.0,
    array=_squareplus,
    **helpers(
        "z, c",
        "(z + sqrt(z**2 + c**2))/2, for z <= 0 by its conjugate",
        numpy=(
            "total = 0.5 * np.hypot(z, c) + 0.5 * np.abs(z)",
            "value: Array = np.where(z > 0, total, 0.5 * c / total * (0.5 * c))",
            "return value",
        ),
        python=("total = 0.5 * hypot(z, c) + 0.5 * abs(z)", "return total if z > 0.0 else 0.5 * c / total * (0.5 * c)"),
    ),
)
asinh = function(
    "asinh",
    "The inverse of sinh, log(z + √(z² + 1)).",
    slope=lambda a, z: 1 / hypot(z, ONE),
    value=lambda m, z: m.asinh(z),
    in_formulas=True,
    parity=-1,
    is_analytic=True,
    **ufunc("arcsinh"),
    python="asinh({0})",
    page_name="arsinh",
)


def _log_cosh(b: Builder, z: Term) -> Term:
    """|z| + (log(1 + exp(-|z|)²) - log(2)), with the absolute error of rounding 1."""
    size = b.magnitude(z)
    tail = exponential_of(b, size, 1)
    return b.add(b.subtract(b.apply("log1p", b.multiply(tail, tail)), 0.6931471805599453), size)


def _accurate_log_cosh(b: Builder, z: Term) -> Term:
    """log(1 + 2 sinh(z/2)²) for |z| ≤ 1, else |z| + log(1 + exp(-2|z|)) - log(2)."""
    size = b.magnitude(z)
    half = b.apply("sinh", b.multiply(b.apply("minimum", size, 1), 0.5))
    inner = b.apply("log1p", b.multiply(b.multiply(half, half), 2))
    outer = _log_cosh(b, z)
    return b.apply("select", b.apply("less_equal", size, 1, mask=True), inner, outer)


def _log_cosh_value(m: Any, z: Any) -> Any:
    size = abs(z)
    return m.log1p(2 * m.sinh(size / 2) ** 2) if size < 1 else size + m.log1p(m.exp(-2 * size)) - m.log(2)


log_cosh = function(
    "log_cosh",
    "log(cosh(z)); log_cosh' = tanh.",
    lambda z: log(cosh(z)),
    slope=lambda a, z: tanh(z),
    value=_log_cosh_value,
    parity=1,
    least=0.0,
    array=_log_cosh,
    accurate_array=_accurate_log_cosh,
    **helpers(
        "z",
        "log(cosh(z)), without overflow",
        numpy=(
            "size = np.abs(z)",
            "inner = np.log1p(2 * np.sinh(0.5 * np.minimum(size, 1)) ** 2)",
            "outer = size + (np.log1p(np.exp(-size) ** 2) - 0.6931471805599453)",
            "value: Array = np.where(size <= 1, inner, outer)",
            "return value",
        ),
        python=(
            "size = abs(z)",
            "if size <= 1.0:",
            "    return log1p(2.0 * sinh(0.5 * size) ** 2)",
            "return size + (log1p(exp(-2.0 * size)) - 0.6931471805599453)",
        ),
    ),
)


def _times_exp(b: Builder, factor: Term, exponent: Term) -> Term:
    """x exp(v) by four factors exp(v/4); v is clamped to at most 0 where x is 0."""
    mask = b.apply("not_equal", factor, 0, mask=True)
    held = b.apply("select", mask, exponent, b.minimum(exponent, 0))
    quarter = b.apply("exp", b.multiply(held, 0.25))
    return reduce(lambda product, _: b.multiply(product, quarter), range(4), factor)


times_exp = function(
    "times_exp",
    "x exp(v), which is 0 where x is 0.",
    lambda x, v: x * exp(v),
    slope=(lambda a, x, v: exp(v), lambda a, x, v: a),
    value=lambda m, x, v: 0 * x if x == 0 else x * m.exp(v),
    array=_times_exp,
    **helpers(
        "x, v: Array",
        "x exp(v), which is 0 where x is 0, and is in range wherever the product is",
        numpy=(
            "quarter = np.exp(0.25 * np.where(x != 0, v, np.minimum(v, 0)))",
            "value: Array = x * quarter * quarter * quarter * quarter",
            "return value",
        ),
        python=(
            "if not x:",
            "    return x if v == v else v",
            "quarter = inf if v >= 2839.0 else exp(0.25 * v)",
            "return x * quarter * quarter * quarter * quarter",
        ),
    ),
)


def _xlogy(b: Builder, factor: Term, argument: Term) -> Term:
    """x log(v), with log(1) where x is 0."""
    mask = b.apply("not_equal", factor, 0, mask=True)
    return b.multiply(b.apply("log", b.apply("select", mask, argument, 1)), factor)


xlogy = function(
    "xlogy",
    "x log(v), which is 0 where x is 0.",
    lambda x, v: x * log(v),
    slope=(lambda a, x, v: log(v), lambda a, x, v: x / v),
    value=lambda m, x, v: 0 * x if x == 0 else x * m.log(v),
    array=_xlogy,
    **helpers(
        "x, v: Array",
        "x log(v), which is 0 where x is 0",
        numpy=("value: Array = x * np.log(np.where(x != 0, v, DTYPE(1)))", "return value"),
        python=(
            "if not x:",
            "    return 0.0 * x",
            "if v > 0.0:",
            "    return x * log(v)",
            "return -inf * x if v == 0.0 else nan",
        ),
    ),
)
