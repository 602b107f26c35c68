"""Typesets SymPy expressions in index notation as formulas, in the symbols of a notation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sympy import (
    Abs,
    Add,
    Expr,
    Idx,
    Indexed,
    Integer,
    KroneckerDelta,
    Mul,
    NumberSymbol,
    Pow,
    Rational,
    Sum,
    Symbol,
    exp,
    log,
    pi,
)
from sympy.core.function import AppliedUndef, UndefinedFunction

from symnet.core import BATCH, layer_of_size, ordered_terms, split_product
from symnet.formula import Formula, decimal, is_number, row
from symnet.formula import tree as f
from symnet.functions import Written, blend, half_step, log_softmax, positive, power, select, softmax, unit_step
from symnet.notation.coefficients import coefficients_out, decimals_joined, is_long, numbers_out, shared_number
from symnet.notation.conventions import letter
from symnet.notation.extra import WEIGHT
from symnet.notation.symbols import Symbols
from symnet.notation.textbook import function_name, textbook
from symnet.support import ATOM, POWER, PRODUCT, SUM


@lru_cache
def layer_function(layer: int, order: int) -> UndefinedFunction:
    """The placeholder for a layer's activation or its derivative; it carries the layer and the order."""
    return UndefinedFunction(
        f"activation_{order}_{layer}", (AppliedUndef,), {"layer": layer, "order": order}, real=True
    )


@dataclass(frozen=True)
class Typesetter:
    """Typesets expressions in a notation.

    Attributes:
        symbols: writes the entries of arrays, and the labels of layers.
        letters: the formula of each index.
        marked_functions: whether the letter of an activation function has its layer as mark.
        times: the sign between numeric factors; without it, a thin space.
    """

    symbols: Symbols
    letters: Mapping[Idx, Formula] = field(default_factory=dict)
    marked_functions: bool = False
    times: Formula | None = None

    def expression(self, node: Expr) -> Formula:
        """The formula of an expression."""
        return self.bound(node)[0]

    def at_least(self, node: Expr, strength: int) -> Formula:
        """The formula, in parentheses if its precedence is lower than `strength`."""
        written, own = self.bound(node)
        return written if own >= strength else f.Fenced(written)

    def index(self, node: Expr) -> Formula:
        """An index of an array: a letter, or the number of a unit in the notation."""
        if isinstance(node, Idx) and node in self.letters:
            return self.letters[node]
        if isinstance(node, Integer):
            return self.symbols.unit(int(node))
        return self.expression(node)

    def entry(self, name: str, indices: Sequence[Expr]) -> tuple[Formula, int]:
        """The formula of one entry of an array, and its precedence."""
        written = self.symbols.entry(self.symbols.arrays[name], [self.index(index) for index in indices])
        return written, PRODUCT if isinstance(written, f.Fraction) else ATOM

    def bound(self, node: Expr) -> tuple[Formula, int]:
        """The formula of an expression, and its precedence."""
        node = textbook(node)
        if isinstance(node, Indexed):
            return self.entry(node.base.name, node.indices)
        if isinstance(node, Idx):
            return self.index(node), ATOM
        if isinstance(node, Symbol):
            return self._symbol(node)
        if isinstance(node, Rational):
            return self._number(node)
        if isinstance(node, Written):
            written = decimal(node.text)
            return written, ATOM if isinstance(written, f.Number) else PRODUCT
        if isinstance(node, NumberSymbol):
            return (f.Letter("pi") if node is pi else f.Letter("e")), ATOM
        if isinstance(node, Add):
            return self._factored(node)
        if isinstance(node, Mul):
            return self._product(node)
        if isinstance(node, Pow):
            return self._power(node)
        if isinstance(node, Sum):
            return self._total(node), PRODUCT
        return self._function(node)

    def _symbol(self, node: Symbol) -> tuple[Formula, int]:
        notation = self.symbols.notation
        if node == BATCH:
            return letter(notation.examples), ATOM
        layer = layer_of_size(node)
        if layer is not None:
            return f.Scripts(letter(notation.size), below=self.symbols.place(layer).formula()), ATOM
        if node.name in self.symbols.arrays:
            return self.entry(node.name, ())
        return letter(node.name), ATOM

    def _number(self, node: Rational) -> tuple[Formula, int]:
        if node < 0:
            return row(f.Operator("-"), self._number(-node)[0]), SUM
        if node.q == 1:
            return f.Number(str(node.p)), ATOM
        if not is_long(node):
            return f.Fraction(f.Number(str(node.p)), f.Number(str(node.q))), PRODUCT
        written = decimal(repr(float(node)))
        return written, ATOM if isinstance(written, f.Number) else PRODUCT

    def _factored(self, node: Add) -> tuple[Formula, int]:
        """A sum with the common coefficient of its terms factored out: 2(a - y), which SymPy would expand."""
        content, rest = shared_number(node)
        if not isinstance(rest, Add):
            return self.bound(content * rest)
        if content == 1:
            return self._sum(rest), SUM
        return self.between([self.expression(content), f.Fenced(self._sum(rest))]), PRODUCT

    def _sum(self, node: Add) -> Formula:
        parts: list[Formula] = []
        for term in self.terms(node):
            negative = term.as_coeff_Mul()[0] < 0
            written = self.at_least(-term if negative else term, PRODUCT)
            if parts or negative:
                parts.append(f.Operator("-" if negative else "+"))
            parts.append(written)
        return row(*parts)

    def terms(self, node: Expr) -> list[Expr]:
        """The terms of a sum in the customary order; other expressions are one term."""
        return ordered_terms(node) if isinstance(node, Add) else [node]

    def _product(self, node: Mul) -> tuple[Formula, int]:
        sign, above, below = split_product(coefficients_out(node))
        minus = (f.Operator("-"),) if sign else ()
        over, above = numbers_out(above)
        under, below = numbers_out(below)
        number, above = decimals_joined(over / under, above)
        numerator, denominator = (number, Integer(1)) if is_long(number) else number.as_numer_denom()
        above = [*([numerator] if numerator != 1 else []), *self.ordered(above)]
        below = [*([denominator] if denominator != 1 else []), *self.ordered(below)]
        totals = [factor for factor in above if isinstance(factor, Sum)]
        plain = [factor for factor in above if not isinstance(factor, Sum)]
        first = [self._fraction(plain, below)] if below else []
        if plain and not below:
            first.append(self._beside_others(plain) if totals or minus else self._beside(plain))
        written = self.multiplied(first, totals)
        return row(*minus, written), SUM if minus else PRODUCT

    def _fraction(self, above: Sequence[Expr], below: Sequence[Expr]) -> Formula:
        """A fraction; a numeric fraction is written before the other factors."""
        numbers = [factor for factor in above if factor.is_number]
        rest = [factor for factor in above if not factor.is_number]
        if rest and all(factor.is_number for factor in below):
            return self.between([f.Fraction(self._beside(numbers), self._beside(below)), self._beside_others(rest)])
        return f.Fraction(self._beside(above), self._beside(below))

    def multiplied(self, first: list[Formula], totals: Sequence[Expr]) -> Formula:
        """Factors followed by sums; a sum that is not the last factor is put in parentheses."""
        later = [
            self.expression(total) if place == len(totals) - 1 else f.Fenced(self.expression(total))
            for place, total in enumerate(totals)
        ]
        return self.between([*first, *later])

    def between(self, factors: Sequence[Formula]) -> Formula:
        """Formulas as factors of a product."""
        if self.times is not None:
            return f.joined(factors, self.times)
        written: list[Formula] = []
        for factor in factors:
            apart = f.Operator("times") if written and is_number(written[-1]) and is_number(factor) else f.Space()
            written += [apart, factor] if written else [factor]
        return row(*written)

    def _beside(self, factors: Sequence[Expr]) -> Formula:
        """The factors of a numerator, denominator or product; a single one needs no parentheses."""
        if not factors:
            return f.Number("1")
        if len(factors) == 1:
            return self.expression(factors[0])
        return self._beside_others(factors)

    def _beside_others(self, factors: Sequence[Expr]) -> Formula:
        """Factors after another one."""
        return self.between([self.at_least(factor, PRODUCT) for factor in factors])

    def ordered(self, factors: Sequence[Expr]) -> list[Expr]:
        """Factors in the order of the notation: W a for columns, a W for rows."""
        elementwise = len({factor.indices for factor in factors if isinstance(factor, Indexed)}) == 1
        return sorted(factors, key=lambda factor: self._rank(factor, elementwise))

    def _rank(self, factor: Expr, elementwise: bool) -> int:
        if factor.is_number or isinstance(factor, Symbol):
            return 0
        if isinstance(factor, Sum):
            return 9
        if not isinstance(factor, Indexed):
            return 7 if isinstance(factor, Add) else 6 if isinstance(factor, AppliedUndef | Pow) else 8
        array = self.symbols.arrays[factor.base.name]
        extra = self.symbols.extra_of(array)
        is_weight = extra.axes == WEIGHT if extra is not None else array.stem == "W"
        if is_weight and array.of is None:
            return 5 if self.symbols.notation.batch == "rows" else 1
        if array.of is not None:
            return 2 if elementwise or self.symbols.notation.batch != "rows" else 4
        return 3

    def _real_power(self, node: Expr) -> tuple[Formula, int]:
        if node.exp < 0:
            return f.Fraction(f.Number("1"), self.expression(node.func(node.base, -node.exp))), PRODUCT
        return self._power(node)

    def _power(self, node: Expr) -> tuple[Formula, int]:
        if node.exp == Rational(1, 2):
            return f.Root(self.expression(node.base)), ATOM
        if node.exp.is_Rational and node.exp < 0:
            return f.Fraction(f.Number("1"), self.expression(1 / node)), PRODUCT
        exponent = self.expression(node.args[1])
        base, strength = self.bound(node.base)
        inner = base.body if isinstance(base, f.Symbol) else base
        if strength < ATOM or (isinstance(inner, f.Scripts) and inner.above is not None):
            base = f.Fenced(base)
        return f.Scripts(base, above=exponent), POWER

    def _total(self, node: Sum) -> Formula:
        coefficient, body = node.function.as_coeff_Mul()
        if coefficient != 1:
            return self.expression(Mul(coefficient, Sum(body, *node.limits), evaluate=False))
        return row(self.total([limit[0] for limit in node.limits]), self.at_least(body, PRODUCT))

    def total(self, indices: Sequence[Idx]) -> Formula:
        """Σ over indices."""
        return f.Total(f.joined(map(self.index, indices), f.Operator("comma")))

    def _function(self, node: Expr) -> tuple[Formula, int]:
        special = _SPECIAL_FUNCTIONS.get(node.func)
        if special is not None:
            return special(self, node)
        is_layers = isinstance(node, AppliedUndef)
        name = self.activation(node.func.layer, node.func.order) if is_layers else function_name(node)
        return row(name, f.Fenced(self._listed(node.args))), ATOM

    def activation(self, layer: int, order: int) -> Formula:
        """The letter of a layer's activation function, with a prime for its derivative."""
        base: Formula = letter(self.symbols.notation.function)
        above: list[Formula] = []
        if self.marked_functions:
            above.append(self.symbols.marked(self.symbols.place(layer).formula()))
        above += [f.Operator("prime")] * order
        return f.Scripts(base, above=row(*above)) if above else base

    def _listed(self, arguments: Sequence[Expr]) -> Formula:
        return f.joined(map(self.expression, arguments), f.Operator("comma"), f.Space())

    def _exponential(self, node: Expr) -> tuple[Formula, int]:
        return f.Scripts(f.Letter("e"), above=self.expression(node.args[0])), POWER

    def _absolute(self, node: Expr) -> tuple[Formula, int]:
        return f.Fenced(self.expression(node.args[0]), "|", "|"), ATOM

    def _flag(self, node: Expr) -> tuple[Formula, int]:
        return f.Fenced(self._positive(node.args[0]), "[", "]"), ATOM

    def _half_step(self, node: Expr) -> tuple[Formula, int]:
        """A step with ½ at the jump: [z > 0] + ½[z = 0]."""
        jump, half = f.Fenced(self._zero(node.args[0]), "[", "]"), self.expression(Rational(1, 2))
        jumped = f.Fenced(self._positive(node.args[0]), "[", "]")
        return row(jumped, f.Operator("+"), self.between([half, jump])), SUM

    def _zero(self, condition: Expr) -> Formula:
        return row(self.expression(condition), f.Operator("="), f.Number("0"))

    def _step(self, node: Expr) -> tuple[Formula, int]:
        reached = row(self.expression(node.args[0]), f.Operator("at_least"), f.Number("0"))
        return f.Fenced(reached, "[", "]"), ATOM

    def _positive(self, condition: Expr) -> Formula:
        return row(self.expression(condition), f.Operator("greater"), f.Number("0"))

    def _select(self, node: Expr) -> tuple[Formula, int]:
        condition, first, other = node.args
        rows = (
            (self.expression(first), self._positive(condition)),
            (self.expression(other), f.Words("else")),
        )
        return f.Cases(rows), SUM

    def _blend(self, node: Expr) -> tuple[Formula, int]:
        condition, first, other = node.args
        rows = (
            (self.expression(first), self._positive(condition)),
            (self.expression((first + other) / 2), self._zero(condition)),
            (self.expression(other), f.Words("else")),
        )
        return f.Cases(rows), SUM

    def _equal(self, node: Expr) -> tuple[Formula, int]:
        left, right = (self.index(argument) for argument in node.args)
        return f.Fenced(row(left, f.Operator("="), right), "[", "]"), ATOM

    def _softmax(self, node: Expr) -> tuple[Formula, int]:
        body, unit = node.args
        return row(f.Scripts(f.Function("softmax"), below=self.index(unit)), f.Fenced(self.expression(body))), ATOM

    def _log_softmax(self, node: Expr) -> tuple[Formula, int]:
        return self.bound(log(softmax(*node.args)))


_SPECIAL_FUNCTIONS: Mapping[type, Callable[[Typesetter, Expr], tuple[Formula, int]]] = {
    exp: Typesetter._exponential,
    Abs: Typesetter._absolute,
    positive: Typesetter._flag,
    unit_step: Typesetter._step,
    select: Typesetter._select,
    half_step: Typesetter._half_step,
    blend: Typesetter._blend,
    power: Typesetter._real_power,
    KroneckerDelta: Typesetter._equal,
    softmax: Typesetter._softmax,
    log_softmax: Typesetter._log_softmax,
}
