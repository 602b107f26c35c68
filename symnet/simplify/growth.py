"""Products of an exponential with a factor that compensates it: an inverse, or a target that is 0.

exp(v) may overflow where x exp(v) does not, and 0·inf is nan where x is 0. `times_exp(x, v)` multiplies by x before
the exponential is complete. In a power each factor takes its share, since x² may overflow or underflow:

    x² exp(v) = (x exp(v/2))²        (exp(v) - 1)/v = exp(v)/v up to rounding for v > 40

A factor that may have underflowed to 0 stays outside: its product with the exponential cannot be recovered.
"""

from __future__ import annotations

from sympy import Add, Expr, Function, Indexed, Integer, Mul, Pow, Sum, exp, sign

from symnet.core import Program, definition_at
from symnet.functions import BY_CLASS, above, capped, expm1, select, times_exp

ONE = Integer(1)

FAR_ABOVE = Integer(40)
"""For v above this, exp(v) - 1 rounds to exp(v)."""


def with_factor_inside(program: Program, node: Expr) -> Expr:
    """Move the other factors of a product into its exponential if they may compensate it."""
    if not isinstance(node, Mul):
        return node
    factors = [*Mul.make_args(Mul(*(_exponential(program, factor) for factor in node.args)))]
    choices = [factor for factor in factors if isinstance(factor, select)]
    if len(choices) == 1 and any(isinstance(part, exp) for branch in choices[0].args for part in Mul.make_args(branch)):
        condition, *branches = choices[0].args
        rest = Mul(*(factor for factor in factors if factor != choices[0]))
        return select(condition, *(with_factor_inside(program, rest * branch) for branch in branches))
    growing = [factor for factor in factors if isinstance(factor, exp | expm1)]
    inner = [factor for factor in factors if factor.has(Indexed) and factor not in growing and not _is_near_one(factor)]
    if len(growing) != 1 or not inner or not growing[0].has(Indexed) or not _make_up(program, inner):
        return node
    (exponent,) = growing[0].args
    outer = Mul(*(factor for factor in factors if factor not in (*inner, *growing)))
    if isinstance(growing[0], exp):
        return outer * _taken_in(inner, exponent)
    far, held = above(exponent, FAR_ABOVE), capped(exponent, FAR_ABOVE)
    return outer * select(exponent - FAR_ABOVE, _taken_in(inner, far), Mul(*inner) * expm1(held))


def _exponential(program: Program, factor: Expr) -> Expr:
    """exp(v) for the slope a + 1 of a = exp(v) - 1, and exp(-v) for 1/a with a = exp(v)."""
    base, power = factor.as_base_exp()
    equation = program.by_name.get(program.name_of(base) or "") if isinstance(base, Indexed) else None
    definition = definition_at(equation, base.indices) if equation is not None and power.is_negative else None
    if isinstance(definition, exp):
        return exp(power * definition.args[0])
    for side in (1, -1):
        rest = side * factor - 1
        if isinstance(factor, Add) and isinstance(rest, expm1):
            return side * exp(rest.args[0])
    return factor


def _is_near_one(factor: Expr) -> bool:
    """Whether a factor is a number plus functions, such as 1 - exp(z)/2, which compensates nothing."""
    return isinstance(factor, Add) and factor.has(Function) and any(term.is_number for term in factor.args)


def _make_up(program: Program, factors: list[Expr]) -> bool:
    """Whether factors may compensate an exponential, as a divisor or a target may, and none may underflow."""
    if any(factor.has(Sum) or _may_be_rounded(program, factor) for factor in factors):
        return False
    divided = any(isinstance(factor, Pow) and factor.exp.is_negative for factor in factors)
    names = {program.name_of(node) for factor in factors for node in factor.atoms(Indexed)}
    return divided or any(name is not None and program.array(name).role == "target" for name in names)


def _may_be_rounded(program: Program, node: Expr) -> bool:
    """Whether a nonzero value may underflow to 0, as an exponential may."""
    if isinstance(node, Indexed):
        equation = program.by_name.get(program.name_of(node) or "")
        return equation is not None and equation.rhs.has(Function)
    if isinstance(node, Add):
        return all(_may_be_rounded(program, term) for term in node.args)
    keeps_zero = node.func in BY_CLASS and BY_CLASS[node.func].keeps_zero
    rounded = isinstance(node, Function) and not keeps_zero and not node.args[0].is_number
    return rounded or any(_may_be_rounded(program, part) for part in node.args)


def _taken_in(factors: list[Expr], exponent: Expr) -> Expr:
    """The product with the exponential, shared out among the factors: their own product may underflow."""
    powers = [factor.as_base_exp() for factor in factors]
    bases = [(base ** sign(power), abs(power)) if power.is_Integer else (base**power, ONE) for base, power in powers]
    count = sum(power for _, power in bases)
    return Mul(*(times_exp(base, exponent / count) ** power for base, power in bases))
