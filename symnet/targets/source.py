"""The inputs of targets: a network with its program, or a user's function with its derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from symnet.core import Program, equation_text
from symnet.network import Initial, Network
from symnet.templating import SHIPPED, Templates


@dataclass(frozen=True)
class Source:
    """The input of a target for a network.

    Attributes:
        network: the architecture.
        program: its simplified program, with the gradients among its outputs unless `forward_only`.
        initial: the initial value of each parameter.
        dtype: "float64" or "float32".
        accuracy: "fast" or "tails", as the program was derived.
        forward_only: whether the gradients are omitted.
        templates: the templates of the module.
    """

    network: Network
    program: Program
    initial: dict[str, Initial]
    dtype: str = "float64"
    accuracy: str = "fast"
    forward_only: bool = False
    templates: Templates = SHIPPED

    @cached_property
    def texts(self) -> dict[str, str]:
        """The equations as text, by the names of their arrays."""
        decimals = self.network.decimals
        return {equation.name: equation_text(equation, decimals) for equation in self.program.equations}

    @property
    def functions(self) -> dict[str, list[str]]:
        """The public functions of the module, each with the outputs of the program that it computes."""
        wanted = {"forward": ["prediction"], "loss": ["loss"]}
        if self.forward_only:
            return wanted
        gradients = [array.name for array in self.program.parameters]
        return {**wanted, "gradient": gradients, "value_and_grad": ["loss", *gradients]}


@dataclass(frozen=True)
class FunctionSource:
    """The input of a target for a user's function.

    Attributes:
        text: the formula, for the header.
        program: its simplified derivative program.
        variables: the arguments of the functions.
        wrt: the variables of the gradient, in order.
        templates: the templates of the module.
    """

    text: str
    program: Program
    variables: Sequence[str]
    wrt: Sequence[str]
    templates: Templates = SHIPPED
