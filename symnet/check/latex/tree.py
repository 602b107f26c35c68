"""What a displayed formula says of a network: references to entries and arrays, and what is done with them.

Layers and units are counted here as the equations of a program count them (the input is layer 0, the
first unit 0), whatever the notation prints.
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
        """Whether it may stand for any number that rounds to it."""
        return "." in self.text


@dataclass(frozen=True)
class Constant(Node):
    """`pi`, `e`, `rate` (of learning) or `examples` (their number)."""

    name: str


@dataclass(frozen=True)
class Size(Node):
    """The number of units of a layer."""

    layer: Layer


@dataclass(frozen=True)
class Variable(Node):
    """The letter that a definition of a function takes."""

    name: str


@dataclass(frozen=True)
class Reference(Node):
    """An array of the network, or one entry of it.

    Attributes:
        stem: `z`, `a` (also of layer 0, the input), `y`, `W`, `b`, `C`, its parts `E` and `R`, or the
            letter of another array of a layer.
        layer: None for arrays that belong to none.
        indices: in the order of the program's axes, the example first; None for the whole array.
        cotangent: whether ∂C by it is meant (δ, dz), and not itself.
        is_extra: whether it is an array of a layer that no notation has a letter for.
    """

    stem: str
    layer: Layer | None
    indices: tuple[Index, ...] | None
    cotangent: bool = False
    is_extra: bool = False

    @property
    def kind(self) -> str:
        """The stem of what every notation has a letter for, else nothing."""
        return "" if self.is_extra else self.stem


@dataclass(frozen=True)
class DefinedSymbol:
    """A letter that no notation knows and a text defines: its name, style and accent as `letter_key` has them."""

    name: str
    style: str = ""
    accent: str = ""


@dataclass(frozen=True)
class Defined(Node):
    """A symbol of the text's own, with its layer and its indices as they stand there."""

    symbol: DefinedSymbol
    layer: Layer | None
    indices: tuple[Index, ...]


@dataclass(frozen=True)
class Definition:
    """What a symbol of the text's own stands for: `symbol` is the pattern, whose letters `body` speaks of."""

    symbol: Defined
    body: Node
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Differential(Node):
    """∂v or dv as a part of a derivative; `is_letter` where it is written with the letter d."""

    body: Node
    is_letter: bool


@dataclass(frozen=True)
class Derivative(Node):
    """∂above/∂below."""

    above: Reference
    below: Reference


@dataclass(frozen=True)
class Gradient(Node):
    """∇C, the derivatives by all parameters in a column; no order of theirs is agreed on."""


@dataclass(frozen=True)
class Activation(Node):
    """A layer's activation function, or its derivative of an order; None for the one that all layers share."""

    layer: Layer | None
    order: int
    argument: Node


@dataclass(frozen=True)
class Call(Node):
    """A function by its name; `index` is the unit over which one of a whole row runs."""

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
    """The root of the sum of squares of all entries (order 2), or the sum of their magnitudes (order 1)."""

    body: Node
    order: int


@dataclass(frozen=True)
class Bound(Node):
    """The index of a sum: over an axis or over layers, from `lower` to `upper` where they are given."""

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
    """The value of the first row whose condition holds; None holds always."""

    rows: tuple[tuple[Node, Node | None], ...]


@dataclass(frozen=True)
class Table(Node):
    """A matrix written out."""

    rows: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True)
class Ones(Node):
    """A column of ones, as long as it has to be where nothing is said."""

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
    """Where an equation is to hold: the values of a letter, each printed, or from the first to the last."""

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
