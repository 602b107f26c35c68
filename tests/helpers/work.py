"""Work, counted in calls of functions: the same on every machine, however busy it is.

A second on the clock is another amount of work on each machine, and on a busy one next to none.
"""

from __future__ import annotations

import cProfile
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from unittest.mock import patch

from symnet.check.latex import deadline

CALLS_A_SECOND = 2_000_000
"""Calls of functions in Python and C that take a second or less where symnet is promised to answer in one."""

SLACK = 10
"""How much more processor time than is promised a test allows, which holds on the slowest machine."""


@dataclass
class Work:
    """What has been done so far: calls of functions, and seconds of processor time, which the counting prolongs."""

    calls: int = 0
    seconds: float = 0.0

    def took_at_most(self, seconds: float) -> bool:
        """Whether it was no more than is done in so many seconds."""
        return self.calls <= seconds * CALLS_A_SECOND and self.seconds <= seconds * SLACK


@contextmanager
def counted() -> Iterator[Work]:
    """Count the calls inside; the number is there when they are done."""
    work = Work()
    profiler = cProfile.Profile()
    start = time.process_time()
    profiler.enable()
    try:
        yield work
    finally:
        profiler.disable()
        work.seconds = time.process_time() - start
        work.calls = sum(entry.callcount for entry in profiler.getstats())


class Clock:
    """A clock that goes on by a tick when it is looked at, and knows how much was done between two looks.

    It stands for the module `time` where work has a limit of time: how much is done within that is then the same on
    every machine.
    """

    def __init__(self, tick: float) -> None:
        self.tick = tick
        self.now = 0.0
        self.calls = 0
        self.most_calls = 0

    def process_time(self) -> float:
        self.most_calls, self.calls = max(self.most_calls, self.calls), 0
        self.now += self.tick
        return self.now


@contextmanager
def ticking(tick: float) -> Iterator[Clock]:
    """Let the deadlines of reading and verifying go by such a clock."""
    clock = Clock(tick)

    def count(frame: FrameType, event: str, argument: object) -> None:
        if event in ("call", "c_call"):
            clock.calls += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        with patch.object(deadline, "time", clock):
            yield clock
    finally:
        sys.setprofile(before)
