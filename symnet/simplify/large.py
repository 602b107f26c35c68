"""Quotients, roots and logarithms of polynomials at arguments whose powers overflow.

Beyond all roots they are written in 1/f, times the power of f by which they grow:

    f²/(1 + f²) = 1/(1 + f⁻²)                      √(1 + f⁴) = f² √(1 + f⁻⁴)
    log(1 + f²) = 2 log|f| + log(1 + f⁻²)          atan(f²) = π/2 - atan(f⁻²)
"""

from __future__ import annotations

from sympy import (
    Abs,
    Add,
    Expr,
    Indexed,
    Integer,
    Mul,
    Poly,
    PolynomialError,
    Pow,
    Rational,
    Symbol,
    ceiling,
    log,
    pi,
    sign,
)

from symnet.core import substitute
from symnet.functions import atan, far, in_fractions, near, power, select

F = Symbol("f", real=True)
MAX_DEGREE = 24

HELD = 10**30
"""A number that every dtype can represent."""

Grown = tuple[Expr, Expr]
"""A factor for |f| > 1: the power of f by which it grows, and the rest as a function of 1/f."""


def without_large_powers(node: Expr) -> Expr:
    """Rewrite a product, power or logarithm of polynomials in one reference so that no power of it overflows."""
    variable = _variable(node) if node.has(Pow, power) else None
    if variable is None:
        return node
    function = substitute(node, {variable: F})
    factors = [factor for factor in Mul.make_args(function) if factor.has(F)]
    group = [(factor, grown) for factor in factors if (grown := _grown(factor)) is not None]
    if not group or not _leaves_range([factor for factor, _ in group]):
        return node
    radius = _radius(*(factor.as_base_exp()[0] for factor, _ in group))
    outer = far(variable, radius)
    outside = Mul(*(power.xreplace({F: outer}) * rest.xreplace({F: outer}) for _, (power, rest) in group))
    inside = Mul(*(factor for factor, _ in group)).xreplace({F: near(variable, radius)})
    others = function / Mul(*(factor for factor, _ in group))
    return others.xreplace({F: variable}) * select(Abs(variable) - radius, outside, inside)


def written_logarithm(node: log) -> Expr:
    """Rewrite the logarithm of a polynomial that is positive for large arguments."""
    variable = _variable(node)
    if variable is None or not isinstance(node.args[0], Add):
        return node
    found = _polynomial(substitute(node.args[0], {variable: F}))
    if found is None or found.degree() < 2 or found.degree() % 2 or not found.LC() > 0:
        return node
    radius = _radius(found.as_expr())
    outer = far(variable, radius)
    outside = found.degree() * log(Abs(outer)) + log(_in_inverse(found).xreplace({F: outer}))
    return select(Abs(variable) - radius, outside, log(found.as_expr().xreplace({F: near(variable, radius)})))


def written_inverse_tangent(node: atan) -> Expr:
    """Rewrite the inverse tangent of a polynomial, beyond all its roots: atan(f) = ±π/2 - atan(1/f)."""
    variable = _variable(node)
    found = None if variable is None else _polynomial(substitute(node.args[0], {variable: F}))
    if found is None or found.degree() < 2:
        return node
    radius = _radius(found.as_expr())
    outer, inner = far(variable, radius), near(variable, radius)
    inverse = (F ** -found.degree() / _in_inverse(found)).xreplace({F: outer})
    side = sign(found.LC()) * (sign(outer) if found.degree() % 2 else 1)
    inside = atan(found.as_expr().xreplace({F: inner}))
    return select(Abs(variable) - radius, side * pi / 2 - atan(inverse), inside)


def _variable(node: Expr) -> Expr | None:
    """The one reference or sum of references that a node depends on, or the larger expression it depends on."""
    leaves = node.atoms(Indexed)
    sums = [part for part in node.atoms(Add) if part.has(Indexed)] if len(leaves) > 1 else []
    if len(sums) > 1:
        sums.sort(key=lambda part: (len(part.atoms(Add)), str(part)))
    for part in (*node.atoms(far), *(leaves if len(leaves) == 1 else sums)):
        if part != node and leaves and not substitute(node, {part: F}).has(Indexed):
            return part
    return None


def _grown(factor: Expr) -> Grown | None:
    base, exponent = factor.as_base_exp()
    found = _polynomial(base) if exponent.is_Rational else None
    if found is None or found.degree() < 1:
        return None
    degree = found.degree()
    if base == F:
        return (factor, Integer(1)) if exponent.is_Integer else None
    if exponent.is_Integer:
        return F ** (degree * exponent), _in_inverse(found) ** exponent
    return None if degree % 2 else (Abs(F) ** (degree * exponent), _in_inverse(found) ** exponent)


def _polynomial(node: Expr) -> Poly | None:
    if node.free_symbols != {F}:
        return None
    try:
        found = Poly(in_fractions(node), F)
    except PolynomialError:
        return None
    return found if found.degree() <= MAX_DEGREE and all(value.is_Rational for value in found.coeffs()) else None


def _radius(*polynomials: Expr) -> Rational:
    """An integer beyond all roots, so that no divisor is 0 from there on; 1 if its powers overflow."""
    found = [polynomial for each in polynomials if (polynomial := _polynomial(each)) is not None]
    largest = max(abs(value / each.LC()) for each in found for value in each.coeffs())
    degree = max(each.degree() for each in found)
    radius = 1 + ceiling(largest) if any(len(each.coeffs()) > 1 for each in found) else Integer(1)
    return radius if radius**degree < HELD else Integer(1)


def _in_inverse(found: Poly) -> Expr:
    """The polynomial divided by its highest power, in 1/f."""
    return Add(*(value * F ** (monomial[0] - found.degree()) for monomial, value in found.terms()))


def _leaves_range(factors: list[Expr]) -> bool:
    """Whether a power of f that may overflow is a divisor or under a root."""
    parts = [factor.as_base_exp() for factor in factors]
    sums = [(Poly(base, F).degree(), exponent) for base, exponent in parts if isinstance(base, Add)]
    return any(degree > 1 and (exponent < 0 or not exponent.is_Integer) for degree, exponent in sums)
