"""The names of a schedule's values, and the arrays of a workspace that hold them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from symnet.core import Program
from symnet.lower import Buffer, Buffers, Chain, Schedule, Value

ROWS = "n"
"""The number of rows of a block in the shape of an array."""


@dataclass(frozen=True)
class View:
    """An array of a workspace, named after the first value that it holds.

    Attributes:
        name: the name.
        start: its offset in the workspace: in units of n numbers if it has rows, else in numbers.
        shape: its shape, with "n" for the rows of a block.
        kind: "array"; "over ones" if its last row (or column) is all ones; "mask" for truth values; or the number
            that it is filled with.
        holds: the names of the values that it holds one after another.
    """

    name: str
    start: int
    shape: tuple[int | str, ...]
    kind: str | float
    holds: tuple[str, ...]


class BufferViews:
    """The arrays of a workspace that one function of a module works in.

    Attributes:
        names: the names of all values.
        rows: arrays whose size is proportional to the rows of a block.
        fixed: arrays of fixed size.
        sums: arrays that the blocks add to; a gradient is at the offset of its parameter in the flat vector.
        sums_size: the total size of the sums, in numbers.
    """

    def __init__(
        self,
        schedule: Schedule,
        buffers: Buffers,
        names: Mapping[Value, str],
        program: Program,
        offsets: Mapping[str, int],
    ) -> None:
        self.schedule = schedule
        self.names = _named(schedule, names, set(program.declared))
        self._where: dict[tuple[Value, bool], str] = {}
        operands = (operand for each in schedule.instructions for operand in each.operands)
        self._used_over_ones = {operand.value for operand in operands if operand.over_ones}
        self.sums_size = 0
        self.sums = self._sums(buffers, offsets)
        self.rows = self._views(buffers.rows)
        self.fixed = self._views(buffers.fixed)
        # Square arrays over the rows are not part of the workspace: each is an array of its own, with its own name.
        squares = (target for each in schedule.instructions for target in each.targets if target.is_square)
        self._where.update({(value, False): self.names[value] for value in squares})

    def where(self, value: Value, over_ones: bool = False) -> str:
        """Return the name of the array that holds a value, or with `over_ones` of its view with the row of ones."""
        return self._where[value, over_ones]

    def has(self, value: Value) -> bool:
        """Whether an array of the workspace holds a value."""
        return (value, False) in self._where

    def _views(self, buffers: Sequence[Buffer]) -> list[View]:
        found: dict[tuple[object, ...], View] = {}
        for buffer in buffers:
            for chain in buffer.chains:
                self._add_chain(found, buffer, chain)
        return list(found.values())

    def _add_chain(self, found: dict[tuple[object, ...], View], buffer: Buffer, chain: Chain) -> None:
        """Add the view of a chain of values, and if it has a row of ones the view that includes it."""
        first = chain.values[0]
        if not buffer.column_of_ones:
            kind = "mask" if first.mask else "array"
            holds = tuple(self.names[value] for value in chain.values)
            self._add(found, chain, False, View(holds[0], buffer.start, axes_of(first), kind, holds))
        if chain.over_ones:
            last = next(value for value in reversed(chain.values) if value in self._used_over_ones)
            size = first.width + 1
            shape: tuple[int | str, ...] = (ROWS, size) if first.rows_first else (size, ROWS)
            holds = (self.names[last], "ones")
            self._add(found, chain, True, View(f"{self.names[last]}_1", buffer.start, shape, "over ones", holds))

    def _add(self, found: dict[tuple[object, ...], View], chain: Chain, over_ones: bool, view: View) -> None:
        """Add a view, or add its values to an existing view of the same memory and shape."""
        key = (view.start, view.shape, view.kind)
        earlier = found.get(key)
        if earlier is not None:
            view = View(earlier.name, view.start, view.shape, view.kind, (*earlier.holds, *view.holds))
        found[key] = view
        for value in chain.values:
            self._where[value, over_ones] = view.name

    def _sums(self, buffers: Buffers, offsets: Mapping[str, int]) -> list[View]:
        schedule = self.schedule
        slots = schedule.slots
        end = offsets["end"] if slots else 0
        made: dict[tuple[object, ...], View] = {}
        for value in dict.fromkeys((*slots, *buffers.sums)):
            start = offsets[slots[value]] if value in slots else end
            end += 0 if value in slots else value.width
            self._add_sum(
                made, value, False, View(self.names[value], start, value.units, "array", (self.names[value],))
            )
        for each in self.schedule.instructions:
            if each.below is not None:
                name = "_".join(self.names[schedule.results[slots[value]]] for value in each.targets)
                shape = (each.target.units[0] + 1, *each.target.units[1:])
                view = View(name, offsets[slots[each.target]], shape, "array", (name,))
                self._add_sum(made, each.target, True, view)
        self.sums_size = end
        return sorted(made.values(), key=lambda view: (view.start, view.name))

    def _add_sum(self, made: dict[tuple[object, ...], View], value: Value, over_ones: bool, view: View) -> None:
        key = (view.start, view.shape)
        made.setdefault(key, view)
        self._where[value, over_ones] = made[key].name


def axes_of(value: Value) -> tuple[int | str, ...]:
    """Return the shape of an array, with "n" for the rows."""
    rows = (ROWS,) * value.batched
    return (*rows, *value.units) if value.rows_first else (*value.units, *rows)


def _named(schedule: Schedule, given: Mapping[Value, str], taken: set[str]) -> dict[Value, str]:
    """Return a name for every value: the given one, that of its source, or v1, v2, ... in the order of the code."""
    free = (name for number in range(1, 10**9) if (name := f"v{number}") not in taken)
    named = dict(given)
    for instruction in schedule.instructions:
        for value in instruction.reads:
            if value.given:
                named[value] = value.given
        for value in instruction.targets:
            if value in named:
                continue
            source = instruction.reads[0] if instruction.reads else value
            if instruction.operation == "transpose" and source.given:
                named[value] = source.given if value.rows_first else f"{source.given}T"
            elif instruction.operation == "stack":
                named[value] = "_".join(each.given for each in instruction.reads)
            else:
                named[value] = next(free)
    return named
