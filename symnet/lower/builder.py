"""Builder of three-address code: the same operation on the same operands is emitted once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sympy import Idx

from symnet.core import BATCH, Program, extent
from symnet.lower.instructions import Argument, Instruction, Number, Operand, Spot, Value


@dataclass(frozen=True)
class Ref:
    """A value with the index of each of its axes in the equation being translated."""

    value: Value
    letters: tuple[Idx, ...] = ()


Term = Ref | Number

NARROW = 32
"""Arrays up to this width always have rows-last layout, and inputs are copied to it."""


def is_rows(letter: Idx) -> bool:
    """Whether an index runs over the batch axis."""
    return bool(extent(letter) == BATCH)


def is_scalar(term: Term) -> bool:
    return not isinstance(term, Ref) or not term.letters


def rank(term: Term) -> tuple[int, int]:
    """Sort key: the cost of an elementwise pass over a term; numbers cost nothing."""
    return term.value.rank if isinstance(term, Ref) else (0, 0)


class Builder:
    """Emits instructions, each before its first use, without duplicates.

    Attributes:
        program: gives the length of each axis.
        dtype: "float64" or "float32".
        equation: the name of the array whose equation is being translated.
        instructions: the instructions so far.
        twins: by value, another one that is positive at exactly the same entries, such as relu(z) for z.
    """

    def __init__(self, program: Program, dtype: str) -> None:
        self.program = program
        self.dtype = dtype
        self.equation = ""
        self.instructions: list[Instruction] = []
        self._made_by: dict[Value, Instruction] = {}
        self.twins: dict[Value, Value] = {}
        targets = [array for array in program.arrays if array.role == "target"]
        self._outputs = {self.length(letter) for array in targets for letter in array.indices if not is_rows(letter)}
        self._known: dict[tuple[object, ...], Value] = {}
        self._scaled: dict[tuple[Value, Term], tuple[tuple[Idx, ...], Ref]] = {}
        self._count = 0

    def given(self, name: str, units: tuple[int, ...], *, batched: int = 0) -> Value:
        """An argument of the generated function; inputs and targets have rows-first layout."""
        self._count += 1
        return Value(self._count, units, batched, rows_first=batched > 0, given=name)

    def length(self, letter: Idx) -> int:
        return int(self.program.size(extent(letter)))

    def emit(
        self,
        operation: str,
        arguments: tuple[Argument, ...],
        units: tuple[int, ...],
        *,
        batched: int = 0,
        rows_first: bool = False,
        mask: bool = False,
        along: tuple[int, ...] = (),
        indices: tuple[Idx, ...] = (),
        spots: tuple[Spot, ...] = (),
    ) -> Value:
        """The value of an operation, emitted unless it was before."""
        key = (operation, arguments, units, batched, rows_first, mask, along, spots)
        found = self._known.get(key)
        if found is None:
            self._count += 1
            found = self._known[key] = Value(self._count, units, batched, rows_first, mask)
            instruction = Instruction(operation, found, arguments, self.equation, None, along, indices, spots)
            self.instructions.append(instruction)
            self._made_by[found] = instruction
        return found

    def ordered(self, letters: Iterable[Idx]) -> tuple[Idx, ...]:
        """Distinct indices in the order of the layout: units as they come, rows last, or first if `_rows_first`."""
        axes = sorted(dict.fromkeys(letters), key=is_rows)
        if [is_rows(letter) for letter in axes] == [False, True] and self._rows_first(axes[0]):
            axes.reverse()
        return tuple(axes)

    def _rows_first(self, unit: Idx) -> bool:
        """Whether arrays over the rows and these units have rows-first layout.

        It depends on the width alone, so all operands of an elementwise pass agree. With rows last, passes are long
        even where a layer is narrow, and a bias can be part of the product; but BLAS is faster in float32 if the rows
        come first, as they do in the input (see benchmarks/README.md).
        """
        return self.dtype == "float32" and self.length(unit) > NARROW and self.length(unit) not in self._outputs

    def operand(self, ref: Ref, axes: Sequence[Idx]) -> Operand:
        return Operand(ref.value, tuple(axes.index(letter) for letter in ref.letters))

    def made(
        self,
        operation: str,
        arguments: tuple[Argument, ...],
        axes: tuple[Idx, ...],
        *,
        mask: bool = False,
        along: tuple[Idx, ...] = (),
        spots: tuple[Spot, ...] = (),
    ) -> Ref:
        """Emit an operation with these result axes; `along` are the indices it reduces or runs along."""
        units = tuple(self.length(letter) for letter in axes if not is_rows(letter))
        labels = (*axes, *(letter for letter in along if letter not in axes))
        value = self.emit(
            operation,
            arguments,
            units,
            batched=len(axes) - len(units),
            rows_first=bool(units) and is_rows(axes[0]),
            mask=mask,
            along=tuple(labels.index(letter) for letter in along),
            indices=labels,
            spots=spots,
        )
        return Ref(value, axes)

    def made_by(self, term: Term, operation: str) -> tuple[Argument, ...] | None:
        """The arguments of the instruction that computes a term, if it has this operation, else None."""
        made = self._made_by.get(term.value) if isinstance(term, Ref) else None
        return made.arguments if made is not None and made.operation == operation else None

    def at(self, ref: Ref, argument: Argument) -> Term:
        """An argument of the instruction that computes `ref`, with the indices of `ref`."""
        if not isinstance(argument, Operand):
            return argument
        return Ref(argument.value, tuple(ref.letters[place] for place in argument.places))

    def magnitude(self, term: Term) -> Term:
        """|z|; |-z| reuses |z|."""
        if not isinstance(term, Ref):
            return abs(term)
        match self.made_by(term, "negative"):
            case (Operand() as opposite,):
                return self.apply("absolute", self.at(term, opposite))
        return self.apply("absolute", term)

    def apply(self, operation: str, *terms: Term, mask: bool = False) -> Ref:
        """A ufunc of arrays that broadcast against each other."""
        terms = tuple(self.in_layout(term) if isinstance(term, Ref) else term for term in terms)
        refs = sorted((term for term in terms if isinstance(term, Ref)), key=lambda ref: -len(ref.letters))
        axes = self.ordered(letter for ref in refs for letter in ref.letters)
        arguments = tuple(self.operand(term, axes) if isinstance(term, Ref) else term for term in terms)
        return self.made(operation, arguments, axes, mask=mask)

    def in_layout(self, ref: Ref) -> Ref:
        """Copy an input to rows-last layout if needed."""
        if not ref.value.given or not ref.value.rows_first or ref.letters == self.ordered(ref.letters):
            return ref
        return self.turned(ref, self.ordered(ref.letters))

    def turned(self, ref: Ref, axes: tuple[Idx, ...]) -> Ref:
        """A copy of an array with its axes permuted."""
        places = tuple(axes.index(letter) for letter in ref.letters)
        return self.made("transpose", (Operand(ref.value, places),), axes)

    # Elementwise operations; neutral elements are dropped and numbers folded.

    def add(self, left: Term, right: Term) -> Term:
        if right == 0 or left == 0:
            return left if right == 0 else right
        if not isinstance(left, Ref) and not isinstance(right, Ref):
            return left + right
        return self.apply("add", left, right)

    def subtract(self, left: Term, right: Term) -> Term:
        if right == 0:
            return left
        if not isinstance(left, Ref) and not isinstance(right, Ref):
            return left - right
        return self.apply("subtract", left, right) if left != 0 else self.multiply(right, -1)

    def multiply(self, left: Term, right: Term) -> Term:
        if not isinstance(left, Ref) and not isinstance(right, Ref):
            return left * right
        if right == 1 or left == 1:
            return left if right == 1 else right
        if right == -1 or left == -1:
            return self.apply("negative", left if right == -1 else right)
        if left == right:
            return self.apply("square", left)
        if not isinstance(left, Ref) or (is_scalar(left) and not is_scalar(right)):
            left, right = right, left
        assert isinstance(left, Ref)
        return self.scale(left, right) if is_scalar(right) else self.apply("multiply", left, right)

    def scale(self, term: Ref, factor: Term) -> Term:
        """A term times a scalar; k/s times c is kc/s, if kc is a known number."""
        known = self._known_scaled(term, factor)
        if known is not None:
            return known
        found = (
            self._quotient_scaled(term, factor)
            or self._distributed(term, factor)
            or self.apply("multiply", term, factor)
        )
        self._scaled[term.value, factor] = term.letters, found
        return found

    def _known_scaled(self, term: Ref, factor: Term) -> Ref | None:
        """An earlier result of `scale` for the same value and factor, with the indices of `term`."""
        if (term.value, factor) not in self._scaled:
            return None
        letters, found = self._scaled[term.value, factor]
        now = dict(zip(letters, term.letters, strict=True))
        return replace(found, letters=tuple(now[letter] for letter in found.letters))

    def _quotient_scaled(self, term: Ref, factor: Term) -> Ref | None:
        match self.made_by(term, "divide"):
            case (int() | float() as numerator, Operand() as divisor):
                if not isinstance(factor, Ref):
                    return self.apply("divide", numerator * factor, self.at(term, divisor))
                return self.apply("divide", factor, self.at(term, divisor)) if numerator == 1 and term.letters else None
        return None

    def _distributed(self, term: Ref, factor: Term) -> Ref | None:
        """c(es - y) as e(cs) - cy, if cy is known and s is smaller than e: one pass less."""
        match [self.at(term, argument) for argument in self.made_by(term, "subtract") or ()]:
            case [Ref() as product, Ref() as taken]:
                known = self._known_scaled(taken, factor)
                parts = [self.at(product, argument) for argument in self.made_by(product, "multiply") or ()]
            case _:
                return None
        match sorted(parts, key=rank):
            case [Ref() as part, Ref() as whole] if known and rank(part) < rank(whole) == rank(product):
                return self.apply("subtract", self.apply("multiply", whole, self.scale(part, factor)), known)
        return None

    def divide(self, left: Term, right: Term) -> Term:
        if not isinstance(right, Ref):
            return left / right if not isinstance(left, Ref) else self.multiply(left, 1 / right)
        return self.apply("divide", left, right)

    def minimum(self, left: Term, right: Term) -> Term:
        """The smaller; min(max(z, e), 0) is e where e = expm1(min(z, 0)), which is at most 0."""
        negative = self._negative_part(left) if right == 0 and isinstance(left, Ref) else None
        return self.apply("minimum", left, right) if negative is None else negative

    def _negative_part(self, ref: Ref) -> Term | None:
        match self.made_by(ref, "maximum"):
            case (_, Operand() as below) if self.made_by(self.at(ref, below), "expm1"):
                return self.at(ref, below)
        return None

    def relu(self, argument: Ref) -> Ref:
        """max(z, 0), which is positive exactly where z is."""
        return self.twin(self.apply("maximum", argument, 0), argument)

    def twin(self, result: Ref, argument: Ref) -> Ref:
        """Record that a result is positive at exactly the entries where its argument is."""
        self.twins.setdefault(self.in_layout(argument).value, result.value)
        return result

    def shifted_twin(self, term: Ref, condition: Term) -> tuple[Number, Ref] | None:
        """(c, a) of a sum c + a, if a is positive exactly where the condition is."""
        twin = self.twins.get(condition.value) if isinstance(condition, Ref) else None
        match self.made_by(term, "add"):
            case (int() | float() as number, Operand(value=value)) | (Operand(value=value), int() | float() as number):
                return (number, replace(term, value=value)) if value == twin else None
        return None

    def where_positive(self, condition: Term, *, mask: bool = False) -> Ref:
        """1 (True if `mask`) where the condition is positive, else 0."""
        if isinstance(condition, Ref):
            condition = self.in_layout(condition)
            condition = replace(condition, value=self.twins.get(condition.value, condition.value))
        return self.apply("greater", condition, 0, mask=mask)

    def select(self, condition: Term, positive: Term, other: Term) -> Term:
        """One of two: a maximum for z and z/100, a multiple of the step for two numbers, else a masked copy."""
        if not isinstance(positive, Ref) and not isinstance(other, Ref):
            return self.add(self.multiply(self.where_positive(condition), positive - other), other)
        if isinstance(other, Ref) and not isinstance(positive, Ref):
            shifted = self.shifted_twin(other, condition)
            if shifted is not None:
                # Where v = c + a is chosen a is not positive, so it is min(a, 0) there, and elsewhere that is 0.
                shift, twin = shifted
                lower = self.add(self.minimum(twin, 0), shift)
                return self.add(lower, self.multiply(self.where_positive(condition), positive - shift))
        if positive == condition and isinstance(positive, Ref) and isinstance(other, Ref):
            match self.made_by(other, "multiply"):
                case (Operand(value=value), int() | float() as slope) if value == positive.value and 0 < slope < 1:
                    return self.twin(self.apply("maximum", positive, other), positive)
        return self.apply("select", self.where_positive(condition, mask=True), positive, other)
