"""The convolution: every filter looks at all channels of a window that moves over the places of its input."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sympy import Sum

from symnet.network.layers.base import Activated, Scope, Shape, check_whole
from symnet.network.layers.windows import Lengths, Windows, checked_lengths, windows


@dataclass(frozen=True)
class Conv(Activated):
    """A convolution in one, two or three dimensions, with channels last; as everywhere in this field, a correlation.

    z[n,p,k] = Sum(x[n,s*p + d*u - q,c]*W[u,c,k], u, c) + b[k] with stride s, dilation d and pad q, x being 0 outside
    of its range; in two and three dimensions p and u are as many indices each. W has the shape (*kernel, channels,
    filters), b the shape (filters,); `bias=False` leaves b out. The output has the shape (*places, filters), of which
    there are (places + 2q - d*(kernel - 1) - 1)//s + 1 along an axis.

    Args:
        filters: the number of filters, the channels of the output, from 1 to 1,000,000.
        kernel: the length of the kernel: a number for every axis, or one for each as a tuple or as text, `3x3`.
        stride, pad, dilation: numbers for every axis or for each in the same way; pad from 0, the others from 1.
        bias: whether there is a bias.
        activation: as in `Activated`.

    >>> layers = [symnet.Conv(8, "3x3", pad=1), symnet.Conv(4, 3, stride=2), symnet.Dense(10)]
    >>> symnet.Network((28, 28, 1), layers).shapes
    ((28, 28, 1), (28, 28, 8), (13, 13, 4), (10,))
    """

    kind: ClassVar[str] = "conv"
    formula: ClassVar[str] = "z[n,p,k] = Sum(x[n,s*p + d*u - q,c]*W[u,c,k], u, c) + b[k];  a[n,p,k] = f(z[n,p,k])"
    meanings: ClassVar[Mapping[str, str]] = {"W": "kernels"}

    filters: int
    kernel: Lengths | str
    stride: Lengths | str = 1
    pad: Lengths | str = 0
    dilation: Lengths | str = 1
    bias: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        check_whole("filters", self.filters)
        for name, least in (("kernel", 1), ("stride", 1), ("pad", 0), ("dilation", 1)):
            object.__setattr__(self, name, checked_lengths(name, getattr(self, name), least))

    def shape(self, before: Shape) -> Shape:
        return (*self._windows(before).shape(before[:-1]), self.filters)

    def equations(self, scope: Scope) -> None:
        chosen = self._windows(scope.shapes[-2])
        (*places, k), c, u = scope.axes, scope.before_axes[-1], chosen.indices(scope)
        at = chosen.positions(places, u)
        weight = scope.weight("W", *u, c, k)
        z = Sum(scope.input[scope.n, *at, c] * weight[*u, c, k], *u, c)
        if self.bias:
            z += scope.parameter("b", k)[k]
        scope.output(scope.activate(scope.define("z", z)[scope.n, *scope.axes]))

    def _windows(self, before: Shape) -> Windows:
        return windows(self.kind, before, kernel=self.kernel, stride=self.stride, pad=self.pad, dilation=self.dilation)
