"""A plugin of pytest for tests/helpers/mutation.py: one process collects the tests, and each mutant gets a fork of it.

The tests run once as they are, to learn how long each takes and which functions it calls; one that fails then is left
out. Against a mutant those run that call what is changed, until one fails: the quick ones first, and one of each
function of tests; then the others of the same files. What the processor works is measured, so that a busy machine
kills no mutant; what the cases within `ENOUGH` do not kill survives.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state
from mutmut.utils.format_utils import mangled_name_from_mutant_name

SURVIVED, KILLED, NO_TESTS = 0, 1, 33

ENOUGH = 30
"""Seconds of the processor that the tests take together which are run against one mutant."""

PATIENCE, FACTOR = 30, 3
"""Seconds of the processor that a mutant gets, and how many times what its tests take without it."""

OUT_OF_TIME = -24

AT_ONCE = 4
"""So many mutants are run at the same time."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Run the tests against each mutant that the task names, and write its exit code at once."""
    task = json.loads(Path(os.environ["MUTANTS"]).read_text(encoding="utf-8"))
    learned, result = Path(task["learned"]), Path(task["result"])
    if not learned.exists() and ended(fork(partial(learn, session, learned)))[1] != SURVIVED:
        raise pytest.UsageError("what the tests call cannot be learned")
    known = json.loads(learned.read_text(encoding="utf-8"))
    failed = [name for name, found in known.items() if found["failed"]]
    print(f"left out, since they fail as it is: {failed}", file=sys.stderr)  # noqa: T201
    items = {item.nodeid: item for item in session.items}
    codes: dict[str, int] = {}
    running: dict[int, str] = {}
    for mutant in task["mutants"]:
        function = mangled_name_from_mutant_name(mutant)
        calling = [name for name, found in known.items() if function in found["calls"]]
        if not calling:
            codes[mutant] = NO_TESTS
            continue
        files = {file_of(name) for name in calling}
        seconds = {name: found["seconds"] for name, found in known.items() if file_of(name) in files}
        chosen = [items[name] for name in in_turn(seconds, set(calling)) if name not in failed]
        allowed = PATIENCE + FACTOR * min(ENOUGH, sum(seconds.values()))
        if len(running) == AT_ONCE:
            keep(running, codes, result)
        running[fork(partial(against, session, mutant, chosen, allowed))] = mutant
    while running:
        keep(running, codes, result)
    result.write_text(json.dumps(codes), encoding="utf-8")
    return True


def file_of(name: str) -> str:
    """The file of a case."""
    return name.partition("::")[0]


def in_turn(seconds: Mapping[str, float], calling: set[str]) -> Iterator[str]:
    """The cases that are run, in their order, by their names and what each takes; those first that call the function.

    Quick cases come first, and the n-th case of a function of tests counts as n times as long, so that each function of
    tests has its turn. The others of the same files may have been given what an earlier one had computed, when that was
    learned.
    """
    cases: Counter[str] = Counter()
    places = {}
    first = set()
    for name in sorted(seconds, key=lambda name: (name not in calling, seconds[name])):
        function = name.partition("[")[0]
        cases[function] += 1
        places[name] = name not in calling, cases[function] * seconds[name]
        if cases[function] == 1 and name in calling:
            first.add(name)
    spent = 0.0
    for name in sorted(places, key=places.__getitem__):
        spent += seconds[name]
        if spent <= ENOUGH or name in first:
            yield name


def learn(session: pytest.Session, learned: Path) -> int:
    """Run all tests as they are, and write what each calls and takes."""
    set_mutant_under_test("stats")
    known: dict[str, dict[str, Any]] = {}
    for item, following in zip(session.items, [*session.items[1:], None], strict=True):
        before, start = session.testsfailed, time.process_time()
        state()._stats.clear()
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        seconds, calls = time.process_time() - start, sorted(state()._stats)
        known[item.nodeid] = {"seconds": seconds, "calls": calls, "failed": session.testsfailed > before}
    learned.write_text(json.dumps(known), encoding="utf-8")
    return SURVIVED


def against(session: pytest.Session, mutant: str, items: list[pytest.Item], allowed: float) -> int:
    """Run tests with a mutant until one fails."""
    seconds = int(allowed)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    set_mutant_under_test(mutant)
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed or session.shouldfail or session.shouldstop:
            return KILLED
    return SURVIVED


def fork(work: Callable[[], int]) -> int:
    """A fork that does some work, by its number."""
    child = os.fork()
    if child:
        return child
    code = KILLED
    try:
        code = work()
    finally:
        os._exit(code)


def ended(child: int) -> tuple[int, int]:
    """Wait for a fork, or with -1 for any: its number and its exit code."""
    child, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return child, code if code >= 0 else OUT_OF_TIME


def keep(running: dict[int, str], codes: dict[str, int], result: Path) -> None:
    """Wait for a mutant that is running, and write its exit code."""
    child, code = ended(-1)
    if child in running:
        codes[running.pop(child)] = code
        result.write_text(json.dumps(codes), encoding="utf-8")
