"""The registry of formats; a new format is one more entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from symnet.formats.beamer import write_beamer
from symnet.formats.blocks import Document
from symnet.formats.html import write_html
from symnet.formats.markdown import write_markdown, write_myst, write_quarto
from symnet.formats.notebook import write_notebook
from symnet.formats.tex import write_fragment, write_tex
from symnet.formats.text import write_text
from symnet.support import STANDARD, NotationError, path_shown, unknown
from symnet.templating import SHIPPED, Templates


@dataclass(frozen=True)
class Format:
    """A format: its name, file suffix, description and writer, and whether it runs code."""

    name: str
    suffix: str
    description: str
    write: Callable[[Document, Templates], str]
    runs_code: bool = False


FORMATS: dict[str, Format] = {
    entry.name: entry
    for entry in (
        Format("tex", ".tex", "a LaTeX document that compiles as it is", write_tex),
        Format("fragment", ".tex", r"LaTeX to \input into a document", write_fragment),
        Format("beamer", ".tex", "LaTeX slides, a frame a step, that uncover factor after factor", write_beamer),
        Format("markdown", ".md", "Markdown with mathematics for KaTeX and MathJax", write_markdown),
        Format("myst", ".md", "MyST Markdown with labels, for Sphinx and Jupyter Book", write_myst),
        Format("quarto", ".qmd", "a Quarto document with cross-references", write_quarto),
        Format(
            "ipynb", ".ipynb", "a Jupyter notebook that also runs the code and its gradient check", write_notebook, True
        ),
        Format("html", ".html", "one page for a browser, with symbols that explain themselves", write_html),
        Format("text", ".txt", "plain text for a terminal", write_text),
    )
}
"""The formats by name, in the order of listings."""


def render(document: Document, format: str, templates: Templates = SHIPPED) -> str:  # noqa: A002 - the word of users
    """Write a document in a format.

    Raises:
        NotationError: there is no such format.
        TemplateError: a template of the user's is wrong.
    """
    return _named(format).write(document, templates)


def format_of(name: str | None, path: str | None) -> str:
    """The format given by its name, or else by the suffix of the output file.

    Without both, or if the file is `-`, it is text, for a terminal. Of two formats with one suffix the first is used.

    Raises:
        NotationError: the name or the suffix is unknown.
    """
    if name is not None:
        return _named(name).name
    if path in (None, STANDARD):
        return "text"
    suffix = Path(path).suffix.lower()
    found = [entry.name for entry in FORMATS.values() if entry.suffix == suffix]
    if not found:
        suffixes = ", ".join(dict.fromkeys(entry.suffix for entry in FORMATS.values()))
        raise NotationError(f"{path_shown(path)} has no suffix of a format ({suffixes}); name one with --format")
    return found[0]


def _named(name: str) -> Format:
    if name not in FORMATS:
        raise NotationError(unknown("format", name, FORMATS))
    return FORMATS[name]
