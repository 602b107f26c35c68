"""Mistakes of matrices: transposes, the kind of product, the order of factors, arrays left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symnet.check.latex import tree as t
from symnet.check.mistakes.proposals import MISSING, Proposal, instead
from symnet.check.mistakes.scope import NOWHERE, Scope
from symnet.check.mistakes.sites import Site

PLAIN = ("C", "E", "R", "beta")


def is_array(node: t.Node) -> bool:
    """Whether it speaks of whole arrays."""
    return any(
        isinstance(inner, t.Reference) and inner.indices is None and inner.stem not in PLAIN for inner in t.walk(node)
    )


def transpose_added(site: Site, scope: Scope) -> Iterator[Proposal]:
    """A transpose that is missing."""
    node = site.node
    is_alone = isinstance(node, t.Reference | t.Derivative | t.Sum | t.Product | t.Ones)
    is_turned = isinstance(site.parent, t.Transposed | t.Derivative)
    if is_alone and not is_turned and (is_array(node) or isinstance(node, t.Ones)):
        yield instead(node, t.Transposed(node.span, node), "a transpose is missing")


def transpose_removed(site: Site, scope: Scope) -> Iterator[Proposal]:
    """A transpose that does not belong there."""
    node = site.node
    if isinstance(node, t.Transposed):
        yield instead(node, node.body, "without the transpose")


def other_product(site: Site, scope: Scope) -> Iterator[Proposal]:
    """The product entry by entry for that of matrices, or the other way round."""
    node = site.node
    if not isinstance(node, t.Product) or not is_array(node):
        return
    for place, (operator, factor) in enumerate(node.factors):
        if place and operator in ("hadamard", "", "times"):
            other = "" if operator == "hadamard" else "hadamard"
            words = "the product entry by entry" if other else "the product of matrices"
            factors = (*node.factors[:place], (other, factor), *node.factors[place + 1 :])
            before = ("", node.factors[place - 1][1])
            old, new = (t.Product(node.span, (before, (each, factor))) for each in (operator, other))
            yield Proposal(replace(node, factors=factors), old, new, reason=words)


def factors_swapped(site: Site, scope: Scope) -> Iterator[Proposal]:
    """Two matrices in the other order."""
    node = site.node
    if not isinstance(node, t.Product) or not is_array(node):
        return
    for place in range(len(node.factors) - 1):
        (first, one), (second, two) = node.factors[place : place + 2]
        if second in ("", "times"):
            factors = (*node.factors[:place], (first, two), (second, one), *node.factors[place + 2 :])
            yield instead(node, replace(node, factors=factors), "the order of the matrices")


def array_added(site: Site, scope: Scope) -> Iterator[Proposal]:
    """An array that has been left out of a product, with its transpose or entry by entry."""
    if not site.is_term or not scope.has_matrices or not is_array(site.node):
        return
    for array in _arrays(scope):
        for factor in (array, t.Transposed(NOWHERE, array)):
            words = f"the factor {MISSING}"
            yield Proposal(t.Product(site.node.span, (("", factor), ("", site.node))), None, factor, words)
            yield Proposal(_multiplied(site.node, "", factor), None, factor, words)
        yield Proposal(_multiplied(site.node, "hadamard", array), None, array, f"the factor {MISSING}")


def _multiplied(node: t.Node, operator: str, factor: t.Node) -> t.Node:
    if isinstance(node, t.Product):
        return replace(node, factors=(*node.factors, (operator, factor)))
    return t.Product(node.span, (("", node), (operator, factor)))


def _arrays(scope: Scope) -> Iterator[t.Node]:
    for whole in scope.wholes("z"):
        yield t.Activation(NOWHERE, None, 1, whole)
        yield t.Activation(NOWHERE, whole.layer, 1, whole)
        if scope.notation.error:
            yield replace(whole, cotangent=True)
        yield t.Derivative(NOWHERE, t.Reference(NOWHERE, "C", None, ()), whole)
    yield from scope.wholes("W")
    yield from scope.wholes("a")
    yield t.Ones(NOWHERE)
