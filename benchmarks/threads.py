"""Whether two Python threads pay: a workspace with two beside one with one, BLAS at one thread in both.

    python benchmarks/threads.py [SECONDS]

For each network and dtype: the time of a call in one thread over that in two, and how many calls in two gave something
else than the first of them, bit for bit; that one is held to the reference. SECONDS (10 if not given) is how long each
is watched. Writes `results/threads.md` beside this file.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from array_cases import CASES, DTYPES, Case, problem
from array_field import check, reference
from machine import ONE_THREAD, machine, machine_text, run_without_misleading_variables

import symnet

RESULTS = Path(__file__).resolve().parent / "results" / "threads.md"
SECONDS = 10.0
LEAST_MS = 0.3
"""Shorter calls are left out."""

Call = Callable[[], tuple[float, Any]]


def calls(case: Case, dtype: str) -> tuple[Call, Call, int]:
    """Loss and gradients in one thread and in two, and from how many rows on the module would take two."""
    numbers = problem(case, dtype)
    module = symnet.compile(symnet.parse(case.architecture, hidden=case.activation, loss=case.loss), dtype=dtype)
    rows, module.__dict__["THREAD_ROWS"] = module.THREAD_ROWS, 0
    call = partial(module.value_and_grad, module.Parameters(*numbers.params), numbers.x, numbers.y)
    one, two = (partial(call, workspace=module.Workspace(case.batch, threads=threads)) for threads in (1, 2))
    return one, two, rows


def differ(result: tuple[float, Any], expected: tuple[float, list[Any]]) -> bool:
    return result[0] != expected[0] or not all(map(np.array_equal, result[1], expected[1]))


def watch(one: Call, two: Call, expected: tuple[float, list[Any]], seconds: float) -> tuple[float, float, int, int]:
    """Median seconds in one thread and in two, how many calls of two there were, and how many were wrong."""
    times: tuple[list[float], list[float]] = ([], [])
    wrong, start = 0, perf_counter()
    while perf_counter() - start < seconds:
        for call, taken in zip((one, two), times, strict=True):
            begin = perf_counter()
            result = call()
            taken.append(perf_counter() - begin)
        wrong += differ(result, expected)
    return statistics.median(times[0]), statistics.median(times[1]), len(times[1]), wrong


def main() -> None:
    """Watch every network whose calls are long enough, and write down what was seen."""
    run_without_misleading_variables(ONE_THREAD)
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    lines = [
        "# Two Python threads beside one",
        "",
        *machine_text(machine(("numpy",))),
        "Written by `python benchmarks/threads.py`.",
        "",
        "| network | batch | dtype | one thread, ms | two, ms | one / two | two from rows | calls of two | wrong |",
        "|---|---:|---|---:|---:|---:|---:|---:|---:|",
    ]
    for dtype in DTYPES:
        for case in CASES:
            one, two, rows = calls(case, dtype)
            value, gradients = two()
            expected = value, [array.copy() for array in gradients]
            check(f"{case.label} in {dtype}, two threads", expected, reference(case, dtype), dtype)
            alone, together, count, wrong = watch(one, two, expected, seconds)
            if alone * 1e3 >= LEAST_MS:
                times = f"{alone * 1e3:.2f} | {together * 1e3:.2f} | {alone / together:.2f}"
                lines.append(
                    f"| {case.network} | {case.batch:,} | {dtype} | {times} | {rows:,} | {count:,} | {wrong} |"
                )
                sys.stdout.write(f"{lines[-1]}\n")
    RESULTS.write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
