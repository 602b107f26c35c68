"""Arithmetic of numbers and matrices of mpmath numbers, with strict shapes."""

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
    """A side has no value: shapes do not fit, a unit or a layer does not exist, or a number is out of range."""


class Undefined(Mismatch):
    """A side has no value because a function is evaluated outside its domain, as log(-1)."""


@dataclass(frozen=True)
class Rules:
    """Arithmetic of matrices in a notation.

    Attributes:
        stretched: the axis along which a vector is broadcast (a bias to every example); None if the notation does not.
    """

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
        """Apply an operation entry by entry; a number is combined with every entry.

        Raises:
            Mismatch: the shapes differ; `what` completes the message.
        """
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
        """Return the product of two matrices, or of a number and anything.

        Raises:
            Mismatch: the shapes do not fit.
        """
        if not (is_matrix(left) and is_matrix(right)):
            return left * right
        if left.shape[1] != right.shape[0]:
            raise Mismatch(f"{shape_text(left)} times {shape_text(right)} has no value")
        return _multiplied(left, right)


def _lone(value: Value) -> Value:
    """Return the entry of a 1 x 1 matrix, such as an inner product; other values are returned as they are."""
    return value[0, 0] if is_matrix(value) and value.shape == (1, 1) else value


def _each(left: Value, right: Value, operation: Callable[[Any, Any], Any]) -> Value:
    if is_matrix(left) or is_matrix(right):
        return np.frompyfunc(operation, 2, 1)(left, right)
    return operation(left, right)


def _multiplied(left: Value, right: Value) -> Value:
    """Return the product of two matrices. NumPy's product of object arrays would ignore errors of single entries."""
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
    """Return the shape of a matrix; a number counts as 1 × 1."""
    return (int(value.shape[0]), int(value.shape[1])) if is_matrix(value) else (1, 1)


def shape_text(value: Value) -> str:
    rows, columns = shape(value)
    return f"a {rows} x {columns} matrix" if is_matrix(value) else "a number"


def entries(value: Value) -> list[Any]:
    return list(value.ravel()) if is_matrix(value) else [value]


def transposed(value: Value) -> Value:
    return value.T if is_matrix(value) else value


def elementwise(function: Callable[..., Any], *arguments: Value) -> Value:
    """Apply a function of numbers entry by entry.

    Raises:
        Undefined: it has no real value at an entry.
        Mismatch: a value is larger than 1e400.
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
    """Return base to the power exponent.

    Raises:
        Mismatch: the exponent is too large, or 0 is raised to a negative power.
    """
    if abs(exponent) > MAX_EXPONENT:
        raise Mismatch(f"an exponent beyond {MAX_EXPONENT:,}")
    if base == 0 and exponent < 0:
        raise Mismatch("a division by 0")
    whole = int(exponent) if exponent == int(exponent) else None
    return base**whole if whole is not None else base**exponent


def softmax(row: list[Any], name: str) -> list[Any]:
    """Return softmax or log_softmax of a row; `name` says which."""
    largest = max(row)
    exponentials = [mpmath.exp(entry - largest) for entry in row]
    total = sum(exponentials)
    if name == "softmax":
        return [entry / total for entry in exponentials]
    return [entry - largest - mpmath.log(total) for entry in row]


def softmax_along(value: Value, axis: int, name: str) -> Value:
    """Return softmax or log_softmax of every row (axis 1) or column (axis 0) of a matrix; `name` says which."""
    if not is_matrix(value):
        raise Mismatch(f"{name} of a single number")
    rows = value if axis == 1 else value.T
    result = np.array([softmax(list(row), name) for row in rows], dtype=object)
    return result if axis == 1 else result.T
