"""Piecewise functions: steps, choices, maximum and minimum, rectifiers."""

from __future__ import annotations

from typing import Any

from sympy import Abs, Expr, Integer, Rational, exp

from symnet.functions.arrays import Builder, Term, ufunc
from symnet.functions.code import Code, helped
from symnet.functions.declare import flat, function
from symnet.functions.floats import number, sign

SELU_SCALE = Rational("1.0507009873554805")
SELU_ALPHA = Rational("1.6732632423543773")
"""Constants of Klambauer et al. (2017), at 17 digits."""

ZERO = Integer(0)

positive = function(
    "positive",
    "[z > 0]: 1 for z > 0, else 0, the slope of relu.",
    slope=flat,
    value=lambda m, z: int(z > 0),
    least=0.0,
    is_piecewise=True,
    array=lambda b, z: b.where_positive(z),
    numpy=Code("np.heaviside(np.fmax({0}, 0), 0)", comparison="{0} > 0"),
    python="(1.0 if {0} > 0.0 else 0.0)",
)
unit_step = function(
    "step",
    "[z >= 0]: 1 from 0 on, else 0, as the notes define the step, and nan where z is; users call it `step`.",
    class_name="unit_step",
    slope=flat,
    value=lambda m, z: int(z >= 0),
    least=0.0,
    is_piecewise=True,
    array=lambda b, z: b.apply("heaviside", z, 1),
    numpy="np.heaviside({0}, 1)",
    python="(1.0 if {0} >= 0.0 else 0.0 if {0} < 0.0 else {0})",
)
bipolar_step = function(
    "bipolar_step",
    "1 from 0 on, else -1, and nan where z is.",
    slope=flat,
    value=lambda m, z: 1 if z >= 0 else -1,
    least=-1.0,
    is_piecewise=True,
    array=lambda b, z: b.subtract(b.multiply(b.apply("heaviside", z, 1), 2), 1),
    numpy="(2 * np.heaviside({0}, 1) - 1)",
    python="(1.0 if {0} >= 0.0 else -1.0 if {0} < 0.0 else {0})",
    page_form=lambda z: 2 * unit_step(z) - 1,
)


def _chosen(condition: Expr, positive: Expr, other: Expr) -> Expr:
    """Return a choice between two slopes; 0 if both are 0."""
    return ZERO if (positive, other) == (0, 0) else select(condition, positive, other)


select: Any = function(
    "select",
    "select(c, u, v): u where c > 0, else v.",
    derivative=lambda by, c, u, v: _chosen(c, u.diff(by), v.diff(by)),
    value=lambda m, c, u, v: u if c > 0 else v,
    is_choice=True,
    least=lambda _, u, v: min(u, v),
    is_piecewise=True,
    by_others=lambda call, c, u, v: v + (u - v) * call("step", c),
    array=lambda b, c, u, v: b.select(c, u, v),
    numpy="np.where({0} > 0, {1}, {2})",
    python="({1} if {0} > 0.0 else {2})",
)


maximum = function(
    "maximum",
    "The larger of two; at a tie the derivative is the mean of both.",
    derivative=lambda by, u, v: _shared(u - v, u.diff(by), v.diff(by)),
    value=lambda m, u, v: max(u, v),
    in_formulas=True,
    least=max,
    keeps_zero=True,
    is_piecewise=True,
    by_others=lambda call, u, v: v + (u - v) * call("step", u - v),
    **ufunc("maximum", 2),
    python="({0} if {0} > {1} or {0} != {0} else {1})",
    page_name="max",
)


minimum = function(
    "minimum",
    "The smaller of two; at a tie the derivative is the mean of both.",
    derivative=lambda by, u, v: _shared(v - u, u.diff(by), v.diff(by)),
    value=lambda m, u, v: min(u, v),
    in_formulas=True,
    least=min,
    keeps_zero=True,
    is_piecewise=True,
    by_others=lambda call, u, v: u + v - (v + (u - v) * call("step", u - v)),
    array=lambda b, u, v: b.minimum(u, v),
    numpy="np.minimum({0}, {1})",
    python="({0} if {0} < {1} or {0} != {0} else {1})",
    page_name="min",
)


def _shared(condition: Expr, positive: Expr, other: Expr) -> Expr:
    """Return one of two slopes by the sign of a condition, and their mean where it is 0."""
    if positive == other:
        return positive
    if positive.is_number and other.is_number:
        # A step times a factor is cheaper than a choice, and simplification can use the factor.
        rise = positive - other
        return other + rise * half_step(condition) if rise > 0 else positive - rise * half_step(-condition)
    return blend(condition, positive, other)


relu = function(
    "relu",
    "max(z, 0), with slope 0 at the kink.",
    lambda z: maximum(z, ZERO),
    slope=lambda a, z: positive(z),
    value=lambda m, z: max(z, 0),
    least=0.0,
    levels=(0, None),
    is_piecewise=True,
    by_others=lambda call, z: z * call("step", z),
    array=lambda b, z: b.relu(z),
    numpy="np.maximum({0}, 0)",
    python="(0.0 if {0} <= 0.0 else {0})",
)


def _elu(b: Builder, z: Term) -> Term:
    """max(z, exp(min(z, 0)) - 1)."""
    return b.twin(b.apply("maximum", z, b.apply("expm1", b.apply("minimum", z, 0))), z)


elu = function(
    "elu",
    "z for z > 0, else exp(z) - 1; elu' = 1 + min(a, 0).",
    lambda z: select(z, z, exp(z) - 1),
    slope=lambda a, z: 1 + minimum(a, ZERO),
    value=lambda m, z: z if z > 0 else m.expm1(z),
    least=-1.0,
    is_piecewise=True,
    array=_elu,
    numpy=helped("z", "z for z > 0, else exp(z) - 1", ("return np.maximum(z, np.expm1(np.minimum(z, 0)))",)),
    python="({0} if {0} > 0.0 else expm1({0}))",
    page_name="elu",
)


def _selu(b: Builder, z: Term) -> Term:
    """λ max(z, 0) + λα (exp(min(z, 0)) - 1)."""
    negative = b.multiply(b.apply("expm1", b.apply("minimum", z, 0)), 1.7580993408473769)
    upper = b.multiply(b.apply("maximum", z, 0), 1.0507009873554805)
    return b.twin(b.apply("add", upper, negative), z)


def _selu_value(m: Any, z: Any) -> Any:
    scale, alpha = number(m, SELU_SCALE), number(m, SELU_ALPHA)
    return scale * z if z > 0 else scale * alpha * m.expm1(z)


selu = function(
    "selu",
    "λz for z > 0, else λα(exp(z) - 1); its slope at the kink is the left one, λα.",
    lambda z: select(z, SELU_SCALE * z, SELU_SCALE * SELU_ALPHA * (exp(z) - 1)),
    slope=lambda a, z: select(z, SELU_SCALE, a + SELU_SCALE * SELU_ALPHA),
    value=_selu_value,
    is_piecewise=True,
    array=_selu,
    numpy=helped(
        "z",
        "1.0507009873554805 z for z > 0, else 1.0507009873554805*1.6732632423543773 (exp(z) - 1)",
        (
            "negative = 1.7580993408473769 * np.expm1(np.minimum(z, 0))",
            "return np.where(z > 0, 1.0507009873554805 * np.maximum(z, 0), negative)",
        ),
    ),
    python="(1.0507009873554805 * {0} if {0} > 0.0 else 1.7580993408473769 * expm1({0}))",
    page_name="selu",
)
softsign = function(
    "softsign",
    "z/(1 + |z|); softsign' = 1/(1 + |z|)².",
    lambda z: z / (1 + Abs(z)),
    slope=lambda a, z: (1 + Abs(z)) ** -2,
    parity=-1,
    least=-1.0,
    by_others=lambda call, z: z / (1 + call("abs", z)),
    array=lambda b, z: b.divide(z, b.add(b.magnitude(z), 1)),
    numpy=Code("{0} / (1 + np.abs({0}))", tight=True),
    python="({0} / (1.0 + abs({0})))",
    page_name="softsign",
)


def _huber(b: Builder, residual: Term, threshold: Term) -> Term:
    """r²/2 for |r| ≤ δ, else δ(|r| - δ/2), as h(r - h/2) with h = r clamped to ±δ."""
    held = b.minimum(b.apply("maximum", residual, b.multiply(threshold, -1)), threshold)
    return b.multiply(held, b.subtract(residual, b.multiply(held, 0.5)))


huber = function(
    "huber",
    "huber(r, δ): r²/2 for |r| ≤ δ, else δ(|r| - δ/2); its derivative is r held within ±δ.",
    lambda r, d: select(Abs(r) - d, d * (Abs(r) - d / 2), r**2 / 2),
    slope=lambda a, r, d: minimum(maximum(r, -d), d),
    value=lambda m, r, d: r * r / 2 if abs(r) <= d else d * (abs(r) - d / 2),
    is_piecewise=True,
    array=_huber,
    numpy=helped(
        "r, delta",
        "r**2/2 for |r| <= delta, else delta (|r| - delta/2)",
        ("held = np.clip(r, -delta, delta)", "return held * (r - 0.5 * held)"),
    ),
    python="(0.5 * {0} * {0} if abs({0}) <= {1} else {1} * (abs({0}) - 0.5 * {1}))",
)
half_step = function(
    "half_step",
    "1 for z > 0, 1/2 at 0, else 0: the step of a tie that two share; its derivative is 0 wherever it has one.",
    slope=flat,
    value=lambda m, z: (1 + sign(z)) / 2,
    least=0.0,
    is_step=True,
    by_others=lambda call, z: call("step", z),
    array=lambda b, z: b.multiply(b.add(b.where_positive(z), b.apply("greater_equal", z, 0)), 0.5),
    numpy=helped(
        "z",
        "1 for z > 0, 1/2 at 0, else 0",
        ("value: Array = np.heaviside(np.fmax(z, -1), DTYPE(0.5))  # fmax: 0 for nan, as a comparison", "return value"),
    ),
    python="(1.0 if {0} > 0.0 else 0.5 if {0} == 0.0 else 0.0)",
)


def _blend(b: Builder, condition: Term, positive: Term, other: Term) -> Term:
    """The sum of two choices between halves, which differ at a condition of 0; values not chosen have no effect."""
    halves = (b.multiply(positive, 0.5), b.multiply(other, 0.5))
    masks = (b.where_positive(condition, mask=True), b.apply("greater_equal", condition, 0, mask=True))
    above, from_zero = (b.apply("select", mask, *halves) for mask in masks)
    return b.add(above, from_zero)


blend = function(
    "blend",
    "blend(c, u, v): u where c > 0, v where c < 0, and the mean of both where c is 0.",
    derivative=lambda by, c, u, v: _shared(c, u.diff(by), v.diff(by)),
    value=lambda m, c, u, v: (u + v) / 2 if c == 0 else u if c > 0 else v,
    least=lambda _, u, v: min(u, v),
    is_step=True,
    by_others=lambda call, c, u, v: v + (u - v) * call("step", c),
    array=_blend,
    numpy=helped(
        "c, u: Array | float, v: Array | float",
        "u where c > 0, v where c < 0, and the mean of both where c is 0",
        ("value: Array = 0.5 * np.where(c > 0, u, v) + 0.5 * np.where(c >= 0, u, v)", "return value"),
    ),
    python="({1} if {0} > 0.0 else 0.5 * {1} + 0.5 * {2} if {0} == 0.0 else {2})",
)
