"""A network at random numbers: its arrays, and their derivatives by shifting one entry and computing anew.

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

from symnet.architecture import Network, forward_equations
from symnet.equations import BATCH, Equation, Program, evaluate
from symnet.equations.functions import relu
from symnet.equations.index_algebra import array_base, indexed, substitute
from symnet.equations.interpreter import Interpreter
from symnet.equations.oracle import PRECISE
from symnet.equations.piecewise import select
from symnet.errors import ReadingError
from symnet.names import unknown
from symnet.notation.symbols import LOSS_PARTS
from symnet.reading.deadline import Deadline

DIGITS = 60
SHIFT = 25
"""Entries are shifted by ten to the minus so much; half of the digits stand behind it."""

TRIES = 12
"""How often numbers of either sign are drawn, the last of them with parameters that are positive."""

POSITIVE = ((0.5, 2.0), (0.05, 0.4), (1.5, 4.0))
"""Where inputs and parameters are drawn from, in turn, for a network that has no values at any of those."""
SIXTEENTHS = 16

Numbers = dict[str, NDArray[Any]]
Position = tuple[int, ...]


def forward_program(network: Network) -> Program:
    """The forward equations, the loss as the sum of the part E that the data bring and the penalty R."""
    program = forward_equations(network).program
    *layers, loss = program.equations
    data = forward_equations(replace(network, l1=0.0, l2=0.0)).program.by_name[loss.name].rhs
    part, penalty = LOSS_PARTS
    parts = (Equation(part, data), Equation(penalty, loss.rhs - data))
    return program.with_equations((*layers, *parts, Equation(loss.array, part.reference + penalty.reference)))


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


def drawn_points(
    network: Network, program: Program, rows: int, seed: int, deadline: Deadline | None = None
) -> list[Point]:
    """Random numbers at which a wrong equation shows.

    Units that are switched off hide what stands behind them, and units that are all switched on hide a
    slope of 1: where there are such, the points are one with few zeros and one with many. Parameters, and then
    inputs too, are positive after some draws at which the network has no values, since it may take their logarithms
    or roots.

    Raises:
        ReadingError: no numbers were found at which the network can be evaluated.
    """
    found: dict[int, Numbers] = {}
    for attempt in range(TRIES):
        is_positive = not found and attempt > TRIES // 2
        numbers = _drawn(network, program, rows, np.random.default_rng((seed, attempt)), is_positive=is_positive)
        zeros = _zeros(program, numbers)
        if zeros is not None:
            found.setdefault(zeros, numbers)
        if zeros is not None and attempt == TRIES // 2 and len(found) == 1:
            break
    for attempt in range(TRIES, 2 * TRIES):
        if found:
            break
        rng = np.random.default_rng((seed, attempt))
        numbers = _drawn(network, program, rows, rng, is_positive=True, between=POSITIVE[attempt % len(POSITIVE)])
        zeros = _zeros(program, numbers)
        if zeros is not None:
            found[zeros] = numbers
    if not found:
        raise ReadingError("the network has no finite values at the random numbers that were tried")
    return [Point(network, program, _exactly(found[zeros]), deadline) for zeros in sorted({min(found), max(found)})]


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
    return Point(network, program, _exactly(numbers))


def _exactly(numbers: Mapping[str, NDArray[Any]]) -> Numbers:
    """Floats as the decimals that they are printed as."""
    with mpmath.workdps(DIGITS):
        exact = {name: np.empty(array.shape, dtype=object) for name, array in numbers.items()}
        for name, array in numbers.items():
            for position in np.ndindex(*array.shape):
                entry = array[position]
                exact[name][position] = mpmath.mpf(entry if isinstance(entry, mpmath.mpf) else str(entry))
    return exact


def _drawn(
    network: Network,
    program: Program,
    rows: int,
    rng: np.random.Generator,
    *,
    is_positive: bool,
    between: tuple[float, float] | None = None,
) -> Numbers:
    """Four decimals each; widths of radial-basis units and a learned β are positive.

    Args:
        network: the architecture.
        program: its forward program.
        rows: how many examples.
        rng: what they are drawn by.
        is_positive: whether all parameters are.
        between: where inputs and parameters lie; None for the usual range.
    """
    numbers: Numbers = {}
    for array in program.arrays:
        shape = tuple(rows if size == BATCH else int(size) for size in program.shape(array))
        if array.role == "target":
            numbers[array.name] = _targets(network.loss.kind.targets, shape, rng)
            continue
        is_width = array.stem == "beta" or array.stem.startswith("s") or (is_positive and array.is_parameter)
        low, high = between or ((0.5, 2.0) if is_width else (-1.5, 1.5))
        fan_in = shape[0] if array.role == "weight" else 1
        numbers[array.name] = np.round(rng.uniform(low, high, shape) / fan_in**0.5, 4)
    return numbers


def _targets(kind: str, shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[Any]:
    """Targets that the loss takes; probabilities are none of them 0, and sum to 1 in each row."""
    if kind == "probabilities":
        units = shape[-1]
        parts = SIXTEENTHS * units
        counts = rng.multinomial(parts - units, np.full(units, 1 / units), size=shape[:-1]) + 1
        exact = np.empty(shape, dtype=object)
        with mpmath.workdps(DIGITS):
            for position in np.ndindex(*shape):
                exact[position] = mpmath.mpf(int(counts[position])) / parts
        return exact
    if kind == "unit interval":
        return np.round(rng.uniform(0.05, 0.95, shape), 4)
    if kind == "signs":
        return rng.choice((-1.0, 1.0), shape)
    return np.round(rng.standard_normal(shape), 4)


def _zeros(program: Program, numbers: Numbers) -> int | None:
    """How many entries that the equations compute are exactly 0; None where some are not finite or huge."""
    floats = {name: np.asarray(array, dtype=float) for name, array in numbers.items()}
    try:
        results = evaluate(program, floats)
    except (ArithmeticError, ValueError):
        return None
    entries = [float(entry) for equation in program.equations for entry in results[equation.name].ravel()]
    if not all(abs(entry) < 1e6 for entry in entries):
        return None
    penalty = results["R"][()]
    return sum(entry == 0 for entry in entries) - int(penalty == 0)
