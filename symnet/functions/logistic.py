"""The sigmoid, and the logarithm that it is the slope of."""

from __future__ import annotations

from typing import Any

from sympy import exp, log

from symnet.functions.arrays import Builder, Term, exponential_of
from symnet.functions.code import helped
from symnet.functions.declare import function


def _sigmoid(b: Builder, z: Term) -> Term:
    """1/(1 + exp(-z)), where exp may be inf: the inverse is 0 then, as it should be."""
    return b.divide(1, b.add(b.apply("exp_or_inf", b.multiply(z, -1)), 1))


def _accurate_sigmoid(b: Builder, z: Term) -> Term:
    """max(t, [z > 0])/(1 + t) with t = exp(-|z|)."""
    tail = exponential_of(b, b.magnitude(z), 1)
    return b.divide(b.apply("maximum", tail, b.where_positive(z)), b.add(tail, 1))


def _softplus(b: Builder, z: Term) -> Term:
    """max(z, 0) + log(1 + exp(-|z|))."""
    tail = b.apply("exp", b.apply("negative", b.magnitude(z)))
    return b.add(b.apply("log1p", tail), b.relu(z))


def sigmoid_value(m: Any, z: Any) -> Any:
    """1/(1 + exp(-z)) in a namespace, without overflow."""
    tail = m.exp(-abs(z))
    return (1 if z >= 0 else tail) / (1 + tail)


sigmoid: Any = function(
    "sigmoid",
    "1/(1 + exp(-z)); sigmoid' = a(1 - a).",
    lambda z: 1 / (1 + exp(-z)),
    slope=lambda a, z: a * (1 - a),
    accurate_slope=lambda z: sigmoid(z) * sigmoid(-z),
    value=sigmoid_value,
    least=0.0,
    levels=(-800, 800),
    vanishes=True,
    of_exponential=lambda e: e / (1 + e),
    array=_sigmoid,
    accurate_array=_accurate_sigmoid,
    numpy=helped(
        "z",
        "1/(1 + exp(-z)), without overflow",
        ("tail = np.exp(-np.abs(z))", "value: Array = np.where(z < 0, tail, DTYPE(1)) / (1 + tail)", "return value"),
    ),
    python="(1.0 / (1.0 + exp(-{0})) if {0} > -700.0 else exp({0}))",
    page_name="sigmoid",
)
softplus = function(
    "softplus",
    "log(1 + exp(z)); softplus' = sigmoid.",
    lambda z: log(1 + exp(z)),
    slope=lambda a, z: sigmoid(z),
    value=lambda m, z: max(z, 0) + m.log1p(m.exp(-abs(z))),
    least=0.0,
    levels=(-800, None),
    array=_softplus,
    numpy="np.logaddexp(0, {0})",
    python="(({0} if {0} > 0.0 else 0.0) + log1p(exp(-abs({0}))))",
    page_name="softplus",
)
