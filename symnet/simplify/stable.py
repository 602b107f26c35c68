"""Numerically stable forms: identities that avoid cancellation and overflow.

    log(softmax(f, k)) = log_softmax(f, k)         1/(1 + exp(-f)) = sigmoid(f)
    log(sigmoid(f)) = -softplus(-f)                log(1 + exp(f)) = softplus(f)
    log(1 - sigmoid(f)) = -softplus(f)             (exp(f) - exp(-f))/(exp(f) + exp(-f)) = tanh(f)

Before the sweep the identities are applied within each equation, so that a user's 1/(1 + exp(-z)) is
differentiated as a sigmoid. After the sweep logarithms of forward values are expanded too, so that
log(p[n,k]) is seen as log(softmax(z[n,k], k)), while the derivation keeps the textbook's ∂C/∂p.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from sympy import Abs, Add, E, Expr, Indexed, Integer, Mul, Pow, Sum, cosh, exp, log, sinh, tanh

from symnet.core import (
    BATCH,
    Program,
    bound_by,
    definition_at,
    extent,
    has_minus_sign,
    indices_of,
    substitute,
    sums,
    verify,
)
from symnet.functions import (
    atan,
    blend,
    gaussian,
    half_step,
    log1p,
    log_cosh,
    log_softmax,
    maximum,
    minimum,
    sigmoid,
    softmax,
    softplus,
    xlogy,
)
from symnet.simplify.exponentials import without_growth, without_growth_inside
from symnet.simplify.forms import logarithm_of_growing, logarithm_of_small, power_of_small, recognised
from symnet.simplify.growth import with_factor_inside
from symnet.simplify.large import without_large_powers, written_inverse_tangent, written_logarithm
from symnet.simplify.rewriting import rewrite_equations, rewrite_nodes, rewrite_products
from symnet.simplify.saturation import hold_arguments
from symnet.simplify.scaling import without_large_units
from symnet.simplify.singularities import nested, without_singularity

MAX_EXPONENTS = {"float64": 1023, "float32": 127}
"""The largest e for which 2**e is finite."""


def use_stable_forms(program: Program) -> Program:
    """Rewrite every right-hand side of a verified program by the identities above."""
    found = _with_known_functions(program)
    found = rewrite_nodes(found, power_of_small, "inverse of what is rounded to 0")
    found = rewrite_products(found, without_singularity, "series where a denominator vanishes")
    found = rewrite_products(found, without_growth, "exponentials that decay")
    found = rewrite_products(found, without_large_powers, "powers of the inverse")
    found = rewrite_products(found, without_large_units, "units over the largest")
    found = rewrite_nodes(found, without_growth_inside, "exponentials that decay")
    found = rewrite_nodes(found, _without_large_argument, "powers of the inverse")
    return verify(hold_arguments(found), program)


def _without_large_argument(node: Expr) -> Expr:
    if isinstance(node, atan):
        return written_inverse_tangent(node)
    return written_logarithm(node) if isinstance(node, log) else node


def _with_known_functions(program: Program) -> Program:
    return rewrite_nodes(program, lambda node: recognised(_stable(node)), "stable form")


def fuse_outputs(program: Program) -> Program:
    """Substitute the definition of an output where a pole of the loss in it is cancelled by another factor.

    In (1 - a)² log(a), as in the focal loss, log(a) or 1/a is infinite where another factor is 0; with a = σ(z)
    everything is finite. A loss with single logarithms stays as notes write it: its poles cancel in ∂C/∂z.
    """
    program = _with_known_functions(program)

    def fused(rhs: Expr) -> Expr:
        known = _definitions(program, rhs, OUTPUTS)
        delicate = {node: known[node] for node in known if _meets_itself(rhs, node) or _is_undone(rhs, node, known)}
        return substitute(rhs, delicate) if delicate else rhs

    return verify(rewrite_equations(program, fused, "output written out"), program)


UNDONE = (exp, gaussian, softplus, tanh)
"""Functions a that reach a bound in floats where log(a) or log(1 ± a) is still moderate."""


def _is_undone(rhs: Expr, value: Expr, definitions: Mapping[Expr, Expr]) -> bool:
    """Whether a logarithm is taken of such a function, or of a sum with a sigmoid or its complement."""
    inside = [node.args[0] for node in rhs.atoms(log) if node.has(value)]
    if isinstance(definitions[value], UNDONE):
        return bool(inside)
    factors = [factor.as_base_exp()[0] for argument in inside for factor in Mul.make_args(argument)]
    mixed = any(factor.has(value) and value not in (factor, 1 - factor) for factor in factors)
    return isinstance(definitions[value], sigmoid) and mixed


def _meets_itself(rhs: Expr, value: Expr) -> bool:
    """Whether a logarithm of a value is multiplied by a function of the value, or under a root or an inverse."""
    if isinstance(rhs, log) or not rhs.has(value):
        return False
    if isinstance(rhs, Pow) and rhs.base.has(value) and (rhs.exp < 0 or not rhs.exp.is_Integer):
        return True
    parts = [factor for factor in rhs.args if factor.has(value)]
    if isinstance(rhs, Mul) and len(parts) > 1 and any(factor.has(log) for factor in parts):
        return True
    return any(_meets_itself(part, value) for part in parts)


def open_logarithms(program: Program) -> Program:
    """Expand logarithms of arrays that are an exponential, a sigmoid or a softmax, and apply the stable forms.

    Other logarithms of 1 + f become log1p(f), y log(v) with a target y becomes xlogy(y, v), series get Horner form,
    and conditions of ties are brought to a stable form.
    """

    def opened(node: Expr) -> Expr:
        if isinstance(node, log):
            return _opened(program, node)
        if isinstance(node, half_step | blend):
            condition, *slopes = node.args
            return node.func(recognised(condition), *slopes)
        return _without_log_of_zero(program, node) if isinstance(node, Mul) else nested(_stable(node))

    return verify(rewrite_nodes(program, opened, "logarithm of a forward value opened"), program)


def _opened(program: Program, node: log) -> Expr:
    known = _definitions(program, node.args[0], OPENED)
    found = _stable(log(substitute(node.args[0], known)))
    if found.has(exp) and found.has(log):
        found = node
    return log1p(found.args[0] - 1) if isinstance(found, log) and 1 in Add.make_args(found.args[0]) else found


def _without_log_of_zero(program: Program, node: Mul) -> Expr:
    """x log(v) as xlogy(x, v) if x is made of targets, or is a factor of v."""
    for factor in node.args:
        terms = Add.make_args(factor)
        logarithms = [part for term in terms for part in Mul.make_args(term) if isinstance(part, log)]
        inside = {base.as_base_exp()[0] for each in logarithms for base in Mul.make_args(each.args[0])}
        inside |= {base.args[0] for base in inside if isinstance(base, Abs)}
        others = [each for each in node.args if each != factor and not isinstance(each, log)]
        x = Mul(*(each for each in others if _is_power_among(inside, each) or _is_target(program, each)))
        if logarithms and x != 1:
            known = {each: xlogy(x, each.args[0]) / x for each in logarithms}
            return node / (x * factor) * Add(*(x * substitute(term, known) for term in terms))
    return with_factor_inside(program, _stable(node))


def _is_power_among(bases: set[Expr], factor: Expr) -> bool:
    base, exponent = factor.as_base_exp()
    return base in bases and bool(exponent > 0)


def _is_target(program: Program, factor: Expr) -> bool:
    names = {program.name_of(node) for node in factor.atoms(Indexed)}
    return bool(names) and all(name is not None and program.array(name).role == "target" for name in names)


def add_up_parts(program: Program) -> Program:
    """Move factors into sums over all rows: a mean may be finite where the sum overflows."""
    return rewrite_equations(program, _parts, "factors taken into a sum")


def _parts(node: Expr) -> Expr:
    if isinstance(node, Add):
        return Add(*map(_parts, node.args))
    totals = [factor for factor in Mul.make_args(node) if isinstance(factor, Sum)]
    rows = [extent(idx) == BATCH for total in totals for idx in bound_by(total)]
    if len(totals) != 1 or not any(rows) or indices_of(node):
        return node
    (total,) = totals
    sign = -1 if has_minus_sign(node) else 1
    return sign * Sum(Mul(sign, node / total, total.function), *bound_by(total))


def hold_squares(program: Program, dtype: str = "float64") -> Program:
    """Clamp squared distances to the largest value the dtype holds.

    Otherwise r overflows, exp(-r) is 0, and r·exp(-r) is nan.
    """
    equations = []
    for equation in program.equations:
        found = sums(equation.rhs) if equation.array.indices else []
        held = {total: _held(program, total, dtype) for total in found if _is_distance(total)}
        rhs = substitute(equation.rhs, held)
        equations.append(equation.rewritten(rhs, "distance held") if held else equation)
    return program.with_equations(equations)


def _is_distance(total: Sum) -> bool:
    square = total.function
    units = all(extent(idx) != BATCH for idx in bound_by(total))
    return units and isinstance(square, Pow) and square.exp == 2


def _held(program: Program, total: Sum, dtype: str) -> Expr:
    terms = math.prod(int(program.size(extent(idx))) for idx in bound_by(total))
    bound = Integer(2) ** ((MAX_EXPONENTS[dtype] - math.ceil(math.log2(terms))) // 2)
    base = total.function.base
    return total.func(maximum(minimum(base, bound), -bound) ** 2, *total.limits)


def _stable(node: Expr) -> Expr:
    """The stable form of a node, for use bottom-up: its operands are in stable form already."""
    if isinstance(node, log):
        return _logarithm(node)
    if isinstance(node, log1p) and isinstance(node.args[0], exp):
        return softplus(node.args[0].args[0])
    if isinstance(node, Add):
        return _hyperbolic(node)
    if isinstance(node, Pow) and node.exp.is_Integer and node.exp < 0:
        exponent = _one_plus_exp(node.base)
        return node if exponent is None else sigmoid(-exponent) ** -node.exp
    return _product(node) if isinstance(node, Mul) else node


OPENED = (exp, gaussian, sigmoid, softmax)
"""Functions whose logarithm has a stable form."""

OUTPUTS = (*OPENED, tanh, softplus)
"""Functions whose distance from a bound underflows or is rounded away."""


def _definitions(program: Program, expression: Expr, kinds: tuple[type, ...]) -> dict[Expr, Expr]:
    """The forward values in an expression that are values of these functions, with their definitions."""
    definitions: dict[Expr, Expr] = {}
    for reference in expression.atoms(Indexed):
        equation = program.by_name.get(reference.base.name)
        if equation is not None and isinstance(equation.rhs, kinds):
            definitions[reference] = definition_at(equation, reference.indices) or reference
    return definitions


def _logarithm(node: log) -> Expr:
    """The stable form of a logarithm, also of a product: log(y/σ(f)) = log(y) + softplus(-f).

    log(f²) = 2 log|f|, since f² may overflow or underflow.
    """
    known = logarithm_of_small(node.args[0]) or logarithm_of_growing(node.args[0])
    if known is not None:
        return known
    rest, total = Integer(1), Integer(0)
    for factor in Mul.make_args(node.args[0]):
        base, exponent = factor.as_base_exp()
        known = _logarithm_of(exp(exponent) if base == E else base)
        if known is None and isinstance(factor, Pow) and exponent.is_even:
            total += exponent * log(Abs(base))
        elif known is None:
            rest *= factor
        else:
            total += known if base == E else exponent * known
    return node if total == 0 else total + log(rest)


def _logarithm_of(argument: Expr) -> Expr | None:
    if isinstance(argument, exp):
        return argument.args[0]
    if isinstance(argument, gaussian):
        return -(argument.args[0] ** 2)
    if isinstance(argument, cosh):
        return log_cosh(argument.args[0])
    if isinstance(argument, softmax):
        return log_softmax(*argument.args)
    if isinstance(argument, softplus):
        return logarithm_of_small(argument)
    if isinstance(argument, sigmoid):
        return -softplus(-argument.args[0])
    complement = 1 - argument
    if isinstance(complement, sigmoid):
        return -softplus(complement.args[0])
    exponent = _one_plus_exp(argument)
    return None if exponent is None else softplus(exponent)


def _one_plus_exp(node: Expr) -> Expr | None:
    """f if the node is 1 + exp(f)."""
    rest = node - 1
    return rest.args[0] if isinstance(rest, exp) else None


def _hyperbolic(node: Add) -> Expr:
    """2c cosh(f) or 2c sinh(f) for a sum or difference of c exp(f) and c exp(-f) with a number c."""
    if len(node.args) != 2:
        return node
    (number, first), (other, second) = (term.as_coeff_Mul() for term in node.args)
    if not (isinstance(first, exp) and isinstance(second, exp)) or second.args[0] != -first.args[0]:
        return node
    if number == other:
        return 2 * number * cosh(first.args[0])
    if number == -other:
        return 2 * number * sinh(first.args[0]) if number > 0 else 2 * other * sinh(second.args[0])
    return node


def _product(node: Mul) -> Expr:
    """exp(f)*sigmoid(-f) = sigmoid(f) and sinh(f)/cosh(f) = tanh(f) within a product."""
    factors = list(node.args)
    for factor in node.args:
        if isinstance(factor, exp) and sigmoid(-factor.args[0]) in factors:
            factors.remove(factor)
            factors[factors.index(sigmoid(-factor.args[0]))] = sigmoid(factor.args[0])
        if isinstance(factor, sinh) and 1 / cosh(factor.args[0]) in factors:
            factors.remove(1 / cosh(factor.args[0]))
            factors[factors.index(factor)] = tanh(factor.args[0])
    return node if factors == [*node.args] else Mul(*factors)
