"""Names of entries: no two alike, whatever letters a layer gives its arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from sympy import Sum

import symnet
from symnet import Dense, Layer, Network, Scope
from symnet.support.errors import ArchitectureError


@dataclass(frozen=True)
class Lettered(Layer):
    """a[n,j] = (x[n,j] + b[j])*(2 + t)², with another letter for t."""

    kind: ClassVar[str] = "lettered"
    formula: ClassVar[str] = "a[n,j] = (x[n,j] + b[j])*(2 + t)**2"
    letter: str = "t"

    def equations(self, scope: Scope) -> None:
        n, j = scope.n, scope.j
        shift, scale = scope.parameter("b", j, initial="ones"), scope.parameter(self.letter, initial="ones")
        scope.output((scope.earlier(1)[n, j] + shift[j]) * (2 + scale) ** 2)


@pytest.mark.parametrize("target", ["numpy-scalar", "python"])
@pytest.mark.parametrize(
    ("letter", "units"),
    [("b1_", 2), ("b1_1", 11), ("b1_1", 2), ("x_", 2), ("y_", 2), ("a1_", 2), ("output_", 2), ("expm", 2), ("t", 2)],
)
def test_straight_line_code_computes_what_arrays_do(letter: str, units: int, target: str) -> None:
    network = Network(units, [Lettered(units, letter), Dense(2, "elu")])
    arrays, straight = symnet.compile(network), symnet.compile(network, target=target)
    assert len({*straight.PARAMETERS}) == len(straight.PARAMETERS)
    generator = np.random.default_rng(1)
    x, y = generator.standard_normal((1, units)), generator.standard_normal((1, 2))
    params = generator.standard_normal(len(straight.PARAMETERS))
    row = (x, y) if target == "numpy-scalar" else (x[0], y[0])
    value, gradient = straight.value_and_grad(params, *row)
    expected, gradients = arrays.value_and_grad_flat(params, x, y)
    np.testing.assert_allclose(value, expected, rtol=1e-12)
    np.testing.assert_allclose(gradient, gradients, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(straight.loss(params, *row), expected, rtol=1e-12)


def test_names_stay_where_nothing_collides() -> None:
    source = symnet.generate(Network(2, [Lettered(2, "b1_1"), Dense(1)]), target="python")
    assert '("b1_1", "b1_2", "b1_11", "W2_1_1", "W2_2_1", "b2_1")' in source


@dataclass(frozen=True)
class TwoWeights(Layer):
    """Two arrays that notation writes with one letter."""

    kind: ClassVar[str] = "two_weights"
    formula: ClassVar[str] = "a[n,j] = Sum(x[n,i]*W[i,j]*w[i,j], i)"

    def equations(self, scope: Scope) -> None:
        n, i, j = scope.n, scope.i, scope.j
        scope.output(Sum(scope.input[n, i] * scope.weight()[i, j] * scope.weight("w")[i, j], i))


def test_symbols_of_two_arrays_that_are_alike_are_refused() -> None:
    with pytest.raises(ArchitectureError, match=r"^W1 and w1 are both written w_\{11\}\^\{\(1\)\} in scalar form; one"):
        symnet.derive(Network(2, [TwoWeights(2)])).scalar_form()
