"""Verification of a program: what the stages promise one another about the equations they hand on."""

from sympy import Expr, Idx, Indexed, Sum, Symbol

from symnet.equations.functions import ROW_FUNCTIONS
from symnet.equations.program import BATCH, Equation, Program, children, extent
from symnet.equations.text import equation_text, expression_text
from symnet.errors import VerificationError


def verify(program: Program) -> Program:
    """The program itself, if its form is right.

    Each array is assigned once and before use, every index is bound by the left-hand side, a sum or
    a row function, the axes of every reference have the sizes that were declared, and every symbol
    is a declared scalar or a size.

    Raises:
        VerificationError: names the broken rule and shows the statement with its neighbours.
    """
    defined = {array.name for array in program.arrays}
    for position, equation in enumerate(program.equations):
        problem = _problem(program, equation, defined)
        if problem:
            raise VerificationError(f"{problem}\n{_neighbours(program, position)}")
        defined.add(equation.name)
    for public, name in program.outputs.items():
        if name not in defined:
            raise VerificationError(f"output {public} is asked of {name}, which no equation defines")
    return program


def _problem(program: Program, equation: Equation, defined: set[str]) -> str:
    """What is wrong with one equation; an empty string if nothing is."""
    indices = equation.array.indices
    if equation.name in defined:
        return f"{equation.name} is assigned twice"
    if len({str(idx) for idx in indices}) != len(indices):
        return f"{expression_text(equation.lhs)} repeats an index"
    return _expression_problem(program, equation.rhs, indices, defined)


def _expression_problem(program: Program, node: Expr, bound: tuple[Idx, ...], defined: set[str]) -> str:
    if isinstance(node, Indexed):
        return _reference_problem(program, node, bound, defined)
    if isinstance(node, Symbol) and not isinstance(node, Idx):
        known = node == BATCH or node in program.sizes or program.name_of(node) in defined
        return "" if known else f"{node} is neither a size nor a scalar defined before its use"
    if isinstance(node, Idx):
        return "" if node in bound else f"index {node} is not bound"
    if isinstance(node, Sum):
        inner = tuple(limit[0] for limit in node.limits)
        taken = {str(idx) for idx in bound} & {str(idx) for idx in inner}
        if taken:
            return f"index {min(taken)} is bound twice"
        bound = (*bound, *inner)
    if isinstance(node, ROW_FUNCTIONS) and node.args[1] not in bound:
        return f"{node.func.__name__} runs over {node.args[1]}, which is not bound"
    problems = (_expression_problem(program, child, bound, defined) for child in children(node))
    return next(filter(None, problems), "")


def _reference_problem(program: Program, node: Indexed, bound: tuple[Idx, ...], defined: set[str]) -> str:
    name = node.base.name
    if name not in defined:
        return f"{name} is used before it is defined"
    declared = program.array(name)
    if len(node.indices) != len(declared.indices):
        return f"{expression_text(node)} has {len(node.indices)} indices; {name} has {len(declared.indices)}"
    for used, axis in zip(node.indices, declared.indices, strict=True):
        unbound = sorted(str(idx) for idx in used.free_symbols if isinstance(idx, Idx) and idx not in bound)
        if unbound:
            return f"index {unbound[0]} of {expression_text(node)} is not bound"
        if isinstance(used, Idx) and program.size(extent(used)) != program.size(extent(axis)):
            return (
                f"index {used} of {expression_text(node)} runs over {program.size(extent(used))} values, "
                f"the axis has {program.size(extent(axis))}"
            )
    return ""


def _neighbours(program: Program, position: int) -> str:
    """The statement with one before and one after it, the statement marked."""
    first, last = max(position - 1, 0), min(position + 2, len(program.equations))
    return "\n".join(
        f"{'>' if line == position else ' '} {equation_text(program.equations[line])}" for line in range(first, last)
    )
