"""What the functions of equations have in common."""

from sympy import Dummy, Expr, Function, Integer


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

    def fdiff(self, argindex: int = 1) -> Expr:
        """The slope by an argument, from the definition."""
        symbols = [Dummy(real=True) for _ in self.args]
        slope = self.func(*symbols).definition.diff(symbols[argindex - 1])
        return slope.xreplace(dict(zip(symbols, self.args, strict=True)))


class Flat(RealFunction):
    """A function whose derivative is 0 wherever it has one."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        return Integer(0)
