"""The same equations with fewer operations (`passes`), and how many they take."""

from symnet.simplify.comparison import NetworkCounts
from symnet.simplify.counts import (
    KINDS,
    OPERATIONS,
    check_weights,
    cost,
    count_equations,
    count_expression,
    count_program,
)
from symnet.simplify.definitions import write_out, write_out_before
from symnet.simplify.expression_counts import (
    ExpressionCounts,
    cheapest_program,
    cheapest_to_share,
    count_function,
    function_graph,
)
from symnet.simplify.passes import ALGEBRA, FOR_CODE, IN_THE_TAILS, optimize, simplify
from symnet.simplify.stable import add_up_parts, fuse_outputs, hold_squares, open_logarithms, use_stable_forms
from symnet.simplify.tails import choose_derivatives, restore_functions
from symnet.simplify.widths import compare_methods

__all__ = [
    "ALGEBRA",
    "FOR_CODE",
    "IN_THE_TAILS",
    "KINDS",
    "OPERATIONS",
    "ExpressionCounts",
    "NetworkCounts",
    "add_up_parts",
    "cheapest_program",
    "cheapest_to_share",
    "check_weights",
    "choose_derivatives",
    "compare_methods",
    "cost",
    "count_equations",
    "count_expression",
    "count_function",
    "count_program",
    "function_graph",
    "fuse_outputs",
    "hold_squares",
    "open_logarithms",
    "optimize",
    "restore_functions",
    "simplify",
    "use_stable_forms",
    "write_out",
    "write_out_before",
]
