"""The picture of a network: its units and weights, labelled by the symbols of the equations."""

from __future__ import annotations

from collections.abc import Sequence

from symnet.core import Program
from symnet.formats import Inline, Picture
from symnet.network import Network
from symnet.notation import Symbols
from symnet.pages.pictures.geometry import Geometry
from symnet.pages.pictures.network_layout import network_layout
from symnet.pages.pictures.structure import LayerView, layer_views, shown_layers, shown_units
from symnet.pages.pictures.svg import svg
from symnet.pages.pictures.text import network_text
from symnet.pages.pictures.tikz import tikz
from symnet.support import NotationError, unknown

DETAILS = ("scalar", "matrix")


def network_geometry(views: Sequence[LayerView], symbols: Symbols, detail: str = "scalar") -> Geometry:
    """The layout of the picture of a network.

    Args:
        views: the input and every layer.
        symbols: writes the labels.
        detail: as in `network_picture`.

    Raises:
        NotationError: the detail is unknown.
    """
    if detail not in DETAILS:
        raise NotationError(unknown("detail of a picture", detail, DETAILS))
    return network_layout(views, symbols, label_weights=detail == "scalar").geometry()


def network_picture(network: Network, program: Program, symbols: Symbols, *, detail: str = "scalar") -> Picture:
    """Draw a network as columns of units, in TikZ, in SVG and for a terminal.

    More than 10 units of a layer, or 7 columns, are abbreviated by dots. Weights are labelled one by one if
    there is room, else the first, the last and the whole matrix of each layer.

    Args:
        network: any network.
        program: its forward equations.
        symbols: writes the labels.
        detail: `scalar` labels weights and biases, `matrix` only the matrices.

    Raises:
        NotationError: the detail is unknown.
    """
    views = layer_views(network, program)
    geometry = network_geometry(views, symbols, detail)
    title = f"The network {network.title}"
    return Picture(tikz(geometry), svg(geometry, title), network_text(views, symbols), _caption(title, views, detail))


def _caption(title: str, views: Sequence[LayerView], detail: str) -> Inline:
    """The description of the picture; the title may come from the user."""
    text = f"{title}. Each circle is a unit, each line a weight"
    if detail == "scalar" and any(view.bias for view in views):
        text += ", each short arrow from below a bias"
    text += "."
    if any(view.skips for view in views):
        added = all(source in view.added for view in views for source in view.skips)
        what = "where they are added unit by unit" if added else "each to the unit of its own number"
        text += f" An arc above carries the values of a layer on, {what}."
    dots = [what for what, is_cut in _left_out(views) if is_cut]
    return (f"{text} Dots stand for {' and '.join(dots)} that are left out.",) if dots else (text,)


def _left_out(views: Sequence[LayerView]) -> tuple[tuple[str, bool], ...]:
    return (
        ("units", any(None in shown_units(view.units) for view in views)),
        ("layers", None in shown_layers(len(views) - 1)),
    )
