"""Softmax and its like in ufuncs and sums over the units of each row, stable at logits of any size."""

from __future__ import annotations

from symnet.lower.builder import Builder, Ref, Term, is_rows
from symnet.lower.contractions import reduce


def sum_of_row(b: Builder, array: Ref, operation: str = "sum") -> Ref:
    """The sum (or the largest) over the units of each row."""
    return reduce(b, array, tuple(letter for letter in array.letters if is_rows(letter)), operation)


def shifted_exponentials(b: Builder, logits: Term) -> tuple[Ref, Ref]:
    """u = (z - max(z))/2 and e = exp(u)², of halves since the difference of two logits may overflow."""
    half = b.apply("multiply", logits, 0.5)
    shifted = b.apply("subtract", half, sum_of_row(b, half, "max"))
    return shifted, b.apply("square", b.apply("exp", shifted))


def log_of_sum(b: Builder, shifted: Ref, exponentials: Ref, accuracy: str) -> Ref:
    """log(s) of the sum of exponentials; where every digit counts log1p(s - 1), without the largest, which is 1."""
    if accuracy == "fast":
        return b.apply("log", sum_of_row(b, exponentials))
    largest = b.apply("greater_equal", shifted, 0)
    others = sum_of_row(b, b.apply("subtract", exponentials, largest))
    return b.apply("log1p", b.add(others, b.subtract(sum_of_row(b, largest), 1)))


def sum_of_others(b: Builder, array: Ref) -> Term:
    """For every unit the sum over all others, which no difference spoils: of those before it and of those after."""
    operand = b.operand(array, array.letters)
    return b.apply("add", *(b.made(side, (operand,), array.letters) for side in ("sum_before", "sum_after")))
