"""Trees: what is inside a node, everything below it, and the tree with other nodes in it.

A node is a frozen dataclass whose fields hold other nodes, alone or in tuples; whatever else they hold is left alone.
Formulas on a page, what is read of LaTeX, a user's formula and programs over whole arrays are such trees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any


class Tree:
    """The base of all nodes of trees."""

    __slots__ = ()


Node = Any
"""A node of one kind of tree; who walks trees of a kind says which it is."""


def children(node: Node) -> Iterator[Node]:
    """The nodes directly inside a node, in the order of its fields."""
    for name in node.__dataclass_fields__:
        value = getattr(node, name)
        if isinstance(value, Tree):
            yield value
        elif isinstance(value, tuple):
            yield from _among(value)


def _among(values: tuple[Any, ...]) -> Iterator[Node]:
    for value in values:
        if isinstance(value, Tree):
            yield value
        elif isinstance(value, tuple):
            yield from _among(value)


def walk(node: Node) -> Iterator[Node]:
    """A node and all that is inside it, each before what is inside it, and what stands last in it first."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(children(current))


def rewrite(node: Node, change: Callable[[Node], Node]) -> Node:
    """Apply `change` bottom-up."""

    def inner(value: Any) -> Any:
        if isinstance(value, Tree):
            return rewrite(value, change)
        return tuple(inner(entry) for entry in value) if isinstance(value, tuple) else value

    return change(replace(node, **{name: inner(getattr(node, name)) for name in node.__dataclass_fields__}))


def places(node: Node) -> Iterator[tuple[Node, Callable[[Node], Node]]]:
    """The nodes directly inside a node, each with a function that gives the node with another in its place."""
    for name in node.__dataclass_fields__:
        for child, within in _exchanges(getattr(node, name)):

            def exchanged(new: Node, name: str = name, within: Callable[[Node], Any] = within) -> Node:
                return replace(node, **{name: within(new)})

            yield child, exchanged


def _exchanges(value: Any) -> Iterator[tuple[Node, Callable[[Node], Any]]]:
    """The nodes in a field, each with what the field is when it is exchanged."""
    if isinstance(value, Tree):
        yield value, lambda new: new
    elif isinstance(value, tuple):
        for place, entry in enumerate(value):
            for child, within in _exchanges(entry):

                def exchanged(new: Node, place: int = place, within: Callable[[Node], Any] = within) -> Any:
                    return (*value[:place], within(new), *value[place + 1 :])

                yield child, exchanged
