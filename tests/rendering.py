"""Real renderers, for tests: pdfTeX, KaTeX and MathJax, a browser."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tools import RENDERERS, browser

WIDEST = 5.0
"""By how many points a box may be too wide."""

DISPLAYED = re.compile(r"^\$\$\n(?P<tex>.*?)\n\$\$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"(?<![\\$])\$(?!\$)(?P<tex>(?:\\.|[^$\\])+)\$(?!\$)")
CODE = re.compile(r"^```+.*?^```+$|(`+)[^`].*?(?<!`)\1(?!`)", re.MULTILINE | re.DOTALL)

FRAGMENT_WRAPPER = r"""\documentclass[11pt]{article}
\usepackage{amsmath,amssymb,array,booktabs,longtable,tikz}
\begin{document}
Text before it. \input{fragment} Text behind it.
\end{document}
"""


def compile_tex(folder: Path, name: str, source: str, *, runs: int = 2) -> list[str]:
    """What pdfTeX objects to in a document: errors, references without a target, boxes that are too wide or high.

    References need two runs; slides have none.
    """
    (folder / f"{name}.tex").write_text(source, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-no-shell-escape", f"{name}.tex"]
    for _ in range(runs):
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
    log = (folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
    errors = objections(log)
    if done.returncode or not (folder / f"{name}.pdf").is_file():
        errors.append(f"pdflatex ended with status {done.returncode}")
    return errors


def objections(log: str) -> list[str]:
    """The lines of a log of pdfTeX that tell of an error."""
    found = [line for line in log.splitlines() if line.startswith("!") or "undefined on input line" in line]
    found += [line for line in log.splitlines() if "multiply defined" in line or "mktexpk" in line]
    boxes = re.finditer(r"Overfull \\[hv]box \((?P<excess>[\d.]+)pt too (?:wide|high)\).*", log)
    return found + [box[0] for box in boxes if float(box["excess"]) > WIDEST]


def formulas_of(markdown: str) -> list[dict[str, Any]]:
    """The formulas of Markdown, displayed and in lines of text."""
    prose = CODE.sub("", markdown)
    displayed = [{"tex": match["tex"], "display": True} for match in DISPLAYED.finditer(prose)]
    lines = DISPLAYED.sub("", prose)
    return displayed + [{"tex": match["tex"], "display": False} for match in INLINE.finditer(lines)]


def _node(script: str, content: object) -> Any:
    done = subprocess.run(
        ["node", str(RENDERERS / script)],
        input=json.dumps(content),
        cwd=RENDERERS,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def check_formulas(formulas: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """What KaTeX (strict) and MathJax object to."""
    result = _node("check_formulas.mjs", formulas)
    assert result["count"] == len(formulas)
    errors: list[dict[str, str]] = result["errors"]
    return errors


def check_pages(pages: Iterable[Path]) -> list[dict[str, Any]]:
    """What happens in each HTML page when it is loaded, pointed at, and made small and dark."""
    results: list[dict[str, Any]] = _node(
        "check_page.mjs", {"browser": browser(), "pages": [str(page) for page in pages]}
    )
    return results
