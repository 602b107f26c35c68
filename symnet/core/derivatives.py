"""The derivative of a scalar expression by SymPy, with defined values at kinks."""

from __future__ import annotations

from sympy import Abs, Derivative, DiracDelta, Expr, Integer, Mul, Pow, Subs, sign

from symnet.functions import half_step, maximum, positive, relu, select
from symnet.support import NotDifferentiableError


def derivative(expression: Expr, symbol: Expr) -> Expr:
    """SymPy's derivative without the delta functions at the jumps of a sign.

    sign(f)² is taken as 1 and f sign(f) as |f|, also at f = 0, so that sign(z) log(1 + |z|) has slope 1 at 0;
    sign(f)/|f| is 1/f.

    Raises:
        NotDifferentiableError: SymPy leaves a derivative unevaluated.
    """
    slope = expression.diff(symbol).replace(DiracDelta, lambda *arguments: Integer(0))
    if slope.has(Derivative, Subs):
        raise NotDifferentiableError(f"SymPy cannot write down the derivative of {expression}")
    return _tidied_at_kinks(slope) if slope.has(sign, positive, half_step) else slope


def _tidied_at_kinks(slope: Expr) -> Expr:
    """The slope with products of signs, and of a sign and its argument, simplified; no pole where a step is 0."""
    if not slope.args:
        return slope
    node = slope.func(*map(_tidied_at_kinks, slope.args))
    if isinstance(node, Pow) and isinstance(node.base, sign) and node.exp.is_Integer:
        return node.base if node.exp % 2 else Integer(1)
    if isinstance(node, Mul):
        for factor in node.args:
            if isinstance(factor, sign) and factor.args[0] in node.args:
                return _tidied_at_kinks(node / (factor * factor.args[0]) * Abs(factor.args[0]))
            if isinstance(factor, sign) and 1 / Abs(factor.args[0]) in node.args:
                return _tidied_at_kinks(node / factor * Abs(factor.args[0]) / factor.args[0])
            if isinstance(factor, positive | half_step):
                return _without_pole(node, factor)
    return node


def _without_pole(node: Expr, factor: Expr) -> Expr:
    """A product with the step of f; if it divides by max(f, 0), it is evaluated only where f is positive."""
    (inner,) = factor.args
    clipped = {relu(inner), maximum(inner, Integer(0)), maximum(Integer(0), inner)}
    if not any(part.as_base_exp()[0] in clipped and part.as_base_exp()[1] < 0 for part in node.args):
        return node
    return select(inner, (node / factor).xreplace(dict.fromkeys(clipped, inner)), Integer(0))
