"""What a user's own function and its derivatives cost, written out and with intermediates, as in the notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr, Symbol

from symnet.equations import Program, expression_text
from symnet.equations.derivatives import derivative
from symnet.scalar_form import Graph, GraphArithmetic, scalar_graph
from symnet.simplify.comparison import Number, written_cost
from symnet.simplify.graph_counts import count_graph, node_operations, weighted
from symnet.simplify.products import share_products


@dataclass(frozen=True)
class CountedStep:
    """One step: the intermediate's name, its right-hand side, its operations, and which result it is."""

    name: str
    formula: str
    operations: Number
    result: str = ""


@dataclass(frozen=True)
class ExpressionCounts:
    """The operations of a function and its gradient.

    Attributes:
        value: the function written out.
        gradient: its derivatives written out, as SymPy's `diff` gives them.
        total: both.
        shared: both with intermediates computed once.
        steps: these intermediates in order, then the derivatives.
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
        weights: of single operations, by name, else 1.
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
    """The shared graph of a function's program, and the node of each of its outputs."""
    graph = Graph()
    entries = scalar_graph(program, GraphArithmetic(graph))
    return graph, {public: int(entries[name][()]) for public, name in program.outputs.items()}


def cheapest_program(programs: Sequence[Program], weights: Mapping[str, float] | None = None) -> Program:
    """The first of some programs that takes the fewest operations, each equation computed once as it is written."""
    return min(programs, key=lambda program: written_cost([equation.rhs for equation in program.equations], weights))


def cheapest_to_share(programs: Sequence[Program]) -> Program:
    """The first of some programs that takes the fewest operations as straight-line code, which shares what it finds."""

    def operations(program: Program) -> tuple[Number, Number]:
        """Where two are the same by the convention, the one whose divisions by one number need not be taken apart."""
        graph, nodes = function_graph(program)
        shared, roots = share_products(graph, list(nodes.values()))
        each = sum(sum(node_operations(shared, node).values()) for node in shared.reachable(roots))
        return weighted(count_graph(shared, roots)), each

    return min(programs, key=operations)
