"""The cost of one gradient by several methods, for a whole network: brute force, forward mode, reverse sweep."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sympy import Expr, cse

from symnet.core import Entries, Program, derivative
from symnet.counts.brute_force import BruteForce
from symnet.counts.operations import count_operations
from symnet.functions import blend, half_step, positive, select
from symnet.scalar_form import (
    Graph,
    GraphArithmetic,
    cotangents,
    count_graph,
    elementary,
    scalar_form,
    scalar_graph,
    share_products,
    tangents,
    weighted,
)
from symnet.support import ArchitectureError, Progress, Watched, about, unseen

MAX_WRITTEN_OUT = 100_000
"""With more operations than this, the gradient is not written out for SymPy's `cse`."""

MAX_PARAMETERS = 200_000
"""With more parameters than this, the graph of single operations would take minutes and gigabytes."""

LONG = 3.0
"""A count that may take more seconds than this is announced before it starts."""

SHARE = 20
"""The time of a count, in units of the time for the graph of the loss; one more unit for each parameter array."""

LATER = 5
"""The number of progress steps after those of the parameter arrays."""

Weights = Mapping[str, float]
Number = int | float


@dataclass(frozen=True)
class NetworkCounts:
    """The operations of the loss and all its derivatives for one row, by each method.

    Attributes:
        parameters: the number of scalar parameters, which is the number of derivatives.
        forward: the loss alone.
        brute_force: the loss, and every derivative written out and computed separately.
        brute_force_cse: the same after common subexpression elimination; None if it is too large.
        forward_mode: the loss, and one tangent pass for every parameter.
        sweep: the loss and one reverse sweep over the shared graph.
        sweep_cse: the same with common factors of products shared.
        jacobian_forward, jacobian_reverse: the Jacobian of the outputs by the inputs, in forward and in reverse mode.
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


def count_one_by_one(
    forward: Program,
    equations: Program,
    weights: Weights | None = None,
    *,
    written_out: bool = True,
    progress: Watched = unseen,
    announce: Callable[[str], object] = str,
) -> NetworkCounts:
    """Count all methods for a network, operation by operation.

    Args:
        forward: its forward program.
        equations: the same with the simplified equations of its gradients.
        weights: the weights of operations by name (`add`, `multiply`, `divide`, `sqrt`, `exp`, ...); 1 by default.
        written_out: whether brute force is written out for SymPy's `cse`, if it is small enough.
        progress: called with the number of steps; returns a progress bar that is told of each.
        announce: called before the work starts with an estimate of its time, if that is long.

    Raises:
        ArchitectureError: there are more than 200,000 parameters.
    """
    _check_size(forward)
    graph, start = Graph(), time.perf_counter()
    entries = scalar_graph(forward, GraphArithmetic(graph, expand=True))
    (loss,) = nodes_of(entries[forward.outputs["loss"]])
    parameters = [entries[array.name] for array in forward.parameters]
    seconds = (time.perf_counter() - start) * (SHARE + len(parameters))
    if seconds > LONG:
        announce(f"a graph of {len(graph.operation):,} operations and its derivatives, which take {about(seconds)}")
    alone = weighted(count_graph(graph, [loss]), weights)
    brute = BruteForce(graph, weights)
    written, by_tangents = brute.value(loss), alone
    with progress(len(parameters) + LATER) as bar:
        for array in parameters:
            written += over_entries(array, lambda entry: brute.derivative(loss, entry))
            by_tangents += over_entries(array, lambda entry: _tangent_cost(graph, loss, entry, weights))
            bar.update(1)
        outputs, inputs = nodes_of(entries[forward.outputs["prediction"]]), nodes_of(entries["x"])
        jacobians = []
        for forward_mode in (True, False):
            jacobians.append(_jacobian(graph, outputs, inputs, weights, forward_mode=forward_mode))
            bar.update(1)
        sweep, shared = _sweep(equations, weights, bar)
        brute_shared = _brute_force_cse(equations, weights) if written_out and written <= MAX_WRITTEN_OUT else None
        bar.update(1)
    if brute_shared is not None:
        # Both forms compute the same numbers, so the cheaper counts: `cse` may find what the search for pairs misses.
        shared, brute_shared = min(shared, brute_shared), min(brute_shared, written)
    return NetworkCounts(
        parameters=number_of_parameters(forward),
        forward=alone,
        brute_force=written,
        brute_force_cse=brute_shared,
        forward_mode=by_tangents,
        sweep=sweep,
        sweep_cse=shared,
        jacobian_forward=jacobians[0],
        jacobian_reverse=jacobians[1],
    )


def number_of_parameters(forward: Program) -> int:
    return sum(math.prod(int(size) for size in forward.shape(array)) for array in forward.parameters)


def _check_size(forward: Program) -> None:
    entries = number_of_parameters(forward)
    if entries > MAX_PARAMETERS:
        raise ArchitectureError(f"{entries:,} parameters are too many to count one by one; at most {MAX_PARAMETERS:,}")


def nodes_of(array: Entries) -> list[int]:
    """Return the graph nodes of the entries of an array, in row-major order."""
    return [int(node) for node in array.ravel()]


def over_entries(array: Entries, cost: Callable[[int], Number]) -> Number:
    """Return the sum of a cost over the entries of a parameter.

    The equations are invariant under permutations of units. So all entries whose positions have the same
    pattern of equal numbers, such as (i, i) or (i, j), cost the same, and one of each pattern is counted.
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
    """Return the operations that a tangent pass by one symbol adds to the forward pass."""
    size = len(graph.operation)
    found = tangents(graph, symbol, output)
    roots = [output, found[output]] if output in found else [output]
    cost = weighted(count_graph(graph, roots), weights) - weighted(count_graph(graph, [output]), weights)
    graph.forget(size)
    return cost


def _sweep(equations: Program, weights: Weights | None, bar: Progress) -> tuple[Number, Number]:
    graph = Graph()
    entries = scalar_graph(equations, GraphArithmetic(graph, expand=True))
    names = [equations.outputs["loss"], *(equations.outputs[array.name] for array in equations.parameters)]
    roots = [node for name in names for node in nodes_of(entries[name])]
    bar.update(1)
    shared, shared_roots = share_products(graph, roots, weights, exact=False)
    bar.update(1)
    return weighted(count_graph(graph, roots), weights), weighted(count_graph(shared, shared_roots), weights)


def _brute_force_cse(equations: Program, weights: Weights | None) -> Number:
    form = scalar_form(equations, written_in=elementary)
    loss = form.substituted(form.loss)
    expressions = [loss, *(by_steps(derivative(loss, parameter)) for parameter in form.gradients)]
    return count_shared(expressions, weights)


def by_steps(expression: Expr) -> Expr:
    """Replace select(c, u, 0) in a derivative by u·[c > 0], since the chain rule multiplies by the slope of a maximum.

    In blend(c, u, 0), which takes the mean at a tie, the factor is the half step.
    """
    return expression.replace(select, _with_slope).replace(blend, _with_half_step)


def _with_slope(condition: Expr, slope: Expr, other: Expr) -> Expr:
    if other == 0:
        return slope * positive(condition)
    return other * select(condition, 0, 1) if slope == 0 else select(condition, slope, other)


def _with_half_step(condition: Expr, slope: Expr, other: Expr) -> Expr:
    if other == 0:
        return slope * half_step(condition)
    return other * half_step(-condition) if slope == 0 else blend(condition, slope, other)


def count_shared(expressions: Sequence[Expr], weights: Weights | None = None) -> Number:
    """Return the operations of some expressions after one SymPy `cse` over all of them."""
    definitions, results = cse(expressions)
    return written_cost([*(definition for _, definition in definitions), *results], weights)


def written_cost(expressions: Iterable[Expr], weights: Weights | None = None) -> Number:
    """Return the operations of some scalar expressions, each written out."""
    total: Counter[str] = Counter()
    for expression in expressions:
        total.update(count_operations(expression, lambda idx: 1))
    return weighted({name: int(number) for name, number in total.items()}, weights)


def _jacobian(
    graph: Graph, outputs: list[int], inputs: list[int], weights: Weights | None, *, forward_mode: bool
) -> Number:
    """Return the operations of the outputs and of their Jacobian by the inputs, in forward or reverse mode.

    Two passes are counted. By symmetry of the units each further pass costs as much as the second, which
    finds the slopes of the activations already computed.
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
