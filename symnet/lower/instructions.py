"""Three-address code over whole arrays: what an equation is once each operation writes into a buffer.

Arrays with a row index keep it last (feature-major): passes over them are long even where a layer is
narrow, a matrix product takes either order, and one row of ones below an array makes a bias part of
the product. What a caller hands over stays as it is, rows first.

Places count the axes of an instruction: those of its result from 0 on, then those that are summed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sympy import Idx

Number = int | float


@dataclass(frozen=True)
class Value:
    """What an instruction computes, or what the caller gives.

    Attributes:
        number: values are told apart by it, and it follows the order in which they were made.
        units: the lengths of all axes but those of the rows.
        batched: how many axes run over the rows: none, one, or two where every row meets every other. They are the
            last, or the first if `rows_first`.
        mask: whether the entries are true or false.
        given: the name of a parameter, of an input or of the targets; "" for what is computed.
    """

    number: int
    units: tuple[int, ...] = ()
    batched: int = 0
    rows_first: bool = False
    mask: bool = False
    given: str = ""

    @property
    def is_scalar(self) -> bool:
        return not self.units and not self.batched

    @property
    def width(self) -> int:
        """How many numbers there are for each row (or pair of rows), or in all."""
        size = 1
        for length in self.units:
            size *= length
        return size

    @property
    def rank(self) -> tuple[int, int]:
        """Orders values by what a pass over them costs."""
        return self.batched, self.width

    @property
    def axes(self) -> int:
        return len(self.units) + self.batched

    @property
    def is_square(self) -> bool:
        """Whether it grows with the square of the rows, so that no buffer of rows can hold it."""
        return self.batched > 1


@dataclass(frozen=True)
class Operand:
    """A value where an instruction uses it.

    Attributes:
        value: the array.
        places: for each of its axes, the axis of the instruction it stands for.
        over_ones: whether the row of ones below it is meant too.
    """

    value: Value
    places: tuple[int, ...] = ()
    over_ones: bool = False


Argument = Operand | Number


@dataclass(frozen=True)
class Instruction:
    """target = operation(arguments).

    Attributes:
        operation: the name of a NumPy ufunc, with `OR_INF` behind it where it may overflow, or one of `STRUCTURAL`.
        target: what it computes.
        arguments: values and numbers.
        equation: the array whose equation this is part of.
        below: what the last row of a product is, where the operand has a row of ones.
        along: the places that the operation adds up or runs along, as it was asked to.
        indices: what the equation calls each place.
    """

    operation: str
    target: Value
    arguments: tuple[Argument, ...]
    equation: str = ""
    below: Value | None = None
    along: tuple[int, ...] = ()
    indices: tuple[Idx, ...] = ()

    @property
    def targets(self) -> tuple[Value, ...]:
        return (self.target,) if self.below is None else (self.target, self.below)

    @cached_property
    def operands(self) -> tuple[Operand, ...]:
        return tuple(argument for argument in self.arguments if isinstance(argument, Operand))

    @cached_property
    def reads(self) -> tuple[Value, ...]:
        return tuple(operand.value for operand in self.operands)

    @property
    def is_elementwise(self) -> bool:
        return self.operation not in STRUCTURAL

    @property
    def sums_over_rows(self) -> bool:
        """Whether rows go in and none come out: such results of several blocks are added."""
        return not self.target.batched and any(value.batched for value in self.reads)

    @property
    def joins_rows(self) -> bool:
        """Whether it needs all rows at once: what it makes of a block of them is no part of what it makes of all."""
        squares = any(value.is_square for value in (*self.reads, *self.targets))
        largest = self.sums_over_rows and self.operation == "max"
        return squares or largest or self._runs_along_rows or self._meets_other_rows

    @property
    def _meets_other_rows(self) -> bool:
        """Whether rows are summed over beside those that it keeps."""
        if not self.target.batched:
            return False
        return any(
            place >= self.target.axes
            for operand in self.operands
            if operand.value.batched
            for place in operand.places[0 if operand.value.rows_first else len(operand.value.units) :][
                : operand.value.batched
            ]
        )

    @property
    def _runs_along_rows(self) -> bool:
        if self.operation not in RUNNING:
            return False
        first = 0 if self.target.rows_first else len(self.target.units)
        return any(first <= place < first + self.target.batched for place in self.along)


OR_INF = "_or_inf"
"""Behind the name of a ufunc: where it overflows the result is right all the same, and nobody is warned."""

STRUCTURAL = {
    "dot": "a matrix product over one axis",
    "vdot": "the sum of the products of all entries of two arrays",
    "einsum": "a contraction that no matrix product states",
    "sum": "the sum over the axes that the target lacks",
    "max": "the largest over the axes that the target lacks",
    "sum_before": "for each entry along an axis the sum over the entries before it",
    "sum_after": "for each entry along an axis the sum over the entries after it",
    "transpose": "a copy with its axes in another order, or of rows as columns",
    "stack": "a weight matrix over its bias",
    "fill": "a scalar or an array spread over more axes",
    "store": "the result handed out, rows first",
}
"""Operations that are no ufunc, and what they do."""

CONTRACTING = frozenset({"dot", "vdot", "einsum", "sum", "max"})
"""Operations whose operands may have axes that the result has not: those that they run along."""

RUNNING = frozenset({"sum_before", "sum_after"})
"""Operations along one axis, which the result keeps."""
