"""Count the operations of equations, and the cost of a network's gradient by each method."""

from symnet.counts.comparison import (
    NetworkCounts,
)
from symnet.counts.expression_counts import (
    ExpressionCounts,
    cheapest_program,
    cheapest_to_share,
    count_function,
    function_graph,
)
from symnet.counts.operations import (
    KINDS,
    OPERATIONS,
    check_weights,
    cost,
    count_equations,
    count_expression,
    count_program,
)
from symnet.counts.plot import (
    check_plot,
    growth,
    plot_counts,
)
from symnet.counts.text import (
    METHODS,
    counts_json,
    expression_counts_text,
    multiple,
    network_counts_text,
    number,
)
from symnet.counts.widths import (
    compare_methods,
)

__all__ = [
    "KINDS",
    "METHODS",
    "OPERATIONS",
    "ExpressionCounts",
    "NetworkCounts",
    "cheapest_program",
    "cheapest_to_share",
    "check_plot",
    "check_weights",
    "compare_methods",
    "cost",
    "count_equations",
    "count_expression",
    "count_function",
    "count_program",
    "counts_json",
    "expression_counts_text",
    "function_graph",
    "growth",
    "multiple",
    "network_counts_text",
    "number",
    "plot_counts",
]
