"""How far activations and their derivatives, in generated code, are from a reference at 50 digits.

A module whose units have the numbers to be tried as biases has f of them as its output and f' as the
gradient by the biases, all in one call. Errors are measured in units of

    eps (|f(z)| + |z f'(z)|)        and for the derivative        eps (|f'(z)| + |z f''(z)|)

that is, of the rounding of the result and of one rounding of z; near a zero of f' it is an absolute
error. What is off by `SUBNORMALS` times the smallest subnormal number at most counts as exact.

`make accuracy` prints the table of all of them.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from mpmath import mp, mpf
from references import ACTIVATIONS

import symnet
from symnet.support.modules import module_from_source

DIGITS = 50
DTYPES = ("float64", "float32")
ACCURACIES = ("fast", "tails")
SUBNORMALS = 4
BOUNDS = {name: 64 if name in ("silu", "gelu", "gelu_tanh", "mish") else 4 for name in ACTIVATIONS if "=" not in name}
"""How many units each may be off, of every activation that symnet knows and that has a derivative."""

THRESHOLDS = (
    *(math.sqrt(2), math.log(2), 0.01, 0.1, 1, 2, 3, math.pi / 2, math.pi, 4, 6, 8, 10, 12, 16, 17, 18, 19, 19.5),
    *(20, 21, 21.4, 22, 25, 26, 26.2, 26.5, 27.2, 27.3, 28, 30, 32, 36, 36.8, 37, 37.5, 38, 38.5, 39, 40, 44, 88, 89),
    *(103, 104, 172, 355, 372, 373, 500, 708, 709, 709.78, 710, 744, 745, 746, 750, 1000, 1420, 1.34e154, 1.89e154),
    *(1.0 / 3, 9.2, 9.4, 10.1, 10.3, 13.2, 14.4, 5.5, 5.6, 51.5, 52, 43.6, 87.3, 87.4, 88.7, 88.8, 103.9, 104.1),
    # Zeros of the derivatives of silu, gelu, gelu_tanh and mish, and of their values far out.
    *(1.2784645427610738, 0.7517915241015424, 0.7524614220710162, 1.1924312145085195),
)
"""Where code may change its mind, where something under- or overflows, and zeros: each with its neighbours."""


def numbers(dtype: str, *, every: int = 1) -> list[float]:
    """Numbers of either sign from the smallest subnormal to the largest finite: some for every exponent.

    Args:
        dtype: "float64" or "float32".
        every: one in so many of the exponents at which nothing much changes is kept.
    """
    kind = np.dtype(dtype).type
    limits = np.finfo(kind)
    low, high = math.frexp(float(limits.smallest_subnormal))[1], math.frexp(float(limits.max))[1]
    exponents = [exponent for exponent in range(low, high + 1) if -9 <= exponent <= 12 or exponent % every == 0]
    sizes = [0.0, float(limits.smallest_subnormal), float(limits.smallest_normal), float(limits.max)]
    for exponent in exponents:
        mantissas = (0.5, 0.5612, 0.6534, 0.7431, 0.8888, 0.97) if -9 <= exponent <= 12 else (0.5, 0.7431)
        sizes += [math.ldexp(mantissa, exponent) for mantissa in mantissas if exponent < high or mantissa == 0.5]
    for threshold in THRESHOLDS:
        if threshold < float(limits.max):
            near = kind(threshold)
            sizes += [float(np.nextafter(near, kind(0))), float(near), float(np.nextafter(near, kind(np.inf)))]
    held = {float(kind(size)) for size in sizes if size <= float(limits.max)}
    return sorted({sign * size for size in held for sign in (1, -1)})


@dataclass(frozen=True)
class Reference:
    """An activation at 50 digits.

    Attributes:
        points: where; all at which the dtype holds the value and the derivative.
        values: of the activation and of its derivative there.
        scales: |f| + |z f'|, and |f'| + |z f''|.
    """

    points: list[float]
    values: tuple[list[Any], list[Any]]
    scales: tuple[list[Any], list[Any]]


@cache
def reference(activation: str, dtype: str, every: int) -> Reference:
    function, derivative = ACTIVATIONS[activation]
    largest = float(np.finfo(dtype).max)
    kept: list[float] = []
    values: tuple[list[Any], list[Any]] = ([], [])
    scales: tuple[list[Any], list[Any]] = ([], [])
    with mp.workdps(DIGITS):
        step = mpf(10) ** -18
        for point in numbers(dtype, every=every):
            z = mpf(point)
            value, slope = function(z), derivative(z)
            if abs(value) > largest or abs(slope) > largest:
                continue
            change = abs(derivative(z * (1 + step)) - slope) / step
            kept.append(point)
            values[0].append(value)
            values[1].append(slope)
            scales[0].append(abs(value) + abs(z * slope))
            scales[1].append(abs(slope) + change)
    return Reference(kept, values, scales)


Found = tuple[Sequence[float], Sequence[float]]
Way = Callable[[str, str, str, list[float]], Found]
"""Of an activation, a dtype, an accuracy and numbers: the activation and its derivative there."""


def in_arrays(target: str) -> Way:
    """A NumPy module with a unit for each number."""

    def found(activation: str, dtype: str, accuracy: str, points: list[float]) -> Found:
        network = symnet.parse(f"1-{len(points)}:{activation};loss=a*y")
        module = symnet.compile(network, dtype=dtype, target=target, accuracy=accuracy)
        params = module.Parameters(np.zeros((1, len(points)), dtype), np.array(points, dtype))
        x, ones = np.zeros((1, 1), dtype), np.ones((1, len(points)), dtype)
        with np.errstate(all="raise"), warnings.catch_warnings():
            warnings.simplefilter("error")
            return module.forward(params, x)[0], module.gradient(params, x, ones).b1

    return found


def in_floats(activation: str, dtype: str, accuracy: str, points: list[float]) -> Found:
    """Straight-line code on Python's floats."""
    source = symnet.generate(symnet.parse(f"1-1:{activation};loss=a*y"), target="python", accuracy=accuracy)
    module = module_from_source(source, "accuracy_subject")
    values = [module.forward((0.0, point), (0.0,))[0] for point in points]
    return values, [module.value_and_grad((0.0, point), (0.0,), (1.0,))[1][1] for point in points]


WAYS: dict[str, Way] = {"numpy": in_arrays("numpy"), "plain numpy": in_arrays("numpy-plain"), "python": in_floats}


@dataclass(frozen=True)
class Error:
    """The largest error over all numbers, in the units said above, and where it is."""

    units: float
    point: float
    found: float
    expected: Any

    def __str__(self) -> str:
        return f"{self.units:.3g} units at z = {self.point!r}: {self.found!r} is not {mp.nstr(self.expected, 17)}"


def largest_errors(
    way: str, activation: str, dtype: str, accuracy: str, *, every: int = 1, subnormals: int = SUBNORMALS
) -> tuple[Error, Error]:
    """The largest errors of an activation and of its derivative; inf for what is not finite."""
    known = reference(activation, dtype, every)
    found = WAYS[way](activation, dtype, accuracy, known.points)
    with mp.workdps(DIGITS):
        value, slope = (
            max(_errors(known.points, results, values, scales, dtype, subnormals), key=lambda error: error.units)
            for results, values, scales in zip(found, known.values, known.scales, strict=True)
        )
    return value, slope


def _errors(
    points: Sequence[float],
    found: Sequence[float],
    values: Sequence[Any],
    scales: Sequence[Any],
    dtype: str,
    subnormals: int,
) -> Iterator[Error]:
    limits = np.finfo(dtype)
    unit = mpf(float(limits.eps))
    ignored = subnormals * mpf(float(limits.smallest_subnormal))
    for point, result, value, scale in zip(points, found, values, scales, strict=True):
        number = float(result)
        error = abs(mpf(number) - value) if math.isfinite(number) else mp.inf
        units = 0.0 if error <= ignored else float(error / (unit * scale))
        yield Error(units, point, number, value)
