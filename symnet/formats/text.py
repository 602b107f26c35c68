"""Plain text for a terminal of 100 columns."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import ClassVar

from symnet.formats.blocks import Document, Inline, Picture
from symnet.formats.breaking import Measure
from symnet.formats.markup import DisplayView, LineView, Markup, ParagraphView, PictureView, StepView, TableView, View
from symnet.formula import OPERATORS, Formula, formula_text
from symnet.support import visible
from symnet.templating import SHIPPED, Templates

WIDTH = 100
INDENT = 4
UNBROKEN = 60
"""A formula of at most this many characters in a line of text is not broken."""

MAX_COLUMN = 60

_NO_BREAK = "\u2060"
"""A placeholder for spaces in formulas while text is broken into lines."""


def text_width(formula: Formula) -> float:
    """The width of a formula in characters."""
    return columns(formula_text(formula))


def columns(text: str) -> int:
    """The width of a text in columns of a terminal; combining accents have width 0."""
    return sum(1 for character in text if not "\u0300" <= character <= "\u036f")


@dataclass
class TextMarkup(Markup):
    """Writes plain text; `laid_out` puts the parts of a block on lines."""

    measure: ClassVar[Measure] = Measure(WIDTH - INDENT, text_width, relation=3, indent=4, number=7)

    def text(self, text: str) -> str:
        return visible(text)

    def math(self, formula: Formula) -> str:
        written = formula_text(formula)
        return written.replace(" ", _NO_BREAK) if len(written) <= UNBROKEN else written

    def formula(self, formula: Formula) -> str:
        return formula_text(formula)

    def relation(self, name: str) -> str:
        return OPERATORS[name]

    def cell(self, inline: Inline) -> str:
        return super().cell(inline).replace(_NO_BREAK, " ")

    def drawing(self, picture: Picture) -> str:
        return "\n".join(visible(line).rstrip() for line in picture.text.strip("\n").splitlines())


def wrapped(text: str, first: str = "", later: str = "") -> str:
    """Wrap a paragraph to lines of at most `WIDTH` columns."""
    lines = textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=later, break_on_hyphens=False)
    return "\n".join(lines).replace(_NO_BREAK, " ")


def laid_out(view: View) -> str:
    """The lines of a block, without an empty line at the end."""
    match view:
        case ParagraphView(text):
            return wrapped(text)
        case TableView():
            return _table(view)
        case PictureView(drawing, _):
            # The caption is left out: it describes circles and arrows, which a terminal does not show.
            return textwrap.indent(drawing, " " * INDENT)
        case DisplayView():
            return _display(view)
        case StepView(title, blocks):
            return "\n\n".join([wrapped(title, "▸ ", "  "), *map(laid_out, blocks)])


def _display(view: DisplayView) -> str:
    left = 0 if view.hangs else max(columns(line.left) for line in view.lines)
    lines = [_line(line, left) for line in view.lines]
    if view.number:
        number = f"({view.number})"
        gap = max(WIDTH - columns(lines[-1]) - len(number), 2)
        lines[-1] += " " * gap + number
    return "\n".join(lines)


def _line(line: LineView, left: int) -> str:
    if line.left and not line.right:
        return " " * INDENT + line.left
    start = " " * (INDENT + left - columns(line.left)) + line.left
    if line.relation:
        return f"{start}{' ' if left else ''}{line.relation} {line.right}"
    return f"{start}       {line.right}"


def _table(view: TableView) -> str:
    """A table as text; the cells of wide columns are wrapped."""
    grid = [view.head, *view.rows]
    widths = [min(max(columns(row[at]) for row in grid), MAX_COLUMN) for at in range(len(view.head))]
    lines: list[str] = []
    for place, row in enumerate(grid):
        cells = [textwrap.wrap(cell, width) or [""] for cell, width in zip(row, widths, strict=True)]
        for at in range(max(map(len, cells))):
            pieces = [
                _padded(cell[at] if at < len(cell) else "", width, kind)
                for cell, width, kind in zip(cells, widths, view.columns, strict=True)
            ]
            lines.append(("  " + "  ".join(pieces)).rstrip())
        if place == 0:
            lines.append("  " + "  ".join("─" * width for width in widths))
    return "\n".join(lines)


def _padded(text: str, width: int, kind: str) -> str:
    gap = " " * (width - columns(text))
    return gap + text if kind == "r" else text + gap


def write_text(document: Document, templates: Templates = SHIPPED) -> str:
    """A document for a terminal."""
    markup = TextMarkup(document)
    return templates.render(
        "derivation.txt.jinja",
        title=wrapped(visible(document.title)),
        subtitle=wrapped(visible(document.subtitle)),
        sections=[(section.title, [laid_out(block) for block in section.blocks]) for section in markup.sections()],
        underline=lambda text, mark: mark * min(max(map(columns, text.splitlines())), WIDTH),
    )
