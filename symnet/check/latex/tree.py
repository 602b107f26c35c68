"""The tree of a displayed formula: references to arrays of a network, and the operations on them.

Layers and units are counted as in programs (the input is layer 0, the first unit is 0), whatever the notation
prints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from symnet.check.latex.layout import Span
from symnet.support import trees


@dataclass(frozen=True)
class Layer:
    """A layer: a number, or a letter (of a general layer, or of the last one) with a number added to it."""

    letter: str
    offset: int = 0


@dataclass(frozen=True)
class Index:
    """The index of a unit or an example: a letter with a number added to it, or a number alone."""

    letter: str
    offset: int = 0


@dataclass(frozen=True)
class Node(trees.Tree):
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Literal(Node):
    """A number as it is printed."""

    text: str

    @property
    def is_rounded(self) -> bool:
        """Whether the number has a decimal point and may thus be rounded."""
        return "." in self.text


@dataclass(frozen=True)
class Constant(Node):
    """`pi`, `e`, `rate` (the learning rate) or `examples` (the number of examples)."""

    name: str


@dataclass(frozen=True)
class Size(Node):
    """The number of units of a layer."""

    layer: Layer


@dataclass(frozen=True)
class Variable(Node):
    """The variable of a function's definition, as u in f(u) = ..."""

    name: str


@dataclass(frozen=True)
class Reference(Node):
    """An array of the network, or one entry of it.

    Attributes:
        stem: `z`, `a` (also of layer 0, the input), `y`, `W`, `b`, `C`, its parts `E` and `R`, or the
            letter of another array of a layer.
        layer: the layer; None for arrays in no layer.
        indices: in the order of the program's axes, the example first; None for the whole array.
        cotangent: whether it is the derivative of C by the array (δ, dz).
        is_extra: whether it is an array that notations have no letter for.
    """

    stem: str
    layer: Layer | None
    indices: tuple[Index, ...] | None
    cotangent: bool = False
    is_extra: bool = False

    @property
    def kind(self) -> str:
        """The stem if every notation has a letter for it, else empty."""
        return "" if self.is_extra else self.stem


@dataclass(frozen=True)
class DefinedSymbol:
    """A letter that a text defines: its name, style and accent as in `letter_key`."""

    name: str
    style: str = ""
    accent: str = ""


@dataclass(frozen=True)
class Defined(Node):
    """A use of a symbol that the text defined, with its layer and its indices in the order of the page."""

    symbol: DefinedSymbol
    layer: Layer | None
    indices: tuple[Index, ...]


@dataclass(frozen=True)
class Definition:
    """A definition of a symbol in a text.

    Attributes:
        symbol: the left side, a pattern: its letters of layers and indices stand for any.
        body: the right side.
        conditions: the values of letters for which the definition holds.
    """

    symbol: Defined
    body: Node
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Differential(Node):
    """∂v or dv as a part of a derivative; `is_letter` if it is written with the letter d."""

    body: Node
    is_letter: bool


@dataclass(frozen=True)
class Derivative(Node):
    """∂above/∂below."""

    above: Reference
    below: Reference


@dataclass(frozen=True)
class Gradient(Node):
    """∇C, the column of the derivatives by all parameters, in no particular order."""


@dataclass(frozen=True)
class Activation(Node):
    """An activation function or its derivative at an argument.

    Attributes:
        layer: whose function it is; None for the function that all layers share.
        order: of the derivative; 0 for the function itself.
        argument: the argument.
    """

    layer: Layer | None
    order: int
    argument: Node


@dataclass(frozen=True)
class Call(Node):
    """A function by its name; `index` is the unit at which a function of rows (softmax) is taken."""

    name: str
    arguments: tuple[Node, ...]
    index: Index | None = None


@dataclass(frozen=True)
class Sum(Node):
    """Terms, each with whether it is subtracted."""

    terms: tuple[tuple[bool, Node], ...]


@dataclass(frozen=True)
class Product(Node):
    """Factors, each with the operator before it: empty, `times`, `hadamard`, `divide`, `elementwise divide`."""

    factors: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Power(Node):
    base: Node
    exponent: Node


@dataclass(frozen=True)
class Transposed(Node):
    body: Node


@dataclass(frozen=True)
class Absolute(Node):
    body: Node


@dataclass(frozen=True)
class Norm(Node):
    """The root of the sum of squares of all entries (order 2), or the sum of their absolute values (order 1)."""

    body: Node
    order: int


@dataclass(frozen=True)
class Bound(Node):
    """The index of a sum: over an axis or over layers, from `lower` to `upper` if given, without `excluded`."""

    letter: str
    lower: Node | Layer | None = None
    upper: Node | Layer | None = None
    excluded: Index | None = None


@dataclass(frozen=True)
class Total(Node):
    bounds: tuple[Bound, ...]
    body: Node


@dataclass(frozen=True)
class Same(Node):
    """1 where two indices are equal (or differ), else 0."""

    left: Index
    right: Index
    differ: bool = False


@dataclass(frozen=True)
class Comparison(Node):
    """1 where it holds, else 0."""

    relation: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Choice(Node):
    """The value of the first row whose condition holds; a condition of None always holds."""

    rows: tuple[tuple[Node, Node | None], ...]


@dataclass(frozen=True)
class Table(Node):
    """A matrix written out."""

    rows: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True)
class Ones(Node):
    """A column of ones; a length of None is whatever fits."""

    length: Node | None = None


@dataclass(frozen=True)
class Shaped(Node):
    """A factor with its shape printed under it."""

    body: Node
    shape: tuple[Node, Node]


@dataclass(frozen=True)
class Valued(Node):
    """A factor with its value printed under it."""

    body: Node
    value: Node


@dataclass(frozen=True)
class Condition(Node):
    """The values of a letter for which an equation holds: each of `values`, or all from the first to the last."""

    letter: str
    values: tuple[Node | Layer, ...]
    is_range: bool


@dataclass(frozen=True)
class Chain(Node):
    """Sides with relations between them: `=`, `approx` or `update`."""

    sides: tuple[Node, ...]
    relations: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()


children: Callable[[Node], Iterator[Node]] = trees.children
walk: Callable[[Node], Iterator[Node]] = trees.walk
rewrite: Callable[[Node, Callable[[Node], Node]], Node] = trees.rewrite
