"""The array program: what an equation is once its indices have become axes."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Idx

from symnet.equations import Equation
from symnet.trees import Tree

Axes = tuple[Idx, ...]


@dataclass(frozen=True)
class Node(Tree):
    """A whole-array value; `axes` names the index that each of its axes stands for."""

    axes: Axes


@dataclass(frozen=True)
class Load(Node):
    """An array by name."""

    name: str


@dataclass(frozen=True)
class Literal(Node):
    """A number, or the name of a size that is known at run time only."""

    value: int | float | str


@dataclass(frozen=True)
class Terms(Node):
    """A sum of terms, each with its sign (True for a minus)."""

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
    """An elementary function, elementwise; its name is that of the table in `equations.functions`."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class RowCall(Node):
    """A function of all entries along the axis of one index, which is the last."""

    function: str
    argument: Node
    unit: Idx


@dataclass(frozen=True)
class Expand(Node):
    """The operand with axes of length 1 where `axes` names an index it lacks."""

    operand: Node


@dataclass(frozen=True)
class Transpose(Node):
    """The operand with its axes in another order."""

    operand: Node


@dataclass(frozen=True)
class Matmul(Node):
    """A contraction over one index: the last axis of `left` with the first of `right`."""

    left: Node
    right: Node


@dataclass(frozen=True)
class Einsum(Node):
    """A contraction that no matrix product states."""

    subscripts: str
    operands: tuple[Node, ...]


@dataclass(frozen=True)
class Reduce(Node):
    """The sum over the axes of the operand that `axes` lacks."""

    operand: Node


@dataclass(frozen=True)
class Fill(Node):
    """The operand spread over axes that it lacks."""

    operand: Node
    shape: tuple[int | str, ...]


@dataclass(frozen=True)
class Statement:
    """One assignment of the array program, with the equation that it computes."""

    name: str
    value: Node
    equation: Equation
