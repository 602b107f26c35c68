"""Expand functions that a target has no code for into their definitions."""

from __future__ import annotations

from collections.abc import Container

from sympy import Expr

from symnet.equations import Program, verify
from symnet.equations.function_kinds import Composite
from symnet.equations.values import BY_CLASS
from symnet.simplify.rewriting import rewrite_nodes


def write_out(program: Program, known: Container[str]) -> Program:
    """Expand every function that has a definition and is not in `known`.

    Raises:
        VerificationError: the result is not well formed (a bug of a definition).
    """

    def opened(node: Expr) -> Expr:
        while isinstance(node, Composite) and not _is_known(node, known):
            node = node.definition
        return node

    written = rewrite_nodes(program, opened, "definition of a function")
    if written.equations == program.equations:
        return program
    # A definition may contain functions that the target has no code for.
    return write_out(verify(written, program), known)


def _is_known(node: Composite, known: Container[str]) -> bool:
    return node.func in BY_CLASS and BY_CLASS[node.func].name in known
