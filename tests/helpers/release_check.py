"""What a release was checked on: random networks compared at length, and a record of how many and how well.

    python tests/helpers/release_check.py [--minutes M] [--seed S] [--output FILE]

Every network is compared with all references of `differential.py`, at a random point. A comparison that
fails is shrunk to the smallest network that still fails and printed with the command that repeats it; then
nothing is written and the exit status is 1.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from differential import DTYPES, REFERENCES, Case, Comparison, Unsuitable, available, cases, compare
from hypothesis import Phase, given, seed, settings
from report import Table, git_commit
from strategies import UNHURRIED

from symnet.network.given import architecture_text
from symnet.version import VERSION

RECORD = Path(__file__).parents[2] / "docs" / "release-check.md"
ROUND = 20
"""Networks that are drawn with one seed."""

SELDOM = {"jax": 20}
"""JAX compiles each network anew, which takes seconds: it is asked for one seed in so many."""

WHAT = {
    "textbook": "the loss in plain NumPy",
    "equations": "the equations at 50 digits",
    "differences": "central differences of the module's loss, entry by entry",
    "directions": "⟨∇C, v⟩ against a difference at 50 digits",
    "scalar-form": "straight-line code and the equations at 50 digits",
    "permuted-units": "all units in another order",
    "doubled-batch": "every row twice",
    "scaled-loss": "the loss times a number",
    "collapsed": "layers without bends as one layer",
    "torch": "PyTorch",
    "jax": "JAX",
}


ABOUT = """\
Errors are relative to the largest entry of each array, those of central differences to each entry. The limit is 1e-12
in float64 and 1e-5 in float32; where cancellation forbids it, 16·eps·condition, the condition being found by disturbing
every operation at 50 digits. Such arrays are counted in the last column and left out of the largest error. Networks
have up to four layers of one to six units, any activation, loss, reduction and penalty, and batches of one to five
rows. Permuting units permutes gradients, doubling the batch leaves a mean unchanged and doubles a sum, a number before
the loss is one before the gradient."""


@dataclass
class Tally:
    """What has been seen so far."""

    references: Sequence[str]
    architectures: set[str] = field(default_factory=set)
    points: int = 0
    seen: dict[tuple[str, str], Comparison] = field(default_factory=lambda: defaultdict(Comparison))
    comparisons: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))

    def add(self, case: Case) -> None:
        """Compare a case with every reference.

        Raises:
            AssertionError: one does not agree.
        """
        compared = False
        for reference in self.references:
            if case.seed % SELDOM.get(reference, 1):
                continue
            try:
                found = compare(case, reference)
            except Unsuitable:
                continue
            compared = True
            self.seen[reference, case.dtype].add(found)
            self.comparisons[reference, case.dtype] += 1
        if compared:
            self.points += 1
            self.architectures.add(architecture_text(case.network))

    def largest(self, dtype: str) -> float:
        """The largest error of loss and gradients, relative to the largest entry of each array.

        That of central differences is their own, and that along directions is of the equations.
        """
        others = ("differences", "directions")
        return max(
            (seen.error for (name, kind), seen in self.seen.items() if kind == dtype and name not in others),
            default=0.0,
        )

    @property
    def sentence(self) -> str:
        """What the README says of the run."""
        numbers = sum(seen.entries for seen in self.seen.values())
        comparisons = sum(self.comparisons.values())
        errors = " and ".join(f"{self.largest(dtype):.1e} in {dtype}" for dtype in DTYPES)
        return (
            f"{len(self.architectures):,} random architectures at {self.points:,} points, {comparisons:,} comparisons "
            f"of {numbers:,} numbers in all; the largest error of a loss or a gradient was {errors}, relative to the "
            "largest entry of its array"
        )


def checked(minutes: float, first_seed: int, tally: Tally) -> None:
    """Rounds of random networks until the time is over.

    Raises:
        AssertionError: a comparison failed; its message is of the smallest network.
    """
    end = time.monotonic() + 60 * minutes
    number = first_seed
    while time.monotonic() < end:

        @seed(number)
        @settings(max_examples=ROUND, database=None, phases=(Phase.generate, Phase.shrink), **UNHURRIED)
        @given(case=cases())
        def one_round(case: Case) -> None:
            tally.add(case)

        one_round()
        number += 1


def record(tally: Tally, minutes: float, first_seed: int, commit: str) -> str:
    """The page of a release."""
    table = Table("compared with", "dtype", "points", "numbers", "largest error", "beyond the limit, by its condition")
    for reference in tally.references:
        for dtype in DTYPES:
            seen = tally.seen.get((reference, dtype))
            if seen is not None:
                table.add(
                    WHAT[reference],
                    dtype,
                    tally.comparisons[reference, dtype],
                    seen.entries,
                    f"{seen.error:.1e}",
                    seen.excused,
                )
    lines = [
        "# What this version was checked on",
        "",
        f"symnet {VERSION}, commit {commit}, {datetime.now(UTC):%Y-%m-%d}; Python {platform.python_version()}, "
        f"NumPy {np.__version__}. `make release-check` writes this page; this run took {minutes:g} minutes from seed "
        f"{first_seed} on.",
        "",
        f"{tally.sentence}.",
        "",
        ABOUT,
        "",
        table.markdown(),
        "",
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Compare random networks at length, and record how many.")
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=RECORD)
    parser.add_argument("--against", choices=sorted(REFERENCES), action="append", help="all, if none is named")
    given_options = parser.parse_args(arguments)
    tally = Tally(given_options.against or available())
    commit = git_commit()
    try:
        checked(given_options.minutes, given_options.seed, tally)
    except AssertionError as error:
        print(error)
        return 1
    given_options.output.write_text(record(tally, given_options.minutes, given_options.seed, commit), encoding="utf-8")
    print(f"{tally.sentence}; written to {given_options.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
