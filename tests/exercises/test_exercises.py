"""Exercises: every equation holds, planted errors do not, numbers are those of the generated module, seeds repeat."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from claim_corpus import with_usual_loss
from conftest import printed_here, under_another_hash_seed
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import UNHURRIED, examples, networks

import symnet
from symnet.check.mistakes.table import CAUSES
from symnet.check.read_back import display_latex, printed_equations
from symnet.check.verdicts.documents import Display as Claim
from symnet.check.verdicts.verifier import Verifier
from symnet.counts.operations import count_program
from symnet.exercises.checked import assure, faults_of
from symnet.exercises.counting import backward_of, forward_of
from symnet.exercises.draw import Draw
from symnet.exercises.finding import mistake_problem
from symnet.exercises.forward import numbers_problem
from symnet.exercises.kinds import KINDS
from symnet.exercises.numbers import GRIDS, faults, readable_values
from symnet.exercises.setting import Problem, Setting
from symnet.exercises.sheet import Sheet, draw_sheet
from symnet.formats.blocks import Display, Document, Inline, Math, Paragraph, Ref, Section, Step, Table
from symnet.formula import tree as f
from symnet.formula.plain import formula_text
from symnet.formula.tree import Formula, Number
from symnet.network.network import Network
from symnet.network.string import parse
from symnet.notation.profile import load_notation, notation_names
from symnet.pages.values import Values
from symnet.support.errors import ExerciseError, NotDifferentiableError, VerificationError

NOTATIONS = notation_names()

NETWORKS = (
    "2-2-1",
    "3-4-2:tanh,softmax;loss=cross_entropy",
    "2-3-3[residual]-1",
    "64-32-10",
    "2-3-1:relu,sigmoid;loss=binary_cross_entropy;l2=0.1",
    "2-3[bias=false]-2:gelu,identity;loss=huber",
)


@cache
def sheet(architecture: str, notation: str, seed: int = 0, **options: Any) -> Sheet:
    """A sheet on a network with the usual loss of the notation where it names none."""
    profile = load_notation(notation)
    return draw_sheet(with_usual_loss(architecture, profile), profile, seed=seed, **options)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_equation_holds_in_every_notation(notation: str) -> None:
    """One network of each size; over all notations every network has its turn."""
    number = NOTATIONS.index(notation)
    for architecture in {NETWORKS[0], NETWORKS[number % len(NETWORKS)]}:
        assert list(faults_of(sheet(architecture, notation, seed=number))) == []


@settings(max_examples=examples(5), **UNHURRIED)
@given(networks(deepest=3), st.sampled_from(NOTATIONS), st.integers(0, 10**6))
def test_every_equation_of_a_drawn_network_holds(network: Network, notation: str, seed: int) -> None:
    kinds = {layer.kind for layer in network.layers}
    if notation == "trujillo" and "radial_basis" in kinds:
        notation = "bishop"
    found = draw_sheet(network, load_notation(notation), seed=seed, count=2)
    assert list(faults_of(found)) == []


SYMBOLIC = ("forward", "gradient", "delta", "mistake")


@pytest.mark.parametrize("notation", NOTATIONS)
def test_verify_finds_solutions_right_and_planted_errors_wrong(notation: str) -> None:
    """What holds of any numbers is put to `symnet verify`, for one example or for a batch as the exercise says."""
    found = sheet("2-2-1", notation, seed=3, kinds=SYMBOLIC)
    verifiers: dict[str, Verifier] = {}
    for problem in found.items:
        page = problem.page
        verifier = verifiers.setdefault(page.notation.batch, Verifier(page.network, page.notation))
        if problem.values is None:
            for printed in printed_equations(Document("", "", (Section("", problem.solution),))):
                for answer in verifier.answers(Claim(printed.latex)):
                    assert answer.verdict == "right", answer
        if problem.planted is not None:
            (answer,) = verifier.answers(Claim(display_latex(problem.planted)))
            assert answer.verdict == "wrong", answer


def displays(steps: Sequence[Step]) -> list[Display]:
    return [part for step in steps for part in step.body if isinstance(part, Display)]


NARROW = ("2-3-4-1:tanh,tanh,identity;loss=squared_error", "2-2-1", "3-4-2:tanh,softmax;loss=cross_entropy")


@cache
def planted_errors() -> tuple[tuple[Setting, Problem], ...]:
    """Exercises with an error, over notations, networks and seeds."""
    found = []
    for number in range(72):
        notation = load_notation(NOTATIONS[number % len(NOTATIONS)])
        architecture = (
            "2-3-4-1:tanh,tanh,identity;loss=squared_error",
            "2-2-1",
            "3-4-2:tanh,softmax;loss=cross_entropy",
        )
        setting = Setting(parse(architecture[number % 3]), notation)
        found.append((setting, mistake_problem(setting, Draw("test", number))))
    return tuple(found)


def test_the_search_for_the_nearest_right_equation_ends_at_what_was_planted() -> None:
    """It names the cause, and what it offers as correct is right."""
    for _, problem in planted_errors()[::7]:
        verifier = Verifier(problem.page.network, problem.page.notation)
        (answer,) = verifier.answers(Claim(display_latex(planted_of(problem))))
        assert (answer.verdict, answer.cause) == ("wrong", problem.cause)
        (corrected,) = verifier.answers(Claim(answer.correction))
        assert corrected.verdict == "right"


def planted_of(problem: Problem) -> Display:
    assert problem.planted is not None
    return problem.planted


def test_every_cause_that_verify_names_is_planted() -> None:
    """Some need whole arrays or a network with a square, and are not drawn often."""
    causes = {problem.cause for _, problem in planted_errors()}
    settings = [setting for setting, _ in planted_errors()[: 3 * len(NOTATIONS)]]
    for number in range(600):
        if causes == set(CAUSES):
            break
        causes.add(mistake_problem(settings[number % len(settings)], Draw("more", number)).cause)
    assert causes == set(CAUSES)


def test_the_solution_names_the_parts_that_are_wrong_and_right() -> None:
    """As formulas, and no placeholder is left in the sentence."""
    for _, problem in planted_errors():
        (about, _) = problem.solution[0].body
        assert isinstance(about, Paragraph)
        assert any(isinstance(piece, Math) for piece in about.text)
        assert not any("{" in piece for piece in about.text if isinstance(piece, str))
        assert about.text[-1] == " The correct equation is"


def test_the_solution_of_an_error_is_another_equation_for_the_same() -> None:
    for _, problem in planted_errors():
        (wrong,) = planted_of(problem).lines
        ((right,),) = [display.lines for display in displays(problem.solution)]
        assert right.left == wrong.left
        assert right.right != wrong.right


def value_of(formula: Formula) -> float:
    """A printed number."""
    text = formula_text(formula).replace("−", "-")
    mantissa, times, power = text.partition(" × 10")
    digits = power.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"))
    return float(mantissa) * 10.0 ** int(digits or 0) if times else float(text)


def is_rounded(printed: float, value: float) -> bool:
    """Whether a number is printed to three significant digits."""
    return math.isclose(printed, value, rel_tol=5.1e-3, abs_tol=1e-12)


def by_module(setting: Setting, values: Values) -> tuple[Any, Any, Any]:
    """The generated module of a network, its parameters and their gradient at some values."""
    module = symnet.compile(setting.network)
    shapes = {name: values.arrays[name] for name in module.Parameters._fields}
    parameters = module.Parameters(**shapes)
    return module, parameters, module.gradient(parameters, values.arrays["x"], values.arrays["y"])


WORKED = (
    "2-2-1",
    "3-4-2:tanh,softmax;loss=cross_entropy",
    "2-3-3[residual]-1;l2=0.5",
    "2-2-2:relu,sigmoid;loss=binary_cross_entropy",
)


@pytest.mark.parametrize("architecture", WORKED)
def test_a_step_of_gradient_descent_is_that_of_the_generated_module(architecture: str) -> None:
    (problem,) = sheet(architecture, "bishop", seed=5, kinds=("descent",)).items
    setting, values = sheet(architecture, "bishop", seed=5, kinds=("descent",)).setting, problem.values
    assert values is not None
    assert values.rate is not None
    _, parameters, gradient = by_module(setting, values)
    expected = {
        formula_text(setting.symbol((name, place))): float(own[place] - values.rate * slope[place])
        for name, own, slope in zip(parameters._fields, parameters, gradient, strict=True)
        for place in np.ndindex(*own.shape)
    }
    moved = displays(problem.solution[-1:])
    assert len(moved) == min(len(expected), 4 if len(expected) > 12 else 12)
    for display in moved:
        first, *_, last = display.lines
        assert first.left is not None
        assert is_rounded(value_of(last.right), expected[formula_text(first.left)])


@pytest.mark.parametrize("architecture", WORKED)
def test_what_matters_most_has_the_largest_entry_of_the_generated_gradient(architecture: str) -> None:
    found = sheet(architecture, "downie", seed=6, kinds=("influence",))
    (problem,) = found.items
    assert problem.values is not None
    _, parameters, gradient = by_module(found.setting, problem.values)
    slopes = {
        formula_text(found.setting.symbol((name, place))): float(slope[place])
        for name, slope in zip(parameters._fields, gradient, strict=True)
        for place in np.ndindex(*slope.shape)
    }
    (table,) = [part for part in problem.solution[-1].body if isinstance(part, Table)]
    printed = {text_of(symbol): value_of(only(number)) for symbol, number in table.rows}
    for symbol, number in printed.items():
        assert is_rounded(number, slopes[symbol])
    most, *others = printed
    assert all(abs(slopes[most]) > abs(slopes[other]) for other in others)
    assert [abs(number) for number in printed.values()] == sorted(map(abs, printed.values()), reverse=True)


def only(inline: Inline) -> Formula:
    (part,) = inline
    assert isinstance(part, Math)
    return part.formula


def text_of(inline: Inline) -> str:
    return formula_text(only(inline))


@pytest.mark.parametrize("architecture", WORKED)
def test_the_forward_pass_in_numbers_is_that_of_the_generated_module(architecture: str) -> None:
    setting = Setting(parse(architecture), load_notation("symnet"))
    problem = numbers_problem(setting, Draw("forward"))
    assert problem.values is not None
    module, parameters, _ = by_module(setting, problem.values)
    outputs = module.forward(parameters, problem.values.arrays["x"])[0]
    *_, last, loss = problem.solution
    printed = [value_of(display.lines[-1].right) for display in displays([last])[-len(outputs) :]]
    assert all(is_rounded(number, float(output)) for number, output in zip(printed, outputs, strict=True))
    expected = module.loss(parameters, problem.values.arrays["x"], problem.values.arrays["y"])
    assert is_rounded(value_of(displays([loss])[-1].lines[-1].right), expected)


def test_one_unit_of_a_large_network_moves_as_its_equations_say() -> None:
    """w - η δ a by hand, for each weight of the unit, and b - η δ."""
    found = sheet("64-32-10", "nielsen", seed=2, kinds=("descent",))
    (problem,) = found.items
    tables = [part for part in problem.task if isinstance(part, Table)]
    error, *others = [value_of(only(cell)) for table in tables for cell in table.rows[0]]
    inputs, weights, bias = others[:3], others[3:6], others[6]
    (ask,) = [part for part in problem.task[1:] if isinstance(part, Paragraph)]
    rate = float(next(text_of((part,)) for part in ask.text if isinstance(part, Math)).partition("= ")[2])
    expected = [own - rate * error * into for own, into in zip(weights, inputs, strict=True)] + [bias - rate * error]
    printed = [value_of(line.right) for line in displays(problem.solution[-1:])[-1].lines]
    assert all(is_rounded(number, value) for number, value in zip(printed, expected, strict=True))


@pytest.mark.parametrize("sizes", [(2, 2, 1), (3, 4, 2), (64, 32, 10), (5, 4, 3, 2)])
def test_counts_of_dense_networks_by_hand(sizes: tuple[int, ...]) -> None:
    """Products and sums of the layers, 4 for each sigmoid; backwards 3 for each sigmoid and one for each weight."""
    page = Setting(parse("-".join(map(str, sizes))), load_notation("bishop")).single
    weights = [own * before for before, own in itertools.pairwise(sizes)]
    hidden = sum(sizes[1:-1])
    assert sum(entry.total for entry in forward_of(page, loss=False)) == 2 * sum(weights) + 4 * hidden
    back = sum(units * (2 * after - 1) for units, after in itertools.pairwise(sizes[1:]))
    assert sum(entry.total for entry in backward_of(page)) == sizes[-1] + sum(weights) + back + 3 * hidden


@pytest.mark.parametrize(
    "architecture", ["2-2-1", "3-4-2:tanh,softmax;loss=cross_entropy", "2-3-3-1:relu,gelu,sigmoid"]
)
def test_counts_are_those_of_the_program(architecture: str) -> None:
    page = Setting(parse(architecture), load_notation("nielsen")).single
    assert sum(entry.total for entry in forward_of(page, loss=True)) == sum(count_program(page.forward).values())


def test_what_is_counted_adds_up() -> None:
    for seed in range(6):
        (problem,) = sheet("3-4-2:tanh,softmax;loss=cross_entropy", "ng", seed=seed, kinds=("count",)).items
        for step in problem.solution:
            for table in (part for part in step.body if isinstance(part, Table)):
                total = sum(int(plain(row[3]).replace(",", "")) for row in table.rows)
                (display, *_) = displays([step])
                assert value_of(display.lines[0].right) == total


def plain(inline: Inline) -> str:
    (part,) = inline
    assert isinstance(part, str)
    return part


def with_display(problem: Problem, right: Formula) -> Problem:
    """An exercise whose solution ends in another right-hand side."""
    *steps, last = problem.solution
    parts = list(last.body)
    place = max(place for place, part in enumerate(parts) if isinstance(part, Display))
    display = parts[place]
    assert isinstance(display, Display)
    parts[place] = replace(display, lines=(*display.lines[:-1], replace(display.lines[-1], right=right)))
    return replace(problem, solution=(*steps, replace(last, body=tuple(parts))))


@pytest.mark.parametrize("kind", ["gradient", "delta", "descent", "count", "forward"])
def test_a_wrong_solution_is_not_handed_out(kind: str) -> None:
    found = sheet("2-2-1", "bishop", seed=1, kinds=(kind,))
    (problem,) = found.items
    wrong = replace(found, items=(with_display(problem, Number("7")),))
    with pytest.raises(VerificationError, match=rf"exercise 1 \({kind}\)"):
        assure(wrong)
    assure(found)


def test_an_error_that_is_none_is_not_handed_out() -> None:
    found = sheet("2-2-1", "bishop", seed=1, kinds=("mistake",))
    (problem,) = found.items
    (right,) = displays(problem.solution)
    task = tuple(right if part == problem.planted else part for part in problem.task)
    with pytest.raises(VerificationError, match="cannot be told from a correct one"):
        assure(replace(found, items=(replace(problem, task=task, planted=right),)))


def test_a_solution_that_cannot_be_read_is_not_handed_out() -> None:
    found = sheet("2-2-1", "bishop", seed=1, kinds=("gradient",))
    (problem,) = found.items
    wrong = with_display(problem, f.Letter("Xi"))
    with pytest.raises(VerificationError, match="cannot be read back"):
        assure(replace(found, items=(wrong,)))


def parts_of(document: Document) -> list[Any]:
    blocks = [block for section in document.sections for block in section.blocks]
    return [part for block in blocks for part in (block.body if isinstance(block, Step) else (block,))]


@pytest.mark.parametrize("architecture", NETWORKS)
def test_both_documents_have_the_same_numbers(architecture: str) -> None:
    found = sheet(architecture, "hjorth-jensen", seed=4)
    problems, solutions = found.problems, found.solutions
    titles = [section.title for section in problems.sections]
    assert titles == [section.title for section in solutions.sections]
    assert [title.partition(":")[0] for title in titles[1:]] == [f"Exercise {n}" for n in range(1, len(titles))]
    for asked, answered in zip(problems.sections, solutions.sections, strict=True):
        tables = [block for block in asked.blocks if isinstance(block, Paragraph | Table)]
        assert tables == [block for block in answered.blocks if isinstance(block, Paragraph | Table)]
    for document in (problems, solutions):
        labels = [part.label for part in parts_of(document) if isinstance(part, Display) and part.label]
        assert len(set(labels)) == len(labels)
        texts = [part.text for part in parts_of(document) if isinstance(part, Paragraph)]
        assert {piece.label for text in texts for piece in text if isinstance(piece, Ref)} <= set(labels)
    assert not any(isinstance(block, Step) for section in problems.sections for block in section.blocks)


def test_each_kind_occurs_by_default() -> None:
    assert [problem.kind for problem in sheet("2-2-1", "symnet").items] == list(KINDS)


def test_a_count_is_spread_over_the_kinds() -> None:
    kinds = [problem.kind for problem in sheet("2-2-1", "symnet", count=9).items]
    assert len(kinds) == 9
    assert set(kinds) == set(KINDS)
    assert kinds == sorted(kinds, key=list(KINDS).index)
    assert len({tuple(p.kind for p in sheet("2-2-1", "symnet", seed=n, count=3).items) for n in range(4)}) > 1


def test_exercises_of_a_kind_differ_on_a_sheet_and_between_seeds() -> None:
    found = sheet("3-4-2:tanh,softmax;loss=cross_entropy", "ng", count=4, kinds=("gradient",))
    assert len({problem.task for problem in found.items}) == 4
    assert len({sheet("2-2-1", "downie", seed=seed, kinds=("descent",)).items[0].task for seed in range(3)}) == 3


def test_an_exercise_does_not_depend_on_the_kinds_beside_it() -> None:
    alone = sheet("2-2-1", "downie", seed=9, kinds=("descent",)).items
    beside = sheet("2-2-1", "downie", seed=9, kinds=("gradient", "descent")).items
    assert beside[1].task == alone[0].task


def test_numbers_are_readable() -> None:
    """From their grids, with no fault where the network has numbers without one."""
    for architecture in ("2-2-1", "2-3-1:tanh,identity", "2-2-2:sigmoid,softmax;loss=cross_entropy"):
        setting = Setting(parse(architecture), load_notation("downie"))
        for seed in range(3):
            values = readable_values(setting, Draw(seed))
            assert faults(setting.single, values) == 0
            assert set(values.arrays["W1"].ravel()) <= set(GRIDS["W"])
            assert set(values.arrays["x"].ravel()) <= set(GRIDS["x"])
    (row,) = values.arrays["y"]
    assert sorted(row) == [0, 1]


def test_faults_are_seen() -> None:
    setting = Setting(parse("2-2-1:relu,identity"), load_notation("downie"))
    arrays = {
        "W1": np.array([[0.5, -0.5], [0.5, 0.3]]),
        "b1": np.array([0.1, 0.2]),
        "W2": np.array([[0.3], [0.4]]),
        "b2": np.array([0.1]),
        "x": np.array([[1.0, 2.0]]),
        "y": np.array([[0.5]]),
    }
    dead = {**arrays, "b1": np.array([0.1, -0.9])}
    near = {**arrays, "y": np.array([[0.69]])}
    counts = [faults(setting.single, Values(found)) for found in (arrays, dead, near)]
    assert counts[0] is not None
    assert all(count is not None and count > counts[0] for count in counts[1:])


def test_draws_are_the_same_everywhere() -> None:
    """`random()` after a text as the seed is what Python keeps the same in all versions."""
    draw = Draw(7, "descent", 0)
    assert [draw.below(10) for _ in range(8)] == [3, 7, 2, 1, 9, 8, 2, 7]
    assert Draw(1).several("abcdef", 9) == list("abcdef")
    picked = Draw(2).several("abcdef", 3)
    assert picked == sorted(picked)
    assert sorted(Draw(3).shuffled("abcdef")) == list("abcdef")


PRINTS = """
from symnet.network import parse
from symnet.formats import render
from symnet.exercises import draw_sheet
from symnet.notation.profile import load_notation
for architecture, notation, format in (("2-2-1", "downie", "tex"), ("64-32-10", "ng", "html")):
    sheet = draw_sheet(parse(architecture), load_notation(notation), seed=7)
    print(render(sheet.problems, format), render(sheet.solutions, format))
"""


def test_the_same_bytes_whatever_the_hash_seed() -> None:
    assert under_another_hash_seed(PRINTS) == printed_here(PRINTS)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kinds": ("essay",)}, "unknown kind of exercise 'essay'.*known: count, delta"),
        ({"count": 0}, "count is '0'; a whole number from 1 to 50"),
        ({"count": 51}, "from 1 to 50"),
    ],
)
def test_wrong_options(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ExerciseError, match=words):
        symnet.exercise_sheet(parse("2-2-1"), **options)


def test_what_a_network_lacks_is_told() -> None:
    with pytest.raises(ExerciseError, match="of kind delta can be set: 3-2 has no hidden layer"):
        symnet.exercise_sheet(parse("3-2"), kinds=("delta",))
    assert "delta" not in {problem.kind for problem in symnet.exercise_sheet(parse("3-2"), "bishop").items}
    deep = parse("-".join(["2"] * 11))
    with pytest.raises(ExerciseError, match="has 10 layers, and at most 8 are counted by hand"):
        symnet.exercise_sheet(deep, kinds=("count",))
    with pytest.raises(NotDifferentiableError, match="step"):
        symnet.exercise_sheet(parse("2-2-1:step,identity"))
