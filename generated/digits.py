"""digits: cross_entropy, mean over the rows.

Written by symnet 0.1.0. Architecture:

    64-32-10:relu,softmax;loss=cross_entropy;l2=0.001;name=\"digits\"

Layers:

    1  dense  64 -> 32  relu: max(z, 0)
    2  dense  32 -> 10  softmax: exp(z_k)/Sum(exp(z_m), m)

Parameters, 2,410 numbers in all:

    W1 (64, 32)   b1 (32,)   W2 (32, 10)   b2 (10,)

Equations, where n runs over the N rows of a batch and v_bar is the derivative of C by v:

    z1[n,j] = Sum(x[n,i]*W1[i,j], i) + b1[j]
    a1[n,j] = relu(z1[n,j])
    z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    p2[n,k] = softmax(z2[n,k], k)
    C = Sum(W1[i,j]**2, i, j)/2000 + Sum(W2[j,k]**2, j, k)/2000 - Sum(y[n,k]*log_softmax(z2[n,k], k), n,
        k)/N
    z2_bar[n,k] = (p2[n,k] - y[n,k])/N
    W2_bar[j,k] = Sum(a1[n,j]*z2_bar[n,k], n) + W2[j,k]/1000
    b2_bar[k] = Sum(z2_bar[n,k], n)
    a1_bar[n,j] = Sum(z2_bar[n,k]*W2[j,k], k)
    z1_bar[n,j] = a1_bar[n,j]*step(z1[n,j])
    W1_bar[i,j] = Sum(x[n,i]*z1_bar[n,j], n) + W1[i,j]/1000
    b1_bar[j] = Sum(z1_bar[n,j], n)

Operations for one row: + - * /, squaring and each elementary function count one, sigmoid and the like as written out:

    forward          4,797: multiplications 2,368, additions 2,377, divisions 10, functions 42
    loss             9,556: multiplications 4,748, additions 4,764, divisions 1, functions 43
    gradient        12,593: multiplications 7,456, additions 5,043, divisions 20, functions 74
    value_and_grad  17,381: multiplications 9,836, additions 7,439, divisions 21, functions 85
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

ARCHITECTURE = "64-32-10:relu,softmax;loss=cross_entropy;l2=0.001;name=\"digits\""
INPUTS = 64
OUTPUTS = 10
TARGETS = "probabilities"
DTYPE: type[np.floating] = np.float64

Array = NDArray[np.floating]


class Parameters(NamedTuple):
    """What is learned; a gradient has the same form."""

    W1: Array  # (64, 32)
    b1: Array  # (32,)
    W2: Array  # (32, 10)
    b2: Array  # (10,)


SHAPES: dict[str, tuple[int, ...]] = {
    "W1": (64, 32),
    "b1": (32,),
    "W2": (32, 10),
    "b2": (10,),
}


def init(rng: np.random.Generator | int | None = None) -> Parameters:
    """Parameters to start from, drawn from a generator or a seed."""
    rng = np.random.default_rng(rng)
    return Parameters(
        W1=(1 / 32) ** 0.5 * rng.standard_normal((64, 32), dtype=DTYPE),
        b1=np.zeros((32,), dtype=DTYPE),
        W2=(1 / 21) ** 0.5 * rng.standard_normal((32, 10), dtype=DTYPE),
        b2=np.zeros((10,), dtype=DTYPE),
    )


@np.errstate(under="ignore")
def forward(params: Parameters, x: ArrayLike) -> Array:
    """The outputs (p2), of shape (N, 10), for inputs x of shape (N, 64)."""
    W1, b1, W2, b2 = _checked_parameters(params)
    x = _array("x", x, None, INPUTS)
    z1 = x @ W1 + b1          # z1[n,j] = Sum(x[n,i]*W1[i,j], i) + b1[j]
    a1 = np.maximum(z1, 0)    # a1[n,j] = relu(z1[n,j])
    z2 = a1 @ W2 + b2         # z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    p2: Array = _softmax(z2)  # p2[n,k] = softmax(z2[n,k], k)
    return p2


@np.errstate(under="ignore")
def loss(params: Parameters, x: ArrayLike, y: ArrayLike) -> float:
    """The loss C for targets y of shape (N, 10) with rows of probabilities, or integer labels of shape (N,)."""
    W1, b1, W2, b2 = _checked_parameters(params)
    x = _array("x", x, None, INPUTS)
    y = _targets(y, len(x))
    N = len(x)
    z1 = x @ W1 + b1        # z1[n,j] = Sum(x[n,i]*W1[i,j], i) + b1[j]
    a1 = np.maximum(z1, 0)  # a1[n,j] = relu(z1[n,j])
    z2 = a1 @ W2 + b2       # z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    # C = Sum(W1[i,j]**2, i, j)/2000 + Sum(W2[j,k]**2, j, k)/2000 - Sum(y[n,k]*log_softmax(z2[n,k], k), n,
    # k)/N
    C = 0.0005 * np.sum(W1**2) + 0.0005 * np.sum(W2**2) - np.sum(y * _log_softmax(z2)) / N
    return float(C)


@np.errstate(under="ignore")
def gradient(params: Parameters, x: ArrayLike, y: ArrayLike) -> Parameters:
    """The derivatives of C by every parameter."""
    W1, b1, W2, b2 = _checked_parameters(params)
    x = _array("x", x, None, INPUTS)
    y = _targets(y, len(x))
    N = len(x)
    z1 = x @ W1 + b1                    # z1[n,j] = Sum(x[n,i]*W1[i,j], i) + b1[j]
    a1 = np.maximum(z1, 0)              # a1[n,j] = relu(z1[n,j])
    z2 = a1 @ W2 + b2                   # z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    p2 = _softmax(z2)                   # p2[n,k] = softmax(z2[n,k], k)
    z2_bar = (p2 - y) / N               # z2_bar[n,k] = (p2[n,k] - y[n,k])/N
    W2_bar = a1.T @ z2_bar + W2 / 1000  # W2_bar[j,k] = Sum(a1[n,j]*z2_bar[n,k], n) + W2[j,k]/1000
    b2_bar = z2_bar.sum(axis=0)         # b2_bar[k] = Sum(z2_bar[n,k], n)
    a1_bar = z2_bar @ W2.T              # a1_bar[n,j] = Sum(z2_bar[n,k]*W2[j,k], k)
    z1_bar = a1_bar * (z1 > 0)          # z1_bar[n,j] = a1_bar[n,j]*step(z1[n,j])
    W1_bar = x.T @ z1_bar + W1 / 1000   # W1_bar[i,j] = Sum(x[n,i]*z1_bar[n,j], n) + W1[i,j]/1000
    b1_bar = z1_bar.sum(axis=0)         # b1_bar[j] = Sum(z1_bar[n,j], n)
    return Parameters(W1_bar, b1_bar, W2_bar, b2_bar)


@np.errstate(under="ignore")
def value_and_grad(params: Parameters, x: ArrayLike, y: ArrayLike) -> tuple[float, Parameters]:
    """The loss C and its derivatives by every parameter."""
    W1, b1, W2, b2 = _checked_parameters(params)
    x = _array("x", x, None, INPUTS)
    y = _targets(y, len(x))
    N = len(x)
    z1 = x @ W1 + b1                    # z1[n,j] = Sum(x[n,i]*W1[i,j], i) + b1[j]
    a1 = np.maximum(z1, 0)              # a1[n,j] = relu(z1[n,j])
    z2 = a1 @ W2 + b2                   # z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    p2 = _softmax(z2)                   # p2[n,k] = softmax(z2[n,k], k)
    # C = Sum(W1[i,j]**2, i, j)/2000 + Sum(W2[j,k]**2, j, k)/2000 - Sum(y[n,k]*log_softmax(z2[n,k], k), n,
    # k)/N
    C = 0.0005 * np.sum(W1**2) + 0.0005 * np.sum(W2**2) - np.sum(y * _log_softmax(z2)) / N
    z2_bar = (p2 - y) / N               # z2_bar[n,k] = (p2[n,k] - y[n,k])/N
    W2_bar = a1.T @ z2_bar + W2 / 1000  # W2_bar[j,k] = Sum(a1[n,j]*z2_bar[n,k], n) + W2[j,k]/1000
    b2_bar = z2_bar.sum(axis=0)         # b2_bar[k] = Sum(z2_bar[n,k], n)
    a1_bar = z2_bar @ W2.T              # a1_bar[n,j] = Sum(z2_bar[n,k]*W2[j,k], k)
    z1_bar = a1_bar * (z1 > 0)          # z1_bar[n,j] = a1_bar[n,j]*step(z1[n,j])
    W1_bar = x.T @ z1_bar + W1 / 1000   # W1_bar[i,j] = Sum(x[n,i]*z1_bar[n,j], n) + W1[i,j]/1000
    b1_bar = z1_bar.sum(axis=0)         # b1_bar[j] = Sum(z1_bar[n,j], n)
    return float(C), Parameters(W1_bar, b1_bar, W2_bar, b2_bar)


def flatten(params: Parameters) -> Array:
    """All parameters in one vector of shape (2410,), in the order of `Parameters`."""
    return np.concatenate([array.ravel() for array in _checked_parameters(params)])


def unflatten(theta: ArrayLike) -> Parameters:
    """The parameters in a vector such as `flatten` makes; they are a copy, and theta may be float64."""
    vector = _numbers("theta", theta, np.dtype(np.float64))
    sizes = [int(np.prod(shape)) for shape in SHAPES.values()]
    if vector.shape != (sum(sizes),):
        raise ValueError(f"theta: expected shape ({sum(sizes)},), got {vector.shape}")
    parts = np.split(vector.astype(DTYPE), np.cumsum(sizes)[:-1])
    return Parameters(*(part.reshape(shape) for part, shape in zip(parts, SHAPES.values(), strict=True)))


def value_and_grad_flat(theta: ArrayLike, x: ArrayLike, y: ArrayLike) -> tuple[float, NDArray[np.float64]]:
    """The loss and its gradient as a vector, for scipy.optimize.minimize(..., jac=True)."""
    value, gradients = value_and_grad(unflatten(theta), x, y)
    return value, np.concatenate([np.ravel(array) for array in gradients]).astype(np.float64)


def _numbers(name: str, value: ArrayLike, widest: np.dtype) -> NDArray[np.number]:
    """`value` as an array, if it holds real numbers that are no wider than a dtype."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: expected an array of numbers, got {type(value).__name__}") from None
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name}: expected real numbers, got dtype {array.dtype}")
    if array.dtype.kind == "f" and array.dtype.itemsize > widest.itemsize:
        remedy = f"convert it with np.asarray({name}, dtype=np.{widest})"
        raise ValueError(f"{name}: expected dtype {widest}, got {array.dtype}; {remedy}")
    return array


def _array(name: str, value: ArrayLike, *shape: int | None) -> Array:
    """`value` as an array of DTYPE, if it holds real numbers in this shape; None stands for any length."""
    array = _numbers(name, value, np.dtype(DTYPE))
    if len(shape) != array.ndim or any(
        size not in (None, given) for size, given in zip(shape, array.shape, strict=True)
    ):
        expected = ", ".join("N" if size is None else str(size) for size in shape)
        remedy = "; use [:, None] to make it a column" if (*array.shape, 1) == shape else ""
        raise ValueError(f"{name}: expected shape ({expected}{',' * (len(shape) == 1)}), got {array.shape}{remedy}")
    if array.size == 0:
        raise ValueError(f"{name}: expected at least one row, got shape {array.shape}")
    return array.astype(DTYPE, copy=False)


def _checked_parameters(params: Parameters) -> Parameters:
    """The parameters as arrays of DTYPE in their shapes."""
    if not isinstance(params, tuple | list) or len(params) != len(SHAPES):
        got = len(params) if isinstance(params, tuple | list) else type(params).__name__
        raise ValueError(f"params: expected {len(SHAPES)} arrays ({', '.join(SHAPES)}), got {got}")
    return Parameters(*(_array(name, value, *SHAPES[name]) for name, value in zip(SHAPES, params, strict=True)))


def _targets(y: ArrayLike, rows: int) -> Array:
    """The targets as rows of probabilities: taken as they are, or made from integer labels."""
    given = _numbers("y", y, np.dtype(DTYPE))
    if given.ndim == 1 and given.dtype.kind in "iu":
        if given.shape != (rows,):
            raise ValueError(f"y: expected {rows} labels, got {len(given)}")
        if given.min() < 0 or given.max() >= OUTPUTS:
            raise ValueError(f"y: expected labels from 0 to {OUTPUTS - 1}, got {given.min()} to {given.max()}")
        one_hot: Array = np.eye(OUTPUTS, dtype=DTYPE)[given]
        return one_hot
    checked = _array("y", given, rows, OUTPUTS)
    if not ((checked >= 0) & (checked <= 1)).all():
        raise ValueError(f"y: expected rows of probabilities that sum to 1, got {checked.min()} to {checked.max()}")
    rounding = 4 * OUTPUTS * np.finfo(given.dtype.name if given.dtype.kind == "f" else DTYPE).eps
    sums = checked.sum(axis=1)
    if not (np.abs(sums - 1) <= rounding).all():
        worst = sums[np.argmax(np.abs(sums - 1))]
        raise ValueError(f"y: expected rows of probabilities that sum to 1, or integer labels; a row sums to {worst}")
    return checked


def _softmax(z: Array) -> Array:
    """exp(z_k)/Sum(exp(z_m), m) for each row, without overflow."""
    exponentials: Array = np.exp(z - z.max(axis=-1, keepdims=True))
    exponentials /= exponentials.sum(axis=-1, keepdims=True)
    return exponentials


def _log_softmax(z: Array) -> Array:
    """z_k - log(Sum(exp(z_m), m)) for each row, without overflow."""
    shifted: Array = z - z.max(axis=-1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return shifted
