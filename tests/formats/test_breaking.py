"""Long equations are broken where people break them, and lose nothing by it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_documents import LOSS, Z1, long_sum, slope, weight
from strategies import examples

from symnet.formats.blocks import Display, Line
from symnet.formats.breaking import Measure, broken, printed_lines
from symnet.formula.tree import Fenced, Formula, Fraction, Letter, Operator, Row, Space, Total, product, row
from symnet.formula.typesetting import formula_width

X = Letter("x")


def leaves(formula: Formula) -> Iterator[object]:
    """The parts of a formula in order, fences as characters, without thin spaces."""
    if isinstance(formula, Row):
        for part in formula.parts:
            yield from leaves(part)
    elif isinstance(formula, Fenced):
        yield from formula.left
        yield from leaves(formula.body)
        yield from formula.right
    elif formula != Space():
        yield formula


def together(lines: list[Formula]) -> list[object]:
    """What the lines say one after the other; the sign of a product at the start of a line says nothing new."""
    said: list[object] = []
    for place, line in enumerate(lines):
        parts = list(leaves(line))
        said += parts[1:] if place and parts[0] == Operator("times") else parts
    return said


@st.composite
def sums(draw: st.DrawFn) -> Formula:
    """Sums of products of symbols, fractions and sums in parentheses."""

    def total(depth: int) -> Formula:
        parts: list[Formula] = []
        for place in range(draw(st.integers(1, 5))):
            sign = draw(st.sampled_from(("+", "-")))
            parts += [Operator(sign)] if place or sign == "-" else []
            parts.append(product(*(factor(depth) for _ in range(draw(st.integers(1, 4))))))
        return row(*parts)

    def factor(depth: int) -> Formula:
        kinds = ["symbol", "fraction", *(["fenced"] if depth else [])]
        kind = draw(st.sampled_from(kinds))
        if kind == "fenced":
            return Fenced(total(depth - 1))
        return weight(1, draw(st.integers(1, 9)), 2) if kind == "symbol" else Fraction(X, Letter("y"))

    return total(2)


@settings(max_examples=examples(60), deadline=None)
@given(sums(), st.floats(8, 40))
def test_nothing_is_lost_and_every_line_fits(formula: Formula, width: float) -> None:
    lines = broken(formula, width, Measure(width))
    assert together(lines) == list(leaves(formula))
    assert all(formula_width(line) <= width for line in lines)


def test_a_short_formula_is_one_line() -> None:
    assert broken(X, 10, Measure(10)) == [X]


def test_signs_are_the_first_choice() -> None:
    for line in broken(long_sum(12), 20, Measure(20))[1:]:
        assert isinstance(line, Row)
        assert line.parts[0] in (Operator("+"), Operator("-"))


def test_a_product_continues_with_its_sign() -> None:
    lines = broken(product(*([slope(LOSS, Z1)] * 12)), 15, Measure(15))
    assert len(lines) > 1
    assert all(isinstance(line, Row) and line.parts[0] == Operator("times") for line in lines[1:])


def test_a_sum_sign_keeps_its_first_factor() -> None:
    total = row(Total(Letter("i")), Space(), X)
    for line in broken(product(*([total] * 12)), 12, Measure(12)):
        assert isinstance(line, Row)
        assert not isinstance(line.parts[-1], Total)


def test_a_condition_goes_below_where_there_is_no_place_beside() -> None:
    where = row(Letter("l"), Operator("="), *[X] * 30)
    lines, excess = printed_lines(Display((Line(X, "=", long_sum(3)),), "label", where), Measure(30))
    assert [line.right for line in lines] == [long_sum(3), where]
    assert excess <= 1


def test_a_wide_left_side_stands_alone() -> None:
    lines, _ = printed_lines(Display((Line(long_sum(4), "=", long_sum(6)),)), Measure(30))
    assert (lines[0].left, lines[0].right) == (long_sum(4), None)
    assert lines[1].left is None
    assert lines[1].relation == "="


@pytest.mark.parametrize("factors", [1, 40])
def test_what_cannot_be_broken_is_reported(factors: int) -> None:
    inside = Fraction(product(*([X] * factors)), X)
    _, excess = printed_lines(Display((Line(X, "=", inside),)), Measure(20))
    assert (excess > 1) == (factors > 1)
