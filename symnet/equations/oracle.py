"""The oracle: a program evaluated by plain loops, in floats or in mpmath.

It shares nothing with the lowering and the emission: every equation is computed entry by entry as
it is written, sums are loops, Kronecker deltas are comparisons. What it can see is whether the
generated code computes the equations; whether the equations are the derivative of the loss it can
tell only when it is differenced itself, which `numerical_gradient` does at 50 digits.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from sympy import Add, Expr, Idx, Indexed, KroneckerDelta, Mul, NumberSymbol, Pow, Rational, Sum, Symbol

from symnet.equations.functions import log_softmax, softmax
from symnet.equations.program import BATCH, Program, extent
from symnet.equations.values import BY_CLASS, FloatMath
from symnet.errors import VerificationError

DIGITS = 50

Environment = dict[Idx, int]
Compiled = Callable[[Environment], Any]


@dataclass(frozen=True)
class Numbers:
    """An arithmetic: its functions, and how it holds a fraction and a value from outside."""

    namespace: Any
    fraction: Callable[[int, int], Any]
    convert: Callable[[Any], Any]


FLOATS = Numbers(FloatMath, lambda p, q: p / q, float)
PRECISE = Numbers(mpmath.mp, lambda p, q: mpmath.mpf(p) / q, lambda value: mpmath.mpf(value))


def evaluate(
    program: Program, values: Mapping[str, Any], *, digits: int | None = None
) -> dict[str, np.ndarray[Any, Any]]:
    """Every array of the program at the given inputs, parameters and targets.

    Args:
        program: a verified program.
        values: an array for each array that the program declares, in its shape; mpmath numbers are
            taken as they are.
        digits: None for floats, else the decimal digits to compute with in mpmath.

    Returns:
        Object arrays by name, in the declared shapes (0-dimensional for scalars).

    Raises:
        VerificationError: an array is missing or its shape does not fit.
    """
    if digits is None:
        return _Evaluation(program, values, FLOATS).run()
    with mpmath.workdps(digits):
        return _Evaluation(program, values, PRECISE).run()


def numerical_gradient(program: Program, values: Mapping[str, Any], parameter: str, position: tuple[int, ...]) -> Any:
    """∂C/∂parameter[position] by a central difference at 50 digits, right to about 30.

    Independent of the chain rule: it evaluates the forward equations only.
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


class _Evaluation:
    def __init__(self, program: Program, values: Mapping[str, Any], numbers: Numbers) -> None:
        self.program = program
        self.numbers = numbers
        self.batch = self._batch(values)
        self.values = {array.name: self._given(array.name, values) for array in program.arrays}

    def _batch(self, values: Mapping[str, Any]) -> int:
        for array in self.program.arrays:
            for axis, idx in enumerate(array.indices):
                if extent(idx) == BATCH and array.name in values:
                    return int(np.shape(values[array.name])[axis])
        return 1

    def _given(self, name: str, values: Mapping[str, Any]) -> np.ndarray[Any, Any]:
        if name not in values:
            raise VerificationError(f"no value is given for {name}")
        given = np.array(values[name], dtype=object)
        shape = tuple(self._extent(idx) for idx in self.program.array(name).indices)
        if given.shape != shape:
            raise VerificationError(f"{name} has shape {given.shape}; expected {shape}")
        converted = np.empty(shape, dtype=object)
        for position in np.ndindex(*shape):
            converted[position] = self.numbers.convert(given[position])
        return converted

    def _extent(self, idx: Idx) -> int:
        return int(self.program.size(extent(idx)).xreplace({BATCH: Rational(self.batch)}))

    def run(self) -> dict[str, np.ndarray[Any, Any]]:
        for equation in self.program.equations:
            indices = equation.array.indices
            shape = tuple(self._extent(idx) for idx in indices)
            compute = self.compile(equation.rhs)
            result = np.empty(shape, dtype=object)
            for position in np.ndindex(*shape):
                result[position] = compute(dict(zip(indices, position, strict=True)))
            self.values[equation.name] = result
        return self.values

    def compile(self, node: Expr) -> Compiled:
        """A function from index values to the number that a node has there."""
        if isinstance(node, Rational):
            number = self.numbers.fraction(int(node.p), int(node.q))
            return lambda env: number
        if isinstance(node, NumberSymbol):
            constant = getattr(self.numbers.namespace, str(node), None) or self.numbers.namespace.exp(1)
            return lambda env: constant
        if isinstance(node, Idx):
            return lambda env: env[node]
        if isinstance(node, Symbol):
            return self._symbol(node)
        if isinstance(node, Indexed):
            return self._reference(node)
        if isinstance(node, Sum):
            return self._loop(node.function, tuple(limit[0] for limit in node.limits))
        if isinstance(node, softmax | log_softmax):
            return self._row_function(node)
        return self._operation(node)

    def _symbol(self, node: Symbol) -> Compiled:
        if node.name in self.values:
            scalar = self.values[node.name]
            return lambda env: scalar[()]
        size = self.batch if node == BATCH else self.program.sizes[node]
        return lambda env: size

    def _reference(self, node: Indexed) -> Compiled:
        array = self.values[node.base.name]
        if all(isinstance(idx, Idx) for idx in node.indices):
            indices = node.indices
            return lambda env: array[tuple(env[idx] for idx in indices)]
        positions = [self.compile(idx) for idx in node.indices]
        return lambda env: array[tuple(int(position(env)) for position in positions)]

    def _loop(self, body: Expr, indices: tuple[Idx, ...]) -> Compiled:
        term = self.compile(body)
        ranges = [range(self._extent(idx)) for idx in indices]
        zero = self.numbers.convert(0)

        def total(env: Environment) -> Any:
            inner = dict(env)
            result = zero
            for position in itertools.product(*ranges):
                inner.update(zip(indices, position, strict=True))
                result = result + term(inner)
            return result

        return total

    def _row_function(self, node: Expr) -> Compiled:
        body, idx = node.args
        term, count = self.compile(body), self._extent(idx)
        namespace = self.numbers.namespace
        wants_log = isinstance(node, log_softmax)

        def value(env: Environment) -> Any:
            row = [term({**env, idx: unit}) for unit in range(count)]
            largest = max(row)
            exponentials = [namespace.exp(entry - largest) for entry in row]
            total = sum(exponentials)
            unit = env[idx]
            return row[unit] - largest - namespace.log(total) if wants_log else exponentials[unit] / total

        return value

    def _operation(self, node: Expr) -> Compiled:
        operands = [self.compile(argument) for argument in node.args]
        if isinstance(node, Add):
            return lambda env: sum((operand(env) for operand in operands[1:]), operands[0](env))
        if isinstance(node, Mul):
            return lambda env: _product([operand(env) for operand in operands])
        if isinstance(node, Pow):
            return self._power(node, operands[0])
        if isinstance(node, KroneckerDelta):
            return lambda env: int(operands[0](env) == operands[1](env))
        if node.func not in BY_CLASS:
            raise VerificationError(f"the oracle does not know the function {node.func.__name__}")
        function, namespace = BY_CLASS[node.func].value, self.numbers.namespace
        return lambda env: function(namespace, *(operand(env) for operand in operands))

    def _power(self, node: Pow, base: Compiled) -> Compiled:
        if node.exp == Rational(1, 2):
            root = self.numbers.namespace.sqrt
            return lambda env: root(base(env))
        if node.exp.is_Integer:
            whole = int(node.exp)
            return lambda env: base(env) ** whole
        exponent = self.compile(node.exp)
        return lambda env: base(env) ** exponent(env)


def _product(factors: list[Any]) -> Any:
    result = factors[0]
    for factor in factors[1:]:
        result = result * factor
    return result
