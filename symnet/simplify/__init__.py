"""Simplification: passes from a program to an equal one with fewer operations, and operation counts.

The sweep derives exact but redundant equations. These passes find δ = (p - y)/N and σ' = a(1 - a) by
algebra; none of them has a case for a loss or an activation.
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
from symnet.simplify.definitions import write_out
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
"""The order matters: a derivative must be written through forward values before factors can cancel."""

IN_THE_TAILS: tuple[Pass, ...] = (restore_functions, use_complements, *ALGEBRA, separate_differences)
"""The same for equations derived from the output of `choose_derivatives`."""

FOR_CODE: tuple[Pass, ...] = (remove_copies, open_logarithms, share_subexpressions)
"""Passes for code, which pages do not show: no copies, stable logarithms, common subexpressions shared."""


def simplify(program: Program, *, accurate: bool = False) -> Program:
    """Simplify a verified program to the equations that notes show: forward values reused, factors cancelled.

    With `accurate`, for a sweep over the output of `choose_derivatives`: every entry keeps its digits in the tails.

    Raises:
        VerificationError: a pass has left a program that is not well formed (a bug of the pass).
    """
    return _run(IN_THE_TAILS if accurate else ALGEBRA, program)


def optimize(program: Program) -> Program:
    """Rewrite a simplified program for code: no copies, shared subexpressions. Raises as `simplify` does."""
    return _run(FOR_CODE, program)


def _run(passes: tuple[Pass, ...], program: Program) -> Program:
    """Run passes in order; verify only the equations a pass changed."""
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
]
