"""`function`: declare a function, which makes its SymPy class and its record."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

from sympy import Expr, Integer, Symbol

from symnet.functions.kinds import Composite, RealFunction
from symnet.functions.record import known
from symnet.functions.values import value as value_of

Formula = Callable[..., Expr]


def function(
    name: str,
    about: str,
    definition: Formula | None = None,
    *,
    stable: Formula | None = None,
    slope: Formula | tuple[Formula, ...] | None = None,
    derivative: Formula | None = None,
    value: Callable[..., Any] | None = None,
    class_name: str = "",
    **columns: Any,
) -> Any:
    """Register a new function and return its SymPy class.

    Args:
        name: the name of the function in all tables, and of its class unless `class_name` is given.
        about: its equation as text; the docstring of the class.
        definition: takes the arguments and returns the function in elementary functions.
        stable: takes the arguments and returns an equivalent form that neither overflows nor cancels in floats.
        slope: takes the function's value and its arguments and returns its derivative; a tuple with one for each
            argument if they differ. Without it, the definition is differentiated for pages and counts, and the
            stable form for code.
        derivative: an alternative to `slope`: takes a symbol and the arguments, and returns the derivative by it.
        value: as in `Record`, like all `columns`. Without it the stable form is evaluated, or the definition.

    Raises:
        ValueError: there is already a function with this name.
    """
    of_arguments = definition or value
    assert of_arguments is not None
    arity = len(inspect.signature(of_arguments).parameters) - int(definition is None)
    body: dict[str, Any] = {"__doc__": about, "__module__": of_arguments.__module__, "nargs": arity}
    if definition is not None:
        body["definition"] = property(lambda self: definition(*self.args))
    if stable is not None:
        body["stable"] = property(lambda self: stable(*self.args))
    if slope is not None:
        slopes = slope if isinstance(slope, tuple) else (slope,) * arity
        body["fdiff"] = lambda self, argindex=1: slopes[argindex - 1](self, *self.args)
    if derivative is not None:
        body["_eval_derivative"] = lambda self, symbol: derivative(symbol, *self.args)
    made = type(class_name or name, (Composite if definition is not None else RealFunction,), body)
    columns["has_forms"] = value is not None or not columns.keys().isdisjoint(("array", "numpy", "python"))

    known(name, made, value or _value_of_form(stable or definition, arity), arity=arity, **columns)
    return made


def _value_of_form(form: Formula | None, arity: int) -> Callable[..., Any]:
    assert form is not None

    @cache
    def written() -> tuple[list[Symbol], Expr]:
        symbols = [Symbol(f"argument{place}", real=True) for place in range(arity)]
        return symbols, form(*symbols)

    def value(m: Any, *arguments: Any) -> Any:
        symbols, expression = written()
        return value_of(m, expression, dict(zip(symbols, arguments, strict=True)))

    return value


def flat(value: Expr, argument: Expr) -> Expr:
    """Return the slope of a function whose derivative is 0 wherever it exists."""
    return Integer(0)
