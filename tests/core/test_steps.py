"""The steps that equations keep: each changed something, names what it used, and goes by a rule that is documented."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from strategies import UNHURRIED, examples, networks

import symnet
from symnet import Network
from symnet.core.program import Equation

DESIGN = Path(__file__).parents[2] / "docs" / "design.md"

EVERY_RULE = (
    "3-4-4[residual]-3:silu,1/(1+exp(-z)),softmax;loss=cross_entropy;l2=0.1",
    "2-3-2:mish,softmax;loss=squared_error",
    "2-3-1:tanh,sigmoid;loss=binary_cross_entropy",
)
"""Networks that have need of all rules together."""

ACCURACIES = ("fast", "tails")


def equations_of(network: Network, accuracy: str) -> list[Equation]:
    """Those of every stage."""
    derivation = symnet.derive(network, accuracy=accuracy)
    stages = (derivation.forward, derivation.equations, derivation.program)
    return [equation for program in stages for equation in program.equations]


def rule(name: str) -> str:
    return re.sub(r"^\w+ put in$", "NAME put in", name)


def test_the_rules_are_those_of_the_documentation() -> None:
    page = DESIGN.read_text(encoding="utf-8")
    (section,) = re.findall(r"^## The steps of .*?(?=^## )", page, re.MULTILINE | re.DOTALL)
    documented = re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)
    used = {
        rule(step.rule)
        for text in EVERY_RULE
        for accuracy in ACCURACIES
        for equation in equations_of(symnet.parse(text), accuracy)
        for step in equation.steps
    }
    assert used | {"seed"} == set(documented)


@pytest.mark.parametrize("accuracy", ACCURACIES)
@given(network=networks(deepest=2))
@settings(max_examples=examples(8), **UNHURRIED)
def test_each_step_changes_the_equation_and_the_last_has_its_form(accuracy: str, network: Network) -> None:
    derivation = symnet.derive(network, accuracy=accuracy)
    for program in (derivation.forward, derivation.equations):
        for equation in program.equations:
            forms = [step.form for step in equation.steps]
            assert all(before != after for before, after in pairwise(forms)), equation.name
            assert forms[-1] == equation.rhs, equation.name


@pytest.mark.parametrize("text", EVERY_RULE)
def test_what_a_step_used_is_an_array_of_the_derivation(text: str) -> None:
    for accuracy in ACCURACIES:
        equations = equations_of(symnet.parse(text), accuracy)
        known = {equation.name for equation in equations}
        known |= {array.name for array in symnet.derive(symnet.parse(text), accuracy=accuracy).forward.arrays}
        known |= {f"{name}_bar" for name in known}
        for equation in equations:
            for step in equation.steps:
                assert known.issuperset(step.uses), (equation.name, step.rule, step.uses)
