"""The tables of docs/passes.md: the calls that activations, losses and layers cost are those that are committed."""

from __future__ import annotations

import ast
import runpy
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from schedules import plans_of

import symnet
from symnet.functions.record import FUNCTIONS
from symnet.lower.instructions import OR_INF

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "passes.md"
DOCS = runpy.run_path(str(ROOT / "tools" / "passes.py"))
PARTS: dict[str, Callable[[], str]] = DOCS["PARTS"]


def committed(part: str) -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    return text.split(f"<!-- {part} -->\n")[1].split(f"<!-- end of {part} -->")[0].strip().splitlines()


@pytest.mark.parametrize("part", PARTS)
def test_the_table_is_current(part: str) -> None:
    """`make passes` writes it anew; what it costs more should have a reason."""
    assert PARTS[part]().splitlines() == committed(part)


def test_a_pass_more_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    dearer = replace(FUNCTIONS["tanh"], array=lambda b, z: b.multiply(b.apply("tanh", b.multiply(z, -1)), -1))
    monkeypatch.setitem(FUNCTIONS, "tanh", dearer)
    changed = [line for line in PARTS["activations"]().splitlines() if line not in committed("activations")]
    assert changed[0] == "| `tanh` | 3 | `negative`, `tanh`, `negative` | 3 | `square`, `subtract(1)`, `multiply` |"
    assert all("tanh" in line for line in changed)


@pytest.mark.parametrize("accuracy", ["fast", "tails"])
@pytest.mark.parametrize("activation", ["sigmoid", "elu", "selu", "softplus", "gelu_tanh", "mish", "softmax"])
def test_a_module_makes_the_calls_that_are_planned(activation: str, accuracy: str) -> None:
    """As many of each ufunc in the block of rows; `where` and the like are written in other ways."""
    derivation = symnet.derive(symnet.parse(f"4-4-3:{activation},identity"), accuracy=accuracy)
    planned = plans_of(derivation)["value_and_grad"].schedule.block
    expected = Counter(
        each.operation.removesuffix(OR_INF) for each in planned if each.is_elementwise and each.operation != "select"
    )
    (block,) = (
        node
        for node in ast.walk(ast.parse(symnet.generate(derivation.network, accuracy=accuracy)))
        if isinstance(node, ast.FunctionDef) and node.name == "_value_and_grad_block"
    )
    called = (node.func for node in ast.walk(block) if isinstance(node, ast.Call))
    names = (name for name in map(ast.unparse, called) if name.startswith("np.") and name.count(".") == 1)
    found = Counter(name.removeprefix("np.") for name in names)
    assert {name: found[name] for name in expected} == expected
