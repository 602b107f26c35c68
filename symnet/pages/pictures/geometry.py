"""Drawings independent of a drawing language: discs, frames, strokes and labels with their positions.

Lengths are in points, y points down. Marks never overlap: a stroke is cut at labels and units, so that
no picture depends on the background colour.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Literal

from symnet.formula import Formula, Setting, set_label

Tone = Literal["ink", "faint", "forward", "backward", "input", "hidden", "output"]
"""The meaning of a mark, from which the writers choose its colour."""

MARGIN = 2.0
LABEL_AIR = 1.6
DOT, DOT_STEP = 0.9, 5.0
EDGE_OF_UNIT = 0.01
"""Tolerance for strokes that end at the edge of a unit, which must not cut them."""

MAX_WIDTH = 340.0
"""The largest width of a picture; the text width of an A4 article at 10pt is 345pt."""

MAX_HEIGHT = 480.0
"""The largest height of a graph with numbers; numbers are omitted from a taller one."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """An axis-aligned rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def centre(self) -> Point:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @staticmethod
    def around(x: float, y: float, width: float, height: float) -> Box:
        """The box with a centre and a size."""
        return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)

    def grown(self, by: float) -> Box:
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def moved(self, dx: float, dy: float) -> Box:
        return Box(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)

    def overlaps(self, other: Box) -> bool:
        """Whether the interiors of two boxes intersect."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def span(self, start: Point, end: Point) -> tuple[float, float] | None:
        """The part of the segment from start to end inside the box, as fractions; None if there is none."""
        first, last = 0.0, 1.0
        for origin, target, low, high in (
            (start[0], end[0], self.left, self.right),
            (start[1], end[1], self.top, self.bottom),
        ):
            length = target - origin
            if abs(length) < 1e-9:
                if not low < origin < high:
                    return None
                continue
            near, far = sorted(((low - origin) / length, (high - origin) / length))
            first, last = max(first, near), min(last, far)
        return (first, last) if first < last else None


@dataclass(frozen=True)
class Disc:
    """A unit, or a small dot for omitted units or layers."""

    x: float
    y: float
    radius: float
    tone: Tone
    is_dot: bool = False

    @property
    def box(self) -> Box:
        return Box.around(self.x, self.y, 2 * self.radius, 2 * self.radius)

    def span(self, start: Point, end: Point) -> tuple[float, float] | None:
        """The part of the segment from start to end inside the disc, as in `Box.span`."""
        along, off = (end[0] - start[0], end[1] - start[1]), (start[0] - self.x, start[1] - self.y)
        square = along[0] ** 2 + along[1] ** 2
        nearest = -(off[0] * along[0] + off[1] * along[1]) / square
        distance = math.hypot(off[0] + nearest * along[0], off[1] + nearest * along[1])
        if distance >= self.radius:
            return None
        half = math.sqrt((self.radius**2 - distance**2) / square)
        first, last = max(nearest - half, 0.0), min(nearest + half, 1.0)
        return (first, last) if first < last else None

    def moved(self, dx: float, dy: float) -> Disc:
        return replace(self, x=self.x + dx, y=self.y + dy)


def dots(x: float, y: float, *, upright: bool) -> list[Disc]:
    """Three dots around a point, above or beside one another."""
    steps = (-DOT_STEP, 0.0, DOT_STEP)
    return [Disc(x, y + step, DOT, "ink", True) if upright else Disc(x + step, y, DOT, "ink", True) for step in steps]


@dataclass(frozen=True)
class Frame:
    """A box with rounded corners around a node of a graph; dashed if it repeats one drawn elsewhere."""

    box: Box
    tone: Tone
    dashed: bool = False

    def moved(self, dx: float, dy: float) -> Frame:
        return replace(self, box=self.box.moved(dx, dy))


@dataclass(frozen=True)
class Stroke:
    """A polyline, with a head at its end if it is an arrow, and corners rounded by a radius."""

    points: tuple[Point, ...]
    tone: Tone
    arrow: bool = False
    rounded: float = 0.0

    HEAD_LENGTH = 4.2
    HEAD_WIDTH = 3.2

    @property
    def box(self) -> Box:
        across, down = [x for x, _ in self.points], [y for _, y in self.points]
        box = Box(min(across), min(down), max(across), max(down))
        return box.grown(self.HEAD_WIDTH / 2) if self.arrow else box

    @property
    def head(self) -> tuple[Point, ...]:
        """The corners of the head, its tip first; empty if the stroke is not an arrow."""
        if not self.arrow:
            return ()
        (x0, y0), (x, y) = self.points[-2:]
        length = math.hypot(x - x0, y - y0)
        ux, uy = (x - x0) / length, (y - y0) / length
        back_x, back_y = x - self.HEAD_LENGTH * ux, y - self.HEAD_LENGTH * uy
        half = self.HEAD_WIDTH / 2
        return (x, y), (back_x - half * uy, back_y + half * ux), (back_x + half * uy, back_y - half * ux)

    @property
    def shaft(self) -> tuple[Point, ...]:
        """The points of the line, which ends inside the head."""
        if not self.arrow:
            return self.points
        tip, left, right = self.head
        middle = ((left[0] + right[0] + tip[0]) / 3, (left[1] + right[1] + tip[1]) / 3)
        return (*self.points[:-1], middle)

    def moved(self, dx: float, dy: float) -> Stroke:
        return replace(self, points=tuple((x + dx, y + dy) for x, y in self.points))

    def cut(self, holes: Sequence[Box | Disc]) -> list[Stroke]:
        """The pieces outside the holes, with the head on the last piece."""
        pieces: list[list[Point]] = [[self.points[0]]]
        for start, end in pairwise(self.points):
            for first, last in merged([span for hole in holes if (span := hole.span(start, end))]):
                pieces[-1].append(between(start, end, first))
                pieces.append([between(start, end, last)])
            pieces[-1].append(end)
        kept = [piece for piece in pieces if extent_of(piece) > 0.5]
        return [replace(self, points=tuple(piece), arrow=self.arrow and piece is pieces[-1]) for piece in kept]


def extent_of(points: Sequence[Point]) -> float:
    """The length of a line through points."""
    return sum(math.dist(start, end) for start, end in pairwise(points))


def merged(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The union of sorted intervals."""
    result: list[tuple[float, float]] = []
    for first, last in sorted(spans):
        if result and first <= result[-1][1]:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return result


def between(start: Point, end: Point, fraction: float) -> Point:
    """The point at a fraction of a segment."""
    return start[0] + fraction * (end[0] - start[0]), start[1] + fraction * (end[1] - start[1])


@dataclass(frozen=True)
class Label:
    """A formula, or a few plain words, with its centre at a point, which is the origin until it is moved."""

    content: Formula | str
    size: float
    tone: Tone = "ink"
    x: float = 0.0
    y: float = 0.0

    @cached_property
    def setting(self) -> Setting:
        return set_label(self.content, self.size)

    @property
    def box(self) -> Box:
        return Box.around(self.x, self.y, self.setting.width, self.setting.height)

    def moved(self, dx: float, dy: float) -> Label:
        return replace(self, x=self.x + dx, y=self.y + dy)


Mark = Disc | Frame | Stroke | Label


@dataclass
class Drawing:
    """A collection of marks under construction."""

    discs: list[Disc] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)

    @property
    def boxes(self) -> list[Box]:
        """The boxes of all marks."""
        marks: tuple[Mark, ...] = (*self.discs, *self.frames, *self.strokes, *self.labels)
        return [mark.box for mark in marks]

    @property
    def box(self) -> Box:
        """The box around all marks."""
        return enclosing(self.boxes)

    def add(self, other: Drawing, dx: float, dy: float) -> None:
        """Add the marks of another drawing, moved."""
        self.discs += [disc.moved(dx, dy) for disc in other.discs]
        self.frames += [frame.moved(dx, dy) for frame in other.frames]
        self.strokes += [stroke.moved(dx, dy) for stroke in other.strokes]
        self.labels += [label.moved(dx, dy) for label in other.labels]

    def finished(self) -> Geometry:
        """The picture: moved to the first quadrant, with strokes cut at labels and units."""
        holes: list[Box | Disc] = [label.box.grown(LABEL_AIR) for label in self.labels]
        holes += [replace(disc, radius=disc.radius - EDGE_OF_UNIT) for disc in self.discs if not disc.is_dot]
        self.strokes = [piece for stroke in self.strokes for piece in stroke.cut(holes)]
        box = self.box.grown(MARGIN)
        moved = Drawing()
        moved.add(self, -box.left, -box.top)
        return Geometry(
            box.width, box.height, tuple(moved.discs), tuple(moved.frames), tuple(moved.strokes), tuple(moved.labels)
        )


def enclosing(boxes: Iterable[Box]) -> Box:
    """The smallest box around some boxes, at least one."""
    lefts, tops, rights, bottoms = zip(*((box.left, box.top, box.right, box.bottom) for box in boxes), strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))


@dataclass(frozen=True)
class Geometry:
    """A finished picture: its size, and its marks in drawing order."""

    width: float
    height: float
    discs: tuple[Disc, ...]
    frames: tuple[Frame, ...]
    strokes: tuple[Stroke, ...]
    labels: tuple[Label, ...]
