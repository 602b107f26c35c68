"""Lower bounds of the values of nodes, which prove that no divisor is 0 and no radicand negative.

The bounds hold for floats as computed, since rounding is monotonic; nan propagates and has no bound.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from symnet.core import BATCH
from symnet.functions import FUNCTIONS
from symnet.scalar_form.graph import Graph, Number

NONE = -math.inf


def least_values(graph: Graph, nodes: Sequence[int]) -> dict[int, float]:
    """A lower bound of the value of each node, minus infinity if none is known.

    Args:
        graph: the shared graph.
        nodes: the nodes in topological order, operands first.
    """
    least: dict[int, float] = {}
    for node in nodes:
        operation, operands, detail = graph.operation[node], graph.operands[node], graph.detail[node]
        if operation == "symbol":
            least[node] = 1.0 if detail == str(BATCH) else NONE
        elif operation == "number":
            least[node] = float(detail)
        elif operation == "add":
            total = sum([least[term] for term in operands])
            least[node] = 1.0 if total == 0 and _holds_one(graph, operands) else total
        elif operation == "multiply":
            least[node] = _of_product([least[factor] for factor in operands], detail)
        elif operation == "power":
            least[node] = least_power(least[operands[0]], detail)
        else:
            known = FUNCTIONS[operation].least if operation in FUNCTIONS else NONE
            least[node] = known(*(least[operand] for operand in operands)) if callable(known) else known
    return least


def least_power(base: float, exponent: Number) -> float:
    """The lower bound of a power whose base is at least `base`."""
    if exponent < 0:
        return 0.0 if base >= 0 or exponent % 2 == 0 else NONE
    if base >= 0:
        return _float_power(base, float(exponent))
    return 0.0 if exponent % 2 == 0 else NONE


def _float_power(base: float, exponent: float) -> float:
    try:
        return float(base**exponent)
    except OverflowError:
        return math.inf


def _of_product(factors: Sequence[float], coefficient: Number) -> float:
    return math.prod(factors) * float(coefficient) if coefficient > 0 and min(factors) >= 0 else NONE


def _holds_one(graph: Graph, terms: Sequence[int]) -> bool:
    """Whether a sum of exponentials has the term exp(0) = 1: exp(u - m) for every u, where m is their maximum.

    Each may be raised to a power. So 1 is a lower bound of the divisor of a softmax.
    """
    shifted: dict[int, set[int]] = {}
    for term in terms:
        inner = graph.operands[term][0] if graph.operation[term] == "power" else term
        argument = graph.operands[inner][0] if graph.operation[inner] == "exp" else inner
        if graph.operation[argument] != "add" or len(graph.operands[argument]) != 2:
            return False
        for place, node in enumerate(graph.operands[argument]):
            if graph.operation[node] == "multiply" and graph.detail[node] == -1:
                (largest,) = graph.operands[node][:1]
                shifted.setdefault(largest, set()).add(graph.operands[argument][1 - place])
    return any(
        graph.operation[largest] == "maximum" and _candidates(graph, largest) <= entries
        for largest, entries in shifted.items()
    )


def _candidates(graph: Graph, largest: int) -> set[int]:
    """The nodes that a chain of maxima chooses from."""
    found, stack = set(), [largest]
    while stack:
        node = stack.pop()
        if graph.operation[node] == "maximum":
            stack += graph.operands[node]
        else:
            found.add(node)
    return found
