"""Typical mistakes as data: for each, where it can have been made, what was meant instead, and how it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from symnet.check.mistakes import factors, shapes, sums, symbols
from symnet.check.mistakes.proposals import Proposal
from symnet.check.mistakes.scope import Scope
from symnet.check.mistakes.sites import Site

Undo = Callable[[Site, Scope], Iterator[Proposal]]


@dataclass(frozen=True)
class Mistake:
    """A typical mistake.

    Attributes:
        cause: its name.
        undo: the ways to undo it at a place.
    """

    cause: str
    undo: Undo


MISTAKES = (
    Mistake("derivative at the wrong value", symbols.slope_elsewhere),
    Mistake("activation instead of input", symbols.input_of_layer),
    Mistake("index order", symbols.indices_turned),
    Mistake("missing transpose", shapes.transpose_added),
    Mistake("extra transpose", shapes.transpose_removed),
    Mistake("hadamard or matrix product", shapes.other_product),
    Mistake("sign", factors.sign_turned),
    Mistake("factor", factors.number_removed),
    Mistake("sign", factors.side_negated),
    Mistake("sum", sums.other_letter),
    Mistake("sum", sums.sum_added),
    Mistake("sum", sums.other_range),
    Mistake("layer index", symbols.layer_moved),
    Mistake("index", symbols.index_exchanged),
    Mistake("function or derivative", symbols.order_changed),
    Mistake("factor", factors.number_changed),
    Mistake("pre-activation or activation", symbols.activation_exchanged),
    Mistake("order of factors", shapes.factors_swapped),
    Mistake("sum", sums.sum_removed),
    Mistake("factor", factors.number_added),
    Mistake("power", factors.power_changed),
    Mistake("extra factor", factors.factor_removed),
    Mistake("missing factor", factors.factor_added),
    Mistake("missing factor", shapes.array_added),
    Mistake("extra term", sums.term_removed),
    Mistake("missing term", sums.term_added),
    Mistake("sum", sums.term_repeated),
    Mistake("symbol", symbols.symbol_exchanged),
    Mistake("symbol", factors.factor_exchanged),
)
"""All that is tried, one change at a time, the likeliest first; the first that makes an equation right is told."""

CAUSES = tuple(dict.fromkeys(mistake.cause for mistake in MISTAKES))
