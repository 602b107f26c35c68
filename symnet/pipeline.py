"""The public API: from an architecture to its derivation, its code and its checks, one line a stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any

from symnet.architecture import Network, forward_equations
from symnet.chain_rule import reverse_sweep
from symnet.emit import Source, numpy_module
from symnet.equations import Program
from symnet.errors import NotDifferentiableError
from symnet.gradient_check import Gradcheck, check_gradients
from symnet.layers import ActivatedLayer, Initial
from symnet.modules import module_from_source
from symnet.simplify import count_program, optimize, simplify, use_stable_forms


@dataclass(frozen=True)
class Derivation:
    """A network with its equations.

    Attributes:
        network: the architecture.
        forward: the forward program, up to the loss C.
        equations: forward and backward as notes write them: δ = (p - y)/N, σ' = a(1 - a).
        program: the same as code computes it, with shared subexpressions.
        initial: how each parameter starts.
    """

    network: Network
    forward: Program
    equations: Program
    program: Program
    initial: dict[str, Initial]

    @property
    def gradients(self) -> dict[str, str]:
        """The array that holds the gradient of each parameter."""
        return {array.name: self.program.outputs[array.name] for array in self.forward.parameters}

    @cached_property
    def operations(self) -> dict[str, int]:
        """The operations of loss and gradients for one row, by kind."""
        return dict(count_program(self.program))


def derive(network: Network) -> Derivation:
    """The gradient of the loss by every parameter, as equations in index notation.

    Raises:
        NotDifferentiableError: a function in the network has no gradient to train with.
        ArchitectureError: the layers do not fit together.
    """
    _check_differentiable(network)
    built = forward_equations(network)
    forward = use_stable_forms(built.program)
    equations = simplify(reverse_sweep(forward, [array.name for array in forward.parameters]))
    return Derivation(network, built.program, equations, optimize(equations), built.initial)


def generate(network: Network, *, dtype: str = "float64", forward_only: bool = False) -> str:
    """The source of a NumPy module with the network's functions and their gradients.

    Args:
        network: the architecture.
        dtype: "float64" or "float32".
        forward_only: leave the gradients out; networks with `step` or `sign` need it.

    Raises:
        NotDifferentiableError: a gradient is asked of a function that has none to train with.
        ArchitectureError: the layers do not fit together, or the dtype is unknown.
    """
    if forward_only:
        built = forward_equations(network)
        program = optimize(use_stable_forms(built.program))
        return numpy_module(Source(network, program, built.initial, dtype, forward_only=True))
    derivation = derive(network)
    return numpy_module(Source(network, derivation.program, derivation.initial, dtype))


def compile(network: Network, *, dtype: str = "float64", forward_only: bool = False) -> ModuleType:  # noqa: A001
    """The generated module, imported. Arguments and errors are those of `generate`."""
    return module_from_source(generate(network, dtype=dtype, forward_only=forward_only), "symnet_generated")


def gradcheck(subject: Network | ModuleType, **options: Any) -> Gradcheck:
    """Compare every gradient of a network or of a generated module with central differences.

    The options and errors are those of `gradient_check.check_gradients`: points, rows, seed,
    tolerance. The report is true if all gradients agree.
    """
    return check_gradients(compile(subject) if isinstance(subject, Network) else subject, **options)


def _check_differentiable(network: Network) -> None:
    flat: Sequence[str] = [
        f"layer {number}: {layer.function.name} cannot be trained through: its derivative is 0 wherever it has "
        "one, so nothing before it would ever change; forward use (--forward-only) is possible"
        for number, layer in enumerate(network.layers, start=1)
        if isinstance(layer, ActivatedLayer) and layer.function.is_flat
    ]
    if flat:
        raise NotDifferentiableError(flat[0])
