"""Three-address code over whole arrays: what an equation is once each operation writes into a buffer.

Arrays with a row index keep it last (feature-major): passes over them are long even where a layer is
narrow, a matrix product takes either order, and one row of ones below an array makes a bias part of
the product. What a caller hands over stays as it is, rows first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

Number = int | float


@dataclass(frozen=True)
class Value:
    """What an instruction computes, or what the caller gives.

    Attributes:
        number: values are told apart by it, and it follows the order in which they were made.
        units: the lengths of all axes but that of the rows.
        batched: whether there is an axis of rows; it is the last, or the first if `rows_first`.
        mask: whether the entries are true or false.
        given: the name of a parameter, of an input or of the targets; "" for what is computed.
    """

    number: int
    units: tuple[int, ...] = ()
    batched: bool = False
    rows_first: bool = False
    mask: bool = False
    given: str = ""

    @property
    def is_scalar(self) -> bool:
        return not self.units and not self.batched

    @property
    def width(self) -> int:
        """How many numbers there are for each row, or in all."""
        size = 1
        for length in self.units:
            size *= length
        return size

    @property
    def rank(self) -> tuple[bool, int]:
        """Orders values by what a pass over them costs."""
        return self.batched, self.width

    @property
    def axes(self) -> int:
        return len(self.units) + self.batched


@dataclass(frozen=True)
class Operand:
    """A value where an instruction uses it.

    Attributes:
        value: the array.
        places: for each of its axes, the axis of the instruction it stands for: those of the result
            from 0 on, then those that are summed over.
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
    """

    operation: str
    target: Value
    arguments: tuple[Argument, ...]
    equation: str = ""
    below: Value | None = None

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


OR_INF = "_or_inf"
"""Behind the name of a ufunc: where it overflows the result is right all the same, and nobody is warned."""

STRUCTURAL = {
    "dot": "a matrix product over one axis",
    "vdot": "the sum of the products of all entries of two arrays",
    "einsum": "a contraction that no matrix product states",
    "sum": "the sum over the axes that the target lacks",
    "max": "the largest over the units, for each row",
    "sum_before": "for each unit the sum over the units before it",
    "sum_after": "for each unit the sum over the units after it",
    "transpose": "a copy with its axes in another order, or of rows as columns",
    "stack": "a weight matrix over its bias",
    "fill": "a scalar or an array spread over more axes",
    "store": "the result handed out, rows first",
}
"""Operations that are no ufunc, and what they do."""
