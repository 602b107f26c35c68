"""Interpreter of equations: plain loops over entries, in any arithmetic.

A reference to a position outside an array is 0, and a product with it is 0 even if other factors are infinite:
x[n,t-1] is the sum of x[n,s] over all s with s = t - 1.

With numbers as the arithmetic this is the oracle; with graph nodes or SymPy symbols it builds the
scalar form, in which every unit and every weight is a symbol of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sympy import Add, Expr, Idx, Indexed, KroneckerDelta, Mul, NumberSymbol, Pow, Rational, Sum, Symbol

from symnet.core.index_algebra import extent, indices_of, is_plain
from symnet.core.program import Equation, Program
from symnet.core.sizes import BATCH
from symnet.functions import BY_CLASS, ROW_FUNCTIONS, ROWS, Composite, Written, power
from symnet.support import VerificationError

Environment = dict[str, int]
"""The value of each index by its letter; no two indices in scope share a letter."""
Compiled = Callable[[Environment], Any]
Entries = NDArray[Any]


class Arithmetic(Protocol):
    """The representation of values and the operations on them."""

    def number(self, value: Rational) -> Any: ...
    def constant(self, node: NumberSymbol) -> Any: ...
    def size(self, symbol: Symbol, value: int) -> Any: ...
    def add(self, terms: Sequence[Any]) -> Any: ...
    def multiply(self, factors: Sequence[Any]) -> Any: ...
    def power(self, base: Any, exponent: Rational) -> Any: ...
    def function(self, name: str, arguments: Sequence[Any]) -> Any: ...
    def row(self, name: str, row: Sequence[Any], unit: int) -> Any: ...
    def over_batch(self, terms: Sequence[Any]) -> Any: ...
    def define(self, equation: Equation, position: tuple[int, ...], value: Any) -> Any: ...


class Interpreter:
    """Runs a program over an arithmetic.

    Args:
        program: a verified program.
        given: the entries of every declared array, as object arrays in its shape.
        arithmetic: the representation of the entries.
        batch: the number of rows.
    """

    def __init__(self, program: Program, given: Mapping[str, Entries], arithmetic: Arithmetic, batch: int) -> None:
        self.program = program
        self.values = dict(given)
        self.arithmetic = arithmetic
        self.batch = batch

    def run(self) -> dict[str, Entries]:
        """The entries of every array of the program, by name."""
        for equation in self.program.equations:
            indices = equation.array.indices
            compute = self.compile(equation.rhs)
            result = np.empty(self.shape(indices), dtype=object)
            letters = [idx.name for idx in indices]
            for position in itertools.product(*map(range, result.shape)):
                value = compute(dict(zip(letters, position, strict=True)))
                result[position] = self.arithmetic.define(equation, position, value)
            self.values[equation.name] = result
        return self.values

    def shape(self, indices: Sequence[Idx]) -> tuple[int, ...]:
        return tuple(self.extent(idx) for idx in indices)

    def extent(self, idx: Idx) -> int:
        return int(self.program.size(extent(idx)).xreplace({BATCH: Rational(self.batch)}))

    def compile(self, node: Expr) -> Compiled:
        """A function from index values to the value of a node."""
        if isinstance(node, Rational | NumberSymbol):
            node = node.exact if isinstance(node, Written) else node
            value = self.arithmetic.number(node) if isinstance(node, Rational) else self.arithmetic.constant(node)
            return lambda env: value
        if isinstance(node, Idx):
            return self._letter(node.name)
        if isinstance(node, Symbol):
            return self._symbol(node)
        if isinstance(node, Indexed):
            return self._reference(node)
        if isinstance(node, Sum):
            loop = self._loop(node.function, tuple(limit[0] for limit in node.limits))
            return _once(loop, indices_of(node))
        if isinstance(node, ROW_FUNCTIONS):
            return self._row_function(node)
        return self._operation(node)

    def _symbol(self, node: Symbol) -> Compiled:
        if node.name in self.values:
            scalar = self.values[node.name]
            return lambda env: scalar[()]
        size = self.arithmetic.size(node, self.batch if node == BATCH else self.program.sizes[node])
        return lambda env: size

    def _reference(self, node: Indexed) -> Compiled:
        array = self.values[node.base.name]
        if is_plain(node):
            return self._entry(array, [idx.name for idx in node.indices])
        positions, inside = [self._index(idx) for idx in node.indices], self._is_inside(node)
        zero = self.arithmetic.number(Rational(0))
        return lambda env: array[tuple(position(env) for position in positions)] if inside(env) else zero

    def _is_inside(self, node: Indexed) -> Callable[[Environment], bool]:
        """A test whether the position of a reference lies inside the array."""
        lengths = self.values[node.base.name].shape
        bounds = [(self._index(idx), length) for idx, length in zip(node.indices, lengths, strict=True)]
        return lambda env: all(0 <= position(env) < length for position, length in bounds)

    def _vanishing(self, factors: Sequence[Expr]) -> Callable[[Environment], bool] | None:
        """A test whether a factor is 0 by its position or by a Kronecker delta, or None if no factor can be."""
        tests: list[Callable[[Environment], bool]] = []
        for factor in factors:
            base = factor.base if isinstance(factor, Pow) and factor.exp.is_positive else factor
            if isinstance(base, Indexed) and not is_plain(base):
                tests.append(self._is_inside(base))
            elif isinstance(base, KroneckerDelta):
                tests.append(self._is_met(base))
        return (lambda env: not all(test(env) for test in tests)) if tests else None

    def _is_met(self, node: KroneckerDelta) -> Callable[[Environment], bool]:
        left, right = (self._index(argument) for argument in node.args)
        return lambda env: left(env) == right(env)

    def _letter(self, letter: str) -> Compiled:
        return lambda env: env[letter]

    def _entry(self, array: Entries, letters: list[str]) -> Compiled:
        """The entry at plain indices; two are the common case, and nested lists the fastest to index."""
        if len(letters) == 2:
            rows, (first, second) = array.tolist(), letters
            return lambda env: rows[env[first]][env[second]]
        return lambda env: array[tuple([env[letter] for letter in letters])]

    def _index(self, node: Expr) -> Callable[[Environment], int]:
        """The value of an index expression, an int in every arithmetic."""
        if isinstance(node, Idx):
            return self._letter(node.name)
        offset, whole = self.program.affine(node)
        start = offset.xreplace({BATCH: Rational(self.batch)})
        if not all(number.is_Integer for number in (start, *whole.values())):
            raise VerificationError(f"position {node} is not affine in its indices, with whole coefficients")
        first, steps = int(start), [(idx.name, int(number)) for idx, number in whole.items()]
        return lambda env: first + sum(step * env[letter] for letter, step in steps)

    def _loop(self, body: Expr, indices: tuple[Idx, ...]) -> Compiled:
        term, add, over_batch = self.compile(body), self.arithmetic.add, self.arithmetic.over_batch
        rows = [idx.name for idx in indices if extent(idx) == BATCH]
        units = [idx.name for idx in indices if extent(idx) != BATCH]
        row_ranges = [range(self.extent(idx)) for idx in indices if idx.name in rows]
        unit_ranges = [range(self.extent(idx)) for idx in indices if idx.name in units]

        def over_units(inner: Environment) -> Any:
            terms = []
            for position in itertools.product(*unit_ranges):
                for letter, place in zip(units, position, strict=True):
                    inner[letter] = place
                terms.append(term(inner))
            return terms[0] if len(terms) == 1 else add(terms)

        def total(env: Environment) -> Any:
            inner = dict(env)
            if not rows:
                return over_units(inner)
            results = []
            for row in itertools.product(*row_ranges):
                inner.update(zip(rows, row, strict=True))
                results.append(over_units(inner))
            return over_batch(results)

        return total

    def _row_function(self, node: Expr) -> Compiled:
        if node.func not in ROW_FUNCTIONS:
            raise VerificationError(f"the function {node.func.__name__} has no value")
        body, idx = node.args
        term, count, row = self.compile(body), self.extent(idx), self.arithmetic.row
        name, letter = node.func.__name__, idx.name
        if ROWS[name].is_flat and isinstance(body, Indexed):
            return self._row_inside(body, name, idx, term)
        entries = _once(lambda env: [term({**env, letter: unit}) for unit in range(count)], indices_of(body) - {idx})
        return _once(lambda env: row(name, entries(env), env[letter]), {*indices_of(body), idx})

    def _row_inside(self, body: Indexed, name: str, idx: Idx, term: Compiled) -> Compiled:
        """A function of the row of those entries of an array that lie inside of it; 0 at the others."""
        inside, letter, row = self._is_inside(body), idx.name, self.arithmetic.row
        zero, places = self.arithmetic.number(Rational(0)), range(self.extent(idx))

        def value(env: Environment) -> Any:
            taking_part = [place for place in places if inside({**env, letter: place})]
            if env[letter] not in taking_part:
                return zero
            entries = [term({**env, letter: place}) for place in taking_part]
            return row(name, entries, taking_part.index(env[letter]))

        return _once(value, {*indices_of(body), idx})

    def _operation(self, node: Expr) -> Compiled:
        if isinstance(node, Pow | power) and node.exp.is_Rational:
            base, exponent, raised = self.compile(node.base), node.exp, self.arithmetic.power
            return lambda env: raised(base(env), exponent)
        operands = [self.compile(argument) for argument in node.args if not isinstance(node, KroneckerDelta)]
        vanishing = self._vanishing(node.args) if isinstance(node, Mul) else None
        if vanishing is not None:
            zero, multiply, outside = self.arithmetic.number(Rational(0)), self.arithmetic.multiply, vanishing
            return lambda env: zero if outside(env) else multiply([operand(env) for operand in operands])
        if isinstance(node, Add | Mul):
            combine = self.arithmetic.add if isinstance(node, Add) else self.arithmetic.multiply
            if len(operands) == 2:
                first, second = operands
                return lambda env: combine((first(env), second(env)))
            return lambda env: combine([operand(env) for operand in operands])
        if isinstance(node, KroneckerDelta):
            met, one, none = self._is_met(node), *(self.arithmetic.number(Rational(number)) for number in (1, 0))
            return lambda env: one if met(env) else none
        if isinstance(node, Composite) and node.func not in BY_CLASS:
            return self.compile(node.definition)
        if node.func not in BY_CLASS:
            raise VerificationError(f"the function {node.func.__name__} has no value")
        name, function = BY_CLASS[node.func].name, self.arithmetic.function
        return lambda env: function(name, [operand(env) for operand in operands])


def _once(compute: Compiled, indices: Set[Idx]) -> Compiled:
    """`compute`, cached by the values of these indices: nested row functions would repeat it for every outer index."""
    letters = [str(idx.name) for idx in indices]
    found: dict[tuple[int, ...], Any] = {}

    def value(env: Environment) -> Any:
        place = tuple([env[letter] for letter in letters])
        if place not in found:
            found[place] = compute(env)
        return found[place]

    return value
