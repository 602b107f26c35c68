"""What is said of a formula that cannot be read: at which character, and what was expected there."""

from __future__ import annotations

from symnet.support import ReadingError


class TooLarge(ReadingError):
    """A formula beyond the limits of what is read."""


class NotUnderstood(ReadingError):
    """A formula that cannot be read.

    Attributes:
        position: the character at which reading stopped, counted from 1.
        expected: what would have been understood there.
    """

    def __init__(self, position: int, expected: str, found: str = "") -> None:
        self.position = position
        self.expected = expected
        self.found = found
        at = f"found {found}; expected {expected}" if found else f"expected {expected}"
        super().__init__(f"character {position}: {at}")


class TooManyParts(NotUnderstood, TooLarge):
    """A formula of too many parts, or of too many inside one another."""


def too_large(offset: int, expected: str) -> TooManyParts:
    """The error at an offset counted from 0."""
    return TooManyParts(offset + 1, expected)


def not_understood(offset: int, expected: str, found: str = "") -> NotUnderstood:
    """The error at an offset counted from 0."""
    return NotUnderstood(offset + 1, expected, found)
