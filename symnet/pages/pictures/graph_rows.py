"""The rows of a graph's nodes, which fit the width of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from symnet.pages.pictures.geometry import DOT_STEP, MARGIN, MAX_WIDTH, Label
from symnet.pages.pictures.graph_labels import GraphLabels, Leaf
from symnet.pages.pictures.graph_structure import Node

NODE_PADDING, LEAST_NODE = 7.0, 18.0
LEAST_EDGE, EDGE_AIR = 22.0, 6.0
LEAF_AIR, COTANGENT_AIR = 5.0, 4.0

ROOM = MAX_WIDTH - 2 * MARGIN - 4
"""The width of a row; heads of arrows extend a little on both sides."""


def node_width(label: Label) -> float:
    """The width of the frame around the content of a node."""
    return max(LEAST_NODE, label.setting.width + NODE_PADDING)


def edge_length(labels: GraphLabels, node: Node) -> float:
    """The length that the labels on the edge leaving a node need."""
    widths = [label.setting.width for label in (*labels.forward(node), *labels.backward(node.name))]
    return max([LEAST_EDGE, *(width + EDGE_AIR for width in widths)])


@dataclass(frozen=True)
class Stem:
    """A leaf below a node.

    Attributes:
        leaf: the leaf.
        side: -1 if the cotangent is on the left of the stem, 1 if on the right.
        x: its middle, relative to the middle of the node.
    """

    leaf: Leaf
    side: int
    x: float = 0.0

    @property
    def body(self) -> float:
        """Half the width of the symbol and its numbers."""
        widths = [label.setting.width for label in self.leaf.numbers]
        return max(node_width(self.leaf.symbol), *widths, 0.0) / 2

    def reach(self, side: int) -> float:
        """Its extent to one side of its middle."""
        beside = self.leaf.cotangent.setting.width + 2 * COTANGENT_AIR if self.leaf.cotangent else 0.0
        return max(self.body, beside) if side == self.side else self.body


def stems_of(leaves: Sequence[Leaf]) -> tuple[Stem, ...]:
    """Leaves side by side, centred under the node, with cotangents on the outside."""
    stems: list[Stem] = []
    for number, leaf in enumerate(leaves):
        stem = Stem(leaf, -1 if 2 * number + 1 < len(leaves) else 1)
        x = stems[-1].x + stems[-1].reach(1) + LEAF_AIR + stem.reach(-1) if stems else 0.0
        stems.append(replace(stem, x=x))
    middle = (stems[0].x + stems[-1].x) / 2 if stems else 0.0
    return tuple(replace(stem, x=stem.x - middle) for stem in stems)


@dataclass(frozen=True)
class Place:
    """A node on the line of its row, or a joint: the array in which one row ends and the next begins.

    Attributes:
        node: the node; for a joint, the one that computes the array.
        content: the label in it; None for dots.
        stems: the leaves that enter from below.
        is_joint: whether it is a joint.
        x: its middle.
    """

    node: Node
    content: Label | None
    stems: tuple[Stem, ...] = ()
    is_joint: bool = False
    x: float = 0.0

    @property
    def half(self) -> float:
        """Half the width of the node."""
        return node_width(self.content) / 2 if self.content else DOT_STEP + 4

    def reach(self, side: int) -> float:
        """The extent of the stems to one side of the middle; 0 if there are none."""
        return max((side * stem.x + stem.reach(side) for stem in self.stems), default=0.0)

    @property
    def left(self) -> float:
        return self.x - max(self.half, self.reach(-1))

    @property
    def right(self) -> float:
        return self.x + max(self.half, self.reach(1))


def graph_rows(nodes: Sequence[Node], labels: GraphLabels) -> list[list[Place]]:
    """The nodes in rows that fit the page; a broken row ends in the array with which the next one begins."""
    rows: list[list[Place]] = []
    at = 0
    while at < len(nodes):
        ends = [end for end in range(at + 1, len(nodes) + 1) if _width(_row(nodes, labels, at, end), labels) <= ROOM]
        end = max(ends, default=at + 1)
        if end < len(nodes):
            end = next((stop for stop in range(end, at, -1) if nodes[stop].starts_layer), end)
        rows.append(_row(nodes, labels, at, end))
        at = end
    return rows


def _width(row: Sequence[Place], labels: GraphLabels) -> float:
    last = row[-1]
    beyond = edge_length(labels, last.node) if last.node.name == labels.loss else 0.0
    right = max(last.x + last.half + beyond, *(place.right for place in row))
    return right - min(place.left for place in row)


def _row(nodes: Sequence[Node], labels: GraphLabels, at: int, end: int) -> list[Place]:
    """The places of the nodes of a row and of its joints with the rows before and after."""
    row = [_joint(nodes[at - 1], labels)] if at else []
    here = {node.name for node in nodes[max(at - 1, 0) : end] if not node.is_dots}
    for node in nodes[at:end]:
        content = None if node.is_dots else labels.content(node)
        elsewhere = [name for name in node.carried if name not in here]
        _append(row, Place(node, content, stems_of(labels.leaves(node, elsewhere))), labels)
    if end < len(nodes):
        _append(row, _joint(nodes[end - 1], labels), labels)
    return row


def _joint(node: Node, labels: GraphLabels) -> Place:
    return Place(node, labels.symbol(node.name), is_joint=True)


def _append(row: list[Place], place: Place, labels: GraphLabels) -> None:
    """Append a place to a row, as close to the last one as labels and stems allow."""
    x = 0.0
    if row:
        last = row[-1]
        x = last.x + last.half + (LEAST_EDGE if last.is_joint else edge_length(labels, last.node)) + place.half
        if place.stems:
            taken = max((other.x + other.reach(1) for other in row if other.stems), default=-MAX_WIDTH)
            x = max(x, taken + LEAF_AIR + place.reach(-1))
    row.append(replace(place, x=x))
