"""The passes in their order, each verified: the same equations with fewer operations.

The sweep derives exact but redundant equations. These passes find δ = (p - y)/N and σ' = a(1 - a) by
algebra; none of them has a case for a loss or an activation.
"""

from __future__ import annotations

from collections.abc import Callable

from symnet.core import Program, verify
from symnet.simplify.inline import tidy_cotangents
from symnet.simplify.outside import drop_outside
from symnet.simplify.reuse import remove_copies, reuse_forward_values
from symnet.simplify.share import share_subexpressions
from symnet.simplify.stable import open_logarithms
from symnet.simplify.tails import restore_functions, separate_differences, use_complements

Pass = Callable[[Program], Program]

ALGEBRA: tuple[Pass, ...] = (reuse_forward_values, tidy_cotangents)
"""The order matters: a derivative must be written through forward values before factors can cancel."""

IN_THE_TAILS: tuple[Pass, ...] = (restore_functions, use_complements, *ALGEBRA, separate_differences)
"""The same for equations derived from the output of `choose_derivatives`."""

FOR_CODE: tuple[Pass, ...] = (drop_outside, remove_copies, open_logarithms, share_subexpressions)
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
