"""Prove equations: evaluate both sides to exact formulas in parameters, inputs and targets, and compare them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Rational

from symnet.check.latex import ROW_FUNCTIONS
from symnet.check.latex import tree as t
from symnet.check.truth.algebra import Algebra, Dual, Duals, Formula, NoProof
from symnet.check.truth.evaluate import Evaluator, LengthNeeded
from symnet.check.truth.functions import activation_function
from symnet.check.truth.links import Link, fitted
from symnet.check.truth.matrices import Mismatch, Value, entries, is_matrix, shape
from symnet.check.truth.places import Places, Setting
from symnet.check.truth.point import Numbers, Point, Position
from symnet.check.truth.reader import MAX_INSTANCES, Reader
from symnet.core import Interpreter, derivative
from symnet.functions import FUNCTIONS
from symnet.network import ACTIVATIONS, Z
from symnet.support import ReadingError

RATE = "rate"
EXAMPLES = 2
"""The number of examples in a proof; random points have more."""


class SymbolicPoint(Point):
    """A network whose inputs, targets and parameters are symbols; its other arrays are formulas in them."""

    def __init__(self, like: Point, algebra: Algebra, given: Numbers) -> None:
        super().__init__(like.network, like.program, given, like.deadline)
        self.algebra = algebra
        self.arithmetic = Duals(algebra)

    @staticmethod
    def of(point: Point) -> SymbolicPoint:
        """Return the network of a point with a symbol in place of each given number."""
        names = [_entry_name(name, place) for name, array in point.given.items() for place in _places(array)]
        algebra = Algebra([RATE, *names], point.deadline)
        given: Numbers = {}
        for name, array in point.given.items():
            given[name] = np.empty(array.shape, dtype=object)
            for place in _places(array):
                given[name][place] = algebra.entry(_entry_name(name, place))
        if point.network.loss.kind.targets == "probabilities":
            for row in given["y"]:
                row[-1] = 1 - sum(row[:-1], algebra.formula(0))
        return SymbolicPoint(point, algebra, given)

    @cached_property
    def values(self) -> Numbers:
        return self._run(self.program, {name: self._duals(array, None) for name, array in self.given.items()}, "value")

    def _duals(self, array: Any, moved: Position | None) -> Any:
        """Return the entries of an array as dual numbers; the one at `moved` has the derivative 1, the others 0."""
        found = np.empty(array.shape, dtype=object)
        for place in _places(array):
            found[place] = Dual(array[place], self.algebra.formula(int(place == moved)))
        return found

    def _run(self, program: Any, given: dict[str, Any], part: str) -> Numbers:
        results = Interpreter(program, given, self.arithmetic, self.examples).run()
        found: Numbers = {}
        for name, array in results.items():
            found[name] = np.empty(array.shape, dtype=object)
            for place in _places(array):
                found[name][place] = getattr(array[place], part)
        return found

    def _quotient(self, above: str, top: Position, below: str, bottom: Position) -> Any:
        if above == below:
            return self.algebra.formula(int(top == bottom))
        key = (above, below, bottom, 0)
        if key not in self._arrays_shifted:
            given = {name: self._duals(array, bottom if name == below else None) for name, array in self.values.items()}
            self._arrays_shifted[key] = self._run(self._between(below, above), given, "slope")[above]
        return self._arrays_shifted[key][top]

    @cached_property
    def of_examples(self) -> list[Point]:
        return [SymbolicPoint(point, self.algebra, point.given) for point in super().of_examples]


def _few_examples(point: Point) -> Point:
    """Return the network of a point with at most `EXAMPLES` examples."""
    batched = {array.name for array in point.program.arrays if array.role in ("input", "target")}
    given = {name: array[:EXAMPLES] if name in batched else array for name, array in point.given.items()}
    return Point(point.network, point.program, given, point.deadline)


def _entry_name(name: str, place: Position) -> str:
    return "_".join((name, *map(str, place)))


def _places(array: Any) -> list[Position]:
    return list(np.ndindex(*array.shape))


class SymbolicEvaluator(Evaluator):
    """Evaluates nodes to formulas."""

    def __init__(self, point: SymbolicPoint, places: Places, lengths: dict[int, int] | None = None) -> None:
        super().__init__(point, places, point.algebra.entry(RATE), lengths)
        self.algebra = point.algebra

    def value(self, node: t.Node, setting: Setting) -> Value:
        own = _OWN.get(type(node))
        return own(self, node, setting) if own else super().value(node, setting)

    def exact(self, number: int) -> Formula:
        return self.algebra.formula(int(number))

    def whole(self, node: t.Node, setting: Setting) -> int:
        found = self.number(node, setting)
        if not (found.top.is_ground and found.bottom.is_ground):
            raise NoProof
        number = found.key[0].LC if found.top else 0
        if number != int(number):
            raise Mismatch("a broken number where a whole one is needed")
        return int(number)

    def _exact_literal(self, node: t.Literal, setting: Setting) -> Formula:
        return self.algebra.formula(Rational(node.text))

    def _exact_constant(self, node: t.Constant, setting: Setting) -> Value:
        if node.name in ("pi", "e"):
            raise NoProof
        return self._constant(node, setting)

    def _opaque_variable(self, node: t.Variable, setting: Setting) -> Formula:
        return self.algebra.known.setdefault(("variable", node.name), self.algebra.generator())

    def _exact_activation(self, node: t.Activation, setting: Setting) -> Value:
        function = activation_function(node, self.point.network, self.places, setting)
        if function.works_on_rows:
            raise NoProof
        expression = function.expression
        for _ in range(node.order):
            expression = derivative(expression, Z)
        return _each(self.value(node.argument, setting), lambda z: self.algebra.value(expression, {Z: z}))

    def _exact_call(self, node: t.Call, setting: Setting) -> Value:
        if node.name in ROW_FUNCTIONS or node.index is not None or node.name == "diag":
            raise NoProof
        arguments = [self.value(argument, setting) for argument in node.arguments]
        if node.name in FUNCTIONS:
            if len(arguments) > 1 and any(is_matrix(argument) for argument in arguments):
                raise NoProof
            if len(arguments) > 1:
                return self.algebra.function(node.name, arguments)
            return _each(arguments[0], lambda z: self.algebra.function(node.name, [z]))
        expression = ACTIVATIONS[node.name].expression
        return _each(arguments[0], lambda z: self.algebra.value(expression, {Z: z}))

    def _exact_power(self, node: t.Power, setting: Setting) -> Value:
        exponent = self.value(node.exponent, setting)
        if isinstance(node.base, t.Constant) and node.base.name == "e":
            return _each(exponent, lambda z: self.algebra.function("exp", [z]))
        number = self.whole(node.exponent, setting)
        if isinstance(node.base, t.Norm) and node.base.order == 2 and number == 2:
            squares = [entry * entry for entry in entries(self.value(node.base.body, setting))]
            return sum(squares[1:], squares[0])
        return _each(self.value(node.base, setting), lambda base: base**number)

    def _exact_comparison(self, node: t.Comparison, setting: Setting) -> Value:
        if node.relation not in (">", "<"):
            raise NoProof
        left, right = self.value(node.left, setting), self.value(node.right, setting)
        difference = left - right if node.relation == ">" else right - left
        return _each(difference, lambda z: self.algebra.function("step", [z]))

    def _none(self, node: t.Node, setting: Setting) -> Value:
        raise NoProof


_OWN: dict[type, Callable[[Any, Any, Setting], Value]] = {
    t.Literal: SymbolicEvaluator._exact_literal,
    t.Constant: SymbolicEvaluator._exact_constant,
    t.Variable: SymbolicEvaluator._opaque_variable,
    t.Activation: SymbolicEvaluator._exact_activation,
    t.Call: SymbolicEvaluator._exact_call,
    t.Power: SymbolicEvaluator._exact_power,
    t.Comparison: SymbolicEvaluator._exact_comparison,
    t.Choice: SymbolicEvaluator._none,
    t.Absolute: SymbolicEvaluator._none,
    t.Norm: SymbolicEvaluator._none,
    t.Gradient: SymbolicEvaluator._none,
    t.Valued: SymbolicEvaluator._none,
}


def _each(value: Value, function: Callable[[Formula], Formula]) -> Value:
    if not is_matrix(value):
        return function(value)
    found = np.empty(value.shape, dtype=object)
    for place in _places(value):
        found[place] = function(value[place])
    return found


class Prover:
    """Proves links of a reader's network for a batch of two examples."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    @cached_property
    def point(self) -> SymbolicPoint | None:
        """The network in symbols; None if it has too many entries."""
        try:
            return SymbolicPoint.of(_few_examples(self.reader.points[0]))
        except NoProof:
            return None

    def proves(self, link: Link) -> bool:
        """Whether the sides of a link are equal as formulas, for all layers and units that it applies to.

        False if that cannot be shown within the reader's deadline.
        """
        if self.point is None or link.relation == "approx":
            return False
        point, reader = self.point, self.reader
        places = Places(reader.program, reader.notation, reader.network.sizes, point.examples, reader.definitions)
        try:
            return all(self._equal(link, point, places, each) for each in link.settings(places, MAX_INSTANCES))
        except (NoProof, Mismatch, LengthNeeded, ReadingError, KeyError, ZeroDivisionError):
            return False

    def _equal(
        self, link: Link, point: SymbolicPoint, places: Places, setting: Setting, lengths: dict[int, int] | None = None
    ) -> bool:
        evaluator = SymbolicEvaluator(point, places, lengths)
        try:
            left, right = fitted(link, *(evaluator.value(side, setting) for side in link.sides))
        except LengthNeeded as needed:
            if lengths:
                raise
            place = needed.place
            sizes = dict.fromkeys((point.examples, *places.sizes))
            return any(self._fits(link, point, places, setting, {place: size}) for size in sizes)
        if link.relation == "update" and isinstance(link.left, t.Reference) and not link.left.cotangent:
            loss = t.Reference(link.left.span, "C", None, ())
            left = left - evaluator.rate * evaluator.value(t.Derivative(link.left.span, loss, link.left), setting)
        if shape(left) != shape(right):
            return False
        return all(one == other for one, other in zip(entries(left), entries(right), strict=True))

    def _fits(
        self, link: Link, point: SymbolicPoint, places: Places, setting: Setting, lengths: dict[int, int]
    ) -> bool:
        try:
            return self._equal(link, point, places, setting, lengths)
        except Mismatch:
            return False
