"""The picture of `array_form.py`: time against the floor, per network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from array_goals import Row
from array_worker import CONTESTANTS
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator


@dataclass(frozen=True)
class Mark:
    """How a contestant is drawn, in the colours of Okabe and Ito, which differ for every kind of sight."""

    colour: str
    marker: str
    size: float = 6.0
    filled: bool = True


MARKS = {
    "autograd": Mark("#999999", "v"),
    "torch": Mark("#D55E00", "s", 5.5),
    "torch_compile": Mark("#D55E00", "s", 5.5, filled=False),
    "sklearn": Mark("#CC79A7", "^"),
    "plain": Mark("#E69F00", "D", 5),
    "jax": Mark("#009E73", "P", 6.5),
    "symnet_none": Mark("#0072B2", "x", 5.5),
    "symnet_pure": Mark("#0072B2", "o", 6.5, filled=False),
    "symnet": Mark("#0072B2", "o", 7.5),
}
"""In the order of drawing, the last on top."""


def draw(rows: Sequence[Row], path: Path) -> None:
    """Write the picture; every row must hold its ratios to the floor."""
    dtypes = list(dict.fromkeys(row["dtype"] for row in rows))
    labels = list(dict.fromkeys(label(row) for row in rows))
    figure, panels = pyplot.subplots(
        1, len(dtypes), sharey=True, sharex=True, squeeze=False, layout="constrained",
        figsize=(2.6 + 4.2 * len(dtypes), 1.6 + 0.34 * len(labels)),
    )  # fmt: skip
    for axes, dtype in zip(panels[0], dtypes, strict=True):
        draw_panel(axes, [row for row in rows if row["dtype"] == dtype], labels)
        axes.set_title(dtype, fontsize=11)
        axes.set_xlabel("time / floor")
    places = dict.fromkeys(labels)
    panels[0][0].set_yticks(range(len(places)), labels)
    panels[0][0].set_ylim(len(labels) - 0.4, -0.6)
    handles = {
        text: handle for axes in panels[0] for handle, text in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    order = [CONTESTANTS[name].label for name in reversed(MARKS)] + ["goal"]
    shown = [text for text in order if text in handles]
    figure.legend(
        [handles[text] for text in shown], shown, loc="outside lower center", ncols=min(6, len(shown)), frameon=False
    )
    figure.suptitle("Loss and all gradients, one thread: time against the floor of matrix products", fontsize=12)
    figure.savefig(path, dpi=130)
    pyplot.close(figure)


def label(row: Row) -> str:
    return f"{row['network']}, {row['batch']:,}"


def draw_panel(axes: Axes, rows: Sequence[Row], labels: Sequence[str]) -> None:
    """One dtype: a line for each network, a mark for each contestant."""
    place = {text: position for position, text in enumerate(labels)}
    for name, mark in MARKS.items():
        points = [(row["to_floor"][name], place[label(row)]) for row in rows if name in row["to_floor"]]
        if points:
            axes.plot(
                *zip(*points, strict=True), linestyle="none", marker=mark.marker, color=mark.colour,
                markersize=mark.size, markerfacecolor=mark.colour if mark.filled else "none",
                markeredgewidth=1.3, label=CONTESTANTS[name].label,
            )  # fmt: skip
    goals = [(row["goal_floor"], place[label(row)]) for row in rows if row["goal_floor"]]
    if goals:
        axes.plot(*zip(*goals, strict=True), linestyle="none", marker="|", markersize=13, color="black", label="goal")
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
