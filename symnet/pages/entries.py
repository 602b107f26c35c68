"""Equations at single units: indices filled in with numbers, sums written out term by term."""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterator, Mapping, Sequence

from sympy import Add, Expr, Idx, Integer, Sum, exp, factor_terms, log

from symnet.core import Program, children, extent, fresh_index, substitute
from symnet.functions import ROW_FUNCTIONS, softmax

Position = Mapping[Expr, Expr]
"""The number at which each index stands."""


def positions(program: Program, indices: Sequence[Idx]) -> Iterator[dict[Expr, Expr]]:
    """Every combination of values of the indices, the last running fastest."""
    ranges = [range(int(program.size(extent(idx)))) for idx in indices]
    for values in itertools.product(*ranges):
        yield {idx: Integer(value) for idx, value in zip(indices, values, strict=True)}


def at_entry(program: Program, node: Expr, position: Position) -> Expr:
    """An expression at a position, its sums written out; a common factor of their terms stands before them."""
    written = _written_out(program, node, position)
    return factor_terms(written) if node.has(Sum) else written


def _written_out(program: Program, node: Expr, position: Position) -> Expr:
    if isinstance(node, Sum):
        bound = tuple(limit[0] for limit in node.limits)
        rows = ({**position, **inner} for inner in positions(program, bound))
        return Add(*(_written_out(program, node.function, row) for row in rows))
    if isinstance(node, ROW_FUNCTIONS):
        return _row_function(program, node, position)
    inside = children(node)
    if not inside:
        return program.size(substitute(node, position))
    if not node.has(Sum, *ROW_FUNCTIONS):
        return program.size(substitute(node, position))
    return node.func(*(_written_out(program, child, position) for child in inside))


def _row_function(program: Program, node: Expr, position: Position) -> Expr:
    """softmax of one unit as exp over the sum of the row's exps."""
    body, unit = node.args
    row = [exp(_written_out(program, body, {**position, **inner})) for inner in positions(program, (unit,))]
    own = _written_out(program, body, position)
    return exp(own) / Add(*row) if isinstance(node, softmax) else own - log(Add(*row))


def rows_as_sums(node: Expr, units: Container[Expr] | None = None) -> Expr:
    """An expression in which softmax is written as exp over the sum of the row's exps: for any unit, or for some."""
    for call in node.atoms(softmax):
        body, unit = call.args
        if units is None or unit in units:
            other = fresh_index(unit, {str(idx) for idx in call.atoms(Idx)})
            node = node.xreplace({call: exp(body) / Sum(exp(substitute(body, {unit: other})), other)})
    return node
