"""Quotients of polynomials in several units, at arguments whose powers overflow or underflow.

A denominator is written in its units divided by a size s, so that it neither overflows nor underflows. The powers of s
that come out of it divide the factors of the numerator one by one:

    (a - y)²/(a + y)² = ((a - y)/(a + y))²     a²/(1 + a² + y²) = (a/s)²/(1/s² + (a/s)² + (y/s)²)

This is never less accurate than the formula as written, under these conditions; if one fails, the formula stays.

- s^D, with the degree D, is the largest term up to its coefficient. For this, each unit u has a term of its own with a
  highest power d, and s is the maximum of the |u|^(d/D), and of 1 if degrees differ; in any other term, a product of
  |u|^k, the k/d add up to at most 1, so it is at most s^D. A sum such as 1 + a² y² has no such size: at a = 1e100,
  y = 0 its largest unit says nothing about it. So the sum over s^D has a term of 1, and no relevant term underflows.
- Where the formula is finite, s^D is finite and 1/s^D is not 0. Only u/s may underflow, for a small u. That is correct
  if every other factor is at most 1: if the other units have D as their highest power, or the larger is divided first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import NamedTuple

from sympy import Abs, Add, Expr, Indexed, Integer, Mul, Pow, Rational, floor

from symnet.functions import largest, power, scaled, select

ONE = Integer(1)


class Form(NamedTuple):
    """A polynomial in units divided by a size, and the power of the size that it is to be multiplied by."""

    expression: Expr
    degree: Rational


def without_large_units(node: Expr) -> Expr:
    """Rewrite a quotient of polynomials whose powers may leave the range: each divisor in units divided by its size.

    Returned as it is: any other node, and a quotient for which the conditions of the module's docstring fail.
    """
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
    """Whether a node is a unit, which is divided as a whole: a reference, or a sum of numbers and multiples of these.

    The absolute value of a unit is one too: the sign of a quotient that underflows would be lost.
    """
    if isinstance(node, Indexed) or (isinstance(node, Abs) and _is_unit(node.args[0])):
        return True
    terms = [_without_numbers(term) for term in node.args] if isinstance(node, Add) else []
    return node.has(Indexed) and bool(terms) and all(rest == 1 or isinstance(rest, Indexed) for rest in terms)


def _without_numbers(term: Expr) -> Expr:
    return Mul(*(factor for factor in Mul.make_args(term) if not factor.is_number))


def _degree(node: Expr) -> Rational | None:
    """The degree of a node in all its units; None if it is not a quotient of polynomials."""
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
    """Whether a power in a quotient may overflow or underflow.

    Args:
        degrees: the degrees of the factors, negative for divisors.
        sums: whether a divisor is a sum of powers, not a unit.
    """
    below = -sum(degree for degree in degrees if degree < 0)
    above = sum(degree for degree in degrees if degree > 0)
    return bool((sums and below > 1) or (below > 0 and above > 1))


def _units(node: Expr) -> set[Expr]:
    if _is_unit(node):
        return {node}
    return {unit for part in node.args for unit in _units(part)}


def _has_constant(node: Expr) -> bool:
    """Whether a sum in the node has terms of different degrees, as 1 + a² has."""
    if _is_unit(node):
        return False
    mixed = isinstance(node, Add) and len({_degree(term) for term in node.args}) > 1
    return mixed or any(_has_constant(part) for part in node.args)


def _size(node: Expr) -> Expr:
    """The size of a divisor: the D-th root of its largest term up to the coefficient, for the degree D."""
    if _is_unit(node):
        return node
    tops = _tops(node) or {}
    degree = max(tops.values())
    sizes = [unit if top == degree else Abs(unit) ** (top / degree) for unit, top in tops.items()]
    sizes.sort(key=str)
    return reduce(largest, [*sizes, ONE] if _has_constant(node) else sizes)


def _tops(node: Expr) -> dict[Expr, Rational] | None:
    """The highest power of each unit among the terms in it alone; None if another term may be larger than all of these.

    A product of powers |u|^k is not larger, up to its coefficient, if the sum of k/(highest power of u) is at most 1.
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
    """The exponents of the units in a term that is a product of powers of units and numbers; None for other terms."""
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
    """A quotient of polynomials in units divided by the size; terms of lower degree get a power of 1/size."""
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
    """The quotient of two products, with the powers of sizes from the denominator dividing units of the numerator.

    None if a unit divided by a size might underflow beside a factor that compensates it.
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
    """A power of one unit, or one sum, divided by the sizes: if it underflows, so does the result."""
    whole = ONE
    for factor, size in sizes.items():
        left, taken, degree = _with_sums(left, size, degrees[factor])
        count = min(int(floor(degree)), len(units))
        whole *= taken * Mul(*(scaled(unit, size) for unit in units[:count])) * scaled(ONE, size) ** (degree - count)
        units = units[count:]
    return whole * Mul(*units, *left)


def _with_bounded(units: list[Expr], sizes: Mapping[Expr, Expr], degrees: Mapping[Expr, Rational]) -> Expr | None:
    """Every unit divided by a size that bounds it; None if one is left, which might compensate an underflow."""
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
    """Powers of two units divided by a size, as often as its degree, the larger unit first."""
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
    """Whether the size has a root, so that a unit may be larger than the size."""
    return any(isinstance(part, Pow) for part in size.args) or any(map(_has_root, size.args))


def _copies(factor: Expr) -> tuple[Expr, int]:
    """The unit of a factor, and how many copies of it can be divided by a size.

    Of a fractional exponent, at least 1 is left undivided: the slope of a root is infinite at 0.
    """
    unit, exponent = factor.as_base_exp()
    if not _is_unit(unit):
        return factor, 0
    return unit, int(exponent) if exponent.is_Integer else max(int(floor(exponent)) - 1, 0)


def _with_sums(factors: Sequence[Expr], size: Expr, degree: Rational) -> tuple[list[Expr], Expr, Rational]:
    """Divide sums among the factors by the size, as far as the degree goes: other factors, quotient, degree left."""
    kept, taken = [], ONE
    for factor in factors:
        form = _form(factor, size) if _has_constant(factor) or len(_units(factor)) > 1 else None
        if form is None or form.degree > degree:
            kept.append(factor)
        else:
            taken *= form.expression
            degree -= form.degree
    return kept, taken, degree
