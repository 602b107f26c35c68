"""The report of `scalar.py` in Markdown: its figures, each with its goal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Table = list[dict[str, Any]]
"""Rows, each by the names of its columns."""


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """A table in Markdown, figures to the right."""
    lines = [f"| {' | '.join(head)} |", f"|---|{'---:|' * (len(head) - 1)}"]
    return [*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows), ""]


def verdict(met: bool) -> str:
    return "met" if met else "**not met**"


def counts_text(rows: Table) -> list[str]:
    """The section on operations."""
    body = (
        (
            *(row["network"], f"{row['weights']:,}", f"{row['sweep']:,}", f"{row['sweep_cse']:,}"),
            *(f"{row['casadi']:,}", f"{row['ratio']:.3f}", verdict(row["met"])),
        )
        for row in rows
    )
    worst = max(row["deviation"] for row in rows)
    return [
        "## Operations",
        "",
        "Value and gradient for one row. `+ - * /`, a sign, `exp` and squaring count one each, on both sides.",
        "Goal: symnet's sweep with CSE needs no more than CasADi's SX gradient.",
        f"Values and gradients of both agree at random points, to {worst:.1e} at worst.",
        "",
        *table(("network", "weights", "sweep", "sweep with CSE", "CasADi SX", "ratio", "goal"), body),
    ]


def deriving_text(deriving: dict[str, Any], small: Table) -> list[str]:
    """The section on the cost of deriving."""
    lines = deriving["lines"]
    labels = {
        "total": "**all, to the compiled module**",
        "derive": "derive the equations",
        "graph": "build the scalar graph",
        "print": "print the module",
        "compile": "compile the module",
        "alone": "all, but only `value_and_grad` compiled",
        "compile_alone": "compile `value_and_grad` alone",
        "casadi": "CasADi: SX, gradient, Function",
    }
    slopes = (
        (label, *(f"{lines[name][key]:.1f}" for key in ("us_per_weight", "start_ms")), share(lines[name]))
        for name, label in labels.items()
    )
    columns = ("derive", "graph", "print", "compile", "total", "alone", "casadi")
    seconds = (
        (row["network"], f"{row['weights']:,}", *(f"{row[name] * 1e3:.0f}" for name in columns))
        for row in deriving["networks"]
    )
    tiny = (
        (row["network"], row["weights"], *(f"{row[name] * 1e3:.1f}" for name in ("symnet", "casadi", "sympy")))
        for row in small
    )
    slope, goal = lines["total"]["us_per_weight"], deriving["goal_us_per_weight"]
    return [
        "## Cost of deriving",
        "",
        f"From architecture to compiled function, target `python`. Goal: at most {goal:g} µs a weight;",
        f"measured: **{slope:.1f} µs a weight**, {verdict(deriving['met'])};"
        f" CasADi: {lines['casadi']['us_per_weight']:.1f}.",
        f"Medians of {deriving['runs']} runs, SymPy's cache emptied before each,"
        " and the line a + b·weights through them;",
        "the last column is the largest deviation of a network from that line.",
        "",
        *table(("part", "b, µs a weight", "a, ms", "off the line"), slopes),
        "The times themselves, in ms:",
        "",
        *table(("network", "weights", *columns), seconds),
        "Small networks, where SymPy alone (`diff` by every weight, `cse`, `lambdify`) can be compared, in ms:",
        "",
        *table(("network", "weights", "symnet", "CasADi", "SymPy"), tiny),
    ]


def share(line: dict[str, float]) -> str:
    return f"{line['largest_deviation']:.0%}"


def calls_text(calls: Table) -> list[str]:
    """The section on straight-line code."""
    labels = {
        "symnet": "symnet's straight-line `value_and_grad`, lists in, tuple out",
        "numpy": "symnet's NumPy module, arrays in and out",
        "casadi": "CasADi's call, lists in",
        "casadi_dm": "CasADi's call, DM in",
        "casadi_buffer": "CasADi's buffered call, nothing passed",
    }
    text = [
        "## Straight-line code",
        "",
        "One row, value and gradient; all agree in their results.",
        f"Minimum and median of {calls[0]['rounds']} interleaved rounds, µs a call; the median is held to the goal.",
        "A ratio above 1 says how many times as long as symnet's call.",
        "",
    ]
    for row in calls:
        rows = (
            (
                label,
                *(f"{row['us'][name][key]:.2f}" for key in ("min", "median")),
                f"{row['ratio_to_symnet'][name]:.2f}",
            )
            for name, label in labels.items()
        )
        median = row["us"]["symnet"]["median"]
        text += [
            f"**{row['network']}**: goal {row['goal_us']:g} µs, measured {median:.2f} µs, {verdict(row['met'])}.",
            "",
            *table(("call", "min", "median", "ratio"), rows),
        ]
    return text
