"""Verification of a program: the invariants of its equations between stages."""

from collections.abc import Callable, Sequence, Set
from typing import TypeVar

from sympy import Add, Expr, Idx, Indexed, KroneckerDelta, Mul, Sum, Symbol, expand

from symnet.core.index_algebra import bound_by, children, extent, indices_of, references
from symnet.core.program import Equation, Program
from symnet.core.sizes import BATCH
from symnet.core.text import equation_text, expression_text
from symnet.functions import ROW_FUNCTIONS, ROWS
from symnet.support import VerificationError

Statement = TypeVar("Statement")


def verify(program: Program, verified: Program | None = None) -> Program:
    """Return the program unchanged if it is well formed.

    Each array is assigned once and before use; every index is bound by the left-hand side, a sum or
    a row function; the axes of every reference have the declared sizes; and every symbol is a declared
    scalar or a size. A position is affine in the indices with integer coefficients and may lie outside
    the array, where the entry is 0. The index of a row function is used only as a plain index.

    Args:
        program: the program.
        verified: a verified program that it was made from. Of equations that both have, with the same
            arrays, only the order is checked.

    Raises:
        VerificationError: names the broken rule and shows the statement with its neighbours.
    """
    defined = {array.name for array in program.arrays}
    if verified is not None and verified.sizes != program.sizes:
        verified = None
    for position, equation in enumerate(program.equations):
        kept = verified is not None and _is_kept(program, equation, verified)
        problem = _place_problem(program, equation, defined) if kept else _problem(program, equation, defined)
        if problem:
            raise VerificationError(f"{problem}\n{neighbours(program.equations, position, equation_text)}")
        defined.add(equation.name)
    for public, name in program.outputs.items():
        if name not in defined:
            raise VerificationError(f"output {public} is {name}, which no equation defines")
    return program


def _is_kept(program: Program, equation: Equation, verified: Program) -> bool:
    """Whether the verified program has the same equation over the same arrays."""
    return verified.by_name.get(equation.name) is equation and all(
        program.declared.get(name) is verified.declared[name]
        for name in (*equation.array_names, *equation.symbol_names)
        if name in verified.declared
    )


def _place_problem(program: Program, equation: Equation, defined: set[str]) -> str:
    """The problem of the order of a well-formed equation, or an empty string."""
    if equation.name in defined:
        return f"{equation.name} is assigned twice"
    missing = [name for name in program.dependencies[equation.name] if name not in defined]
    return f"{missing[0]} is used before it is defined" if missing else ""


def _problem(program: Program, equation: Equation, defined: set[str]) -> str:
    """The problem of one equation, or an empty string."""
    indices = equation.array.indices
    if equation.name in defined:
        return f"{equation.name} is assigned twice"
    if len({idx.name for idx in indices}) != len(indices):
        return f"{expression_text(equation.lhs)} repeats an index"
    return _expression_problem(program, equation.rhs, frozenset(indices), defined)


def _expression_problem(program: Program, node: Expr, bound: Set[Idx], defined: set[str]) -> str:
    if isinstance(node, Indexed):
        return _reference_problem(program, node, bound, defined)
    if isinstance(node, Symbol) and not isinstance(node, Idx):
        known = node == BATCH or node in program.sizes or program.name_of(node) in defined
        return "" if known else f"{node} is neither a size nor a scalar defined before its use"
    if isinstance(node, Idx):
        return "" if node in bound else f"index {node} is not bound"
    if isinstance(node, Sum):
        inner = bound_by(node)
        taken = {str(idx.name) for idx in bound} & {str(idx.name) for idx in inner}
        if taken:
            return f"index {min(taken)} is bound twice"
        bound = bound | {*inner}
    if isinstance(node, KroneckerDelta):
        return next(filter(None, (_position_problem(program, each, node, bound) for each in node.args)), "")
    if isinstance(node, ROW_FUNCTIONS):
        problem = _row_problem(node, bound)
        if problem:
            return problem
    problems = (_expression_problem(program, child, bound, defined) for child in children(node))
    return next(filter(None, problems), "")


def _reference_problem(program: Program, node: Indexed, bound: Set[Idx], defined: set[str]) -> str:
    name = node.base.name
    if name not in defined:
        return f"{name} is used before it is defined"
    declared = program.array(name)
    if len(node.indices) != len(declared.indices):
        return f"{expression_text(node)} has {len(node.indices)} indices; {name} has {len(declared.indices)}"
    for used, axis in zip(node.indices, declared.indices, strict=True):
        problem = _position_problem(program, used, node, bound)
        if problem:
            return problem
        if used is not axis and isinstance(used, Idx) and not _same_size(program, extent(used), extent(axis)):
            return (
                f"index {used} of {expression_text(node)} runs over {program.size(extent(used))} values, "
                f"the axis has {program.size(extent(axis))}"
            )
    return ""


def has_plain_sizes(program: Program, expression: Expr) -> bool:
    """Whether every plain index of a reference to a declared array has the size of its axis."""
    return all(
        _same_size(program, extent(used), extent(axis))
        for node in references(expression)
        if node.base.name in program.declared
        for used, axis in zip(node.indices, program.array(node.base.name).indices, strict=True)
        if isinstance(used, Idx) and used is not axis
    )


def _row_problem(node: Expr, bound: Set[Idx]) -> str:
    """The problem of the index of a row function: it must be bound, and be a plain index in all positions.

    first_largest may run over positions of one array, of which those outside take no part.
    """
    name, unit = node.func.__name__, node.args[1]
    if unit not in bound:
        return f"{name} runs over {unit}, which is not bound"
    if ROWS[name].is_flat and isinstance(node.args[0], Indexed):
        return ""
    positions = (used for reference in references(node.args[0]) for used in reference.indices if used != unit)
    shifted = next((used for used in positions if unit in indices_of(used)), None)
    return f"{name} runs over {unit}, which stands in the position {shifted} and must stand alone" if shifted else ""


def _position_problem(program: Program, used: Expr, node: Expr, bound: Set[Idx]) -> str:
    """The problem of a position: it must be affine in bound indices, with integer coefficients."""
    unbound = {str(idx.name) for idx in indices_of(used) - bound}
    if unbound:
        return f"index {min(unbound)} of {expression_text(node)} is not bound"
    if isinstance(used, Idx):
        return ""
    for term in Add.make_args(expand(program.size(used))):
        whole, rest = term.as_coeff_Mul()
        factors = [factor for factor in Mul.make_args(rest) if factor not in (1, BATCH)]
        if not whole.is_Integer or len(factors) > 1 or not all(isinstance(factor, Idx) for factor in factors):
            return f"position {used} of {expression_text(node)} is not affine in its indices, with whole coefficients"
    return ""


def _same_size(program: Program, first: Expr, second: Expr) -> bool:
    return bool(first == second or program.size(first) == program.size(second))


def neighbours(statements: Sequence[Statement], position: int, text: Callable[[Statement], str]) -> str:
    """A statement, marked, with the one before and the one after it, one per line."""
    first, last = max(position - 1, 0), min(position + 2, len(statements))
    return "\n".join(f"{'>' if line == position else ' '} {text(statements[line])}" for line in range(first, last))
