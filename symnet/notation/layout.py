"""The layout of the arrays of a program as vectors and matrices in a notation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sympy import Idx

from symnet.core import Array
from symnet.formula import Formula
from symnet.formula import tree as f
from symnet.notation.conventions import Notation
from symnet.notation.extra import EXAMPLES, axes_of_array, is_turned
from symnet.support import NotationError

Axes = tuple["Idx | None", "Idx | None"]
"""The indices over the rows and over the columns of a matrix; None if there is one row or column."""

MAX_AXES = 2
"""An array with more axes is not a matrix."""

TRANSPOSE: Mapping[str, Formula] = {
    "T": f.Letter("T", "upright"),
    "top": f.Operator("top"),
    "prime": f.Operator("prime"),
}
"""The mark of a transpose, by its key in a notation."""


class NoLayout(NotationError):
    """An array or an equation has no matrix form."""


def transpose_mark(notation: Notation) -> Formula:
    """The superscript of a transposed matrix."""
    return TRANSPOSE[notation.transpose]


def axes_of(notation: Notation, array: Array, indices: Sequence[Idx] | None = None) -> Axes:
    """The indices over rows and columns of an array on the page: its own, or the given ones.

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
    """The entries of an array of at most two axes, arranged in rows and columns as on the page."""
    if found.ndim < 2:
        return found.reshape((1, -1) if axes[0] is None else (-1, 1))
    return found if axes[0] == indices[0] else found.T
