"""Placement of labels on connections: each on its own line, without overlaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symnet.formula import Formula
from symnet.pages.pictures.geometry import Box, Label, Point, between

FRACTIONS = tuple(percent / 100 for percent in range(14, 87, 3))
PREFERRED = 0.33
ROUNDS = 8
BLOCKED, CROSSED = 1_000.0, 4.0
AIR = 1.5
MOST_CROSSINGS = 0.5


@dataclass(frozen=True)
class Connection:
    """A line between two units, and its label."""

    start: Point
    end: Point
    label: Formula | None


Levels = list[list[tuple[float, float]]]
"""The spans of the arcs on each level."""


def free_level(levels: Levels, start: float, end: float) -> int:
    """The lowest level on which an arc from start to end overlaps no other; the arc is added to it."""
    for number, level in enumerate(levels):
        if all(end <= left or right <= start for left, right in level):
            level.append((start, end))
            return number
    levels.append([(start, end)])
    return len(levels) - 1


def centred(count: int, spacing: float) -> tuple[float, ...]:
    """Equally spaced positions centred at 0."""
    return tuple((place - (count - 1) / 2) * spacing for place in range(count))


def placed(
    lines: Sequence[Connection],
    wanted: Sequence[Connection],
    obstacles: Sequence[Box],
    size: float,
    crossings: float = MOST_CROSSINGS,
) -> list[Label] | None:
    """Place a label on each of the wanted lines; None if there is no room for all.

    Each label goes to the position of least cost on its line: it must not overlap an obstacle or another
    label, and crossing another line has a cost. Labels are placed one by one, for a few rounds, each given
    the positions of the others.

    Args:
        lines: all lines, which labels preferably do not cross.
        wanted: the lines to label.
        obstacles: boxes that labels must not overlap.
        size: the size of type.
        crossings: the largest average number of other lines under a label.
    """
    named = [line for line in wanted if line.label is not None]
    choices = [_choices(line, lines, obstacles, size) for line in named]
    taken = [min(options, key=lambda option: option[0]) for options in choices]
    for _ in range(ROUNDS):
        before = list(taken)
        for at, options in enumerate(choices):
            others = [box for place, (_, _, box) in enumerate(taken) if place != at]
            taken[at] = min(options, key=lambda option: option[0] + _conflicts(option[2], others))
        if taken == before:
            break
    for at, (cost, _, box) in enumerate(taken):
        if cost >= BLOCKED or _conflicts(box, [other for place, (_, _, other) in enumerate(taken) if place != at]):
            return None
    if sum(cost // CROSSED for cost, _, _ in taken) > crossings * len(taken):
        return None
    return [label for _, label, _ in taken]


def _conflicts(box: Box, others: Sequence[Box]) -> float:
    return BLOCKED * sum(box.overlaps(other) for other in others)


def _choices(
    line: Connection, lines: Sequence[Connection], obstacles: Sequence[Box], size: float
) -> list[tuple[float, Label, Box]]:
    """Every position of the label of a line with its cost, without that of overlapping labels."""
    choices = []
    for fraction in FRACTIONS:
        x, y = between(line.start, line.end, fraction)
        label = Label(line.label or "", size, x=x, y=y)
        box = label.box.grown(AIR)
        cost = abs(fraction - PREFERRED) + BLOCKED * any(box.overlaps(obstacle) for obstacle in obstacles)
        cost += CROSSED * sum(other is not line and box.span(other.start, other.end) is not None for other in lines)
        choices.append((cost, label, box))
    return choices
