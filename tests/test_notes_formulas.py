"""The displayed formulas of five lecture notes: what is right is taken for right, and each misprint is found."""

from __future__ import annotations

from functools import cache

import pytest
from notes_table import CAUSES, NotesFormula, note, notes

from symnet.architecture import parse
from symnet.errors import ReadingError
from symnet.reading import Reader

FORMULAS = [formula for each in notes() for formula in each.formula]
CLAIMS = [formula for formula in FORMULAS if formula.is_claim]


def name_of(formula: NotesFormula) -> str:
    return f"{formula.note}-{formula.line}"


@cache
def reader(name: str, network: str, notation: str, values: str) -> Reader:
    some = next(formula for formula in note(name).formula if formula.notation == notation)
    return Reader(parse(network), some.profile, values=note(name).values[values] if values else None)


def answer(formula: NotesFormula, latex: str) -> str:
    """`right`, `wrong` or `not understood`."""
    try:
        findings = reader(formula.note, formula.network, formula.notation, formula.values).check(latex)
    except ReadingError:
        return "not understood"
    return "wrong" if findings else "right"


@pytest.mark.parametrize("formula", CLAIMS, ids=name_of)
def test_the_answer_is_the_verdict_where_the_formula_can_be_read(formula: NotesFormula) -> None:
    assert answer(formula, formula.latex) in (formula.verdict, "not understood")


@pytest.mark.parametrize("formula", [formula for formula in CLAIMS if formula.correct], ids=name_of)
def test_the_corrected_formula_is_right(formula: NotesFormula) -> None:
    assert answer(formula, formula.correct) in ("right", "not understood")


def test_the_tables_are_whole() -> None:
    for formula in FORMULAS:
        assert formula.verdict in ("right", "wrong", "not understood"), name_of(formula)
        assert formula.truth in ("right", "wrong", ""), name_of(formula)
        assert bool(formula.correct) == bool(formula.cause) == (formula.truth == "wrong"), name_of(formula)
        assert formula.cause in ("", *CAUSES), name_of(formula)
        assert not formula.is_claim or (formula.network and formula.notation), name_of(formula)
        assert formula.is_claim or formula.remark, name_of(formula)
        assert formula.correct != formula.latex, name_of(formula)
