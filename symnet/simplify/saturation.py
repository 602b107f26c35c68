"""Clamp arguments where a function is saturated.

tanh(exp(z)) rounds to 1 from z = 4 on, but exp(z) overflows, and the derivative becomes 0·inf. If a function stays
saturated and its argument w grows faster than the variable z in it, z is clamped: tanh(exp(capped(z, 6))). The bounds
are found by evaluating w at numbers of every size.

A function under a logarithm or an inverse is left alone: f'/f has no factor that is 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import mpmath
import numpy as np
from sympy import Add, Expr, Indexed, Mul, Pow, Rational, Sum, Symbol, cosh, exp, log, sinh

from symnet.core import Program, bound_by, children, indices_of, substitute, summation
from symnet.functions import BY_CLASS, atan, capped, expm1, gaussian, log1p, maximum, minimum, value

Level = tuple[float | None, float | None]
"""The arguments below and above which a function is constant, and its derivative 0, to the smallest subnormal."""

Hold = Callable[[Expr, Rational | None, Rational | None], Expr]
"""A way to clamp: takes a variable, its upper bound and the upper bound of minus the variable (None for no bound)."""

LAST = -700
"""A number below 10 to this power stays negligible even when multiplied by the largest float."""

NEAR_ZERO = 1e-3
"""A divisor with a value closer to 0 than this at a test point counts as one that may vanish."""

SLOW: Level = (-1e30, 1e30)
"""The bounds of an inverse tangent: it is constant beyond them, its derivative 0 only up to the rounding of 1."""

LARGEST = 3e38
"""The largest number of float32."""

SIZES = (*(2 ** (k / 4) for k in range(-8, 65)), *(2.0**k for k in range(17, 128)))
"""The magnitudes at which an argument is evaluated."""

Z = Symbol("z", real=True)


def hold_arguments(program: Program) -> Program:
    """Clamp the arguments of saturated functions, and the factors of products that are 0, before they overflow.

    An array that a logarithm or an inverse reads is left alone.
    """
    divided = {
        program.name_of(node)
        for equation in program.equations
        for part in equation.rhs.atoms(log, log1p, Pow)
        if _opens(part)
        for node in part.atoms(Indexed)
    }
    equations = []
    for equation in program.equations:
        rhs = equation.rhs if equation.name in divided else _walked(equation.rhs)
        equations.append(equation if rhs == equation.rhs else equation.rewritten(rhs, "held where it is level"))
    return program.with_equations(equations)


def _opens(node: Expr) -> bool:
    """Whether the derivative of a node divides by a subexpression that may vanish."""
    if not isinstance(node, log | log1p | Pow) or (isinstance(node, Pow) and node.exp.is_Integer and node.exp > 0):
        return False
    inner = 1 + node.args[0] if isinstance(node, log1p) else node.args[0]
    leaves = inner.atoms(Indexed)
    if len(leaves) != 1 or not isinstance(inner, Add):
        return bool(leaves)
    function = substitute(inner, dict.fromkeys(leaves, Z))
    return not _is_function_of_z(function) or _comes_near_zero(function)


@lru_cache(maxsize=256)
def _comes_near_zero(function: Expr) -> bool:
    """Whether a function of Z is near 0, or undefined, at one of the test points."""
    return not all(abs(_at(function, sign * size)) > NEAR_ZERO for size in SIZES for sign in (1, -1))


def _walked(node: Expr) -> Expr:
    """Clamp in a node and its operands, except within those for which `_opens` holds."""
    if _opens(node) or not children(node):
        return node
    if isinstance(node, Sum):
        body = _walked(node.function)
        return node if body == node.function else summation(body, *bound_by(node))
    node = _held_product(node)
    parts = [_walked(child) for child in node.args]
    same = all(new is old for new, old in zip(parts, node.args, strict=True))
    return _held(node if same else node.func(*parts))


def _held(node: Expr) -> Expr:
    """A function of a growing argument, with the variable clamped where the function is saturated."""
    if isinstance(node, maximum | minimum):
        return _held_among(node)
    if isinstance(node, atan):
        return atan(_held_argument(node.args[0], SLOW, _bounded))
    level = BY_CLASS[node.func].levels if node.func in BY_CLASS else None
    if level is None:
        return node
    (argument,) = node.args
    found = _held_argument(argument, level)
    return node if found == argument else node.func(found)


def _capped(variable: Expr, upper: Rational | None, lower: Rational | None) -> Expr:
    """The variable clamped, with derivative 1 everywhere: the chain rule multiplies it by a factor 0."""
    inner = variable if upper is None else capped(variable, upper)
    return inner if lower is None else -capped(-inner, lower)


def _bounded(variable: Expr, upper: Rational | None, lower: Rational | None) -> Expr:
    """The variable clamped, with derivative 0 beyond the bounds."""
    inner = variable if upper is None else minimum(variable, upper)
    return inner if lower is None else maximum(inner, -lower)


def _held_argument(argument: Expr, level: Level, hold: Hold = _capped) -> Expr:
    """An argument of a function that is constant beyond `level`, with the variable clamped where it stays beyond."""
    variable = _variable(argument)
    if variable is None:
        return argument
    bounds = _bounds(substitute(argument, {variable: Z}), level)
    return substitute(argument, {variable: hold(variable, *bounds)})


def _vanishes_somewhere(node: Expr) -> bool:
    return node.func in BY_CLASS and BY_CLASS[node.func].vanishes


def _held_product(node: Expr) -> Expr:
    """A product of a growing and a decaying factor, with the variable clamped where the product is negligible."""
    decaying = [factor for factor in node.args if _vanishes_somewhere(factor)] if isinstance(node, Mul) else []
    others = node / Mul(*decaying)
    if not decaying or not (others.has(Pow, exp, expm1, sinh, cosh) or isinstance(decaying[0], gaussian)):
        return node
    variable = _variable(node, *decaying)
    if variable is None or not others.has(variable):
        return node
    return substitute(node, {variable: _capped(variable, *_ends(substitute(node, {variable: Z})))})


@lru_cache(maxsize=256)
def _ends(product: Expr) -> tuple[Rational | None, Rational | None]:
    """The bounds beyond which a product in Z is negligible: of Z, and of -Z."""
    found = []
    for sign in (1, -1):
        first = len(SIZES)
        while first and _vanishes(product, sign * SIZES[first - 1]):
            first -= 1
        found.append(_rational(SIZES[first]) if first < len(SIZES) else None)
    return found[0], found[1]


def _vanishes(product: Expr, number: float) -> bool:
    """Whether a product in Z is negligible at a number: below 10 to the power `LAST`."""
    try:
        # With this many digits, cancellation leaves no error above the threshold for 0.
        with mpmath.workdps(-LAST + 100):
            size = abs(value(mpmath.mp, product, {Z: mpmath.mpf(number)}))
            return bool(size < mpmath.mpf(10) ** LAST)
    except (ArithmeticError, ValueError, TypeError):
        return False


def _held_among(node: Expr) -> Expr:
    """Clamp in a maximum with a number where the other argument is below it; in a minimum where it is above."""
    numbers = [each for each in node.args if each.is_number]
    others = [each for each in node.args if not each.is_number]
    if len(others) != 1:
        return node
    bound = float(numbers[0])
    level = (bound, None) if isinstance(node, maximum) else (None, bound)
    found = _held_argument(others[0], level)
    return node.func(*(found if each == others[0] else each for each in node.args))


def _variable(argument: Expr, *growing: Expr) -> Expr | None:
    """The variable of an argument: a reference, or a sum of references that the argument depends on as a whole."""
    if not (growing or argument.has(Pow, exp, expm1, cosh, sinh)) or not indices_of(argument):
        return None
    leaves = argument.atoms(Indexed)
    sums = sorted(argument.atoms(Add), key=lambda part: (-len(part.atoms(Indexed)), str(part)))
    for part in leaves if len(leaves) == 1 else sums:
        if part != argument and _is_function_of_z(substitute(argument, {part: Z})):
            return part
    return None


def _is_function_of_z(expression: Expr) -> bool:
    """Whether an expression depends on Z only, not on a scalar parameter, a size or a bound index."""
    return bool(expression.free_symbols == {Z})


@lru_cache(maxsize=1024)
def _bounds(argument: Expr, level: Level) -> tuple[Rational | None, Rational | None]:
    """The bounds beyond which an argument in Z stays beyond the level of its function: of Z, and of -Z.

    None in a direction in which the argument does not overflow.
    """
    found = []
    for sign in (1, -1):
        values = [_at(argument, sign * size) for size in SIZES]
        found.append(_bound(values, level) if _grows(values) else None)
    return found[0], found[1]


def _grows(values: Sequence[float]) -> bool:
    """Whether a value overflows float32, or is undefined."""
    return not all(abs(number) <= LARGEST for number in values)


def _bound(values: Sequence[float], level: Level) -> Rational | None:
    """The first magnitude from which all values lie beyond the same end of the level; None if its value is huge."""
    low, high = level
    ends: tuple[Callable[[float], bool], ...] = (
        lambda number: low is not None and number < low,
        lambda number: high is not None and number > high,
    )
    for beyond in ends:
        first = len(values)
        while first and beyond(values[first - 1]):
            first -= 1
        if first < len(values) and abs(values[first]) < 1e36:
            return _rational(SIZES[first])
    return None


def _rational(size: float) -> Rational:
    """Round a magnitude up to a multiple of 1/64, which is exact in float32."""
    return Rational(f"{math.ceil(size * 64) / 64!r}")


def _at(argument: Expr, number: float) -> float:
    """The value of an argument in Z: inf on overflow, nan where it is undefined."""
    try:
        with np.errstate(all="ignore"):
            return float(value(_NumpyMath, argument, {Z: np.float64(number)}))
    except (ArithmeticError, ValueError, TypeError):
        return math.nan


class _NumpyMath:
    """A namespace of NumPy's functions, which overflow to inf."""

    pi = math.pi
    exp, expm1, log, log1p, sqrt = np.exp, np.expm1, np.log, np.log1p, np.sqrt
    sin, cos, tan, sinh, cosh, tanh = np.sin, np.cos, np.tan, np.sinh, np.cosh, np.tanh
    atan, asinh, hypot = np.arctan, np.arcsinh, np.hypot
    erf, erfc = math.erf, math.erfc
