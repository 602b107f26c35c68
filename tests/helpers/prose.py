"""The sentences of a page, and what is wrong with them as sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator

from symnet.formats.blocks import Block, Document, Inline, Math, Paragraph, Picture, Ref, Step, Table


def texts(document: Document) -> Iterator[tuple[str, str]]:
    """Every text of a page with what it is, formulas and references as ∎."""

    def told(text: Inline) -> str:
        assert all(isinstance(part, str | Math | Ref) for part in text), text
        return "".join(part if isinstance(part, str) else "∎" for part in text)

    def parts(block: Block) -> Iterator[tuple[str, str]]:
        if isinstance(block, Step):
            yield "sentence", told(block.title)
            for inner in block.body:
                yield from parts(inner)
        elif isinstance(block, Paragraph):
            yield "sentence", told(block.text)
        elif isinstance(block, Picture):
            yield "sentence", told(block.caption)
        elif isinstance(block, Table):
            yield from (("sentence", told(head)) for head in block.head)
            yield from (("words", told(cell)) for line in block.rows for cell in line)

    yield "words", document.subtitle
    for section in document.sections:
        yield "sentence", section.title
        for block in section.blocks:
            yield from parts(block)
    for info in document.symbols.values():
        yield from (("words", info.meaning), ("words", info.shape))


NAMES = re.compile(r"NumPy|PyTorch|_L|\bII\b")
"""What may have a capital that begins no word."""

OPENINGS = ("∎", "with, by", "so that, with")
"""How a sentence goes on behind a display."""


def slips(document: Document) -> list[str]:
    """The texts of a page that begin without a capital where one is due, have one inside a word, stray blanks, or
    the name of nothing."""
    found = []
    for kind, text in texts(document):
        is_open = kind == "words" or text[:1].isupper() or text.startswith(OPENINGS)
        if not is_open or text != text.strip() or re.search(r"\w[A-Z]|None|  |\s[,.:;]", NAMES.sub("", text)):
            found.append(text)
    return found
