"""The errors of formulas that cannot be read: at which character, and what was expected there."""

from __future__ import annotations

from symnet.support import ReadingError


class TooLarge(ReadingError):
    """A formula is larger than the limits on length and nesting."""


class NotUnderstood(ReadingError):
    """A formula cannot be read.

    Attributes:
        position: the character at which reading stopped, counted from 1.
        expected: what was expected there.
    """

    def __init__(self, position: int, expected: str, found: str = "") -> None:
        self.position = position
        self.expected = expected
        self.found = found
        at = f"found {found}; expected {expected}" if found else f"expected {expected}"
        super().__init__(f"character {position}: {at}")


class TooManyParts(NotUnderstood, TooLarge):
    """A formula has too many parts, or they are nested too deeply."""


def too_large(offset: int, expected: str) -> TooManyParts:
    """Return the error for an offset counted from 0."""
    return TooManyParts(offset + 1, expected)


def not_understood(offset: int, expected: str, found: str = "") -> NotUnderstood:
    """Return the error for an offset counted from 0."""
    return NotUnderstood(offset + 1, expected, found)
