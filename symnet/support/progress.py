"""Progress of long computations: the interface of a progress bar, and the text of an estimated time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Progress(Protocol):
    """A receiver of progress, such as a progress bar."""

    def update(self, n_steps: int, /) -> object:
        """Report `n_steps` further steps."""


Watched = Callable[[int], AbstractContextManager[Progress]]
"""Called with the number of steps; returns a context manager for the receiver of progress."""


class Unseen:
    def update(self, n_steps: int, /) -> None:
        """Ignore the report."""


def unseen(steps: int) -> AbstractContextManager[Progress]:
    return nullcontext(Unseen())


def about(seconds: float) -> str:
    """A time in a round number of seconds, minutes or hours."""
    for unit, length in (("h", 3_600), ("min", 60), ("s", 1)):
        if seconds >= 2 * length:
            return f"about {seconds / length:.0f} {unit}"
    return "about a second"
