"""A network at given numbers: its arrays, and their derivatives by shifting one entry and recomputing.

No rule of differentiation is used: every derivative is a difference quotient of the forward equations, computed at
60 digits, of which more than twenty are correct.
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
"""Entries are shifted by 10**-25, which leaves more than half of the digits for the difference."""

Numbers = dict[str, NDArray[Any]]
Position = tuple[int, ...]


def forward_program(network: Network, forward: Program | None = None) -> Program:
    """Return the forward equations with the loss split into C = E + R: the loss of the data and the penalty.

    Args:
        network: the architecture.
        forward: its forward equations; derived if None.
    """
    program = forward or forward_equations(network).program
    return verify(penalty_apart(program), program)


class Point:
    """A network at given numbers.

    Args:
        network: the architecture.
        program: its forward program.
        given: inputs, targets and parameters by name, as object arrays of mpmath numbers.
        deadline: the time limit.
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
        """The values of every array of the program, by name."""
        return evaluate(self.program, self.given, digits=DIGITS)

    def derivative(self, above: str, top: Position, below: str, bottom: Position) -> Any:
        """Return ∂above[top]/∂below[bottom].

        It is a partial derivative with the other operands constant if the equation of `above` refers to `below`, and
        a total derivative otherwise. For the loss, it is always a total derivative.

        Args:
            above, below: the names of the arrays.
            top, bottom: the positions of the entries.
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
        """Return the array `above` after an entry of `below` has been shifted up or down."""
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
        """Return the equations to recompute for `above` when `below` changes."""
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
        """The arrays before an entry is shifted, by their `HELD` names."""
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
        """The network at each example alone."""
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
"""The name of an array's values before an entry is shifted."""


def _held(operand: Expr) -> Expr:
    """Return a reference to the array's values before an entry is shifted."""
    if isinstance(operand, Indexed):
        return indexed(array_base(HELD.format(operand.base.name)), *operand.indices)
    return Symbol(HELD.format(operand), real=True)


def _with_choices_held(program: Program, node: Expr, changing: Set[str]) -> Expr:
    """Replace the conditions of choices in an expression by their values before an entry is shifted.

    A choice then has the slope of what it chooses, even if its condition is exactly 0. relu is a choice between its
    argument and 0.
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
    """Return the derivative at an entry of 0, given the slopes on both sides.

    The output of an inactive unit is exactly 0, which is the kink of a loss such as |a| or max(-y a, 0). By
    convention the derivative is 0 if one of the slopes is 0, else their mean, to which |a| adds 0 and smooth terms
    add their derivative.
    """
    if right * left == 0:
        return mpmath.mpf(0)
    return (right + left) / 2


def given_point(network: Network, program: Program, values: Mapping[str, Any]) -> Point:
    """Return the network at the user's numbers.

    Args:
        network: the architecture.
        program: its forward program.
        values: inputs, targets and parameters by name; floats are taken as their shortest decimals.

    Raises:
        ReadingError: an array is missing, unknown, or has the wrong shape.
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
    """Convert floats to mpmath numbers by their shortest decimals (`repr`)."""
    with mpmath.workdps(DIGITS):
        exact = {name: np.empty(array.shape, dtype=object) for name, array in numbers.items()}
        for name, array in numbers.items():
            for position in np.ndindex(*array.shape):
                entry = array[position]
                exact[name][position] = mpmath.mpf(entry if isinstance(entry, mpmath.mpf) else str(entry))
    return exact
