"""Activations and their derivatives in mpmath, written out apart from the tables of symnet.

They are meant for 50 digits, and for any argument that a float can be: exponentials are taken of
numbers below 0 only, since exp(1e300) has an exponent of 300 digits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpmath import mp, mpf

Function = Callable[[Any], Any]


def number(text: str) -> Any:
    with mp.workdps(60):
        return mpf(text)


LAMBDA, ALPHA, CUBIC = number("1.0507009873554805"), number("1.6732632423543773"), number("0.044715")


def sigmoid(z: Any) -> Any:
    """By exp of a negative number only: at 50 digits exp(1e300) has an exponent of 300 digits."""
    tail = mp.exp(-min(abs(z), mpf(10) ** 6))
    return (1 if z >= 0 else tail) / (1 + tail)


def softplus(z: Any) -> Any:
    return max(z, 0) + mp.log1p(mp.exp(-min(abs(z), mpf(10) ** 6)))


def decaying(exponent: Any) -> Any:
    """exp of a number below 0, for which exp(-1e6) is as good as 0."""
    return mp.exp(max(exponent, -(mpf(10) ** 6)))


def normal(z: Any) -> Any:
    return decaying(-z * z / 2) / mp.sqrt(2 * mp.pi)


def cumulative(z: Any) -> Any:
    return mp.erfc(-max(min(z, mpf(2000)), mpf(-2000)) / mp.sqrt(2)) / 2


def gate(z: Any) -> Any:
    return sigmoid(2 * mp.sqrt(2 / mp.pi) * (z + CUBIC * z**3))


def gate_slope(z: Any) -> Any:
    u = 2 * mp.sqrt(2 / mp.pi) * (z + CUBIC * z**3)
    return sigmoid(u) * sigmoid(-u) * 2 * mp.sqrt(2 / mp.pi) * (1 + 3 * CUBIC * z * z)


def mish_gate(z: Any) -> Any:
    """tanh(softplus(z)) = (q² + 2q)/(q² + 2q + 2) with q = exp(z), in whichever form decays."""
    q = decaying(-abs(z))
    return (1 + 2 * q) / (1 + 2 * q + 2 * q * q) if z > 0 else (q * q + 2 * q) / (q * q + 2 * q + 2)


def mish_gate_slope(z: Any) -> Any:
    q = decaying(-abs(z))
    if z > 0:
        return 4 * q * q * (1 + q) / (1 + 2 * q + 2 * q * q) ** 2
    return 4 * q * (1 + q) / (q * q + 2 * q + 2) ** 2


def hyperbolic_slope(z: Any) -> Any:
    return 4 * sigmoid(2 * z) * sigmoid(-2 * z)


def exponential(z: Any) -> Any:
    return decaying(z) if z < 10**5 else mp.inf


ACTIVATIONS: dict[str, tuple[Function, Function]] = {
    "identity": (lambda z: z, lambda z: mpf(1)),
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * sigmoid(-z)),
    "tanh": (lambda z: mp.tanh(max(min(z, mpf(1000)), mpf(-1000))), hyperbolic_slope),
    "relu": (lambda z: max(z, mpf(0)), lambda z: mpf(int(z > 0))),
    "leaky_relu": (lambda z: z if z > 0 else z / 100, lambda z: mpf(1) if z > 0 else mpf(1) / 100),
    "elu": (lambda z: z if z > 0 else mp.expm1(max(z, -1000)), lambda z: mpf(1) if z > 0 else decaying(z)),
    "selu": (
        lambda z: LAMBDA * (z if z > 0 else ALPHA * mp.expm1(max(z, -1000))),
        lambda z: LAMBDA * (mpf(1) if z > 0 else ALPHA * decaying(z)),
    ),
    "softplus": (softplus, sigmoid),
    "silu": (lambda z: z * sigmoid(z), lambda z: sigmoid(z) * (1 + z * sigmoid(-z))),
    "gelu": (lambda z: z * cumulative(z), lambda z: cumulative(z) + z * normal(z)),
    "gelu_tanh": (lambda z: z * gate(z), lambda z: gate(z) + z * gate_slope(z)),
    "mish": (lambda z: z * mish_gate(z), lambda z: mish_gate(z) + z * mish_gate_slope(z)),
    "softsign": (lambda z: z / (1 + abs(z)), lambda z: 1 / (1 + abs(z)) ** 2),
    "sine": (mp.sin, mp.cos),
    "gaussian": (lambda z: decaying(-z * z), lambda z: -2 * z * decaying(-z * z)),
    "exp": (exponential, exponential),
    # A user's own spelling of a function that has a stable form is as stable as the known one.
    "own_mish=z*tanh(log(1+exp(z)))": (lambda z: z * mish_gate(z), lambda z: mish_gate(z) + z * mish_gate_slope(z)),
    "own_silu=z/(1+exp(-z))": (lambda z: z * sigmoid(z), lambda z: sigmoid(z) * (1 + z * sigmoid(-z))),
    "own_tanh=(exp(z)-exp(-z))/(exp(z)+exp(-z))": (
        lambda z: mp.tanh(max(min(z, mpf(1000)), mpf(-1000))),
        hyperbolic_slope,
    ),
}
