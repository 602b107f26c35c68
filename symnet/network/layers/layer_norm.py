"""Layer normalisation: every example, and every place of it, with mean 0 and variance 1 over its last axis."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from sympy import Rational, Sum, sqrt

from symnet.core import extent
from symnet.network.layers.base import BaseLayer, Scope
from symnet.support import ArchitectureError, shown


@dataclass(frozen=True)
class LayerNorm(BaseLayer):
    """Layer normalisation over the last axis (Ba, Kiros and Hinton, 2016), with a gain and a bias for each entry of it.

    a[n,j] = gamma[j]*c[n,j]/sqrt(v[n] + eps) + beta[j] with c[n,j] = x[n,j] - Sum(x[n,j], j)/d the input less its mean
    and v[n] = Sum(c[n,j]**2, j)/d its variance; other axes are kept. gamma starts with ones and beta with zeros; both
    have the shape (d,).

    Args:
        eps: is added to the variance, a number above 0.

    >>> symnet.Network((12, 32), [symnet.LayerNorm(), symnet.Dense(10)]).shapes
    ((12, 32), (12, 32), (10,))
    """

    kind: ClassVar[str] = "layer_norm"
    formula: ClassVar[str] = (
        "m[n] = Sum(x[n,j], j)/d;  c[n,j] = x[n,j] - m[n];  v[n] = Sum(c[n,j]**2, j)/d;  "
        "a[n,j] = gamma[j]*c[n,j]/sqrt(v[n] + eps) + beta[j]"
    )
    meanings: ClassVar[Mapping[str, str]] = {
        "gamma": "gains",
        "beta": "biases",
        "m": "means",
        "c": "inputs less their mean",
        "v": "variances",
    }

    eps: float = 1e-5

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.eps, bool) or not isinstance(self.eps, int | float) or not 1e-300 <= self.eps <= 1e300:
            raise ArchitectureError(f"eps is {shown(self.eps)}; a number from 1e-300 to 1e300 is needed")

    def equations(self, scope: Scope) -> None:
        x, *kept, j = scope.earlier(1), scope.n, *scope.axes
        length = extent(j)
        gamma, beta = scope.parameter("gamma", j, initial="ones"), scope.parameter("beta", j)
        mean = scope.define("m", Sum(x[*kept, j], j) / length, *kept)
        centred = scope.define("c", x[*kept, j] - mean[*kept])
        variance = scope.define("v", Sum(centred[*kept, j] ** 2, j) / length, *kept)
        spread = sqrt(variance[*kept] + Rational(Fraction(repr(self.eps))))
        scope.output(gamma[j] * centred[*kept, j] / spread + beta[j])
