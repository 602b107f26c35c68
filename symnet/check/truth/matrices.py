"""Numbers and matrices of mpmath numbers: their products, sums and functions, with shapes held to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

from symnet.notation import Notation

LARGEST = mpmath.mpf(10) ** 400
MAX_EXPONENT = 1_000

Value = Any
"""An mpmath number, or a matrix: an object array with two axes."""


class Mismatch(Exception):
    """A side has no value: shapes that do not fit, a unit or a layer that is not there, a number out of range."""


class Undefined(Mismatch):
    """A side has no value, since a function has none there: log(-1), or the root of a negative number."""


@dataclass(frozen=True)
class Rules:
    """How matrices of unequal shapes are added: only a bias to every example, and only where a notation does so."""

    stretched: int | None

    @staticmethod
    def of(notation: Notation) -> Rules:
        axis = {"rows": 0, "columns": 1}.get(notation.batch)
        return Rules(axis if notation.broadcast else None)

    def add(self, left: Value, right: Value) -> Value:
        return self.together(left, right, lambda u, v: u + v, "added")

    def hadamard(self, left: Value, right: Value) -> Value:
        return self.together(left, right, lambda u, v: u * v, "multiplied entry by entry")

    def divide(self, left: Value, right: Value) -> Value:
        return self.together(left, right, _quotient, "divided entry by entry")

    def together(self, left: Value, right: Value, operation: Callable[[Any, Any], Any], what: str) -> Value:
        """An operation entry by entry; a number goes with every entry."""
        left, right = _lone(left), _lone(right)
        if not (is_matrix(left) and is_matrix(right)):
            return _each(left, right, operation)
        if left.shape != right.shape and not self._stretches(left.shape, right.shape):
            raise Mismatch(f"{shape_text(left)} and {shape_text(right)} cannot be {what}")
        return _each(left, right, operation)

    def _stretches(self, left: tuple[int, ...], right: tuple[int, ...]) -> bool:
        axis = self.stretched
        return axis is not None and left[1 - axis] == right[1 - axis] and 1 in (left[axis], right[axis])

    def multiply(self, left: Value, right: Value) -> Value:
        """The product of matrices, or of a number with anything."""
        if not (is_matrix(left) and is_matrix(right)):
            return left * right
        if left.shape[1] != right.shape[0]:
            raise Mismatch(f"{shape_text(left)} times {shape_text(right)} has no value")
        return _multiplied(left, right)


def _lone(value: Value) -> Value:
    """The one entry of a 1 x 1 matrix, which is a number wherever one is wanted: an inner product."""
    return value[0, 0] if is_matrix(value) and value.shape == (1, 1) else value


def _each(left: Value, right: Value, operation: Callable[[Any, Any], Any]) -> Value:
    if is_matrix(left) or is_matrix(right):
        return np.frompyfunc(operation, 2, 1)(left, right)
    return operation(left, right)


def _multiplied(left: Value, right: Value) -> Value:
    """The product of two matrices; NumPy's own goes on where the arithmetic of an entry has raised an error."""
    found = np.empty((left.shape[0], right.shape[1]), dtype=object)
    for row, column in np.ndindex(*found.shape):
        terms = [one * other for one, other in zip(left[row], right[:, column], strict=True)]
        found[row, column] = sum(terms[1:], terms[0])
    return found


def _quotient(left: Any, right: Any) -> Any:
    if right == 0:
        raise Mismatch("a division by 0")
    return left / right


def is_matrix(value: Value) -> bool:
    return isinstance(value, np.ndarray)


def shape(value: Value) -> tuple[int, int]:
    """The shape of a matrix; a number counts as 1 × 1."""
    return (int(value.shape[0]), int(value.shape[1])) if is_matrix(value) else (1, 1)


def shape_text(value: Value) -> str:
    rows, columns = shape(value)
    return f"a {rows} x {columns} matrix" if is_matrix(value) else "a number"


def entries(value: Value) -> list[Any]:
    return list(value.ravel()) if is_matrix(value) else [value]


def transposed(value: Value) -> Value:
    return value.T if is_matrix(value) else value


def elementwise(function: Callable[..., Any], *arguments: Value) -> Value:
    """A function of numbers, entry by entry.

    Raises:
        Undefined: it has no real value somewhere.
        Mismatch: it has an unreasonably large one.
    """

    def real(*numbers: Any) -> Any:
        try:
            return checked(function(*numbers))
        except (ArithmeticError, ValueError, TypeError):
            raise Undefined("a function outside its domain") from None

    if any(is_matrix(argument) for argument in arguments):
        return np.frompyfunc(real, len(arguments), 1)(*arguments)
    return real(*arguments)


def checked(number: Any) -> Any:
    if isinstance(number, mpmath.mpc):
        raise Undefined("a function outside its domain")
    result = mpmath.mpf(number)
    if not abs(result) < LARGEST:
        raise Mismatch("a number larger than 1e400")
    return result


def power(base: Any, exponent: Any) -> Any:
    """A number raised to a number of moderate size."""
    if abs(exponent) > MAX_EXPONENT:
        raise Mismatch(f"an exponent beyond {MAX_EXPONENT:,}")
    if base == 0 and exponent < 0:
        raise Mismatch("a division by 0")
    whole = int(exponent) if exponent == int(exponent) else None
    return base**whole if whole is not None else base**exponent


def softmax(row: list[Any], name: str) -> list[Any]:
    """softmax or log_softmax of a row."""
    largest = max(row)
    exponentials = [mpmath.exp(entry - largest) for entry in row]
    total = sum(exponentials)
    if name == "softmax":
        return [entry / total for entry in exponentials]
    return [entry - largest - mpmath.log(total) for entry in row]


def softmax_along(value: Value, axis: int, name: str) -> Value:
    """softmax of every row (axis 1) or column (axis 0) of a matrix."""
    if not is_matrix(value):
        raise Mismatch(f"{name} of a single number")
    rows = value if axis == 1 else value.T
    result = np.array([softmax(list(row), name) for row in rows], dtype=object)
    return result if axis == 1 else result.T
