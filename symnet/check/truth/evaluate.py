"""Evaluate one side of an equation at a point, for given values of its letters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import mpmath
import numpy as np

from symnet.check.latex import ROW_FUNCTIONS, is_turned, not_understood
from symnet.check.latex import tree as t
from symnet.check.truth.functions import activated, activation_function, called
from symnet.check.truth.matrices import (
    Mismatch,
    Rules,
    Value,
    elementwise,
    entries,
    is_matrix,
    power,
    shape,
    softmax,
    transposed,
)
from symnet.check.truth.places import Places, Setting
from symnet.check.truth.point import Point
from symnet.core import Array

RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda u, v: bool(u < v),
    ">": lambda u, v: bool(u > v),
    "<=": lambda u, v: bool(u <= v),
    ">=": lambda u, v: bool(u >= v),
    "=": lambda u, v: bool(u == v),
    "!=": lambda u, v: bool(u != v),
}


class LengthNeeded(Exception):
    """A column of ones has no known length; `place` is its character in the formula."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place


class Evaluator:
    """Evaluates nodes at a point.

    Args:
        point: the network at numbers.
        places: the arrays that symbols of the notation refer to.
        rate: the learning rate.
        lengths: the lengths of columns of ones, by their first characters in the formula.
        shifts: the numbers added to printed numbers, by their first characters in the formula.
    """

    def __init__(
        self,
        point: Point,
        places: Places,
        rate: Any,
        lengths: Mapping[int, int] | None = None,
        shifts: Mapping[int, Any] | None = None,
    ) -> None:
        self.point = point
        self.places = places
        self.notation = places.notation
        self.rate = rate
        self.lengths = lengths or {}
        self.shifts = shifts or {}
        self.rules = Rules.of(places.notation)

    def value(self, node: t.Node, setting: Setting) -> Value:
        """Return the value of a node, a number or a matrix.

        Raises:
            Mismatch: it has none.
            LengthNeeded: a column of ones has no length yet.
        """
        self.point.deadline.check()
        return _EVALUATORS[type(node)](self, node, setting)

    def exact(self, number: int) -> Any:
        """Convert an integer to the numbers of this evaluator."""
        return mpmath.mpf(number)

    def number(self, node: t.Node, setting: Setting) -> Any:
        """Return the value of a node that has to be a number."""
        found = self.value(node, setting)
        if shape(found) != (1, 1):
            raise Mismatch("a matrix where a number is needed")
        return entries(found)[0]

    def whole(self, node: t.Node, setting: Setting) -> int:
        found = self.number(node, setting)
        if found != int(found):
            raise Mismatch("a broken number where a whole one is needed")
        return int(found)

    def _literal(self, node: t.Literal, setting: Setting) -> Value:
        # mpmath reads `.5`, but not `.0`.
        return mpmath.mpf(f"0{node.text}") + self.shifts.get(node.span.start, 0)

    def _constant(self, node: t.Constant, setting: Setting) -> Value:
        if node.name == "examples":
            return self.exact(self.point.examples)
        return {"pi": +mpmath.pi, "e": +mpmath.e}.get(node.name, self.rate)

    def _size(self, node: t.Size, setting: Setting) -> Value:
        return self.exact(self.places.sizes[self.places.layer(node.layer, setting)])

    def _variable(self, node: t.Variable, setting: Setting) -> Value:
        return setting.variables[node.name]

    def _reference(self, node: t.Reference, setting: Setting) -> Value:
        if node.kind == "C" and node.indices:
            return self._of_example(node, setting).values["E"][()]
        if node.cotangent:
            loss = t.Reference(node.span, "C", None, ())
            return self._times_examples(node, setting) * self._derivative(
                t.Derivative(node.span, loss, replace(node, cotangent=False)), setting
            )
        array = self.places.array(node, setting)
        if node.indices is None:
            return self._displayed(array, self.point.values[array.name])
        return self.point.values[array.name][self.places.position(node, array, setting)]

    def _defined(self, node: t.Defined, setting: Setting) -> Value:
        definition, inner = self.places.meaning(node, setting)
        return self.value(definition.body, inner)

    def _of_example(self, node: t.Reference, setting: Setting) -> Point:
        assert node.indices
        index = node.indices[0]
        row = (setting.indices[index.letter] if index.letter else 0) + index.offset
        if not 0 <= row < self.point.examples:
            raise Mismatch("the batch has no such example")
        return self.point.of_examples[row]

    def _times_examples(self, node: t.Reference, setting: Setting) -> Any:
        """The factor N if a cotangent is the error of a single example and C is the mean of the losses, else 1."""
        is_mean = self.point.network.reduction == "mean" and self.notation.errors_of == "example"
        per_example = self.places.is_per_example(self.places.array(node, setting))
        return self.exact(self.point.examples if is_mean and per_example else 1)

    def _derivative(self, node: t.Derivative, setting: Setting) -> Value:
        above, below = node.above, node.below
        top_array, bottom_array = self.places.array(above, setting), self.places.array(below, setting)
        if above.indices is None:
            if top_array.indices:
                raise not_understood(above.span.start, "the derivative of a number or of an entry with its index")
            above = replace(above, indices=())
        if above.kind == "C" and above.indices:
            return self._derivative_of_example(above, below, bottom_array, setting)
        top = self.places.position(above, top_array, setting)
        if below.indices is not None:
            bottom = self.places.position(below, bottom_array, setting)
            return self.point.derivative(top_array.name, top, bottom_array.name, bottom)
        found = np.empty(self.places.shape(bottom_array), dtype=object)
        for position in np.ndindex(*found.shape):
            found[position] = self.point.derivative(top_array.name, top, bottom_array.name, position)
        return self._displayed(bottom_array, found)

    def _gradient(self, node: t.Gradient, setting: Setting) -> Value:
        found = [
            self.point.derivative("C", (), array.name, position)
            for array in self.places.program.parameters
            for position in np.ndindex(*self.places.shape(array))
        ]
        return np.array(found, dtype=object).reshape(-1, 1)

    def _derivative_of_example(self, above: t.Reference, below: t.Reference, array: Array, setting: Setting) -> Value:
        """Return the derivative of the loss of one example."""
        if below.indices is None:
            raise not_understood(below.span.start, "the indices of the entry by which is derived")
        row = self.point.of_examples.index(self._of_example(above, setting))
        position = self.places.position(below, array, setting)
        if self.places.is_per_example(array):
            axis = self.places.example_axes(array)[0]
            if position[axis] != row:
                return self.exact(0)
            position = (*position[:axis], 0, *position[axis + 1 :])
        return self.point.of_examples[row].derivative("E", (), array.name, position)

    def _displayed(self, array: Array, found: Any) -> Value:
        """Return an array of the program as a matrix of the notation."""
        axes = self.places.axes(array)
        alone = self.places.example_axes(array) if self.notation.batch == "single" else ()
        found = found[tuple(0 if axis in alone else slice(None) for axis in range(found.ndim))]
        if not axes:
            return found
        if len(axes) > 2:
            raise Mismatch("a whole array of more than two axes")
        if len(axes) == 2:
            return found.T if is_turned(array, self.notation) else found
        lies = self.notation.batch == ("columns" if axes[0].is_batch else "rows")
        return found.reshape(1, -1) if lies else found.reshape(-1, 1)

    def _activation(self, node: t.Activation, setting: Setting) -> Value:
        function = activation_function(node, self.point.network, self.places, setting)
        return activated(node, function, self.value(node.argument, setting), self._unit_axis)

    @property
    def _unit_axis(self) -> int:
        return 1 if self.notation.batch == "rows" else 0

    def _call(self, node: t.Call, setting: Setting) -> Value:
        if node.index is not None:
            return self._softmax_entry(node, node.index, setting)
        found = [self.value(argument, setting) for argument in node.arguments]
        if node.name in ROW_FUNCTIONS and not is_matrix(found[0]) and _has_wholes(node):
            found[0] = np.array([[found[0]]], dtype=object)  # the row of a layer of one unit
        return called(node.name, found, self._unit_axis)

    def _softmax_entry(self, node: t.Call, index: t.Index, setting: Setting) -> Value:
        axis = self.places.runs_over(index.letter, node.arguments, setting) if index.letter else None
        if axis is None:
            raise not_understood(node.span.start, "the index of a unit in the argument of the function")
        row = [
            self.number(node.arguments[0], replace(setting, indices={**setting.indices, index.letter: unit}))
            for unit in range(axis.size)
        ]
        return softmax(row, node.name)[setting.indices[index.letter]]

    def _sum(self, node: t.Sum, setting: Setting) -> Value:
        terms = [-self.value(term, setting) if minus else self.value(term, setting) for minus, term in node.terms]
        total = terms[0]
        for term in terms[1:]:
            total = self.rules.add(total, term)
        return total

    def _product(self, node: t.Product, setting: Setting) -> Value:
        """Evaluate a product; adjacent matrices are multiplied before ⊙ and ⊘."""
        result: Value = None
        pending = ""
        run: Value = None
        combine = {"hadamard": self.rules.hadamard, "elementwise divide": self.rules.divide}
        for operator, factor in node.factors:
            found = self.value(factor, setting)
            if operator in combine:
                result = run if result is None else combine[pending](result, run)
                pending, run = operator, found
            elif run is None:
                run = found
            else:
                run = self.rules.divide(run, found) if operator == "divide" else self.rules.multiply(run, found)
        return run if result is None else combine[pending](result, run)

    def _power(self, node: t.Power, setting: Setting) -> Value:
        exponent = self.value(node.exponent, setting)
        if isinstance(node.base, t.Constant) and node.base.name == "e":
            return elementwise(mpmath.exp, exponent)
        return elementwise(power, self.value(node.base, setting), exponent)

    def _transposed(self, node: t.Transposed, setting: Setting) -> Value:
        return transposed(self.value(node.body, setting))

    def _absolute(self, node: t.Absolute, setting: Setting) -> Value:
        return elementwise(abs, self.value(node.body, setting))

    def _norm(self, node: t.Norm, setting: Setting) -> Value:
        found = entries(self.value(node.body, setting))
        if node.order == 1:
            return sum((abs(entry) for entry in found), mpmath.mpf(0))
        return mpmath.sqrt(sum((entry**2 for entry in found), mpmath.mpf(0)))

    def _total(self, node: t.Total, setting: Setting) -> Value:
        bound, *others = node.bounds
        body = replace(node, bounds=tuple(others)) if others else node.body
        total: Value = self.exact(0)
        is_empty = True
        for inner in self._range(bound, body, setting):
            found = self.value(body, inner)
            total = found if is_empty else self.rules.add(total, found)
            is_empty = False
        return total

    def _range(self, bound: t.Bound, body: t.Node, setting: Setting) -> list[Setting]:
        """Return the settings at which the body of a sum is evaluated."""
        if bound.letter == self.notation.layer and isinstance(bound.lower, t.Layer | None):
            return self._layers(bound, body, setting)
        axis = self.places.runs_over(bound.letter, (body,), setting)
        if axis is None:
            raise Mismatch(f"nothing says what index {bound.letter} runs over")
        places = range(axis.size)
        if isinstance(bound.lower, t.Node) and isinstance(bound.upper, t.Node):
            lower, upper = self.whole(bound.lower, setting), self.whole(bound.upper, setting)
            is_whole = lower in (0, 1) and upper - lower + 1 == axis.size
            base = lower if is_whole or (axis.is_batch and lower in (0, 1)) else self.notation.base
            if upper - base >= axis.size:
                raise Mismatch(f"index {bound.letter} runs beyond {axis.label} ({axis.size})")
            places = range(lower - base, upper - base + 1)
        excluded = bound.excluded
        kept = [
            place
            for place in places
            if excluded is None or place != setting.indices.get(excluded.letter, 0) + excluded.offset
        ]
        return [replace(setting, indices={**setting.indices, bound.letter: place}) for place in kept]

    def _layers(self, bound: t.Bound, body: t.Node, setting: Setting) -> list[Setting]:
        """Return the settings of a sum over layers: its range, or all layers in which the summand exists."""
        if isinstance(bound.lower, t.Layer) and isinstance(bound.upper, t.Layer):
            numbers = range(self.places.layer(bound.lower, setting), self.places.layer(bound.upper, setting) + 1)
        else:
            numbers = range(self.places.depth + 1)
        inner = [replace(setting, layers={**setting.layers, bound.letter: number}) for number in numbers]
        return inner if bound.lower else [each for each in inner if self.places.exist((body,), each)]

    def _same(self, node: t.Same, setting: Setting) -> Value:
        left, right = (
            (setting.indices[index.letter] if index.letter else 0) + index.offset for index in (node.left, node.right)
        )
        return self.exact((left == right) != node.differ)

    def _comparison(self, node: t.Comparison, setting: Setting) -> Value:
        sides = self.value(node.left, setting), self.value(node.right, setting)
        return elementwise(lambda u, v: int(RELATIONS[node.relation](u, v)), *sides)

    def _choice(self, node: t.Choice, setting: Setting) -> Value:
        """Evaluate a choice: the chosen value alone, or entry by entry if a condition is a matrix."""
        holds = [True if condition is None else self.value(condition, setting) for _, condition in node.rows]
        if not any(map(is_matrix, holds)):
            return self.value(node.rows[holds.index(True) if True in holds else -1][0], setting)
        chosen: Value = None
        for (body, _), each in reversed([*zip(node.rows, holds, strict=True)]):
            found = self.value(body, setting)
            chosen = found if chosen is None else elementwise(lambda c, u, v: u if c else v, each, found, chosen)
        return chosen

    def _table(self, node: t.Table, setting: Setting) -> Value:
        return np.array([[self.number(entry, setting) for entry in row] for row in node.rows], dtype=object)

    def _ones(self, node: t.Ones, setting: Setting) -> Value:
        if node.length is not None:
            length = self.whole(node.length, setting)
            if not 0 < length <= 10_000:
                raise Mismatch("a column of ones of no reasonable length")
        elif node.span.start in self.lengths:
            length = self.lengths[node.span.start]
        else:
            raise LengthNeeded(node.span.start)
        return np.full((length, 1), self.exact(1), dtype=object)

    def _shaped(self, node: t.Shaped, setting: Setting) -> Value:
        rows, columns = (self.whole(size, setting) for size in node.shape)
        body = node.body.body if isinstance(node.body, t.Transposed) else node.body
        if isinstance(body, t.Ones) and body.length is None and 1 in (rows, columns):
            return self._of_ones(rows, columns, is_column=body is node.body)
        found = self.value(node.body, setting)
        if shape(found) != (rows, columns):
            raise Mismatch(f"the shape {rows} x {columns} is printed under {shape(found)[0]} x {shape(found)[1]}")
        return found

    def _of_ones(self, rows: int, columns: int, *, is_column: bool) -> Value:
        """Return a column or a row of ones with the shape that is printed under it."""
        if (columns if is_column else rows) != 1:
            raise Mismatch(f"the shape {rows} x {columns} under {'a column' if is_column else 'a row'} of ones")
        return np.full((rows, columns), self.exact(1), dtype=object)

    def _valued(self, node: t.Valued, setting: Setting) -> Value:
        return self.value(node.body, setting)


def _has_wholes(node: t.Node) -> bool:
    return any(isinstance(each, t.Reference) and each.indices is None for each in t.walk(node))


_EVALUATORS: dict[type, Callable[[Any, Any, Setting], Value]] = {
    t.Literal: Evaluator._literal,
    t.Constant: Evaluator._constant,
    t.Size: Evaluator._size,
    t.Variable: Evaluator._variable,
    t.Reference: Evaluator._reference,
    t.Defined: Evaluator._defined,
    t.Derivative: Evaluator._derivative,
    t.Gradient: Evaluator._gradient,
    t.Activation: Evaluator._activation,
    t.Call: Evaluator._call,
    t.Sum: Evaluator._sum,
    t.Product: Evaluator._product,
    t.Power: Evaluator._power,
    t.Transposed: Evaluator._transposed,
    t.Absolute: Evaluator._absolute,
    t.Norm: Evaluator._norm,
    t.Total: Evaluator._total,
    t.Same: Evaluator._same,
    t.Comparison: Evaluator._comparison,
    t.Choice: Evaluator._choice,
    t.Table: Evaluator._table,
    t.Ones: Evaluator._ones,
    t.Shaped: Evaluator._shaped,
    t.Valued: Evaluator._valued,
}
