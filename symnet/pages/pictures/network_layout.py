"""The layout of the picture of a network: columns of units, their connections and labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from symnet.formula import Operator, Space, row, set_label
from symnet.notation import Symbols
from symnet.pages.pictures.geometry import (
    DOT_STEP,
    MARGIN,
    MAX_WIDTH,
    Box,
    Disc,
    Drawing,
    Geometry,
    Label,
    Point,
    Stroke,
    Tone,
    dots,
)
from symnet.pages.pictures.placement import Connection, Levels, centred, free_level, placed
from symnet.pages.pictures.structure import LayerView, layer_title, shown_layers, shown_units, whole

UNIT_SIZE, WEIGHT_SIZE, CAPTION_SIZE = 9.0, 8.0, 7.0
LEAST_RADIUS, PADDING = 10.0, 1.8
WIDEST_GAP, WIDEST_CAPTION = 120.0, 64.0
TALLEST, LOOSEST_ROW, CLEARANCE = 270.0, 66.0, 7.0
BIAS_ARROW = 8.0
ARC, ARC_OFFSET = 13.0, 3.5
LINE = 9.0
MOST_AT_ENDS = 3
MOST_LABELLED = 16
"""Single weights are not labelled between layers with more weights than this."""


@dataclass(frozen=True)
class Column:
    """A layer as a column of units; `view` is None for omitted layers, which have no units."""

    view: LayerView | None
    x: float
    units: tuple[int | None, ...]
    heights: tuple[float, ...]
    caption: tuple[str, ...]

    def centre(self, unit: int) -> Point:
        return self.x, self.heights[self.units.index(unit)]

    @property
    def drawn(self) -> list[int]:
        return [unit for unit in self.units if unit is not None]


@dataclass(frozen=True)
class NetworkLayout:
    """The drawing of a network.

    Attributes:
        symbols: the notation of the labels.
        columns: from the input to the output.
        radius: of every unit.
        spacing: from one unit to the next.
        gap: from one column to the next.
        label_weights: whether single weights are labelled at all.
    """

    symbols: Symbols
    columns: tuple[Column, ...]
    radius: float
    spacing: float
    gap: float
    label_weights: bool

    def geometry(self) -> Geometry:
        drawing = Drawing()
        for column in self.columns:
            self._units(drawing, column)
        self._biases(drawing)
        foot = max(disc.box.bottom for disc in drawing.discs)
        for left, right in zip(self.columns, self.columns[1:], strict=False):
            if left.view and right.view:
                self._connections(drawing, left, right, foot)
        self._skips(drawing)
        self._captions(drawing)
        return drawing.finished()

    def _boxes(self, drawing: Drawing) -> list[Box]:
        return [*(disc.box for disc in drawing.discs), *(label.box for label in drawing.labels)]

    def _units(self, drawing: Drawing, column: Column) -> None:
        if column.view is None:
            drawing.discs += dots(column.x, 0, upright=False)
            return
        tone: Tone = "input" if column.view.number == 0 else "output" if column is self.columns[-1] else "hidden"
        for unit, y in zip(column.units, column.heights, strict=True):
            if unit is None:
                drawing.discs += dots(column.x, y, upright=True)
            else:
                drawing.discs.append(Disc(column.x, y, self.radius, tone))
                drawing.labels.append(Label(column.view.unit(self.symbols, unit), UNIT_SIZE, x=column.x, y=y))

    def _biases(self, drawing: Drawing) -> None:
        """An arrow from below into each unit with a bias; if units are close, only into the last one."""
        for column in self.columns:
            if column.view is None or column.view.bias is None or not self.label_weights:
                continue
            free = self.spacing - 2 * self.radius - BIAS_ARROW - PADDING
            for unit in column.drawn:
                label = column.view.bias_entry(self.symbols, unit)
                if label is None:
                    continue
                height = set_label(label, WEIGHT_SIZE).height
                if height <= free or unit == column.drawn[-1]:
                    x, y = column.centre(unit)
                    foot = y + self.radius + BIAS_ARROW
                    drawing.strokes.append(Stroke(((x, foot), (x, y + self.radius)), "ink", arrow=True))
                    drawing.labels.append(Label(label, WEIGHT_SIZE, x=x, y=foot + height / 2 + 1.2))

    def _connections(self, drawing: Drawing, left: Column, right: Column, foot: float) -> None:
        view = right.view
        if view is None:
            return
        edges = []
        for source in left.drawn:
            for target in right.drawn:
                if view.is_dense or source == target:
                    start, end = self._shortened(left.centre(source), right.centre(target))
                    edges.append(Connection(start, end, view.weight_entry(self.symbols, source, target)))
        drawing.strokes += [Stroke((edge.start, edge.end), "faint") for edge in edges]
        wanted = edges if len(edges) <= MOST_LABELLED and left.units == (*left.drawn,) else []
        wanted = wanted if right.units == (*right.drawn,) else []
        obstacles = self._boxes(drawing)
        labels = placed(edges, wanted, obstacles, WEIGHT_SIZE) if self.label_weights and wanted else None
        if labels is None:
            labels = []
            for edge in (edges[0], edges[-1]) if self.label_weights and len(edges) > 1 else ():
                labels += placed(edges, [edge], obstacles, WEIGHT_SIZE, crossings=MOST_AT_ENDS) or []
            self._matrices(drawing, left, right, foot)
        drawing.labels += labels

    def _shortened(self, start: Point, end: Point) -> tuple[Point, Point]:
        """The line between two centres, without the parts inside the units."""
        length = math.dist(start, end)
        dx, dy = (self.radius * (end[axis] - start[axis]) / length for axis in (0, 1))
        return (start[0] + dx, start[1] + dy), (end[0] - dx, end[1] - dy)

    def _matrices(self, drawing: Drawing, left: Column, right: Column, foot: float) -> None:
        """The symbols of whole arrays below connections without labels of their own."""
        view = right.view
        if view is None or view.weight is None:
            return
        weight = whole(self.symbols, view.weight)
        both = row(weight, Operator("comma"), Space(), whole(self.symbols, view.bias)) if view.bias else weight
        beside = [
            label.box.width for label in drawing.labels if label.box.bottom > foot and label.x in (left.x, right.x)
        ]
        free = self.gap - max(beside, default=0.0) - 2 * PADDING
        for content in (both, weight):
            label = Label(content, WEIGHT_SIZE)
            if label.setting.width <= free:
                y = foot + PADDING + label.setting.height / 2
                drawing.labels.append(label.moved((left.x + right.x) / 2, y))
                return

    def _skips(self, drawing: Drawing) -> None:
        """Arcs above the columns; overlapping ones are on different levels."""
        place = {column.view.number: at for at, column in enumerate(self.columns) if column.view}
        dots = next((at for at, column in enumerate(self.columns) if column.view is None), None)
        top = min(box.top for box in self._boxes(drawing))
        levels: Levels = []
        for at, column in enumerate(self.columns):
            for source in column.view.skips if column.view else ():
                start = place.get(source, dots)
                if start is None:
                    continue
                height = top - ARC * (free_level(levels, start, at) + 0.9)
                self._arc(drawing, self.columns[start], column, height)

    def _arc(self, drawing: Drawing, start: Column, end: Column, y: float) -> None:
        left, right = start.x + ARC_OFFSET, end.x - ARC_OFFSET
        lift = math.sqrt(self.radius**2 - ARC_OFFSET**2)
        foot = start.heights[0] - lift if start.view else -DOT_STEP
        points = ((left, foot), (left, y), (right, y), (right, end.heights[0] - lift))
        drawing.strokes.append(Stroke(points, "ink", arrow=True, rounded=4))
        if start.view:
            values = whole(self.symbols, start.view.output)
            is_added = end.view is not None and start.view.number in end.view.added
            carried = row(Operator("+"), values) if is_added else values
            label = Label(carried, WEIGHT_SIZE, x=(left + right) / 2, y=y)
            if label.setting.width < right - left - 10:
                drawing.labels.append(label)

    def _captions(self, drawing: Drawing) -> None:
        top = max(box.bottom for box in self._boxes(drawing)) + LINE
        for column in self.columns:
            for line, text in enumerate(column.caption):
                drawing.labels.append(Label(text, CAPTION_SIZE, x=column.x, y=top + line * LINE))


def network_layout(views: Sequence[LayerView], symbols: Symbols, *, label_weights: bool) -> NetworkLayout:
    """Columns, radius and spacing for the layers of a network, so that it fits the width of a page."""
    chosen = [None if number is None else views[number] for number in shown_layers(len(views) - 1)]
    units = [tuple(shown_units(view.units)) if view else () for view in chosen]
    radius = _radius(chosen, units, symbols)
    longest = max(len(column) for column in units)
    spacing = min(max(TALLEST / longest, 2 * radius + CLEARANCE), LOOSEST_ROW)
    captions = [_caption(view, len(views) - 1) if view else _left_out(chosen, len(views)) for view in chosen]
    overhang = [max(radius, _caption_width(captions[at], WIDEST_CAPTION) / 2) for at in (0, -1)]
    gap = min(WIDEST_GAP, (MAX_WIDTH - 2 * MARGIN - sum(overhang)) / (len(chosen) - 1))
    limit = min(gap - 4, WIDEST_CAPTION)
    columns = tuple(
        Column(view, at * gap, shown, centred(len(shown), spacing), tuple(shortened(text, limit) for text in caption))
        for at, (view, shown, caption) in enumerate(zip(chosen, units, captions, strict=True))
    )
    return NetworkLayout(symbols, columns, radius, spacing, gap, label_weights)


def _radius(chosen: Sequence[LayerView | None], units: Sequence[tuple[int | None, ...]], symbols: Symbols) -> float:
    """The radius at which every label fits into its unit."""
    settings = [
        set_label(view.unit(symbols, unit), UNIT_SIZE)
        for view, column in zip(chosen, units, strict=True)
        if view
        for unit in column
        if unit is not None
    ]
    needed = max(math.hypot(setting.width, 0.7 * setting.height) / 2 for setting in settings)
    return max(LEAST_RADIUS, needed + PADDING)


def _caption(view: LayerView, last: int) -> tuple[str, ...]:
    count = f"{view.units:,} unit{'s' if view.units > 1 else ''}"
    return tuple(filter(None, (layer_title(view.number, last), count, view.function)))


def _left_out(chosen: Sequence[LayerView | None], count: int) -> tuple[str, ...]:
    numbers = {view.number for view in chosen if view}
    missing = [number for number in range(count) if number not in numbers]
    return (f"layers {missing[0]} to {missing[-1]}",)


def _text_width(text: str) -> float:
    return set_label(text, CAPTION_SIZE).width


def _caption_width(caption: Sequence[str], limit: float) -> float:
    return max(min(_text_width(text), limit) for text in caption)


def shortened(text: str, width: float) -> str:
    """The text, truncated to a width; `hidden layer 3` becomes `hidden 3` first."""
    for shorter in (text, text.replace("hidden layer", "hidden"), text.replace("hidden layer", "")):
        if _text_width(shorter) <= width:
            return shorter.strip()
    kept = text
    while kept and _text_width(kept + "…") > width:
        kept = kept[:-1]
    return kept + "…"
