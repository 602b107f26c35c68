"""Three-address code over whole arrays: each operation writes into a buffer.

Arrays with a row index keep it last (feature-major): passes over them are long even where a layer is
narrow, a matrix product takes either order, and one row of ones below an array makes a bias part of
the product. Arguments of the generated functions stay rows first.

Places number the axes of an instruction: those of its result from 0 on, then those that are summed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sympy import Idx

Number = int | float

Spot = tuple[int, tuple[tuple[int, int], ...]]
"""A position along an axis of an array: an offset, and the step for each axis of a window that it moves with."""


@dataclass(frozen=True)
class Value:
    """The result of an instruction, or an argument of the generated function.

    Attributes:
        number: unique, in order of creation.
        units: the lengths of all axes but the batch axes.
        batched: the number of batch axes: 0, 1, or 2 for pairs of rows. They are the last axes, or the first if
            `rows_first`.
        mask: whether the entries are booleans.
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
        """The numbers for each row (or pair of rows), or in total if there is no batch axis."""
        size = 1
        for length in self.units:
            size *= length
        return size

    @property
    def rank(self) -> tuple[int, int]:
        """Sort key: the cost of an elementwise pass over the value."""
        return self.batched, self.width

    @property
    def axes(self) -> int:
        return len(self.units) + self.batched

    @property
    def is_square(self) -> bool:
        """Whether it grows with the square of the rows, so that it does not fit into a buffer of rows."""
        return self.batched > 1


@dataclass(frozen=True)
class Operand:
    """A value as an operand of an instruction.

    Attributes:
        value: the array.
        places: for each of its axes, the matching axis of the instruction.
        over_ones: whether the row of ones below it is included.
    """

    value: Value
    places: tuple[int, ...] = ()
    over_ones: bool = False


Argument = Operand | Number


@dataclass(frozen=True)
class Instruction:
    """target = operation(arguments).

    Attributes:
        operation: the name of a NumPy ufunc, with the suffix `OR_INF` if overflow is expected, or one of `STRUCTURAL`.
        target: the result.
        arguments: operands and numbers.
        equation: the array whose equation this is part of.
        below: the value in the last row of a product whose operand has a row of ones.
        along: the places that the operation reduces or runs along.
        indices: the index of the equation at each place.
        spots: of a window or a scatter, the position along each axis of the array that is read, or added up in.
    """

    operation: str
    target: Value
    arguments: tuple[Argument, ...]
    equation: str = ""
    below: Value | None = None
    along: tuple[int, ...] = ()
    indices: tuple[Idx, ...] = ()
    spots: tuple[Spot, ...] = ()

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
        """Whether it reduces the batch axis, so that results of several blocks are added."""
        return not self.target.batched and any(value.batched for value in self.reads)

    @property
    def joins_rows(self) -> bool:
        """Whether it needs all rows at once, so that it cannot be computed block by block."""
        squares = any(value.is_square for value in (*self.reads, *self.targets))
        largest = self.sums_over_rows and self.operation == "max"
        return squares or largest or self._runs_along_rows or self._meets_other_rows

    @property
    def _meets_other_rows(self) -> bool:
        """Whether one batch axis is summed and another is kept."""
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
"""Suffix of a ufunc's name: inf is the correct result on overflow, so NumPy's warning is silenced."""

STRUCTURAL = {
    "dot": "a matrix product over one axis",
    "vdot": "the sum of the products of all entries of two arrays",
    "product": "a matrix product of groups of axes, each as one axis",
    "einsum": "a contraction that is not a matrix product",
    "window": "an array read at positions that move with several axes, 0 outside of it",
    "scatter": "the entries of a window added up at their positions",
    "delta": "1 where a position is 0, else 0",
    "sum": "the sum over the axes that the target lacks",
    "max": "the maximum over the axes that the target lacks",
    "sum_before": "for each entry along an axis the sum over the entries before it",
    "sum_after": "for each entry along an axis the sum over the entries after it",
    "transpose": "a copy with permuted axes, or from rows-first to rows-last layout",
    "stack": "a weight matrix over its bias",
    "fill": "a scalar or an array broadcast over more axes",
    "store": "a copy of a result for the caller, rows first",
}
"""Operations that are not ufuncs."""

CONTRACTING = frozenset({"dot", "vdot", "product", "einsum", "sum", "max"})
"""Operations whose operands may have axes that the result lacks: those they reduce."""

RUNNING = frozenset({"sum_before", "sum_after"})
"""Cumulative operations along one axis, which the result keeps."""
