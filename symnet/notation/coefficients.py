"""Numeric coefficients of products and sums, as a page writes them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from sympy import Add, Expr, Integer, Mul, Rational, Sum

from symnet.functions import Written, decimal_number, is_decimal

MAX_DENOMINATOR = 1_000


def shared_number(node: Add) -> tuple[Expr, Expr]:
    """The common coefficient of all terms of a sum, and the sum divided by it; 1 if they differ."""
    opened = Add(*(coefficients_out(term) for term in node.args))
    content, rest = opened.primitive()
    if not isinstance(rest, Add) or any(abs(term.as_coeff_Mul()[0]) != 1 for term in rest.args):
        return Integer(1), opened
    return content, rest


def numbers_out(factors: Sequence[Expr]) -> tuple[Expr, list[Expr]]:
    """The rational coefficient of a product, including common coefficients of its sums: a (2b - 2c) as 2, a (b - c)."""
    number: Expr = Integer(1)
    kept = []
    for factor in factors:
        content, rest = shared_number(factor) if isinstance(factor, Add) else (Integer(1), factor)
        if rest.is_Rational:
            content, rest = content * rest, Integer(1)
        number *= content
        kept += [rest] if rest != 1 else []
    return number, kept


def decimals_joined(number: Rational, factors: Sequence[Expr]) -> tuple[Rational, list[Expr]]:
    """A product with its numbers multiplied if one is a decimal: 2 times 0.3 as 0.6, 0.3/2 as 0.15."""
    powers = [(factor, *factor.as_base_exp()) for factor in factors]
    decimals = [(factor, base.exact**exponent) for factor, base, exponent in powers if isinstance(base, Written)]
    if not decimals or (number == 1 and len(decimals) == 1 and decimals[0][0].is_Atom):
        return number, list(factors)
    joined = Mul(number, *(exact for _, exact in decimals))
    left = Integer(1) if is_decimal(int(joined.q)) else Rational(1, number.q)
    found = decimal_number(Fraction(int((joined / left).p), int((joined / left).q)))
    others = [factor for factor in factors if not any(factor is decimal for decimal, _ in decimals)]
    return (left * found, others) if found.is_Rational else (left, [found, *others])


def is_long(number: Rational) -> bool:
    """Whether a number has too many digits for a fraction, so that it is written as a decimal."""
    return bool(number.q != 1 and (number.q > MAX_DENOMINATOR or number.p >= MAX_DENOMINATOR))


def coefficients_out(node: Expr) -> Expr:
    """A product with the common coefficients of its sums moved to the front."""
    factors = []
    for factor in Mul.make_args(node):
        if isinstance(factor, Sum):
            coefficient, body = factor.function.as_coeff_Mul()
            factors += [coefficient, Sum(body, *factor.limits)]
        else:
            factors.append(factor)
    return Mul(*factors)
