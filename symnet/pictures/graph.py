"""The picture of a computational graph: values forward, derivatives backward along the same edges."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from symnet.document.blocks import Picture
from symnet.equations import Program
from symnet.notation.symbols import Symbols
from symnet.pictures.geometry import MAX_HEIGHT, MAX_WIDTH, Geometry
from symnet.pictures.graph_labels import GraphLabels
from symnet.pictures.graph_layout import graph_geometry
from symnet.pictures.graph_structure import graph_nodes
from symnet.pictures.svg import svg
from symnet.pictures.text import graph_text
from symnet.pictures.tikz import tikz

CAPTION = (
    "The computational graph. Each box is an operation; each arrow carries the value of an array forward and, "
    "below it, the derivative of the loss by that array backward."
)
DASHED = " What is dashed is drawn elsewhere too."
LEFT_OUT = " Dots stand for layers that are left out."


def labelled_graph(
    program: Program, symbols: Symbols, values: Mapping[str, np.ndarray] | None = None, digits: int = 3
) -> tuple[Geometry, GraphLabels]:
    """Where everything in the picture of a graph stands, and its labels, which may have lost their numbers.

    Arguments as in `graph_picture`.
    """
    nodes = graph_nodes(program, symbols)
    labels = GraphLabels(program, symbols, values or {}, digits)
    geometry = graph_geometry(nodes, labels)
    if values and (geometry.height > MAX_HEIGHT or geometry.width > MAX_WIDTH):
        labels = GraphLabels(program, symbols, {}, digits)
        geometry = graph_geometry(nodes, labels)
    return geometry, labels


def graph_picture(
    program: Program, symbols: Symbols, *, values: Mapping[str, np.ndarray] | None = None, digits: int = 3
) -> Picture:
    """The forward operations as nodes, with the arrays and their cotangents on the edges.

    Beyond 4 layers the middle ones are left out. Numbers are shown for arrays of at most 4 rows and 4
    columns, and for none where the picture would not fit a page.

    Args:
        program: the equations of a network, forward and backward; only the forward ones become nodes.
        symbols: writes the labels.
        values: numbers of arrays and cotangents by name, in the shapes of the program.
        digits: how many stand behind the point.
    """
    geometry, labels = labelled_graph(program, symbols, values, digits)
    nodes = graph_nodes(program, symbols)
    caption = CAPTION
    if any(frame.dashed for frame in geometry.frames):
        caption += DASHED
    if any(node.is_dots for node in nodes):
        caption += LEFT_OUT
    return Picture(tikz(geometry), svg(geometry, CAPTION), graph_text(nodes, labels), (caption,))
