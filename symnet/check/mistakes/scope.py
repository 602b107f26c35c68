"""What an equation speaks of: the layers, the indices and the kinds of symbols from which a correction may be made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from symnet.check.latex import Span
from symnet.check.latex import tree as t
from symnet.check.truth import Link, free_letters
from symnet.notation import Notation

NOWHERE = Span(0, 0)


@dataclass(frozen=True)
class Scope:
    """What stands in a link.

    Attributes:
        link: the equation.
        side: the side that is to be corrected.
        other: the side that it is held to.
        notation: its notation.
        depth: the number of the last layer.
    """

    link: Link
    side: t.Node
    other: t.Node
    notation: Notation
    depth: int

    @cached_property
    def nodes(self) -> tuple[t.Node, ...]:
        return tuple(node for side in (self.side, self.other) for node in t.walk(side))

    @cached_property
    def references(self) -> tuple[t.Reference, ...]:
        return tuple(node for node in self.nodes if isinstance(node, t.Reference))

    @cached_property
    def layers(self) -> tuple[t.Layer, ...]:
        """The layers that are spoken of, and those next to them."""
        named = [node.layer for node in self.references if node.layer is not None]
        named += [node.layer for node in self.nodes if isinstance(node, t.Activation) and node.layer is not None]
        found = dict.fromkeys(named)
        for layer in list(found):
            for step in (-1, 1):
                found.setdefault(replace(layer, offset=layer.offset + step))
        return tuple(layer for layer in found if layer.letter or 0 <= layer.offset <= self.depth)

    @cached_property
    def indices(self) -> tuple[t.Index, ...]:
        """The indices of units and examples, in the order in which they stand."""
        symbols = [node for node in self.nodes if isinstance(node, t.Reference | t.Defined)]
        found = [index for node in symbols for index in node.indices or ()]
        found += [t.Index(letter) for letter in self.bound]
        return tuple(dict.fromkeys(found))

    @cached_property
    def bound(self) -> tuple[str, ...]:
        """The letters of units and examples that sums bind."""
        totals = [node for node in self.nodes if isinstance(node, t.Total)]
        letters = [bound.letter for total in totals for bound in total.bounds]
        return tuple(dict.fromkeys(letter for letter in letters if letter != self.notation.layer))

    def visible(self, bound: tuple[str, ...]) -> tuple[t.Index, ...]:
        """The indices that mean something at a place inside the sums over these letters."""
        free = {letter for side in (self.side, self.other) for letter in free_letters(side)}
        return tuple(index for index in self.indices if not index.letter or index.letter in free | set(bound))

    @cached_property
    def surplus(self) -> tuple[str, ...]:
        """The free letters that the other side does not have."""
        others = set(free_letters(self.other))
        return tuple(dict.fromkeys(letter for letter in free_letters(self.side) if letter not in others))

    @cached_property
    def has_matrices(self) -> bool:
        """Whether whole arrays of more than one entry are spoken of."""
        plain = ("C", "E", "R", "beta")
        return any(node.indices is None and node.stem not in plain for node in self.references)

    @property
    def is_batch(self) -> bool:
        return self.notation.batch != "single"

    @cached_property
    def example(self) -> tuple[t.Index, ...]:
        """The index of the example with which per-example symbols stand here; several if there are several."""
        if not self.is_batch:
            return ()
        found = [node.indices[0] for node in self.references if node.indices and is_per_example(node)]
        return tuple(dict.fromkeys(found)) or (t.Index(self.notation.example),)

    def entries(self, stem: str, bound: tuple[str, ...]) -> Iterator[t.Reference]:
        """The entries of arrays of a kind that can be written with what is spoken of."""
        visible = self.visible(bound)
        units = tuple(index for index in visible if index not in self.example) or (t.Index("", 0),)
        for layer in self.layers:
            if stem == "W":
                pairs = [(one, two) for one in units for two in units]
                yield from (t.Reference(NOWHERE, "W", layer, pair) for pair in pairs)
                continue
            for unit in units:
                if stem == "b":
                    yield t.Reference(NOWHERE, stem, layer, (unit,))
                    continue
                examples = [each for each in self.example if each in visible or not each.letter]
                for indices in [(each, unit) for each in examples] if self.is_batch else [(unit,)]:
                    yield t.Reference(NOWHERE, stem, layer, indices)

    def wholes(self, stem: str) -> Iterator[t.Reference]:
        """The same for whole arrays."""
        return (t.Reference(NOWHERE, stem, layer, None) for layer in self.layers)


def is_per_example(node: t.Reference) -> bool:
    """Whether there is one of it for each example of a batch."""
    return node.stem in ("z", "a", "y", "r", "p")
