"""What was measured against what was to be reached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from array_cases import Case
from array_field import paired, summary
from array_worker import CONTESTANTS, FLOORS, PEERS

Row = dict[str, Any]
"""What was found for one case in one dtype."""

MEAN_LEAD = 1.3
"""How many times as long as symnet the best peer should take, in the geometric mean."""


def evaluate(case: Case, dtype: str, seconds: Mapping[str, Sequence[float]]) -> Row:
    """Times in µs, and the ratios to the floor and to symnet, each the median of those of every round."""
    times = {name: summary([value * 1e6 for value in values]) for name, values in seconds.items()}
    floors = [name for name in FLOORS if name in times]
    row: Row = {
        "network": case.network,
        "architecture": case.architecture,
        "activation": case.activation,
        "loss": case.loss,
        "batch": case.batch,
        "dtype": dtype,
        "aside": case.aside,
        "goal_floor": case.goal,
        "goal_peers": case.lead,
        "us": times,
    }
    if floors:
        floor = min(floors, key=lambda name: times[name]["median"])
        to_floor = {name: paired(values, seconds[floor]) for name, values in seconds.items() if name not in FLOORS}
        row |= {"floor": floor, "to_floor": to_floor}
        if case.goal and "symnet" in times:
            row["floor_met"] = to_floor["symnet"] <= case.goal
    peers = [name for name in PEERS if name in times]
    if peers and "symnet" in times:
        leads = {name: paired(seconds[name], seconds["symnet"]) for name in peers}
        best = min(leads, key=lambda name: leads[name])
        row |= {"leads": leads, "best_peer": best, "best_lead": leads[best], "peers_met": leads[best] >= case.lead}
    return row


def geometric_mean(figures: Iterable[float]) -> float:
    product, count = 1.0, 0
    for figure in figures:
        product, count = product * figure, count + 1
    return product ** (1 / count)


def mean_leads(rows: Sequence[Row]) -> list[Row]:
    """The best peer's time over symnet's in the geometric mean: for all networks, and without the tiny ones.

    The tiny ones are those of which a greater lead is asked; without them the goal is harder.
    """
    found = []
    counted = [row for row in rows if "best_lead" in row and not row["aside"]]
    for dtypes in (*((dtype,) for dtype in dict.fromkeys(row["dtype"] for row in counted)), None):
        for name, wanted in (("all", lambda row: True), ("without the tiny ones", lambda row: row["goal_peers"] < 1)):
            leads = [row["best_lead"] for row in counted if wanted(row) and (not dtypes or row["dtype"] in dtypes)]
            if leads:
                mean = geometric_mean(leads)
                scope = " and ".join(dtypes) if dtypes else "both"
                found.append({"networks": name, "dtype": scope, "mean_lead": mean, "met": mean >= MEAN_LEAD})
    return found


def losses(rows: Sequence[Row]) -> list[str]:
    """For each row the goals that were missed and the peers that were faster, in words."""
    found = []
    for row in rows:
        parts = []
        if not row.get("floor_met", True):
            parts.append(f"{row['to_floor']['symnet']:.2f} × the floor (goal {row['goal_floor']:.2f})")
        leads, wanted = sorted(row.get("leads", {}).items(), key=lambda lead: lead[1]), row["goal_peers"]
        for what, least, most in (
            ("faster, their time over symnet's", 0.0, min(wanted, 1.0)),
            ("within the noise of 3 %", wanted, 1.0),
            (f"slower, but by less than {wanted:g}", 1.0, wanted),
        ):
            names = [f"{CONTESTANTS[name].label} {lead:.2f}" for name, lead in leads if least <= lead < most]
            if names:
                parts.append(f"{what}: {', '.join(names)}")
        if parts:
            aside = ", in no goal" if row["aside"] else ""
            found.append(f"{row['network']}, {row['batch']:,} rows, {row['dtype']}{aside}: {'; '.join(parts)}.")
    return found
