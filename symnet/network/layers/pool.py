"""Pooling: the largest or the mean of each channel in windows that move over the places of the input."""

from dataclasses import dataclass
from math import prod
from typing import ClassVar

from sympy import Sum

from symnet.functions import first_largest
from symnet.network.layers.base import BaseLayer, Scope, Shape, shape_text
from symnet.network.layers.windows import Lengths, Windows, checked_lengths, windows
from symnet.support import ArchitectureError, unknown

METHODS = ("max", "mean")


@dataclass(frozen=True)
class Pool(BaseLayer):
    """Pooling in one, two or three dimensions, of every channel on its own.

    The mean is a[n,p,c] = Sum(x[n,s*p + u - q,c], u)/size with stride s and pad q, x being 0 outside of its range, so
    that padding counts; in two and three dimensions p and u are as many indices each. The largest is
    Sum(h[n,p,u,c]*x[n,s*p + u - q,c], u) with h 1 at the first u where x is largest and 0 elsewhere, taken along one
    axis after the other; padding takes no part.

    Args:
        size: the length of a window: a number for every axis, or one for each as a tuple or as text, `2x2`.
        method: "max" or "mean".
        stride: from one window to the next, in the same way; None for the length of a window.
        pad: places of zeros on either side, in the same way, at most half of a window.

    >>> symnet.Network((8, 8, 3), [symnet.Pool(2, "mean"), symnet.Dense(10)]).shapes
    ((8, 8, 3), (4, 4, 3), (10,))
    """

    kind: ClassVar[str] = "pool"
    formula: ClassVar[str] = "a[n,p,c] = max(x[n,s*p + u - q,c], u), or Sum(x[n,s*p + u - q,c], u)/size for the mean"

    size: Lengths | str
    method: str = "max"
    stride: Lengths | str | None = None
    pad: Lengths | str = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.method not in METHODS:
            raise ArchitectureError(unknown("method of pooling", str(self.method), METHODS))
        for name, least in (("size", 1), ("stride", 1), ("pad", 0)):
            given = getattr(self, name)
            if name != "stride" or given is not None:
                object.__setattr__(self, name, checked_lengths(name, given, least))

    def shape(self, before: Shape) -> Shape:
        chosen = self._windows(before)
        if any(2 * pad > length for pad, length in zip(chosen.pads, chosen.lengths, strict=True)):
            raise ArchitectureError(
                f"a pad of {shape_text(chosen.pads)} is more than half of a window of {shape_text(chosen.lengths)}"
            )
        return (*chosen.shape(before[:-1]), before[-1])

    def equations(self, scope: Scope) -> None:
        chosen = self._windows(scope.shapes[-2])
        (*places, c), u = scope.axes, chosen.indices(scope)
        at = chosen.positions(places, u)
        if self.method == "mean":
            scope.output(Sum(scope.input[scope.n, *at, c], *u) / prod(chosen.lengths))
            return
        # Along one axis after the other, the last first: of several that are largest the first in the order of memory.
        array, kept = scope.input, list(scope.before_axes[:-1])
        for axis in reversed(range(len(places))):
            entry = array[scope.n, *kept[:axis], at[axis], *places[axis + 1 :], c]
            kept[axis] = places[axis]
            hot = scope.define(f"hot_{u[axis].name}", first_largest(entry, u[axis]), scope.n, *kept, u[axis], c)
            largest = Sum(hot[scope.n, *kept, u[axis], c] * entry, u[axis])
            if axis:
                array = scope.define(f"max_{u[axis].name}", largest, scope.n, *kept, c)
        scope.output(largest)

    def _windows(self, before: Shape) -> Windows:
        stride = self.size if self.stride is None else self.stride
        return windows(self.kind, before, size=self.size, stride=stride, pad=self.pad, dilation=1)
