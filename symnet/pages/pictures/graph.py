"""The picture of a computational graph: values forward, derivatives backward along the same edges."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from sympy import Expr

from symnet.core import Program
from symnet.formats import Picture
from symnet.formula import Formula
from symnet.notation import Symbols
from symnet.pages.pictures.geometry import MAX_HEIGHT, MAX_WIDTH, Geometry
from symnet.pages.pictures.graph_labels import GraphLabels
from symnet.pages.pictures.graph_layout import graph_geometry
from symnet.pages.pictures.graph_structure import Node, graph_nodes
from symnet.pages.pictures.numbers import MOST_COLUMNS, MOST_ROWS
from symnet.pages.pictures.svg import svg
from symnet.pages.pictures.text import graph_text
from symnet.pages.pictures.tikz import tikz

CAPTION = (
    "The computational graph. Each box is an operation; each arrow carries the value of an array forward and, "
    "below it, the derivative of the loss by that array backward."
)
DASHED = " What is dashed is drawn elsewhere too."
LEFT_OUT = " Dots stand for layers that are left out."


def labelled_graph(
    program: Program,
    symbols: Symbols,
    values: Mapping[str, np.ndarray] | None = None,
    digits: int = 3,
    functions: Mapping[Expr, Formula] | None = None,
) -> tuple[list[Node], GraphLabels, Geometry]:
    """The nodes of a graph, its labels (numbers may be omitted), and the layout.

    Arguments as in `graph_picture`.
    """
    nodes = graph_nodes(program, functions)
    given = {name: np.asarray(array) for name, array in (values or {}).items()}
    sizes = {array.size for array in given.values() if array.size <= MOST_ROWS * MOST_COLUMNS}
    for most in (*sorted(sizes, reverse=True), 0):
        shown = {name: array for name, array in given.items() if array.size <= most}
        labels = GraphLabels(program, symbols, shown, digits)
        geometry = graph_geometry(nodes, labels)
        if geometry.height <= MAX_HEIGHT and geometry.width <= MAX_WIDTH:
            break
    return nodes, labels, geometry


def graph_picture(
    program: Program,
    symbols: Symbols,
    *,
    values: Mapping[str, np.ndarray] | None = None,
    digits: int = 3,
    functions: Mapping[Expr, Formula] | None = None,
) -> Picture:
    """Draw the computational graph: operations as nodes, arrays and their cotangents on the edges.

    Beyond 4 layers the middle ones are omitted. Numbers are shown for arrays of at most 4 rows and 4
    columns; for smaller ones only, or for none, if the picture would not fit on a page.

    Args:
        program: the equations of a network, forward and backward; only the forward ones become nodes.
        symbols: writes the labels.
        values: numbers of arrays and cotangents by name, in the shapes of the program.
        digits: the number of significant digits.
        functions: the page's sign for each activation function, by the function of its layer's pre-activation.
    """
    nodes, labels, geometry = labelled_graph(program, symbols, values, digits, functions)
    caption = CAPTION
    if any(frame.dashed for frame in geometry.frames):
        caption += DASHED
    if any(node.is_dots for node in nodes):
        caption += LEFT_OUT
    return Picture(tikz(geometry), svg(geometry, CAPTION), graph_text(nodes, labels), (caption,))
