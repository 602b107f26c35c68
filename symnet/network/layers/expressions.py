"""What a layer writes as the right-hand side of an equation: an expression over real numbers, its decimals exact."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from numbers import Rational as RationalNumber
from numbers import Real

from sympy import Expr, Float, Pow, Rational, nan, oo, zoo

from symnet.core import walk
from symnet.functions import decimal_number
from symnet.network.formulas import written_number
from symnet.support import LARGEST, SMALLEST, ArchitectureError, located, shown

ENDLESS = (nan, oo, -oo, zoo)


def checked_expression(name: str, given: object, *, as_written: bool) -> Expr:
    """A right-hand side as a SymPy expression; decimals in it are the numbers that were typed, not their roundings.

    Args:
        name: the array that it is of, for messages.
        given: a SymPy expression or a number.
        as_written: whether all decimals stay as they were typed, for pages; as in `forward_equations`.

    Raises:
        ArchitectureError: it is neither, has a constant that is not real and finite, or a decimal outside of
            1e-300 to 1e300.
    """
    if isinstance(given, Real) and not isinstance(given, bool):
        given = Rational(Fraction(given)) if isinstance(given, RationalNumber) else Float(float(given))
    if not isinstance(given, Expr):
        raise ArchitectureError(
            f"the right-hand side of {name} is {shown(given)}; a SymPy expression or a number is needed"
        )
    for node in walk(given):
        if not isinstance(node, Expr):
            raise ArchitectureError(f"the right-hand side of {name} has the part {shown(node)}, which is no number")
        if not node.free_symbols and (node in ENDLESS or node.is_real is False):
            raise ArchitectureError(
                f"the right-hand side of {name} has the constant {shown(node)}; real numbers are needed"
            )
    try:
        return _exact(given, decimal_number if as_written else written_number)
    except ArchitectureError as error:
        raise located(error, f"the right-hand side of {name}") from None


def _exact(node: Expr, number: Callable[[Fraction], Expr]) -> Expr:
    """The expression with the decimal that was typed in place of every float; exponents become fractions."""
    if isinstance(node, Float):
        return number(_typed(node))
    if not node.has(Float):
        return node
    if isinstance(node, Pow) and isinstance(node.exp, Float):
        return _exact(node.base, number) ** Rational(_typed(node.exp))
    return node.func(*(_exact(argument, number) for argument in node.args))


def _typed(number: Float) -> Fraction:
    """The shortest decimal that rounds to a float."""
    value = float(number)
    if value != 0 and not SMALLEST <= abs(value) <= LARGEST:
        raise ArchitectureError(f"the number {value!r}; 0 or one of a size from {SMALLEST:g} to {LARGEST:g} is needed")
    return Fraction(repr(value))
