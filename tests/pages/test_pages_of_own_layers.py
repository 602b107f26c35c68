"""Derivations of networks with layers of one's own: in every form and notation, read back like any other.

`Derivation.render` holds each equation of a page to the network before it writes anything, so that a page that
comes out is right.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from string import ascii_letters
from typing import ClassVar

import numpy as np
import pytest
from conftest import under_hash_seed
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import Planter, layer_off_by_one, missing_transpose, wrong_index, wrong_sign
from prose import slips
from rendering import compile_together
from strategies import UNHURRIED, examples, plain_equation, values_for
from sympy import Add, Integer, Rational, Sum, exp, log, sin, sqrt, tanh
from test_derivations import NOTATIONS, assert_planted_errors_are_caught
from test_drawn_layers import drawn_networks
from test_new_layer_kind import NETWORKS as ALL_NETWORKS
from test_new_layer_kind import BatchNorm, LayerNorm, Pairs

import symnet
from symnet import Network
from symnet.check.latex.failure import TooLarge
from symnet.check.read_back import check_document, printed_equations
from symnet.check.truth.reader import Reader
from symnet.core.index_algebra import extent, index, indices_of
from symnet.core.program import Array
from symnet.core.sizes import BATCH
from symnet.core.verify import verify
from symnet.formats.blocks import Table
from symnet.formats.formats import FORMATS
from symnet.formula.tree import GREEK
from symnet.functions.piecewise import relu, select
from symnet.functions.rows import leave_one_out, log_softmax, softmax
from symnet.network.forward import forward_equations
from symnet.network.layers.base import Layer, Scope
from symnet.network.layers.dense import Dense
from symnet.network.layers.radial_basis import RadialBasis
from symnet.notation.clashes import taken_looks
from symnet.notation.conventions import look
from symnet.notation.extra import extra_arrays
from symnet.notation.profile import load_notation
from symnet.pages.contents import MAX_SCALAR, Options, derivation_document
from symnet.pages.page_program import page_program
from symnet.pages.values import Values
from symnet.support.choices import PAGE_FORMS as FORMS
from symnet.support.errors import ArchitectureError, NotationError, ReadingError

NETWORKS = {name: network for name, network in ALL_NETWORKS.items() if {len(shape) for shape in network.shapes} == {1}}
"""Those whose outputs have one axis, which a notation has symbols for."""


@dataclass(frozen=True)
class Written(Layer):
    """A layer whose equations are a function."""

    kind: ClassVar[str] = "written"
    formula: ClassVar[str] = "a[n,j] = ..."
    write: Callable[[Scope], None] = lambda scope: None

    def equations(self, scope: Scope) -> None:
        self.write(scope)


def greek(scope: Scope) -> None:
    j = scope.j
    gain, shift = scope.parameter("gamma", j, initial="ones"), scope.parameter("beta", j)
    scope.output(gain[j] * scope.earlier(1)[scope.n, j] + shift[j])


def taken_names(scope: Scope) -> None:
    """Arrays that are called as others of every page are, or as the reader calls something else."""
    n, i, j = scope.n, scope.i, scope.j
    x, rate, size = (scope.parameter(name, j, initial="ones") for name in ("x", "rate", "size"))
    weight, loss, e = scope.parameter("C", i, j), scope.parameter("E"), scope.parameter("e", j)
    z = scope.define("z", scope.input[n, i] * scope.parameter("R", i)[i], n, i)
    p = scope.define("p", Sum(z[n, i] * weight[i, j], i) * x[j] + loss)
    scope.output(tanh(p[n, j]) * rate[j] + exp(e[j]) * size[j] ** 2)


def heads(scope: Scope) -> None:
    """An axis whose length is a number."""
    n, i, j, k = scope.n, scope.i, scope.j, index("k1", Integer(2))
    query, value = scope.parameter("Q", i, k, role="weight"), scope.parameter("V", k, j, role="weight")
    head = scope.define("h", Sum(scope.input[n, i] * query[i, k], i), n, k)
    scope.output(Sum(tanh(head[n, k]) * value[k, j], k))


def kernel(scope: Scope) -> None:
    """Two axes of examples, and a sum over one of them."""
    n, i, j, m = scope.n, scope.i, scope.j, index("m", BATCH)
    weight, x = scope.weight(), scope.input
    near = scope.define("K", exp(-Sum((x[n, i] - x[m, i]) ** 2, i)), n, m)
    scope.output(Sum(near[n, m] * x[m, i] * weight[i, j], m, i) / BATCH)


def examples_last(scope: Scope) -> None:
    n, i, j = scope.n, scope.i, scope.j
    turned = scope.define("u", Sum(scope.input[n, i] * scope.weight()[i, j], i), j, n)
    scope.output(tanh(turned[j, n]))


def rows_that_meet(scope: Scope) -> None:
    """Functions of rows that run over the examples."""
    n, i, j, m = scope.n, scope.i, scope.j, index("m", BATCH)
    weight, x = scope.weight(), scope.input
    share = scope.define("s", softmax(Sum(x[n, i] * x[m, i], i), m), n, m)
    z = scope.define("z", Sum(share[n, m] * x[m, i] * weight[i, j], m, i))
    scope.output(z[n, j] * softmax(z[n, j], n) + log_softmax(z[n, j] ** 2, n) - leave_one_out(z[n, j], n))


def shares_of_the_examples(scope: Scope) -> None:
    """Functions of rows along the examples, of units and of weights, in sums that are of a number for one example."""
    n, i, j, q, x = scope.n, scope.i, scope.j, index("q", extent(scope.i)), scope.input
    weight, gain = scope.weight(), scope.parameter("g", i)
    share, rest = softmax(x[n, i], n), log_softmax(x[n, i], n)
    total = Sum(share * Sum(softmax(x[n, q], n), q), i) + Sum(rest * softmax(weight[i, j], j), i)
    scope.output(total + Sum(share * softmax(gain[i], i) * softmax(weight[i, j], i), i) * x[n, j])


def shares_of_the_same(scope: Scope) -> None:
    """Functions of rows along an index that what they are of lacks, or lacks for one example."""
    n, i, j, x = scope.n, scope.i, scope.j, scope.input
    shift, weight = scope.parameter("t"), scope.weight()
    level = log_softmax(shift * softmax(x[n, i], n), i) + softmax(shift, j) + leave_one_out(shift**2, i)
    scope.output(Sum(level * weight[i, j] * x[n, i] + log(softmax(shift, i)), i))


def shares_of_columns(scope: Scope) -> None:
    """Functions of rows along the other axis of a matrix than the units of an example."""
    n, i, j, x = scope.n, scope.i, scope.j, scope.input
    scope.output(Sum(softmax(x[n, i], n) * scope.weight()[i, j] ** 2, i) * x[n, j])


def chosen_where_switched_off(scope: Scope) -> None:
    """Choices whose condition is just 0 at many units, and whose slope there is that of what is chosen."""
    n, i, j, x = scope.n, scope.i, scope.j, scope.input
    on = scope.define("u", relu(Sum(x[n, i] * scope.weight()[i, j], i)), n, j)[n, j]
    chosen = select(on, on, on / 5) + select(on - Rational(1, 5), on**2, 3 - on) * scope.parameter("g", j)[j]
    scope.output(chosen + scope.define("v", relu(on) * on + relu(on) - sin(on), n, j)[n, j])


def others_of_complements(scope: Scope) -> None:
    """Sums over all others, of 1 and of values, of units and of examples."""
    n, i, j, x = scope.n, scope.i, scope.j, scope.input
    m, q, weight = index("m", BATCH), index("q", extent(i)), scope.weight()
    rest = Sum(leave_one_out(1 - weight[i, j], j) + x[n, i] ** 2, i)
    shares = leave_one_out(softmax(x[n, j] ** 2, j), j) + Sum(log_softmax(x[m, q] / 2, q), m, q) / BATCH
    scope.output(tanh(rest) + shares)


def four_axes(scope: Scope) -> None:
    n, i, j, x = scope.n, scope.i, scope.j, scope.input
    q, r = index("q", extent(i)), index("r", extent(i))
    form, cube = scope.parameter("B", i, q, r, j), scope.define("T", x[n, i] * x[n, q] * x[n, r], n, i, q, r)
    scope.output(Sum(cube[n, i, q, r] * form[i, q, r, j], i, q, r))


def logarithm(scope: Scope) -> None:
    """Parameters that have to be positive."""
    n, i, j = scope.n, scope.i, scope.j
    scale = scope.parameter("t", j, initial="ones")
    scope.output(log(scale[j]) * Sum(scope.input[n, i] * scope.weight()[i, j], i) + sqrt(scale[j]))


def diagonal(scope: Scope) -> None:
    """One array under the same index twice, and a sum over an index that its body lacks."""
    n, i, j, q = scope.n, scope.i, scope.j, index("q", extent(scope.i))
    square, shift = scope.parameter("A", i, q), scope.parameter("b", i)
    scope.output(Sum(square[i, i], i) * Sum(scope.input[n, i] * scope.weight()[i, j] + shift[i], i, q))


UNUSUAL = {
    write.__name__: Network(2, [Written(2, write=write), Dense(2, activation="tanh"), Dense(1)])
    for write in (
        greek,
        taken_names,
        heads,
        kernel,
        examples_last,
        rows_that_meet,
        shares_of_the_examples,
        shares_of_the_same,
        shares_of_columns,
        chosen_where_switched_off,
        others_of_complements,
        four_axes,
        logarithm,
        diagonal,
    )
}


def _parameters(network: Network) -> int:
    program = forward_equations(network).program
    return sum(math.prod(map(int, program.shape(array))) for array in program.parameters)


def render(network: Network, notation: str, form: str, format_: str = "text") -> str:
    """A page, or nothing where a derivation unit by unit would not be readable."""
    derivation = symnet.derive(network)
    if form == "scalar" and _parameters(network) > MAX_SCALAR:
        with pytest.raises(NotationError, match="parameters"):
            derivation.render(format_, notation, form=form)
        return ""
    return derivation.render(format_, notation, form=form)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", NETWORKS)
def test_every_equation_holds(name: str, form: str) -> None:
    turn = 3 * list(NETWORKS).index(name) + FORMS.index(form)
    assert render(NETWORKS[name], NOTATIONS[turn % len(NOTATIONS)], form) or form == "scalar"


@pytest.mark.parametrize("name", UNUSUAL)
def test_every_equation_of_an_unusual_layer_holds(name: str) -> None:
    for form, notation in (("index", "trujillo"), ("scalar", "ng"), ("matrix", "ng")):
        assert render(UNUSUAL[name], notation, form)


def test_letters_do_not_depend_on_the_hash_seed() -> None:
    """Two indices of one letter over different ranges have no order of their own."""
    program = (
        f"import sys; sys.path[:0] = {sys.path}; import symnet, test_pages_of_own_layers as pages; "
        "print(symnet.derive(pages.UNUSUAL['shares_of_the_examples']).render('fragment', 'ng'))"
    )
    first, second = (under_hash_seed(program, seed) for seed in ("1", "3"))
    assert first == second


@pytest.mark.parametrize("name", [*NETWORKS, *UNUSUAL])
def test_no_two_indices_of_a_local_derivative_share_a_letter(name: str) -> None:
    """Where an expression is evaluated a letter is one number, whatever its index runs over."""
    page = page_program((NETWORKS | UNUSUAL)[name], load_notation("symnet"))
    for cotangent in page.cotangents.values():
        for path in cotangent.paths:
            indices = tuple(sorted(indices_of(path.factor.value), key=str))
            slope = plain_equation(Array("slope", indices), path.factor.value)
            verify(page.forward.with_equations([*page.forward.equations, slope]))


@pytest.mark.parametrize("name", ["layer_norm", "attention", "taken_names", "heads"])
def test_the_prose_of_such_a_page_is_written_as_prose(name: str) -> None:
    network = (NETWORKS | UNUSUAL)[name]
    turn = sorted(NETWORKS | UNUSUAL).index(name)
    options = Options(("index", "matrix")[turn % 2])
    assert slips(derivation_document(network, load_notation(NOTATIONS[turn % len(NOTATIONS)]), options).document) == []


@settings(max_examples=examples(4), **UNHURRIED)
@given(network=drawn_networks(), notation=st.sampled_from(NOTATIONS), form=st.sampled_from(("index", "matrix")))
def test_every_equation_of_a_drawn_layer_holds(network: Network, notation: str, form: str) -> None:
    with suppress(TooLarge):
        assert check_page(network, notation, form) == []


def check_page(network: Network, notation: str, form: str) -> list[str]:
    """What does not hold of a page."""
    found = derivation_document(network, load_notation(notation), Options(form, "short"))
    return [finding.message for _, finding in check_document(found.document, found.page)]


@pytest.mark.parametrize(("name", "form"), [("layer_norm", "scalar"), ("bilinear-output", "matrix")])
def test_worked_numbers_of_such_a_page_hold(name: str, form: str) -> None:
    network = NETWORKS[name]
    drawn = values_for(network, symnet.derive(network).forward, 1, seed=1)
    values = Values({array: np.round(numbers, 3) for array, numbers in drawn.items()})
    found = derivation_document(network, load_notation("symnet"), Options(form, values=values))
    assert check_document(found.document, found.page, values) == []


def test_every_format_takes_such_a_page() -> None:
    for number, format_ in enumerate(FORMATS):
        assert render(NETWORKS["spread"], NOTATIONS[number % len(NOTATIONS)], "matrix", format_)


@pytest.mark.parametrize("plant", [wrong_index, missing_transpose, wrong_sign, layer_off_by_one])
@pytest.mark.parametrize(
    ("name", "notation", "form"),
    [("attention", "nielsen", "matrix"), ("layer_norm", "symnet", "index"), ("tempered", "ng", "matrix")],
)
def test_a_planted_error_is_caught(name: str, notation: str, form: str, plant: Planter) -> None:
    found = derivation_document(NETWORKS[name], load_notation(notation), Options(form, "short"))
    assert assert_planted_errors_are_caught(found, plant) or (plant is missing_transpose and form == "index")


CLASHES = {
    "s of two layers": Network(3, [RadialBasis(3), Pairs(3), Dense(1)]),
    "m of examples and of units": Network(3, [LayerNorm(3), BatchNorm(3), Dense(2)]),
    "names that are taken": UNUSUAL["taken_names"],
}


@pytest.mark.parametrize("name", CLASHES)
@pytest.mark.parametrize("notation", NOTATIONS)
def test_no_two_kinds_of_arrays_are_written_alike(name: str, notation: str) -> None:
    network, profile = CLASHES[name], load_notation(notation)
    program = forward_equations(network).program
    extra = extra_arrays(network, program, profile)
    kinds = {(array.rstrip("0123456789"), written.axes): written for array, written in extra.items()}
    looks = [{look(written.letter), look(written.whole)} for written in kinds.values()]
    assert all(not one & other for one, other in combinations(looks, 2))
    assert taken_looks(profile).isdisjoint(set().union(*looks))
    assert extra == extra_arrays(network, program, profile)


@pytest.mark.parametrize("name", CLASHES)
def test_a_network_with_a_clash_has_a_page_that_says_so(name: str) -> None:
    profile = load_notation("symnet")
    found = derivation_document(CLASHES[name], profile, Options("index"))
    (table,) = (block for section in found.document.sections for block in section.blocks if isinstance(block, Table))
    meanings = ["".join(part for part in row[1] if isinstance(part, str)) for row in table.rows]
    extra = found.page.extra
    renamed = {array.rstrip("0123456789") for array in extra if extra[array].letter != array.rstrip("0123456789")}
    assert renamed
    for stem in renamed:
        assert any(f", {stem} in its equations" in meaning for meaning in meanings)
    assert render(CLASHES[name], "symnet", "index")


def test_the_letter_of_one_kind_is_not_read_as_another() -> None:
    found = derivation_document(CLASHES["s of two layers"], load_notation("symnet"), Options("index"))
    reader = Reader(found.page.network, found.page.notation)
    accented = [each.latex for each in printed_equations(found.document) if r"\tilde{s}" in each.latex]
    assert accented
    for latex in accented:
        assert reader.check(latex) == []
        with pytest.raises(ReadingError):
            reader.check(latex.replace(r"\tilde{s}", "s"))


@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_name_of_letters_has_a_letter_of_its_own(notation: str) -> None:
    """All letters of both alphabets at once, as vectors: more than there are free letters without accents."""
    names = [*ascii_letters.replace("a", ""), *GREEK, "gain", "gap"]

    def write(scope: Scope) -> None:
        parameters = [scope.parameter(name, scope.j)[scope.j] for name in names]
        scope.output(Add(*parameters) * scope.earlier(1)[scope.n, scope.j])

    network = Network(2, [Written(2, write=write), Dense(1)])
    extra = extra_arrays(network, forward_equations(network).program, load_notation(notation))
    written = [look(text) for array in extra.values() for text in {array.letter, array.whole}]
    assert len(set(written)) == len(written)
    assert len(extra) == len(names) - 1  # b is a bias


@pytest.mark.parametrize(
    ("name", "activation", "l2"), [("Omega", "tanh", 0.1), ("Phi", "gelu", 0), ("varphi", "gelu", 0)]
)
def test_an_array_makes_room_for_a_letter_that_the_page_needs(name: str, activation: str, l2: float) -> None:
    def write(scope: Scope) -> None:
        scope.output(scope.earlier(1)[scope.n, scope.j] * scope.parameter(name, scope.j, initial="ones")[scope.j])

    network = Network(2, [Written(2, write=write), Dense(1, activation=activation)], l2=l2)
    extra = extra_arrays(network, forward_equations(network).program, load_notation("symnet"))
    assert look(name) not in {look(array.letter) for array in extra.values()}


def test_greek_names_are_printed_as_greek_letters() -> None:
    page = render(UNUSUAL["greek"], "symnet", "index", "tex")
    assert r"\gamma_{j}^{(1)}" in page
    assert r"\beta_{j}^{(1)}" in page


def scaled_by(name: str) -> Network:
    """A layer that multiplies its input by a parameter of this name, and one behind it."""

    def write(scope: Scope) -> None:
        scope.output(scope.parameter(name, scope.j)[scope.j] * scope.earlier(1)[scope.n, scope.j])

    return Network(2, [Written(2, write=write), Dense(1)])


@pytest.mark.parametrize(("name", "letter"), [("h2", "h"), ("w_in", "w"), ("gamma_2", "g")])
def test_a_name_that_is_not_letters_alone_has_the_letter_that_it_begins_with(name: str, letter: str) -> None:
    network = scaled_by(name)
    (extra,) = extra_arrays(network, forward_equations(network).program, load_notation("symnet")).values()
    assert extra.letter == letter
    for form in FORMS:
        assert f", {name} in its equations" in symnet.derive(network).render("text", form=form)


@pytest.mark.parametrize("name", ["", "_h", "2h", "h-2", "h 2", "\u00e9", "h\n"])
def test_a_name_that_no_array_can_have_is_refused_where_it_is_declared(name: str) -> None:
    with pytest.raises(ArchitectureError, match=r"layer 1: an array is called .*letters, digits and _") as caught:
        symnet.derive(scaled_by(name))
    assert str(caught.value).isprintable()


def test_an_equation_too_large_for_a_page_is_an_error_of_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("symnet.check.latex.tokens.MAX_TOKENS", 50)
    with pytest.raises(NotationError, match=r"too large for a page: .*at most 50 parts"):
        symnet.derive(NETWORKS["spread"]).render("text")


def test_a_page_says_where_a_layer_sums_over_the_batch() -> None:
    for notation in ("symnet", "nielsen"):
        assert "and so are its gradients" not in unfolded(render(NETWORKS["batch_norm"], notation, "index"))
        assert "sums over the batch" in unfolded(render(NETWORKS["batch_norm"], notation, "index"))
        assert "and so are its gradients" in unfolded(render(NETWORKS["layer_norm"], notation, "index"))


def unfolded(text: str) -> str:
    return " ".join(text.split())


def test_arrays_of_more_than_two_axes_keep_the_index_form() -> None:
    page = unfolded(render(NETWORKS["bilinear-output"], "symnet", "matrix"))
    assert "it has no plain matrix form" in page


@pytest.mark.needs("pdflatex")
def test_pdftex_takes_such_pages(tmp_path: Path) -> None:
    documents = {name: render(network, "bishop", "matrix", "tex") for name, network in CLASHES.items()}
    documents = {name.replace(" ", "-"): text for name, text in documents.items()}
    assert compile_together(tmp_path, "page", documents) == []
