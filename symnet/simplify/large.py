"""Quotients, roots and logarithms of polynomials at numbers whose powers no float holds.

Beyond |f| = 1 they are written in 1/f, with the power by which they grow before them:

    f²/(1 + f²) = 1/(1 + f⁻²)          √(1 + f⁴) = f² √(1 + f⁻⁴)          log(1 + f²) = 2 log|f| + log(1 + f⁻²)
"""

from __future__ import annotations

from sympy import Abs, Add, Expr, Indexed, Integer, Mul, Poly, PolynomialError, Symbol, log

from symnet.equations import substitute
from symnet.equations.piecewise import select
from symnet.equations.safe_functions import far, near

F = Symbol("f", real=True)
MAX_DEGREE = 24

Grown = tuple[Expr, Expr]
"""What a factor is beyond 1: the power of f by which it grows, and the rest in 1/f."""


def without_large_powers(node: Expr) -> Expr:
    """A product, a power or a logarithm that is polynomials' in one reference, so that no power of it is needed."""
    variable = _variable(node)
    if variable is None:
        return node
    function = substitute(node, {variable: F})
    factors = [factor for factor in Mul.make_args(function) if factor.has(F)]
    group = [(factor, grown) for factor in factors if (grown := _grown(factor)) is not None]
    if not group or not _leaves_range([factor for factor, _ in group]):
        return node
    outer = far(variable, Integer(1))
    outside = Mul(*(power.xreplace({F: outer}) * rest.xreplace({F: outer}) for _, (power, rest) in group))
    inside = Mul(*(factor for factor, _ in group)).xreplace({F: near(variable, Integer(1))})
    others = function / Mul(*(factor for factor, _ in group))
    return others.xreplace({F: variable}) * select(Abs(variable) - 1, outside, inside)


def written_logarithm(node: log) -> Expr:
    """A logarithm of a polynomial that is positive far out."""
    variable = _variable(node)
    if variable is None or not isinstance(node.args[0], Add):
        return node
    found = _polynomial(substitute(node.args[0], {variable: F}))
    if found is None or found.degree() < 2 or found.degree() % 2 or not found.LC() > 0:
        return node
    outer = far(variable, Integer(1))
    outside = found.degree() * log(Abs(outer)) + log(_in_inverse(found).xreplace({F: outer}))
    return select(Abs(variable) - 1, outside, log(found.as_expr().xreplace({F: near(variable, Integer(1))})))


def _variable(node: Expr) -> Expr | None:
    """The one reference that a node depends on, or what it depends on where that is not small."""
    leaves = node.atoms(Indexed)
    outer = node.atoms(far)
    if len(leaves) == len(outer) == 1 and not substitute(node, dict.fromkeys(outer, F)).has(Indexed):
        return next(iter(outer))
    return next(iter(leaves)) if len(leaves) == 1 else None


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
        found = Poly(node, F)
    except PolynomialError:
        return None
    return found if found.degree() <= MAX_DEGREE and all(value.is_Rational for value in found.coeffs()) else None


def _in_inverse(found: Poly) -> Expr:
    """The polynomial over its highest power, in 1/f."""
    return Add(*(value * F ** (monomial[0] - found.degree()) for monomial, value in found.terms()))


def _leaves_range(factors: list[Expr]) -> bool:
    """Whether a power of f that overflows would meet one that is its inverse, or a root of it."""
    parts = [factor.as_base_exp() for factor in factors]
    sums = [(Poly(base, F).degree(), exponent) for base, exponent in parts if isinstance(base, Add)]
    rises = sum(exponent for base, exponent in parts if base == F and exponent > 0)
    roots = any(degree > 1 and not exponent.is_Integer for degree, exponent in sums)
    below = max((degree for degree, exponent in sums if exponent < 0), default=0)
    above = max((degree for degree, exponent in sums if exponent > 0), default=0)
    return roots or below > 2 or (below > 1 and max(rises, above) > 0)
