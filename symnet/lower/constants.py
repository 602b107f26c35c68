"""The constants that the dtype of a module can represent."""

from __future__ import annotations

from sympy import Mul

from symnet.core import Equation, Program, walk
from symnet.functions import constant
from symnet.support import ExpressionError

RANGE = {"float32": (2.0**-126, (2 - 2.0**-23) * 2.0**127)}
"""The smallest normal and the largest number. The parser of formulas enforces the limits of float64 already."""


def check_constants(program: Program, dtype: str) -> None:
    """Raise unless every constant of a program is 0 or a normal number of the dtype.

    Raises:
        ExpressionError: a constant would round to 0 or inf, or become subnormal.
    """
    if dtype not in RANGE:
        return
    smallest, largest = RANGE[dtype]
    for equation in program.equations:
        for number in _constants(equation):
            if number and not smallest <= abs(number) <= largest:
                raise ExpressionError(
                    f"the constant {number:g} of {equation.name} lies outside {smallest:.3g} to {largest:.3g}, "
                    f"what {dtype} holds; a float64 module takes it"
                )


def _constants(equation: Equation) -> list[float]:
    """The numbers in an equation; numeric factors of one product are multiplied."""
    found = []
    for node in walk(equation.rhs):
        parts = [part for part in Mul.make_args(node) if part.is_number]
        if parts:
            found.append(constant(Mul(*parts)))
    return found
