"""Where a program is missing its tests are left out and named in the last line; in CI they fail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import not_run

CONFTEST = """
import tools
from tools import pytest_configure, pytest_runtest_setup, pytest_unconfigure

tools.TOOLS["absent"] = tools.Tool(lambda: False, "package-of-absent")
tools.TOOLS["luxury"] = tools.Tool(lambda: False, "package-of-luxury", optional=True)
tools.TOOLS["present"] = tools.Tool(lambda: True, "package-of-present")
"""

TESTS = """
import pytest

@pytest.mark.needs("absent")
@pytest.mark.parametrize("case", range(3))
def test_left_out(case):
    raise AssertionError("it must not run")

@pytest.mark.needs("luxury")
def test_left_out_in_ci_too():
    raise AssertionError("it must not run")

@pytest.mark.needs("present")
def test_runs():
    pass

@pytest.mark.skip(reason="of its own")
def test_skipped_otherwise():
    pass
"""


@pytest.fixture
def run_suite(tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """A small suite of tests, run on two processes without the variable CI."""
    return _run(tmp_path, {})


def _run(folder: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (folder / "test_small.py").write_text(TESTS, encoding="utf-8")
    inherited = {name: value for name, value in os.environ.items() if name != "CI" and "PYTEST" not in name}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", "--strict-markers", "."],
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(Path(__file__).parents[1] / "helpers"), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_was_left_out_is_the_last_line(run_suite: subprocess.CompletedProcess[str]) -> None:
    assert run_suite.returncode == 0, run_suite.stdout
    assert run_suite.stdout.splitlines()[-1] == (
        "not run: 3 tests need absent (package-of-absent); 1 test needs luxury (package-of-luxury)"
    )


def test_in_ci_a_missing_program_fails(tmp_path: Path) -> None:
    done = _run(tmp_path, {"CI": "true"})
    assert done.returncode == 1
    assert "1 passed, 2 skipped, 3 errors" in done.stdout
    assert "CI needs absent (package-of-absent)" in done.stdout
    assert done.stdout.splitlines()[-1] == "not run: 1 test needs luxury (package-of-luxury)"


def test_nothing_is_said_where_nothing_is_missing() -> None:
    assert not_run(["Skipped: of its own", "unconditional skip"]) == ""
