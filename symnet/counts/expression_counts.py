"""The cost of a user's function and its derivatives, written out and with shared intermediates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr, Symbol

from symnet.core import Program, derivative, expression_text
from symnet.counts.comparison import Number, written_cost
from symnet.scalar_form import (
    Graph,
    GraphArithmetic,
    count_graph,
    node_operations,
    scalar_graph,
    share_products,
    weighted,
)


@dataclass(frozen=True)
class CountedStep:
    """An intermediate: its name, right-hand side and operations, and the result that it is, if any."""

    name: str
    formula: str
    operations: Number
    result: str = ""


@dataclass(frozen=True)
class ExpressionCounts:
    """The operations of a function and its gradient.

    Attributes:
        value: the function written out.
        gradient: its derivatives written out in the form of SymPy's `diff`.
        total: function and gradient written out.
        shared: function and gradient with every intermediate computed once.
        steps: the intermediates in order of computation, then the derivatives.
    """

    value: Number
    gradient: Number
    total: Number
    shared: Number
    steps: tuple[CountedStep, ...]


def count_function(
    expression: Expr, program: Program, with_respect_to: Sequence[Symbol], weights: Mapping[str, float] | None = None
) -> ExpressionCounts:
    """Count a function and its derivatives.

    Args:
        expression: the function.
        program: its simplified `derivative_program`.
        with_respect_to: the variables of the gradient.
        weights: the weights of operations by name; 1 by default.
    """
    value = written_cost([expression], weights)
    gradient = written_cost([derivative(expression, symbol) for symbol in with_respect_to], weights)
    public = {name: "f" if output == "value" else f"df/{output[2:]}" for output, name in program.outputs.items()}
    steps = tuple(
        CountedStep(
            equation.name,
            expression_text(equation.rhs),
            written_cost([equation.rhs], weights),
            public.get(equation.name, ""),
        )
        for equation in program.equations
    )
    return ExpressionCounts(value, gradient, value + gradient, sum(step.operations for step in steps), steps)


def function_graph(program: Program) -> tuple[Graph, dict[str, int]]:
    """Return the shared graph of a function's program, and the node of each output."""
    graph = Graph()
    entries = scalar_graph(program, GraphArithmetic(graph))
    return graph, {public: int(entries[name][()]) for public, name in program.outputs.items()}


def cheapest_program(programs: Sequence[Program], weights: Mapping[str, float] | None = None) -> Program:
    """Return the program with the fewest operations when every equation is computed once; the first at a tie."""
    return min(programs, key=lambda program: written_cost([equation.rhs for equation in program.equations], weights))


def cheapest_to_share(programs: Sequence[Program]) -> Program:
    """Return the program with the fewest operations as straight-line code with shared products; the first at a tie."""

    def operations(program: Program) -> tuple[Number, Number]:
        """Return the cost by the convention, then with every sign and inverse counted, to decide ties."""
        graph, nodes = function_graph(program)
        shared, roots = share_products(graph, list(nodes.values()))
        each = sum(sum(node_operations(shared, node).values()) for node in shared.reachable(roots))
        return weighted(count_graph(shared, roots)), each

    return min(programs, key=operations)
