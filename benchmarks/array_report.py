"""The report of `array_form.py` in Markdown: its figures, each with its goal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from array_goals import MEAN_LEAD, Row, losses, mean_leads
from array_worker import CONTESTANTS, OWN, PEERS, REASONS
from machine import machine_text
from scalar_report import table, verdict

CPU_CLOCK = "**Times are processor time, since others used the machine**."


def present(rows: Sequence[Row], names: Iterable[str]) -> list[str]:
    """Those contestants that took part in any row."""
    return [name for name in names if any(name in row["us"] for row in rows)]


def time_text(times: Mapping[str, float]) -> str:
    """A median, with half the distance of the quartiles in percent of it."""
    median = times["median"]
    digits = max(0, 3 - len(str(int(median))))
    return f"{median:,.{digits}f} ±{(times['q3'] - times['q1']) / (2 * median):.0%}"


def number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def met_text(met: bool | None) -> str:
    return "" if met is None else verdict(met)


def floor_times(row: Row) -> list[str]:
    return [time_text(row["us"][row["floor"]])] if "floor" in row else []


def name_text(row: Row) -> str:
    return row["network"] + (" (in no goal)" if row["aside"] else "")


def times_table(rows: Sequence[Row]) -> list[str]:
    """µs a call of every contestant."""
    names = present(rows, (*REASONS, *OWN, *PEERS))
    with_floor = any("floor" in row for row in rows)
    head = ["network", "batch", *(["floor"] if with_floor else []), *(CONTESTANTS[name].label for name in names)]
    body = (
        [
            *(name_text(row), f"{row['batch']:,}", *floor_times(row)),
            *(time_text(row["us"][name]) if name in row["us"] else "–" for name in names),
        ]
        for row in rows
    )
    return table(head, body)


def ratios_table(rows: Sequence[Row]) -> list[str]:
    """symnet against the floor, and every peer against symnet."""
    peers = present(rows, PEERS)
    labels = (f"{CONTESTANTS[name].label} / symnet" for name in peers)
    head = ("network", "batch", "symnet / floor", "goal", "", *labels, "best peer", "goal", "")
    body = []
    for row in rows:
        leads = row.get("leads", {})
        body.append(
            [
                *(name_text(row), f"{row['batch']:,}", number(row.get("to_floor", {}).get("symnet"))),
                *(f"≤ {row['goal_floor']:.2f}" if row["goal_floor"] else "", met_text(row.get("floor_met"))),
                *(number(leads[name]) if name in leads else "–" for name in peers),
                f"{CONTESTANTS[row['best_peer']].label} {row['best_lead']:.2f}" if leads else "",
                *(("", "") if row["aside"] else (f"≥ {row['goal_peers']:.2f}", met_text(row.get("peers_met")))),
            ]
        )
    return table(head, body)


def means_text(rows: Sequence[Row]) -> list[str]:
    """The geometric means of the best peers' leads."""
    means = mean_leads(rows)
    if not means:
        return []
    body = ((mean["networks"], mean["dtype"], number(mean["mean_lead"]), verdict(mean["met"])) for mean in means)
    return [
        "## The best peer over symnet, in the geometric mean",
        "",
        f"Goal: {MEAN_LEAD}. The tiny ones are 2-2-1 and 3-3-2-1; without them the goal is harder.",
        "",
        *table(("networks", "dtype", "best peer / symnet", "goal"), body),
    ]


def losses_text(rows: Sequence[Row]) -> list[str]:
    """What was missed, and where a peer was faster."""
    found = losses(rows)
    listed = [f"- {line}" for line in found] or ["None."]
    return ["## Goals missed, and peers that were faster", "", *listed, ""]


def tool_text(tool: Mapping[str, Any]) -> list[str]:
    """Deriving and emitting, and the start of the command."""
    columns = ("first_ms", "warm_ms", "emptied_ms")
    body = (
        (
            *(f"{row['network']} {row['activation']}", *(f"{row[name]:.1f}" for name in columns)),
            *(f"{row['goal_ms']:g}", verdict(row["met"])),
        )
        for row in tool["generating"]
    )
    start = tool["help"]
    return [
        "## Deriving and emitting",
        "",
        "ms from the text of an architecture to the source of its module, in a process that has made another one",
        "before. `first`: the first time for this network; `warm`: the median of later times, which is held to the",
        "goal; `emptied`: with SymPy's cache emptied before.",
        "",
        *table(("network", "first", "warm", "emptied", "goal", ""), body),
        f"`symnet --help`: {start['median_ms']:.0f} ms (least {start['min_ms']:.0f}), goal {start['goal_ms']:g}:"
        f" {verdict(start['met'])}.",
        "",
    ]


def report(results: Mapping[str, Any]) -> list[str]:
    """The whole report, from what is also written as JSON."""
    rows, settings = results["rows"], results["settings"]
    text = [
        "# Array form",
        "",
        "Written by `benchmarks/array_form.py`.",
        *machine_text(results["machine"]),
        f"Loss and all gradients, µs a call: medians of {settings['rounds']} interleaved rounds, ± half the distance",
        "of the quartiles. One thread each, all on the same core, one process for each contestant, idle ones stopped.",
        *([CPU_CLOCK] if settings["clock"] == "cpu" else []),
        "Ratios are medians of the ratios of every round. All results agree with the reference, by the largest entry",
        "of each array: " + ", ".join(f"{dtype} to {goal:g}" for dtype, goal in settings["tolerances"].items()) + ".",
        "The floor is defined in `README.md` beside the script; a network's floor is the faster of its two layouts.",
        "With torch's BLAS it shows what a peer gains by other products than NumPy's.",
        "",
    ]
    for dtype in dict.fromkeys(row["dtype"] for row in rows):
        chosen = [row for row in rows if row["dtype"] == dtype]
        text += [f"## {dtype}", "", *times_table(chosen)]
        if any("leads" in row or "floor_met" in row for row in chosen):
            text += ratios_table(chosen)
    text += [*means_text(rows), *losses_text(rows)]
    if results["tool"]:
        text += tool_text(results["tool"])
    return text
