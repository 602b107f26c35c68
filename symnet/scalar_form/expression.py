"""A user's function as a program of elementary steps, as in the notes: a = x², b = exp a, ..."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sympy import Add, Expr, Integer, Mul, Pow, Symbol, cse

from symnet.core import Array, Equation, Program, Step, reverse_sweep, substitute, verify
from symnet.support import ExpressionError

RESULT = "f"


def elementary_program(expression: Expr, variables: Sequence[Symbol]) -> Program:
    """The program with one elementary operation per equation and the value as its output.

    Powers are computed by repeated squaring, so that x⁴ = (x²)² shares x².

    Raises:
        ExpressionError: a variable has the name of the result.
    """
    taken = {str(symbol) for symbol in variables}
    if RESULT in taken:
        raise ExpressionError(f"the variable {RESULT} has the name of the result; choose another")
    steps = _Steps(variables, taken)
    result = steps.of(expression)
    if result in variables or not steps.equations:
        result = steps.alone(expression)
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
    """The elementary program followed by its gradient and, with `hessian`, its Hessian.

    The outputs are `value`, `d/dx` for each variable, and `d/dx dy` for each pair in the upper triangle;
    the Hessian is a second sweep over the first one.
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


def written_programs(swept: Program, expression: Expr, derivatives: Mapping[str, Expr]) -> tuple[Program, ...]:
    """Programs with the outputs of a sweep and the derivatives in SymPy's form, which cancels more in some cases.

    Args:
        swept: the elementary program with the sweep's derivatives.
        expression: the value.
        derivatives: the expression of each output but `value`.

    Returns:
        The elementary program with these derivatives; each output written out; and all outputs after SymPy's `cse`.
    """
    elementary = swept.needed_for([swept.outputs["value"]]).equations
    value, *arrays = [swept.array(swept.outputs[output]) for output in ("value", *derivatives)]
    names = (name for name in _names(set(swept.declared) | {RESULT}))
    common, results = cse([expression, *derivatives.values()], symbols=(Symbol(name, real=True) for name in names))
    shared = [(Array(str(symbol)), definition) for symbol, definition in common]
    alone = list(zip(arrays, derivatives.values(), strict=True))
    forms = (
        [*((equation.array, equation.rhs) for equation in elementary), *alone],
        [(value, expression), *alone],
        [*shared, *zip((value, *arrays), results, strict=True)],
    )
    return tuple(_program_of(swept, form) for form in forms)


def _program_of(swept: Program, definitions: Sequence[tuple[Array, Expr]]) -> Program:
    bases = {Symbol(array.name, real=True): array.reference for array, _ in definitions}
    equations = [
        Equation(array, form, (Step("definition", form=form),))
        for array, rhs in definitions
        for form in [substitute(rhs, bases)]
    ]
    return verify(replace(swept, equations=tuple(equations)))


class _Steps:
    def __init__(self, variables: Sequence[Symbol], taken: set[str]) -> None:
        self.equations: list[Equation] = []
        self.known: dict[Expr, Expr] = {symbol: symbol for symbol in variables}
        self.names = _names(taken | {RESULT})

    def of(self, expression: Expr) -> Expr:
        """The symbol of an expression, after writing its steps; a number is its own symbol."""
        if not expression.free_symbols:
            return expression
        if expression not in self.known:
            self.known[expression] = self.define(self._step(expression))
        return self.known[expression]

    def define(self, rhs: Expr) -> Symbol:
        """The symbol of a new step, or of an existing one with the same right-hand side."""
        if rhs not in self.known:
            array = Array(next(self.names))
            self.equations.append(Equation(array, rhs, (Step("definition", form=rhs),)))
            self.known[rhs] = array.reference
        return self.known[rhs]

    def alone(self, expression: Expr) -> Symbol:
        """The symbol of a step that is only a variable or a number, without an operation."""
        array = Array(next(self.names))
        self.equations.append(Equation(array, expression, (Step("definition", form=expression),)))
        return array.reference

    def _step(self, expression: Expr) -> Expr:
        """The expression as one operation on the symbols of its operands."""
        if isinstance(expression, Pow) and expression.exp.is_Integer:
            return self._power(expression.base, int(expression.exp))
        if isinstance(expression, Add | Mul):
            return expression.func(*(self._operand(argument) for argument in expression.args))
        return expression.func(*(self.of(argument) for argument in expression.args))

    def _operand(self, argument: Expr) -> Expr:
        """An operand of a sum or product; a number times a symbol, or one over a symbol, needs no step of its own."""
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
    """a, b, c, ..., z, a1, b1, ..., without names in use."""
    for number in ("", *map(str, range(1, 1000))):
        for letter in string.ascii_lowercase:
            if letter + number not in taken:
                yield letter + number
