"""Buffer assignment: a result goes in place of an operand at its last use, else into a free buffer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from symnet.lower.instructions import Instruction, Value
from symnet.lower.schedule import Schedule, overwritable


@dataclass
class Chain:
    """Values that share a buffer, each overwriting the one before it in place.

    Attributes:
        values: in order of computation.
        start, end: the live range: the first instruction that writes a value and the last that reads one.
        over_ones: whether a row of ones lies below the values.
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
    """A slice of a workspace.

    Attributes:
        width: numbers for each row of the batch, or in total for a fixed buffer.
        over_ones: whether one more row, of ones, lies below.
        start: the offset of the first number, in rows of the workspace.
        chains: the values it holds, one chain after another.
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
        """Whether the ones are a column, as in rows-first layout; values of another width do not fit then."""
        return self.over_ones and self.chains[0].values[0].rows_first


@dataclass(frozen=True)
class Buffers:
    """The buffers of a schedule.

    Attributes:
        rows: buffers that grow with the number of rows.
        fixed: buffers of constant size.
        sums: the accumulators that each block of rows adds to, or just the loss if there are no blocks. Gradients
            are accumulated in their slices of the flat vector of all parameters.
    """

    rows: tuple[Buffer, ...]
    fixed: tuple[Buffer, ...]
    sums: tuple[Value, ...]

    @property
    def live(self) -> int:
        """The number of buffers that grow with the rows."""
        return len(self.rows)


def assign_buffers(schedule: Schedule) -> Buffers:
    """Assign a buffer to every array of a schedule; scalars, gradients and arrays over pairs of rows need none.

    Linear scan over live ranges (Poletto and Sarkar, 1999), after in-place operations have been joined to chains.
    """
    instructions = schedule.instructions
    last_use = {value: place for place, each in enumerate(instructions) for value in each.reads}
    block = range(len(schedule.before), len(schedule.before) + len(schedule.block))
    sums = [target for each in schedule.block for target in each.targets if not target.batched]
    if not schedule.in_blocks:
        sums = [value for public, value in schedule.results.items() if public == "loss"]
    elsewhere = {*sums, *schedule.slots, *_stored(instructions)}
    # A value computed before the blocks and read in one block is live until the last block.
    for value, place in last_use.items():
        if place in block and not value.batched:
            last_use[value] = block.stop - 1
    chains = _chains(instructions, last_use, elsewhere)
    rows = [chain for chain in chains if chain.values[0].batched]
    fixed = [chain for chain in chains if not chain.values[0].batched]
    return Buffers(_packed(rows), _packed(fixed), tuple(dict.fromkeys(sums)))


def _stored(instructions: Iterable[Instruction]) -> set[Value]:
    """Values without a buffer: results, scalars, and arrays over pairs of rows."""
    return {
        each.target
        for each in instructions
        if each.operation == "store" or each.target.is_scalar or each.target.is_square
    }


def _chains(instructions: Sequence[Instruction], last_use: Mapping[Value, int], elsewhere: set[Value]) -> list[Chain]:
    """The live ranges, joined to one chain where a result may overwrite an operand."""
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
    """The chain of an operand whose last use is here and that the result may overwrite."""
    if not instruction.is_elementwise:
        return None
    for operand in instruction.operands:
        chain = chain_of.get(operand.value)
        dies = last_use[operand.value] == place and chain is not None and chain.end == place
        if dies and overwritable(instruction, operand):
            return chain
    return None


def _packed(chains: Sequence[Chain]) -> tuple[Buffer, ...]:
    """Buffers for chains, best fit first; a row of ones is never overwritten."""
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
