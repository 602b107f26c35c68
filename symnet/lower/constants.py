"""Constants that the numbers of a module can hold."""

from __future__ import annotations

from sympy import Mul

from symnet.equations import Equation, Program
from symnet.equations.index_algebra import walk
from symnet.errors import ExpressionError
from symnet.functions import constant

RANGE = {"float32": (2.0**-126, (2 - 2.0**-23) * 2.0**127)}
"""The smallest and the largest number that keeps all its digits; those of float64 are the reader's own limits."""


def check_constants(program: Program, dtype: str) -> None:
    """Raise unless every constant of a program is a number of the dtype with all its digits.

    Raises:
        ExpressionError: a constant would be 0, inf, or lose digits.
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
    """The numbers in an equation, those that are factors of one product multiplied."""
    found = []
    for node in walk(equation.rhs):
        parts = [part for part in Mul.make_args(node) if part.is_number]
        if parts:
            found.append(constant(Mul(*parts)))
    return found
