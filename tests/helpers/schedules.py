"""The schedules and buffers of a network, as the emitter plans them, for tests that count or check them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import symnet
from symnet import Derivation, Network
from symnet.lower.buffers import Buffers, Chain, assign_buffers
from symnet.lower.instructions import Instruction, Value
from symnet.lower.lowering import lower
from symnet.lower.schedule import Schedule, schedule
from symnet.lower.translate import Translation
from symnet.targets.source import Source

Cell = tuple[str, int]
"""A piece of memory that is never divided: a number of each row, a number of no row, or the place of a gradient."""


@dataclass(frozen=True)
class Plan:
    """What one public function of a module does, and where.

    Attributes:
        schedule: its instructions.
        buffers: the arrays that they write into.
        names: of the values that an equation defines.
    """

    schedule: Schedule
    buffers: Buffers
    names: Mapping[Value, str]

    def count(self, *operations: str) -> int:
        """How many instructions are one of these operations."""
        return sum(each.operation in operations for each in self.schedule.instructions)

    @property
    def passes(self) -> list[Instruction]:
        """Elementwise operations over arrays with rows and units."""
        return [each for each in self._over_rows if each.target.width > 1]

    @property
    def row_passes(self) -> list[Instruction]:
        """Elementwise operations over one number for each row."""
        return [each for each in self._over_rows if each.target.width == 1]

    @property
    def _over_rows(self) -> list[Instruction]:
        return [each for each in self.schedule.instructions if each.is_elementwise and each.target.batched]

    @property
    def chains(self) -> list[Chain]:
        """Everything that the buffers hold."""
        return [chain for buffer in (*self.buffers.rows, *self.buffers.fixed) for chain in buffer.chains]

    def holder(self, value: Value) -> int | None:
        """The number of the buffer of rows that holds a value."""
        for number, buffer in enumerate(self.buffers.rows):
            if any(value in chain.values for chain in buffer.chains):
                return number
        return None


def plans(network: Network | str, dtype: str = "float64") -> dict[str, Plan]:
    """The plan of each public function of a network's module."""
    made = symnet.parse(network) if isinstance(network, str) else network
    return plans_of(symnet.derive(made), dtype)


def plans_of(
    derivation: Derivation, dtype: str = "float64", assign: Callable[[Schedule], Buffers] = assign_buffers
) -> dict[str, Plan]:
    """The same of what is derived already, perhaps with other buffers."""
    program = derivation.program
    translation = Translation(program, lower(program, dtype), dtype, derivation.accuracy)
    names: dict[Value, str] = {}
    for equation in program.equations:
        names.setdefault(translation.values[equation.name], equation.name)
    parameters = [array.name for array in program.parameters]
    found = {}
    for function, wanted in Source(derivation.network, program, derivation.initial, dtype).functions.items():
        results = {public: translation.values[program.outputs[public]] for public in wanted}
        planned = schedule(translation.instructions, results, parameters)
        found[function] = Plan(planned, assign(planned), names)
    return found


def freed(planned: Schedule) -> dict[Value, list[Value]]:
    """The values that nobody reads any more once another has been computed, by that other one.

    What outlives a block of rows is left out: results, sums over rows, gradients, and what all blocks read.
    """
    instructions = planned.instructions
    last = {value: place for place, each in enumerate(instructions) for value in (*each.targets, *each.reads)}
    kept = {*planned.results.values(), *planned.slots}
    if planned.in_blocks:
        kept |= {target for each in planned.block for target in each.targets if not target.batched}
        kept |= {value for each in planned.block for value in each.reads if not value.batched}
    dead = defaultdict(list)
    for value, place in last.items():
        if not value.given and value not in kept:
            dead[instructions[place].target].append(value)
    return dead


def conflicts(plan: Plan) -> list[str]:
    """Where a value is read from memory that holds another by then, or ones are written over.

    Two blocks of rows are followed, so that what is computed before them is seen to stay.
    """
    planned, own, ones = plan.schedule, _places(plan), _ones(plan.buffers)
    owner: dict[Cell, Value] = {}
    found = []
    passes = 2 if planned.in_blocks else 1
    for each in (*planned.before, *planned.block * passes, *planned.after):
        for operand in each.operands:
            if any(owner.get(cell) != operand.value for cell in own.get(operand.value, ())):
                found.append(f"{each.operation} for {each.equation} reads what is no more")
            if operand.over_ones and _below(own[operand.value]) not in ones:
                found.append(f"{each.operation} for {each.equation} finds no ones")
        for target in each.targets:
            written = own.get(target, ())
            if ones.intersection(written):
                found.append(f"{each.operation} for {each.equation} writes over ones")
            if any(set(written).intersection(own.get(value, ())) for value in _read_out_of_step(each)):
                found.append(f"{each.operation} for {each.equation} writes over what it is reading")
            owner.update(dict.fromkeys(written, target))
    return found


def _read_out_of_step(each: Instruction) -> list[Value]:
    """What an instruction does not read entry by entry as it writes its result, so that it must lie elsewhere."""
    shape = (each.target.units, each.target.batched, each.target.rows_first)
    return [
        operand.value
        for operand in each.operands
        if not each.is_elementwise
        or operand.places != tuple(range(each.target.axes))
        or (operand.value.units, operand.value.batched, operand.value.rows_first) != shape
    ]


def _places(plan: Plan) -> dict[Value, Sequence[Cell]]:
    places: dict[Value, Sequence[Cell]] = {value: [(name, 0)] for value, name in plan.schedule.slots.items()}
    for kind, buffers in (("rows", plan.buffers.rows), ("fixed", plan.buffers.fixed)):
        for buffer in buffers:
            for chain in buffer.chains:
                for value in chain.values:
                    places[value] = [(kind, buffer.start + number) for number in range(value.width)]
    return places


def _ones(buffers: Buffers) -> set[Cell]:
    return {("rows", buffer.start + buffer.width) for buffer in buffers.rows if buffer.over_ones}


def _below(cells: Sequence[Cell]) -> Cell:
    kind, number = cells[-1]
    return kind, number + 1
