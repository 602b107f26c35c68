"""2-3-2: gaussian_nll, mean over the rows.

Written by symnet 0.1.0. Accuracy fast: derivatives are right to the rounding of the largest of an array.

Architecture:

    2-3[radial_basis]-2:identity;loss=gaussian_nll

Layers:

    1  radial_basis  2 -> 3
    2  dense         3 -> 2  identity: z

Parameters, 18 numbers in all:

    c1 (3, 2)   s1 (3,)   W2 (3, 2)   b2 (2,)   beta ()

Equations, where n runs over the N rows of a batch and v_bar is the derivative of C by v:

    t1[n,i,j] = c1[j,i] - x[n,i]
    r1[n,j] = Sum(t1[n,i,j]**2, i)
    t2[j] = 1/(2*s1[j]**2)
    a1[n,j] = exp(-r1[n,j]*t2[j])
    z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    t3[n,k] = z2[n,k] - y[n,k]
    C = Sum(log(2*pi)/2 + beta*t3[n,k]**2/2 - log(beta)/2, n, k)/N
    beta_bar = Sum(t3[n,k]**2/2 - 1/(2*beta), n, k)/N
    z2_bar[n,k] = beta*t3[n,k]/N
    W2_bar[j,k] = Sum(a1[n,j]*z2_bar[n,k], n)
    b2_bar[k] = Sum(z2_bar[n,k], n)
    a1_bar[n,j] = Sum(z2_bar[n,k]*W2[j,k], k)
    t4[n,j] = a1_bar[n,j]*a1[n,j]
    s1_bar[j] = Sum(r1[n,j]*t4[n,j], n)/s1[j]**3
    r1_bar[n,j] = -t4[n,j]*t2[j]
    c1_bar[j,i] = 2*Sum(r1_bar[n,j]*t1[n,i,j], n)

Operations for one row: + - * /, squaring and each elementary function count one, sigmoid and the like as written out:

    forward          42: multiplications 21, additions 15, divisions 3, functions 3
    loss             60: multiplications 29, additions 22, divisions 4, functions 5
    gradient        106: multiplications 69, additions 23, divisions 11, functions 3
    value_and_grad  122: multiplications 77, additions 28, divisions 12, functions 5
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

ARCHITECTURE = "2-3[radial_basis]-2:identity;loss=gaussian_nll"
INPUTS = 2
OUTPUTS = 2
TARGETS = "real"
ACCURACY = "fast"
DTYPE: type[np.floating] = np.float64
_DTYPE = np.dtype(DTYPE)

CHECK_FINITE = False
"""Whether parameters that are NaN or infinite are refused; set it to True to look for them in each call."""

Array = NDArray[np.floating]


class Parameters(NamedTuple):
    """What is learned; a gradient has the same form."""

    c1: Array  # (3, 2)
    s1: Array  # (3,)
    W2: Array  # (3, 2)
    b2: Array  # (2,)
    beta: Array  # ()


SHAPES: dict[str, tuple[int, ...]] = {
    "c1": (3, 2),
    "s1": (3,),
    "W2": (3, 2),
    "b2": (2,),
    "beta": (),
}


def init(rng: np.random.Generator | int | None = None) -> Parameters:
    """Parameters to start from, drawn from a generator or a seed."""
    try:
        rng = np.random.default_rng(rng)
    except (TypeError, ValueError):
        raise ValueError(f"rng: expected a generator, a seed of at least 0 or None, got {rng!r}") from None
    return Parameters(
        c1=rng.standard_normal((3, 2), dtype=DTYPE),
        s1=np.ones((3,), dtype=DTYPE),
        W2=(2 / 5) ** 0.5 * rng.standard_normal((3, 2), dtype=DTYPE),
        b2=np.zeros((2,), dtype=DTYPE),
        beta=np.ones((), dtype=DTYPE),
    )


@np.errstate(under="ignore")
def forward(params: Parameters, x: ArrayLike) -> Array:
    """The outputs (z2), of shape (N, 2), for inputs x of shape (N, 2)."""
    c1, s1, W2, b2, _ = _checked_parameters(params)
    x = _array("x", x, None, INPUTS)
    t1 = c1.T - x[:, :, None]  # t1[n,i,j] = c1[j,i] - x[n,i]
    # r1[n,j] = Sum(t1[n,i,j]**2, i)
    r1 = (
        (np.maximum(np.minimum(t1.transpose(0, 2, 1), 6.703903964971299e+153), -6.703903964971299e+153) **
        2).sum(axis=2)
    )
    t2 = 1 / (2 * s1**2)       # t2[j] = 1/(2*s1[j]**2)
    a1 = np.exp(-r1 * t2)      # a1[n,j] = exp(-r1[n,j]*t2[j])
    z2: Array = a1 @ W2 + b2   # z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    return z2


@np.errstate(under="ignore")
def loss(params: Parameters, x: ArrayLike, y: ArrayLike) -> float:
    """The loss C for targets y of shape (N, 2)."""
    c1, s1, W2, b2, beta = _checked_parameters(params)
    x = _array("x", x, None, INPUTS)
    y = _targets(y, len(x))
    N = len(x)
    t1 = c1.T - x[:, :, None]  # t1[n,i,j] = c1[j,i] - x[n,i]
    # r1[n,j] = Sum(t1[n,i,j]**2, i)
    r1 = (
        (np.maximum(np.minimum(t1.transpose(0, 2, 1), 6.703903964971299e+153), -6.703903964971299e+153) **
        2).sum(axis=2)
    )
    t2 = 1 / (2 * s1**2)       # t2[j] = 1/(2*s1[j]**2)
    a1 = np.exp(-r1 * t2)      # a1[n,j] = exp(-r1[n,j]*t2[j])
    z2 = a1 @ W2 + b2          # z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    t3 = z2 - y                # t3[n,k] = z2[n,k] - y[n,k]
    # C = Sum(log(2*pi)/2 + beta*t3[n,k]**2/2 - log(beta)/2, n, k)/N
    C = np.sum((0.9189385332046728 + t3 * (beta * t3 / 2) - np.log(beta) / 2) / N)
    return float(C)


@np.errstate(under="ignore")
def gradient(params: Parameters, x: ArrayLike, y: ArrayLike) -> Parameters:
    """The derivatives of C by every parameter."""
    c1, s1, W2, b2, beta = _checked_parameters(params)
    x = _array("x", x, None, INPUTS)
    y = _targets(y, len(x))
    N = len(x)
    t1 = c1.T - x[:, :, None]                            # t1[n,i,j] = c1[j,i] - x[n,i]
    # r1[n,j] = Sum(t1[n,i,j]**2, i)
    r1 = (
        (np.maximum(np.minimum(t1.transpose(0, 2, 1), 6.703903964971299e+153), -6.703903964971299e+153) **
        2).sum(axis=2)
    )
    t2 = 1 / (2 * s1**2)                                 # t2[j] = 1/(2*s1[j]**2)
    a1 = np.exp(-r1 * t2)                                # a1[n,j] = exp(-r1[n,j]*t2[j])
    z2 = a1 @ W2 + b2                                    # z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    t3 = z2 - y                                          # t3[n,k] = z2[n,k] - y[n,k]
    beta_bar = np.sum((t3 * (t3 / 2) - 0.5 / beta) / N)  # beta_bar = Sum(t3[n,k]**2/2 - 1/(2*beta), n, k)/N
    z2_bar = beta * t3 / N                               # z2_bar[n,k] = beta*t3[n,k]/N
    W2_bar = a1.T @ z2_bar                               # W2_bar[j,k] = Sum(a1[n,j]*z2_bar[n,k], n)
    b2_bar = z2_bar.sum(axis=0)                          # b2_bar[k] = Sum(z2_bar[n,k], n)
    a1_bar = z2_bar @ W2.T                               # a1_bar[n,j] = Sum(z2_bar[n,k]*W2[j,k], k)
    t4 = a1_bar * a1                                     # t4[n,j] = a1_bar[n,j]*a1[n,j]
    s1_bar = (r1 * t4).sum(axis=0) / s1**3               # s1_bar[j] = Sum(r1[n,j]*t4[n,j], n)/s1[j]**3
    r1_bar = -t4 * t2                                    # r1_bar[n,j] = -t4[n,j]*t2[j]
    c1_bar = 2 * np.einsum("nj,nij->ji", r1_bar, t1)     # c1_bar[j,i] = 2*Sum(r1_bar[n,j]*t1[n,i,j], n)
    return Parameters(c1_bar, s1_bar, W2_bar, b2_bar, np.asarray(beta_bar, DTYPE))


@np.errstate(under="ignore")
def value_and_grad(params: Parameters, x: ArrayLike, y: ArrayLike) -> tuple[float, Parameters]:
    """The loss C and its derivatives by every parameter."""
    c1, s1, W2, b2, beta = _checked_parameters(params)
    x = _array("x", x, None, INPUTS)
    y = _targets(y, len(x))
    N = len(x)
    t1 = c1.T - x[:, :, None]                            # t1[n,i,j] = c1[j,i] - x[n,i]
    # r1[n,j] = Sum(t1[n,i,j]**2, i)
    r1 = (
        (np.maximum(np.minimum(t1.transpose(0, 2, 1), 6.703903964971299e+153), -6.703903964971299e+153) **
        2).sum(axis=2)
    )
    t2 = 1 / (2 * s1**2)                                 # t2[j] = 1/(2*s1[j]**2)
    a1 = np.exp(-r1 * t2)                                # a1[n,j] = exp(-r1[n,j]*t2[j])
    z2 = a1 @ W2 + b2                                    # z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    t3 = z2 - y                                          # t3[n,k] = z2[n,k] - y[n,k]
    # C = Sum(log(2*pi)/2 + beta*t3[n,k]**2/2 - log(beta)/2, n, k)/N
    C = np.sum((0.9189385332046728 + t3 * (beta * t3 / 2) - np.log(beta) / 2) / N)
    beta_bar = np.sum((t3 * (t3 / 2) - 0.5 / beta) / N)  # beta_bar = Sum(t3[n,k]**2/2 - 1/(2*beta), n, k)/N
    z2_bar = beta * t3 / N                               # z2_bar[n,k] = beta*t3[n,k]/N
    W2_bar = a1.T @ z2_bar                               # W2_bar[j,k] = Sum(a1[n,j]*z2_bar[n,k], n)
    b2_bar = z2_bar.sum(axis=0)                          # b2_bar[k] = Sum(z2_bar[n,k], n)
    a1_bar = z2_bar @ W2.T                               # a1_bar[n,j] = Sum(z2_bar[n,k]*W2[j,k], k)
    t4 = a1_bar * a1                                     # t4[n,j] = a1_bar[n,j]*a1[n,j]
    s1_bar = (r1 * t4).sum(axis=0) / s1**3               # s1_bar[j] = Sum(r1[n,j]*t4[n,j], n)/s1[j]**3
    r1_bar = -t4 * t2                                    # r1_bar[n,j] = -t4[n,j]*t2[j]
    c1_bar = 2 * np.einsum("nj,nij->ji", r1_bar, t1)     # c1_bar[j,i] = 2*Sum(r1_bar[n,j]*t1[n,i,j], n)
    return float(C), Parameters(c1_bar, s1_bar, W2_bar, b2_bar, np.asarray(beta_bar, DTYPE))


def flatten(params: Parameters) -> Array:
    """All parameters in one vector of shape (18,), in the order of `Parameters`."""
    return np.concatenate(_checked_parameters(params), axis=None)


def unflatten(theta: ArrayLike) -> Parameters:
    """The parameters in a vector such as `flatten` makes; they are a copy, and theta may be float64."""
    vector = _numbers("theta", theta, np.dtype(np.float64))
    if vector.shape != (18,):
        raise ValueError(f"theta: expected shape (18,), got {vector.shape}")
    values: Array = vector.astype(DTYPE)
    return Parameters(
        c1=values[0:6].reshape((3, 2)),
        s1=values[6:9].reshape((3,)),
        W2=values[9:15].reshape((3, 2)),
        b2=values[15:17].reshape((2,)),
        beta=values[17:18].reshape(()),
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
    if not params.beta > 0:
        raise ValueError(f"beta: expected a positive number, got {params.beta}")
    return params


def _check_finite(params: Parameters) -> None:
    """Raise if a parameter is NaN or infinite."""
    for name, array in zip(SHAPES, params, strict=True):
        if not np.isfinite(array).all():
            place = tuple(map(int, np.argwhere(~np.isfinite(array))[0]))
            raise ValueError(f"{name}: expected finite numbers in shape {array.shape}, got {array[place]} at {place}")


def _shaped_targets(y: ArrayLike, rows: int) -> NDArray[np.number]:
    """The targets, if there is one row for each row of inputs."""
    given = _numbers("y", y, _DTYPE)
    if given.ndim == 1:
        remedy = f"give each row a target for each of the {OUTPUTS} outputs"
        raise ValueError(f"y: expected shape ({rows}, {OUTPUTS}), got {given.shape}; {remedy}")
    return _shaped("y", given, rows, OUTPUTS)


def _targets(y: ArrayLike, rows: int) -> Array:
    """The targets, one row for each row of inputs."""
    return _shaped_targets(y, rows).astype(DTYPE, copy=False)
