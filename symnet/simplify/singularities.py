"""Removable singularities, such as sin(z)/z and (exp(z) - 1)/z: use the power series near 0.

The Laurent series of a quotient whose denominator vanishes at 0 is computed from its values on a circle around 0, at 60
digits. The singularity is removable if all coefficients of negative powers are 0.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from mpmath import mp, mpc, mpf
from sympy import (
    Abs,
    Add,
    Expr,
    Function,
    Indexed,
    Mul,
    NumberSymbol,
    Pow,
    Rational,
    Symbol,
    horner,
)

from symnet.core import substitute, written_order
from symnet.functions import BY_CLASS, Composite, far, near, select, value

DIGITS = 60
POINTS = 128
RADIUS = Rational(1, 4)
MAX_TERMS = 48
VANISHING = 1e-30

F = Symbol("f", real=True)


def without_singularity(node: Expr) -> Expr:
    """Rewrite a product, inverse or sum with a removable singularity at 0 by its power series near 0."""
    for variable in _variables(node):
        function = _written_out(substitute(node, {variable: F}))
        if function.free_symbols != {F} or not _is_analytic(function) or not _has_pole(function):
            continue
        series = _series(function)
        if series is not None:
            outside = substitute(node, {variable: far(variable, RADIUS)})
            inside = series.xreplace({F: near(variable, RADIUS)})
            return select(Abs(variable) - RADIUS, outside, inside)
    return node


def _variables(node: Expr) -> list[Expr]:
    """The variables to expand in: the single reference of a node, or the absolute value that it depends on."""
    leaves = sorted(node.atoms(Indexed), key=written_order)
    return [*(leaves if len(leaves) == 1 else []), *sorted(node.atoms(Abs), key=str)]


def _written_out(node: Expr) -> Expr:
    """The expression in elementary functions, which can be evaluated at complex numbers."""
    if not node.args:
        return node
    if isinstance(node, Composite) and not isinstance(node, near | far):
        return _written_out(node.definition)
    return node.func(*map(_written_out, node.args))


def _is_analytic(node: Expr) -> bool:
    if isinstance(node, Function):
        return node.func in BY_CLASS and BY_CLASS[node.func].is_analytic and all(map(_is_analytic, node.args))
    if isinstance(node, Pow):
        return node.exp.is_Rational is True and _is_analytic(node.base)
    if isinstance(node, Add | Mul):
        return all(map(_is_analytic, node.args))
    return node == F or isinstance(node, Rational | NumberSymbol)


def _has_pole(node: Expr) -> bool:
    """Whether a denominator vanishes at 0."""
    return any(
        power.exp.is_Integer and power.exp < 0 and power.has(F) and _vanishes(power.base) for power in node.atoms(Pow)
    )


def _vanishes(node: Expr) -> bool:
    try:
        with mp.workdps(DIGITS):
            return bool(abs(value(mp, node, {F: mpf(0)})) < VANISHING)
    except (ArithmeticError, ValueError):
        return False


@lru_cache(maxsize=256)
def _series(function: Expr) -> Expr | None:
    """The power series of a function of F, accurate to float64 within the radius; None if it has a pole."""
    with mp.workdps(DIGITS):
        radius = mpf(RADIUS.p) / RADIUS.q
        roots = [mp.expjpi(mpf(2 * place) / POINTS) for place in range(POINTS)]
        try:
            values = [value(mp, function, {F: mpc(radius * root)}) for root in roots]
        except (ArithmeticError, ValueError):
            return None

        def coefficient(power: int) -> Any:
            total = mp.fsum(each * roots[-power * place % POINTS] for place, each in enumerate(values))
            return total.real / POINTS

        scaled = [coefficient(power) for power in range(POINTS // 2)]
        largest = max(map(abs, scaled))
        if any(abs(coefficient(-power)) > VANISHING * largest for power in range(1, POINTS // 2)):
            return None
        kept = [power for power, size in enumerate(scaled) if abs(size) * (power + 1) > largest * mpf(10) ** -18]
        if not largest or kept[-1] > MAX_TERMS:
            return None
        terms = [
            Rational(repr(float(scaled[power] / radius**power))) * F**power
            for power in kept
            if abs(scaled[power]) > VANISHING * largest
        ]
    return Add(*terms)


def nested(node: Expr) -> Expr:
    """A power series in Horner form, which takes the fewest operations."""
    variables = node.atoms(near) if isinstance(node, Add) else ()
    for variable in variables:
        if not substitute(node, {variable: F}).has(Indexed) and node.is_polynomial(variable):
            return horner(node, variable)
    return node
