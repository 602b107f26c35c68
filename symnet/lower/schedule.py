"""The schedule of a generated function: what runs before the blocks of rows, in each block, and after them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from symnet.lower.instructions import Instruction, Operand, Value


@dataclass(frozen=True)
class Schedule:
    """The instructions of one function in order of execution.

    Attributes:
        before: instructions that do not depend on rows and that the blocks need.
        block: instructions for each block of rows. A target without a batch axis is added to an accumulator.
        after: instructions on the accumulated sums.
        in_blocks: whether the rows can be split into blocks; not if a row depends on other rows, or on a sum over
            them.
        results: the value of each output by its public name.
        slots: the parameter whose gradient array a value is computed in.
    """

    before: tuple[Instruction, ...]
    block: tuple[Instruction, ...]
    after: tuple[Instruction, ...]
    in_blocks: bool
    results: Mapping[str, Value]
    slots: Mapping[Value, str]

    @property
    def instructions(self) -> tuple[Instruction, ...]:
        return (*self.before, *self.block, *self.after)


def schedule(instructions: Sequence[Instruction], results: Mapping[str, Value], parameters: Sequence[str]) -> Schedule:
    """Schedule the instructions that the results need; drop all others.

    Args:
        instructions: three-address code, every value defined before its use.
        results: the wanted values by public name: `loss`, `prediction` (stored rows first), parameters (gradients).
        parameters: the names of all parameters in order of declaration.
    """
    needed = _needed(instructions, set(results.values()))
    needed, results = _outputs(needed, results, parameters)
    slots = _slots(needed, results, parameters)
    needed = _biases_joined(needed, slots, parameters)
    before, block, after, in_blocks = _stages(needed)
    return Schedule(tuple(before), _reductions_first(block), tuple(after), in_blocks, results, slots)


def _needed(instructions: Sequence[Instruction], wanted: set[Value]) -> list[Instruction]:
    wanted, kept = set(wanted), []
    for instruction in reversed(instructions):
        if instruction.target in wanted:
            kept.append(instruction)
            wanted.update(instruction.reads)
    return kept[::-1]


def _outputs(
    instructions: list[Instruction], results: Mapping[str, Value], parameters: Sequence[str]
) -> tuple[list[Instruction], dict[str, Value]]:
    """Store every gradient in an array of its own, and the prediction in a rows-first copy."""
    made = {instruction.target for instruction in instructions}
    number = max((value.number for value in made), default=0)
    taken: set[Value] = set()
    written, final = list(instructions), dict(results)
    for public, value in results.items():
        own = value in made and value not in taken and not (value.is_scalar and public in parameters)
        if public == "loss" or (public in parameters and own):
            taken.add(value)
            continue
        number += 1
        operation = "store" if public == "prediction" else "fill"
        copy = replace(value, number=number, rows_first=value.batched > 0, given="")
        written.append(Instruction(operation, copy, (Operand(value, tuple(range(value.axes))),), public))
        final[public] = copy
    return written, final


def _slots(
    instructions: Sequence[Instruction], results: Mapping[str, Value], parameters: Sequence[str]
) -> dict[Value, str]:
    """The gradients, and the sums over rows that only need one more elementwise pass to become a gradient."""
    uses = Counter(value for instruction in instructions for value in instruction.reads)
    made_by = {instruction.target: instruction for instruction in instructions}
    slots = {}
    for name in parameters:
        value = results.get(name)
        while value is not None and value not in slots:
            slots[value] = name
            value = _first_of_its_shape(made_by[value], uses, made_by)
    return slots


def _first_of_its_shape(
    instruction: Instruction, uses: Mapping[Value, int], made_by: Mapping[Value, Instruction]
) -> Value | None:
    """An operand that the result may overwrite: computed, of the same shape, without another use."""
    if not instruction.is_elementwise or instruction.target.is_scalar:
        return None
    for operand in instruction.operands:
        value = operand.value
        if overwritable(instruction, operand) and value in made_by and uses[value] == 1:
            return value
    return None


def overwritable(instruction: Instruction, operand: Operand) -> bool:
    """Whether an elementwise operation may write its result over an operand, given all places that read it."""
    value, target = operand.value, instruction.target
    shape = (value.units, value.batched, value.rows_first, value.mask)
    same = shape == (target.units, target.batched, target.rows_first, target.mask)
    read = (each.places for each in instruction.operands if each.value == value)
    in_order = all(places == tuple(range(target.axes)) for places in read)
    masked = instruction.operation == "select" and operand is not instruction.arguments[2]
    return same and in_order and not value.given and not masked


def _biases_joined(
    instructions: list[Instruction], slots: Mapping[Value, str], parameters: Sequence[str]
) -> list[Instruction]:
    """Sum(a δ) and Sum(δ) over the rows as one product, if the gradient of the bias lies below that of W.

    Its left factor are the activations over their row of ones.
    """
    following = dict(pairwise(parameters))
    over_ones = {operand.value for each in instructions for operand in each.operands if operand.over_ones}
    sums = {
        slots[each.target]: each
        for each in instructions
        if each.operation == "sum" and each.sums_over_rows and each.target in slots
    }
    # An input has no row of ones below it; its rows-last copy may.
    copies = {each.reads[0]: each.target for each in instructions if each.operation == "transpose"}
    copies = {given: copy for given, copy in copies.items() if copy.rows_first and given.given}
    joined: dict[Value, Instruction] = {}
    for each in instructions:
        name = slots.get(each.target, "")
        bias = sums.get(following.get(name, ""))
        if each.operation != "dot" or not each.sums_over_rows or bias is None:
            continue
        units, delta = each.operands
        units = replace(units, value=copies.get(units.value, units.value))
        if units.value in over_ones and delta.value == bias.reads[0] and delta.places[0] == 1:
            arguments = (replace(units, over_ones=True), delta)
            joined[each.target] = replace(each, arguments=arguments, below=bias.target)
            joined[bias.target] = joined[each.target]
    kept, written = [], set[Value]()
    for each in instructions:
        both = joined.get(each.target)
        if both is None or both.target not in written:
            kept.append(both or each)
        if both is not None:
            written.add(both.target)
    return kept


def _stages(
    instructions: Sequence[Instruction],
) -> tuple[list[Instruction], list[Instruction], list[Instruction], bool]:
    """The instructions before, in and after the blocks; and whether there may be more than one block."""
    sums: set[Value] = set()
    in_blocks = True
    for each in instructions:
        if each.target.batched or each.sums_over_rows:
            in_blocks &= not each.joins_rows and not sums.intersection(each.reads)
        if not each.target.batched and (each.sums_over_rows or sums.intersection(each.reads)):
            sums.update(each.targets)
    if not in_blocks:
        return [], list(instructions), [], False
    for_rows: set[Value] = set()
    before: list[Instruction] = []
    block: list[Instruction] = []
    after: list[Instruction] = []
    for each in reversed(instructions):
        if each.target.batched or each.sums_over_rows:
            block.append(each)
            for_rows.update(each.reads)
        elif each.target in for_rows:
            before.append(each)
            for_rows.update(each.reads)
        else:
            after.append(each)
    return before[::-1], block[::-1], after[::-1], True


def _reductions_first(instructions: Sequence[Instruction]) -> tuple[Instruction, ...]:
    """Copy inputs first, and run sums over rows as early as possible.

    Sums only read, so that their operands can be overwritten sooner.
    """
    first = [each for each in instructions if each.operation == "transpose" and each.reads[0].given]
    copied = {each.target for each in first}
    computed = {target for each in instructions for target in each.targets}
    missing = {each.target: set(each.reads) & computed for each in instructions if each.sums_over_rows}
    readers: dict[Value, list[Instruction]] = defaultdict(list)
    for each in instructions:
        for value in missing.get(each.target, ()):
            readers[value].append(each)
    ordered: list[Instruction] = []
    done: set[Value] = set()
    ready = [*first, *(each for each in instructions if each.target not in copied)][::-1]
    while ready:
        each = ready.pop()
        if each.target in done:
            continue
        ordered.append(each)
        done.update(each.targets)
        freed = [reader for value in each.targets for reader in readers[value] if missing[reader.target] <= done]
        ready += freed[::-1]
    return tuple(ordered)
