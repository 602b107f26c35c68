"""Views: passes that rewrite a program for a page.

They drop the batch, split the loss in two parts, scale cotangents to the errors of single examples, and write sums
out. `VIEWS` lists them in order, those before the reverse sweep and those after it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sympy import Add, Expr, Idx, Indexed, Integer, KroneckerDelta, Mul, Sum, Symbol, factor_terms, log

from symnet.core import (
    BATCH,
    Array,
    Equation,
    Program,
    Step,
    bound_by,
    extent,
    fresh_index,
    indices_of,
    substitute,
    summation,
    verify,
)
from symnet.functions import ROW_FUNCTIONS, leave_one_out, log_softmax, softmax
from symnet.network import PENALTY, Network, penalty_apart
from symnet.notation import Notation
from symnet.simplify import tidy

ALONE = {softmax: Integer(1), log_softmax: Integer(0), leave_one_out: Integer(0)}
"""The values of the functions of rows for a row with one entry."""


def split_loss(program: Program) -> Program:
    """Split the loss into C = E + R where there is a penalty R, so that each is a path of the chain rule."""
    apart = penalty_apart(program)
    return program if apart.by_name[PENALTY.name].rhs == 0 else apart


def one_example(program: Program) -> Program:
    """Return the program for a single example: the index of the batch is dropped."""

    def without(array: Array) -> Array:
        return replace(array, indices=tuple(idx for idx in array.indices if extent(idx) != BATCH))

    equations = []
    for equation in program.equations:
        rhs = _row(equation.rhs)
        equations.append(Equation(without(equation.array), rhs, (Step("one example", form=rhs),)))
    constraints = tuple(
        replace(constraint, left=_row(constraint.left), right=_row(constraint.right))
        for constraint in program.constraints
    )
    arrays = tuple(without(array) for array in program.arrays)
    return replace(program, arrays=arrays, equations=tuple(equations), constraints=constraints)


def _row(node: Expr) -> Expr:
    """Drop the index of the batch from an expression; the batch has one row."""
    if node == BATCH:
        return Integer(1)
    if isinstance(node, Indexed):
        kept = tuple(idx for idx in node.indices if not (isinstance(idx, Idx) and extent(idx) == BATCH))
        return node.base[kept] if kept else Symbol(node.base.name, real=True)
    if isinstance(node, Sum):
        limits = [limit for limit in node.limits if extent(limit[0]) != BATCH]
        return Sum(_row(node.function), *limits) if limits else _row(node.function)
    if isinstance(node, ROW_FUNCTIONS) and extent(node.args[1]) == BATCH:
        return ALONE[node.func]
    if isinstance(node, KroneckerDelta) and any(extent(idx) == BATCH for idx in indices_of(node)):
        return Integer(1)
    if isinstance(node, Idx) or not node.args:
        return node
    return node.func(*(_row(child) for child in node.args))


def errors_of_examples(program: Program) -> Program:
    """Multiply cotangents of the batch's arrays by N: errors of single examples, with 1/N in the gradients instead."""
    equations = [
        equation
        if equation.array.of is None
        else replace(equation, rhs=scaled(program, equation.array.primal, equation.rhs))
        for equation in program.equations
    ]
    return program.with_equations(equations)


def scaled(program: Program, array: Array, rhs: Expr) -> Expr:
    """Rewrite a right-hand side from derivatives of C to errors of single examples, which are N times those.

    Args:
        program: the program, whose cotangents are rewritten.
        array: the array whose cotangent the right-hand side is.
        rhs: the right-hand side.
    """
    inverse = {
        node: node / BATCH
        for node in rhs.atoms(Indexed)
        if node.base.name in program.cotangents and has_batch(program.cotangents[node.base.name])
    }
    inside = factor_terms(substitute(rhs, inverse))
    found = tidy(program, inside * BATCH) if has_batch(array) else _factors_out(inside)
    return counted_out(found)


def with_whole_sums(program: Program) -> Program:
    """Rewrite sums over all other units as the sum over all minus the unit, since pages have no letter for them."""
    equations = []
    for equation in program.equations:
        letters = {str(idx.name) for idx in (*equation.array.indices, *equation.rhs.atoms(Idx))}
        rhs = equation.rhs.replace(leave_one_out, lambda body, unit, letters=letters: _all_but_one(body, unit, letters))
        equations.append(equation if rhs == equation.rhs else replace(equation, rhs=rhs))
    return program.with_equations(equations)


def _all_but_one(body: Expr, unit: Idx, letters: set[str]) -> Expr:
    other = fresh_index(unit, letters | {str(idx.name) for idx in body.atoms(Idx)})
    return Sum(substitute(body, {unit: other}), other) - body


def without_empty_sums(program: Program) -> Program:
    """Evaluate sums and functions of rows whose bodies do not depend on their index."""
    written = ((equation, counted_out(equation.rhs)) for equation in program.equations)
    equations = [equation if rhs == equation.rhs else replace(equation, rhs=rhs) for equation, rhs in written]
    return program.with_equations(equations)


LEVEL: Mapping[type, Callable[[Expr], Expr]] = {softmax: lambda size: 1 / size, log_softmax: lambda size: -log(size)}
"""The values of functions of rows for a row of equal numbers, given its length."""


def counted_out(node: Expr) -> Expr:
    """Evaluate sums and functions of rows in an expression whose bodies do not depend on their indices."""
    if isinstance(node, Indexed) or not node.has(Sum, *LEVEL):
        return node
    if isinstance(node, Sum):
        total = node.func(counted_out(node.function), *node.limits)
        return total if _is_used(total) else summation(total.function, *bound_by(total))
    found = node.func(*map(counted_out, node.args))
    level = LEVEL.get(found.func)
    if level is None or found.args[1] in indices_of(found.args[0]):
        return found
    return level(extent(found.args[1]))


def _is_used(total: Sum) -> bool:
    return indices_of(total.function).issuperset(bound_by(total))


def _factors_out(node: Expr) -> Expr:
    """Move constant factors out of sums: Sum(f/N) becomes Sum(f)/N."""
    if isinstance(node, Sum):
        return summation(node.function, *bound_by(node))
    if isinstance(node, Add | Mul):
        return node.func(*(_factors_out(child) for child in node.args))
    return node


def has_batch(array: Array) -> bool:
    return any(extent(idx) == BATCH for idx in array.indices)


def for_one_example(network: Network, notation: Notation) -> bool:
    """Whether the notation writes the equations of a single example."""
    return notation.batch == "single"


def in_errors_of_examples(network: Network, notation: Notation) -> bool:
    """Whether N ∂C/∂v is written for arrays of the batch, so that 1/N is in the gradients instead."""
    return network.reduction == "mean" and notation.errors_of == "example" and notation.batch != "single"


def always(network: Network, notation: Notation) -> bool:
    return True


@dataclass(frozen=True)
class View:
    """A pass for pages.

    Attributes:
        rewrite: the pass.
        is_asked: whether it applies to a network in a notation.
        after_sweep: whether it rewrites the program with its simplified cotangents; else the forward program.
    """

    rewrite: Callable[[Program], Program]
    is_asked: Callable[[Network, Notation], bool] = always
    after_sweep: bool = False


VIEWS: tuple[View, ...] = (
    View(one_example, for_one_example),
    View(with_whole_sums),
    View(without_empty_sums),
    View(split_loss),
    View(errors_of_examples, in_errors_of_examples, after_sweep=True),
    View(without_empty_sums, after_sweep=True),
)


def viewed(program: Program, network: Network, notation: Notation, *, after_sweep: bool = False) -> Program:
    """Apply the views of a notation to a program.

    Args:
        program: the forward program, or one with cotangents if `after_sweep`.
        network: the architecture.
        notation: the notation, which chooses the views.
        after_sweep: which of the views are applied.

    Raises:
        VerificationError: a view has returned an ill-formed program, which is a bug in the view.
    """
    for view in VIEWS:
        if view.after_sweep == after_sweep and view.is_asked(network, notation):
            program = verify(view.rewrite(program), program)
    return program
