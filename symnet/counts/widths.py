"""Operation counts of large networks: each is a polynomial in the widths, interpolated exactly from small networks.

No counted form depends on a width: a matrix product takes the operations of one weight times the number of weights. So
the counts of networks with the same layers are values of a polynomial, whose degree in each width follows from finite
differences. The search for common factors prefers frequent pairs, so the small networks keep the order of the layers
from narrow to wide. The polynomials are used only if they reproduce the counts of further networks exactly.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

from sympy import Idx, KroneckerDelta

from symnet.core import Program, expression_text, references, walk
from symnet.counts.comparison import (
    MAX_WRITTEN_OUT,
    NetworkCounts,
    Number,
    Weights,
    count_one_by_one,
    number_of_parameters,
)
from symnet.counts.operations import count_program
from symnet.support import ArchitectureError, Watched, unseen

LONG = 10_000
"""With more operations than this, interpolation is tried."""

SPECIAL = 8
"""A layer of at most this many units keeps its width: sums over 1 or 2 units have other forms than longer ones."""

LEAST = 3
"""The smallest width in the small networks."""

ENOUGH = 20_000
"""The approximate number of operations of the largest small network, which has the proportions of the given one."""

MAX_DEGREE = 9

FIGURES = ("forward", "brute_force", "forward_mode", "sweep", "sweep_cse", "jacobian_forward", "jacobian_reverse")

Widths = tuple[int, ...]
Figures = tuple[Fraction, ...]


def compare_methods(
    forward: Program,
    equations: Program,
    weights: Weights | None = None,
    *,
    progress: Watched = unseen,
    announce: Callable[[str], object] = str,
) -> NetworkCounts:
    """Count all methods for a network: by polynomials in its widths if it is large, else operation by operation.

    Arguments and errors are those of `count_one_by_one`, and
        ArchitectureError: a layer has windows: all units of an axis are taken to cost the same, and places do not.
    """
    _check_units_are_alike(forward)
    if operations_of(equations) > LONG:
        counts = count_by_widths(forward, equations, weights)
        if counts is not None:
            return counts
    return count_one_by_one(forward, equations, weights, progress=progress, announce=announce)


def _check_units_are_alike(forward: Program) -> None:
    """Raise where a reference or a Kronecker delta has a position that is no plain index."""
    for equation in forward.equations:
        positions = {node: node.indices for node in references(equation.rhs)}
        positions |= {node: node.args for node in walk(equation.rhs) if isinstance(node, KroneckerDelta)}
        shifted = next((node for node, at in positions.items() if not all(isinstance(i, Idx) for i in at)), None)
        if shifted is not None:
            raise ArchitectureError(
                f"{equation.name} has windows, {expression_text(shifted)}; methods are compared where all units of an "
                "axis cost the same"
            )


def operations_of(equations: Program) -> int:
    """Estimate the operations of a sweep quickly: each equation's operations per entry times its entries."""
    return sum(count_program(equations).values())


def count_by_widths(
    forward: Program, equations: Program, weights: Weights | None = None, *, at_any_cost: bool = False
) -> NetworkCounts | None:
    """Count all methods by polynomials in the widths.

    None if no polynomials reproduce the counts, the small networks are too large, or brute force is small enough to
    be counted with `cse`.

    Args:
        forward, equations, weights: as in `count_one_by_one`.
        at_any_cost: whether the small networks together may have more operations than the network itself.
    """
    family = _Family(forward, equations, weights, at_any_cost=at_any_cost)
    degrees = family.degrees()
    if not family.widths or degrees is None or not family.affords(degrees):
        return None
    if any(family.interpolated(degrees, widths) != family.at(widths) for widths in family.held_out(degrees)):
        return None
    asked = family.interpolated(degrees, tuple(family.widths))
    found: dict[str, Any] = {
        name: float(figure) if isinstance(kind, Fraction) else int(figure)
        for name, figure, kind in zip(FIGURES, asked, family.kinds, strict=True)
    }
    if found["brute_force"] <= MAX_WRITTEN_OUT:
        return None
    return NetworkCounts(parameters=number_of_parameters(forward), brute_force_cse=None, **found)


class _Family:
    """The networks with the same layers in other widths, in the same order from narrow to wide.

    Layers of equal width keep equal widths. A width that enters an equation as a number, such as the K of a mean over
    K outputs, is fixed: as a factor it may cost nothing (1).

    Attributes:
        widths: the widths that vary, in ascending order.
        least: their smallest values in the small networks.
        left: the remaining budget, in operations of counted networks.
        known: the counts of the networks counted so far.
        kinds: the last of them, with its number types.
    """

    def __init__(self, forward: Program, equations: Program, weights: Weights | None, *, at_any_cost: bool) -> None:
        self.programs = forward, equations
        self.weights: dict[str, Any] = {name: _exact(weight) for name, weight in (weights or {}).items()}
        self.operations = operations_of(equations)
        self.left = math.inf if at_any_cost else self.operations
        numbers = {node for program in self.programs for equation in program.equations for node in walk(equation.rhs)}
        layers = Counter(forward.sizes.values())
        kept = {size for symbol, size in forward.sizes.items() if size <= SPECIAL or symbol in numbers}
        self.widths = sorted(set(layers) - kept)
        self.least: list[int] = []
        beyond = LEAST
        for width in self.widths:
            beyond = max([beyond, *(size + 1 for size in kept if size < width)])
            self.least.append(beyond)
            # Products of two layers of the same width have degree 2 in it; two more points detect that.
            beyond += 2 * layers[width] + 4
        self.known: dict[Widths, Figures] = {}
        self.kinds: Sequence[Number] = ()

    def at(self, widths: Widths) -> Figures:
        """Return the counts of the network with other widths, the narrowest first."""
        if widths not in self.known:
            forward, equations = self._programs(widths)
            self.left -= operations_of(equations)
            counts = count_one_by_one(forward, equations, self.weights, written_out=False)
            self.kinds = [getattr(counts, name) for name in FIGURES]
            self.known[widths] = tuple(map(Fraction, self.kinds))
        return self.known[widths]

    def _programs(self, widths: Widths) -> Iterator[Program]:
        new = dict(zip(self.widths, widths, strict=True))
        for program in self.programs:
            yield replace(program, sizes={symbol: new.get(size, size) for symbol, size in program.sizes.items()})

    def degrees(self) -> list[int] | None:
        """Return the degree in each width, with the others at their smallest.

        None if a degree is larger than `MAX_DEGREE`, or the budget is exhausted.
        """
        found = []
        for place in range(len(self.widths)):
            others = [0] * len(self.widths)
            for degree in range(MAX_DEGREE + 1):
                further = [self._moved(place, degree + 1), self._moved(place, degree + 2)]
                others[place] = degree
                if all(self.interpolated(others, widths) == self.at(widths) for widths in further):
                    break
                if self.left < 0:
                    return None
            else:
                return None
            found.append(degree)
        return found

    def _moved(self, place: int, by: int) -> Widths:
        return tuple(least + by * (other == place) for other, least in enumerate(self.least))

    def affords(self, degrees: Sequence[int]) -> bool:
        """Whether the networks of the grid, and the held-out ones, cost less than the remaining budget."""
        largest = tuple(least + degree for least, degree in zip(self.least, degrees, strict=True))
        grid = math.prod(degree + 1 for degree in degrees) * self._operations(largest)
        return grid + sum(map(self._operations, self.held_out(degrees))) <= self.left

    def _operations(self, widths: Widths) -> int:
        _, equations = self._programs(widths)
        return operations_of(equations)

    def held_out(self, degrees: Sequence[int]) -> list[Widths]:
        """Return widths outside the grid: just outside, and proportional to the given ones."""
        scale = min(1.0, math.sqrt(ENOUGH / self.operations))
        return [
            tuple(least + degree + 1 for least, degree in zip(self.least, degrees, strict=True)),
            tuple(least + degree + 2 for least, degree in zip(self.least, degrees, strict=True)),
            tuple(
                max(min(2 * least, width), int(width * scale), least)
                for least, width in zip(self.least, self.widths, strict=True)
            ),
        ]

    def interpolated(self, degrees: Sequence[int], widths: Widths) -> Figures:
        """Return the values at `widths` of the polynomials of these degrees through the counts on the grid."""
        axes = [
            _lagrange(range(least, least + degree + 1), at)
            for least, degree, at in zip(self.least, degrees, widths, strict=True)
        ]
        total = [Fraction(0)] * len(FIGURES)
        for chosen in product(*axes):
            share = math.prod(factor for _, factor in chosen)
            if share:
                figures = self.at(tuple(point for point, _ in chosen))
                total = [sum_ + share * figure for sum_, figure in zip(total, figures, strict=True)]
        return tuple(total)


def _lagrange(points: Sequence[int], at: int) -> list[tuple[int, Fraction]]:
    """Return each point with the value of its Lagrange basis polynomial at `at`."""
    shares = []
    for point in points:
        factors = (Fraction(at - other, point - other) for other in points if other != point)
        shares.append((point, math.prod(factors, start=Fraction(1))))
    return shares


def _exact(weight: float) -> Number | Fraction:
    return weight if isinstance(weight, int) else Fraction(float(weight))
