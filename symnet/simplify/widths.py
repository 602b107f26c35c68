"""What large networks cost: each figure is a polynomial in the widths, found exactly from small networks.

Nothing that is counted knows a width: a product of two layers takes the operations of one weight as often as there are
weights. So the figures of networks of the same layers are values of polynomials, whose degrees the differences along
each width tell. They are trusted only where they give the figures of further networks too, to the last operation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

from symnet.equations import Program
from symnet.equations.program import walk
from symnet.progress import Watched, unseen
from symnet.simplify.comparison import (
    MAX_WRITTEN_OUT,
    NetworkCounts,
    Number,
    Weights,
    count_one_by_one,
    number_of_parameters,
)
from symnet.simplify.counts import count_program

LONG = 10_000
"""Operations from which on polynomials are looked for."""

SPECIAL = 8
"""A layer of at most so many units is kept as it is: at 1 and 2 sums and differences are less than they are later."""

LEAST = 3
"""The least width of the small networks."""

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
    """Count all methods for a network: by polynomials in its widths where it is large, else operation by operation.

    Arguments and errors are those of `count_one_by_one`.
    """
    operations = sum(count_program(equations).values())
    if operations > LONG:
        counts = count_by_widths(forward, equations, weights, operations)
        if counts is not None:
            return counts
    return count_one_by_one(forward, equations, weights, progress=progress, announce=announce)


def count_by_widths(
    forward: Program, equations: Program, weights: Weights | None = None, allowed: int | None = None
) -> NetworkCounts | None:
    """The same by polynomials in the widths; None where there are none that hold, or they would take more work.

    Args:
        forward, equations, weights: as in `count_one_by_one`.
        allowed: how many operations all small networks together may have; any number if it is None.
    """
    family = _Family(forward, equations, weights, math.inf if allowed is None else allowed)
    degrees = family.degrees()
    if not family.widths or degrees is None or not family.affords(degrees):
        return None
    asked = tuple(family.widths)
    if any(family.interpolated(degrees, widths) != family.at(widths) for widths in family.held_out(degrees)):
        return None
    found: dict[str, Any] = {
        name: figure if isinstance(kind, Fraction) else int(figure)
        for name, figure, kind in zip(FIGURES, family.interpolated(degrees, asked), family.kinds, strict=True)
    }
    if found["brute_force"] <= MAX_WRITTEN_OUT:
        return None
    plain = {name: float(figure) if isinstance(figure, Fraction) else figure for name, figure in found.items()}
    return NetworkCounts(parameters=number_of_parameters(forward), brute_force_cse=None, **plain)


class _Family:
    """The networks of the same layers as a network, in other widths.

    Layers of one width stay of one width. What enters an equation as a number, such as the K of a mean over K outputs,
    is no width that may be another: as a factor it may be one that costs nothing.
    """

    def __init__(self, forward: Program, equations: Program, weights: Weights | None, allowed: float) -> None:
        self.programs = forward, equations
        self.weights: dict[str, Any] = {name: _exact(weight) for name, weight in (weights or {}).items()}
        self.left = allowed
        sizes = forward.sizes
        equal = {
            sizes[node]
            for program in self.programs
            for equation in program.equations
            for node in walk(equation.rhs)
            if node in sizes
        }
        self.widths = sorted(width for width in set(sizes.values()) if width > SPECIAL and width not in equal)
        self.known: dict[Widths, Figures] = {}
        self.kinds: Sequence[Number] = ()

    def at(self, widths: Widths) -> Figures:
        """The figures of the network with other widths, the narrowest first."""
        if widths not in self.known:
            forward, equations = self._programs(widths)
            self.left -= sum(count_program(equations).values())
            counts = count_one_by_one(forward, equations, self.weights, written_out=False)
            self.kinds = [getattr(counts, name) for name in FIGURES]
            self.known[widths] = tuple(map(Fraction, self.kinds))
        return self.known[widths]

    def _programs(self, widths: Widths) -> Iterator[Program]:
        new = dict(zip(self.widths, widths, strict=True))
        for program in self.programs:
            yield replace(program, sizes={symbol: new.get(size, size) for symbol, size in program.sizes.items()})

    def degrees(self) -> list[int] | None:
        """The degree in each width, the others at their least; None if one has none that is small."""
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
        return tuple(LEAST + by * (other == place) for other in range(len(self.widths)))

    def affords(self, degrees: Sequence[int]) -> bool:
        """Whether the networks of a whole grid, and those held out, are less work than is left."""
        largest = tuple(LEAST + degree for degree in degrees)
        _, equations = self._programs(largest)
        grid = math.prod(degree + 1 for degree in degrees) * sum(count_program(equations).values())
        held = sum(sum(count_program([*self._programs(widths)][1]).values()) for widths in self.held_out(degrees))
        return grid + held <= self.left

    def held_out(self, degrees: Sequence[int]) -> list[Widths]:
        """Widths beyond the grid: in the order of those asked for, in the opposite one, and twice as large."""
        ranks = range(len(degrees))
        tops = [LEAST + degree + 1 for degree in degrees]
        top = max(tops)
        return [
            tuple(top + rank for rank in ranks),
            tuple(top + rank for rank in reversed(ranks)),
            tuple(2 * top + 3 * rank for rank in ranks),
        ]

    def interpolated(self, degrees: Sequence[int], widths: Widths) -> Figures:
        """The values of the polynomials of these degrees that give the figures on the grid."""
        axes = [_lagrange(range(LEAST, LEAST + degree + 1), at) for degree, at in zip(degrees, widths, strict=True)]
        total = [Fraction(0)] * len(FIGURES)
        for chosen in product(*axes):
            share = math.prod(factor for _, factor in chosen)
            if share:
                figures = self.at(tuple(point for point, _ in chosen))
                total = [sum_ + share * figure for sum_, figure in zip(total, figures, strict=True)]
        return tuple(total)


def _lagrange(points: Sequence[int], at: int) -> list[tuple[int, Fraction]]:
    """Each point with what its value contributes at a place to the polynomial through all of them."""
    shares = []
    for point in points:
        factors = (Fraction(at - other, point - other) for other in points if other != point)
        shares.append((point, math.prod(factors, start=Fraction(1))))
    return shares


def _exact(weight: float) -> Number | Fraction:
    return weight if isinstance(weight, int) else Fraction(float(weight))
