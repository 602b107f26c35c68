"""What the writers of formulas ask of a node's shape."""

from __future__ import annotations

from symnet.notation.formula import (
    Cases,
    Formula,
    Fraction,
    Grid,
    Number,
    Operator,
    Reveal,
    Row,
    Scripts,
    Space,
    Symbol,
    Total,
    Under,
    parts_of,
)

ENDINGS = frozenset(("prime", "top", "dots"))
"""Operators that a sign may follow as the sign of a sum."""


def bare(node: Formula) -> Formula:
    """A node without the marks of symbols and of turns around it."""
    while isinstance(node, Symbol | Reveal):
        node = node.body
    return node


def is_operand(node: Formula | None) -> bool:
    """Whether a sign behind this part is the sign of a sum and not of the part that follows."""
    if node is None:
        return False
    node = bare(node)
    if isinstance(node, Operator):
        return node.name in ENDINGS
    return not isinstance(node, Space | Total)


def is_number(node: Formula) -> bool:
    """Whether a formula is digits, or a power of them, which digits beside it would run into."""
    node = bare(node)
    if isinstance(node, Row):
        return all(is_number(part) or part == Operator("times") for part in node.parts)
    return isinstance(node, Number) or (isinstance(node, Scripts) and isinstance(node.base, Number))


def is_tall(node: Formula) -> bool:
    """Whether a formula is higher than a line, so that fences around it have to grow; what is under it hangs out."""
    if isinstance(node, Under):
        return is_tall(node.body)
    return isinstance(node, Fraction | Total | Cases | Grid) or any(map(is_tall, parts_of(node)))
