"""Errors planted in formulas: every place where an index, a transpose, a sign or a layer can be got wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace

from symnet.formats.blocks import Display, Line
from symnet.formula.tree import Formula, Letter, Number, Operator, Row, Scripts, Symbol

Planter = Callable[[Formula], Iterator[Formula]]


def everywhere(node: Formula, plant: Planter) -> Iterator[Formula]:
    """The formula with an error planted in one place, for every place."""
    yield from plant(node)
    for entry in fields(node):
        value = getattr(node, entry.name)
        if isinstance(value, tuple):
            for place, part in enumerate(value):
                if not isinstance(part, tuple | str):
                    for changed in everywhere(part, plant):
                        yield replace(node, **{entry.name: (*value[:place], changed, *value[place + 1 :])})
        elif not isinstance(value, str | int | None):
            for changed in everywhere(value, plant):
                yield replace(node, **{entry.name: changed})


def wrong_index(node: Formula) -> Iterator[Formula]:
    """The two indices of a symbol in the wrong order."""
    if isinstance(node, Scripts) and isinstance(node.below, Row):
        places = [place for place, part in enumerate(node.below.parts) if isinstance(part, Letter | Number)]
        if len(places) >= 2:
            parts = list(node.below.parts)
            first, second = places[:2]
            if parts[first] != parts[second]:
                parts[first], parts[second] = parts[second], parts[first]
                yield replace(node, below=Row(tuple(parts)))


def missing_transpose(node: Formula) -> Iterator[Formula]:
    """A transpose left out."""
    if isinstance(node, Scripts) and node.below is None and node.above in (Operator("top"), Letter("T", "upright")):
        yield node.base


def wrong_sign(node: Formula) -> Iterator[Formula]:
    """A plus for a minus, or the other way round, between terms or before one; not inside scripts."""
    swapped = {"+": "-", "-": "+"}
    if isinstance(node, Row):
        for place, part in enumerate(node.parts):
            if isinstance(part, Operator) and part.name in swapped:
                yield Row((*node.parts[:place], Operator(swapped[part.name]), *node.parts[place + 1 :]))


def layer_off_by_one(node: Formula) -> Iterator[Formula]:
    """The superscript of a symbol one layer on."""
    if isinstance(node, Symbol) and isinstance(node.body, Scripts) and node.body.above is not None:
        for above in everywhere(node.body.above, _one_on):
            yield replace(node, body=replace(node.body, above=above))


def _one_on(node: Formula) -> Iterator[Formula]:
    if isinstance(node, Number):
        yield Number(str(int(node.text) + 1))


def planted(display: Display, plant: Planter) -> Iterator[Display]:
    """A display with an error in one right-hand side, for every place where there is one to make."""
    for place, line in enumerate(display.lines):
        for right in everywhere(line.right, plant):
            lines: tuple[Line, ...] = (*display.lines[:place], replace(line, right=right), *display.lines[place + 1 :])
            yield replace(display, lines=lines)
