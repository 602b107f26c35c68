"""Programs as nodes of a shared graph: the arithmetic that the interpreter runs them in, for one row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

import numpy as np
from sympy import Add, Expr, Mul, NumberSymbol, Pow, Rational, Symbol

from symnet.core import BATCH, Entries, Equation, Interpreter, Program, extent, indices_of, walk
from symnet.functions import BY_CLASS, FUNCTIONS, ROW_FUNCTIONS, ROWS, Composite, Written, constant, power
from symnet.scalar_form.entry_names import Starts, entry_name, entry_starts
from symnet.scalar_form.graph import Graph
from symnet.scalar_form.verify import verify_graph
from symnet.support import LoweringError


@dataclass
class GraphArithmetic:
    """Arithmetic for the oracle's interpreter that builds graph nodes.

    With `expand`, functions are expanded to elementary ones by their definitions, for counting; without,
    they stay single nodes, to be emitted in a stable form.
    """

    graph: Graph
    expand: bool = False
    batched: bool = False
    rows: list[bool] = field(default_factory=list)
    starts: Starts = field(default_factory=dict)

    def number(self, value: Rational) -> int:
        return self.graph.number(Fraction(int(value.p), int(value.q)))

    def constant(self, node: NumberSymbol) -> int:
        return self.graph.number(constant(node))

    def size(self, symbol: Symbol, value: int) -> int:
        stays_open = self.batched and symbol == BATCH
        return self.graph.symbol(str(symbol)) if stays_open else self.graph.number(value)

    def add(self, terms: Sequence[int]) -> int:
        return self.graph.add(terms)

    def multiply(self, factors: Sequence[int]) -> int:
        return self.graph.multiply(factors)

    def power(self, base: int, exponent: Rational) -> int:
        return self.graph.power(base, Fraction(int(exponent.p), int(exponent.q)))

    def function(self, name: str, arguments: Sequence[int]) -> int:
        numbers = [self.graph.value_of(argument) for argument in arguments]
        if self.expand and None not in numbers:
            # log(2π) is a number, which costs nothing.
            return self.graph.number(FUNCTIONS[name].evaluate(*map(float, numbers)))  # type: ignore[arg-type]
        definition = _definition(name) if self.expand else None
        if definition is not None:
            symbols, expression = definition
            return self.build(expression, dict(zip(symbols, arguments, strict=True)))
        return self.graph.node(name, tuple(arguments))

    def build(self, expression: Expr, nodes: Mapping[Expr, int]) -> int:
        """The node of an expression whose symbols are mapped to nodes."""
        if expression in nodes:
            return nodes[expression]
        if isinstance(expression, Rational | Written):
            return self.number(expression.exact if isinstance(expression, Written) else expression)
        if not expression.free_symbols:
            return self.graph.number(constant(expression))
        if isinstance(expression, Pow | power) and expression.exp.is_Rational:
            return self.power(self.build(expression.base, nodes), expression.exp)
        operands = [self.build(argument, nodes) for argument in expression.args]
        if isinstance(expression, Add):
            return self.add(operands)
        if isinstance(expression, Mul):
            return self.multiply(operands)
        return self.function(BY_CLASS[expression.func].name, operands)

    def row(self, name: str, row: Sequence[int], unit: int) -> int:
        """A row function at one unit; softmax and log_softmax in a stable form, except for counting.

        The stable form subtracts the largest entry, as halves: the difference of two logits may overflow where that
        of their halves does not.
        """
        graph, entry = self.graph, ROWS[name].entry
        if entry is not None:
            symbols = [Symbol(f"entry{place}", real=True) for place in range(len(row))]
            return self.build(entry(symbols, unit), dict(zip(symbols, row, strict=True)))
        if name == "leave_one_out":
            return graph.add([*row[:unit], *row[unit + 1 :]])
        scale = 1 if self.expand else 2
        shifted = list(row) if self.expand else self._halves_below_largest(row)
        exponentials = [graph.power(graph.node("exp", (entry,)), scale) for entry in shifted]
        total = graph.add(exponentials)
        if name == "softmax":
            return graph.multiply([exponentials[unit], graph.power(total, -1)])
        logarithm = graph.node("log", (total,))
        return graph.multiply([graph.add([shifted[unit], graph.multiply([logarithm], Fraction(-1, scale))])], scale)

    def _halves_below_largest(self, row: Sequence[int]) -> list[int]:
        """(entry - largest)/2 for every entry."""
        graph, halves = self.graph, [self.graph.multiply([entry], Fraction(1, 2)) for entry in row]
        largest = halves[0]
        for entry in halves[1:]:
            largest = graph.node("maximum", (largest, entry))
        return [graph.add([entry, graph.multiply([largest], -1)]) for entry in halves]

    def over_batch(self, terms: Sequence[int]) -> int:
        """The sum over rows: of one row, or with `batched` of the vector that a node represents."""
        if not self.batched:
            return self.graph.add(terms)
        self._extend_rows()
        if any(self.rows[term] for term in terms):
            return self.graph.node("batch_sum", tuple(terms))
        return self.graph.multiply([*terms, self.graph.symbol(str(BATCH))])

    def _extend_rows(self) -> None:
        """Record for every new node whether it has a batch axis; operands come before their uses."""
        graph, rows = self.graph, self.rows
        for node in range(len(rows), len(graph.operation)):
            is_data = graph.operation[node] == "symbol" and graph.detail[node] in graph.columns
            summed = graph.operation[node] == "batch_sum"
            rows.append(is_data or (not summed and any(rows[operand] for operand in graph.operands[node])))

    def define(self, equation: Equation, position: tuple[int, ...], value: int) -> int:
        if value not in self.graph.names:
            self.graph.names[value] = entry_name(equation.array, position, self.starts)
        return value


@cache
def _definition(name: str) -> tuple[tuple[Symbol, ...], Expr] | None:
    """The definition of a composite function in symbols of its own; None for others."""
    function = FUNCTIONS[name]
    symbols = function.symbols()
    built = function.build(*symbols)
    return (symbols, built.definition) if isinstance(built, Composite) else None


def given_entries(program: Program, arithmetic: GraphArithmetic, interpreter: Interpreter) -> dict[str, Entries]:
    """A symbol for every entry of every input, parameter and target."""
    entries, graph = {}, arithmetic.graph
    for array in program.arrays:
        symbols = np.empty(interpreter.shape(array.indices), dtype=object)
        for position in np.ndindex(*symbols.shape):
            symbols[position] = graph.symbol(entry_name(array, position, arithmetic.starts))
        if len(array.unit_axes) < len(array.indices):
            graph.columns.update(graph.detail[node] for node in symbols.ravel())
        entries[array.name] = symbols
    return entries


def scalar_graph(program: Program, arithmetic: GraphArithmetic) -> dict[str, Entries]:
    """The entries of every array of a program for one row, as nodes of the arithmetic's graph.

    Raises:
        LoweringError: nodes represent columns, and a row depends on other rows except through a sum over all rows.
        VerificationError: the graph is not well formed (a bug of its arithmetic).
    """
    if arithmetic.batched:
        _check_columns(program)
    interpreter = Interpreter(program, {}, arithmetic, batch=1)
    arithmetic.starts = entry_starts(program)
    interpreter.values = given_entries(program, arithmetic, interpreter)
    entries = interpreter.run()
    verify_graph(arithmetic.graph, (int(node) for array in entries.values() for node in array.ravel()))
    return entries


def _check_columns(program: Program) -> None:
    """Raise LoweringError if columns do not suffice: for a row function along the batch axis, and for pairs of rows."""
    for equation in program.equations:
        nodes = (equation.lhs, *walk(equation.rhs))
        along = any(isinstance(node, ROW_FUNCTIONS) and extent(node.args[1]) == BATCH for node in nodes)
        pairs = any(sum(extent(idx) == BATCH for idx in indices_of(node)) > 1 for node in nodes)
        if along or pairs:
            raise LoweringError(
                f"{equation.name} needs other rows than its own, so it has no scalar form over a batch; "
                "the module of arrays computes it"
            )
