"""Equations as plain text, `z1[n,j] = Sum(x[n,i]*W1[i,j], i) + b1[j]`.

The order of factors and terms set here is also that of the generated code, so that a line of code
and the equation beside it read alike.
"""

from decimal import Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sympy import Add, Expr, Idx, Indexed, Integer, Mul, Rational, Sum
from sympy.printing.str import StrPrinter

from symnet.core.index_algebra import indices_of
from symnet.core.program import Equation
from symnet.core.sizes import BATCH
from symnet.functions import decimal_number, is_decimal

MAX_DENOMINATOR = 1_000


def ordered_factors(factors: tuple[Expr, ...]) -> list[Expr]:
    """Factors in the customary order: sizes and scalars, arrays of the batch, other arrays, the rest.

    In an elementwise product the cotangent comes first.
    """
    elementwise = len({factor.indices for factor in factors if isinstance(factor, Indexed)}) == 1
    return sorted(factors, key=lambda factor: (elementwise and _is_from_below(factor), _factor_key(factor)))


def _is_from_below(factor: Expr) -> bool:
    """Whether a factor of an elementwise product is neither a scalar nor a cotangent."""
    if isinstance(factor, Indexed):
        return "_" not in factor.base.name
    return not (factor.is_Symbol or factor.is_number)


def _factor_key(factor: Expr) -> tuple[int, str]:
    if isinstance(factor, Indexed):
        batched = any(index.upper == BATCH - 1 for index in factor.indices if hasattr(index, "upper"))
        return (1 if batched else 2), _key(factor)
    if isinstance(factor, Sum):
        return 4, _key(factor)
    return (0 if factor.is_Symbol or factor.is_number else 3), _key(factor)


@lru_cache(maxsize=4096)
def _key(expression: Expr) -> str:
    """The sort key of expressions of one kind, cached since the same ones are compared often."""
    return str(expression)


def ordered_terms(expression: Add) -> list[Expr]:
    """Terms in the customary order: positive ones first, products and sums before single arrays."""
    return sorted(expression.args, key=_term_key)


def _term_key(term: Expr) -> tuple[bool, int, str]:
    negative = has_minus_sign(term)
    if term.has(Sum):
        return negative, 1, _key(term)
    return negative, 0 if term.is_number else -len(indices_of(term)) + 10, _key(term)


def has_minus_sign(term: Expr) -> bool:
    """Whether a term of a sum is printed with a minus."""
    return bool(term.as_coeff_Mul()[0] < 0)


class TermsInOrder:
    """A mixin for SymPy's printers: prints the terms of sums in the customary order."""

    def _print_Add(self, node: Add, order: str | None = None) -> str:
        text = ""
        for term in ordered_terms(node):
            printed = self.parenthesize(term, 39, strict=True)  # type: ignore[attr-defined]
            if printed.startswith("-"):
                text += f" - {printed[1:].lstrip()}" if text else printed
            else:
                text += f" + {printed}" if text else printed
        return text


class IndexPrinter(TermsInOrder, StrPrinter):
    """SymPy's string printer with index notation for arrays and for sums over the extent of an index."""

    printmethod = "_index_text"

    def __init__(self, decimals: frozenset[Expr]) -> None:
        super().__init__()
        self.decimals = decimals

    def _print_Idx(self, node: Idx) -> str:
        return str(node.label)

    def _print_Indexed(self, node: Indexed) -> str:
        return f"{node.base.name}[{','.join(self._print(index) for index in node.indices)}]"

    def _print_Sum(self, node: Sum) -> str:
        return f"Sum({self._print(node.function)}, {', '.join(str(limit[0]) for limit in node.limits)})"

    def _print_Rational(self, node: Rational) -> str:
        """A fraction if its numbers are small, else a decimal if it is exact or was typed as one."""
        if abs(node) in self.decimals:
            written = decimal_number(Fraction(int(node.p), int(node.q)))
            return str(self._print(written))
        if node.q <= MAX_DENOMINATOR or not is_decimal(node.q):
            return str(super()._print_Rational(node))
        with localcontext(prec=400):
            return str(Decimal(node.p) / Decimal(node.q)).replace("E", "e")

    def _print_Abs(self, node: Expr) -> str:
        return f"abs({self._print(node.args[0])})"

    def _print_Exp1(self, node: Expr) -> str:
        return "e"

    def _print_logarithm(self, node: Expr) -> str:
        return f"log({self._print(node.args[0])})"

    def _print_power(self, node: Expr) -> str:
        if node.exp == Rational(1, 2):
            return f"sqrt({self._print(node.base)})"
        return f"{self.parenthesize(node.base, 60)}**{self.parenthesize(node.args[1], 60)}"

    def _print_Pow(self, node: Expr, rational: bool = False) -> str:
        """Exponents such as 1.01 as decimals; halves, quarters and the like stay fractions."""
        is_long = node.exp.is_Rational and node.exp.q >= 10 and is_decimal(node.exp.q)
        if is_long or node.exp in self.decimals:
            exponent = decimal_number(Fraction(node.exp.p, node.exp.q))
            return f"{self.parenthesize(node.base, 60)}**{self.parenthesize(exponent, 60)}"
        return str(super()._print_Pow(node, rational))

    def _print_positive(self, node: Expr) -> str:
        return f"[{self._print(node.args[0])} > 0]"

    def _print_unit_step(self, node: Expr) -> str:
        return f"step({self._print(node.args[0])})"

    def _print_Mul(self, node: Mul) -> str:
        coefficient, rest = node.as_coeff_Mul(rational=True)
        if abs(coefficient) in self.decimals:
            _, above, below = split_product(rest)
            sign = "-" if coefficient < 0 else ""
            above = [decimal_number(Fraction(abs(int(coefficient.p)), int(coefficient.q))), *above]
        else:
            sign, above, below = split_product(node)
        numerator = [self.parenthesize(factor, 50, strict=True) for factor in above] or ["1"]
        text = sign + "*".join(numerator)
        if not below:
            return text
        denominator = [self.parenthesize(factor, 50) for factor in below]
        return f"{text}/{denominator[0]}" if len(below) == 1 else f"{text}/({'*'.join(denominator)})"


def split_product(node: Expr) -> tuple[str, list[Expr], list[Expr]]:
    """A product as its sign ("" or "-"), the factors of the numerator and of the denominator."""
    coefficient, rest = node.as_coeff_Mul(rational=True)
    sign = "-" if coefficient < 0 else ""
    coefficient = abs(coefficient)
    coefficient, root, rest = _inverse_roots(coefficient, rest)
    factors = ordered_factors(Mul.make_args(rest))
    above: list[Any] = [Integer(coefficient.p)] if coefficient.p != 1 else []
    below: list[Any] = [Integer(coefficient.q)] if coefficient.q != 1 else []
    below += [root] if root != 1 else []
    above += [factor for factor in factors if not _is_inverse(factor) and factor != 1]
    below += [1 / factor for factor in factors if _is_inverse(factor)]
    return sign, above, below


def _inverse_roots(coefficient: Rational, product: Expr) -> tuple[Rational, Expr, Expr]:
    """Split a number p/(q n) times √n into p/q, the divisor √n and the rest: SymPy's √2/2 is printed 1/√2."""
    for factor in Mul.make_args(product):
        if (
            factor.is_Pow
            and factor.base.is_Integer
            and factor.exp == Rational(1, 2)
            and coefficient.q % factor.base == 0
        ):
            return coefficient * factor.base, factor, product / factor
    return coefficient, Integer(1), product


def _is_inverse(factor: Expr) -> bool:
    return bool(factor.is_Pow and factor.exp.is_Rational and factor.exp < 0)


@lru_cache(maxsize=64)
def _printer(decimals: frozenset[Expr]) -> IndexPrinter:
    return IndexPrinter(decimals)


def expression_text(expression: Expr, decimals: frozenset[Expr] = frozenset()) -> str:
    """An expression in index notation; `decimals` are the fractions to print as decimals."""
    return str(_printer(decimals).doprint(expression))


def equation_text(equation: Equation, decimals: frozenset[Expr] = frozenset()) -> str:
    """An equation in index notation; `decimals` as in `expression_text`."""
    return f"{expression_text(equation.lhs, decimals)} = {expression_text(equation.rhs, decimals)}"
