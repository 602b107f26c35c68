"""The floor, NumPy as lecture notes write it, and symnet's modules: everything that runs on NumPy's BLAS."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from array_cases import Array, Problem

import symnet

Result = tuple[float, list[Array]]
"""The loss, and its gradient by W1, b1, W2, b2, …"""


@dataclass(frozen=True)
class Ready:
    """A network that is ready to be called.

    Attributes:
        call: computes loss and all gradients, in the library's own arrays.
        read: NumPy's arrays from what `call` gives; None if there is nothing to check.
    """

    call: Callable[[], Any]
    read: Callable[[Any], Result] | None


# The floor: the products that the mathematics needs, and one elementwise pass over each hidden array.

DEAREST: dict[str, str] = {
    "tanh": "tanh",
    "gelu_tanh": "tanh",
    "relu": "maximum",
    "sigmoid": "exp",
    "silu": "exp",
    "elu": "exp",
    "gelu": "exp",
}
"""The dearest ufunc in each activation; erf is none of NumPy's, so exact gelu is given the exp of its derivative."""


def pass_over(activation: str, array: Array) -> Callable[[], Any]:
    """One elementwise pass over an array, in place."""
    name = DEAREST[activation]
    if name == "maximum":
        return partial(np.maximum, array, np.zeros_like(array), out=array)
    return partial(getattr(np, name), array, out=array)


def floor(problem: Problem, products: Callable[[Problem], tuple[list[Any], list[Any], list[Array]]]) -> Ready:
    """The products of one layout with the elementwise passes between them."""
    forward, backward, hidden = products(problem)
    passes = [pass_over(problem.case.activation, array) for array in hidden]
    steps = [step for pair in zip(forward, passes, strict=False) for step in pair]
    steps += [forward[-1], *backward]

    def call() -> None:
        for step in steps:
            step()

    return Ready(call, None)


def row_products(problem: Problem) -> tuple[list[Any], list[Any], list[Array]]:
    """Forward products, backward products and hidden arrays, batches as rows: a (N, d)."""
    weights, rows = problem.weights, problem.case.batch
    a = [problem.x, *(np.ones((rows, w.shape[1]), problem.dtype) for w in weights)]
    delta = [np.full((rows, w.shape[1]), 0.1, problem.dtype) for w in weights]
    forward = [partial(np.matmul, a[i], w, out=a[i + 1]) for i, w in enumerate(weights)]
    backward = []
    for i in reversed(range(len(weights))):
        backward.append(partial(np.matmul, a[i].T, delta[i], out=np.empty_like(weights[i])))
        if i:
            backward.append(partial(np.matmul, delta[i], weights[i].T, out=delta[i - 1]))
    return forward, backward, a[1:-1]


def feature_products(problem: Problem) -> tuple[list[Any], list[Any], list[Array]]:
    """The same with features as rows, a (d, N); the inputs stay as they are given."""
    weights, rows = problem.weights, problem.case.batch
    a = [problem.x.T, *(np.ones((w.shape[1], rows), problem.dtype) for w in weights)]
    delta = [np.full((w.shape[1], rows), 0.1, problem.dtype) for w in weights]
    forward = [partial(np.matmul, w.T, a[i], out=a[i + 1]) for i, w in enumerate(weights)]
    backward = []
    for i in reversed(range(len(weights))):
        backward.append(partial(np.matmul, a[i], delta[i].T, out=np.empty_like(weights[i])))
        if i:
            backward.append(partial(np.matmul, weights[i], delta[i], out=delta[i - 1]))
    return forward, backward, a[1:-1]


# NumPy as notes write it: each line a new array.


def sigmoid(z: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-z))


ROOT = math.sqrt(2 / math.pi)


def erf(z: Array) -> Array:
    # Loaded only where it is needed: SciPy brings a BLAS of its own.
    from scipy import special

    found: Array = special.erf(z)
    return found


def gelu_inner(z: Array) -> Array:
    return np.tanh(ROOT * (z + 0.044715 * z * z * z))


def gelu_tanh_derivative(z: Array, a: Array) -> Array:
    t = gelu_inner(z)
    return 0.5 * (1 + t) + 0.5 * z * (1 - t**2) * ROOT * (1 + 3 * 0.044715 * z**2)


def silu_derivative(z: Array, a: Array) -> Array:
    s = sigmoid(z)
    return s + a * (1 - s)


def gelu_derivative(z: Array, a: Array) -> Array:
    return 0.5 * (1 + erf(z / math.sqrt(2))) + z * np.exp(-0.5 * z**2) / math.sqrt(2 * math.pi)


TEXTBOOK: dict[str, tuple[Callable[[Array], Array], Callable[[Array, Array], Array]]] = {
    "tanh": (np.tanh, lambda z, a: 1 - a**2),
    "sigmoid": (sigmoid, lambda z, a: a * (1 - a)),
    "relu": (lambda z: np.maximum(0, z), lambda z, a: z > 0),
    "elu": (lambda z: np.where(z > 0, z, np.exp(z) - 1), lambda z, a: np.where(z > 0, 1, np.exp(z))),
    "silu": (lambda z: z * sigmoid(z), silu_derivative),
    "gelu_tanh": (lambda z: 0.5 * z * (1 + gelu_inner(z)), gelu_tanh_derivative),
    "gelu": (lambda z: 0.5 * z * (1 + erf(z / math.sqrt(2))), gelu_derivative),
}
"""Each activation and its derivative by z, given z and a."""


def softmax_cross_entropy(z: Array, y: Array) -> tuple[Any, Array]:
    exponentials = np.exp(z)
    p = exponentials / np.sum(exponentials, axis=1, keepdims=True)
    return -np.sum(y * np.log(p)) / len(y), (p - y) / len(y)


TEXTBOOK_LOSSES: dict[str, Callable[[Array, Array], tuple[Any, Array]]] = {
    "cross_entropy": softmax_cross_entropy,
    "mean_squared_error": lambda z, y: (np.mean((z - y) ** 2), 2 * (z - y) / y.size),
    "half_squared_error": lambda z, y: (0.5 * np.sum((z - y) ** 2) / len(y), (z - y) / len(y)),
}
"""Each loss with its derivative by the last pre-activation."""


def textbook(problem: Problem) -> tuple[Any, list[Array]]:
    """Loss and gradients by forward propagation and backpropagation."""
    activation, derivative = TEXTBOOK[problem.case.activation]
    weights, biases = problem.params[::2], problem.params[1::2]
    z, a = [], [problem.x]
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        z.append(np.matmul(a[-1], W) + b)
        a.append(activation(z[-1]))
    loss, delta = TEXTBOOK_LOSSES[problem.case.loss](np.matmul(a[-1], weights[-1]) + biases[-1], problem.y)
    gradients = []
    for i in reversed(range(len(weights))):
        gradients += [np.sum(delta, axis=0), np.matmul(a[i].T, delta)]
        if i:
            delta = np.matmul(delta, weights[i].T) * derivative(z[i - 1], a[i])
    return loss, gradients[::-1]


def read_numpy(result: tuple[Any, Iterable[Array]]) -> Result:
    loss, gradients = result
    return float(loss), [np.asarray(array) for array in gradients]


def plain(problem: Problem) -> Ready:
    return Ready(partial(textbook, problem), read_numpy)


# symnet's modules.


def symnet_module(problem: Problem, target: str, **workspace: int) -> Ready:
    """A generated module, with a workspace for the batch if arguments for one are given."""
    case = problem.case
    network = symnet.parse(case.architecture, hidden=case.activation, loss=case.loss)
    module = symnet.compile(network, dtype=problem.dtype, target=target)
    call = partial(module.value_and_grad, module.Parameters(*problem.params), problem.x, problem.y)
    if workspace:
        call = partial(call, workspace=module.Workspace(**workspace))
    return Ready(call, read_numpy)


def with_workspace(problem: Problem, **options: int) -> Ready:
    return symnet_module(problem, "numpy", batch_size=problem.case.batch, **options)
