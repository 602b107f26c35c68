"""A limit on the time that reading may take."""

from __future__ import annotations

import math
import time

from symnet.errors import ReadingError


class OutOfTime(ReadingError):
    """The time that was allowed has passed before there was an answer."""


class Deadline:
    """How long may be worked, by the time of this process; without end until it is set."""

    def __init__(self) -> None:
        self.seconds = math.inf
        self.end = math.inf

    def set(self, seconds: float) -> None:
        """Allow so many seconds from now on."""
        self.seconds = seconds
        self.end = time.process_time() + seconds

    def check(self) -> None:
        """Go on, if there is time left.

        Raises:
            OutOfTime: there is none.
        """
        if time.process_time() > self.end:
            raise OutOfTime(f"no answer within {self.seconds:g} seconds")
