"""Trees of dataclasses: the children of a node, walking a tree, and rewriting it.

A node is a frozen dataclass whose fields hold other nodes, alone or in tuples; other values in fields are ignored.
Formulas on a page, parsed LaTeX, a user's formula and programs over whole arrays are such trees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any


class Tree:
    """The base of all nodes of trees."""

    __slots__ = ()


Node = Any
"""A node of any kind of tree; modules of one kind annotate these functions with their own type."""


def children(node: Node) -> Iterator[Node]:
    """Yield the children of a node, in the order of its fields."""
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
    """Yield a node and all nodes below it, each before its children, and the last child first."""
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
    """Yield each child of a node, with a function that returns the node with another child in its place."""
    for name in node.__dataclass_fields__:
        for child, within in _exchanges(getattr(node, name)):

            def exchanged(new: Node, name: str = name, within: Callable[[Node], Any] = within) -> Node:
                return replace(node, **{name: within(new)})

            yield child, exchanged


def _exchanges(value: Any) -> Iterator[tuple[Node, Callable[[Node], Any]]]:
    """Yield each node in a field, with a function that returns the field with another node in its place."""
    if isinstance(value, Tree):
        yield value, lambda new: new
    elif isinstance(value, tuple):
        for place, entry in enumerate(value):
            for child, within in _exchanges(entry):

                def exchanged(new: Node, place: int = place, within: Callable[[Node], Any] = within) -> Any:
                    return (*value[:place], within(new), *value[place + 1 :])

                yield child, exchanged
