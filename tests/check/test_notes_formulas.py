"""The formulas of five lecture notes: what is right is taken for right, and each misprint is found.

A formula is read as it is printed, and with its shorthand written out where the note has one: in the first form a
reader may refuse to understand it, but not be mistaken; in the second it has to give the verdict.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from notes_table import CAUSES, NAMES, NOTES, TABLES, NotesFormula, note

from symnet.check.truth.reader import Reader
from symnet.network.string import parse
from symnet.support.errors import ReadingError

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


def test_weights_may_be_read_the_other_way_in_the_general_part_of_hjorth_jensen() -> None:
    """With weights to-from its later formulas are right as printed, and four others are wrong, as the errata say."""
    table = note("hjorth-jensen")
    for formula in table.formulas:
        if formula.is_claim and formula.profile.weight_order == "from-to":
            to_from = Reader(parse(formula.network), replace(formula.profile, weight_order="to-from"))
            is_right = to_from.check(table.in_full(formula, formula.latex)) == []
            assert is_right == (formula.line not in (513, 517, 529, 1260)), name_of(formula)


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
    own = {path.stem for path in (TABLES / "notations").iterdir()}
    assert own <= {formula.notation for formula in FORMULAS} <= {*own, *NAMES, ""}


# Slips found by hand, each at numbers


def test_the_cosine_law_needs_both_sides() -> None:
    a, b, angle = 2.0, 3.0, 0.7
    squared = (a - math.cos(angle) * b) ** 2 + (math.sin(angle) * b) ** 2
    assert squared == pytest.approx(a**2 + b**2 - 2 * a * b * math.cos(angle))
    assert squared != pytest.approx(a**2 + b**2 - 2 * a * math.cos(angle))


@pytest.mark.parametrize("rate", [0.4, 4.0])
def test_a_step_of_the_perceptron_learns_its_example_only_where_it_is_long_enough(rate: float) -> None:
    x, weights, target = np.array([1.0, -2.0]), np.array([1.0, -4.5]), -1.0
    stepped = weights + rate * (target - np.sign(weights @ x)) * x
    assert (np.sign(stepped @ x) == target) == (2 * rate * (x @ x) > abs(weights @ x))
    assert (np.sign(stepped @ x) == target) == (rate == 4.0)


def test_the_chain_goes_through_the_neurons_and_not_through_the_parameters() -> None:
    """Of a chain of three layers of one unit tanh(z n), the last linear, and half the squared error."""
    x, target, parameters = 0.3, 2.0, [0.7, -0.4, 1.1]
    neurons, by_neuron, by_parameter = [x], [], []
    for place, z in enumerate(parameters):
        n = neurons[-1]
        slope = 1.0 if place == 2 else 1 - math.tanh(z * n) ** 2
        neurons.append(z * n if place == 2 else math.tanh(z * n))
        by_neuron.append(slope * z)
        by_parameter.append(slope * n)

    def loss(first: complex) -> complex:
        second: complex = np.tanh(parameters[1] * np.tanh(first * x))
        return (target - parameters[2] * second) ** 2 / 2

    gradient = loss(parameters[0] + 1e-30j).imag / 1e-30
    last = (neurons[3] - target) * by_neuron[2]
    assert gradient == pytest.approx(last * by_neuron[1] * by_parameter[0], rel=1e-12)
    assert gradient != pytest.approx(last * by_parameter[1] * by_parameter[0], rel=0.1)
