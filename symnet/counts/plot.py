"""Plots of operations against width and depth, for each method."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from symnet.counts.comparison import NetworkCounts
from symnet.support import FileError, SymnetError, path_shown, write_bytes

CURVES = {
    "brute_force": "every derivative written out",
    "forward_mode": "forward mode",
    "sweep_cse": "reverse sweep",
    "forward": "the loss alone",
}
SUFFIXES = (".png", ".svg", ".pdf")


def check_plot(path: str) -> None:
    """Check the path of a plot before its counts are computed.

    Raises:
        FileError: its suffix is unknown, or its folder does not exist.
        SymnetError: matplotlib is not installed.
    """
    if Path(path).suffix not in SUFFIXES:
        raise FileError(f"cannot draw {path_shown(path)}: its name must end in {', '.join(SUFFIXES)}")
    if not Path(path).absolute().parent.is_dir():
        raise FileError(f"cannot write {path_shown(path)}: no such folder")
    if find_spec("matplotlib") is None:
        raise SymnetError("a plot needs matplotlib; install it, or symnet with its extra `plot`")


def plot_counts(
    path: str, by_width: Sequence[tuple[int, NetworkCounts]], by_depth: Sequence[tuple[int, NetworkCounts]]
) -> None:
    """Draw operations against the width at a fixed depth, and against the depth at a fixed width.

    Args:
        path: the file, a PNG, SVG or PDF by its suffix.
        by_width: widths with their counts.
        by_depth: numbers of hidden layers with their counts.

    Raises:
        FileError: the suffix is unknown, or the file cannot be written.
        SymnetError: matplotlib is not installed.
    """
    check_plot(path)
    from matplotlib import rc_context, style

    # The defaults, not a matplotlibrc of the folder, which might typeset labels with LaTeX.
    with style.context("default"), rc_context({"svg.hashsalt": "symnet"}):
        drawn = _drawn(by_width, by_depth, Path(path).suffix)
    write_bytes(path, drawn)


def _drawn(
    by_width: Sequence[tuple[int, NetworkCounts]], by_depth: Sequence[tuple[int, NetworkCounts]], suffix: str
) -> bytes:
    """Return the figure in the format of a suffix."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(9, 4.2), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for panel, points, label in zip(
        panels, (by_width, by_depth), ("units in each layer", "hidden layers"), strict=True
    ):
        for attribute, name in CURVES.items():
            panel.plot([at for at, _ in points], [getattr(counts, attribute) for _, counts in points], "o-", label=name)
        panel.set_yscale("log")
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))
        panel.set_xlabel(label)
        panel.grid(visible=True, alpha=0.3)
    panels[0].set_ylabel("operations for one row")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=len(CURVES), frameon=False)
    drawn = BytesIO()
    figure.savefig(drawn, format=suffix[1:], dpi=150, metadata={"Date": None} if suffix == ".svg" else None)
    return drawn.getvalue()


def growth(
    measure: Callable[[Sequence[int]], NetworkCounts], width: int, depth: int
) -> tuple[list[tuple[int, NetworkCounts]], list[tuple[int, NetworkCounts]]]:
    """Return counts for widths up to `width` at a fixed depth, and for depths up to `depth` at a fixed width.

    Args:
        measure: counts a network with these sizes.
        width: the largest width.
        depth: the largest number of hidden layers.
    """

    def sizes(units: int, hidden: int) -> list[int]:
        return [units] * (hidden + 1) + [1]

    widths = sorted({max(1, width * part // 6) for part in range(1, 7)})
    by_width = [(units, measure(sizes(units, depth))) for units in widths]
    by_depth = [(hidden, measure(sizes(width, hidden))) for hidden in range(1, depth + 1)]
    return by_width, by_depth
