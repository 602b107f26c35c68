"""Normal forms of a right-hand side: cancellation and factoring, kept if they save operations."""

from __future__ import annotations

from functools import lru_cache

from sympy import Add, Expr, Function, Idx, Indexed, Mul, Pow, Sum, Symbol, cancel, expand, factor_terms

from symnet.core import Constraint, Program, others, resummed, substitute, sums
from symnet.counts import cost
from symnet.functions import leave_one_out

MAX_DEGREE = 8
MAX_COST = 60
MAX_FACTORED = 300
"""Factors are collected only in bodies with fewer operations, since SymPy's time for it grows quadratically."""


def tidy(program: Program, expression: Expr) -> Expr:
    """An equal expression that takes no more operations.

    Arguments of sums and functions are simplified first and are opaque symbols to the algebra around
    them. Factors that do not depend on the index of a sum are moved out of it, and the constraints on
    the targets are applied.
    """
    leaves: dict[Expr, Symbol] = {}
    body = _opened(program, expression, leaves)
    back = {symbol: leaf for leaf, symbol in leaves.items()}
    tidied = substitute(_tidy_scalar(body), back)
    return expression if tidied == expression else tidied


def _opened(program: Program, node: Expr, leaves: dict[Expr, Symbol]) -> Expr:
    """The expression with leaves replaced by symbols, numbered in order so that equal structures are equal."""
    if isinstance(node, Sum):
        total = _constrained(program, resummed(node, tidy(program, node.function)))
        if not isinstance(total, Sum):
            return Mul(
                *(
                    _leaf(factor, leaves) if isinstance(factor, Sum) else _opened(program, factor, leaves)
                    for factor in Mul.make_args(total)
                )
            )
        return _leaf(total, leaves)
    if isinstance(node, Idx | Indexed | Symbol):
        return _leaf(node, leaves)
    if isinstance(node, leave_one_out):
        return Mul(*(_leaf(factor, leaves) for factor in Mul.make_args(_over_others(program, node))))
    if isinstance(node, Function):
        return _leaf(node, leaves)
    if not node.args:
        return node
    return node.func(*(_opened(program, child, leaves) for child in node.args))


def _over_others(program: Program, node: Expr) -> Expr:
    """A sum over the other units, its body simplified."""
    body, unit = node.args
    return others(tidy(program, body), unit)


def _leaf(node: Expr, leaves: dict[Expr, Symbol]) -> Symbol:
    return leaves.setdefault(node, Symbol(f"leaf{len(leaves):03d}", real=True))


def _constrained(program: Program, expression: Expr) -> Expr:
    """Apply the constraints on admissible targets, such as Sum(y[n,k], k) = 1, under any names of the indices."""
    known = {
        node: constraint.right
        for constraint in program.constraints
        for node in sums(expression)
        if _matches(node, constraint)
    }
    return substitute(expression, known)


def _matches(node: Sum, constraint: Constraint) -> bool:
    wanted = constraint.left
    if not isinstance(node.function, Indexed) or node.function.base != wanted.function.base:
        return False
    place = wanted.function.indices.index(wanted.limits[0][0])
    return len(node.limits) == 1 and node.function.indices[place] == node.limits[0][0]


@lru_cache(maxsize=4096)
def _tidy_scalar(body: Expr) -> Expr:
    """The cheapest of several equal forms of a rational expression in symbols; the first at a tie."""
    operations = cost(body)
    if operations > MAX_FACTORED:
        return body
    forms = [body, factor_terms(body)]
    if operations <= MAX_COST and _degree(body) <= MAX_DEGREE:
        expanded, cancelled = expand(body), cancel(body)
        forms += [expanded, factor_terms(expanded), cancelled, factor_terms(cancelled)]
    known = _divisors(body)
    return min((form for form in forms if _divisors(form) <= known), key=cost)


def _divisors(node: Expr) -> set[Expr]:
    """The sums that are divisors, of either sign. They stay factored: a(1 - y) is accurate at y = 1, a - ay is not."""
    sums_below = {power.base for power in node.atoms(Pow) if power.exp.is_negative and isinstance(power.base, Add)}
    return sums_below | {-below for below in sums_below}


def _degree(node: Expr) -> int:
    """An upper bound of the degree of the polynomials that expansion would produce."""
    if isinstance(node, Add):
        return max(_degree(term) for term in node.args)
    if isinstance(node, Mul):
        return sum(_degree(factor) for factor in node.args)
    if isinstance(node, Pow):
        power = abs(int(node.exp)) if node.exp.is_Integer else MAX_DEGREE + 1
        return _degree(node.base) * power
    return int(not node.is_number)
