"""What each way to the same gradient costs: the argument of the notes, for a whole network."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sympy import Expr, cse

from symnet.equations import Program
from symnet.equations.derivatives import derivative
from symnet.equations.interpreter import Entries
from symnet.errors import ArchitectureError
from symnet.functions import blend, half_step, positive, select
from symnet.progress import Progress, Watched, about, unseen
from symnet.scalar_form import Graph, GraphArithmetic, cotangents, elementary, scalar_form, scalar_graph, tangents
from symnet.simplify.brute_force import BruteForce
from symnet.simplify.counts import count_operations
from symnet.simplify.graph_counts import count_graph, weighted
from symnet.simplify.products import share_products

MAX_WRITTEN_OUT = 100_000
"""Beyond so many operations the gradient is no more written out for SymPy's `cse`."""

MAX_PARAMETERS = 200_000
"""Beyond so many the graph of single operations would take minutes and gigabytes."""

LONG = 3.0
"""Seconds from which on a count says before it starts how long it may take."""

SHARE = 20
"""The work takes so many times what the graph of the loss takes, and that once more for each array of parameters."""

LATER = 5
"""The steps that follow those of the arrays of parameters."""

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
        weights: of single operations, by name (`add`, `multiply`, `divide`, `sqrt`, `exp`, ...), else 1.
        written_out: whether brute force is written out for SymPy's `cse`, where it is small enough.
        progress: called with the number of steps; gives what is told of them, to show how far the work is.
        announce: called with how long the work may take before it starts, where that is long.

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
        # Both compute the same numbers: where the search for pairs misses what `cse` sees, its form is the cheaper.
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
    """A derivative with u·[c > 0] for select(c, u, 0): the chain rule multiplies by the slope of a maximum.

    So it does by the half step for blend(c, u, 0), where two share a tie.
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
