"""Equations that say what comes out at certain numbers: z = 0.2 × 3 + 0.1 = 0.7."""

from __future__ import annotations

from symnet.check.latex import tree as t
from symnet.check.truth import Link

GIVEN = ("y", "W", "b")
"""The stems of arrays that are given, beside the activations of layer 0, which are the input."""

INPUT = t.Layer("", 0)


def has_numbers_put_in(link: Link) -> bool:
    """Whether the right side is the value that the left one takes at certain numbers, and not one that it always has.

    A number put in is a decimal, one that stands beside others, in a table or in a function, or that of an array
    which is given. A lone whole number or fraction, as in ∂z/∂b = 1, is meant for all.
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
