r"""Typesetting of formulas by the rules of TeX: how wide and high a formula is, and where its glyphs stand.

There is one walk over a formula, which makes a box of its parts' boxes (Appendix G of The TeXbook, without kerning).
Line breaking, tables and slides take the size of the outermost box; pictures take the size for their layout and, in
SVG, the position of every glyph in it. Lengths are in points, y points down, and the origin of a box is the start of
its baseline.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from symnet.formula.latex import COMMANDS
from symnet.formula.metrics import (
    ASCENDER,
    AXIS,
    FENCE_HEIGHTS,
    FENCES,
    ITALIC,
    NULL_DELIMITER,
    RULE,
    SMALL_SUM,
    SUM,
    WIDENED,
    X_HEIGHT,
    extent,
    glyph,
)
from symnet.formula.plain import letter_character
from symnet.formula.shape import bare, is_operand, is_tall
from symnet.formula.tree import (
    OPERATORS,
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

DESIGN_SIZE = 10.0
SCRIPT, SMALLEST = 0.7, 5.0
THIN, MEDIUM, THICK, WIDE = 3 / 18, 4 / 18, 5 / 18, 2.0
PADDING = dict.fromkeys(("+", "-", "times", "odot", "circ", "ast", "oslash"), MEDIUM) | dict.fromkeys(
    ("=", "approx", "equiv", "leftarrow", "greater", "at_least"), THICK
)
"""The space on both sides of a binary operator and of a relation; other operators have none."""

RAISED, RAISED_DROP, LOWERED, LOWERED_BOTH, LOWERED_DROP = 0.413, 0.386, 0.15, 0.247, 0.05
IN_DISPLAY, IN_TEXT = (0.677, 0.686, 0.12 + RULE / 2), (0.394, 0.345, 0.04 + RULE / 2)
"""How far a numerator is raised and a denominator lowered, and how far both stay from the middle of the rule."""

LIMIT_ABOVE, LIMIT_BELOW = (0.111, 0.2), (0.167, 0.6)
"""The least distance of a limit from Σ, and that of its baseline."""

LIMIT_MARGIN, SCRIPT_SPACE = 0.1, 0.05
COLUMN_GAP = 1.0
STRUT = (0.84, 0.36)
CASES_STRETCH = 1.2


@dataclass(frozen=True)
class Style:
    """How a formula is set.

    Attributes:
        size: the size of type in points.
        display: whether sums have limits and fractions are large.
        script: whether it is a script, in which operators have no space around them.
        optical: whether small type is wider than large type scaled down, as it is in TeX.
    """

    size: float
    display: bool = True
    script: bool = False
    optical: bool = True

    def small(self) -> Style:
        """The style of a script."""
        return replace(self, size=max(SMALLEST, round(SCRIPT * self.size)), display=False, script=True)

    def inner(self) -> Style:
        """The style of a numerator or a denominator."""
        return replace(self, display=False) if self.display else self.small()

    @property
    def em(self) -> float:
        """The size by which widths are scaled."""
        return self.size * (WIDENED.get(round(self.size), 1.0) if self.optical else 1.0)


@dataclass(frozen=True)
class Run:
    """A piece of text on a baseline."""

    text: str
    size: float
    italic: bool = False
    bold: bool = False


@dataclass(frozen=True)
class Rule:
    """The line of a fraction or of a root, drawn to the right."""

    width: float


@dataclass(frozen=True)
class Bow:
    """A high parenthesis drawn upwards, whose middle is further right by `bulge` than its ends."""

    height: float
    bulge: float


@dataclass(frozen=True)
class Ink:
    """A mark at its position; `key` is that of the innermost `Symbol` around it."""

    x: float
    y: float
    mark: Run | Rule | Bow
    key: str


@dataclass(frozen=True)
class Setting:
    """The box of a typeset formula, with a mark at its origin or parts at their positions.

    Attributes:
        width: its width, with the italic correction of its last letter.
        ascent: how far it reaches above the baseline.
        descent: how far it reaches below.
        mark: what is drawn.
        parts: boxes inside, each with the position of its origin.
        key: the key of the symbol that it is.
        correction: the italic correction, by which a subscript stands further left than a superscript.
    """

    width: float
    ascent: float = 0.0
    descent: float = 0.0
    mark: Run | Rule | Bow | None = None
    parts: tuple[tuple[float, float, Setting], ...] = ()
    key: str = ""
    correction: float = 0.0

    @property
    def height(self) -> float:
        return self.ascent + self.descent

    def inked(self, x: float, y: float, key: str = "") -> Iterator[Ink]:
        """All that is drawn, with the origin at a point."""
        key = self.key or key
        if self.mark:
            yield Ink(x, y, self.mark, key)
        for dx, dy, part in self.parts:
            yield from part.inked(x + dx, y + dy, key)


Placed = tuple[float, float, Setting]


def formula_width(node: Formula) -> float:
    """The width of a formula in a display, in em."""
    return set_formula(node, Style(DESIGN_SIZE)).width / DESIGN_SIZE


def formula_height(node: Formula) -> float:
    """The height and depth of a formula in a display together, in em."""
    return set_formula(node, Style(DESIGN_SIZE)).height / DESIGN_SIZE


@lru_cache(maxsize=2048)
def set_label(content: Formula | str, size: float, *, optical: bool = True) -> Setting:
    """Typeset a label, a formula or plain text; `optical` as in `Style`."""
    style = Style(size, optical=optical)
    return _words(content, style) if isinstance(content, str) else set_formula(content, style)


def set_formula(node: Formula, style: Style) -> Setting:
    """Typeset a formula."""
    match node:
        case Letter():
            return _letter(node, style)
        case Function(text) | Number(text) | Words(text):
            return _words(text, style)
        case Operator(name):
            pad = 0.0 if style.script else PADDING.get(name, 0.0) * style.size
            sign = _words(OPERATORS[name], style)
            return _overlaid(sign.width + 2 * pad, [(pad, 0.0, sign)]) if pad else sign
        case Space(width):
            return Setting(style.size * (THIN if width == "thin" else WIDE))
        case Row(parts):
            return _row(parts, style)
        case Symbol(body, key):
            setting = set_formula(body, style)
            return replace(setting, key=setting.key or key)
        case Reveal(body):
            return set_formula(body, style)
        case _:
            return _built(node, style)


def _built(node: Formula, style: Style) -> Setting:
    match node:
        case Scripts(base, below, above):
            return _scripts(set_formula(base, style), below, above, style)
        case Fraction(top, bottom):
            return _fraction(set_formula(top, style.inner()), set_formula(bottom, style.inner()), style)
        case Root(body):
            return _root(set_formula(body, style), style)
        case Fenced(body, left, right):
            stretched = is_tall(body) or not (left and right)
            return _fenced(set_formula(body, style), left, right, style, stretched)
        case Total(below, above):
            return _total(below, above, style)
        case Under(body, below):
            small = style.small()
            label, pad = set_formula(below, small), THICK * small.em
            room = Setting(label.width + 2 * pad, label.ascent, label.descent, parts=((pad, 0.0, label),))
            return _with_limits(set_formula(body, style), room, None, style)
        case Cases(rows):
            return _fenced(_table(rows, replace(style, display=False), 0.0, CASES_STRETCH), "{", "", style, True)
        case Grid(rows):
            return _fenced(_table(rows, replace(style, display=False), 0.5, 1.0), "(", ")", style, True)
        case _:
            raise TypeError(f"no formula: {type(node).__name__}")


def _overlaid(width: float, parts: Sequence[Placed]) -> Setting:
    """Boxes at their positions, as one box."""
    return Setting(
        width,
        max((part.ascent - dy for _, dy, part in parts), default=0.0),
        max((part.descent + dy for _, dy, part in parts), default=0.0),
        parts=tuple(parts),
    )


def _beside(settings: Sequence[Setting]) -> Setting:
    """Boxes in a row on one baseline."""
    x, parts = 0.0, []
    for setting in settings:
        parts.append((x, 0.0, setting))
        x += setting.width
    return _overlaid(x, parts)


def _words(text: str, style: Style) -> Setting:
    ascent, descent = extent(text)
    width = style.em * sum(glyph(character)[0] for character in text)
    return Setting(width, style.size * ascent, style.size * descent, Run(text, style.size))


def _letter(node: Letter, style: Style) -> Setting:
    character = letter_character(node)
    plain = letter_character(replace(node, accent=""))
    width, correction = glyph(plain, node.style)
    ascent, descent = extent(plain, node.style)
    return Setting(
        style.em * (width + correction),
        style.size * (ASCENDER if node.accent else ascent),
        style.size * descent,
        Run(character, style.size, node.style == "italic" and plain in ITALIC, node.style == "bold"),
        correction=style.em * correction,
    )


def _row(parts: tuple[Formula, ...], style: Style) -> Setting:
    """Parts beside one another, with the space that TeX puts between them."""
    settings: list[Setting] = []
    before: Formula | None = None
    for at, part in enumerate(parts):
        if isinstance(part, Space):
            if part.width == "wide" or not (isinstance(before, Total) or before == Operator("comma")):
                settings.append(set_formula(part, style))
            continue
        if before is not None and not style.script and _is_apart(before, bare(part)):
            settings.append(Setting(THIN * style.size))
        is_sign = isinstance(part, Operator) and part.name in ("+", "-")
        is_binary = is_operand(before) and at + 1 < len(parts)
        settings.append(set_formula(part, replace(style, script=True) if is_sign and not is_binary else style))
        before = bare(part)
    return _beside(settings)


def _is_apart(before: Formula, part: Formula) -> bool:
    """Whether TeX puts a thin space between two parts: after commas, around dots, functions, sums and high fences."""
    if before == Operator("comma") or Operator("dots") in (before, part):
        return True
    if isinstance(part, Operator) or (isinstance(before, Operator) and before.name in PADDING):
        return False
    if _is_function(part) or (isinstance(before, Fenced) and is_tall(before)):
        return True
    return _is_function(before) and not isinstance(part.base if isinstance(part, Scripts) else part, Fenced)


def _is_function(node: Formula) -> bool:
    return isinstance(node, Total) or (isinstance(node, Function) and node.name in COMMANDS)


def _scripts(base: Setting, below: Formula | None, above: Formula | None, style: Style) -> Setting:
    size, small = style.size, style.small()
    parts: list[Placed] = [(0.0, 0.0, base)]
    end, raised = base.width, max(RAISED * size, base.ascent - RAISED_DROP * small.size)
    lowered = max((LOWERED_BOTH if above else LOWERED) * size, base.descent + LOWERED_DROP * small.size)
    upper = set_formula(above, small) if above is not None else None
    lower = set_formula(below, small) if below is not None else None
    if upper and lower:
        lowered += max(0.0, 4 * RULE * size - (raised - upper.descent) + (lower.ascent - lowered))
        lift = max(0.0, 0.8 * X_HEIGHT * size - (raised - upper.descent))
        raised, lowered = raised + lift, lowered - lift
    if upper:
        parts.append((base.width, -raised, upper))
        end = base.width + upper.width
    if lower:
        parts.append((base.width - base.correction, lowered, lower))
        end = max(end, base.width - base.correction + lower.width)
    return _overlaid(end + SCRIPT_SPACE * size, parts)


def _fraction(top: Setting, bottom: Setting, style: Style) -> Setting:
    size, axis = style.size, AXIS * style.size
    up, down, clear = (size * length for length in (IN_DISPLAY if style.display else IN_TEXT))
    bar, margin = max(top.width, bottom.width), NULL_DELIMITER * size
    raised = max(up, axis + clear + top.descent)
    lowered = max(down, bottom.ascent + clear - axis)
    return _overlaid(
        bar + 2 * margin,
        [
            (margin + (bar - top.width) / 2, -raised, top),
            (margin + (bar - bottom.width) / 2, lowered, bottom),
            (margin, -axis, Setting(bar, mark=Rule(bar))),
        ],
    )


def _root(body: Setting, style: Style) -> Setting:
    """A root sign as high as the body, and a rule over the body."""
    size = style.size
    top = body.ascent + (RULE + X_HEIGHT / 4) * size
    height = top + body.descent
    width = style.em * (0.833 if height <= size else 1.0)
    sign = Setting(width, mark=Run("√", max(size, height)))
    rule = Setting(body.width, RULE * size, mark=Rule(body.width))
    return _overlaid(width + body.width, [(0.0, body.descent, sign), (width, 0.0, body), (width, -top, rule)])


def _fenced(body: Setting, left: str, right: str, style: Style, stretched: bool) -> Setting:
    """A body between fences; those that are stretched are as high as it is, above and below the axis."""
    if not stretched:
        return _beside([_words(left, style), body, _words(right, style)])
    size, axis = style.size, AXIS * style.size
    reach = 2 * max(body.ascent - axis, body.descent + axis)
    needed = max(0.901 * reach, reach - 0.5 * size)
    step = sum(height * size < needed for height in FENCE_HEIGHTS)
    height = max(needed, FENCE_HEIGHTS[min(step, len(FENCE_HEIGHTS) - 1)] * size)
    return _beside([_fence(left, step, height, style), body, _fence(right, step, height, style)])


def _fence(side: str, step: int, height: float, style: Style) -> Setting:
    """One fence, of a step of `FENCE_HEIGHTS` and of a height in points."""
    width, middle = FENCES[side][step] * style.em, -AXIS * style.size
    if not side:
        return Setting(width)
    half = height / 2
    drawn = (0.0, middle + AXIS * height, Setting(0.0, mark=Run(side, height)))
    if side in "()":
        tip, bulge = (0.8, -0.6) if side == "(" else (0.2, 0.6)
        drawn = (tip * width, half + middle, Setting(0.0, mark=Bow(height, bulge * width)))
    return Setting(width, half - middle, half + middle, parts=(drawn,))


def _total(below: Formula, above: Formula | None, style: Style) -> Setting:
    width, height = (measure * style.size for measure in (SUM if style.display else SMALL_SUM))
    axis = AXIS * style.size
    sign = Setting(0.0, mark=Run("∑", height))
    box = Setting(width, height / 2 + axis, height / 2 - axis, parts=((0.0, height / 4 - axis, sign),))
    if not style.display:
        return _scripts(box, below, above, style)
    lower, upper = (set_formula(part, style.small()) if part is not None else None for part in (below, above))
    return _with_limits(box, lower, upper, style)


def _with_limits(base: Setting, below: Setting | None, above: Setting | None, style: Style) -> Setting:
    """A box with others centred below and above it."""
    size = style.size
    width = max(part.width for part in (base, below, above) if part)
    parts: list[Placed] = [((width - base.width) / 2, 0.0, base)]
    margin = Setting(0.0, ascent=LIMIT_MARGIN * size, descent=LIMIT_MARGIN * size)
    if below:
        y = base.descent + max(LIMIT_BELOW[0] * size + below.ascent, LIMIT_BELOW[1] * size)
        parts += [((width - below.width) / 2, y, below), (0.0, y + below.descent, margin)]
    if above:
        y = base.ascent + max(LIMIT_ABOVE[0] * size + above.descent, LIMIT_ABOVE[1] * size)
        parts += [((width - above.width) / 2, -y, above), (0.0, -y - above.ascent, margin)]
    return _overlaid(width, parts)


def _table(rows: Sequence[Sequence[Formula]], style: Style, side: float, stretch: float) -> Setting:
    """Entries in columns, as many lines high as a table is; the fraction `side` of what is free stands left of each."""
    cells = [[set_formula(cell, style) for cell in row] for row in rows]
    widths = [max(cell.width for cell in column) for column in zip(*cells, strict=True)]
    gap, y = COLUMN_GAP * style.size, 0.0
    parts: list[Placed] = []
    ascent, descent = (stretch * reach * style.size for reach in STRUT)
    strut = Setting(0.0, ascent, descent)
    for row in cells:
        y += max(strut.ascent, *(cell.ascent for cell in row))
        x = 0.0
        parts.append((0.0, y, strut))
        for cell, width in zip(row, widths, strict=True):
            parts.append((x + side * (width - cell.width), y, cell))
            x += width + gap
        y += max(strut.descent, *(cell.descent for cell in row))
    middle = y / 2 + AXIS * style.size
    return _overlaid(sum(widths) + gap * (len(widths) - 1), [(x, dy - middle, cell) for x, dy, cell in parts])
