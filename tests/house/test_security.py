"""What SECURITY.md says is so: its limits are those of the code, and no code evaluates text."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| .+? \| ([0-9,.e+-]+) \| `([\w.]+)` \|$", PAGE, re.MULTILINE)
EVALUATORS = ("eval", "exec", "sympify", "S", "parse_expr", "lambdify", "__import__", "literal_eval", "system")
READERS = (
    "support/parsing",
    "support/names",
    "support/files",
    "templating",
    "cli/console",
    "network/activations",
    "network/losses",
    "pages/values",
    "check/verdicts/documents",
)
"""Where limits of input are set; those of `network` and `check/latex` have rows of their own."""


def test_the_table_of_limits_was_found() -> None:
    assert len(ROWS) == PAGE.count("| `symnet.")
    assert len(ROWS) > 20


@pytest.mark.parametrize(("shown", "where"), ROWS)
def test_a_limit_is_that_of_the_code(shown: str, where: str) -> None:
    module, _, name = where.rpartition(".")
    value = getattr(importlib.import_module(module), name)
    assert shown == (f"{value:,}" if isinstance(value, int) else f"{value:g}")


def test_every_limit_of_what_is_read_is_in_the_table() -> None:
    listed = {where for _, where in ROWS}
    # How a message quotes, and where a rational stays one: no limits of what is allowed.
    internal = {"symnet.support.names.MAX_SHOWN", "symnet.support.parsing.MAX_EXACT"}
    for reader in READERS:
        source = (ROOT / "symnet" / f"{reader}.py").read_text(encoding="utf-8")
        module = f"symnet.{reader.replace('/', '.')}"
        found = {f"{module}.{name}" for name in re.findall(r"^(MAX_\w+) = ", source, re.MULTILINE)}
        assert found - internal <= listed


def test_no_code_evaluates_text() -> None:
    """But for one place, which runs the modules that symnet has made, and those that `gradcheck` is told to run."""
    found = []
    for path in sorted((ROOT / "symnet").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Name | ast.Attribute | ast.alias):
                name = {"Name": "id", "Attribute": "attr", "alias": "name"}[type(node).__name__]
                word = getattr(node, name)
                if word in EVALUATORS:
                    found.append((str(path.relative_to(ROOT / "symnet")), word))
    assert found == [("support/modules.py", "exec")]


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)", PAGE))))
def test_what_the_page_leads_to_is_there(link: str) -> None:
    assert (ROOT / link).exists()


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\b(test_\w+\.py)", PAGE))))
def test_the_tests_that_the_page_names_are_there(name: str) -> None:
    assert list((ROOT / "tests").rglob(name))


def test_no_test_goes_by_the_clock() -> None:
    """A second is another amount of work on each machine; `work.py` counts it."""
    clocks = re.compile(r"\b(perf_counter|process_time|monotonic|thread_time)\b|\btime\.time\(")
    allowed = ("work.py", "release_check.py", "forked_mutants.py", Path(__file__).name)
    found = [path.name for path in (ROOT / "tests").rglob("*.py") if clocks.search(path.read_text(encoding="utf-8"))]
    assert set(found) <= set(allowed)
