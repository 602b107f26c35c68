"""Some sections of a document on their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from symnet.formats.blocks import Block, Display, Document, Inline, Paragraph, Picture, Ref, Section, Step, Table
from symnet.support import SECTION_NEEDS, NotationError, unknown

Part = Paragraph | Display | Table


def only(document: Document, names: Sequence[str]) -> Document:
    """The document with the sections of these names alone, in its own order.

    Equations are numbered anew; what refers to one that is left out has its number on the whole page, and says so.

    Raises:
        NotationError: the document has no section of that name.
    """
    known = list(dict.fromkeys(section.name for section in document.sections))
    for name in names:
        if name not in known and name in SECTION_NEEDS:
            raise NotationError(f"a page has the section {name} only with {SECTION_NEEDS[name]}")
        if name not in known:
            raise NotationError(unknown("section of this page", name, known))
    kept = replace(document, sections=tuple(section for section in document.sections if section.name in names))
    left_out = {label: number for label, number in document.numbers.items() if label not in kept.numbers}
    return replace(kept, sections=tuple(_section(section, left_out) for section in kept.sections))


def _section(section: Section, left_out: Mapping[str, int]) -> Section:
    def inline(text: Inline) -> Inline:
        return tuple(
            f"({left_out[piece.label]} of the whole page)"
            if isinstance(piece, Ref) and piece.label in left_out
            else piece
            for piece in text
        )

    def part(entry: Part) -> Part:
        if isinstance(entry, Paragraph):
            return Paragraph(inline(entry.text))
        if isinstance(entry, Table):
            rows = tuple(tuple(map(inline, row)) for row in entry.rows)
            return replace(entry, head=tuple(map(inline, entry.head)), rows=rows)
        return entry

    def block(entry: Block) -> Block:
        if isinstance(entry, Step):
            return Step(inline(entry.title), tuple(map(part, entry.body)))
        return replace(entry, caption=inline(entry.caption)) if isinstance(entry, Picture) else part(entry)

    return replace(section, blocks=tuple(map(block, section.blocks)))
