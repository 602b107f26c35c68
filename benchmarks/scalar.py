"""Benchmark of the scalar form: operations, the cost of deriving, and the speed of straight-line code.

    python benchmarks/scalar.py

The same networks go through symnet and through CasADi's SX, with sigmoid hidden layers, one
identity output and half the squared error; nothing is timed or counted before both agree.
Writes `results/scalar.json` and `results/scalar.md` beside this file.
"""

from __future__ import annotations

import gc
import itertools
import json
import re
import statistics
import sys
import timeit
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import casadi
import numpy as np
import sympy
from machine import machine, machine_text, run_without_misleading_variables
from scalar_report import Table, calls_text, counts_text, deriving_text
from sympy.core.cache import clear_cache
from threadpoolctl import threadpool_limits

import symnet
from symnet.scalar_form.graph import Graph
from symnet.scalar_form.instantiate import GraphArithmetic, scalar_graph

Times = dict[str, list[float]]
"""Seconds of every run, by what was timed."""
ValueAndGrad = Callable[[Sequence[float], Sequence[float], Sequence[float]], tuple[float, Sequence[float]]]

COUNTED = ("2-2-1", "3-3-2-1", "4-4-4-1", "8-8-8-1", "16-16-16-1", "32-32-32-1")
DERIVED = tuple(f"{n}-{n}-{n}-1" for n in (22, 32, 45, 64, 70))
CALLED = {"2-2-1": 0.5, "3-3-2-1": 1.1}
"""The networks that are called for one row, and the µs that a call may take."""

SLOPE_GOAL = 40.0
TOLERANCE = 1e-12
DERIVING_RUNS = 5
CALLING_ROUNDS = 40
ROUND_SECONDS = 0.01
RESULTS = Path(__file__).resolve().parent / "results"


# The same network three times: as symnet's function, as CasADi's, and as a SymPy expression.


def widths(network: str) -> list[int]:
    return [int(width) for width in network.split("-")]


def weights(network: str) -> int:
    """How many parameters a network has, biases included."""
    sizes = widths(network)
    return sum((before + 1) * after for before, after in itertools.pairwise(sizes))


def function_of(source: str) -> ValueAndGrad:
    """`value_and_grad` of a module, from its source."""
    namespace: dict[str, Any] = {}
    exec(compile(source, "<generated>", "exec"), namespace)  # noqa: S102 - what symnet has written
    found: ValueAndGrad = namespace["value_and_grad"]
    return found


def without_other_functions(source: str) -> str:
    """The module with `value_and_grad` as its only function."""
    head, *functions = re.split(r"^(?=def )", source, flags=re.MULTILINE)
    return head + "".join(text for text in functions if text.startswith("def value_and_grad("))


def symnet_function(network: str) -> ValueAndGrad:
    return function_of(symnet.generate(symnet.parse(network), target="python"))


def casadi_function(network: str) -> casadi.Function:
    """f(x, y, theta) -> (C, g), theta in the order of symnet's PARAMETERS."""
    sizes = widths(network)
    x, y = casadi.SX.sym("x", sizes[0]), casadi.SX.sym("y", sizes[-1])
    units, parameters = x, []
    for layer, (before, after) in enumerate(itertools.pairwise(sizes), start=1):
        weight, bias = casadi.SX.sym(f"W{layer}", after, before), casadi.SX.sym(f"b{layer}", after)
        parameters += [casadi.vec(weight), bias]
        units = weight @ units + bias
        if layer < len(sizes) - 1:
            units = 1 / (1 + casadi.exp(-units))
    loss, theta = 0.5 * casadi.sumsqr(units - y), casadi.vertcat(*parameters)
    return casadi.Function("f", [x, y, theta], [loss, casadi.gradient(loss, theta)])


def sympy_function(network: str) -> ValueAndGrad:
    """The textbook way: one expression, `diff` by every parameter, `cse`, and `lambdify` with Python's math."""
    sizes = widths(network)
    x, y = sympy.symbols(f"x:{sizes[0]}"), sympy.symbols(f"y:{sizes[-1]}")
    theta: list[sympy.Symbol] = []
    units: list[sympy.Expr] = list(x)
    for layer, after in enumerate(sizes[1:], start=1):
        weight = [sympy.symbols(f"W{layer}_{i}_:{after}") for i in range(len(units))]
        bias = sympy.symbols(f"b{layer}_:{after}")
        theta += [*(symbol for row in weight for symbol in row), *bias]
        units = [sum((row[j] * unit for row, unit in zip(weight, units, strict=True)), bias[j]) for j in range(after)]
        if layer < len(sizes) - 1:
            units = [1 / (1 + sympy.exp(-unit)) for unit in units]
    loss = sum((unit - target) ** 2 for unit, target in zip(units, y, strict=True)) / 2
    result = (loss, [loss.diff(parameter) for parameter in theta])
    found: ValueAndGrad = sympy.lambdify([theta, x, y], result, modules="math", cse=True)
    return found


@dataclass(frozen=True)
class Point:
    """A random point: parameters, one row of inputs and its targets, as lists of floats."""

    theta: list[float]
    x: list[float]
    y: list[float]


def random_point(network: str, seed: int) -> Point:
    rng, sizes = np.random.default_rng(seed), widths(network)
    return Point(*(rng.standard_normal(size).tolist() for size in (weights(network), sizes[0], sizes[-1])))


def check_equal(network: str, what: str, found: Iterable[float], expected: Iterable[float]) -> float:
    """The largest deviation of two values with gradients, relative above 1.

    Raises:
        SystemExit: they differ by more than the tolerance.
    """
    left, right = np.array([*found]), np.array([*expected])
    deviation = float(np.max(np.abs(left - right) / np.maximum(1.0, np.abs(right))))
    if not deviation <= TOLERANCE:
        sys.exit(f"{network}: symnet and {what} differ by {deviation:.1e}")
    return deviation


def check_against_casadi(network: str, ours: ValueAndGrad, theirs: casadi.Function, points: int = 3) -> float:
    """The largest deviation over some random points."""
    deviations = []
    for seed in range(points):
        point = random_point(network, seed)
        value, gradient = ours(point.theta, point.x, point.y)
        deviations.append(check_equal(network, "CasADi", [value, *gradient], flat(theirs, point)))
    return max(deviations)


def flat(function: casadi.Function, point: Point) -> list[float]:
    """CasADi's value and gradient in one list."""
    loss, gradient = function(point.x, point.y, point.theta)
    return [float(loss), *gradient.full().ravel().tolist()]


# 1. Operations.


def casadi_operations(function: casadi.Function) -> Counter[str]:
    """The instructions of a function that compute something, by CasADi's name for them."""
    free = {casadi.OP_INPUT, casadi.OP_OUTPUT, casadi.OP_CONST}
    names = {number: name[3:].lower() for name, number in vars(casadi).items() if name.startswith("OP_")}
    instructions = map(function.instruction_id, range(function.n_instructions()))
    return Counter(names[instruction] for instruction in instructions if instruction not in free)


def count_operations() -> Table:
    """Value and gradient of each network, in operations."""
    rows = []
    for network in COUNTED:
        theirs = casadi_function(network)
        deviation = check_against_casadi(network, symnet_function(network), theirs)
        counts, operations = symnet.count(symnet.parse(network)), casadi_operations(theirs)
        rows.append(
            {
                "network": network,
                "weights": weights(network),
                "sweep": counts.sweep,
                "sweep_cse": counts.sweep_cse,
                "casadi": operations.total(),
                "casadi_by_kind": dict(operations.most_common()),
                "ratio": counts.sweep_cse / operations.total(),
                "deviation": deviation,
                "met": counts.sweep_cse <= operations.total(),
            }
        )
    return rows


# 2. The cost of deriving.


def timed(times: Times, name: str, task: Callable[[], Any]) -> Any:
    """The result of a task; the seconds that it took are added to `times`."""
    start = perf_counter()
    result = task()
    times.setdefault(name, []).append(perf_counter() - start)
    return result


def derive_once(network: str, times: Times) -> None:
    """Time one derivation with SymPy's cache empty, as a whole and in parts, and CasADi's beside it."""
    clear_cache()
    gc.collect()
    architecture = timed(times, "parse", lambda: symnet.parse(network))
    source = timed(times, "generate", lambda: symnet.generate(architecture, target="python"))
    timed(times, "compile", lambda: function_of(source))
    shorter = without_other_functions(source)
    timed(times, "compile_alone", lambda: function_of(shorter))
    clear_cache()
    gc.collect()
    program = timed(times, "derive", lambda: symnet.derive(architecture).program)
    timed(times, "graph", lambda: scalar_graph(program, GraphArithmetic(Graph())))
    gc.collect()
    timed(times, "casadi", lambda: casadi_function(network))

    def last(name: str) -> float:
        return times[name][-1]

    times.setdefault("print", []).append(last("generate") - last("derive") - last("graph"))
    times.setdefault("total", []).append(last("parse") + last("generate") + last("compile"))
    times.setdefault("alone", []).append(last("parse") + last("generate") + last("compile_alone"))


def cost_of_deriving() -> dict[str, Any]:
    """Seconds by network, and the lines through them: seconds = a + b * weights."""
    derive_once(DERIVED[0], {})
    times: dict[str, Times] = {network: {} for network in DERIVED}
    for _ in range(DERIVING_RUNS):
        for network in DERIVED:
            derive_once(network, times[network])
    medians = {network: {name: statistics.median(runs) for name, runs in times[network].items()} for network in DERIVED}
    sizes = [weights(network) for network in DERIVED]
    lines = {}
    for name in medians[DERIVED[0]]:
        seconds = [medians[network][name] for network in DERIVED]
        slope, start = np.polyfit(sizes, seconds, 1).tolist()
        off = float(np.max(np.abs(np.polyval([slope, start], sizes) / seconds - 1)))
        lines[name] = {"us_per_weight": slope * 1e6, "start_ms": start * 1e3, "largest_deviation": off}
    return {
        "networks": [{"network": network, "weights": weights(network), **medians[network]} for network in DERIVED],
        "lines": lines,
        "runs": DERIVING_RUNS,
        "goal_us_per_weight": SLOPE_GOAL,
        "met": lines["total"]["us_per_weight"] <= SLOPE_GOAL,
    }


def deriving_small() -> Table:
    """Seconds from architecture to function for the networks that SymPy alone can do."""
    rows = []
    for network in CALLED:
        point, times = random_point(network, 0), Times()
        for _ in range(DERIVING_RUNS):
            clear_cache()
            ours = timed(times, "symnet", partial(symnet_function, network))
            timed(times, "casadi", partial(casadi_function, network))
            clear_cache()
            theirs = timed(times, "sympy", partial(sympy_function, network))
        value, gradient = theirs(point.theta, point.x, point.y)
        own_value, own_gradient = ours(point.theta, point.x, point.y)
        check_equal(network, "SymPy", [own_value, *own_gradient], [value, *gradient])
        medians = {name: statistics.median(runs) for name, runs in times.items()}
        rows.append({"network": network, "weights": weights(network), **medians})
    return rows


# 3. Straight-line code.


def contenders(network: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Each way to call value and gradient for one row: the statement to time and the names in it.

    All have their arguments ready in the form that serves them best. CasADi's buffered call
    neither takes nor returns anything: it computes from memory into memory.
    """
    point = random_point(network, 0)
    straight, function = symnet_function(network), casadi_function(network)
    module = symnet.compile(symnet.parse(network))
    params, x, y = module.unflatten(np.array(point.theta)), np.array([point.x]), np.array([point.y])
    matrices = [casadi.DM(part) for part in (point.x, point.y, point.theta)]
    buffer, evaluate = function.buffer()
    arrays = [np.array(part) for part in (point.x, point.y, point.theta)]
    results = [np.zeros(1), np.zeros(weights(network))]
    for place, array in enumerate(arrays):
        buffer.set_arg(place, array.data)
    for place, array in enumerate(results):
        buffer.set_res(place, array.data)

    expected = flat(function, point)
    value, gradient = straight(point.theta, point.x, point.y)
    check_equal(network, "CasADi", [value, *gradient], expected)
    value, arrays_of_gradient = module.value_and_grad(params, x, y)
    check_equal(network, "the NumPy module", expected, [value, *module.flatten(arrays_of_gradient)])
    evaluate()
    check_equal(network, "CasADi's buffered call", expected, [*results[0], *results[1]])
    keep = {"buffer": buffer, "arrays": arrays, "results": results}
    return {
        "symnet": ("f(theta, x, y)", {"f": straight, **vars(point)}),
        "numpy": ("f(theta, x, y)", {"f": module.value_and_grad, "theta": params, "x": x, "y": y}),
        "casadi": ("f(x, y, theta)", {"f": function, **vars(point)}),
        "casadi_dm": ("f(x, y, theta)", {"f": function, **dict(zip(("x", "y", "theta"), matrices, strict=True))}),
        "casadi_buffer": ("f()", {"f": evaluate, **keep}),
    }


def time_calls(network: str) -> dict[str, Any]:
    """µs a call of each contender, minimum and median of interleaved rounds, as ratios to symnet's too."""
    timers = {name: timeit.Timer(call, globals=names) for name, (call, names) in contenders(network).items()}
    numbers = {}
    for name, timer in timers.items():
        number, seconds = timer.autorange()
        numbers[name] = max(1, round(number * ROUND_SECONDS / seconds))
    rounds: Times = {name: [] for name in timers}
    for _ in range(CALLING_ROUNDS):
        for name, timer in timers.items():
            rounds[name].append(timer.timeit(numbers[name]) / numbers[name] * 1e6)
    calls = {name: {"min": min(runs), "median": statistics.median(runs)} for name, runs in rounds.items()}
    base = calls["symnet"]["median"]
    return {
        "network": network,
        "rounds": CALLING_ROUNDS,
        "goal_us": CALLED[network],
        "us": calls,
        "ratio_to_symnet": {name: call["median"] / base for name, call in calls.items()},
        "met": base <= CALLED[network],
    }


def say(*lines: str) -> None:
    sys.stdout.write("\n".join([*lines, ""]))
    sys.stdout.flush()


def main() -> None:
    """Count and time everything, say it and write it down."""
    run_without_misleading_variables()
    with threadpool_limits(1):
        facts = machine()
        say(*machine_text(facts))
        counts = count_operations()
        say(*counts_text(counts))
        calls = [time_calls(network) for network in CALLED]
        say(*calls_text(calls))
        deriving, small = cost_of_deriving(), deriving_small()
        say(*deriving_text(deriving, small))
    results = {"machine": facts, "counts": counts, "deriving": deriving, "deriving_small": small, "calls": calls}
    text = [
        "# Scalar form",
        "",
        "Written by `benchmarks/scalar.py`.",
        *machine_text(facts),
        *counts_text(counts),
        *deriving_text(deriving, small),
        *calls_text(calls),
    ]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "scalar.json").write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (RESULTS / "scalar.md").write_text("\n".join(text).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
