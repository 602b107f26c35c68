"""The base classes of the functions in equations."""

from __future__ import annotations

from fractions import Fraction

from sympy import Dummy, Expr, Function

from symnet.functions.decimals import Written


class RealFunction(Function):
    """A function that is real for real arguments; SymPy uses this in absolute values."""

    def _eval_is_extended_real(self) -> bool:
        return True


class Composite(RealFunction):
    """A function with a textbook definition in elementary functions.

    The definition is the fallback for everything that its record does not have: slopes, value, code in a target.
    A target with its own code for the function never expands it.
    """

    @property
    def definition(self) -> Expr:
        """The function in elementary functions, as it is counted and written out on pages."""
        raise NotImplementedError(f"{type(self).__name__} has no definition")

    @property
    def stable(self) -> Expr:
        """An equivalent form without overflow and cancellation in floats; the definition if there is none."""
        return self.definition

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return the slope by an argument, from the definition."""
        symbols = [Dummy(real=True) for _ in self.args]
        slope = self.func(*symbols).definition.diff(symbols[argindex - 1])
        return slope.xreplace(dict(zip(symbols, self.args, strict=True)))


class power(RealFunction):
    """u ** p for a fraction or a decimal p that is no integer: real for u >= 0 only, and never expanded.

    It replaces SymPy's power where SymPy would change the meaning or take long: sqrt(z)**2 is not z for negative z,
    and SymPy examines powers of powers of sums at length.
    """

    nargs = 2

    @property
    def base(self) -> Expr:
        return self.args[0]

    @property
    def exp(self) -> Expr:
        """The exponent as a rational number; the second argument is the exponent as it was written."""
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
    """log(z), which SymPy does not cancel against exp: exp(log(z)) is not z for negative z."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        return 1 / self.args[0]
