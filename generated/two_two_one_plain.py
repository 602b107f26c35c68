"""2-2-1: half_squared_error, mean over the rows.

Written by symnet 0.1.0. Accuracy fast: derivatives are right to the rounding of the largest of an array.

Architecture:

    2-2-1:sigmoid,identity

Layers:

    1  dense  2 -> 2  sigmoid: 1/(1 + exp(-z))
    2  dense  2 -> 1  identity: z

Parameters, 9 numbers in all:

    W1 (2, 2)   b1 (2,)   W2 (2, 1)   b2 (1,)

Equations, where n runs over the N rows of a batch and v_bar is the derivative of C by v:

    z1[n,j] = Sum(x[n,i]*W1[i,j], i) + b1[j]
    a1[n,j] = sigmoid(z1[n,j])
    z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    t1[n,k] = z2[n,k] - y[n,k]
    C = Sum(t1[n,k]**2, n, k)/(2*N)
    z2_bar[n,k] = t1[n,k]/N
    W2_bar[j,k] = Sum(a1[n,j]*z2_bar[n,k], n)
    b2_bar[k] = Sum(z2_bar[n,k], n)
    a1_bar[n,j] = Sum(z2_bar[n,k]*W2[j,k], k)
    z1_bar[n,j] = a1_bar[n,j]*a1[n,j]*(1 - a1[n,j])
    W1_bar[i,j] = Sum(x[n,i]*z1_bar[n,j], n)
    b1_bar[j] = Sum(z1_bar[n,j], n)

Operations for one row: + - * /, squaring and each elementary function count one, sigmoid and the like as written out:

    forward         20: multiplications 8, additions 8, divisions 2, functions 2
    loss            24: multiplications 10, additions 9, divisions 3, functions 2
    gradient        36: multiplications 20, additions 11, divisions 3, functions 2
    value_and_grad  39: multiplications 22, additions 11, divisions 4, functions 2
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

ARCHITECTURE = "2-2-1:sigmoid,identity"
INPUTS = 2
OUTPUTS = 1
TARGETS = "real"
ACCURACY = "fast"
DTYPE: type[np.floating] = np.float64
_DTYPE = np.dtype(DTYPE)

CHECK_FINITE = False
"""Whether parameters that are NaN or infinite are refused; set it to True to look for them in each call."""

Array = NDArray[np.floating]


class Parameters(NamedTuple):
    """What is learned; a gradient has the same form."""

    W1: Array  # (2, 2)
    b1: Array  # (2,)
    W2: Array  # (2, 1)
    b2: Array  # (1,)


SHAPES: dict[str, tuple[int, ...]] = {
    "W1": (2, 2),
    "b1": (2,),
    "W2": (2, 1),
    "b2": (1,),
}


def init(rng: np.random.Generator | int | None = None) -> Parameters:
    """Parameters to start from, drawn from a generator or a seed."""
    try:
        rng = np.random.default_rng(rng)
    except (TypeError, ValueError):
        raise ValueError(f"rng: expected a generator, a seed of at least 0 or None, got {rng!r}") from None
    return Parameters(
        W1=(1 / 2) ** 0.5 * rng.standard_normal((2, 2), dtype=DTYPE),
        b1=np.zeros((2,), dtype=DTYPE),
        W2=(2 / 3) ** 0.5 * rng.standard_normal((2, 1), dtype=DTYPE),
        b2=np.zeros((1,), dtype=DTYPE),
    )


@np.errstate(under="ignore")
def forward(params: Parameters, x: ArrayLike) -> Array:
    """The outputs (z2), of shape (N, 1), for inputs x of shape (N, 2)."""
    W1, b1, W2, b2 = _checked_parameters(params)
    x = _array("x", x, None, INPUTS)
    z1 = x @ W1 + b1          # z1[n,j] = Sum(x[n,i]*W1[i,j], i) + b1[j]
    a1 = _sigmoid(z1)         # a1[n,j] = sigmoid(z1[n,j])
    z2: Array = a1 @ W2 + b2  # z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    return z2


@np.errstate(under="ignore")
def loss(params: Parameters, x: ArrayLike, y: ArrayLike) -> float:
    """The loss C for targets y of shape (N, 1)."""
    W1, b1, W2, b2 = _checked_parameters(params)
    x = _array("x", x, None, INPUTS)
    y = _targets(y, len(x))
    N = len(x)
    z1 = x @ W1 + b1                 # z1[n,j] = Sum(x[n,i]*W1[i,j], i) + b1[j]
    a1 = _sigmoid(z1)                # a1[n,j] = sigmoid(z1[n,j])
    z2 = a1 @ W2 + b2                # z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    t1 = z2 - y                      # t1[n,k] = z2[n,k] - y[n,k]
    C = np.sum(t1 * (t1 / (2 * N)))  # C = Sum(t1[n,k]**2, n, k)/(2*N)
    return float(C)


@np.errstate(under="ignore")
def gradient(params: Parameters, x: ArrayLike, y: ArrayLike) -> Parameters:
    """The derivatives of C by every parameter."""
    W1, b1, W2, b2 = _checked_parameters(params)
    x = _array("x", x, None, INPUTS)
    y = _targets(y, len(x))
    N = len(x)
    z1 = x @ W1 + b1                 # z1[n,j] = Sum(x[n,i]*W1[i,j], i) + b1[j]
    a1 = _sigmoid(z1)                # a1[n,j] = sigmoid(z1[n,j])
    z2 = a1 @ W2 + b2                # z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    t1 = z2 - y                      # t1[n,k] = z2[n,k] - y[n,k]
    z2_bar = t1 / N                  # z2_bar[n,k] = t1[n,k]/N
    W2_bar = a1.T @ z2_bar           # W2_bar[j,k] = Sum(a1[n,j]*z2_bar[n,k], n)
    b2_bar = z2_bar.sum(axis=0)      # b2_bar[k] = Sum(z2_bar[n,k], n)
    a1_bar = z2_bar @ W2.T           # a1_bar[n,j] = Sum(z2_bar[n,k]*W2[j,k], k)
    z1_bar = a1_bar * a1 * (1 - a1)  # z1_bar[n,j] = a1_bar[n,j]*a1[n,j]*(1 - a1[n,j])
    W1_bar = x.T @ z1_bar            # W1_bar[i,j] = Sum(x[n,i]*z1_bar[n,j], n)
    b1_bar = z1_bar.sum(axis=0)      # b1_bar[j] = Sum(z1_bar[n,j], n)
    return Parameters(W1_bar, b1_bar, W2_bar, b2_bar)


@np.errstate(under="ignore")
def value_and_grad(params: Parameters, x: ArrayLike, y: ArrayLike) -> tuple[float, Parameters]:
    """The loss C and its derivatives by every parameter."""
    W1, b1, W2, b2 = _checked_parameters(params)
    x = _array("x", x, None, INPUTS)
    y = _targets(y, len(x))
    N = len(x)
    z1 = x @ W1 + b1                 # z1[n,j] = Sum(x[n,i]*W1[i,j], i) + b1[j]
    a1 = _sigmoid(z1)                # a1[n,j] = sigmoid(z1[n,j])
    z2 = a1 @ W2 + b2                # z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    t1 = z2 - y                      # t1[n,k] = z2[n,k] - y[n,k]
    C = np.sum(t1 * (t1 / (2 * N)))  # C = Sum(t1[n,k]**2, n, k)/(2*N)
    z2_bar = t1 / N                  # z2_bar[n,k] = t1[n,k]/N
    W2_bar = a1.T @ z2_bar           # W2_bar[j,k] = Sum(a1[n,j]*z2_bar[n,k], n)
    b2_bar = z2_bar.sum(axis=0)      # b2_bar[k] = Sum(z2_bar[n,k], n)
    a1_bar = z2_bar @ W2.T           # a1_bar[n,j] = Sum(z2_bar[n,k]*W2[j,k], k)
    z1_bar = a1_bar * a1 * (1 - a1)  # z1_bar[n,j] = a1_bar[n,j]*a1[n,j]*(1 - a1[n,j])
    W1_bar = x.T @ z1_bar            # W1_bar[i,j] = Sum(x[n,i]*z1_bar[n,j], n)
    b1_bar = z1_bar.sum(axis=0)      # b1_bar[j] = Sum(z1_bar[n,j], n)
    return float(C), Parameters(W1_bar, b1_bar, W2_bar, b2_bar)


def flatten(params: Parameters) -> Array:
    """All parameters in one vector of shape (9,), in the order of `Parameters`."""
    return np.concatenate(_checked_parameters(params), axis=None)


def unflatten(theta: ArrayLike) -> Parameters:
    """The parameters in a vector such as `flatten` makes; they are a copy, and theta may be float64."""
    vector = _numbers("theta", theta, np.dtype(np.float64))
    if vector.shape != (9,):
        raise ValueError(f"theta: expected shape (9,), got {vector.shape}")
    values: Array = vector.astype(DTYPE)
    return Parameters(
        W1=values[0:4].reshape((2, 2)),
        b1=values[4:6].reshape((2,)),
        W2=values[6:8].reshape((2, 1)),
        b2=values[8:9].reshape((1,)),
    )


def value_and_grad_flat(theta: ArrayLike, x: ArrayLike, y: ArrayLike) -> tuple[float, NDArray[np.float64]]:
    """The loss and its gradient as a vector, for scipy.optimize.minimize(..., jac=True)."""
    value, gradients = value_and_grad(unflatten(theta), x, y)
    return value, np.concatenate(gradients, axis=None, dtype=np.float64)


def _numbers(name: str, value: ArrayLike, widest: np.dtype | None) -> NDArray[np.number]:
    """`value` as an array, if it holds real numbers that are no wider than a dtype, where one is given."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: expected an array of numbers, got {type(value).__name__}") from None
    if _has_mask(value):
        remedy = f"use {name}.filled(...), or leave out what is masked"
        raise ValueError(f"{name}: expected an array without a mask, got a masked array; {remedy}")
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name}: expected real numbers, got dtype {array.dtype}")
    if widest is not None and array.dtype.kind == "f" and array.dtype.itemsize > widest.itemsize:
        remedy = f"convert it with np.asarray({name}, dtype=np.{widest})"
        raise ValueError(f"{name}: expected dtype {widest}, got {array.dtype}; {remedy}")
    return array


def _has_mask(value: Any) -> bool:
    """Whether an array, or one in a list, has a mask, which would be lost."""
    if isinstance(value, list | tuple):
        return any(map(_has_mask, value))
    return isinstance(value, np.ma.MaskedArray)


def _array(name: str, value: ArrayLike, *shape: int | None) -> Array:
    """`value` as an array of DTYPE, if it holds real numbers in this shape; None stands for any length."""
    return _shaped(name, _numbers(name, value, _DTYPE), *shape).astype(DTYPE, copy=False)


def _shaped(name: str, array: NDArray[np.number], *shape: int | None) -> NDArray[np.number]:
    """The array, if it has this shape and is not empty; None stands for any length."""
    if len(shape) != array.ndim or any(
        size not in (None, given) for size, given in zip(shape, array.shape, strict=True)
    ):
        expected = ", ".join("N" if size is None else str(size) for size in shape)
        remedy = "; use [:, None] to make it a column" if (*array.shape, 1) == shape else ""
        raise ValueError(f"{name}: expected shape ({expected}{',' * (len(shape) == 1)}), got {array.shape}{remedy}")
    if array.size == 0:
        raise ValueError(f"{name}: expected at least one row, got shape {array.shape}")
    return array


def _fits(value: ArrayLike, shape: tuple[int, ...]) -> bool:
    """Whether nothing is to be done to an argument."""
    return type(value) is np.ndarray and value.dtype == _DTYPE and value.shape == shape


def _checked_parameters(params: Parameters) -> Parameters:
    """The parameters as arrays of DTYPE in their shapes."""
    if not (isinstance(params, Parameters) and all(map(_fits, params, SHAPES.values()))):
        if not isinstance(params, tuple | list) or len(params) != len(SHAPES):
            got = len(params) if isinstance(params, tuple | list) else type(params).__name__
            raise ValueError(f"params: expected {len(SHAPES)} arrays ({', '.join(SHAPES)}), got {got}")
        params = Parameters(*(_array(name, value, *SHAPES[name]) for name, value in zip(SHAPES, params, strict=True)))
    if CHECK_FINITE:
        _check_finite(params)
    return params


def _check_finite(params: Parameters) -> None:
    """Raise if a parameter is NaN or infinite."""
    for name, array in zip(SHAPES, params, strict=True):
        if not np.isfinite(array).all():
            place = tuple(map(int, np.argwhere(~np.isfinite(array))[0]))
            raise ValueError(f"{name}: expected finite numbers in shape {array.shape}, got {array[place]} at {place}")


def _shaped_targets(y: ArrayLike, rows: int) -> NDArray[np.number]:
    """The targets as a column, if there is one for each row of inputs."""
    given = _numbers("y", y, _DTYPE)
    return _shaped("y", given[:, None] if given.shape == (rows,) else given, rows, OUTPUTS)


def _targets(y: ArrayLike, rows: int) -> Array:
    """The targets, one row for each row of inputs."""
    return _shaped_targets(y, rows).astype(DTYPE, copy=False)


def _sigmoid(z: Array) -> Array:
    """1/(1 + exp(-z)), without overflow."""
    tail = np.exp(-np.abs(z))
    value: Array = np.where(z < 0, tail, DTYPE(1)) / (1 + tail)
    return value
