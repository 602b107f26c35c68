"""What the functions of equations have in common, as SymPy sees them."""

from __future__ import annotations

from fractions import Fraction

from sympy import Dummy, Expr, Function

from symnet.functions.decimals import Written


class RealFunction(Function):
    """A function that is real wherever its arguments are, as SymPy needs to know for absolute values."""

    def _eval_is_extended_real(self) -> bool:
        return True


class Composite(RealFunction):
    """A function that has a textbook definition in elementary ones.

    The definition is what stands for it wherever nothing better is known: its slopes, its value, its code in a target.
    Code of a target that has its own form for it never expands it.
    """

    @property
    def definition(self) -> Expr:
        """The same in elementary functions, as it is counted and as a page would write it out."""
        raise NotImplementedError(f"{type(self).__name__} has no definition")

    @property
    def stable(self) -> Expr:
        """The same as floats compute it, where no overflow and no cancellation spoils it."""
        return self.definition

    def fdiff(self, argindex: int = 1) -> Expr:
        """The slope by an argument, from the definition."""
        symbols = [Dummy(real=True) for _ in self.args]
        slope = self.func(*symbols).definition.diff(symbols[argindex - 1])
        return slope.xreplace(dict(zip(symbols, self.args, strict=True)))


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
