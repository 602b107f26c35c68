"""Exercises in which an equation has one error, which is to be found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sympy import Expr

from symnet.check import Reader, display_latex, reader_of
from symnet.exercises.draw import Draw
from symnet.exercises.forward import BATCH
from symnet.exercises.matrices import wrong_products, wrong_transposes
from symnet.exercises.mistakes import MISTAKES, Spot
from symnet.exercises.route import scene_of
from symnet.exercises.setting import Problem, Setting
from symnet.formats import Display, Inline, Line, Paragraph, Step
from symnet.notation import NoLayout
from symnet.pages import ENDS, ForwardSteps, MatrixSetter, PageProgram, Scenes, put_in, with_factors
from symnet.support import ExerciseError, ReadingError, visible

FORMS = ("scalar", "index", "index", "matrix")
"""The forms of an equation; few errors are made in matrices alone, so that these come up less often."""

LOOKED_AT = 12
"""So many places for an error of one kind are tried, until one is plainly wrong."""


@dataclass(frozen=True)
class Planted:
    """A wrong equation, the right one, the cause, and what is said of it."""

    wrong: Display
    right: Display
    cause: str
    about: Inline


def mistake_problem(setting: Setting, draw: Draw) -> Problem:
    """An equation with one error in it.

    Raises:
        ExerciseError: no equation of the network can be made wrong in one of the ways that are known.
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
            solution = Step(("What is wrong",), (Paragraph((*found.about, " The correct equation is")), found.right))
            return Problem("mistake", "find the error", task, (solution,), page, None, found.wrong, found.cause)
    raise ExerciseError(f"no equation of {visible(setting.network.title)} has a place for a typical error")


def _planted_in(setting: Setting, page: PageProgram, form: str, draw: Draw) -> Planted | None:
    """An equation of a form with an error of a kind that is drawn, if there is one."""
    reader = reader_of(setting.checked(page))
    spots = list(_spots(setting, page))
    if form == "matrix":
        found = [planted for spot in spots for planted in _in_matrices(page, spot)]
    else:
        found = [planted for spot in spots for planted in _in_indices(page, spot, form == "scalar", draw)]
    for cause in draw.shuffled(list(dict.fromkeys(planted.cause for planted in found))):
        chosen = _first(reader, draw.shuffled([planted for planted in found if planted.cause == cause]))
        if chosen is not None:
            return chosen
    return None


def _in_indices(page: PageProgram, spot: Spot, scalar: bool, draw: Draw) -> Iterator[Planted]:
    """The errors in an equation of a general unit, or at one unit that is drawn."""
    scene = scene_of(Scenes(page, scalar, apart=True), spot.array)
    position = draw.pick(list(scene.instances(spot.array)))
    at = replace(spot, right=scene.at(spot.right, position))
    reference = scene.at(_left(spot), position)
    for mistake in MISTAKES:
        for slip in mistake.plant(at):
            setter = scene.typesetter(spot.array, reference, at.right, slip.wrong)
            left = setter.expression(reference)
            wrong, right = (Display((Line(left, "=", setter.expression(side)),)) for side in (slip.wrong, at.right))
            yield Planted(wrong, right, mistake.cause, mistake.explain(setter, slip))


def _first(reader: Reader, planted: list[Planted]) -> Planted | None:
    """The first of a few that is plainly wrong where the correct equation holds."""
    for one in planted[:LOOKED_AT]:
        if one.wrong != one.right and is_wrong(reader, one.wrong) and not is_wrong(reader, one.right):
            return one
    return None


def is_wrong(reader: Reader, display: Display) -> bool:
    """Whether an equation can be read and does not hold."""
    try:
        return bool(reader.check(display_latex(display)))
    except ReadingError:
        return False


def _left(spot: Spot) -> Expr:
    array = spot.array.cotangent() if spot.is_derivative else spot.array
    return array.reference


def _spots(setting: Setting, page: PageProgram) -> Iterator[Spot]:
    """The equations that can be got wrong, forward and backward."""
    steps = ForwardSteps(Scenes(page, apart=True))
    for equation in page.forward.equations:
        if equation.array.layer in setting.last_layers:
            yield Spot(page, equation.array, False, steps.written(equation.rhs))
    for cotangent in page.cotangents.values():
        if cotangent.array.layer in setting.last_layers and cotangent.paths:
            written = put_in(page, with_factors(cotangent, page), ("a", "p", *ENDS))
            for right in dict.fromkeys((written, cotangent.result)):
                yield Spot(page, cotangent.array, True, right)


def _in_matrices(page: PageProgram, spot: Spot) -> Iterator[Planted]:
    """A transpose too few or too many, and a matrix product for one entry by entry."""
    scene = scene_of(Scenes(page, apart=True), spot.array)
    array = spot.array.cotangent() if spot.is_derivative else spot.array
    setter = MatrixSetter(scene, scene.typesetter(spot.array, spot.right))
    try:
        written = setter.side(spot.right, array)
    except NoLayout:
        return
    left = setter.symbol(array)
    right = Display((Line(left, "=", written),))
    for changed, cause, about in (*wrong_transposes(setter, written), *wrong_products(setter, written)):
        yield Planted(Display((Line(left, "=", changed),)), right, cause, about)
