"""The page of errata: what the tables of the notes make of it, whole, and in LaTeX that renderers take."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
from notes_table import NAMES, NOTES
from rendering import check_formulas, formulas_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "errata.md").read_text(encoding="utf-8")
DOCS = runpy.run_path(str(ROOT / "tools" / "errata.py"))


def test_the_page_is_what_the_tables_make_of_it() -> None:
    """`python tools/errata.py` writes it anew."""
    assert DOCS["NAMES"] == NAMES
    assert DOCS["page"]() == PAGE


def test_every_slip_is_on_the_page_with_its_correction_and_its_reason() -> None:
    for note, section in zip(NOTES, re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:], strict=True):
        assert section.startswith(note.title)
        slips = [formula for formula in note.formulas if formula.truth == "wrong"]
        for slip in slips:
            (told,) = (part for part in section.split("Printed:\n")[1:] if DOCS["without_point"](slip.latex) in part)
            assert DOCS["without_point"](slip.correct) in told
            assert slip.remark in told
            assert re.search(rf"\blines? (\d+, )*(\d+ and )?{slip.line}\b", section)
        assert section.count("Printed:\n") == len({DOCS["without_point"](slip.latex) for slip in slips})


def test_the_counts_are_those_of_the_tables() -> None:
    formulas = [formula for note in NOTES for formula in note.formulas]
    claims = [formula for formula in formulas if formula.is_claim]
    right = [formula for formula in claims if formula.verdict == "right"]
    words = " ".join(PAGE.split())
    assert f"held to their formulas: {len(formulas)} in all" in words
    assert f"{len(claims)} say something of a network" in words
    assert f"**{len(right)} are right**, and {len(claims) - len(right)} have a slip" in words
    assert f"the {sum(formula.truth == 'wrong' for formula in formulas)} formulas with a slip" in words


@pytest.mark.needs("node")
def test_katex_and_mathjax_take_every_formula() -> None:
    formulas = formulas_of(PAGE)
    assert len(formulas) > 2 * PAGE.count("Printed:\n")
    assert check_formulas(formulas) == []
