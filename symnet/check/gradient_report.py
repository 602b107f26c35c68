"""The report of a gradient check, for a terminal and as JSON."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

from symnet.support import shown, table

SMALL = 1e-9
"""Errors below this are rounding, whose digits differ between machines, so they are not printed."""


@dataclass(frozen=True)
class Entry:
    """An entry of a gradient, and the central difference of the loss by it."""

    position: tuple[int, ...]
    gradient: float
    difference: float


@dataclass(frozen=True)
class ParameterCheck:
    """The result for one parameter.

    Attributes:
        error: the largest relative error of its entries.
        position, gradient, difference: those of the entry with that error, or of the first entry of its group.
        entries: the number of entries checked at each point.
        largest: the entry with the largest gradient.
    """

    name: str
    shape: tuple[int, ...]
    error: float
    position: tuple[int, ...]
    gradient: float
    difference: float
    entries: int
    largest: Entry

    @property
    def size(self) -> int:
        """The number of entries of the parameter."""
        return math.prod(self.shape)

    def row(self, tolerance: float) -> tuple[str, ...]:
        """The row of the table: the entry with the largest gradient, or a wrong entry with all digits."""
        agrees = self.error <= tolerance
        shown, digits = (self.largest, 6) if agrees else (Entry(self.position, self.gradient, self.difference), 10)
        numbers = (f"{number:.{digits}g}" for number in (shown.gradient, shown.difference))
        place = str(list(shown.position))
        return self.name, str(self.shape), _error(self.error), place, *numbers, "agrees" if agrees else "WRONG"


@dataclass(frozen=True, repr=False)
class Gradcheck:
    """The report of a gradient check; it is true if all gradients agree."""

    architecture: str
    parameters: tuple[ParameterCheck, ...]
    points: int
    rows: int
    tolerance: float
    seed: int = 0

    def __bool__(self) -> bool:
        return all(check.error <= self.tolerance for check in self.parameters)

    @property
    def error(self) -> float:
        """The largest relative error of any entry."""
        return max(check.error for check in self.parameters)

    def to_json(self) -> str:
        """The report as JSON; nan and inf become null."""
        content = {"agree": bool(self), "error": self.error, **asdict(self)}
        return json.dumps(_finite(content), indent=2)

    def __str__(self) -> str:
        rows = [check.row(self.tolerance) for check in self.parameters]
        verdict = "all gradients agree" if self else "the gradients do not agree"
        sampled = [check for check in self.parameters if check.entries < check.size]
        drawn = ", ".join(f"{check.entries:,} of the {check.size:,} entries of {check.name}" for check in sampled)
        return (
            f"{table(('parameter', 'shape', 'largest error', 'at', 'gradient', 'difference', ''), rows)}\n"
            f"{verdict} with central differences: largest relative error {_error(self.error)}, "
            f"tolerance {self.tolerance:g}, {self.points} points of {self.rows} rows"
            + (f"\nchecked at each point: {drawn}, drawn by seed {self.seed}" if drawn else "")
        )

    def __repr__(self) -> str:
        said = "all agree" if self else "do not agree"
        return f"<Gradcheck of {shown(self.architecture)}: {len(self.parameters)} gradients {said}>"


def _error(error: float) -> str:
    return f"< {SMALL:g}".replace("e-09", "e-9") if error < SMALL else f"{error:.1e}"


def _finite(value: Any) -> Any:
    """The same content with null for nan and inf."""
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
