"""Functions that are one thing here and another there: steps, choices, maximum and minimum."""

from sympy import Expr, Integer

from symnet.equations.function_kinds import Flat, RealFunction


class positive(Flat):
    """[z > 0]: 1 for z > 0, else 0, the slope of relu."""


class unit_step(Flat):
    """[z >= 0]: 1 from 0 on, else 0, as the notes define the step; users call it `step`."""


class bipolar_step(Flat):
    """1 from 0 on, else -1."""


class select(RealFunction):
    """select(c, u, v): u where c > 0, else v."""

    nargs = 3

    def _eval_derivative(self, symbol: Expr) -> Expr:
        condition, positive, other = self.args
        chosen = positive.diff(symbol), other.diff(symbol)
        return Integer(0) if chosen == (0, 0) else select(condition, *chosen)


class half_step(RealFunction):
    """1 for z > 0, 1/2 at 0, else 0: the step of a tie that two share; its derivative is 0 wherever it has one."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        return Integer(0)


class blend(RealFunction):
    """blend(c, u, v): u where c > 0, v where c < 0, and the mean of both where c is 0."""

    nargs = 3

    def _eval_derivative(self, symbol: Expr) -> Expr:
        condition, positive, other = self.args
        return _shared(condition, positive.diff(symbol), other.diff(symbol))


STEPS = (half_step, blend)
"""What is 0 beyond a bound: to be multiplied before what may overflow there."""


class maximum(RealFunction):
    """The larger of two; at a tie the derivative is the mean of both."""

    nargs = 2

    def _eval_derivative(self, symbol: Expr) -> Expr:
        left, right = self.args
        return _shared(left - right, left.diff(symbol), right.diff(symbol))


class minimum(RealFunction):
    """The smaller of two; at a tie the derivative is the mean of both."""

    nargs = 2

    def _eval_derivative(self, symbol: Expr) -> Expr:
        left, right = self.args
        return _shared(right - left, left.diff(symbol), right.diff(symbol))


def _shared(condition: Expr, positive: Expr, other: Expr) -> Expr:
    """One of two slopes by the sign of a condition, and their mean where it is 0."""
    if positive == other:
        return positive
    if positive.is_number and other.is_number:
        # One step with a factor is cheaper than a choice, and what it multiplies stays in sight of the algebra.
        rise = positive - other
        return other + rise * half_step(condition) if rise > 0 else positive - rise * half_step(-condition)
    return blend(condition, positive, other)
