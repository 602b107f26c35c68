"""Mutation testing of the chain rule, the algebra and the lowering, with mutmut; by hand, it takes an hour.

    python tests/mutation.py [--survivors]

mutmut writes every mutant into `mutants/`; of each file a share is drawn with a fixed seed and run
against the tests that pyproject.toml names, fail-fast, those first that take least. `--survivors` runs
again only what survived. Reasons why a mutant may survive are read from `tests/survivors.toml`. The
record goes to `docs/mutation.md`.
"""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from report import Table, git_commit

MUTANTS = Path("mutants")
RECORD = Path("docs/mutation.md")
REASONS = Path("tests/survivors.toml")

SEED = 2028
LEAST, SHARE = 6, 0.05
"""Of each file so many mutants are drawn, or this share of them if that is more."""

EARLIER = {2026: (152, 128), 2027: (119, 103), 3101: (183, 168), 3102: (390, 371)}
"""By seed, how many mutants of an earlier sample were run and how many of them killed; then tests were written."""

PARTIAL = (
    "The run was stopped before all that were drawn had been run. mutmut begins with those whose tests take least, so",
    "functions that most tests call are under-represented. Mutants that survived and were given a test since have been",
    "run again with that test.",
    "",
)
"""What a record says that is not complete."""

SURVIVED, NO_TESTS, TIMEOUTS = 0, 33, (-24, 24, 152)
FIRST = "symnet.chain_rule.x_partials__mutmut_1"
"""Running one mutant makes them all, and asks which test calls what."""


@dataclass(frozen=True)
class Module:
    """The mutants of one source file: how many there are, how many were drawn, and the exit codes of those run."""

    name: str
    total: int
    drawn: int
    codes: Mapping[str, int]

    @property
    def survivors(self) -> list[str]:
        return [name for name, code in self.codes.items() if code in (SURVIVED, NO_TESTS)]

    @property
    def killed(self) -> int:
        return len(self.codes) - len(self.survivors)

    @property
    def timeouts(self) -> int:
        return sum(code in TIMEOUTS for code in self.codes.values())


def main() -> None:
    drawn = draw(exit_codes() if MUTANTS.exists() else first_run())
    names = [name for sample in drawn.values() for name in sample]
    codes = exit_codes()
    known = {name: code for file in codes.values() for name, code in file.items()}
    again = "--survivors" in sys.argv[1:]
    waiting = [name for name in names if known[name] is None or (again and known[name] in (SURVIVED, NO_TESTS))]
    if waiting:
        mutmut("run", "--max-children", "1", *waiting)
    codes = exit_codes()
    modules = [
        Module(
            file,
            len(codes[file]),
            len(sample),
            {name: code for name in sample if (code := codes[file][name]) is not None},
        )
        for file, sample in drawn.items()
    ]
    RECORD.write_text(record(modules, tomllib.loads(REASONS.read_text(encoding="utf-8"))), encoding="utf-8")


def mutmut(*arguments: str) -> str:
    """What mutmut prints."""
    command = [sys.executable, "-m", "mutmut", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout


def first_run() -> dict[str, dict[str, int | None]]:
    """All mutants made, and one of them run.

    Raises:
        SystemExit: the tests fail where nothing is changed.
    """
    printed = mutmut("run", "--max-children", "1", FIRST)
    codes = exit_codes()
    if all(code is None for file in codes.values() for code in file.values()):
        sys.exit(f"no mutant was run:\n{printed[-2000:]}")
    return codes


def exit_codes() -> dict[str, dict[str, int | None]]:
    """By source file, the exit code of the tests for each mutant; None where it has not been run."""
    found = {}
    for path in sorted(MUTANTS.glob("symnet/**/*.meta")):
        codes = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        if codes:
            found[str(path.relative_to(MUTANTS)).removesuffix(".meta")] = codes
    return found


def draw(codes: Mapping[str, Mapping[str, int | None]]) -> dict[str, list[str]]:
    """A sample of the mutants of each file: the same from run to run, and part of every larger one."""
    drawn = {}
    for file, known in codes.items():
        count = min(len(known), max(LEAST, math.ceil(SHARE * len(known))))
        drawn[file] = sorted(random.Random(f"{SEED} {file}").sample(sorted(known), count))
    return drawn


def interval(killed: int, drawn: int) -> tuple[float, float]:
    """Wilson's interval of 95 % for a share."""
    if not drawn:
        return 0.0, 1.0
    z, share = 1.96, killed / drawn
    middle = share + z * z / (2 * drawn)
    half = z * math.sqrt(share * (1 - share) / drawn + z * z / (4 * drawn * drawn))
    return (middle - half) / (1 + z * z / drawn), (middle + half) / (1 + z * z / drawn)


def overall(modules: Sequence[Module]) -> tuple[float, float]:
    """The share of all mutants that is killed, each file counting by its size, and half of its interval of 95 %."""
    modules = [module for module in modules if module.codes]
    total = sum(module.total for module in modules)
    share = sum(module.total * module.killed / len(module.codes) for module in modules) / total
    variance = 0.0
    for module in modules:
        drawn, rate = len(module.codes), (module.killed + 1) / (len(module.codes) + 2)
        left_out = 1 - drawn / module.total
        variance += (module.total / total) ** 2 * left_out * rate * (1 - rate) / drawn
    return share, 1.96 * math.sqrt(variance)


def record(modules: Sequence[Module], reasons: Mapping[str, str]) -> str:
    """The page: how it was done, the numbers of each file, and every survivor with its reason."""
    table = Table("file", "mutants", "drawn", "run", "killed", "of these by timeout", "survived", "killed, %", "95 %")
    for module in modules:
        low, high = interval(module.killed, len(module.codes))
        table.add(
            f"`{module.name}`",
            module.total,
            module.drawn,
            len(module.codes),
            module.killed,
            module.timeouts,
            len(module.survivors),
            f"{100 * module.killed / len(module.codes):.0f}" if module.codes else "–",
            f"{100 * low:.0f}–{100 * high:.0f}",
        )
    share, half = overall(modules)
    drawn, run = sum(module.drawn for module in modules), sum(len(module.codes) for module in modules)
    killed, total = sum(module.killed for module in modules), sum(module.total for module in modules)
    survivors = [name for module in modules for name in module.survivors]
    equivalent = [name for name in survivors if reasons.get(name, "").startswith("equivalent")]
    share_of_others = killed / (run - len(equivalent))
    lines = [
        "# Mutation testing",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, commit {git_commit()}, mutmut {version('mutmut')}, Python "
        f"{sys.version.split()[0]}. Made by `make mutation`, by hand: it is no part of `make test`.",
        "",
        "mutmut changes one operator, number, name, argument or text at a time in every function and method without a",
        "decorator (properties and cached functions are left out, and so are tables outside functions). Of each file",
        f"{LEAST} mutants or {SHARE:.1%} of them, whichever is more, are drawn with seed {SEED}; a mutant is killed if",
        "one of the tests that pyproject.toml names fails or does not end. Intervals are Wilson's for each file. Most",
        "tests hold values; committed modules and the calls of docs/passes.md see what changes speed alone.",
        "",
        f"**Of {total:,} mutants {drawn:,} were drawn and {run:,} run; {killed:,} were killed,",
        f"{killed / run:.1%}.** With each file counting by its size that is {share:.1%} ± {half:.1%} (95 %).",
        f"{len(equivalent)} of the {len(survivors)} survivors are equivalent mutants, which no test can kill; of the",
        f"others {share_of_others:.1%} are killed.",
        "",
        "Tests were written for what earlier samples showed, each drawn afresh; none for this one:",
        "; ".join(f"seed {seed}, {count[1]} of {count[0]}" for seed, count in EARLIER.items()) + " killed.",
        "",
        *(PARTIAL if run < drawn else ()),
        table.markdown(),
        "",
        "## Survivors",
        "",
    ]
    for name in survivors:
        lines += [f"- `{name}`: {reasons.get(name, 'not looked into')}", "", *change(name), ""]
    return "\n".join(lines).rstrip() + "\n"


def change(name: str) -> list[str]:
    """The lines that a mutant changes."""
    shown = mutmut("show", name).splitlines()
    kept = [line for line in shown if line[:1] in "+-" and not line.startswith(("---", "+++"))]
    return ["  ```diff", *(f"  {line[0]} {line[1:].strip()}" for line in kept), "  ```"]


if __name__ == "__main__":
    main()
