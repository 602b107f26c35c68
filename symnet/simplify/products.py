"""Common subexpressions of a scalar graph, over value and gradients together.

Equal nodes are one node from the start. What remains to be found is common parts of products: a
product that is used once is opened into its consumer, 1 - 1/(1 + t) is written t/(1 + t), and the
pair of factors that occurs in most products is given a node, again and again (Breuer, 1969).
SymPy's `cse` finds the same pairs in small graphs, but takes quadratic time in large ones.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence

from symnet.scalar_form import Graph, verify_graph

MAX_FACTORS = 12

Pair = tuple[int, int]


def share_products(graph: Graph, roots: Sequence[int]) -> tuple[Graph, list[int]]:
    """An equal graph that takes fewer operations, and its nodes for the roots.

    Raises:
        VerificationError: the new graph is not well formed, which would be a fault of this pass.
    """
    shared, shared_roots = _Rewriting(graph, roots).run()
    verify_graph(shared, shared_roots)
    return shared, shared_roots


class _Rewriting:
    def __init__(self, graph: Graph, roots: Sequence[int]) -> None:
        self.old = graph
        self.roots = list(roots)
        self.uses = graph.uses(roots)
        self.new = Graph()
        self.node_of: dict[int, int] = {}

    def run(self) -> tuple[Graph, list[int]]:
        """First everything with opened products, then the products again by their common pairs."""
        for node in self.old.reachable(self.roots):
            self.node_of[node] = self._copied(node)
            if node in self.old.names:
                self.new.names.setdefault(self.node_of[node], self.old.names[node])
        opened, roots = self.new, [self.node_of[root] for root in self.roots]
        return _Pairs(opened, roots).run()

    def _copied(self, node: int) -> int:
        operation, detail = self.old.operation[node], self.old.detail[node]
        operands = [self.node_of[operand] for operand in self.old.operands[node]]
        if operation == "add":
            return self._complement(operands) or self.new.add(operands)
        if operation == "multiply":
            factors: list[int] = []
            coefficient = detail
            for original, operand in zip(self.old.operands[node], operands, strict=True):
                single = self.uses[original] == 1 and self.new.operation[operand] == "multiply"
                if single and len(factors) + len(self.new.operands[operand]) <= MAX_FACTORS:
                    factors += self.new.operands[operand]
                    coefficient = coefficient * self.new.detail[operand]
                else:
                    factors.append(operand)
            return self.new.multiply(factors, coefficient)
        if operation == "power":
            return self.new.power(operands[0], detail)
        return self.new.node(operation, tuple(operands), detail)

    def _complement(self, terms: list[int]) -> int | None:
        """t/(1 + t) for 1 - 1/(1 + t), so that a derivative a(1 - a) is a product throughout."""
        new = self.new
        if len(terms) != 2:
            return None
        one, other = sorted(terms, key=lambda term: new.value_of(term) != 1)
        if new.value_of(one) != 1 or new.operation[other] != "multiply" or new.detail[other] != -1:
            return None
        (inverse, *rest) = new.operands[other]
        if rest or new.operation[inverse] != "power" or new.detail[inverse] != -1:
            return None
        (total,) = new.operands[inverse]
        if new.operation[total] != "add" or len(new.operands[total]) != 2:
            return None
        remaining = [term for term in new.operands[total] if new.value_of(term) != 1]
        return new.multiply([remaining[0], inverse]) if len(remaining) == 1 else None


class _Pairs:
    """Extraction of the factor pairs that occur in more than one product."""

    def __init__(self, graph: Graph, roots: list[int]) -> None:
        self.graph = graph
        self.roots = roots
        nodes = graph.reachable(roots)
        self.products = {node: list(graph.operands[node]) for node in nodes if graph.operation[node] == "multiply"}
        self.places: dict[Pair, set[int]] = defaultdict(set)
        for node, factors in self.products.items():
            for pair in _pairs(factors):
                self.places[pair].add(node)

    def run(self) -> tuple[Graph, list[int]]:
        fresh = len(self.graph.operation)
        definitions: dict[int, Pair] = {}
        waiting = {pair for pair, nodes in self.places.items() if len(nodes) > 1}
        while waiting:
            pair = max(waiting, key=lambda pair: (len(self.places[pair]), -pair[0], -pair[1]))
            if len(self.places[pair]) < 2:
                break
            waiting |= self._extract(pair, fresh, definitions)
            waiting = {pair for pair in waiting if len(self.places[pair]) > 1}
            fresh += 1
        return self._rebuilt(definitions)

    def _extract(self, pair: Pair, fresh: int, definitions: dict[int, Pair]) -> set[Pair]:
        """Give a pair a node and put it into the products that hold it; the pairs that come to be."""
        definitions[fresh] = pair
        touched: set[Pair] = set()
        for node in sorted(self.places[pair]):
            factors = self.products[node]
            for old in _pairs(factors):
                self.places[old].discard(node)
            for factor in pair:
                factors.remove(factor)
            factors.append(fresh)
            for new in _pairs(factors):
                self.places[new].add(node)
                touched.add(new)
        return touched

    def _rebuilt(self, definitions: dict[int, Pair]) -> tuple[Graph, list[int]]:
        result = Graph()
        node_of: dict[int, int] = {}

        def built(node: int) -> int:
            if node in node_of:
                return node_of[node]
            if node in definitions:
                made = result.multiply([built(factor) for factor in definitions[node]])
            else:
                factors = self.products.get(node, self.graph.operands[node])
                operands = [built(operand) for operand in factors]
                made = _made(result, self.graph, node, operands)
            node_of[node] = made
            if node in self.graph.names:
                result.names.setdefault(made, self.graph.names[node])
            return made

        for node in self.graph.reachable(self.roots):
            built(node)
        return result, [node_of[root] for root in self.roots]


def _made(result: Graph, graph: Graph, node: int, operands: list[int]) -> int:
    operation, detail = graph.operation[node], graph.detail[node]
    if operation == "multiply":
        # A product that has come down to one pair is that pair, which Graph.multiply would nest.
        return operands[0] if len(operands) == 1 and detail == 1 else result.multiply(operands, detail)
    if operation == "add":
        return result.add(operands)
    if operation == "power":
        return result.power(operands[0], detail)
    return result.node(operation, tuple(operands), detail)


def _pairs(factors: list[int]) -> set[Pair]:
    return {(min(pair), max(pair)) for pair in itertools.combinations(factors, 2)}
