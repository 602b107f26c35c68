"""Softmax and related functions in ufuncs and reductions along one axis, stable for logits of any size."""

from __future__ import annotations

from sympy import Idx

from symnet.lower.builder import Builder, Ref, Term
from symnet.lower.contractions import collapsed


def with_axis(b: Builder, term: Term, unit: Idx) -> Ref:
    """The term as an array over `unit`, broadcast along it if the term does not depend on it."""
    if isinstance(term, Ref) and unit in term.letters:
        return b.in_layout(term)
    letters = term.letters if isinstance(term, Ref) else ()
    axes = b.ordered((*letters, unit))
    return b.made("fill", (b.operand(term, axes) if isinstance(term, Ref) else term,), axes)


def shifted_exponentials(b: Builder, logits: Ref, unit: Idx) -> tuple[Ref, Ref]:
    """u = (z - max(z))/2 and e = exp(u)²; of halves, since the difference of two logits may overflow."""
    half = b.apply("multiply", logits, 0.5)
    shifted = b.apply("subtract", half, collapsed(b, half, unit, "max"))
    return shifted, b.apply("square", b.apply("exp", shifted))


def log_of_sum(b: Builder, shifted: Ref, exponentials: Ref, unit: Idx, accuracy: str) -> Ref:
    """log(s) of the sum s of exponentials; with accuracy "tails" log1p(s - 1), of the sum without the largest, 1."""
    if accuracy == "fast":
        return b.apply("log", collapsed(b, exponentials, unit))
    largest = b.apply("greater_equal", shifted, 0)
    others = collapsed(b, b.apply("subtract", exponentials, largest), unit)
    return b.apply("log1p", b.add(others, b.subtract(collapsed(b, largest, unit), 1)))


def first_largest(b: Builder, array: Ref, unit: Idx) -> Term:
    """1 at the first of the largest entries: at one of them that has none of them before it."""
    largest = b.apply("greater_equal", array, collapsed(b, array, unit, "max"))
    before = b.made("sum_before", (b.operand(largest, largest.letters),), largest.letters, along=(unit,))
    return b.multiply(largest, b.where_positive(b.subtract(1, before)))


def sum_of_others(b: Builder, array: Ref, unit: Idx) -> Term:
    """For every entry the sum over all others, as prefix plus suffix sum: a difference would lose digits."""
    operand, axes = b.operand(array, array.letters), array.letters
    return b.apply("add", *(b.made(side, (operand,), axes, along=(unit,)) for side in ("sum_before", "sum_after")))
