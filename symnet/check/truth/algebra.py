"""Exact formulas: quotients of polynomials in parameters, inputs, targets and function values, with derivatives.

Each value of a function that is not rational is a generator of the polynomials. Known are its derivative, and the
relations between exp, sigmoid, tanh and softmax of the same argument.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from sympy import QQ, Add, Expr, Mul, Pow, Rational
from sympy.polys.rings import PolyElement, ring

from symnet.check.latex import Deadline
from symnet.core import Equation, derivative
from symnet.functions import BY_CLASS, FUNCTIONS, Written, has_definition_alone

MAX_GENERATORS = 160
MAX_TERMS = 4_000
"""The most terms of a polynomial; a proof that needs more is given up."""

RESERVED = 60
"""The number of generators for the values of functions."""


class NoProof(Exception):
    """A formula is too large to be proved, or has a function that the algebra does not know."""


@dataclass(frozen=True, eq=False)
class Formula:
    """A quotient of polynomials; two are equal if the numerator of their difference is 0."""

    top: PolyElement
    bottom: PolyElement
    algebra: Algebra

    def __add__(self, other: Any) -> Formula:
        if isinstance(other, np.ndarray):
            return NotImplemented
        one, two = self, self.algebra.formula(other)
        if one.bottom == two.bottom:
            return self.algebra.quotient(one.top + two.top, one.bottom)
        return self.algebra.quotient(one.top * two.bottom + two.top * one.bottom, one.bottom * two.bottom)

    __radd__ = __add__

    def __neg__(self) -> Formula:
        return Formula(-self.top, self.bottom, self.algebra)

    def __sub__(self, other: Any) -> Formula:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return self + -self.algebra.formula(other)

    def __rsub__(self, other: Any) -> Formula:
        return self.algebra.formula(other) - self

    def __mul__(self, other: Any) -> Formula:
        if isinstance(other, np.ndarray):
            return NotImplemented
        two = self.algebra.formula(other)
        return self.algebra.quotient(self.top * two.top, self.bottom * two.bottom)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Formula:
        if isinstance(other, np.ndarray):
            return NotImplemented
        two = self.algebra.formula(other)
        if not two.top:
            raise NoProof
        return self.algebra.quotient(self.top * two.bottom, self.bottom * two.top)

    def __rtruediv__(self, other: Any) -> Formula:
        return self.algebra.formula(other) / self

    def __pow__(self, exponent: int) -> Formula:
        if abs(exponent) > 8:
            raise NoProof
        base = self if exponent >= 0 else self.algebra.formula(1) / self
        result = self.algebra.formula(1)
        for _ in range(abs(exponent)):
            result = result * base
        return result

    def __eq__(self, other: object) -> bool:
        return not (self - other).top

    @cached_property
    def key(self) -> tuple[PolyElement, PolyElement]:
        """The quotient in lowest terms; equal formulas have equal keys."""
        top, bottom = self.top.cancel(self.bottom)
        return top.mul_ground(1 / bottom.LC), bottom.monic()


class Algebra:
    """The formulas over some named entries.

    Args:
        names: the names of the entries of all inputs, targets and parameters.
        deadline: the time limit.

    Raises:
        NoProof: there are too many entries.
    """

    def __init__(self, names: Sequence[str], deadline: Deadline) -> None:
        if len(names) + RESERVED > MAX_GENERATORS:
            raise NoProof
        self.deadline = deadline
        self.ring, *generators = ring([*names, *(f"f{place}" for place in range(RESERVED))], QQ)
        self.entries = dict(zip(names, generators, strict=False))
        self.free = list(reversed(generators[len(names) :]))
        self.known: dict[tuple[Any, ...], Formula] = {}

    def formula(self, value: Any) -> Formula:
        """Convert a number to a formula; a formula is returned as it is."""
        if isinstance(value, Formula):
            return value
        if isinstance(value, Rational):
            value = Fraction(int(value.p), int(value.q))
        if not isinstance(value, int | Fraction):
            raise NoProof
        exact = Fraction(value)
        return Formula(self.ring(QQ(exact.numerator, exact.denominator)), self.ring(1), self)

    def entry(self, name: str) -> Formula:
        return Formula(self.entries[name], self.ring(1), self)

    def quotient(self, top: PolyElement, bottom: PolyElement) -> Formula:
        """Return top/bottom.

        Raises:
            NoProof: it has too many terms.
            OutOfTime: no time is left.
        """
        self.deadline.check()
        if len(top) > MAX_TERMS or len(bottom) > MAX_TERMS:
            raise NoProof
        return Formula(top, bottom, self)

    def generator(self) -> Formula:
        """Return an unused generator."""
        if not self.free:
            raise NoProof
        return Formula(self.free.pop(), self.ring(1), self)

    def function(self, name: str, arguments: Sequence[Any]) -> Formula:
        """Return the value of a function of `FUNCTIONS`."""
        formulas = [self.formula(argument) for argument in arguments]
        record = FUNCTIONS[name]
        if record.by_others is not None:
            return self.formula(record.by_others(lambda other, *given: self.function(other, given), *formulas))
        if not record.has_forms:
            symbols = record.symbols()
            return self.value(record.build(*symbols).definition, dict(zip(symbols, formulas, strict=True)))
        if name == "exp":
            return self._exponential(formulas[0])
        return self._opaque(name, formulas)

    def _opaque(self, name: str, arguments: Sequence[Formula]) -> Formula:
        key = (name, *(argument.key for argument in arguments))
        if key not in self.known:
            self.known[key] = self.generator()
        return self.known[key]

    def _find(self, name: str, argument: Formula) -> Formula | None:
        return self.known.get((name, argument.key))

    def _exponential(self, argument: Formula) -> Formula:
        """Return exp of an argument, by a sigmoid, tanh, softmax or exponential of the argument if one is known."""
        if not argument.top:
            return self.formula(1)
        for sign in (1, -1):
            turned = argument * sign
            known = self._find("exp", turned)
            for times in (1, 2, 3):
                part = turned / times
                sigmoid, part_known = self._find("sigmoid", part), self._find("exp", part)
                tanh = self._find("tanh", part / 2)
                if known is None and sigmoid is not None:
                    known = (sigmoid / (1 - sigmoid)) ** times
                if known is None and tanh is not None:
                    known = ((1 + tanh) / (1 - tanh)) ** times
                if known is None and part_known is not None:
                    known = part_known**times
            if known is not None:
                return known if sign > 0 else 1 / known
        return self._opaque("exp", [argument])

    def row(self, name: str, row: Sequence[Any], unit: int) -> Formula:
        """Return softmax or log_softmax of a row at a unit."""
        formulas = [self.formula(entry) for entry in row]
        probabilities = self._softmax(formulas)
        if name == "softmax":
            return probabilities[unit]
        return self.function("log", [probabilities[unit]])

    def _softmax(self, row: Sequence[Formula]) -> list[Formula]:
        """Return the softmax of a row: a generator for each unit but the last, which is 1 minus the others."""
        key = ("softmax", *(entry.key for entry in row))
        if key not in self.known:
            self.known[key] = self.generator()
            total = self.known[key]
            left = self.formula(1)
            for place, entry in enumerate(row):
                part = self.generator() if place < len(row) - 1 else left
                left = left - part
                self.known[*key, place] = part
                self.known.setdefault(("exp", entry.key), part * total)
        return [self.known[*key, place] for place in range(len(row))]

    def slopes(self, name: str, arguments: Sequence[Formula]) -> list[Formula]:
        """Return the derivatives of a function by its arguments."""
        function = FUNCTIONS[name]
        symbols = function.symbols()
        built = function.build(*symbols)
        values = dict(zip(symbols, arguments, strict=True))
        return [self.value(derivative(built, symbol), values) for symbol in symbols]

    def value(self, expression: Expr, values: Mapping[Expr, Formula]) -> Formula:
        """Evaluate a scalar SymPy expression at formulas."""
        if expression in values:
            return values[expression]
        if has_definition_alone(expression):
            return self.value(expression.definition, values)
        if isinstance(expression, Rational | Written):
            return self.formula(expression.exact if isinstance(expression, Written) else expression)
        if isinstance(expression, Pow) and expression.exp.is_Integer:
            return self.value(expression.base, values) ** int(expression.exp)
        if isinstance(expression, Pow) and expression.exp == Rational(1, 2):
            return self.function("sqrt", [self.value(expression.base, values)])
        operands = [self.value(argument, values) for argument in expression.args]
        if isinstance(expression, Add | Mul) and operands:
            total = operands[0]
            for operand in operands[1:]:
                total = total + operand if isinstance(expression, Add) else total * operand
            return total
        if expression.func not in BY_CLASS:
            raise NoProof
        return self.function(BY_CLASS[expression.func].name, operands)


@dataclass(frozen=True)
class Dual:
    """A dual number: a formula with its derivative by one entry."""

    value: Formula
    slope: Formula


@dataclass(frozen=True)
class Duals:
    """Arithmetic of dual numbers for `symnet.core.interpreter` (forward-mode differentiation)."""

    algebra: Algebra

    def number(self, value: Rational) -> Dual:
        return Dual(self.algebra.formula(value), self.algebra.formula(0))

    def constant(self, node: Any) -> Dual:
        raise NoProof

    def size(self, symbol: Any, value: int) -> Dual:
        return Dual(self.algebra.formula(value), self.algebra.formula(0))

    def add(self, terms: Sequence[Dual]) -> Dual:
        total = terms[0]
        for term in terms[1:]:
            total = Dual(total.value + term.value, total.slope + term.slope)
        return total

    def multiply(self, factors: Sequence[Dual]) -> Dual:
        total = factors[0]
        for factor in factors[1:]:
            total = Dual(total.value * factor.value, total.value * factor.slope + total.slope * factor.value)
        return total

    def power(self, base: Dual, exponent: Rational) -> Dual:
        if exponent == Rational(1, 2):
            return self.function("sqrt", [base])
        if not exponent.is_Integer:
            raise NoProof
        number = int(exponent)
        return Dual(base.value**number, base.value ** (number - 1) * number * base.slope)

    def function(self, name: str, arguments: Sequence[Dual]) -> Dual:
        values = [argument.value for argument in arguments]
        slope = self.algebra.formula(0)
        if any(argument.slope.top for argument in arguments):
            for partial, argument in zip(self.algebra.slopes(name, values), arguments, strict=True):
                slope = slope + partial * argument.slope
        return Dual(self.algebra.function(name, values), slope)

    def row(self, name: str, row: Sequence[Dual], unit: int) -> Dual:
        values = [entry.value for entry in row]
        value = self.algebra.row(name, values, unit)
        slope = row[unit].slope
        for place, entry in enumerate(row):
            slope = slope - self.algebra.row("softmax", values, place) * entry.slope
        return Dual(value, slope * value if name == "softmax" else slope)

    def over_batch(self, terms: Sequence[Dual]) -> Dual:
        return self.add(terms)

    def define(self, equation: Equation, position: tuple[int, ...], value: Dual) -> Dual:
        return value
