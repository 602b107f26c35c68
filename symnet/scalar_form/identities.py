"""Identities that express a node of a scalar graph by an existing one: its negative, inverse or power.

Identities that hold in floating point are used for code too. Those of the exponential do not: 1/exp(z) is 0 where
exp(-z) is subnormal. They are used for operation counts only, as for a textbook's σ(z) = 1/(1 + exp(-z)).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from symnet.functions import FUNCTIONS
from symnet.scalar_form.graph import Graph, Number


def negative(graph: Graph, node: int) -> int | None:
    """The existing node that is the negative of a node, or None."""
    operation, operands, detail = graph.operation[node], graph.operands[node], graph.detail[node]
    if operation == "number":
        return graph.known.get(("number", (), -detail))
    if operation != "multiply":
        return graph.known.get(("multiply", (node,), -1))
    if detail == -1 and len(operands) == 1:
        return operands[0]
    return graph.known.get(("multiply", operands, -detail))


def added(graph: Graph, terms: Sequence[int]) -> int:
    """A sum, as the negative of an existing sum if there is one: y - a is -(a - y)."""
    negatives = []
    for term in terms:
        found = negative(graph, term)
        if found is None:
            return graph.add(terms)
        negatives.append(found)
    total = graph.known.get(("add", tuple(sorted(negatives)), None))
    return graph.add(terms) if total is None else graph.multiply([total], -1)


def applied(graph: Graph, function: str, arguments: Sequence[int], *, exact: bool) -> int:
    """A function of nodes, by an existing value of an odd or even function or of the exponential.

    Args:
        graph: the graph that gets the node.
        function: the name of the function.
        arguments: its arguments.
        exact: whether the graph computes floats, so that identities of the exponential are not used.
    """
    opposite = negative(graph, arguments[0]) if len(arguments) == 1 else None
    if opposite is not None and (_is_negated(graph, arguments[0]) or (function, (opposite,), None) in graph.known):
        parity = FUNCTIONS[function].parity
        if parity:
            return graph.multiply([graph.node(function, (opposite,))], parity)
    if opposite is not None and function == "exp" and not exact:
        inverse = graph.known.get(("exp", (opposite,), None))
        if inverse is not None:
            return graph.power(inverse, -1)
    known = FUNCTIONS[function].of_positive
    if known is not None and not exact and is_positive(graph, arguments[0]):
        # For a float such functions also distinguish 0 and nan, so that only counts use this.
        return arguments[0] if known == "z" else graph.number(known)
    return graph.node(function, tuple(arguments))


def is_positive(graph: Graph, node: int) -> bool:
    """Whether a node is positive for all values of the symbols: exponentials, their sums, products and powers."""
    operation, detail = graph.operation[node], graph.detail[node]
    if operation == "number":
        return bool(detail > 0)
    if (operation == "multiply" and detail <= 0) or operation not in ("add", "multiply", "power", "exp"):
        return False
    return operation == "exp" or all(is_positive(graph, operand) for operand in graph.operands[node])


def _is_negated(graph: Graph, node: int) -> bool:
    return graph.operation[node] == "multiply" and graph.detail[node] == -1 and len(graph.operands[node]) == 1


def inverted(graph: Graph, total: int) -> int:
    """1/total; t/(1 + t) if the total is 1 + 1/t."""
    terms = graph.operands[total] if graph.operation[total] == "add" else ()
    if len(terms) == 2:
        for one, other in (terms, terms[::-1]):
            if graph.value_of(one) == 1 and graph.operation[other] == "power" and graph.detail[other] == -1:
                (base,) = graph.operands[other]
                return graph.multiply([base, graph.power(graph.add([one, base]), -1)])
    return graph.power(total, -1)


def complement(graph: Graph, terms: Sequence[int]) -> int | None:
    """1 - 1/(1 + t) as t/(1 + t), and 1 - t/(1 + t) as 1/(1 + t): so a(1 - a) becomes a product of powers."""
    if len(terms) != 2:
        return None
    one, other = sorted(terms, key=lambda term: graph.value_of(term) != 1)
    if graph.value_of(one) != 1 or graph.operation[other] != "multiply" or graph.detail[other] != -1:
        return None
    for inverse in graph.operands[other]:
        rest = _rest_over(graph, inverse)
        factors = [factor for factor in graph.operands[other] if factor != inverse]
        if rest is not None and not factors:
            return graph.multiply([rest, inverse])
        if rest is not None and factors == [rest]:
            return inverse
    return None


def chosen(graph: Graph, terms: Sequence[int]) -> int | None:
    """1 + min(u, 0) as 1 if c > 0, else exp(c); u is c if c > 0, else exp(c) - 1, which is at most 0.

    In floats exp(c) - 1 + 1 is not exp(c), so this is used for counts only.
    """
    if len(terms) != 2:
        return None
    one, other = sorted(terms, key=lambda term: graph.value_of(term) != 1)
    if graph.value_of(one) != 1 or graph.operation[other] != "minimum":
        return None
    held, bound = sorted(graph.operands[other], key=lambda operand: graph.value_of(operand) == 0)
    if graph.value_of(bound) != 0 or graph.operation[held] != "select":
        return None
    condition, positive, rest = graph.operands[held]
    exponential = graph.known.get(("exp", (condition,), None))
    if exponential is None or positive != condition or rest != graph.add([exponential, graph.number(-1)]):
        return None
    return graph.node("select", (condition, one, exponential))


def _rest_over(graph: Graph, inverse: int) -> int | None:
    """t if a node is 1/(1 + t)."""
    if graph.operation[inverse] != "power" or graph.detail[inverse] != -1:
        return None
    (total,) = graph.operands[inverse]
    if graph.operation[total] != "add" or len(graph.operands[total]) != 2:
        return None
    remaining = [term for term in graph.operands[total] if graph.value_of(term) != 1]
    return remaining[0] if len(remaining) == 1 else None


def raised(graph: Graph, base: int, exponent: Number, others: Collection[Number]) -> int:
    """A power of a base, by the other powers that are taken of it.

    Args:
        graph: the graph that gets the node.
        base: the base.
        exponent: the exponent.
        others: all exponents of this base, `exponent` included.
    """
    if exponent < 0 and exponent != -1:
        negative_powers = [power for power in others if power < 0 and power == int(power)]
        if exponent in negative_powers and len(negative_powers) > 1:
            return _by_squaring(graph, inverted(graph, base), int(-exponent))
        if -exponent in others:
            return inverted(graph, raised(graph, base, -exponent, others))
    if exponent == -1:
        return inverted(graph, base)
    if exponent > 0 and exponent == int(exponent) and sum(power > 0 and power == int(power) for power in others) > 1:
        return _by_squaring(graph, base, int(exponent))
    return graph.power(base, exponent)


def _by_squaring(graph: Graph, base: int, exponent: int) -> int:
    """A power by repeated squaring, so that powers of one base share intermediates."""
    if exponent == 1:
        return base
    if exponent % 2:
        return graph.node("multiply", tuple(sorted((base, _by_squaring(graph, base, exponent - 1)))), 1)
    return graph.power(_by_squaring(graph, base, exponent // 2), 2)
