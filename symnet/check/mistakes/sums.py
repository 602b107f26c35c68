"""Mistakes in sums: the letter, the range, a sum too many or too few, and terms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symnet.check.latex import tree as t
from symnet.check.mistakes.proposals import EXTRA, MISSING, Proposal, instead
from symnet.check.mistakes.scope import NOWHERE, Scope, is_per_example
from symnet.check.mistakes.sites import Site
from symnet.check.truth import free_letters

MAX_BEYOND = 2
"""How many units beyond those that a term speaks of are tried in its place."""


def other_letter(site: Site, scope: Scope) -> Iterator[Proposal]:
    """A sum over another letter of those that stand in it."""
    node = site.node
    if not isinstance(node, t.Total):
        return
    inside = dict.fromkeys(free_letters(node.body))
    for place, bound in enumerate(node.bounds):
        for letter in inside:
            if letter not in {each.letter for each in node.bounds}:
                for new in (replace(bound, letter=letter), t.Bound(NOWHERE, letter)):
                    bounds = (*node.bounds[:place], new, *node.bounds[place + 1 :])
                    yield instead(node, replace(node, bounds=bounds), f"summed over {letter}, not {bound.letter}")


def sum_added(site: Site, scope: Scope) -> Iterator[Proposal]:
    """A sum over an index that only this side has."""
    if not site.is_term or isinstance(site.parent, t.Total):
        return
    inside = dict.fromkeys(free_letters(site.node))
    for letter in scope.surplus:
        if letter in inside:
            total = t.Total(NOWHERE, (t.Bound(NOWHERE, letter),), site.node)
            yield Proposal(total, site.node, total, reason=f"the sum over {letter} is missing")


def sum_removed(site: Site, scope: Scope) -> Iterator[Proposal]:
    """A sum that does not belong there."""
    node = site.node
    if isinstance(node, t.Total):
        for place, bound in enumerate(node.bounds):
            rest = (*node.bounds[:place], *node.bounds[place + 1 :])
            body = replace(node, bounds=rest) if rest else node.body
            yield instead(node, body, f"without the sum over {bound.letter}")
            for index in scope.visible(site.bound_letters):
                if index.letter != bound.letter:
                    yield instead(node, _at(body, bound.letter, index), f"without the sum over {bound.letter}")


def _at(body: t.Node, letter: str, index: t.Index) -> t.Node:
    """A formula with an index put for a letter."""

    def put(node: t.Node) -> t.Node:
        if not isinstance(node, t.Reference) or not node.indices:
            return node
        changed = (
            replace(index, offset=index.offset + each.offset) if each.letter == letter else each
            for each in node.indices
        )
        return replace(node, indices=tuple(changed))

    return t.rewrite(body, put)


def other_range(site: Site, scope: Scope) -> Iterator[Proposal]:
    """A sum from or to somewhere else; without a range it extends over all units."""
    node = site.node
    if not isinstance(node, t.Total):
        return
    for place, bound in enumerate(node.bounds):
        for new in _other_bounds(bound, scope):
            bounds = (*node.bounds[:place], new, *node.bounds[place + 1 :])
            yield instead(node, replace(node, bounds=bounds), f"the range of {bound.letter}")


def _other_bounds(bound: t.Bound, scope: Scope) -> Iterator[t.Bound]:
    if bound.excluded is not None:
        yield replace(bound, excluded=None)
        return
    yield from (replace(bound, lower=other) for other in _other_ends(bound.lower, scope))
    yield from (replace(bound, upper=other) for other in _other_ends(bound.upper, scope))
    if bound.lower is not None or bound.upper is not None:
        yield replace(bound, lower=None, upper=None)


def _other_ends(end: t.Node | t.Layer | None, scope: Scope) -> Iterator[t.Node | t.Layer]:
    if isinstance(end, t.Literal) and end.text.isdigit():
        number = int(end.text)
        yield from (t.Literal(NOWHERE, str(number + step)) for step in (-1, 1) if number + step >= 0)
    elif isinstance(end, t.Size):
        yield from (replace(end, layer=layer) for layer in scope.layers if layer != end.layer)
    elif isinstance(end, t.Layer):
        yield from (replace(end, offset=end.offset + step) for step in (-1, 1))
    elif isinstance(end, t.Sum):
        yield end.terms[0][1]


def term_removed(site: Site, scope: Scope) -> Iterator[Proposal]:
    """A term that does not belong there."""
    node = site.node
    if isinstance(node, t.Sum) and len(node.terms) > 1:
        for place, (_, term) in enumerate(node.terms):
            rest = (*node.terms[:place], *node.terms[place + 1 :])
            kept = rest[0][1] if len(rest) == 1 and not rest[0][0] else replace(node, terms=rest)
            yield Proposal(kept, term, None, f"the term {EXTRA}")


def term_added(site: Site, scope: Scope) -> Iterator[Proposal]:
    """A bias, or another symbol of a layer, that has been left out."""
    if site.above and not isinstance(site.parent, t.Activation):
        return
    found = list(scope.wholes("b")) if scope.has_matrices else list(scope.entries("b", site.bound_letters))
    for term in found:
        yield _plus(site.node, term)


def term_repeated(site: Site, scope: Scope) -> Iterator[Proposal]:
    """A sum written out that lacks the term of one unit."""
    node = site.node
    is_term = isinstance(site.parent, t.Sum)
    if not (isinstance(node, t.Product | t.Sum) or site.is_term) or scope.has_matrices or is_term:
        return
    terms = [term for _, term in node.terms] if isinstance(node, t.Sum) else [node]
    for term in terms:
        for layer, old in dict.fromkeys(_numbered_axes(term, scope)):
            for place in range(old.offset + MAX_BEYOND + 1):
                if place != old.offset:
                    yield _plus(node, _with_number(term, layer, old, t.Index("", place), scope))


def _axes(node: t.Reference, scope: Scope) -> Iterator[tuple[t.Layer | None, t.Index]]:
    """The indices of a symbol, each with the layer whose units it numbers; None for examples."""
    indices = node.indices or ()
    layer = node.layer if node.layer is not None else t.Layer(scope.notation.last_layer)
    for place, index in enumerate(indices):
        if node.stem == "W":
            yield replace(layer, offset=layer.offset - 1 + place), index
        else:
            yield (None if scope.is_batch and is_per_example(node) and place == 0 else layer), index


def _numbered_axes(term: t.Node, scope: Scope) -> Iterator[tuple[t.Layer, t.Index]]:
    for inner in t.walk(term):
        for layer, index in _axes(inner, scope) if isinstance(inner, t.Reference) else ():
            if layer is not None and not index.letter:
                yield layer, index


def _with_number(term: t.Node, layer: t.Layer, old: t.Index, new: t.Index, scope: Scope) -> t.Node:
    """A term with another unit of a layer."""

    def put(node: t.Node) -> t.Node:
        if not isinstance(node, t.Reference) or not node.indices:
            return node
        axes = _axes(node, scope)
        return replace(node, indices=tuple(new if axis == (layer, old) else axis[1] for axis in axes))

    return t.rewrite(term, put)


def _plus(node: t.Node, term: t.Node) -> Proposal:
    terms = node.terms if isinstance(node, t.Sum) else ((False, node),)
    return Proposal(t.Sum(node.span, (*terms, (False, term))), None, term, f"the term {MISSING}")
