"""What the passes leave out is what would not have changed: the work grows with the equations, not with the rounds."""

from __future__ import annotations

from typing import Any

import pytest

import symnet
from symnet import Dense, Network
from symnet.core import chain_rule
from symnet.core.chain_rule import reverse_sweep
from symnet.core.program import Equation, Program
from symnet.core.verify import verify
from symnet.simplify import inline
from symnet.simplify import passes as passes_in_order
from symnet.simplify.reuse import reuse_forward_values


def swept(layers: int) -> Program:
    """The raw sweep of a deep network, with forward values reused."""
    network = Network(3, [*(Dense(4, "tanh") for _ in range(layers)), Dense(3)], loss="cross_entropy")
    forward = symnet.derive(network).forward
    return reuse_forward_values(reverse_sweep(forward, [array.name for array in forward.parameters]))


def test_tidying_works_on_each_cotangent_of_a_deep_network_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the few of the last layer, which change, so that they and their neighbours are looked at again."""
    worked: list[str] = []
    work = inline._worked

    def counted(program: Program, equation: Equation, operands: Any) -> Any:
        worked.append(equation.name)
        return work(program, equation, operands)

    monkeypatch.setattr(inline, "_worked", counted)
    beyond = []
    for layers in (5, 20):
        program = swept(layers)
        worked.clear()
        inline.tidy_cotangents(program)
        beyond.append(len(worked) - sum(array.role == "cotangent" for array in program.declared.values()))
    assert 0 <= beyond[0] == beyond[1] <= 10


@pytest.mark.parametrize("activation", ["identity", "tanh", "softmax", "gelu_tanh"])
def test_what_is_left_out_would_not_have_changed(activation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds that work on every cotangent anew end in the same equations, with the same steps."""
    forward = symnet.derive(symnet.parse("3-4-4-4-3", hidden=activation, loss="cross_entropy", l2=0.1)).forward
    program = reuse_forward_values(reverse_sweep(forward, [array.name for array in forward.parameters]))
    expected = inline.tidy_cotangents(program)
    once = inline._tidied_once
    monkeypatch.setattr(inline, "_tidied_once", lambda program, settled: once(program, {}))
    assert inline.tidy_cotangents(program).equations == expected.equations


def test_equations_that_nothing_changes_are_handed_on_as_they_are() -> None:
    """Each pass leaves the layers of a tanh network alone, so that they are not verified again."""
    derivation = symnet.derive(symnet.parse("3-4-4-2:tanh,tanh,tanh"))
    for name in ("z1", "a1", "z2", "a2", "z3", "a3"):
        assert derivation.program.by_name[name] is derivation.equations.by_name[name]


def test_equal_bodies_are_differentiated_once() -> None:
    """Layers that differ in their letters alone have one derivative, however many there are."""
    misses = []
    for layers in (4, 12):
        chain_rule._derivative.cache_clear()
        symnet.derive(Network(3, [*(Dense(4, "tanh") for _ in range(layers)), Dense(3)], loss="cross_entropy"))
        misses.append(chain_rule._derivative.cache_info().misses)
    assert misses[0] == misses[1]


@pytest.mark.parametrize("passes", [passes_in_order.ALGEBRA, passes_in_order.FOR_CODE])
def test_each_pass_is_verified_against_what_was_verified_before(
    passes: tuple[passes_in_order.Pass, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    program = swept(2)
    verified: list[tuple[Program, Program | None]] = []

    def recorded(program: Program, before: Program | None = None) -> Program:
        verified.append((program, before))
        return verify(program, before)

    monkeypatch.setattr(passes_in_order, "verify", recorded)
    passes_in_order._run(passes, program)
    assert [before for _, before in verified] == [program, *(each for each, _ in verified[:-1])]
