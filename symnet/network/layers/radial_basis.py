"""The radial-basis layer: each unit has a centre and a width; `hjorth-jensen.txt`, "Other types of networks"."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from sympy import Sum, exp

from symnet.network.layers.base import Layer, Scope


@dataclass(frozen=True)
class RadialBasis(Layer):
    """A radial-basis layer: a[n,j] = exp(-r[n,j]/(2 s[j]²)) with r[n,j] = Sum((x[n,i] - c[j,i])², i).

    The centres c, of shape (units, inputs), start as standard normal draws, the widths s, of shape
    (units,), at 1. A width of 0 is singular.

    >>> sorted(symnet.derive(symnet.Network(2, [symnet.RadialBasis(3), symnet.Dense(1)])).gradients)
    ['W2', 'b2', 'c1', 's1']
    """

    kind: ClassVar[str] = "radial_basis"
    formula: ClassVar[str] = "r[n,j] = Sum((x[n,i] - c[j,i])**2, i);  a[n,j] = exp(-r[n,j]/(2*s[j]**2))"
    meanings: ClassVar[Mapping[str, str]] = {
        "c": "centres",
        "s": "widths",
        "r": "squared distances from the centres",
    }

    def equations(self, scope: Scope) -> None:
        n, i, j = scope.n, scope.before_axes, scope.axes
        centre = scope.parameter("c", *j, *i, initial=Fraction(1))
        width = scope.parameter("s", *j, initial="ones")
        distance = scope.define("r", Sum((scope.input[n, *i] - centre[*j, *i]) ** 2, *i))
        scope.output(exp(-distance[n, *j] / (2 * width[j] ** 2)))
