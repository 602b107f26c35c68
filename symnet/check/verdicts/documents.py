"""Extract the displayed equations of a LaTeX, Markdown or notebook file, with their lines and columns."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from symnet.check.verdicts.wrappers import unwrapped
from symnet.support import FileError, path_shown

ENVIRONMENTS = (
    *("equation", "align", "flalign", "alignat", "gather", "multline", "split", "eqnarray", "displaymath"),
    *("aligned", "gathered", "alignedat"),
)
"""The environments of displayed equations; each also has a starred form."""

_NAMES = "|".join(ENVIRONMENTS)
_DISPLAY = re.compile(
    rf"(?P<dollars>(?<!\\)\$\$)|(?P<bracket>(?<!\\)\\\[)|(?P<begin>\\begin\s*\{{\s*(?P<name>(?:{_NAMES})\*?)\s*\}})"
)
_VERBATIM = re.compile(r"\\begin\{(?P<name>(?:verbatim|Verbatim|lstlisting|minted|comment)\*?)\}")
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*")
_FENCE = re.compile(r"^ {0,3}(?P<name>`{3,20}|~{3,20})(?P<info>[^`~\n]*)\n", re.MULTILINE)
_CODE = re.compile(r"(?<!`)(`{1,3})(?!`)[^`\n]+?(?<!`)\1(?!`)")
_OPTIONS = re.compile(r"(?:[ \t]*+:[\w-]++:[^\n]*+\n)++")
_HTML_COMMENT = re.compile(r"<!--(?P<name>)")

MAX_EQUATIONS = 2_000
"""The most equations of a text; a display has one more than it has line breaks."""

TEX, MARKDOWN, NOTEBOOK = (".tex", ".ltx"), (".md", ".markdown", ".qmd", ".rmd"), (".ipynb",)
SUFFIXES = (*TEX, *MARKDOWN, *NOTEBOOK)
"""The suffixes of files that equations can be read from."""


@dataclass(frozen=True)
class Display:
    """A displayed formula.

    Attributes:
        latex: its LaTeX, without the delimiters.
        line: the line of its first character, counted from 1; 0 if it is in no file.
        column: the column of that character, counted from 1.
        cell: the cell of a notebook, counted from 1; 0 in other files.
        unclosed: the closing delimiter if it is missing, else empty.
    """

    latex: str
    line: int = 0
    column: int = 1
    cell: int = 0
    unclosed: str = ""

    def at(self, offset: int) -> tuple[int, int]:
        """Return line and column of the character at an offset in the formula."""
        before = self.latex[:offset]
        breaks = before.count("\n")
        column = offset - before.rfind("\n") if breaks else self.column + offset
        return self.line + breaks, column


def displays_of(text: str, path: str) -> list[Display]:
    """Return the displayed formulas of a file, in order.

    Args:
        text: the content of the file.
        path: its name, whose suffix says of which kind it is.

    Raises:
        FileError: its suffix is unknown, it is not a valid notebook, or it has more than 2,000 equations.
    """
    suffix = path.lower()
    if suffix.endswith(TEX):
        bare = _without(text, _spans(text, _VERBATIM, r"\\end\{{{name}\}}"))
        found = _displays(_without(bare, (match.span() for match in _COMMENT.finditer(bare))))
    elif suffix.endswith(MARKDOWN):
        found = _in_markdown(text)
    elif suffix.endswith(NOTEBOOK):
        found = _in_notebook(text, path)
    else:
        raise FileError(f"cannot read equations from {path_shown(path)}; its name has to end in {', '.join(SUFFIXES)}")
    return checked_number(found, path_shown(path))


_INSIDE = re.compile(r"\\begin\s*\{\s*(?:split|aligned|gathered|alignedat)\*?\s*\}")
_MARKS = re.compile(r"^(?: {0,3}(?:`{3}|~{3})|#{1,6} )", re.MULTILINE)


def kind_of(text: str) -> str:
    """Guess the suffix of the file that a text comes from; empty if the text is a single equation.

    A text is a file if it has a display and anything else. Text that begins like JSON is a notebook; a heading or a
    code fence makes it Markdown; anything else is LaTeX.
    """
    if text.lstrip().startswith("{") and '"cells"' in text:
        return NOTEBOOK[0]
    suffix = MARKDOWN[0] if _MARKS.search(text) and "\\documentclass" not in text else TEX[0]
    displays = [display for display in displays_of(text, suffix) if not _INSIDE.match(display.latex)]
    beside = text
    for display in displays:
        beside = beside.replace(display.latex, "", 1)
    is_alone = len(displays) == 1 and re.fullmatch(r"\s*(?:\$\$\s*\$\$|\\\[\s*\\\])?\s*", beside)
    return suffix if displays and not is_alone else ""


def checked_number(displays: Iterable[Display], where: str) -> list[Display]:
    """Return the displays as a list.

    Raises:
        FileError: they have more than 2,000 equations; `where` names the file in the message.
    """
    found = []
    number = 0
    for display in displays:
        found.append(display)
        number += max(1, len(equations_of(display.latex)))
        if number > MAX_EQUATIONS:
            raise FileError(f"cannot read {where}: more than {MAX_EQUATIONS:,} displayed equations")
    return found


def _spans(text: str, opening: re.Pattern[str], closing: str) -> Iterator[tuple[int, int]]:
    """Yield the spans from each match of `opening` to its `closing`; an opening that is never closed is ignored."""
    place = 0
    without_end: set[str] = set()
    while (match := opening.search(text, place)) is not None:
        place = match.end()
        name = match["name"]
        if name in without_end:
            continue
        end = re.compile(closing.format(name=re.escape(name)), re.MULTILINE).search(text, place)
        if end is None:
            without_end.add(name)
            continue
        place = end.end()
        yield match.start(), place


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Replace spans of a text by blanks, so that all other characters keep their lines and columns."""
    pieces = []
    place = 0
    for start, end in spans:
        pieces += [text[place:start], re.sub(r"[^\n]", " ", text[start:end])]
        place = end
    return "".join([*pieces, text[place:]])


def _displays(text: str, cell: int = 0) -> Iterator[Display]:
    text = unwrapped(text)
    place = 0
    without_end: set[str] = set()
    for _ in range(MAX_EQUATIONS + 1):
        match = _DISPLAY.search(text, place)
        if match is None:
            return
        if match["begin"]:
            body_start, closing = match.start(), re.compile(rf"\\end\s*\{{\s*{re.escape(match['name'])}\s*\}}")
            expected = rf"\end{{{match['name']}}}"
        else:
            body_start = match.end()
            closing = re.compile(r"(?<!\\)\$\$" if match["dollars"] else r"(?<!\\)\\\]")
            expected = "$$" if match["dollars"] else r"\]"
        end = closing.search(text, match.end()) if expected not in without_end else None
        if end is None:
            without_end.add(expected)
        stop = text.find("\n\n", match.end()) if end is None else end.end() if match["begin"] else end.start()
        stop = len(text) if stop < 0 else stop
        line = text.count("\n", 0, body_start) + 1
        column = body_start - text.rfind("\n", 0, body_start)
        yield Display(text[body_start:stop], line, column, cell, "" if end is not None else expected)
        place = stop if end is None else end.end()


def _in_markdown(text: str, cell: int = 0) -> Iterator[Display]:
    """Yield the displays of a Markdown text and its code blocks in the language `math`; other code is skipped."""
    math: list[tuple[int, Display]] = []
    fences = list(_spans(text, _FENCE, r"^ {{0,3}}{name}[`~]*[ \t]*$"))
    for start, end in fences:
        head, _, body = text[start:end].partition("\n")
        if head.strip(" `~{}").lower() == "math":
            line = text.count("\n", 0, start) + 2
            latex = unwrapped(_without(body.rpartition("\n")[0], _options(body)))
            math.append((line, Display(latex, line, 1, cell)))
    plain = _without(text, fences)
    plain = _without(plain, _spans(plain, _HTML_COMMENT, "-->"))
    plain = _without(plain, (match.span() for match in _CODE.finditer(plain)))
    found = [(display.line, display) for display in _displays(plain, cell)]
    for _, display in sorted([*math, *found], key=lambda entry: entry[0]):
        yield display


def _options(body: str) -> Iterator[tuple[int, int]]:
    """Yield the span of the option lines at the start of a MyST directive, such as `:label: eq-1`."""
    options = _OPTIONS.match(body)
    yield options.span() if options else (0, 0)


def _in_notebook(text: str, path: str) -> Iterator[Display]:
    """Yield the displays of a notebook's Markdown cells."""
    try:
        cells = json.loads(text)["cells"]
        for number, cell in enumerate(cells, start=1):
            if cell["cell_type"] == "markdown":
                source = cell["source"]
                yield from _in_markdown(source if isinstance(source, str) else "".join(source), number)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise FileError(f"cannot read {path_shown(path)}: no notebook of format 4") from None


_PIECES = re.compile(
    r"\\begin\s*\{(\w+)\*?\}|\\end\s*\{(\w+)\*?\}|(?P<break>\\\\(?:\*|\s*\[\s*[\d.]+\s*(?:pt|em|ex|mm|cm)\s*\])?)|\\.|[{}]",
    re.DOTALL,
)
_INNER = ("matrix", "pmatrix", "bmatrix", "cases", "dcases", "array", "smallmatrix")
_GOES_ON = re.compile(
    r"(\\q?quad|\{\s*+\}|[\s&])*+(:?=|[+\-*/]|[A-Za-z]\s*+=[^&\\=]*+,(\s|\\[,;:])*+\\[lc]?dots|\\(equiv|approx|times|cdot|odot|circ|ast|oslash|leftarrow|gets)(?![A-Za-z]))"
)
_WRAPPED = re.compile(
    rf"\s*\\begin\s*\{{\s*(?:{_NAMES})\*?\s*\}}(?:\s*\{{\s*\d+\s*\}})?|\\end\s*\{{\s*(?:{_NAMES})\*?\s*\}}\s*"
)


def equations_of(latex: str) -> list[tuple[int, str]]:
    """Split a display at its line breaks into equations, each with its offset.

    A line that begins with a relation or an operator, or that is a condition such as l = 1, ..., L, continues the
    line before.
    """
    text = _without(latex, (match.span() for match in _WRAPPED.finditer(latex)))
    pieces: list[tuple[int, int]] = []
    start, depth = 0, 0
    for match in _PIECES.finditer(text):
        if match[0] == "{" or match[1] in _INNER:
            depth += 1
        elif match[0] == "}" or match[2] in _INNER:
            depth -= 1
        elif match["break"] and depth <= 0 and not _GOES_ON.match(text, match.end()):
            pieces.append((start, match.start()))
            start = match.end()
    pieces.append((start, len(text)))
    found = [(end - len(text[begin:end].lstrip()), text[begin:end].strip()) for begin, end in pieces]
    return [(begin, piece) for begin, piece in found if piece.strip("& \n\t")]
