"""The matrix forms of a page: after the index form of an equation, the same for whole vectors and matrices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Expr, Indexed

from symnet.core import Array
from symnet.formats import Display, Inline, Line, Math, Paragraph
from symnet.formula import Formula
from symnet.notation import MAX_AXES, NoLayout
from symnet.pages.matrix_form import MatrixSetter
from symnet.pages.scene import Scene

MATRIX = "-matrix"
"""The suffix that makes the label of a matrix form from that of its equation."""


def matrix_parts(
    scene: Scene, array: Array, sides: Sequence[Expr], label: str, where: Formula | None
) -> Iterator[Paragraph | Display]:
    """Yield the matrix form of `array = side = side`, with the shapes under its factors.

    Sides that have no matrix form are left out; if none has one, a sentence says so. Numbers have no other form,
    and nothing is yielded.

    Args:
        scene: the layers that the equation is written in.
        array: the left-hand side.
        sides: the right-hand sides in index notation, equal to each other.
        label: the label of the index form.
        where: the range of layers that the equation holds for.
    """
    if not array.indices and not any(side.has(Indexed) for side in sides):
        return
    setter = MatrixSetter(scene, scene.typesetter(array, *sides), shapes=True)
    lines: list[Line] = []
    for side in sides if len(array.indices) <= MAX_AXES else ():
        try:
            written = setter.side(side, array)
        except NoLayout:
            continue
        lines.append(Line(None if lines else setter.symbol(array), "=", written))
    if not lines:
        yield Paragraph(("This equation is clearest in its indices; it has no plain matrix form.",))
        return
    yield Paragraph(_why(setter))
    yield Display(tuple(lines), label + MATRIX, where)


def _why(setter: MatrixSetter) -> Inline:
    """Say how the matrix form follows from the index form: which sum needs which transpose."""
    if setter.is_outer and not setter.transposed:
        return ("Each entry of the one goes with each entry of the other, a column times a row:",)
    if not setter.transposed:
        return ("For the whole array,",)
    written, idx, along = setter.transposed[0]
    letter = Math(setter.setter.index(idx))
    return "The sum over ", letter, f" runs along the {along} of ", Math(written), ", which is therefore transposed:"
