"""Rewrite quotients of exponentials so that only decaying exponentials are left.

In a quotient R(e) of polynomials in e = exp(u), numerator and denominator may overflow where R itself is moderate.
Divided by the highest power for u > 0, and by the lowest elsewhere, only powers of exp(-|u|) are left:

    R = P(exp(-u)) for u > 0, else Q(exp(u)),    times exp(k u) if R itself grows

Factors e - 1, which vanish at u = 0, become tanh(u/2) to avoid cancellation there; e^a/(1 + e)^b become sigmoids.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from sympy import (
    Add,
    Dummy,
    Expr,
    Function,
    Indexed,
    Integer,
    Mul,
    Poly,
    PolynomialError,
    Pow,
    Rational,
    Symbol,
    cancel,
    exp,
    horner,
    log,
    tanh,
)

from symnet.core import substitute
from symnet.functions import BY_CLASS, Written, decay, in_fractions, power, select, sigmoid

MAX_DEGREE = 12

E = Dummy("e", positive=True)


def _of_exponential(node: Expr) -> Callable[[Expr], Expr] | None:
    """What a function of k u is in exp(u)**k; None if it is no quotient of polynomials in that."""
    return BY_CLASS[node.func].of_exponential if node.func in BY_CLASS else None


def _grows(node: Expr) -> bool:
    """Whether one of these functions leaves the range of floats where exp(u) does."""
    return BY_CLASS[node.func].grows


def without_growth(node: Expr) -> Expr:
    """Rewrite the quotient of exponentials in a product or an inverse so that no exponential grows."""
    factors = [factor for factor in Mul.make_args(node) if _is_rational(factor)]
    group = Mul(*factors)
    divided = any(isinstance(factor, Pow) and factor.exp < 0 for factor in factors) or group.has(sigmoid, tanh)
    if not divided or not any(_grows(atom) for atom in _atoms(group)):
        return node
    found = _quotient(group)
    return node if found is None else node / group * found


def without_growth_inside(node: Expr) -> Expr:
    """Split a root or a logarithm of a quotient of exponentials into a growing power and a bounded factor.

    √(1 + exp(u)) = exp(u/2) √(1 + exp(-u)) and log(1 + exp(u) + exp(2u)) = 2u + log(1 + exp(-u) + exp(-2u)) for u > 0.
    """
    is_root = isinstance(node, Pow | power) and node.exp.is_Rational and not node.exp.is_Integer
    if not (is_root or isinstance(node, log)) or not isinstance(node.args[0], Add) or not _is_rational(node.args[0]):
        return node
    parts = _parts(node.args[0]) if any(_grows(atom) for atom in _atoms(node.args[0])) else None
    if parts is None:
        return node
    above, below, exponent = parts
    highest = above.degree() - below.degree()
    lowest = min(above.monoms())[0] - min(below.monoms())[0]
    falling = (_reversed(above) / _reversed(below)).xreplace({E: decay(-exponent)})
    rising = (_lowered(above) / _lowered(below)).xreplace({E: decay(exponent)})
    if isinstance(node, log):
        return select(exponent, highest * exponent + log(falling), lowest * exponent + log(rising))
    top, bottom = (exp(node.exp * degree * exponent) for degree in (highest, lowest))
    return select(exponent, top * node.func(falling, node.args[1]), bottom * node.func(rising, node.args[1]))


def _is_rational(factor: Expr) -> bool:
    """Whether a factor consists of exponentials, numbers and integer powers only."""
    if _of_exponential(factor) is not None:
        return True
    if isinstance(factor, Function | Indexed | Symbol) or not factor.args:
        return bool(factor.is_Rational or isinstance(factor, Written))
    if isinstance(factor, Pow):
        return factor.exp.is_Integer is True and _is_rational(factor.base)
    return all(map(_is_rational, factor.args))


def _quotient(group: Expr) -> Expr | None:
    parts = _parts(group)
    if parts is None or parts[1].is_monomial:
        return None
    return _written(*parts)


def _parts(group: Expr) -> tuple[Poly, Poly, Expr] | None:
    """Numerator and denominator as polynomials in e = exp(u), and u."""
    group = in_fractions(group)
    atoms = _atoms(group)
    unit = _unit([atom.args[0] for atom in atoms])
    if unit is None:
        return None
    exponent, step = unit
    powers = {
        atom: form(E ** _multiple(atom.args[0], exponent, step)) for atom in atoms if (form := _of_exponential(atom))
    }
    try:
        above, below = (Poly(part, E) for part in cancel(substitute(group, powers)).as_numer_denom())
    except PolynomialError:
        return None
    return None if max(above.degree(), below.degree()) > MAX_DEGREE else (above, below, step * exponent)


def _atoms(node: Expr) -> list[Expr]:
    if _of_exponential(node) is not None:
        return [node]
    return list(dict.fromkeys(atom for child in node.args for atom in _atoms(child)))


def _unit(exponents: list[Expr]) -> tuple[Expr, Rational] | None:
    """(u, c) such that all exponents are integer multiples of c u, or None."""
    first = exponents[0].as_coeff_Mul()[1]
    numbers = []
    for each in exponents:
        number, rest = each.as_coeff_Mul()
        if rest == -first:
            number, rest = -number, first
        if rest != first or not number.is_Rational:
            return None
        numbers.append(number)
    below = math.lcm(*(int(number.q) for number in numbers))
    return first, Rational(math.gcd(*(int(number * below) for number in numbers)), below)


def _multiple(exponent: Expr, first: Expr, step: Rational) -> int:
    number, rest = exponent.as_coeff_Mul()
    return int((number if rest == first else -number) / step)


def _written(above: Poly, below: Poly, exponent: Expr) -> Expr:
    """The quotient of two polynomials in functions of the exponent."""
    thinned = math.gcd(*(monomial[0] for part in (above, below) for monomial in part.monoms()))
    if thinned > 1:
        above, below = (_thinned(part, thinned) for part in (above, below))
        exponent = thinned * exponent
    one = Poly(E - 1, E)
    slope = 0
    while above.rem(one).is_zero:
        above, slope = above.quo(one), slope + 1
    while below.rem(one).is_zero:
        below, slope = below.quo(one), slope - 1
    plus = Poly(E + 1, E)
    for _ in range(abs(slope)):
        above, below = (above * plus, below) if slope > 0 else (above, below * plus)
    above, below = (Poly(part, E) for part in cancel(above.as_expr() / below.as_expr()).as_numer_denom())
    return tanh(exponent / 2) ** slope * _without_zero(above, below, exponent)


def _thinned(part: Poly, step: int) -> Poly:
    return Poly.from_dict({(monomial[0] // step,): value for monomial, value in part.terms()}, E)


def _without_zero(above: Poly, below: Poly, exponent: Expr) -> Expr:
    if above.is_ground and below.is_ground:
        return above.as_expr() / below.as_expr()
    count = below.degree()
    if above.is_monomial and below.monic() == Poly((E + 1) ** count, E) and above.degree() <= count:
        rising = above.degree()
        scale = above.LC() / below.LC()
        return scale * sigmoid(exponent) ** rising * sigmoid(-exponent) ** (count - rising)
    growth = above.degree() - below.degree()
    lowest = min(above.monoms())[0] - min(below.monoms())[0]
    falling = _reversed(above) / _reversed(below)
    rising = _lowered(above) / _lowered(below)
    at_top, at_bottom = decay(-exponent), decay(exponent)
    top = (exp(growth * exponent) if growth > 0 else at_top**-growth) * falling.xreplace({E: at_top})
    bottom = (exp(lowest * exponent) if lowest < 0 else at_bottom**lowest) * rising.xreplace({E: at_bottom})
    return select(exponent, top, bottom)


def _reversed(part: Poly) -> Expr:
    """The polynomial divided by its highest power, in 1/e."""
    degree = part.degree()
    return horner(Poly.from_dict({(degree - monomial[0],): value for monomial, value in part.terms()}, E).as_expr())


def _lowered(part: Poly) -> Expr:
    """The polynomial divided by its lowest power."""
    lowest = min(part.monoms())[0]
    found = Poly.from_dict({(monomial[0] - lowest,): value for monomial, value in part.terms()}, E).as_expr()
    return horner(found) if found.has(E) else Integer(1) * found
