"""The formulas of five lecture notes: what is right is taken for right, and each misprint is found.

A formula is read as it is printed, and with its shorthand written out where the note has one: in the first form a
reader may refuse to understand it, but not be mistaken; in the second it has to give the verdict.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from notes_table import CAUSES, NOTES, NotesFormula, note

from symnet.architecture import parse
from symnet.errors import ReadingError
from symnet.reading import Reader

FORMULAS = [formula for each in NOTES for formula in each.formulas]
CLAIMS = [formula for formula in FORMULAS if formula.is_claim]
OTHERS = [formula for formula in FORMULAS if not formula.is_claim]


def name_of(formula: NotesFormula) -> str:
    return f"{formula.note}-{formula.line}"


@cache
def reader(name: str, network: str, notation: str, values: str) -> Reader:
    some = next(formula for formula in note(name).formulas if formula.notation == notation)
    return Reader(parse(network), some.profile, values=note(name).values[values] if values else None)


def answer(formula: NotesFormula, latex: str) -> str:
    """`right`, `wrong` or `not understood`."""
    try:
        findings = reader(formula.note, formula.network, formula.notation, formula.values).check(latex)
    except ReadingError:
        return "not understood"
    return "wrong" if findings else "right"


@pytest.mark.parametrize("formula", CLAIMS, ids=name_of)
def test_each_formula_gets_its_verdict(formula: NotesFormula) -> None:
    assert answer(formula, note(formula.note).in_full(formula, formula.latex)) == formula.verdict
    assert answer(formula, formula.latex) in (formula.verdict, "not understood")


@pytest.mark.parametrize("formula", [formula for formula in CLAIMS if formula.correct], ids=name_of)
def test_each_corrected_formula_is_right(formula: NotesFormula) -> None:
    assert answer(formula, note(formula.note).in_full(formula, formula.correct)) == "right"
    assert answer(formula, formula.correct) in ("right", "not understood")


@pytest.mark.parametrize("formula", OTHERS, ids=name_of)
def test_nothing_is_right_that_claims_nothing_of_a_network(formula: NotesFormula) -> None:
    """In any notation of its note; but what is right may be called so by a reader who finds out what it means."""
    asked = {(each.network, each.notation) for each in CLAIMS if each.note == formula.note and not each.values}
    if formula.truth != "right":
        for network, notation in sorted(asked):
            assert answer(replace(formula, network=network, notation=notation), formula.latex) != "right"
    if formula.network:
        full = note(formula.note).in_full(formula, formula.correct)
        assert answer(formula, formula.latex) == "not understood"
        assert answer(formula, full) == "right"


def test_shorthand_is_written_out() -> None:
    for formula in FORMULAS:
        if formula.shorthand:
            assert formula.shorthand in note(formula.note).shorthand, name_of(formula)
            for latex in filter(None, (formula.latex, formula.correct)):
                assert note(formula.note).in_full(formula, latex) != latex, name_of(formula)


def test_the_tables_are_whole() -> None:
    for formula in FORMULAS:
        assert formula.verdict in ("right", "wrong", "not understood"), name_of(formula)
        assert formula.truth in ("right", "wrong", ""), name_of(formula)
        assert bool(formula.correct) == bool(formula.cause) == (formula.truth == "wrong"), name_of(formula)
        assert formula.cause in ("", *CAUSES), name_of(formula)
        assert not formula.is_claim or (formula.network and formula.notation), name_of(formula)
        assert formula.remark or formula.truth == "right", name_of(formula)
        assert formula.correct != formula.latex, name_of(formula)
