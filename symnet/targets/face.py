"""The docstrings of the public functions of generated modules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Argument:
    """An argument of a function, and its description."""

    name: str
    about: str


@dataclass(frozen=True)
class Documented:
    """The content of a function's docstring.

    Attributes:
        name: the name of the function.
        doc: its summary, one sentence.
        arguments: its arguments, in order.
        returns: what it returns.
    """

    name: str
    doc: str
    arguments: tuple[Argument, ...]
    returns: str


def array_functions(header: Mapping[str, Any], prediction: str, *, workspace: bool = False) -> dict[str, Documented]:
    """Return the docstrings of the functions of a module of arrays, by name.

    Args:
        header: the values of `header.header`.
        prediction: the name of the array of outputs.
        workspace: whether the functions take a workspace.
    """
    inputs, outputs = f"(N, {header['input_lengths']})", f"(N, {header['outputs']})"
    targets, size = header["target_shape"], f"({header['parameter_count_plain']},)"
    about = {
        "rng": "a generator, a seed or None",
        "params": "the parameters",
        "theta": f"the parameters in one vector of shape {size}",
        "x": f"inputs of shape {inputs}",
        "y": f"targets of shape {targets}",
        "workspace": "memory to work in, for one call at a time",
    }
    return {
        name: Documented(name, f"{doc}.", tuple(Argument(each, about[each]) for each in arguments.split()), returns)
        for name, arguments, doc, returns in _rows(inputs, outputs, targets, size, prediction, workspace=workspace)
    }


def _rows(
    inputs: str, outputs: str, targets: str, size: str, prediction: str, *, workspace: bool
) -> tuple[tuple[str, str, str, str], ...]:
    """Return for each function its name, its arguments, its summary and what it returns."""
    memory = " workspace" * workspace
    where, here = ("; in the workspace, if one is given", "; these in the workspace, if one is given")
    return (
        ("init", "rng", "Parameters to start from, drawn from a generator or a seed", "the parameters"),
        (
            "forward",
            f"params x{memory}",
            f"The outputs ({prediction}), of shape {outputs}, for inputs x of shape {inputs}",
            f"the outputs, of shape {outputs}",
        ),
        ("loss", f"params x y{memory}", f"The loss C for targets y of shape {targets}", "the loss C"),
        (
            "gradient",
            f"params x y{memory}",
            f"The derivatives of C by every parameter{where * workspace}",
            "the derivatives, one array for each parameter",
        ),
        (
            "value_and_grad",
            f"params x y{memory}",
            f"The loss C and its derivatives by every parameter{here * workspace}",
            "the loss C, and the derivatives, one array for each parameter",
        ),
        (
            "flatten",
            "params",
            f"All parameters in one vector of shape {size}, in the order of `Parameters`",
            "the vector",
        ),
        (
            "unflatten",
            "theta",
            "The parameters in a vector such as `flatten` makes; they are a copy, and theta may be float64",
            "the parameters",
        ),
        (
            "value_and_grad_flat",
            f"theta x y{memory}",
            "The loss and its gradient as a vector, for scipy.optimize.minimize(..., jac=True)",
            "the loss C, and the gradient as a vector",
        ),
    )
