"""A formula of one's own at one number: its value and its slope, in any form of the code."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
from mpmath import mp, mpf
from sympy import Expr

import symnet
from symnet.functions.values import value
from symnet.network.activations import Z, read_formula, read_function
from symnet.support.modules import module_from_source

WAYS = ("numpy", "numpy-plain", "python")
"""NumPy with buffers, NumPy a line an equation, Python's floats."""


@cache
def module(formula: str, way: str, dtype: str, loss: str, accuracy: str) -> ModuleType:
    network = symnet.parse(f"1-1:{formula};loss={loss}")
    if way == "python":
        return module_from_source(symnet.generate(network, target="python", accuracy=accuracy), "subject")
    return symnet.compile(network, dtype=dtype, target=way, accuracy=accuracy)


def at(
    formula: str,
    z: float,
    way: str = "numpy",
    *,
    dtype: str = "float64",
    loss: str = "a",
    y: float = 0.0,
    accuracy: str = "fast",
) -> tuple[float, float]:
    """The loss and its derivative by the bias of a network of one unit with W = 1, b = z, at x = 0."""
    subject = module(formula, way, dtype, loss, accuracy)
    if way == "python":
        found, gradient = subject.value_and_grad((1.0, z), (0.0,), (y,))
        return found, gradient[1]
    params = subject.Parameters(np.ones((1, 1), dtype), np.array([z], dtype))
    found, gradients = subject.value_and_grad(params, np.zeros((1, 1), dtype), np.full((1, 1), y, dtype))
    return found, float(gradients.b1[0])


def at_all(
    formula: str, points: Sequence[float], way: str = "numpy", *, dtype: str = "float64", accuracy: str = "fast"
) -> list[tuple[float, float]]:
    """Values and slopes at several numbers, each the bias of a unit."""
    if way == "python":
        return [at(formula, point, way, accuracy=accuracy) for point in points]
    network = symnet.parse(f"1-{len(points)}:{formula};loss=a*y")
    subject = symnet.compile(network, dtype=dtype, target=way, accuracy=accuracy)
    params = subject.Parameters(np.zeros((1, len(points)), dtype), np.array(points, dtype))
    x, y = np.zeros((1, 1), dtype), np.ones((1, len(points)), dtype)
    values = subject.forward(params, x)[0]
    slopes = subject.gradient(params, x, y).b1
    return list(zip(map(float, values), map(float, slopes), strict=True))


class Held:
    """mpmath's functions, with exponentials of numbers of any size."""

    def __getattr__(self, name: str) -> Any:
        return getattr(mp, name)

    def exp(self, z: Any) -> Any:
        if z > LARGEST_EXPONENT:
            raise OverflowError
        return mp.exp(z) if z > -LARGEST_EXPONENT else mpf(0)

    def expm1(self, z: Any) -> Any:
        return mp.expm1(z) if abs(z) < 1 else self.exp(z) - 1

    def sinh(self, z: Any) -> Any:
        return mp.sinh(z) if abs(z) < 1 else (self.exp(z) - self.exp(-z)) / 2

    def cosh(self, z: Any) -> Any:
        return (self.exp(z) + self.exp(-z)) / 2

    def tanh(self, z: Any) -> Any:
        return mp.tanh(z) if abs(z) < LARGEST_EXPONENT else mp.sign(z)

    def erf(self, z: Any) -> Any:
        return mp.erf(z) if abs(z) < 1000 else mp.sign(z)

    def erfc(self, z: Any) -> Any:
        return mp.erfc(z) if abs(z) < 1000 else 1 - mp.sign(z)


LARGEST_EXPONENT = 10**5
"""Beyond, an exponential is too large for any float, or 0."""

PRECISIONS = (60, 200, 700, 2500)


@cache
def exactly(formula: str, z: float) -> tuple[Any, Any] | None:
    """The value and the slope of a formula as it is written, by a central difference of it at many digits.

    None where a step on the way is too large for any float, so that nothing can be said, or where it has no slope.
    """
    return _limits(read_formula(formula, Z), Z, z, {})


def exactly_of_loss(loss: str, a: float, y: float) -> tuple[Any, Any] | None:
    """The value of a loss of an output a and a target y, and its slope by a."""
    expression, variables = read_function(loss)
    names = {str(symbol): symbol for symbol in variables}
    return _limits(expression, names["a"], a, {names["y"]: y} if "y" in names else {})


def _limits(expression: Expr, variable: Expr, z: float, others: dict[Expr, float]) -> tuple[Any, Any] | None:
    before: tuple[Any, Any] | None = None
    tiny = 0 if z == 0 else max(0, -3 * math.floor(math.log10(abs(z))))
    sizes = [abs(other) for other in others.values() if other]
    spread = max((3 * math.ceil(abs(math.log10(size))) for size in sizes), default=0)
    for digits in PRECISIONS:
        with mp.workdps(digits + tiny + spread):
            width = (abs(mpf(z)) or mpf(min([1.0, *sizes]))) * mpf(10) ** (-mp.dps // 3)
            known = {each: mpf(number) for each, number in others.items()}
            try:
                steps = (-width, 0, width)
                low, found, high = (value(Held(), expression, known | {variable: mpf(z) + step}) for step in steps)
            except (ArithmeticError, ValueError):
                if z:
                    return None
                low, high = (value(Held(), expression, known | {variable: step}) for step in (-width, width))
                found = (low + high) / 2
            results = +found, (high - low) / (2 * width)
            if before and all(
                abs(new - old) <= abs(new) * mpf(10) ** -15 + (0 if z else mpf(10) ** -18)
                for new, old in zip(results, before, strict=True)
            ):
                return results
            before = results
    return None


def numbers(dtype: str, *, every: int = 90) -> list[float]:
    """Floats of either sign and of every size but the largest, more of them where functions change."""
    low, high = (-1074, 1008) if dtype == "float64" else (-149, 112)
    sizes = [0.0, *(1.37 * 2.0**exponent for exponent in range(low, high, every))]
    sizes += [mantissa * 2.0**exponent for exponent in range(-6, 11) for mantissa in (1.0, 1.4)]
    held = {float(np.dtype(dtype).type(size)) for size in sizes}
    return sorted({sign * size for size in held for sign in (1, -1)})
