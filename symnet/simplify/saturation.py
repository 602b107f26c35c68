"""Arguments held where they change nothing any more.

tanh(exp(z)) is 1 from z = 4 on, but exp(z) becomes inf, and 0·inf its derivative. Where a function has levelled off for
good, and its argument w grows faster than the variable in it, the variable is held: tanh(exp(capped(z, 6))). Where that
may be done is found by evaluating w at numbers of every size.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from sympy import Add, Expr, Indexed, Pow, Rational, Symbol, cosh, exp, sinh, tanh

from symnet.equations import indices_of, substitute
from symnet.equations.functions import (
    erf,
    expm1,
    gaussian,
    maximum,
    minimum,
    norm_cdf,
    norm_pdf,
    relu,
    sigmoid,
    softplus,
)
from symnet.equations.safe_functions import capped, decay
from symnet.equations.values import value

Level = tuple[float | None, float | None]
"""Below the first and above the second argument a function is level to the last subnormal, and so is its derivative."""

LEVELS: dict[type, Level] = {
    tanh: (-400, 400),
    sigmoid: (-800, 800),
    erf: (-40, 40),
    norm_cdf: (-60, 60),
    gaussian: (-40, 40),
    norm_pdf: (-60, 60),
    exp: (-800, None),
    expm1: (-800, None),
    decay: (-800, None),
    softplus: (-800, None),
    relu: (0, None),
}

LARGEST = 3e38
"""What the smaller dtype can hold."""

SIZES = (*(2 ** (k / 4) for k in range(-8, 65)), *(2.0**k for k in range(17, 128, 8)))
"""Of the numbers at which an argument is looked at."""

Z = Symbol("z", real=True)


def held(node: Expr) -> Expr:
    """A function of an argument that grows, its variable held where the function is level."""
    if isinstance(node, maximum | minimum):
        return _held_among(node)
    if node.func not in LEVELS:
        return node
    (argument,) = node.args
    found = held_argument(argument, LEVELS[node.func])
    return node if found == argument else node.func(found)


def held_argument(argument: Expr, level: Level) -> Expr:
    """An argument of a function that is level beyond two numbers, its variable held where it stays beyond them."""
    variable = _variable(argument)
    if variable is None:
        return argument
    upper, lower = _bounds(substitute(argument, {variable: Z}), level)
    inner = variable
    if upper is not None:
        inner = capped(inner, upper)
    if lower is not None:
        inner = -capped(-inner, lower)
    return substitute(argument, {variable: inner})


def _held_among(node: Expr) -> Expr:
    """A maximum with a number is level where the other is below it, a minimum where it is above."""
    numbers = [each for each in node.args if each.is_number]
    others = [each for each in node.args if not each.is_number]
    if len(others) != 1:
        return node
    bound = float(numbers[0])
    level = (bound, None) if isinstance(node, maximum) else (None, bound)
    found = held_argument(others[0], level)
    return node.func(*(found if each == others[0] else each for each in node.args))


def _variable(argument: Expr) -> Expr | None:
    """What an argument depends on and grows with: a reference, or a sum of such that stands in it alone."""
    if not argument.has(Pow, exp, expm1, cosh, sinh) or not indices_of(argument):
        return None
    leaves = argument.atoms(Indexed)
    if len(leaves) == 1:
        return next(iter(leaves))
    for part in sorted(argument.atoms(Add), key=lambda part: (-len(part.atoms(Indexed)), str(part))):
        if part != argument and not substitute(argument, {part: Z}).has(Indexed):
            return part
    return None


@lru_cache(maxsize=1024)
def _bounds(argument: Expr, level: Level) -> tuple[Rational | None, Rational | None]:
    """The numbers above which, and below the opposite of which, the argument in Z is beyond its level for good."""
    found = []
    for sign in (1, -1):
        values = [_at(argument, sign * size) for size in SIZES]
        found.append(_bound(values, level) if _grows(values) else None)
    return found[0], found[1]


def _grows(values: Sequence[float]) -> bool:
    return not all(abs(number) <= LARGEST for number in values)


def _bound(values: Sequence[float], level: Level) -> Rational | None:
    """The first size from which on all values are beyond the same end of the level; None if it is too large itself."""
    low, high = level
    ends: tuple[Callable[[float], bool], ...] = (
        lambda number: low is not None and number < low,
        lambda number: high is not None and number > high,
    )
    for beyond in ends:
        first = len(values)
        while first and beyond(values[first - 1]):
            first -= 1
        if first < len(values) and abs(values[first]) < 1e30:
            return Rational(f"{math.ceil(SIZES[first] * 64) / 64!r}")
    return None


def _at(argument: Expr, number: float) -> float:
    """The value of an argument in Z, inf where it overflows and nan where it has none."""
    try:
        with np.errstate(all="ignore"):
            return float(value(_NumpyMath, argument, {Z: np.float64(number)}))
    except (ArithmeticError, ValueError, TypeError):
        return math.nan


class _NumpyMath:
    """NumPy's functions, whose overflow is inf, as a namespace."""

    pi = math.pi
    exp, expm1, log, log1p, sqrt = np.exp, np.expm1, np.log, np.log1p, np.sqrt
    sin, cos, tan, sinh, cosh, tanh = np.sin, np.cos, np.tan, np.sinh, np.cosh, np.tanh
    atan, asinh, hypot = np.arctan, np.arcsinh, np.hypot
    erf, erfc = math.erf, math.erfc
