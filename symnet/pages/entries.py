"""Equations at single units: indices filled in with numbers, sums written out term by term."""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterator, Mapping, Sequence

from sympy import Add, Expr, Idx, Integer, Sum, exp, factor_terms, log

from symnet.core import Program, children, extent, fresh_index, substitute
from symnet.functions import ROW_FUNCTIONS, softmax

Position = Mapping[Expr, Expr]
"""The number that each index stands for."""


def positions(program: Program, indices: Sequence[Idx]) -> Iterator[dict[Expr, Expr]]:
    """Yield every combination of values of the indices, the last index running fastest."""
    ranges = [range(int(program.size(extent(idx)))) for idx in indices]
    for values in itertools.product(*ranges):
        yield {idx: Integer(value) for idx, value in zip(indices, values, strict=True)}


def at_entry(program: Program, node: Expr, position: Position) -> Expr:
    """Put numbers in for the indices of an expression and write out its sums, common factors of the terms first."""
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
    """Write a function of rows at one unit out: softmax as exp(own) / (exp + ... + exp), log_softmax as its log."""
    body, unit = node.args
    row = [exp(_written_out(program, body, {**position, **inner})) for inner in positions(program, (unit,))]
    own = _written_out(program, body, position)
    return exp(own) / Add(*row) if isinstance(node, softmax) else own - log(Add(*row))


def rows_as_sums(node: Expr, units: Container[Expr] | None = None) -> Expr:
    """Replace each softmax in an expression by exp over the sum of the row's exps; only those over `units` if given."""
    for call in node.atoms(softmax):
        body, unit = call.args
        if units is None or unit in units:
            other = fresh_index(unit, {str(idx) for idx in call.atoms(Idx)})
            node = node.xreplace({call: exp(body) / Sum(exp(substitute(body, {unit: other})), other)})
    return node
