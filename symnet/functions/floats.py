"""`FloatMath`: Python's `math` with inf on overflow as in NumPy, the namespace for values in floats."""

from __future__ import annotations

import math
from typing import Any

import mpmath
from sympy import Rational


class FloatMath:
    """Python's `math` with inf on overflow, as in NumPy."""

    pi = math.pi
    erf, erfc, sin, cos, tan, tanh, atan, log1p, asinh, hypot = (
        math.erf,
        math.erfc,
        math.sin,
        math.cos,
        math.tan,
        math.tanh,
        math.atan,
        math.log1p,
        math.asinh,
        math.hypot,
    )
    sqrt = math.sqrt

    @staticmethod
    def exp(z: float) -> float:
        return math.exp(z) if z < 709.7827128933841 else math.inf

    @staticmethod
    def expm1(z: float) -> float:
        return math.expm1(z) if z < 709.7827128933841 else math.inf

    @staticmethod
    def log(z: float) -> float:
        return math.log(z) if z else -math.inf

    @staticmethod
    def sinh(z: float) -> float:
        return math.sinh(z) if abs(z) < 710.475860073944 else math.copysign(math.inf, z)

    @staticmethod
    def cosh(z: float) -> float:
        return math.cosh(z) if abs(z) < 710.475860073944 else math.inf


def number(m: Any, value: Rational) -> Any:
    """Return a rational number in the arithmetic of a namespace."""
    return m.mpf(value.p) / value.q if m is mpmath.mp else value.p / value.q


def sign(z: Any) -> int:
    """-1, 0 or 1."""
    return int(z > 0) - int(z < 0)
