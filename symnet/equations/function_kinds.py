"""What the functions of equations have in common."""

from sympy import Expr, Function, Integer


class RealFunction(Function):
    """A function that is real wherever its arguments are, as SymPy needs to know for absolute values."""

    def _eval_is_extended_real(self) -> bool:
        return True


class Composite(RealFunction):
    """A function that has a textbook definition in elementary ones; it is never expanded for code."""

    @property
    def definition(self) -> Expr:
        """The same in elementary functions, as it is counted and as a page would write it out."""
        raise NotImplementedError(f"{type(self).__name__} has no definition")


class Flat(RealFunction):
    """A function whose derivative is 0 wherever it has one."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        return Integer(0)
