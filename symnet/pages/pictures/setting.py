"""Typesetting of formulas for pictures: each glyph with its position and size.

SVG draws these runs directly. The boxes also give the layouts the size of a label; they are those of
Computer Modern, and of the Times-like fonts of browsers within a few per cent. Lengths are in points,
y points down, and the origin is the start of the baseline.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from unicodedata import normalize

from symnet.formula import (
    OPERATORS,
    Fenced,
    Formula,
    Fraction,
    Function,
    Grid,
    Letter,
    Number,
    Operator,
    Reveal,
    Row,
    Scripts,
    Space,
    Symbol,
    Words,
    letter_character,
)
from symnet.support import NotationError

SCRIPT = 0.73
SMALLEST = 4.5
"""The smallest size of type, for scripts of scripts."""

RAISED, LOWERED, SPREAD = 0.40, 0.22, 0.05
AXIS = 0.25
BOLD = 1.15
LEADING = 1.25
USUAL, USUAL_ROOM, SMALL_ROOM = 9.0, 1.05, 1.14

_ITALIC = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        (
            *(0.53, 0.43, 0.43, 0.52, 0.47, 0.49, 0.48, 0.58, 0.35, 0.41, 0.52, 0.30, 0.88),
            *(0.60, 0.49, 0.50, 0.45, 0.45, 0.47, 0.36, 0.57, 0.49, 0.72, 0.57, 0.49, 0.47),
        ),
        strict=True,
    )
)
_UPRIGHT = (
    dict.fromkeys("ijl.,:;'|! ", 0.29)
    | dict.fromkeys("frt()[]{}-", 0.4)
    | dict.fromkeys("acesvxyz", 0.48)
    | dict.fromkeys("mw+−=<>≈×·⊙∘∗", 0.8)
    | dict.fromkeys("ABCDEFGHKLNOPQRTUVXYZ", 0.72)
    | dict.fromkeys("MW", 1.0)
)
_WIDE_ITALIC = {"W": 1.0, "M": 1.0, "I": 0.48, "J": 0.6, "L": 0.68}
_USUAL_ITALIC_CAPITAL, _USUAL_ITALIC, _USUAL_UPRIGHT = 0.78, 0.57, 0.53
_TALL = frozenset("bdfhijklt") | frozenset("βδζθλξφϕψ")
_DEEP = frozenset("gjpqy") | frozenset("βγζημξρφϕχψ")


@dataclass(frozen=True)
class Run:
    """A piece of text on a baseline; `key` is that of its `Symbol`."""

    x: float
    y: float
    text: str
    size: float
    width: float
    italic: bool = False
    bold: bool = False
    key: str = ""


@dataclass(frozen=True)
class Rule:
    """The line of a fraction."""

    x: float
    y: float
    width: float


@dataclass(frozen=True)
class Bow:
    """A parenthesis around a grid: it starts and ends at x `tip` and bulges to `belly`."""

    tip: float
    belly: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Setting:
    """A typeset formula: its box, its runs, the rules of its fractions and the bows of its grids."""

    width: float
    ascent: float
    descent: float
    runs: tuple[Run, ...] = ()
    rules: tuple[Rule, ...] = ()
    bows: tuple[Bow, ...] = ()

    @property
    def height(self) -> float:
        return self.ascent + self.descent

    def moved(self, dx: float, dy: float) -> Setting:
        """The setting moved, with its box."""
        return Setting(
            self.width,
            self.ascent - dy,
            self.descent + dy,
            tuple(replace(run, x=run.x + dx, y=run.y + dy) for run in self.runs),
            tuple(replace(rule, x=rule.x + dx, y=rule.y + dy) for rule in self.rules),
            tuple(Bow(bow.tip + dx, bow.belly + dx, bow.top + dy, bow.bottom + dy) for bow in self.bows),
        )

    def keyed(self, key: str) -> Setting:
        """The setting with its runs marked by a symbol's key, unless an inner symbol has marked them."""
        return replace(self, runs=tuple(run if run.key else replace(run, key=key) for run in self.runs))


def joined(settings: list[Setting]) -> Setting:
    """Settings in a row on one baseline."""
    x, moved = 0.0, []
    for setting in settings:
        moved.append(setting.moved(x, 0))
        x += setting.width
    return overlaid(x, moved)


def overlaid(width: float, settings: list[Setting]) -> Setting:
    """Settings at their own positions, combined to one of the given width."""
    return Setting(
        width,
        max((setting.ascent for setting in settings), default=0.0),
        max((setting.descent for setting in settings), default=0.0),
        tuple(run for setting in settings for run in setting.runs),
        tuple(rule for setting in settings for rule in setting.rules),
        tuple(bow for setting in settings for bow in setting.bows),
    )


def words(text: str, size: float, *, italic: bool = False, bold: bool = False) -> Setting:
    """A line of text in one style."""
    width = size * (BOLD if bold else 1) * sum(_width(character, italic) for character in text)
    tall = any(character in _TALL or not (character.islower() or character in "·−-") for character in text)
    deep = any(character in _DEEP or character in "()[]{},;|" for character in text)
    run = Run(0, 0, text, size, width, italic, bold)
    return Setting(width, size * (0.7 if tall else 0.45), size * (0.22 if deep else 0.02), (run,))


def _width(character: str, italic: bool) -> float:
    if not italic:
        return _UPRIGHT.get(character, _USUAL_UPRIGHT)
    known = _ITALIC.get(character) or _WIDE_ITALIC.get(character)
    return known or (_USUAL_ITALIC_CAPITAL if character.isupper() else _USUAL_ITALIC)


def room(setting: Setting, size: float) -> float:
    """The width to reserve for a setting: small type is wider in TeX than in other fonts."""
    return setting.width * (SMALL_ROOM if size < USUAL else USUAL_ROOM)


@lru_cache(maxsize=2048)
def set_label(content: Formula | str, size: float) -> Setting:
    """Typeset a label, a formula or plain text."""
    return words(content, size) if isinstance(content, str) else set_formula(content, size)


def set_formula(node: Formula, size: float) -> Setting:
    """Typeset a formula.

    Raises:
        NotationError: the formula has a part that labels do not support, such as a root.
    """
    match node:
        case Letter():
            return _letter(node, size)
        case Function(text) | Number(text) | Words(text):
            return words(text, size)
        case Operator(name):
            return _operator(name, size)
        case Space(width):
            return Setting(size * (0.17 if width == "thin" else 1.0), 0, 0)
        case Row(parts):
            return _row(parts, size)
        case Symbol(body, key):
            return set_formula(body, size).keyed(key)
        case Reveal(body):
            return set_formula(body, size)
        case Scripts():
            return _scripts(node, size)
        case Fraction(top, bottom):
            return _fraction(set_formula(top, size), set_formula(bottom, size), size)
        case Fenced(body, left, right):
            return joined([words(left, size), set_formula(body, size), words(right, size)])
        case Grid(rows):
            return _grid([[set_formula(cell, size) for cell in row] for row in rows], size)
        case _:
            raise NotationError(f"a label of a picture cannot hold a {type(node).__name__}")


def _letter(node: Letter, size: float) -> Setting:
    character = letter_character(node)
    base = normalize("NFD", character)[0]
    plain = words(base, size, italic=node.style == "italic", bold=node.style == "bold")
    run = replace(plain.runs[0], text=character)
    return replace(plain, ascent=size * 0.7 if node.accent else plain.ascent, runs=(run,))


def _operator(name: str, size: float) -> Setting:
    pad = 0.0 if name in ("comma", "partial", "nabla", "prime", "dots", "top") else 0.1 * size
    plain = words(OPERATORS[name], size)
    return replace(plain.moved(pad, 0), width=plain.width + 2 * pad)


def _row(parts: tuple[Formula, ...], size: float) -> Setting:
    """Parts beside one another; a sign at the beginning stands close to what it belongs to."""
    settings = [set_formula(part, size) for part in parts]
    if parts and isinstance(first := parts[0], Operator) and first.name in ("+", "-"):
        settings[0] = words(OPERATORS[first.name], size)
    return joined(settings)


def _scripts(node: Scripts, size: float) -> Setting:
    base = set_formula(node.base, size)
    small = max(SMALLEST, SCRIPT * size)
    spread = SPREAD * size if node.above and node.below else 0.0
    raised = max(RAISED * size, base.ascent - 0.3 * size) + spread
    lowered = max(LOWERED * size, base.descent) + spread
    above = set_formula(node.above, small).moved(base.width + 0.04 * size, -raised) if node.above else None
    below = set_formula(node.below, small).moved(base.width, lowered) if node.below else None
    scripts = [script for script in (above, below) if script]
    return overlaid(base.width + max((script.width for script in scripts), default=0) + 0.05 * size, [base, *scripts])


def _fraction(top: Setting, bottom: Setting, size: float) -> Setting:
    width = max(top.width, bottom.width) + 0.2 * size
    axis = -AXIS * size
    parts = [
        top.moved((width - top.width) / 2, axis - top.descent - 0.15 * size),
        bottom.moved((width - bottom.width) / 2, axis + bottom.ascent + 0.18 * size),
    ]
    return replace(overlaid(width, parts), rules=(*parts[0].rules, *parts[1].rules, Rule(0, axis, width)))


def _grid(cells: list[list[Setting]], size: float) -> Setting:
    columns = [max(row[place].width for row in cells) for place in range(len(cells[0]))]
    tall, fence, gap, middle = LEADING * size * len(cells), 0.45 * size, 0.6 * size, -AXIS * size
    parts = []
    for line, row in enumerate(cells):
        x, y = fence, middle - tall / 2 + LEADING * size * (line + 0.5) + 0.3 * size
        for cell, width in zip(row, columns, strict=True):
            parts.append(cell.moved(x + width - cell.width, y))
            x += width + gap
    width = sum(columns) + gap * (len(columns) - 1) + 2 * fence
    top, bottom = middle - tall / 2, middle + tall / 2
    bows = (Bow(0.35 * size, 0.05 * size, top, bottom), Bow(width - 0.35 * size, width - 0.05 * size, top, bottom))
    return replace(overlaid(width, parts), ascent=-top, descent=bottom, bows=bows)
