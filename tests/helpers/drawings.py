"""What can be wrong with a drawing, as far as its boxes can tell, and drawings with each of these faults."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, pairwise

from symnet.pages.pictures.geometry import MAX_WIDTH, Box, Disc, Geometry, Label, Stroke


def faults(geometry: Geometry) -> list[str]:
    """What is wrong with a drawing."""
    return [*_overlaps(geometry), *_outside(geometry), *_struck(geometry)]


def _overlaps(geometry: Geometry) -> Iterator[str]:
    units = [disc for disc in geometry.discs if not disc.is_dot]
    for first, second in combinations(units, 2):
        if math.dist((first.x, first.y), (second.x, second.y)) < first.radius + second.radius:
            yield "two units overlap"
    for one, other in combinations(geometry.labels, 2):
        if one.box.grown(-0.01).overlaps(other.box):
            yield f"two labels overlap: {one.content} and {other.content}"
    homes = [*(disc.box for disc in geometry.discs), *(frame.box for frame in geometry.frames)]
    for first, second in combinations(homes, 2):
        if first.grown(-0.01).overlaps(second):
            yield "two nodes overlap"
    for label in geometry.labels:
        for home in homes:
            if label.box.grown(-0.01).overlaps(home) and not holds(home, label.box):
                yield f"a label leaves its node, or lies over another: {label.content}"


def _outside(geometry: Geometry) -> Iterator[str]:
    page = Box(0, 0, geometry.width, geometry.height)
    for marks in (geometry.discs, geometry.frames, geometry.strokes, geometry.labels):
        for mark in marks:
            if not holds(page.grown(0.01), mark.box):
                yield f"outside the page: {mark}"
    if geometry.width > MAX_WIDTH + 0.01:
        yield f"too wide: {geometry.width}"


def holds(outer: Box, inner: Box) -> bool:
    """Whether a box lies inside another, their edges together at most."""
    return (
        outer.left <= inner.left
        and outer.top <= inner.top
        and outer.right >= inner.right
        and outer.bottom >= inner.bottom
    )


def _struck(geometry: Geometry) -> Iterator[str]:
    for stroke in geometry.strokes:
        for start, end in pairwise(stroke.points):
            for label in geometry.labels:
                if label.box.grown(-0.01).span(start, end):
                    yield f"a line through a label: {label.content}"
            for frame in geometry.frames:
                if frame.box.grown(-0.5).span(start, end):
                    yield "a line through a node"
            for disc in geometry.discs:
                if not disc.is_dot and distance((disc.x, disc.y), start, end) < disc.radius - 0.1:
                    yield "a line through a unit"


def distance(point: tuple[float, float], start: tuple[float, float], end: tuple[float, float]) -> float:
    """The distance of a point from a straight line between two others."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    along = ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / (dx * dx + dy * dy)
    nearest = min(1.0, max(0.0, along))
    return math.dist(point, (start[0] + nearest * dx, start[1] + nearest * dy))


def planted(change: str, geometry: Geometry) -> Geometry:
    """A drawing with one fault."""
    first = geometry.labels[0]
    units = [disc for disc in geometry.discs if not disc.is_dot]
    changes: dict[str, Geometry] = {
        "two labels overlap": replace(
            geometry, labels=(*geometry.labels, replace(geometry.labels[-1], x=geometry.labels[-1].x + 2))
        ),
        "two units overlap": replace(geometry, discs=(*geometry.discs, units[0].moved(3, 3))),
        "outside the page": replace(geometry, labels=(*geometry.labels, Label("out", 7, x=geometry.width, y=5))),
        "too wide": replace(geometry, width=MAX_WIDTH + 10),
        "a line through a label": replace(
            geometry, strokes=(Stroke(((first.x - 30, first.y), (first.x + 30, first.y)), "ink"),)
        ),
        "a line through a unit": replace(
            geometry, strokes=(Stroke(((units[0].x - 5, units[0].y + 6), (units[0].x + 5, units[0].y + 6)), "ink"),)
        ),
        "a label leaves its node": replace(
            geometry, discs=(*geometry.discs, Disc(geometry.labels[-1].x, geometry.labels[-1].y + 6, 4, "ink", True))
        ),
    }
    return changes[change]
