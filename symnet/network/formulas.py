"""Convert the syntax tree of a formula to a SymPy expression with the meaning of the text in NumPy.

SymPy's rules would change some formulas (exp(log(z)) and sqrt(z)**2 become z, also for z < 0), make others
complex (abs(sqrt(z))), and take exponential time for powers of powers. In these cases powers and logarithms
become opaque functions; otherwise they are SymPy's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from operator import add, mul, sub, truediv

from sympy import Abs, Add, E, Expr, Mul, NumberSymbol, Pow, Rational, Symbol, log, nan, oo, pi, sign, zoo

from symnet.functions import (
    BY_CLASS,
    FloatMath,
    Record,
    Written,
    decimal_number,
    float_value,
    is_decimal,
    logarithm,
    power,
    value,
)
from symnet.support import (
    KEPT_RADICAND,
    LARGEST,
    MAX_EXACT,
    MAX_EXPONENT,
    MAX_SIZE,
    SMALLEST,
    Call,
    Name,
    Negative,
    Number,
    Operation,
    Part,
    Power,
    children,
    parse_formula,
    rational,
    refused,
)

CONSTANTS = {"pi": pi, "e": E}
ARITHMETIC: dict[str, Callable[[Expr, Expr], Expr]] = {"+": add, "-": sub, "*": mul, "/": truediv}
HALF = Fraction(1, 2)
ENDLESS = (nan, oo, -oo, zoo)
POINTS = tuple(side * size for size in (0.3173, 1.2719, 2.6458, 7.3891, 0.0117, 41.37, 1e3, 1e6) for side in (1, -1))
ROUNDING = 1e-13

BINARY = 64
"""Decimals whose denominator is at most this power of 2, such as 0.5 and 0.25, become SymPy fractions."""


def read_expression(
    text: str,
    variables: Mapping[str, Symbol],
    functions: Mapping[str, Record],
    *,
    as_written: bool = False,
) -> Expr:
    """Read a user's formula as a SymPy expression.

    Args:
        text: the formula.
        variables: the allowed variables by name.
        functions: the allowed functions by name.
        as_written: whether all decimals stay as they were typed, for pages. Otherwise halves, quarters and so on, and
            exponents, become fractions, which simplification and stable forms need.

    Raises:
        ExpressionError: the text lies outside the grammar or its limits; the message says where.
    """
    stripped = text.strip()
    tree = parse_formula(text, variables, functions)
    if isinstance(tree, Number):
        return _rational(tree.exact)
    return _Builder(stripped, variables, functions, as_written=as_written).build(tree)


def varies(expression: Expr, symbol: Symbol) -> bool:
    """Whether an expression depends on a symbol, judged by its values.

    A smooth expression is constant if it has equal values at a few points, up to rounding. A piecewise one, or one that
    overflows at a test point, is taken to vary.
    """
    if symbol not in expression.free_symbols:
        return False
    if any(BY_CLASS[node.func].is_piecewise for node in _nodes(expression) if node.func in BY_CLASS):
        return True
    others = {other: 0.7431 + 0.1 * place for place, other in enumerate(sorted(expression.free_symbols, key=str))}
    found: list[float] = []
    for point in POINTS:
        try:
            number = float(value(FloatMath, expression, {**others, symbol: point}))
        except (ArithmeticError, ValueError, TypeError):
            continue
        if math.isinf(number):
            return True
        if math.isfinite(number):
            found.append(number)
            if abs(number - found[0]) > ROUNDING * max(abs(number), abs(found[0])):
                return True
    return len(found) < 2


class _Builder:
    """Builds one formula, with cached properties of its parts."""

    def __init__(
        self,
        text: str,
        variables: Mapping[str, Symbol],
        functions: Mapping[str, Record],
        *,
        as_written: bool = False,
    ) -> None:
        self.text = text
        self.as_written = as_written
        self.variables = variables
        self.functions = functions
        self.sizes: dict[Expr, int] = {}
        self.domains: dict[Expr, frozenset[Expr]] = {}
        self.strange: dict[Expr, bool] = {}
        self.opaque: dict[Expr, Expr] = {}
        self.held: set[Expr] = set()

    def build(self, part: Part) -> Expr:
        operands = [self.build(each) for each in children(part)]
        match part:
            case Number(exact=exact, decimal=decimal):
                return self.decimal(exact) if decimal else _rational(exact)
            case Name(name=name):
                return self.variables.get(name) or CONSTANTS[name]
            case Negative():
                return self.made(part, lambda operand: -operand, operands)
            case Operation(sign=sign):
                if sign == "/" and operands[1] == 0:
                    raise refused(self.text, part, "division by zero")
                return self.made(part, ARITHMETIC[sign], operands)
            case Power(exponent=exponent, decimal=decimal):
                if self.as_written and decimal and abs(exponent) != HALF and part.value is None:
                    return self.made(part, partial(_decimal_power, exponent=exponent), operands)
                return self.power(part, operands[0], exponent)
            case Call(name=name, options=options):
                return self.made(
                    part, partial(self.functions[name].build, **self.options(name, dict(options))), operands
                )
        raise TypeError(f"no formula: {type(part).__name__}")

    def options(self, name: str, given: Mapping[str, Fraction]) -> dict[str, Expr]:
        """The options of a function; for pages also defaults that are decimals."""
        left_out = {key: number for key, number in self.functions[name].options.items() if number.denominator > 1}
        return {key: self.decimal(number) for key, number in {**(left_out if self.as_written else {}), **given}.items()}

    def decimal(self, number: Fraction) -> Expr:
        return decimal_number(number) if self.as_written else written_number(number)

    def power(self, part: Part, base: Expr, fraction: Fraction) -> Expr:
        """A power, with its coefficient computed in floats: SymPy would compute an exact root of it."""
        exponent = _rational(fraction)
        if part.value is not None:
            return self.made(part, lambda operand: operand**exponent, [base])
        coefficient, rest = base.as_coeff_Mul()
        if coefficient == 0:
            if fraction < 0:
                raise refused(self.text, part, "division by zero")
            return self.made(part, lambda operand: operand**exponent, [base])
        try:
            scale = math.pow(abs(float(coefficient)), float(fraction))
        except (OverflowError, ValueError):
            scale = math.inf
        if not SMALLEST <= scale <= LARGEST:
            raise refused(self.text, part, f"a coefficient leaves the range {SMALLEST:g} to {LARGEST:g}")
        if exponent.is_Integer:
            return self.made(part, lambda operand: operand**exponent, [base])
        factor = _root(abs(coefficient), exponent, scale)
        inside = rest if coefficient > 0 else -rest
        nested = bool(self.domain(inside)) or _is_root(inside)

        def raised(operand: Expr) -> Expr:
            made = power(operand, exponent) if nested else operand**exponent
            return factor * (power(operand, exponent) if self.foreign(made) else made)

        return self.made(part, raised, [inside], self.needed(inside))

    def made(
        self,
        part: Part,
        make: Callable[..., Expr],
        operands: list[Expr],
        needed: frozenset[Expr] = frozenset(),
    ) -> Expr:
        """Build an expression from operands, with opaque functions where SymPy would change the meaning."""
        expression = make(*operands)
        if expression.free_symbols:
            wanted = needed.union(*map(self.domain, operands))
            if self.foreign(expression) or not wanted <= self.domain(expression):
                expression = make(*map(self.left_alone, operands))
        return self.checked(part, expression)

    def checked(self, part: Part, expression: Expr) -> Expr:
        """Check the size of an expression; a constant is shortened."""
        if self.size(expression) > MAX_SIZE:
            raise refused(self.text, part, f"written out, this has more than {MAX_SIZE:,} operations and operands")
        if expression.free_symbols:
            return self.in_range(part, expression)
        if part.value is not None and not self.foreign(expression):
            return expression
        return _short(expression, self.constant(part, expression))

    def size(self, expression: Expr) -> int:
        """The number of nodes of an expression as a tree; shared nodes are visited once."""
        if expression not in self.sizes:
            self.sizes[expression] = 1 + sum(map(self.size, expression.args))
        return self.sizes[expression]

    def constant(self, part: Part, expression: Expr) -> float:
        """The value of an expression without symbols."""
        try:
            number = math.nan if self.foreign(expression) else float_value(expression)
        except (ArithmeticError, ValueError, TypeError, KeyError):
            number = math.nan
        if not math.isfinite(number) or abs(number) > LARGEST:
            raise refused(self.text, part, "the constant has no finite real value")
        return number

    def in_range(self, part: Part, expression: Expr) -> Expr:
        """Check that every number of an expression is in the range of floats, and every exponent in range."""
        if expression in self.held:
            return expression
        if not expression.free_symbols:
            number = self.constant(part, expression)
            if expression != 0 and not SMALLEST <= abs(number) <= LARGEST:
                raise refused(self.text, part, f"a coefficient leaves the range {SMALLEST:g} to {LARGEST:g}")
            return _short(expression, number) if isinstance(expression, Rational) else expression
        if self.foreign(expression):
            raise refused(self.text, part, "the value is not real for every argument")
        if isinstance(expression, Pow | power) and abs(expression.exp) > MAX_EXPONENT:
            raise refused(self.text, part, f"the exponent lies outside -{MAX_EXPONENT} to {MAX_EXPONENT}")
        arguments = tuple(self.in_range(part, argument) for argument in expression.args)
        made = expression if arguments == expression.args else expression.func(*arguments)
        self.held.add(made)
        return made

    def foreign(self, expression: Expr) -> bool:
        """Whether SymPy has introduced a value that is not real or finite, or a function unknown to symnet.

        It may do so for the absolute value and the sign of an expression that is not real everywhere.
        """
        if expression not in self.strange:
            unreal = isinstance(expression, Abs | sign) and bool(self.domain(expression.args[0]))
            self.strange[expression] = unreal or _is_foreign(expression) or any(map(self.foreign, expression.args))
        return self.strange[expression]

    def domain(self, expression: Expr) -> frozenset[Expr]:
        """The expressions that must not be negative for an expression to be real."""
        if expression not in self.domains:
            found = frozenset().union(*map(self.domain, expression.args))
            if isinstance(expression, log | logarithm | power) or _is_root(expression):
                found |= self.needed(expression.args[0])
            self.domains[expression] = found
        return self.domains[expression]

    def needed(self, expression: Expr) -> frozenset[Expr]:
        """The factors that must not be negative for an expression not to be: those that may change its sign."""
        factors = []
        for factor in Mul.make_args(expression):
            base = factor.base if isinstance(factor, Pow) and factor.exp.is_Integer and factor.exp % 2 else factor
            if not _never_negative(base):
                factors.append(base)
        return frozenset({Mul(*factors)} if factors else ())

    def left_alone(self, expression: Expr) -> Expr:
        """The expression with its roots and logarithms replaced by opaque functions."""
        if not self.domain(expression):
            return expression
        if expression not in self.opaque:
            parts = [self.left_alone(argument) for argument in expression.args]
            if _is_root(expression):
                base, exponent = parts[0], abs(expression.exp)
                made = power(base, exponent) if expression.exp > 0 else 1 / power(base, exponent)
            else:
                made = logarithm(*parts) if isinstance(expression, log) else expression.func(*parts)
            self.opaque[expression] = made
        return self.opaque[expression]


def _is_root(expression: Expr) -> bool:
    return isinstance(expression, Pow) and not expression.exp.is_Integer and bool(expression.free_symbols)


def _is_foreign(node: Expr) -> bool:
    if isinstance(node, Pow):
        return not isinstance(node.exp, Rational)
    known = isinstance(node, Rational | NumberSymbol | Symbol | Add | Mul) or node.func in BY_CLASS
    return node in ENDLESS or not known


def _never_negative(node: Expr) -> bool:
    """Whether an expression is known not to be negative."""
    if isinstance(node, Add | Mul):
        return all(map(_never_negative, node.args))
    if isinstance(node, Pow):
        return not node.exp.is_Integer or node.exp % 2 == 0 or _never_negative(node.base)
    if isinstance(node, Rational):
        return bool(node >= 0)
    known = node.func in BY_CLASS and BY_CLASS[node.func].is_never_negative
    return known or isinstance(node, NumberSymbol)


def _root(coefficient: Rational, exponent: Rational, value: float) -> Expr:
    """The power of a coefficient: exact for the root of a short one, else rounded to a float."""
    short = exponent.q == 2 and max(coefficient.p, coefficient.q) <= KEPT_RADICAND
    return coefficient**exponent if short or coefficient == 1 else written_number(rational(value))


def _rational(number: Fraction) -> Rational:
    return Rational(number.numerator, number.denominator)


def written_number(number: Fraction) -> Expr:
    """A number typed as a decimal: halves, quarters and so on as fractions, others as typed."""
    if number.denominator <= BINARY and number.denominator & (number.denominator - 1) == 0:
        return _rational(number)
    return decimal_number(number)


def _decimal_power(base: Expr, exponent: Fraction) -> Expr:
    """A power with an exponent that stays a decimal."""
    if not is_decimal(exponent.denominator):
        return base ** _rational(exponent)
    raised = power(base, Written(abs(exponent)))
    return raised if exponent > 0 else 1 / raised


def _short(expression: Expr, number: float) -> Expr:
    """A constant computed by SymPy: unchanged if it is a short rational, else rounded to a float."""
    exact = isinstance(expression, Rational) and abs(expression.p) < MAX_EXACT and expression.q < MAX_EXACT
    return expression if exact else _rational(rational(number))


def _nodes(expression: Expr) -> Iterator[Expr]:
    yield expression
    for argument in expression.args:
        yield from _nodes(argument)
