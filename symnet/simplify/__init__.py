"""Floor 4: the same equations with fewer operations, and how many they take.

What the sweep derives is exact and wasteful. These passes let δ = (p - y)/N and σ' = a(1 - a) come
out of the algebra; none of them knows a loss or an activation by name.
"""

from collections.abc import Callable

from symnet.equations import Program, verify
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
from symnet.simplify.inline import tidy_cotangents
from symnet.simplify.reuse import remove_copies, reuse_forward_values
from symnet.simplify.share import share_subexpressions
from symnet.simplify.stable import add_up_parts, fuse_outputs, hold_squares, open_logarithms, use_stable_forms
from symnet.simplify.tails import choose_derivatives, restore_functions, separate_differences, use_complements
from symnet.simplify.widths import compare_methods

Pass = Callable[[Program], Program]

ALGEBRA: tuple[Pass, ...] = (reuse_forward_values, tidy_cotangents)
"""In this order: a derivative must be written through forward values before factors can cancel."""

IN_THE_TAILS: tuple[Pass, ...] = (restore_functions, use_complements, *ALGEBRA, separate_differences)
"""The same for equations whose forward functions have been chosen by `choose_derivatives`."""

FOR_CODE: tuple[Pass, ...] = (remove_copies, open_logarithms, share_subexpressions)
"""What code needs and a page would not show: one name a value, stable logarithms, nothing computed twice."""


def simplify(program: Program, *, accurate: bool = False) -> Program:
    """The equations of a verified program as notes write them: forward values reused, factors cancelled.

    With `accurate` they are the sweep's over `choose_derivatives`, and keep their digits in the tails.

    Raises:
        VerificationError: a pass has left a program that is not well formed, which would be its fault.
    """
    return _run(IN_THE_TAILS if accurate else ALGEBRA, program)


def optimize(program: Program) -> Program:
    """A simplified program as code is to compute it; raises as `simplify` does."""
    return _run(FOR_CODE, program)


def _run(passes: tuple[Pass, ...], program: Program) -> Program:
    """Each pass is held to what it has changed; what it has left alone was verified before it."""
    for run in passes:
        program = verify(run(program), program)
    return verify(program.needed_for(program.outputs.values()), program)


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
