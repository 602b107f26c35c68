"""One record a function: what it is, and what each reader of equations knows of it.

`FUNCTIONS` has the scalar functions by name, `BY_CLASS` by SymPy class, `ROWS` the functions of rows. All readers ask
these: the parser, the oracle, the sweep, the simplifier, the lowering, the targets, pages and their reader.
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
        name: by which readers ask for it, and users call it if they may.
        build: its SymPy class, or what makes it of its arguments.
        value: its value, for a namespace (`FloatMath` or `mpmath.mp`) and the arguments.
        arity: how many arguments it takes.
        options: numbers that a formula may give by name, with their defaults; `build` and `value` take them by name.
        in_formulas: whether a user's formula may call it.
        activation: its textbook formula as text, if it is an activation by its own name beside those of `ACTIVATIONS`.
        variance: how an initialization of it draws weights, see `Activation`.
        has_forms: whether it has a value or code of its own; else its stable form, or its definition, is all there is.
        accurate_slope: its slope where every digit counts, if the usual one goes through its own value.
        slope_of: the function that it is the slope of where every digit counts.
        product_of: the function that it is z times, with more digits.
        parity: 1 of an even function, f(-z) = f(z), and -1 of an odd one, f(-z) = -f(z).
        of_positive: what it is of a positive argument z where that is simpler: a number, or "z".
        least: a number that it is never below, also as it is rounded, or that number from those of its arguments.
        least_size: a number that its absolute value is never below, from those that its arguments are not.
        levels: below the first and above the second argument it is level to the last subnormal, as is its derivative.
        vanishes: whether it is 0 somewhere beyond a bound where no power makes up for it.
        is_choice: whether it is its second argument or its third; the one that is not chosen is not evaluated.
        is_step: whether it is 0 beyond a bound where what it multiplies may overflow.
        keeps_zero: whether its value is not rounded to 0 unless its arguments are.
        is_analytic: whether it has a power series at all but single points.
        is_piecewise: whether it may be constant here and not there.
        of_exponential: its value at k u in terms of exp(u)**k.
        grows: whether it leaves the range of floats where that power does.
        by_others: the same in other functions, so that proofs meet one spelling; its first argument applies a function
            by name.
        array: its expansion in ufuncs.
        accurate_array: the same where every digit counts.
        numpy: its code for arrays.
        python: its code for floats.
        page_name: by which a page calls it; a function with a definition and neither name nor letter is written out.
        page_letter: the letter that a page calls it by.
        page_form: what a page writes for it, if it has no definition.
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
        """Symbols to stand for the arguments."""
        return tuple(Symbol(f"argument{place}", real=True) for place in range(self.arity))

    def evaluate(self, *arguments: float, **options: Fraction) -> float:
        """The value in floats, for options that are not their defaults; raises ValueError outside the domain."""
        return float(self.value(FloatMath, *arguments, **options))

    def expansion(self, accuracy: str) -> Expansion:
        """Its expansion in ufuncs: of a function that has code for arrays.

        Raises:
            LoweringError: it has none.
        """
        found = self.accurate_array if accuracy == "tails" and self.accurate_array else self.array
        if found is None:
            raise LoweringError(f"the function {self.name} has no array form")
        return found

    @property
    def is_never_negative(self) -> bool:
        """Whether it has no negative value, whatever its arguments are."""
        return isinstance(self.least, float) and self.least >= 0


@dataclass(frozen=True)
class RowRecord:
    """A function of a whole row: f(k) for every k in the range of the index that is the second argument.

    Attributes:
        name: the name of its SymPy class.
        value: its value at one unit, for a namespace, the entries of the row and the place of the unit.
        lowered: the name of what arrays hold of it.
        numpy: the code of that, for arrays whose last axis is the row.
        operations: what one entry costs by name, as its share of a row of so many.
    """

    name: str
    value: Callable[[Any, Sequence[Any], int], Any]
    lowered: str
    numpy: Code
    operations: Callable[[int], dict[str, Fraction]]


FUNCTIONS: dict[str, Record] = {}
BY_CLASS: dict[Any, Record] = {}
"""The same by SymPy class, for those who walk an expression (`sqrt` is a power there)."""

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
    """The code of a function of this name in a language, whose helper is known then."""
    found = named(code, name)
    if found.helper is not None:
        HELPERS[language].setdefault(found.helper.name, found.helper)
    return found


def also(kind: type, name: str, **columns: Any) -> None:
    """Register a class that means the same as a function of another class, but for some columns."""
    BY_CLASS[kind] = replace(FUNCTIONS[name], **columns)


def has_definition_alone(node: Expr) -> bool:
    """Whether it is a function of which nothing is known but its definition, and a stable form of that."""
    return isinstance(node, Composite) and (node.func not in BY_CLASS or not BY_CLASS[node.func].has_forms)


def helpers_needed(names: set[str], language: str) -> list[Helper]:
    """The named helpers of a language and those that they call, in the order in which a module defines them."""
    table = HELPERS[language]
    wanted = names.union(*(table[name].names for name in names))
    return [helper for name, helper in table.items() if name in wanted]
