"""What `--accuracy fast` loses, and what `tails` costs: written to results/accuracy.md.

    PYTHONPATH=tests/helpers python benchmarks/accuracy_table.py        (or make accuracy)

Errors are measured as `tests/helpers/accuracy.py` says, at numbers of every exponent of a float; times are medians of
runs that take turns, for loss and all gradients with a workspace.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np
from accuracy import ACCURACIES, BOUNDS, DTYPES, WAYS, largest_errors, numbers
from machine import ONE_THREAD, machine, machine_text, run_without_misleading_variables

import symnet

RESULT = Path(__file__).parent / "results" / "accuracy.md"
ACTIVATIONS = ("sigmoid", "tanh", "elu", "selu", "softplus", "gaussian", "silu", "gelu", "gelu_tanh", "mish")
BATCHES = (32, 256, 4096)
TURNS, SECONDS = 15, 0.01


def errors_of(activation: str, dtype: str, accuracy: str) -> tuple[float, float]:
    """The largest errors of an activation and of its derivative, in whichever kind of module they are largest."""
    ways = [way for way in WAYS if way != "python" or dtype == "float64"]
    found = [largest_errors(way, activation, dtype, accuracy) for way in ways]
    return max(value.units for value, _ in found), max(slope.units for _, slope in found)


def error_rows() -> Iterator[str]:
    """One line for each activation: f and f' in float64 and float32, in each accuracy."""
    for activation, bound in BOUNDS.items():
        cells = [
            f"{units:.2g}"
            for accuracy in ACCURACIES
            for dtype in DTYPES
            for units in errors_of(activation, dtype, accuracy)
        ]
        yield f"| {activation} | {bound} | {' | '.join(cells)} |"


def ratio(activation: str, dtype: str, rows: int) -> float:
    """The time of `tails` over that of `fast`."""
    rng = np.random.default_rng(0)
    network = symnet.parse(f"64-64-64-10:{activation},{activation},softmax;loss=cross_entropy")
    x = rng.standard_normal((rows, 64)).astype(dtype)
    y = np.eye(10, dtype=dtype)[rng.integers(0, 10, rows)]
    calls = []
    for accuracy in ACCURACIES:
        module = symnet.compile(network, dtype=dtype, accuracy=accuracy)
        call = partial(module.value_and_grad, module.init(0), x, y, workspace=module.Workspace(rows))
        call()
        calls.append(call)
    repeats = max(1, int(SECONDS / timed(calls[0], 3)))
    times = [[timed(call, repeats) for call in calls] for _ in range(TURNS)]
    fast, tails = (statistics.median(column) for column in zip(*times, strict=True))
    return tails / fast


def timed(call: partial[object], repeats: int) -> float:
    start = perf_counter()
    for _ in range(repeats):
        call()
    return (perf_counter() - start) / repeats


def time_rows() -> Iterator[str]:
    for activation in ACTIVATIONS:
        cells = [f"{ratio(activation, dtype, rows):.2f}" for dtype in DTYPES for rows in BATCHES]
        yield f"| {activation} | {' | '.join(cells)} |"


def report() -> Iterator[str]:
    yield "# Accuracy"
    yield ""
    yield "Written by `benchmarks/accuracy_table.py`."
    yield from machine_text(machine(("numpy", "scipy", "mpmath")))
    yield "## Errors"
    yield ""
    counts = ", ".join(f"{len(numbers(dtype)):,} numbers in {dtype}" for dtype in DTYPES)
    yield f"The largest at {counts}, in units of eps (|f| + |z f'|), for f' of eps (|f'| + |z f''|); up to four"
    yield "times the smallest subnormal number is no error. The largest of the fast, the plain and, in float64, the"
    yield "straight-line Python module. The bound is that of `tails`."
    yield ""
    yield "| | bound | fast f, 64 | f' | fast f, 32 | f' | tails f, 64 | f' | tails f, 32 | f' |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    yield from error_rows()
    yield ""
    yield "## Time of `tails` over that of `fast`"
    yield ""
    yield "Loss and all gradients of 64-64-64-10 with softmax and cross-entropy, for batches of so many rows."
    yield ""
    yield f"| hidden layers | {' | '.join(f'{dtype}, {rows:,}' for dtype in DTYPES for rows in BATCHES)} |"
    yield f"|---|{'---:|' * (len(DTYPES) * len(BATCHES))}"
    yield from time_rows()


if __name__ == "__main__":
    run_without_misleading_variables(ONE_THREAD)
    RESULT.write_text("\n".join(report()) + "\n", encoding="utf-8")
