"""Mistakes in a symbol: its layer, its indices, its letter, and where a slope is taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from symnet.check.latex import tree as t
from symnet.check.mistakes.proposals import Proposal, instead
from symnet.check.mistakes.scope import Scope, is_per_example
from symnet.check.mistakes.sites import Site
from symnet.notation import Notation

STEPS = (-1, 1)
EXCHANGED = ("z", "a", "y", "b")
"""Arrays with one entry for each unit of a layer."""


Symbol = TypeVar("Symbol", bound=t.Reference | t.Defined)


def moved(node: Symbol, step: int) -> Symbol | None:
    """The same symbol some layers on; None where it carries no layer, or there is none."""
    if node.layer is None or (not node.layer.letter and node.layer.offset + step < 0):
        return None
    return replace(node, layer=replace(node.layer, offset=node.layer.offset + step))


def input_of_layer(site: Site, scope: Scope) -> Iterator[Proposal]:
    """The activation of a layer where its input is meant: that of the layer before it."""
    node = site.node
    if isinstance(node, t.Reference) and node.stem == "a" and not node.cotangent and node.layer is not None:
        before = moved(node, -1)
        if before is not None:
            label = _label(node.layer, scope)
            yield instead(node, before, f"the input of layer {label}, not its output")


def _label(layer: t.Layer, scope: Scope) -> str:
    if not layer.letter:
        return str(layer.offset + scope.notation.input_layer)
    letter = layer.letter.removeprefix("bb ")
    return f"{letter}{layer.offset:+d}" if layer.offset else letter


def layer_moved(site: Site, scope: Scope) -> Iterator[Proposal]:
    """One layer on or back."""
    node = site.node
    if isinstance(node, t.Reference | t.Defined):
        for step in (*STEPS, -2, 2):
            other = moved(node, step)
            if other is not None and other.layer is not None:
                yield instead(node, other, f"of layer {_label(other.layer, scope)}")
    elif isinstance(node, t.Derivative):
        for step in STEPS:
            above, below = moved(node.above, step), moved(node.below, step)
            if above is not None and below is not None:
                yield instead(node, replace(node, above=above, below=below))
    elif isinstance(node, t.Size):
        for step in (*STEPS, -2, 2):
            size_layer = replace(node.layer, offset=node.layer.offset + step)
            yield instead(node, replace(node, layer=size_layer))
    elif isinstance(node, t.Activation) and node.layer is not None:
        for step in STEPS:
            layer = replace(node.layer, offset=node.layer.offset + step)
            yield instead(node, replace(node, layer=layer), f"the function of layer {_label(layer, scope)}")
    elif isinstance(node, t.Product | t.Sum | t.Power) and not isinstance(site.parent, t.Activation):
        yield from _moved_together(node)


def _moved_together(node: t.Node) -> Iterator[Proposal]:
    """A symbol that stands several times in a product, moved in all places."""
    found = [inner for inner in t.walk(node) if isinstance(inner, t.Reference) and inner.layer is not None]
    for symbol in dict.fromkeys(found):
        if found.count(symbol) > 1:
            for step in STEPS:
                other = moved(symbol, step)
                if other is not None:
                    yield Proposal(exchanged(node, symbol, other), symbol, other)


def exchanged(node: t.Node, old: t.Node, new: t.Node) -> t.Node:
    """A node with a part of it exchanged wherever it stands."""
    return t.rewrite(node, lambda inner: new if inner == old else inner)


def indices_turned(site: Site, scope: Scope) -> Iterator[Proposal]:
    """The two indices of a weight the other way round."""
    node = site.node
    if isinstance(node, t.Reference):
        for turned, reason in _turned(node, scope.notation):
            yield instead(node, turned, reason)
    if isinstance(node, t.Derivative) and node.above.indices and node.below.indices:
        same = len(node.above.indices) == len(node.below.indices)
        if same and node.above.stem == node.below.stem != "W" and node.above.indices != node.below.indices:
            above = replace(node.above, indices=node.below.indices)
            yield instead(node, replace(node, above=above, below=replace(node.below, indices=node.above.indices)))


def _turned(node: t.Reference, notation: Notation) -> Iterator[tuple[t.Reference, str]]:
    if node.indices is not None and len(node.indices) == 2:
        turned = replace(node, indices=node.indices[::-1])
        if node.stem in ("W", "c") and turned != node:
            to, source = ("second", "first") if notation.weight_order == "from-to" else ("first", "second")
            yield turned, f"the {to} index of a weight is the unit it leads to, the {source} the one it comes from"
        elif turned != node:
            first = "example" if notation.batch == "rows" else "unit"
            yield turned, f"the index of the {first} comes first"
        no_unit = t.Index("", -notation.base)
        if notation.bias_index and node.stem == "W" and no_unit in node.indices:
            (unit,) = (index for index in node.indices if index != no_unit)
            yield replace(node, stem="b", indices=(unit,)), "a bias has the index 0 behind that of its unit"
    yield from _unit_for_layer(node, notation)


def _unit_for_layer(node: t.Reference, notation: Notation) -> Iterator[tuple[t.Reference, str]]:
    """Unit and layer exchanged, where both are numbers of a subscript."""
    numbers = node.indices is not None and node.layer is not None and not node.layer.letter
    if notation.layer_mark == "subscript" and numbers and node.stem in ("z", "a"):
        assert node.indices
        assert node.layer is not None
        unit = node.indices[-1]
        layer = unit.offset + notation.base - notation.input_layer
        other = t.Index("", node.layer.offset + notation.input_layer - notation.base)
        if not unit.letter and other.offset >= 0 and layer > 0 and other != unit:
            indices = (*node.indices[:-1], other)
            yield replace(node, layer=t.Layer("", layer), indices=indices), "the unit comes first, then the layer"


def _one_layer_on(node: t.Reference, notation: Notation) -> Iterator[tuple[t.Reference, str]]:
    for step in STEPS:
        other = moved(node, step)
        if other is not None:
            yield other, ""


THROUGHOUT = (("index order", _turned), ("layer index", _one_layer_on))
"""What is changed wherever a symbol stands in an equation, with the cause."""


def index_exchanged(site: Site, scope: Scope) -> Iterator[Proposal]:
    """One index for another that the equation speaks of."""
    node = site.node
    if isinstance(node, t.Reference | t.Defined) and node.indices:
        for other in _with_other_index(node, site, scope):
            yield instead(node, other)
    elif isinstance(node, t.Product | t.Sum | t.Power):
        yield from _indices_together(site, scope)


def _with_other_index(node: Symbol, site: Site, scope: Scope) -> Iterator[Symbol]:
    """A symbol with one index exchanged; never the same letter twice."""
    visible = scope.visible(site.bound_letters)
    indices: tuple[t.Index, ...] = node.indices or ()
    for place, index in enumerate(indices):
        is_example = scope.is_batch and isinstance(node, t.Reference) and is_per_example(node) and place == 0
        for other in visible:
            is_twice = bool(other.letter) and other in indices
            is_kind = isinstance(node, t.Defined) or (other in scope.example) == is_example
            if other != index and is_kind and not is_twice:
                yield replace(node, indices=(*indices[:place], other, *indices[place + 1 :]))


def _indices_together(site: Site, scope: Scope) -> Iterator[Proposal]:
    """A symbol that stands several times with the same wrong index."""
    found = [inner for inner in t.walk(site.node) if isinstance(inner, t.Reference) and inner.indices]
    for symbol in dict.fromkeys(found):
        if found.count(symbol) > 1:
            for other in _with_other_index(symbol, site, scope):
                yield Proposal(exchanged(site.node, symbol, other), symbol, other)


def slope_elsewhere(site: Site, scope: Scope) -> Iterator[Proposal]:
    """The derivative of an activation function at another value: σ'(z) for σ'(a), or of another layer or unit."""
    node = site.node
    if isinstance(node, t.Activation) and node.order:
        arguments = list(_elsewhere(node.argument, site, scope))
        if isinstance(node.argument, t.Reference) and node.argument.indices:
            arguments += scope.entries("z", site.bound_letters)
        for argument in arguments:
            yield instead(node, replace(node, argument=argument))
    elif isinstance(node, t.Product):
        yield from _slope_by_value(site, scope)
    elif isinstance(node, t.Sum) and not isinstance(site.parent, t.Product):
        symbol = _one_minus(node)
        if symbol is not None:
            for other in _other_symbols(symbol, site, scope):
                yield instead(node, exchanged(node, symbol, other))


def _elsewhere(argument: t.Node, site: Site, scope: Scope) -> Iterator[t.Node]:
    for symbol in dict.fromkeys(inner for inner in t.walk(argument) if isinstance(inner, t.Reference)):
        for other in _other_symbols(symbol, site, scope):
            yield exchanged(argument, symbol, other)


def _other_symbols(symbol: t.Reference, site: Site, scope: Scope) -> Iterator[t.Reference]:
    """z for a and a for z, of the same layer and the neighbouring ones; then other units."""
    if symbol.stem not in ("z", "a") or symbol.cotangent:
        return
    for stem in dict.fromkeys(("z" if symbol.stem == "a" else "a", symbol.stem)):
        for step in (0, *STEPS):
            other = moved(replace(symbol, stem=stem), step)
            if other is not None and other != symbol:
                yield other
    if symbol.indices:
        yield from _with_other_index(symbol, site, scope)


def _one_minus(node: t.Node) -> t.Reference | None:
    """The a in 1 - a or 1 - a²."""
    if not isinstance(node, t.Sum) or len(node.terms) != 2:
        return None
    (first, one), (minus, other) = node.terms
    base = other.base if isinstance(other, t.Power) else other
    is_slope = not first and minus and isinstance(one, t.Literal) and one.text == "1"
    return base if is_slope and isinstance(base, t.Reference) else None


def _slope_by_value(site: Site, scope: Scope) -> Iterator[Proposal]:
    """σ' written as a(1 - a) with another a, in both places or in one."""
    node = site.node
    assert isinstance(node, t.Product)
    factors = [factor for _, factor in node.factors]
    for factor in factors:
        symbol = _one_minus(factor)
        if symbol is None:
            continue
        for other in _other_symbols(symbol, site, scope):
            other_factor = exchanged(factor, symbol, other)
            changed = tuple((op, other_factor if each is factor else each) for op, each in node.factors)
            if symbol in factors:
                together = tuple((op, other if each == symbol else each) for op, each in changed)
                old = t.Product(node.span, (("", symbol), ("", factor)))
                new = t.Product(node.span, (("", other), ("", other_factor)))
                yield Proposal(replace(node, factors=together), old, new)
            yield Proposal(replace(node, factors=changed), factor, other_factor)
            for place, (op, each) in enumerate(node.factors):
                is_slope = isinstance(each, t.Reference) and each.stem in ("a", "z") and not each.cotangent
                if is_slope and each != symbol:
                    new_factors = (*node.factors[:place], (op, symbol), *node.factors[place + 1 :])
                    yield Proposal(replace(node, factors=new_factors), each, symbol)


def order_changed(site: Site, scope: Scope) -> Iterator[Proposal]:
    """A function for its derivative, or the other way round."""
    node = site.node
    if isinstance(node, t.Activation):
        if node.order == 0:
            yield instead(node, replace(node, order=1), "the derivative, not the function")
        else:
            yield instead(node, replace(node, order=node.order - 1), "the function, not its derivative")


def activation_exchanged(site: Site, scope: Scope) -> Iterator[Proposal]:
    """z for a and a for z."""
    node = site.node
    if isinstance(node, t.Reference) and node.stem in ("z", "a") and node.layer != t.Layer("", 0):
        if node.stem == "z":
            yield instead(node, replace(node, stem="a"), "the activation, not the pre-activation")
        else:
            yield instead(node, replace(node, stem="z"), "the pre-activation, not the activation")


def symbol_exchanged(site: Site, scope: Scope) -> Iterator[Proposal]:
    """Another letter with the same indices."""
    node = site.node
    if not isinstance(node, t.Reference) or site.is_in_derivative or node.stem not in EXCHANGED:
        return
    last = t.Layer(scope.notation.last_layer)
    for stem, cotangent in (("z", True), ("a", False), ("z", False), ("b", False), ("y", False)):
        if (stem, cotangent) == (node.stem, node.cotangent) or (cotangent and not scope.notation.error):
            continue
        if scope.is_batch and "b" in (stem, node.stem):
            continue
        layer = None if stem == "y" else node.layer if node.layer is not None else last
        yield instead(node, replace(node, stem=stem, cotangent=cotangent, layer=layer))
