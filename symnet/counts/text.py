"""Operation counts as tables for people and as JSON for programs."""

from __future__ import annotations

import json
from dataclasses import asdict

from symnet.counts.comparison import NetworkCounts
from symnet.counts.expression_counts import ExpressionCounts
from symnet.support import table

METHODS = {
    "forward": "the loss alone",
    "brute_force": "every derivative written out on its own",
    "brute_force_cse": "the same, common subexpressions shared",
    "forward_mode": "forward mode, one pass for each parameter",
    "sweep": "one reverse sweep",
    "sweep_cse": "the same, common subexpressions shared",
}


def network_counts_text(title: str, counts: NetworkCounts) -> str:
    """Return a table of the methods: their operations, and these as a multiple of the forward pass.

    Brute force with shared subexpressions cannot be counted in large networks; it takes at most as many as without.
    """
    values = asdict(counts)
    bounds = {} if counts.brute_force_cse is not None else {"brute_force_cse": counts.brute_force}
    rows = [
        (
            f"{description}: at most" if method in bounds else description,
            number(bounds.get(method, values[method])),
            multiple(bounds.get(method, values[method]), counts.forward),
        )
        for method, description in METHODS.items()
    ]
    jacobian = (
        f"All outputs by all inputs: {number(counts.jacobian_forward)} operations in forward mode, "
        f"{number(counts.jacobian_reverse)} in reverse mode."
    )
    head = f"{title}: the loss and its {counts.parameters:,} derivatives, for one row"
    return f"{head}\n\n{table(('', 'operations', 'forward passes'), rows)}\n\n{jacobian}"


def expression_counts_text(formula: str, counts: ExpressionCounts) -> str:
    """Return the counts of a function as text: written out, and step by step with intermediates."""
    rows = [
        (step.result if step.result.startswith("d") else step.name, f"= {step.formula}", number(step.operations))
        for step in counts.steps
    ]
    (value,) = (step.name for step in counts.steps if step.result == "f")
    return (
        f"f = {formula}\n\n"
        f"written out: f {number(counts.value)}, its derivatives {number(counts.gradient)}, "
        f"total {number(counts.total)} operations\n"
        f"with intermediates: {number(counts.shared)} operations, where f = {value}\n\n"
        f"{table(('step', '', 'operations'), rows)}"
    )


def counts_json(counts: NetworkCounts | ExpressionCounts) -> str:
    """Return the counts as JSON, under the names of their attributes."""
    return json.dumps(asdict(counts), indent=2)


def number(value: float | None) -> str:
    """Return a count with thousands separators; a dash for None."""
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"


def multiple(value: float | None, of: float) -> str:
    """Return the ratio of two costs as text; a dash if the first is None or the second 0."""
    return "-" if value is None or not of else f"{value / of:,.2f}"
