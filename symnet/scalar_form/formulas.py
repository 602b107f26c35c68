"""Every unit, weight and bias as a SymPy symbol, and every ∂C/∂w as a formula of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import sympy
from sympy import Add, Expr, Integer, Max, Min, Mul, NumberSymbol, Piecewise, Rational, Symbol, exp, log

from symnet.equations import Array, Equation, Program
from symnet.equations.interpreter import Entries, Interpreter
from symnet.functions import FUNCTIONS, Composite

STANDARD: dict[str, Callable[..., Expr]] = {
    "maximum": Max,
    "minimum": Min,
    "positive": lambda z: Piecewise((1, z > 0), (0, True)),
    "step": lambda z: Piecewise((1, z >= 0), (0, True)),
    "bipolar_step": lambda z: Piecewise((1, z >= 0), (-1, True)),
    "select": lambda c, u, v: Piecewise((u, c > 0), (v, True)),
    "half_step": lambda z: Piecewise((1, z > 0), (0, z < 0), (Rational(1, 2), True)),
    "blend": lambda c, u, v: Piecewise((u, c > 0), (v, c < 0), ((u + v) / 2, True)),
    "expm1": lambda z: exp(z) - 1,
    "log1p": lambda z: log(1 + z),
    "atan": sympy.atan,
    "erf": sympy.erf,
}
"""Functions of symnet's own as SymPy's, so that `lambdify`, `subs` and `latex` know them."""


@dataclass(frozen=True)
class Naming:
    """How entries are called: w_{11}^{(1)}, counted from `base`, by default the source unit first.

    Attributes:
        base: the number of the first unit, 0 or 1.
        to_from: whether a weight names the unit it leads to before the one it comes from.
    """

    base: int = 1
    to_from: bool = False

    def symbol(self, array: Array, position: Sequence[int]) -> Symbol:
        """The symbol of one entry, its name in LaTeX; the row of the batch is left out."""
        units = [position[axis] + self.base for axis in array.unit_axes]
        if self.to_from and array.role == "weight":
            units.reverse()
        separator = "," if any(unit > 9 for unit in units) else ""
        letter = array.stem
        layer = f"^{{({array.layer})}}" if array.layer is not None else ""
        below = f"_{{{separator.join(map(str, units))}}}" if units else ""
        letter = letter.lower() if array.role == "weight" or letter == "W" else letter
        if array.of is not None:
            letter = r"\delta" if letter == "z" else rf"\bar{{{letter}}}"
        return Symbol(f"{letter}{below}{layer}", real=True)


@dataclass
class SymbolArithmetic:
    """Builds SymPy expressions where the oracle would compute numbers, each entry a symbol of its own."""

    naming: Naming
    written_in: Callable[[Expr], Expr]
    formulas: dict[Symbol, Expr] = field(default_factory=dict)

    def number(self, value: Rational) -> Expr:
        return value

    def constant(self, node: NumberSymbol) -> Expr:
        return node

    def size(self, symbol: Symbol, value: int) -> Expr:
        return Integer(value)

    def add(self, terms: Sequence[Expr]) -> Expr:
        return Add(*terms)

    def multiply(self, factors: Sequence[Expr]) -> Expr:
        return Mul(*factors)

    def power(self, base: Expr, exponent: Rational) -> Expr:
        return base**exponent

    def function(self, name: str, arguments: Sequence[Expr]) -> Expr:
        return self.written_in(FUNCTIONS[name].build(*arguments))

    def row(self, name: str, row: Sequence[Expr], unit: int) -> Expr:
        if name == "leave_one_out":
            return Add(*row[:unit], *row[unit + 1 :])
        total = Add(*(exp(entry) for entry in row))
        return exp(row[unit]) / total if name == "softmax" else row[unit] - log(total)

    def over_batch(self, terms: Sequence[Expr]) -> Expr:
        return Add(*terms)

    def define(self, equation: Equation, position: tuple[int, ...], value: Expr) -> Expr:
        symbol = self.naming.symbol(equation.array, position)
        self.formulas[symbol] = value
        return symbol


def standard(expression: Expr) -> Expr:
    """The expression in SymPy's own functions: composite ones written out, others replaced."""
    return _rebuilt(expression, STANDARD)


def elementary(expression: Expr) -> Expr:
    """The expression in elementary functions, symnet's own among them, as operations are counted."""
    return _rebuilt(expression, {})


def _rebuilt(expression: Expr, builders: Mapping[str, Callable[..., Expr]]) -> Expr:
    if not expression.args:
        return expression
    if isinstance(expression, Composite):
        return _rebuilt(expression.definition, builders)
    arguments = [_rebuilt(argument, builders) for argument in expression.args]
    build = builders.get(expression.func.__name__, expression.func)
    return build(*arguments)


@dataclass(frozen=True, repr=False)
class ScalarForm:
    """A program in scalar form, for one row of the batch.

    Attributes:
        program: the equations it was made from.
        entries: the symbols of every array, in its shape.
        formulas: each symbol that an equation defines, with its formula in other symbols, in order.
    """

    program: Program
    entries: Mapping[str, Entries]
    formulas: Mapping[Symbol, Expr]

    def __repr__(self) -> str:
        return f"<ScalarForm of {len(self.formulas)} formulas>"

    def gradient(self, parameter: str, *position: int) -> Expr:
        """∂C/∂parameter[position] in intermediates: δ's, activations and weights. Positions count from 0.

        Raises:
            KeyError: there is no such parameter.
        """
        symbol: Symbol = self.entries[self.program.outputs[parameter]][position]
        return self.formulas.get(symbol, symbol)

    def substituted(self, expression: Expr) -> Expr:
        """The expression with every intermediate written out, in parameters, inputs and targets alone."""
        return expression.xreplace(self._written_out)

    @property
    def loss(self) -> Expr:
        """The loss in intermediates."""
        return self.formulas[self.entries[self.program.outputs["loss"]][()]]

    @property
    def gradients(self) -> dict[Symbol, Expr]:
        """Every parameter's symbol with its derivative in intermediates."""
        return {
            self.entries[array.name][position]: self.gradient(array.name, *position)
            for array in self.program.parameters
            for position in np.ndindex(*self.entries[array.name].shape)
        }

    @cached_property
    def _written_out(self) -> dict[Symbol, Expr]:
        found: dict[Symbol, Expr] = {}
        for symbol, formula in self.formulas.items():
            found[symbol] = formula.xreplace(found)
        return found


def scalar_form(
    program: Program, naming: Naming | None = None, written_in: Callable[[Expr], Expr] = standard
) -> ScalarForm:
    """The scalar form of a program with its cotangents.

    Args:
        program: the equations.
        naming: how entries are called.
        written_in: writes an expression in the functions that are wanted, `standard` or `elementary`.
    """
    arithmetic = SymbolArithmetic(naming or Naming(), written_in)
    interpreter = Interpreter(program, {}, arithmetic, batch=1)
    given: dict[str, Any] = {}
    for array in program.arrays:
        given[array.name] = np.empty(interpreter.shape(array.indices), dtype=object)
        for position in np.ndindex(*given[array.name].shape):
            given[array.name][position] = arithmetic.naming.symbol(array, position)
    interpreter.values = given
    return ScalarForm(program, interpreter.run(), arithmetic.formulas)
