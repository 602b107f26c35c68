"""Mistakes in a product: signs, numbers such as 2 and N, powers, and factors too many or too few."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symnet.check.latex import tree as t
from symnet.check.mistakes.proposals import EXTRA, MISSING, Proposal, instead
from symnet.check.mistakes.scope import NOWHERE, Scope
from symnet.check.mistakes.sites import Site

ONE, TWO = t.Literal(NOWHERE, "1"), t.Literal(NOWHERE, "2")
N = t.Constant(NOWHERE, "examples")

Factors = tuple[tuple[str, t.Node], ...]


def over(above: t.Node, below: t.Node) -> t.Product:
    return t.Product(NOWHERE, (("", above), ("divide", below)))


HALF = over(ONE, TWO)
NUMBERS = (TWO, HALF, over(ONE, N), N, over(TWO, N), over(N, TWO), over(ONE, t.Product(NOWHERE, (("", TWO), ("", N)))))
"""The factors that are lost most often: of the square, of its half, of the mean."""


def negative(node: t.Node) -> t.Node:
    return t.Sum(node.span, ((True, node),))


def is_number(node: t.Node) -> bool:
    """Whether it is made of numbers and of N and the rate alone."""
    known = (t.Literal, t.Constant, t.Product, t.Sum, t.Power, t.Size)
    return all(isinstance(inner, known) for inner in t.walk(node))


def product_of(factors: Factors, node: t.Node) -> t.Node:
    """The product of what is left of some factors; 1 where nothing is."""
    if not factors:
        return ONE
    (first, body), *rest = factors
    if first == "divide":
        return t.Product(node.span, (("", ONE), *factors))
    if not rest:
        return body
    return t.Product(node.span, (("", body), *rest))


def sign_turned(site: Site, scope: Scope) -> Iterator[Proposal]:
    """The other sign of a term, of a difference, or of the whole side."""
    node = site.node
    reason = "the sign"
    if isinstance(node, t.Sum):
        signs = {minus for minus, _ in node.terms}
        if len(node.terms) == 1:
            yield instead(node, node.terms[0][1], reason)
            return
        if len(signs) == 2 and len(node.terms) == 2:
            turned = tuple((not minus, term) for minus, term in node.terms)
            ordered = turned if not turned[0][0] else turned[::-1]
            yield instead(node, replace(node, terms=ordered), reason)
        for place, (minus, term) in enumerate(node.terms):
            terms = (*node.terms[:place], (not minus, term), *node.terms[place + 1 :])
            yield instead(node, replace(node, terms=terms), reason)


def side_negated(site: Site, scope: Scope) -> Iterator[Proposal]:
    """A minus before the whole side, before the argument of a function, or in an exponent."""
    node = site.node
    is_exponent = isinstance(site.parent, t.Power) and node is site.parent.exponent
    if (not site.above or is_exponent or isinstance(site.parent, t.Call)) and not isinstance(node, t.Sum):
        yield instead(node, negative(node), "the sign")


def number_removed(site: Site, scope: Scope) -> Iterator[Proposal]:
    """A numerical factor that does not belong there."""
    node = site.node
    if not isinstance(node, t.Product):
        return
    for place, (operator, factor) in enumerate(node.factors):
        if is_number(factor) and not (len(node.factors) == 1 or factor == ONE):
            rest = (*node.factors[:place], *node.factors[place + 1 :])
            shown = over(ONE, factor) if operator == "divide" else factor
            yield Proposal(product_of(rest, node), shown, None, f"the factor {EXTRA}")


def number_changed(site: Site, scope: Scope) -> Iterator[Proposal]:
    """Another number in a product."""
    node = site.node
    if isinstance(site.parent, t.Product) and is_number(node):
        for other in (TWO, HALF, over(ONE, N), N, over(TWO, N), ONE):
            if other != node:
                yield instead(node, other)


def number_added(site: Site, scope: Scope) -> Iterator[Proposal]:
    """A numerical factor before a term."""
    if not site.is_term or is_number(site.node):
        return
    for number in NUMBERS:
        yield Proposal(_with(number, site.node), None, number, f"the factor {MISSING}")


def _with(factor: t.Node, node: t.Node) -> t.Node:
    """A factor before a node."""
    if isinstance(node, t.Sum) and len(node.terms) == 1:
        (minus, term) = node.terms[0]
        return replace(node, terms=((minus, _with(factor, term)),))
    if isinstance(node, t.Product):
        return replace(node, factors=(("", factor), *node.factors))
    return t.Product(node.span, (("", factor), ("", node)))


def power_changed(site: Site, scope: Scope) -> Iterator[Proposal]:
    """A power that is another one, or none; or one that is missing."""
    node = site.node
    if isinstance(node, t.Power):
        for exponent in (ONE, TWO, t.Literal(NOWHERE, "3"), negative(ONE), negative(TWO)):
            if exponent != node.exponent:
                yield instead(node, node.base if exponent == ONE else replace(node, exponent=exponent))
    elif isinstance(node, t.Sum | t.Reference | t.Norm | t.Call) and not isinstance(
        site.parent, t.Power | t.Derivative
    ):
        yield instead(node, t.Power(node.span, node, TWO))


def factor_removed(site: Site, scope: Scope) -> Iterator[Proposal]:
    """A factor that does not belong there."""
    node = site.node
    if not isinstance(node, t.Product):
        return
    for place, (operator, factor) in enumerate(node.factors):
        if is_number(factor):
            continue
        rest = (*node.factors[:place], *node.factors[place + 1 :])
        shown = over(ONE, factor) if operator == "divide" else factor
        yield Proposal(product_of(rest, node), shown, None, f"the factor {EXTRA}")


def factor_added(site: Site, scope: Scope) -> Iterator[Proposal]:
    """A factor of the chain rule that has been left out: σ', a weight, an error, an activation."""
    if not site.is_term or is_number(site.node) or isinstance(site.node, t.Total):
        return
    for factor in _candidates(site, scope):
        yield Proposal(_behind(site.node, factor), None, factor, f"the factor {MISSING}")


def factor_exchanged(site: Site, scope: Scope) -> Iterator[Proposal]:
    """A factor of the chain rule for another one."""
    node = site.node
    if isinstance(site.parent, t.Product) and isinstance(node, t.Reference | t.Activation | t.Derivative):
        for factor in _candidates(site, scope):
            if factor != node:
                yield instead(node, factor)


def _behind(node: t.Node, factor: t.Node) -> t.Node:
    if isinstance(node, t.Sum) and len(node.terms) == 1:
        (minus, term) = node.terms[0]
        return replace(node, terms=((minus, _behind(term, factor)),))
    if isinstance(node, t.Product) and not isinstance(node.factors[-1][1], t.Total):
        return replace(node, factors=(*node.factors, ("", factor)))
    return t.Product(node.span, (("", factor), ("", node)))


def _candidates(site: Site, scope: Scope) -> Iterator[t.Node]:
    bound = site.bound_letters
    for entry in scope.entries("z", bound):
        yield t.Activation(NOWHERE, None, 1, entry)
        yield t.Activation(NOWHERE, entry.layer, 1, entry)
    yield from scope.entries("W", bound)
    if scope.notation.error:
        yield from (replace(entry, cotangent=True) for entry in scope.entries("z", bound))
    for entry in scope.entries("a", bound):
        yield entry
        for value in (entry, t.Power(NOWHERE, entry, TWO)):
            yield t.Sum(NOWHERE, ((False, ONE), (True, value)))
    loss = t.Reference(NOWHERE, "C", None, ())
    for entry in (*scope.entries("z", bound), *scope.entries("a", bound)):
        yield t.Derivative(NOWHERE, loss, entry)
