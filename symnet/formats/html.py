"""A self-contained HTML page: MathML, pictures as SVG, and a script for the tooltips of symbols."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import ClassVar

from symnet.formats.blocks import Document, Picture
from symnet.formats.breaking import Measure
from symnet.formats.escaping import html_text
from symnet.formats.markup import Markup
from symnet.formula import Formula, formula_mathml, inline_mathml, relation_mathml
from symnet.support import visible
from symnet.templating import SHIPPED, Templates

IN_SCRIPT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
"""JSON escapes of characters that could end a `script` element."""


@dataclass
class HtmlMarkup(Markup):
    """Writes HTML with MathML."""

    measure: ClassVar[Measure] = Measure(40)
    alignments: ClassVar[tuple[str, str]] = ("", "number")

    def text(self, text: str) -> str:
        return html_text(text)

    def math(self, formula: Formula) -> str:
        return inline_mathml(formula)

    def formula(self, formula: Formula) -> str:
        return formula_mathml(formula)

    def relation(self, name: str) -> str:
        return relation_mathml(name)

    def reference(self, label: str) -> str:
        return f'<a href="#{self.label(label)}">{super().reference(label)}</a>'

    def drawing(self, picture: Picture) -> str:
        return picture.svg.strip()

    def label(self, label: str) -> str:
        return "eq-" + super().label(label)


def symbols_json(document: Document) -> str:
    """The tooltips of symbols, as JSON that is safe inside a `script` element."""
    symbols = {visible(key): asdict(info) for key, info in document.symbols.items()}
    for info in symbols.values():
        info["meaning"], info["shape"] = visible(info["meaning"]), visible(info["shape"])
        info["sources"], info["uses"] = [*map(visible, info["sources"])], [*map(visible, info["uses"])]
    return json.dumps(symbols, ensure_ascii=True).translate(IN_SCRIPT)


def write_html(document: Document, templates: Templates = SHIPPED) -> str:
    """Write a self-contained page for a browser."""
    return templates.render(
        "derivation.html.jinja",
        title=html_text(document.title),
        subtitle=html_text(document.subtitle),
        sections=HtmlMarkup(document).sections(),
        symbols=symbols_json(document),
    )
