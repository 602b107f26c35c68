"""The dense layer: every unit is connected to every output of the layer before."""

from dataclasses import dataclass
from typing import ClassVar

from sympy import Sum

from symnet.network.layers.base import ActivatedLayer, Scope


@dataclass(frozen=True)
class Dense(ActivatedLayer):
    """A dense layer: a[n,j] = f(z[n,j]) with z[n,j] = Sum(x[n,i]*W[i,j], i) + b[j].

    W has the shape (inputs, units), b the shape (units,); `bias=False` leaves b out. Where the layer before has an
    output of several axes, i runs over all of them.

    >>> symnet.Network(4, [symnet.Dense(8, "relu", bias=False), symnet.Dense(2)]).sizes
    (4, 8, 2)
    """

    kind: ClassVar[str] = "dense"
    formula: ClassVar[str] = "z[n,j] = Sum(x[n,i]*W[i,j], i) + b[j];  a[n,j] = f(z[n,j])"

    bias: bool = True

    def equations(self, scope: Scope) -> None:
        scope.output(scope.activate(self.affine(scope)))

    def affine(self, scope: Scope) -> Sum:
        """Write the equation of the pre-activation and return z[n, j]."""
        n, i, j = scope.n, scope.before_axes, scope.axes
        weight = scope.weight()
        z = Sum(scope.input[n, *i] * weight[*i, *j], *i)
        if self.bias:
            z += scope.parameter("b", *j)[j]
        return scope.define("z", z)[n, *j]
