"""Rows and columns: how a notation lays out the arrays of a program as vectors and matrices of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sympy import Idx

from symnet.equations import Array
from symnet.errors import NotationError
from symnet.notation import formula as f
from symnet.notation.extra import EXAMPLES, axes_of_array, is_turned
from symnet.notation.formula import Formula
from symnet.notation.profile import Notation

Axes = tuple["Idx | None", "Idx | None"]
"""The index that runs over the rows of a matrix and the one over its columns; None where there is one row or column."""

MAX_AXES = 2
"""An array of more axes is no matrix."""

TRANSPOSE: Mapping[str, Formula] = {
    "T": f.Letter("T", "upright"),
    "top": f.Operator("top"),
    "prime": f.Operator("prime"),
}
"""The mark of a transpose, as a notation has it."""


class NoLayout(NotationError):
    """An array or an equation does not fit into rows and columns."""


def transpose_mark(notation: Notation) -> Formula:
    """What stands above a matrix that is transposed."""
    return TRANSPOSE[notation.transpose]


def axes_of(notation: Notation, array: Array, indices: Sequence[Idx] | None = None) -> Axes:
    """Rows and columns of an array on the page: its own indices, or those at which it stands.

    Raises:
        NoLayout: it has more than two axes.
    """
    indices, axes = array.indices if indices is None else indices, axes_of_array(array)
    if not indices:
        return None, None
    if len(indices) == 1:
        lies = notation.batch == ("columns" if axes[0] == EXAMPLES else "rows")
        return (None, indices[0]) if lies else (indices[0], None)
    if len(indices) > MAX_AXES:
        raise NoLayout(f"{array.name} has more than two axes")
    first, second = indices
    return (second, first) if is_turned(notation, axes) else (first, second)


def laid_out(found: NDArray[np.float64], indices: Sequence[Idx], axes: Axes) -> NDArray[np.float64]:
    """The entries of an array of at most two axes in the rows and columns that it has on the page."""
    if found.ndim < 2:
        return found.reshape((1, -1) if axes[0] is None else (-1, 1))
    return found if axes[0] == indices[0] else found.T
