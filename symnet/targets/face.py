"""What the public functions of a module are for, for their docstrings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Argument:
    """An argument of a function, and what it is."""

    name: str
    about: str


@dataclass(frozen=True)
class Documented:
    """What the docstring of a function says.

    Attributes:
        name: of the function.
        doc: what it does, in a sentence.
        arguments: in their order.
        returns: what it returns.
    """

    name: str
    doc: str
    arguments: tuple[Argument, ...]
    returns: str


def array_functions(header: Mapping[str, Any], prediction: str, *, workspace: bool = False) -> dict[str, Documented]:
    """The functions of a module of arrays, by name.

    Args:
        header: what `header.header` says of the network.
        prediction: the name of the array of outputs.
        workspace: whether they take memory to work in.
    """
    inputs, outputs = f"(N, {header['inputs']})", f"(N, {header['outputs']})"
    params = Argument("params", "the parameters")
    x, y = Argument("x", f"inputs of shape {inputs}"), Argument("y", f"targets of shape {header['target_shape']}")
    memory = (Argument("workspace", "memory to work in, for one call at a time"),) * workspace
    derivatives = "The derivatives of C by every parameter" + "; in the workspace, if one is given" * workspace
    both = "The loss C and its derivatives by every parameter" + "; these in the workspace, if one is given" * workspace
    rows = (
        ("forward", f"The outputs ({prediction}), of shape {outputs}, for inputs x of shape {inputs}", (params, x)),
        ("loss", f"The loss C for targets y of shape {header['target_shape']}", (params, x, y)),
        ("gradient", derivatives, (params, x, y)),
        ("value_and_grad", both, (params, x, y)),
    )
    return {
        name: Documented(name, f"{doc}.", (*arguments, *memory), RETURNS[name].format(outputs=outputs))
        for name, doc, arguments in rows
    }


RETURNS = {
    "forward": "the outputs, of shape {outputs}",
    "loss": "the loss C",
    "gradient": "the derivatives, one array for each parameter",
    "value_and_grad": "the loss C, and the derivatives, one array for each parameter",
}
"""What the functions of a module of arrays return."""
