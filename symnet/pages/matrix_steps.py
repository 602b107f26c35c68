"""The same equations for whole vectors and matrices, each behind the index form that it is read off."""

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
"""What is added to the label of an equation for that of its matrix form."""


def matrix_parts(
    scene: Scene, array: Array, sides: Sequence[Expr], label: str, where: Formula | None
) -> Iterator[Paragraph | Display]:
    """The matrix form of `array = side = side`, with the shapes under its factors.

    Sides that have no matrix form are left out; if none has one, a sentence says so.
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
    """How the matrix form is read off the index form: which index stands where a transpose is needed."""
    if setter.is_outer and not setter.transposed:
        return ("Each entry of the one goes with each entry of the other, a column times a row:",)
    if not setter.transposed:
        return ("For the whole array,",)
    written, idx, along = setter.transposed[0]
    letter = Math(setter.setter.index(idx))
    return "The sum over ", letter, f" runs along the {along} of ", Math(written), ", which is therefore transposed:"
