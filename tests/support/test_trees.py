"""Trees: one way to look into a node, for formulas on a page, for what is read of LaTeX and for array programs."""

from __future__ import annotations

from typing import Any

import pytest
from sample_documents import every_node

import symnet
from symnet.check.latex.resolve import parse_latex
from symnet.check.truth.reader import Reader
from symnet.formula import tree as f
from symnet.lower.lowering import lower
from symnet.notation.profile import load_notation
from symnet.simplify.passes import optimize
from symnet.support.parsing import parse_formula
from symnet.support.trees import children, places, rewrite, walk

NETWORK = symnet.parse("2-3-2:tanh,softmax;loss=cross_entropy")
READ = (
    r"\delta^{(1)}_{nj} = \sum_{k=1}^{d_2} \delta^{(2)}_{nk} W^{(2)}_{jk} (1 - (a^{(1)}_{nj})^2) = \frac{1}{2} |x_{n1}|"
)


class _Plain:
    """The functions of a formula for the test: none has an option."""

    arity, options = 1, {}

    def evaluate(self, *arguments: float, **options: Any) -> float:
        return arguments[0]


def trees() -> list[Any]:
    """Trees of every kind, those of a page with every node that there is."""
    known = Reader(NETWORK, load_notation("symnet")).known(may_define=False)
    program = optimize(symnet.derive(NETWORK).equations)
    formula = parse_formula("-z**2 + tanh(z)/(1 + 3*tanh(z))", ["z"], {"tanh": _Plain()})
    return [
        *every_node(),
        *parse_latex(READ, load_notation("symnet"), known),
        *(statement.value for statement in lower(program)),
        formula,
    ]


@pytest.fixture(scope="module")
def samples() -> list[Any]:
    return trees()


def test_a_walk_meets_a_node_and_what_is_inside_each_of_its_children(samples: list[Any]) -> None:
    for tree in samples:
        expected = [node for child in reversed(list(children(tree))) for node in walk(child)]
        assert list(walk(tree)) == [tree, *expected]


def test_rewriting_changes_what_is_inside_first(samples: list[Any]) -> None:
    for tree in samples:
        met: list[Any] = []

        def note(node: Any, met: list[Any] = met) -> Any:
            met.append(node)
            return node

        assert rewrite(tree, note) == tree
        assert met[-1] == tree
        assert sorted(map(repr, met)) == sorted(map(repr, walk(tree)))
        for place, node in enumerate(met):
            assert all(child in met[:place] for child in children(node))


def test_a_node_is_the_same_with_a_child_in_the_place_of_itself(samples: list[Any]) -> None:
    for node in (node for tree in samples for node in walk(tree)):
        inside = list(places(node))
        assert [child for child, _ in inside] == list(children(node))
        assert all(exchanged(child) == node for child, exchanged in inside)


def test_one_child_is_exchanged_and_no_other() -> None:
    grid = f.Grid(((f.Number("1"), f.Number("2")), (f.Number("2"), f.Number("1"))))
    zero = f.Number("0")
    assert [exchanged(zero) for _, exchanged in places(grid)] == [
        f.Grid(((zero, f.Number("2")), (f.Number("2"), f.Number("1")))),
        f.Grid(((f.Number("1"), zero), (f.Number("2"), f.Number("1")))),
        f.Grid(((f.Number("1"), f.Number("2")), (zero, f.Number("1")))),
        f.Grid(((f.Number("1"), f.Number("2")), (f.Number("2"), zero))),
    ]
    assert rewrite(grid, lambda node: zero if node == f.Number("2") else node) == f.Grid(
        ((f.Number("1"), zero), (zero, f.Number("1")))
    )
