"""Textbook forms of functions used in code: √(1 + z²) for hypot(z, 1), log(1 + z) for log1p(z).

Functions with a customary name keep it; other functions with a definition are expanded.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Mul, cosh, sinh, tanh
from sympy.core.function import Application

from symnet.core import substitute
from symnet.formula import Formula
from symnet.formula import tree as f
from symnet.functions import BY_CLASS, Composite


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
    known = BY_CLASS.get(call.func)
    if known is not None and (known.page_name or known.page_letter):
        return False
    return isinstance(call, Composite) or (known is not None and known.page_form is not None)


def _form(call: Expr) -> Expr:
    form = None if isinstance(call, Composite) else BY_CLASS[call.func].page_form
    return call.definition if form is None else form(*call.args)


def function_name(call: Expr) -> Formula:
    """The name of a called function on a page."""
    known = BY_CLASS.get(call.func)
    if known is not None and known.page_letter:
        return f.Letter(known.page_letter)
    return f.Function((known.page_name if known is not None else "") or call.func.__name__)
