"""The peers: the same loss and gradients by other libraries, each as its own users write it.

Arguments are ready in the library's own arrays, and results stay there. Each library is loaded only
in the process that measures it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from array_cases import Problem
from array_numpy import Ready, Result, floor, row_products

Loss = Callable[[Any, Any], Any]
"""(last pre-activation, targets) -> loss."""
NetworkLoss = Callable[[Any, Any, Any], Any]
"""(parameters, x, y) -> loss."""


def layers(activation: Callable[[Any], Any], product: Callable[[Any, Any, Any], Any], loss: Loss) -> NetworkLoss:
    """The loss of a network: `product(a, W, b)` and the activation layer by layer, and the loss of the last."""

    def network_loss(params: Any, x: Any, y: Any) -> Any:
        a = x
        for i in range(0, len(params) - 2, 2):
            a = activation(product(a, params[i], params[i + 1]))
        return loss(product(a, params[-2], params[-1]), y)

    return network_loss


def product(a: Any, W: Any, b: Any) -> Any:
    return a @ W + b


# PyTorch.


def torch_loss(problem: Problem) -> NetworkLoss:
    import torch
    from torch.nn import functional

    activations = {
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
        "relu": torch.relu,
        "elu": functional.elu,
        "silu": functional.silu,
        "gelu": functional.gelu,
        "gelu_tanh": lambda z: functional.gelu(z, approximate="tanh"),
    }
    losses: dict[str, Loss] = {
        "cross_entropy": lambda z, y: functional.cross_entropy(z, y),
        "mean_squared_error": lambda z, y: functional.mse_loss(z, y),
        "half_squared_error": lambda z, y: y.shape[1] / 2 * functional.mse_loss(z, y),
    }
    return layers(activations[problem.case.activation], lambda a, W, b: torch.addmm(b, a, W), losses[problem.case.loss])


def torch_tensors(problem: Problem) -> tuple[list[Any], Any, Any]:
    import torch

    torch.set_num_threads(1)
    return [torch.tensor(array) for array in problem.params], torch.tensor(problem.x), torch.tensor(problem.y)


def torch_floor(problem: Problem) -> Ready:
    """The row-major floor in the same memory, with torch's products instead of NumPy's: what its BLAS alone gains."""
    import torch

    torch.set_num_threads(1)
    forward, backward, hidden = row_products(problem)

    def translated(step: Any) -> Any:
        left, right, out = (torch.from_numpy(array) for array in (*step.args, step.keywords["out"]))
        return partial(torch.matmul, left, right, out=out)

    products = [translated(step) for step in forward], [translated(step) for step in backward], hidden
    return floor(problem, lambda _: products)


def read_torch(result: Any) -> Result:
    loss, gradients = result
    return loss.item(), [array.detach().numpy() for array in gradients]


def torch_eager(problem: Problem) -> Ready:
    import torch

    loss = torch_loss(problem)
    params, x, y = torch_tensors(problem)
    for array in params:
        array.requires_grad_()

    def call() -> Any:
        value = loss(params, x, y)
        return value, torch.autograd.grad(value, params)

    return Ready(call, read_torch)


def torch_compiled(problem: Problem) -> Ready:
    """One graph for loss and gradients: faster than `torch.compile` of the loss alone, which was tried, too."""
    import torch

    torch.compiler.reset()
    params, x, y = torch_tensors(problem)
    function = torch.compile(torch.func.grad_and_value(torch_loss(problem)), dynamic=False)

    def call() -> Any:
        with torch.no_grad():
            gradients, value = function(params, x, y)
        return value, gradients

    return Ready(call, read_torch)


# JAX.


def jax_jit(problem: Problem) -> Ready:
    import jax

    jax.config.update("jax_enable_x64", True)
    activations: dict[str, Any] = {
        "tanh": jax.numpy.tanh,
        "sigmoid": jax.nn.sigmoid,
        "relu": jax.nn.relu,
        "elu": jax.nn.elu,
        "silu": jax.nn.silu,
        "gelu": lambda z: jax.nn.gelu(z, approximate=False),
        "gelu_tanh": lambda z: jax.nn.gelu(z, approximate=True),
    }
    losses: dict[str, Loss] = {
        "cross_entropy": lambda z, y: -(y * jax.nn.log_softmax(z)).sum() / len(y),
        "mean_squared_error": lambda z, y: ((z - y) ** 2).mean(),
        "half_squared_error": lambda z, y: ((z - y) ** 2).sum() / (2 * len(y)),
    }
    loss = layers(activations[problem.case.activation], product, losses[problem.case.loss])
    function = jax.jit(jax.value_and_grad(loss))
    params = [jax.numpy.array(array) for array in problem.params]
    x, y = jax.numpy.array(problem.x), jax.numpy.array(problem.y)

    def call() -> Any:
        return jax.block_until_ready(function(params, x, y))

    return Ready(call, read_jax)


def read_jax(result: Any) -> Result:
    loss, gradients = result
    return float(loss), [np.asarray(array) for array in gradients]


# Autograd.


def autograd_numpy(problem: Problem) -> Ready:
    import autograd.numpy as anp
    from autograd import value_and_grad
    from autograd.scipy.special import erf, expit, logsumexp

    activations: dict[str, Any] = {
        "tanh": anp.tanh,
        "sigmoid": expit,
        "relu": lambda z: anp.maximum(z, 0),
        "elu": lambda z: anp.where(z > 0, z, anp.exp(z) - 1),
        "silu": lambda z: z * expit(z),
        "gelu": lambda z: 0.5 * z * (1 + erf(z / math.sqrt(2))),
        "gelu_tanh": lambda z: 0.5 * z * (1 + anp.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z * z * z))),
    }
    losses: dict[str, Loss] = {
        "cross_entropy": lambda z, y: -anp.sum(y * (z - logsumexp(z, axis=1, keepdims=True))) / y.shape[0],
        "mean_squared_error": lambda z, y: anp.mean((z - y) ** 2),
        "half_squared_error": lambda z, y: anp.sum((z - y) ** 2) / (2 * y.shape[0]),
    }
    function = value_and_grad(layers(activations[problem.case.activation], product, losses[problem.case.loss]))
    params = list(problem.params)
    return Ready(lambda: function(params, problem.x, problem.y), read_autograd)


def read_autograd(result: Any) -> Result:
    loss, gradients = result
    return float(loss), list(gradients)


# scikit-learn's own multilayer perceptron.

SKLEARN_ACTIVATIONS = {"tanh": "tanh", "relu": "relu", "sigmoid": "logistic"}


def sklearn_backprop(problem: Problem) -> Ready:
    """`_backprop`, which `fit` calls for each batch; its squared error is halved and averaged over outputs."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    case = problem.case
    entropy = case.loss == "cross_entropy"
    model = (MLPClassifier if entropy else MLPRegressor)(
        hidden_layer_sizes=case.widths[1:-1], activation=SKLEARN_ACTIVATIONS[case.activation], alpha=0.0
    )
    model.n_layers_, model.n_outputs_ = len(case.widths), case.widths[-1]
    model.out_activation_ = "softmax" if entropy else "identity"
    model.coefs_, model.intercepts_ = list(problem.params[::2]), list(problem.params[1::2])
    count = len(model.coefs_)
    activations: list[Any] = [problem.x, *[None] * count]
    deltas, weights, biases = [None] * count, [None] * count, [None] * count
    factor = 2.0 if case.loss == "mean_squared_error" else 1.0

    def call() -> Any:
        return model._backprop(problem.x, problem.y, None, activations, deltas, weights, biases)

    def read(result: Any) -> Result:
        loss, *parts = result
        return factor * loss, [factor * array for pair in zip(*parts, strict=True) for array in pair]

    return Ready(call, read)
