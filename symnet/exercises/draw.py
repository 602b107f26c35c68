"""What varies with the seed: choices that are the same on every machine and in every version of Python."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

Option = TypeVar("Option")


class Draw:
    """Choices from one stream of random numbers.

    Python promises the same numbers for the same seed of `random()` alone, not of `choice` or `sample`; all
    choices are made from it.

    Args:
        keys: what tells this stream from others, the seed of the sheet among them.
    """

    def __init__(self, *keys: object) -> None:
        self._random = Random("/".join(map(str, keys)))  # noqa: S311 - no secret hangs on it

    def below(self, count: int) -> int:
        """A whole number from 0 to `count - 1`."""
        return int(self._random.random() * count)

    def pick(self, options: Sequence[Option]) -> Option:
        """One of the options."""
        return options[self.below(len(options))]

    def several(self, options: Sequence[Option], count: int) -> list[Option]:
        """So many of the options, or all where they are fewer, in the order in which they are given."""
        left = list(range(len(options)))
        taken = [left.pop(self.below(len(left))) for _ in range(min(count, len(options)))]
        return [options[place] for place in sorted(taken)]

    def shuffled(self, options: Sequence[Option]) -> list[Option]:
        """All options in another order."""
        left = list(options)
        return [left.pop(self.below(len(left))) for _ in range(len(options))]
