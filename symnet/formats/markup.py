"""`Markup`: writes text and formulas in a format, and turns a document into views for a template.

A view holds the parts of a block as escaped text of the format. Templates lay them out and know nothing
of formulas. A new format is a `Markup`, a template, and an entry in `formats`.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from symnet.formats.blocks import Block, Display, Document, Inline, Math, Paragraph, Picture, Ref, Section, Step, Table
from symnet.formats.breaking import Measure, Printed, printed_lines
from symnet.formats.escaping import pdf_text
from symnet.formula import LATEX_OPERATORS, Formula, Words, formula_latex, formula_text, guarded, row

_NEGATIVE = re.compile(r"-\d[\d.,]*", re.ASCII)


@dataclass(frozen=True)
class ParagraphView:
    text: str
    kind: ClassVar[str] = "paragraph"


@dataclass(frozen=True)
class TableView:
    """A table; `columns` is the alignment of each column, in the syntax of the format."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]
    long: bool = False
    kind: ClassVar[str] = "table"


@dataclass(frozen=True)
class PictureView:
    """A picture in the language of the format; `description` is its caption without markup."""

    drawing: str
    caption: str
    description: str
    kind: ClassVar[str] = "picture"


@dataclass(frozen=True)
class LineView:
    """A line of a display; `turn` is the slide on which it appears, 1 without slides."""

    left: str
    relation: str
    right: str
    turn: int = 1


@dataclass(frozen=True)
class DisplayView:
    """A display; `number` is 0 if it has none, `size` is a command for the size of type, empty for the normal size.

    If it `hangs`, left-hand sides are on lines of their own.
    """

    lines: tuple[LineView, ...]
    number: int
    label: str
    size: str = ""
    hangs: bool = False
    kind: ClassVar[str] = "display"


@dataclass(frozen=True)
class StepView:
    title: str
    blocks: tuple[View, ...]
    kind: ClassVar[str] = "step"


@dataclass(frozen=True)
class SectionView:
    """A section; `plain` is its title in the characters that bookmarks allow."""

    title: str
    plain: str
    anchor: str
    blocks: tuple[View, ...]


View = ParagraphView | TableView | PictureView | DisplayView | StepView


@dataclass
class Markup(ABC):
    """The writer of a format; a format overrides the methods in which it differs.

    Attributes:
        document: the document, for its labels and symbols.
        measure: the widths for line breaking of displays; None if they are not broken.
    """

    document: Document
    measure: ClassVar[Measure | None] = None
    alignments: ClassVar[tuple[str, str]] = ("l", "r")

    @abstractmethod
    def text(self, text: str) -> str:
        """Plain text, escaped."""

    @abstractmethod
    def math(self, formula: Formula) -> str:
        """A formula in a line of text."""

    @abstractmethod
    def formula(self, formula: Formula) -> str:
        """A formula, or a part of one, in a display."""

    @abstractmethod
    def relation(self, name: str) -> str:
        """The operator between the sides of an equation."""

    def reference(self, label: str) -> str:
        """The number of an equation in a line of text."""
        return f"({self.document.numbers[label]})"

    @abstractmethod
    def drawing(self, picture: Picture) -> str:
        """The picture in the language of the format."""

    def label(self, label: str) -> str:
        """The label of an equation in the format: letters, digits and hyphens, unique."""
        return slug(label) if slug(label) == label else f"{slug(label)}--{self.document.numbers[label]}"

    def inline(self, inline: Inline) -> str:
        """A line of text."""
        pieces = []
        for part in inline:
            match part:
                case str():
                    pieces.append(self.text(part))
                case Math(formula):
                    pieces.append(self.math(formula))
                case Ref(label):
                    pieces.append(self.reference(label))
        return "".join(pieces)

    def start(self, inline: Inline) -> str:
        """A line of text at the start of a paragraph."""
        return self.inline(inline)

    def cell(self, inline: Inline) -> str:
        """A cell of a table; a negative number gets a minus sign instead of a hyphen."""
        if len(inline) == 1 and isinstance(inline[0], str) and _NEGATIVE.fullmatch(inline[0]):
            return self.text("−" + inline[0][1:])
        return self.inline(inline)

    def plain(self, inline: Inline) -> str:
        """A line of text without any markup, not escaped."""
        pieces = []
        for part in inline:
            match part:
                case str():
                    pieces.append(part)
                case Math(formula):
                    pieces.append(formula_text(formula))
                case Ref(label):
                    pieces.append(f"({self.document.numbers[label]})")
        return "".join(pieces)

    def sections(self) -> list[SectionView]:
        """The whole document."""
        return [self.section(section, number) for number, section in enumerate(self.document.sections, start=1)]

    def section(self, section: Section, number: int) -> SectionView:
        return SectionView(
            self.text(section.title), pdf_text(section.title), f"section-{number}", self.blocks(section.blocks)
        )

    def blocks(self, blocks: Sequence[Block]) -> tuple[View, ...]:
        return tuple(self.block(block) for block in blocks)

    def block(self, block: Block) -> View:
        """The view of a block."""
        match block:
            case Paragraph(text):
                return ParagraphView(self.start(text))
            case Table():
                return self.table(block)
            case Picture():
                return PictureView(
                    self.drawing(block), self.inline(block.caption), self.text(self.plain(block.caption))
                )
            case Display():
                return self.display(block)
            case Step(title, body):
                return StepView(self.inline(title), self.blocks(body))

    def table(self, table: Table) -> TableView:
        left, right = self.alignments
        columns = tuple(right if column in table.numeric else left for column in range(len(table.head)))
        rows = tuple(tuple(map(self.cell, row)) for row in table.rows)
        return TableView(tuple(map(self.cell, table.head)), rows, columns)

    def display(self, display: Display) -> DisplayView:
        """The view of a display, its lines broken if the format has a line width."""
        printed, excess = printed_lines(display, self.measure or Measure(float("inf")))
        lines = self.lines(printed)
        number = self.document.numbers[display.label] if display.label else 0
        label = self.label(display.label) if display.label else ""
        hangs = any(line.left is not None and line.right is None for line in printed)
        return DisplayView(lines, number, label, self.size(excess), hangs)

    def lines(self, printed: Sequence[Printed]) -> tuple[LineView, ...]:
        return tuple(self.line(line) for line in printed)

    def line(self, line: Printed) -> LineView:
        """A line; a sign at the start of a continued line is spaced as a binary operator."""
        right = line.right if line.relation or line.right is None else row(Words(""), line.right)
        return LineView(
            self.formula(line.left) if line.left is not None else "",
            self.relation(line.relation) if line.relation else "",
            self.formula(right) if right is not None else "",
        )

    def size(self, excess: float) -> str:
        """The size of type for a display that is too wide by this factor; empty for the normal size."""
        return ""


@dataclass
class LatexMarkup(Markup):
    """The base of formats that write formulas as LaTeX."""

    def math(self, formula: Formula) -> str:
        return f"${formula_latex(formula)}$"

    def formula(self, formula: Formula) -> str:
        return formula_latex(formula)

    def relation(self, name: str) -> str:
        return LATEX_OPERATORS[name].strip()

    def line(self, line: Printed) -> LineView:
        view = super().line(line)
        return replace(view, left=guarded(view.left))


def slug(text: str) -> str:
    """Text as letters, digits and hyphens."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")
