"""The oracle: a program evaluated by plain loops, in floats or in mpmath.

It shares no code with lowering and emission: every equation is computed entry by entry as it is
written, sums are loops, Kronecker deltas are comparisons. It shows whether generated code computes the
equations. Whether the equations are the derivative of the loss is shown by finite differences of the
oracle, which `numerical_gradient` takes at 50 digits. It cannot show a loss other than the intended
one, errors at sizes for which loops are too slow, the range and rounding of a dtype, or errors in
checks of arguments.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from sympy import NumberSymbol, Rational, Symbol, pi

from symnet.core.index_algebra import extent
from symnet.core.interpreter import Entries, Interpreter
from symnet.core.program import Equation, Program
from symnet.core.sizes import BATCH
from symnet.functions import FUNCTIONS, ROWS, FloatMath
from symnet.support import VerificationError

DIGITS = 50


@dataclass(frozen=True)
class Numbers:
    """An arithmetic of numbers: the functions of a namespace, and the conversion of given values."""

    namespace: Any
    convert: Callable[[Any], Any]

    def number(self, value: Rational) -> Any:
        return self.convert(int(value.p)) / int(value.q)

    def constant(self, node: NumberSymbol) -> Any:
        return self.convert(self.namespace.pi) if node is pi else self.namespace.exp(1)

    def size(self, symbol: Symbol, value: int) -> Any:
        return self.convert(value)

    def add(self, terms: Sequence[Any]) -> Any:
        return sum(terms[1:], terms[0])

    def multiply(self, factors: Sequence[Any]) -> Any:
        return math.prod(factors[1:], start=factors[0])

    def power(self, base: Any, exponent: Rational) -> Any:
        if exponent.q == 2:
            return self.namespace.sqrt(base) ** int(exponent.p)
        return base ** (int(exponent) if exponent.is_Integer else self.number(exponent))

    def function(self, name: str, arguments: Sequence[Any]) -> Any:
        return FUNCTIONS[name].value(self.namespace, *arguments)

    def row(self, name: str, row: Sequence[Any], unit: int) -> Any:
        return ROWS[name].value(self.namespace, row, unit)

    def over_batch(self, terms: Sequence[Any]) -> Any:
        return self.add(terms)

    def define(self, equation: Equation, position: tuple[int, ...], value: Any) -> Any:
        return self.convert(value)


FLOATS = Numbers(FloatMath, float)
PRECISE = Numbers(mpmath.mp, mpmath.mpf)


def evaluate(program: Program, values: Mapping[str, Any], *, digits: int | None = None) -> dict[str, Entries]:
    """Evaluate every array of a program at given inputs, parameters and targets.

    Args:
        program: a verified program.
        values: a value for each declared array, in its shape; mpmath numbers are used as they are.
        digits: None for floats, else the number of decimal digits for mpmath.

    Returns:
        Object arrays by name, in the declared shapes (0-dimensional for scalars).

    Raises:
        VerificationError: an array is missing or its shape does not fit.
    """
    numbers = FLOATS if digits is None else PRECISE
    with mpmath.workdps(digits or mpmath.mp.dps):
        interpreter = Interpreter(program, {}, numbers, _batch(program, values))
        interpreter.values = {array.name: _given(interpreter, array.name, values, numbers) for array in program.arrays}
        return interpreter.run()


def numerical_gradient(program: Program, values: Mapping[str, Any], parameter: str, position: tuple[int, ...]) -> Any:
    """∂C/∂parameter[position] by a central difference at 50 digits, accurate to about 30.

    It is independent of the chain rule: only the forward equations are evaluated.
    """
    forward = program.needed_for([program.outputs["loss"]])
    with mpmath.workdps(DIGITS):
        width = mpmath.mpf(10) ** -17
        losses = []
        for sign in (1, -1):
            shifted = np.array(values[parameter], dtype=object)
            shifted[position] = mpmath.mpf(shifted[position]) + sign * width
            result = evaluate(forward, {**values, parameter: shifted}, digits=DIGITS)
            losses.append(result[program.outputs["loss"]][()])
        return (losses[0] - losses[1]) / (2 * width)


def _batch(program: Program, values: Mapping[str, Any]) -> int:
    """The number of rows, from the first array with a batch axis."""
    for array in program.arrays:
        for axis, idx in enumerate(array.indices):
            if extent(idx) == BATCH and np.ndim(values.get(array.name, 0)) > axis:
                return int(np.shape(values[array.name])[axis])
    return 1


def _given(interpreter: Interpreter, name: str, values: Mapping[str, Any], numbers: Numbers) -> Entries:
    if name not in values:
        raise VerificationError(f"no value is given for {name}")
    given = np.array(values[name], dtype=object)
    shape = interpreter.shape(interpreter.program.array(name).indices)
    if given.shape != shape:
        raise VerificationError(f"{name} has shape {given.shape}; expected {shape}")
    converted = np.empty(shape, dtype=object)
    for position in np.ndindex(*shape):
        converted[position] = numbers.convert(given[position])
    return converted
