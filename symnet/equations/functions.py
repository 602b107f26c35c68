"""The elementary functions that equations are written with.

SymPy owns the mathematics. Functions with a numerically stable form (`sigmoid`, `softplus`,
`softmax`, ...) are SymPy functions of their own whose derivative is written through the forward
value where one exists (sigmoid' = a(1 - a)); they are never expanded to `exp` before emission.
"""

from fractions import Fraction

from sympy import (
    Abs,
    Expr,
    Function,
    Integer,
    Rational,
    exp,
    log,
    pi,
    sqrt,
    tanh,
)

from symnet.equations.decimals import Written
from symnet.equations.function_kinds import Composite, RealFunction
from symnet.equations.piecewise import maximum, minimum, positive, select

SELU_SCALE = Rational("1.0507009873554805")
SELU_ALPHA = Rational("1.6732632423543773")
GELU_CUBIC = Rational("0.044715")
"""Constants of Klambauer et al. (2017) and of Hendrycks and Gimpel (2016), at 17 digits."""


class power(RealFunction):
    """u ** p for a p that is no integer, a fraction or a decimal: real for u >= 0 alone, and never taken apart.

    SymPy's own powers are written in formulas as they come. This one stands where SymPy would change what is
    meant or take long over it: sqrt(z)**2 is no z below 0, and powers of powers of sums are looked into at length.
    """

    nargs = 2

    @property
    def base(self) -> Expr:
        return self.args[0]

    @property
    def exp(self) -> Expr:
        """The exponent as a rational number; the second argument is it as it was written."""
        return self.args[1].exact if isinstance(self.args[1], Written) else self.args[1]

    def _eval_is_extended_nonnegative(self) -> bool:
        return True

    def fdiff(self, argindex: int = 1) -> Expr:
        lower = self.exp - 1
        if not isinstance(self.args[1], Written) or lower.q == 2:
            return self.args[1] * power(self.base, lower)
        slope = power(self.base, Written(Fraction(abs(lower.p), lower.q)))
        return self.args[1] * (slope if lower > 0 else 1 / slope)


class logarithm(RealFunction):
    """log(z), which no exponential takes back: exp(log(z)) is no z below 0."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        return 1 / self.args[0]


class expm1(RealFunction):
    """exp(z) - 1 without loss of digits near 0."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        return self + 1


class log1p(RealFunction):
    """log(1 + z) without loss of digits near 0."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        return 1 / (1 + self.args[0])


class atan(RealFunction):
    """arctan(z); atan' = 1/(1 + z²), by a function of its own since z² may overflow."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        return atan_slope(self.args[0])


class atan_slope(Composite):
    """1/(1 + z²)."""

    nargs = 1

    @property
    def definition(self) -> Expr:
        z = self.args[0]
        return 1 / (1 + z**2)

    def fdiff(self, argindex: int = 1) -> Expr:
        return -2 * self.args[0] * self**2


class erf(RealFunction):
    """The error function; erf' = 2/√π exp(-z²)."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        return 2 / sqrt(pi) * gaussian(self.args[0])


class sigmoid(Composite):
    """1/(1 + exp(-z)); sigmoid' = a(1 - a)."""

    nargs = 1

    @property
    def definition(self) -> Expr:
        z = self.args[0]
        return 1 / (1 + exp(-z))

    def fdiff(self, argindex: int = 1) -> Expr:
        return self * (1 - self)


class softplus(Composite):
    """log(1 + exp(z)); softplus' = sigmoid."""

    nargs = 1

    @property
    def definition(self) -> Expr:
        z = self.args[0]
        return log(1 + exp(z))

    def fdiff(self, argindex: int = 1) -> Expr:
        return sigmoid(self.args[0])


class relu(Composite):
    """max(z, 0), with slope 0 at the kink."""

    nargs = 1

    @property
    def definition(self) -> Expr:
        z = self.args[0]
        return maximum(z, Integer(0))

    def fdiff(self, argindex: int = 1) -> Expr:
        return positive(self.args[0])


class elu(Composite):
    """z for z > 0, else exp(z) - 1; elu' = 1 + min(a, 0)."""

    nargs = 1

    @property
    def definition(self) -> Expr:
        z = self.args[0]
        return select(z, z, exp(z) - 1)

    def fdiff(self, argindex: int = 1) -> Expr:
        return 1 + minimum(self, Integer(0))


class selu(Composite):
    """λz for z > 0, else λα(exp(z) - 1); its slope at the kink is the left one, λα."""

    nargs = 1

    @property
    def definition(self) -> Expr:
        z = self.args[0]
        return select(z, SELU_SCALE * z, SELU_SCALE * SELU_ALPHA * (exp(z) - 1))

    def fdiff(self, argindex: int = 1) -> Expr:
        return select(self.args[0], SELU_SCALE, self + SELU_SCALE * SELU_ALPHA)


class norm_cdf(Composite):
    """The standard normal distribution function, erfc(-z/√2)/2."""

    nargs = 1

    @property
    def definition(self) -> Expr:
        z = self.args[0]
        return (1 + erf(z / sqrt(2))) / 2

    def fdiff(self, argindex: int = 1) -> Expr:
        return norm_pdf(self.args[0])


class norm_pdf(Composite):
    """The standard normal density, exp(-z²/2)/√(2π)."""

    nargs = 1

    @property
    def definition(self) -> Expr:
        z = self.args[0]
        return exp(-(z**2) / 2) / sqrt(2 * pi)

    def fdiff(self, argindex: int = 1) -> Expr:
        return -self.args[0] * self


class gelu_gate(Composite):
    """½(1 + tanh(√(2/π)(z + 0.044715 z³))), the gate g of gelu's tanh form; g' = g(1 - g) u'."""

    nargs = 1

    @property
    def definition(self) -> Expr:
        z = self.args[0]
        return (1 + tanh(sqrt(2 / pi) * (z + GELU_CUBIC * z**3))) / 2

    def fdiff(self, argindex: int = 1) -> Expr:
        return self * (1 - self) * gelu_gate_slope(self.args[0])


class gelu_gate_slope(Composite):
    """u' = 2√(2/π)(1 + 3·0.044715 z²), where the gate of gelu's tanh form is sigmoid(u)."""

    nargs = 1

    @property
    def definition(self) -> Expr:
        z = self.args[0]
        return 2 * sqrt(2 / pi) * (1 + 3 * GELU_CUBIC * z**2)

    def fdiff(self, argindex: int = 1) -> Expr:
        return 12 * sqrt(2 / pi) * GELU_CUBIC * self.args[0]


class softsign(Composite):
    """z/(1 + |z|); softsign' = 1/(1 + |z|)²."""

    nargs = 1

    @property
    def definition(self) -> Expr:
        z = self.args[0]
        return z / (1 + Abs(z))

    def fdiff(self, argindex: int = 1) -> Expr:
        return (1 + Abs(self.args[0])) ** -2


class gaussian(Composite):
    """exp(-z²); gaussian' = -2za."""

    nargs = 1

    @property
    def definition(self) -> Expr:
        z = self.args[0]
        return exp(-(z**2))

    def fdiff(self, argindex: int = 1) -> Expr:
        return -2 * self.args[0] * self


class huber(Composite):
    """huber(r, δ): r²/2 for |r| ≤ δ, else δ(|r| - δ/2); its derivative is r held within ±δ."""

    nargs = 2

    @property
    def definition(self) -> Expr:
        residual, threshold = self.args
        size = Abs(residual)
        return select(size - threshold, threshold * (size - threshold / 2), residual**2 / 2)

    def fdiff(self, argindex: int = 1) -> Expr:
        residual, threshold = self.args
        return minimum(maximum(residual, -threshold), threshold)


class softmax(Function):
    """softmax(f, k) = exp(f) / Sum(exp(f), k): f in terms of the unit index k, normalised over k."""

    nargs = 2


class AccurateSoftmax(softmax):
    """The same function; the chain rule gives it a derivative in which 1 - p_k is the sum of the others."""


class log_softmax(Function):
    """log_softmax(f, k) = f - log(Sum(exp(f), k)), the logarithm of softmax(f, k)."""

    nargs = 2


class leave_one_out(Function):
    """leave_one_out(f, k) = Sum of f(m) over all m but k: f in terms of the unit index k.

    Of the entries of a softmax it is 1 - p_k, with all digits where p_k is near 1.
    """

    nargs = 2


ROW_FUNCTIONS = (softmax, log_softmax, leave_one_out)
"""Functions of a whole row: f(k) for every k in the range of the index that is the second argument."""
