"""Numbers on the edges of a graph: small arrays in the layout of a notation."""

from __future__ import annotations

import numpy as np

from symnet.core import Array
from symnet.formula import Formula, Grid, number
from symnet.notation import MAX_AXES, Notation, axes_of, laid_out

MOST_ROWS, MOST_COLUMNS = 4, 4


def number_formula(values: np.ndarray, array: Array, notation: Notation, digits: int) -> Formula | None:
    """The values of an array or of its cotangent as a formula, or None if there are too many.

    Args:
        values: the values, in the shape of the array.
        array: the array.
        notation: defines whether vectors and batches are rows or columns, and the order of a weight's indices.
        digits: the number of significant digits.
    """
    if len(array.indices) > MAX_AXES:
        return None
    axes = axes_of(notation, array)
    rows = laid_out(np.asarray(values, dtype=float), array.indices, axes)
    if rows.shape[0] > MOST_ROWS or rows.shape[1] > MOST_COLUMNS:
        return None
    entries = tuple(tuple(number(value, digits) for value in line) for line in rows.tolist())
    return entries[0][0] if rows.size == 1 else Grid(entries)
