"""One link of a chain, left = right: its instances, and whether it holds at a point."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import mpmath
import numpy as np

from symnet.check.latex import not_understood
from symnet.check.latex import tree as t
from symnet.check.truth.evaluate import Evaluator, LengthNeeded
from symnet.check.truth.matrices import Mismatch, Undefined, Value, entries, is_matrix, shape
from symnet.check.truth.places import Axis, Places, Setting, free_layer_letters, free_letters
from symnet.check.truth.point import Point

RELATIVE = mpmath.mpf(10) ** -12
ABSOLUTE = mpmath.mpf(10) ** -18
"""How far sides may lie apart: far more than differences at 60 digits are off, far less than an error is."""

ROUNDING = mpmath.mpf("1.02")
"""Room for the second order, where printed numbers are only right to their last digit."""

MAX_ONES = 8

VARIABLES = ("0.7321", "-1.1873", "2.2361")
"""What the variable of a definition is set to, in turn."""

OTHER_VARIABLES = ("1.2649", "0.3871", "3.1629", "-0.4472", "5.4773", "-2.6458")
"""What it is set to instead, one after the other, where the function has no value: log(u) at u = -1.1873."""


@dataclass(frozen=True)
class Failure:
    """Where a link does not hold: the letters' values as printed, the sides, or the reason that there are none.

    `setting` is the same values as the evaluator takes them, `point` the number of the point.
    """

    where: str
    left: Value = None
    right: Value = None
    reason: str = ""
    setting: Setting | None = None
    point: int = 0
    is_undefined: bool = False
    """Whether no side has a value there, so that other numbers may have to tell."""

    @property
    def has_values(self) -> bool:
        return self.left is not None and self.right is not None


@dataclass(frozen=True)
class Link:
    """Two neighbouring sides of a chain, whose other sides may say what an index runs over that these do not."""

    left: t.Node
    relation: str
    right: t.Node
    conditions: tuple[t.Condition, ...]
    chain: tuple[t.Node, ...] = ()

    @property
    def sides(self) -> tuple[t.Node, t.Node]:
        return self.left, self.right

    @cached_property
    def letters(self) -> list[str]:
        """The letters of indices that no sum binds, in the order of the page."""
        return list(dict.fromkeys(letter for side in self.sides for letter in free_letters(side)))

    @cached_property
    def is_up_to_order(self) -> bool:
        """Whether the order of the entries says nothing: that of a gradient by all parameters."""
        return any(isinstance(node, t.Gradient) for side in self.sides for node in t.walk(side))

    @cached_property
    def without_symbols(self) -> tuple[bool, ...]:
        """Of each side, whether it is all numbers."""
        return tuple(not _has_symbols(side) for side in self.sides)

    @property
    def is_of_numbers(self) -> bool:
        """Whether it says of numbers alone what they are nearly, so that decimals stand for what rounds to them."""
        return all(self.without_symbols) and self.relation == "approx"

    @cached_property
    def factors_with_values(self) -> list[t.Valued]:
        """What has its value printed under it."""
        return [node for side in self.sides for node in t.walk(side) if isinstance(node, t.Valued)]

    def failure(self, point: Point, places: Places, rate: Any, rounded: bool, most: int) -> Failure | None:
        """Where the link fails first; None where it holds.

        Args:
            point: the numbers.
            places: the arrays as the notation points at them.
            rate: the learning rate, or None where it is not known.
            rounded: whether every decimal on the page stands for all numbers that round to it.
            most: the number of instances to look at.
        """
        try:
            settings = list(self.settings(places, most))
        except Mismatch as mismatch:
            return Failure("", reason=str(mismatch))
        if not settings and not self.conditions:
            return Failure("", reason="the network has no layer for which all of it exists")
        undefined: list[Failure] = []
        for setting in settings:
            failure = self._where_defined(Sides(self, point, places, rate, rounded), setting)
            if failure is not None and not failure.is_undefined:
                return failure
            undefined += [failure] if failure is not None else []
        return undefined[0] if undefined and len(undefined) == len(settings) else None

    def _where_defined(self, sides: Sides, setting: Setting) -> Failure | None:
        """Where the link fails; a variable at which the function has no value is set to others, until it has one."""
        failure = None
        for turn in range(len(OTHER_VARIABLES) + 1):
            names = list(setting.variables)
            if turn:
                values = [OTHER_VARIABLES[(turn - 1 + place) % len(OTHER_VARIABLES)] for place in range(len(names))]
                setting = replace(setting, variables=dict(zip(names, map(mpmath.mpf, values), strict=True)))
            try:
                failure = self._at(sides, setting)
            except Mismatch as mismatch:
                undefined = isinstance(mismatch, Undefined) and sides.are_undefined(setting)
                failure = Failure(_where(setting, sides.places), reason=str(mismatch), is_undefined=undefined)
                if names and undefined:
                    continue
            break
        return replace(failure, setting=setting) if failure is not None else None

    def instances(self, places: Places, most: int) -> int:
        """How many of them are looked at; 0 where a link says something of no unit and no layer.

        Raises:
            Mismatch: a letter runs over nothing, or over two things.
        """
        return sum(1 for _ in self.settings(places, most))

    def _at(self, sides: Sides, setting: Setting) -> Failure | None:
        left, right, allowed = sides.values(setting)
        where = _where(setting, sides.places)
        if shape(left) != shape(right):
            texts = [f"{rows} x {columns}" for rows, columns in (shape(left), shape(right))]
            return Failure(where, left, right, f"the left side is {texts[0]}, the right side {texts[1]}")
        pairs = zip(entries(left), entries(right), entries(allowed), strict=True)
        if self.is_up_to_order:
            ones, others = sorted(entries(left)), sorted(entries(right))
            pairs = zip(ones, others, [max(entries(allowed))] * len(ones), strict=True)
        for one, other, slack in pairs:
            if abs(one - other) > slack + RELATIVE * max(abs(one), abs(other)) + ABSOLUTE:
                return Failure(where, left, right)
        return None

    def settings(self, places: Places, most: int) -> Iterator[Setting]:
        """The values of the free letters: all, or some drawn from them, equal indices among them."""
        starts = [
            replace(setting, variables=variables)
            for setting in self._layer_settings(places)
            for variables in self._variable_settings()
        ]
        each = max(1, most // max(1, len(starts)))
        rng = np.random.default_rng(0)
        for start in starts:
            ranges = [self._places(letter, places, start) for letter in self.letters]
            count = int(np.prod([len(values) for values in ranges]))
            positions: Iterator[tuple[int, ...]] = itertools.product(*ranges)
            if count > each and count > most // 2:
                drawn = [tuple(int(rng.choice(values)) for values in ranges) for _ in range(max(each, 4))]
                first = tuple(values[0] for values in ranges)
                last = tuple(values[-1] for values in ranges)
                positions = iter(dict.fromkeys([first, last, *drawn]))
            for position in positions:
                yield replace(start, indices=dict(zip(self.letters, position, strict=True)))

    def _places(self, letter: str, places: Places, setting: Setting) -> list[int]:
        """The values of an index, as the condition says or all that there are."""
        axis = places.runs_over(letter, self.sides, setting) or places.runs_over(letter, self.chain, setting)
        if axis is None:
            raise Mismatch(f"nothing says what index {letter} runs over")
        for condition in self.conditions:
            if condition.letter == letter:
                return self._named_places(condition, axis, places, setting)
        return list(range(axis.size))

    def _named_places(self, condition: t.Condition, axis: Axis, places: Places, setting: Setting) -> list[int]:
        numbers = []
        for value in condition.values:
            if isinstance(value, t.Literal) and value.text.isdigit():
                numbers.append(int(value.text))
            elif isinstance(value, t.Size):
                numbers.append(places.sizes[places.layer(value.layer, setting)])
            elif isinstance(value, t.Constant) and value.name == "examples":
                numbers.append(places.examples)
            else:
                raise not_understood(value.span.start if isinstance(value, t.Node) else 0, "a number or a size")
        base = min(numbers[0], 1) if axis.is_batch else places.notation.base
        if condition.is_range:
            numbers = list(range(numbers[0], numbers[-1] + 1))
        wrong = [number for number in numbers if not 0 <= number - base < axis.size]
        if wrong:
            raise Mismatch(f"{axis.label} has no unit {wrong[0]}")
        return [number - base for number in numbers]

    def _layer_settings(self, places: Places) -> list[Setting]:
        letters = list(dict.fromkeys(letter for side in self.sides for letter in free_layer_letters(side)))
        letters = [letter for letter in letters if letter != places.notation.last_layer]
        if not letters:
            return [Setting()]
        (letter,) = letters
        for condition in self.conditions:
            if condition.letter == letter:
                return [Setting(layers={letter: number}) for number in places.named_layers(condition)]
        settings = [Setting(layers={letter: number}) for number in range(places.depth + 1)]
        return [setting for setting in settings if places.exist(self.sides, setting)]

    def _variable_settings(self) -> list[dict[str, Any]]:
        """Values of the letters that a definition takes."""
        names = sorted({node.name for side in self.sides for node in t.walk(side) if isinstance(node, t.Variable)})
        if not names:
            return [{}]
        turns = range(len(VARIABLES))
        return [
            {name: mpmath.mpf(VARIABLES[(turn + place) % len(VARIABLES)]) for place, name in enumerate(names)}
            for turn in turns
        ]


@dataclass(frozen=True)
class Sides:
    """The values of a link's sides at a point, and how far rounding lets them lie apart."""

    link: Link
    point: Point
    places: Places
    rate: Any
    rounded: bool

    def values(self, setting: Setting) -> tuple[Value, Value, Value]:
        """Left, right, and the slack of each entry.

        Raises:
            Mismatch: a side has no value.
        """
        return self._with_lengths(setting, {})

    def are_undefined(self, setting: Setting) -> bool:
        """Whether the function that the link defines has no value there; where it defines none, any side."""
        functions = [side for side in self.link.sides if isinstance(side, t.Activation)]
        for side in functions or self.link.sides:
            try:
                self._evaluator({}).value(side, setting)
            except Undefined:
                continue
            except (Mismatch, LengthNeeded):
                pass
            return False
        return True

    def _with_lengths(self, setting: Setting, lengths: dict[int, int]) -> tuple[Value, Value, Value]:
        """The same with columns of ones as long as they have to be: a wrong length shows where shapes meet."""
        try:
            return self._values(setting, lengths)
        except LengthNeeded as needed:
            place = needed.place
        if len(lengths) == MAX_ONES:
            raise not_understood(place, f"at most {MAX_ONES} columns of ones in an equation")
        mismatch: Mismatch | None = None
        for length in dict.fromkeys((self.point.examples, *self.places.sizes)):
            try:
                return self._with_lengths(setting, {**lengths, place: length})
            except Mismatch as failed:
                mismatch = mismatch or failed
        assert mismatch is not None
        raise mismatch

    def _values(self, setting: Setting, lengths: dict[int, int]) -> tuple[Value, Value, Value]:
        evaluator = self._evaluator(lengths)
        left, right = (evaluator.value(side, setting) for side in self.link.sides)
        left, right = fitted(self.link, left, right)
        if self.link.relation == "update":
            left = self._updated(evaluator, left, setting)
        slack = np.full(shape(left), mpmath.mpf(0), dtype=object)
        if shape(left) != shape(right):
            return left, right, slack
        for side, found, is_numbers in zip(self.link.sides, (left, right), self.link.without_symbols, strict=True):
            if self.rounded or is_numbers:
                slack = slack + self._slack(side, found, setting, lengths)
        self._check_printed_values(setting, lengths)
        return left, right, slack if is_matrix(left) else slack[0, 0]

    def _evaluator(self, lengths: dict[int, int], shifts: dict[int, Any] | None = None) -> Evaluator:
        rate = mpmath.mpf(0) if self.rate is None else self.rate
        return Evaluator(self.point, self.places, rate, lengths, shifts)

    def _updated(self, evaluator: Evaluator, left: Value, setting: Setting) -> Value:
        """What gradient descent makes of the parameter on the left; anything else just takes the value on the right."""
        symbol = self.link.left
        if not isinstance(symbol, t.Reference | t.Defined):
            raise not_understood(symbol.span.start, "a symbol to the left of an arrow")
        if not isinstance(symbol, t.Reference) or symbol.cotangent:
            return left
        if not self.places.array(symbol, setting).is_parameter:
            return left
        if self.rate is None:
            raise not_understood(symbol.span.start, "a learning rate among the values, to check an update by")
        loss = t.Reference(symbol.span, "C", None, ())
        return left - self.rate * evaluator.value(t.Derivative(symbol.span, loss, symbol), setting)

    def _slack(self, side: t.Node, found: Value, setting: Setting, lengths: dict[int, int]) -> Value:
        """How far a side moves when each rounded number moves within its last digit."""
        total = np.full(shape(found), mpmath.mpf(0), dtype=object)
        exact = self._evaluator(lengths).value(side, setting)
        results = _results(side) if self.link.relation == "approx" else []
        for node in t.walk(side):
            if isinstance(node, t.Literal) and (node.is_rounded or node in results):
                moved = self._evaluator(lengths, {node.span.start: _half_a_unit(node)}).value(side, setting)
                total = total + ROUNDING * np.abs(np.reshape(moved - exact, shape(exact)))
        return total

    def _check_printed_values(self, setting: Setting, lengths: dict[int, int]) -> None:
        """What stands under a factor as its value is its value."""
        for node in self.link.factors_with_values:
            evaluator = self._evaluator(lengths)
            body, printed = evaluator.value(node.body, setting), evaluator.value(node.value, setting)
            slack = self._slack(node.value, printed, setting, lengths) + ABSOLUTE
            if shape(body) != shape(printed) or np.any(np.abs(np.reshape(body - printed, shape(body))) > slack):
                raise Mismatch("the value printed under a factor is not its value")


def _results(side: t.Node) -> list[t.Node]:
    """The numbers that are a whole side, or a whole entry of a matrix, with or without a sign."""
    if isinstance(side, t.Transposed):
        return _results(side.body)
    if isinstance(side, t.Table):
        return [found for row in side.rows for entry in row for found in _results(entry)]
    if isinstance(side, t.Sum) and len(side.terms) == 1:
        return _results(side.terms[0][1])
    return [side] if isinstance(side, t.Literal) else []


def _half_a_unit(node: t.Literal) -> Any:
    """Half a unit of the last digit that counts; the zeros at the end of a whole number do not."""
    if node.is_rounded:
        return mpmath.mpf(10) ** -len(node.text.partition(".")[2]) / 2
    zeros = len(node.text) - len(node.text.rstrip("0"))
    return mpmath.mpf(10) ** (zeros if node.text.strip("0") else 0) / 2


def links_of(chain: t.Chain) -> list[Link]:
    """The links of a chain; a result worked out in numbers is held to the symbols before them as well."""
    links = []
    symbolic = 0
    for place, relation in enumerate(chain.relations):
        left, right = chain.sides[place], chain.sides[place + 1]
        links.append(Link(left, relation, right, chain.conditions, chain.sides))
        if not _has_symbols(left) and not _has_symbols(right) and _has_symbols(chain.sides[symbolic]):
            links.append(Link(chain.sides[symbolic], chain.relations[symbolic], right, chain.conditions, chain.sides))
        if _has_symbols(right):
            symbolic = place + 1
    return links


def fitted(link: Link, left: Value, right: Value) -> tuple[Value, Value]:
    """The values of both sides, a 1 x 1 matrix as a number beside one, and a 0 as a matrix beside one."""
    one, other = _as_zeros(link.left, left, right), _as_zeros(link.right, right, left)
    return _as_number(one, other), _as_number(other, one)


def _as_zeros(side: t.Node, value: Value, other: Value) -> Value:
    is_zero = isinstance(side, t.Literal) and side.text == "0"
    return other - other if is_zero and is_matrix(other) else value


def _as_number(value: Value, other: Value) -> Value:
    """A 1 x 1 matrix beside a number is one."""
    return entries(value)[0] if is_matrix(value) and not is_matrix(other) and shape(value) == (1, 1) else value


def _has_symbols(side: t.Node) -> bool:
    return any(
        isinstance(node, t.Reference | t.Derivative | t.Gradient | t.Variable | t.Defined) for node in t.walk(side)
    )


def _where(setting: Setting, places: Places) -> str:
    """The values of letters as the notation counts."""
    notation = places.notation
    layers = [f"{letter} = {number + notation.input_layer}" for letter, number in setting.layers.items()]
    indices = [f"{letter} = {place + notation.base}" for letter, place in setting.indices.items()]
    variables = [f"{letter} = {mpmath.nstr(number, 5)}" for letter, number in setting.variables.items()]
    return ", ".join((*layers, *indices, *variables))
