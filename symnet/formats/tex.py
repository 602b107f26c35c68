"""LaTeX: a standalone document, and a fragment for inclusion."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar
from zlib import crc32

from symnet.formats.blocks import Document, Inline, Math, Picture, Ref, Table
from symnet.formats.breaking import Measure
from symnet.formats.escaping import comment_text, pdf_text, tex_text
from symnet.formats.markup import LatexMarkup, TableView
from symnet.formula import Words, formula_width
from symnet.templating import SHIPPED, Templates

SIZES = ((1.0, ""), (1.07, "small"), (1.14, "footnotesize"), (1.19, "scriptsize"), (1.28, "tiny"))
"""The factors by which a display may be too wide, and the sizes of type in which it then fits.

Small type is wider than 10 pt scaled down (cmr5 by 39 %), and scripts shrink less than what they stand at.
"""

SHRUNK = "shrunk"
"""The size of a display that is wider still: it is scaled down as a whole."""

COLUMN_SEPARATION = 1.1
LONG_TABLE = 24
"""A table with more rows may be broken across pages."""

MARK_COLUMN = 8
"""A text column of at most this width in em is not narrowed."""


@dataclass
class TexMarkup(LatexMarkup):
    """Writes LaTeX; `prefix` is put before every label."""

    prefix: str = "eq:"
    measure: ClassVar[Measure] = Measure(40)

    def text(self, text: str) -> str:
        return tex_text(text)

    def reference(self, label: str) -> str:
        return rf"\eqref{{{self.label(label)}}}"

    def drawing(self, picture: Picture) -> str:
        return picture.tikz.strip()

    def label(self, label: str) -> str:
        return self.prefix + super().label(label)

    def size(self, excess: float) -> str:
        return next((size for limit, size in SIZES if excess <= limit), SHRUNK)

    def table(self, table: Table) -> TableView:
        view = super().table(table)
        narrowed = self.narrowed(table)
        columns = tuple(
            rf">{{\raggedright\arraybackslash}}p{{{narrowed[at]:.1f}em}}" if at in narrowed else kind
            for at, kind in enumerate(view.columns)
        )
        return replace(view, columns=columns, long=len(table.rows) > LONG_TABLE)

    def narrowed(self, table: Table) -> dict[int, float]:
        """The columns of a table that are set as paragraphs, and their widths in em."""
        widths = [max(map(inline_width, column)) for column in zip(table.head, *table.rows, strict=True)]
        texts = [at for at in range(len(widths)) if at not in table.numeric]
        return narrowed_columns(widths, texts, self.measure.width - 1)


def inline_width(inline: Inline) -> float:
    """The width of a line of text in em."""
    return sum(
        formula_width(part.formula if isinstance(part, Math) else Words("(00)" if isinstance(part, Ref) else part))
        for part in inline
    )


def narrowed_columns(widths: list[float], texts: list[int], line: float) -> dict[int, float]:
    """The text columns to narrow if a table is wider than the line, and their new widths.

    Args:
        widths: the widths of all columns in em.
        texts: the columns that may be narrowed.
        line: the available width in em.
    """
    room = line - COLUMN_SEPARATION * len(widths)
    if sum(widths) <= room:
        return {}
    wide = [at for at in texts if widths[at] > MARK_COLUMN]
    kept = sum(width for at, width in enumerate(widths) if at not in wide)
    fair = max(room - kept, MARK_COLUMN) / max(len(wide), 1)
    narrow = [at for at in wide if widths[at] <= fair]
    left = max(room - kept - sum(widths[at] for at in narrow), MARK_COLUMN)
    return {at: left / (len(wide) - len(narrow)) for at in wide if at not in narrow}


def write_tex(document: Document, templates: Templates = SHIPPED) -> str:
    """A standalone document for pdfTeX."""
    markup = TexMarkup(document)
    return templates.render(
        "derivation.tex.jinja",
        title=tex_text(document.title),
        subtitle=tex_text(document.subtitle),
        comment=comment_text(document.title),
        pdf_title=pdf_text(document.title),
        numbered=document.numbered,
        sections=markup.sections(),
    )


@dataclass
class FragmentMarkup(TexMarkup):
    """LaTeX for a page of unknown width."""

    measure: ClassVar[Measure] = Measure(31)


def write_fragment(document: Document, templates: Templates = SHIPPED) -> str:
    r"""A fragment for `\input`; its labels have a prefix of their own."""
    digest = crc32(f"{document.title}\n{document.subtitle}".encode("utf-8", "backslashreplace"))
    prefix = f"symnet-{digest:08x}:"
    markup = FragmentMarkup(document, prefix)
    return templates.render(
        "derivation.fragment.jinja",
        comment=comment_text(document.title),
        subtitle=comment_text(document.subtitle),
        prefix=prefix,
        labels=[markup.label(label) for label in document.numbers],
        sections=markup.sections(),
    )
