"""A limit on the time that reading may take."""

from __future__ import annotations

import math
import time

from symnet.support import ReadingError


class OutOfTime(ReadingError):
    """The time that was allowed has passed before there was an answer."""


class Deadline:
    """How long may be worked at a step, and at all of them, by the time of this process; without end until set."""

    def __init__(self) -> None:
        self.seconds = self.all_seconds = math.inf
        self.end = self.last = math.inf

    def set(self, seconds: float) -> None:
        """Allow so many seconds from now on for the next step."""
        self.seconds = seconds
        self.end = time.process_time() + seconds

    def set_all(self, seconds: float) -> None:
        """Allow so many seconds from now on for all steps together."""
        self.all_seconds = seconds
        self.last = time.process_time() + seconds

    def check(self) -> None:
        """Go on, if there is time left.

        Raises:
            OutOfTime: there is none.
        """
        now = time.process_time()
        if now > self.last:
            raise OutOfTime(f"no time is left: a text is given {self.all_seconds:g} seconds")
        if now > self.end:
            raise OutOfTime(f"no answer within {self.seconds:g} seconds")
