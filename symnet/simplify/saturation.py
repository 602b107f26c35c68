"""Arguments held where they change nothing any more.

tanh(exp(z)) is 1 from z = 4 on, but exp(z) becomes inf, and 0·inf its derivative. Where a function has levelled off for
good, and its argument w grows faster than the variable in it, the variable is held: tanh(exp(capped(z, 6))). Where that
may be done is found by evaluating w at numbers of every size.

It is not done where a logarithm or an inverse of such a function is taken: in f'/f the factor is gone that is 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import mpmath
import numpy as np
from sympy import Add, Expr, Indexed, Mul, Pow, Rational, Sum, Symbol, cosh, exp, log, sinh

from symnet.equations import Program, bound_by, children, indices_of, substitute, summation
from symnet.functions import BY_CLASS, atan, capped, expm1, gaussian, log1p, maximum, minimum, value

Level = tuple[float | None, float | None]
"""Below the first and above the second argument a function is level to the last subnormal, and so is its derivative."""

Hold = Callable[[Expr, Rational | None, Rational | None], Expr]

LAST = -700
"""The power of ten below which a number is nothing even beside the largest float."""

NEAR_ZERO = 1e-3

SLOW: Level = (-1e30, 1e30)
"""Where an inverse tangent is level, but not its derivative: that is 0 to the rounding of 1 alone."""

LARGEST = 3e38
"""What the smaller dtype can hold."""

SIZES = (*(2 ** (k / 4) for k in range(-8, 65)), *(2.0**k for k in range(17, 128)))
"""Of the numbers at which an argument is looked at."""

Z = Symbol("z", real=True)


def hold_arguments(program: Program) -> Program:
    """Hold the arguments of functions, and the factors of products, that have levelled off before they overflow."""
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
    """Whether the derivative of a node divides by what stands in it, and that may vanish."""
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
    """Whether a function of Z comes near 0, or has no value, at some of the numbers that are tried."""
    return not all(abs(_at(function, sign * size)) > NEAR_ZERO for size in SIZES for sign in (1, -1))


def _walked(node: Expr) -> Expr:
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
    """A function of an argument that grows, its variable held where the function is level."""
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
    """The variable held, with the derivative 1 all the same: it meets a factor 0."""
    inner = variable if upper is None else capped(variable, upper)
    return inner if lower is None else -capped(-inner, lower)


def _bounded(variable: Expr, upper: Rational | None, lower: Rational | None) -> Expr:
    """The variable held, with the derivative 0 where it is."""
    inner = variable if upper is None else minimum(variable, upper)
    return inner if lower is None else maximum(inner, -lower)


def _held_argument(argument: Expr, level: Level, hold: Hold = _capped) -> Expr:
    """An argument of a function that is level beyond two numbers, its variable held where it stays beyond them."""
    variable = _variable(argument)
    if variable is None:
        return argument
    bounds = _bounds(substitute(argument, {variable: Z}), level)
    return substitute(argument, {variable: hold(variable, *bounds)})


def _vanishes_somewhere(node: Expr) -> bool:
    return node.func in BY_CLASS and BY_CLASS[node.func].vanishes


def _held_product(node: Expr) -> Expr:
    """A product with a high power of a reference and a factor that decays, held where it is 0 to the last subnormal."""
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
    """The numbers above which, and below the opposite of which, a product in Z is 0, where its factors are not."""
    found = []
    for sign in (1, -1):
        first = len(SIZES)
        while first and _vanishes(product, sign * SIZES[first - 1]):
            first -= 1
        found.append(_rational(SIZES[first]) if first < len(SIZES) else None)
    return found[0], found[1]


def _vanishes(product: Expr, number: float) -> bool:
    """Whether a product in Z is 0 to the last subnormal, whatever its factors are."""
    try:
        # With so many digits what cancels leaves nothing that is larger than what counts as 0.
        with mpmath.workdps(-LAST + 100):
            size = abs(value(mpmath.mp, product, {Z: mpmath.mpf(number)}))
            return bool(size < mpmath.mpf(10) ** LAST)
    except (ArithmeticError, ValueError, TypeError):
        return False


def _held_among(node: Expr) -> Expr:
    """A maximum with a number is level where the other is below it, a minimum where it is above."""
    numbers = [each for each in node.args if each.is_number]
    others = [each for each in node.args if not each.is_number]
    if len(others) != 1:
        return node
    bound = float(numbers[0])
    level = (bound, None) if isinstance(node, maximum) else (None, bound)
    found = _held_argument(others[0], level)
    return node.func(*(found if each == others[0] else each for each in node.args))


def _variable(argument: Expr, *growing: Expr) -> Expr | None:
    """What an argument depends on and grows with: a reference, or a sum of such that stands in it alone."""
    if not (growing or argument.has(Pow, exp, expm1, cosh, sinh)) or not indices_of(argument):
        return None
    leaves = argument.atoms(Indexed)
    sums = sorted(argument.atoms(Add), key=lambda part: (-len(part.atoms(Indexed)), str(part)))
    for part in leaves if len(leaves) == 1 else sums:
        if part != argument and _is_function_of_z(substitute(argument, {part: Z})):
            return part
    return None


def _is_function_of_z(expression: Expr) -> bool:
    """Whether there is nothing but Z to know; a scalar parameter, a size or an index of a sum or a row is more."""
    return bool(expression.free_symbols == {Z})


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
        if first < len(values) and abs(values[first]) < 1e36:
            return _rational(SIZES[first])
    return None


def _rational(size: float) -> Rational:
    return Rational(f"{math.ceil(size * 64) / 64!r}")


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
