"""The places inside one side of an equation, each with what is around it and how the side looks if it is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from symnet.reading import tree as t

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
    for name in node.__dataclass_fields__:
        if name == "bounds":
            continue  # what a sum runs over is changed with the sum
        value = getattr(node, name)
        for child, within in _inside(value):

            def rebuilt(new: t.Node, name: str = name, within: Callable[[t.Node], Any] = within) -> t.Node:
                changed: t.Node = replace(node, **{name: within(new)})
                return rebuild(changed)

            yield from _sites(child, (*above, node), rebuilt)


def _inside(value: object) -> Iterator[tuple[t.Node, Callable[[t.Node], Any]]]:
    """The nodes in the field of a node, each with what the field is when it is exchanged."""
    if isinstance(value, t.Node):
        yield value, lambda new: new
    elif isinstance(value, tuple):
        for place, entry in enumerate(value):
            for child, within in _inside(entry):

                def exchanged(
                    new: t.Node, place: int = place, within: Callable[[t.Node], object] = within
                ) -> tuple[object, ...]:
                    return (*value[:place], within(new), *value[place + 1 :])

                yield child, exchanged
