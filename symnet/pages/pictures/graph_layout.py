"""The layout of the picture of a computational graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from symnet.pages.pictures.geometry import Box, Drawing, Frame, Geometry, Label, Point, Stroke, Tone, dots
from symnet.pages.pictures.graph_labels import WORD_SIZE, GraphLabels
from symnet.pages.pictures.graph_rows import COTANGENT_AIR, Place, Stem, edge_length, graph_rows, node_width
from symnet.pages.pictures.graph_structure import Node
from symnet.pages.pictures.placement import Levels, free_level

NODE_HEIGHT = 18.0
APART = 1.5
"""Half the distance between the forward and the backward arrow of an edge."""

LINE_AIR, NUMBER_AIR = 3.0, 2.0
STEM = 32.0
"""The distance between the lower edge of a row and the arrays below it."""

ROW_AIR, ARC, ARC_STEP = 14.0, 13.0, 4.0
CORNER, KNEE_STEP, KNEE_AIR = 3.0, 5.0, 5.0
LEGEND: tuple[tuple[Tone, str], ...] = (
    ("forward", "forward: the value of an array"),
    ("backward", "backward: the derivative of the loss by it"),
)
LEGEND_LINE = 16.0


def graph_geometry(nodes: Sequence[Node], labels: GraphLabels) -> Geometry:
    """The rows of nodes, and a legend of the colours."""
    drawing = Drawing()
    for number, places in enumerate(graph_rows(nodes, labels)):
        row = _Row(places, labels).drawing
        drawing.add(row, -row.box.left, drawing.box.bottom + ROW_AIR - row.box.top if number else 0.0)
    x, y = drawing.box.left, drawing.box.bottom + ROW_AIR
    for tone, text in LEGEND:
        label = Label(text, WORD_SIZE, tone)
        line = ((x, y), (x + LEGEND_LINE, y))
        drawing.strokes.append(Stroke(line if tone == "forward" else line[::-1], tone, arrow=True))
        drawing.labels.append(label.moved(x + LEGEND_LINE + LINE_AIR + label.setting.width / 2, y))
        x = drawing.labels[-1].box.right + ROW_AIR
    return drawing.finished()


class _Row:
    """Draws one row around the line y = 0."""

    def __init__(self, places: Sequence[Place], labels: GraphLabels) -> None:
        self.places = places
        self.labels = labels
        self.drawing = Drawing()
        for place in places:
            self._node(place)
        for place, following in pairwise(places):
            if following.is_joint or following.node.follows:
                self._edge(place, following.x - following.half)
        if places[-1].node.name == labels.loss:
            last = places[-1]
            self._edge(last, last.x + last.half + edge_length(labels, last.node))
        self._stems()
        self._carried()

    def _node(self, place: Place) -> None:
        if place.content is None:
            self.drawing.discs += dots(place.x, 0, upright=False)
            return
        is_input = place.node.operation is None
        tone: Tone = "input" if is_input else "output" if place.node.name == self.labels.loss else "hidden"
        self._framed(place.content, place.x, 0.0, "ink" if place.is_joint else tone, dashed=place.is_joint)

    def _framed(self, label: Label, x: float, y: float, tone: Tone, *, dashed: bool) -> None:
        self.drawing.frames.append(Frame(Box.around(x, y, node_width(label), NODE_HEIGHT), tone, dashed))
        self.drawing.labels.append(label.moved(x, y))

    def _both_ways(self, start: Point, end: Point, across: Point, name: str) -> None:
        """A forward arrow and, with a cotangent, a backward one beside it; `across` points to the forward one."""
        gap = APART if self.labels.flows_back(name) else 0.0
        dx, dy = gap * across[0], gap * across[1]
        there = ((start[0] + dx, start[1] + dy), (end[0] + dx, end[1] + dy))
        self.drawing.strokes.append(Stroke(there, "forward", arrow=True))
        if gap:
            back = ((end[0] - dx, end[1] - dy), (start[0] - dx, start[1] - dy))
            self.drawing.strokes.append(Stroke(back, "backward", arrow=True))

    def _edge(self, place: Place, end: float) -> None:
        start = place.x + place.half
        self._both_ways((start, 0), (end, 0), (0, -1), place.node.name)
        if place.is_joint:
            return
        middle = (start + end) / 2
        self._stacked(self.labels.forward(place.node), middle, -APART - LINE_AIR, -1)
        self._stacked(self.labels.backward(place.node.name), middle, APART + LINE_AIR, 1)

    def _stacked(self, labels: Sequence[Label], x: float, y: float, way: int) -> None:
        """Stack labels upwards (way -1) or downwards (way 1) from y."""
        for label in labels:
            height = label.setting.height
            self.drawing.labels.append(label.moved(x, y + way * height / 2))
            y += way * (height + NUMBER_AIR)

    def _stems(self) -> None:
        """The arrays that enter from below, all at one height."""
        knee = self.drawing.box.bottom + KNEE_AIR
        drop = max((len(place.stems) // 2 for place in self.places), default=0) * KNEE_STEP
        for place in self.places:
            outermost = (len(place.stems) - 1) / 2
            for number, stem in enumerate(place.stems):
                rank = number - outermost
                head = place.x + rank * place.half / (outermost + 1)
                own = knee + KNEE_STEP * (outermost - abs(rank))
                self._stem(place.x + stem.x, head, stem, (own, knee + drop + STEM))

    def _stem(self, x: float, head: float, stem: Stem, heights: tuple[float, float]) -> None:
        """A declared array, and its path upwards: beside the labels of the line, then between them."""
        leaf, side = stem.leaf, stem.side
        knee, top = heights
        self._framed(leaf.symbol, x, top + NODE_HEIGHT / 2, "ink", dashed=leaf.dashed)
        self._stacked(leaf.numbers, x, top + NODE_HEIGHT + NUMBER_AIR, 1)
        gap = APART if leaf.flows_back else 0.0
        self._elbow(x - side * gap, head - side * gap, (top, knee + gap, NODE_HEIGHT / 2), "forward")
        if leaf.flows_back:
            self._elbow(head + side * gap, x + side * gap, (NODE_HEIGHT / 2, knee - gap, top), "backward")
        if leaf.cotangent:
            y = top - LINE_AIR - leaf.cotangent.setting.height / 2
            self.drawing.labels.append(
                leaf.cotangent.moved(x + side * (COTANGENT_AIR + leaf.cotangent.setting.width / 2), y)
            )

    def _elbow(self, start: float, end: float, heights: tuple[float, float, float], tone: Tone) -> None:
        """An arrow with two bends, vertical, horizontal, vertical; straight if there is no horizontal part."""
        first, knee, last = heights
        bends = ((start, knee), (end, knee)) if abs(start - end) > 2 * APART else ()
        self.drawing.strokes.append(Stroke(((start, first), *bends, (end, last)), tone, arrow=True, rounded=CORNER))

    def _carried(self) -> None:
        """Arcs above the line from earlier nodes of the row."""
        sources = {place.node.name: place for place in reversed(self.places) if place.content}
        followed = {before.node.name for before, place in pairwise(self.places) if place.is_joint or place.node.follows}
        top = self.drawing.box.top
        levels: Levels = []
        leaving: Counter[str] = Counter()
        for place in self.places:
            for name in () if place.is_joint else place.node.carried:
                source = sources.get(name)
                if source is None:
                    continue
                start = source.x + ARC_STEP - leaving[name] * ARC_STEP
                leaving[name] += 1
                y = top - ARC * (free_level(levels, source.x, place.x) + 0.8)
                if name in followed:
                    self._arc(name, start, place.x, y)
                else:
                    self._labelled_arc(source.node, start, place.x, y)
                    top, levels = self.drawing.box.top, []

    def _labelled_arc(self, node: Node, left: float, right: float, y: float) -> None:
        """An arc that is the only edge from a node, and so has the labels of its array."""
        back = self.labels.backward(node.name)
        y -= sum(label.setting.height + NUMBER_AIR for label in back)
        self._arc(node.name, left, right, y)
        middle = (left + right) / 2
        self._stacked(self.labels.forward(node), middle, y - APART - LINE_AIR, -1)
        self._stacked(back, middle, y + APART + LINE_AIR, 1)

    def _arc(self, name: str, left: float, right: float, y: float) -> None:
        """A forward arrow over the nodes between two nodes, and the backward one below it."""
        gap = APART if self.labels.flows_back(name) else 0.0
        head = -NODE_HEIGHT / 2
        outer = ((left - gap, head), (left - gap, y - gap), (right + gap, y - gap), (right + gap, head))
        self.drawing.strokes.append(Stroke(outer, "forward", arrow=True, rounded=4))
        if gap:
            inner = ((right - gap, head), (right - gap, y + gap), (left + gap, y + gap), (left + gap, head))
            self.drawing.strokes.append(Stroke(inner, "backward", arrow=True, rounded=4))
