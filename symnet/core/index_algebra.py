"""Expressions in index notation: free and bound indices, sums, and substitution."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterator, Mapping
from functools import lru_cache

from sympy import Expr, Idx, Indexed, IndexedBase, Integer, Mul, Sum

from symnet.functions import leave_one_out


@lru_cache(maxsize=4096)
def index(letter: str, size: Expr) -> Idx:
    """An index that runs from 0 to size - 1."""
    return Idx(letter, size)


@lru_cache(maxsize=8192)
def array_base(name: str) -> IndexedBase:
    return IndexedBase(name, real=True)


@lru_cache(maxsize=8192)
def indexed(base: IndexedBase, *indices: Expr) -> Indexed:
    """A reference, cached: SymPy compares equal references often, and slowly if they are two objects."""
    return base[indices]


@lru_cache(maxsize=4096)
def extent(idx: Idx) -> Expr:
    """The extent of an index, as an expression in sizes."""
    return idx.upper - idx.lower + 1


def written_order(node: Expr) -> tuple[str, ...]:
    """A key to sort indices and references by: their text, and the ranges of indices that share a letter."""
    positions = node.indices if isinstance(node, Indexed) else (node,)
    return (str(node), *(str(extent(idx)) for idx in positions if isinstance(idx, Idx)))


def walk(expression: Expr) -> Iterator[Expr]:
    """The distinct subexpressions, without the indices of arrays and the limits of sums."""
    seen: set[Expr] = set()
    stack = [expression]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        yield node
        stack.extend(children(node))


def children(node: Expr) -> tuple[Expr, ...]:
    """The operands of a node that are scalar expressions."""
    if isinstance(node, Indexed | Idx):
        return ()
    if isinstance(node, Sum):
        return (node.function,)
    return tuple(node.args)


def summation(body: Expr, *indices: Idx) -> Expr:
    """Sum(body) over the indices, with factors that do not depend on them moved out of the sum."""
    if not indices:
        return body
    bound = set(indices)
    inside: list[Expr] = []
    outside: list[Expr] = []
    for factor in Mul.make_args(body):
        (inside if bound & indices_of(factor) else outside).append(factor)
    kept = Mul(*inside) if outside else body
    used = indices_of(kept)
    repeated = Mul(*(extent(idx) for idx in indices if idx not in used))
    total = Sum(kept, *(idx for idx in indices if idx in used)) if inside else Integer(1)
    return Mul(*outside) * repeated * total


def others(body: Expr, unit: Idx) -> Expr:
    """leave_one_out(body, unit), with factors that do not depend on the index moved out of it."""
    factors = Mul.make_args(body)
    inside = [factor for factor in factors if unit in indices_of(factor)]
    outside = Mul(*(factor for factor in factors if unit not in indices_of(factor)))
    return outside * (leave_one_out(Mul(*inside), unit) if inside else extent(unit) - 1)


def resummed(total: Sum, body: Expr) -> Expr:
    """The sum of another body over the same indices; the same object if the body is unchanged."""
    indices = bound_by(total)
    if body is total.function:
        used = [indices_of(factor).intersection(indices) for factor in Mul.make_args(body)]
        if all(used) and len(set().union(*used)) == len(indices):
            return total
    return summation(body, *indices)


def indices_of(expression: Expr) -> set[Idx]:
    """The free indices of an expression."""
    if isinstance(expression, Idx):
        return {expression}
    inside = expression.indices if isinstance(expression, Indexed) else children(expression)
    found: set[Idx] = set().union(*map(indices_of, inside))
    return found.difference(bound_by(expression)) if isinstance(expression, Sum) else found


def bound_by(total: Sum) -> tuple[Idx, ...]:
    """The indices that a sum runs over."""
    return tuple(limit[0] for limit in total.limits)


def is_plain(reference: Indexed) -> bool:
    """Whether every position of a reference is an index by itself."""
    return all(isinstance(position, Idx) for position in reference.indices)


def references(expression: Expr) -> list[Indexed]:
    """The distinct references to arrays in an expression."""
    return [node for node in walk(expression) if isinstance(node, Indexed)]


def sums(expression: Expr) -> list[Sum]:
    """The distinct sums in an expression, inner ones included."""
    return [node for node in walk(expression) if isinstance(node, Sum)]


def substitute(expression: Expr, mapping: Mapping[Expr, Expr]) -> Expr:
    """Replace all keys simultaneously and exactly; bound indices may be keys too.

    Like SymPy's `xreplace`, except that the ranges of indices are left alone and unchanged nodes are
    not rebuilt.
    """
    if expression in mapping:
        return mapping[expression]
    if not mapping or not expression.args or isinstance(expression, Idx | IndexedBase):
        return expression
    old = (expression.function, *bound_by(expression)) if isinstance(expression, Sum) else expression.args
    new = [substitute(child, mapping) for child in old]
    if all(map(operator.is_, new, old)):
        return expression
    return indexed(*new) if isinstance(expression, Indexed) else expression.func(*new)


SPARE_LETTERS = "mlpqrstuvwkji"


def fresh_index(idx: Idx, taken: set[str]) -> Idx:
    """An index over the same range with an unused letter."""
    numbered = (f"{idx.label}{number}" for number in range(1, 10**6))
    letter = next(letter for letter in itertools.chain(SPARE_LETTERS, numbered) if letter not in taken)
    return index(letter, extent(idx))


def bound_apart(expression: Expr, taken: set[str]) -> Expr:
    """Rename every bound index whose letter is taken, so that none is captured."""
    bound = {idx for total in sums(expression) for idx in bound_by(total)}
    used = taken | {idx.name for idx in bound}
    renamed: dict[Expr, Expr] = {}
    for idx in sorted(bound, key=written_order):
        if idx.name in taken:
            renamed[idx] = fresh = fresh_index(idx, used)
            used.add(fresh.name)
    return _rename_bound(expression, renamed) if renamed else expression


def bound_once(node: Expr, around: set[Idx]) -> Expr:
    """Rename bound indices so that no sum binds an index that the left-hand side or a sum around it binds.

    A substituted definition brings the indices of its sums into the scope of others.
    """
    if not node.has(Sum):
        return node
    letters = {str(idx.name) for idx in around}
    return _bound_once(node, letters, letters | {str(idx.name) for idx in node.atoms(Idx)})


def _bound_once(node: Expr, around: set[str], used: set[str]) -> Expr:
    if isinstance(node, Indexed) or not node.has(Sum):
        return node
    if not isinstance(node, Sum):
        parts = [_bound_once(child, around, used) for child in node.args]
        return node if all(map(operator.is_, parts, node.args)) else node.func(*parts)
    renamed: dict[Expr, Expr] = {}
    for idx in bound_by(node):
        if idx.name in around:
            renamed[idx] = fresh = fresh_index(idx, used)
            used.add(str(fresh.name))
    inside = substitute(node, renamed)
    body = _bound_once(inside.function, around | {str(idx.name) for idx in bound_by(inside)}, used)
    return inside if body is inside.function else inside.func(body, *inside.limits)


def _rename_bound(node: Expr, renamed: Mapping[Expr, Expr]) -> Expr:
    """Rename indices only inside the sums that bind them."""
    if isinstance(node, Sum):
        own = {idx: renamed[idx] for idx in bound_by(node) if idx in renamed}
        inner = node.func(_rename_bound(node.function, renamed), *node.limits)
        return substitute(inner, own)
    if isinstance(node, Indexed) or not node.has(Sum):
        return node
    return node.func(*(_rename_bound(child, renamed) for child in node.args))
