"""Beamer slides: a frame for each step, on which factors and lines are uncovered one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import ceil
from typing import ClassVar, TypeVar

from symnet.formats.blocks import Display, Document, Inline, Line, Math, Paragraph, Picture, Section, Step, Table
from symnet.formats.breaking import Measure, Printed, printed_lines
from symnet.formats.escaping import comment_text, pdf_text, tex_text
from symnet.formats.markup import LineView, View
from symnet.formats.tex import TexMarkup, inline_width
from symnet.formula import LINE, Formula, Reveal, formula_height, formula_latex, is_tall
from symnet.support import walk
from symnet.templating import SHIPPED, Templates

FRAME = 20.0
"""The height of a frame below its title, in em."""

DISPLAY_SKIP = 1.7
ROW_SKIP = 0.4
PARAGRAPH_SKIP = 0.3
TABLE_ROW = 1.7
TABLE_LINE = 1.6
TALL_ROW = 0.6
RAGGED = 1.15
TABLE_SKIP = 1.8
PICTURE = 12.5

Entry = TypeVar("Entry")

SlideBlock = Paragraph | Display | Table | Picture


@dataclass(frozen=True)
class ShownView:
    """A block and the slide of its frame on which it appears."""

    turn: int
    block: View


@dataclass(frozen=True)
class FrameView:
    """A frame; `part` is its number among several, such as (1/2), else empty."""

    title: str
    part: str
    blocks: tuple[ShownView, ...]


@dataclass(frozen=True)
class PartView:
    """The frames of a section; `plain` is its title in the characters that bookmarks allow."""

    title: str
    plain: str
    frames: tuple[FrameView, ...]


@dataclass
class BeamerMarkup(TexMarkup):
    r"""Writes LaTeX for slides; equations are numbered by `\tag`, since every slide typesets them again.

    Attributes:
        turn: the slide of the frame on which the next output appears.
    """

    measure: ClassVar[Measure] = Measure(34)
    turn: int = 1

    def reference(self, label: str) -> str:
        return f"({self.document.numbers[label]})"

    def label(self, label: str) -> str:
        return ""

    def formula(self, formula: Formula) -> str:
        start = self.turn
        return formula_latex(formula, reveal=lambda turn: rf"\uncover<{start + turn - 1}->")

    def lines(self, printed: Sequence[Printed]) -> tuple[LineView, ...]:
        """The lines of a display, each one slide after the previous line and its factors."""
        views: list[LineView] = []
        for _, group in groupby(printed, lambda line: line.source):
            lines = list(group)
            self.turn += bool(views)
            views += [replace(self.line(line), turn=self.turn) for line in lines]
            self.turn += max(reveals(line.right) for line in lines) - 1
        return tuple(views)

    def parts(self) -> list[PartView]:
        """The frames of each section."""
        return [
            PartView(self.text(section.title), pdf_text(section.title), tuple(self.of_section(section)))
            for section in self.document.sections
        ]

    def of_section(self, section: Section) -> Iterator[FrameView]:
        """The frames of a section: one for each step, others for blocks between steps."""
        for is_step, group in groupby(section.blocks, lambda block: isinstance(block, Step)):
            blocks = list(group)
            if not is_step:
                yield from self.filled(self.text(section.title), [b for b in blocks if not isinstance(b, Step)])
            for step in blocks:
                if isinstance(step, Step):
                    yield from self.filled(self.inline(step.title), step.body)

    def filled(self, title: str, blocks: Sequence[SlideBlock]) -> Iterator[FrameView]:
        """Distribute blocks over as many frames as they need."""
        frames: list[list[SlideBlock]] = [[]]
        room = FRAME
        for group, height in self._kept_together(blocks):
            if height > room and frames[-1]:
                frames.append([])
                room = FRAME
            frames[-1] += group
            room -= height
        for number, held in enumerate(frames, start=1):
            yield FrameView(title, f"({number}/{len(frames)})" if len(frames) > 1 else "", self._shown(held))

    def _kept_together(self, blocks: Sequence[SlideBlock]) -> Iterator[tuple[list[SlideBlock], float]]:
        """Split blocks into groups that fit on a frame, with their heights; a paragraph stays with the next block."""
        group: list[SlideBlock] = []
        for block in blocks:
            for part in self.split(block):
                held = sum(map(self.height, [*group, part]))
                if group and held > FRAME:
                    yield group, sum(map(self.height, group))
                    group = []
                group.append(part)
                if not isinstance(part, Paragraph):
                    yield group, sum(map(self.height, group))
                    group = []
        if group:
            yield group, sum(map(self.height, group))

    def _shown(self, blocks: Sequence[SlideBlock]) -> tuple[ShownView, ...]:
        self.turn = 1
        shown: list[ShownView] = []
        for before, block in zip([None, *blocks], blocks, strict=False):
            self.turn += isinstance(before, Display | Table)
            turn = self.turn
            shown.append(ShownView(turn, self.block(block)))
        return tuple(shown)

    def height(self, block: SlideBlock) -> float:
        """The height of a block on a frame in em."""
        match block:
            case Paragraph(text):
                return self._text_height(text) + PARAGRAPH_SKIP
            case Display():
                return DISPLAY_SKIP + sum(map(_line_height, printed_lines(block, self.measure)[0]))
            case Table():
                return TABLE_SKIP + self._table_height(block)
            case Picture():
                return PICTURE + self._text_height(block.caption)

    def _text_height(self, text: Inline) -> float:
        return LINE * ceil(inline_width(text) / self.measure.width)

    def _table_height(self, table: Table) -> float:
        narrowed = self.narrowed(table)
        height = 0.0
        for row in (table.head, *table.rows):
            lines = [ceil(RAGGED * inline_width(row[at]) / width) for at, width in narrowed.items()]
            tall = any(isinstance(part, Math) and is_tall(part.formula) for cell in row for part in cell)
            height += TABLE_ROW + TALL_ROW * tall + TABLE_LINE * (max([1, *lines]) - 1)
        return height

    def split(self, block: SlideBlock) -> Iterator[SlideBlock]:
        """Split a block into parts that fit on a frame."""
        if self.height(block) <= FRAME:
            yield block
        elif isinstance(block, Display) and len(block.lines) > 1:
            for lines, last in _halves(_with_left_sides(block.lines)):
                yield from self.split(Display(lines, block.label if last else "", block.where))
        elif isinstance(block, Table) and len(block.rows) > 1:
            for rows, _ in _halves(block.rows):
                yield from self.split(replace(block, rows=rows))
        else:
            yield block


def reveals(formula: Formula | None) -> int:
    """The number of steps in which a formula is uncovered."""
    nodes = walk(formula) if formula is not None else ()
    return max((node.turn for node in nodes if isinstance(node, Reveal)), default=1)


def _with_left_sides(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """The lines of a display; the first one of its second half repeats the left-hand side, since it starts a frame."""
    middle = (len(lines) + 1) // 2
    left = next((line.left for line in reversed(lines[: middle + 1]) if line.left is not None), None)
    return (*lines[:middle], replace(lines[middle], left=left), *lines[middle + 1 :])


def _halves(entries: tuple[Entry, ...]) -> Iterator[tuple[tuple[Entry, ...], bool]]:
    """Both halves of a sequence, and whether it is the last."""
    middle = (len(entries) + 1) // 2
    yield entries[:middle], False
    yield entries[middle:], True


def _line_height(line: Printed) -> float:
    return ROW_SKIP + max(LINE, *(formula_height(side) for side in (line.left, line.right) if side is not None))


def write_beamer(document: Document, templates: Templates = SHIPPED) -> str:
    """Slides for pdfTeX and the beamer class."""
    markup = BeamerMarkup(document)
    return templates.render(
        "derivation.beamer.jinja",
        title=tex_text(document.title),
        subtitle=tex_text(document.subtitle),
        comment=comment_text(document.title),
        pdf_title=pdf_text(document.title),
        sections=markup.parts(),
    )
