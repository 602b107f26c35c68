"""Claims: what is right is never called wrong, what is wrong never right, and its cause is named."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from claim_corpus import NETWORK, NOTATIONS, Plant, all_cases
from conftest import printed_here, under_another_hash_seed
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import answers, verifier
from notes_table import NOTES, NotesFormula, note
from strategies import UNHURRIED, examples
from work import CALLS_A_SECOND, ticking

from symnet.api.verification import verify
from symnet.check.latex import tree as t
from symnet.check.latex.failure import NotUnderstood
from symnet.check.latex.letters import Known
from symnet.check.latex.resolve import parse_latex
from symnet.check.mistakes import factors, sums, symbols
from symnet.check.mistakes.proposals import Proposal
from symnet.check.mistakes.scope import NOWHERE, Scope
from symnet.check.mistakes.sites import sites
from symnet.check.mistakes.table import CAUSES, MISTAKES, Mistake
from symnet.check.truth.links import Link, links_of
from symnet.check.verdicts.answer import Answer, Verification
from symnet.check.verdicts.documents import Display
from symnet.check.verdicts.texts import TEXT_SECONDS, verify_text
from symnet.check.verdicts.verifier import PROOF_SECONDS, SEARCH_SECONDS, SECONDS, Verifier
from symnet.check.verdicts.writing import writer_of
from symnet.network.activations import ACTIVATIONS
from symnet.network.string import parse
from symnet.notation.conventions import Notation
from symnet.notation.profile import load_notation

RIGHT = [
    (notation, latex)
    for place, notation in enumerate(NOTATIONS)
    for number, case in enumerate(all_cases(notation))
    for latex in (case.latex, *case.variants[(place + number) % 2 :: 2])
]
"""The equations of the corpus in every notation, and every other one of their rearranged forms."""

WRONG = [
    (notation, case.latex.replace(plant.old, plant.new, 1), plant)
    for place, notation in enumerate(NOTATIONS)
    for number, case in enumerate(all_cases(notation))
    for plant in case.plants[(place + number) % 2 :: 2]
]
"""The same with one error each: every other one that the corpus plants."""


def numbered(cases: Sequence[tuple[Any, ...]]) -> list[str]:
    """A short name for each case: its notation and its number."""
    return [f"{notation}-{number}" for number, (notation, *_) in enumerate(cases)]


@pytest.mark.parametrize(("notation", "latex"), RIGHT, ids=numbered(RIGHT))
def test_correct_equations_are_right_in_every_notation_and_rearranged(notation: str, latex: str) -> None:
    assert [str(answer) for answer in answers(notation, latex) if answer.verdict != "right"] == []


@pytest.mark.parametrize(("notation", "latex", "plant"), WRONG, ids=numbered(WRONG))
def test_planted_errors_are_wrong_and_their_causes_are_named(notation: str, latex: str, plant: Plant) -> None:
    """What is said to be wrong stands in the equation, and with what is meant in its place it is the right one."""
    profile, sizes = load_notation(notation), verifier(notation).network.sizes
    (answer,) = (answer for answer in answers(notation, latex) if answer.verdict != "right")
    assert (answer.verdict, answer.cause) == ("wrong", plant.cause)
    assert [each.verdict for each in answers(notation, answer.correction)] == ["right"], answer
    assert answer.message.endswith(f" Correct: {answer.correction}")
    assert all(part in answer.message for part in (answer.printed, answer.meant))
    assert not re.search(r"None|XX|Node", str(answer)), answer
    (chain,) = parse_latex(latex, profile, Known(sizes))
    printed = writer_of(latex, profile, sizes).chain(chain.sides, chain.relations)
    if answer.printed and answer.meant and printed.count(answer.printed) == 1:
        assert printed.replace(answer.printed, answer.meant) == answer.correction, answer
    assert not answer.left or answer.left != answer.right or "matrix" in answer.left


def test_the_corpus_is_large_enough() -> None:
    assert len(RIGHT) >= 200
    assert len(WRONG) >= 200
    assert {notation for notation, _ in RIGHT} == set(NOTATIONS) == {notation for notation, *_ in WRONG}
    assert {plant.cause for *_, plant in WRONG} <= set(CAUSES)
    for notation in NOTATIONS:
        for case in all_cases(notation):
            assert all(plant.old in case.latex and plant.old != plant.new for plant in case.plants), case


# The formulas of the notes


CLAIMS = [formula for each in NOTES for formula in each.formulas if formula.is_claim and not formula.values]


@cache
def verifier_of_notes(network: str, notation: str) -> Verifier:
    profile = next(claim.profile for claim in CLAIMS if claim.notation == notation)
    return Verifier(parse(network), profile, may_define=False)


def told(formula: NotesFormula, latex: str) -> list[Answer]:
    return list(verifier_of_notes(formula.network, formula.notation).answers(Display(latex)))


def test_the_formulas_of_the_notes_get_their_verdicts_and_their_causes() -> None:
    """Four misprints are two errors at once, or of no kind that has a name here."""
    unnamed = []
    for formula in CLAIMS:
        found = told(formula, note(formula.note).in_full(formula, formula.latex))
        verdicts = {answer.verdict for answer in found}
        assert verdicts - {"right"} == ({"wrong"} if formula.verdict == "wrong" else set()), formula
        if formula.verdict == "wrong" and formula.cause not in {answer.cause for answer in found}:
            unnamed.append((formula.note, formula.line))
    assert unnamed == [("hjorth-jensen", 875), ("bessa", 77), ("bessa", 88), ("bessa", 92)]


# What people write


@pytest.mark.parametrize(
    ("notation", "network", "latex"),
    [
        ("hjorth-jensen", "2-2-1", r"\frac{\partial C}{\partial w_i^{(2)}} = \delta^{(2)} a_i^{(1)}"),
        ("hjorth-jensen", "2-2-1", r"\frac{\mathrm{d}C}{\mathrm{d}b^{(2)}} = \delta^{(2)} = \frac{dC}{dz^{(2)}}"),
        ("hjorth-jensen", "2-2-1", r"\delta_j^l = \sum_k w_{kj}^{l+1} \delta_k^{l+1} \sigma'(z_j^l) \tag{2}"),
        (
            "hjorth-jensen",
            "2-2-1",
            r"\frac{\partial \mathcal{C}(\Theta)}{\partial b_0^1} = \delta_0^{(1)} \quad (3)",
        ),
        ("hjorth-jensen", "2-2-1", r"z_j^l = \sum\limits_{i=1}^{M_{l-1}} w_{ji}^l a_i^{l-1} + b_j^l"),
        ("hjorth-jensen", "1-1-1", r"\frac{\partial C}{\partial w_2} = (a_2 - y) \sigma'_2 a_1 = \delta_2 a_1"),
        ("downie", "2-2-1", r"\frac{\partial}{\partial b_1^{(2)}} R = -2 (y - \hat{y})"),
        (
            "downie",
            "2-2-1",
            r"\partial_{b_1^{(2)}} R = 2 \left[ a_1^{(2)} - y \right] \text{ and } R = (y - a^{(2)})^2",
        ),
        ("downie", "2-2-1", r"\sigma' = \sigma (1 - \sigma) = \sigma - \sigma^2"),
        ("ng", "2-3-1:tanh,identity", r"g' = 1 - g^2, \quad g'' = -2 g g'"),
        ("downie", "2-2-1", r"\frac{d\sigma}{dv} = e^{-v} (1 + e^{-v})^{-2} \quad \text{homework!}"),
        ("downie", "2-2-1", r"\left(\begin{array}{c} z_1^{(1)} \\ z_2^{(1)} \end{array}\right) = W^{(1)} x + b^{(1)}"),
        ("trujillo", "2-3-2", r"z_k^{L} = \sum_{i=1}^{s(L-1)} w_{ki}^{L} a_i^{L-1} + b_k^{L}"),
        ("nielsen", "2-3-2", r"\nabla_{w^l} C = \delta^l (a^{l-1})^\top"),
        ("nielsen", "2-3-2", r"\delta^{l} \gets (w^{l+1})^T \delta^{l+1} \circ \sigma'(z^l) \qquad l = 2"),
        ("ng", "2-3-2", r"\begin{eqnarray*} dZ^{[2]} &=& A^{[2]} - Y \nonumber \\ \end{eqnarray*}"),
    ],
)
def test_other_ways_to_write_it_are_read(notation: str, network: str, latex: str) -> None:
    assert [str(answer) for answer in answers(notation, latex, network) if answer.verdict != "right"] == []


def test_what_a_proof_is_and_what_is_only_checked_at_points() -> None:
    """Exact formulas know sigmoid and exp as one; the entropy's logarithm of a sum they do not."""
    (answer,) = answers("downie", r"a_1^{(1)} (1 + e^{-z_1^{(1)}}) = 1")
    assert answer.how == "proved symbolically"
    latex = r"R = -\sum_k y_k \left( z_k^{(3)} - \log \sum_m e^{z_m^{(3)}} \right)"
    (answer,) = answers("downie", latex, "2-2-3-2;loss=cross_entropy")
    assert (answer.verdict, answer.how) == ("right", "equal at random points")


def test_nothing_wrong_is_proved() -> None:
    for notation, latex, _ in WRONG[::3]:
        claims = verifier(notation)
        for chain in parse_latex(latex, claims.notation, Known(claims.network.sizes)):
            links = links_of(chain)
            assert not all(claims.prover.proves(link) for link in links), latex


@pytest.mark.parametrize("latex", ["", "  ", r"\text{the loss}", r"$$ \; $$"])
def test_nothing_is_no_equation(latex: str) -> None:
    (answer,) = answers("downie", latex)
    assert (answer.verdict, answer.expected) == ("not understood", "an equation")


def test_mathematics_in_words_is_not_passed_over() -> None:
    (answer,) = answers("downie", r"a_1^{(0)} = x_1 \text{ + 1}")
    assert (answer.verdict, answer.character) == ("not understood", 17)


def test_two_errors_at_once_are_told_factor_by_factor() -> None:
    (answer,) = answers("hjorth-jensen", r"\delta_0^{(3)} = 3 (y_0 - a_0^{(3)}) b_0^{(1)}")
    assert (answer.verdict, answer.cause, answer.correction) == ("wrong", "", "")
    assert "times the left" in answer.message
    assert [latex for latex, _ in answer.factors] == [r"\delta_0^{(3)}", "y_0 - a_0^{(3)}", "b_0^{(1)}"]


def test_a_range_that_no_layer_is_in_makes_nothing_right() -> None:
    (answer,) = answers("nielsen", r"\delta^l = a^l \qquad l = 2, \dots, L-2", "2-3-2")
    assert answer.verdict == "not understood"


def test_from_python() -> None:
    assert verify("2-2-1", r"\delta_1^{(2)} = h_1^{(2)} - y_1", "bishop").exit_status == 2
    assert verify("2-2-1", r"\delta_1^{(2)} = t_1 - y_1", "bishop").exit_status == 1
    found = verify("2-2-1", r"\delta_1^{(2)} = y_1 - t_1", "bishop")
    assert found
    assert (found.verdict, found.answers[0].how) == ("right", "proved symbolically")


def test_answers_do_not_depend_on_the_hash_seed() -> None:
    lines = [f"print(symnet.verify({NETWORK!r}, {latex!r}, {notation!r}))" for notation, latex, _ in WRONG[::40]]
    program = "\n".join(["import symnet", *lines])
    assert under_another_hash_seed(program) == printed_here(program)


def anywhere(node: t.Node) -> t.Node:
    """The same formula, wherever in a text it stood."""
    return t.rewrite(node, lambda inner: replace(inner, span=NOWHERE))


RARE = (
    r"R = \sum_{j \ne 2} a_j^{(1)} + \sum_{i=1}^{2} \sum_{j=2}^{h_1} x_i a_j^{(1)} - \sum_{i,j} x_i a_j^{(1)}",
    r"z_1^{(1)} = [i = j] - [i \ne j] + [z_1^{(1)} > 0] [x_1 \le 1]",
    r"\underset{0.5}{z_1^{(1)}} = \underset{0.25}{x_1} - 2",
    r"z_1^{(1)} = \begin{cases} 1 & z_1^{(1)} > 0 \\ 0 & \text{else} \end{cases}",
    r"\mathbf{z}^{(1)} = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} \mathbf{x}",
    r"\mathbf{z}^{(1)} = \begin{pmatrix} 5 \\ 6 \end{pmatrix} x_1",
    r"R = \|\mathbf{x}\|_1 + |x_1| + \|\mathbf{x}\|^2",
    r"z_1^{(1)} = \frac{x_1}{2} \oslash \sqrt{x_2} \odot x_1",
    r"z_1^{(1)} = -(x_1 + x_2)(x_1 - x_2) - x_1 / x_2 - x_1 (-x_2)^{-2}",
    r"z_1^{(1)} = \exp(-x_1) - \max(x_1, x_2)",
    r"\nabla R = 1",
)
"""What is rarely written, in the notation of downie."""

SPELLED = (
    *((load_notation(notation), verifier(notation).network.sizes, latex) for notation, latex in RIGHT),
    *((load_notation("downie"), (2, 3, 2), latex) for latex in RARE),
    *(
        (formula.profile, parse(formula.network).sizes, formula.latex)
        for each in NOTES
        for formula in each.formulas
        if formula.is_claim and r"\mathbf{n}_3" not in formula.latex  # which is \mathbf{y} too
    ),
)


def test_what_is_written_is_read_back_the_same() -> None:
    read = 0
    for profile, sizes, latex in SPELLED:
        try:
            chains = parse_latex(latex, profile, Known(sizes))
        except NotUnderstood:
            continue  # what a note defines, or leaves to its reader
        writer = writer_of(latex, profile, sizes)
        for chain in chains:
            written = writer.chain(chain.sides, chain.relations)
            (again,) = parse_latex(written, profile, Known(sizes))
            assert again.relations == chain.relations
            assert list(map(anywhere, again.sides)) == list(map(anywhere, chain.sides)), (latex, written)
            read += 1
    assert read > 0.9 * len(SPELLED)


FORGETS = (
    *(factors.factor_removed, factors.factor_exchanged, factors.power_changed, factors.number_removed),
    *(sums.term_removed, sums.sum_removed, sums.other_range, sums.other_letter, symbols.symbol_exchanged),
)
"""Changes after which nothing says what stood there; every other one has one that leads back."""


def changes(link: Link, side: t.Node, notation: Notation, depth: int) -> Iterator[tuple[Mistake, Proposal, t.Node]]:
    """Every single change of a side that is taken for a mistake, with the side after it."""
    other = link.left if side is not link.left else link.right
    scope = Scope(link, side, other, notation, depth)
    for mistake in MISTAKES:
        for site in sites(side):
            for proposal in mistake.undo(site, scope):
                yield mistake, proposal, site.rebuild(proposal.node)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_what_is_taken_for_a_mistake_is_written_read_and_undone(notation: str) -> None:
    """A change of a right equation is one that somebody can write, and there is one that undoes it."""
    sizes, profile = verifier(notation).network.sizes, load_notation(notation)
    for latex in [latex for name, latex in RIGHT if name == notation][NOTATIONS.index(notation) % 7 :: 7]:
        (link, *_) = links_of(parse_latex(latex, profile, Known(sizes))[0])
        writer, seen = writer_of(latex, profile, sizes), Counter[Mistake]()
        for mistake, proposal, changed in changes(link, link.right, profile, len(sizes) - 1):
            seen[mistake] += 1
            if seen[mistake] not in (1, 6):
                continue
            old, new = (part and writer.latex(part) for part in (proposal.old, proposal.new))
            words = proposal.words.format(old=old and "it", new=new and "it")
            assert not re.search(r"None|[A-Z]{2}", f"{words} {proposal.reason}"), (latex, words, proposal.reason)
            written = writer.chain((link.left, changed), (link.relation,))
            try:
                (again,) = parse_latex(written, profile, Known(sizes))
            except NotUnderstood:
                continue  # a layer that the network does not have
            assert writer.chain(again.sides, again.relations) == written
            if mistake.undo not in FORGETS:
                right = anywhere(link.right)
                back = (anywhere(found) for *_, found in changes(link, changed, profile, len(sizes) - 1))
                assert any(found == right for found in back), (latex, mistake.cause, written)


@settings(max_examples=examples(60), **UNHURRIED)
@given(
    st.sampled_from(RIGHT),
    st.integers(0, 200),
    st.integers(0, 3),
    st.sampled_from((*r"{}()[]_^&\ |'+-=/.,12lLkjzwC", r"\sum", r"\frac", r"\sum_l ", "^T", r"\odot ", r"\\", "")),
)
def test_damaged_claims_are_answered(case: tuple[str, str], place: int, cut: int, piece: str) -> None:
    notation, latex = case
    place %= len(latex)
    for answer in answers(notation, latex[:place] + piece + latex[place + cut :]):
        assert "\n" not in str(answer)


@pytest.mark.parametrize(
    "latex",
    [
        "x_1 = " + r"\sum_k " * 30 + "x_k",
        "x_1 = " + " + ".join(r"w_{11}^{(1)} (x_1 - x_2)^8" for _ in range(150)),
        r"x_1 = (" + " + ".join(f"x_1^{{{power}}} x_2" for power in range(2, 9)) + ")^{8}",
        " ".join([r"\delta_1^{(1)} = a_1^{(1)}"] * 200),
        r"R = \prod_k x_k",
        r"\input{/etc/passwd}",
        r"x_1 = \csname end\endcsname",
        "\u202ex_1 = x_1",
    ],
    ids=range(8),
)
def test_hostile_claims_are_answered_in_time(latex: str) -> None:
    answers("downie", r"x_1 = a_1^{(1)} \quad C = C", "2-2-1")
    with ticking(0.01) as clock:
        found = answers("downie", latex, "2-2-1")
    assert all("\n" not in str(answer) for answer in found)
    assert clock.now <= len(found) * OF_ONE
    assert clock.most_calls < CALLS_A_SECOND / 4


OF_ONE = 2 * SECONDS + PROOF_SECONDS + SEARCH_SECONDS + 1
"""What the answer on one equation may take at most, and what is done between two looks at the clock."""

HARD = (
    "x_1 = " + " + ".join(r"w_{11}^{(1)} (x_1 - x_2)^8" for _ in range(12)),
    r"x_1 = (" + " + ".join(f"x_1^{{{power}}} x_2" for power in range(2, 9)) + ")^{8}",
    r"x_1 = x_1 + x_2 - x_2 \qquad l = 1",
    r"s = x_1 + x_2",
    r"\nonsense",
)


@pytest.mark.parametrize("environment", ["align", ""])
@pytest.mark.parametrize("rows", [HARD, HARD[:1], HARD[:2], HARD[-1:]], ids=len)
def test_the_time_of_a_text_is_held_between_the_equations_of_one_display(
    rows: tuple[str, ...], environment: str
) -> None:
    """One `align` of sixty equations took ten times what a text is given, which was asked between displays only."""
    one = r" \\ ".join((rows * 60)[:60])
    text = rf"$$\begin{{{environment}}} {one} \end{{{environment}}}$$" if environment else f"$$ {one} $$"
    network = parse("2-2-1")
    with ticking(0.05) as clock:
        found = verify_text(network, text, load_notation("downie"), path="notes.md").answers
    assert len(found) >= 60
    # What is left over costs some looks at the clock each.
    assert clock.now <= TEXT_SECONDS + 70 * 6 * clock.tick
    late = [answer for answer in found if "no time is left" in answer.message]
    assert all(answer.verdict == "not understood" for answer in late)
    assert late == list(found[len(found) - len(late) :])
    assert bool(late) == (rows[0] == HARD[0])


FORMULAS = (
    ("z/sqrt(1+z**2)", r"\frac{z}{\sqrt{1 + z^2}}"),
    ("sqrt(2+z**2)", r"(2 + z^2)^{1/2}"),
    ("log(1+exp(z))", r"\log(1 + e^{z})"),
    ("z*exp(-z**2)", r"\frac{z}{e^{z^2}}"),
    ("exp(2*z)/exp(z/2)", r"e^{3 z / 2}"),
    ("z*tanh(z)", r"z \frac{e^{z} - e^{-z}}{e^{z} + e^{-z}}"),
    ("abs(z)/(1+abs(z))", r"\frac{|z|}{1 + |z|}"),
    ("maximum(z,0)-minimum(z,1)", r"\max(z, 0) - \min(1, z)"),
    ("sin(z)+cos(z)**2", r"1 + \sin(z) - \sin^2(z)"),
    ("cosh(z)-sinh(z)", r"e^{-z}"),
    ("atan(z)", r"\arctan(z)"),
)


@pytest.mark.parametrize(("formula", "latex"), FORMULAS)
def test_a_function_is_known_by_its_formula(formula: str, latex: str) -> None:
    own = re.sub(r"(?<![a-z\\])z(?![a-z])", "z_1^{(1)}", latex)
    network = f"2-2-1:{formula},identity"
    assert [answer.verdict for answer in answers("downie", f"a_1^{{(1)}} = {own}", network)] == ["right"]
    for wrong in (f"{own} + 0.001", f"1.001 ({own})"):
        assert [answer.verdict for answer in answers("downie", f"a_1^{{(1)}} = {wrong}", network)] == ["wrong"], wrong


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name not in ("identity", "softmax")])
def test_a_function_is_known_by_its_name(name: str) -> None:
    latex = rf"a_1^{{(1)}} = \operatorname{{{name}}}(z_1^{{(1)}})"
    assert [answer.verdict for answer in answers("downie", latex, f"2-2-1:{name},identity")] == ["right"]
    other = next(each for each in ("tanh", "sigmoid") if each != name)
    assert [answer.verdict for answer in answers("downie", latex, f"2-2-1:{other},identity")] == ["wrong"]


def test_rows_of_probabilities_are_known_by_name_and_formula() -> None:
    network = "2-3-3:tanh,softmax;loss=cross_entropy"
    for right in (r"\frac{e^{z_k^{(2)}}}{\sum_m e^{z_m^{(2)}}}", r"\frac{1}{\sum_m e^{z_m^{(2)} - z_k^{(2)}}}"):
        assert [answer.verdict for answer in answers("downie", f"a_k^{{(2)}} = {right}", network)] == ["right"]
    for wrong in (r"\frac{e^{z_k^{(2)}}}{\sum_m e^{z_m^{(1)}}}", r"\frac{e^{z_m^{(2)}}}{\sum_k e^{z_k^{(2)}}}"):
        found = answers("downie", f"a_k^{{(2)}} = {wrong}", network)
        assert "right" not in [answer.verdict for answer in found], wrong
    whole = r"\mathbf{a}^{(2)} = \operatorname{softmax}(\mathbf{z}^{(%d)})"
    assert [[answer.verdict for answer in answers("downie", whole % layer, network)] for layer in (2, 1)] == [
        ["right"],
        ["wrong"],
    ]


def test_of_a_wide_network_only_its_first_unit_is_named_by_its_number() -> None:
    """It is checked on a narrower network, which has a first unit too, but not all others, nor the same widths."""
    equation = r"z_%s^{(1)} = \sum_k w_{%sk}^{(1)} x_k + b_%s^{(1)}"
    for unit, verdict in (("1", "right"), ("j", "right"), ("7", "not understood"), ("128", "not understood")):
        (answer,) = answers("downie", equation % ((f"{{{unit}}}",) * 3), "784-128-10")
        assert answer.verdict == verdict, (unit, answer.message)
    (answer,) = answers("downie", r"z_j^{(1)} = \sum_{k=1}^{784} w_{jk}^{(1)} x_k + b_j^{(1)}", "784-128-10")
    assert answer.verdict == "not understood"


@pytest.mark.parametrize("operator", [r"\odot", r"\circ"])
def test_a_power_of_every_entry_is_marked_as_a_product_of_entries_is(operator: str) -> None:
    vector, entry = r"\mathbf{a}^{(1)}", "a_j^{(1)}"
    for base in (vector, entry):
        assert [str(each) for each in answers("downie", rf"({base})^{{{operator} 2}} = {base} {operator} {base}")] == [
            "right: proved symbolically"
        ]
        (wrong,) = answers("downie", rf"({base})^{{{operator} 3}} = {base} {operator} {base}")
        assert wrong.verdict == "wrong"
    (refused,) = answers("downie", rf"({vector})^{{{operator} 2 = 3}} = 1")
    assert refused.verdict == "not understood"


@pytest.mark.parametrize("operator", [r"\odot", r"\circ", r"\cdot", r"\times"])
@pytest.mark.parametrize(
    ("notation", "latex"),
    [
        *(("downie", "a_j^{(1)} = a_{%s j}^{(1)}"), ("downie", "w_{jk}^{(1)} = w_{j, %s k}^{(1)}")),
        *(("downie", "a_j^{(1)} = a_j^{%s (1)}"), ("downie", "a_j^{(1)} = a_j^{%s 1}")),
        *(("nielsen", "a_j^{2} = a_j^{%s 2}"), ("bessa", "n_{k,1} = n_{%s k,1}"), ("ng", "A^{[1]} = A^{%s [1]}")),
    ],
)
def test_no_operator_before_an_index_or_a_layer_is_passed_over(notation: str, latex: str, operator: str) -> None:
    """An index that is a dot stands for all of them in other books."""
    (answer,) = answers(notation, latex % operator, "2-2-1")
    assert answer.verdict == "not understood"
    assert (latex % operator)[answer.character - 1 :].lstrip("{").startswith(operator)


VERDICTS = ("right", "wrong", "not understood", "definition")


@pytest.mark.parametrize("counts", [(2, 1, 3, 0), (1, 0, 0, 1), (0, 2, 0, 2), (3, 0, 0, 0), (0, 0, 1, 4), (0, 0, 0, 1)])
def test_a_text_is_summed_up_by_its_worst_equation_and_all_are_counted(counts: tuple[int, ...]) -> None:
    found = [
        Answer(verdict, f"e_{number}", message=f"{verdict} {number}", line=number + 2, cell=number % 2)
        for verdict, count in zip(VERDICTS, counts, strict=True)
        for number in range(count)
    ]
    verification = Verification("2-2-1", "downie", tuple(found))
    right, wrong, not_understood, definitions = counts
    worst = "not understood" if not_understood or right + wrong == 0 else "wrong" if wrong else "right"
    assert verification.verdict == worst
    assert bool(verification) == (worst == "right")
    assert verification.exit_status == ("right", "wrong", "not understood").index(worst)
    assert [verification.count(verdict) for verdict in VERDICTS] == list(counts)
    *lines, total = str(verification).splitlines()
    assert lines == [
        f"{f'cell {each.cell}, ' if each.cell else ''}line {each.line}: {each.verdict}: {each.message}"
        for each in found
    ]
    numbers = [int(number) for number in re.findall(r"\d+", total)]
    assert numbers == [right, wrong, not_understood, *([definitions] if definitions else [])]
    assert re.sub(r"\d+ ", "", total) == "right, wrong, not understood" + (
        "" if not definitions else ", definition" if definitions == 1 else ", definitions"
    )
    content = json.loads(verification.to_json())
    assert [content[name] for name in ("right", "wrong", "not_understood")] == [right, wrong, not_understood]
    assert (content["verdict"], content["architecture"], content["notation"]) == (worst, "2-2-1", "downie")
    assert [(each["verdict"], each["line"], each["message"]) for each in content["answers"]] == [
        (each.verdict, each.line, each.message) for each in found
    ]
    assert repr(verification) == f"<Verification of {len(found)} equations in downie: {worst}>"


def test_one_equation_is_answered_in_its_own_line_and_none_is_said_to_be_none() -> None:
    one = Answer("right", "x = x", message="proved symbolically")
    assert str(Verification("2-2-1", "downie", (one,))) == "right: proved symbolically"
    assert str(Verification("2-2-1", "downie", ())) == "no displayed equation was found"
    assert Verification("2-2-1", "downie", ()).exit_status == 2
