"""Mutation testing with mutmut, area by area; by hand, all of it takes hours.

    python tests/mutation.py [--survivors] [--quick] [AREA ...]

pyproject.toml says of each area which files are changed, which tests are to notice it, and how many mutants
are drawn with which seed. An area gets a copy of the repository of its own below `mutants/`, in which mutmut
writes every mutant of the area; those that are drawn are run against the area's tests, of these only those
that call what is changed, fail-fast, those first that take least. What survives them meets the area's late
tests too, which take long, unless `--quick` is given. What has been run before is kept; `--survivors` runs
again what survived. Reasons why a mutant may survive are read from `tests/survivors.toml`. The record of each
area that was run is replaced in `docs/mutation.md`; the others stay as they are.
"""

from __future__ import annotations

import json
import math
import os
import random
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from report import Table, git_commit

COPIES = Path("mutants")
RECORD = Path("docs/mutation.md")
REASONS = Path("tests/survivors.toml")
SETTINGS = Path("pyproject.toml")

LEAST, SHARE = 6, 0.05
"""Of each file so many mutants are drawn, or this share of them if that is more, where an area does not say."""

EARLIER = {
    "derivation": {2026: (152, 128), 2027: (119, 103), 3101: (183, 168), 3102: (390, 371)},
    "text": {4001: (48, 23)},
    "pages": {4002: (48, 39)},
}
"""By area and seed, how many mutants of an earlier sample were run and how many of them killed; then tests were
written. Those of text and pages had not met the late tests."""

PARTIAL = (
    "The run was stopped before all that were drawn had been run. mutmut begins with those whose tests take least, so",
    "functions that most tests call are under-represented.",
    "",
)
"""What a record says that is not complete."""

EARLY = (
    "Not all survivors have met the late tests, which kill more of them: the share is a lower bound.",
    "",
)
"""What a record says where the late tests have been left out."""

SURVIVED, NO_TESTS, TIMEOUTS = 0, 33, (-24, 24, 36, 152, 255)

PATIENCE = 1800
"""Seconds that the late tests may take against one mutant."""

UNUSABLE = (4, 5)
"""What pytest answers where it finds no such test."""

MAKE_ALL = """
from mutmut import __main__ as mutmut
mutmut.set_mutant_under_test("mutant_generation")
mutmut.copy_src_dir()
mutmut.copy_also_copy_files()
mutmut.create_mutants(1)
"""
"""mutmut's own first steps: every mutant is made, and nothing is run."""


SHOW = """
import json, sys
from mutmut.mutation.diff_apply import find_mutant, get_diff_for_mutant
print(json.dumps({name: get_diff_for_mutant(name, path=find_mutant(name).path) for name in sys.argv[1:]}))
"""
"""What mutants change, by their names."""


@dataclass(frozen=True)
class Area:
    """A part of the package with the tests that are to notice what is changed in it."""

    name: str
    title: str
    seed: int
    sources: tuple[str, ...]
    tests: tuple[str, ...]
    late: tuple[str, ...]
    left_out: tuple[str, ...]
    per_folder: int | None

    @property
    def copy(self) -> Path:
        return COPIES / self.name

    @property
    def commit(self) -> Path:
        return self.copy / "commit"

    @property
    def late_codes(self) -> Path:
        return self.copy / "late.json"

    def stratum(self, file: str) -> str:
        """What a mutant of this file is drawn from: the file, or the folder or file that the area names."""
        if self.per_folder is None:
            return file
        return next(source for source in self.sources if file == source or file.startswith(f"{source}/"))

    def prepare(self) -> None:
        """Bring the copy of the repository up to date, with the settings of this area, and make every mutant."""
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for name in filter(lambda name: Path(name).is_file(), listed.splitlines()):
            target = self.copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(name, target)
        text = SETTINGS.read_text(encoding="utf-8")
        (self.copy / SETTINGS).write_text(with_settings(text, self.settings(text)), encoding="utf-8")
        self.commit.write_text(git_commit(), encoding="utf-8")
        python(self, "-c", MAKE_ALL)

    def settings(self, text: str) -> dict[str, Any]:
        """mutmut's settings for this area."""
        common = {key: value for key, value in tomllib.loads(text)["tool"]["mutmut"].items() if key != "areas"}
        patterns = [source if source.endswith(".py") else f"{source}/*" for source in self.sources]
        others = (*self.late, *self.left_out)
        arguments = [*common["pytest_add_cli_args"], *(f"--deselect={test}" for test in others)]
        return common | {
            "only_mutate": patterns,
            "pytest_add_cli_args": arguments,
            "pytest_add_cli_args_test_selection": list(self.tests),
        }


@dataclass(frozen=True)
class Sample:
    """The mutants of a file or folder: how many there are, how many were drawn, and the exit codes of those run."""

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
    options, wanted = (
        [each for each in sys.argv[1:] if each.startswith("--") == is_option] for is_option in (True, False)
    )
    if set(options) - {"--survivors", "--quick"}:
        sys.exit("the options are --survivors and --quick")
    known = areas()
    unknown = set(wanted) - set(known)
    if unknown:
        sys.exit(f"no area is called {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    reasons = tomllib.loads(REASONS.read_text(encoding="utf-8"))
    for area in (known[name] for name in wanted or known):
        section = record(area, run(area, "--survivors" in options, "--quick" in options), reasons)
        page = RECORD.read_text(encoding="utf-8") if RECORD.exists() else HEAD
        RECORD.write_text(with_section(page, area.title, section), encoding="utf-8")


def areas() -> dict[str, Area]:
    """What pyproject.toml says of each area."""
    table = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))["tool"]["mutmut"]["areas"]
    return {
        name: Area(
            name,
            row["title"],
            row["seed"],
            tuple(row["sources"]),
            tuple(row["tests"]),
            tuple(row["late"]),
            tuple(row["left_out"]),
            row.get("per_folder"),
        )
        for name, row in table.items()
    }


def with_settings(text: str, settings: Mapping[str, Any]) -> str:
    """The text of pyproject.toml with other settings for mutmut; lists and texts are written in JSON as in TOML."""
    start = text.index("[tool.mutmut]")
    end = text.index("\n[tool.pytest", start)
    rows = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    return text[:start] + "\n".join(["[tool.mutmut]", *rows, ""]) + text[end:]


def run(area: Area, again: bool, quick: bool) -> list[Sample]:
    """Run what is drawn and has not been run; `again`: also what survived; `quick`: without the late tests.

    Raises:
        SystemExit: the tests fail where nothing is changed.
    """
    area.prepare()
    codes = exit_codes(area)
    drawn = draw(area, codes)
    asked = (None, SURVIVED, NO_TESTS) if again else (None,)
    waiting = [name for names in drawn.values() for name in names if codes[name][1] in asked]
    printed = mutmut(area, "run", "--max-children", "1", *waiting) if waiting else ""
    codes = exit_codes(area)
    if waiting and all(codes[name][1] is None for name in waiting):
        sys.exit(f"no mutant was run:\n{printed[-2000:]}")
    survivors = [name for names in drawn.values() for name in names if codes[name][1] in (SURVIVED, NO_TESTS)]
    if not quick:
        met = late_codes(area)
        meet_late_tests(area, [name for name in survivors if name in waiting or name not in met])
    codes = exit_codes(area)
    return [
        Sample(
            stratum,
            sum(area.stratum(file) == stratum for file, _ in codes.values()),
            len(names),
            {name: code for name in names if (code := codes[name][1]) is not None},
        )
        for stratum, names in drawn.items()
    ]


def meet_late_tests(area: Area, names: Sequence[str]) -> None:
    """Run the late tests with each of these mutants in turn, and keep the exit codes."""
    if not area.late:
        return
    arguments = tomllib.loads((area.copy / SETTINGS).read_text(encoding="utf-8"))["tool"]["mutmut"][
        "pytest_add_cli_args"
    ]
    kept = [argument for argument in arguments if not argument.startswith("--deselect")]
    for name in names:
        command = [sys.executable, "-m", "pytest", "-n", "0", "-x", "-q", "--rootdir=.", *kept, *area.late]
        environment = {**os.environ, "MUTANT_UNDER_TEST": name}
        try:
            done = subprocess.run(
                command, cwd=area.copy / "mutants", env=environment, capture_output=True, check=False, timeout=PATIENCE
            )
            code = done.returncode
        except subprocess.TimeoutExpired:
            code = TIMEOUTS[0]
        if code in UNUSABLE:
            sys.exit(f"the late tests of {area.name} cannot be run:\n{done.stdout.decode()[-2000:]}")
        area.late_codes.write_text(json.dumps(late_codes(area) | {name: code}), encoding="utf-8")


def late_codes(area: Area) -> dict[str, int]:
    """The exit code of the late tests for each mutant that met them."""
    found: dict[str, int] = json.loads(area.late_codes.read_text(encoding="utf-8")) if area.late_codes.exists() else {}
    return found


def python(area: Area, *arguments: str) -> str:
    """What Python prints in the copy of an area; processes that tests start import the mutants too."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=area.copy,
        env={**os.environ, "PYTHONPATH": str((area.copy / "mutants").resolve())},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def mutmut(area: Area, *arguments: str) -> str:
    """What mutmut prints."""
    return python(area, "-m", "mutmut", *arguments)


def exit_codes(area: Area) -> dict[str, tuple[str, int | None]]:
    """Of each mutant its file and the exit code of the tests; None where it has not been run."""
    root = area.copy / "mutants"
    late = late_codes(area)
    found = {}
    for path in sorted(root.glob("symnet/**/*.meta")):
        file = str(path.relative_to(root)).removesuffix(".meta")
        codes = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        for name, code in codes.items():
            found[name] = file, late.get(name, code) if code in (SURVIVED, NO_TESTS) else code
    return found


def draw(area: Area, codes: Mapping[str, tuple[str, int | None]]) -> dict[str, list[str]]:
    """A sample of the mutants of each file or folder: the same from run to run, and part of every larger one."""
    strata: dict[str, list[str]] = {}
    for name, (file, _) in codes.items():
        strata.setdefault(area.stratum(file), []).append(name)
    drawn = {}
    for stratum, names in strata.items():
        count = min(len(names), area.per_folder or max(LEAST, math.ceil(SHARE * len(names))))
        drawn[stratum] = sorted(random.Random(f"{area.seed} {stratum}").sample(sorted(names), count))
    return drawn


def interval(killed: int, drawn: int) -> tuple[float, float]:
    """Wilson's interval of 95 % for a share."""
    if not drawn:
        return 0.0, 1.0
    z, share = 1.96, killed / drawn
    middle = share + z * z / (2 * drawn)
    half = z * math.sqrt(share * (1 - share) / drawn + z * z / (4 * drawn * drawn))
    return (middle - half) / (1 + z * z / drawn), (middle + half) / (1 + z * z / drawn)


def overall(samples: Sequence[Sample]) -> tuple[float, float]:
    """The share of all mutants that is killed, each sample counting by its size, and half of its interval of 95 %."""
    samples = [sample for sample in samples if sample.codes]
    total = sum(sample.total for sample in samples)
    share = sum(sample.total * sample.killed / len(sample.codes) for sample in samples) / total
    variance = 0.0
    for sample in samples:
        drawn, rate = len(sample.codes), (sample.killed + 1) / (len(sample.codes) + 2)
        left_out = 1 - drawn / sample.total
        variance += (sample.total / total) ** 2 * left_out * rate * (1 - rate) / drawn
    return share, 1.96 * math.sqrt(variance)


HEAD = """# Mutation testing

Made by `make mutation`, by hand: it is no part of `make test`. One area alone: `python tests/mutation.py AREA`.

mutmut changes one operator, number, name, argument or text at a time in every function and method without a
decorator (properties and cached functions are left out, and so are tables outside functions). A sample of the
mutants is drawn; one is killed if a test fails or does not end. pyproject.toml says which tests run, and how many
mutants are drawn with which seed. Each area below has its own date and commit. Intervals of 95 % are Wilson's.
"""


def with_section(page: str, title: str, section: str) -> str:
    """The page with the section of this title replaced, or put at its end."""
    head, *sections = page.rstrip("\n").split("\n## ")
    kept = {part.partition("\n")[0]: part for part in sections} | {title: section.removeprefix("## ").rstrip("\n")}
    return "\n## ".join(part.rstrip("\n") + "\n" for part in (head, *kept.values()))


def record(area: Area, samples: Sequence[Sample], reasons: Mapping[str, str]) -> str:
    """The section of an area: the numbers of each file or folder, and every survivor with its reason."""
    table = Table("sample", "mutants", "drawn", "run", "killed", "of these by timeout", "survived", "killed, %", "95 %")
    for sample in samples:
        low, high = interval(sample.killed, len(sample.codes))
        table.add(
            f"`{sample.name}`",
            sample.total,
            sample.drawn,
            len(sample.codes),
            sample.killed,
            sample.timeouts,
            len(sample.survivors),
            f"{100 * sample.killed / len(sample.codes):.0f}" if sample.codes else "–",
            f"{100 * low:.0f}–{100 * high:.0f}",
        )
    share, half = overall(samples)
    drawn, run = sum(sample.drawn for sample in samples), sum(len(sample.codes) for sample in samples)
    killed, total = sum(sample.killed for sample in samples), sum(sample.total for sample in samples)
    survivors = [name for sample in samples for name in sample.survivors]
    equivalent = [name for name in survivors if reasons.get(name, "").startswith("equivalent")]
    samples_before = EARLIER.get(area.name, {}).items()
    told = "; ".join(f"seed {seed}, {kills} of {count}" for seed, (count, kills) in samples_before)
    earlier = (f"Tests were written for what earlier samples showed; none for this one: {told} killed.", "")
    each = "folder or file named" if area.per_folder else "file"
    lines = [
        f"## {area.title}",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, commit {area.commit.read_text(encoding='utf-8')}, mutmut {version('mutmut')}, "
        f"Python {sys.version.split()[0]}; `python tests/mutation.py {area.name}`, seed {area.seed}.",
        "",
        f"**Of {total:,} mutants {drawn:,} were drawn and {run:,} run; {killed:,} were killed, {killed / run:.1%}.**",
        f"With each {each} counting by its size that is {share:.1%} ± {half:.1%} (95 %).",
        f"{len(equivalent)} of the {len(survivors)} survivors are equivalent mutants, which no test can kill; of the",
        f"others {killed / (run - len(equivalent)):.1%} are killed.",
        "",
        *(earlier if told else ()),
        *(PARTIAL if run < drawn else ()),
        *(EARLY if set(survivors) - set(late_codes(area)) and area.late else ()),
        table.markdown(),
        "",
        "### Survivors",
        "",
    ]
    changed = changes(area, survivors)
    for name in survivors:
        diff = (f"  {line[0]} {line[1:].strip()}" for line in changed[name])
        lines += [f"- `{name}`: {reasons.get(name, 'not looked into')}", "", "  ```diff", *diff, "  ```", ""]
    return "\n".join(lines).rstrip() + "\n"


def changes(area: Area, names: Sequence[str]) -> dict[str, list[str]]:
    """The lines that mutants change."""
    shown: dict[str, str] = json.loads(python(area, "-c", SHOW, *names)) if names else {}
    return {
        name: [line for line in diff.splitlines() if line[:1] in "+-" and not line.startswith(("---", "+++"))]
        for name, diff in shown.items()
    }


if __name__ == "__main__":
    main()
