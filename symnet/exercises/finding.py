"""Exercises in which an equation has one error, which is to be found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Expr

from symnet.check import Planted, Reader, RightEquation, display_latex, reader_of
from symnet.core import Array
from symnet.exercises.draw import Draw
from symnet.exercises.forward import BATCH
from symnet.exercises.route import scene_of
from symnet.exercises.setting import Problem, Setting
from symnet.formats import Display, Line, Paragraph, Step
from symnet.notation import NoLayout
from symnet.pages import ENDS, ForwardSteps, MatrixSetter, PageProgram, Scenes, put_in, with_factors
from symnet.support import ExerciseError, ReadingError, visible

FORMS = ("scalar", "index", "index", "matrix")
"""The forms of an equation; in index form most errors can be made, so that it comes up more often."""

LOOKED_AT = 4
"""How many places for an error of one cause are tried, until one is found again."""


@dataclass(frozen=True)
class Spot:
    """An equation in which an error can be made.

    Attributes:
        array: what it defines, or the loss is differentiated by.
        is_derivative: which of the two.
        right: the right-hand side.
    """

    array: Array
    is_derivative: bool
    right: Expr

    @property
    def defined(self) -> Array:
        """The array on the left-hand side."""
        return self.array.cotangent() if self.is_derivative else self.array


def mistake_problem(setting: Setting, draw: Draw) -> Problem:
    """An equation with one error in it.

    Raises:
        ExerciseError: no equation of the network has a place for a typical error.
    """
    forms = FORMS if setting.is_small else [form for form in FORMS if form != "scalar"]
    for form in draw.shuffled(forms):
        page = setting.whole if form == "matrix" else setting.single
        found = _planted_in(setting, page, form, draw)
        if found is not None:
            what = {"matrix": f" for {BATCH[page.notation.batch]}"}.get(form, " for one example")
            task = (
                Paragraph((f"There is one error in this equation{what}. Find it, and correct the equation.",)),
                found.wrong,
            )
            solution = Step(("What is wrong",), (Paragraph((*found.words, " The correct equation is")), found.right))
            return Problem("mistake", "find the error", task, (solution,), page, None, found.wrong, found.cause)
    raise ExerciseError(f"no equation of {visible(setting.network.title)} has a place for a typical error")


def _planted_in(setting: Setting, page: PageProgram, form: str, draw: Draw) -> Planted | None:
    """An equation of a form with an error of a cause that is drawn; None if there is none."""
    reader = reader_of(setting.checked(page))
    equations = []
    for spot in _spots(setting, page):
        printed = _in_matrices(page, spot) if form == "matrix" else _in_indices(page, spot, form == "scalar", draw)
        if printed is not None:
            equations.append(RightEquation.read(reader, display_latex(printed), printed.lines[0].right))
    trials = [(equation, trial) for equation in equations if equation is not None for trial in equation.trials()]
    for cause in draw.shuffled(list(dict.fromkeys(trial.mistake.cause for _, trial in trials))):
        places = [place for place in trials if place[1].mistake.cause == cause]
        for equation, trial in draw.shuffled(places)[:LOOKED_AT]:
            planted = equation.planted(trial)
            if planted is not None:
                return planted
    return None


def is_wrong(reader: Reader, display: Display) -> bool:
    """Whether an equation can be read and does not hold."""
    try:
        return bool(reader.check(display_latex(display)))
    except ReadingError:
        return False


def _spots(setting: Setting, page: PageProgram) -> Iterator[Spot]:
    """The equations in which an error can be made, forward and backward."""
    steps = ForwardSteps(Scenes(page, apart=True))
    for equation in page.forward.equations:
        if equation.array.layer in setting.last_layers:
            yield Spot(equation.array, False, steps.written(equation.rhs))
    for cotangent in page.cotangents.values():
        if cotangent.array.layer in setting.last_layers and cotangent.paths:
            written = put_in(page, with_factors(cotangent, page), ("a", "p", *ENDS))
            for right in dict.fromkeys((written, cotangent.result)):
                yield Spot(cotangent.array, True, right)


def _in_indices(page: PageProgram, spot: Spot, scalar: bool, draw: Draw) -> Display:
    """The equation of a general unit, or of one unit that is drawn."""
    scene = scene_of(Scenes(page, scalar, apart=True), spot.array)
    position = draw.pick(list(scene.instances(spot.array)))
    left, right = (scene.at(side, position) for side in (spot.defined.reference, spot.right))
    setter = scene.typesetter(spot.array, left, right)
    return Display((Line(setter.expression(left), "=", setter.expression(right)),))


def _in_matrices(page: PageProgram, spot: Spot) -> Display | None:
    """The equation in whole arrays, if it has that form."""
    scene = scene_of(Scenes(page, apart=True), spot.array)
    setter = MatrixSetter(scene, scene.typesetter(spot.array, spot.right))
    try:
        return Display((Line(setter.symbol(spot.defined), "=", setter.side(spot.right, spot.defined)),))
    except NoLayout:
        return None
