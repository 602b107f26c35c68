"""A limit on the time for checking an equation."""

from __future__ import annotations

import math
import time

from symnet.support import ReadingError


class OutOfTime(ReadingError):
    """The time limit was reached before there was an answer."""


class Deadline:
    """A time limit on one step and on all steps together, in CPU time of this process; unlimited until set."""

    def __init__(self) -> None:
        self.seconds = self.all_seconds = math.inf
        self.end = self.last = math.inf

    def set(self, seconds: float) -> None:
        """Allow this many seconds from now for the next step."""
        self.seconds = seconds
        self.end = time.process_time() + seconds

    def set_all(self, seconds: float) -> None:
        """Allow this many seconds from now for all steps together."""
        self.all_seconds = seconds
        self.last = time.process_time() + seconds

    def check(self) -> None:
        """Check that time is left.

        Raises:
            OutOfTime: none is left.
        """
        now = time.process_time()
        if now > self.last:
            raise OutOfTime(f"no time is left: a text is given {self.all_seconds:g} seconds")
        if now > self.end:
            raise OutOfTime(f"no answer within {self.seconds:g} seconds")
