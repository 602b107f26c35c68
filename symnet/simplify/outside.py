"""What lies outside of an array wherever it is read is 0."""

from __future__ import annotations

from sympy import Expr, Idx, Indexed, Integer, KroneckerDelta, Sum

from symnet.core import Program, bound_by, summation
from symnet.simplify.rewriting import rewrite_equations


def drop_outside(program: Program) -> Program:
    """Replace by 0 the references that lie outside of their array, and the deltas that are met, for no index.

    So is x[n,i + 4] of three inputs 0, and W_bar of it.
    """
    return rewrite_equations(program, lambda rhs: _without_outside(program, rhs), "0 outside of an array")


def _without_outside(program: Program, node: Expr) -> Expr:
    if isinstance(node, Indexed):
        return Integer(0) if program.is_outside(node) else node
    if isinstance(node, KroneckerDelta):
        bounds = program.bounds(node.args[0] - node.args[1])
        return Integer(0) if bounds is not None and not bounds[0] <= 0 <= bounds[1] else node
    if isinstance(node, Sum):
        body = _without_outside(program, node.function)
        return node if body is node.function else summation(body, *bound_by(node))
    if not node.args or isinstance(node, Idx):
        return node
    parts = [_without_outside(program, child) for child in node.args]
    return node if all(new is old for new, old in zip(parts, node.args, strict=True)) else node.func(*parts)
