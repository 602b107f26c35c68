"""Exercises in numbers, for networks small enough that every unit can be computed by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from symnet.exercises.answers import comparison, influence_question, rate_of
from symnet.exercises.draw import Draw
from symnet.exercises.forward import worked_forward
from symnet.exercises.numbers import is_largest, readable_values, value_tables, worked_at
from symnet.exercises.route import Route, scene_of
from symnet.exercises.setting import DIGITS, Part, Place, Problem, Setting
from symnet.formats import Display, Inline, Math, Paragraph, Step
from symnet.pages import BackwardSteps, Worked, listed

MAX_ALL = 12
"""The most parameters that are all asked for; of more, some are drawn."""

DRAWN = 4

GIVEN = Paragraph(("The network is at these numbers:",))


def asked_parameters(setting: Setting, draw: Draw) -> list[Place]:
    """Return the parameters that an exercise in numbers asks for."""
    places = [place for array in setting.single.forward.parameters for place in setting.places(array)]
    return places if len(places) <= MAX_ALL else draw.several(places, DRAWN)


def _named(setting: Setting, asked: Sequence[Place]) -> Inline:
    if len(asked) == setting.parameters:
        return ("all parameters",)
    return listed([Math(setting.symbol(place)) for place in asked])


def worked_descent(setting: Setting, draw: Draw) -> Problem:
    """Ask for one step of gradient descent in numbers."""
    values = readable_values(setting, draw)
    asked = asked_parameters(setting, draw)
    worked = worked_at(setting, values)
    route = Route.to(setting.single, asked, scalar=True)
    rate = values.rate or 0.0
    ask: Inline = (
        *("Carry out one step of gradient descent with the learning rate ", rate_of(setting, rate), " for "),
        *(*_named(setting, asked), f". Give the new values to {DIGITS} significant digits."),
    )
    backward = BackwardSteps(route.scenes, brief=True, worked=worked, rate=rate)
    moves = [part for name in route.starts for part in _moved(route, backward, name)]
    text: Inline = ("Each parameter moves against its derivative, with ", rate_of(setting, rate), ":")
    solution = (
        *worked_forward(setting, worked),
        *route.backward(worked, brief=True),
        Step(("The step of gradient descent",), (Paragraph(text), *moves)),
    )
    task: tuple[Part, ...] = (GIVEN, *value_tables(setting, values), Paragraph(ask))
    return Problem("descent", "one step of gradient descent", task, solution, setting.single, values)


def _moved(route: Route, backward: BackwardSteps, name: str) -> Iterator[Display]:
    for part in backward.descent(scene_of(route.scenes, route.page.arrays[name]), route.page.forward.array(name)):
        if isinstance(part, Display):
            yield part


def worked_influence(setting: Setting, draw: Draw) -> Problem:
    """Ask which parameter matters most: the one with the largest derivative."""
    values = readable_values(setting, draw)
    asked = asked_parameters(setting, draw)
    worked = worked_at(setting, values)
    asked = _with_one_largest(setting, worked, asked)
    route = Route.to(setting.single, asked, scalar=True)
    question = influence_question(() if len(asked) == setting.parameters else _named(setting, asked))
    task: tuple[Part, ...] = (GIVEN, *value_tables(setting, values), question)
    slopes = {place: _slope(setting, worked, place) for place in asked}
    solution = (
        *worked_forward(setting, worked),
        *route.backward(worked, brief=True),
        Step(("Comparison",), tuple(comparison(setting, slopes))),
    )
    return Problem("influence", "which parameter matters most", task, solution, setting.single, values)


def _with_one_largest(setting: Setting, worked: Worked, asked: Sequence[Place]) -> list[Place]:
    """Drop all but the first of the parameters that share the largest absolute derivative."""
    largest = is_largest(np.abs([_slope(setting, worked, place) for place in asked]))
    first = int(np.argmax(largest))
    return [place for number, place in enumerate(asked) if number == first or not largest[number]]


def _slope(setting: Setting, worked: Worked, place: Place) -> float:
    """Return the derivative of the loss by a parameter."""
    indices = getattr(setting.reference(place), "indices", ())
    return worked.of(setting.single.forward.array(place[0]).cotangent().at(indices))
