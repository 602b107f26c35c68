"""The layout of a displayed formula: scripts, fractions, and products of adjacent parts.

A layout does not depend on the notation; `resolve.py` turns it into a `tree` of what the parts mean in one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from symnet.support import Tree


@dataclass(frozen=True)
class Span:
    """A range of characters, counted from 0, the end excluded."""

    start: int
    end: int


@dataclass(frozen=True)
class Part(Tree):
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Letter(Part):
    """A letter: its name (`z`, `delta`), its style (`bold`, `calligraphic`, `blackboard`) and its accent."""

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
    r"""A transpose or a prime: `top` or `prime`."""

    name: str


@dataclass(frozen=True)
class Partial(Part):
    """∂."""


@dataclass(frozen=True)
class Nabla(Part):
    """∇."""


@dataclass(frozen=True)
class SumSign(Part):
    """Σ without its limits, which are scripts."""


@dataclass(frozen=True)
class FunctionName(Part):
    """The upright name of a known function."""

    name: str


@dataclass(frozen=True)
class Dots(Part):
    """Dots in a list."""


@dataclass(frozen=True)
class Scripted(Part):
    """A base with its subscripts and superscripts, each in the order in which they were written."""

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
    """A part with an annotation under it, as by `\\underset`."""

    body: Part
    below: Part


@dataclass(frozen=True)
class Cases(Part):
    """Values with their conditions; the condition of `else` is None."""

    rows: tuple[tuple[Part, Part | None], ...]


@dataclass(frozen=True)
class Table(Part):
    """A matrix written out."""

    rows: tuple[tuple[Part, ...], ...]


@dataclass(frozen=True)
class Product(Part):
    """Factors, each with the operator before it (empty for none) and whether it is negated."""

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
    """The items of one line: chains, and the conditions under which they hold."""

    items: tuple[Part, ...]
