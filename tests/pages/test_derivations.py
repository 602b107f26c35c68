"""Derivations: every printed equation holds, planted errors do not, and the options do what they say."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from claim_corpus import with_usual_loss
from conftest import printed_here, under_another_hash_seed
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import Planter, everywhere, layer_off_by_one, missing_transpose, planted, wrong_index, wrong_sign
from prose import slips
from strategies import UNHURRIED, examples, networks

import symnet
from symnet.check.read_back import check_document, display_latex, printed_equations
from symnet.check.truth.reader import Reader
from symnet.formats.blocks import Display, Document, Line, Paragraph, Ref, Step
from symnet.formats.formats import render
from symnet.formula.latex import formula_latex
from symnet.formula.tree import Symbol, Under, parts_of
from symnet.network.network import Network
from symnet.network.string import parse
from symnet.notation.profile import load_notation, notation_names
from symnet.pages.contents import Derived, Options, derivation_document
from symnet.pages.values import read_values
from symnet.support.choices import PAGE_FORMS as FORMS
from symnet.support.choices import PAGE_LEVELS as LEVELS
from symnet.support.errors import NotationError, ReadingError

NOTATIONS = notation_names()

DOWNIE = Path(__file__).parents[2] / "docs" / "downie.toml"

VARIED = (
    "3-4-2:tanh,softmax;loss=cross_entropy;l2=0.1",
    "2-3-3-1:relu,relu,sigmoid;loss=binary_cross_entropy;l1=0.01",
    "2-2-2:sigmoid,softmax;loss=squared_error",
    "2-2[residual]-2[residual,skip=2]-1",
    "2-3[radial_basis]-1;loss=gaussian_nll",
    "3-2",
    "2-3-2:gelu,identity;loss=huber",
    "2-3[bias=false]-2-1:leaky_relu,mish,softplus",
    "2-3-1:z*tanh(z),identity;loss=log(cosh(a-y))",
    "12-11-2",
)
"""Networks that differ in depth, kinds of layers, activations, losses and penalties."""


def derived(architecture: str, notation: str, **options: object) -> Derived:
    """The derivation of a network with the usual loss of the notation where it names none."""
    profile = load_notation(notation)
    return derivation_document(with_usual_loss(architecture, profile), profile, Options(**options))  # type: ignore[arg-type]


def assert_holds(found: Derived) -> None:
    assert [(printed.latex, finding.message) for printed, finding in check_document(found.document, found.page)] == []
    assert_references_have_a_target(found.document)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_equation_holds(notation: str, form: str) -> None:
    assert_holds(derived("2-2-1", notation, form=form))
    if form != "scalar":
        number = NOTATIONS.index(notation) + len(NOTATIONS) * FORMS.index(form)
        assert_holds(derived(VARIED[number % len(VARIED)], notation, form=form))


@pytest.mark.parametrize("architecture", VARIED)
def test_every_equation_of_varied_networks_holds(architecture: str) -> None:
    for notation, form in (("nielsen", "matrix"), ("ng", "matrix"), ("symnet", "index"), ("downie", "scalar")):
        if form != "scalar" or architecture != "12-11-2":
            assert_holds(derived(architecture, notation, form=form, level=LEVELS[len(architecture) % 3]))


@settings(max_examples=examples(8), **UNHURRIED)
@given(networks(deepest=3), st.sampled_from(NOTATIONS), st.sampled_from(("index", "matrix")), st.sampled_from(LEVELS))
def test_every_equation_of_a_drawn_network_holds(network: Network, notation: str, form: str, level: str) -> None:
    assert_holds(derivation_document(network, load_notation(notation), Options(form, level)))


PLANTERS = (wrong_index, missing_transpose, wrong_sign, layer_off_by_one)


@pytest.mark.parametrize("plant", PLANTERS, ids=lambda plant: plant.__name__)
@pytest.mark.parametrize(
    ("architecture", "notation", "form"),
    [
        ("3-4-2:tanh,identity", "nielsen", "matrix"),
        ("3-4-2:tanh,identity", "ng", "matrix"),
        ("2-3-4-1", "symnet", "matrix"),
        ("2-3-1", "hjorth-jensen", "scalar"),
        ("2-3-4-1", "bishop", "index"),
    ],
)
def test_a_planted_error_is_caught(architecture: str, notation: str, form: str, plant: Planter) -> None:
    tried = assert_planted_errors_are_caught(derived(architecture, notation, form=form, level="short"), plant)
    assert tried or (plant is missing_transpose and form != "matrix")


def assert_planted_errors_are_caught(found: Derived, plant: Planter) -> int:
    """Each error planted in a derivation is caught; how many there are."""
    reader = Reader(found.page.network, found.page.notation)
    tried = 0
    for section in found.document.sections:
        for block in section.blocks:
            displays = [part for part in (block.body if isinstance(block, Step) else ()) if isinstance(part, Display)]
            for display in displays:
                for wrong in planted(display, plant):
                    tried += 1
                    latex = display_latex(replace(wrong, where=display.where))
                    assert not passes(reader, latex), latex
    return tried


def passes(reader: Reader, latex: str) -> bool:
    """Whether an equation is read and found to hold."""
    try:
        return not reader.check(latex)
    except ReadingError:
        return False


def test_all_references_have_a_target() -> None:
    for number, architecture in enumerate(("2-2-1", *VARIED[:-1])):
        assert_references_have_a_target(derived(architecture, "downie", form=FORMS[number % len(FORMS)]).document)


def assert_references_have_a_target(document: Document) -> None:
    labels = [display.label for display in document.displays() if display.label]
    assert len(set(labels)) == len(labels)
    assert {ref.label for ref in references(document)} <= set(labels)


def test_a_reference_without_a_target_is_found() -> None:
    document = derived("2-2-1", "downie").document
    first, *others = document.sections
    wrong = replace(first, blocks=(*first.blocks, Paragraph(("see ", Ref("nowhere")))))
    with pytest.raises(AssertionError, match="nowhere"):
        assert_references_have_a_target(replace(document, sections=(wrong, *others)))


@pytest.mark.parametrize("place", [0, 3, -1])
def test_an_error_is_found_wherever_it_stands(place: int) -> None:
    """One error anywhere in a page is found, and of two each."""
    found = derived("2-2-1", "symnet", form="index")
    sections = [list(section.blocks) for section in found.document.sections]
    places = [
        (number, block, part)
        for number, blocks in enumerate(sections)
        for block, step in enumerate(blocks)
        if isinstance(step, Step)
        for part, display in enumerate(step.body)
        if isinstance(display, Display) and any(everywhere(display.lines[-1].right, wrong_sign))
    ]
    for at in {places[place], places[1]}:
        number, block, part = at
        step = sections[number][block]
        assert isinstance(step, Step)
        display = step.body[part]
        assert isinstance(display, Display)
        line = replace(display.lines[-1], right=next(everywhere(display.lines[-1].right, wrong_sign)))
        wrong = replace(display, lines=(*display.lines[:-1], line))
        sections[number][block] = replace(step, body=(*step.body[:part], wrong, *step.body[part + 1 :]))
    document = replace(
        found.document,
        sections=tuple(
            replace(section, blocks=tuple(blocks))
            for section, blocks in zip(found.document.sections, sections, strict=True)
        ),
    )
    assert len(check_document(document, found.page)) >= len({places[place], places[1]})


def references(document: Document) -> list[Ref]:
    """Every reference in the text of a document."""
    blocks = [block for section in document.sections for block in section.blocks]
    parts = [part for block in blocks for part in (block.body if isinstance(block, Step) else (block,))]
    texts = [part.text for part in parts if isinstance(part, Paragraph)]
    return [piece for text in texts for piece in text if isinstance(piece, Ref)]


def test_the_errors_of_a_general_layer_refer_to_both_that_feed_it() -> None:
    """δ of layer l comes from δ of layer l + 1, which is that of the last layer or of a general one."""
    document = derived("2-3-3-1", "nielsen").document
    (step, *_) = steps(document, "The errors propagated back")
    texts = [part.text for part in step.body if isinstance(part, Paragraph)]
    used = {piece.label for text in texts for piece in text if isinstance(piece, Ref)}
    assert {"z3_bar", "z1_bar", "z1", "z3"} <= used


def test_softmax_says_that_targets_sum_to_one() -> None:
    document = derived("2-2-2;loss=cross_entropy", "bishop").document
    assert "targets" in {ref.label for ref in references(document)}
    assert any(re.search(r"\\sum_\{(\w)\} t_\{\1\} = 1", printed.latex) for printed in printed_equations(document))


def test_each_factor_is_evaluated_at_every_unit() -> None:
    """Two outputs: the derivative by a hidden activation has two terms, and both factors are written down."""
    document = derived("2-2-2", "downie", form="scalar").document
    (step, *_) = steps(document, "The errors propagated back")
    factors = [part for part in step.body if isinstance(part, Display)][1]
    assert len(factors.lines) == 2


def steps(document: Document, section: str) -> list[Step]:
    (found,) = [part for part in document.sections if part.title == section]
    return [block for block in found.blocks if isinstance(block, Step)]


def equations(document: Document) -> list[str]:
    return [printed.latex for printed in printed_equations(document)]


def test_the_chain_rule_names_each_factor() -> None:
    (chain, *_) = steps(derived("2-2-1", "hjorth-jensen", form="scalar").document, "The chain rule")
    displays = [part for part in chain.body if isinstance(part, Display)]
    assert formula_latex(displays[0].lines[0].right) == (
        r"\frac{\partial C}{\partial a_{0}^{(2)}} \, \frac{\partial a_{0}^{(2)}}{\partial z_{0}^{(2)}} \, "
        r"\frac{\partial z_{0}^{(2)}}{\partial w_{00}^{(2)}}"
    )
    assert len(displays[1].lines) == 3


def test_general_layers_only_where_layers_are_alike() -> None:
    def layers(architecture: str) -> list[str]:
        found = steps(derived(architecture, "nielsen").document, "The forward pass")
        return [
            "".join(formula_latex(part.formula) if hasattr(part, "formula") else str(part) for part in step.title)
            for step in found
        ][:-1]

    assert layers("2-3-3-3-1") == ["Layer l", "The last layer, L"]
    assert layers("2-3-4-5-1") == ["Layer l", "The last layer, L"]
    assert layers("2-3-3-3-1:tanh,relu,relu,identity") == ["Layer 2", "Layer l", "The last layer, 5"]
    assert layers("2-3-1:relu,identity") == ["Layer l", "The last layer, L"]


def test_the_index_form_comes_before_the_matrix_form() -> None:
    document = derived("2-3-1", "nielsen", form="matrix").document
    numbers = document.numbers
    matrices = [label for label in numbers if label.endswith("-matrix")]
    assert len(matrices) >= 10
    for label in matrices:
        assert numbers[label] > numbers[label.removesuffix("-matrix")]


def test_shapes_stand_under_the_factors_of_matrix_forms() -> None:
    document = derived("2-3-1", "goodfellow", form="matrix").document
    for display in document.displays():
        if display.label.endswith("-matrix") and not display.label.startswith("C"):
            assert any(isinstance(node, Under) for line in display.lines for node in nodes(line))


def nodes(line: Line) -> list[object]:
    stack: list[object] = [line.right]
    found = []
    while stack:
        node = stack.pop()
        found.append(node)
        stack += parts_of(node)
    return found


def test_every_symbol_of_a_page_is_explained() -> None:
    for architecture in VARIED:
        document = derived(architecture, "symnet", form="matrix").document
        keys = {
            node.key
            for display in document.displays()
            for line in display.lines
            for side in (line.left, line.right)
            if side is not None
            for node in nodes(replace(line, right=side))
            if isinstance(node, Symbol)
        }
        assert keys <= set(document.symbols)
        for info in document.symbols.values():
            assert {*info.sources, *info.uses} <= set(document.symbols) | {"C_bar"}


def test_a_scalar_derivation_of_a_large_network_is_refused_with_the_remedy() -> None:
    with pytest.raises(NotationError, match=r"153 parameters.*--form index"):
        derived("8-8-8-1", "symnet", form="scalar")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"form": "tensor"}, "unknown form 'tensor'.*index, matrix, scalar"),
        ({"level": "long"}, "unknown level 'long'.*full, lecture, short"),
        ({"digits": 0}, "digits is '0'.*1 to 15"),
    ],
)
def test_wrong_options(options: dict[str, object], words: str) -> None:
    with pytest.raises(NotationError, match=words):
        derived("2-2-1", "symnet", **options)


def test_a_network_that_cannot_be_trained_has_no_derivation() -> None:
    with pytest.raises(symnet.SymnetError, match="step"):
        symnet.derive(parse("2-2-1:step,identity")).document()


def test_levels_are_of_different_lengths() -> None:
    short, lecture, full = (derived("2-2-1", "bessa", level=level).document for level in LEVELS)
    assert len(equations(short)) < len(equations(lecture)) == len(equations(full))
    costs = full.sections[-1]
    assert [section.title for section in full.sections] == [*(each.title for each in lecture.sections), costs.title]
    assert derived("2-2-1", "bessa", counts=True).document.sections[-1] == costs


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_page_says_what_is_usual_in_its_notation_where_the_network_has_it_not(notation: str) -> None:
    profile = load_notation(notation)
    text = symnet.derive("2-2-1").render("markdown", notation)
    (said, *more) = re.findall(r"^Texts in this notation usually have (.*)\.$", text, re.MULTILINE) or [""]
    assert more == []
    assert ("squared error without the factor" in said) == (profile.usual_loss == "squared_error")
    assert ("sum over the examples" in said) == (profile.usual_reduction == "sum")
    assert "usually have" not in render(derived("2-2-1", notation).document, "markdown")
    assert "usually have" not in symnet.derive("2-2-1;loss=huber;reduction=sum").render("markdown", notation)


def test_the_public_methods_agree() -> None:
    derivation = symnet.derive(parse("2-2-1"))
    assert derivation.to_latex("nielsen", form="matrix") == derivation.render("fragment", "nielsen", form="matrix")
    assert r"\documentclass" in derivation.to_latex(standalone=True)
    assert derivation._repr_latex_().startswith("$\\displaystyle \\begin{aligned}")
    assert "<math" in derivation._repr_html_()
    with pytest.raises(NotationError, match="unknown format"):
        derivation.render("pdf")


def test_the_listing_for_notebooks_holds() -> None:
    network = parse("3-4-2:tanh,softmax;loss=cross_entropy")
    latex = symnet.derive(network)._repr_latex_().removeprefix("$\\displaystyle ").removesuffix("$")
    assert Reader(network, load_notation("symnet")).check(latex.replace(" \\\\[4pt]", r" \\")) == []


PRINTS = """
from symnet.network import parse
from symnet.formats import render
from symnet.pages import Options, derivation_document
from symnet.notation.profile import load_notation
network = parse("3-4-2:tanh,softmax;loss=cross_entropy;l2=0.1")
for format, notation, options in (("html", "ng", Options("matrix")), ("tex", "bishop", Options(counts=True))):
    print(render(derivation_document(network, load_notation(notation), options).document, format))
"""


def test_the_same_bytes_whatever_the_hash_seed() -> None:
    assert under_another_hash_seed(PRINTS) == printed_here(PRINTS)


TWO = read_values(
    DOWNIE.read_text(encoding="utf-8").replace("[3, -2]", "[[3, -2], [1, 0.5]]").replace("[1.2]", "[[1.2], [0.3]]"),
    parse("2-2-1"),
    DOWNIE.name,
)
"""Numbers for two examples."""

PROSE = (
    ("2-2-1", "downie", Options("index", counts=True), True),
    ("2-2-1", "ng", Options("matrix", counts=True), True),
    ("2-2-1", "symnet", Options("scalar"), True),
    ("3-4-4-4-2:tanh,tanh,tanh,softmax;loss=cross_entropy;l2=0.1", "bishop", Options("index"), False),
    ("2-3-3-1:relu,gelu,sigmoid;loss=binary_cross_entropy;l1=0.01", "hjorth-jensen", Options("matrix"), False),
    ("3-4[radial_basis]-4[residual]-2;loss=huber(delta=0.3)", "d2l", Options("matrix", level="lecture"), False),
    ("2-2-1", "bessa", Options("index", level="short"), False),
    ("2-2-2", "nielsen", Options("matrix", level="short"), False),
    ("2-2-1", "nielsen", Options("index", values=TWO), False),
    ("2-2-1", "ng", Options("index", values=TWO), False),
)
"""Pages that have, between them, most kinds of sentences; the last item says whether numbers are put in."""


@pytest.mark.parametrize(("architecture", "notation", "options", "worked"), PROSE)
def test_prose_is_written_as_prose(architecture: str, notation: str, options: Options, worked: bool) -> None:
    """Sentences begin with a capital, no word has one inside, and nothing that is missing is printed."""
    network = parse(architecture)
    if worked:
        options = replace(options, values=read_values(DOWNIE.read_text(encoding="utf-8"), network, DOWNIE.name))
    assert slips(derivation_document(network, load_notation(notation), options).document) == []


def test_a_short_step_names_the_equations_of_all_its_instances() -> None:
    text = symnet.derive("2-2-2").render(form="scalar", level="short")
    assert re.findall(r"By the chain rule on (.*):", text)[:2] == ["(7) and (8)", "(5) and (6)"]


def test_a_residual_layer_hands_on_more_than_its_activation() -> None:
    text = symnet.derive("2-2[residual]-1").render(level="short")
    assert text.count("The unit hands on its activation together with an earlier output:") == 1
    assert text.count("Its activation is what the unit hands on:") == 1
