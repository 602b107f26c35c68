"""Random networks against everything that can tell whether a gradient is right; see `differential.py`.

At length by `make fuzz`, with PyTorch and JAX by `make differential`, and with a record by `make release-check`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import release_check
from differential import DTYPES, REFERENCES, Case, Unsuitable, cases, compare, main, rebuilt, without_bends
from hypothesis import Phase, given, reject, settings
from peers import PEERS, Peer, numpy_peer
from strategies import CUSTOM_ACTIVATIONS, LOSS_TEXTS, TRAINABLE, UNHURRIED, examples
from sympy import Expr, Symbol, tanh

import symnet
from symnet import Dense, Network
from symnet.core import chain_rule
from symnet.core.derivatives import derivative

NUMBERS = [name for name in REFERENCES if name not in PEERS]
LIBRARIES = [pytest.param(name, marks=pytest.mark.needs(name)) for name in PEERS]


@pytest.mark.parametrize("reference", NUMBERS)
@given(case=cases())
@settings(max_examples=examples(8), **UNHURRIED)
def test_gradients_agree(reference: str, case: Case) -> None:
    compare_or_reject(case, reference)


@pytest.mark.parametrize("reference", LIBRARIES)
@given(case=cases(("float64",), deepest=2))
@settings(max_examples=examples(3), **UNHURRIED)
def test_gradients_agree_with_those_of_libraries(reference: str, case: Case) -> None:
    compare_or_reject(case, reference)


def compare_or_reject(case: Case, reference: str) -> None:
    try:
        compare(case, reference)
    except Unsuitable:
        reject()


def test_textbook_has_every_activation_and_loss() -> None:
    assert set(numpy_peer().activations) == set(TRAINABLE)
    for text in (*(f"3-2:{name}" for name in TRAINABLE), *(f"3-2;loss={loss}" for loss in LOSS_TEXTS)):
        assert compare(Case(symnet.parse(text), "float64", 2, 1), "textbook").entries == 1


OPTIONS = ("leaky_relu(slope=0.3)", "elu(alpha=0.5)", "softplus(beta=2)", "silu(beta=1.5)")


@pytest.mark.parametrize("reference", ["textbook", *LIBRARIES])
@pytest.mark.parametrize("text", [*OPTIONS, *CUSTOM_ACTIVATIONS])
def test_references_know_options_and_the_formulas_that_are_drawn(text: str, reference: str) -> None:
    """A drawn network whose activation a reference did not know was a failure of the reference."""
    compare(Case(Network(3, [Dense(2, activation=text)]), "float64", 2, 1), reference)


@pytest.mark.parametrize("name", LIBRARIES)
def test_libraries_have_every_activation_and_loss(name: str) -> None:
    peer: Peer = PEERS[name]()
    for activation in TRAINABLE:
        compare(Case(symnet.parse(f"3-2:{activation}"), "float64", 2, 1), name)
    assert set(peer.activations) == set(TRAINABLE)
    for loss in LOSS_TEXTS:
        compare(Case(symnet.parse("3-2", loss=loss), "float64", 2, 1), name)


# The comparisons can fail.


WRONG = "2-3-2:tanh,identity;l2=0.1"
OF_GRADIENTS = [name for name in REFERENCES if name not in ("textbook", "scalar-form", *PEERS)]


@pytest.mark.parametrize(
    ("reference", "dtype"),
    [(name, dtype) for name in OF_GRADIENTS for dtype in DTYPES]
    + [pytest.param(name, "float64", marks=pytest.mark.needs(name)) for name in PEERS],
)
def test_a_wrong_entry_of_a_module_is_seen(reference: str, dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case(symnet.parse(WRONG), dtype, 3, 4)
    compare(case, reference)
    compiled = symnet.compile
    monkeypatch.setattr(symnet, "compile", lambda *args, **options: off(compiled(*args, **options)))
    with pytest.raises(AssertionError, match=r"to run it again: python tests/helpers/differential\.py '2-3-2:tanh"):
        compare(replace(case), reference)


def off(module: Any) -> Any:
    """The module with one wrong entry in the gradient of its first parameter."""
    right = module.value_and_grad

    def value_and_grad(*arguments: Any) -> Any:
        value, gradients = right(*arguments)
        changed = gradients[0].copy()
        changed[-1, -1] += 0.1
        return value, gradients._replace(**{gradients._fields[0]: changed})

    module.value_and_grad = value_and_grad
    module.gradient = lambda *arguments: value_and_grad(*arguments)[1]
    return module


@pytest.fixture(name="wrong_tanh")
def wrong_slope_of_tanh(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A sweep in which tanh has twice its slope."""

    def wrong(body: Expr, symbol: Symbol) -> Expr:
        return derivative(body, symbol) * (2 if body.has(tanh) else 1)

    chain_rule._derivative.cache_clear()
    monkeypatch.setattr(chain_rule, "derivative", wrong)
    yield
    chain_rule._derivative.cache_clear()


def failure_of(test: Callable[[], None]) -> str:
    with pytest.raises(AssertionError) as caught:
        test()
    return str(caught.value)


def test_a_failure_is_shown_at_the_smallest_network_with_the_command_that_repeats_it(
    wrong_tanh: None, capsys: pytest.CaptureFixture[str]
) -> None:
    @given(case=cases(("float64",), deepest=1))
    @settings(max_examples=200, derandomize=True, database=None, phases=(Phase.generate, Phase.shrink), **UNHURRIED)
    def check(case: Case) -> None:
        compare_or_reject(case, "directions")

    shown = failure_of(check)
    assert shown.startswith("1-1[bias=false]:tanh against directions: ⟨∇C, v⟩ is ")
    command = re.search(r"to run it again: python tests/helpers/differential\.py (.*)", shown)
    assert command
    assert main(shlex.split(command[1])) == 1
    assert shown.splitlines()[0] in capsys.readouterr().out


@pytest.fixture(name="short_rounds")
def rounds_of_three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_check, "ROUND", 3)


def test_a_release_check_records_what_it_has_seen(
    short_rounds: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "record.md"
    options = ["--minutes", "0.0001", "--seed", "7", "--against", "directions", "--output", str(path)]
    assert release_check.main(options) == 0
    text = path.read_text(encoding="utf-8")
    (sentence,) = re.findall(r"^\d+ random architectures at \d+ points, .*(?=\.$)", text, re.MULTILINE)
    assert capsys.readouterr().out.startswith(sentence)
    points = [int(number) for number in re.findall(r"^\| ⟨∇C, v⟩ .* \| float\d+ \| (\d+) \|", text, re.MULTILINE)]
    assert f"at {sum(points)} points, {sum(points)} comparisons" in sentence
    assert "from seed 7 on" in text


def test_a_release_check_that_fails_writes_nothing(
    short_rounds: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    compiled = symnet.compile
    monkeypatch.setattr(symnet, "compile", lambda *args, **options: off(compiled(*args, **options)))
    path = tmp_path / "record.md"
    assert release_check.main(["--minutes", "0.0001", "--against", "doubled-batch", "--output", str(path)]) == 1
    assert "to run it again: python tests/helpers/differential.py " in capsys.readouterr().out
    assert not path.exists()


def test_the_command_says_what_agrees(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["2-1:softplus", "--rows", "2", "--seed", "3", "--against", "equations", "--against", "directions"]
    assert main(arguments) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("equations: 12 numbers agree, largest error ")
    assert second.startswith("directions: 2 numbers agree, largest error ")


def test_the_command_says_where_there_is_nothing_to_compare(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["1-1:exp(exp(exp(exp(9+z))))", "--against", "equations"]) == 0
    assert capsys.readouterr().out == "equations: nothing to compare\n"


def test_gradcheck_names_its_own_command(wrong_tanh: None) -> None:
    for dtype, start in (("float64", "symnet gradcheck 2-1:tanh "), ("float32", "symnet generate 2-1:tanh --dtype ")):
        shown = failure_of(lambda dtype=dtype: compare(Case(symnet.parse("2-1:tanh"), dtype, 2, 1), "differences"))
        assert any(line.startswith(start) for line in shown.splitlines())


def test_layers_without_bends_keep_the_sizes_and_the_output_of_their_loss() -> None:
    network = symnet.parse("3-4-4[residual]-2:tanh,relu,softmax;loss=cross_entropy")
    linear = rebuilt(network, layers=without_bends(network.layers))
    assert linear == symnet.parse("3-4-4[residual]-2:identity,identity,softmax;loss=cross_entropy")
