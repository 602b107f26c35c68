"""The algebra of indexed expressions: free indices, substitution and sums, held to SymPy's own."""

from __future__ import annotations

import pytest
from sympy import Expr, Idx, Integer, Sum, Symbol, exp

import symnet
from symnet import Derivation
from symnet.core.index_algebra import bound_by, index, indices_of, references, resummed, substitute, summation, sums
from symnet.core.program import Array, Equation
from symnet.core.sizes import BATCH, Size

N_INDEX = index("n", BATCH)
I_INDEX = index("i", Size(0))
J_INDEX = index("j", Size(1))
OTHER = index("q", Size(0))

X = Array("x", (N_INDEX, I_INDEX), "input")
W = Array("W1", (I_INDEX, J_INDEX), "weight")

ARCHITECTURES = (
    "3-4-4-2:tanh,gelu_tanh,identity;l1=0.1;l2=0.2",
    "3-4-4-2:softmax,elu,softmax;loss=cross_entropy",
    "3-4-2;loss=gaussian_nll",
)


@pytest.fixture(name="derivation", params=ARCHITECTURES)
def derived(request: pytest.FixtureRequest) -> Derivation:
    return symnet.derive(symnet.parse(request.param))


def right_hand_sides(derivation: Derivation) -> list[Expr]:
    return [equation.rhs for equation in derivation.program.equations + derivation.equations.equations]


def test_free_indices_are_the_free_symbols_that_are_indices(derivation: Derivation) -> None:
    for rhs in right_hand_sides(derivation):
        for part in (rhs, *sums(rhs), *references(rhs)):
            assert indices_of(part) == {symbol for symbol in part.free_symbols if isinstance(symbol, Idx)}


def test_substitution_is_that_of_sympy(derivation: Derivation) -> None:
    """Of an index, of a reference, and of both at once."""
    for rhs in right_hand_sides(derivation):
        free = sorted(indices_of(rhs), key=str)
        letters: dict[Expr, Expr] = {idx: index("q", idx.upper + 1) for idx in free[:1]}
        values: dict[Expr, Expr] = {node: exp(node) for node in references(rhs)[:1]}
        for mapping in (letters, values, letters | values):
            assert substitute(rhs, mapping) == rhs.xreplace(mapping)


def test_substitution_renames_the_index_of_a_sum() -> None:
    total = Sum(X.reference * W.reference, I_INDEX)
    renamed = Sum(X.at((N_INDEX, OTHER)) * W.at((OTHER, J_INDEX)), OTHER)
    assert substitute(total, {I_INDEX: OTHER}) == renamed


def test_what_no_key_touches_stays_the_same_object() -> None:
    kept = Sum(X.reference * W.reference, I_INDEX)
    total = kept + Symbol("b", real=True)
    assert substitute(total, {OTHER: I_INDEX}) is total
    assert kept in substitute(total, {Symbol("b", real=True): Integer(2)}).args


def test_equal_references_are_one_object() -> None:
    again = Array("x", (index("n", BATCH), index("i", Size(0))))
    assert again.reference is X.reference
    assert substitute(again.reference, {I_INDEX: OTHER}) is X.at((N_INDEX, OTHER))


@pytest.mark.parametrize(
    "body",
    [
        X.reference * W.reference,
        3 * X.reference,
        X.reference * Array("b", (J_INDEX,)).reference,
        Array("b", (J_INDEX,)).reference,
        Integer(2),
    ],
)
def test_a_sum_of_another_body_is_what_summation_makes_of_it(body: Expr) -> None:
    total = Sum(X.reference * W.reference, I_INDEX)
    assert resummed(total, body) == summation(body, I_INDEX)
    assert resummed(Sum(body, I_INDEX), body) == summation(body, I_INDEX)


def test_a_sum_of_its_own_body_is_itself() -> None:
    total = Sum(X.reference * W.reference, I_INDEX)
    assert resummed(total, total.function) is total
    assert bound_by(total) == (I_INDEX,)


def test_an_index_that_the_body_lacks_becomes_its_size() -> None:
    total = Sum(X.reference, N_INDEX, J_INDEX)
    assert resummed(total, total.function) == Size(1) * Sum(X.reference, N_INDEX)


def test_an_equation_knows_the_names_it_uses() -> None:
    scale = Array("s", (), "parameter")
    equation = Equation(
        Array("z", (N_INDEX, J_INDEX)), scale.reference * Sum(X.reference * W.reference, I_INDEX) / BATCH
    )
    assert equation.array_names == {"x", "W1"}
    assert equation.symbol_names == {"s", "N"}
