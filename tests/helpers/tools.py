"""Programs that some tests need: where one is missing its tests are left out, and named at the end of the run.

`conftest` takes the hooks of this module. In CI, where the variable `CI` is set, a missing program fails the test,
unless it is optional.
"""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

RENDERERS = Path(__file__).parents[1] / "renderers"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@dataclass(frozen=True)
class Tool:
    """A program: whether it is here, and how to get it; what is optional may be missing in CI too."""

    is_here: Callable[[], bool]
    remedy: str
    optional: bool = False


def browser() -> str | None:
    """The path of a browser of the Chromium family."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def _has_node_with(package: str) -> bool:
    return shutil.which("node") is not None and (RENDERERS / "node_modules" / package).is_dir()


def _peer(package: str) -> Tool:
    """A library that gradients are compared with: large, and no dependency of the tests."""
    return Tool(lambda: find_spec(package) is not None, "`make differential`", optional=True)


INSTALL = "`npm ci` in tests/renderers"

TOOLS = {
    "pdflatex": Tool(
        lambda: shutil.which("pdflatex") is not None, "texlive-latex-base texlive-latex-recommended texlive-pictures"
    ),
    "node": Tool(lambda: _has_node_with("katex") and _has_node_with("mathjax"), f"nodejs npm, then {INSTALL}"),
    "chromium": Tool(
        lambda: browser() is not None and _has_node_with("playwright-core"), f"chromium nodejs npm, then {INSTALL}"
    ),
    "torch": _peer("torch"),
    "jax": _peer("jax"),
}
"""What a test may ask for by `@pytest.mark.needs("pdflatex")`."""

_REASON = re.compile(r"needs (?P<tool>[\w-]+) \(")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "needs(tool): leave the test out where a program is missing, but fail in CI unless it is optional"
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        tool = TOOLS[mark.args[0]]
        if tool.is_here():
            continue
        reason = f"needs {mark.args[0]} ({tool.remedy})"
        if os.environ.get("CI") and not tool.optional:
            pytest.fail(f"CI {reason}", pytrace=False)
        pytest.skip(reason)


def not_run(reasons: list[str]) -> str:
    """One line that says which tests were left out for want of which programs; empty if there are none."""
    found = filter(None, map(_REASON.search, reasons))
    counts = Counter(match["tool"] for match in found)
    parts = [
        f"{count} {'test needs' if count == 1 else 'tests need'} {tool} ({TOOLS[tool].remedy})"
        for tool, count in sorted(counts.items())
    ]
    return f"not run: {'; '.join(parts)}" if parts else ""


def pytest_unconfigure(config: pytest.Config) -> None:
    """Write the line below everything else, from the process that reports."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(config, "workerinput"):
        return
    reports = reporter.stats.get("skipped", [])
    reasons = [str(report.longrepr[2]) for report in reports if isinstance(report.longrepr, tuple)]
    line = not_run(reasons)
    if line:
        reporter.write_line(line, yellow=True)
