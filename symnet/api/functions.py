"""The public API for a user's function: the cost of its derivatives, and a module that computes them."""

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
from symnet.support import ExpressionError, OptionError, names_of, renamed, shown, text_of, unknown
from symnet.targets import FunctionSource, Target, function_target

OF_FUNCTIONS = renamed({"with_respect_to": "wrt"})
"""The deprecated name of the argument for the variables to differentiate by."""


@OF_FUNCTIONS
def count_expression(
    formula: str, wrt: str | Sequence[str] = (), weights: Mapping[str, float] | None = None
) -> ExpressionCounts:
    """Count the operations of a function and its derivatives, written out and with intermediates.

    Args:
        formula: the function, in the grammar of formulas, with variables of any name.
        wrt: the variables of the gradient, as a sequence of names or as text, `x,y`; all if empty.
        weights: as in `count`.

    Raises:
        ExpressionError: the formula is outside the grammar, or has no variable.
        ArchitectureError: a variable has a reserved name.
        OptionError: a variable to differentiate by or a weight is unknown, or a weight is invalid.

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
    wrt: str | Sequence[str] = (),
    *,
    target: str | Target = "numpy",
    hessian: bool = False,
    templates: str | Path | None = None,
) -> str:
    """Return the source of a module with a function, its gradient and optionally its Hessian.

    Args:
        formula, wrt: as in `count_expression`.
        target: "numpy", "python", or a `Target` that writes functions.
        hessian: whether the module has the second derivatives too.
        templates: as in `generate`.

    Raises:
        ExpressionError, ArchitectureError: as in `count_expression`.
        OptionError: a variable to differentiate by is unknown, or the target is unknown or writes no functions.
        TemplateError: as in `generate`.

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
    """Return programs of a function with its derivatives: by one sweep, and in the forms of `diff`.

    The latter are sometimes cheaper, since more of their terms cancel.
    """
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


def _function(formula: str, wrt: str | Sequence[str]) -> tuple[Expr, list[Symbol], list[Symbol]]:
    expression, variables = read_function(text_of(formula, "the formula", error=ExpressionError))
    if not variables:
        raise ExpressionError(f"formula {shown(formula)} has no variable to differentiate by")
    known = {str(symbol): symbol for symbol in variables}
    names = names_of(wrt, "a variable to differentiate by", OptionError)
    for name in names:
        if name not in known:
            raise OptionError(unknown("variable", name, known))
    return expression, variables, [known[name] for name in dict.fromkeys(names)] or variables
