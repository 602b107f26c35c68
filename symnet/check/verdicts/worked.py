"""Recognise results in numbers, which depend on inputs that the text chose: z = 0.2 × 3 + 0.1 = 0.7."""

from __future__ import annotations

from symnet.check.latex import tree as t
from symnet.check.truth import Link

GIVEN = ("y", "W", "b")
"""The stems of the arrays that are given, besides the input."""

INPUT = t.Layer("", 0)


def has_numbers_put_in(link: Link) -> bool:
    """Whether the right side is the value of the left side at certain inputs, not one that it always has.

    It is if it contains a decimal, several numbers in a product, or numbers in a sum, a table or a function, or if
    the left side is a given array. A single integer or fraction, as in ∂z/∂b = 1, holds for all inputs.
    """
    if link.without_symbols != (False, True):
        return False
    parts = list(t.walk(link.right))
    literals = [node for node in parts if isinstance(node, t.Literal)]
    is_rounded = link.relation == "approx" or any(literal.is_rounded for literal in literals)
    return bool(literals) and (_is_given(link.left) or is_rounded or any(map(_is_put_in, parts)))


def _is_put_in(node: t.Node) -> bool:
    if isinstance(node, t.Product):
        return sum(isinstance(factor, t.Literal) for _, factor in node.factors) > 1
    return isinstance(node, t.Table | t.Call | t.Activation | t.Sum)


def _is_given(node: t.Node) -> bool:
    if not isinstance(node, t.Reference) or node.cotangent:
        return False
    return node.stem in GIVEN or (node.stem, node.layer) == ("a", INPUT)
