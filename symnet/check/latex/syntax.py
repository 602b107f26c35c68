"""Parse the characters of a displayed formula to its layout, by the grammar in `grammar.lark`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

from symnet.check.latex import layout as l
from symnet.check.latex.failure import NotUnderstood, TooLarge, not_understood
from symnet.check.latex.tokens import MAX_LENGTH, PutInOrder
from symnet.functions import FUNCTIONS
from symnet.support import FUNCTION_SYNONYMS, children, shown

MAX_DEPTH = 120
"""The largest depth of a layout, so that recursive functions stay within Python's recursion limit."""

MAX_DIGITS = 40

ROW_FUNCTIONS = ("softmax", "log_softmax")
OTHER_NAMES = {
    name: FUNCTION_SYNONYMS.get(name.lower(), name.lower())
    for name in ("ln", "arctan", "arsinh", "arcsinh", "max", "min", "sgn", "ReLU")
}
MORE_FUNCTIONS = ("diag", "leaky_relu", "silu", "gelu", "gelu_tanh", "mish", "sine")
KNOWN_FUNCTIONS = frozenset((*FUNCTIONS, *ROW_FUNCTIONS, *OTHER_NAMES, *MORE_FUNCTIONS))

STYLES = {
    **dict.fromkeys(("mathbf", "boldsymbol", "bm"), "bold"),
    **dict.fromkeys(("mathcal", "mathscr"), "calligraphic"),
    "mathbb": "blackboard",
    "mathit": "",
    "mathsf": "",
}
ACCENTS = {"hat": "hat", "widehat": "hat", "tilde": "tilde", "widetilde": "tilde", "bar": "bar", "overline": "bar"}
LETTERS = {"varepsilon": "epsilon", "vartheta": "theta"}
RELATIONS = {
    **dict.fromkeys(("=", ":="), "="),
    r"\equiv": "=",
    r"\approx": "approx",
    r"\leftarrow": "update",
    r"\gets": "update",
    "<": "<",
    r"\lt": "<",
    ">": ">",
    r"\gt": ">",
    r"\ne": "!=",
    r"\neq": "!=",
    **dict.fromkeys((r"\le", r"\leq"), "<="),
    **dict.fromkeys((r"\ge", r"\geq"), ">="),
}
OPERATORS = {
    **dict.fromkeys((r"\odot", r"\circ", r"\ast", "*"), "hadamard"),
    r"\times": "times",
    r"\cdot": "times",
    "/": "divide",
    r"\oslash": "elementwise divide",
}
FENCES = {r"\{": "{", r"\lbrace": "{"}

ATOMS = frozenset(("LETTER", "NUMBER", "OPEN", "FUNCTION", "FRACTION"))
DESCRIPTIONS = {
    "RBRACE": "'}'",
    "LBRACE": "'{'",
    "CLOSE": "a closing fence",
    "RELATION": "a relation such as '='",
    "OPERATOR": "an operator",
    "SIGN": "a sign",
    "COMMA": "a comma",
    "AMP": "'&'",
    "NEWLINE": r"a break '\\'",
    "SUB": "'_'",
    "SUP": "'^'",
    "END_CASES": r"\end{cases}",
    "END_TABLE": r"\end{pmatrix}",
    "ELSE": "'else'",
    "$END": "the end",
}

Children = Sequence[Any]


def _span(children: Children) -> l.Span:
    first, last = children[0], children[-1]
    start = first.start_pos if isinstance(first, Token) else first.span.start
    end = last.end_pos if isinstance(last, Token) else last.span.end
    return l.Span(start or 0, end or 0)


def _parts(children: Children) -> tuple[l.Part, ...]:
    return tuple(child for child in children if isinstance(child, l.Part))


class _Builder(Transformer[Token, Any]):
    """Builds the layout bottom-up: Lark calls the method named after a rule with the rule's children."""

    def start(self, children: Children) -> list[l.Line]:
        return [child for child in children if isinstance(child, l.Line)]

    def line(self, children: Children) -> l.Line:
        return l.Line(_span(children), _parts(children))

    def item(self, children: Children) -> l.Part:
        (only,) = children
        return l.Dots(_span(children)) if isinstance(only, Token) else only

    def chain(self, children: Children) -> l.Part:
        sides = _parts(children)
        relations = tuple(RELATIONS[str(child)] for child in children if isinstance(child, Token))
        return l.Chain(_span(children), sides, relations) if relations else sides[0]

    def expression(self, children: Children) -> l.Part:
        terms: list[tuple[bool, l.Part]] = []
        minus = False
        for child in children:
            if isinstance(child, Token):
                minus = child == "-"
            else:
                terms.append((minus, child))
                minus = False
        return terms[0][1] if len(terms) == 1 and not terms[0][0] else l.Sum(_span(children), tuple(terms))

    def product(self, children: Children) -> l.Part:
        factors: list[tuple[str, bool, l.Part]] = []
        operator, minus = "", False
        for child in children:
            if not isinstance(child, Token):
                factors.append((operator, minus, child))
                operator, minus = "", False
            elif child.type == "SIGN":
                minus = child == "-"
            else:
                operator = OPERATORS[str(child)]
        return factors[0][2] if len(factors) == 1 else l.Product(_span(children), tuple(factors))

    def factor(self, children: Children) -> l.Part:
        base, *scripts = children
        if not scripts:
            return base  # type: ignore[no-any-return]
        below = tuple(part for kind, part in scripts if kind == "below")
        above = tuple(part for kind, part in scripts if kind == "above")
        last = scripts[-1][1]
        return l.Scripted(l.Span(base.span.start, last.span.end), base, below, above)

    def below(self, children: Children) -> tuple[str, l.Part]:
        return "below", children[1]

    def above(self, children: Children) -> tuple[str, l.Part]:
        return "above", children[1]

    def prime(self, children: Children) -> tuple[str, l.Part]:
        span = _span(children)
        return "above", l.Group(span, (l.Mark(span, "prime"),) * len(children[0]), "")

    def letter(self, children: Children) -> l.Letter:
        name = children[0].removeprefix("\\")
        return l.Letter(_span(children), LETTERS.get(name, name))

    def number(self, children: Children) -> l.Number:
        text = children[0].replace("{,}", "")
        if len(text) > MAX_DIGITS:
            raise not_understood(_span(children).start, f"a number of at most {MAX_DIGITS} digits")
        return l.Number(_span(children), text)

    def mark(self, children: Children) -> l.Mark:
        return l.Mark(_span(children), "prime" if children[0] == r"\prime" else "top")

    def partial(self, children: Children) -> l.Partial:
        return l.Partial(_span(children))

    def nabla(self, children: Children) -> l.Nabla:
        return l.Nabla(_span(children))

    def total(self, children: Children) -> l.SumSign:
        return l.SumSign(_span(children))

    def function(self, children: Children) -> l.FunctionName:
        name = children[0].removeprefix("\\")
        return l.FunctionName(_span(children), OTHER_NAMES.get(name, name))

    def styled(self, children: Children) -> l.Part:
        command, body = children[0].removeprefix("\\"), _opened(children[1])
        span = _span(children)
        if isinstance(body, l.Number) and body.text == "1" and STYLES.get(command) in ("bold", "blackboard"):
            return l.Ones(span)
        if not isinstance(body, l.Letter):
            raise not_understood(body.span.start, f"one letter in {children[0]}")
        if command in ACCENTS:
            return l.Letter(span, body.name, body.style, ACCENTS[command])
        return l.Letter(span, body.name, STYLES[command], body.accent)

    def fraction(self, children: Children) -> l.Fraction:
        return l.Fraction(_span(children), _opened(children[1]), _opened(children[2]))

    def root(self, children: Children) -> l.Root:
        return l.Root(_span(children), _opened(children[1]))

    def under(self, children: Children) -> l.Under:
        return l.Under(_span(children), _opened(children[2]), _opened(children[1]))

    def underbrace(self, children: Children) -> l.Under:
        body = _opened(children[1])
        return l.Under(_span(children), body, l.Group(body.span, (), ""))

    def braced(self, children: Children) -> l.Part:
        return _unbraced(_span(children), children[1])

    def braced_operator(self, children: Children) -> l.Part:
        return l.Group(_span(children), tuple(children[2]), "", OPERATORS[str(children[1])])

    def group(self, children: Children) -> l.Part:
        opening = str(children[0])
        if children[0].type == "LBRACE":
            return _unbraced(_span(children), children[1])
        return l.Group(_span(children), tuple(children[1]), FENCES.get(opening, opening))

    def list(self, children: Children) -> tuple[l.Part, ...]:
        return _parts(children)

    def cases(self, children: Children) -> l.Cases:
        return l.Cases(_span(children), tuple(child for child in children if isinstance(child, tuple)))

    def case(self, children: Children) -> tuple[l.Part, l.Part | None]:
        condition = children[2]
        return children[0], None if isinstance(condition, Token) else condition

    def table(self, children: Children) -> l.Table:
        rows = tuple(child for child in children if isinstance(child, tuple))
        for row in rows:
            if len(row) != len(rows[0]):
                raise not_understood(row[0].span.start, f"{len(rows[0])} entries in this row", str(len(row)))
        return l.Table(_span(children), rows)

    def cells(self, children: Children) -> tuple[l.Part, ...]:
        return _parts(children)


def _unbraced(span: l.Span, items: Sequence[l.Part]) -> l.Part:
    """Return a single item in unprinted braces as itself, unless scripts could then apply to a part of it."""
    if len(items) == 1 and isinstance(items[0], l.Letter | l.Number | l.Ones | l.Mark):
        return items[0]
    return l.Group(span, tuple(items), "")


def _opened(part: l.Part) -> l.Part:
    """Return the item in the braces of an argument if it is a single one, else the part itself."""
    if isinstance(part, l.Group) and not part.fence and not part.operator and len(part.items) == 1:
        return part.items[0]
    return part


@cache
def _parser() -> Lark:
    grammar = files("symnet.check.latex").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(
        grammar,
        parser="lalr",
        lexer="basic",
        postlex=PutInOrder(KNOWN_FUNCTIONS),
        transformer=_Builder(),
        keep_all_tokens=True,
        maybe_placeholders=False,
    )


def read_layout(text: str) -> list[l.Line]:
    r"""Parse the lines of a displayed formula.

    Args:
        text: LaTeX, with or without `\[ \]`, dollars or an environment around it; at most 20,000 characters.

    Raises:
        NotUnderstood: the text cannot be read; the error says at which character, and what was expected.
        TooLarge: the text is too long.
    """
    if len(text) > MAX_LENGTH:
        raise TooLarge(f"a formula of {len(text):,} characters; at most {MAX_LENGTH:,} are read")
    try:
        lines: Any = _parser().parse(text)
    except UnexpectedCharacters as error:
        raise _unknown_character(text, error.pos_in_stream or 0) from None
    except UnexpectedToken as error:
        raise _unexpected(text, error) from None
    except UnexpectedEOF:
        raise not_understood(len(text), "an equation", "the end") from None
    for line in lines:
        _check_depth(line)
    return list(lines)


def _unknown_character(text: str, offset: int) -> NotUnderstood:
    end = offset + 1
    if text[offset] == "\\":
        while end < len(text) and text[end].isascii() and text[end].isalpha():
            end += 1
    what = "the unknown command" if text[offset] == "\\" else "the character"
    return not_understood(offset, "mathematics of a derivation", f"{what} {shown(text[offset:end])}")


def _unexpected(text: str, error: UnexpectedToken) -> NotUnderstood:
    token = error.token
    at_end = token.type == "$END"
    expected = set(error.accepts or error.expected)
    if at_end and not error.interactive_parser.parser_state.value_stack:
        return not_understood(0, "an equation", "none")
    known = [DESCRIPTIONS[name] for name in sorted(expected) if name in DESCRIPTIONS]
    if expected >= ATOMS:
        known = ["a symbol, a number or a fence"]
    found = "the end" if at_end else shown(token)
    offset = len(text.rstrip()) if at_end else (token.start_pos or 0)
    return not_understood(offset, " or ".join(known) or "something else", found)


def _check_depth(line: l.Line) -> None:
    level: list[l.Part] = [line]
    for _ in range(MAX_DEPTH):
        level = [inner for part in level for inner in children(part)]
        if not level:
            return
    raise not_understood(level[0].span.start, f"at most {MAX_DEPTH} parts inside one another")
