"""Textbook forms of functions used in code: √(1 + z²) for hypot(z, 1), log(1 + z) for log1p(z).

Functions with a customary name keep it; other functions with a definition are expanded.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from sympy import Expr, Mul, cosh, exp, log, sinh, tanh
from sympy.core.function import Application

from symnet.equations import substitute
from symnet.equations.function_kinds import Composite
from symnet.equations.functions import (
    atan,
    elu,
    expm1,
    log1p,
    logarithm,
    norm_cdf,
    norm_pdf,
    selu,
    sigmoid,
    softplus,
    softsign,
)
from symnet.equations.piecewise import bipolar_step, maximum, minimum, unit_step
from symnet.equations.safe_functions import asinh
from symnet.notation import formula as f
from symnet.notation.formula import Formula

NAMES: dict[type, Formula] = {
    norm_cdf: f.Letter("Phi"),
    norm_pdf: f.Letter("varphi"),
    maximum: f.Function("max"),
    minimum: f.Function("min"),
    logarithm: f.Function("log"),
    atan: f.Function("arctan"),
    asinh: f.Function("arsinh"),
    **{known: f.Function(known.__name__) for known in (sigmoid, softplus, elu, selu, softsign)},
}
"""The customary names of functions; others that are not expanded have SymPy's names."""

FORMS: dict[type, Callable[[Expr], Expr]] = {
    expm1: lambda call: exp(call.args[0]) - 1,
    log1p: lambda call: log(1 + call.args[0]),
    bipolar_step: lambda call: 2 * unit_step(call.args[0]) - 1,
}
"""The textbook forms of functions without a definition."""


@lru_cache(maxsize=4096)
def textbook(node: Expr) -> Expr:
    """Rewrite an expression in functions with a customary name or sign."""
    while True:
        calls = [call for call in node.atoms(Application) if _is_written_out(call)]
        if not calls:
            return with_tanh(node)
        node = substitute(node, {call: _form(call) for call in calls})


def with_tanh(node: Expr) -> Expr:
    """Replace sinh(f)/cosh(f), SymPy's derivative of log(cosh(f)), by tanh(f)."""
    return node.replace(_is_quotient, _as_tanh) if node.has(sinh) else node


def _is_quotient(node: Expr) -> bool:
    return isinstance(node, Mul) and any(
        isinstance(each, sinh) and 1 / cosh(*each.args) in node.args for each in node.args
    )


def _as_tanh(product: Expr) -> Expr:
    above = next(each for each in product.args if isinstance(each, sinh) and 1 / cosh(*each.args) in product.args)
    argument = above.args[0]
    return Mul(tanh(argument), *(each for each in product.args if each not in (above, 1 / cosh(argument))))


def _is_written_out(call: Expr) -> bool:
    return call.func in FORMS or (isinstance(call, Composite) and call.func not in NAMES)


def _form(call: Expr) -> Expr:
    return FORMS[call.func](call) if call.func in FORMS else call.definition


def function_name(call: Expr) -> Formula:
    """The name of a called function on a page."""
    return NAMES.get(call.func) or f.Function(call.func.__name__)
