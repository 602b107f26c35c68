"""Formulas as they are laid out on a page: a small tree that LaTeX, MathML and text are written from.

A node says what stands where (a script, a fraction, a sum), never what it means. The one exception
is `Symbol`, which marks a part as a symbol of the page, so that a web page can point at it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from symnet.trees import Tree, children

Style = Literal["italic", "upright", "bold", "calligraphic", "blackboard"]
Accent = Literal["", "hat", "tilde", "bar"]

GREEK = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu", "nu", "xi", "pi"),
    *("rho", "sigma", "tau", "phi", "varphi", "chi", "psi", "omega"),
    *("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Phi", "Psi", "Omega"),
)
"""Names of letters that are written out in a `Letter`."""

OPERATORS = {
    "+": "+",
    "-": "−",
    "=": "=",
    "approx": "≈",
    "equiv": "≡",
    "leftarrow": "←",
    "greater": ">",
    "at_least": "≥",
    "times": "×",
    "odot": "⊙",
    "circ": "∘",
    "ast": "∗",
    "oslash": "⊘",
    "comma": ",",
    "partial": "∂",
    "nabla": "∇",
    "prime": "′",
    "dots": "…",
    "top": "⊤",
}
"""The operators of a page by name, each with its character."""


@dataclass(frozen=True)
class Letter(Tree):
    """One letter: a Latin letter, or a Greek one by its name (`delta`)."""

    text: str
    style: Style = "italic"
    accent: Accent = ""


@dataclass(frozen=True)
class Function(Tree):
    """The upright name of a function, such as `tanh` or `softmax`."""

    name: str


@dataclass(frozen=True)
class Number(Tree):
    """A number as it is to be read, without its sign."""

    text: str


@dataclass(frozen=True)
class Operator(Tree):
    """An operator by its name in `OPERATORS`."""

    name: str


@dataclass(frozen=True)
class Words(Tree):
    """Upright words inside a formula, such as `for` or `else`."""

    text: str


@dataclass(frozen=True)
class Row(Tree):
    """Parts beside one another; factors are set apart by a thin space (`Space`)."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Space(Tree):
    """A space: thin between factors, wide between an equation and its condition."""

    width: Literal["thin", "wide"] = "thin"


@dataclass(frozen=True)
class Scripts(Tree):
    """A base with what stands below and above on its right."""

    base: Formula
    below: Formula | None = None
    above: Formula | None = None


@dataclass(frozen=True)
class Fraction(Tree):
    top: Formula
    bottom: Formula


@dataclass(frozen=True)
class Root(Tree):
    body: Formula


@dataclass(frozen=True)
class Fenced(Tree):
    """A formula between fences that grow with it; each fence is one of ( ) [ ] { } | ‖ or empty."""

    body: Formula
    left: str = "("
    right: str = ")"


@dataclass(frozen=True)
class Total(Tree):
    """Σ over what stands under it; its body follows in the same row."""

    below: Formula
    above: Formula | None = None


@dataclass(frozen=True)
class Cases(Tree):
    """Values with the condition under which each holds."""

    rows: tuple[tuple[Formula, Formula], ...]


@dataclass(frozen=True)
class Grid(Tree):
    """A matrix or a column of entries in parentheses."""

    rows: tuple[tuple[Formula, ...], ...]


@dataclass(frozen=True)
class Under(Tree):
    """A factor with its shape, or its value, in small type under it."""

    body: Formula
    below: Formula


@dataclass(frozen=True)
class Symbol(Tree):
    """A part that is a symbol of the page; `key` finds its entry in `Document.symbols`."""

    body: Formula
    key: str


@dataclass(frozen=True)
class Reveal(Tree):
    """A part that slides uncover in its turn: 1 first, 2 after it; other formats show it at once."""

    body: Formula
    turn: int


Formula = (
    Letter
    | Function
    | Number
    | Operator
    | Words
    | Row
    | Space
    | Scripts
    | Fraction
    | Root
    | Fenced
    | Total
    | Cases
    | Grid
    | Under
    | Symbol
    | Reveal
)


parts_of: Callable[[Formula], Iterator[Formula]] = children
"""The formulas directly inside a node."""


def row(*parts: Formula | None) -> Formula:
    """The parts beside one another, rows inside it opened, None left out."""
    flat: list[Formula] = []
    for part in parts:
        if isinstance(part, Row):
            flat.extend(part.parts)
        elif part is not None:
            flat.append(part)
    return flat[0] if len(flat) == 1 else Row(tuple(flat))


def joined(parts: Iterable[Formula], *between: Formula) -> Formula:
    """Parts beside one another with something between each two."""
    written: list[Formula] = []
    for part in parts:
        written += [*between, part] if written else [part]
    return row(*written)


def product(*factors: Formula | None) -> Formula:
    """Factors beside one another with thin spaces between them."""
    return joined((factor for factor in factors if factor is not None), Space())
