"""Safe parsing of a user's formula to a syntax tree: an `ast` whitelist with limits, never `eval` or `sympify`.

The grammar: + - * / ** (numeric exponents), unary minus, decimal literals, pi and e, parentheses, the
allowed variables, and calls of the allowed functions, with options by name.
Nothing is evaluated symbolically: all checks are made on the text and on the tree. Constants are folded
in floats, so that `9**9**9` or `exp(exp(exp(10)))` fails at once; constants with a short exact form
(1/3, sqrt(2), 2*pi) keep it.
"""

from __future__ import annotations

import ast
import math
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from operator import add, mul, sub, truediv
from typing import Any, Protocol

from symnet.support.errors import ExpressionError
from symnet.support.names import FUNCTION_SYNONYMS, nearest, shown, spelled
from symnet.support.trees import Tree, walk

MAX_LENGTH = 1_000
MAX_NODES = 400
MAX_DEPTH = 60
MAX_SIZE = 2_000
"""Nodes of the expression with defined functions expanded: gelu(gelu(...)) doubles with each level."""

MAX_EXPONENT = 64
MAX_EXACT = 2**53
SMALLEST, LARGEST = 1e-300, 1e300

KEPT_RADICAND = 10**6
KEPT_ARGUMENT = 100.0
KEPT_SIZE = 24
"""The largest size of a constant that is kept as typed: few operations, on small numbers."""

CONSTANTS = {"pi": math.pi, "e": math.e}
KEPT = frozenset(("exp", "expm1", "log", "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh", "atan", "asinh", "erf"))
"""Functions kept when applied to a constant: log(2) stays, but maximum(1, 2) becomes 2."""

_DECIMAL = re.compile(r"(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


class CallableInFormula(Protocol):
    """The interface of a function that a formula may call."""

    @property
    def arity(self) -> int: ...
    @property
    def options(self) -> Mapping[str, Fraction]: ...
    def evaluate(self, *arguments: float, **options: Fraction) -> float: ...


@dataclass(frozen=True, kw_only=True)
class Part(Tree):
    """A node of the syntax tree: its position in the text, and its value if it is constant."""

    at: int
    value: float | None = None


@dataclass(frozen=True, kw_only=True)
class Number(Part):
    """A rational number; `decimal` if it was typed with a point or is a float."""

    exact: Fraction
    decimal: bool = False


@dataclass(frozen=True, kw_only=True)
class Name(Part):
    """A variable, or one of the constants pi and e."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Negative(Part):
    operand: Part


@dataclass(frozen=True, kw_only=True)
class Operation(Part):
    """A binary operation: + - * or /."""

    sign: str
    left: Part
    right: Part


@dataclass(frozen=True, kw_only=True)
class Power(Part):
    """base ** exponent; sqrt is the power 1/2. `decimal` if the exponent was typed with a point or is a float."""

    base: Part
    exponent: Fraction
    decimal: bool = False


@dataclass(frozen=True, kw_only=True)
class Call(Part):
    """A function call; the name is symnet's, whatever the spelling in the text."""

    name: str
    arguments: tuple[Part, ...]
    options: tuple[tuple[str, Fraction], ...] = ()


def parse_formula(text: str, variables: Iterable[str], functions: Mapping[str, CallableInFormula]) -> Part:
    """Parse a formula to its syntax tree.

    Args:
        text: the formula, at most 1,000 ASCII characters.
        variables: the names of the allowed variables.
        functions: the allowed functions by name.

    Raises:
        ExpressionError: the text lies outside the grammar or its limits; the message says where.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"formula of {len(text)} characters; at most {MAX_LENGTH} are allowed")
    for position, character in enumerate(text, start=1):
        if not (32 <= ord(character) < 127):
            raise ExpressionError(
                f"formula {shown(text)}: character {position} is {character!a}; only printable ASCII is allowed"
            )
    if "#" in text:
        raise ExpressionError(f"formula {shown(text)}, character {text.index('#') + 1}: '#' has no meaning here")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, RecursionError, MemoryError, ValueError) as error:
        offset = error.offset if isinstance(error, SyntaxError) else None
        where = f" at character {offset}" if offset else ""
        raise ExpressionError(f"formula {shown(text)} cannot be read{where}") from None
    return _Reader(text.strip(), frozenset(variables), functions).read(tree.body, MAX_DEPTH)


def refused(text: str, part: Part, problem: str) -> ExpressionError:
    """The error for a part of a formula, with its position."""
    return ExpressionError(f"formula {shown(text)}, character {part.at + 1}: {problem}")


class _Reader:
    def __init__(self, text: str, variables: frozenset[str], functions: Mapping[str, CallableInFormula]) -> None:
        self.text = text
        self.variables = variables
        self.functions = functions
        self.nodes = 0

    def fail(self, node: ast.expr, problem: str) -> ExpressionError:
        return refused(self.text, Part(at=node.col_offset), problem)

    def read(self, node: ast.expr, depth: int) -> Part:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.fail(node, f"more than {MAX_NODES} operations and operands")
        if depth == 0:
            raise self.fail(node, f"nested deeper than {MAX_DEPTH} levels")
        match node:
            case ast.Constant():
                return self.literal(node)
            case ast.Name(id=name):
                return self.name(node, name)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
                return self.signed(node, sign, self.read(operand, depth - 1))
            case ast.BinOp(left=left, op=operator, right=right):
                return self.binary(node, operator, self.read(left, depth - 1), self.read(right, depth - 1))
            case ast.Call():
                return self.call(node, depth)
        raise self.fail(node, "only numbers, variables, + - * / **, parentheses and known functions are allowed")

    def literal(self, node: ast.Constant) -> Part:
        source = self.text[node.col_offset : node.end_col_offset]
        if not _DECIMAL.fullmatch(source):
            raise self.fail(node, f"{shown(source)} is not a decimal number")
        number = Decimal(source)
        if number != 0 and not SMALLEST <= float(number) <= LARGEST:
            raise self.fail(node, f"the number lies outside {SMALLEST:g} to {LARGEST:g}")
        return self.number(node, Fraction(number), float(number), decimal=True)

    def number(self, node: ast.expr, exact: Fraction, value: float, *, decimal: bool) -> Number:
        """An exact rational number, or the decimal of its float if it is too long."""
        if abs(exact.numerator) >= MAX_EXACT or exact.denominator >= MAX_EXACT:
            exact, decimal = rational(value), True
        return Number(at=node.col_offset, value=value, exact=exact, decimal=decimal and exact.denominator > 1)

    def name(self, node: ast.Name, name: str) -> Part:
        if name in CONSTANTS:
            return Name(at=node.col_offset, value=CONSTANTS[name], name=name)
        if name not in self.variables:
            allowed = ", ".join([*sorted(self.variables), *CONSTANTS])
            known = spelled(name, self.functions, FUNCTION_SYNONYMS)
            hint = "; a function needs its argument in parentheses" if known else ""
            raise self.fail(node, f"unknown variable {name!r}; allowed: {allowed}{hint}")
        return Name(at=node.col_offset, name=name)

    def signed(self, node: ast.UnaryOp, sign: ast.unaryop, operand: Part) -> Part:
        if isinstance(sign, ast.UAdd):
            return operand
        value = None if operand.value is None else -operand.value
        if isinstance(operand, Number):
            return self.number(node, -operand.exact, -(operand.value or 0.0), decimal=operand.decimal)
        return Negative(at=node.col_offset, value=value, operand=operand)

    def binary(self, node: ast.expr, operator: ast.operator, left: Part, right: Part) -> Part:
        if isinstance(operator, ast.Pow):
            return self.power(node, left, right)
        if type(operator) not in _ARITHMETIC:
            hint = "; a power is written **" if isinstance(operator, ast.BitXor) else ""
            raise self.fail(node, f"only the operators + - * / ** are allowed{hint}")
        sign, compute = _ARITHMETIC[type(operator)]
        if sign == "/" and right.value == 0:
            raise self.fail(node, "division by zero")
        made = Operation(at=node.col_offset, sign=sign, left=left, right=right)
        if left.value is None or right.value is None:
            return made
        value = self.finite(node, compute(left.value, right.value))
        if isinstance(left, Number) and isinstance(right, Number):
            exact = compute(left.exact, right.exact)
            return self.number(node, exact, value, decimal=left.decimal or right.decimal)
        return self.constant(node, made, value)

    def power(self, node: ast.expr, base: Part, exponent: Part) -> Part:
        if isinstance(base, Name) and base.name == "e" and "exp" in self.functions:
            return self.called(node, "exp", (exponent,), ())
        if exponent.value is None:
            raise self.fail(node, "the exponent must be a number")
        if not -MAX_EXPONENT <= exponent.value <= MAX_EXPONENT:
            raise self.fail(node, f"the exponent lies outside -{MAX_EXPONENT} to {MAX_EXPONENT}")
        exact = exponent.exact if isinstance(exponent, Number) else rational(exponent.value)
        return self.raised(node, base, exact, decimal=isinstance(exponent, Number) and exponent.decimal)

    def raised(self, node: ast.expr, base: Part, exponent: Fraction, *, decimal: bool = False) -> Part:
        made = Power(at=node.col_offset, base=base, exponent=exponent, decimal=decimal)
        if base.value is None:
            return made
        value = self.folded(node, lambda: math.pow(base.value or 0.0, float(exponent)))
        if isinstance(base, Number):
            if exponent.denominator == 1 and 1e-30 < abs(value) < 1e30:
                return self.number(node, base.exact**exponent.numerator, value, decimal=base.decimal)
            if max(base.exact.numerator, base.exact.denominator) > KEPT_RADICAND or exponent.denominator != 2:
                return self.rounded(node, value)
        return self.constant(node, made, value)

    def call(self, node: ast.Call, depth: int) -> Part:
        if not isinstance(node.func, ast.Name) or any(keyword.arg is None for keyword in node.keywords):
            raise self.fail(node, "a call is a function's name with its arguments in parentheses")
        written = node.func.id
        name = spelled(written, self.functions, FUNCTION_SYNONYMS)
        if name is None:
            raise self.fail(
                node,
                f"unknown function {written!r}{nearest(written, self.functions, FUNCTION_SYNONYMS) or ';'} "
                f"allowed: {', '.join(sorted(self.functions))}",
            )
        function = self.functions[name]
        options = self.options(node, name, function)
        if len(node.args) != function.arity:
            hint = "".join(f"; an option is given by name: {name}(z, {option}=...)" for option in function.options)
            raise self.fail(node, f"{written} takes {function.arity} argument(s), not {len(node.args)}{hint}")
        arguments = tuple(self.read(argument, depth - 1) for argument in node.args)
        if name == "sqrt":
            return self.raised(node, arguments[0], Fraction(1, 2))
        return self.called(node, name, arguments, options)

    def options(self, node: ast.Call, name: str, function: CallableInFormula) -> tuple[tuple[str, Fraction], ...]:
        """The options of a call that differ from their defaults."""
        given: dict[str, Fraction] = {}
        for keyword in node.keywords:
            option = str(keyword.arg)
            if option not in function.options:
                known = ", ".join(function.options) or "none"
                raise self.fail(node, f"{name} has no option {option!r}; known: {known}")
            written = self.read(keyword.value, 2)
            if not isinstance(written, Number) or written.exact <= 0:
                raise self.fail(node, f"{name}: option {option} needs a positive number")
            given[option] = written.exact
        return tuple(sorted((option, number) for option, number in given.items() if number != function.options[option]))

    def called(
        self, node: ast.expr, name: str, arguments: tuple[Part, ...], options: tuple[tuple[str, Fraction], ...]
    ) -> Part:
        made = Call(at=node.col_offset, name=name, arguments=arguments, options=options)
        values = [argument.value for argument in arguments if argument.value is not None]
        if len(values) < len(arguments):
            return made
        value = self.folded(node, lambda: self.functions[name].evaluate(*values, **dict(options)))
        small = all(abs(each) <= KEPT_ARGUMENT for each in values)
        return self.constant(node, made, value) if name in KEPT and small else self.rounded(node, value)

    def constant(self, node: ast.expr, made: Operation | Power | Call, value: float) -> Part:
        """A constant, kept as typed if it is short and in range, else folded."""
        if value == int(value) or not 1e-15 < abs(value) < 1e15 or _size(made) > KEPT_SIZE:
            return self.rounded(node, value)
        return type(made)(**{**vars(made), "value": value})

    def rounded(self, node: ast.expr, value: float) -> Number:
        return self.number(node, rational(value), value, decimal=True)

    def folded(self, node: ast.expr, compute: Callable[[], float]) -> float:
        """Fold a constant in floats, so that no text leads to huge exact numbers."""
        try:
            value = compute()
        except (ArithmeticError, ValueError):
            raise self.fail(node, "the constant has no finite real value") from None
        return self.finite(node, value)

    def finite(self, node: ast.expr, value: float) -> float:
        if not math.isfinite(value) or abs(value) > LARGEST:
            raise self.fail(node, "the constant has no finite real value")
        return value


_ARITHMETIC: dict[type[ast.operator], tuple[str, Callable[..., Any]]] = {
    ast.Add: ("+", add),
    ast.Sub: ("-", sub),
    ast.Mult: ("*", mul),
    ast.Div: ("/", truediv),
}


def _size(part: Part) -> int:
    return sum(1 for _ in walk(part))


def rational(value: float) -> Fraction:
    """The rational of the shortest decimal for `value`; integers below 2^53 stay integers."""
    return Fraction(int(value)) if value == int(value) and abs(value) < MAX_EXACT else Fraction(repr(value))
