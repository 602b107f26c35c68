"""Mutation testing with mutmut, area by area; by hand, all of it takes hours.

    python tests/helpers/mutation.py [--survivors] [AREA ...]

pyproject.toml says of each area which files are changed, which tests are to notice it, and how many mutants
are drawn with which seed. An area gets a copy of the repository of its own below `mutants/`, in which mutmut
writes every mutant of the area; those that are drawn are run against the area's tests by
tests/helpers/forked_mutants.py.
What has been run before is kept as long as the file stays the same; `--survivors` runs again what survived.
Reasons why a mutant may survive are read from `tests/survivors.toml`. The record of each
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
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from report import Table, git_commit

COPIES = Path("mutants")
RECORD = Path("docs/mutation.md")
REASONS = Path("tests/survivors.toml")
SETTINGS = Path("pyproject.toml")

LEAST, SHARE = 6, 0.05
"""Of each file so many mutants are drawn, or this share of them if that is more, where an area does not say."""

EARLIER = {
    "derivation": {2026: (152, 128), 2027: (119, 103), 3101: (183, 168), 3102: (390, 371)},
    "text": {4001: (48, 23), 5001: (48, 32), 5101: (48, 38), 5102: (48, 38)},
    "pages": {4002: (48, 39), 5001: (17, 14)},
    "modules": {5001: (20, 12), 5002: (32, 28)},
    "inputs": {4001: (53, 45), 5001: (64, 55), 5002: (20, 14), 5003: (80, 65)},
}
"""By area and seed, how many mutants of an earlier sample were run and how many of them killed; then tests were
written."""

PARTIAL = (
    "The run was stopped before all that were drawn had been run, which it takes in an order drawn by the seed too.",
    "",
)
"""What a record says that is not complete."""

ARGUMENTS = ("-p", "no:cacheprovider", "--hypothesis-profile=mutation")
"""Of pytest."""

SURVIVED, KILLED, NO_TESTS, OUT_OF_TIME = 0, 1, 33, -24

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
    left_out: tuple[str, ...]
    per_folder: int | None

    @property
    def copy(self) -> Path:
        return COPIES / self.name

    @property
    def commit(self) -> Path:
        return self.copy / "commit"

    @property
    def codes(self) -> Path:
        return self.copy / "codes.json"

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
        return common | {"only_mutate": patterns}


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
        return sum(code == OUT_OF_TIME for code in self.codes.values())


def main() -> None:
    options, wanted = (
        [each for each in sys.argv[1:] if each.startswith("--") == is_option] for is_option in (True, False)
    )
    if set(options) - {"--survivors"}:
        sys.exit("the option is --survivors")
    known = areas()
    unknown = set(wanted) - set(known)
    if unknown:
        sys.exit(f"no area is called {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    reasons = tomllib.loads(REASONS.read_text(encoding="utf-8"))
    for area in (known[name] for name in wanted or known):
        section = record(area, run(area, "--survivors" in options), reasons)
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


def run(area: Area, again: bool) -> list[Sample]:
    """Run what is drawn and has not been run; `again`: also what survived."""
    area.prepare()
    files = files_of_mutants(area)
    drawn = draw(area, files)
    known = exit_codes(area, files)
    asked = (None, SURVIVED, NO_TESTS) if again else (None,)
    waiting = [name for names in drawn.values() for name in names if known.get(name) in asked]
    random.Random(area.seed).shuffle(waiting)  # so that a run that is stopped has taken from all of them
    if waiting:
        test(area, files, waiting)
    codes = exit_codes(area, files)
    return [
        Sample(
            stratum,
            sum(area.stratum(file) == stratum for file in files.values()),
            len(names),
            {name: codes[name] for name in names if name in codes},
        )
        for stratum, names in drawn.items()
    ]


def test(area: Area, files: Mapping[str, str], names: Sequence[str]) -> None:
    """Run the tests of an area against mutants, and keep the exit codes; if it is stopped, those that there are.

    Raises:
        SystemExit: the tests cannot be run.
    """
    task, result = ((area.copy / name).resolve() for name in ("task.json", "result.json"))
    learned = result.with_name(f"learned-{state(area)}.json")
    content = {"mutants": list(names), "result": str(result), "learned": str(learned)}
    task.write_text(json.dumps(content), encoding="utf-8")
    result.write_text("{}", encoding="utf-8")
    paths = os.pathsep.join(str(path.resolve()) for path in (area.copy / "mutants", Path("tests/helpers")))
    said = area.copy / "tests.log"
    with said.open("w", encoding="utf-8") as log:
        run_pytest(area, "-p", "forked_mutants", stdout=log, environment={"PYTHONPATH": paths, "MUTANTS": str(task)})
    found = json.loads(result.read_text(encoding="utf-8"))
    if not found:
        sys.exit(f"the tests of {area.name} cannot be run; {said} says why")
    found |= {name: on_import(area, name) for name, code in found.items() if code == NO_TESTS}
    kept = json.loads(area.codes.read_text(encoding="utf-8")) if area.codes.exists() else {}
    kept |= {name: [code, digest(area, files[name])] for name, code in found.items()}
    area.codes.write_text(json.dumps(kept), encoding="utf-8")


def on_import(area: Area, mutant: str) -> int:
    """The exit code for a mutant of what no test calls, since it has been called when the package was imported."""
    paths = str((area.copy / "mutants").resolve())
    code = run_pytest(area, "-x", stdout=None, environment={"PYTHONPATH": paths, "MUTANT_UNDER_TEST": mutant})
    return SURVIVED if code == 0 else KILLED


def run_pytest(area: Area, *arguments: str, stdout: IO[str] | None, environment: Mapping[str, str]) -> int:
    """The exit status of pytest for the tests of an area, in its copy."""
    left_out = [f"--deselect={test}" for test in area.left_out]
    command = [sys.executable, "-m", "pytest", "-n", "0", "--rootdir=.", *arguments, *ARGUMENTS, *left_out, *area.tests]
    return subprocess.run(
        command,
        cwd=area.copy / "mutants",
        env={**os.environ, **environment},
        stdout=stdout,
        stderr=subprocess.STDOUT,
        check=False,
    ).returncode


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


def files_of_mutants(area: Area) -> dict[str, str]:
    """Of each mutant the file in which it is."""
    root = area.copy / "mutants"
    return {
        name: str(path.relative_to(root)).removesuffix(".meta")
        for path in sorted(root.glob("symnet/**/*.meta"))
        for name in json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
    }


def exit_codes(area: Area, files: Mapping[str, str]) -> dict[str, int]:
    """The exit codes of the mutants that have been run in the files as they are."""
    kept = json.loads(area.codes.read_text(encoding="utf-8")) if area.codes.exists() else {}
    return {
        name: code for name, (code, made_in) in kept.items() if name in files and digest(area, files[name]) == made_in
    }


def state(area: Area) -> str:
    """What tells the copy of an area, with the tests that are run, from what it was before."""
    files = (path for folder in ("symnet", "tests", "templates") for path in sorted((area.copy / folder).rglob("*.*")))
    found = sha256(repr((area.tests, area.left_out)).encode())
    for path in files:
        if path.is_file() and "__pycache__" not in path.parts:
            found.update(path.read_bytes())
    return found.hexdigest()[:16]


@cache
def digest(area: Area, file: str) -> str:
    """What tells a file from what it was before."""
    return sha256((area.copy / file).read_bytes()).hexdigest()


def draw(area: Area, files: Mapping[str, str]) -> dict[str, list[str]]:
    """A sample of the mutants of each file or folder: the same from run to run, and part of every larger one."""
    strata: dict[str, list[str]] = {}
    for name, file in files.items():
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

Made by `make mutation`, by hand: it is no part of `make test`. One area alone: `python tests/helpers/mutation.py AREA`.

mutmut changes one operator, number, name, argument or text at a time in every function and method without a
decorator (properties and cached functions are left out, and so are tables outside functions). A sample of the
mutants is drawn; one is killed if a test fails or does not end. pyproject.toml says which tests run, and how many
mutants are drawn with which seed. Against a mutant the quick cases run first and one of each test that calls what is
changed, for 30 seconds of the processor; what they leave alive has survived, so that the shares killed are lower
bounds. Each area below has its own date and commit. Intervals of 95 % are Wilson's.
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
        f"Python {sys.version.split()[0]}; `python tests/helpers/mutation.py {area.name}`, seed {area.seed}.",
        "",
        f"**Of {total:,} mutants {drawn:,} were drawn and {run:,} run; {killed:,} were killed, {killed / run:.1%}.**",
        f"With each {each} counting by its size that is {share:.1%} ± {half:.1%} (95 %).",
        f"{len(equivalent)} of the {len(survivors)} survivors are equivalent mutants, which no test can kill; of the",
        f"others {killed / (run - len(equivalent)):.1%} are killed.",
        "",
        *(earlier if told else ()),
        *(PARTIAL if run < drawn else ()),
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
