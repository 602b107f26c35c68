"""A Jupyter notebook: the derivation, the generated module as a code cell, and its gradient check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple

from symnet.formats.blocks import Document
from symnet.formats.escaping import markdown_start, markdown_text
from symnet.formats.markdown import MarkdownMarkup
from symnet.formats.markup import View
from symnet.support import SymnetError
from symnet.templating import SHIPPED, Templates

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class Cell(NamedTuple):
    """A Markdown or code cell."""

    is_code: bool
    source: str


def write_notebook(document: Document, templates: Templates = SHIPPED) -> str:
    """A notebook of format 4.5, with numbered cells.

    Raises:
        SymnetError: nbformat is not installed.
    """
    if find_spec("nbformat") is None:
        raise SymnetError("a notebook needs nbformat; install it, or symnet with its extra `notebook`")
    import nbformat

    v4: Any = nbformat.v4
    cells = [
        (v4.new_code_cell if cell.is_code else v4.new_markdown_cell)(cell.source.strip("\n"), id=f"cell-{number}")
        for number, cell in enumerate([*_derivation(document, templates), *_code(document, templates)], start=1)
    ]
    notebook = v4.new_notebook(cells=cells, metadata=METADATA, nbformat_minor=5)
    return f"{v4.writes(notebook)}\n"


def _derivation(document: Document, templates: Templates) -> Iterator[Cell]:
    """A cell for each step, and one for the blocks between two steps."""
    subtitle = markdown_start(markdown_text(document.subtitle))
    yield Cell(False, f"# {markdown_text(document.title)}\n\n{subtitle}")
    for section in MarkdownMarkup(document).sections():
        heading = f"## {section.title}"
        held: list[View] = []
        for block in section.blocks:
            if block.kind == "step":
                yield from _markdown(heading, held, templates)
                yield from _markdown("", [block], templates)
                heading, held = "", []
            else:
                held.append(block)
        yield from _markdown(heading, held, templates)


def _markdown(heading: str, blocks: Sequence[View], templates: Templates) -> Iterator[Cell]:
    if heading or blocks:
        yield Cell(False, templates.render("notebook_blocks.md.jinja", heading=heading, blocks=blocks))


def _code(document: Document, templates: Templates) -> Iterator[Cell]:
    """The generated module and its gradient check, if there is one."""
    if document.module:
        yield Cell(False, templates.render("notebook_code.md.jinja"))
        yield Cell(True, document.module)
        yield Cell(False, templates.render("notebook_check.md.jinja"))
        yield Cell(True, templates.render("notebook_check.py.jinja"))
