"""What each way to the same gradient costs: the argument of the notes, for a whole network."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sympy import Expr, cse

from symnet.equations import Program
from symnet.equations.derivatives import derivative
from symnet.equations.interpreter import Entries
from symnet.equations.piecewise import positive, select
from symnet.errors import ArchitectureError
from symnet.scalar_form import Graph, GraphArithmetic, cotangents, elementary, scalar_form, scalar_graph, tangents
from symnet.simplify.brute_force import BruteForce
from symnet.simplify.counts import count_operations
from symnet.simplify.graph_counts import count_graph, weighted
from symnet.simplify.products import share_products

MAX_WRITTEN_OUT = 100_000
"""Beyond so many operations the gradient is no more written out for SymPy's `cse`."""

MAX_PARAMETERS = 200_000
"""Beyond so many the graph of single operations would take minutes and gigabytes."""

Weights = Mapping[str, float]
Number = int | float


@dataclass(frozen=True)
class NetworkCounts:
    """The operations of the loss and all its derivatives for one row, by each method.

    Attributes:
        parameters: how many derivatives there are.
        forward: the loss alone.
        brute_force: every derivative written out and computed on its own, and the loss.
        brute_force_cse: the same after common subexpressions are shared; None where it is too large.
        forward_mode: the loss, and one pass of tangents for every parameter.
        sweep: the loss and one reverse sweep over the shared graph.
        sweep_cse: the same with common parts of products shared.
        jacobian_forward, jacobian_reverse: all outputs by all inputs, by tangents and by cotangents.
    """

    parameters: int
    forward: Number
    brute_force: Number
    brute_force_cse: Number | None
    forward_mode: Number
    sweep: Number
    sweep_cse: Number
    jacobian_forward: Number
    jacobian_reverse: Number


def compare_methods(forward: Program, equations: Program, weights: Weights | None = None) -> NetworkCounts:
    """Count all methods for a network.

    Args:
        forward: its forward program.
        equations: the same with the simplified equations of its gradients.
        weights: of single operations, by name (`add`, `multiply`, `divide`, `sqrt`, `exp`, ...), else 1.

    Raises:
        ArchitectureError: there are more than 200,000 parameters.
    """
    _check_size(forward)
    graph = Graph()
    entries = scalar_graph(forward, GraphArithmetic(graph, expand=True))
    (loss,) = nodes_of(entries[forward.outputs["loss"]])
    parameters = [entries[array.name] for array in forward.parameters]
    alone = weighted(count_graph(graph, [loss]), weights)
    brute = BruteForce(graph, weights)

    def written_out(parameter: int) -> Number:
        return brute.derivative(loss, parameter)

    def tangent_pass(parameter: int) -> Number:
        return _tangent_cost(graph, loss, parameter, weights)

    written = brute.value(loss) + sum(over_entries(array, written_out) for array in parameters)
    sweep, shared = _sweep(equations, weights)
    outputs, inputs = nodes_of(entries[forward.outputs["prediction"]]), nodes_of(entries["x"])
    brute_shared = _brute_force_cse(equations, weights) if written <= MAX_WRITTEN_OUT else None
    if brute_shared is not None:
        # Both compute the same numbers: where the search for pairs misses what `cse` sees, its form is the cheaper.
        shared, brute_shared = min(shared, brute_shared), min(brute_shared, written)
    return NetworkCounts(
        parameters=sum(array.size for array in parameters),
        forward=alone,
        brute_force=written,
        brute_force_cse=brute_shared,
        forward_mode=alone + sum(over_entries(array, tangent_pass) for array in parameters),
        sweep=sweep,
        sweep_cse=shared,
        jacobian_forward=_jacobian(graph, outputs, inputs, weights, forward_mode=True),
        jacobian_reverse=_jacobian(graph, outputs, inputs, weights, forward_mode=False),
    )


def _check_size(forward: Program) -> None:
    entries = sum(math.prod(int(size) for size in forward.shape(array)) for array in forward.parameters)
    if entries > MAX_PARAMETERS:
        raise ArchitectureError(f"{entries:,} parameters are too many to count one by one; at most {MAX_PARAMETERS:,}")


def nodes_of(array: Entries) -> list[int]:
    """The nodes of an array, entry by entry."""
    return [int(node) for node in array.ravel()]


def over_entries(array: Entries, cost: Callable[[int], Number]) -> Number:
    """The sum of a cost over the entries of a parameter.

    Units can be renumbered without changing the equations, so entries whose positions repeat the
    same numbers at the same places cost the same, and one of them stands for all.
    """
    known: dict[tuple[int, ...], Number] = {}
    total: Number = 0
    for position in np.ndindex(*array.shape):
        pattern = tuple(position.index(place) for place in position)
        if pattern not in known:
            known[pattern] = cost(int(array[position]))
        total += known[pattern]
    return total


def _tangent_cost(graph: Graph, output: int, symbol: int, weights: Weights | None) -> Number:
    """What a pass of tangents by one symbol adds to the forward pass."""
    size = len(graph.operation)
    found = tangents(graph, symbol, output)
    roots = [output, found[output]] if output in found else [output]
    cost = weighted(count_graph(graph, roots), weights) - weighted(count_graph(graph, [output]), weights)
    graph.forget(size)
    return cost


def _sweep(equations: Program, weights: Weights | None) -> tuple[Number, Number]:
    graph = Graph()
    entries = scalar_graph(equations, GraphArithmetic(graph, expand=True))
    names = [equations.outputs["loss"], *(equations.outputs[array.name] for array in equations.parameters)]
    roots = [node for name in names for node in nodes_of(entries[name])]
    shared, shared_roots = share_products(graph, roots, weights, exact=False)
    return weighted(count_graph(graph, roots), weights), weighted(count_graph(shared, shared_roots), weights)


def _brute_force_cse(equations: Program, weights: Weights | None) -> Number:
    form = scalar_form(equations, written_in=elementary)
    loss = form.substituted(form.loss)
    expressions = [loss, *(by_steps(derivative(loss, parameter)) for parameter in form.gradients)]
    return count_shared(expressions, weights)


def by_steps(expression: Expr) -> Expr:
    """A derivative with u·[c > 0] for select(c, u, 0): the chain rule multiplies by the slope of a maximum."""
    return expression.replace(select, _with_slope)


def _with_slope(condition: Expr, slope: Expr, other: Expr) -> Expr:
    if other == 0:
        return slope * positive(condition)
    return other * select(condition, 0, 1) if slope == 0 else select(condition, slope, other)


def count_shared(expressions: Sequence[Expr], weights: Weights | None = None) -> Number:
    """The operations of some expressions after SymPy's `cse`, over all of them together."""
    definitions, results = cse(expressions)
    return written_cost([*(definition for _, definition in definitions), *results], weights)


def written_cost(expressions: Iterable[Expr], weights: Weights | None = None) -> Number:
    """The operations of some expressions without indices, each written out."""
    total: Counter[str] = Counter()
    for expression in expressions:
        total.update(count_operations(expression, lambda idx: 1))
    return weighted({name: int(number) for name, number in total.items()}, weights)


def _jacobian(
    graph: Graph, outputs: list[int], inputs: list[int], weights: Weights | None, *, forward_mode: bool
) -> Number:
    """The operations of the outputs and all their derivatives by the inputs, in one of the modes.

    Units can be renumbered, so after the first pass each further one costs what the second does,
    which finds the slopes of the activations computed.
    """
    size = len(graph.operation)
    costs = [weighted(count_graph(graph, outputs), weights)]
    roots = list(outputs)
    for start in (inputs if forward_mode else outputs)[:2]:
        found = tangents(graph, start, max(outputs)) if forward_mode else cotangents(graph, start)
        roots += [found[end] for end in (outputs if forward_mode else inputs) if end in found]
        costs.append(weighted(count_graph(graph, roots), weights))
    graph.forget(size)
    passes = len(inputs if forward_mode else outputs)
    return costs[1] + (passes - 1) * (costs[-1] - costs[1])
