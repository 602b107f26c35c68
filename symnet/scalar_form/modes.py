"""The two modes of automatic differentiation on a shared graph: tangents forward, cotangents in reverse.

Both apply the same chain rule, node by node, and both reuse the values of the forward pass.
Forward mode takes one pass over the graph for every input, reverse mode one for every output. See
`hjorth-jensen.txt`, "Forward and reverse modes".
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from sympy import Expr, Symbol

from symnet.core import derivative
from symnet.functions import FUNCTIONS
from symnet.scalar_form.graph import Graph
from symnet.scalar_form.instantiate import GraphArithmetic


def tangents(graph: Graph, symbol: int, last: int) -> dict[int, int]:
    """Forward mode: the derivative by one symbol of every node up to `last` that depends on it."""
    found = {symbol: graph.number(1)}
    for node in graph.reachable([last]):
        terms = [graph.multiply([slope, found[operand]]) for operand, slope in slopes(graph, node) if operand in found]
        if terms:
            found[node] = graph.add(terms)
    return found


def cotangents(graph: Graph, output: int) -> dict[int, int]:
    """Reverse mode: the derivative of one node by every node that it depends on."""
    contributions: dict[int, list[int]] = {output: [graph.number(1)]}
    found: dict[int, int] = {}
    for node in reversed(graph.reachable([output])):
        found[node] = graph.add(contributions[node])
        for operand, slope in slopes(graph, node):
            contributions.setdefault(operand, []).append(graph.multiply([found[node], slope]))
    return found


def slopes(graph: Graph, node: int) -> Iterator[tuple[int, int]]:
    """Each operand of a node, once for each occurrence, with the partial derivative of the node by it."""
    operation, operands, detail = graph.operation[node], graph.operands[node], graph.detail[node]
    for place, operand in enumerate(operands):
        if operation == "add":
            yield operand, graph.number(1)
        elif operation == "multiply":
            yield operand, graph.multiply([*operands[:place], *operands[place + 1 :]], detail)
        elif operation == "power" and detail == -1:
            yield operand, graph.multiply([node, node], -1)
        elif operation == "power":
            yield operand, graph.multiply([graph.power(operand, detail - 1)], detail)
        else:
            symbols, slope = slope_of(operation, place)
            known = {FUNCTIONS[operation].build(*symbols): node}
            nodes: dict[Expr, int] = dict(zip(symbols, operands, strict=True))
            yield operand, GraphArithmetic(graph, expand=True).build(slope, nodes | known)


@cache
def slope_of(function: str, place: int) -> tuple[tuple[Symbol, ...], Expr]:
    """The derivative of a function by one argument, in symbols for its arguments."""
    entry = FUNCTIONS[function]
    symbols = entry.symbols()
    return symbols, derivative(entry.build(*symbols), symbols[place])
