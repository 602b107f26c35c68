"""Numbers on a page: rounded to significant digits, with a power of ten if needed."""

from __future__ import annotations

import math
from decimal import Decimal

from symnet.formula import tree as f
from symnet.formula.tree import Formula, row


def number(of: float, digits: int) -> Formula:
    """A number rounded to significant digits, with its minus and power of ten.

    A rounded number keeps trailing zeros, so that it is not mistaken for an exact one.
    """
    exact = is_exact(of, digits)
    text = format(float(of), f".{digits}g" if exact else f"#.{digits}g")
    if text.endswith("."):
        # Without a decimal a rounded number could be mistaken for an integer: 377 for 377.35.
        text = format(float(of), f"#.{digits + 1}g")
    mantissa, _, exponent = text.partition("e")
    if exponent and (-5 <= int(exponent) < 0 or (exact and int(exponent) < digits + 3)):
        mantissa, exponent = format(Decimal(text), "f"), ""
    sign = f.Operator("-") if mantissa.startswith("-") else None
    written = row(sign, f.Number(mantissa.lstrip("-")))
    if not exponent:
        return written
    minus = f.Operator("-") if int(exponent) < 0 else None
    ten = f.Scripts(f.Number("10"), above=row(minus, f.Number(str(abs(int(exponent))))))
    return row(written, f.Operator("times"), ten)


def decimal(text: str) -> Formula:
    """A positive decimal with all its digits, such as 0.044715 or 1e-7."""
    number = Decimal(text)
    if -7 <= number.adjusted() < 17:
        return f.Number(format(number, "f"))
    mantissa, _, exponent = format(number.normalize(), "e").partition("e")
    minus = f.Operator("-") if int(exponent) < 0 else None
    ten = f.Scripts(f.Number("10"), above=row(minus, f.Number(str(abs(int(exponent))))))
    return row(f.Number(mantissa), f.Operator("times"), ten)


def is_exact(of: float, digits: int) -> bool:
    """Whether a number has at most this many digits (10 at most), up to the last bits of a float."""
    return math.isclose(float(format(float(of), f".{min(digits, 10)}g")), float(of), rel_tol=1e-14)
