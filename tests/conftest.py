"""What tests of several files use: the command line, run in this process, and the rule for missing programs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from tools import pytest_configure, pytest_runtest_setup, pytest_unconfigure

from symnet.cli import run

__all__ = ["pytest_configure", "pytest_runtest_setup", "pytest_unconfigure"]


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
