"""Evaluate expressions in floats and in mpmath."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import mpmath
from sympy import Add, Expr, Mul, NumberSymbol, Pow, Rational, pi

from symnet.functions.decimals import Written
from symnet.functions.floats import FloatMath, number
from symnet.functions.kinds import power
from symnet.functions.record import BY_CLASS, has_definition_alone


def _raised(m: Any, base: Any, times: Any, exponent: Rational) -> Any:
    """A power; Python's own of floats would be complex below 0."""
    if exponent == Rational(1, 2):
        return m.sqrt(base)
    if m is FloatMath and base < 0 and not exponent.is_Integer:
        raise ValueError("a root of a negative number")
    return base**times


def value(m: Any, expression: Expr, variables: Mapping[Expr, Any]) -> Any:
    """Evaluate a scalar expression in the arithmetic of the namespace `m`.

    Args:
        m: `FloatMath` or `mpmath.mp`, or another namespace of the same functions.
        expression: the expression.
        variables: the values of symbols and references.

    Raises:
        KeyError: a symbol has no value.
        ValueError, ArithmeticError: an argument is outside the domain of a function.
    """
    if expression in variables:
        return variables[expression]
    if has_definition_alone(expression):
        return value(m, expression.stable, variables)
    if isinstance(expression, Rational):
        return number(m, expression)
    if isinstance(expression, Written):
        return number(m, expression.exact)
    if isinstance(expression, NumberSymbol):
        return m.pi if expression is pi else m.exp(1)
    known = BY_CLASS.get(expression.func)
    if known is not None and known.is_choice:
        condition, positive, other = expression.args
        return value(m, positive if value(m, condition, variables) > 0 else other, variables)
    operands = [value(m, argument, variables) for argument in expression.args]
    if isinstance(expression, Add):
        return sum(operands)
    if isinstance(expression, Mul):
        return math.prod(operands)
    if isinstance(expression, Pow | power):
        return _raised(m, operands[0], operands[1], expression.exp)
    return BY_CLASS[expression.func].value(m, *operands)


def float_value(expression: Expr) -> float:
    """Evaluate an expression without symbols in floats; inf where it overflows.

    Raises:
        KeyError, ValueError, ArithmeticError: it has no real value.
    """
    return float(value(FloatMath, expression, {}))


def constant(expression: Expr) -> float:
    """Return the float nearest to an expression without symbols."""
    with mpmath.workdps(30):
        return float(value(mpmath.mp, expression, {}))
