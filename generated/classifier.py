"""3-4-4-3: cross_entropy, mean over the rows.

Written by symnet 0.1.0. Accuracy tails: every derivative is right to a few roundings of its own, until sums are taken.

Architecture:

    3-4-4[residual]-3:silu,silu,softmax;loss=cross_entropy;l2=0.1

Layers:

    1  dense     3 -> 4  silu: z/(1 + exp(-z))
    2  residual  4 -> 4  silu: z/(1 + exp(-z))
    3  dense     4 -> 3  softmax: exp(z_k)/Sum(exp(z_m), m)

Parameters, 51 numbers in all:

    W1 (3, 4)   b1 (4,)   W2 (4, 4)   b2 (4,)   W3 (4, 3)   b3 (3,)

Equations, where n runs over the N rows of a batch and v_bar is the derivative of C by v:

    z1[n,j] = Sum(x[n,i]*W1[i,j], i) + b1[j]
    a1[n,j] = silu(z1[n,j])
    z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    a2[n,k] = a1[n,k] + silu(z2[n,k])
    z3[n,l] = Sum(a2[n,k]*W3[k,l], k) + b3[l]
    p3[n,l] = softmax(z3[n,l], l)
    C = 0.05*Sum(W1[i,j]**2, i, j) + 0.05*Sum(W2[j,k]**2, j, k) + 0.05*Sum(W3[k,l]**2, k, l) -
        Sum(y[n,l]*log_softmax(z3[n,l], l), n, l)/N
    z3_bar[n,l] = (p3[n,l]*leave_one_out(y[n,l], l) - y[n,l]*leave_one_out(p3[n,l], l))/N
    W3_bar[k,l] = Sum(a2[n,k]*z3_bar[n,l], n) + 0.1*W3[k,l]
    b3_bar[l] = Sum(z3_bar[n,l], n)
    a2_bar[n,k] = Sum(z3_bar[n,l]*W3[k,l], l)
    z2_bar[n,k] = a2_bar[n,k]*silu_slope(z2[n,k])
    W2_bar[j,k] = Sum(a1[n,j]*z2_bar[n,k], n) + 0.1*W2[j,k]
    b2_bar[k] = Sum(z2_bar[n,k], n)
    a1_bar[n,j] = Sum(z2_bar[n,k]*W2[j,k], k) + a2_bar[n,j]
    z1_bar[n,j] = a1_bar[n,j]*silu_slope(z1[n,j])
    W1_bar[i,j] = Sum(x[n,i]*z1_bar[n,j], n) + 0.1*W1[i,j]
    b1_bar[j] = Sum(z1_bar[n,j], n)

Operations for one row: + - * /, squaring and each elementary function count one, sigmoid and the like as written out:

    forward         132: multiplications 56, additions 54, divisions 11, functions 11
    loss            222: multiplications 102, additions 99, divisions 9, functions 12
    gradient        410: multiplications 202, additions 151, divisions 30, functions 27
    value_and_grad  508: multiplications 248, additions 198, divisions 31, functions 31
"""

from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

ARCHITECTURE = "3-4-4[residual]-3:silu,silu,softmax;loss=cross_entropy;l2=0.1"
INPUTS = 3
OUTPUTS = 3
TARGETS = "probabilities"
ACCURACY = "tails"
DTYPE: type[np.floating] = np.float64
_DTYPE = np.dtype(DTYPE)

CHECK_FINITE = False
"""Whether parameters that are NaN or infinite are refused; set it to True to look for them in each call."""

Array = NDArray[np.floating]


class Parameters(NamedTuple):
    """What is learned; a gradient has the same form."""

    W1: Array  # (3, 4)
    b1: Array  # (4,)
    W2: Array  # (4, 4)
    b2: Array  # (4,)
    W3: Array  # (4, 3)
    b3: Array  # (3,)


SHAPES: dict[str, tuple[int, ...]] = {
    "W1": (3, 4),
    "b1": (4,),
    "W2": (4, 4),
    "b2": (4,),
    "W3": (4, 3),
    "b3": (3,),
}


def init(rng: np.random.Generator | int | None = None) -> Parameters:
    """Parameters to start from, drawn from a generator or a seed."""
    try:
        rng = np.random.default_rng(rng)
    except (TypeError, ValueError):
        raise ValueError(f"rng: expected a generator, a seed of at least 0 or None, got {rng!r}") from None
    return Parameters(
        W1=(2 / 3) ** 0.5 * rng.standard_normal((3, 4), dtype=DTYPE),
        b1=np.zeros((4,), dtype=DTYPE),
        W2=(1 / 2) ** 0.5 * rng.standard_normal((4, 4), dtype=DTYPE),
        b2=np.zeros((4,), dtype=DTYPE),
        W3=(2 / 7) ** 0.5 * rng.standard_normal((4, 3), dtype=DTYPE),
        b3=np.zeros((3,), dtype=DTYPE),
    )


# The arrays that each function works in: where each begins, its shape with "n" for the rows of a block, and what it is.
# An array holds one value after the other, each as long as it is needed; one that begins where another does takes its
# place. Begins and shapes are in rows of n numbers for _ROWS, and in numbers for _FIXED and _SUMS. What has a number
# for its kind is filled with it.

Layout = dict[str, tuple[int, tuple[int | str, ...], str | float]]

_ROWS: dict[str, Layout] = {
    "forward": {
        "xT": (0, (3, "n"), "array"),        # xT, z3, v22, v24, v25, v26, p3
        "xT_1": (0, (4, "n"), "over ones"),  # xT, ones
        "z1": (4, (4, "n"), "array"),        # z1, v9, v10, a1, a2
        "a2_1": (4, (5, "n"), "over ones"),  # a2, ones
        "v23": (4, ("n",), "array"),         # v23, v27, v28
        "v1": (9, (4, "n"), "array"),        # v1, v2, v3, v7, v8, z2, v19, v20, v21
        "v4": (13, (4, "n"), "array"),       # v4, v5, v6, v11, v12, v13, v17, v18
        "v14": (17, (4, "n"), "array"),      # v14, v15, v16
        "zeros_4": (21, (4, "n"), 0.0),      # 0
    },
    "loss": {
        "xT": (0, (3, "n"), "array"),        # xT, z3, v23, v25
        "xT_1": (0, (4, "n"), "over ones"),  # xT, ones
        "yT": (4, (3, "n"), "array"),        # yT, v36
        "z1": (7, (4, "n"), "array"),        # z1, v10, v11, a1, a2
        "a2_1": (7, (5, "n"), "over ones"),  # a2, ones
        "v24": (7, ("n",), "array"),         # v24, v31, v32
        "v26": (7, (3, "n"), "array"),       # v26, v27, v29
        "v2": (12, (4, "n"), "array"),       # v2, v3, v4, v8, v9, z2, v20, v21, v22
        "v28": (12, (3, "n"), "array"),      # v28
        "v5": (16, (4, "n"), "array"),       # v5, v6, v7, v12, v13, v14, v18, v19
        "v30": (16, ("n",), "array"),        # v30, v33, v34
        "v15": (20, (4, "n"), "array"),      # v15, v16, v17
        "y_total": (24, ("n",), "array"),    # y_total
        "zeros_4": (25, (4, "n"), 0.0),      # 0
        "ones": (29, ("n",), 1.0),           # 1
    },
    "gradient": {
        "xT": (0, (3, "n"), "array"),         # xT
        "xT_1": (0, (4, "n"), "over ones"),   # xT, ones
        "yT": (4, (3, "n"), "array"),         # yT, v37
        "z1": (7, (4, "n"), "array"),         # z1, v56
        "v2": (11, (4, "n"), "array"),        # v2, v50, v51, v52, v53, v54, v57
        "v3": (15, (4, "n"), "array"),        # v3, v4
        "v55": (15, (4, "n"), "mask"),        # v55
        "v5": (19, (4, "n"), "array"),        # v5, v6, v7, z2, v46, v49, a1_bar, z1_bar
        "v8": (23, (4, "n"), "array"),        # v8, v9
        "v10": (27, (4, "n"), "array"),       # v10, v11, a1
        "a1_1": (27, (5, "n"), "over ones"),  # a1, ones
        "v12": (32, (4, "n"), "array"),       # v12, v40, v41, v42, v43, v44, v47, z2_bar
        "v13": (36, (4, "n"), "array"),       # v13, v14
        "v45": (36, (4, "n"), "mask"),        # v45
        "v15": (40, (4, "n"), "array"),       # v15, v16, v17, a2_bar
        "z3": (40, (3, "n"), "array"),        # z3, v23, v25, v26, v27, p3
        "v18": (44, (4, "n"), "array"),       # v18, v19
        "v20": (48, (4, "n"), "array"),       # v20, v21, v22, a2
        "a2_1": (48, (5, "n"), "over ones"),  # a2, ones
        "v24": (53, ("n",), "array"),         # v24, v28, v29
        "v30": (53, (3, "n"), "array"),       # v30, v32, v33, v38, z3_bar
        "v31": (56, (3, "n"), "array"),       # v31, v34, v36
        "v35": (59, (3, "n"), "array"),       # v35
        "y_total": (62, ("n",), "array"),     # y_total
        "zeros_4": (63, (4, "n"), 0.0),       # 0
    },
    "value_and_grad": {
        "xT": (0, (3, "n"), "array"),         # xT
        "xT_1": (0, (4, "n"), "over ones"),   # xT, ones
        "yT": (4, (3, "n"), "array"),         # yT, v47
        "z1": (7, (4, "n"), "array"),         # z1, v66
        "v2": (11, (4, "n"), "array"),        # v2, v60, v61, v62, v63, v64, v67
        "v3": (15, (4, "n"), "array"),        # v3, v4
        "v65": (15, (4, "n"), "mask"),        # v65
        "v5": (19, (4, "n"), "array"),        # v5, v6, v7, z2, v56, v59, a1_bar, z1_bar
        "v8": (23, (4, "n"), "array"),        # v8, v9
        "v10": (27, (4, "n"), "array"),       # v10, v11, a1
        "a1_1": (27, (5, "n"), "over ones"),  # a1, ones
        "v12": (32, (4, "n"), "array"),       # v12, v50, v51, v52, v53, v54, v57, z2_bar
        "v13": (36, (4, "n"), "array"),       # v13, v14
        "v55": (36, (4, "n"), "mask"),        # v55
        "v15": (40, (4, "n"), "array"),       # v15, v16, v17, a2_bar
        "z3": (40, (3, "n"), "array"),        # z3, v23, v25, v45
        "v18": (44, (4, "n"), "array"),       # v18, v19
        "v20": (48, (4, "n"), "array"),       # v20, v21, v22, a2
        "a2_1": (48, (5, "n"), "over ones"),  # a2, ones
        "v24": (53, ("n",), "array"),         # v24, v33, v34
        "v26": (53, (3, "n"), "array"),       # v26, v27, v31, v38, v40, v42, v43, v48, z3_bar
        "v28": (56, ("n",), "array"),         # v28, v29
        "v30": (56, (3, "n"), "array"),       # v30, v41, v44, v46
        "p3": (59, (3, "n"), "array"),        # p3
        "v32": (62, ("n",), "array"),         # v32, v35, v36
        "y_total": (63, ("n",), "array"),     # y_total
        "zeros_4": (64, (4, "n"), 0.0),       # 0
        "ones": (68, ("n",), 1.0),            # 1
    },
}

# What depends on no row, such as a weight matrix over its bias.
_FIXED: dict[str, Layout] = {
    "forward": {
        "W1_b1": (0, (4, 4), "array"),   # W1_b1
        "W2_b2": (16, (5, 4), "array"),  # W2_b2
        "W3_b3": (36, (5, 3), "array"),  # W3_b3
    },
    "loss": {
        "W1_b1": (0, (4, 4), "array"),   # W1_b1
        "W2_b2": (16, (5, 4), "array"),  # W2_b2
        "W3_b3": (36, (5, 3), "array"),  # W3_b3
    },
    "gradient": {
        "W1_b1": (0, (4, 4), "array"),   # W1_b1, v60
        "W2_b2": (16, (5, 4), "array"),  # W2_b2
        "W3_b3": (36, (5, 3), "array"),  # W3_b3
        "v59": (36, (4, 3), "array"),    # v59
        "v61": (36, (3, 4), "array"),    # v61
    },
    "value_and_grad": {
        "W1_b1": (0, (4, 4), "array"),   # W1_b1, v81
        "W2_b2": (16, (5, 4), "array"),  # W2_b2
        "W3_b3": (36, (5, 3), "array"),  # W3_b3
        "v80": (36, (4, 3), "array"),    # v80
        "v82": (36, (3, 4), "array"),    # v82
    },
}

# What the blocks add up: gradients at the places of their parameters in the vector of all, and other sums behind them.
_SUMS: dict[str, Layout] = {
    "forward": {},
    "loss": {
        "v35": (0, (), "array"),  # v35
        "v37": (1, (), "array"),  # v37
    },
    "gradient": {
        "W1_bar": (0, (3, 4), "array"),          # W1_bar
        "W1_bar_b1_bar": (0, (4, 4), "array"),   # W1_bar_b1_bar
        "W2_bar": (16, (4, 4), "array"),         # W2_bar
        "W2_bar_b2_bar": (16, (5, 4), "array"),  # W2_bar_b2_bar
        "W3_bar": (36, (4, 3), "array"),         # W3_bar
        "W3_bar_b3_bar": (36, (5, 3), "array"),  # W3_bar_b3_bar
    },
    "value_and_grad": {
        "W1_bar": (0, (3, 4), "array"),          # W1_bar
        "W1_bar_b1_bar": (0, (4, 4), "array"),   # W1_bar_b1_bar
        "W2_bar": (16, (4, 4), "array"),         # W2_bar
        "W2_bar_b2_bar": (16, (5, 4), "array"),  # W2_bar_b2_bar
        "W3_bar": (36, (4, 3), "array"),         # W3_bar
        "W3_bar_b3_bar": (36, (5, 3), "array"),  # W3_bar_b3_bar
        "v37": (51, (), "array"),                # v37
        "v39": (52, (), "array"),                # v39
    },
}

ROW_NUMBERS = 69
FIXED_NUMBERS = 51
SUM_NUMBERS = {
    "forward": 0,
    "loss": 2,
    "gradient": 51,
    "value_and_grad": 53,
}

BLOCK_ROWS = 2856
"""How many rows are worked through at a time, so that their arrays stay in the processor's cache."""

GRADIENTS = frozenset(("gradient", "value_and_grad"))
"""Functions that return gradients, which live in a workspace until the next call of one of them."""

WHOLE: frozenset[str] = frozenset()
"""Functions in which a row depends on sums over all rows, so that there is no working in blocks: none."""

ZERO, ONE = np.array(0, DTYPE), np.array(1, DTYPE)
ONES_3 = np.ones(3, DTYPE)

_LABELS = np.arange(OUTPUTS)[:, None]
_ROUNDING = 4 * OUTPUTS * float(np.finfo(DTYPE).eps)

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
            _view(self._vector, 1, 0, (3, 4), "array"),
            _view(self._vector, 1, 12, (4,), "array"),
            _view(self._vector, 1, 16, (4, 4), "array"),
            _view(self._vector, 1, 32, (4,), "array"),
            _view(self._vector, 1, 36, (4, 3), "array"),
            _view(self._vector, 1, 48, (3,), "array"),
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
    """The outputs (p3), of shape (N, 3), for inputs x of shape (N, 3)."""
    x = _rows("x", x, INPUTS)
    work = _workspace(workspace, len(x))
    try:
        return _forward(params, x, work)
    finally:
        work.release()


def _forward(params: Parameters, x: NDArray[Any], work: Workspace) -> Array:
    """The same in a workspace that no other call has."""
    prediction: Array = np.empty((len(x), OUTPUTS), DTYPE)
    W1, b1, W2, b2, W3, b3 = _checked_parameters(params)
    W1_b1, W2_b2, W3_b3 = work.fixed("forward")
    W1_b1 = np.concatenate((W1, b1[None]), out=W1_b1)  # towards z1
    W2_b2 = np.concatenate((W2, b2[None]), out=W2_b2)  # towards z2
    W3_b3 = np.concatenate((W3, b3[None]), out=W3_b3)  # towards z3
    constants = (W1_b1, W2_b2, W3_b3)
    work.run("forward", _forward_block, (x, prediction), constants)
    return prediction


def _forward_block(arrays: Arrays, constants: tuple[Any, ...], buffers: Arrays, sums: Arrays) -> None:
    """The outputs of some rows."""
    x, prediction = arrays
    W1_b1, W2_b2, W3_b3 = constants
    xT, xT_1, z1, a2_1, v23, v1, v4, v14, zeros_4 = buffers
    # z1[n,j] = Sum(x[n,i]*W1[i,j], i) + b1[j]
    np.copyto(xT, x.T)
    z1 = W1_b1.T.dot(xT_1, out=z1)
    # a1[n,j] = silu(z1[n,j])
    v1 = np.absolute(z1, out=v1)
    v2 = np.multiply(v1, -0.5, out=v1)
    v3 = np.exp(v2, out=v1)
    v4 = np.minimum(z1, zeros_4, out=v4)
    v5 = np.multiply(v4, v3, out=v4)
    v6 = np.multiply(v5, v3, out=v4)
    v7 = np.square(v3, out=v1)
    v8 = np.add(v7, ONE, out=v1)
    v9 = np.maximum(z1, zeros_4, out=z1)
    v10 = np.add(v9, v6, out=z1)
    a1 = np.divide(v10, v8, out=z1)
    z2 = W2_b2.T.dot(a2_1, out=v1)  # z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    # a2[n,k] = a1[n,k] + silu(z2[n,k])
    v11 = np.absolute(z2, out=v4)
    v12 = np.multiply(v11, -0.5, out=v4)
    v13 = np.exp(v12, out=v4)
    v14 = np.minimum(z2, zeros_4, out=v14)
    v15 = np.multiply(v14, v13, out=v14)
    v16 = np.multiply(v15, v13, out=v14)
    v17 = np.square(v13, out=v4)
    v18 = np.add(v17, ONE, out=v4)
    v19 = np.maximum(z2, zeros_4, out=v1)
    v20 = np.add(v19, v16, out=v1)
    v21 = np.divide(v20, v18, out=v1)
    np.add(a1, v21, out=z1)
    z3 = W3_b3.T.dot(a2_1, out=xT)  # z3[n,l] = Sum(a2[n,k]*W3[k,l], k) + b3[l]
    # p3[n,l] = softmax(z3[n,l], l)
    v22 = np.multiply(z3, 0.5, out=xT)
    v23 = np.maximum.reduce(v22, axis=0, out=v23)
    v24 = np.subtract(v22, v23, out=xT)
    v25 = np.exp(v24, out=xT)
    v26 = np.square(v25, out=xT)
    v27 = ONES_3.dot(v26, out=v23)
    v28 = np.divide(ONE, v27, out=v23)
    p3 = np.multiply(v26, v28, out=xT)
    np.copyto(prediction, p3.T)


@np.errstate(under="ignore")
def loss(params: Parameters, x: ArrayLike, y: ArrayLike, *, workspace: Workspace | None = None) -> float:
    """The loss C for targets y of shape (N, 3) with rows of probabilities, or integer labels of shape (N,)."""
    x = _rows("x", x, INPUTS)
    y = _targets(y, len(x))
    work = _workspace(workspace, len(x))
    try:
        return _loss(params, x, y, work)
    finally:
        work.release()


def _loss(params: Parameters, x: NDArray[Any], y: NDArray[Any], work: Workspace) -> float:
    """The same in a workspace that no other call has."""
    W1, b1, W2, b2, W3, b3 = _checked_parameters(params)
    N = len(x)
    W1_b1, W2_b2, W3_b3 = work.fixed("loss")
    W1_b1 = np.concatenate((W1, b1[None]), out=W1_b1)  # towards z1
    W2_b2 = np.concatenate((W2, b2[None]), out=W2_b2)  # towards z2
    W3_b3 = np.concatenate((W3, b3[None]), out=W3_b3)  # towards z3
    v1 = 1.0 / N                                       # towards C
    constants = (W1_b1, W2_b2, W3_b3, v1)
    v35, v37 = work.run("loss", _loss_block, (x, y), constants)
    # C = 0.05*Sum(W1[i,j]**2, i, j) + 0.05*Sum(W2[j,k]**2, j, k) + 0.05*Sum(W3[k,l]**2, k, l) -
    # Sum(y[n,l]*log_softmax(z3[n,l], l), n, l)/N
    v38 = np.vdot(W1, W1)
    v40 = np.vdot(W2, W2)
    v42 = np.vdot(W3, W3)
    C = v38 * 0.05 + v40 * 0.05 + v42 * 0.05 - (v37 * 2 - v35 * v1)
    return float(C)


def _loss_block(arrays: Arrays, constants: tuple[Any, ...], buffers: Arrays, sums: Arrays) -> None:
    """The loss of some rows."""
    x, y = arrays
    W1_b1, W2_b2, W3_b3, v1 = constants
    xT, xT_1, yT, z1, a2_1, v24, v26, v2, v28, v5, v30, v15, y_total, zeros_4, ones = buffers
    v35, v37 = sums
    np.copyto(xT, x.T)                    # towards z1
    yT = _target_columns(y, yT, y_total)  # towards C
    z1 = W1_b1.T.dot(xT_1, out=z1)        # z1[n,j] = Sum(x[n,i]*W1[i,j], i) + b1[j]
    # a1[n,j] = silu(z1[n,j])
    v2 = np.absolute(z1, out=v2)
    v3 = np.multiply(v2, -0.5, out=v2)
    v4 = np.exp(v3, out=v2)
    v5 = np.minimum(z1, zeros_4, out=v5)
    v6 = np.multiply(v5, v4, out=v5)
    v7 = np.multiply(v6, v4, out=v5)
    v8 = np.square(v4, out=v2)
    v9 = np.add(v8, ONE, out=v2)
    v10 = np.maximum(z1, zeros_4, out=z1)
    v11 = np.add(v10, v7, out=z1)
    a1 = np.divide(v11, v9, out=z1)
    z2 = W2_b2.T.dot(a2_1, out=v2)  # z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    # a2[n,k] = a1[n,k] + silu(z2[n,k])
    v12 = np.absolute(z2, out=v5)
    v13 = np.multiply(v12, -0.5, out=v5)
    v14 = np.exp(v13, out=v5)
    v15 = np.minimum(z2, zeros_4, out=v15)
    v16 = np.multiply(v15, v14, out=v15)
    v17 = np.multiply(v16, v14, out=v15)
    v18 = np.square(v14, out=v5)
    v19 = np.add(v18, ONE, out=v5)
    v20 = np.maximum(z2, zeros_4, out=v2)
    v21 = np.add(v20, v17, out=v2)
    v22 = np.divide(v21, v19, out=v2)
    np.add(a1, v22, out=z1)
    z3 = W3_b3.T.dot(a2_1, out=xT)  # z3[n,l] = Sum(a2[n,k]*W3[k,l], k) + b3[l]
    # towards p3
    v23 = np.multiply(z3, 0.5, out=xT)
    v24 = np.maximum.reduce(v23, axis=0, out=v24)
    v25 = np.subtract(v23, v24, out=xT)
    v26 = np.exp(v25, out=v26)
    v27 = np.square(v26, out=v26)
    # towards C
    v28 = np.greater_equal(v25, ZERO, out=v28)
    v29 = np.subtract(v27, v28, out=v26)
    v30 = ONES_3.dot(v29, out=v30)
    v31 = ONES_3.dot(v28, out=v24)
    v32 = np.subtract(v31, ONE, out=v24)
    v33 = np.add(v30, v32, out=v30)
    v34 = np.log1p(v33, out=v30)
    v35[()] = v34.dot(ones)
    v36 = np.multiply(yT, v1, out=yT)
    v37[()] = np.vdot(v36, v25)


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
    W1, b1, W2, b2, W3, b3 = _apart(params, x, y, work)
    N = len(x)
    W1_b1, W2_b2, W3_b3, v59, v61 = work.fixed("gradient")
    W1_b1 = np.concatenate((W1, b1[None]), out=W1_b1)  # towards z1
    W2_b2 = np.concatenate((W2, b2[None]), out=W2_b2)  # towards z2
    W3_b3 = np.concatenate((W3, b3[None]), out=W3_b3)  # towards z3
    v1 = 1.0 / N                                       # towards C
    constants = (W1_b1, W2_b2, W3_b3, v1, W3, W2)
    W1_bar, _, W2_bar, _, W3_bar, _ = work.run("gradient", _gradient_block, (x, y), constants)
    # W3_bar[k,l] = Sum(a2[n,k]*z3_bar[n,l], n) + 0.1*W3[k,l]
    v59 = np.multiply(W3, 0.1, out=v59)
    np.add(W3_bar, v59, out=W3_bar)
    # W2_bar[j,k] = Sum(a1[n,j]*z2_bar[n,k], n) + 0.1*W2[j,k]
    v60 = np.multiply(W2, 0.1, out=W1_b1)
    np.add(W2_bar, v60, out=W2_bar)
    # W1_bar[i,j] = Sum(x[n,i]*z1_bar[n,j], n) + 0.1*W1[i,j]
    v61 = np.multiply(W1, 0.1, out=v61)
    np.add(W1_bar, v61, out=W1_bar)
    return work.gradient()


def _gradient_block(arrays: Arrays, constants: tuple[Any, ...], buffers: Arrays, sums: Arrays) -> None:
    """The derivatives by every parameter of some rows."""
    x, y = arrays
    W1_b1, W2_b2, W3_b3, v1, W3, W2 = constants
    (
        xT, xT_1, yT, z1, v2, v3, v55, v5, v8, v10, a1_1, v12, v13, v45, v15, z3, v18, v20, a2_1, v24, v30,
        v31, v35, y_total, zeros_4,
    ) = buffers
    _, W1_bar_b1_bar, _, W2_bar_b2_bar, _, W3_bar_b3_bar = sums
    np.copyto(xT, x.T)                    # towards z1
    yT = _target_columns(y, yT, y_total)  # towards C
    z1 = W1_b1.T.dot(xT_1, out=z1)        # z1[n,j] = Sum(x[n,i]*W1[i,j], i) + b1[j]
    # a1[n,j] = silu(z1[n,j])
    v2 = np.absolute(z1, out=v2)
    v3 = np.multiply(v2, -0.5, out=v3)
    v4 = np.exp(v3, out=v3)
    v5 = np.minimum(z1, zeros_4, out=v5)
    v6 = np.multiply(v5, v4, out=v5)
    v7 = np.multiply(v6, v4, out=v5)
    v8 = np.square(v4, out=v8)
    v9 = np.add(v8, ONE, out=v8)
    v10 = np.maximum(z1, zeros_4, out=v10)
    v11 = np.add(v10, v7, out=v10)
    a1 = np.divide(v11, v9, out=v10)
    z2 = W2_b2.T.dot(a1_1, out=v5)  # z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    # a2[n,k] = a1[n,k] + silu(z2[n,k])
    v12 = np.absolute(z2, out=v12)
    v13 = np.multiply(v12, -0.5, out=v13)
    v14 = np.exp(v13, out=v13)
    v15 = np.minimum(z2, zeros_4, out=v15)
    v16 = np.multiply(v15, v14, out=v15)
    v17 = np.multiply(v16, v14, out=v15)
    v18 = np.square(v14, out=v18)
    v19 = np.add(v18, ONE, out=v18)
    v20 = np.maximum(z2, zeros_4, out=v20)
    v21 = np.add(v20, v17, out=v20)
    v22 = np.divide(v21, v19, out=v20)
    np.add(a1, v22, out=v20)
    z3 = W3_b3.T.dot(a2_1, out=z3)  # z3[n,l] = Sum(a2[n,k]*W3[k,l], k) + b3[l]
    # p3[n,l] = softmax(z3[n,l], l)
    v23 = np.multiply(z3, 0.5, out=z3)
    v24 = np.maximum.reduce(v23, axis=0, out=v24)
    v25 = np.subtract(v23, v24, out=z3)
    v26 = np.exp(v25, out=z3)
    v27 = np.square(v26, out=z3)
    v28 = ONES_3.dot(v27, out=v24)
    v29 = np.divide(ONE, v28, out=v24)
    p3 = np.multiply(v27, v29, out=z3)
    # z3_bar[n,l] = (p3[n,l]*leave_one_out(y[n,l], l) - y[n,l]*leave_one_out(p3[n,l], l))/N
    v30[0] = 0
    np.add.accumulate(yT[:-1], axis=0, out=v30[1:])
    v31[-1] = 0
    np.add.accumulate(yT[:0:-1], axis=0, out=v31[-2::-1])
    v32 = np.add(v30, v31, out=v30)
    v33 = np.multiply(p3, v32, out=v30)
    v31[0] = 0
    np.add.accumulate(p3[:-1], axis=0, out=v31[1:])
    v34 = v31
    v35[-1] = 0
    np.add.accumulate(p3[:0:-1], axis=0, out=v35[-2::-1])
    v36 = np.add(v34, v35, out=v31)
    v37 = np.multiply(yT, v36, out=yT)
    v38 = np.subtract(v33, v37, out=v30)
    z3_bar = np.multiply(v38, v1, out=v30)
    a2_1.dot(z3_bar.T, out=W3_bar_b3_bar)  # towards W3_bar
    a2_bar = W3.dot(z3_bar, out=v15)       # a2_bar[n,k] = Sum(z3_bar[n,l]*W3[k,l], l)
    # z2_bar[n,k] = a2_bar[n,k]*silu_slope(z2[n,k])
    v40 = np.divide(v12, v19, out=v12)
    v41 = np.subtract(ONE, v40, out=v12)
    v42 = np.divide(v41, v19, out=v12)
    v43 = np.multiply(v14, v42, out=v12)
    v44 = np.multiply(v43, v14, out=v12)
    v45 = np.greater(z2, ZERO, out=v45)
    v46 = np.subtract(ONE, v44, out=v5)
    np.copyto(v44, v46, where=v45)
    v47 = v12
    z2_bar = np.multiply(a2_bar, v47, out=v12)
    a1_1.dot(z2_bar.T, out=W2_bar_b2_bar)  # towards W2_bar
    # a1_bar[n,j] = Sum(z2_bar[n,k]*W2[j,k], k) + a2_bar[n,j]
    v49 = W2.dot(z2_bar, out=v5)
    a1_bar = np.add(v49, a2_bar, out=v5)
    # z1_bar[n,j] = a1_bar[n,j]*silu_slope(z1[n,j])
    v50 = np.divide(v2, v9, out=v2)
    v51 = np.subtract(ONE, v50, out=v2)
    v52 = np.divide(v51, v9, out=v2)
    v53 = np.multiply(v4, v52, out=v2)
    v54 = np.multiply(v53, v4, out=v2)
    v55 = np.greater(z1, ZERO, out=v55)
    v56 = np.subtract(ONE, v54, out=z1)
    np.copyto(v54, v56, where=v55)
    v57 = v2
    z1_bar = np.multiply(a1_bar, v57, out=v5)
    xT_1.dot(z1_bar.T, out=W1_bar_b1_bar)  # towards W1_bar


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
    W1, b1, W2, b2, W3, b3 = _apart(params, x, y, work)
    N = len(x)
    W1_b1, W2_b2, W3_b3, v80, v82 = work.fixed("value_and_grad")
    W1_b1 = np.concatenate((W1, b1[None]), out=W1_b1)  # towards z1
    W2_b2 = np.concatenate((W2, b2[None]), out=W2_b2)  # towards z2
    W3_b3 = np.concatenate((W3, b3[None]), out=W3_b3)  # towards z3
    v1 = 1.0 / N                                       # towards C
    constants = (W1_b1, W2_b2, W3_b3, v1, W3, W2)
    (
        W1_bar, _, W2_bar, _, W3_bar, _, v37, v39,
    ) = work.run("value_and_grad", _value_and_grad_block, (x, y), constants)
    # C = 0.05*Sum(W1[i,j]**2, i, j) + 0.05*Sum(W2[j,k]**2, j, k) + 0.05*Sum(W3[k,l]**2, k, l) -
    # Sum(y[n,l]*log_softmax(z3[n,l], l), n, l)/N
    v69 = np.vdot(W1, W1)
    v71 = np.vdot(W2, W2)
    v73 = np.vdot(W3, W3)
    C = v69 * 0.05 + v71 * 0.05 + v73 * 0.05 - (v39 * 2 - v37 * v1)
    # W3_bar[k,l] = Sum(a2[n,k]*z3_bar[n,l], n) + 0.1*W3[k,l]
    v80 = np.multiply(W3, 0.1, out=v80)
    np.add(W3_bar, v80, out=W3_bar)
    # W2_bar[j,k] = Sum(a1[n,j]*z2_bar[n,k], n) + 0.1*W2[j,k]
    v81 = np.multiply(W2, 0.1, out=W1_b1)
    np.add(W2_bar, v81, out=W2_bar)
    # W1_bar[i,j] = Sum(x[n,i]*z1_bar[n,j], n) + 0.1*W1[i,j]
    v82 = np.multiply(W1, 0.1, out=v82)
    np.add(W1_bar, v82, out=W1_bar)
    return float(C), work.gradient()


def _value_and_grad_block(arrays: Arrays, constants: tuple[Any, ...], buffers: Arrays, sums: Arrays) -> None:
    """The loss and its derivatives by every parameter of some rows."""
    x, y = arrays
    W1_b1, W2_b2, W3_b3, v1, W3, W2 = constants
    (
        xT, xT_1, yT, z1, v2, v3, v65, v5, v8, v10, a1_1, v12, v13, v55, v15, z3, v18, v20, a2_1, v24, v26,
        v28, v30, p3, v32, y_total, zeros_4, ones,
    ) = buffers
    _, W1_bar_b1_bar, _, W2_bar_b2_bar, _, W3_bar_b3_bar, v37, v39 = sums
    np.copyto(xT, x.T)                    # towards z1
    yT = _target_columns(y, yT, y_total)  # towards C
    z1 = W1_b1.T.dot(xT_1, out=z1)        # z1[n,j] = Sum(x[n,i]*W1[i,j], i) + b1[j]
    # a1[n,j] = silu(z1[n,j])
    v2 = np.absolute(z1, out=v2)
    v3 = np.multiply(v2, -0.5, out=v3)
    v4 = np.exp(v3, out=v3)
    v5 = np.minimum(z1, zeros_4, out=v5)
    v6 = np.multiply(v5, v4, out=v5)
    v7 = np.multiply(v6, v4, out=v5)
    v8 = np.square(v4, out=v8)
    v9 = np.add(v8, ONE, out=v8)
    v10 = np.maximum(z1, zeros_4, out=v10)
    v11 = np.add(v10, v7, out=v10)
    a1 = np.divide(v11, v9, out=v10)
    z2 = W2_b2.T.dot(a1_1, out=v5)  # z2[n,k] = Sum(a1[n,j]*W2[j,k], j) + b2[k]
    # a2[n,k] = a1[n,k] + silu(z2[n,k])
    v12 = np.absolute(z2, out=v12)
    v13 = np.multiply(v12, -0.5, out=v13)
    v14 = np.exp(v13, out=v13)
    v15 = np.minimum(z2, zeros_4, out=v15)
    v16 = np.multiply(v15, v14, out=v15)
    v17 = np.multiply(v16, v14, out=v15)
    v18 = np.square(v14, out=v18)
    v19 = np.add(v18, ONE, out=v18)
    v20 = np.maximum(z2, zeros_4, out=v20)
    v21 = np.add(v20, v17, out=v20)
    v22 = np.divide(v21, v19, out=v20)
    np.add(a1, v22, out=v20)
    z3 = W3_b3.T.dot(a2_1, out=z3)  # z3[n,l] = Sum(a2[n,k]*W3[k,l], k) + b3[l]
    # p3[n,l] = softmax(z3[n,l], l)
    v23 = np.multiply(z3, 0.5, out=z3)
    v24 = np.maximum.reduce(v23, axis=0, out=v24)
    v25 = np.subtract(v23, v24, out=z3)
    v26 = np.exp(v25, out=v26)
    v27 = np.square(v26, out=v26)
    v28 = ONES_3.dot(v27, out=v28)
    v29 = np.divide(ONE, v28, out=v28)
    p3 = np.multiply(v27, v29, out=p3)
    # towards C
    v30 = np.greater_equal(v25, ZERO, out=v30)
    v31 = np.subtract(v27, v30, out=v26)
    v32 = ONES_3.dot(v31, out=v32)
    v33 = ONES_3.dot(v30, out=v24)
    v34 = np.subtract(v33, ONE, out=v24)
    v35 = np.add(v32, v34, out=v32)
    v36 = np.log1p(v35, out=v32)
    v37[()] = v36.dot(ones)
    v38 = np.multiply(yT, v1, out=v26)
    v39[()] = np.vdot(v38, v25)
    # z3_bar[n,l] = (p3[n,l]*leave_one_out(y[n,l], l) - y[n,l]*leave_one_out(p3[n,l], l))/N
    v26[0] = 0
    np.add.accumulate(yT[:-1], axis=0, out=v26[1:])
    v40 = v26
    v30[-1] = 0
    np.add.accumulate(yT[:0:-1], axis=0, out=v30[-2::-1])
    v41 = v30
    v42 = np.add(v40, v41, out=v26)
    v43 = np.multiply(p3, v42, out=v26)
    v30[0] = 0
    np.add.accumulate(p3[:-1], axis=0, out=v30[1:])
    v44 = v30
    z3[-1] = 0
    np.add.accumulate(p3[:0:-1], axis=0, out=z3[-2::-1])
    v45 = z3
    v46 = np.add(v44, v45, out=v30)
    v47 = np.multiply(yT, v46, out=yT)
    v48 = np.subtract(v43, v47, out=v26)
    z3_bar = np.multiply(v48, v1, out=v26)
    a2_1.dot(z3_bar.T, out=W3_bar_b3_bar)  # towards W3_bar
    a2_bar = W3.dot(z3_bar, out=v15)       # a2_bar[n,k] = Sum(z3_bar[n,l]*W3[k,l], l)
    # z2_bar[n,k] = a2_bar[n,k]*silu_slope(z2[n,k])
    v50 = np.divide(v12, v19, out=v12)
    v51 = np.subtract(ONE, v50, out=v12)
    v52 = np.divide(v51, v19, out=v12)
    v53 = np.multiply(v14, v52, out=v12)
    v54 = np.multiply(v53, v14, out=v12)
    v55 = np.greater(z2, ZERO, out=v55)
    v56 = np.subtract(ONE, v54, out=v5)
    np.copyto(v54, v56, where=v55)
    v57 = v12
    z2_bar = np.multiply(a2_bar, v57, out=v12)
    a1_1.dot(z2_bar.T, out=W2_bar_b2_bar)  # towards W2_bar
    # a1_bar[n,j] = Sum(z2_bar[n,k]*W2[j,k], k) + a2_bar[n,j]
    v59 = W2.dot(z2_bar, out=v5)
    a1_bar = np.add(v59, a2_bar, out=v5)
    # z1_bar[n,j] = a1_bar[n,j]*silu_slope(z1[n,j])
    v60 = np.divide(v2, v9, out=v2)
    v61 = np.subtract(ONE, v60, out=v2)
    v62 = np.divide(v61, v9, out=v2)
    v63 = np.multiply(v4, v62, out=v2)
    v64 = np.multiply(v63, v4, out=v2)
    v65 = np.greater(z1, ZERO, out=v65)
    v66 = np.subtract(ONE, v64, out=z1)
    np.copyto(v64, v66, where=v65)
    v67 = v2
    z1_bar = np.multiply(a1_bar, v67, out=v5)
    xT_1.dot(z1_bar.T, out=W1_bar_b1_bar)  # towards W1_bar


def flatten(params: Parameters) -> Array:
    """All parameters in one vector of shape (51,), in the order of `Parameters`."""
    return np.concatenate(_checked_parameters(params), axis=None)


def unflatten(theta: ArrayLike) -> Parameters:
    """The parameters in a vector such as `flatten` makes; they are a copy, and theta may be float64."""
    vector = _numbers("theta", theta, np.dtype(np.float64))
    if vector.shape != (51,):
        raise ValueError(f"theta: expected shape (51,), got {vector.shape}")
    values: Array = vector.astype(DTYPE)
    return Parameters(
        W1=values[0:12].reshape((3, 4)),
        b1=values[12:16].reshape((4,)),
        W2=values[16:32].reshape((4, 4)),
        b2=values[32:36].reshape((4,)),
        W3=values[36:48].reshape((4, 3)),
        b3=values[48:51].reshape((3,)),
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
    """The targets, if they have the shape of rows of probabilities, or are integer labels."""
    given = _numbers("y", y, None)
    if given.ndim == 1 and given.dtype.kind in "iu":
        if given.shape != (rows,):
            raise ValueError(f"y: expected {rows} labels, got {len(given)}")
        return given
    if given.shape != (rows, OUTPUTS):
        labels = given.size == rows and bool(np.isin(given, range(OUTPUTS)).all())
        remedy = f"; use y{'.ravel()' * (given.ndim > 1)}{'.astype(int)' * (given.dtype.kind in 'fb')}" * labels
        expected = f"rows of probabilities of shape ({rows}, {OUTPUTS}) or integer labels of shape ({rows},)"
        raise ValueError(f"y: expected {expected}, got {given.dtype} of shape {given.shape}{remedy}")
    return _numbers("y", given, _DTYPE)


def _check_probabilities(y: NDArray[np.number], given: np.dtype) -> None:
    """Raise unless the rows are probabilities that sum to 1, within the rounding of the dtype they came in."""
    if not ((y >= 0) & (y <= 1)).all():
        raise ValueError(f"y: expected rows of probabilities that sum to 1, got {y.min()} to {y.max()}")
    rounding = 4 * OUTPUTS * np.finfo(given.name if given.kind == "f" else DTYPE).eps
    sums = y.sum(axis=1)
    if not (np.abs(sums - 1) <= rounding).all():
        worst = sums[np.argmax(np.abs(sums - 1))]
        raise ValueError(f"y: expected rows of probabilities that sum to 1, or integer labels; a row sums to {worst}")


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


def _target_columns(y: NDArray[Any], out: Array, total: Array) -> Array:
    """Rows of probabilities as columns, made from integer labels or copied, once they are seen to sum to 1."""
    if y.ndim == 1:
        if y.min() < 0 or y.max() >= OUTPUTS:
            raise ValueError(f"y: expected labels from 0 to {OUTPUTS - 1}, got {y.min()} to {y.max()}")
        np.equal(y, _LABELS, out=out)
        return out
    np.copyto(out, y.T)
    with np.errstate(over="ignore", invalid="ignore"):
        np.subtract(ONES_3.dot(out, out=total), ONE, out=total)
        valid = np.vdot(total, total) <= _ROUNDING**2 and np.minimum.reduce(out, axis=None) >= 0
    if not valid:
        _check_probabilities(y, y.dtype)
    return out
