"""Tests on layout trees that the writers of formulas share."""

from __future__ import annotations

from symnet.formula.tree import (
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
"""Operators after which a sign is binary."""


def bare(node: Formula) -> Formula:
    """A node without enclosing `Symbol` and `Reveal` marks."""
    while isinstance(node, Symbol | Reveal):
        node = node.body
    return node


def is_operand(node: Formula | None) -> bool:
    """Whether a sign after this part is binary, not the sign of the next part."""
    if node is None:
        return False
    node = bare(node)
    if isinstance(node, Operator):
        return node.name in ENDINGS
    return not isinstance(node, Space | Total)


def is_number(node: Formula) -> bool:
    """Whether a formula is digits, or a power of digits, and so needs a sign between it and other digits."""
    node = bare(node)
    if isinstance(node, Row):
        return all(is_number(part) or part == Operator("times") for part in node.parts)
    return isinstance(node, Number) or (isinstance(node, Scripts) and isinstance(node.base, Number))


def is_tall(node: Formula) -> bool:
    """Whether a formula is taller than a line, so that fences around it must stretch; parts below it do not count."""
    if isinstance(node, Under):
        return is_tall(node.body)
    return isinstance(node, Fraction | Total | Cases | Grid) or any(map(is_tall, parts_of(node)))
