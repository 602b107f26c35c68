"""Exercises in numbers on one unit, given its error, for networks too large to be worked through as in `worked`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import mpmath
from sympy import Expr, Indexed, Integer, Sum

from symnet.core import Array
from symnet.exercises.answers import comparison, fenced, influence_question, rate_of, worked_out_line
from symnet.exercises.draw import Draw
from symnet.exercises.numbers import APART, RATES, TENTHS, TRIES, packed, tables_of
from symnet.exercises.setting import DIGITS, NAMED_UNITS, Part, Place, Problem, Setting
from symnet.formats import Display, Inline, Line, Math, Paragraph, Step, Table
from symnet.formula import Formula, number
from symnet.formula import tree as f
from symnet.functions import value
from symnet.pages import InNumbers, by_loss, descent_line, listed

PRECISION = 40

WEIGHTS = 3
"""The most weights of the unit in an exercise."""

MAX_OPERANDS = 3
"""The most values that the derivative by a parameter may depend on, so that few numbers are given."""

GIVEN = Paragraph(
    (
        "Of the whole network only these numbers are needed, the derivative of the loss by the pre-activation of the "
        "unit among them:",
    )
)
IN_NUMBERS = "In numbers:"

ACTIVATIONS = tuple(tenth / 10 for tenth in range(1, 10))


@dataclass(frozen=True)
class Unit:
    """Some parameters of one unit, with numbers for them and for the values that their derivatives depend on.

    Attributes:
        setting: the network and its notation.
        slopes: the derivative by each parameter, as an expression in the unit's error and inputs.
        given: the number of each entry.
    """

    setting: Setting
    slopes: Mapping[Place, Expr]
    given: Mapping[Place, float]

    @property
    def derivatives(self) -> dict[Place, float]:
        """The derivatives in numbers."""
        with mpmath.workdps(PRECISION):
            exact = {self.setting.reference(place): mpmath.mpf(repr(found)) for place, found in self.given.items()}
            return {place: float(value(mpmath.mp, slope, exact)) for place, slope in self.slopes.items()}

    @property
    def named(self) -> Inline:
        """The parameters of the exercise, as text."""
        return listed([Math(self.setting.symbol(place)) for place in self.slopes])

    @property
    def tables(self) -> Iterator[Table]:
        """The tables of the given numbers."""
        own = [place for place in self.given if place in self.slopes]
        others = [place for place in self.given if place not in self.slopes]
        for places in (others, own):
            yield from tables_of(self.setting, packed([places] if places else []), self.given.__getitem__)

    def in_numbers(self, slope: Expr) -> Formula:
        """Return an expression with numbers in place of its entries."""
        values: dict[str, dict[tuple[int, ...], float]] = {}
        for (name, position), found in self.given.items():
            values.setdefault(name, {})[position] = found
        return InNumbers(self.setting.symbols, times=f.Operator("times"), values=values, digits=DIGITS).expression(
            slope
        )

    def steps(self) -> Iterator[Step]:
        """Yield the step with the derivatives, in symbols and then in numbers."""
        setter = self.setting.setter()
        symbolic = [
            Line(by_loss(setter, self.setting.reference(place)), "=", setter.expression(slope))
            for place, slope in self.slopes.items()
        ]
        numeric = [
            worked_out_line(written, self.derivatives[place])
            for place, slope in self.slopes.items()
            if (written := self.in_numbers(slope)) != number(self.derivatives[place], DIGITS)
        ]
        parts: list[Paragraph | Display] = [
            Paragraph(("A parameter of the unit changes the loss through the unit's pre-activation alone:",)),
            Display(tuple(symbolic), "derivatives"),
        ]
        if numeric:
            parts += [Paragraph((IN_NUMBERS,)), Display(tuple(numeric))]
        yield Step(("The derivatives",), tuple(parts))


def units_of(setting: Setting) -> list[list[Place]]:
    """Return the units that exercises can be about, each as the list of its parameters.

    They are among the first units of the last layers, and have at least two parameters with a short derivative.
    """
    found = []
    for layer in setting.last_layers:
        for unit in range(min(setting.network.sizes[layer], NAMED_UNITS)):
            places = [
                place
                for array in setting.parameters_of([layer])
                for place in setting.places(array)
                if place[1] and place[1][-1 if array.role == "weight" else 0] == unit and slope_at(setting, place)
            ]
            if len(places) > 1:
                found.append(places)
    return found


def slope_at(setting: Setting, place: Place) -> Expr | None:
    """Return the derivative by an entry; None if it has sums or depends on more than `MAX_OPERANDS` entries."""
    name, position = place
    cotangent = setting.single.cotangents[name]
    slope = cotangent.result.xreplace(dict(zip(cotangent.array.indices, map(Integer, position), strict=True)))
    operands = slope.atoms(Indexed)
    plain = not slope.has(Sum) and all(entry.is_number for operand in operands for entry in operand.indices)
    return slope if plain and 0 < len(operands) <= MAX_OPERANDS else None


def drawn_unit(setting: Setting, draw: Draw, *, own: bool) -> Unit:
    """Draw a unit and its numbers, such that the derivatives by its parameters clearly differ if possible.

    Args:
        setting: the network and its notation.
        draw: the random choices.
        own: whether parameters get numbers even if no derivative depends on them.
    """
    places = draw.pick(units_of(setting))
    weights = [place for place in places if len(place[1]) > 1]
    chosen = [*draw.several(weights, WEIGHTS), *(place for place in places if place not in weights)]
    slopes = {place: slope for place in chosen if (slope := slope_at(setting, place)) is not None}
    operands = {operand for slope in slopes.values() for operand in slope.atoms(Indexed)}
    entries = {(str(operand.base.name), tuple(map(int, operand.indices))) for operand in operands}
    others = sorted(entries - set(chosen), key=lambda entry: (entry[0] not in setting.single.forward.cotangents, entry))
    wanted = [*others, *(place for place in chosen if own or place in entries)]
    for _ in range(TRIES):
        unit = Unit(setting, slopes, {place: draw.pick(_grid(setting.single.arrays[place[0]])) for place in wanted})
        sizes = sorted(map(abs, unit.derivatives.values()))
        if sizes[0] > 0 and all(APART * one < other for one, other in itertools.pairwise(sizes)):
            return unit
    return unit


def _grid(array: Array) -> Sequence[float]:
    return ACTIVATIONS if array.stem in ("a", "p") and array.of is None else TENTHS


def local_descent(setting: Setting, draw: Draw) -> Problem:
    """Ask for one step of gradient descent for some parameters of one unit."""
    unit = drawn_unit(setting, draw, own=True)
    rate = draw.pick(RATES)
    ask: Inline = (
        *("Carry out one step of gradient descent with the learning rate ", rate_of(setting, rate), " for "),
        *(*unit.named, f". Give the new values to {DIGITS} significant digits."),
    )
    symbolic = [descent_line(setting.setter(), setting.reference(place)) for place in unit.slopes]
    numeric = [_moved(unit.given[place], slope, rate) for place, slope in unit.derivatives.items()]
    update = Step(
        ("The step of gradient descent",),
        (
            Paragraph(("Each parameter moves against its derivative:",)),
            Display(tuple(symbolic)),
            Paragraph((IN_NUMBERS,)),
            Display(tuple(numeric)),
        ),
    )
    task: tuple[Part, ...] = (GIVEN, *unit.tables, Paragraph(ask))
    return Problem("descent", "one step of gradient descent", task, (*unit.steps(), update), setting.single)


def _moved(own: float, slope: float, rate: float) -> Line:
    """Return w - η ∂C/∂w in numbers with its value."""
    times = (number(rate, DIGITS), f.Operator("times"), fenced(slope))
    rounded = float(f"{slope:.{DIGITS}g}")
    return worked_out_line(f.row(number(own, DIGITS), f.Operator("-"), *times), own - rate * rounded)


def local_influence(setting: Setting, draw: Draw) -> Problem:
    """Ask which of some parameters of one unit matters most."""
    unit = drawn_unit(setting, draw, own=False)
    task: tuple[Part, ...] = (GIVEN, *unit.tables, influence_question(unit.named))
    comparing = Step(("Comparison",), tuple(comparison(setting, unit.derivatives)))
    return Problem("influence", "which parameter matters most", task, (*unit.steps(), comparing), setting.single)
