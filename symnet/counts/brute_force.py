"""The cost of the gradient by brute force: every ∂C/∂w differentiated and written out separately.

The expressions are never built. The cost of a written-out expression follows from the costs of its
operands, node by node of the shared graph, and so does the cost of its derivative by one weight in the
form of SymPy's `diff`. The counts grow exponentially with depth, the work does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from symnet.scalar_form import Graph, GraphArithmetic, Number, magnitude, power_operations, slope_of, weighted


@dataclass(frozen=True)
class Written:
    """The form of a written-out expression, as far as its cost depends on it.

    Attributes:
        coefficient: the numerical coefficient.
        above, below: the number of factors of the numerator and of the denominator.
        cost: the operations of all factors, without those between them.
        terms: the terms, if the expression is a single sum: SymPy distributes a number over them.
    """

    coefficient: Number = 1
    above: int = 0
    below: int = 0
    cost: int | float = 0
    terms: tuple[Written, ...] = ()


ONE = Written()


class BruteForce:
    """The costs of one graph's nodes and of their derivatives, each written out in full.

    Args:
        graph: the forward equations, with functions written out in elementary ones.
        weights: the weights of operations by name; 1 by default.
    """

    def __init__(self, graph: Graph, weights: Mapping[str, float] | None = None) -> None:
        self.graph = graph
        self.arithmetic = GraphArithmetic(graph, expand=True)
        self.weights = weights or {}
        self.written: dict[int, Written] = {}

    def value(self, node: int) -> int | float:
        """Return the operations of a node, written out."""
        return self.alone(self.of(node))

    def derivative(self, node: int, symbol: int) -> int | float:
        """Return the operations of the derivative of a node by a symbol, written out; 0 if the node is constant."""
        slopes = self.slopes(node, symbol)
        return self.alone(slopes[node]) if node in slopes else 0

    def weight(self, operation: str) -> int | float:
        return self.weights.get(operation, 1)

    def operations(self, written: Written) -> int | float:
        """Return the operations of an expression as a term of a sum, which absorbs its sign."""
        above = written.above + (magnitude(written.coefficient) != 1)
        joins = max(above - 1, 0) + max(written.below - 1, 0)
        return written.cost + joins * self.weight("multiply") + (written.below > 0) * self.weight("divide")

    def alone(self, written: Written) -> int | float:
        """Return the operations of a whole expression, its sign included."""
        return self.operations(written) + (written.coefficient < 0) * self.weight("multiply")

    def of(self, node: int) -> Written:
        """Return the form of a node; its operands are computed first, so that the recursion depth stays constant."""
        if node not in self.written:
            for needed in self.graph.reachable([node]):
                if needed not in self.written:
                    self.written[needed] = self._written(needed)
        return self.written[node]

    def _written(self, node: int) -> Written:
        operation, operands, detail = self.graph.operation[node], self.graph.operands[node], self.graph.detail[node]
        if operation == "symbol":
            return Written(above=1)
        if operation == "number":
            return Written(coefficient=detail)
        parts = [self.written[operand] for operand in operands]
        if operation == "add":
            return self.added(parts)
        if operation == "multiply":
            return self.joined(detail, parts)
        if operation == "power":
            return self.power(parts[0], detail)
        return Written(above=1, cost=self.weight(operation) + sum(map(self.alone, parts)))

    def slopes(self, node: int, symbol: int) -> dict[int, Written]:
        """Return the derivative by a symbol of every node up to `node` that depends on it."""
        self.of(node)
        found = {symbol: ONE}
        for current in self.graph.reachable([node]):
            if current not in found:
                terms = list(self._terms(current, found))
                if terms:
                    found[current] = self.added(terms)
        return found

    def _terms(self, node: int, slopes: dict[int, Written]) -> Iterable[Written]:
        """Yield the terms of the chain rule at one node, one for each operand that depends on the symbol."""
        operation, operands, detail = self.graph.operation[node], self.graph.operands[node], self.graph.detail[node]
        for place, operand in enumerate(operands):
            if operand not in slopes:
                continue
            if operation == "add":
                yield slopes[operand]
            elif operation == "multiply":
                others = [self.of(other) for other in (*operands[:place], *operands[place + 1 :])]
                yield self.joined(detail, [*others, slopes[operand]])
            elif operation == "power":
                yield product([self.power(self.of(operand), detail - 1), self.scaled(slopes[operand], detail)])
            else:
                yield product([self.of(self._slope(operation, operands, place)), slopes[operand]])

    def _slope(self, function: str, operands: tuple[int, ...], place: int) -> int:
        """Return the node of the partial derivative of a function by one of its arguments."""
        symbols, slope = slope_of(function, place)
        return self.arithmetic.build(slope, dict(zip(symbols, operands, strict=True)))

    def added(self, terms: Sequence[Written]) -> Written:
        """Return a sum as one factor; a sum of one term is that term."""
        if len(terms) == 1:
            return terms[0]
        negated = all(term.coefficient < 0 for term in terms) * self.weight("multiply")
        cost = sum(map(self.operations, terms)) + (len(terms) - 1) * self.weight("add") + negated
        return Written(above=1, cost=cost, terms=tuple(terms))

    def scaled(self, written: Written, number: Number) -> Written:
        """Return the product with a number, which is distributed over a single sum."""
        if number != 1 and written.terms:
            return self.added([self.scaled(term, number) for term in written.terms])
        return replace(written, coefficient=written.coefficient * number)

    def joined(self, coefficient: Number, factors: Sequence[Written]) -> Written:
        """Return a product with a coefficient, which is distributed over the terms if its only factor is a sum."""
        if len(factors) == 1:
            return self.scaled(factors[0], coefficient)
        return product([Written(coefficient=coefficient), *factors])

    def power(self, base: Written, exponent: Number) -> Written:
        """Return a power as one factor, in the denominator if its exponent is negative."""
        if exponent == 1:
            return base
        cost = self.alone(base) + weighted(power_operations(magnitude(exponent)), self.weights)
        return Written(below=1, cost=cost) if exponent < 0 else Written(above=1, cost=cost)


def product(factors: Iterable[Written]) -> Written:
    """Return the product of the factors; it counts as a single sum only if all other factors are 1."""
    factors = [factor for factor in factors if factor != ONE]
    if len(factors) == 1:
        return factors[0]
    result = ONE
    for factor in factors:
        result = Written(
            result.coefficient * factor.coefficient,
            result.above + factor.above,
            result.below + factor.below,
            result.cost + factor.cost,
        )
    return result
