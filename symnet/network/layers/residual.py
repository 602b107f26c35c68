"""The residual layer: a dense layer with a skip connection from an earlier output."""

from dataclasses import dataclass
from typing import ClassVar

from symnet.network.layers.base import Scope, check_whole
from symnet.network.layers.dense import Dense


@dataclass(frozen=True)
class Residual(Dense):
    """A residual layer: a[n,j] = f(z[n,j]) + h[n,j], where h is the output `skip` layers back (He et al., 2016).

    z is that of a dense layer. h needs as many units as the layer: with `skip=1` it is the layer's own
    input, with `skip=2` the input of the layer before. `skip` counts from 1.

    >>> symnet.to_string(symnet.Network(4, [symnet.Dense(4), symnet.Residual(4, skip=2), symnet.Dense(1)]))
    '4-4-4[residual,skip=2]-1:sigmoid,sigmoid,identity'
    """

    kind: ClassVar[str] = "residual"
    formula: ClassVar[str] = (
        "z[n,j] = Sum(x[n,i]*W[i,j], i) + b[j];  a[n,j] = f(z[n,j]) + h[n,j], h the output `skip` layers back"
    )
    ends_in_activation: ClassVar[bool] = False

    skip: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        check_whole("skip", self.skip)

    def equations(self, scope: Scope) -> None:
        carried = scope.earlier(self.skip)
        scope.output(scope.activate(self.affine(scope)) + carried[scope.n, *scope.axes])
