"""Quotients of polynomials in several units, at numbers whose powers no float holds.

What is divided by is written in its units over a size s, that of the largest of them, and of 1 where there is a
constant: so it is neither too large nor 0. The powers of s that come out of it divide the factors above one by one:

    (a - y)²/(a + y)² = ((a - y)/(a + y))²     a²/(1 + a² + y²) = (a/s)²/(1/s² + (a/s)² + (y/s)²)
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

from sympy import Abs, Add, Expr, Indexed, Integer, Mul, Pow, Rational, floor

from symnet.equations.functions import power
from symnet.equations.safe_functions import largest, scaled

ONE = Integer(1)


class Form(NamedTuple):
    """An expression in units that are divided by a size, and the power of the size that goes with it."""

    expression: Expr
    degree: Rational


def without_large_units(node: Expr) -> Expr:
    """A product or a power that divides by polynomials, each in units that are divided by the largest of them."""
    if not isinstance(node, Mul | Pow):
        return node
    degrees = {factor: degree for factor in Mul.make_args(node) if (degree := _degree(factor)) is not None}
    factors = [factor for factor in degrees if factor.has(Indexed)]
    below = [factor for factor in factors if degrees[factor] < 0]
    sums = any(not _is_unit(factor.as_base_exp()[0]) for factor in below)
    if not _leaves_range([degrees[factor] for factor in factors], sums=sums):
        return node
    above = [factor for factor in factors if factor not in below]
    return node / Mul(*factors) * _written(above, below)


def _is_unit(node: Expr) -> bool:
    """Whether a node is a reference, or a sum of numbers and multiples of references: such is divided as a whole.

    So is the absolute value of one, whose sign is not to be that of a quotient that is rounded to 0.
    """
    if isinstance(node, Indexed) or (isinstance(node, Abs) and _is_unit(node.args[0])):
        return True
    terms = [_without_numbers(term) for term in node.args] if isinstance(node, Add) else []
    return node.has(Indexed) and bool(terms) and all(rest == 1 or isinstance(rest, Indexed) for rest in terms)


def _without_numbers(term: Expr) -> Expr:
    return Mul(*(factor for factor in Mul.make_args(term) if not factor.is_number))


def _degree(node: Expr) -> Rational | None:
    """The power in which a node grows with all its units; None if it is no quotient of polynomials."""
    if node.is_number:
        return Integer(0)
    if _is_unit(node):
        return ONE
    degrees = [] if isinstance(node, Pow | power) else [_degree(part) for part in node.args]
    if isinstance(node, Pow | power) and node.exp.is_Rational:
        base = _degree(node.base)
        return None if base is None else base * node.exp
    known = [degree for degree in degrees if degree is not None]
    if len(known) < len(degrees) or not isinstance(node, Add | Mul | Abs):
        return None
    return Add(*known) if isinstance(node, Mul) else max(known)


def _leaves_range(degrees: Sequence[Rational], *, sums: bool) -> bool:
    """Whether a power would be divided that is too large, or 0, or a sum of such be divided by."""
    below = -sum(degree for degree in degrees if degree < 0)
    above = sum(degree for degree in degrees if degree > 0)
    return bool((sums and below > 1) or (below > 0 and above > 1))


def _units(node: Expr) -> set[Expr]:
    if _is_unit(node):
        return {node}
    return {unit for part in node.args for unit in _units(part)}


def _has_constant(node: Expr) -> bool:
    """Whether terms of several degrees are added."""
    if _is_unit(node):
        return False
    mixed = isinstance(node, Add) and len({_degree(term) for term in node.args}) > 1
    return mixed or any(_has_constant(part) for part in node.args)


def _size(node: Expr) -> Expr:
    units = sorted(_units(node), key=str)
    return reduce(largest, [*units, ONE] if _has_constant(node) else units)


def _form(node: Expr, size: Expr) -> Form:
    """A quotient of polynomials as one of the same in units over the size, each term with the same power of 1."""
    if node == size:
        return Form(ONE, ONE)
    if _is_unit(node):
        return Form(scaled(node, size), ONE)
    if isinstance(node, Pow | power):
        base, degree = _form(node.base, size)
        return Form(node.func(base, node.args[1]), degree * node.exp)
    if node.is_number:
        return Form(node, Integer(0))
    parts = [_form(part, size) for part in node.args]
    if isinstance(node, Mul):
        return Form(Mul(*(part.expression for part in parts)), Add(*(part.degree for part in parts)))
    degree = max(part.degree for part in parts)
    one = scaled(ONE, size)
    return Form(node.func(*(part.expression * one ** (degree - part.degree) for part in parts)), degree)


def _written(above: Sequence[Expr], below: Sequence[Expr]) -> Expr:
    """The quotient of some factors by others, with what comes out of these below the units of those."""
    sizes = {factor: _size(factor.as_base_exp()[0]) for factor in below}
    forms = {factor: _form(factor, size) for factor, size in sizes.items()}
    whole = Mul(*(form.expression for form in forms.values()))
    units, left = [], []
    for factor in above:
        unit, copies = _copies(factor)
        units += [unit] * copies
        left.append(factor / unit**copies)
    for factor, size in sizes.items():
        degree = -forms[factor].degree
        left, taken, degree = _with_sums(left, size, degree)
        whole *= taken
        near = [unit for unit in units if unit in _units(factor)]
        for unit in [*near, *(unit for unit in units if unit not in near)][: int(floor(degree))]:
            units.remove(unit)
            whole *= scaled(unit, size)
            degree -= 1
        whole *= scaled(ONE, size) ** degree
    return whole * Mul(*units, *left)


def _copies(factor: Expr) -> tuple[Expr, int]:
    """A unit, and how often a factor has it; no root is left, which would have a slope that is infinite."""
    unit, exponent = factor.as_base_exp()
    if not _is_unit(unit):
        return factor, 0
    return unit, int(exponent) if exponent.is_Integer else max(int(floor(exponent)) - 1, 0)


def _with_sums(factors: Sequence[Expr], size: Expr, degree: Rational) -> tuple[list[Expr], Expr, Rational]:
    """The sums among the factors over a size, as far as its power goes: those that are left, these, and the power."""
    kept, taken = [], ONE
    for factor in factors:
        form = _form(factor, size) if _has_constant(factor) or len(_units(factor)) > 1 else None
        if form is None or form.degree > degree:
            kept.append(factor)
        else:
            taken *= form.expression
            degree -= form.degree
    return kept, taken, degree
