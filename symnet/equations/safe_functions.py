"""Functions for where others would overflow, or lose all their digits, on the way to a number that a float holds.

What a formula says in exponentials, squares and logarithms these compute without a step that leaves the range of
floats. `capped`, `decay`, `near` and `far` are parts of such forms: each has the derivative of what it stands for, and
what it does elsewhere changes no result.
"""

from __future__ import annotations

from sympy import Abs, Expr, Integer, cosh, exp, log, sqrt, tanh

from symnet.equations.function_kinds import Composite, RealFunction
from symnet.equations.piecewise import maximum


class StandIn(Composite):
    """Its first argument where it is used, with the derivative of that; elsewhere a number that changes no result."""

    nargs = 2

    @property
    def definition(self) -> Expr:
        return self.args[0]

    def fdiff(self, argindex: int = 1) -> Expr:
        return Integer(1)


class capped(StandIn):
    """capped(z, c): z, and c where z is larger; used where larger z change nothing."""


class decay(Composite):
    """exp(z) for z ≤ 0, else 1; used where z is not positive."""

    nargs = 1

    @property
    def definition(self) -> Expr:
        return exp(self.args[0])

    def fdiff(self, argindex: int = 1) -> Expr:
        return self


class near(StandIn):
    """near(z, r): z where |z| ≤ r, else 0; used where |z| ≤ r."""


class far(StandIn):
    """far(z, r): z where |z| > r, else r + 1; used where |z| > r."""


class above(StandIn):
    """above(z, c): z where z > c, else c + 1; used where z > c."""


class largest(Composite):
    """largest(z, c): max(|z|, |c|) for a size that everything is divided by; no result depends on it, nor a slope."""

    nargs = 2

    @property
    def definition(self) -> Expr:
        z, c = self.args
        return maximum(Abs(z), Abs(c))

    def fdiff(self, argindex: int = 1) -> Expr:
        return Integer(0)


class scaled(Composite):
    """scaled(z, s): z/s for a size s that no result depends on."""

    nargs = 2

    @property
    def definition(self) -> Expr:
        z, s = self.args
        return z / s

    def fdiff(self, argindex: int = 1) -> Expr:
        return 1 / self.args[1] if argindex == 1 else -self / self.args[1]


class hypot(Composite):
    """√(z² + c²)."""

    nargs = 2

    @property
    def definition(self) -> Expr:
        z, c = self.args
        return sqrt(z**2 + c**2)

    def fdiff(self, argindex: int = 1) -> Expr:
        return self.args[argindex - 1] / self


class over_hypot(Composite):
    """z/√(z² + c²); its derivative by z is c²/√(z² + c²)³."""

    nargs = 2

    @property
    def definition(self) -> Expr:
        z, c = self.args
        return z / sqrt(z**2 + c**2)

    def fdiff(self, argindex: int = 1) -> Expr:
        z, c = self.args
        other = over_hypot(c, z)
        return (other if argindex == 1 else -self) * other / hypot(z, c)


class squareplus(Composite):
    """(z + √(z² + c²))/2, for z < 0 as c²/(2(√(z² + c²) - z))."""

    nargs = 2

    @property
    def definition(self) -> Expr:
        z, c = self.args
        return (z + sqrt(z**2 + c**2)) / 2

    def fdiff(self, argindex: int = 1) -> Expr:
        z, c = self.args
        return self / hypot(z, c) if argindex == 1 else over_hypot(c, z) / 2


class asinh(RealFunction):
    """The inverse of sinh, log(z + √(z² + 1))."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        return 1 / hypot(self.args[0], Integer(1))


class log_cosh(Composite):
    """log(cosh(z)); log_cosh' = tanh."""

    nargs = 1

    @property
    def definition(self) -> Expr:
        return log(cosh(self.args[0]))

    def fdiff(self, argindex: int = 1) -> Expr:
        return tanh(self.args[0])


class times_exp(Composite):
    """x exp(v), which is 0 where x is 0."""

    nargs = 2

    @property
    def definition(self) -> Expr:
        x, v = self.args
        return x * exp(v)

    def fdiff(self, argindex: int = 1) -> Expr:
        return exp(self.args[1]) if argindex == 1 else self


class xlogy(Composite):
    """x log(v), which is 0 where x is 0."""

    nargs = 2

    @property
    def definition(self) -> Expr:
        x, v = self.args
        return x * log(v)

    def fdiff(self, argindex: int = 1) -> Expr:
        x, v = self.args
        return log(v) if argindex == 1 else x / v
