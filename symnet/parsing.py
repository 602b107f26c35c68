"""Safe reading of a user's formula: an `ast` whitelist with limits, never `eval` or `sympify`.

The grammar: + - * / ** (numeric exponents), unary minus, decimal literals, parentheses, the
variables that the place allows, and calls of the functions it is given. Every number becomes an
exact rational; a constant that is not a small rational is folded in floats first, so that
`9**9**9` or `exp(exp(exp(10)))` is answered at once.
"""

import ast
import math
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from sympy import Expr, I, Integer, Rational, Symbol, arg, atan2, im, nan, oo, zoo
from sympy import re as real_part

from symnet.errors import ExpressionError
from symnet.names import nearest, shown

MAX_LENGTH = 1_000
MAX_NODES = 400
MAX_DEPTH = 60
MAX_SIZE = 2_000
"""Nodes of the expression with the functions opened that are formulas themselves: gelu(gelu(...)) doubles each time."""

MAX_EXPONENT = 64
MAX_EXACT = 2**53
SMALLEST, LARGEST = 1e-300, 1e300

UNREAL = (I, arg, atan2, im, real_part, nan, oo, -oo, zoo)
"""What SymPy brings in where a value is not real or not finite."""

_DECIMAL = re.compile(r"(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


class CallableInFormula(Protocol):
    """What the parser needs to know of a function that a formula may call."""

    @property
    def arity(self) -> int: ...
    def build(self, *arguments: Expr) -> Expr: ...
    def evaluate(self, *arguments: float) -> float: ...


@dataclass(frozen=True)
class _Term:
    """A part of the formula that has been read: its expression, and its value where it is a constant."""

    expression: Expr
    value: float | None


def parse_expression(
    text: str,
    variables: Mapping[str, Symbol],
    functions: Mapping[str, CallableInFormula],
    evaluate: Callable[[Expr], float],
) -> Expr:
    """The SymPy expression that `text` denotes.

    Args:
        text: the formula, at most 1,000 ASCII characters.
        variables: the names that may stand for a variable, with their symbols.
        functions: the names that may be called.
        evaluate: the float that an expression without symbols stands for.

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
    return _Reader(text.strip(), variables, functions, evaluate).read(tree.body, MAX_DEPTH).expression


class _Reader:
    def __init__(
        self,
        text: str,
        variables: Mapping[str, Symbol],
        functions: Mapping[str, CallableInFormula],
        evaluate: Callable[[Expr], float],
    ) -> None:
        self.text = text
        self.variables = variables
        self.functions = functions
        self.evaluate = evaluate
        self.nodes = 0
        self.sizes: dict[Expr, int] = {}

    def fail(self, node: ast.expr, problem: str) -> ExpressionError:
        return ExpressionError(f"formula {shown(self.text)}, character {node.col_offset + 1}: {problem}")

    def read(self, node: ast.expr, depth: int) -> _Term:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.fail(node, f"more than {MAX_NODES} operations and operands")
        if depth == 0:
            raise self.fail(node, f"nested deeper than {MAX_DEPTH} levels")
        match node:
            case ast.Constant():
                return self.literal(node)
            case ast.Name(id=name):
                return self.variable(node, name)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
                term = self.read(operand, depth - 1)
                if isinstance(sign, ast.UAdd):
                    return term
                return self.checked(node, -term.expression, None if term.value is None else -term.value)
            case ast.BinOp(left=left, op=operator, right=right):
                return self.binary(node, operator, self.read(left, depth - 1), self.read(right, depth - 1))
            case ast.Call():
                return self.call(node, depth)
        raise self.fail(node, "only numbers, variables, + - * / **, parentheses and known functions are allowed")

    def literal(self, node: ast.Constant) -> _Term:
        source = ast.get_source_segment(self.text, node) or ""
        if not _DECIMAL.fullmatch(source):
            raise self.fail(node, f"{shown(source)} is not a decimal number")
        number = Rational(source)
        if number != 0 and not SMALLEST <= float(number) <= LARGEST:
            raise self.fail(node, f"the number lies outside {SMALLEST:g} to {LARGEST:g}")
        return _constant(number, float(number))

    def variable(self, node: ast.Name, name: str) -> _Term:
        if name not in self.variables:
            allowed = ", ".join(sorted(self.variables))
            hint = "; a function needs its argument in parentheses" if name in self.functions else ""
            raise self.fail(node, f"unknown variable {name!r}; allowed: {allowed}{hint}")
        return _Term(self.variables[name], None)

    def binary(self, node: ast.expr, operator: ast.operator, left: _Term, right: _Term) -> _Term:
        if isinstance(operator, ast.Pow):
            return self.power(node, left, right)
        if type(operator) not in _ARITHMETIC:
            hint = "; a power is written **" if isinstance(operator, ast.BitXor) else ""
            raise self.fail(node, f"only the operators + - * / ** are allowed{hint}")
        if isinstance(operator, ast.Div) and right.expression == 0:
            raise self.fail(node, "division by zero")
        compute = _ARITHMETIC[type(operator)]
        value = None if left.value is None or right.value is None else compute(left.value, right.value)
        return self.checked(node, compute(left.expression, right.expression), value)

    def power(self, node: ast.expr, base: _Term, exponent: _Term) -> _Term:
        if exponent.value is None:
            raise self.fail(node, "the exponent must be a number")
        if not -MAX_EXPONENT <= exponent.value <= MAX_EXPONENT:
            raise self.fail(node, f"the exponent lies outside -{MAX_EXPONENT} to {MAX_EXPONENT}")
        if base.value is not None:
            return self.folded(node, lambda: math.pow(base.value or 0.0, exponent.value or 0.0))
        return self.checked(node, self.raised(node, base.expression, exponent), None)

    def raised(self, node: ast.expr, base: Expr, exponent: _Term) -> Expr:
        """The power, with the coefficient raised in floats: SymPy would compute a root of it exactly."""
        coefficient, rest = base.as_coeff_Mul()
        try:
            scale = math.pow(abs(float(coefficient)), exponent.value or 0.0)
        except (OverflowError, ValueError):
            scale = math.inf
        if not SMALLEST <= scale <= LARGEST:
            raise self.fail(node, f"a coefficient leaves the range {SMALLEST:g} to {LARGEST:g}")
        if exponent.expression.is_Integer:
            return base**exponent.expression
        return _rational(scale) * (rest if coefficient > 0 else -rest) ** exponent.expression

    def call(self, node: ast.Call, depth: int) -> _Term:
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise self.fail(node, "a call is a function's name with its arguments in parentheses")
        name = node.func.id
        if name not in self.functions:
            raise self.fail(
                node,
                f"unknown function {name!r}{nearest(name, self.functions) or ';'} "
                f"allowed: {', '.join(sorted(self.functions))}",
            )
        function = self.functions[name]
        if len(node.args) != function.arity:
            raise self.fail(node, f"{name} takes {function.arity} argument(s), not {len(node.args)}")
        arguments = [self.read(argument, depth - 1) for argument in node.args]
        if name == "sqrt" and arguments[0].value is None:
            return self.power(node, arguments[0], _Term(Rational(1, 2), 0.5))
        values = [argument.value for argument in arguments if argument.value is not None]
        if len(values) == len(arguments):
            return self.folded(node, lambda: function.evaluate(*values))
        return self.checked(node, function.build(*(argument.expression for argument in arguments)), None)

    def folded(self, node: ast.expr, compute: Callable[[], float]) -> _Term:
        """A constant computed in floats, so that no text makes SymPy work on a huge exact number."""
        try:
            value = compute()
        except (ArithmeticError, ValueError):
            raise self.fail(node, "the constant has no finite real value") from None
        return self.checked(node, _rational(value) if math.isfinite(value) else Integer(0), value)

    def checked(self, node: ast.expr, expression: Expr, value: float | None) -> _Term:
        """What has been read, as a constant where SymPy has made one of it."""
        if self.size(expression) > MAX_SIZE:
            raise self.fail(node, f"written out, this has more than {MAX_SIZE:,} operations and operands")
        if value is None and not expression.free_symbols:
            value = self.constant(node, expression)
        if value is None:
            return _Term(self.in_range(node, expression), None)
        if not math.isfinite(value) or abs(value) > LARGEST:
            raise self.fail(node, "the constant has no finite real value")
        return _constant(expression, value)

    def size(self, expression: Expr) -> int:
        """The nodes of an expression, counted as often as they stand in it and looked at once."""
        if expression not in self.sizes:
            self.sizes[expression] = 1 + sum(map(self.size, expression.args))
        return self.sizes[expression]

    def constant(self, node: ast.expr, expression: Expr) -> float:
        """The value of an expression without symbols."""
        try:
            return math.nan if expression.has(*UNREAL) else self.evaluate(expression)
        except (ArithmeticError, ValueError, TypeError, KeyError):
            raise self.fail(node, "the constant has no finite real value") from None

    def in_range(self, node: ast.expr, expression: Expr) -> Expr:
        """The expression with every number in it a rational of float range, and every exponent in range."""
        if not expression.free_symbols:
            value = self.constant(node, expression)
            if expression != 0 and not SMALLEST <= abs(value) <= LARGEST:
                raise self.fail(node, f"a coefficient leaves the range {SMALLEST:g} to {LARGEST:g}")
            return _constant(expression, value).expression
        if expression.has(*UNREAL):
            raise self.fail(node, "the value is not real for every argument")
        if not expression.args:
            return expression
        if expression.is_Pow and not (expression.exp.is_Rational and abs(expression.exp) <= MAX_EXPONENT):
            raise self.fail(node, f"the exponent lies outside -{MAX_EXPONENT} to {MAX_EXPONENT}")
        arguments = [self.in_range(node, argument) for argument in expression.args]
        return expression if tuple(arguments) == expression.args else expression.func(*arguments)


_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right,
    ast.Div: lambda left, right: left / right,
}


def _rational(value: float) -> Rational:
    """The rational that the shortest decimal of `value` denotes; integers below 2^53 stay integers."""
    return Integer(int(value)) if value == int(value) and abs(value) < MAX_EXACT else Rational(repr(value))


def _constant(expression: Expr, value: float) -> _Term:
    exact = expression.is_Rational and abs(expression.p) < MAX_EXACT and expression.q < MAX_EXACT
    return _Term(expression if exact else _rational(value), value)
