"""Common subexpression elimination on a scalar graph, over value and gradients together.

Equal nodes are one node by construction, so only common factors of products remain to be found. A
product with one use is expanded into its consumer, 1 - 1/(1 + t) is written t/(1 + t), and the pair of
factors that occurs in most products gets a node of its own, repeatedly (Breuer, 1969). The result
depends on the order among equally frequent pairs: the cheaper of several orders is taken.
SymPy's `cse` finds the same pairs in small graphs, but takes quadratic time in large ones.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence

from symnet.scalar_form.graph import Graph, Number
from symnet.scalar_form.graph_counts import count_graph, weighted
from symnet.scalar_form.identities import added, applied, chosen, complement, raised
from symnet.scalar_form.verify import verify_graph

MAX_FACTORS = 12

WHOLE = ((0, 0), (0, 1), (1, 0))
"""The orders that are tried: the priority of a pair that makes up a whole product, before and after the frequency of
pairs. Such a pair is computed in any case."""

Pair = tuple[int, int]


def share_products(
    graph: Graph, roots: Sequence[int], weights: Mapping[str, float] | None = None, *, exact: bool = True
) -> tuple[Graph, list[int]]:
    """An equal graph with fewer operations, and its nodes for the roots; the same graph if there is none.

    Args:
        graph: the graph.
        roots: the output nodes.
        weights: of operations by name; 1 by default.
        exact: whether the graph computes floats; if it is for counts only, 1/exp(z) may replace exp(-z).

    Raises:
        VerificationError: the new graph is not well formed (a bug of this pass).
    """
    opened, opened_roots = _Rewriting(graph, roots, exact=exact).run()
    found = [_Pairs(opened, opened_roots, whole=whole, exact=exact).run() for whole in WHOLE]
    for form in found:
        verify_graph(*form)
    return min([*found, (graph, list(roots))], key=lambda form: weighted(count_graph(*form), weights))


class _Rewriting:
    def __init__(self, graph: Graph, roots: Sequence[int], *, exact: bool) -> None:
        self.old = graph
        self.roots = list(roots)
        self.exact = exact
        self.exponents: dict[int, list[Number]] = defaultdict(list)
        self.uses = graph.uses(roots)
        self.new = Graph(columns=graph.columns)
        self.node_of: dict[int, int] = {}

    def run(self) -> tuple[Graph, list[int]]:
        """The graph with products expanded into their consumers, ready for the search for common pairs."""
        nodes = self.old.reachable(self.roots)
        for node in nodes:
            if self.old.operation[node] == "power":
                self.exponents[self.old.operands[node][0]].append(self.old.detail[node])
        for node in nodes:
            self.node_of[node] = self._copied(node)
            if node in self.old.names:
                self.new.names.setdefault(self.node_of[node], self.old.names[node])
        return self.new, [self.node_of[root] for root in self.roots]

    def _copied(self, node: int) -> int:
        operation, detail = self.old.operation[node], self.old.detail[node]
        operands = [self.node_of[operand] for operand in self.old.operands[node]]
        if operation == "add":
            operands = self._collected(self.old.operands[node], operands)
            found = complement(self.new, operands)
            if found is None and not self.exact:
                found = chosen(self.new, operands)
            return added(self.new, operands) if found is None else found
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
            return raised(self.new, operands[0], detail, self.exponents[self.old.operands[node][0]])
        if operation in ("symbol", "number", "batch_sum"):
            return self.new.node(operation, tuple(operands), detail)
        return applied(self.new, operation, operands, exact=self.exact)

    def _collected(self, originals: Sequence[int], terms: list[int]) -> list[int]:
        """The terms of a sum, equal ones collected to a multiple, such as those that do not depend on the index."""
        opened: Counter[int] = Counter()
        for original, term in zip(originals, terms, strict=True):
            single = self.uses[original] == 1 and self.new.operation[term] == "add"
            opened.update(self.new.operands[term] if single else (term,))
        if max(opened.values()) == 1:
            return terms
        return [self.new.multiply([term], number) for term, number in opened.items()]


class _Pairs:
    """Extraction of factor pairs that occur in more than one product; a coefficient counts as a factor.

    `whole` is one of the orders of `WHOLE`.
    """

    def __init__(self, graph: Graph, roots: list[int], *, whole: tuple[int, int], exact: bool) -> None:
        self.ahead, self.among = whole
        self.exact = exact
        self.graph = graph
        self.roots = roots
        nodes = graph.reachable(roots)
        self.free = self._free_signs(nodes)
        self.products = {node: self._factors(node) for node in nodes if graph.operation[node] == "multiply"}
        self.places: dict[Pair, set[int]] = defaultdict(set)
        for node, factors in self.products.items():
            for pair in self._pairs(factors):
                self.places[pair].add(node)

    def _free_signs(self, nodes: Sequence[int]) -> set[int]:
        """Products whose sign is free, since all their uses are terms of sums."""
        graph = self.graph
        signs = {node for node in nodes if graph.operation[node] == "multiply" and graph.detail[node] == -1}
        for node in nodes:
            if graph.operation[node] != "add":
                signs.difference_update(graph.operands[node])
        return signs.difference(self.roots)

    def _factors(self, node: int) -> list[int]:
        coefficient = self.graph.detail[node]
        number = [] if coefficient == 1 or node in self.free else [self.graph.number(coefficient)]
        return [*self.graph.operands[node], *number]

    def _pairs(self, factors: list[int]) -> set[Pair]:
        """The pairs of factors; for floats none of a number and a square: v² may overflow where c·v·v does not."""
        pairs = {(min(pair), max(pair)) for pair in itertools.combinations(factors, 2)}
        numbers = [factor for factor in factors if self._is_number(factor)]
        if not numbers or not self.exact:
            return pairs
        return {pair for pair in pairs if not (set(pair) & set(numbers) and any(map(self._is_power, pair)))}

    def _is_number(self, factor: int) -> bool:
        return factor < len(self.graph.operation) and self.graph.operation[factor] == "number"

    def _is_power(self, factor: int) -> bool:
        return factor < len(self.graph.operation) and self.graph.operation[factor] == "power"

    def run(self) -> tuple[Graph, list[int]]:
        fresh = len(self.graph.operation)
        definitions: dict[int, Pair] = {}
        waiting = {pair for pair, nodes in self.places.items() if len(nodes) > 1}
        while waiting:
            pair = max(waiting, key=self._rank)
            if len(self.places[pair]) < 2:
                break
            waiting |= self._extract(pair, fresh, definitions)
            waiting = {pair for pair in waiting if len(self.places[pair]) > 1}
            fresh += 1
        return self._rebuilt(definitions)

    def _rank(self, pair: Pair) -> tuple[int, int, int, int, int]:
        whole = any(len(self.products[node]) == 2 for node in self.places[pair])
        return whole * self.ahead, len(self.places[pair]), whole * self.among, -pair[0], -pair[1]

    def _extract(self, pair: Pair, fresh: int, definitions: dict[int, Pair]) -> set[Pair]:
        """Give a pair a node, substitute it into the products that contain it, and return the new pairs."""
        definitions[fresh] = pair
        touched: set[Pair] = set()
        for node in sorted(self.places[pair]):
            factors = self.products[node]
            for old in self._pairs(factors):
                self.places[old].discard(node)
            for factor in pair:
                factors.remove(factor)
            factors.append(fresh)
            for new in self._pairs(factors):
                self.places[new].add(node)
                touched.add(new)
        return touched

    def _rebuilt(self, definitions: dict[int, Pair]) -> tuple[Graph, list[int]]:
        result = Graph(columns=self.graph.columns)
        node_of: dict[int, int] = {}

        def built(node: int) -> int:
            if node not in node_of:
                node_of[node] = self._made(result, node, definitions.get(node), built)
                if node in self.graph.names:
                    result.names.setdefault(node_of[node], self.graph.names[node])
            return node_of[node]

        for node in self.graph.reachable(self.roots):
            built(node)
        return result, [node_of[root] for root in self.roots]

    def _made(self, result: Graph, node: int, pair: Pair | None, built: Callable[[int], int]) -> int:
        graph = self.graph
        factors = self.products.get(node) if pair is None else pair
        if factors is not None:
            return self._product(result, factors, -1 if node in self.free else 1, built)
        operands = [built(operand) for operand in graph.operands[node]]
        if graph.operation[node] == "add":
            return result.add(operands)
        if graph.operation[node] == "power":
            return result.power(operands[0], graph.detail[node])
        return result.node(graph.operation[node], tuple(operands), graph.detail[node])

    def _product(self, result: Graph, factors: Sequence[int], sign: int, built: Callable[[int], int]) -> int:
        """A product built as it is: `Graph.multiply` would extract the coefficient of a shared factor again."""
        numbers = [self.graph.detail[factor] for factor in factors if self._is_number(factor)]
        operands = [built(factor) for factor in factors if not self._is_number(factor)]
        coefficient = numbers[0] if numbers else sign
        alone = len(operands) == 1 and coefficient == 1
        return operands[0] if alone else result.node("multiply", tuple(sorted(operands)), coefficient)
