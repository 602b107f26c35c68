"""What tests of several files use: the command line, run in this process, and the rule for missing programs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import Phase, settings

from symnet.cli.main import run
from tools import pytest_configure, pytest_runtest_setup, pytest_unconfigure

__all__ = ["pytest_configure", "pytest_runtest_setup", "pytest_unconfigure"]

settings.register_profile("fuzz", max_examples=2000, print_blob=True)
"""Twenty times as many examples of every property, for `make fuzz`."""

settings.register_profile(
    "mutation",
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)
"""Few examples and the same ones each time, for `make mutation`: a failure is enough, it need not be small, and a
busy machine kills no mutant."""


def under_another_hash_seed(program: str) -> str:
    """What a program prints in a process whose hashes differ from those of this one."""
    return under_hash_seed(program, "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1")


def under_hash_seed(program: str, seed: str) -> str:
    """What a program prints in a process with this seed of hashes."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout


def printed_here(program: str) -> str:
    """What the program prints when it is run in this process."""
    with redirect_stdout(StringIO()) as out:
        exec(compile(program, "program", "exec"), {"__name__": "program"})
    return out.getvalue()


class Result(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str


Command = Callable[..., Result]


@pytest.fixture
def symnet_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Run the entry point in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["symnet", *arguments])
        status: object = 0
        try:
            run()
        except SystemExit as end:
            status = end.code or 0
        captured = capsys.readouterr()
        assert isinstance(status, int)
        return Result(status, captured.out, captured.err)

    return command
