"""Verification of a scalar graph, before its nodes are counted or printed."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from symnet.core import neighbours
from symnet.functions import FUNCTIONS
from symnet.scalar_form.graph import Graph
from symnet.support import VerificationError

NUMBERS = (int, float, Fraction)


def verify_graph(graph: Graph, roots: Iterable[int] = ()) -> None:
    """Raise if a graph is not well formed.

    Every node comes after its operands, so that there is no cycle. No two nodes are equal or have the same name. Every
    operation has the right number of operands and a fitting detail. The operand of a sum over the batch has rows and is
    not itself such a sum.

    Args:
        graph: the graph.
        roots: the output nodes.

    Raises:
        VerificationError: names the broken rule and shows the node with its neighbours.
    """
    size = len(graph.operation)
    has_rows: list[bool] = []
    for node, key in enumerate(zip(graph.operation, graph.operands, graph.detail, strict=True)):
        operation, operands, detail = key
        problem = _order_problem(node, operands) or _problem(node, graph.known.get(key), *key)
        rows = not problem and True in [has_rows[operand] for operand in operands]
        if operation == "batch_sum" and not problem and not rows:
            problem = f"node {operands[0]} has no rows to be summed over"
        if problem:
            text = neighbours(range(size), node, lambda each: node_text(graph, each))
            raise VerificationError(f"{problem}\n{text}")
        is_data = operation == "symbol" and detail in graph.columns
        has_rows.append(is_data or (rows and operation != "batch_sum"))
    named: dict[str, int] = {}
    for node, name in graph.names.items():
        if named.setdefault(name, node) != node or not 0 <= node < size:
            raise VerificationError(f"{name} is the name of node {named[name]} and of node {node}")
    for root in roots:
        if not 0 <= root < size:
            raise VerificationError(f"root {root} is not one of the {size} nodes")


def _order_problem(node: int, operands: tuple[int, ...]) -> str:
    if not operands or (min(operands) >= 0 and max(operands) < node):
        return ""
    late = [operand for operand in operands if not 0 <= operand < node]
    return f"node {late[0]} is used before it is defined"


def _problem(node: int, known: int | None, operation: str, operands: tuple[int, ...], detail: object) -> str:
    if known != node:
        return f"node {node} is the same as node {known}"
    arity = FUNCTIONS[operation].arity if operation in FUNCTIONS else 0
    least, most = OPERANDS.get(operation, (arity, arity) if arity else NONE_FITS)
    if not least <= len(operands) <= most:
        return f"{operation} has {len(operands)} operands"
    if not _detail_fits(operation, detail):
        return f"{operation} has the detail {detail!r}"
    return ""


NONE_FITS = (1.0, 0.0)
"""The range of operand counts of an unknown operation: empty."""

OPERANDS: dict[str, tuple[float, float]] = {
    "symbol": (0, 0),
    "number": (0, 0),
    "add": (2, float("inf")),
    "multiply": (1, float("inf")),
    "power": (1, 1),
    "batch_sum": (1, 1),
}
"""The smallest and largest number of operands of each operation."""


def _detail_fits(operation: str, detail: object) -> bool:
    if operation == "symbol":
        return isinstance(detail, str)
    if operation in ("number", "power"):
        return isinstance(detail, NUMBERS)
    if operation == "multiply":
        return isinstance(detail, NUMBERS) and detail != 0
    return detail is None


def node_text(graph: Graph, node: int) -> str:
    """A node as an assignment of its operation."""
    detail = [] if graph.detail[node] is None else [str(graph.detail[node])]
    arguments = ", ".join([*detail, *(f"#{operand}" for operand in graph.operands[node])])
    name = f" ({graph.names[node]})" if node in graph.names else ""
    return f"#{node}{name} = {graph.operation[node]}({arguments})"
