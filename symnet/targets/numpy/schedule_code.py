"""Print a schedule as NumPy source: each instruction is a call that writes into a buffer, with its equation beside."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from math import prod

from symnet.core import Program
from symnet.functions import SCIPY
from symnet.lower import OR_INF, Argument, Instruction, Number, Operand, Spot, Value
from symnet.support import ATOM, PRODUCT, SUM
from symnet.targets.numpy.buffer_views import ROWS, BufferViews, axes_of
from symnet.targets.python_text import WIDTH, beside, broken, number_text, wrapped

SCALAR_OPERATORS = {
    "add": ("+", SUM),
    "subtract": ("-", SUM),
    "multiply": ("*", PRODUCT),
    "divide": ("/", PRODUCT),
}
SCALAR_FORMS = {
    "negative": ("-{}", PRODUCT),
    "square": ("{0} * {0}", PRODUCT),
    "fill": ("{}", PRODUCT),
    "greater": ("float({} > {})", ATOM),
    "greater_equal": ("float({} >= {})", ATOM),
    "heaviside": ("float(np.heaviside({}, {}))", ATOM),
    "select": ("({1} if {0} else {2})", ATOM),
}

Shape = tuple[int | str, ...]
"""The lengths of the axes of an array, with "n" for the rows."""

LEVELLED = frozenset({"maximum", "minimum"})
"""Ufuncs that NumPy runs two to three times as fast on two arrays as on an array and a number."""


class ScheduleCode:
    """Prints instructions, and records what the printed code needs.

    Attributes:
        scipy: the functions that the code imports from `scipy.special`.
        levels: the arrays filled with a constant that the code reads, by name: the number and the shape.
        lengths_of_ones: the lengths of the constant vectors of ones that it reads.
        takes_targets: whether the code reads the targets.
        windows: the constants that the code reads for positions, by what makes them.
        checks_totals: whether it needs a vector for the sums of each row's targets.
    """

    def __init__(
        self, views: BufferViews, program: Program, targets: str, texts: Mapping[str, str], windows: dict[str, str]
    ) -> None:
        self.views = views
        self.program = program
        self.targets = targets
        self.texts = texts
        self.windows = windows
        self.scipy: set[str] = set()
        self.levels: dict[str, tuple[float, tuple[int | str, ...]]] = {}
        self.checks_totals = False
        self.takes_targets = False
        self.lengths_of_ones: set[int] = set()
        self.scalars: dict[Value, tuple[str, int]] = {}
        reads = (operand for each in views.schedule.instructions for operand in each.operands if not operand.over_ones)
        self.read_by_name = {*(operand.value for operand in reads), *views.schedule.results.values()}
        self.read_by_name -= set(views.schedule.slots)
        # After the blocks, a sum over rows is read from the array that they added to.
        block = views.schedule.block if views.schedule.in_blocks else ()
        self.sums = {target for each in block for target in each.targets if not target.batched}
        self.inline: set[Value] = set()
        self.read = Counter(value for each in views.schedule.instructions for value in each.reads)

    def lines(self, stage: str) -> list[str]:
        """Return the source of a stage of the schedule, with the equations as comments."""
        instructions: Sequence[Instruction] = getattr(self.views.schedule, stage)
        self.inline = {each.target for each in instructions if stage == "after" and self.may_be_inline(each)}
        lines: list[str] = []
        short: list[tuple[str, str]] = []
        for name, group in groupby(instructions, key=lambda each: each.equation):
            parts = list(group)
            code = [line for each in parts for line in self.code(each)]
            comment = self.comment(name, parts)
            if len(code) == 1 and comment:
                short.append((code[0], comment))
            elif code:
                lines += [*beside(short), *(f"# {part}" for part in broken(comment, WIDTH - 6) if part)]
                lines += [piece for line in code for piece in wrapped(line)]
                short = []
        return [*lines, *beside(short)]

    def may_be_inline(self, each: Instruction) -> bool:
        """Whether a scalar is inlined at its use: it is used once, and reads no array that may change."""
        wanted = self.views.schedule.results.values()
        once = self.read[each.target] == 1 and each.target not in wanted and not each.operation.endswith(OR_INF)
        return once and each.is_elementwise and each.target.is_scalar

    def comment(self, name: str, parts: Iterable[Instruction]) -> str:
        """Return the comment of instructions: their equation if they complete it, else `towards NAME`."""
        if name not in self.texts:
            return ""
        finished = any(self.views.names[target] == name for each in parts for target in each.targets)
        return self.texts[name] if finished else f"towards {name}"

    def code(self, each: Instruction) -> list[str]:
        """Return the lines of one instruction; none for a scalar that is inlined."""
        printer = getattr(self, f"_{each.operation}", self._ufunc)
        if each.target.is_scalar and not self.views.has(each.target):
            return self.scalar(each)
        lines: list[str] = printer(each)
        return [*self.made(each.target), *lines] if each.target.is_square else lines

    def made(self, value: Value) -> list[str]:
        """Return the line that allocates an array that is not part of the workspace."""
        shape = ", ".join("len(x)" if length == ROWS else str(length) for length in axes_of(value))
        return [f"{self.views.names[value]} = np.empty(({shape}), {'np.bool_' if value.mask else 'DTYPE'})"]

    # Operands and targets.

    def value_text(self, value: Value) -> str:
        """Return a value as an expression."""
        return self.name(Operand(value, tuple(range(value.axes))))

    def name(self, argument: Argument, strength: int = SUM) -> str:
        """Return an argument as code: a name, a number, or an inlined scalar of at least this precedence."""
        if not isinstance(argument, Operand):
            return repr(argument) if argument >= 0 or strength < ATOM else f"({argument!r})"
        if argument.value in self.scalars:
            text, found = self.scalars[argument.value]
            return text if found >= strength else f"({text})"
        if argument.value in self.sums or argument.value in self.views.schedule.slots:
            return self.views.where(argument.value)
        if argument.over_ones:
            return self.views.where(argument.value, True)
        return self.views.names[argument.value]

    def broadcast(self, argument: Argument, axes: int) -> str:
        """Return an argument with axes inserted so that it broadcasts to the target."""
        text = self.name(argument)
        if not isinstance(argument, Operand) or not argument.places:
            return text
        order = sorted(range(len(argument.places)), key=lambda axis: argument.places[axis])
        if order != list(range(len(order))):
            text += ".T" if len(order) == 2 else f".transpose({', '.join(map(str, order))})"
        present = sorted(argument.places)
        if present == list(range(axes - len(present), axes)):
            return text
        return f"{text}[{', '.join(':' if axis in present else 'None' for axis in range(present[0], axes))}]"

    def out(self, each: Instruction) -> str:
        return self.views.where(each.target)

    def assigned(self, each: Instruction, value: str) -> list[str]:
        """Return `name = value` for a call with `out`, or the call alone if nothing reads the name."""
        if each.target.is_square:
            return [value]
        return [f"{self.views.names[each.target]} = {value}" if each.target in self.read_by_name else value]

    def filled(self, each: Instruction, *statements: str) -> list[str]:
        """Return statements that fill the target's array, and an alias if the target is read by another name."""
        name, view = self.views.names[each.target], self.out(each)
        return [*statements, *([f"{name} = {view}"] if name != view and each.target in self.read_by_name else [])]

    def constant(self, argument: Number) -> str:
        """Return a number as an operand of arrays: the arrays ZERO and ONE are faster in NumPy than Python numbers."""
        return {0.0: "ZERO", 1.0: "ONE"}.get(float(argument), repr(float(argument)))

    # Elementwise.

    def function(self, name: str) -> str:
        if name in SCIPY:
            self.scipy.add(name)
            return name
        return f"np.{name}"

    def _ufunc(self, each: Instruction) -> list[str]:
        """Return a ufunc call that writes into the target's array, silent if the result may overflow to inf."""
        arguments = ", ".join(self.argument(each, argument) for argument in each.arguments)
        function = self.function(each.operation.removesuffix(OR_INF))
        return self.unwarned(each, self.assigned(each, f"{function}({arguments}, out={self.out(each)})"))

    def unwarned(self, each: Instruction, lines: list[str]) -> list[str]:
        """Silence NumPy's overflow warning in the lines of an instruction for which inf is a correct result."""
        if not each.operation.endswith(OR_INF):
            return lines
        return ['with np.errstate(over="ignore"):', *(f"    {line}" for line in lines)]

    def argument(self, each: Instruction, argument: Argument) -> str:
        """Return an argument of a ufunc; a number becomes a constant array for ufuncs that are faster on arrays."""
        if isinstance(argument, Operand):
            return self.broadcast(argument, each.target.axes)
        whole = each.operands[0].value.axes == each.target.axes
        if each.operation in LEVELLED and each.target.batched == 1 and whole:
            return self.level(float(argument), axes_of(each.target))
        return self.constant(argument)

    def level(self, number: float, shape: tuple[int | str, ...]) -> str:
        """Return the name of an array that is filled with one number."""
        kind = {0.0: "zeros", 1.0: "ones"}.get(number) or f"full_{re.sub('[^0-9e]', '_', f'{number:.17g}')}"
        name = "_".join((kind, *(str(length) for length in shape if length != ROWS)))
        self.levels[name] = (number, shape)
        return name

    def _select(self, each: Instruction) -> list[str]:
        mask, positive, other = (self.broadcast(argument, each.target.axes) for argument in each.arguments)
        last = each.arguments[2]
        array = self.views.where(last.value) if isinstance(last, Operand) and self.views.has(last.value) else ""
        if array == self.out(each):
            return self.filled(each, f"np.copyto({other}, {positive}, where={mask})")
        first = f"np.copyto({self.out(each)}, {other})"
        return self.filled(each, first, f"np.copyto({self.out(each)}, {positive}, where={mask})")

    def scalar(self, each: Instruction) -> list[str]:
        """Return the assignment of a scalar; none if it is inlined, when its expression is recorded."""
        text, strength = self.expression(each)
        if each.target in self.inline:
            self.scalars[each.target] = (text, strength)
            return []
        return self.unwarned(each, [f"{self.views.names[each.target]} = {text}"])

    def expression(self, each: Instruction) -> tuple[str, int]:
        """Return a scalar operation as a Python expression with its precedence."""
        if each.operation in SCALAR_OPERATORS:
            symbol, strength = SCALAR_OPERATORS[each.operation]
            left, right = each.arguments
            return f"{self.name(left, strength)} {symbol} {self.name(right, strength + 1)}", strength
        names = [self.name(argument, ATOM) for argument in each.arguments]
        if each.operation in SCALAR_FORMS:
            form, strength = SCALAR_FORMS[each.operation]
            return form.format(*names), strength
        if each.is_elementwise:
            names = [self.name(argument) for argument in each.arguments]
            return f"{self.function(each.operation.removesuffix(OR_INF))}({', '.join(names)})", ATOM
        if each.operation == "window":
            return f"{names[0]}[{', '.join(str(offset) for offset, _ in each.spots)}]", ATOM
        return self.total(each), ATOM

    # Contractions.

    def total(self, each: Instruction) -> str:
        """Return the sum or the maximum over all entries as a scalar expression."""
        if each.operation == "vdot":
            return f"np.vdot({', '.join(self.name(argument) for argument in each.arguments)})"
        if each.operation == "einsum":
            return f"np.einsum({self.subscripts(each)})"
        (operand,) = each.operands
        if each.operation == "max":
            return f"np.maximum.reduce({self.name(operand)}, axis=None)"
        if operand.value.batched and operand.value.axes == 1:
            return f"{self.name(operand)}.dot({self.rows_of_ones()})"
        return f"np.add.reduce({self.name(operand)}, axis=None)"

    def _vdot(self, each: Instruction) -> list[str]:
        return [f"{self.out(each)}[()] = {self.total(each)}"]

    def _dot(self, each: Instruction) -> list[str]:
        axes = each.target.axes
        left, right = each.operands
        summed = max(*left.places, *right.places)
        if not axes:
            return [f"{self.out(each)}[()] = {self.name(left)}.dot({self.name(right)})"]
        texts = [
            self.name(operand) if operand.places in inorder else f"{self.name(operand)}.T"
            for operand, inorder in ((left, ((0, summed), (summed,))), (right, ((summed, axes - 1), (summed,))))
        ]
        # A product over a single unit is an outer product, for which BLAS gains nothing.
        place = left.places.index(summed)
        outer = axes == 2 and not left.over_ones and not right.over_ones and axes_of(left.value)[place] == 1
        view = self.views.where(each.target, each.below is not None)
        call = f"np.multiply({', '.join(texts)}, out={view})" if outer else f"{texts[0]}.dot({texts[1]}, out={view})"
        return [call] if each.below is not None else self.assigned(each, call)

    def subscripts(self, each: Instruction) -> str:
        letters = string.ascii_lowercase
        inputs = ",".join("".join(letters[place] for place in operand.places) for operand in each.operands)
        names = ", ".join(self.name(operand) for operand in each.operands)
        return f'"{inputs}->{letters[: each.target.axes]}", {names}'

    def _einsum(self, each: Instruction) -> list[str]:
        call = f"np.einsum({self.subscripts(each)}, out={self.out(each)})"
        return [call] if each.target.is_scalar else self.assigned(each, call)

    def _product(self, each: Instruction) -> list[str]:
        """A product of two groups of axes; an array in one piece takes another shape without a copy."""
        left, right = each.operands
        rows, columns = (self.grouped(operand, each, first) for operand, first in ((left, True), (right, False)))
        own = [sum(place < each.target.axes for place in operand.places) for operand in (left, right)]
        shape = axes_of(each.target)
        out = f"{self.out(each)}.reshape({_together(shape[: own[0]])}, {_together(shape[own[0] :])})"
        return self.filled(each, f"np.dot({rows}, {columns}, out={out})")

    def grouped(self, operand: Operand, each: Instruction, own_first: bool) -> str:
        """An operand of a product as a matrix: its own axes and those that are summed, in the order that is wanted."""
        lengths = axes_of(operand.value)
        own = [place < each.target.axes for place in operand.places]
        split = sum(own) if own and own[0] else len(own) - sum(own)
        turned = "" if (bool(own) and own[0]) == own_first or not any(own) else ".T"
        first, second = _together(lengths[:split]), _together(lengths[split:])
        if not any(own):
            first, second = ("1", _together(lengths)) if own_first else (_together(lengths), "1")
        return f"{self.name(operand)}.reshape({first}, {second}){turned}"

    def _window(self, each: Instruction) -> list[str]:
        (operand,) = each.operands
        shape, lengths = axes_of(each.target), axes_of(operand.value)
        name, view = self.parts(shape, lengths, each.spots), self.out(each)
        outside = next((number for number in each.arguments if not isinstance(number, Operand)), 0)
        border = [] if _is_inside(shape, lengths, each.spots) else [f"{view}.fill({number_text(outside)})"]
        copied = f"    {view}[at] = {self.name(operand)}[entries].transpose(order)"
        return self.filled(each, *border, f"for at, entries, order, _ in {name}:", copied)

    def _scatter(self, each: Instruction) -> list[str]:
        (operand,) = each.operands
        name, view = self.parts(axes_of(operand.value), axes_of(each.target), each.spots), self.out(each)
        start, loop = f"{view}.fill(0)", f"for at, entries, _, back in {name}:"
        if operand.value.is_scalar:
            return self.filled(each, start, f"added = {self.name(operand)}", loop, f"    {view}[entries] += added")
        return self.filled(each, start, loop, f"    {view}[entries] += {self.name(operand)}[at].transpose(back)")

    def _delta(self, each: Instruction) -> list[str]:
        ((offset, steps),) = each.spots
        shape = axes_of(each.target)
        lengths = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
        moves = ", ".join(str(dict(steps)[axis]) for axis in range(len(shape)))
        name = self.windows.setdefault(f"_delta(({lengths}), {offset}, {moves})", f"DELTA_{len(self.windows) + 1}")
        return self.filled(each, f"np.copyto({self.out(each)}, {name})")

    def parts(self, shape: Shape, lengths: Shape, spots: Sequence[Spot]) -> str:
        """The name of the constant that tells which entries of a window are those of an array; -1 stands for rows."""
        window, array = (
            ", ".join("-1" if length == ROWS else str(length) for length in each) + ("," if len(each) == 1 else "")
            for each in (shape, lengths)
        )
        places = ", ".join(f"({offset}, {dict(steps)})" for offset, steps in spots) + ("," if len(spots) == 1 else "")
        return self.windows.setdefault(f"_parts(({window}), ({array}), ({places}))", f"WINDOW_{len(self.windows) + 1}")

    def _sum(self, each: Instruction) -> list[str]:
        (operand,) = each.operands
        if each.target.is_scalar:
            return [f"{self.out(each)}[()] = {self.total(each)}"]
        if operand.value.axes == 2 and operand.value.batched:
            axis = self.lost(each)[0]
            length = axes_of(operand.value)[axis]
            ones = self.ones(length) if isinstance(length, int) else self.rows_of_ones()
            factors = [self.name(operand), ones]
            if axis == 0:
                factors.reverse()
            return self.assigned(each, f"{factors[0]}.dot({factors[1]}, out={self.out(each)})")
        return self.assigned(each, self.reduction("add", each))

    def ones(self, length: int) -> str:
        """Return the name of a constant vector of ones: the product with it is a sum, computed by BLAS."""
        self.lengths_of_ones.add(length)
        return f"ONES_{length}"

    def rows_of_ones(self) -> str:
        """Return the name of the vector with a one for each row."""
        return self.level(1.0, (ROWS,))

    def lost(self, each: Instruction) -> list[int]:
        """Return the axes of its operand that a reduction removes."""
        (operand,) = each.operands
        return [axis for axis, place in enumerate(operand.places) if place in each.along]

    def _max(self, each: Instruction) -> list[str]:
        if each.target.is_scalar:
            return [f"{self.out(each)}[()] = {self.total(each)}"]
        return self.assigned(each, self.reduction("maximum", each))

    def reduction(self, ufunc: str, each: Instruction) -> str:
        (operand,) = each.operands
        axes = self.lost(each)
        axis = str(axes[0]) if len(axes) == 1 else f"({', '.join(map(str, axes))})"
        kept = [place for place in operand.places if place < each.target.axes]
        turned = ".T" if kept != sorted(kept) else ""
        return f"np.{ufunc}.reduce({self.name(operand)}, axis={axis}, out={self.out(each)}{turned}){turned}"

    def _sum_before(self, each: Instruction) -> list[str]:
        return self.accumulated(each, ":-1", "0", "1:")

    def _sum_after(self, each: Instruction) -> list[str]:
        return self.accumulated(each, ":0:-1", "-1", "-2::-1")

    def accumulated(self, each: Instruction, source: str, end: str, target: str) -> list[str]:
        """Return exclusive prefix (or suffix) sums along an axis: `end` is the entry whose sum is empty."""
        (operand,) = each.operands
        (axis,) = self.lost(each)
        before, out = ":, " * axis, self.out(each)
        first = f"{out}[{before}{end}] = 0"
        array = f"{self.name(operand)}[{before}{source}]"
        return self.filled(each, first, f"np.add.accumulate({array}, axis={axis}, out={out}[{before}{target}])")

    # Copies.

    def _transpose(self, each: Instruction) -> list[str]:
        (operand,) = each.operands
        source = operand.value
        if source.given and source.batched and self.program.array(source.given).role == "target":
            self.takes_targets = True
            self.checks_totals |= self.targets == "probabilities"
            extra = ", y_total" if self.targets == "probabilities" else ""
            return self.assigned(each, f"_target_columns({source.given}, {self.out(each)}{extra})")
        if not self.views.has(each.target):
            return [f"{self.views.where(each.target, True)}[:, :-1] = {source.given}"]
        return self.filled(each, f"np.copyto({self.out(each)}, {self.broadcast(operand, each.target.axes)})")

    def _stack(self, each: Instruction) -> list[str]:
        weights, bias = (self.name(argument) for argument in each.arguments)
        return self.assigned(each, f"np.concatenate(({weights}, {bias}[None]), out={self.out(each)})")

    def _fill(self, each: Instruction) -> list[str]:
        return self.filled(each, f"np.copyto({self.out(each)}, {self.broadcast(each.arguments[0], each.target.axes)})")

    def _store(self, each: Instruction) -> list[str]:
        (operand,) = each.operands
        return [f"np.copyto(prediction, {self.name(operand)}{'' if operand.value.rows_first else '.T'})"]


def _together(lengths: Shape) -> str:
    """Several axes as one; -1 where rows are among them, whose number NumPy finds."""
    return "-1" if ROWS in lengths else str(prod(length for length in lengths if isinstance(length, int)))


def _is_inside(shape: Shape, lengths: Shape, spots: Sequence[Spot]) -> bool:
    """Whether no position of a window lies outside of its array."""
    for (offset, steps), length in zip(spots, lengths, strict=True):
        ends = [step * (last - 1) for axis, step in steps if isinstance(last := shape[axis], int)]
        if isinstance(length, int) and not (
            offset + sum(min(0, end) for end in ends) >= 0 and offset + sum(max(0, end) for end in ends) < length
        ):
            return False
    return True
