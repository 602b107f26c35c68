"""A network at given numbers: its arrays, and their derivatives by shifting one entry and computing anew.

Nothing here knows a derivative: every one is a difference quotient of the forward equations, at so many
digits that more than twenty of them are right.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from functools import cached_property
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Indexed, Integer, Sum, Symbol

from symnet.check.latex import Deadline
from symnet.core import (
    BATCH,
    PRECISE,
    Equation,
    Interpreter,
    Program,
    array_base,
    evaluate,
    indexed,
    substitute,
    verify,
)
from symnet.functions import relu, select
from symnet.network import Network, forward_equations, penalty_apart
from symnet.support import ReadingError, unknown

DIGITS = 60
SHIFT = 25
"""Entries are shifted by ten to the minus so much; half of the digits stand behind it."""

Numbers = dict[str, NDArray[Any]]
Position = tuple[int, ...]


def forward_program(network: Network, forward: Program | None = None) -> Program:
    """The forward equations, the loss as the sum of the part E that the data bring and the penalty R.

    Args:
        network: the architecture.
        forward: its forward equations, where they have been written down.
    """
    program = forward or forward_equations(network).program
    return verify(penalty_apart(program), program)


class Point:
    """A network at given numbers.

    Args:
        network: the architecture.
        program: its forward program.
        given: inputs, targets and parameters by name, as mpmath numbers in their shapes.
        deadline: until when may be computed.
    """

    def __init__(self, network: Network, program: Program, given: Numbers, deadline: Deadline | None = None) -> None:
        self.deadline = deadline or Deadline()
        self.network = network
        self.program = program
        self.examples = len(given["x"])
        self.given = given
        self._derivatives: dict[tuple[str, Position, str, Position], Any] = {}
        self._arrays_shifted: dict[tuple[str, str, Position, int], NDArray[Any]] = {}
        self._programs: dict[tuple[str, str], Program] = {}

    @cached_property
    def values(self) -> Numbers:
        """Every array of the program."""
        return evaluate(self.program, self.given, digits=DIGITS)

    def derivative(self, above: str, top: Position, below: str, bottom: Position) -> Any:
        """∂above[top]/∂below[bottom].

        Where the equation of `above` itself refers to `below`, its other operands are held; otherwise, and
        always for the loss, everything that depends on `below` changes.
        """
        key = (above, top, below, bottom)
        if key not in self._derivatives:
            with mpmath.workdps(DIGITS):
                self._derivatives[key] = self._quotient(*key)
        return self._derivatives[key]

    def _quotient(self, above: str, top: Position, below: str, bottom: Position) -> Any:
        if above == below:
            return mpmath.mpf(top == bottom)
        width = mpmath.mpf(10) ** -SHIFT
        further = self._shifted(above, below, bottom, 1)[top]
        if self.values[below][bottom] != 0:
            return (further - self.values[above][top]) / width
        here, back = self.values[above][top], self._shifted(above, below, bottom, -1)[top]
        return at_zero((further - here) / width, (here - back) / width)

    def _shifted(self, above: str, below: str, bottom: Position, sign: int) -> NDArray[Any]:
        """The array `above` after an entry of `below` has been shifted up or down."""
        key = (above, below, bottom, sign)
        if key not in self._arrays_shifted:
            self.deadline.check()
            entries = self.values[below].copy()
            entries[bottom] = entries[bottom] + sign * mpmath.mpf(10) ** -SHIFT
            program = self._between(below, above)
            changed = Interpreter(program, {**self.values, **self._held, below: entries}, PRECISE, self.examples).run()
            self._arrays_shifted[key] = changed[above]
        return self._arrays_shifted[key]

    def _between(self, below: str, above: str) -> Program:
        """The equations to compute anew when `below` changes and `above` is asked for."""
        if (below, above) not in self._programs:
            equations = self._equations_between(below, above)
            changing = {below, *(equation.name for equation in equations)}
            held = [
                replace(equation, rhs=_with_choices_held(self.program, equation.rhs, changing))
                for equation in equations
            ]
            self._programs[below, above] = self.program.with_equations(held)
        return self._programs[below, above]

    @cached_property
    def _held(self) -> Numbers:
        """The arrays as they are before an entry is shifted, under names of their own."""
        return {HELD.format(name): array for name, array in self.values.items()}

    def _equations_between(self, below: str, above: str) -> list[Equation]:
        own = self.program.by_name.get(above)
        dependencies = self.program.dependencies
        if own is not None and below in dependencies[above] and own.array.indices:
            return [own]
        touched = {below}
        equations = []
        for equation in self.program.needed_for([above]).equations:
            if touched.intersection(dependencies[equation.name]) and equation.name != below:
                touched.add(equation.name)
                equations.append(equation)
        return equations

    @cached_property
    def of_examples(self) -> list[Point]:
        """The same network at each example alone."""
        batched = {array.name for array in self.program.arrays if array.role in ("input", "target")}
        return [
            Point(
                self.network,
                self.program,
                {name: array[row : row + 1] if name in batched else array for name, array in self.given.items()},
                self.deadline,
            )
            for row in range(self.examples)
        ]


HELD = "{} held"
"""What an array is called as it is before an entry of it is shifted."""


def _held(operand: Expr) -> Expr:
    """A reference to an array as one to the array as it was."""
    if isinstance(operand, Indexed):
        return indexed(array_base(HELD.format(operand.base.name)), *operand.indices)
    return Symbol(HELD.format(operand), real=True)


def _with_choices_held(program: Program, node: Expr, changing: Set[str]) -> Expr:
    """An expression whose choices are made by arrays as they are before an entry is shifted.

    A choice has the slope of what is chosen, also where its condition is just 0; relu chooses its argument or 0.
    """
    if not node.has(select, relu):
        return node
    if isinstance(node, select | relu):
        condition, *chosen = node.args if isinstance(node, select) else (*node.args, *node.args, Integer(0))
        operands = [each for each in program.operands(condition) if program.name_of(each) in changing]
        condition = substitute(condition, {each: _held(each) for each in operands})
        return select(condition, *(_with_choices_held(program, each, changing) for each in chosen))
    if isinstance(node, Sum):
        return Sum(_with_choices_held(program, node.function, changing), *node.limits)
    return node.func(*(_with_choices_held(program, child, changing) for child in node.args))


def at_zero(right: Any, left: Any) -> Any:
    """The derivative where an entry is 0, from the slopes on both sides.

    A unit that is switched off stands just there, and with it a loss such as |a| or max(-y a, 0) at its kink.
    By convention the derivative is 0 where one of the slopes is 0; that of |a| is the mean of both, and what is
    smooth in a loss beside it keeps its own.
    """
    if right * left == 0:
        return mpmath.mpf(0)
    return (right + left) / 2


def given_point(network: Network, program: Program, values: Mapping[str, Any]) -> Point:
    """The network at numbers of the user's, by the names of the program; decimals are taken as they are written.

    Raises:
        ReadingError: an array is missing, unknown or of another shape.
    """
    names = [array.name for array in program.arrays]
    for name in values:
        if name not in names:
            raise ReadingError(unknown("array", name, names))
    numbers: Numbers = {}
    rows = 1
    for array in program.arrays:
        if array.name not in values:
            raise ReadingError(f"no value is given for {array.name}")
        entries = np.array(values[array.name], dtype=object)
        if array.role in ("input", "target"):
            entries = np.atleast_2d(entries)
            rows = len(entries)
        shape = tuple(rows if size == BATCH else int(size) for size in program.shape(array))
        if entries.shape != shape:
            raise ReadingError(f"{array.name} has shape {entries.shape}; expected {shape}")
        numbers[array.name] = entries
    return Point(network, program, exactly(numbers))


def exactly(numbers: Mapping[str, NDArray[Any]]) -> Numbers:
    """Floats as the decimals that they are printed as."""
    with mpmath.workdps(DIGITS):
        exact = {name: np.empty(array.shape, dtype=object) for name, array in numbers.items()}
        for name, array in numbers.items():
            for position in np.ndindex(*array.shape):
                entry = array[position]
                exact[name][position] = mpmath.mpf(entry if isinstance(entry, mpmath.mpf) else str(entry))
    return exact
