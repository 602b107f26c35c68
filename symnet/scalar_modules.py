"""Modules in scalar form as modules of arrays, for the gradient check."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symnet.architecture import Network, forward_equations, network_of
from symnet.errors import GradcheckError, SymnetError
from symnet.layers import Initial

Array = NDArray[np.float64]
Shapes = Mapping[str, tuple[int, ...]]

NEEDED = ("ARCHITECTURE", "PARAMETERS", "loss", "value_and_grad")


def is_scalar(module: ModuleType) -> bool:
    """Whether a module has every weight as a name of its own."""
    return all(hasattr(module, name) for name in NEEDED) and not hasattr(module, "Parameters")


def as_arrays(module: ModuleType) -> ModuleType:
    """A module whose functions take arrays of parameters and batches, and call those of a module in scalar form.

    A module of floats takes one row; the loss of a batch is the mean of its rows then.

    Raises:
        GradcheckError: the module is none that symnet generated, or has layers that its text cannot name.
    """
    try:
        network = network_of(str(module.ARCHITECTURE))
    except SymnetError:
        raise GradcheckError(
            "the module does not say its network in a string, as those with layers of one's own; "
            "the same network as a module of arrays, or its architecture, can be checked"
        ) from None
    forward = forward_equations(network)
    shapes = {array.name: tuple(map(int, forward.program.shape(array))) for array in forward.program.parameters}
    if tuple(itertools.chain.from_iterable(itertools.starmap(_names, shapes.items()))) != tuple(module.PARAMETERS):
        raise GradcheckError("not a module that symnet generated: its PARAMETERS are not those of its ARCHITECTURE")
    calls = _OfRows(module) if hasattr(module, "LENGTHS") else _OfBatches(module)
    made = ModuleType(module.__name__)
    own = {
        **_facts(network, shapes),
        "Parameters": lambda *arrays: arrays,
        "init": lambda rng: [_drawn(rng, shape, forward.initial[name]) for name, shape in shapes.items()],
        "loss": lambda params, x, y: calls.loss(_flat(params), x, y),
        "gradient": lambda params, x, y: _shaped(calls.gradient(_flat(params), x, y), shapes),
    }
    vars(made).update({"ARCHITECTURE": module.ARCHITECTURE, **own})
    return made


def _facts(network: Network, shapes: Shapes) -> dict[str, Any]:
    targets = network.loss.kind.targets
    sizes = {"INPUTS": network.inputs, "OUTPUTS": network.sizes[-1]}
    return {**sizes, "TARGETS": targets, "DTYPE": np.float64, "SHAPES": dict(shapes)}


class _OfBatches:
    """Calls functions that take columns over a batch."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module

    def loss(self, params: Array, x: Array, y: Array) -> float:
        return float(self.module.loss(params, x, y))

    def gradient(self, params: Array, x: Array, y: Array) -> Array:
        return np.asarray(self.module.value_and_grad(params, x, y)[1], np.float64)


class _OfRows:
    """Calls functions that take one row of floats."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module

    def loss(self, params: Array, x: Array, y: Array) -> float:
        own = params.tolist()
        return math.fsum(self.module.loss(own, *row) for row in zip(x.tolist(), y.tolist(), strict=True)) / len(x)

    def gradient(self, params: Array, x: Array, y: Array) -> Array:
        own = params.tolist()
        rows = zip(x.tolist(), y.tolist(), strict=True)
        gradients = [self.module.value_and_grad(own, *row)[1] for row in rows]
        return np.asarray(np.mean(gradients, axis=0), np.float64)


def _names(name: str, shape: tuple[int, ...]) -> list[str]:
    """The names of the entries of a parameter in the order of memory: W1_1_1, W1_1_2, ..."""
    return ["_".join([name, *(str(place + 1) for place in places)]) for places in np.ndindex(*shape)]


def _drawn(rng: np.random.Generator, shape: tuple[int, ...], initial: Initial) -> Array:
    if isinstance(initial, Fraction):
        return np.asarray(math.sqrt(initial) * rng.standard_normal(shape))
    return np.ones(shape) if initial == "ones" else np.zeros(shape)


def _flat(params: Sequence[Array]) -> Array:
    return np.concatenate([np.ravel(array) for array in params])


def _shaped(flat: Array, shapes: Shapes) -> list[Array]:
    if flat.shape != (sum(map(math.prod, shapes.values())),):
        raise GradcheckError(f"not a module that symnet generated: its gradient has shape {flat.shape}")
    ends = np.cumsum([math.prod(shape) for shape in shapes.values()])[:-1]
    return [part.reshape(shape) for part, shape in zip(np.split(flat, ends), shapes.values(), strict=True)]
