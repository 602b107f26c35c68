"""Formulas as MathML Core, the part of MathML that browsers render themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from string import ascii_lowercase, ascii_uppercase, digits

from symnet.formula.plain import BOLD_DIGITS, greek_character
from symnet.formula.shape import bare, is_operand, is_tall
from symnet.formula.tree import (
    GREEK,
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
from symnet.support import visible

ACCENTS = {"hat": "^", "tilde": "~", "bar": "‾"}
ASCII_LETTERS = ascii_uppercase + ascii_lowercase
LATIN_START = {"bold": 0x1D400, "calligraphic": 0x1D49C, "blackboard": 0x1D538}
"""The code point of the capital A of a style; the small letters follow after 26."""

EXCEPTIONS = {
    "calligraphic": dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True)),
    "blackboard": dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True)),
}
"""Letters of a style with a code point outside its range."""

BOLD_GREEK = {"CAPITAL": (0x1D71C, "Α"), "SMALL": (0x1D736, "α")}
"""The code point of the first bold italic Greek letter."""

BOLD_VARPHI, BOLD_PHI = "𝝋", "𝝓"

IDENTIFIERS = frozenset(("partial", "nabla", "prime", "top", "dots"))
"""Operators without spaces around them."""

TEXT = re.compile(r"[^()\[\]]+|[()\[\]]")


def formula_mathml(node: Formula) -> str:
    """A formula as one MathML element; `inline_mathml` puts it into a line of text.

    A `Symbol` becomes an `mrow` with its key as `data-symbol`.
    """
    return _write(node)


def inline_mathml(node: Formula) -> str:
    """A formula in a line of HTML text."""
    return f"<math>{formula_mathml(node)}</math>"


def relation_mathml(name: str) -> str:
    """The operator between the sides of an equation, at the start of its cell."""
    return _operator(OPERATORS[name], "infix")


def _write(node: Formula) -> str:
    match node:
        case Letter():
            return _letter(node)
        case Function(name):
            return f"<mi>{escape(visible(name))}</mi>"
        case Number(text):
            return f"<mn>{escape(visible(text))}</mn>"
        case Operator(name):
            return f"<mi>{OPERATORS[name]}</mi>" if name in IDENTIFIERS else _operator(OPERATORS[name])
        case Words(text):
            return _row(_words(piece) for piece in TEXT.findall(visible(text)))
        case Row(parts):
            return _parts(parts)
        case Space(width):
            return f'<mspace width="{"0.167em" if width == "thin" else "2em"}"></mspace>'
        case Symbol(body, key):
            return f'<mrow data-symbol="{escape(visible(key))}">{_write(body)}</mrow>'
        case Reveal(body):
            return _write(body)
        case _:
            return _built(node)


def _built(node: Formula) -> str:
    match node:
        case Scripts(base, below, above):
            if above == Operator("prime") and below is None:
                return _row((_write(base), _write(above)))
            inner = bare(base)
            if isinstance(inner, Fenced) and not is_tall(inner.body):
                return _fenced(inner, below, above)
            return _scripts("sub", "sup", _write(base), below, above)
        case Fraction(top, bottom):
            return f"<mfrac>{_write(top)}{_write(bottom)}</mfrac>"
        case Root(body):
            return f"<msqrt>{_write(body)}</msqrt>"
        case Fenced():
            return _fenced(node)
        case Total(below, above):
            return _scripts("under", "over", "<mo>∑</mo>", below, above)
        case Cases(rows):
            return _row((_fence("{", "prefix"), _table(rows, "cases", "left")))
        case Grid(rows):
            return _row((_fence("(", "prefix"), _table(rows, "grid", "center"), _fence(")", "postfix")))
        case Under(body, below):
            return f'<munder>{_write(body)}<mrow class="under">{_write(below)}</mrow></munder>'
        case _:
            raise TypeError(f"no formula: {type(node).__name__}")


def _row(pieces: Iterable[str]) -> str:
    return f"<mrow>{''.join(pieces)}</mrow>"


def _operator(character: str, form: str = "") -> str:
    attribute = f' form="{form}"' if form else ""
    return f"<mo{attribute}>{escape(character)}</mo>"


def _fence(character: str, form: str, tall: bool = True) -> str:
    return (
        f'<mo fence="true" form="{form}" stretchy="{str(tall).lower()}">{escape(character)}</mo>' if character else ""
    )


def _words(text: str) -> str:
    if text in "()[]":
        return f'<mo stretchy="false" lspace="0" rspace="0">{text}</mo>'
    return f"<mtext>{escape(text).replace(' ', chr(0xA0))}</mtext>"


def _scripts(lower: str, upper: str, base: str, below: Formula | None, above: Formula | None) -> str:
    """A base with scripts or limits, in the element for their number."""
    scripts = [(lower, below), (upper, above)]
    given = [(name, part) for name, part in scripts if part is not None]
    element = "m" + "".join(name for name, _ in given)
    return f"<{element}>{base}{''.join(_write(part) for _, part in given)}</{element}>"


def _fenced(node: Fenced, below: Formula | None = None, above: Formula | None = None) -> str:
    """A body between fences; scripts are attached to the closing fence, as in TeX."""
    tall = is_tall(node.body)
    closing = _fence(node.right, "postfix", tall)
    if below is not None or above is not None:
        closing = _scripts("sub", "sup", closing or "<mrow></mrow>", below, above)
    return _row((_fence(node.left, "prefix", tall), _write(node.body), closing))


def _table(rows: tuple[tuple[Formula, ...], ...], name: str, side: str) -> str:
    """A table; Chromium needs its own values for the alignment of cells."""
    style = f"text-align: {side}; text-align: -webkit-{side}"
    cells = ("".join(f'<mtd style="{style}">{_write(entry)}</mtd>' for entry in row) for row in rows)
    return f'<mtable class="{name}">{"".join(f"<mtr>{row}</mtr>" for row in cells)}</mtable>'


def _parts(parts: tuple[Formula, ...]) -> str:
    pieces: list[str] = []
    previous: Formula | None = None
    for part in parts:
        written = _write(part)
        if isinstance(part, Operator) and part.name in "+-":
            written = _operator(OPERATORS[part.name], "infix" if is_operand(previous) else "prefix")
        if isinstance(previous, Function) and not isinstance(part, Space | Operator):
            gap = "" if isinstance(part, Fenced) else '<mspace width="0.167em"></mspace>'
            pieces.append("<mo>\u2061</mo>" + gap)
        if part == Space() and previous == Operator("comma"):
            continue  # a comma takes a space of its own
        pieces.append(written)
        previous = part
    return _row(pieces)


def _letter(node: Letter) -> str:
    glyph = _styled(node)
    is_upright = node.style == "upright" or (node.text in GREEK and node.text[0].isupper())
    upright = ' mathvariant="normal"' if is_upright else ""
    letter = f"<mi{upright}>{glyph}</mi>"
    if not node.accent:
        return letter
    return f'<mover accent="true">{letter}<mo stretchy="false">{ACCENTS[node.accent]}</mo></mover>'


def _styled(node: Letter) -> str:
    """The character of a letter in its style; browsers set single letters in italics themselves."""
    plain = greek_character(node.text)
    if node.style not in LATIN_START:
        return plain
    if plain in ASCII_LETTERS:
        known = EXCEPTIONS.get(node.style, {}).get(plain)
        return known or chr(LATIN_START[node.style] + ASCII_LETTERS.index(plain))
    if node.style == "bold" and plain in digits:
        return BOLD_DIGITS[plain]
    if node.style != "bold" or node.text not in GREEK:
        return plain
    if node.text in ("phi", "varphi"):
        return BOLD_PHI if node.text == "phi" else BOLD_VARPHI
    start, first = BOLD_GREEK["CAPITAL" if node.text[0].isupper() else "SMALL"]
    return chr(start + ord(plain) - ord(first))
