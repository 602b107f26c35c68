"""Operation counts, in the convention of `hjorth-jensen.txt`, "Counting the number of floating point operations".

Each elementary function, each of + - * /, and squaring is one operation; a product with a literal
counts; values already computed cost nothing. A power x**n takes the multiplications of repeated
squaring, a square root is one function, and a negative power adds a division. A sign that a
subtraction absorbs is free. So √(x² + exp x²) takes 5 operations. A function with a definition in
elementary functions counts as its definition: σ(z) = 1/(1 + exp(-z)) takes 4.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from fractions import Fraction
from numbers import Real

from sympy import Add, Expr, Function, Idx, Indexed, KroneckerDelta, Mul, Pow, Rational, Sum, Symbol

from symnet.core import BATCH, Program, bound_by, extent, has_minus_sign
from symnet.functions import BY_CLASS, ROW_FUNCTIONS, ROWS, Composite, Written, power
from symnet.support import OptionError, shown, unfit, unknown

Counts = Counter[str]
Extent = Callable[[Idx], int]

KIND_OF = {"multiply": "multiplications", "add": "additions", "divide": "divisions"}
KINDS = (*KIND_OF.values(), "functions")

ELEMENTARY = frozenset(function.name for kind, function in BY_CLASS.items() if not issubclass(kind, Composite))
OPERATIONS = ELEMENTARY | {*KIND_OF, "sqrt", "power"}
"""The names of operations; functions with a definition are written out before counting."""

NOMINAL = 8
"""The extent assumed for every axis when two forms are compared, so that the choice never depends on widths."""


def check_weights(weights: Mapping[str, float] | None) -> None:
    """Check weights of operations.

    Raises:
        OptionError: they are no mapping, an operation is unknown, or a weight is negative, infinite or not a number.
    """
    if weights is not None and not isinstance(weights, Mapping):
        raise unfit("weights", weights, "a mapping from operations to numbers", OptionError)
    for name, weight in (weights or {}).items():
        if name not in OPERATIONS:
            raise OptionError(unknown("operation", name, OPERATIONS))
        if not isinstance(weight, Real) or not 0 <= weight < math.inf:
            raise OptionError(f"the weight of {name} is {shown(weight)}; a finite number of at least 0 is needed")


def count_operations(expression: Expr, extent_of: Extent) -> Counter[str]:
    """Return the operations for one entry of an array with this right-hand side, by name.

    Args:
        expression: the right-hand side.
        extent_of: returns the extent of an index.

    Returns:
        The counts by `add`, `multiply`, `divide`, `sqrt`, `power`, and the names of functions.
    """
    counter = _Counting(extent_of)
    counter.visit(expression)
    return Counter({name: number for name, number in counter.total.items() if number})


def count_expression(expression: Expr, extent_of: Extent) -> Counter[str]:
    """Return the operations for one entry of an array with this right-hand side, by kind (`KINDS`)."""
    total: Counter[str] = Counter()
    for name, number in count_operations(expression, extent_of).items():
        total[KIND_OF.get(name, "functions")] += number
    return Counter({kind: total[kind] for kind in KINDS if total[kind]})


def cost(expression: Expr, extent_of: Extent | None = None) -> Fraction:
    """Return the total number of operations for one entry; axes have the extent `NOMINAL` by default."""
    return Fraction(sum(count_operations(expression, extent_of or (lambda idx: NOMINAL)).values()))


def count_program(program: Program, batch: int = 1) -> Counter[str]:
    """Return the operations of evaluating every equation of a program once, by kind (`KINDS`)."""
    return sum(count_equations(program, batch).values(), Counter())


def count_equations(program: Program, batch: int = 1) -> dict[str, Counter[str]]:
    """Return the operations of each equation, by the name of its array and by kind (`KINDS`)."""

    def extent_of(idx: Idx) -> int:
        return int(program.size(extent(idx)).xreplace({BATCH: Rational(batch)}))

    counts = {}
    for equation in program.equations:
        entries = math.prod(map(extent_of, equation.array.indices))
        each = count_expression(equation.rhs, extent_of)
        counts[equation.name] = Counter({kind: int(number * entries) for kind, number in each.items()})
    return counts


class _Counting:
    def __init__(self, extent_of: Extent) -> None:
        self.extent_of = extent_of
        self.total: dict[str, int | Fraction] = {}
        self.weight = 1

    def add(self, name: str, number: int | Fraction = 1) -> None:
        self.total[name] = self.total.get(name, 0) + number * self.weight

    def visit(self, node: Expr) -> None:
        if isinstance(node, Sum):
            self._loop(node)
        elif isinstance(node, Indexed | Symbol | KroneckerDelta) or node.is_number:
            return
        elif isinstance(node, Add):
            self._sum_of_terms(node)
        elif isinstance(node, Mul):
            self._product(node)
        elif isinstance(node, Pow | power):
            self._power(node)
        elif isinstance(node, ROW_FUNCTIONS):
            self._row_function(node)
        elif isinstance(node, Composite):
            self.visit(node.definition)
        elif isinstance(node, Function):
            self.add(BY_CLASS[node.func].name if node.func in BY_CLASS else node.func.__name__)
            for argument in node.args:
                self.visit(argument)

    def _sum_of_terms(self, node: Add) -> None:
        self.add("add", len(node.args) - 1)
        self.add("multiply", int(all(has_minus_sign(term) for term in node.args)))
        for term in node.args:
            self.visit(-term if has_minus_sign(term) else term)

    def _product(self, node: Mul) -> None:
        above, below, numbers = 0, 0, False
        for factor in node.args:
            if isinstance(factor, Rational | Written):
                numbers = numbers or bool(factor != 1)
            elif isinstance(factor, Pow) and factor.exp.is_Rational and bool(factor.exp < 0):
                below += 1
                self.visit(1 / factor)
            else:
                above += 1
                self.visit(factor)
        above += int(numbers)
        self.add("multiply", max(above - 1, 0) + max(below - 1, 0))
        self.add("divide", int(below > 0))

    def _power(self, node: Pow) -> None:
        base, exponent = node.args
        self.visit(base)
        if not exponent.is_Rational:
            self.visit(exponent)
            self.add("power")
            return
        self.add("divide", int(bool(exponent < 0)))
        size = abs(exponent)
        if size.q == 1:
            self.add("multiply", int(size).bit_length() - 1 + bin(int(size)).count("1") - 1)
        else:
            self.add("sqrt" if size == Rational(1, 2) else "power")

    def _loop(self, node: Sum) -> None:
        outside = self.weight
        repeats = math.prod(map(self.extent_of, bound_by(node)))
        self.weight = outside * repeats
        self.visit(node.function)
        self.weight = outside
        self.add("add", repeats - 1)

    def _row_function(self, node: Expr) -> None:
        """Count a row function's share for one entry: it is computed once for each row."""
        body, idx = node.args
        self.visit(body)
        for name, number in ROWS[node.func.__name__].operations(self.extent_of(idx)).items():
            self.add(name, number)
