"""Draw numbers for exercises: from small grids, and such that the results are readable."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symnet.core import Array, evaluate
from symnet.exercises.draw import Draw
from symnet.exercises.setting import DIGITS, Place, Setting
from symnet.formats import Inline, Math, Table
from symnet.formula import number
from symnet.pages import MOST_DIGITS, PageProgram, Values, Worked, in_printed_order, worked_out
from symnet.support import ExerciseError, visible

TENTHS = tuple(sign * tenth / 10 for tenth in range(1, 10) for sign in (1, -1))
HALVES = tuple(sign * half / 2 for half in range(1, 5) for sign in (1, -1))
GRIDS: Mapping[str, Sequence[float]] = {
    "W": TENTHS,
    "b": tuple(tenth for tenth in TENTHS if abs(tenth) < 0.5),
    "x": HALVES,
    "y": tuple(half for half in HALVES if abs(half) < 2),
    "c": HALVES,
    "s": (0.5, 1.0, 1.5, 2.0),
    "beta": (0.5, 1.5, 2.0, 2.5),
}
"""The numbers that entries of an array are drawn from, by its stem."""

RATES = (0.1, 0.2, 0.5)

TRIES = 60
"""The most draws; the first without a fault is taken, else the one with the fewest."""

SATURATED = 4.0
"""The largest pre-activation at which an activation's slope is not too small to be readable."""

SMALLEST, LARGEST = 0.002, 50.0
"""The range of readable derivatives, by absolute value."""

SMALLEST_ERROR = 0.1
"""The least difference of output and target; smaller ones lose digits to cancellation."""

DECIMALS = 9
"""Values are rounded to this many decimals before they are compared, since rounding errors depend on the machine."""

APART = 1.05
"""The least ratio of the largest derivative to the next, so that rounding cannot change which is the largest."""

COLUMNS = 7
"""The most numbers side by side in a table."""

Numbers = Mapping[str, NDArray[Any]]


def readable_values(setting: Setting, draw: Draw) -> Values:
    """Draw values of one example and of every parameter at which the results of a small network are readable.

    Raises:
        ExerciseError: the network has no finite value at any draw.
    """
    best: Values | None = None
    fewest = 0
    for _ in range(TRIES):
        values = _drawn(setting, draw)
        found = faults(setting.single, values)
        if found is not None and (best is None or found < fewest):
            best, fewest = values, found
        if found == 0:
            break
    if best is None:
        raise ExerciseError(
            f"{visible(setting.network.title)} has no finite value at numbers such as 0.5; ask for other kinds"
        )
    return best


def _drawn(setting: Setting, draw: Draw) -> Values:
    arrays = {}
    for array in setting.single.forward.arrays:
        shape = tuple(map(int, setting.single.forward.shape(array)))
        entries = np.array([draw.pick(GRIDS[_grid(array)]) for _ in range(int(np.prod(shape)))]).reshape(shape)
        if array.role == "target":
            entries = _targets(setting.network.loss.kind.targets, entries, draw)
        arrays[array.name] = entries[np.newaxis] if array.role in ("input", "target") else entries
    return Values(arrays, draw.pick(RATES))


def _grid(array: Array) -> str:
    return array.stem if array.stem in GRIDS else "W"


def _targets(kind: str, drawn: NDArray[np.float64], draw: Draw) -> NDArray[np.float64]:
    """Turn drawn numbers into targets that the loss allows: a class, 0 or 1 or a sign per output, or as they are."""
    if kind == "probabilities":
        chosen = draw.below(len(drawn))
        return np.array([float(place == chosen) for place in range(len(drawn))])
    if kind == "unit interval":
        return (drawn > 0).astype(np.float64)
    if kind == "signs":
        return np.where(drawn > 0, 1.0, -1.0)
    return drawn


def faults(page: PageProgram, values: Values) -> int | None:
    """Count what makes some values unsuitable; None if the network has no finite value at them.

    Faults are pre-activations that are 0 or saturate, inactive units, derivatives that vanish or are hard to read,
    outputs close to their targets, and a largest derivative that is hardly larger than the next.
    """
    try:
        found = evaluate(page.equations, values.row(0))
    except (ArithmeticError, ValueError):
        return None
    everything = np.concatenate([np.ravel(np.asarray(array, dtype=complex)) for array in found.values()])
    if not np.all(np.isfinite(everything)) or np.any(everything.imag):
        return None
    slopes = np.abs(np.concatenate([_entries(found, array.cotangent().name) for array in page.forward.parameters]))
    total = int(np.sum((slopes < SMALLEST) | (slopes > LARGEST)))
    for equation in page.forward.equations:
        entries = np.round(np.abs(_entries(found, equation.name)), DECIMALS)
        if equation.array.stem == "z":
            total += int(np.sum(entries > SATURATED))
        if equation.array.layer is not None:
            total += int(np.sum(entries == 0)) + len(entries) - len(set(entries.tolist()))
    last = page.forward.by_layer.get(("z", page.depth))
    errors = slopes if last is None else np.abs(_entries(found, last.cotangent().name))
    total += int(np.sum(errors < SMALLEST_ERROR))
    return total + int(not stands_out(slopes))


def stands_out(slopes: Sequence[float] | NDArray[np.float64]) -> bool:
    """Whether the largest absolute value is clearly larger than all that do not equal it.

    Equal ones are allowed, since with two softmax outputs the errors are opposite and derivatives come in pairs.
    """
    sizes = np.abs(np.asarray(slopes, dtype=np.float64))
    others = sizes[~is_largest(sizes)]
    return not len(others) or bool(sizes.max() >= APART * others.max())


def is_largest(sizes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which sizes equal the largest up to rounding."""
    return np.asarray(np.isclose(sizes, sizes.max(), rtol=1e-9))


def _entries(found: Numbers, name: str) -> NDArray[np.float64]:
    return np.ravel(np.asarray(found[name], dtype=np.float64))


def value_tables(setting: Setting, values: Values) -> Iterator[Table]:
    """Tabulate the values of inputs and targets, and of the parameters layer by layer."""
    arrays = setting.single.forward.arrays
    data = [array for array in arrays if array.role in ("input", "target")]
    parameters = [array for array in arrays if array not in data]
    for _, group in itertools.groupby([*data, *parameters], lambda array: array.layer):
        rows = [row for array in group for row in _rows(setting, array)]
        yield from tables_of(setting, packed(rows), lambda place: float(values.row(0)[place[0]][place[1]]))


def _rows(setting: Setting, array: Array) -> list[list[Place]]:
    """Return the entries of an array in lines: one line, or for a weight matrix one for each printed first index."""
    places = setting.places(array)
    if len(array.indices) < 2:
        return [places]
    leading = array.indices.index(in_printed_order(setting.single.notation, array)[0])
    return [list(line) for _, line in itertools.groupby(places, lambda place: place[1][leading])]


def packed(rows: Sequence[Sequence[Place]]) -> Iterator[list[Place]]:
    """Join lines to groups of at most `COLUMNS` entries; a longer line is broken."""
    held: list[Place] = []
    for row in rows:
        if held and len(held) + len(row) > COLUMNS:
            yield held
            held = []
        held += row
        while len(held) > COLUMNS:
            yield held[:COLUMNS]
            held = held[COLUMNS:]
    if held:
        yield held


def tables_of(
    setting: Setting, groups: Iterable[Sequence[Place]], value_at: Callable[[Place], float]
) -> Iterator[Table]:
    """Yield a table for each group: the entries side by side, with their numbers below."""
    for few in groups:
        head: tuple[Inline, ...] = tuple((Math(setting.symbol(place)),) for place in few)
        row: tuple[Inline, ...] = tuple((Math(number(value_at(place), MOST_DIGITS)),) for place in few)
        yield Table(head, (row,), tuple(range(len(few))))


def worked_at(setting: Setting, values: Values) -> Worked:
    """Return the values of every array and derivative of one example, to be put into equations."""
    return Worked(setting.single, worked_out(setting.single, values), DIGITS)
