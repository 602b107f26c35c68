"""The errors that people make in equations of whole arrays: a transpose, or one kind of product for another."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from symnet.formats import Inline, Math
from symnet.formula import Formula
from symnet.formula import tree as f
from symnet.notation import transpose_mark
from symnet.pages import MatrixSetter
from symnet.support import places, walk

Changed = tuple[Formula, str, Inline]
"""A formula with an error, the cause in the words of `symnet verify`, and what is said of it."""


def changed_everywhere(node: Formula, plant: Callable[[Formula], Iterator[Changed]]) -> Iterator[Changed]:
    """The formula with an error in one place, for every place where there is one to make."""
    yield from plant(node)
    for part, exchanged in places(node):
        for changed, cause, about in changed_everywhere(part, plant):
            yield exchanged(changed), cause, about


def wrong_transposes(setter: MatrixSetter, written: Formula) -> Iterator[Changed]:
    """A transpose left out, or where there is none one too many."""
    mark, arrays = transpose_mark(setter.scene.page.notation), setter.scene.page.arrays

    def dropped(node: Formula) -> Iterator[Changed]:
        if isinstance(node, f.Scripts) and node.below is None and node.above == mark:
            body = node.base.body if isinstance(node.base, f.Fenced) else node.base
            yield body, "missing transpose", ("A transpose is missing: ", Math(body), " should be ", Math(node), ".")

    def added(node: Formula) -> Iterator[Changed]:
        if isinstance(node, f.Symbol) and getattr(arrays.get(node.key), "stem", "") == "W":
            turned = setter.transpose(node)
            yield (
                turned,
                "extra transpose",
                ("There is a transpose too many: ", Math(turned), " should be ", Math(node), "."),
            )

    yield from changed_everywhere(written, dropped)
    if mark not in walk(written):
        yield from changed_everywhere(written, added)


def wrong_products(setter: MatrixSetter, written: Formula) -> Iterator[Changed]:
    """A product of matrices for one entry by entry."""
    sign = f.Operator(setter.scene.page.notation.hadamard)

    def plain(node: Formula) -> Iterator[Changed]:
        if isinstance(node, f.Row):
            for place, part in enumerate(node.parts):
                if part == sign:
                    changed = f.Row((*node.parts[:place], f.Space(), *node.parts[place + 1 :]))
                    about = (
                        "The product is taken entry by entry, and not as one of matrices: ",
                        Math(sign),
                        " is missing.",
                    )
                    yield changed, "hadamard or matrix product", about

    yield from changed_everywhere(written, plain)
