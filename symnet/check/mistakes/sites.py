"""The places inside one side of an equation, each with what is around it and how the side looks if it is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from symnet.check.latex import tree as t
from symnet.support import places

Rebuild = Callable[[t.Node], t.Node]


@dataclass(frozen=True)
class Site:
    """A node inside a side.

    Attributes:
        node: what stands there.
        above: the nodes around it, the outermost first.
        rebuild: the whole side with another node in its place.
    """

    node: t.Node
    above: tuple[t.Node, ...]
    rebuild: Rebuild = field(repr=False)

    @property
    def parent(self) -> t.Node | None:
        return self.above[-1] if self.above else None

    @cached_property
    def bound_letters(self) -> tuple[str, ...]:
        """The letters of indices that the sums around this place bind."""
        sums = [node for node in self.above if isinstance(node, t.Total)]
        return tuple(bound.letter for total in sums for bound in total.bounds)

    @property
    def is_term(self) -> bool:
        """Whether it is a product of its own: the whole side, a term, or what a sum extends over."""
        return not isinstance(self.parent, t.Product | t.Power | t.Transposed | t.Derivative | t.Activation | t.Call)

    @property
    def is_in_derivative(self) -> bool:
        return isinstance(self.parent, t.Derivative)


def sites(side: t.Node) -> Iterator[Site]:
    """All places of a side, a node before what is inside it."""
    yield from _sites(side, (), lambda new: new)


def _sites(node: t.Node, above: tuple[t.Node, ...], rebuild: Rebuild) -> Iterator[Site]:
    yield Site(node, above, rebuild)
    for child, exchanged in places(node):
        if isinstance(child, t.Bound):
            continue  # what a sum runs over is changed with the sum

        def rebuilt(new: t.Node, exchanged: Rebuild = exchanged) -> t.Node:
            return rebuild(exchanged(new))

        yield from _sites(child, (*above, node), rebuilt)
