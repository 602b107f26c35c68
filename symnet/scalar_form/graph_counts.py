"""Operations of a shared graph, by the convention of `counts`: each node is computed once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction

from symnet.scalar_form.graph import Graph, Number, magnitude


def count_graph(graph: Graph, roots: Sequence[int]) -> Counter[str]:
    """The operations of computing the roots, each node once: `add`, `multiply`, `divide` and functions by name.

    A sign is free if all its uses are terms of sums, and an inverse is free if all its uses are
    divisions.
    """
    nodes = graph.reachable(roots)
    users: dict[int, list[int]] = {}
    like: dict[tuple[str, int, object], list[int]] = {}
    for node in nodes:
        operands = graph.operands[node]
        like.setdefault((graph.operation[node], len(operands), graph.detail[node]), []).append(node)
        for operand in operands:
            users.setdefault(operand, []).append(node)
    total: Counter[str] = Counter()
    for same in like.values():
        # Nodes of one kind are counted together: one Counter for each node took most of the time.
        for name, number in node_operations(graph, same[0]).items():
            total[name] += number * len(same)
    total["multiply"] += sum(_is_negated(graph, node) for node in nodes)
    for node in set(nodes) - set(roots):
        if _is_sign(graph, node) and all(graph.operation[user] == "add" for user in users[node]):
            total["multiply"] -= 1
        if _is_inverse(graph, node) and all(_divides(graph, user) for user in users[node]):
            total["multiply"] -= 1
    return +total


def node_operations(graph: Graph, node: int) -> Counter[str]:
    """The operations of one node, without those of its operands."""
    operation, operands, detail = graph.operation[node], graph.operands[node], graph.detail[node]
    if operation in ("symbol", "number"):
        return Counter()
    if operation == "add":
        return Counter(add=len(operands) - 1)
    if operation == "multiply":
        return Counter(multiply=len(operands) - 1 + (detail != 1))
    if operation == "power":
        return power_operations(detail)
    return Counter({operation: 1})


def power_operations(exponent: Number) -> Counter[str]:
    """x**n by repeated squaring, a root as one function, and a division if the exponent is negative."""
    size = magnitude(exponent)
    counts: Counter[str] = Counter(divide=int(exponent < 0))
    if size == int(size):
        counts["multiply"] = int(size).bit_length() + int(size).bit_count() - 2
    else:
        counts["sqrt" if size == Fraction(1, 2) else "power"] = 1
    return +counts


def weighted(counts: Mapping[str, int], weights: Mapping[str, float] | None = None) -> float | int:
    """The sum of all operations, each times its weight; 1 by default."""
    return sum(number * (weights or {}).get(name, 1) for name, number in counts.items())


def _is_sign(graph: Graph, node: int) -> bool:
    return graph.operation[node] == "multiply" and graph.detail[node] == -1


def _is_negated(graph: Graph, node: int) -> bool:
    """Whether all terms of a sum are subtracted, which takes one more sign."""
    return graph.operation[node] == "add" and all(_is_sign(graph, term) for term in graph.operands[node])


def _is_inverse(graph: Graph, node: int) -> bool:
    return graph.operation[node] == "power" and graph.detail[node] < 0


def _divides(graph: Graph, user: int) -> bool:
    """Whether a product has a factor or coefficient for an inverse to divide, such as the 1/2 of 1/(2v)."""
    if graph.operation[user] != "multiply":
        return False
    has_number = graph.detail[user] not in (1, -1)
    return has_number or any(not _is_inverse(graph, factor) for factor in graph.operands[user])
