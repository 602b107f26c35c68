"""The array program: expression trees over whole arrays, whose axes stand for the indices of an equation."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Idx

from symnet.core import Equation
from symnet.support import Tree

Axes = tuple[Idx, ...]

Place = tuple[int, tuple[tuple[Idx, int], ...]]
"""A position along an axis: an offset, and the step of each index that it moves with. 2*p + u - 1 is (-1, p:2, u:1)."""


@dataclass(frozen=True)
class Node(Tree):
    """A whole-array value; `axes` lists the index of each of its axes."""

    axes: Axes


@dataclass(frozen=True)
class Load(Node):
    """An array by name."""

    name: str


@dataclass(frozen=True)
class Window(Node):
    """An array by name, read at affine positions, one for each of its axes; `outside` of it a number, mostly 0."""

    name: str
    places: tuple[Place, ...]
    shape: tuple[int | str, ...]
    outside: float = 0.0


@dataclass(frozen=True)
class Scatter(Node):
    """The entries of the operand added up at affine positions, one for each axis of the result, those outside dropped.

    It is the adjoint of `Window`.
    """

    operand: Node
    places: tuple[Place, ...]
    shape: tuple[int | str, ...]


@dataclass(frozen=True)
class Delta(Node):
    """1 where a position is 0, and 0 elsewhere."""

    place: Place
    shape: tuple[int | str, ...]


@dataclass(frozen=True)
class Literal(Node):
    """A number, or the name of a size known only at run time."""

    value: int | float | str


@dataclass(frozen=True)
class Terms(Node):
    """A sum of terms, each with its sign (True for minus)."""

    terms: tuple[tuple[bool, Node], ...]


@dataclass(frozen=True)
class Product(Node):
    """±(product of `above`)/(product of `below`), elementwise."""

    negative: bool
    above: tuple[Node, ...]
    below: tuple[Node, ...]


@dataclass(frozen=True)
class Power(Node):
    """base**exponent, elementwise."""

    base: Node
    exponent: int | float


@dataclass(frozen=True)
class Call(Node):
    """An elementary function applied elementwise, by its name in its record in `functions`."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class RowCall(Node):
    """A function along one axis, such as softmax; the axis of `unit` is the last."""

    function: str
    argument: Node
    unit: Idx


@dataclass(frozen=True)
class Expand(Node):
    """The operand with an axis of length 1 for each index of `axes` that it lacks."""

    operand: Node


@dataclass(frozen=True)
class Transpose(Node):
    """The operand with its axes permuted."""

    operand: Node


@dataclass(frozen=True)
class Matmul(Node):
    """A contraction over one index: the last axis of `left` and the first of `right`."""

    left: Node
    right: Node


@dataclass(frozen=True)
class Einsum(Node):
    """A contraction that is not a matrix product."""

    subscripts: str
    operands: tuple[Node, ...]


@dataclass(frozen=True)
class Reduce(Node):
    """The sum over the axes of the operand that are not in `axes`."""

    operand: Node


@dataclass(frozen=True)
class Fill(Node):
    """The operand broadcast along axes that it lacks, to a full array of `shape`."""

    operand: Node
    shape: tuple[int | str, ...]


@dataclass(frozen=True)
class Statement:
    """One assignment of the array program, and the equation it computes."""

    name: str
    value: Node
    equation: Equation
