"""Every page that symnet writes is right to `symnet verify`, read from the file as anybody would read it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from strategies import examples

import symnet
from symnet.api import networks as pipeline
from symnet.check.verdicts.answer import Verification
from symnet.check.verdicts.documents import SUFFIXES
from symnet.check.verdicts.texts import verify_text
from symnet.check.verdicts.wrappers import unwrapped
from symnet.formats.formats import FORMATS
from symnet.notation.profile import load_notation, notation_names
from symnet.pages.values import Values, read_values
from symnet.support.choices import PAGE_FORMS as FORMS

NETWORKS = (
    "2-2-1",
    "2-3-2",
    "2-4-3:tanh,softmax;loss=cross_entropy",
    "2-2-2-2-1:relu,relu,tanh,sigmoid;loss=binary_cross_entropy;l2=0.1",
    "3-2-2-2:sigmoid,sigmoid,identity;loss=huber(delta=0.5)",
)
READ = tuple(entry for entry in FORMATS.values() if entry.suffix in SUFFIXES)
"""The formats from which equations are taken; the others are for the eye alone."""

COMBINATIONS = tuple(enumerate(product(sorted(notation_names()), FORMS)))


def faults(network: str, page: str, notation: str, suffix: str) -> Iterator[str]:
    """What is not right of a page; also where nothing stands on it."""
    verified = verify_text(symnet.parse(network), page, load_notation(notation), path=f"page{suffix}")
    assert len(verified.answers) > 15
    for answer in verified.answers:
        if answer.verdict != "right":
            yield f"{network} line {answer.line}: {answer.verdict}: {answer.message}: {answer.latex}"


@pytest.mark.hypothesis  # so that `make fuzz` runs it
@pytest.mark.parametrize(("place", "combination"), COMBINATIONS, ids=[f"{one}-{two}" for _, (one, two) in COMBINATIONS])
def test_every_page_is_right_to_who_verifies_it(place: int, combination: tuple[str, str]) -> None:
    """Each notation and form for some networks in one format each, all of them in `make fuzz`, by turns."""
    notation, form = combination
    found = []
    for step in range(min(examples(2), len(NETWORKS))):
        turn = (place + step) % len(NETWORKS)
        text = NETWORKS[turn]
        network = symnet.parse(text)
        entry = READ[(place + turn) % len(READ)]
        level = ("lecture", "short")[(place + turn) % 3 == 2]
        page = symnet.derive(network).render(entry.name, notation, form=form, level=level)
        found += list(faults(text, page, notation, entry.suffix))
    assert found == []


@pytest.mark.parametrize("notation", ["downie", "symnet", "ng"])
def test_solutions_of_exercises_are_right_but_for_what_is_to_be_found(notation: str) -> None:
    network = symnet.parse("2-3-2:tanh,softmax;loss=cross_entropy")
    sheet = symnet.exercise_sheet(network, notation, seed=3)
    page = pipeline.render_document(sheet.solutions, "markdown", network)
    verified = verify_text(network, page, load_notation(notation), path="sheet.md")
    told = [answer for answer in verified.answers if answer.verdict not in ("right", "definition", "not judged")]
    planted = [problem for problem in sheet.items if problem.planted is not None]
    assert len(planted) == 1
    assert [answer.verdict for answer in told] == ["wrong"]
    assert told[0].correction


def test_a_page_that_is_wrong_in_one_place_is_told_in_every_format() -> None:
    for entry in READ:
        derivation = symnet.derive("2-3-2")
        page = (
            derivation.render(entry.name, "nielsen", form="scalar")
            .replace("- y_{1}", "+ y_{1}")
            .replace("- y_{1}", "+ y_{1}")
        )
        assert list(faults("2-3-2", page, "nielsen", entry.suffix)), entry.name


def test_equations_without_an_example_are_those_of_one_example() -> None:
    """In a notation for batches; one that is wrong for an example too stays wrong, and a matrix speaks of the batch."""
    right = symnet.verify("2-3-2", r"\delta_{1}^{(2)} = a_{1}^{(2)} - y_{1}", "symnet")
    assert [(answer.verdict, answer.how.endswith("for one example")) for answer in right.answers] == [("right", True)]
    assert not symnet.verify("2-3-2", r"\delta_{n1}^{(2)} = a_{n1}^{(2)} - y_{n1}", "symnet")
    assert not symnet.verify("2-3-2", r"\delta_{1}^{(2)} = y_{1} - a_{1}^{(2)}", "symnet")
    assert not symnet.verify("2-3-2", r"\delta^{(2)} = A^{(2)} - Y", "symnet")


NUMBERS = Path(__file__).parents[2] / "docs" / "downie.toml"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("notation", ["downie", "symnet", "ng", "hjorth-jensen"])
def test_numbers_are_judged_at_those_of_the_page(notation: str, form: str) -> None:
    """Without them they are told apart from what holds for all numbers, and a wrong one is found with them."""
    network = symnet.parse("2-2-1")
    values = read_values(NUMBERS.read_text(encoding="utf-8"), network, "downie.toml")
    page = symnet.derive(network).render("markdown", notation, form=form, at=values)
    profile = load_notation(notation)

    def verified(text: str, given: Values | None) -> Verification:
        return verify_text(network, text, profile, path="page.md", values=given)

    at = verified(page, values)
    assert at, at
    assert any("equal at the given numbers" in answer.how for answer in at.answers)
    apart = verified(page, None)
    assert apart.verdict == "right"
    assert not apart.count("wrong")
    assert any("not judged" in str(answer) for answer in apart.answers)
    assert verified(page.replace("0.475", "0.477"), values).verdict == "wrong"


def test_a_number_that_is_meant_for_all_is_wrong_without_any() -> None:
    for text in (r"\frac{\partial z_1^{(2)}}{\partial b_1^{(2)}} = 0", r"\delta_1^{(2)} = 1", r"C = \frac{1}{2}"):
        assert symnet.verify("2-2-1", text, "bishop" if "C" not in text else "nielsen").verdict != "right"
    assert symnet.verify("2-3-2", r"\delta_{1}^{L} = 1", "nielsen").verdict == "wrong"
    assert symnet.verify("2-3-2", r"a_{1}^{L} \approx 0.37", "nielsen").answers[0].verdict == "not judged"
    assert symnet.verify("2-3-2", r"0.2 \times 3 \approx 0.9", "nielsen").verdict == "wrong"


def test_wrappers_are_taken_off_and_nothing_moves() -> None:
    shown = (
        r"\resizebox{0.92\linewidth}{!}{$\displaystyle \tag*{\uncover<2->{(2)}} a \only<3>{b{c}} \label{d}\tagged{e}$}"
    )
    bare = unwrapped(shown)
    assert bare.split() == [r"\displaystyle", "a", "b{c}", r"\tagged{e}"]
    assert [bare.index(text) for text in ("a ", "b{c}")] == [shown.index(" a ") + 1, shown.index("b{c}")]
