"""One record for each function, with everything that the stages of symnet need to know of it.

`FUNCTIONS` has the records of scalar functions by name, `BY_CLASS` by SymPy class, `ROWS` those of functions of rows.
They are used by the parser, the oracle, the sweep, the simplifier, the lowering, the targets, pages and their reader.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Literal

from sympy import Expr, Symbol

from symnet.functions.arrays import Expansion
from symnet.functions.code import Code, Helper, named
from symnet.functions.floats import FloatMath
from symnet.functions.kinds import Composite
from symnet.support import LoweringError


@dataclass(frozen=True)
class Record:
    """One scalar function. Every column but the first three may be left out: it improves one reading of the function.

    A new function is declared by `function`, in the file of its family. Its definition is enough for every command, and
    its code is as stable then as that of a formula that somebody types. A stable form makes it as stable as that:

        >>> from sympy import sqrt
        >>> from symnet.functions import FUNCTIONS, function, hypot, select
        >>> bend = function(
        ...     "bend",
        ...     "(z + √(z² + 4))/2, for z < 0 as 2/(√(z² + 4) - z).",
        ...     lambda z: (z + sqrt(z**2 + 4)) / 2,
        ...     stable=lambda z: select(z, (z + hypot(z, 2)) / 2, 2 / (hypot(z, 2) - z)),
        ... )
        >>> FUNCTIONS["bend"].evaluate(-1e8)
        1e-08

    Attributes:
        name: its name in all tables, and in users' formulas if `in_formulas`.
        build: its SymPy class, or a function that returns it for some arguments.
        value: takes a namespace (`FloatMath` or `mpmath.mp`) and the arguments, and returns its value.
        arity: the number of arguments.
        options: numbers that a formula may give by name, with their defaults; `build` and `value` take them by name.
        in_formulas: whether a user's formula may call it.
        activation: its textbook formula as text, if it is an activation under its own name.
        variance: the variance of initial weights for it as an activation, see `Activation`.
        has_forms: whether it has its own value or code; else its stable form or its definition is used everywhere.
        accurate_slope: an accurate slope (for "tails"), if the usual one goes through its own value.
        slope_of: the function that it is the accurate slope of.
        product_of: the function f such that it is z·f(z), with more accurate digits.
        parity: 1 for an even function, f(-z) = f(z), and -1 for an odd one, f(-z) = -f(z).
        of_positive: its value at a positive argument z if that is simpler: a number, or "z".
        least: a lower bound of its rounded values, or a function that returns one for lower bounds of the arguments.
        least_size: returns a lower bound of its absolute value for lower bounds of the arguments.
        levels: the arguments below and above which it is constant, and its derivative 0, to the smallest subnormal.
        vanishes: whether it falls to 0 faster than any power grows, and is 0 beyond a bound.
        is_choice: whether it is its second argument or its third; only the chosen one is evaluated.
        is_step: whether it is 0 beyond a bound where a factor beside it may overflow.
        keeps_zero: whether its value rounds to 0 only if its arguments do.
        is_analytic: whether it has a power series at all but single points.
        is_piecewise: whether it may be constant on some intervals and not on others.
        of_exponential: its value at k u in terms of exp(u)**k.
        grows: whether it leaves the range of floats where that power does.
        by_others: returns it in other functions, so that proofs see one form of equal expressions; its first argument
            is a function that applies a function by name.
        array: its expansion in ufuncs.
        accurate_array: its accurate expansion in ufuncs (for "tails").
        numpy: its code for arrays.
        python: its code for floats.
        page_name: its name on pages; a function with a definition and neither name nor letter is written out.
        page_letter: its letter on pages.
        page_form: its form on pages, if it has no definition.
    """

    name: str
    build: Callable[..., Expr]
    value: Callable[..., Any]
    arity: int = 1
    options: Mapping[str, Fraction] = field(default_factory=dict)
    in_formulas: bool = False
    activation: str = ""
    variance: int | None = None
    has_forms: bool = True
    accurate_slope: Callable[..., Expr] | None = None
    slope_of: type | None = None
    product_of: type | None = None
    parity: int = 0
    of_positive: int | Literal["z"] | None = None
    least: float | Callable[..., float] = -math.inf
    least_size: Callable[..., float] | None = None
    levels: tuple[float | None, float | None] | None = None
    vanishes: bool = False
    is_choice: bool = False
    is_step: bool = False
    keeps_zero: bool = False
    is_analytic: bool = False
    is_piecewise: bool = False
    of_exponential: Callable[[Expr], Expr] | None = None
    grows: bool = False
    by_others: Callable[..., Any] | None = None
    array: Expansion | None = None
    accurate_array: Expansion | None = None
    numpy: Code | None = None
    python: Code | None = None
    page_name: str = ""
    page_letter: str = ""
    page_form: Callable[..., Expr] | None = None

    def symbols(self) -> tuple[Symbol, ...]:
        """Return symbols for the arguments."""
        return tuple(Symbol(f"argument{place}", real=True) for place in range(self.arity))

    def evaluate(self, *arguments: float, **options: Fraction) -> float:
        """Return the value in floats; options that are not given have their defaults.

        Raises:
            ValueError: the arguments are outside the domain.
        """
        return float(self.value(FloatMath, *arguments, **options))

    def expansion(self, accuracy: str) -> Expansion:
        """Return its expansion in ufuncs, the accurate one for "tails" if it has one.

        Raises:
            LoweringError: it has no expansion.
        """
        found = self.accurate_array if accuracy == "tails" and self.accurate_array else self.array
        if found is None:
            raise LoweringError(f"the function {self.name} has no array form")
        return found

    @property
    def is_never_negative(self) -> bool:
        """Whether its values are never negative, for any arguments."""
        return isinstance(self.least, float) and self.least >= 0


@dataclass(frozen=True)
class RowRecord:
    """A function of a whole row: f(k) for every k in the range of the index that is the second argument.

    Attributes:
        name: the name of its SymPy class.
        value: takes a namespace, the entries of the row and the place of a unit, and returns its value at the unit.
        lowered: the name of the operation on arrays that computes it.
        numpy: the code of that operation, for arrays whose last axis is the row.
        operations: takes the length of a row, and returns the operations of one entry (its share) by name.
        is_flat: whether its derivative is 0 wherever it has one. Entries that lie outside of an array that is read at
            affine positions then take no part.
        entry: takes the entries of a row and a unit, and returns the value there in terms of them; None where the
            scalar form has code of its own.
    """

    name: str
    value: Callable[[Any, Sequence[Any], int], Any]
    lowered: str
    numpy: Code
    operations: Callable[[int], dict[str, Fraction]]
    is_flat: bool = False
    entry: Callable[[Sequence[Any], int], Any] | None = None


FUNCTIONS: dict[str, Record] = {}
BY_CLASS: dict[Any, Record] = {}
"""The records by SymPy class, for walking expressions (`sqrt` is a power there)."""

ROWS: dict[str, RowRecord] = {}
HELPERS: dict[str, dict[str, Helper]] = {"numpy": {}, "python": {}}
"""The helpers of each language by name, in the order in which a module defines them."""


def known(name: str, build: Any, value: Callable[..., Any], **columns: Any) -> None:
    """Register a function that SymPy has, or that is a class of its own; `columns` are those of `Record`."""
    if name in FUNCTIONS:
        raise ValueError(f"two functions are called {name}")
    code = {language: registered(columns[language], name, language) for language in HELPERS if language in columns}
    FUNCTIONS[name] = Record(name, build, value, **(columns | code))
    if isinstance(build, type):
        BY_CLASS[build] = FUNCTIONS[name]


def known_row(kind: type, value: Callable[..., Any], numpy: Code, lowered: str = "", **columns: Any) -> None:
    """Register a function of rows; arguments are those of `RowRecord`."""
    name = kind.__name__
    lowered = lowered or name
    ROWS[name] = RowRecord(name, value, lowered, registered(numpy, lowered, "numpy"), **columns)


def registered(code: Code | str, name: str, language: str) -> Code:
    """Return the code of a function in a language, and register its helper if it has one."""
    found = named(code, name)
    if found.helper is not None:
        HELPERS[language].setdefault(found.helper.name, found.helper)
    return found


def also(kind: type, name: str, **columns: Any) -> None:
    """Register a class that has the same record as the function `name`, except for some columns."""
    BY_CLASS[kind] = replace(FUNCTIONS[name], **columns)


def has_definition_alone(node: Expr) -> bool:
    """Whether a node is a function with nothing but its definition and possibly a stable form."""
    return isinstance(node, Composite) and (node.func not in BY_CLASS or not BY_CLASS[node.func].has_forms)


def helpers_needed(names: set[str], language: str) -> list[Helper]:
    """Return the named helpers of a language and those that they call, in the order in which a module defines them."""
    table = HELPERS[language]
    wanted = names.union(*(table[name].names for name in names))
    return [helper for name, helper in table.items() if name in wanted]
