"""Parts of a page on their own: what stands there is what the whole page has, but for numbers of equations."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Command

import symnet
from symnet.formats.blocks import Document
from symnet.formats.formats import FORMATS, render
from symnet.support.choices import PAGE_SECTIONS
from symnet.support.errors import NotationError

NUMBERS = Path(__file__).parents[2] / "docs" / "downie.toml"
DERIVATION = symnet.derive("2-2-1:sigmoid,identity")


def page(form: str = "index", notation: str = "nielsen", **options: object) -> Document:
    return DERIVATION.document(notation, form=form, at=NUMBERS, level="full", **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["scalar", "index", "matrix"])
def test_every_section_can_stand_alone(form: str) -> None:
    whole = page(form)
    assert tuple(dict.fromkeys(section.name for section in whole.sections)) == PAGE_SECTIONS
    for place, name in enumerate(PAGE_SECTIONS):
        alone = page(form, section=[name])
        assert [section.title for section in alone.sections] == [
            section.title for section in whole.sections if section.name == name
        ]
        entry = list(FORMATS)[(place + len(form)) % len(FORMATS)]
        assert alone.sections[0].title in render(replace(alone, module="x = 1\n"), entry)


@pytest.mark.parametrize("form", ["scalar", "index", "matrix"])
def test_equations_are_those_of_the_whole_page_and_references_are_never_wrong(form: str) -> None:
    whole = page(form)
    kept = page(form, section=["backward", "update"])
    assert list(kept.displays()) == [
        display
        for section in whole.sections
        if section.name in ("backward", "update")
        for display in Document("", "", (section,)).displays()
    ]
    told, expected = (re.findall(r"\((\d+)( of the whole page)?\)", _prose(each)) for each in (kept, whole))
    assert len(told) == len(expected) > 0
    assert any(left_out for _, left_out in told)
    back = {number: label for label, number in kept.numbers.items()}
    for (number, left_out), (right, _) in zip(told, expected, strict=True):
        assert (number if left_out else str(whole.numbers[back[int(number)]])) == right


def _prose(document: Document) -> str:
    """The text of the two sections, with the numbers that it refers to."""
    wanted = {section.title for section in document.sections if section.name in ("backward", "update")}
    text = render(document, "markdown")
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    bodies = [body for title, body in zip(parts[::2], parts[1::2], strict=True) if title in wanted]
    return re.sub(r"\$\$.*?\$\$", "", "".join(bodies), flags=re.DOTALL)


def test_the_command_and_python_take_sections_alike(symnet_command: Command) -> None:
    done = symnet_command("derive", "2-2-1:sigmoid,identity", "--section", "forward, loss", "--format", "markdown")
    assert (done.status, done.err) == (0, "")
    assert re.findall(r"^## (.+)$", done.out, re.MULTILINE) == ["The forward pass", "The loss"]
    for given in ("forward,loss", ["forward", "loss"], ("loss", "forward")):
        assert DERIVATION.render("markdown", section=given) == done.out


@pytest.mark.parametrize(
    ("options", "known"),
    [
        ({"section": ["forwards"]}, "did you mean 'forward'"),
        ({"section": ["numbers"]}, "a page has the section numbers only with --at"),
        ({"section": ["counts"]}, "a page has the section counts only with --counts"),
        ({"section": ["chain"], "level": "short"}, "known: backward, forward"),
        ({"section": [""]}, "unknown section of this page ''"),
        ({"section": [5]}, "a section is of type int"),
    ],
)
def test_a_section_that_the_page_has_not_is_refused(options: dict[str, object], known: str) -> None:
    with pytest.raises(NotationError, match=known):
        DERIVATION.document("nielsen", **options)  # type: ignore[arg-type]
