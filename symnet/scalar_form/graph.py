"""The shared graph of a program in scalar form: every unit and every weight is a node of its own.

Nodes are indices into flat lists, and equal nodes are one node. Building takes a few microseconds an
operation; SymPy objects take a hundred times that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

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
