r"""Formulas as LaTeX for pdfTeX with amsmath and amssymb, KaTeX and MathJax."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from symnet.formula.shape import bare, is_operand, is_tall
from symnet.formula.tree import (
    Cases,
    Fenced,
    Formula,
    Fraction,
    Function,
    Grid,
    Letter,
    Number,
    Operator,
    Reveal,
    Root,
    Row,
    Scripts,
    Space,
    Symbol,
    Total,
    Under,
    Words,
)
from symnet.support import visible

LATEX_OPERATORS = {
    "+": " + ",
    "-": " - ",
    "=": " = ",
    "approx": r" \approx ",
    "equiv": r" \equiv ",
    "leftarrow": r" \leftarrow ",
    "greater": " > ",
    "at_least": r" \ge ",
    "times": r" \times ",
    "odot": r" \odot ",
    "circ": r" \circ ",
    "ast": r" \ast ",
    "oslash": r" \oslash ",
    "comma": ", ",
    "partial": r"\partial",
    "nabla": r"\nabla",
    "prime": r"\prime",
    "dots": r"\dots",
    "top": r"\top",
}
"""Operators of a page; those with spaces are binary."""

COMMANDS = frozenset(("tanh", "exp", "log", "sin", "cos", "tan", "sinh", "cosh", "arctan", "max", "min"))
"""Functions for which LaTeX has a command."""

STYLES = {"upright": "mathrm", "calligraphic": "mathcal", "blackboard": "mathbb"}

FENCES = {
    "(": ("(", ")"),
    ")": ("(", ")"),
    "[": ("[", "]"),
    "]": ("[", "]"),
    "{": (r"\lbrace", r"\rbrace"),
    "}": (r"\lbrace", r"\rbrace"),
    "|": (r"\lvert", r"\rvert"),
    "‖": (r"\lVert", r"\rVert"),
    "": (".", "."),
}
"""Each fence as opening and as closing delimiter."""

SPECIAL = {
    **{character: "\\" + character for character in "{}_%$&#"},
    "\\": r"\backslash",
    "^": r"\wedge",
    "~": r"\sim",
    "<": " < ",
    ">": " > ",
    "|": r"\vert",
    "(": "(",
    ")": ")",
    "[": "[",
    "]": "]",
    "`": r"\text{'}",
    '"': r"\text{''}",
    "−": "-",
    "×": r" \times ",
    "·": r" \cdot ",
    "…": r"\dots",
    "–": r"\text{-}",
    "—": r"\text{-}",
    "≥": r" \geq ",
    "≤": r" \leq ",
    "≠": r" \neq ",
    "≈": r" \approx ",
    "∞": r"\infty",
}
"""Replacements in math mode for characters of words that text mode lacks."""

ACCENTS = frozenset("\u0300\u0301\u0302\u0303\u0308\u030a\u0327\u030c")
"""Accents that every renderer has on the letters of Latin alphabets."""

_NUMBER = re.compile(r"[0-9][0-9.]*|\.[0-9]+", re.ASCII)
_COMMAND_AT_END = re.compile(r"\\[A-Za-z]+$")

Prefix = Callable[[int], str]


def formula_latex(node: Formula, *, reveal: Prefix | None = None) -> str:
    r"""A formula as LaTeX for mathematics mode, without dollars.

    Args:
        node: the formula.
        reveal: the command before the braces around a part that is uncovered in a turn, such as
            `\uncover<2->`; with None every part is printed plainly.
    """
    return _Writer(reveal).write(node).strip()


def join(parts: list[str]) -> str:
    """Concatenate pieces of LaTeX, with a space where a command would absorb the next letter."""
    text = ""
    for part in parts:
        gap = " " if part[:1].isalpha() and _COMMAND_AT_END.search(text) else ""
        text += gap + (part.lstrip() if text.endswith(" ") else part)
    return text


def words_latex(text: str) -> str:
    r"""Words inside a formula: `\text{...}`, with special characters of LaTeX escaped."""
    pieces: list[str] = []
    run = ""
    for character in unicodedata.normalize("NFC", visible(text)):
        if is_plain(character):
            run += character
            continue
        shown = SPECIAL.get(character)
        if shown is None:
            run += f"U+{ord(character):04X}"
            continue
        pieces += [rf"\text{{{run}}}", shown] if run else [shown]
        run = ""
    return join([*pieces, rf"\text{{{run}}}"] if run else pieces)


def is_plain(character: str) -> bool:
    """Whether every LaTeX accepts a character in text unchanged: ASCII, or a Latin letter with an accent."""
    if character.isascii():
        return character.isprintable() and character not in SPECIAL
    apart = unicodedata.normalize("NFD", character)
    return apart[0].isascii() and apart[0].isalpha() and len(apart) == 2 and apart[1] in ACCENTS


def number_latex(text: str) -> str:
    """A number; anything else as words."""
    return text if _NUMBER.fullmatch(text) else words_latex(text)


class _Writer:
    """Writes nodes; `reveal` as in `formula_latex`."""

    def __init__(self, reveal: Prefix | None) -> None:
        self.reveal = reveal

    def write(self, node: Formula) -> str:
        match node:
            case Letter():
                return _letter(node)
            case Function(name):
                return "\\" + name if name in COMMANDS else rf"\mathrm{{{_function_name(name)}}}"
            case Number(text):
                return number_latex(text)
            case Operator(name):
                return LATEX_OPERATORS[name]
            case Words(text):
                return words_latex(text)
            case Row(parts):
                return self._row(parts)
            case Space(width):
                return r" \, " if width == "thin" else r" \qquad "
            case Symbol(body) | Reveal(body, _) if self.reveal is None or isinstance(node, Symbol):
                return self.write(body)
            case Reveal(body, turn):
                assert self.reveal is not None
                return f"{self.reveal(turn)}{{{self.write(body)}}}"
            case _:
                return self._built(node)

    def _built(self, node: Formula) -> str:
        match node:
            case Scripts():
                return self._scripts(node)
            case Fraction(top, bottom):
                return rf"\frac{{{self._inner(top)}}}{{{self._inner(bottom)}}}"
            case Root(body):
                return rf"\sqrt{{{self._inner(body)}}}"
            case Fenced(body, left, right):
                return self._fenced(self._inner(body), FENCES[left][0], FENCES[right][1], is_tall(body))
            case Total(below, above):
                limit = f"^{{{self._inner(above)}}}" if above is not None else ""
                return rf"\sum_{{{self._inner(below)}}}{limit} "
            case Cases(rows):
                return self._table("cases", rows)
            case Grid(rows):
                return self._table("pmatrix", rows)
            case Under(body, below):
                return rf"\underset{{\;{self._inner(below)}\;}}{{{self._inner(body)}}}"
            case _:
                raise TypeError(f"no formula: {type(node).__name__}")

    def _fenced(self, body: str, left: str, right: str, tall: bool) -> str:
        """A body between fences, which stretch only if needed: TeX adds space around stretchy ones."""
        if tall or "." in (left, right):
            return rf"\left{left} {body} \right{right}"
        return join([left, body, right])

    def _inner(self, node: Formula) -> str:
        """A part as the whole content of braces."""
        return self.write(node).strip()

    def _row(self, parts: tuple[Formula, ...]) -> str:
        pieces: list[str] = []
        previous: Formula | None = None
        for part in parts:
            if part == Space() and (isinstance(previous, Total) or previous == Operator("comma")):
                continue  # TeX sets this space by itself
            text = self.write(part)
            if text.startswith(r"\left") and previous is not None and not isinstance(bare(previous), Space | Operator):
                text = r"\!" + text  # TeX adds space before stretchy fences
            is_sign = isinstance(part, Operator) and part.name in "+-"
            pieces.append(text.strip() if is_sign and not is_operand(previous) else text)
            previous = part
        return join(pieces)

    def _scripts(self, node: Scripts) -> str:
        base = self._inner(node.base)
        if not isinstance(bare(node.base), Letter | Function | Number | Operator | Words | Fenced):
            base = f"{{{base}}}"
        below = f"_{{{self._compact(node.below)}}}" if node.below is not None else ""
        if node.above is None:
            return base + below
        if node.above == Operator("prime"):
            return f"{base}'{below}" if not below else f"{base}{below}'"
        return f"{base}{below}^{{{self._compact(node.above)}}}"

    def _compact(self, node: Formula) -> str:
        """A script, in which operators have no spaces."""
        parts = node.parts if isinstance(node, Row) else (node,)
        tight = [self.write(part).strip() if isinstance(part, Operator) else self.write(part) for part in parts]
        return join(tight).strip()

    def _table(self, environment: str, rows: tuple[tuple[Formula, ...], ...]) -> str:
        lines = [" & ".join(guarded(self._inner(entry)) for entry in row) for row in rows]
        body = r" \\ ".join(lines)
        return rf"\begin{{{environment}}} {body} \end{{{environment}}}"


def guarded(text: str) -> str:
    r"""LaTeX at the start of a line; a leading bracket or star would become an argument of the `\\` before it."""
    return "{}" + text if text[:1] in ("[", "*") else text


def _letter(node: Letter) -> str:
    glyph = node.text if len(node.text) == 1 else "\\" + node.text
    if node.style == "bold":
        glyph = rf"\mathbf{{{glyph}}}" if len(node.text) == 1 else rf"\boldsymbol{{{glyph}}}"
    elif node.style != "italic":
        glyph = rf"\{STYLES[node.style]}{{{glyph}}}"
    return rf"\{node.accent}{{{glyph}}}" if node.accent else glyph


def _function_name(name: str) -> str:
    return "".join(
        SPECIAL["_"] if character == "_" else character for character in name if character.isalnum() or character == "_"
    )
