"""Options of activations and losses by name: leaky_relu(slope=0.2), huber(delta=0.5)."""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal
from fractions import Fraction

from symnet.support.errors import ArchitectureError
from symnet.support.names import shown, unknown

WITH_OPTIONS = re.compile(r"([A-Za-z]\w*)\s*\(\s*([A-Za-z]\w*\s*=[^()]*)\)", re.ASCII)
_NUMBER = re.compile(r"\d+\.?\d*([eE][+-]?\d{1,3})?|\.\d+", re.ASCII)


def named_formula(text: str) -> tuple[str, str]:
    """Split NAME=FORMULA; without a name the first part is empty. An = inside parentheses belongs to an option."""
    name, equals, formula = text.partition("=")
    return (name.strip(), formula.strip()) if equals and "(" not in name else ("", text.strip())


def read_options(what: str, text: str, known: Collection[str]) -> dict[str, Fraction]:
    """Read options such as `delta=0.5, beta=2`; their values are positive numbers.

    Raises:
        ArchitectureError: an option is unknown, given twice, or not a positive number.
    """
    given: dict[str, Fraction] = {}
    for part in text.split(","):
        name, _, written = (piece.strip() for piece in part.partition("="))
        if name not in known:
            raise ArchitectureError(f"{what}: {unknown('option', name, known)}")
        if name in given:
            raise ArchitectureError(f"{what}: option {name} is given twice")
        given[name] = _positive(f"{what}: option {name}", written)
    return given


def _positive(what: str, written: str) -> Fraction:
    number = Decimal(written) if _NUMBER.fullmatch(written) else Decimal(0)
    if not Decimal("1e-300") <= number <= Decimal("1e300"):
        raise ArchitectureError(f"{what} is {shown(written)}; a positive number from 1e-300 to 1e300 is needed")
    return Fraction(repr(float(number)))


def number_text(number: Fraction) -> str:
    """The text of an option's value."""
    return repr(number.numerator if number.denominator == 1 else float(number))
