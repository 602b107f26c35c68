"""A formula of one's own at one number: its value and its slope, in any form of the code."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from types import ModuleType

import numpy as np

import symnet
from symnet.modules import module_from_source

WAYS = ("full", "none", "python")
"""NumPy with buffers, NumPy a line an equation, Python's floats."""


@cache
def module(formula: str, way: str, dtype: str, loss: str, accuracy: str) -> ModuleType:
    network = symnet.parse(f"1-1:{formula};loss={loss}")
    if way == "python":
        return module_from_source(symnet.generate(network, target="python", accuracy=accuracy), "subject")
    return symnet.compile(network, dtype=dtype, optimize=way, accuracy=accuracy)


def at(
    formula: str,
    z: float,
    way: str = "full",
    *,
    dtype: str = "float64",
    loss: str = "a",
    y: float = 0.0,
    accuracy: str = "fast",
) -> tuple[float, float]:
    """The loss and its derivative by the bias of a network of one unit with W = 1, b = z, at x = 0."""
    subject = module(formula, way, dtype, loss, accuracy)
    if way == "python":
        value, gradient = subject.value_and_grad((1.0, z), (0.0,), (y,))
        return value, gradient[1]
    params = subject.Parameters(np.ones((1, 1), dtype), np.array([z], dtype))
    value, gradients = subject.value_and_grad(params, np.zeros((1, 1), dtype), np.full((1, 1), y, dtype))
    return value, float(gradients.b1[0])


def at_all(
    formula: str, points: Sequence[float], way: str = "full", *, dtype: str = "float64", accuracy: str = "fast"
) -> list[tuple[float, float]]:
    """Values and slopes at several numbers, each the bias of a unit."""
    if way == "python":
        return [at(formula, point, way, accuracy=accuracy) for point in points]
    network = symnet.parse(f"1-{len(points)}:{formula};loss=a*y")
    subject = symnet.compile(network, dtype=dtype, optimize=way, accuracy=accuracy)
    params = subject.Parameters(np.zeros((1, len(points)), dtype), np.array(points, dtype))
    x, y = np.zeros((1, 1), dtype), np.ones((1, len(points)), dtype)
    values = subject.forward(params, x)[0]
    slopes = subject.gradient(params, x, y).b1
    return list(zip(map(float, values), map(float, slopes), strict=True))
