"""Real renderers, for tests: pdfTeX, KaTeX and MathJax, a browser."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools import RENDERERS, browser

WIDEST = 5.0
"""By how many points a box may be too wide."""

DISPLAYED = re.compile(r"^\$\$\n(?P<tex>.*?)\n\$\$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"(?<![\\$])\$(?!\$)(?P<tex>(?:\\.|[^$\\])+)\$(?!\$)")
CODE = re.compile(r"^```+.*?^```+$|(`+)[^`].*?(?<!`)\1(?!`)", re.MULTILINE | re.DOTALL)

MARK = "document: "
"""Stands in the log before the key of each document that is set in one run with others."""

PICTURE = re.compile(
    r"\\begin\{tikzpicture\}\[x=1pt, y=-1pt.*?use as bounding box\] \(0, 0\) rectangle \((?P<width>[\d.]+), "
    r"(?P<height>[\d.]+)\);.*?\\end\{tikzpicture\}",
    re.DOTALL,
)
OF_ONE_DOCUMENT = re.compile(r"^(?:% .*|.*pdftitle=.*|\\(?:sub)?title\{.*)\n", re.MULTILINE)
TITLE = re.compile(r"^\\(?:sub)?title\{.*", re.MULTILINE)
UNRESOLVED = "undefined on input line"

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
    for number in range(runs):
        log, ending = _run_tex(folder, name, source, "-draftmode" if number < runs - 1 else "-no-shell-escape")
    return objections(log) + ending


def _run_tex(folder: Path, name: str, source: str, option: str = "-no-shell-escape") -> tuple[str, list[str]]:
    """The log of one run of pdfTeX, and an objection if it ended badly or wrote no page."""
    (folder / f"{name}.tex").write_text(source, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-no-shell-escape", option, f"{name}.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=1200)
    log = (folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
    is_whole = not done.returncode and (option == "-draftmode" or (folder / f"{name}.pdf").is_file())
    return log, [] if is_whole else [f"pdflatex ended with status {done.returncode}"]


def compile_together(folder: Path, name: str, sources: Mapping[str, str]) -> list[str]:
    """What pdfTeX objects to in documents of one kind, set one after the other in one run, each behind its key.

    To load the class and the packages takes as long as to set a document. In one run no reference is
    resolved: they are compared with the labels as they are written. No PDF is written.
    """
    parts = {key: source.split(r"\begin{document}", 1) for key, source in sources.items()}
    preambles = {OF_ONE_DOCUMENT.sub("", before) for before, _ in parts.values()}
    assert len(preambles) == 1, "documents of several kinds"
    bodies = [
        "\n".join(
            (
                rf"\typeout{{{MARK}{key}}}",
                r"\setcounter{section}{0}\setcounter{equation}{0}",
                *TITLE.findall(before),
                body.rpartition(r"\end{document}")[0],
            )
        )
        for key, (before, body) in parts.items()
    ]
    first = next(iter(parts.values()))[0]
    whole = "\n".join((first, r"\begin{document}", *bodies, r"\end{document}", ""))
    log, ending = _run_tex(folder, name, whole, "-draftmode")
    found = [f"{key}: {problem}" for key, source in sources.items() for problem in broken_references(source)]
    loading, *logs = log.split(f"\n{MARK}")
    found += [problem for problem in objections(loading) if UNRESOLVED not in problem]
    assert len(logs) == len(sources) or ending, "a document is missing from the log"
    for part in logs:
        key = part.partition("\n")[0]
        found += [f"{key}: {problem}" for problem in objections(part) if UNRESOLVED not in problem]
    return found + ending


def broken_references(source: str) -> list[str]:
    """References of a LaTeX document to labels that it does not have, and labels that it has twice."""
    labels = Counter(re.findall(r"\\label\{([^}]*)\}", source))
    references = set(re.findall(r"\\(?:eq|page|auto)?ref\{([^}]*)\}", source))
    missing = [f"{reference} has no label" for reference in sorted(references - set(labels))]
    return missing + [f"{label} is a label {count} times" for label, count in labels.items() if count > 1]


def as_handout(slides: str) -> str:
    """Slides of Beamer with all of a frame on one page; to uncover it piece by piece takes three times as long."""
    assert slides.count(r"\documentclass[") == 1
    return slides.replace(r"\documentclass[", r"\documentclass[handout,", 1)


def with_boxes_for_pictures(source: str) -> str:
    """A document with a box as large as each picture in its place, where the pictures are set elsewhere."""
    boxes, count = PICTURE.subn(r"\\rule{\g<width>pt}{\g<height>pt}", source)
    assert count, "no pictures"
    return boxes


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
        timeout=1200,
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
