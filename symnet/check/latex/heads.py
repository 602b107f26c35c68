"""Recognise the special parts of a line: a defined symbol, a derivative dσ/du, an equation number, a condition."""

from __future__ import annotations

from collections.abc import Iterable

from symnet.check.latex import layout as l
from symnet.check.latex import tree as t
from symnet.check.latex.letters import letter_key
from symnet.check.latex.scripts import is_transpose, pieces, plain_letter
from symnet.notation import Notation


def own_symbol(base: l.Letter) -> t.DefinedSymbol:
    return t.DefinedSymbol(*letter_key(base))


def is_equation_number(item: l.Part) -> bool:
    """Whether a part is an equation number, a number in parentheses."""
    is_group = isinstance(item, l.Group) and item.fence == "(" and len(item.items) == 1
    return is_group and isinstance(item, l.Group) and isinstance(item.items[0], l.Number)


def differentiated(side: l.Part) -> l.Part | None:
    """Return v if the part is ∂v or dv, else None."""
    if not isinstance(side, l.Product) or len(side.factors) != 2:
        return None
    (_, _, sign), (operator, minus, body) = side.factors
    is_sign = isinstance(sign, l.Partial) or plain_letter(sign) == "d"
    return body if is_sign and not operator and not minus else None


def shape_of(part: l.Part) -> tuple[l.Part, l.Part] | None:
    """Return the rows and columns if the part is a shape m × n, else None (a product of decimals is none)."""
    if not isinstance(part, l.Product) or [operator for operator, _, _ in part.factors].count("times") != 1:
        return None
    place = next(place for place, (operator, _, _) in enumerate(part.factors) if operator == "times")
    sides = part.factors[:place], (("", *part.factors[place][1:]), *part.factors[place + 1 :])
    rows, columns = (side[0][2] if len(side) == 1 else l.Product(part.span, side) for side in sides)
    is_decimal = any(isinstance(factor, l.Number) and "." in factor.text for _, _, factor in part.factors)
    return None if is_decimal else (rows, columns)


def bare_letter(side: l.Part) -> l.Part | None:
    """Return the letter if the part is a letter with nothing but transposes or primes, else None."""
    if not isinstance(side, l.Scripted):
        return side if isinstance(side, l.Letter) else None
    return side.base if not side.below and all(is_transpose(mark) for mark in pieces(side.above)) else None


def condition_letter(item: l.Chain, notation: Notation) -> str | None:
    """Return the letter of a condition such as l = 1, ..., L; None if the chain is not a condition."""
    known = (notation.layer, notation.own, notation.before, notation.after, notation.example, *notation.spare)
    letter = plain_letter(item.sides[0])
    return letter if letter in known and item.relations == ("=",) else None


def with_their_conditions(lines: Iterable[l.Line], notation: Notation) -> list[l.Line]:
    """Join each line that begins with a condition, such as l = 1, ..., L - 1, to the line before."""
    joined: list[l.Line] = []
    for line in lines:
        first = line.items[0]
        if joined and isinstance(first, l.Chain) and condition_letter(first, notation) is not None:
            before = joined.pop()
            line = l.Line(l.Span(before.span.start, line.span.end), (*before.items, *line.items))
        joined.append(line)
    return joined
