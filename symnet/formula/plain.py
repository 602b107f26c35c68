"""Formulas as one line of characters for a terminal, such as `∂C/∂w₁₁⁽¹⁾ = δ₁⁽²⁾ a₁⁽¹⁾`."""

from __future__ import annotations

import unicodedata
from string import ascii_uppercase, digits

from symnet.formula.shape import bare, is_operand
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
from symnet.support import visible

BELOW = dict(zip("0123456789+−=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
ABOVE = dict(
    zip(
        "0123456789+−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW′⊤",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ′ᵀ",
        strict=True,
    )
)
"""The characters with a Unicode subscript and superscript."""

ACCENTS = {"hat": "\u0302", "tilde": "\u0303", "bar": "\u0304"}
SCRIPT_LETTERS = dict(zip("BEFHILMR", "ℬℰℱℋℐℒℳℛ", strict=True))
BLACKBOARD_LETTERS = {letter: chr(0x1D538 + place) for place, letter in enumerate(ascii_uppercase)} | dict(
    zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True)
)
BOLD_DIGITS = {digit: chr(0x1D7CE + int(digit)) for digit in digits}
TIGHT = frozenset(("partial", "nabla", "prime", "top", "dots"))
"""Operators without spaces around them."""


def formula_text(node: Formula) -> str:
    """A formula on one line; fractions are written with /, scripts small or behind _ and ^."""
    return _Writer().write(node).strip()


def letter_character(node: Letter) -> str:
    """The character of a letter with its accent; a style is shown only if terminals have the character."""
    styles = {"calligraphic": SCRIPT_LETTERS, "blackboard": BLACKBOARD_LETTERS, "bold": BOLD_DIGITS}
    glyph = styles.get(node.style, {}).get(node.text) or greek_character(node.text)
    return unicodedata.normalize("NFC", glyph + ACCENTS.get(node.accent, ""))


def greek_character(name: str) -> str:
    """The character of a Greek letter given by name; other letters are unchanged."""
    if len(name) == 1:
        return name
    if name in ("varphi", "phi"):
        return {"varphi": "φ", "phi": "ϕ"}[name]
    case = "CAPITAL" if name[0].isupper() else "SMALL"
    return unicodedata.lookup(f"GREEK {case} LETTER {name.upper().replace('LAMBDA', 'LAMDA')}")


class _Writer:
    """Writes nodes; scripts whose characters all have small forms are small, others follow _ and ^."""

    def write(self, node: Formula) -> str:
        match node:
            case Letter():
                return letter_character(node)
            case Function(name) | Number(name) | Words(name):
                return visible(name)
            case Operator(name):
                return OPERATORS[name] if name in TIGHT else ", " if name == "comma" else f" {OPERATORS[name]} "
            case Row(parts):
                return self._row(parts)
            case Space(width):
                return " " if width == "thin" else "    "
            case Symbol(body) | Reveal(body):
                return self.write(body)
            case _:
                return self._built(node)

    def _built(self, node: Formula) -> str:
        match node:
            case Scripts(base, below, above):
                closed = _is_atom(base) and not (above is not None and _is_raised(base))
                return (self.write(base) if closed else f"({self.write(base)})") + self._scripts(below, above)
            case Fraction(top, bottom):
                return f"{self._operand(top)}/{self._operand(bottom)}"
            case Root(body):
                return "√" + (self.write(body) if _is_atom(body) else f"({self.write(body).strip()})")
            case Fenced(body, left, right):
                return left + self.write(body).strip() + right
            case Total(below, above):
                return "Σ" + self._scripts(below, above) + " "
            case Cases(rows):
                return "{" + "; ".join(", ".join(self.write(part).strip() for part in row) for row in rows) + "}"
            case Grid(rows):
                return "(" + "; ".join(", ".join(self.write(part).strip() for part in row) for row in rows) + ")"
            case Under(body, below):
                return f"{self.write(body)}{{{self.script(below)}}}"
            case _:
                raise TypeError(f"no formula: {type(node).__name__}")

    def script(self, node: Formula) -> str:
        """A script, in which operators have no spaces."""
        return "".join(character for character in self.write(node) if character != " ")

    def _scripts(self, below: Formula | None, above: Formula | None) -> str:
        scripts = [
            (part, self.script(part), mark, small)
            for part, mark, small in ((below, "_", BELOW), (above, "^", ABOVE))
            if part is not None
        ]
        if all(set(script) <= set(small) for _, script, _, small in scripts):
            return "".join(small[character] for _, script, _, small in scripts for character in script)
        written = ""
        for part, script, mark, _ in scripts:
            closed = script.isalnum() or len(script) == 1 or (script[0], script[-1]) in (("(", ")"), ("[", "]"))
            bare_script = part == Operator("prime")
            written += script if bare_script else mark + (script if closed else f"{{{script}}}")
        return written

    def _operand(self, node: Formula) -> str:
        """A numerator or denominator, in parentheses if needed."""
        parts = node.parts if isinstance(node, Row) else (node,)
        lone = all(_is_atom(part) or (isinstance(part, Operator) and part.name in TIGHT) for part in parts)
        written = self.write(node).strip()
        return written if lone and not isinstance(parts[0], Fraction) else f"({written})"

    def _row(self, parts: tuple[Formula, ...]) -> str:
        text = ""
        previous: Formula | None = None
        for at, part in enumerate(parts):
            written = self.write(part)
            following = parts[at + 1] if at + 1 < len(parts) else None
            if part == Space() and text.endswith(" "):
                continue
            if isinstance(part, Space) and part.width == "thin" and (_is_fraction(previous) or _is_fraction(following)):
                written = " · "
            if _is_fraction(previous) and not isinstance(part, Space | Operator | Words):
                written = f" · {written}"
            if _is_fraction(part) and is_operand(previous) and not isinstance(previous, Fraction | Function):
                written = f" · {written}"
            if isinstance(part, Operator) and part.name in "+-" and not is_operand(previous):
                written = written.strip()
            if isinstance(previous, Function) and not isinstance(part, Fenced | Space | Operator):
                written = " " + written
            text += written.lstrip() if text.endswith(" ") and not isinstance(part, Space) else written
            previous = part
        return text


def _is_atom(node: Formula) -> bool:
    """Whether a formula is an atom, which needs no parentheses."""
    match node:
        case Symbol(body) | Reveal(body) | Under(body):
            return _is_atom(body)
        case Row() | Fraction() | Total() | Operator() | Space():
            return False
        case _:
            return True


def _is_raised(node: Formula) -> bool:
    """Whether a formula ends in a superscript, or in something else that cannot take another one."""
    node = bare(node)
    return isinstance(node, Under) or (isinstance(node, Scripts) and node.above is not None)


def _is_fraction(node: Formula | None) -> bool:
    while isinstance(node, Symbol | Reveal | Under):
        node = node.body
    return isinstance(node, Fraction)
