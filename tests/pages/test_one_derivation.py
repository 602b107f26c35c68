"""A page is made from one derivation: what it costs is counted in forward programs and sweeps, and not in time."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from symnet.api.networks import exercise_sheet
from symnet.check.verdicts.verifier import Verifier
from symnet.cli.main import main
from symnet.core.chain_rule import reverse_sweep
from symnet.network.forward import forward_equations
from symnet.network.string import parse
from symnet.notation.profile import load_notation
from symnet.simplify.passes import simplify

ROOT = Path(__file__).parents[2]
ONE = str(ROOT / "docs" / "downie.toml")
WORK = {"forward programs": forward_equations, "sweeps": reverse_sweep, "simplified": simplify}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each kind of work has been done since."""
    counts: Counter[str] = Counter()

    def counting(what: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            counts[what] += 1
            return work(*arguments, **options)

        return counted

    for name, module in list(sys.modules.items()):
        if name.split(".")[0] == "symnet":
            for what, work in WORK.items():
                if vars(module).get(work.__name__) is work:
                    monkeypatch.setattr(module, work.__name__, counting(what, work))
    return counts


def derive(*arguments: str) -> None:
    result = CliRunner().invoke(main, ["derive", *arguments])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("2-2-1",),
        ("2-2-1", "--notation", "nielsen"),
        ("2-2-1", "--form", "scalar"),
        ("3-2-2:tanh,softmax;loss=cross_entropy;l2=0.1", "--form", "matrix", "--notation", "bishop"),
    ],
    ids=" ".join,
)
def test_a_page_is_one_forward_program_and_one_sweep(arguments: Sequence[str], made: Counter[str]) -> None:
    derive(*arguments)
    assert made == {"forward programs": 1, "sweeps": 1, "simplified": 1}


@pytest.mark.parametrize("notation", ["downie", "symnet"])
def test_numbers_are_worked_out_from_the_same_sweep(notation: str, made: Counter[str]) -> None:
    """The other forward program says what shapes the numbers of the file are to have."""
    derive("2-2-1", "--notation", notation, "--at", ONE)
    assert made == {"forward programs": 2, "sweeps": 1, "simplified": 1}


def test_the_loss_of_several_examples_is_another_function_than_that_of_one(made: Counter[str], tmp_path: Path) -> None:
    two = tmp_path / "two.toml"
    text = Path(ONE).read_text(encoding="utf-8")
    two.write_text(text.replace("x = [3, -2]", "x = [[3, -2], [-1, 1]]").replace("y = [1.2]", "y = [[1.2], [0.7]]"))
    derive("2-2-1", "--notation", "downie", "--at", str(two))
    assert made == {"forward programs": 2, "sweeps": 2, "simplified": 2}


@pytest.mark.parametrize("arguments", [("9-9-2",), ("2-2-2-2-2-2-1",), ("2-2-1", "--counts")], ids=" ".join)
def test_what_is_derived_besides_is_another_network_or_the_equations_of_code(
    arguments: Sequence[str], made: Counter[str]
) -> None:
    """A wide or deep network is checked at a smaller one; operations are counted of what code computes."""
    derive(*arguments)
    assert made == {"forward programs": 2, "sweeps": 2, "simplified": 2}


def test_a_sheet_is_made_from_one_forward_program_in_two_views(made: Counter[str]) -> None:
    """For one example and for a batch."""
    exercise_sheet(parse("2-2-1"), "symnet", seed=7)
    assert made["forward programs"] == 1
    assert made["sweeps"] == 2


def test_equations_are_judged_by_one_forward_program(made: Counter[str]) -> None:
    Verifier(parse("2-2-1"), load_notation("symnet"))
    assert made == {"forward programs": 1, "sweeps": 1}
