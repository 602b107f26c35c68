"""Verification of a schedule and of its buffers, each in one pass over the instructions.

Shapes are plain integers here, so no SymPy is involved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sympy import Idx

from symnet.core import Program, neighbours
from symnet.lower.buffers import Buffer, Buffers
from symnet.lower.instructions import CONTRACTING, RUNNING, Argument, Instruction, Operand, Spot, Value
from symnet.lower.schedule import Schedule, overwritable
from symnet.lower.verify import runs_along, summed_in
from symnet.support import VerificationError

ROWS = -1
"""The length of a batch axis in a shape."""

ARITY = {"dot": 2, "vdot": 2, "stack": 2, "transpose": 1, "fill": 1, "store": 1}
ARITY |= dict.fromkeys(("sum", "max", *RUNNING), 1)
"""The number of arguments of each operation; `einsum` takes any number."""

Place = tuple[str, int]


def verify_axes(program: Program, instructions: Sequence[Instruction]) -> None:
    """Check that every index that an instruction reduces or runs along is bound by its equation.

    Shapes alone do not show it: a softmax over the wrong one of two axes of equal length has the right shape.

    Raises:
        VerificationError: names the index and shows the instruction with its neighbours.
    """
    bound: dict[str, tuple[set[Idx], set[Idx]]] = {}
    for place, each in enumerate(instructions):
        if not each.along:
            continue
        if each.equation not in bound:
            equation = program.by_name[each.equation]
            bound[each.equation] = summed_in(equation), runs_along(equation)
        summed, along = bound[each.equation]
        meant = along if each.operation in ("max", *RUNNING) else summed | along
        wrong = [str(each.indices[axis].label) for axis in each.along if each.indices[axis] not in meant]
        if wrong:
            problem = f"{each.operation} runs along {wrong[0]}, which the equation of {each.equation} does not bind"
            raise VerificationError(f"{problem}\n{neighbours(instructions, place, instruction_text)}")


def verify_schedule(schedule: Schedule, parameters: Mapping[str, Value]) -> Schedule:
    """Return the schedule unchanged if it is well formed.

    Each value is computed once and before use. Operand axes have the lengths of the instruction's axes,
    and only the axes in `along` are reduced. Nothing outside the blocks reads a batched value; nothing in
    a block reads a sum over rows or needs other rows. Each result is computed, and a gradient has the
    shape of its parameter.

    Args:
        schedule: the schedule of a function.
        parameters: its parameters by name.

    Raises:
        VerificationError: names the broken rule and shows the instruction with its neighbours.
    """
    instructions = schedule.instructions
    block = range(len(schedule.before), len(schedule.before) + len(schedule.block))
    computed: set[Value] = set()
    sums: set[Value] = set()
    for place, each in enumerate(instructions):
        problem = _order_problem(each, computed) or _shape_problem(each)
        if schedule.in_blocks and not problem:
            problem = _stage_problem(each, sums, in_block=place in block)
        if problem:
            raise VerificationError(f"{problem}\n{neighbours(instructions, place, instruction_text)}")
        computed.update(each.targets)
        if place in block:
            sums.update(target for target in each.targets if not target.batched)
    for public, value in schedule.results.items():
        if value not in computed:
            raise VerificationError(f"no instruction computes {public}, which is {value_text(value)}")
        if public in parameters and value.units != parameters[public].units:
            raise VerificationError(f"the gradient of {public} is {value_text(value)}, not of the parameter's shape")
    return schedule


def verify_buffers(schedule: Schedule, buffers: Buffers) -> Buffers:
    """Return the buffers unchanged if no value is read after its buffer has been overwritten.

    Two blocks of rows are simulated, to see that values computed before the blocks survive the first.
    Buffers do not overlap, each is wide enough for its values, and rows of ones are never overwritten.

    Raises:
        VerificationError: names the broken rule and shows the instruction with its neighbours.
    """
    places, room = _places(schedule, buffers)
    for kind, row in (("rows", buffers.rows), ("fixed", buffers.fixed)):
        problem = _layout_problem(row)
        if problem:
            raise VerificationError(f"among the buffers of {kind}, {problem}")
    block = schedule.block * (2 if schedule.in_blocks else 1)
    instructions = (*schedule.before, *block, *schedule.after)
    owner: dict[Place, Value] = {}
    for position, each in enumerate(instructions):
        problem = _read_problem(each, places, room, owner) or _write_problem(each, places)
        if problem:
            raise VerificationError(f"{problem}\n{neighbours(instructions, position, instruction_text)}")
        owner.update({places[target]: target for target in each.targets if target in places})
    return buffers


def _order_problem(each: Instruction, computed: set[Value]) -> str:
    for value in each.reads:
        if not value.given and value not in computed:
            return f"{value_text(value)} is used before it is computed"
    for target in each.targets:
        if target.given or target in computed:
            return f"{value_text(target)} is computed twice"
    return ""


def _shape_problem(each: Instruction) -> str:
    """The problem of the axes of an instruction, or an empty string."""
    if len(each.arguments) != ARITY.get(each.operation, len(each.arguments)):
        return f"{each.operation} takes {ARITY[each.operation]} arguments"
    if not each.arguments and each.operation != "delta":
        return f"{each.operation} has no argument"
    if each.spots:
        return _spots_problem(each)
    target = _lengths(each.target)
    if each.operation == "stack":
        return _stack_problem(each)
    if each.operation == "store":
        (value,) = each.reads
        return "" if each.target.units == value.units else f"{value_text(each.target)} is a copy of {value_text(value)}"
    known: dict[int, int] = dict(enumerate(target))
    if each.below is not None:
        if _lengths(each.below) != target[1:]:
            return f"the last row of {value_text(each.target)} cannot be {value_text(each.below)}"
        known[0] += 1
    for operand in each.operands:
        problem = _operand_problem(each, operand, known)
        if problem:
            return problem
    covered = {place for operand in each.operands for place in operand.places}
    lost = {place for place in covered if place >= len(target)}
    if each.operation in RUNNING:
        if len(each.along) != 1 or not covered.issuperset(each.along) or lost:
            return f"{each.operation} runs along {len(each.along)} axes of its result"
    elif lost != {*each.along}:
        return f"{each.operation} removes the axes {sorted(lost)} but should run along {sorted(each.along)}"
    spread = each.operation == "fill"
    if not spread and not covered >= {*range(len(target))}:
        return f"{value_text(each.target)} has an axis that no operand has"
    return ""


def _operand_problem(each: Instruction, operand: Operand, known: dict[int, int]) -> str:
    """The problem of one operand, or an empty string; the lengths of its axes are recorded in `known`."""
    value = operand.value
    lengths = _lengths(value, operand.over_ones)
    places = operand.places
    if len(places) != len(lengths) or len({*places}) != len(places):
        return f"{value_text(value)} is placed at {len(places)} axes, {len({*places})} of them distinct"
    for place, length in zip(places, lengths, strict=True):
        if known.setdefault(place, length) != length:
            return f"axis {place} has the length {_length(known[place])}, that of {value_text(value)} {_length(length)}"
        if place >= each.target.axes and each.operation not in CONTRACTING:
            return f"{each.operation} removes an axis of {value_text(value)}"
    return ""


def _spots_problem(each: Instruction) -> str:
    """A window has the rows of its array; every axis of the window moves a position."""
    target, sources = _lengths(each.target), [_lengths(value) for value in each.reads]
    window, array = (sources[0], target) if each.operation == "scatter" else (target, sources[0] if sources else ())
    moving = {axis for _, steps in each.spots for axis, _ in steps}
    if each.operation != "delta" and len(each.spots) != len(array):
        return f"{each.operation} has {len(each.spots)} positions for {len(array)} axes"
    if moving != {*range(len(window))}:
        return f"{each.operation} moves along the axes {sorted(moving)} of {len(window)}"
    if each.operation == "window" and each.target.is_scalar:
        outside = [offset for (offset, _), length in zip(each.spots, array, strict=True) if not 0 <= offset < length]
        return f"window reads an entry at {outside[0]}, outside of its array" if outside else ""
    for spot, length in zip(each.spots, array, strict=False):
        if (length == ROWS or any(window[axis] == ROWS for axis, _ in spot[1])) and not _is_row_by_row(spot, window):
            return f"{each.operation} reads other rows"
    return ""


def _is_row_by_row(spot: Spot, window: Sequence[int]) -> bool:
    offset, steps = spot
    return offset == 0 and len(steps) == 1 and steps[0][1] == 1 and window[steps[0][0]] == ROWS


def _stack_problem(each: Instruction) -> str:
    """[W; b] has one row more than W."""
    weights, bias = each.reads
    rows, *columns = weights.units
    fits = each.target.units == (rows + 1, *columns) and bias.units == tuple(columns)
    return "" if fits else f"{value_text(weights)} over {value_text(bias)} is not {value_text(each.target)}"


def _stage_problem(each: Instruction, sums: set[Value], *, in_block: bool) -> str:
    """Instructions outside the blocks cannot depend on rows, nor those in a block on a sum over all rows."""
    if not in_block:
        rows = next((value for value in (*each.reads, *each.targets) if value.batched), None)
        return f"{value_text(rows)} has rows but is used outside the blocks" if rows else ""
    if each.joins_rows:
        return f"{each.operation} needs all rows at once but is in a block"
    early = next((value for value in each.reads if value in sums), None)
    return f"{value_text(early)} is read in a block, before all rows have been summed" if early else ""


def _places(schedule: Schedule, buffers: Buffers) -> tuple[dict[Value, Place], dict[Place, Buffer]]:
    """The place (buffer, gradient or accumulator) that each value is written to, and the buffer of each place."""
    places: dict[Value, Place] = {value: (name, 0) for value, name in schedule.slots.items()}
    places |= {value: ("sum", number) for number, value in enumerate(buffers.sums) if value not in places}
    room: dict[Place, Buffer] = {}
    for kind, several in (("rows", buffers.rows), ("fixed", buffers.fixed)):
        for number, buffer in enumerate(several):
            room[kind, number] = buffer
            places |= {value: (kind, number) for chain in buffer.chains for value in chain.values}
    return places, room


def _layout_problem(buffers: Sequence[Buffer]) -> str:
    end = 0
    for buffer in buffers:
        if buffer.start < end:
            return f"one starts at {buffer.start}, but the one before it ends at {end}"
        end = buffer.start + buffer.size
        for value in (value for chain in buffer.chains for value in chain.values):
            if value.width > buffer.width or (buffer.column_of_ones and value.width != buffer.width):
                return f"{value_text(value)} does not fit into one of width {buffer.width}"
    return ""


def _read_problem(
    each: Instruction,
    places: Mapping[Value, Place],
    room: Mapping[Place, Buffer],
    owner: Mapping[Place, Value],
) -> str:
    for operand in each.operands:
        value = operand.value
        place = places.get(value)
        if place is not None and owner.get(place) != value:
            return f"{value_text(value)} is read when its buffer holds {value_text(owner.get(place))}"
        if operand.over_ones and not _has_ones(value, room.get(place) if place is not None else None):
            return f"{value_text(value)} has no row of ones below it"
    return ""


def _has_ones(value: Value, buffer: Buffer | None) -> bool:
    return buffer is not None and buffer.over_ones and buffer.width == value.width


def _write_problem(each: Instruction, places: Mapping[Value, Place]) -> str:
    """A result may overwrite an operand only if each entry is written after its last read."""
    for target in each.targets:
        place = places.get(target)
        if place is None and each.operation != "store" and not target.is_scalar and not target.is_square:
            return f"{value_text(target)} has no buffer"
        for operand in each.operands:
            in_place = place is not None and places.get(operand.value) == place
            # A choice (`where`) between a value and itself writes nothing new.
            entry_by_entry = each.is_elementwise and (overwritable(each, operand) or operand in each.arguments[2:])
            if in_place and not entry_by_entry:
                return f"{value_text(target)} overwrites {value_text(operand.value)} while that is read"
    return ""


def _lengths(value: Value, over_ones: bool = False) -> tuple[int, ...]:
    """The shape of a value; the unit axis is one longer if a row of ones is included."""
    units = (value.units[0] + over_ones, *value.units[1:]) if value.units else ()
    rows = (ROWS,) * value.batched
    return (*rows, *units) if value.rows_first else (*units, *rows)


def _length(number: int) -> str:
    return "of the rows" if number == ROWS else str(number)


def value_text(value: Value | None) -> str:
    """A value by name or number, and its shape."""
    if value is None:
        return "nothing"
    return f"{value.given or f'v{value.number}'}[{','.join(_axis_text(length) for length in _lengths(value))}]"


def _axis_text(length: int) -> str:
    return "n" if length == ROWS else str(length)


def instruction_text(each: Instruction) -> str:
    """An instruction as an assignment, followed by the array whose equation it is part of."""
    targets = " over ".join(map(value_text, each.targets))
    return f"{targets} = {each.operation}({', '.join(_argument_texts(each.arguments))})  # {each.equation}"


def _argument_texts(arguments: Iterable[Argument]) -> Iterable[str]:
    for argument in arguments:
        if not isinstance(argument, Operand):
            yield repr(argument)
        else:
            ones = " over ones" if argument.over_ones else ""
            yield f"{value_text(argument.value)}{ones} at {','.join(map(str, argument.places)) or '()'}"
