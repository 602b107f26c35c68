"""The residual layer: a dense layer around which an earlier output is carried and added."""

from dataclasses import dataclass
from typing import ClassVar

from symnet.layers.base import Scope, check_whole
from symnet.layers.dense import Dense


@dataclass(frozen=True)
class Residual(Dense):
    """a[n,j] = f(z[n,j]) + h[n,j], where h is the output `skip` layers back (He et al., 2016).

    `skip=1` carries the layer's own input around it, `skip=2` that of the layer before.
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
