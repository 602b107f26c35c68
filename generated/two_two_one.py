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

from collections.abc import Callable, Iterable
from threading import Lock
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


# The arrays that each function works in: where each begins, its shape with "n" for the rows of a block, and what it is.
# An array holds one value after the other, each as long as it is needed; one that begins where another does takes its
# place. Begins and shapes are in rows of n numbers for _ROWS, and in numbers for _FIXED and _SUMS. What has a number
# for its kind is filled with it.

Layout = dict[str, tuple[int, tuple[int | str, ...], str | float]]

_ROWS: dict[str, Layout] = {
    "forward": {
        "xT": (0, (2, "n"), "array"),        # xT
        "xT_1": (0, (3, "n"), "over ones"),  # xT, ones
        "z2": (0, (1, "n"), "array"),        # z2
        "z1": (3, (2, "n"), "array"),        # z1, v1, v2, v3, a1
        "a1_1": (3, (3, "n"), "over ones"),  # a1, ones
    },
    "loss": {
        "xT": (0, (2, "n"), "array"),        # xT
        "xT_1": (0, (3, "n"), "over ones"),  # xT, ones
        "z2": (0, (1, "n"), "array"),        # z2, t1
        "yT": (3, (1, "n"), "array"),        # yT, v5
        "z1": (4, (2, "n"), "array"),        # z1, v2, v3, v4, a1
        "a1_1": (4, (3, "n"), "over ones"),  # a1, ones
    },
    "gradient": {
        "xT": (0, (2, "n"), "array"),        # xT
        "xT_1": (0, (3, "n"), "over ones"),  # xT, ones
        "yT": (3, (1, "n"), "array"),        # yT
        "a1_bar": (3, (2, "n"), "array"),    # a1_bar, v5, z1_bar
        "z1": (5, (2, "n"), "array"),        # z1, v2, v3, v4, a1, v6
        "a1_1": (5, (3, "n"), "over ones"),  # a1, ones
        "z2": (8, (1, "n"), "array"),        # z2, t1, z2_bar
    },
    "value_and_grad": {
        "xT": (0, (2, "n"), "array"),        # xT
        "xT_1": (0, (3, "n"), "over ones"),  # xT, ones
        "yT": (3, (1, "n"), "array"),        # yT, v6
        "a1_bar": (3, (2, "n"), "array"),    # a1_bar, v7, z1_bar
        "z1": (5, (2, "n"), "array"),        # z1, v3, v4, v5, a1, v8
        "a1_1": (5, (3, "n"), "over ones"),  # a1, ones
        "z2": (8, (1, "n"), "array"),        # z2, t1, z2_bar
    },
}

# What depends on no row, such as a weight matrix over its bias.
_FIXED: dict[str, Layout] = {
    "forward": {
        "W1_b1": (0, (3, 2), "array"),  # W1_b1
        "W2_b2": (6, (3, 1), "array"),  # W2_b2
    },
    "loss": {
        "W1_b1": (0, (3, 2), "array"),  # W1_b1
        "W2_b2": (6, (3, 1), "array"),  # W2_b2
    },
    "gradient": {
        "W1_b1": (0, (3, 2), "array"),  # W1_b1
        "W2_b2": (6, (3, 1), "array"),  # W2_b2
    },
    "value_and_grad": {
        "W1_b1": (0, (3, 2), "array"),  # W1_b1
        "W2_b2": (6, (3, 1), "array"),  # W2_b2
    },
}

# What the blocks add up: gradients at the places of their parameters in the vector of all, and other sums behind them.
_SUMS: dict[str, Layout] = {
    "forward": {},
    "loss": {
        "C": (0, (), "array"),  # C
    },
    "gradient": {
        "W1_bar_b1_bar": (0, (3, 2), "array"),  # W1_bar_b1_bar
        "W2_bar_b2_bar": (6, (3, 1), "array"),  # W2_bar_b2_bar
    },
    "value_and_grad": {
        "W1_bar_b1_bar": (0, (3, 2), "array"),  # W1_bar_b1_bar
        "W2_bar_b2_bar": (6, (3, 1), "array"),  # W2_bar_b2_bar
        "C": (9, (), "array"),                  # C
    },
}

ROW_NUMBERS = 9
FIXED_NUMBERS = 9
SUM_NUMBERS = {
    "forward": 0,
    "loss": 1,
    "gradient": 9,
    "value_and_grad": 10,
}

BLOCK_ROWS = 21848
"""How many rows are worked through at a time, so that their arrays stay in the processor's cache."""

GRADIENTS = frozenset(("gradient", "value_and_grad"))
"""Functions that return gradients, which live in a workspace until the next call of one of them."""

WHOLE: frozenset[str] = frozenset()
"""Functions in which a row depends on sums over all rows, so that there is no working in blocks: none."""

ZERO, ONE = np.array(0, DTYPE), np.array(1, DTYPE)
ONES_1 = np.ones(1, DTYPE)

Arrays = tuple[Array, ...]
Block = Callable[[Arrays, tuple[Any, ...], Arrays, Arrays], None]


class Workspace:
    """Memory for calls on batches of up to `batch_size` rows; longer ones are worked through in blocks.

    A call that is given a workspace allocates no array but the outputs of `forward`. The gradients that it returns
    live in the workspace until the next call for gradients with it, to which they must not be handed;
    `forward` and `loss` leave them alone. A workspace serves one call at a time: a call that finds it in use, by
    another thread or by a call that has not ended, is a RuntimeError.

    Args:
        batch_size: the largest number of rows that there is memory for.
        block_rows: how many rows are worked through at a time, at most.
    """

    def __init__(self, batch_size: int, *, block_rows: int = BLOCK_ROWS) -> None:
        for name, value in (("batch_size", batch_size), ("block_rows", block_rows)):
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
                raise ValueError(f"{name}: expected a positive integer, got {value!r}")
        self.rows = int(batch_size) if WHOLE else min(int(batch_size), int(block_rows))
        self._lock = Lock()
        self._memory = np.empty(ROW_NUMBERS * self.rows, DTYPE)
        self._fixed = np.empty(FIXED_NUMBERS, DTYPE)
        # Gradients are still read when a call has ended: calls that return none have another array for their sums.
        self._vector = np.zeros(_most(GRADIENTS), DTYPE)
        self._sums = np.zeros(_most(SUM_NUMBERS.keys() - GRADIENTS), DTYPE)
        self._part = np.empty(_most(SUM_NUMBERS), DTYPE)
        self._arrays: dict[tuple[str, Any], Arrays] = {}
        self._current = ("", 0)
        self._gradient = Parameters(
            _view(self._vector, 1, 0, (2, 2), "array"),
            _view(self._vector, 1, 4, (2,), "array"),
            _view(self._vector, 1, 6, (2, 1), "array"),
            _view(self._vector, 1, 8, (1,), "array"),
        )

    def __reduce__(self) -> str:
        raise TypeError("a Workspace is memory that calls work in: it is not copied or pickled; make another one")

    def acquire(self) -> "Workspace":
        """Take the workspace for a call.

        Raises:
            RuntimeError: another call has it.
        """
        if not self._lock.acquire(blocking=False):
            raise RuntimeError(
                "workspace: expected one that is free, got one in use; it serves one call at a time, so that each "
                "thread needs a Workspace of its own"
            )
        return self

    def release(self) -> None:
        """Let the next call have it."""
        self._lock.release()

    def gradient(self) -> Parameters:
        """The gradients of the last call for them."""
        return self._gradient

    def holds(self, *arrays: NDArray[Any]) -> bool:
        """Whether one of some arrays lies in the memory of the gradients."""
        return any(array.base is self._vector for array in arrays)

    def fixed(self, name: str) -> Arrays:
        """The arrays of a function that do not depend on the rows."""
        return self._views(("fixed", name), self._fixed, _FIXED[name], 1)

    def run(self, name: str, block: Block, arrays: Arrays, constants: tuple[Any, ...]) -> Arrays:
        """Work through the rows of some arrays in blocks, and return the sums over them."""
        rows = len(arrays[0])
        if name in WHOLE and rows > self.rows:
            raise ValueError(f"x: expected at most {self.rows} rows, for which the workspace has memory, got {rows}")
        blocks = -(-rows // self.rows)
        size = rows if blocks == 1 else min(self.rows, _spread(-(-rows // blocks)))
        memory, count = self._vector if name in GRADIENTS else self._sums, SUM_NUMBERS[name]
        sums = self._views(("sums", name), memory, _SUMS[name], 1)
        part = self._views(("part", name), self._part, _SUMS[name], 1)
        if size < rows:
            # Numbers that no block writes are added, too.
            memory.fill(0)
            self._part.fill(0)
        for start in range(0, rows, size):
            x, other = arrays if size == rows else (array[start : start + size] for array in arrays)
            block((np.asarray(x, DTYPE), other), constants, self._of_rows(name, len(x)), part if start else sums)
            if start:
                np.add(memory[:count], self._part[:count], out=memory[:count])
        return sums

    def _of_rows(self, name: str, rows: int) -> Arrays:
        """The arrays of a function for a number of rows, their ones in place."""
        arrays = self._views((name, rows), self._memory, _ROWS[name], rows)
        if self._current != (name, rows):
            self._current = (name, rows)
            for array, (_, shape, kind) in zip(arrays, _ROWS[name].values(), strict=True):
                if isinstance(kind, float):
                    array.fill(kind)
                elif kind == "over ones":
                    (array[-1] if shape[-1] == "n" else array[:, -1]).fill(1)
        return arrays

    def _views(self, key: tuple[str, Any], memory: Array, layout: Layout, rows: int) -> Arrays:
        """Arrays in a piece of memory, as a layout has them; made once for each number of rows."""
        if key not in self._arrays:
            if len(self._arrays) > 50:
                self._arrays.clear()
            self._arrays[key] = tuple(_view(memory, rows, *entry) for entry in layout.values())
        return self._arrays[key]


def _most(names: Iterable[str]) -> int:
    """How many numbers the sums of some functions take at most."""
    return max((SUM_NUMBERS[name] for name in names), default=0)


def _spread(rows: int) -> int:
    """As many rows or a few more, an odd number of cache lines: rows that lie 4096 bytes apart displace each other."""
    line = 64 // _DTYPE.itemsize
    return (-(-rows // line) | 1) * line


def _view(memory: Array, rows: int, start: int, shape: tuple[int | str, ...], kind: str | float) -> Array:
    """An array in a piece of memory."""
    lengths: Any = [rows if length == "n" else length for length in shape]
    return np.ndarray(lengths, np.bool_ if kind == "mask" else _DTYPE, memory, start * rows * _DTYPE.itemsize)


def _workspace(workspace: Workspace | None, rows: int) -> Workspace:
    """The caller's workspace, or one for this call alone, which has it until it is released."""
    if workspace is not None and type(workspace) is not Workspace:
        raise ValueError(f"workspace: expected a Workspace of this module, got {type(workspace).__name__}")
    return (Workspace(rows) if workspace is None else workspace).acquire()


def _apart(params: Parameters, x: NDArray[Any], y: NDArray[Any], work: Workspace) -> Parameters:
    """The parameters, once it is seen that nothing given lies where their gradients are going to be written."""
    params = _checked_parameters(params)
    if work.holds(*params, x, y):
        name = "params" if work.holds(*params) else "x" if work.holds(x) else "y"
        raise ValueError(f"{name}: expected arrays of their own, got gradients in the workspace; copy them first")
    return params


@np.errstate(under="ignore")
def forward(params: Parameters, x: ArrayLike, *, workspace: Workspace | None = None) -> Array:
    """The outputs (z2), of shape (N, 1), for inputs x of shape (N, 2)."""
    x = _rows("x", x, INPUTS)
    work = _workspace(workspace, len(x))
    try:
        return _forward(params, x, work)
    finally:
        work.release()


def _forward(params: Parameters, x: NDArray[Any], work: Workspace) -> Array:
    """The same in a workspace that no other call has."""
    prediction: Array = np.empty((len(x), OUTPUTS), DTYPE)
    W1, b1, W2, b2 = _checked_parameters(params)
    W1_b1, W2_b2 = work.fixed("forward")
    W1_b1 = np.concatenate((W1, b1[None]), out=W1_b1)  # towards z1
    W2_b2 = np.concatenate((W2, b2[None]), out=W2_b2)  # towards z2
    constants = (W1_b1, W2_b2)
    work.run("forward", _forward_block, (x, prediction), constants)
    return prediction


def _forward_block(arrays: Arrays, constants: tuple[Any, ...], buffers: Arrays, sums: Arrays) -> None:
    """The outputs of some rows."""
    x, prediction = arrays
    W1_b1, W2_b2 = constants
    xT, xT_1, z2, z1, a1_1 = buffers
    # z1[n,j] = Sum(x[n,i]*W1[i,j], i) + b1[j]
    np.copyto(xT, x.T)
    z1 = W1_b1.T.dot(xT_1, out=z1)
    # a1[n,j] = sigmoid(z1[n,j])
    v1 = np.negative(z1, out=z1)
    with np.errstate(over="ignore"):
        v2 = np.exp(v1, out=z1)
    v3 = np.add(v2, ONE, out=z1)
    np.divide(ONE, v3, out=z1)
    z2 = W2_b2.T.dot(a1_1, out=z2)  # z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    np.copyto(prediction, z2.T)


@np.errstate(under="ignore")
def loss(params: Parameters, x: ArrayLike, y: ArrayLike, *, workspace: Workspace | None = None) -> float:
    """The loss C for targets y of shape (N, 1)."""
    x = _rows("x", x, INPUTS)
    y = _targets(y, len(x))
    work = _workspace(workspace, len(x))
    try:
        return _loss(params, x, y, work)
    finally:
        work.release()


def _loss(params: Parameters, x: NDArray[Any], y: NDArray[Any], work: Workspace) -> float:
    """The same in a workspace that no other call has."""
    W1, b1, W2, b2 = _checked_parameters(params)
    N = len(x)
    W1_b1, W2_b2 = work.fixed("loss")
    W1_b1 = np.concatenate((W1, b1[None]), out=W1_b1)  # towards z1
    W2_b2 = np.concatenate((W2, b2[None]), out=W2_b2)  # towards z2
    v1 = 0.5 / N                                       # towards C
    constants = (W1_b1, W2_b2, v1)
    C, = work.run("loss", _loss_block, (x, y), constants)
    return float(C)


def _loss_block(arrays: Arrays, constants: tuple[Any, ...], buffers: Arrays, sums: Arrays) -> None:
    """The loss of some rows."""
    x, y = arrays
    W1_b1, W2_b2, v1 = constants
    xT, xT_1, z2, yT, z1, a1_1 = buffers
    C, = sums
    np.copyto(xT, x.T)              # towards z1
    yT = _target_columns(y, yT)     # towards t1
    z1 = W1_b1.T.dot(xT_1, out=z1)  # z1[n,j] = Sum(x[n,i]*W1[i,j], i) + b1[j]
    # a1[n,j] = sigmoid(z1[n,j])
    v2 = np.negative(z1, out=z1)
    with np.errstate(over="ignore"):
        v3 = np.exp(v2, out=z1)
    v4 = np.add(v3, ONE, out=z1)
    np.divide(ONE, v4, out=z1)
    z2 = W2_b2.T.dot(a1_1, out=z2)    # z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    t1 = np.subtract(z2, yT, out=z2)  # t1[n,k] = z2[n,k] - y[n,k]
    # C = Sum(t1[n,k]**2, n, k)/(2*N)
    v5 = np.multiply(t1, v1, out=yT)
    C[()] = np.vdot(t1, v5)


@np.errstate(under="ignore")
def gradient(params: Parameters, x: ArrayLike, y: ArrayLike, *, workspace: Workspace | None = None) -> Parameters:
    """The derivatives of C by every parameter; in the workspace, if one is given."""
    x = _rows("x", x, INPUTS)
    y = _targets(y, len(x))
    work = _workspace(workspace, len(x))
    try:
        return _gradient(params, x, y, work)
    finally:
        work.release()


def _gradient(params: Parameters, x: NDArray[Any], y: NDArray[Any], work: Workspace) -> Parameters:
    """The same in a workspace that no other call has."""
    W1, b1, W2, b2 = _apart(params, x, y, work)
    N = len(x)
    W1_b1, W2_b2 = work.fixed("gradient")
    W1_b1 = np.concatenate((W1, b1[None]), out=W1_b1)  # towards z1
    W2_b2 = np.concatenate((W2, b2[None]), out=W2_b2)  # towards z2
    v1 = 1 / N                                         # towards z2_bar
    constants = (W1_b1, W2_b2, v1, W2)
    work.run("gradient", _gradient_block, (x, y), constants)
    return work.gradient()


def _gradient_block(arrays: Arrays, constants: tuple[Any, ...], buffers: Arrays, sums: Arrays) -> None:
    """The derivatives by every parameter of some rows."""
    x, y = arrays
    W1_b1, W2_b2, v1, W2 = constants
    xT, xT_1, yT, a1_bar, z1, a1_1, z2 = buffers
    W1_bar_b1_bar, W2_bar_b2_bar = sums
    np.copyto(xT, x.T)              # towards z1
    yT = _target_columns(y, yT)     # towards t1
    z1 = W1_b1.T.dot(xT_1, out=z1)  # z1[n,j] = Sum(x[n,i]*W1[i,j], i) + b1[j]
    # a1[n,j] = sigmoid(z1[n,j])
    v2 = np.negative(z1, out=z1)
    with np.errstate(over="ignore"):
        v3 = np.exp(v2, out=z1)
    v4 = np.add(v3, ONE, out=z1)
    a1 = np.divide(ONE, v4, out=z1)
    z2 = W2_b2.T.dot(a1_1, out=z2)                # z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    t1 = np.subtract(z2, yT, out=z2)              # t1[n,k] = z2[n,k] - y[n,k]
    z2_bar = np.multiply(t1, v1, out=z2)          # z2_bar[n,k] = t1[n,k]/N
    a1_1.dot(z2_bar.T, out=W2_bar_b2_bar)         # W2_bar[j,k] = Sum(a1[n,j]*z2_bar[n,k], n)
    a1_bar = np.multiply(W2, z2_bar, out=a1_bar)  # a1_bar[n,j] = Sum(z2_bar[n,k]*W2[j,k], k)
    # z1_bar[n,j] = a1_bar[n,j]*a1[n,j]*(1 - a1[n,j])
    v5 = np.multiply(a1_bar, a1, out=a1_bar)
    v6 = np.subtract(ONE, a1, out=z1)
    z1_bar = np.multiply(v5, v6, out=a1_bar)
    xT_1.dot(z1_bar.T, out=W1_bar_b1_bar)  # W1_bar[i,j] = Sum(x[n,i]*z1_bar[n,j], n)


@np.errstate(under="ignore")
def value_and_grad(
    params: Parameters, x: ArrayLike, y: ArrayLike, *, workspace: Workspace | None = None
) -> tuple[float, Parameters]:
    """The loss C and its derivatives by every parameter; these in the workspace, if one is given."""
    x = _rows("x", x, INPUTS)
    y = _targets(y, len(x))
    work = _workspace(workspace, len(x))
    try:
        return _value_and_grad(params, x, y, work)
    finally:
        work.release()


def _value_and_grad(
    params: Parameters, x: NDArray[Any], y: NDArray[Any], work: Workspace
) -> tuple[float, Parameters]:
    """The same in a workspace that no other call has."""
    W1, b1, W2, b2 = _apart(params, x, y, work)
    N = len(x)
    W1_b1, W2_b2 = work.fixed("value_and_grad")
    W1_b1 = np.concatenate((W1, b1[None]), out=W1_b1)  # towards z1
    W2_b2 = np.concatenate((W2, b2[None]), out=W2_b2)  # towards z2
    v1 = 0.5 / N                                       # towards C
    v2 = 1 / N                                         # towards z2_bar
    constants = (W1_b1, W2_b2, v1, v2, W2)
    _, _, C = work.run("value_and_grad", _value_and_grad_block, (x, y), constants)
    return float(C), work.gradient()


def _value_and_grad_block(arrays: Arrays, constants: tuple[Any, ...], buffers: Arrays, sums: Arrays) -> None:
    """The loss and its derivatives by every parameter of some rows."""
    x, y = arrays
    W1_b1, W2_b2, v1, v2, W2 = constants
    xT, xT_1, yT, a1_bar, z1, a1_1, z2 = buffers
    W1_bar_b1_bar, W2_bar_b2_bar, C = sums
    np.copyto(xT, x.T)              # towards z1
    yT = _target_columns(y, yT)     # towards t1
    z1 = W1_b1.T.dot(xT_1, out=z1)  # z1[n,j] = Sum(x[n,i]*W1[i,j], i) + b1[j]
    # a1[n,j] = sigmoid(z1[n,j])
    v3 = np.negative(z1, out=z1)
    with np.errstate(over="ignore"):
        v4 = np.exp(v3, out=z1)
    v5 = np.add(v4, ONE, out=z1)
    a1 = np.divide(ONE, v5, out=z1)
    z2 = W2_b2.T.dot(a1_1, out=z2)    # z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    t1 = np.subtract(z2, yT, out=z2)  # t1[n,k] = z2[n,k] - y[n,k]
    # C = Sum(t1[n,k]**2, n, k)/(2*N)
    v6 = np.multiply(t1, v1, out=yT)
    C[()] = np.vdot(t1, v6)
    z2_bar = np.multiply(t1, v2, out=z2)          # z2_bar[n,k] = t1[n,k]/N
    a1_1.dot(z2_bar.T, out=W2_bar_b2_bar)         # W2_bar[j,k] = Sum(a1[n,j]*z2_bar[n,k], n)
    a1_bar = np.multiply(W2, z2_bar, out=a1_bar)  # a1_bar[n,j] = Sum(z2_bar[n,k]*W2[j,k], k)
    # z1_bar[n,j] = a1_bar[n,j]*a1[n,j]*(1 - a1[n,j])
    v7 = np.multiply(a1_bar, a1, out=a1_bar)
    v8 = np.subtract(ONE, a1, out=z1)
    z1_bar = np.multiply(v7, v8, out=a1_bar)
    xT_1.dot(z1_bar.T, out=W1_bar_b1_bar)  # W1_bar[i,j] = Sum(x[n,i]*z1_bar[n,j], n)


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


@np.errstate(under="ignore")
def value_and_grad_flat(
    theta: ArrayLike, x: ArrayLike, y: ArrayLike, *, workspace: Workspace | None = None
) -> tuple[float, NDArray[np.float64]]:
    """The loss and its gradient as a vector, for scipy.optimize.minimize(..., jac=True)."""
    params = unflatten(theta)
    x = _rows("x", x, INPUTS)
    y = _targets(y, len(x))
    work = _workspace(workspace, len(x))
    try:
        value, gradients = _value_and_grad(params, x, y, work)
        return value, np.concatenate(gradients, axis=None, dtype=np.float64)
    finally:
        work.release()


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


def _rows(name: str, value: ArrayLike, units: int) -> NDArray[Any]:
    """`value` as it is, if it holds real numbers in rows of so many; what has another dtype is converted by blocks."""
    if (
        type(value) is np.ndarray
        and value.dtype == _DTYPE
        and value.ndim == 2
        and value.shape[1] == units
        and len(value) > 0
    ):
        return value
    return _shaped(name, _numbers(name, value, _DTYPE), None, units)


def _targets(y: ArrayLike, rows: int) -> NDArray[Any]:
    """The targets as they are, once it is seen that they have the shape of targets; their values are seen by blocks."""
    return np.asarray(y) if _fits(y, (rows, OUTPUTS)) else _shaped_targets(y, rows)


def _target_columns(y: NDArray[Any], out: Array) -> Array:
    """Rows of targets as columns."""
    np.copyto(out, y.T)
    return out
