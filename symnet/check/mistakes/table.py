"""Typical mistakes as data: for each, how it is undone, how it is made, and how it is told."""

from __future__ import annotations

from dataclasses import dataclass

from symnet.check.mistakes import factors, making, shapes, sums, symbols
from symnet.check.mistakes.making import Change

SHOULD_BE = "{old} should be {new}."
MISSING_FACTOR = "A factor is missing: {new} has to stand in the product as well."


@dataclass(frozen=True)
class Mistake:
    """A typical mistake.

    Attributes:
        cause: its name.
        undo: the ways to undo it at a place, which `symnet verify` tries.
        make: the ways to make it in a right equation, for an exercise. What is planted is told by the row that
            undoes it, so that only the cause has to be the same.
        words: the sentence of a solution, with `{old}` and `{new}` for the parts as formulas, and `{leads}` for
            what the first index of a weight says in the notation.
        misfits: whether the indices or the shapes of what it makes may fail to fit.
    """

    cause: str
    undo: Change
    make: Change
    words: str
    misfits: bool = False


MISTAKES = (
    Mistake(
        "derivative at the wrong value",
        symbols.slope_elsewhere,
        making.slope_elsewhere,
        f"The derivative of the activation function is taken at the wrong value: {SHOULD_BE}",
    ),
    Mistake(
        "activation instead of input",
        symbols.input_of_layer,
        making.output_of_layer,
        "A weight changes the loss in proportion to what comes into its layer, not to what the layer hands on: "
        f"{SHOULD_BE}",
        misfits=True,
    ),
    Mistake(
        "index order",
        symbols.indices_turned,
        making.weight_turned,
        f"The indices of a weight are in the wrong order: {SHOULD_BE} "
        "The first index of a weight names the unit that it {leads}.",
        misfits=True,
    ),
    Mistake(
        "missing transpose",
        shapes.transpose_added,
        shapes.transpose_removed,
        f"A transpose is missing: {SHOULD_BE}",
        misfits=True,
    ),
    Mistake(
        "extra transpose",
        shapes.transpose_removed,
        making.transpose_put_in,
        f"There is a transpose too many: {SHOULD_BE}",
        misfits=True,
    ),
    Mistake(
        "hadamard or matrix product",
        shapes.other_product,
        shapes.other_product,
        f"The wrong kind of product is taken: {SHOULD_BE}",
        misfits=True,
    ),
    Mistake("sign", factors.sign_turned, making.sign_turned, f"A sign is wrong: {SHOULD_BE}"),
    Mistake("factor", factors.number_removed, making.number_put_in, "The factor {old} should not be there."),
    Mistake("sign", factors.side_negated, making.side_negated, f"A sign is wrong: {SHOULD_BE}"),
    Mistake(
        "sum", sums.other_letter, sums.other_letter, f"The sum runs over the wrong index: {SHOULD_BE}", misfits=True
    ),
    Mistake("sum", sums.sum_added, making.sum_left_out, f"A sum is missing: {SHOULD_BE}", misfits=True),
    Mistake("sum", sums.other_range, sums.other_range, f"The range of the sum is wrong: {SHOULD_BE}", misfits=True),
    Mistake("layer index", symbols.layer_moved, making.layer_moved, f"The layer is wrong: {SHOULD_BE}", misfits=True),
    Mistake("index", symbols.index_exchanged, symbols.index_exchanged, f"An index is wrong: {SHOULD_BE}"),
    Mistake(
        "function or derivative",
        symbols.order_changed,
        symbols.order_changed,
        f"The activation function and its derivative are confused: {SHOULD_BE}",
    ),
    Mistake("factor", factors.number_changed, making.number_changed, f"A number is wrong: the factor {SHOULD_BE}"),
    Mistake(
        "pre-activation or activation",
        symbols.activation_exchanged,
        symbols.activation_exchanged,
        f"Pre-activation and activation are confused: {SHOULD_BE}",
    ),
    Mistake(
        "order of factors",
        shapes.factors_swapped,
        shapes.factors_swapped,
        f"The matrices are multiplied in the wrong order: {SHOULD_BE}",
        misfits=True,
    ),
    Mistake("sum", sums.sum_removed, making.sum_too_many, f"There is a sum too many: {SHOULD_BE}"),
    Mistake("factor", factors.number_added, factors.number_removed, "The factor {new} is missing."),
    Mistake("power", factors.power_changed, making.square_changed, f"A power is wrong: {SHOULD_BE}"),
    Mistake(
        "extra factor",
        factors.factor_removed,
        making.factor_put_in,
        "There is a factor too many: {old} does not belong in the product.",
    ),
    Mistake("missing factor", factors.factor_added, making.factor_left_out, MISSING_FACTOR),
    Mistake("missing factor", shapes.array_added, making.factor_left_out, MISSING_FACTOR),
    Mistake(
        "extra term",
        sums.term_removed,
        making.bias_repeated,
        "There is a term too many: {old} does not belong in the sum.",
    ),
    Mistake(
        "missing term",
        sums.term_added,
        making.bias_left_out,
        "A term is missing: {new} has to be added.",
    ),
    Mistake("sum", sums.term_repeated, making.term_left_out, "The sum lacks a term: {new} has to be added."),
    Mistake("symbol", symbols.symbol_exchanged, making.error_for_value, f"A symbol is wrong: {SHOULD_BE}"),
    Mistake("symbol", factors.factor_exchanged, making.never, f"A symbol is wrong: {SHOULD_BE}"),
)
"""All that is tried, one change at a time, the likeliest first; the first that makes an equation right is told."""

CAUSES = tuple(dict.fromkeys(mistake.cause for mistake in MISTAKES))
