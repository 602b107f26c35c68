"""A user's own function as a program of elementary steps, as the notes take it apart: a = x², b = exp a, ..."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sympy import Add, Expr, Integer, Mul, Pow, Symbol

from symnet.chain_rule import reverse_sweep
from symnet.equations import Array, Equation, Program, Step, verify
from symnet.errors import ExpressionError

RESULT = "f"


def elementary_program(expression: Expr, variables: Sequence[Symbol]) -> Program:
    """The program whose equations are one elementary operation each, with the value as its output.

    Powers are taken apart by repeated squaring, so that x⁴ = (x²)² shares x².

    Raises:
        ExpressionError: a variable has the name of the result.
    """
    taken = {str(symbol) for symbol in variables}
    if RESULT in taken:
        raise ExpressionError(f"the variable {RESULT} has the name of the result; choose another")
    steps = _Steps(variables, taken)
    result = steps.of(expression)
    if result in variables or not steps.equations:
        result = steps.define(expression)
    return verify(
        Program(
            arrays=tuple(Array(str(symbol), (), "parameter") for symbol in variables),
            equations=tuple(steps.equations),
            outputs={"value": str(result)},
        )
    )


def derivative_program(
    expression: Expr, variables: Sequence[Symbol], with_respect_to: Sequence[Symbol], *, hessian: bool = False
) -> Program:
    """The elementary program followed by its gradient and, if asked for, its Hessian.

    The outputs are `value`, `d/dx` for each variable, and `d/dx dy` for each pair of the upper half:
    the Hessian is a second sweep over what the first one wrote.
    """
    program = elementary_program(expression, variables)
    names = [str(symbol) for symbol in with_respect_to]
    outputs = dict(program.outputs)
    swept = reverse_sweep(program, names, output=outputs["value"])
    outputs |= {f"d/d{name}": swept.outputs[name] for name in names}
    if hessian:
        for place, name in enumerate(names):
            swept = reverse_sweep(swept, names[place:], output=outputs[f"d/d{name}"], mark=f"of_{name}")
            outputs |= {f"d/d{name} d{other}": swept.outputs[other] for other in names[place:]}
    return replace(swept, outputs=outputs)


class _Steps:
    def __init__(self, variables: Sequence[Symbol], taken: set[str]) -> None:
        self.equations: list[Equation] = []
        self.known: dict[Expr, Expr] = {symbol: symbol for symbol in variables}
        self.names = _names(taken | {RESULT})

    def of(self, expression: Expr) -> Expr:
        """The symbol of an expression, its steps written first; a number stands for itself."""
        if not expression.free_symbols:
            return expression
        if expression not in self.known:
            self.known[expression] = self.define(self._step(expression))
        return self.known[expression]

    def define(self, rhs: Expr) -> Symbol:
        """The symbol of a new step, or of the one that computes the same already."""
        if rhs not in self.known:
            array = Array(next(self.names))
            self.equations.append(Equation(array, rhs, (Step("definition", form=rhs),)))
            self.known[rhs] = array.reference
        return self.known[rhs]

    def _step(self, expression: Expr) -> Expr:
        """The expression with the symbols of its operands put in: one operation."""
        if isinstance(expression, Pow) and expression.exp.is_Integer:
            return self._power(expression.base, int(expression.exp))
        if isinstance(expression, Add | Mul):
            return expression.func(*(self._operand(argument) for argument in expression.args))
        return expression.func(*(self.of(argument) for argument in expression.args))

    def _operand(self, argument: Expr) -> Expr:
        """An operand of a sum or product: a number times a symbol, or one over a symbol, is no step of its own."""
        coefficient, rest = argument.as_coeff_Mul()
        if isinstance(rest, Pow) and rest.exp == -1:
            return coefficient / self.of(rest.base)
        return coefficient * self.of(rest)

    def _power(self, base: Expr, exponent: int) -> Expr:
        symbol = self.of(base)
        if exponent < 0:
            return 1 / self.of(base**-exponent)
        if exponent == 2:
            return symbol**2
        if exponent % 2:
            return self.of(base ** (exponent - 1)) * symbol
        return self.of(base ** (exponent // 2)) ** Integer(2)


def _names(taken: set[str]) -> Iterator[str]:
    """a, b, c, ..., z, a1, b1, ..., without those that are taken."""
    for number in ("", *map(str, range(1, 1000))):
        for letter in string.ascii_lowercase:
            if letter + number not in taken:
                yield letter + number
