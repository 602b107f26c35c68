"""Expand functions that a target has no code for into their stable forms or definitions."""

from __future__ import annotations

from collections.abc import Callable

from sympy import Expr

from symnet.core import Program, verify
from symnet.functions import BY_CLASS, Composite, Record, has_definition_alone
from symnet.simplify.rewriting import rewrite_nodes


def write_out(program: Program, code: Callable[[Record], object]) -> Program:
    """Expand every function that has a definition and no code.

    Args:
        program: a verified program.
        code: the column of functions that has their code.

    Raises:
        VerificationError: the result is not well formed (a bug of a definition).
    """

    def is_written_out(node: Composite) -> bool:
        return node.func not in BY_CLASS or code(BY_CLASS[node.func]) is None

    return _written_out(program, is_written_out)


def write_out_before(program: Program) -> Program:
    """The same before the sweep, of functions that have neither code nor a slope of their own.

    The slope is that of the stable form then, and the identities of `use_stable_forms` see what the definition says.

    Raises:
        VerificationError: as `write_out`.
    """
    return _written_out(program, lambda node: has_definition_alone(node) and type(node).fdiff is Composite.fdiff)


def _written_out(program: Program, chosen: Callable[[Composite], bool]) -> Program:
    def opened(node: Expr) -> Expr:
        while isinstance(node, Composite) and chosen(node):
            node = node.stable
        return node

    written = rewrite_nodes(program, opened, "definition of a function")
    if written.equations == program.equations:
        return program
    # A definition may contain functions that the target has no code for.
    return _written_out(verify(written, program), chosen)
