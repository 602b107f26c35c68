"""Layers whose equations are drawn: products of anything over any indices, summed, spread and used again.

The layers that symnet brings use few of the forms that the algebra, the sweep and the lowering are written for.
Functions of rows run along any index of any array and of any product, that of the batch among them, and there
are two indices over the batch, so that every row may meet every other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import (
    DIGITS,
    UNHURRIED,
    assert_agree,
    assert_are_gradients,
    examples,
    module_of,
    parameters_of,
    positions_to_check,
    rows,
    seeds,
    values_for,
)
from sympy import Add, Expr, Idx, Integer, Mul, Rational, Sum, Symbol, exp, log, sin, sqrt, tanh
from test_axes import network as network_of
from test_workspace import check_against_oracle

import symnet
from symnet import Dense, Layer, Network, Scope
from symnet.core.index_algebra import extent, index, indices_of
from symnet.core.oracle import evaluate
from symnet.core.sizes import BATCH
from symnet.functions.piecewise import maximum, relu, select
from symnet.functions.rows import leave_one_out, log_softmax, softmax

Along = tuple[str, int]
"""A function of rows, or none, and which of the indices of its argument it runs along."""

Factor = tuple[str, str, Along]
"""The name of a reference, the form that it takes, and what runs along it."""

Term = tuple[int, tuple[Factor, ...], Along]
"""The place of a coefficient, the factors, and what runs along their product."""

Recipe = tuple[tuple[str, tuple[Term, ...], str], ...]
"""Of each equation the indices, the terms, and what is done with their sum."""

FORMS = {
    "itself": lambda e: e,
    "square": lambda e: e**2,
    "shifted": lambda e: tanh(3 * e + 1),
    "half": lambda e: e / 2,
    "complement": lambda e: 1 - e,
    "sine": sin,
    "bell": lambda e: exp(-(e**2) / 2),
    "inverse": lambda e: 1 / (2 + e**2),
    "logistic": lambda e: 1 / (1 + exp(-e)),
    "gated": lambda e: e / (1 + exp(-e)),
    "softplus": lambda e: log(1 + exp(e)),
    "larger": lambda e: maximum(e, Rational(1, 3)),
    "rectified": relu,
    "leaky": lambda e: select(e, e, e / 5),
    "chosen": lambda e: select(e - Rational(1, 5), e**2, 1 - e),
}
OUTER = {"itself": lambda e: e, "tanh": tanh, "root": lambda e: sqrt(1 + e**2), "third": lambda e: e / 3}
COEFFICIENTS = (Integer(1), Integer(1), Integer(-1), Integer(2), Rational(1, 3), Rational(-3, 2))

ROW_FUNCTIONS = {"softmax": softmax, "log_softmax": log_softmax, "leave_one_out": leave_one_out}

INDEX_SETS = ("n", "j", "ni", "nj", "ij", "jn", "nij", "nr", "")
GIVEN = ("p_i", "l_i", "x_i", "x_j", "x_q", "x_ri", "d_nr", "A_ij", "A_ji", "B_ij", "S_iq", "g_j", "h_i", "t")


@dataclass(frozen=True)
class Drawn(Layer):
    """As many units as it has inputs, and equations by a recipe."""

    kind: ClassVar[str] = "drawn"
    formula: ClassVar[str] = "a[n,j] = ..."
    recipe: Recipe = ()

    def equations(self, scope: Scope) -> None:
        n, i, j, x = scope.n, scope.i, scope.j, scope.earlier(1)
        q, inner, r = index("q", extent(i)), index("s", extent(i)), index("r", BATCH)
        shift = scope.parameter("t", initial="ones")
        assert isinstance(shift, Symbol)
        a, b = scope.weight("A"), scope.weight("B")
        s = scope.parameter("S", i, q, initial=Fraction(1, 4))
        g, h = scope.parameter("g", j), scope.parameter("h", i)
        known: dict[str, Expr] = {
            "p_i": softmax(shift * x[n, i], i),
            "l_i": log(softmax(x[n, i] + shift, i)),
            "x_i": x[n, i],
            "x_j": x[n, j],
            "x_q": x[n, q],
            "x_ri": x[r, i],
            "d_nr": Sum(x[n, inner] * x[r, inner], inner),
            "A_ij": a[i, j],
            "A_ji": a[j, i],
            "B_ij": b[i, j],
            "S_iq": s[i, q],
            "g_j": g[j],
            "h_i": h[i],
            "t": shift,
        }
        letters: dict[str, Idx] = {"n": n, "i": i, "j": j, "r": r}
        for number, (kept, terms, outer) in enumerate(self.recipe):
            indices = tuple(letters[letter] for letter in kept)
            body = OUTER[outer](Add(*(_summed(term, known, indices) for term in terms)))
            if number == len(self.recipe) - 1:
                scope.output(body)
            elif indices:
                array = scope.define("uvw"[number], body, *indices)
                known[f"own{number}"] = array[indices]


def _summed(term: Term, known: dict[str, Expr], kept: tuple[Idx, ...]) -> Expr:
    """A product summed over the indices that are not kept; over the rows it is a mean."""
    place, factors, along = term
    parts = (_run_along(FORMS[form](known[name]), each) for name, form, each in factors if name in known)
    body = COEFFICIENTS[place] * _run_along(Mul(*parts), along)
    over = sorted(set(indices_of(body)) - set(kept), key=str)
    if not over:
        return body
    return Sum(body, *over) / BATCH ** sum(extent(idx) == BATCH for idx in over)


def _run_along(body: Expr, along: Along) -> Expr:
    """A function of rows of an expression, along one of its indices if it has any."""
    name, number = along
    indices = sorted(indices_of(body), key=str)
    return ROW_FUNCTIONS[name](body, indices[number % len(indices)]) if name and indices else body


@st.composite
def recipes(draw: st.DrawFn, most: int) -> Recipe:
    """Up to so many equations, the last of the output."""
    kept = [*draw(st.lists(st.sampled_from(INDEX_SETS[:-1]), max_size=most - 1)), "nj"]
    found = []
    for number, indices in enumerate(kept):
        names = (*GIVEN, *(f"own{earlier}" for earlier in range(number)))
        along = st.tuples(st.sampled_from(("", "", "", *ROW_FUNCTIONS)), st.integers(0, 3))
        factors = st.tuples(st.sampled_from(names), st.sampled_from(tuple(FORMS)), along)
        places = st.integers(0, len(COEFFICIENTS) - 1)
        terms = st.tuples(places, st.lists(factors, min_size=1, max_size=3).map(tuple), along)
        several = draw(st.lists(terms, min_size=1, max_size=3).map(tuple))
        found.append((indices, several, draw(st.sampled_from(tuple(OUTER)))))
    return tuple(found)


@st.composite
def drawn_networks(draw: st.DrawFn, most: int = 3) -> Network:
    units = draw(st.integers(1, 4))
    before = (
        [Dense(units, activation=draw(st.sampled_from(("tanh", "sigmoid", "relu"))))] if draw(st.booleans()) else []
    )
    inputs = draw(st.integers(1, 4)) if before else units
    loss = draw(st.sampled_from(("half_squared_error", "huber", "log(cosh(a-y))")))
    return Network(inputs, [*before, Drawn(units, recipe=draw(recipes(most))), Dense(2)], loss=loss)


@given(network=drawn_networks(), count=rows, seed=seeds)
@settings(max_examples=examples(15), **UNHURRIED)
def test_the_gradients_of_drawn_layers(network: Network, count: int, seed: int) -> None:
    """Each gradient at 50 digits is the difference quotient of the equations, before and after simplification."""
    derivation = symnet.derive(network)
    values = values_for(network, derivation.forward, count, seed)
    positions = positions_to_check(derivation.forward, values, seed)
    assert_are_gradients((derivation.equations, derivation.program), derivation.forward, values, positions[:4])


@given(network=drawn_networks(), count=rows, seed=seeds)
@settings(max_examples=examples(15), **UNHURRIED)
def test_the_modules_of_drawn_layers(network: Network, count: int, seed: int) -> None:
    """All that the plain and the fast module compute, in any blocks, is what the equations say at 50 digits."""
    check_against_oracle(network, count, seed, "float64")


@given(network=drawn_networks(most=1), count=rows, seed=seeds)
@settings(max_examples=examples(5), **UNHURRIED)
def test_the_modules_of_drawn_layers_in_float32(network: Network, count: int, seed: int) -> None:
    """Of one equation: what cancels in several takes long to be excused."""
    check_against_oracle(network, count, seed, "float32")


@given(network=drawn_networks(), count=rows, seed=seeds, target=st.sampled_from(("numpy", "numpy-plain")))
@settings(max_examples=examples(20), **UNHURRIED)
def test_the_modules_of_drawn_layers_in_the_tails(network: Network, count: int, seed: int, target: str) -> None:
    derivation = symnet.derive(network, accuracy="tails")
    values = values_for(network, derivation.program, count, seed)
    exact = evaluate(derivation.program, values, digits=DIGITS)
    module = module_of(derivation, target=target)
    value, gradients = module.value_and_grad(parameters_of(module, values), values["x"], values["y"])
    found = {derivation.program.outputs["loss"]: np.asarray(value)}
    found |= {derivation.gradients[name]: array for name, array in gradients._asdict().items()}
    assert_agree(derivation.program, values, exact, found, 1e-11)


def _summed_below(scope: Scope, make: Callable[[Expr], Expr], use: Callable[[Expr], Expr]) -> None:
    """A value of a row that is made by a sum over the units, used at each of them and in a sum over them."""
    n, i, j, x = scope.n, scope.i, scope.j, scope.earlier(1)
    weight = scope.weight()
    whole = scope.define("u", make(Sum(x[n, i] * scope.parameter("g", i)[i], i)), n)[n]
    part = scope.define("v", x[n, i] * use(whole), n, i)
    scope.output(Sum(weight[i, j] * part[n, i] + use(whole) * weight[i, j], i))


@pytest.mark.parametrize("accuracy", ["fast", "tails"])
@pytest.mark.parametrize(
    ("make", "use"),
    [
        (tanh, lambda u: 1 / (2 + u)),
        (FORMS["logistic"], lambda u: (1 - u) ** 2 * log(u)),
        (FORMS["softplus"], lambda u: sqrt(u)),
        (exp, lambda u: log(1 + u)),
        (FORMS["logistic"], log),
        (FORMS["bell"], lambda u: u * log(u)),
        (lambda e: softmax(e, index("n", BATCH)), log),
    ],
)
def test_a_definition_is_written_out_where_its_indices_are_bound(
    make: Callable[[Expr], Expr], use: Callable[[Expr], Expr], accuracy: str
) -> None:
    network = network_of(lambda scope: _summed_below(scope, make, use))
    derivation = symnet.derive(network, accuracy=accuracy)
    values = values_for(network, derivation.forward, 4, 1)
    positions = positions_to_check(derivation.forward, values, 1)
    assert_are_gradients((derivation.equations, derivation.program), derivation.forward, values, positions)
