"""Numbers on the edges of a graph: small arrays as they stand on the page in a notation."""

from __future__ import annotations

import numpy as np

from symnet.equations import Array
from symnet.notation.formula import Formula, Grid, Number, Operator, Scripts, product, row
from symnet.notation.profile import Notation
from symnet.notation.symbols import Name

MOST_ROWS, MOST_COLUMNS = 4, 4
SMALLEST, LARGEST = 1.0, 1e5


def number_formula(values: np.ndarray, array: Array, notation: Notation, digits: int) -> Formula | None:
    """The values of an array or of its cotangent, or None where there are too many to be written.

    Args:
        values: in the shape of the array.
        array: whose they are.
        notation: says whether vectors and batches are rows or columns, and which index of a weight comes first.
        digits: how many stand behind the point.
    """
    rows = _oriented(np.asarray(values, dtype=float), array, notation)
    if rows.ndim != 2 or rows.shape[0] > MOST_ROWS or rows.shape[1] > MOST_COLUMNS:
        return None
    power = power_of_ten(rows, digits)
    scaled = rows / 10.0**power
    entries = tuple(tuple(signed(float(value), digits) for value in line) for line in scaled)
    body = entries[0][0] if rows.size == 1 else Grid(entries)
    if not power:
        return body
    factor = Scripts(Number("10"), above=row(Operator("-") if power < 0 else None, Number(str(abs(power)))))
    return row(body, Operator("times"), factor) if rows.size == 1 else product(factor, body)


def _oriented(values: np.ndarray, array: Array, notation: Notation) -> np.ndarray:
    """The array as the matrix, row or column that the notation makes of it."""
    if values.ndim < 2:
        flat = values.reshape(1, -1)
        return flat if notation.batch == "rows" else flat.T
    if len(array.unit_axes) < len(array.indices):
        return values if notation.batch == "rows" else values.T
    return values.T if Name.of(array.name).stem == "W" and notation.weight_order == "to-from" else values


def power_of_ten(values: np.ndarray, digits: int) -> int:
    """The power of ten to be written before the numbers; 0 where they are best read as they are."""
    largest = float(np.max(np.abs(values), initial=0.0))
    if largest == 0 or not np.isfinite(largest) or SMALLEST * 10.0 ** (1 - digits) <= largest < LARGEST:
        return 0
    return int(np.floor(np.log10(largest)))


def signed(value: float, digits: int) -> Formula:
    """A number with so many digits behind the point, and its sign unless nothing but zeros are left of it."""
    text = f"{abs(value):.{digits}f}"
    is_negative = value < 0 and any(digit in text for digit in "123456789")
    return row(Operator("-") if is_negative else None, Number(text))
