"""How a function is declared: its SymPy class and its record, from a definition and whatever else is known of it."""

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
    """The SymPy class of a new function, whose record is then known to all.

    Args:
        name: by which all readers ask for it; also of its class, unless `class_name` is another.
        about: its equation, for people; the docstring of the class.
        definition: what it is in elementary functions, in terms of its arguments.
        stable: the same, where that overflows or cancels in floats, in functions that do not.
        slope: its derivative, in terms of its own value and of its arguments; several if it differs by argument.
            Without it pages and counts differentiate the definition, and code its stable form.
        derivative: instead of that, its derivative by a symbol, in terms of the symbol and of its arguments.
        value: see `Record`, as all `columns`. Without it its stable form is evaluated, or its definition.

    Raises:
        ValueError: there is a function of this name.
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
    """The slope of a function whose derivative is 0 wherever it has one."""
    return Integer(0)
