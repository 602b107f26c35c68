"""Typical mistakes as data: for each, where it can have been made, what was meant instead, and how it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from symnet.claims import factors, shapes, sums, symbols
from symnet.claims.proposals import Proposal
from symnet.claims.scope import Scope
from symnet.claims.sites import Site

Undo = Callable[[Site, Scope], Iterator[Proposal]]


@dataclass(frozen=True)
class Mistake:
    """A typical mistake.

    Attributes:
        cause: its name.
        undo: the ways to undo it at a place.
        cost: how little plausible it is; of two corrections the cheaper is told.
    """

    cause: str
    undo: Undo
    cost: int


MISTAKES = (
    Mistake("derivative at the wrong value", symbols.slope_elsewhere, 1),
    Mistake("activation instead of input", symbols.input_of_layer, 1),
    Mistake("index order", symbols.indices_turned, 1),
    Mistake("missing transpose", shapes.transpose_added, 1),
    Mistake("extra transpose", shapes.transpose_removed, 1),
    Mistake("hadamard or matrix product", shapes.other_product, 1),
    Mistake("sign", factors.sign_turned, 1),
    Mistake("factor", factors.number_removed, 1),
    Mistake("sign", factors.side_negated, 1),
    Mistake("sum", sums.other_letter, 1),
    Mistake("sum", sums.sum_added, 1),
    Mistake("sum", sums.other_range, 2),
    Mistake("layer index", symbols.layer_moved, 2),
    Mistake("index", symbols.index_exchanged, 2),
    Mistake("function or derivative", symbols.order_changed, 2),
    Mistake("factor", factors.number_changed, 2),
    Mistake("pre-activation or activation", symbols.activation_exchanged, 2),
    Mistake("order of factors", shapes.factors_swapped, 2),
    Mistake("sum", sums.sum_removed, 3),
    Mistake("factor", factors.number_added, 3),
    Mistake("power", factors.power_changed, 3),
    Mistake("extra factor", factors.factor_removed, 3),
    Mistake("missing factor", factors.factor_added, 4),
    Mistake("missing factor", shapes.array_added, 4),
    Mistake("extra term", sums.term_removed, 4),
    Mistake("missing term", sums.term_added, 5),
    Mistake("sum", sums.term_repeated, 5),
    Mistake("symbol", symbols.symbol_exchanged, 6),
    Mistake("symbol", factors.factor_exchanged, 7),
)
"""All that is tried, one change at a time. Of equally cheap ones those further up go before those further down."""

CAUSES = tuple(dict.fromkeys(mistake.cause for mistake in MISTAKES))
