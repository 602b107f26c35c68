"""The scalar form in SymPy: a symbol for every unit, weight and bias, and a formula for every ∂C/∂w."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, SupportsIndex

import numpy as np
import sympy
from sympy import Add, Expr, Integer, Max, Min, Mul, NumberSymbol, Piecewise, Rational, Symbol, exp, log

from symnet.core import Array, Entries, Equation, Interpreter, Program
from symnet.functions import FUNCTIONS, ROWS, Composite
from symnet.support import ArchitectureError, OptionError, shown, unfit, unknown, whole_of

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
"""symnet's own functions as SymPy's, for `lambdify`, `subs` and `latex`."""


@dataclass(frozen=True)
class Naming:
    r"""The names of entries in the scalar form: w_{11}^{(1)}, counted from `base`, source unit first by default.

    Attributes:
        base: the number of the first unit, 0 or 1.
        to_from: whether a weight names its target unit before its source unit.

    Raises:
        OptionError: a value is another.

    >>> derivation = symnet.derive("2-1")
    >>> derivation.scalar_form(symnet.Naming(base=0)).gradient("W1", 1, 0)
    \delta_{0}^{(1)}*x_{1}
    """

    base: int = 1
    to_from: bool = False

    def __post_init__(self) -> None:
        whole_of(self.base, "the base of a naming", 0, 1, OptionError)
        if not isinstance(self.to_from, bool):
            raise unfit("to_from", self.to_from, "True or False", OptionError)

    def symbol(self, array: Array, position: Sequence[int]) -> Symbol:
        r"""The symbol of one entry, named in LaTeX; the batch index is left out.

        >>> weights = symnet.derive("3-2").forward.array("W1")
        >>> symnet.Naming(to_from=True).symbol(weights, (2, 0))
        w_{13}^{(1)}
        """
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
    """Arithmetic for the oracle's interpreter that builds SymPy expressions, with a symbol for each entry."""

    naming: Naming
    written_in: Callable[[Expr], Expr]
    formulas: dict[Symbol, Expr] = field(default_factory=dict)
    arrays: dict[Symbol, Array] = field(default_factory=dict)

    def symbol(self, array: Array, position: Sequence[int]) -> Symbol:
        """The symbol of an entry.

        Raises:
            ArchitectureError: an entry of another array has the same.
        """
        symbol = self.naming.symbol(array, position)
        known = self.arrays.setdefault(symbol, array)
        if known is not array:
            raise ArchitectureError(
                f"{known.name} and {array.name} are both written {symbol} in scalar form; "
                "one of them needs another letter"
            )
        return symbol

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
        entry = ROWS[name].entry
        if entry is not None:
            return self.written_in(entry(row, unit))
        if name == "leave_one_out":
            return Add(*row[:unit], *row[unit + 1 :])
        total = Add(*(exp(entry) for entry in row))
        return exp(row[unit]) / total if name == "softmax" else row[unit] - log(total)

    def over_batch(self, terms: Sequence[Expr]) -> Expr:
        return Add(*terms)

    def define(self, equation: Equation, position: tuple[int, ...], value: Expr) -> Expr:
        symbol = self.symbol(equation.array, position)
        self.formulas[symbol] = value
        return symbol


def standard(expression: Expr) -> Expr:
    """The expression in SymPy's functions: composite functions expanded, others replaced by `STANDARD`."""
    return _rebuilt(expression, STANDARD)


def elementary(expression: Expr) -> Expr:
    """The expression with composite functions expanded to elementary ones, the form that operations are counted in."""
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
    r"""A program in scalar form, for one row of the batch.

    Attributes:
        program: the equations it was made from.
        entries: for every array the symbols of its entries, in its shape.
        formulas: for each defined symbol its formula in other symbols, in order of evaluation.

    >>> form = symnet.derive("2-1").scalar_form()
    >>> form
    <ScalarForm of 7 formulas>
    >>> form.loss
    (a_{1}^{(1)} - y_{1})**2/2
    """

    program: Program
    entries: Mapping[str, Entries]
    formulas: Mapping[Symbol, Expr]

    def __repr__(self) -> str:
        return f"<ScalarForm of {len(self.formulas)} formulas>"

    def gradient(self, parameter: str, *position: int) -> Expr:
        r"""∂C/∂parameter[position] in intermediates: δ's, activations and weights. Positions count from 0.

        Raises:
            OptionError: there is no such parameter, or the position is none of its.

        >>> symnet.derive("2-2-1").scalar_form().gradient("W2", 0, 0)
        \delta_{1}^{(2)}*a_{1}^{(1)}
        """
        known = {array.name: self.entries[array.name].shape for array in self.program.parameters}
        if parameter not in known:
            raise OptionError(unknown("parameter", parameter, known))
        shape = known[parameter]
        if len(position) != len(shape) or not all(map(_is_place, position, shape)):
            raise OptionError(
                f"the position in {parameter} is {shown(position)}; its shape is {shape}, and positions count from 0"
            )
        symbol: Symbol = self.entries[self.program.outputs[parameter]][position]
        return self.formulas.get(symbol, symbol)

    def substituted(self, expression: Expr) -> Expr:
        """The expression with every intermediate substituted, in parameters, inputs and targets only.

        >>> form = symnet.derive("1-1").scalar_form()
        >>> form.substituted(form.gradient("b1", 0))
        b_{1}^{(1)} + w_{11}^{(1)}*x_{1} - y_{1}
        """
        return expression.xreplace(self._written_out)

    @property
    def loss(self) -> Expr:
        """The loss in intermediates."""
        return self.formulas[self.entries[self.program.outputs["loss"]][()]]

    @property
    def gradients(self) -> dict[Symbol, Expr]:
        r"""∂C/∂w in intermediates, by the symbol of w.

        >>> symnet.derive("1-1").scalar_form().gradients
        {w_{11}^{(1)}: \delta_{1}^{(1)}*x_{1}, b_{1}^{(1)}: \delta_{1}^{(1)}}
        """
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


def _is_place(given: object, length: int) -> bool:
    return isinstance(given, SupportsIndex) and not isinstance(given, bool) and 0 <= operator.index(given) < length


def scalar_form(
    program: Program, naming: Naming | None = None, written_in: Callable[[Expr], Expr] = standard
) -> ScalarForm:
    """The scalar form of a program with its cotangents.

    Args:
        program: the equations.
        naming: the names of entries.
        written_in: rewrites an expression in certain functions: `standard` or `elementary`.

    Raises:
        ArchitectureError: entries of two arrays have the same symbol.
    """
    arithmetic = SymbolArithmetic(naming or Naming(), written_in)
    interpreter = Interpreter(program, {}, arithmetic, batch=1)
    given: dict[str, Any] = {}
    for array in program.arrays:
        given[array.name] = np.empty(interpreter.shape(array.indices), dtype=object)
        for position in np.ndindex(*given[array.name].shape):
            given[array.name][position] = arithmetic.symbol(array, position)
    interpreter.values = given
    return ScalarForm(program, interpreter.run(), arithmetic.formulas)
