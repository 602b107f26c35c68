"""Quotients and roots of sums of products of powers of two units: never worse than the text, however unlike the units.

A formula is read as algebra, so its text is what NumPy computes with the factors of every product in whatever order.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from formulas import WAYS, at, exactly_of_loss
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import UNHURRIED, examples

SIZES = (0.0, 1e-300, 1e-200, 1e-152, 1e-100, 1e-30, 1e-9, 0.3, 1.0, 2.5, 1e9, 1e30, 1e100, 1e140, 1e152, 1e200, 1e300)
NUMBERS = tuple(sign * size for size in SIZES for sign in (1.0, -1.0))
SMALLEST, LARGEST = 1e-300, 1e300
RELATIVE = 1e-9


class Term(NamedTuple):
    """A number times powers of a and y, or the absolute value of that."""

    number: float
    of_a: int
    of_y: int
    absolute: bool = False

    @property
    def text(self) -> str:
        powers = [f"{name}**{power}" for name, power in (("a", self.of_a), ("y", self.of_y)) if power]
        product = "*".join(powers) or "1"
        return f"{self.number:g}*abs({product})" if self.absolute else f"{self.number:g}*{product}"

    def factors(self, a: float, y: float) -> list[float]:
        found = [self.number, *([a] * self.of_a), *([y] * self.of_y)]
        return list(map(abs, found)) if self.absolute else found

    def slope(self, a: float, y: float) -> list[float]:
        """The factors of the derivative by a."""
        if not self.of_a:
            return [0.0]
        outer = float(np.sign(a) ** self.of_a * np.sign(y) ** self.of_y) if self.absolute else 1.0
        return [self.number * self.of_a * outer, *([a] * (self.of_a - 1)), *([y] * self.of_y)]


class Formula(NamedTuple):
    """A sum over a sum, or over the root of one; no sum above is a root alone."""

    above: tuple[Term, ...]
    below: tuple[Term, ...]
    is_root: bool

    @property
    def text(self) -> str:
        above, below = ("+".join(term.text for term in terms) for terms in (self.above, self.below))
        if not above:
            return f"sqrt({below})"
        return f"({above})/sqrt({below})" if self.is_root else f"({above})/({below})"

    def products(self, a: float, y: float) -> tuple[list[list[float]], list[list[float]]] | None:
        """The factors of the terms of the value and of those of the slope; None where no float divides."""
        size = _total([term.factors(a, y) for term in self.below])
        if size is None or not SMALLEST < size < LARGEST:
            return None
        root = math.sqrt(size) if self.is_root else size
        half = 0.5 if self.is_root else 1.0
        inner = [term.slope(a, y) for term in self.below]
        if not self.above:
            return [[root]], [[half, *slope, 1 / root] for slope in inner]
        above = [term.factors(a, y) for term in self.above]
        values = [[*factors, 1 / root] for factors in above]
        slopes = [[*term.slope(a, y), 1 / root] for term in self.above]
        slopes += [[-half, *factors, *slope, 1 / size, 1 / root] for factors in above for slope in inner]
        return values, slopes


def _total(products: list[list[float]]) -> float | None:
    """The sum of some products; None where one is out of range in some order of its factors."""
    for factors in products:
        if 0.0 in factors and all(math.isfinite(factor) for factor in factors):
            factors = [factor for factor in factors if factor]
        for count in range(2, len(factors) + 1):
            for chosen in itertools.combinations(factors, count):
                with np.errstate(all="ignore"):
                    if not SMALLEST < abs(np.prod(chosen)) < LARGEST:
                        return None
    return float(sum(math.prod(factors) for factors in products))


def _as_written(formula: Formula, a: float, y: float) -> Iterator[tuple[str, int, float]]:
    """The value and the slope of the text, as far as all its steps are in range."""
    products = formula.products(a, y)
    for index, (what, found) in enumerate(zip(("value", "slope"), products or (), strict=False)):
        total = _total(found)
        if total is not None:
            yield what, index, total


@cache
def right(text: str, a: float, y: float) -> tuple[float, float] | None:
    exact = exactly_of_loss(text, a, y)
    return None if exact is None else (float(exact[0]), float(exact[1]))


def hold(formula: Formula, a: float, y: float, way: str) -> int:
    """How many of value and slope there was a text for; both are as good as it."""
    compared = 0
    for what, index, written in _as_written(formula, a, y):
        exact = right(formula.text, a, y)
        if exact is None:
            continue
        # What cancels in a slope by a is worth a rounding of the loss over a.
        scale = max(abs(exact[index]), abs(exact[0] / a) if a and index else 0.0)
        allowed = RELATIVE * scale + SMALLEST
        if abs(written - exact[index]) > allowed:
            continue
        with np.errstate(all="ignore"):
            found = at("identity", a, way, loss=formula.text, y=y)[index]
        assert abs(found - exact[index]) <= allowed, f"{what} of {formula.text}, a = {a!r}, y = {y!r}: {found!r}"
        compared += 1
    return compared


terms = st.builds(Term, st.sampled_from((1.0, 2.0, 0.5)), st.integers(0, 3), st.integers(0, 3), st.booleans())
positive = st.builds(Term, st.sampled_from((1.0, 3.0)), st.integers(0, 4), st.integers(0, 4), st.just(True))
formulas = st.builds(
    Formula,
    st.lists(terms, max_size=2).map(tuple),
    st.lists(positive, min_size=2, max_size=3).map(tuple),
    st.booleans(),
).filter(lambda formula: (formula.above or formula.is_root) and any(t.of_a for t in (*formula.above, *formula.below)))
pairs = st.lists(st.tuples(st.sampled_from(NUMBERS), st.sampled_from(NUMBERS)), min_size=8, max_size=30, unique=True)


@given(formula=formulas, points=pairs, way=st.sampled_from(WAYS))
@settings(max_examples=examples(60), **UNHURRIED)
def test_value_and_slope_are_never_worse_than_the_text(
    formula: Formula, points: list[tuple[float, float]], way: str
) -> None:
    for a, y in points:
        hold(formula, a, y, way)


EXAMPLES = (
    Formula((Term(1, 1, 1),), (Term(1, 0, 0), Term(1, 2, 2)), is_root=True),
    Formula((Term(1, 1, 1),), (Term(1, 0, 0), Term(1, 2, 2)), is_root=False),
    Formula((Term(1, 2, 2),), (Term(1, 2, 0), Term(1, 0, 2)), is_root=False),
    Formula((Term(1, 1, 0),), (Term(1, 0, 0), Term(1, 1, 1, absolute=True)), is_root=False),
    Formula((Term(1, 2, 1),), (Term(1, 1, 0, absolute=True), Term(1, 0, 2)), is_root=True),
    Formula(
        (Term(1, 0, 1),), (Term(1, 0, 0), Term(1, 3, 0, absolute=True), Term(1, 0, 1, absolute=True)), is_root=False
    ),
    Formula((), (Term(1, 2, 2), Term(1, 0, 0)), is_root=True),
)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("formula", EXAMPLES, ids=[formula.text for formula in EXAMPLES])
def test_examples_at_all_pairs_of_sizes(formula: Formula, way: str) -> None:
    chosen = NUMBERS[::2]
    assert sum(hold(formula, a, y, way) for a, y in itertools.product(chosen, chosen)) > 100


@pytest.mark.parametrize("accuracy", ["fast", "tails"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("a", "y", "value"), [(1e152, 1e-9, 0.0), (1e100, 0.0, 1.0), (1e155, 1e-9, 0.0), (1e155, -1e-9, 2.0)]
)
def test_a_product_over_its_hypotenuse(a: float, y: float, value: float, way: str, accuracy: str) -> None:
    with np.errstate(all="ignore"):
        found = at("identity", a, way, loss="1-a*y/sqrt(1+a**2*y**2)", y=y, accuracy=accuracy)
    assert found == (pytest.approx(value, abs=1e-15), pytest.approx(0.0, abs=1e-15))
