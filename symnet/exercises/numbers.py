"""Numbers to work a network through with: from small grids, and such that the results can be read."""

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
"""What the entries of an array are drawn from, by its stem."""

RATES = (0.1, 0.2, 0.5)

TRIES = 60
"""So many draws are looked at; the first without a fault is taken, else the one with the fewest."""

SATURATED = 4.0
"""An activation's slope can hardly be read where its argument is larger."""

SMALLEST, LARGEST = 0.002, 50.0
"""Between these a derivative can be read at a glance."""

SMALLEST_ERROR = 0.1
"""Where output and target are closer, the digits of their difference are lost."""

DECIMALS = 9
"""Values that differ behind these only do so by rounding, which is not the same on every machine."""

APART = 1.05
"""The largest derivative is so many times the next, so that nothing hangs on rounding."""

COLUMNS = 7
"""How many numbers stand side by side in a table."""

Numbers = Mapping[str, NDArray[Any]]


def readable_values(setting: Setting, draw: Draw) -> Values:
    """Values of one example and of every parameter at which a small network is pleasant to work through.

    Raises:
        ExerciseError: the network has no finite value at any of the numbers that were drawn.
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
    """Targets that the loss takes: one class, a class or a sign for each output, or the numbers as they were drawn."""
    if kind == "probabilities":
        chosen = draw.below(len(drawn))
        return np.array([float(place == chosen) for place in range(len(drawn))])
    if kind == "unit interval":
        return (drawn > 0).astype(np.float64)
    if kind == "signs":
        return np.where(drawn > 0, 1.0, -1.0)
    return drawn


def faults(page: PageProgram, values: Values) -> int | None:
    """How much there is against some values; None where the network has no finite value at them.

    Faults are pre-activations of 0 and those that saturate, units that are switched off, derivatives that
    vanish or can hardly be read, outputs that nearly meet their targets, and a largest derivative that is hardly larger
    than the next.
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
    """Whether the largest in size is clearly larger than all that are not the same.

    Of two outputs with softmax the errors are opposite, and so derivatives come in pairs.
    """
    sizes = np.abs(np.asarray(slopes, dtype=np.float64))
    others = sizes[~is_largest(sizes)]
    return not len(others) or bool(sizes.max() >= APART * others.max())


def is_largest(sizes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of some sizes are the largest, but for rounding."""
    return np.asarray(np.isclose(sizes, sizes.max(), rtol=1e-9))


def _entries(found: Numbers, name: str) -> NDArray[np.float64]:
    return np.ravel(np.asarray(found[name], dtype=np.float64))


def value_tables(setting: Setting, values: Values) -> Iterator[Table]:
    """The input and the targets, and the parameters of each layer, with their numbers under them."""
    arrays = setting.single.forward.arrays
    data = [array for array in arrays if array.role in ("input", "target")]
    parameters = [array for array in arrays if array not in data]
    for _, group in itertools.groupby([*data, *parameters], lambda array: array.layer):
        rows = [row for array in group for row in _rows(setting, array)]
        yield from tables_of(setting, packed(rows), lambda place: float(values.row(0)[place[0]][place[1]]))


def _rows(setting: Setting, array: Array) -> list[list[Place]]:
    """The entries of an array line by line: those of a weight matrix by its first index."""
    places = setting.places(array)
    if len(array.indices) < 2:
        return [places]
    leading = array.indices.index(in_printed_order(setting.single.notation, array)[0])
    return [list(line) for _, line in itertools.groupby(places, lambda place: place[1][leading])]


def packed(rows: Sequence[Sequence[Place]]) -> Iterator[list[Place]]:
    """Lines one after the other, as many as fit side by side into a table; a longer one is broken."""
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
    """Entries side by side, each with its number under it."""
    for few in groups:
        head: tuple[Inline, ...] = tuple((Math(setting.symbol(place)),) for place in few)
        row: tuple[Inline, ...] = tuple((Math(number(value_at(place), MOST_DIGITS)),) for place in few)
        yield Table(head, (row,), tuple(range(len(few))))


def worked_at(setting: Setting, values: Values) -> Worked:
    """Every array and every derivative of one example at some values, to be put into equations."""
    return Worked(setting.single, worked_out(setting.single, values), DIGITS)
