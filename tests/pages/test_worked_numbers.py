"""Derivations worked through with numbers, and the nudges of `downie.txt`."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from conftest import Command
from hypothesis import given
from hypothesis import strategies as st
from strategies import values_for

import symnet
from symnet.check.read_back import check_document, printed_equations
from symnet.check.truth.reader import Reader
from symnet.core.oracle import evaluate, numerical_gradient
from symnet.formats.blocks import Document, Math, Paragraph, Table
from symnet.formula.latex import formula_latex
from symnet.formula.numbers import decimal, number
from symnet.formula.plain import formula_text
from symnet.network.forward import forward_equations
from symnet.network.network import Network
from symnet.network.string import parse
from symnet.notation.profile import load_notation, notation_names
from symnet.pages.contents import Options, derivation_document
from symnet.pages.nudges import MAX_ROWS, nudges
from symnet.pages.page_program import PageProgram, page_program
from symnet.pages.values import Values, gradient, gradient_of_all, read_values, sensitivities, worked_out
from symnet.support.choices import PAGE_FORMS as FORMS
from symnet.support.errors import NotationError

ROOT = Path(__file__).parents[2]
ONE = (ROOT / "docs" / "downie.toml").read_text(encoding="utf-8")
DOWNIE = ONE.replace("x = [3, -2]", "x = [[3, -2], [-1, 1]]").replace("y = [1.2]", "y = [[1.2], [0.7]]")
"""The network of `downie.txt`, "We will consider the following simple NN", with both of its observations.

The picture with the weights of the second hidden unit is lost from the note; those here give the activation
0.622 and the nudges that it prints for the first observation.
"""

NETWORK = parse("2-2-1;loss=squared_error;reduction=sum")


def downie() -> Values:
    return read_values(DOWNIE, NETWORK, "values")


def page_of(network: Network, notation: str = "downie") -> PageProgram:
    return page_program(network, load_notation(notation))


def test_the_numbers_of_the_note() -> None:
    """Activations 0.475 and 0.622 and output 0.81 for the first observation, 0.574 for the second."""
    page = page_of(NETWORK)

    page = page_program(NETWORK, load_notation("downie"))
    first, second = (worked_out(page, downie(), example) for example in (0, 1))
    assert np.allclose([float(entry) for entry in first["a1"]], [0.475, 0.622], atol=5e-4)
    assert float(second["a1"][0]) == pytest.approx(0.574, abs=5e-4)
    assert float(first["a2"][0]) == pytest.approx(0.809, abs=1e-3)


def test_the_nudges_of_the_note() -> None:
    """0.449, -0.299, 0.150 for the first unit; 0.141, -0.094 and (printed as 0.045) 0.047 for the second."""
    (nudge,) = sensitivities(page_of(NETWORK), downie(), 0)
    assert np.allclose(nudge["W1"], [[0.449, 0.141], [-0.299, -0.094]], atol=5e-4)
    assert np.allclose(nudge["b1"], [0.150, 0.047], atol=5e-4)
    assert np.allclose(nudge["W2"], [[0.475], [0.622]], atol=5e-4)
    assert np.allclose(nudge["b2"], [1])


def test_the_nudges_are_small_differences() -> None:
    values, width = downie(), 1e-6
    module = symnet.compile(NETWORK)
    (nudge,) = sensitivities(page_of(NETWORK), values, 1)
    names = list(module.SHAPES)
    for name in names:
        for position in np.ndindex(*values.arrays[name].shape):
            outputs = []
            for sign in (1, -1):
                shifted = {other: np.array(values.arrays[other], dtype=float) for other in names}
                shifted[name][position] += sign * width
                parameters = module.Parameters(*(shifted[other] for other in names))
                outputs.append(module.forward(parameters, values.arrays["x"][1:2])[0, 0])
            assert (outputs[0] - outputs[1]) / (2 * width) == pytest.approx(nudge[name][position], abs=1e-8)


SEVERAL = "2-3[radial_basis]-2:softmax;loss=cross_entropy;l1=0.1;l2=0.2"


@pytest.mark.parametrize("notation", ["downie", "nielsen", "bishop", "symnet"])
def test_the_gradient_is_that_of_the_whole_batch(notation: str) -> None:
    """Also on a page of one example, and where a page has the errors of examples."""
    for network, rows in ((NETWORK, 2), (parse(SEVERAL), 3), (parse(SEVERAL), 1)):
        program = forward_equations(network).program
        values = rounded(network, rows)
        found = gradient_of_all(page_of(network, notation), values)
        for name in found:
            for position in np.ndindex(*found[name].shape):
                exact = numerical_gradient(program, dict(values.arrays), name, position)
                assert found[name][position] == pytest.approx(float(exact), rel=1e-12, abs=1e-14)


def rounded(network: Network, rows: int) -> Values:
    drawn = values_for(network, forward_equations(network).program, rows, 0)
    return Values({name: np.asarray(array, dtype=np.float64) for name, array in drawn.items()})


def test_the_gradients_of_examples_add_up_to_that_of_the_batch() -> None:
    """By N times the loss of each, which has no penalty here."""
    network = parse("2-3-2:tanh,softmax;loss=cross_entropy;reduction=sum")
    page, values = page_of(network), rounded(network, 3)
    each = [gradient(page, values, example) for example in range(3)]
    for name, total in gradient_of_all(page, values).items():
        assert sum(one[name] for one in each) == pytest.approx(total, rel=1e-14)


@pytest.mark.parametrize("notation", ["downie", "bishop"])
def test_the_sensitivities_are_differences_of_the_outputs(notation: str) -> None:
    """Neither the loss nor its penalty nor a parameter of the loss has a part in them."""
    network = parse("2-3-2:tanh,softmax;loss=gaussian_nll;l2=0.5")
    values, width = rounded(network, 1), 1e-6
    program = forward_equations(network).program
    found = sensitivities(page_of(network, notation), values, 0)
    assert np.all(found[0]["beta"] == 0)
    for unit, changes in enumerate(found):
        for name, array in changes.items():
            for position in np.ndindex(*array.shape):
                outputs = []
                for sign in (1, -1):
                    arrays = {other: np.array(entries) for other, entries in values.arrays.items()}
                    arrays[name][position] += sign * width
                    outputs.append(float(evaluate(program, arrays)[program.outputs["prediction"]][0, unit]))
                assert (outputs[0] - outputs[1]) / (2 * width) == pytest.approx(array[position], abs=1e-8)


def test_large_numbers_are_not_taken_for_whole_ones() -> None:
    """377.35 is not written as 377, which would be an exact number."""
    values = read_values(ONE.replace("x = [3, -2]", "x = [1234.5, 678.25]"), NETWORK, "values")
    for form in FORMS:
        found = derivation_document(NETWORK, load_notation("downie"), Options(form, values=values))
        assert check_document(found.document, found.page, values) == []
    assert formula_text(number(377.35, 3)) == "377.4"
    assert formula_text(number(1.2, 1)) == "1.2"
    assert formula_text(number(3.0, 3)) == "3"


NOTATIONS = notation_names()
DIGITS = (1, 2, 5)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_number_of_a_page_is_right(notation: str) -> None:
    """With digits that differ from form to form; the page of the note has its numbers at all digits."""
    for place, form in enumerate(FORMS):
        turn = (NOTATIONS.index(notation) + place) % len(DIGITS)
        for digits in DIGITS if notation == "downie" else (DIGITS[turn],):
            options = Options(form, values=downie(), digits=digits)
            found = derivation_document(NETWORK, load_notation(notation), options)
            problems = check_document(found.document, found.page, options.values)
            assert [(printed.latex, finding.message) for printed, finding in problems] == []


def test_a_wrong_result_is_caught() -> None:
    """The last number of each display, off by one in its last digit but one."""
    found = derivation_document(NETWORK, load_notation("downie"), Options("scalar", values=downie()))
    given = {name: array[:1] if name in ("x", "y") else array for name, array in downie().arrays.items()}
    reader = Reader(NETWORK, found.page.notation, values={**given, "rate": 0.1})
    tried = 0
    for printed in printed_equations(found.document):
        result = re.search(r"\\approx (-?\d\.\d+) \\end", printed.latex)
        if result:
            tried += 1
            wrong = float(result[1]) + 10.0 ** (1 - len(result[1].partition(".")[2]))
            assert reader.check(printed.latex.replace(result[0], rf"\approx {wrong:.4f} \end"))
    assert tried > 20


def test_the_table_of_nudges() -> None:
    document = derivation_document(NETWORK, load_notation("downie"), Options("scalar", values=downie())).document
    (section,) = [section for section in document.sections if section.title.startswith("Nudges")]
    tables = [block for block in section.blocks if isinstance(block, Table)]
    assert len(tables) == 3
    assert all(len(table.rows) == 9 for table in tables)
    first = [formula_text(cell[0].formula) for cell in tables[0].rows[0] if isinstance(cell[0], Math)]
    assert first[1:3] == ["0.2", "0.449"]


@pytest.mark.parametrize("seed", [0, 1])
def test_of_many_parameters_those_that_change_the_loss_most_have_a_row(seed: int) -> None:
    network = parse("4-6-5-1")
    drawn = values_for(network, forward_equations(network).program, 1, seed)
    values = Values({name: np.asarray(array) for name, array in drawn.items()})
    page = page_program(network, load_notation("symnet"))
    slopes = np.concatenate([np.ravel(array).astype(float) for array in gradient(page, values).values()])
    largest = sorted(np.abs(slopes))[-MAX_ROWS:]
    (table,) = (block for block in nudges(page, values, 15) if isinstance(block, Table))
    cells = [row[-1][0] for row in table.rows]
    shown = [float(formula_latex(cell.formula).replace(r" \times 10^{", "e").strip("}")) for cell in cells]
    assert len(slopes) > MAX_ROWS == len(shown)
    assert sorted(map(abs, shown)) == pytest.approx(largest, rel=1e-12)


@given(st.integers(-(10**6), 10**6).filter(bool), st.integers(-60, 60))
def test_decimals_keep_their_digits_and_the_sign_of_their_power(digits: int, power: int) -> None:
    """What is printed stands for the same number, with no more zeros than a reader counts."""
    exact = abs(Decimal(digits)).scaleb(power)
    latex = formula_latex(decimal(str(exact)))
    assert Decimal(re.sub(r" \\times 10\^\{?(-?\d+)\}?", r"e\1", latex)) == exact
    assert len(latex) < 50


@given(st.floats(allow_nan=False, allow_infinity=False, width=64), st.integers(1, 15))
def test_numbers_are_rounded_to_their_digits(value: float, digits: int) -> None:
    text = formula_text(number(value, digits)).replace("−", "-").replace(" ", "")
    mantissa, _, exponent = text.partition("×10")
    powers = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
    power = exponent.translate(powers).lstrip("^").strip("()") or "0"
    found = float(f"{mantissa}e{power}")
    assert found == float(format(value, f".{digits}g")) or found == float(format(value, f".{digits + 1}g"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("W1 = ", "values: .*"),
        (DOWNIE.replace("b2 = [0.4]", ""), r"b2 is missing; numbers in shape \(1,\)"),
        (DOWNIE + "w3 = 1", "unknown value 'w3'"),
        (DOWNIE.replace("[0.1, 0.6]", "[0.1, 0.6, 1]"), r"b1 is no array of numbers in shape \(2,\)"),
        (DOWNIE.replace("[0.1, 0.6]", "[[0.1], 0.6]"), "b1 is no array"),
        (DOWNIE.replace("[0.1, 0.6]", "['a', 0.6]"), "b1 is no array"),
        (DOWNIE.replace("[0.1, 0.6]", "[true, 0.6]"), "b1 is no array"),
        (DOWNIE.replace("[0.1, 0.6]", "[nan, 0.6]"), "b1 holds a number that is not finite"),
        (DOWNIE.replace("x = [[3, -2], [-1, 1]]", "x = [3, -2]"), "x has 1 rows and y 2"),
        (DOWNIE.replace("x = [[3, -2], [-1, 1]]", "x = []"), r"x is no array of numbers in shape \(N, 2\)"),
        (DOWNIE.replace("rate = 0.1", "rate = -1"), "rate is '-1'; a positive number"),
        (DOWNIE.replace("rate = 0.1", "rate = 1" + "0" * 400), "a positive number is needed"),
        (DOWNIE.replace("[0.1, 0.6]", "[1" + "0" * 400 + ", 0.6]"), "b1 holds a number that is not finite"),
        (DOWNIE.replace("[0.1, 0.6]", "[1" + "0" * 5000 + ", 0.6]"), "not TOML"),
        ("x = " + "[" * 3000, "nested deeper than 32 levels"),
    ],
)
def test_bad_values_are_refused(text: str, words: str) -> None:
    with pytest.raises(NotationError, match=words):
        read_values(text, NETWORK, "values")


def test_targets_must_fit_the_loss() -> None:
    network = parse("1-2;loss=cross_entropy")
    text = "W1 = [[1, 2]]\nb1 = [0, 0]\nx = [1]\ny = [0.5, 0.6]"
    with pytest.raises(NotationError, match="probabilities that sum to 1"):
        read_values(text, network, "values")
    binary = parse("1-1;loss=binary_cross_entropy")
    with pytest.raises(NotationError, match="between 0 and 1"):
        read_values("W1 = [[1]]\nb1 = [0]\nx = [1]\ny = [2]", binary, "values")


def assert_drawn_values_hold(network: Network, notation: str, form: str, rows: int) -> None:
    drawn = values_for(network, forward_equations(network).program, rows, 0)
    values = Values({name: np.asarray(array) for name, array in drawn.items()})
    found = derivation_document(network, load_notation(notation), Options(form, values=values))
    assert check_document(found.document, found.page, values) == []


def test_values_of_other_networks() -> None:
    for architecture in ("3-4-2:tanh,softmax;loss=cross_entropy;l2=0.1", "2-3[radial_basis]-1;loss=gaussian_nll"):
        assert_drawn_values_hold(parse(architecture), "ng", "matrix", 2)


def test_values_of_activations_that_are_no_array_of_their_own() -> None:
    """Around a residual layer σ(z) is a term of the activation; -z has its number behind the minus in parentheses."""
    for architecture in ("2-2[residual]-1", "2-2-1:1/(1+exp(-z)),identity"):
        assert_drawn_values_hold(parse(architecture), "bishop", "scalar", 1)


def test_numbers_on_the_command_line(symnet_command: Command) -> None:
    Path("values.toml").write_text(DOWNIE, encoding="utf-8")
    done = symnet_command("derive", "2-2-1", "--form", "scalar", "--notation", "downie", "--at", "values.toml")
    assert done.status == 0, done.err
    assert "0.449" in done.out
    assert symnet_command("derive", "2-2-1", "--at", "none.toml").status == 2


@pytest.mark.parametrize("notation", ["downie", "symnet", "ng"])
def test_a_page_for_one_example_says_whose_numbers_it_has_where_there_are_several(notation: str) -> None:
    profile = load_notation(notation)
    for text, rows, form in ((ONE, 1, "index"), (DOWNIE, 2, "index"), (DOWNIE, 2, "scalar")):
        values = read_values(text, NETWORK, "values")
        found = derivation_document(NETWORK, profile, Options(form, level="short", values=values))
        said = [part for text in texts(found.document) for part in re.findall(r"The numbers are those of .*?[.]", text)]
        is_told = rows > 1 and (form == "scalar" or profile.batch == "single")
        assert said == ([f"The numbers are those of the first of {rows} examples."] if is_told else [])


def texts(document: Document) -> list[str]:
    """The words of the paragraphs of a document."""
    paragraphs = [block for section in document.sections for block in section.blocks if isinstance(block, Paragraph)]
    return ["".join(part for part in block.text if isinstance(part, str)) for block in paragraphs]
