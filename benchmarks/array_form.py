"""Benchmark of the array form: loss and all gradients of whole batches, beside the floor and the peers.

    python benchmarks/array_form.py
    python benchmarks/array_form.py --networks "64-64-64-10 tanh, 256" --dtype float64 --peers jax plain --rounds 5

Nothing is timed before all results agree. Writes `results/array.json`, `results/array.md` and
`results/array.png` beside this file; a run with a selection says its figures and writes nothing,
unless `--output` names a directory.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from array_cases import CASES, DTYPES, TOLERANCES, Case
from array_field import Field
from array_goals import Row, evaluate
from array_report import ratios_table, report, times_table
from array_worker import CONTESTANTS, FLOORS, OWN, PEERS, REASONS, Seconds
from machine import ONE_THREAD, machine, machine_text, run_without_misleading_variables

HERE = Path(__file__).resolve().parent


def say(*lines: str) -> None:
    sys.stdout.write("\n".join([*lines, ""]))
    sys.stdout.flush()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Loss and all gradients: symnet, its floor and its peers.")
    parser.add_argument("--networks", nargs="+", metavar="TEXT", help="those with such a text in `NETWORK, BATCH`")
    parser.add_argument("--dtype", nargs="+", choices=DTYPES, default=list(DTYPES))
    parser.add_argument("--peers", nargs="*", choices=[*PEERS], help="which peers take part, beside symnet")
    parser.add_argument("--without", nargs="+", choices=[*CONTESTANTS], default=[], help="who takes no part")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--clock", choices=Seconds._fields, default="wall", help="cpu where others use the machine")
    parser.add_argument("--core", type=int, help="the core of those of one thread; the last one, if not given")
    parser.add_argument("--no-tool", action="store_true", help="do not time deriving and `symnet --help`")
    parser.add_argument("--output", type=Path, metavar="DIRECTORY", help="where the results of a selection go")
    return parser.parse_args()


def chosen_cases(texts: Sequence[str] | None) -> list[Case]:
    found = [case for case in CASES if not texts or any(text in case.label for text in texts)]
    if not found:
        sys.exit("no such network; there are: " + "; ".join(case.label for case in CASES))
    return found


def contestants(options: argparse.Namespace) -> list[str]:
    peers = [name for name in PEERS if options.peers is None or name in options.peers]
    reasons = [
        name for name in REASONS if any(CONTESTANTS[name].library == CONTESTANTS[peer].library for peer in peers)
    ]
    names = [*FLOORS, *reasons, *OWN, *peers]
    return [name for name in names if name not in options.without]


def is_whole(options: argparse.Namespace) -> bool:
    """Whether nothing is left out, so that the committed results are written."""
    chosen = options.networks or options.without or options.no_tool or options.peers is not None
    return not chosen and set(options.dtype) == set(DTYPES)


def race(options: argparse.Namespace, names: list[str], facts: dict[str, Any]) -> list[Row]:
    """Measure every case in every dtype, and say each as it is done."""
    rows = []
    with Field(names, options.core) as field:
        facts |= field.kernels()
        say(*machine_text(facts))
        for dtype in options.dtype:
            for case in chosen_cases(options.networks):
                start = perf_counter()
                found = field.measure(case, dtype, options.rounds)
                rows.append(evaluate(case, dtype, {name: read(found[name], options.clock) for name in found}))
                medians = ", ".join(f"{name} {times['median']:.1f}" for name, times in rows[-1]["us"].items())
                say(f"{case.label} {dtype} ({perf_counter() - start:.0f} s, {share(found):.0%} of a core): {medians}")
    return rows


def read(seconds: Sequence[Seconds], clock: str) -> list[float]:
    """The seconds by a clock."""
    return [getattr(one, clock) for one in seconds]


def share(found: Mapping[str, Sequence[Seconds]]) -> float:
    """How much of a core those of one thread had to themselves: less than 1 if others were running."""
    return statistics.mean(one.cpu / one.wall for name in found for one in found[name])


def tool() -> dict[str, Any]:
    """The figures of `deriving.py`, from a process of its own."""
    command = [sys.executable, str(HERE / "deriving.py")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ourselves
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def write(results: dict[str, Any], directory: Path) -> None:
    # The processes of the contestants load this file, too, and need no pictures.
    from array_picture import draw

    directory.mkdir(parents=True, exist_ok=True)
    text = "\n".join(report(results)).rstrip() + "\n"
    (directory / "array.json").write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (directory / "array.md").write_text(text, encoding="utf-8")
    if all("to_floor" in row for row in results["rows"]):
        draw(results["rows"], directory / "array.png")


def main() -> None:
    """Measure, say it and write it down."""
    run_without_misleading_variables(ONE_THREAD)
    options, start = arguments(), perf_counter()
    names = contestants(options)
    facts = machine([*dict.fromkeys(("numpy", "scipy", "sympy", *(CONTESTANTS[name].library for name in names)))])
    rows = race(options, names, facts)
    results = {
        "machine": facts,
        "settings": {
            "rounds": options.rounds,
            "clock": options.clock,
            "tolerances": {dtype: TOLERANCES[dtype] for dtype in options.dtype},
        },
        "rows": rows,
        "tool": None if options.no_tool else tool(),
    }
    directory = options.output or (HERE / "results" if is_whole(options) else None)
    if directory:
        write(results, directory)
    for dtype in options.dtype:
        chosen = [row for row in rows if row["dtype"] == dtype]
        say("", dtype, "", *times_table(chosen), *ratios_table(chosen))
    say(f"{perf_counter() - start:.0f} s; " + (f"written to {directory}" if directory else "nothing written"))


if __name__ == "__main__":
    main()
