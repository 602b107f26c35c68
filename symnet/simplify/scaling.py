"""Quotients of polynomials in several units, at numbers whose powers no float holds.

What is divided by is written in its units over a size s, so that it is neither too large nor 0. The powers of s that
come out of it divide the factors above one by one:

    (a - y)²/(a + y)² = ((a - y)/(a + y))²     a²/(1 + a² + y²) = (a/s)²/(1/s² + (a/s)² + (y/s)²)

This is never worse than the text, on these conditions; where one fails, the text stays.

- s^D, with the degree D, is the largest term but for its number. For that each unit u has a term of its own, of a
  highest power d, and s is the largest |u|^(d/D), and 1 if degrees differ; any other term, a product of |u|^k, has k/d
  of no more than 1 together, so it is s^D at most. A sum such as 1 + a² y² has no such size: at a = 1e100, y = 0 the
  largest of its units says nothing of it. So the sum over s^D has a term of 1, and none that counts is rounded to 0.
- Where the text is finite, s^D is so and 1/s^D is not 0. What may be 0 is u/s for a small u. That is right if every
  other factor is 1 or less: if the other units have D as their highest power, or the larger of two is divided first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import NamedTuple

from sympy import Abs, Add, Expr, Indexed, Integer, Mul, Pow, Rational, floor

from symnet.functions import largest, power, scaled, select

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
    leaves = _leaves_range([degrees[factor] for factor in factors], sums=sums)
    if not leaves or any(_tops(factor.as_base_exp()[0]) is None for factor in below):
        return node
    above = [factor for factor in factors if factor not in below]
    written = _written(above, below)
    return node if written is None else node / Mul(*factors) * written


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
    """The root of the largest term of what is divided by, of the order of its degree: of powers of units, and of 1."""
    if _is_unit(node):
        return node
    tops = _tops(node) or {}
    degree = max(tops.values())
    sizes = [unit if top == degree else Abs(unit) ** (top / degree) for unit, top in tops.items()]
    sizes.sort(key=str)
    return reduce(largest, [*sizes, ONE] if _has_constant(node) else sizes)


def _tops(node: Expr) -> dict[Expr, Rational] | None:
    """The highest power of each unit in a sum that stands there alone; None if a term may be larger than all of these.

    A product of powers |u|^k is not larger, but for its number, if all k/(highest power of u) are 1 or less together.
    """
    if _is_unit(node):
        return {_unsigned(node): ONE}
    terms = [_powers(term) for term in Add.make_args(node)]
    known = [term for term in terms if term is not None]
    if len(known) < len(terms):
        return None
    tops: dict[Expr, Rational] = {}
    for term in known:
        if len(term) == 1:
            ((unit, exponent),) = term.items()
            tops[unit] = max(exponent, tops.get(unit, exponent))
    within = (
        set(term) <= set(tops) and sum(exponent / tops[unit] for unit, exponent in term.items()) <= 1 for term in known
    )
    return tops if tops and all(within) else None


def _powers(term: Expr) -> dict[Expr, Rational] | None:
    """The powers of units in a term that is a product of such and of numbers; None for other terms."""
    found: dict[Expr, Rational] = {}
    for factor in Mul.make_args(term):
        base, exponent = (factor.base, factor.args[1]) if isinstance(factor, power) else factor.as_base_exp()
        if factor.is_number:
            continue
        if not _is_unit(base) or not exponent.is_Rational or not exponent > 0:
            return None
        found[_unsigned(base)] = found.get(_unsigned(base), Integer(0)) + exponent
    return found


def _unsigned(unit: Expr) -> Expr:
    return unit.args[0] if isinstance(unit, Abs) else unit


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


def _written(above: Sequence[Expr], below: Sequence[Expr]) -> Expr | None:
    """The quotient of some factors by others, with what comes out of these below the units of those.

    None where a unit over a size might be 0 beside a factor that makes up for it.
    """
    sizes = {factor: _size(factor.as_base_exp()[0]) for factor in below}
    forms = {factor: _form(factor, size) for factor, size in sizes.items()}
    whole = Mul(*(form.expression for form in forms.values()))
    degrees = {factor: -form.degree for factor, form in forms.items()}
    units, left = [], []
    for factor in above:
        unit, copies = _copies(factor)
        units += [unit] * copies
        left.append(factor / unit**copies)
    kinds = {_unsigned(factor.as_base_exp()[0]) for factor in above}
    if len(kinds) <= 1:
        return whole * _over_sizes(units, left, sizes, degrees)
    if Mul(*left) != 1:
        return None
    bounded = _with_bounded(units, sizes, degrees)
    if bounded is not None:
        return whole * bounded
    if len(kinds) > 2 or len(below) > 1:
        return None
    (size,), (degree,) = sizes.values(), degrees.values()
    return None if degree >= len(units) and _has_root(size) else whole * _larger_first(units, size, degree)


def _over_sizes(
    units: list[Expr], left: list[Expr], sizes: Mapping[Expr, Expr], degrees: Mapping[Expr, Rational]
) -> Expr:
    """A power of one unit, or one sum, over the sizes: what is rounded to 0 there would be so at the end."""
    whole = ONE
    for factor, size in sizes.items():
        left, taken, degree = _with_sums(left, size, degrees[factor])
        count = min(int(floor(degree)), len(units))
        whole *= taken * Mul(*(scaled(unit, size) for unit in units[:count])) * scaled(ONE, size) ** (degree - count)
        units = units[count:]
    return whole * Mul(*units, *left)


def _with_bounded(units: list[Expr], sizes: Mapping[Expr, Expr], degrees: Mapping[Expr, Rational]) -> Expr | None:
    """Every unit over a size that it is not larger than; None if one is left, which might make up for what is 0."""
    units, whole = list(units), ONE
    for factor, size in sizes.items():
        tops = _tops(factor.as_base_exp()[0]) or {}
        near = [unit for unit in units if tops.get(_unsigned(unit)) == max(tops.values())]
        near = near[: int(floor(degrees[factor]))]
        for unit in near:
            units.remove(unit)
        whole *= Mul(*(scaled(unit, size) for unit in near)) * scaled(ONE, size) ** (degrees[factor] - len(near))
    return None if units else whole


def _larger_first(units: list[Expr], size: Expr, degree: Rational) -> Expr:
    """Units of two kinds over a size, as often as it has powers, the larger of them before the other."""
    first = units[0]
    same = [unit for unit in units if _unsigned(unit) == _unsigned(first)]
    others = [unit for unit in units if _unsigned(unit) != _unsigned(first)]
    count = min(int(floor(degree)), len(units))
    one, other = (
        Mul(*(scaled(unit, size) for unit in order[:count]), *order[count:]) for order in (same + others, others + same)
    )
    chosen = one if one == other else select(Abs(first) - Abs(others[0]), one, other)
    return chosen * scaled(ONE, size) ** (degree - count)


def _has_root(size: Expr) -> bool:
    """Whether a unit may be larger than the size."""
    return any(isinstance(part, Pow) for part in size.args) or any(map(_has_root, size.args))


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
