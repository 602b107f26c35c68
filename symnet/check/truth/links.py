"""The links of a chain, left = right: their instances, and whether they hold at a point."""

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
"""The tolerance: far larger than the error of difference quotients at 60 digits, far smaller than a wrong equation."""

ROUNDING = mpmath.mpf("1.02")
"""A factor on the first-order effect of rounded numbers, to allow for the second order."""

MAX_ONES = 8

VARIABLES = ("0.7321", "-1.1873", "2.2361")
"""The values of a definition's variable, in turn."""

OTHER_VARIABLES = ("1.2649", "0.3871", "3.1629", "-0.4472", "5.4773", "-2.6458")
"""The values to try instead where the function has none, as log(u) at u = -1.1873."""


@dataclass(frozen=True)
class Failure:
    """Where a link does not hold.

    Attributes:
        where: the values of the letters as the notation counts, such as `l = 1, j = 2`.
        left, right: the values of the sides; None if they have none.
        reason: why the sides cannot be compared; empty if they can.
        setting: the values of the letters for the evaluator.
        point: the number of the point.
        is_undefined: whether no side has a value there, so that other points have to decide.
    """

    where: str
    left: Value = None
    right: Value = None
    reason: str = ""
    setting: Setting | None = None
    point: int = 0
    is_undefined: bool = False

    @property
    def has_values(self) -> bool:
        return self.left is not None and self.right is not None


@dataclass(frozen=True)
class Link:
    """Two neighbouring sides of a chain.

    Attributes:
        left, relation, right: the sides, and the relation between them: `=`, `approx` or `update`.
        conditions: the conditions of the chain.
        chain: all sides of the chain, which may show the range of an index that these two leave open.
    """

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
        """The free letters of indices, in the order of the page."""
        return list(dict.fromkeys(letter for side in self.sides for letter in free_letters(side)))

    @cached_property
    def is_up_to_order(self) -> bool:
        """Whether the entries may be in any order, as in a gradient by all parameters."""
        return any(isinstance(node, t.Gradient) for side in self.sides for node in t.walk(side))

    @cached_property
    def without_symbols(self) -> tuple[bool, ...]:
        """For each side, whether it consists of numbers alone."""
        return tuple(not _has_symbols(side) for side in self.sides)

    @property
    def is_of_numbers(self) -> bool:
        """Whether it relates numbers by ≈, so that each decimal stands for all numbers that round to it."""
        return all(self.without_symbols) and self.relation == "approx"

    @cached_property
    def factors_with_values(self) -> list[t.Valued]:
        """The factors with a value printed under them."""
        return [node for side in self.sides for node in t.walk(side) if isinstance(node, t.Valued)]

    def failure(self, point: Point, places: Places, rate: Any, rounded: bool, most: int) -> Failure | None:
        """Return the first instance at which the link fails; None if it holds.

        Args:
            point: the network at numbers.
            places: the arrays that symbols of the notation refer to.
            rate: the learning rate; None if it is not known.
            rounded: whether every decimal on the page stands for all numbers that round to it.
            most: the number of instances to check.
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
        """Return how the link fails at a setting, with other values of a variable if the function has none there."""
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
        """Return the number of instances that are checked; 0 if the link applies to no unit or layer.

        Raises:
            Mismatch: the range of a letter is unknown or ambiguous.
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
        """Yield the values of the free letters: all, or a sample that contains equal indices."""
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
        """Return the values of an index: those of its condition, or all."""
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
        """Return the values of a definition's variables."""
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
    """The values of a link's sides at a point, and the differences that rounded numbers explain."""

    link: Link
    point: Point
    places: Places
    rate: Any
    rounded: bool

    def values(self, setting: Setting) -> tuple[Value, Value, Value]:
        """Return the left side, the right side, and the allowed difference of each entry.

        Raises:
            Mismatch: a side has no value.
        """
        return self._with_lengths(setting, {})

    def are_undefined(self, setting: Setting) -> bool:
        """Whether the function that the link defines has no value there, or, if it defines none, neither side has."""
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
        """As `values`, with the first lengths of columns of ones at which all shapes fit."""
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
        """Return the left side of an update: w - η ∂C/∂w for a parameter w, the value itself for anything else."""
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
        """Return how much a side may change if every rounded number changes by half a unit of its last digit."""
        total = np.full(shape(found), mpmath.mpf(0), dtype=object)
        exact = self._evaluator(lengths).value(side, setting)
        results = _results(side) if self.link.relation == "approx" else []
        for node in t.walk(side):
            if isinstance(node, t.Literal) and (node.is_rounded or node in results):
                moved = self._evaluator(lengths, {node.span.start: _half_a_unit(node)}).value(side, setting)
                total = total + ROUNDING * np.abs(np.reshape(moved - exact, shape(exact)))
        return total

    def _check_printed_values(self, setting: Setting, lengths: dict[int, int]) -> None:
        """Check the values that are printed under factors.

        Raises:
            Mismatch: one of them is wrong.
        """
        for node in self.link.factors_with_values:
            evaluator = self._evaluator(lengths)
            body, printed = evaluator.value(node.body, setting), evaluator.value(node.value, setting)
            slack = self._slack(node.value, printed, setting, lengths) + ABSOLUTE
            if shape(body) != shape(printed) or np.any(np.abs(np.reshape(body - printed, shape(body))) > slack):
                raise Mismatch("the value printed under a factor is not its value")


def _results(side: t.Node) -> list[t.Node]:
    """Return the numbers that are a whole side or a whole entry of a matrix, with or without a sign."""
    if isinstance(side, t.Transposed):
        return _results(side.body)
    if isinstance(side, t.Table):
        return [found for row in side.rows for entry in row for found in _results(entry)]
    if isinstance(side, t.Sum) and len(side.terms) == 1:
        return _results(side.terms[0][1])
    return [side] if isinstance(side, t.Literal) else []


def _half_a_unit(node: t.Literal) -> Any:
    """Return half a unit of the last significant digit; trailing zeros of an integer are not significant."""
    if node.is_rounded:
        return mpmath.mpf(10) ** -len(node.text.partition(".")[2]) / 2
    zeros = len(node.text) - len(node.text.rstrip("0"))
    return mpmath.mpf(10) ** (zeros if node.text.strip("0") else 0) / 2


def links_of(chain: t.Chain) -> list[Link]:
    """Return the links of a chain; a result in numbers is also linked to the last side with symbols."""
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
    """Make the values of both sides comparable: 1 x 1 matrices to numbers, and 0 to a matrix, if the other side is."""
    one, other = _as_zeros(link.left, left, right), _as_zeros(link.right, right, left)
    return _as_number(one, other), _as_number(other, one)


def _as_zeros(side: t.Node, value: Value, other: Value) -> Value:
    is_zero = isinstance(side, t.Literal) and side.text == "0"
    return other - other if is_zero and is_matrix(other) else value


def _as_number(value: Value, other: Value) -> Value:
    """Return the entry of a 1 x 1 matrix if the other side is a number."""
    return entries(value)[0] if is_matrix(value) and not is_matrix(other) and shape(value) == (1, 1) else value


def _has_symbols(side: t.Node) -> bool:
    return any(
        isinstance(node, t.Reference | t.Derivative | t.Gradient | t.Variable | t.Defined) for node in t.walk(side)
    )


def _where(setting: Setting, places: Places) -> str:
    """Return the values of letters as the notation counts, such as `l = 1, j = 2`."""
    notation = places.notation
    layers = [f"{letter} = {number + notation.input_layer}" for letter, number in setting.layers.items()]
    indices = [f"{letter} = {place + notation.base}" for letter, place in setting.indices.items()]
    variables = [f"{letter} = {mpmath.nstr(number, 5)}" for letter, number in setting.variables.items()]
    return ", ".join((*layers, *indices, *variables))
