"""Layers whose equations are drawn and read arrays at affine positions: any stride and offset, partly outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from affine_programs import COEFFICIENTS, FORMS, OUTER
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
from sympy import Add, Expr, Idx, Mul, Sum
from test_workspace import check_against_oracle

import symnet
from symnet import Dense, Layer, Network, Scope
from symnet.core.index_algebra import extent, index, indices_of
from symnet.core.oracle import evaluate
from symnet.core.sizes import BATCH
from symnet.functions.rows import first_largest

Position = tuple[int, tuple[tuple[str, int], ...]]
"""An offset, and the step of each letter."""

Factor = tuple[str, tuple[Position, ...], str]
Term = tuple[int, tuple[Factor, ...]]
Recipe = tuple[tuple[str, tuple[Term, ...], str], ...]

AXES = {"x": "i", "w": "i", "g": "j", "W": "ij", "S": "iq"}
"""What a layer reads, and the letter that each axis but the batch has by itself."""

KEPT = ("nj", "ni", "nij", "ij", "nji", "n", "j")


@dataclass(frozen=True)
class Shifting(Layer):
    """Equations by a recipe, the last of them of the output."""

    kind: ClassVar[str] = "shifting"
    formula: ClassVar[str] = "a[n,j] = ..."
    recipe: Recipe = ()

    def equations(self, scope: Scope) -> None:
        n, i, j = scope.n, scope.i, scope.j
        letters = {"n": n, "i": i, "j": j, "q": index("q", extent(i)), "r": index("r", extent(j))}
        arrays = {
            "x": scope.input,
            "w": scope.parameter("w", i, initial="ones", role="weight"),
            "g": scope.parameter("g", j, initial="ones"),
            "W": scope.weight("W"),
            "S": scope.parameter("S", i, letters["q"], initial="ones"),
        }
        for number, (kept, terms, outer) in enumerate(self.recipe):
            indices = tuple(letters[letter] for letter in kept)
            body = OUTER[outer](Add(*(self.summed(term, arrays, letters, indices) for term in terms)))
            if number == len(self.recipe) - 1:
                scope.output(body)
            else:
                arrays[f"own{number}"] = scope.define("uvz"[number], body, *indices)

    def summed(self, term: Term, arrays: dict, letters: dict[str, Idx], kept: tuple[Idx, ...]) -> Expr:
        """A product summed over what is not kept; over the rows it is a mean."""
        place, factors = term
        parts = []
        for name, positions, form in factors:
            at = tuple(Add(*(step * letters[letter] for letter, step in steps), offset) for offset, steps in positions)
            batched = name == "x" or (name.startswith("own") and "n" in self.recipe[int(name[3:])][0])
            parts.append(FORMS[form](arrays[name][(letters["n"], *at) if batched else at]))
        body = COEFFICIENTS[place] * Mul(*parts)
        over = sorted(indices_of(body) - {*kept}, key=str)
        return Sum(body, *over) / BATCH ** int(letters["n"] in over) if over else body


SAME = {"i": "iq", "q": "iq", "j": "jr", "r": "jr"}
"""The letters that run over as many places as another."""


@st.composite
def positions(draw: st.DrawFn, axis: str) -> Position:
    """Where an axis is read: mostly by a plain index, else at an affine position or a number."""
    if draw(st.integers(0, 2)) == 0:
        return 0, ((draw(st.sampled_from(SAME[axis])), 1),)
    steps = draw(
        st.lists(
            st.tuples(st.sampled_from("iqjr"), st.sampled_from((1, 1, -1, 2, -2, 3))),
            max_size=2,
            unique_by=lambda step: step[0],
        )
    )
    offset = draw(st.integers(-3, 3))
    if offset == 0 and len(steps) == 1 and steps[0][1] == 1 and steps[0][0] not in SAME[axis]:
        offset = 1  # a plain index has the length of its axis
    return offset, tuple(steps)


@st.composite
def recipes(draw: st.DrawFn, most: int) -> Recipe:
    kept = [*draw(st.lists(st.sampled_from(KEPT), max_size=most - 1)), "nj"]
    found = []
    for number, own in enumerate(kept):
        axes = AXES | {f"own{earlier}": kept[earlier].replace("n", "") for earlier in range(number)}
        terms = []
        for _ in range(draw(st.integers(1, 2))):
            names = draw(st.lists(st.sampled_from(tuple(axes)), min_size=1, max_size=3))
            factors = tuple(
                (name, tuple(draw(positions(axis)) for axis in axes[name]), draw(st.sampled_from(tuple(FORMS))))
                for name in names
            )
            terms.append((draw(st.integers(0, len(COEFFICIENTS) - 1)), factors))
        found.append((own, tuple(terms), draw(st.sampled_from(tuple(OUTER)))))
    return tuple(found)


@st.composite
def shifting_networks(draw: st.DrawFn, most: int = 2) -> Network:
    inputs, units = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    return Network(inputs, [Shifting(units, recipe=draw(recipes(most))), Dense(2)], loss="log(cosh(a-y))")


@given(network=shifting_networks(), count=rows, seed=seeds)
@settings(max_examples=examples(15), **UNHURRIED)
def test_the_gradients_of_layers_that_read_anywhere(network: Network, count: int, seed: int) -> None:
    derivation = symnet.derive(network)
    values = values_for(network, derivation.forward, count, seed)
    positions = positions_to_check(derivation.forward, values, seed)
    assert_are_gradients((derivation.equations, derivation.program), derivation.forward, values, positions[:4])


@pytest.mark.parametrize("accuracy", ["fast", "tails"])
@pytest.mark.parametrize("target", ["numpy", "numpy-plain"])
@given(network=shifting_networks(), count=rows, seed=seeds)
@settings(max_examples=examples(20), **UNHURRIED)
def test_modules_of_layers_that_read_anywhere(
    network: Network, count: int, seed: int, target: str, accuracy: str
) -> None:
    derivation = symnet.derive(network, accuracy=accuracy)
    values = values_for(network, derivation.program, count, seed)
    exact = evaluate(derivation.program, values, digits=DIGITS)
    module = module_of(derivation, target=target)
    value, gradients = module.value_and_grad(parameters_of(module, values), values["x"], values["y"])
    found = {derivation.program.outputs["loss"]: np.asarray(value)}
    found |= {derivation.gradients[name]: array for name, array in gradients._asdict().items()}
    assert_agree(derivation.program, values, exact, found, 1e-11)


@given(network=shifting_networks(), count=rows, seed=seeds, dtype=st.sampled_from(("float64", "float32")))
@settings(max_examples=examples(12), **UNHURRIED)
def test_blocks_of_rows_of_layers_that_read_anywhere(network: Network, count: int, seed: int, dtype: str) -> None:
    check_against_oracle(network, count, seed, dtype)


@given(network=shifting_networks(), count=rows, seed=seeds)
@settings(max_examples=examples(10), **UNHURRIED)
def test_straight_line_code_of_layers_that_read_anywhere(network: Network, count: int, seed: int) -> None:
    """Its numbers are those of the arrays, in the order of the flat vector of all parameters."""
    derivation = symnet.derive(network)
    values = values_for(network, derivation.program, count, seed)
    arrays, numbers = module_of(derivation), symnet.compile(network, target="numpy-scalar")
    params = parameters_of(arrays, values)
    value, slopes = arrays.value_and_grad_flat(arrays.flatten(params), values["x"], values["y"])
    found, found_slopes = numbers.value_and_grad(arrays.flatten(params), values["x"], values["y"])
    assert found == pytest.approx(value, rel=1e-11, abs=1e-11)
    assert found_slopes == pytest.approx(slopes, rel=1e-11, abs=1e-11 * max(1, np.abs(slopes).max()))


class Largest(Layer):
    """The largest of each window of three inputs that moves by two, padded by one."""

    kind = "largest"
    formula = "a[n,j] = max(x[n,2*j + u - 1], u)"

    def equations(self, scope: Scope) -> None:
        n, j, x = scope.n, scope.j, scope.input
        u = index("u", extent(j))
        first = scope.define("hot", first_largest(x[n, 2 * j + u - 1], u), n, j, u)
        scope.output(Sum(first[n, j, u] * x[n, 2 * j + u - 1], u))


@pytest.mark.parametrize("target", ["numpy", "numpy-plain", "numpy-scalar"])
def test_the_largest_of_a_window_takes_the_first_and_no_border(target: str) -> None:
    """Of several that are largest the first has a derivative; a border of zeros is larger than what is negative."""
    network = Network(6, [Dense(6, "identity", bias=False), Largest(3)], loss="a")
    module = symnet.compile(network, target=target)
    x = np.array([[-3.0, -1, -1, -2, -5, -4], [2, 2, 2, 2, 2, 2]])
    weights = np.eye(6)
    flat = target == "numpy-scalar"
    params = weights.ravel() if flat else module.Parameters(weights)
    assert module.forward(params, x) == pytest.approx(np.array([[-1.0, -1, -2], [2, 2, 2]]))
    _, slopes = module.value_and_grad(params, x, np.zeros((2, 3)))
    chosen = np.array([[0.0, 2, 0, 1, 0, 0], [1, 1, 0, 1, 0, 0]])
    assert np.reshape(slopes, (6, 6)) == pytest.approx(x.T @ chosen / 2)
