"""The committed examples in `generated/` are what the tool writes today, by the commands of the Makefile."""

import re
import shlex
import sys
from pathlib import Path

import pytest

from symnet.cli import main as cli

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "generated"


def commands() -> list[list[str]]:
    """The arguments of every symnet command in the recipe of `make generated`."""
    recipe = re.search(r"^generated:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert recipe is not None
    return [shlex.split(line)[1:] for line in recipe[1].splitlines()]


def test_every_example_has_its_command() -> None:
    assert sorted(Path(command[-1]).name for command in commands()) == sorted(
        path.name for path in GENERATED.iterdir() if path.is_file()
    )


@pytest.mark.parametrize("command", commands(), ids=lambda command: Path(command[-1]).name)
def test_example_is_current(command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    committed = ROOT / command[-1]
    fresh = tmp_path / committed.name
    monkeypatch.setattr(sys, "argv", ["symnet", *command[:-1], str(fresh)])
    cli.run()
    assert fresh.read_text(encoding="utf-8") == committed.read_text(encoding="utf-8"), "stale: run make generated"


def test_the_demo_writes_the_committed_module() -> None:
    """`make demo` and `make generated` must not disagree about generated/digits.py."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    lines = [line for line in makefile.splitlines() if "-o generated/digits.py" in line]
    assert len(lines) == 2
    assert len(set(lines)) == 1
