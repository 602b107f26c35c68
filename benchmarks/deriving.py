"""Benchmark of the tool itself: deriving and emitting a module, and starting the command.

    python benchmarks/deriving.py

Says its figures as JSON; `array_form.py` runs it, and writes them down with its own.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

from machine import ONE_THREAD, run_without_misleading_variables
from sympy.core.cache import clear_cache

import symnet

WARM_RUNS, EMPTIED_RUNS, HELP_RUNS = 7, 3, 9
HELP_GOAL_MS = 300.0


def _networks() -> list[tuple[str, str, str, float]]:
    """Architecture, activation, loss and the ms that a module may take."""
    entropy, mean, half = "cross_entropy", "mean_squared_error", "half_squared_error"
    return [
        *((architecture, "tanh", entropy, 30.0) for architecture in ("8-8-8-10", "64-64-64-10", "4096-4096-4096-10")),
        ("784-128-10", "relu", entropy, 30.0),
        ("784-512-512-10", "relu", entropy, 30.0),
        ("30-100-100-100-1", "tanh", mean, 30.0),
        ("32-32-32-32-32-32-32-32-32-1", "tanh", mean, 30.0),
        *(("64-64-64-10", activation, entropy, 30.0) for activation in ("elu", "silu")),
        *(("64-64-64-10", activation, entropy, 120.0) for activation in ("gelu_tanh", "gelu")),
        *((architecture, "sigmoid", half, 30.0) for architecture in ("2-2-1", "3-3-2-1")),
        ("-".join(["32"] * 100 + ["1"]), "tanh", mean, 1000.0),
    ]


def milliseconds(task: Callable[[], Any]) -> float:
    start = perf_counter()
    task()
    return (perf_counter() - start) * 1e3


def generating() -> list[dict[str, Any]]:
    """ms from an architecture's text to the module's: the first time, later times, and with SymPy's cache emptied."""

    def generate(architecture: str, activation: str, loss: str) -> str:
        return symnet.generate(symnet.parse(architecture, hidden=activation, loss=loss), target="numpy")

    generate("5-5-5-5", "softplus", "mean_squared_error")
    rows = []
    for architecture, activation, loss, goal in _networks():
        layers, task = architecture.count("-"), partial(generate, architecture, activation, loss)
        first = milliseconds(task)
        warm = [milliseconds(task) for _ in range(WARM_RUNS)]
        emptied = []
        for _ in range(EMPTIED_RUNS):
            clear_cache()
            emptied.append(milliseconds(task))
        rows.append(
            {
                "network": architecture if layers < 12 else f"{layers} layers of {architecture.split('-')[0]}",
                "activation": activation,
                "first_ms": first,
                "warm_ms": statistics.median(warm),
                "emptied_ms": statistics.median(emptied),
                "goal_ms": goal,
                "met": statistics.median(warm) <= goal,
            }
        )
    return rows


def starting() -> dict[str, Any]:
    """ms of `symnet --help`, from nothing to its end."""
    command = [sys.executable, "-m", "symnet", "--help"]
    runs = [
        milliseconds(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))  # noqa: S603 - ourselves
        for _ in range(HELP_RUNS)
    ]
    median = statistics.median(runs)
    return {"median_ms": median, "min_ms": min(runs), "goal_ms": HELP_GOAL_MS, "met": median <= HELP_GOAL_MS}


def main() -> None:
    run_without_misleading_variables(ONE_THREAD)
    sys.stdout.write(json.dumps({"generating": generating(), "help": starting()}, indent=2) + "\n")


if __name__ == "__main__":
    main()
