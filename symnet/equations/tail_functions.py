"""Functions that keep their digits in the tails, where a form through the forward value loses them.

σ' = a(1 - a) has no digits left where a is near 1, and z·σ(z) none where σ(z) is subnormal. Here the
derivatives, and the products of z with a gate, are functions of z of their own, whose code (in
`emit` and `lower`) is right to a few roundings at every float. Their derivatives are those of their
definitions.
"""

from __future__ import annotations

from sympy import Expr, Integer, Symbol, cosh, exp, tanh

from symnet.equations.function_kinds import Composite
from symnet.equations.functions import (
    SELU_ALPHA,
    SELU_SCALE,
    gaussian,
    gelu_gate,
    gelu_gate_slope,
    norm_cdf,
    norm_pdf,
    sigmoid,
    softplus,
)
from symnet.equations.piecewise import minimum, select


class Defined(Composite):
    """A function of z whose derivative is that of its definition."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        symbol = Symbol("z", real=True)
        return self.func(symbol).definition.diff(symbol).subs(symbol, self.args[0])


class sigmoid_slope(Defined):
    """σ'(z) = t/(1 + t)² with t = exp(-|z|), which is 1/(2 + 2 cosh z)."""

    @property
    def definition(self) -> Expr:
        return 1 / (2 + 2 * cosh(self.args[0]))


class tanh_slope(Defined):
    """tanh'(z) = 4u/(1 + u)² with u = exp(-2|z|), which is 1/cosh(z)²."""

    @property
    def definition(self) -> Expr:
        return cosh(self.args[0]) ** -2


class elu_slope(Defined):
    """1 for z > 0, else exp(z)."""

    @property
    def definition(self) -> Expr:
        return exp(minimum(self.args[0], Integer(0)))


class selu_slope(Defined):
    """λ for z > 0, else λα exp(z)."""

    @property
    def definition(self) -> Expr:
        z = self.args[0]
        return select(z, SELU_SCALE, SELU_SCALE * SELU_ALPHA * exp(z))


class gaussian_slope(Defined):
    """-2z exp(-z²)."""

    @property
    def definition(self) -> Expr:
        z = self.args[0]
        return -2 * z * gaussian(z)


class silu(Defined):
    """z σ(z)."""

    @property
    def definition(self) -> Expr:
        z = self.args[0]
        return z * sigmoid(z)

    def fdiff(self, argindex: int = 1) -> Expr:
        return silu_slope(self.args[0])


class silu_slope(Defined):
    """σ(z) (1 + z σ(-z))."""

    @property
    def definition(self) -> Expr:
        z = self.args[0]
        return sigmoid(z) * (1 + z * sigmoid(-z))


class gelu(Defined):
    """z Φ(z), with the normal distribution function Φ."""

    @property
    def definition(self) -> Expr:
        z = self.args[0]
        return z * norm_cdf(z)

    def fdiff(self, argindex: int = 1) -> Expr:
        return gelu_slope(self.args[0])


class gelu_slope(Defined):
    """Φ(z) + z φ(z), with the normal density φ."""

    @property
    def definition(self) -> Expr:
        z = self.args[0]
        return norm_cdf(z) + z * norm_pdf(z)


class gelu_tanh(Defined):
    """z g(z), with the gate g of gelu's tanh form."""

    @property
    def definition(self) -> Expr:
        z = self.args[0]
        return z * gelu_gate(z)

    def fdiff(self, argindex: int = 1) -> Expr:
        return gelu_tanh_slope(self.args[0])


class gelu_tanh_slope(Defined):
    """g(z) (1 + z g(-z) u'(z)), where the gate is sigmoid(u(z))."""

    @property
    def definition(self) -> Expr:
        z = self.args[0]
        return gelu_gate(z) * (1 + z * gelu_gate(-z) * gelu_gate_slope(z))


class mish(Defined):
    """z tanh(log(1 + exp(z)))."""

    @property
    def definition(self) -> Expr:
        z = self.args[0]
        return z * tanh(softplus(z))

    def fdiff(self, argindex: int = 1) -> Expr:
        return mish_slope(self.args[0])


class mish_slope(Defined):
    """tanh(s) + z tanh'(s) σ(z) with s = log(1 + exp(z))."""

    @property
    def definition(self) -> Expr:
        z = self.args[0]
        return tanh(softplus(z)) + z * tanh_slope(softplus(z)) * sigmoid(z)
