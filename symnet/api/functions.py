"""The public API for a function of one's own: what its derivatives cost, and a module that computes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sympy import Expr, Symbol

from symnet.core import Program, derivative
from symnet.counts import ExpressionCounts, cheapest_program, cheapest_to_share, check_weights, count_function
from symnet.network import read_function
from symnet.scalar_form import derivative_program, written_programs
from symnet.simplify import optimize as optimize_program
from symnet.simplify import simplify
from symnet.support import ExpressionError, OptionError, renamed, shown, text_of, unknown
from symnet.targets import FunctionSource, Target, function_target

OF_FUNCTIONS = renamed({"with_respect_to": "wrt"})
"""The old word for the variables to differentiate by."""


@OF_FUNCTIONS
def count_expression(
    formula: str, wrt: Sequence[str] = (), weights: Mapping[str, float] | None = None
) -> ExpressionCounts:
    """What a function of your own and its derivatives cost, written out and with intermediates.

    Args:
        formula: in the grammar of formulas, in variables of any name.
        wrt: the variables of the gradient; all, if none is named.
        weights: as in `count`.

    Raises:
        ExpressionError, ArchitectureError, OptionError: the formula lies outside the grammar, a variable has a reserved
            name, or one to differentiate by is unknown.

    >>> counts = symnet.count_expression("exp(x**2)")
    >>> counts.total, counts.shared
    (6, 4)
    """
    check_weights(weights)
    expression, variables, chosen = _function(formula, wrt)
    forms = _function_forms(expression, variables, chosen)
    program = cheapest_program([*map(optimize_program, forms), *forms], weights)
    return count_function(expression, program, chosen, weights)


@OF_FUNCTIONS
def differentiate(
    formula: str,
    wrt: Sequence[str] = (),
    *,
    target: str | Target = "numpy",
    hessian: bool = False,
    templates: str | Path | None = None,
) -> str:
    """The source of a module with a function of your own, its gradient and, if asked for, its Hessian.

    Arguments and errors are those of `count_expression`; target is "numpy", "python" or a `Target` of one's own that
    writes functions; templates as in `generate`.

    >>> "def gradient(x: float, y: float)" in symnet.differentiate("y*sin(x)", target="python")
    True
    """
    written = function_target(target)
    layout = written.templates(templates)
    expression, variables, chosen = _function(formula, wrt)
    forms = _function_forms(expression, variables, chosen, hessian=hessian)
    names, by = list(map(str, variables)), list(map(str, chosen))
    return written.function_module(FunctionSource(formula, cheapest_to_share(forms), names, by, layout))


def _function_forms(
    expression: Expr, variables: Sequence[Symbol], chosen: Sequence[Symbol], *, hessian: bool = False
) -> list[Program]:
    """A function with its derivatives by one sweep, then in the forms of brute force, for where these cancel more."""
    swept = derivative_program(expression, variables, chosen, hessian=hessian)
    written = {f"d/d{symbol}": derivative(expression, symbol) for symbol in chosen}
    if hessian:
        written |= {
            f"d/d{one} d{other}": derivative(written[f"d/d{one}"], other)
            for place, one in enumerate(chosen)
            for other in chosen[place:]
        }
    elementary, *plain = written_programs(swept, expression, written)
    return [simplify(swept), simplify(elementary), *plain]


def _function(formula: str, wrt: Sequence[str]) -> tuple[Expr, list[Symbol], list[Symbol]]:
    expression, variables = read_function(text_of(formula, "the formula", error=ExpressionError))
    if not variables:
        raise ExpressionError(f"formula {shown(formula)} has no variable to differentiate by")
    known = {str(symbol): symbol for symbol in variables}
    for name in wrt:
        if name not in known:
            raise OptionError(unknown("variable", name, known))
    return expression, variables, [known[name] for name in dict.fromkeys(wrt)] or variables
