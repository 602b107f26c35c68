"""Self-attention: every place of a sequence is a mean of the values of all, weighted by how keys fit its query."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sympy import Expr, Idx, Integer, Sum, sqrt

from symnet.functions import softmax
from symnet.network.layers.base import BaseLayer, Scope, Shape, check_whole, shape_text
from symnet.support import ArchitectureError


@dataclass(frozen=True)
class Attention(BaseLayer):
    """Multi-head scaled dot-product attention of a sequence on itself (Vaswani et al., 2017), section 3.2.

    Queries are q[n,t,h,e] = Sum(x[n,t,c]*Wq[c,h,e], c) + bq[h,e], keys k and values v alike. With the attention weights
    p[n,h,t,s] = softmax(Sum(q[n,t,h,e]*k[n,s,h,e], e)/sqrt(d/heads), s) the output is
    a[n,t,f] = Sum(p[n,h,t,s]*v[n,s,h,e]*Wo[h,e,f], s, h, e) + bo[f]. Input and output have the shape (places, d); Wq,
    Wk and Wv have the shape (d, heads, d/heads), bq, bk and bv (heads, d/heads), Wo (heads, d/heads, d), bo (d,).

    Args:
        heads: into how many parts the d features are divided, a divisor of d.
        bias: whether there are biases.

    >>> symnet.compile("12x32-attention(4)-10").SHAPES["Wq1"]
    (32, 4, 8)
    """

    kind: ClassVar[str] = "attention"
    formula: ClassVar[str] = (
        "q[n,t,h,e] = Sum(x[n,t,c]*Wq[c,h,e], c) + bq[h,e], k and v alike;  "
        "p[n,h,t,s] = softmax(Sum(q[n,t,h,e]*k[n,s,h,e], e)/sqrt(d/heads), s);  "
        "a[n,t,f] = Sum(p[n,h,t,s]*v[n,s,h,e]*Wo[h,e,f], s, h, e) + bo[f]"
    )
    meanings: ClassVar[Mapping[str, str]] = {
        "q": "queries",
        "k": "keys",
        "v": "values",
        "score": "how keys fit queries",
        "p": "attention weights",
    }

    heads: int
    bias: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        check_whole("heads", self.heads)

    def shape(self, before: Shape) -> Shape:
        if len(before) != 2 or before[1] % self.heads:
            raise ArchitectureError(
                f"attention with {self.heads} heads cannot stand behind an output of {shape_text(before)}; one axis of "
                f"places and one of features, a multiple of {self.heads}, are needed"
            )
        return before

    def equations(self, scope: Scope) -> None:
        n, (s, c), (t, f) = scope.n, scope.before_axes, scope.axes
        size = scope.shapes[-1][1] // self.heads
        h, e = scope.index("h", self.heads), scope.index("e", size)

        def projected(letter: str, place: Idx) -> Expr:
            weight = scope.weight(f"W{letter}", c, h, e)
            bias = scope.parameter(f"b{letter}", h, e)[h, e] if self.bias else Integer(0)
            array = scope.define(letter, Sum(scope.input[n, place, c] * weight[c, h, e], c) + bias, n, place, h, e)
            return array[n, place, h, e]

        query, key, value = projected("q", t), projected("k", s), projected("v", s)
        score = scope.define("score", Sum(query * key, e) / sqrt(Integer(size)), n, h, t, s)
        weights = scope.define("p", softmax(score[n, h, t, s], s), n, h, t, s)
        mean = scope.define("o", Sum(weights[n, h, t, s] * value, s), n, t, h, e)
        out = scope.weight("Wo", h, e, f)
        bias = scope.parameter("bo", f)[f] if self.bias else Integer(0)
        scope.output(Sum(mean[n, t, h, e] * out[h, e, f], h, e) + bias)
