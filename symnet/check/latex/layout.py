"""A displayed formula as it is laid out: scripts, fractions and products of what stands side by side.

What the parts mean, a notation says; `resolve.py` makes a `tree` of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from symnet.support import Tree


@dataclass(frozen=True)
class Span:
    """From which character to which; counted from 0, the end not included."""

    start: int
    end: int


@dataclass(frozen=True)
class Part(Tree):
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Letter(Part):
    """One letter by its name (`z`, `delta`); its style `bold`, `calligraphic` or `blackboard`; its accent."""

    name: str
    style: str = ""
    accent: str = ""


@dataclass(frozen=True)
class Number(Part):
    text: str


@dataclass(frozen=True)
class Ones(Part):
    """A bold 1."""


@dataclass(frozen=True)
class Mark(Part):
    r"""`top` or `prime`; a stroke is a prime."""

    name: str


@dataclass(frozen=True)
class Partial(Part):
    """∂."""


@dataclass(frozen=True)
class Nabla(Part):
    """∇."""


@dataclass(frozen=True)
class SumSign(Part):
    """Σ without what stands at it."""


@dataclass(frozen=True)
class FunctionName(Part):
    """The name of a known function, upright."""

    name: str


@dataclass(frozen=True)
class Dots(Part):
    """What is left out of a list."""


@dataclass(frozen=True)
class Scripted(Part):
    """A base with what stands below and above on its right, each in the order in which it was written."""

    base: Part
    below: tuple[Part, ...]
    above: tuple[Part, ...]


@dataclass(frozen=True)
class Group(Part):
    """A list between fences: `(`, `[`, `{`, `|`, `‖`, or empty for the braces that LaTeX does not print."""

    items: tuple[Part, ...]
    fence: str
    operator: str = ""


@dataclass(frozen=True)
class Fraction(Part):
    top: Part
    bottom: Part


@dataclass(frozen=True)
class Root(Part):
    body: Part


@dataclass(frozen=True)
class Under(Part):
    """A part with something in small type under it."""

    body: Part
    below: Part


@dataclass(frozen=True)
class Cases(Part):
    """Values with their conditions; None for `else`."""

    rows: tuple[tuple[Part, Part | None], ...]


@dataclass(frozen=True)
class Table(Part):
    """A matrix written out."""

    rows: tuple[tuple[Part, ...], ...]


@dataclass(frozen=True)
class Product(Part):
    """Factors, each with the operator before it (empty for none) and whether a minus stands before it."""

    factors: tuple[tuple[str, bool, Part], ...]


@dataclass(frozen=True)
class Sum(Part):
    """Terms, each with whether it is subtracted."""

    terms: tuple[tuple[bool, Part], ...]


@dataclass(frozen=True)
class Chain(Part):
    """Sides with relations between them; at least two sides."""

    sides: tuple[Part, ...]
    relations: tuple[str, ...]


@dataclass(frozen=True)
class Line(Part):
    """What stands in one line, apart: chains, and the conditions under which they hold."""

    items: tuple[Part, ...]
