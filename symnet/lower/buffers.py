"""Which buffer each value of a schedule takes: in place where an operand is used for the last time, else a free one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from symnet.lower.instructions import Instruction, Value
from symnet.lower.schedule import Schedule, overwritable


@dataclass
class Chain:
    """Values that overwrite each other in turn.

    Attributes:
        values: in the order in which they are computed.
        start, end: the first instruction that writes one and the last that reads one.
        over_ones: whether a row of ones stands below the values.
    """

    values: list[Value]
    start: int
    end: int
    over_ones: bool = False

    @property
    def width(self) -> int:
        return self.values[0].width


@dataclass
class Buffer:
    """A piece of a workspace.

    Attributes:
        width: numbers for each row, or in all.
        over_ones: whether one more row, of ones, stands below.
        start: the place of the first number, in rows.
        chains: what it holds, one after the other.
    """

    width: int
    over_ones: bool = False
    start: int = 0
    chains: list[Chain] = field(default_factory=list)

    @property
    def size(self) -> int:
        return self.width + self.over_ones

    @property
    def column_of_ones(self) -> bool:
        """Whether the ones are a column beside rows that come first, so that nothing else fits in."""
        return self.over_ones and self.chains[0].values[0].rows_first


@dataclass(frozen=True)
class Buffers:
    """The buffers of a schedule.

    Attributes:
        rows: those that grow with the number of rows.
        fixed: those that do not.
        sums: what each block of rows adds to, or where there are no blocks the loss; gradients have their places in
            the vector of all parameters.
    """

    rows: tuple[Buffer, ...]
    fixed: tuple[Buffer, ...]
    sums: tuple[Value, ...]

    @property
    def live(self) -> int:
        """How many buffers of rows there are."""
        return len(self.rows)


def assign_buffers(schedule: Schedule) -> Buffers:
    """A buffer for every array that the schedule computes; scalars, gradients and pairs of rows take none.

    Linear scan over live ranges (Poletto and Sarkar, 1999), after operations have been put in place.
    """
    instructions = schedule.instructions
    last_use = {value: place for place, each in enumerate(instructions) for value in each.reads}
    block = range(len(schedule.before), len(schedule.before) + len(schedule.block))
    sums = [target for each in schedule.block for target in each.targets if not target.batched]
    if not schedule.in_blocks:
        sums = [value for public, value in schedule.results.items() if public == "loss"]
    elsewhere = {*sums, *schedule.slots, *_stored(instructions)}
    # What is computed before the blocks and read in one is read in all of them.
    for value, place in last_use.items():
        if place in block and not value.batched:
            last_use[value] = block.stop - 1
    chains = _chains(instructions, last_use, elsewhere)
    rows = [chain for chain in chains if chain.values[0].batched]
    fixed = [chain for chain in chains if not chain.values[0].batched]
    return Buffers(_packed(rows), _packed(fixed), tuple(dict.fromkeys(sums)))


def _stored(instructions: Iterable[Instruction]) -> set[Value]:
    """What has no buffer: what is handed out, scalars, and arrays of which nobody knows how large they will be."""
    return {
        each.target
        for each in instructions
        if each.operation == "store" or each.target.is_scalar or each.target.is_square
    }


def _chains(instructions: Sequence[Instruction], last_use: Mapping[Value, int], elsewhere: set[Value]) -> list[Chain]:
    """Live ranges, those that may overwrite each other joined."""
    chain_of: dict[Value, Chain] = {}
    chains = []
    for place, instruction in enumerate(instructions):
        for operand in instruction.operands:
            if operand.over_ones and operand.value in chain_of:
                chain_of[operand.value].over_ones = True
        target = instruction.target
        if target in elsewhere:
            continue
        end = last_use.get(target, place)
        joined = _overwritten(instruction, place, last_use, chain_of)
        if joined is None:
            chain_of[target] = Chain([target], place, end)
            chains.append(chain_of[target])
        else:
            joined.values.append(target)
            joined.end = end
            chain_of[target] = joined
    return chains


def _overwritten(
    instruction: Instruction, place: int, last_use: Mapping[Value, int], chain_of: Mapping[Value, Chain]
) -> Chain | None:
    """The chain of an operand that is read here for the last time and may take the result."""
    if not instruction.is_elementwise:
        return None
    for operand in instruction.operands:
        chain = chain_of.get(operand.value)
        dies = last_use[operand.value] == place and chain is not None and chain.end == place
        if dies and overwritable(instruction, operand):
            return chain
    return None


def _packed(chains: Sequence[Chain]) -> tuple[Buffer, ...]:
    """Buffers for chains, each the tightest that is free; a row of ones is never written over."""
    buffers: list[Buffer] = []
    for chain in sorted(chains, key=lambda chain: chain.start):
        free = [buffer for buffer in buffers if buffer.chains[-1].end < chain.start]
        buffer = _best(chain, free)
        if buffer is None:
            buffer = Buffer(chain.width, chain.over_ones)
            buffers.append(buffer)
        buffer.width = max(buffer.width, chain.width)
        buffer.chains.append(chain)
    start = 0
    for buffer in buffers:
        buffer.start = start
        start += buffer.size
    return tuple(buffers)


def _best(chain: Chain, free: Iterable[Buffer]) -> Buffer | None:
    if chain.over_ones:
        fitting = [each for each in free if each.over_ones and each.width == chain.width]
        alike = [each for each in fitting if each.column_of_ones == chain.values[0].rows_first]
        return alike[0] if alike else None
    plain = [each for each in free if not each.column_of_ones]
    roomy = [each for each in plain if each.width >= chain.width]
    if roomy:
        return min(roomy, key=lambda each: each.width)
    growing = [each for each in plain if not each.over_ones]
    return max(growing, key=lambda each: each.width, default=None)
