"""Estimates of the width and height of a formula in LaTeX, in em.

The widths are those of Computer Modern, to a few percent: enough for line breaking.
"""

from __future__ import annotations

from symnet.formula.shape import is_tall
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
    parts_of,
)

SCRIPT = 0.72
"""The size of a script relative to its base."""

NARROW, WIDE = "fijlrt", "mwMWHKNQXD"
LETTER = {**dict.fromkeys(NARROW, 0.4), **dict.fromkeys(WIDE, 0.92)}

OPERATORS = {
    **dict.fromkeys(("+", "-", "times", "odot", "circ", "ast", "oslash"), 1.23),
    **dict.fromkeys(("=", "approx", "equiv", "greater", "at_least"), 1.34),
    "prime": 0.28,
    "leftarrow": 1.56,
    "comma": 0.45,
    "partial": 0.59,
    "nabla": 0.84,
    "dots": 1.4,
    "top": 0.78,
}

FENCE, TALL_FENCE = 0.4, 0.7
COLUMN_GAP = 1.0
LINE = 1.2


def formula_width(node: Formula) -> float:
    """The width of a formula in em."""
    match node:
        case Letter(text):
            wide = 0.8 if text[0].isupper() else 0.56
            return LETTER.get(text, wide) if len(text) == 1 else wide
        case Function(name) | Words(name):
            return 0.51 * len(name) + (0.17 if isinstance(node, Function) else 0)
        case Number(text):
            return 0.5 * len(text)
        case Operator(name):
            return OPERATORS[name]
        case Space(width):
            return 0.17 if width == "thin" else 2.0
        case Row(parts):
            return sum(map(formula_width, parts))
        case Symbol(body) | Reveal(body):
            return formula_width(body)
        case _:
            return _built_width(node)


def _built_width(node: Formula) -> float:
    match node:
        case Scripts(base, below, above):
            scripts = [formula_width(part) for part in (below, above) if part is not None]
            return formula_width(base) + SCRIPT * max(scripts, default=0) + 0.05
        case Fraction(top, bottom):
            return max(formula_width(top), formula_width(bottom)) + 0.24
        case Root(body):
            return formula_width(body) + 0.9
        case Fenced(body, left, right):
            fence = TALL_FENCE if is_tall(body) else FENCE
            return formula_width(body) + sum(fence if side else 0.12 for side in (left, right)) + 0.1
        case Total(below, above):
            limits = [formula_width(part) for part in (below, above) if part is not None]
            return max(1.45, SCRIPT * max(limits)) + 0.17
        case Under(body, below):
            return max(formula_width(body), SCRIPT * (formula_width(below) + 0.56))
        case Cases(rows) | Grid(rows):
            columns = zip(*rows, strict=True)
            fences = TALL_FENCE if isinstance(node, Cases) else 2 * TALL_FENCE
            return sum(max(map(formula_width, column)) + COLUMN_GAP for column in columns) + fences - COLUMN_GAP
        case _:
            raise TypeError(f"no formula: {type(node).__name__}")


def formula_height(node: Formula) -> float:
    """The total height of a formula in em; a line of plain letters has height 1."""
    match node:
        case Scripts(base, below, above):
            return formula_height(base) + 0.12 * (below is not None) + 0.22 * (above is not None)
        case Fraction(top, bottom):
            return formula_height(top) + formula_height(bottom) + 0.25
        case Root(body):
            return formula_height(body) + 0.2
        case Total(below, above):
            return 1.5 + sum(0.3 + SCRIPT * formula_height(part) for part in (below, above) if part is not None)
        case Under(body, below):
            return formula_height(body) + 0.2 + SCRIPT * formula_height(below)
        case Cases(rows) | Grid(rows):
            return sum(max(LINE, max(map(formula_height, row)) + 0.2) for row in rows) + 0.2
        case _:
            return max(map(formula_height, parts_of(node)), default=1.0)
