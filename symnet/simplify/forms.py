"""Recognise functions that a formula writes out and that have an accurate form of their own.

exp(f) - 1 = expm1(f)                  log(1 + f) = log1p(f)              1 + tanh(f) = 2 sigmoid(2f)
1 + erf(f) = 2 norm_cdf(√2 f)          log(cosh(f)) = log_cosh(f)         exp(-f²) = gaussian(f)
√(f² + c²) = hypot(f, c)               f + √(f² + c²) = 2 squareplus(f, c)
log(f + √(f² + 1)) = asinh(f)          √max(f, 0) = √f where f > 0, else 0
log(exp(f) - 1) = f + log(1 - exp(-f)) where f > 1, asinh(exp(f)) = f + log(1 + √(1 + exp(-2f))) where f > 0
log(softplus(f)) = log(1 - exp(-exp(f))) = f - exp(f)/2 where f < -20, and the powers of softplus(f) by it
1 - sigmoid(f) = sigmoid(-f)           1 - tanh(f)² = 4 sigmoid(2f) sigmoid(-2f)
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

from sympy import Abs, Add, Expr, Integer, Mul, Pow, Rational, exp, floor, log, sqrt, tanh

from symnet.functions import (
    above,
    asinh,
    capped,
    erf,
    expm1,
    gaussian,
    hypot,
    log1p,
    maximum,
    norm_cdf,
    over_hypot,
    power,
    relu,
    select,
    sigmoid,
    softplus,
    squareplus,
)

HALF = Rational(1, 2)
FAR_ABOVE = Integer(7)
"""For f above this, exp(-exp(f)) is below the smallest subnormal number."""

CLOSE = 1e-14
"""The largest distance from 1 of a coefficient that a user's rounded decimals leave in place of 1."""

FAR_BELOW = Integer(-20)
"""For f below this, the third term of log(softplus(f)) = f - exp(f)/2 + 5 exp(2f)/24 - ... is below rounding."""


def recognised(node: Expr) -> Expr:
    """Rewrite a node by a known function, for use bottom-up: its arguments are rewritten already."""
    for kind, form in _FORMS:
        if isinstance(node, kind):
            found = form(node)
            if found is not None:
                return found
    return node


def _joined(node: Add, wanted: type, join: Callable[[Expr], Expr | None]) -> Expr | None:
    """T f + T as T (f + 1) for a function f of type `wanted`, with f + 1 rewritten by `join`; T f - T likewise."""
    for term in node.args:
        factors: list[Expr] = [factor for factor in Mul.make_args(term) if isinstance(factor, wanted)]
        for factor, sign in product(factors, (1, -1)):
            rest = term / factor
            other = sign * rest
            joined = join(sign * factor) if other in node.args and other != term else None
            if joined is not None:
                return Add(*(each for each in node.args if each not in (term, other))) + sign * rest * joined
    return None


def _with_one(node: Add) -> Expr | None:
    complement = 1 - node
    if isinstance(complement, sigmoid):
        return sigmoid(-complement.args[0])
    if isinstance(complement, Pow) and complement.exp == 2 and isinstance(complement.base, tanh):
        twice = 2 * complement.base.args[0]
        return 4 * sigmoid(twice) * sigmoid(-twice)
    for wanted, join in _WITH_ONE.items():
        found = _joined(node, wanted, join)
        if found is not None:
            return found
    return _with_root(node)


def _argument(signed: Expr) -> tuple[bool, Expr]:
    """Whether the function has a minus sign, and its argument."""
    opposite = isinstance(signed, Mul)
    return opposite, (-signed if opposite else signed).args[0]


def _one_plus_exp(signed: Expr) -> Expr | None:
    """1 - exp(f)."""
    opposite, exponent = _argument(signed)
    return -expm1(exponent) if opposite else None


def _one_plus_tanh(signed: Expr) -> Expr:
    opposite, argument = _argument(signed)
    return 2 * sigmoid((-2 if opposite else 2) * argument)


def _one_plus_erf(signed: Expr) -> Expr:
    opposite, argument = _argument(signed)
    scaled = _plain(sqrt(2) * argument)
    return 2 * norm_cdf(-scaled if opposite else scaled)


_WITH_ONE: dict[type, Callable[[Expr], Expr | None]] = {exp: _one_plus_exp, tanh: _one_plus_tanh, erf: _one_plus_erf}
"""The accurate form of 1 + f or 1 - f for these functions f."""


def _plain(node: Expr) -> Expr:
    """The node with a coefficient that is ±1 up to rounding made exact, such as √2 times 0.7071067811865475."""
    number, rest = node.as_independent(*node.free_symbols, as_Add=False)
    nearest = 1 if number > 0 else -1
    return nearest * rest if abs(float(number) - nearest) < CLOSE else node


def _with_root(node: Add) -> Expr | None:
    """T f + T √(f² + c²), and T f - T √(f² + c²) = -2T squareplus(-f, c)."""
    for term in node.args:
        for root in Mul.make_args(term):
            sides = _sides(root)
            if sides is not None and sides[1].is_number:
                whole, other = sides
                factor = term / root
                for sign in (1, -1):
                    leg = sign * whole
                    if _has_terms(node, factor * leg):
                        return node - term - factor * leg + 2 * factor * squareplus(leg, other)
                    if _has_terms(node, -factor * leg) and sign == 1:
                        return node - term + factor * leg + 2 * factor * squareplus(-leg, other)
    return None


def _sides(root: Expr) -> tuple[Expr, Expr] | None:
    """f and c of √(f² + c²), where f² may be exp(2g)."""
    if isinstance(root, hypot):
        return root.args[0], root.args[1]
    if isinstance(root, Pow) and root.exp == HALF:
        number, rest = root.base.as_coeff_Add()
        coefficient, square = rest.as_coeff_Mul()
        if isinstance(square, exp) and number > 0 and coefficient > 0:
            return sqrt(coefficient) * exp(square.args[0] / 2), sqrt(number)
    return None


def _has_terms(node: Add, expression: Expr) -> bool:
    return set(Add.make_args(expression)) <= set(node.args)


def _power(node: Pow) -> Expr | None:
    base, exponent = node.args
    if not exponent.is_Rational or exponent.q != 2:
        return None
    if exponent == HALF and isinstance(base, relu):
        return _rooted(node, base.args[0], Integer(0))
    if isinstance(base, maximum) and 0 < exponent < 1 and Integer(0) in base.args:
        inner = base.args[1] if base.args[0] == 0 else base.args[0]
        return _rooted(node, inner, Integer(0))
    legs = _legs(base)
    return None if legs is None else hypot(*legs) ** exponent.p


def _of_softplus(node: softplus, of_value: Callable[[Expr], Expr], of_logarithm: Callable[[Expr], Expr]) -> Expr:
    """A function of softplus(f), computed from log(softplus(f)) far below 0, where softplus(f) underflows."""
    (inner,) = node.args
    low = capped(inner, FAR_BELOW)
    return select(inner - FAR_BELOW, of_value(softplus(above(inner, FAR_BELOW))), of_logarithm(low - exp(low) / 2))


def power_of_small(node: Expr) -> Expr:
    """A root or an inverse of softplus(f). Logarithms have been rewritten before, so none contains such a power."""
    if not isinstance(node, Pow | power) or not isinstance(node.base, softplus):
        return node
    exponent = node.args[1]
    if exponent.is_Integer and exponent > 0:
        return node
    return _of_softplus(
        node.base, lambda inner: node.func(inner, exponent), lambda logarithm: exp(exponent * logarithm)
    )


def logarithm_of_small(node: Expr) -> Expr | None:
    """log(softplus(f)) and log(1 - exp(-exp(f))), with all digits at any f; None for other arguments.

    Far below 0 both are f - exp(f)/2 up to rounding.
    """
    if isinstance(node, softplus):
        return _of_softplus(node, log, lambda logarithm: logarithm)
    growing = -(-node).args[0] if isinstance(-node, expm1) else None
    if not isinstance(growing, exp):
        return None
    (inner,) = growing.args
    low, high = capped(inner, FAR_BELOW), above(capped(inner, FAR_ABOVE), FAR_BELOW)
    return select(inner - FAR_BELOW, log(-expm1(-exp(high))), low - exp(low) / 2)


def _rooted(node: Pow, inner: Expr, bound: Expr) -> Expr:
    """A root of max(f, 0), evaluated only where f is positive: its derivative has a pole at 0."""
    return select(inner, above(inner, bound) ** node.exp, Integer(0))


def _legs(base: Expr) -> tuple[Expr, Expr] | None:
    """(f, c) of f² + c², also of k f² + k c²; c² is a square or a positive number."""
    if not isinstance(base, Add) or len(base.args) != 2:
        return None
    other, square = map(_leg, base.args if base.args[0].is_number else base.args[::-1])
    return None if other is None or square is None or square.is_number else (square, other)


def _leg(square: Expr) -> Expr | None:
    """The root of a positive number, or of a positive multiple of a square."""
    if square.is_number:
        return sqrt(square) if square.is_positive else None
    coefficient, rest = square.as_coeff_Mul()
    root = _root_of_square(rest)
    return sqrt(coefficient) * root if root is not None and coefficient > 0 else None


def _root_of_square(node: Expr) -> Expr | None:
    """f of f², also for a product f: SymPy writes (f g)² as f² g²."""
    factors = [factor.as_base_exp() for factor in Mul.make_args(node)]
    if not all(exponent.is_Integer and exponent % 2 == 0 and exponent > 0 for _, exponent in factors):
        return None
    if len(factors) == 1 and factors[0][1] > 2:
        return None
    return Mul(*(base ** (exponent / 2) for base, exponent in factors))


def _logarithm(node: log) -> Expr | None:
    argument = node.args[0]
    coefficient, rest = argument.as_coeff_Mul()
    if coefficient > 0 and isinstance(rest, squareplus):
        leg, other = rest.args
        if other.is_number:
            sinh = leg / other
            return (_inverse_sinh(asinh(sinh)) or asinh(sinh)) + log(coefficient * other / 2)
    return None


def logarithm_of_growing(argument: Expr) -> Expr | None:
    """The logarithm of a multiple of a power of exp(f) - 1, or of |exp(f) - 1|; None for other arguments.

    Further factors are not allowed: they might be negative together with it, so that only the product has a logarithm.
    """
    coefficient, rest = argument.as_coeff_Mul()
    base, exponent = rest.as_base_exp()
    base = Abs(base) if exponent.is_even else base
    growing = base.args[0] if isinstance(base, Abs) else base
    if not isinstance(growing, expm1) or not coefficient > 0:
        return None
    (inner,) = growing.args
    low, high = capped(inner, Integer(1)), above(inner, Integer(1))
    found = select(inner - 1, high + log(-expm1(-high)), log(base.xreplace({growing: expm1(low)})))
    return exponent * found + log(coefficient)


def _inverse_sinh(node: asinh) -> Expr | None:
    """asinh of a positive multiple of an exponential."""
    coefficient, rest = node.args[0].as_coeff_Mul()
    if not isinstance(rest, exp) or not coefficient > 0:
        return None
    inner = rest.args[0] + log(coefficient)
    low, high = capped(inner, Integer(0)), above(inner, Integer(0))
    return select(inner, high + log1p(hypot(exp(-high), Integer(1))), asinh(exp(low)))


def _exponential(node: exp) -> Expr | None:
    coefficient, rest = node.args[0].as_coeff_Mul()
    if coefficient < 0 and isinstance(rest, Pow) and rest.exp == 2:
        return gaussian(sqrt(-coefficient) * rest.base)
    return None


def _product(node: Mul) -> Expr | None:
    """f/√(f² + c²) and its powers; exp(f) exp(g) as one exponential."""
    bases = dict(factor.as_base_exp() for factor in node.args)
    for root, exponent in bases.items():
        if isinstance(root, hypot) and exponent.is_Integer and exponent < 0:
            leg, other = root.args
            coefficient, rest = leg.as_coeff_Mul()
            powers = dict(factor.as_base_exp() for factor in Mul.make_args(rest))
            times = min(-exponent, *(floor(bases.get(base, Integer(0)) / power) for base, power in powers.items()))
            if times > 0:
                return node * (root / rest * over_hypot(leg, other) / coefficient) ** times
    exponentials = [factor for factor in node.args if isinstance(factor, exp | gaussian)]
    if len(exponentials) > 1:
        exponent = Add(*(_exponent(factor) for factor in exponentials))
        return node / Mul(*exponentials) * exp(exponent)
    return None


def _exponent(factor: Expr) -> Expr:
    return factor.args[0] if isinstance(factor, exp) else -(factor.args[0] ** 2)


_FORMS: tuple[tuple[type, Callable[..., Expr | None]], ...] = (
    (Add, _with_one),
    (Pow, _power),
    (log, _logarithm),
    (asinh, _inverse_sinh),
    (exp, _exponential),
    (Mul, _product),
)
