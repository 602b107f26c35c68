"""Decimals that stay as typed, such as 0.044715, which SymPy would convert to a fraction and multiply out."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from mpmath.libmp import from_rational
from sympy import Basic, Expr, NumberSymbol, Rational


class Written(NumberSymbol):
    """A positive decimal fraction as a named constant, like pi, to SymPy.

    It is neither added to other numbers nor distributed over a sum. `Written.of` creates it: equal ones are one object.
    """

    is_positive = True
    is_rational = True
    is_integer = False
    is_irrational = False

    __slots__ = ("fraction",)

    fraction: Fraction

    def __new__(cls, fraction: Fraction) -> Written:
        return _made(fraction)

    @property
    def exact(self) -> Rational:
        """Its value as a SymPy rational."""
        return Rational(self.fraction.numerator, self.fraction.denominator)

    @property
    def text(self) -> str:
        """The decimal, with an exponent if it has many zeros after the point."""
        number = Decimal(self.fraction.numerator) / Decimal(self.fraction.denominator)
        return format(number, "f") if number.adjusted() >= -5 else str(number).replace("E", "e")

    def _hashable_content(self) -> tuple[Any, ...]:
        return (self.text,)

    def __hash__(self) -> int:
        return hash((Written, self.fraction))

    def __reduce__(self) -> tuple[Any, ...]:
        return Written, (self.fraction,)

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (self.fraction,)

    def _as_mpf_val(self, prec: int) -> Any:
        return from_rational(self.fraction.numerator, self.fraction.denominator, prec)

    def _sympystr(self, printer: Any) -> str:
        return self.text

    _index_text = _sympystr

    def _latex(self, printer: Any) -> str:
        return self.text


def in_fractions(expression: Expr) -> Expr:
    """Replace decimals by fractions, for computing with coefficients."""
    return expression.xreplace({number: number.exact for number in expression.atoms(Written)})


def decimal_number(number: Fraction) -> Expr:
    """Return a `Written` for a decimal, and a rational number for integers and for fractions such as 1/3."""
    if number.denominator == 1 or not is_decimal(number.denominator):
        return Rational(number.numerator, number.denominator)
    return Written(number) if number > 0 else -Written(-number)


def is_decimal(denominator: int) -> bool:
    """Whether a fraction with this denominator is a finite decimal: it has no prime factors but 2 and 5."""
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    return denominator == 1


@cache
def _made(fraction: Fraction) -> Written:
    made: Written = Basic.__new__(Written)
    made.fraction = fraction
    return made
