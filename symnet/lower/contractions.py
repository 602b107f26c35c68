"""Contractions as matrix products, on views that BLAS takes without a copy."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
from sympy import Idx

from symnet.lower.builder import NARROW, Builder, Ref, Term, is_rows
from symnet.lower.instructions import Operand

NOMINAL_ROWS = 512
"""The batch size assumed when contraction orders are compared; a module has one order for all batches."""

FEW_FACTORS = 5
"""Up to this many factors every contraction order is tried; their number grows factorially."""

ANY_SIZE = 2**62
"""No limit on the size of an intermediate array."""

STACKED_UNITS = 256
"""Up to this many inputs, the weights of a layer are copied into [W; b]: that is cheaper than another pass over the
pre-activations of some hundred rows."""


def contract(b: Builder, left: Ref, right: Ref, kept: tuple[Idx, ...]) -> Ref:
    """Contract two arrays over all indices that are not in `kept`."""
    axes = b.ordered(kept)
    summed = (set(left.letters) | set(right.letters)) - set(kept)
    if not kept and left.letters == right.letters:
        operands = (b.operand(left, left.letters), b.operand(right, left.letters))
        return b.made("vdot", operands, (), along=left.letters)
    shared = set(left.letters) & set(right.letters)
    if len(summed) == 1 and summed == shared and max(len(left.letters), len(right.letters)) <= 2:
        return _dot(b, left, right, axes, *summed)
    return _grouped(b, left, right, kept, shared) or _einsum(b, left, right, kept)


def _dot(b: Builder, left: Ref, right: Ref, axes: tuple[Idx, ...], summed: Idx) -> Ref:
    """A matrix product with its operands ordered like the axes of the result."""
    if axes and axes[0] not in left.letters:
        left, right = right, left
    left, right = _in_reach(b, left), _in_reach(b, right)
    labels = (*axes, summed)
    return b.made("dot", (b.operand(left, labels), b.operand(right, labels)), axes, along=(summed,))


def _in_reach(b: Builder, ref: Ref) -> Ref:
    """Copy a narrow input to rows-last layout: the copy is cheap and leaves room for a row of ones."""
    return b.in_layout(ref) if ref.value.rows_first and ref.value.width <= NARROW else ref


def _grouped(b: Builder, left: Ref, right: Ref, kept: tuple[Idx, ...], shared: set[Idx]) -> Ref | None:
    """A matrix product of groups of axes: those of one operand alone, and those that are summed, each as one axis.

    None where an index of both operands is kept, one of a single operand is summed, or one has pairs of rows.
    """
    squares = left.value.is_square or right.value.is_square
    if squares or shared & {*kept} or {*left.letters, *right.letters} - {*kept} != shared:
        return None
    left, right = b.in_layout(left), b.in_layout(right)
    if any(is_rows(letter) and letter in kept for letter in left.letters):
        left, right = right, left
    order = _order_of_summed(b, left, right, shared)
    if not kept:
        return b.made("vdot", (b.operand(left, order), b.operand(_in_order(b, right, left), order)), (), along=order)
    left, right = _in_groups(b, left, order), _in_groups(b, right, order)
    axes = (*_own(left, shared), *_own(right, shared))
    labels = (*axes, *order)
    return b.made("product", (b.operand(left, labels), b.operand(right, labels)), axes, along=order)


def _in_order(b: Builder, ref: Ref, like: Ref) -> Ref:
    """The array, or a copy of it, with its axes in the order of another's."""
    return ref if ref.letters == like.letters else b.turned(ref, like.letters)


def _order_of_summed(b: Builder, left: Ref, right: Ref, shared: set[Idx]) -> tuple[Idx, ...]:
    """The order of the summed indices: that of the larger operand, which then needs no copy, rows last."""
    larger = max((left, right), key=lambda ref: ref.value.rank)
    return tuple(sorted((letter for letter in larger.letters if letter in shared), key=is_rows))


def _own(ref: Ref, shared: set[Idx]) -> tuple[Idx, ...]:
    return tuple(letter for letter in ref.letters if letter not in shared)


def _in_groups(b: Builder, ref: Ref, summed: tuple[Idx, ...]) -> Ref:
    """The array, or a copy of it, with the summed axes side by side in an order."""
    own = _own(ref, {*summed})
    first, second = (own, summed), (summed, own)
    orders = [(*one, *two) for one, two in (first, second) if not any(map(is_rows, one))]
    return ref if ref.letters in orders else b.turned(ref, orders[0])


def _einsum(b: Builder, left: Ref, right: Ref, kept: tuple[Idx, ...]) -> Ref:
    """Contract two arrays over any indices by `einsum`."""
    axes = b.ordered(kept)
    refs = [b.in_layout(ref) for ref in (left, right)]
    summed = tuple(dict.fromkeys(letter for ref in refs for letter in ref.letters if letter not in axes))
    labels = (*axes, *summed)
    return b.made("einsum", tuple(b.operand(ref, labels) for ref in refs), axes, along=summed)


def contract_all(b: Builder, refs: Collection[Ref], kept: tuple[Idx, ...]) -> Ref:
    """Contract any number of arrays, pairwise, in the order with the fewest operations."""
    waiting = list(refs)
    for pair in _order(b, waiting, kept):
        right, left = (waiting.pop(place) for place in sorted(pair, reverse=True))
        others = {letter for ref in waiting for letter in ref.letters} | set(kept)
        both = dict.fromkeys((*left.letters, *right.letters))
        waiting.append(_pair(b, left, right, tuple(letter for letter in both if letter in others)))
    return waiting[0]


def _pair(b: Builder, left: Ref, right: Ref, kept: tuple[Idx, ...]) -> Ref:
    summed = {*left.letters, *right.letters} - {*kept}
    product = inner_product(b, left, right, kept) if summed else b.multiply(left, right)
    assert isinstance(product, Ref)
    return product


def _order(b: Builder, refs: Collection[Ref], kept: tuple[Idx, ...]) -> list[tuple[int, int]]:
    """The contraction order as pairs of positions in the list of operands left; each result is appended to the list."""
    places = {letter: place for place, letter in enumerate(dict.fromkeys(idx for ref in refs for idx in ref.letters))}
    operands: list[Any] = []
    for ref in refs:
        shape = tuple(NOMINAL_ROWS if is_rows(letter) else b.length(letter) for letter in ref.letters)
        operands += [np.broadcast_to(0.0, shape), [places[letter] for letter in ref.letters]]
    search = "optimal" if len(refs) <= FEW_FACTORS else "greedy"
    path, _ = np.einsum_path(*operands, [places[letter] for letter in kept], optimize=(search, ANY_SIZE))
    return path[1:]


def affine(b: Builder, weights: Ref, units: Ref, bias: Ref, summed: Idx) -> Ref | None:
    """Sum(units * weights, summed) + bias as one product: [W; b] stacked, and a row of ones below the units.

    None if the weights are so many that stacking them costs more than a pass. An input is copied to a
    buffer that has a row of ones.
    """
    units = _in_reach(b, units)
    axes = b.ordered(letter for letter in (*bias.letters, *units.letters) if letter != summed)
    if b.length(summed) > STACKED_UNITS or weights.letters != (summed, *bias.letters):
        return None
    if units.value.rows_first and not units.value.given:
        return None
    if units.value.rows_first:
        copied = b.emit("transpose", (Operand(units.value, (0, 1)),), units.value.units, batched=True, rows_first=True)
        units = Ref(copied, units.letters)
    stacked = b.emit(
        "stack",
        (Operand(weights.value, (0, 1)), Operand(bias.value, (1,))),
        (b.length(summed) + 1, *weights.value.units[1:]),
    )
    labels = (*axes, summed)
    product = [b.operand(Ref(stacked, weights.letters), labels), replace(b.operand(units, labels), over_ones=True)]
    if axes[0] not in weights.letters:
        product.reverse()
    return b.made("dot", tuple(product), axes, along=(summed,))


def reduce(b: Builder, ref: Ref, kept: tuple[Idx, ...]) -> Ref:
    """Sum over the axes that are not in `kept`."""
    return _reduced(b, ref, kept, tuple(letter for letter in ref.letters if letter not in kept), "sum")


def collapsed(b: Builder, ref: Ref, unit: Idx, operation: str = "sum") -> Ref:
    """The sum or the maximum along the axis of one index."""
    return _reduced(b, ref, tuple(letter for letter in ref.letters if letter != unit), (unit,), operation)


def _reduced(b: Builder, ref: Ref, kept: tuple[Idx, ...], along: tuple[Idx, ...], operation: str) -> Ref:
    ref = b.in_layout(ref)
    axes = b.ordered(letter for letter in ref.letters if letter in kept)
    labels = (*axes, *(letter for letter in ref.letters if letter not in axes))
    return b.made(operation, (b.operand(ref, labels),), axes, along=along)


def inner_product(b: Builder, left: Term, right: Term, kept: tuple[Idx, ...]) -> Term:
    """Contract two terms over all indices that are not in `kept`; scalar factors stay outside the sum."""
    if not isinstance(left, Ref) or not left.letters:
        left, right = right, left
    if not isinstance(right, Ref) or not right.letters:
        assert isinstance(left, Ref)
        return b.multiply(reduce(b, left, kept), right)
    assert isinstance(left, Ref)
    if set(left.letters) == set(right.letters) and kept:
        product = b.multiply(left, right)
        assert isinstance(product, Ref)
        return reduce(b, product, kept)
    left, right = b.in_layout(left), b.in_layout(right)
    return contract(b, left, right, kept)
