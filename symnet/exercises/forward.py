"""Exercises on the forward pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symnet.exercises.draw import Draw
from symnet.exercises.numbers import readable_values, value_tables, worked_at
from symnet.exercises.setting import DIGITS, Form, Part, Problem, Setting
from symnet.formats import Display, Paragraph, Step
from symnet.pages import TARGETS, ForwardSteps, Scenes, Worked

BATCH = {
    "single": "one example",
    "rows": "a batch whose examples are the rows of a matrix",
    "columns": "a batch whose examples are the columns of a matrix",
}
"""What the matrix form is for, in words, by the notation's choice of `batch`."""

CARRIED = (
    f"Results are rounded to {DIGITS} significant digits where they are written down, and not before: what is computed "
    "from them goes on with all digits, so that the last digit may differ from what the rounded numbers give."
)
"""The note on the precision of a solution in numbers."""


FORMS = {
    "scalar": Form(
        "Write down the forward pass for one example, unit by unit: every pre-activation and every activation, from "
        "the inputs to the outputs.",
        scalar=True,
    ),
    "index": Form(
        "Write down the forward pass for one example: the equations of a general unit of each layer, from the inputs "
        "to the outputs, with their sums."
    ),
    "matrix": Form(
        "Write down the forward pass with whole vectors and matrices, for {batch}, and give the shape of each of them.",
        matrices=True,
    ),
}


def forward_problem(setting: Setting, draw: Draw) -> Problem:
    """Ask for the forward pass: its equations in one of three forms, or its numbers."""
    forms = [name for name, form in FORMS.items() if setting.is_small or not form.scalar]
    chosen = draw.pick([*forms, "numbers"] if setting.is_small else forms)
    if chosen == "numbers":
        return numbers_problem(setting, draw)
    form = FORMS[chosen]
    page = setting.whole if form.matrices else setting.single
    steps = ForwardSteps(Scenes(page, form.scalar), form.matrices)
    task = form.text.format(batch=BATCH[page.notation.batch])
    return Problem("forward", "the forward pass", (Paragraph((task,)),), tuple(steps.layers()), page)


def numbers_problem(setting: Setting, draw: Draw) -> Problem:
    """Ask for the forward pass and the loss in numbers."""
    values = readable_values(setting, draw)
    task: tuple[Part, ...] = (
        Paragraph(("Compute the forward pass and the loss at these numbers:",)),
        *value_tables(setting, values),
        Paragraph((f"Give results to {DIGITS} significant digits.",)),
    )
    return Problem(
        "forward",
        "the forward pass in numbers",
        task,
        tuple(worked_forward(setting, worked_at(setting, values))),
        setting.single,
        values,
    )


def worked_forward(setting: Setting, worked: Worked) -> Iterator[Step]:
    """Yield the forward pass and the loss, unit by unit and in numbers."""
    steps = ForwardSteps(Scenes(setting.single, scalar=True), worked=worked)
    first, *others = (*steps.layers(), _without_targets(steps.loss()))
    yield Step(first.title, (Paragraph((CARRIED,)), *first.body))
    yield from others


def _without_targets(loss: Step) -> Step:
    """Return the step of a loss without the constraint on its targets, which is in the header of the sheet."""
    displays = [place for place, part in enumerate(loss.body) if isinstance(part, Display) and part.label == TARGETS]
    return replace(loss, body=loss.body[: displays[0] - 1]) if displays else loss
