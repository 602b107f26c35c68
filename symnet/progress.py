"""How long work shows how far it is: what it tells of its steps, and how a time is said before it starts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Progress(Protocol):
    """What is told of every step of the work, such as a bar."""

    def update(self, n_steps: int, /) -> object:
        """So many steps more are done."""


Watched = Callable[[int], AbstractContextManager[Progress]]
"""Called with the number of steps; gives what is told of them."""


class Unseen:
    def update(self, n_steps: int, /) -> None:
        """Nobody looks."""


def unseen(steps: int) -> AbstractContextManager[Progress]:
    return nullcontext(Unseen())


def about(seconds: float) -> str:
    """A time in a round number of seconds, minutes or hours."""
    for unit, length in (("h", 3_600), ("min", 60), ("s", 1)):
        if seconds >= 2 * length:
            return f"about {seconds / length:.0f} {unit}"
    return "about a second"
