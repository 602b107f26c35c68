"""Verification of the array program that `lower` produces."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Idx

from symnet.core import Equation, Program, bound_by, extent, neighbours, sums, walk
from symnet.functions import ROW_FUNCTIONS
from symnet.lower.arrays import (
    Axes,
    Call,
    Delta,
    Einsum,
    Expand,
    Fill,
    Literal,
    Load,
    Matmul,
    Node,
    Place,
    Power,
    Product,
    Reduce,
    RowCall,
    Scatter,
    Statement,
    Terms,
    Transpose,
    Window,
)
from symnet.support import VerificationError, children, trees


def verify_statements(program: Program, statements: Sequence[Statement]) -> list[Statement]:
    """Return the statements unchanged if they are well formed.

    Each array is assigned once and before use, with the axes of its equation. A load has as many axes as
    the declaration, of the same lengths. The axes of every operation follow from its operands: only a
    contraction or reduction removes an index. The indices that are summed, and those that row functions
    run along, are the ones of the equation.

    Raises:
        VerificationError: names the broken rule and shows the statement with its neighbours.
    """
    check = _Check(program)
    for place, statement in enumerate(statements):
        problem = check.statement(statement)
        if problem:
            raise VerificationError(f"{problem}\n{neighbours(statements, place, statement_text)}")
    return list(statements)


class _Check:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.defined = {array.name for array in program.arrays}

    def statement(self, statement: Statement) -> str:
        """The problem of a statement, or an empty string."""
        if statement.name in self.defined:
            return f"{statement.name} is assigned twice"
        declared, found = statement.equation.array.indices, statement.value.axes
        problem = self.node(statement.value) or _wrong_axis(statement)
        if not problem and found != declared:
            problem = f"{statement.name} has the axes {_letters(declared)}; its value has {_letters(found)}"
        self.defined.add(statement.name)
        return problem

    def node(self, node: Node) -> str:
        if len({*node.axes}) != len(node.axes):
            return f"{node_text(node)} repeats an axis"
        if isinstance(node, Load):
            return self.load(node)
        if isinstance(node, Window):
            return self.window(node)
        for operand in children(node):
            problem = self.node(operand)
            if problem:
                return problem
        return "" if _axes_agree(node) else f"the axes of {node_text(node)} are not those of its operands"

    def load(self, node: Load) -> str:
        if node.name not in self.defined:
            return f"{node.name} is used before it is defined"
        declared = self.program.array(node.name).indices
        if len(node.axes) != len(declared):
            return f"{node_text(node)} has {len(node.axes)} axes; {node.name} has {len(declared)}"
        for used, axis in zip(node.axes, declared, strict=True):
            if used is not axis and self.program.size(extent(used)) != self.program.size(extent(axis)):
                return (
                    f"axis {used} of {node_text(node)} has the length {self.program.size(extent(used))}, "
                    f"that of {node.name} {self.program.size(extent(axis))}"
                )
        return ""

    def window(self, node: Window) -> str:
        if node.name not in self.defined:
            return f"{node.name} is used before it is defined"
        declared = self.program.array(node.name).indices
        if len(node.places) != len(declared):
            return f"{node_text(node)} has {len(node.places)} positions; {node.name} has {len(declared)} axes"
        return "" if _moving(node.places) == {*node.axes} else f"the axes of {node_text(node)} are not its indices"


def _moving(places: Sequence[Place]) -> set[Idx]:
    """The indices that positions move with."""
    return {idx for _, steps in places for idx, _ in steps}


def _wrong_axis(statement: Statement) -> str:
    """The problem of an index that is reduced or run along, but not in the equation."""
    summed, along = set[Idx](), set[Idx]()
    for node in trees.walk(statement.value):
        if isinstance(node, RowCall):
            along.add(node.unit)
        elif isinstance(node, Reduce | Matmul | Einsum | Scatter):
            summed |= {idx for operand in children(node) for idx in operand.axes} - {*node.axes}
    return _not_bound(summed, summed_in(statement.equation), statement.name) or _not_bound(
        along, runs_along(statement.equation), statement.name
    )


def _not_bound(found: set[Idx], meant: set[Idx], name: str) -> str:
    wrong = sorted(str(idx.label) for idx in found - meant)
    return f"{wrong[0]} is summed or run along in {name}, but not in its equation" if wrong else ""


def summed_in(equation: Equation) -> set[Idx]:
    """The indices bound by the sums of an equation."""
    return {idx for total in sums(equation.rhs) for idx in bound_by(total)}


def runs_along(equation: Equation) -> set[Idx]:
    """The indices that the row functions of an equation run along."""
    return {node.args[1] for node in walk(equation.rhs) if isinstance(node, ROW_FUNCTIONS)}


def _axes_agree(node: Node) -> bool:
    """Whether the axes of an operation follow from those of its operands."""
    match node:
        case Literal():
            return not node.axes
        case Delta(place=place):
            return _moving([place]) == {*node.axes}
        case Scatter(operand=operand, places=places):
            return len(places) == len(node.axes) and _moving(places) == {*operand.axes}
        case Terms() | Product() | Call():
            return _broadcast(node.axes, tuple(children(node)))
        case Power(base=base):
            return base.axes == node.axes
        case RowCall(argument=argument, unit=unit):
            return argument.axes == node.axes and node.axes[-1:] == (unit,)
        case Expand(operand=operand):
            return _in_order(operand.axes, node.axes)
        case Transpose(operand=operand):
            return len(operand.axes) == len(node.axes) and {*operand.axes} == {*node.axes}
        case Reduce(operand=operand):
            return _in_order(node.axes, operand.axes) and len(node.axes) < len(operand.axes)
        case Fill(operand=operand, shape=shape):
            return len(shape) == len(node.axes) and _ends(operand.axes, node.axes)
        case Matmul(left=left, right=right):
            return _matmul_agrees(node.axes, left.axes, right.axes)
        case Einsum():
            return _einsum_agrees(node)
    return False


def _broadcast(axes: Axes, values: Sequence[Node]) -> bool:
    """Whether broadcasting the values gives the axes, each from at least one value."""
    expanded = all(_ends(value.axes, axes) for value in values)
    return expanded and {*axes} == {idx for value in values for idx in value.axes}


def _ends(axes: Axes, whole: Axes) -> bool:
    return axes == whole[len(whole) - len(axes) :]


def _in_order(axes: Axes, whole: Axes) -> bool:
    """Whether the axes are a subsequence of the whole."""
    return tuple(idx for idx in whole if idx in axes) == axes


def _matmul_agrees(axes: Axes, left: Axes, right: Axes) -> bool:
    contracted = bool(left) and bool(right) and left[-1] == right[0]
    return contracted and max(len(left), len(right)) <= 2 and axes == (*left[:-1], *right[1:])


def _einsum_agrees(node: Einsum) -> bool:
    """Whether the subscripts match the axes, one letter for each index."""
    inputs, _, output = node.subscripts.partition("->")
    parts = [*inputs.split(","), output]
    axes = [*(operand.axes for operand in node.operands), node.axes]
    if [len(part) for part in parts] != [len(each) for each in axes]:
        return False
    letters: dict[Idx, set[str]] = {}
    for part, each in zip(parts, axes, strict=True):
        for letter, idx in zip(part, each, strict=True):
            letters.setdefault(idx, set()).add(letter)
    used = set().union(*letters.values())
    known = {idx for each in axes[:-1] for idx in each}
    return len(used) == len(letters) and all(len(each) == 1 for each in letters.values()) and known >= {*node.axes}


def _letters(axes: Axes) -> str:
    return f"[{','.join(str(idx.label) for idx in axes)}]"


def node_text(node: Node) -> str:
    """A node as an operation of its operands, with its axes."""
    axes = _letters(node.axes) if node.axes else ""
    if isinstance(node, Load | Window):
        return f"{node.name}{axes}"
    if isinstance(node, Literal):
        return str(node.value)
    name = getattr(node, "function", "") or type(node).__name__.lower()
    return f"{name}({', '.join(map(node_text, children(node)))}){axes}"


def statement_text(statement: Statement) -> str:
    """A statement as its array and the operations that compute it."""
    return f"{statement.name} = {node_text(statement.value)}"
