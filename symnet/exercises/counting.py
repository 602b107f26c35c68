"""Exercises on the operations of the forward pass and the gradient, counted equation by equation."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sympy import Idx
from sympy.core.function import AppliedUndef

from symnet.core import Array, Equation, extent
from symnet.counts import KINDS, count_expression
from symnet.exercises.draw import Draw
from symnet.exercises.route import scene_of
from symnet.exercises.setting import Problem, Setting
from symnet.formats import Display, Inline, Line, Math, Paragraph, Step, Table
from symnet.formula import Formula, row
from symnet.formula import tree as f
from symnet.pages import ForwardSteps, PageProgram, Scenes

CONVENTION = (
    "Each addition, subtraction, multiplication, division and squaring is one operation, and so is each elementary "
    "function such as exp, log or tanh. Subtractions are counted among the additions, and a minus sign that subtracts "
    "nothing is a multiplication by −1. Copies cost nothing, nor does what has been computed before."
)

SIGNS = {"multiplications": "×", "additions": "+", "divisions": "÷"}
"""The signs of operations in a table; functions have none and are named."""


@dataclass(frozen=True)
class Counted:
    """An equation with its operations.

    Attributes:
        equation: the equation for one example.
        units: the number of entries of its array.
        kinds: the operations of all entries together, by kind.
    """

    equation: Equation
    units: int
    kinds: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.kinds.values())

    @property
    def words(self) -> str:
        """The operations in words: per entry if that is a whole number of each kind, else of all entries together."""
        each = all(number % self.units == 0 for number in self.kinds.values())
        found = {kind: number // self.units if each else number for kind, number in self.kinds.items()}
        words = ", ".join(f"{number:,} {_sign(kind, number)}" for kind, number in found.items())
        return words if each or self.units == 1 else f"{words} for all together"


def _sign(kind: str, number: int) -> str:
    return SIGNS.get(kind) or ("function" if number == 1 else "functions")


def counted(page: PageProgram, equations: Sequence[Equation]) -> list[Counted]:
    """Count the operations of equations, without those that only copy."""

    def extent_of(idx: Idx) -> int:
        return int(page.forward.size(extent(idx)))

    found = []
    for equation in equations:
        units = math.prod(map(extent_of, equation.array.indices))
        counts = count_expression(equation.rhs, extent_of)
        kinds = {kind: int(counts[kind] * units) for kind in KINDS if counts[kind]}
        if kinds:
            found.append(Counted(equation, units, kinds))
    return found


def forward_of(page: PageProgram, *, loss: bool) -> list[Counted]:
    """Count the equations of the forward pass, including those of the loss if `loss`."""
    own = [eq for eq in page.forward.equations if loss or eq.array.layer is not None]
    return counted(page, own)


def backward_of(page: PageProgram) -> list[Counted]:
    """Count the equations of the sweep, each given the values computed before it."""
    kept = [cotangent for name, cotangent in page.cotangents.items() if cotangent.stands and name != "C"]
    return counted(page, [Equation(cotangent.array.cotangent(), cotangent.result) for cotangent in kept])


def sweeps_in_values(setting: Setting) -> bool:
    """Whether every equation of the sweep uses computed values alone, with no derivative σ'(z) as a function."""
    return not any(cotangent.result.has(AppliedUndef) for cotangent in setting.single.cotangents.values())


def count_problem(setting: Setting, draw: Draw) -> Problem:
    """Ask for the operations of the forward pass, of the gradient, or of finite differences in place of it."""
    makers = [_forward_problem]
    if sweeps_in_values(setting):
        makers += [_backward_problem, _difference_problem]
    return draw.pick(makers)(setting)


def _forward_problem(setting: Setting) -> Problem:
    task = (
        Paragraph(("How many operations does the forward pass take for one example, from the inputs to the outputs?",)),
        Paragraph((CONVENTION,)),
    )
    rows = forward_of(setting.single, loss=False)
    return _problem(setting, "what the forward pass costs", task, (_step(setting, "The forward pass", rows),))


def _backward_problem(setting: Setting) -> Problem:
    text = (
        "The forward pass of one example has been computed, and all its values are kept. How many operations does it "
        f"take to compute the derivatives of the loss by all {setting.parameters:,} parameters, from the loss back?"
    )
    rows = backward_of(setting.single)
    task = (Paragraph((text,)), Paragraph((CONVENTION,)))
    return _problem(setting, "what the gradient costs", task, (_step(setting, "The derivatives", rows),))


def _difference_problem(setting: Setting) -> Problem:
    text = (
        f"The derivatives of the loss by all {setting.parameters:,} parameters could be estimated by moving one "
        "parameter at a time and computing the loss anew. How many operations would it take to compute the loss once "
        "for the parameters as they are and once for each that is moved? Compare this with one forward pass and one "
        "sweep from the loss back, for one example."
    )
    forward, backward = forward_of(setting.single, loss=True), backward_of(setting.single)
    loss, sweep = (sum(entry.total for entry in rows) for rows in (forward, backward))
    passes = setting.parameters + 1
    differences, gradient = passes * loss, loss + sweep
    lines = (
        Line(row(_number(passes), f.Operator("times"), _number(loss)), "=", _number(differences)),
        Line(row(_number(loss), f.Operator("+"), _number(sweep)), "=", _number(gradient)),
    )
    times = differences / gradient
    last: tuple[Paragraph | Display, ...] = (
        Paragraph(
            (f"The loss is computed {passes:,} times; the sweep takes one forward pass, the loss and the way back:",)
        ),
        Display(lines),
        Paragraph((f"Differences take {times:,.3g} times as many operations, and they are not exact.",)),
    )
    steps = (
        _step(setting, "The forward pass with its loss", forward),
        _step(setting, "The derivatives", backward),
        Step(("Comparison",), last),
    )
    return _problem(
        setting, "differences against the chain rule", (Paragraph((text,)), Paragraph((CONVENTION,))), steps
    )


def _problem(setting: Setting, title: str, task: tuple[Paragraph, ...], steps: tuple[Step, ...]) -> Problem:
    return Problem("count", title, task, steps, setting.single)


def _step(setting: Setting, title: str, rows: Sequence[Counted]) -> Step:
    return Step((title,), (Paragraph(("Equation by equation,",)), _table(setting, rows), *_sum(rows)))


def _table(setting: Setting, rows: Sequence[Counted]) -> Table:
    head: tuple[Inline, ...] = (("Equation",), ("For one unit or weight",), ("How many",), ("Operations",))
    cells = tuple(
        ((Math(_written(setting, entry.equation)),), (entry.words,), (f"{entry.units:,}",), (f"{entry.total:,}",))
        for entry in rows
    )
    return Table(head, cells, (2, 3))


def _written(setting: Setting, equation: Equation) -> Formula:
    """Write an equation as it is counted: for a general unit of its layer."""
    page = setting.single
    own: Array = equation.array
    scenes = Scenes(page, apart=True)
    scene = scene_of(scenes, own)
    rhs = equation.rhs if own.role == "cotangent" else ForwardSteps(scenes).written(equation.rhs)
    setter = scene.typesetter(own.primal, rhs)
    return row(setter.expression(own.reference), f.Operator("="), setter.expression(rhs))


def _sum(rows: Sequence[Counted]) -> Iterator[Paragraph | Display]:
    if len(rows) < 2:
        return
    total = sum(entry.total for entry in rows)
    yield Paragraph(("which makes",))
    written = f.joined((_number(entry.total) for entry in rows), f.Operator("+"))
    yield Display((Line(written, "=", _number(total)),))


def _number(of: int) -> Formula:
    return f.Number(str(of))
