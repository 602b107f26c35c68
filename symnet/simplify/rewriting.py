"""Bottom-up rewriting of right-hand sides; unchanged equations are kept as objects and not verified again."""

from __future__ import annotations

from collections.abc import Callable

from sympy import Add, Expr, Mul, Pow, Sum

from symnet.core import Program, bound_by, children, summation


def rewrite_nodes(program: Program, change: Callable[[Expr], Expr], rule: str) -> Program:
    """Apply `change` bottom-up to every node of every right-hand side; `rule` names the step."""
    return rewrite_equations(program, lambda rhs: _changed(rhs, change), rule)


def rewrite_products(program: Program, change: Callable[[Expr], Expr], rule: str) -> Program:
    """Apply `change` bottom-up to whole products, sums, and powers that are not factors of a product."""
    return rewrite_equations(program, lambda rhs: _changed_whole(rhs, change, whole=True), rule)


def rewrite_equations(program: Program, change: Callable[[Expr], Expr], rule: str) -> Program:
    """Apply `change` once to every right-hand side; `rule` names the step."""
    equations = []
    for equation in program.equations:
        rhs = change(equation.rhs)
        equations.append(equation if rhs == equation.rhs else equation.rewritten(rhs, rule))
    return program.with_equations(equations)


def _changed(node: Expr, change: Callable[[Expr], Expr]) -> Expr:
    if not children(node):
        return node
    if isinstance(node, Sum):
        body = _changed(node.function, change)
        return node if body == node.function else summation(body, *bound_by(node))
    parts = [_changed(child, change) for child in node.args]
    same = all(new is old for new, old in zip(parts, node.args, strict=True))
    return change(node if same else node.func(*parts))


def _changed_whole(node: Expr, change: Callable[[Expr], Expr], *, whole: bool) -> Expr:
    if not children(node):
        return node
    if isinstance(node, Sum):
        body = _changed_whole(node.function, change, whole=True)
        return node if body == node.function else summation(body, *bound_by(node))
    inside = isinstance(node, Mul) or (isinstance(node, Pow) and not whole)
    parts = [_changed_whole(child, change, whole=not inside) for child in node.args]
    same = all(new is old for new, old in zip(parts, node.args, strict=True))
    rebuilt = node if same else node.func(*parts)
    return change(rebuilt) if isinstance(node, Add | Mul) or (isinstance(node, Pow) and whole) else rebuilt
