"""What an equation begins with or ends in: a symbol that it defines, the derivative of a function, its number."""

from __future__ import annotations

from symnet.reading import layout as l
from symnet.reading import tree as t
from symnet.reading.letters import letter_key
from symnet.reading.scripts import is_transpose, pieces, plain_letter


def own_symbol(base: l.Letter) -> t.DefinedSymbol:
    return t.DefinedSymbol(*letter_key(base))


def is_equation_number(item: l.Part) -> bool:
    """Whether it is a number in parentheses, behind an equation."""
    is_group = isinstance(item, l.Group) and item.fence == "(" and len(item.items) == 1
    return is_group and isinstance(item, l.Group) and isinstance(item.items[0], l.Number)


def differentiated(side: l.Part) -> l.Part | None:
    """What alone stands behind a ∂ or a d."""
    if not isinstance(side, l.Product) or len(side.factors) != 2:
        return None
    (_, _, sign), (operator, minus, body) = side.factors
    is_sign = isinstance(sign, l.Partial) or plain_letter(sign) == "d"
    return body if is_sign and not operator and not minus else None


def shape_of(part: l.Part) -> tuple[l.Part, l.Part] | None:
    """The rows and columns in m × n; None for anything else, such as a product of decimals."""
    if not isinstance(part, l.Product) or [operator for operator, _, _ in part.factors].count("times") != 1:
        return None
    place = next(place for place, (operator, _, _) in enumerate(part.factors) if operator == "times")
    sides = part.factors[:place], (("", *part.factors[place][1:]), *part.factors[place + 1 :])
    rows, columns = (side[0][2] if len(side) == 1 else l.Product(part.span, side) for side in sides)
    is_decimal = any(isinstance(factor, l.Number) and "." in factor.text for _, _, factor in part.factors)
    return None if is_decimal else (rows, columns)


def bare_letter(side: l.Part) -> l.Part | None:
    """A letter with nothing but primes behind it; None for anything else."""
    if not isinstance(side, l.Scripted):
        return side if isinstance(side, l.Letter) else None
    return side.base if not side.below and all(is_transpose(mark) for mark in pieces(side.above)) else None
