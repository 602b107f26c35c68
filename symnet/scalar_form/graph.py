"""The shared graph of a program in scalar form: every unit and every weight is a node of its own.

Nodes are indices into flat lists, and equal nodes are one node. Building takes a few microseconds an
operation; SymPy objects take a hundred times that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from sympy import Add, Expr, Mul, NumberSymbol, Pow, Rational, Symbol

from symnet.equations import BATCH, Array, Equation, Program, extent, indices_of
from symnet.equations.index_algebra import walk
from symnet.equations.interpreter import Entries, Interpreter
from symnet.errors import LoweringError
from symnet.functions import BY_CLASS, FUNCTIONS, ROW_FUNCTIONS, Composite, constant, power
from symnet.functions.decimals import Written
from symnet.scalar_form.verify import verify_graph

Key = tuple[str, tuple[int, ...], Any]

FOLDED = frozenset({"number", "multiply"})
"""Operations of factors that may contribute to the coefficient of a product."""

Number = int | Fraction | float
"""Integers are ints, since fractions are slow to hash; irrational constants are floats."""


@dataclass
class Graph:
    """Nodes of an expression graph.

    `operation[i]` is "symbol", "number", "add", "multiply", "power", "batch_sum" or the name of a
    function; `operands[i]` are nodes; `detail[i]` is the name of a symbol, the value of a number,
    the numeric coefficient of a product (a `Fraction`, or a float for an irrational constant), or
    the exponent of a power. `columns` are the names of the symbols with one entry for each row of a batch.
    """

    operation: list[str] = field(default_factory=list)
    operands: list[tuple[int, ...]] = field(default_factory=list)
    detail: list[Any] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    known: dict[Key, int] = field(default_factory=dict)
    columns: set[str] = field(default_factory=set)

    def node(self, operation: str, operands: tuple[int, ...] = (), detail: Any = None) -> int:
        """The node with this operation, operands and detail, created unless it exists."""
        key = (operation, operands, detail)
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = len(self.operation)
            self.operation.append(operation)
            self.operands.append(operands)
            self.detail.append(detail)
        return found

    def symbol(self, name: str) -> int:
        return self.node("symbol", (), name)

    def number(self, value: Number) -> int:
        return self.node("number", (), simplest(value))

    def value_of(self, node: int) -> Number | None:
        """The value of a number, None for any other node."""
        return self.detail[node] if self.operation[node] == "number" else None

    def add(self, terms: Sequence[int]) -> int:
        """A sum, with zeros left out."""
        kept = list(terms)
        if any(self.operation[term] == "number" for term in terms):
            kept = [term for term in terms if self.value_of(term) != 0]
            values = [self.value_of(term) for term in kept]
            if None not in values:
                return self.number(sum(value for value in values if value is not None))
        return kept[0] if len(kept) == 1 else self.node("add", tuple(sorted(kept)))

    def multiply(self, factors: Sequence[int], coefficient: Number = 1) -> int:
        """A product, with numeric factors collected in its coefficient."""
        operations = [self.operation[factor] for factor in factors]
        if coefficient == 1 and len(factors) > 1 and FOLDED.isdisjoint(operations):
            return self.node("multiply", tuple(sorted(factors)), 1)
        kept = []
        for factor, operation in zip(factors, operations, strict=True):
            if operation == "number":
                coefficient = coefficient * self.detail[factor]
            elif operation == "multiply" and len(self.operands[factor]) == 1:
                coefficient = coefficient * self.detail[factor]
                kept.append(self.operands[factor][0])
            else:
                kept.append(factor)
        if coefficient == 0 or not kept:
            return self.number(coefficient)
        if len(kept) == 1 and coefficient == 1:
            return kept[0]
        if type(coefficient) is not int:
            coefficient = simplest(coefficient)
        return self.node("multiply", tuple(sorted(kept)), coefficient)

    def power(self, base: int, exponent: Number) -> int:
        """A power; that of a number is computed."""
        value, exponent = self.value_of(base), simplest(exponent)
        if value is not None and (value != 0 or exponent > 0):
            whole = isinstance(exponent, int)
            return self.number(Fraction(value) ** exponent if whole else float(value) ** float(exponent))
        return base if exponent == 1 else self.node("power", (base,), exponent)

    def forget(self, size: int) -> None:
        """Remove all nodes but the first `size`."""
        for node in range(size, len(self.operation)):
            del self.known[self.operation[node], self.operands[node], self.detail[node]]
            self.names.pop(node, None)
        del self.operation[size:], self.operands[size:], self.detail[size:]

    def reachable(self, roots: Sequence[int]) -> list[int]:
        """The nodes that the roots depend on, the roots included, in topological order."""
        last = max(roots, default=-1)
        wanted = [False] * (last + 1)
        for root in roots:
            wanted[root] = True
        for node in range(last, -1, -1):
            if wanted[node]:
                for operand in self.operands[node]:
                    wanted[operand] = True
        return [node for node, needed in enumerate(wanted) if needed]

    def cut(self, root: int, given: Mapping[int, str]) -> tuple[Graph, int]:
        """The graph of the root in which some nodes are replaced by symbols of these names, and the root in it."""
        above, stack = {root}, [root]
        while stack:
            node = stack.pop()
            for operand in self.operands[node] if node not in given else ():
                if operand not in above:
                    above.add(operand)
                    stack.append(operand)
        result, node_of = Graph(columns=self.columns | set(given.values())), {}
        for node in sorted(above):
            if node in given:
                node_of[node] = result.symbol(given[node])
            else:
                operands = tuple(node_of[operand] for operand in self.operands[node])
                node_of[node] = result.node(self.operation[node], operands, self.detail[node])
                result.names |= {node_of[node]: self.names[node]} if node in self.names else {}
        verify_graph(result, [node_of[root]])
        return result, node_of[root]

    def uses(self, roots: Sequence[int]) -> Counter[int]:
        """The number of uses of each node, as an operand of a reachable node or as a root."""
        counts = Counter(roots)
        for node in self.reachable(roots):
            for operand in self.operands[node]:
                counts[operand] += 1
        return counts


def magnitude(value: Number) -> Number:
    """The absolute value, of the same type."""
    return -value if value < 0 else value


def simplest(value: Number) -> Number:
    """An integral fraction as an int."""
    return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value


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
        graph = self.graph
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
            self.graph.names[value] = entry_name(equation.array, position)
        return value


@cache
def _definition(name: str) -> tuple[tuple[Symbol, ...], Expr] | None:
    """The definition of a composite function in symbols of its own; None for others."""
    function = FUNCTIONS[name]
    symbols = function.symbols()
    built = function.build(*symbols)
    return (symbols, built.definition) if isinstance(built, Composite) else None


def entry_name(array: Array, position: Sequence[int]) -> str:
    """The identifier of one entry: W1[i,j] at (0, 1) is W1_1_2, counted from 1; the batch index is left out."""
    return "_".join([array.name, *[str(position[axis] + 1) for axis in array.unit_axes]])


def given_entries(program: Program, graph: Graph, interpreter: Interpreter) -> dict[str, Entries]:
    """A symbol for every entry of every input, parameter and target."""
    entries = {}
    for array in program.arrays:
        symbols = np.empty(interpreter.shape(array.indices), dtype=object)
        for position in np.ndindex(*symbols.shape):
            symbols[position] = graph.symbol(entry_name(array, position))
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
    interpreter.values = given_entries(program, arithmetic.graph, interpreter)
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
