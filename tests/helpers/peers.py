"""The same networks by PyTorch and JAX: loss and gradients in float64, from the architecture alone.

Nothing here reads symnet's equations: layers, activations and losses are written with the library's
own functions, formulas of the user's own are read by Python, and the gradients are the library's.
NumPy has no gradients, but tells the loss, which no difference can.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from symnet import Network, RadialBasis, Residual
from symnet.network.activations import Activation
from symnet.network.losses import Loss

Tensor = Any
Function = Callable[..., Tensor]
Parameters = Mapping[str, Tensor]

CONSTANTS = {"pi": math.pi, "e": math.e}
"""What a formula calls by these names."""


@dataclass(frozen=True)
class Peer:
    """A library.

    Attributes:
        array: a NumPy array as the library's own.
        functions: what a formula may call, by the names of symnet's grammar.
        activations: by name, of the pre-activations z.
        losses: by name, of z and a of the last layer, the targets and the options of the loss; summed over entries.
        differentiated: the value of a function of the parameters, and its gradients.
    """

    array: Callable[[np.ndarray], Tensor]
    functions: Mapping[str, Function]
    activations: Mapping[str, Function]
    losses: Mapping[str, Function]
    differentiated: Callable[[Callable[[Parameters], Tensor], Parameters], tuple[float, dict[str, np.ndarray]]]

    def value_and_grad(self, network: Network, values: Mapping[str, np.ndarray]) -> tuple[float, dict[str, np.ndarray]]:
        """The loss of a network, and its gradient by every parameter under its name.

        Args:
            values: x, y and all parameters, in float64.
        """
        arrays = {name: self.array(value) for name, value in values.items()}
        x, y = arrays.pop("x"), arrays.pop("y")
        return self.differentiated(lambda params: self.loss(network, params, x, y), arrays)

    def loss(self, network: Network, params: Parameters, x: Tensor, y: Tensor) -> Tensor:
        """The loss with its reduction and penalties."""
        outputs, z = [x], x
        for number, layer in enumerate(network.layers, start=1):
            if isinstance(layer, RadialBasis):
                distance = ((outputs[-1][:, None, :] - params[f"c{number}"]) ** 2).sum(-1)
                outputs.append(self.functions["exp"](-distance / (2 * params[f"s{number}"] ** 2)))
                continue
            z = outputs[-1] @ params[f"W{number}"]
            if f"b{number}" in params:
                z = z + params[f"b{number}"]
            a = self.activated(layer.function, z)
            outputs.append(a + outputs[-layer.skip] if isinstance(layer, Residual) else a)
        total = self.summed(network.loss, z, outputs[-1], y, params)
        if network.reduction == "mean":
            total = total / len(x)
        for name, weight in params.items():
            if name.startswith("W"):
                total = total + network.l1 * self.functions["abs"](weight).sum() + network.l2 / 2 * (weight**2).sum()
        return total

    def activated(self, function: Activation, z: Tensor) -> Tensor:
        if function.has_options:
            return self.formula(function.name.replace("(", "(z, ", 1), {"z": z})
        if not function.is_custom:
            return self.activations[function.name](z)
        return self.formula(function.formula, {"z": z}) + 0 * z

    def summed(self, loss: Loss, z: Tensor, a: Tensor, y: Tensor, params: Parameters) -> Tensor:
        if loss.is_custom:
            return (self.formula(loss.kind.formula, {"a": a, "y": y}) + 0 * a).sum()
        defaults = {name: option.default for name, option in loss.kind.options.items()}
        options = defaults | dict(loss.given) | {name: params[name] for name in loss.learned}
        return self.losses[loss.name](z, a, y, **options)

    def formula(self, text: str, variables: Mapping[str, Tensor]) -> Tensor:
        """A formula in the grammar of symnet, which is one of Python too; it comes from these tests."""
        return eval(text, {"__builtins__": {}}, {**CONSTANTS, **self.functions, **self.activations, **variables})


@cache
def torch_peer() -> Peer:
    import torch
    from torch.nn import functional

    torch.set_num_threads(1)

    def differentiated(loss: Callable[[Parameters], Tensor], params: Parameters) -> tuple[float, dict[str, np.ndarray]]:
        leaves = {name: array.requires_grad_() for name, array in params.items()}
        value = loss(leaves)
        found = torch.autograd.grad(value, list(leaves.values()), allow_unused=True, materialize_grads=True)
        return value.item(), {name: each.numpy() for name, each in zip(leaves, found, strict=True)}

    def either(which: Function) -> Function:
        return lambda *pair: which(*(torch.as_tensor(each, dtype=torch.float64) for each in pair))

    names = ("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "atan", "erf", "abs")
    activations: dict[str, Function] = {
        "identity": lambda z: z,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": functional.relu,
        "leaky_relu": lambda z, slope=0.01: functional.leaky_relu(z, slope),
        "elu": lambda z, alpha=1.0: functional.elu(z, alpha),
        "selu": functional.selu,
        "softplus": lambda z, beta=1.0: functional.softplus(z, beta, threshold=50),
        "silu": lambda z, beta=1.0: functional.silu(beta * z) / beta,
        "gelu": functional.gelu,
        "gelu_tanh": lambda z: functional.gelu(z, approximate="tanh"),
        "mish": functional.mish,
        "softsign": functional.softsign,
        "sine": torch.sin,
        "gaussian": lambda z: torch.exp(-z * z),
        "exp": torch.exp,
        "softmax": lambda z: functional.softmax(z, dim=-1),
    }
    losses: dict[str, Function] = {
        "half_squared_error": lambda z, a, y: functional.mse_loss(a, y, reduction="sum") / 2,
        "squared_error": lambda z, a, y: functional.mse_loss(a, y, reduction="sum"),
        "mean_squared_error": lambda z, a, y: functional.mse_loss(a, y, reduction="sum") / a.shape[1],
        "absolute_error": lambda z, a, y: functional.l1_loss(a, y, reduction="sum"),
        "mean_absolute_error": lambda z, a, y: functional.l1_loss(a, y, reduction="sum") / a.shape[1],
        "huber": lambda z, a, y, delta: functional.huber_loss(a, y, reduction="sum", delta=delta),
        "cross_entropy": lambda z, a, y: functional.cross_entropy(z, y, reduction="sum"),
        "binary_cross_entropy": lambda z, a, y: functional.binary_cross_entropy_with_logits(z, y, reduction="sum"),
        "gaussian_nll": lambda z, a, y, beta: functional.gaussian_nll_loss(
            a, y, torch.ones_like(a) / beta, full=True, reduction="sum"
        ),
        "perceptron": lambda z, a, y: functional.relu(-y * a).sum(),
        "hinge": lambda z, a, y: functional.relu(1 - y * a).sum(),
    }
    functions = {name: getattr(torch, name) for name in names}
    functions |= {"maximum": either(torch.maximum), "minimum": either(torch.minimum), "sign": torch.sign}
    return Peer(lambda array: torch.tensor(array, dtype=torch.float64), functions, activations, losses, differentiated)


@cache
def jax_peer() -> Peer:
    import jax
    from jax import nn
    from jax import numpy as jnp

    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_enable_x64", True)

    def differentiated(loss: Callable[[Parameters], Tensor], params: Parameters) -> tuple[float, dict[str, np.ndarray]]:
        value, found = jax.value_and_grad(loss)(params)
        return float(value), {name: np.asarray(each) for name, each in found.items()}

    names = ("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "abs")
    activations: dict[str, Function] = {
        "identity": lambda z: z,
        "sigmoid": nn.sigmoid,
        "tanh": jnp.tanh,
        "relu": nn.relu,
        "leaky_relu": lambda z, slope=0.01: nn.leaky_relu(z, slope),
        "elu": lambda z, alpha=1.0: nn.elu(z, alpha),
        "selu": nn.selu,
        "softplus": lambda z, beta=1.0: nn.softplus(beta * z) / beta,
        "silu": lambda z, beta=1.0: nn.silu(beta * z) / beta,
        "gelu": lambda z: nn.gelu(z, approximate=False),
        "gelu_tanh": lambda z: nn.gelu(z, approximate=True),
        "mish": nn.mish,
        "softsign": nn.soft_sign,
        "sine": jnp.sin,
        "gaussian": lambda z: jnp.exp(-z * z),
        "exp": jnp.exp,
        "softmax": lambda z: nn.softmax(z, axis=-1),
    }

    def huber(z: Tensor, a: Tensor, y: Tensor, delta: float) -> Tensor:
        size = jnp.abs(a - y)
        return jnp.where(size <= delta, size**2 / 2, delta * (size - delta / 2)).sum()

    losses: dict[str, Function] = {
        "half_squared_error": lambda z, a, y: ((a - y) ** 2).sum() / 2,
        "squared_error": lambda z, a, y: ((a - y) ** 2).sum(),
        "mean_squared_error": lambda z, a, y: ((a - y) ** 2).mean(axis=1).sum(),
        "absolute_error": lambda z, a, y: jnp.abs(a - y).sum(),
        "mean_absolute_error": lambda z, a, y: jnp.abs(a - y).mean(axis=1).sum(),
        "huber": huber,
        "cross_entropy": lambda z, a, y: -(y * nn.log_softmax(z)).sum(),
        "binary_cross_entropy": lambda z, a, y: -(y * nn.log_sigmoid(z) + (1 - y) * nn.log_sigmoid(-z)).sum(),
        "gaussian_nll": lambda z, a, y, beta: -jax.scipy.stats.norm.logpdf(y, a, 1 / jnp.sqrt(beta)).sum(),
        "perceptron": lambda z, a, y: nn.relu(-y * a).sum(),
        "hinge": lambda z, a, y: nn.relu(1 - y * a).sum(),
    }
    functions = {name: getattr(jnp, name) for name in names}
    functions |= {"atan": jnp.arctan, "erf": jax.scipy.special.erf, "sign": jnp.sign}
    functions |= {"maximum": jnp.maximum, "minimum": jnp.minimum}
    return Peer(jnp.asarray, functions, activations, losses, differentiated)


@cache
def numpy_peer() -> Peer:
    """The loss alone, as textbooks write it."""

    def elementwise(function: Callable[[float], float]) -> Function:
        return np.vectorize(function, otypes=[np.float64])

    def relu(z: Tensor) -> Tensor:
        return np.maximum(z, 0)

    def softmax(z: Tensor) -> Tensor:
        return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)

    def elu(z: Tensor, alpha: float = 1.0) -> Tensor:
        return np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))

    erf = elementwise(math.erf)
    activations: dict[str, Function] = {
        "identity": lambda z: z,
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
        "tanh": np.tanh,
        "relu": relu,
        "leaky_relu": lambda z, slope=0.01: np.where(z > 0, z, slope * z),
        "elu": elu,
        "selu": lambda z: 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * elu(z)),
        "softplus": lambda z, beta=1.0: np.log(1 + np.exp(beta * z)) / beta,
        "silu": lambda z, beta=1.0: z / (1 + np.exp(-beta * z)),
        "gelu": lambda z: z * (1 + erf(z / math.sqrt(2))) / 2,
        "gelu_tanh": lambda z: z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))) / 2,
        "mish": lambda z: z * np.tanh(np.log(1 + np.exp(z))),
        "softsign": lambda z: z / (1 + abs(z)),
        "sine": np.sin,
        "gaussian": lambda z: np.exp(-(z**2)),
        "exp": np.exp,
        "softmax": softmax,
    }

    def huber(z: Tensor, a: Tensor, y: Tensor, delta: float) -> Tensor:
        size = abs(a - y)
        return np.where(size <= delta, size**2 / 2, delta * (size - delta / 2)).sum()

    losses: dict[str, Function] = {
        "half_squared_error": lambda z, a, y: ((a - y) ** 2).sum() / 2,
        "squared_error": lambda z, a, y: ((a - y) ** 2).sum(),
        "mean_squared_error": lambda z, a, y: ((a - y) ** 2).sum() / a.shape[1],
        "absolute_error": lambda z, a, y: abs(a - y).sum(),
        "mean_absolute_error": lambda z, a, y: abs(a - y).sum() / a.shape[1],
        "huber": huber,
        "cross_entropy": lambda z, a, y: -(y * np.log(a)).sum(),
        "binary_cross_entropy": lambda z, a, y: -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum(),
        "gaussian_nll": lambda z, a, y, beta: (beta * (a - y) ** 2 - np.log(beta) + math.log(2 * math.pi)).sum() / 2,
        "perceptron": lambda z, a, y: relu(-y * a).sum(),
        "hinge": lambda z, a, y: relu(1 - y * a).sum(),
    }
    names = ("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "abs", "sign")
    functions: dict[str, Function] = {name: getattr(np, name) for name in names}
    functions |= {"atan": np.arctan, "erf": erf, "maximum": np.maximum, "minimum": np.minimum}
    return Peer(np.asarray, functions, activations, losses, lambda loss, params: (float(loss(params)), {}))


PEERS: dict[str, Callable[[], Peer]] = {"torch": torch_peer, "jax": jax_peer}


def is_installed(name: str) -> bool:
    return find_spec(name) is not None


KINKS = ("relu", "leaky_relu", "elu", "selu", "maximum", "minimum", "abs", "sign", "absolute", "perceptron", "hinge")


def has_kinks(network: Network) -> bool:
    """Whether libraries may differ where a value is exactly 0, or two are equal."""
    text = repr(network)
    return any(name in text for name in KINKS)


def at_a_kink(results: Mapping[str, Any]) -> bool:
    """Whether a pre-activation is exactly 0: each library has slopes of its own there."""
    return any(
        math.isclose(float(entry), 0, abs_tol=1e-30)
        for name, array in results.items()
        if name[0] == "z" and not name.endswith("_bar")
        for entry in np.ravel(array)
    )
