"""`Document`: a derivation as blocks of text, formulas, tables and pictures, independent of a format.

Text is plain; each format escapes it. A displayed equation may carry a label; labelled ones are
numbered in the order of the document, and text refers to them by `Ref`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from symnet.formula import Formula
from symnet.support import visible


@dataclass(frozen=True)
class Math:
    """A formula in a line of text."""

    formula: Formula


@dataclass(frozen=True)
class Ref:
    """The number of the displayed equation with this label, such as (3)."""

    label: str


Inline = tuple["str | Math | Ref", ...]


@dataclass(frozen=True)
class Line:
    """One line of a display: `left relation right`.

    Attributes:
        left: the left-hand side; None if the line continues the chain of the line before (`= ...`).
        relation: the name of an operator of `formula.OPERATORS`: `=`, `equiv`, `approx`, `leftarrow`.
        right: the right-hand side.
    """

    left: Formula | None
    relation: str
    right: Formula


@dataclass(frozen=True)
class Display:
    """Equations aligned at their relations, with one number if they have a label.

    Attributes:
        lines: one or more.
        label: the target of `Ref`; empty for a display without a number.
        where: a condition beside the last line, such as `l = 1, ..., L - 1`.
    """

    lines: tuple[Line, ...]
    label: str = ""
    where: Formula | None = None


@dataclass(frozen=True)
class Paragraph:
    text: Inline


@dataclass(frozen=True)
class Table:
    """A table with a head; `numeric` columns are set flush right."""

    head: tuple[Inline, ...]
    rows: tuple[tuple[Inline, ...], ...]
    numeric: tuple[int, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A drawing in each language that formats need, and a caption.

    Attributes:
        tikz: a `tikzpicture` environment.
        svg: an `svg` element with a `viewBox`, free of scripts and of references to anything outside it.
        text: the drawing for a terminal.
        caption: a description of the drawing.
    """

    tikz: str
    svg: str
    text: str
    caption: Inline


@dataclass(frozen=True)
class Step:
    """One step of a derivation: the reason and the equations; a frame of its own in slides."""

    title: Inline
    body: tuple[Paragraph | Display | Table, ...]


Block = Paragraph | Table | Picture | Display | Step


@dataclass(frozen=True, repr=False)
class Section:
    """A section; `name` is what it is asked for by, alone or with others."""

    title: str
    blocks: tuple[Block, ...]
    name: str = ""

    def __repr__(self) -> str:
        return f"<Section {visible(self.title)!r}: {len(self.blocks)} blocks>"


@dataclass(frozen=True)
class SymbolInfo:
    """The tooltip of a symbol on a web page.

    Attributes:
        meaning: such as `weights of layer 1`.
        shape: such as `2 × 3` or `a number`.
        sources: keys of the symbols that its equation uses.
        uses: keys of the symbols in whose equations it is used.
    """

    meaning: str
    shape: str
    sources: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class Document:
    """A whole derivation.

    Attributes:
        title: a plain line, which may come from the user.
        subtitle: the form of the derivation and its notation.
        sections: in order.
        symbols: the tooltip of each `formula.Symbol`, by key.
        module: source of the generated module, for formats that run it (notebooks); empty if there is none.
        numbered: whether LaTeX numbers the sections; else any numbers are part of the titles.
    """

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    symbols: dict[str, SymbolInfo] = field(default_factory=dict)
    module: str = ""
    numbered: bool = True

    def __repr__(self) -> str:
        return f"<Document {visible(self.title)!r}, {visible(self.subtitle)}: {len(self.sections)} sections>"

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each labelled display, counted from 1 in the order of the document."""
        labels = [display.label for display in self.displays() if display.label]
        return {label: number for number, label in enumerate(labels, start=1)}

    def displays(self) -> Iterator[Display]:
        """Every displayed equation, in order."""
        for section in self.sections:
            for block in section.blocks:
                inside = block.body if isinstance(block, Step) else (block,)
                for part in inside:
                    if isinstance(part, Display):
                        yield part
