"""Markdown in three dialects: plain with formulas between dollars, MyST and Quarto."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import ClassVar

from symnet.formats.blocks import Document, Inline, Picture
from symnet.formats.breaking import Measure
from symnet.formats.escaping import markdown_start, markdown_text, yaml_text
from symnet.formats.markup import LatexMarkup
from symnet.templating import SHIPPED, Templates


@dataclass
class MarkdownMarkup(LatexMarkup):
    """Writes Markdown; mathematics is LaTeX that KaTeX and MathJax take."""

    measure: ClassVar[Measure] = Measure(42)
    alignments: ClassVar[tuple[str, str]] = (":--", "--:")

    def text(self, text: str) -> str:
        return markdown_text(text)

    def start(self, inline: Inline) -> str:
        return markdown_start(self.inline(inline))

    def drawing(self, picture: Picture) -> str:
        """The picture as a data URL, on a white background, since an image does not know the colours of its page."""
        svg = picture.svg.replace("<svg ", '<svg style="background: #fff" ', 1)
        return "data:image/svg+xml;base64," + b64encode(svg.encode("utf-8")).decode("ascii")


@dataclass
class MystMarkup(MarkdownMarkup):
    """Writes MyST, which numbers labelled equations itself."""

    def reference(self, label: str) -> str:
        return f"{{eq}}`{self.label(label)}`"

    def label(self, label: str) -> str:
        return "eq-" + super().label(label)


@dataclass
class QuartoMarkup(MystMarkup):
    """Writes Quarto's Markdown; labels of equations start with `eq-`."""

    def reference(self, label: str) -> str:
        return f"([-@{self.label(label)}])"


def _write(document: Document, markup: MarkdownMarkup, template: str, templates: Templates) -> str:
    return templates.render(
        template,
        title=markdown_text(document.title),
        subtitle=markdown_start(markdown_text(document.subtitle)),
        yaml_title=yaml_text(markdown_text(document.title)),
        yaml_subtitle=yaml_text(markdown_text(document.subtitle)),
        sections=markup.sections(),
    )


def write_markdown(document: Document, templates: Templates = SHIPPED) -> str:
    """Markdown that GitHub, Jupyter and most editors show."""
    return _write(document, MarkdownMarkup(document), "derivation.md.jinja", templates)


def write_myst(document: Document, templates: Templates = SHIPPED) -> str:
    """A page for Sphinx with MyST, or for Jupyter Book."""
    return _write(document, MystMarkup(document), "derivation.myst.jinja", templates)


def write_quarto(document: Document, templates: Templates = SHIPPED) -> str:
    """A document for Quarto."""
    return _write(document, QuartoMarkup(document), "derivation.qmd.jinja", templates)
