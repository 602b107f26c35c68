"""Windows over the places of an array: how many there are, and at which positions their entries are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Expr, Idx

from symnet.network.layers.base import MAX_UNITS, Scope, Shape, is_whole, shape_text
from symnet.support import ArchitectureError, shown

LETTERS = "uvw"
"""The index of a window's entries along each axis."""

Lengths = int | tuple[int, ...]
"""A length for every axis, or one for each: 3, or (3, 5)."""


def checked_lengths(what: str, given: object, least: int = 1) -> Lengths:
    """The lengths in an int, in a tuple or list of them, or in text such as `3x5`.

    Raises:
        ArchitectureError: a length is no whole number from `least` to 1,000,000, or there are more than three.
    """
    lengths = [_number(part) for part in given.split("x")] if isinstance(given, str) else given
    lengths = tuple(lengths) if isinstance(lengths, list | tuple) else (lengths,)
    if not 1 <= len(lengths) <= len(LETTERS) or not all(is_whole(length, least) for length in lengths):
        raise ArchitectureError(
            f"{what} is {shown(given)}; a whole number from {least} to {MAX_UNITS:,}, "
            "or one for each axis such as 3x3, is needed"
        )
    return lengths if len(lengths) > 1 else int(lengths[0])


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(MAX_UNITS)) else text


@dataclass(frozen=True)
class Windows:
    """Windows along the axes of a shape: entry u of window p is at position stride*p + dilation*u - pad.

    Each attribute has a number for every axis of places. Positions outside of the array have the value 0.
    """

    lengths: tuple[int, ...]
    strides: tuple[int, ...]
    pads: tuple[int, ...]
    dilations: tuple[int, ...]

    def shape(self, before: Shape) -> Shape:
        """How many windows there are along each axis of an array of places.

        Raises:
            ArchitectureError: a window is longer than the array with its padding.
        """
        covered = [dilation * (length - 1) + 1 for length, dilation in zip(self.lengths, self.dilations, strict=True)]
        padded = [length + 2 * pad for length, pad in zip(before, self.pads, strict=True)]
        if any(window > room for window, room in zip(covered, padded, strict=True)):
            beside = f" with dilation {shape_text(self.dilations)}" if covered != [*self.lengths] else ""
            beside += f" does not fit into {shape_text(before)}"
            beside += f" with pad {shape_text(self.pads)}" if any(self.pads) else ""
            raise ArchitectureError(f"a window of {shape_text(self.lengths)}{beside}")
        return tuple(
            (room - window) // stride + 1 for room, window, stride in zip(padded, covered, self.strides, strict=True)
        )

    def indices(self, scope: Scope) -> tuple[Idx, ...]:
        """The indices of the entries of a window, one for each axis."""
        return tuple(scope.index(letter, length) for letter, length in zip(LETTERS, self.lengths, strict=False))

    def positions(self, own: Sequence[Idx], within: Sequence[Idx]) -> tuple[Expr, ...]:
        """The positions of the entries `within` the windows `own`."""
        return tuple(
            stride * window + dilation * entry - pad
            for window, entry, stride, dilation, pad in zip(
                own, within, self.strides, self.dilations, self.pads, strict=True
            )
        )


def windows(kind: str, before: Shape, **given: Lengths | str) -> Windows:
    """The windows of a layer behind an output of places and, last, channels.

    Args:
        kind: the kind of the layer, for messages.
        before: the shape of that output.
        given: the length, the stride, the pad and the dilation in this order, by what the layer calls them.

    Raises:
        ArchitectureError: the output does not have one to three axes of places and one of channels, or something is
            given for another number of axes.
    """
    axes = len(before) - 1
    if not 1 <= axes <= len(LETTERS):
        raise ArchitectureError(
            f"a {kind} layer cannot stand behind an output of {shape_text(before)}; "
            "one to three axes of places and one of channels are needed, such as 28 x 28 x 1"
        )
    return Windows(*(_along(axes, what, checked_lengths(what, numbers, 0), before) for what, numbers in given.items()))


def _along(axes: int, what: str, numbers: Lengths, before: Shape) -> tuple[int, ...]:
    """A number for each axis."""
    if isinstance(numbers, int):
        return (numbers,) * axes
    if len(numbers) != axes:
        raise ArchitectureError(
            f"a {what} of {shape_text(numbers)} is for {len(numbers)} axes of places; "
            f"the output before, {shape_text(before)}, has {axes}"
        )
    return numbers
