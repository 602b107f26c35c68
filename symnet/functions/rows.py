"""Functions of a whole row: the second argument is an index, and the row is the first argument at all its values."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from sympy import Expr, Function, Mul

from symnet.functions.code import helped
from symnet.functions.piecewise import positive
from symnet.functions.record import ROWS, known_row


class softmax(Function):
    """softmax(f, k) = exp(f) / Sum(exp(f), k): f in terms of the unit index k, normalised over k."""

    nargs = 2


class AccurateSoftmax(softmax):
    """The same function; the chain rule gives it a derivative in which 1 - p_k is the sum of the others."""


class log_softmax(Function):
    """log_softmax(f, k) = f - log(Sum(exp(f), k)), the logarithm of softmax(f, k)."""

    nargs = 2


class leave_one_out(Function):
    """leave_one_out(f, k) = Sum of f(m) over all m but k: f in terms of the unit index k.

    Of the entries of a softmax it is 1 - p_k, with all digits where p_k is near 1.
    """

    nargs = 2


class first_largest(Function):
    """first_largest(f, k) is 1 at the first k at which f is largest, and 0 elsewhere; its derivative is 0.

    Sum(first_largest(f, k)*f, k) is the maximum of f, whose derivative goes to the first of several that are largest.
    f may be an array that is read outside of its range, which then takes no part.
    """

    nargs = 2


ROW_FUNCTIONS = (softmax, log_softmax, leave_one_out, first_largest)


def _exponentials(m: Any, row: Sequence[Any]) -> list[Any]:
    largest = max(row)
    return [m.exp(entry - largest) for entry in row]


def _softmax(m: Any, row: Sequence[Any], unit: int) -> Any:
    exponentials = _exponentials(m, row)
    return exponentials[unit] / sum(exponentials)


def _log_softmax(m: Any, row: Sequence[Any], unit: int) -> Any:
    return row[unit] - max(row) - m.log(sum(_exponentials(m, row)))


def _first_largest(m: Any, row: Sequence[Any], unit: int) -> Any:
    return int(row.index(max(row)) == unit)


def _comparisons(row: Sequence[Expr], unit: int) -> Expr:
    """Return the product of f_k > f_m for the entries before one and of f_k ≥ f_m for those behind it."""
    before = (positive(row[unit] - other) for other in row[:unit])
    return Mul(*before, *(1 - positive(other - row[unit]) for other in row[unit + 1 :]))


def _shared(length: int, more: int = 0) -> dict[str, Fraction]:
    """Return an entry's share of the operations of the sum of exponentials, with `more` additions."""
    return {"exp": Fraction(1), "add": Fraction(length - 1, length) + more}


known_row(
    softmax,
    _softmax,
    helped(
        "z",
        "exp(z_k)/Sum(exp(z_m), m) for each row, without overflow",
        (
            "half = 0.5 * z  # the difference of two of these never overflows",
            "exponentials: Array = np.exp(half - half.max(axis=-1, keepdims=True)) ** 2",
            "exponentials /= exponentials.sum(axis=-1, keepdims=True)",
            "return exponentials",
        ),
    ),
    operations=lambda length: _shared(length) | {"divide": Fraction(1)},
)
ROWS[AccurateSoftmax.__name__] = ROWS[softmax.__name__]
known_row(
    log_softmax,
    _log_softmax,
    helped(
        "z",
        "half of z_k - log(Sum(exp(z_m), m)) for each row, which a float can always hold",
        (
            "half = 0.5 * z",
            "shifted: Array = half - half.max(axis=-1, keepdims=True)",
            "largest = shifted == 0",
            "others = np.where(largest, 0, np.exp(shifted) ** 2).sum(axis=-1, keepdims=True)",
            "others += largest.sum(axis=-1, keepdims=True, dtype=DTYPE) - 1",
            "shifted -= 0.5 * np.log1p(others)",
            "return shifted",
        ),
    ),
    lowered="half_log_softmax",
    operations=lambda length: {**_shared(length, 1), "log": Fraction(1, length)},
)
known_row(
    first_largest,
    _first_largest,
    helped(
        "z",
        "1 at the first z_k of each row that is largest, 0 elsewhere",
        (
            "place = np.expand_dims(z.argmax(axis=-1), -1)",
            "first: Array = (np.arange(z.shape[-1]) == place).astype(DTYPE)",
            "return first",
        ),
    ),
    operations=lambda length: {"positive": Fraction(length - 1, length)},
    is_flat=True,
    entry=_comparisons,
)
