"""Random choices that depend on the seed alone, the same on every machine and in every version of Python."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

Option = TypeVar("Option")


class Draw:
    """Choices from a stream of random numbers.

    Python guarantees the same numbers for the same seed only for `random()`, not for `choice` or `sample`, so all
    choices are made from it.

    Args:
        keys: values that identify the stream, including the seed of the sheet.
    """

    def __init__(self, *keys: object) -> None:
        self._random = Random("/".join(map(str, keys)))  # noqa: S311 - no secret hangs on it

    def below(self, count: int) -> int:
        """Return an integer from 0 to `count - 1`."""
        return int(self._random.random() * count)

    def pick(self, options: Sequence[Option]) -> Option:
        """Return one of the options."""
        return options[self.below(len(options))]

    def several(self, options: Sequence[Option], count: int) -> list[Option]:
        """Return `count` of the options in their given order; all if there are fewer."""
        left = list(range(len(options)))
        taken = [left.pop(self.below(len(left))) for _ in range(min(count, len(options)))]
        return [options[place] for place in sorted(taken)]

    def shuffled(self, options: Sequence[Option]) -> list[Option]:
        """Return all options in random order."""
        left = list(options)
        return [left.pop(self.below(len(left))) for _ in range(len(options))]
