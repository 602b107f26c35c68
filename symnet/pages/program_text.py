"""A program as text for people, and as JSON for other programs."""

from __future__ import annotations

import json
from typing import Any

from symnet.core import Array, Equation, Program, Step, equation_text, expression_text
from symnet.network import Network, architecture_text
from symnet.support import table, visible
from symnet.templating import SHIPPED, Templates


def shape_text(program: Program, array: Array) -> str:
    """Return the shape of an array as NumPy writes it, with N for the rows of the batch."""
    sizes = [str(size) for size in program.shape(array)]
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"


def program_text(network: Network, program: Program, templates: Templates = SHIPPED) -> str:
    """Return the equations with their shapes as text: the forward pass, then the backward pass if there is one."""
    forward, backward = _halves(program)
    given = [(array.name, shape_text(program, array), array.role) for array in program.arrays]
    width = max(len(shape_text(program, equation.array)) for equation in program.equations)
    return templates.render(
        "program.txt.jinja",
        title=visible(network.title),
        summary=f"{network.loss.name}, {network.reduction} over the rows",
        given=table(("given", "shape", ""), given),
        forward=_lines(program, forward, width),
        backward=_lines(program, backward, width),
    ).rstrip()


def program_json(network: Network, program: Program) -> str:
    """Return the program as JSON: the architecture, the given arrays, the equations with shapes and steps, the outputs.

    A step tells how an equation came to be: its rule, the equations used, and the contributions of the chain rule.
    """
    outputs = program.outputs
    content = {
        "architecture": architecture_text(network),
        "arrays": [
            {"name": array.name, "role": array.role, "shape": shape_text(program, array)} for array in program.arrays
        ],
        "equations": [_equation(program, equation) for equation in program.equations],
        "outputs": {"prediction": outputs["prediction"], "loss": outputs["loss"]},
        "gradients": {array.name: outputs[array.name] for array in program.parameters if array.name in outputs},
    }
    return json.dumps(content, indent=2)


def _halves(program: Program) -> tuple[list[Equation], list[Equation]]:
    """Split the equations after that of the loss: forward, backward."""
    names = [equation.name for equation in program.equations]
    split = names.index(program.outputs["loss"]) + 1
    return list(program.equations[:split]), list(program.equations[split:])


def _lines(program: Program, equations: list[Equation], width: int) -> str:
    return "\n".join(
        f"  {shape_text(program, equation.array).ljust(width)}  {equation_text(equation)}" for equation in equations
    )


def _equation(program: Program, equation: Equation) -> dict[str, Any]:
    return {
        "name": equation.name,
        "indices": [str(idx) for idx in equation.array.indices],
        "shape": shape_text(program, equation.array),
        "role": equation.array.role,
        "equation": equation_text(equation),
        "steps": [_step(step) for step in equation.steps],
    }


def _step(step: Step) -> dict[str, Any]:
    content: dict[str, Any] = {"rule": step.rule, "uses": list(step.uses), "form": expression_text(step.form)}
    if step.contributions:
        content["contributions"] = [
            {
                "through": contribution.consumer,
                "operand": expression_text(contribution.operand),
                "partial": expression_text(contribution.local),
                "term": expression_text(contribution.term),
            }
            for contribution in step.contributions
        ]
    return content
