"""A function with nothing but its definition works wherever one of symnet's own does."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sympy import Expr, Rational, sqrt
from sympy import exp as exponential

import symnet
from symnet import Dense, Network
from symnet.activations import Activation, Z
from symnet.choices import ACCURACIES
from symnet.document import FORMATS
from symnet.equations import evaluate
from symnet.equations.function_kinds import Composite
from symnet.equations.functions import gaussian
from symnet.explain import FORMS
from symnet.modules import module_from_source
from symnet.notation.profile import notation_names
from symnet.targets import TARGETS


class bent(Composite):
    """z + (√(1 + z²) − 1)/2."""

    nargs = 1

    @property
    def definition(self) -> Expr:
        (z,) = self.args
        return z + (sqrt(1 + z**2) - 1) / 2


class ridge(Composite):
    """u bent(u) exp(−c² u²), of two arguments, through functions of which one has no code either."""

    nargs = 2

    @property
    def definition(self) -> Expr:
        u, c = self.args
        return u * bent(u) * gaussian(c * u)


def network(expression: Expr) -> Network:
    function = Activation("mine", expression, "a function of one's own")
    return Network(2, [Dense(3, activation=function), Dense(2)], loss="half_squared_error")


NETWORKS = {
    "bent": network(bent(Z)),
    "ridge": network(ridge(Z, Rational(3, 2))),
    "inside": network(Z / (1 + exponential(-bent(Z)))),
}
SAME = {
    "bent": "2-3-2:z+(sqrt(1+z**2)-1)/2,identity",
    "ridge": "2-3-2:z*(z+(sqrt(1+z**2)-1)/2)*exp(-(1.5*z)**2),identity",
    "inside": "2-3-2:z/(1+exp(-(z+(sqrt(1+z**2)-1)/2))),identity",
}
RNG = np.random.default_rng(7)
X, Y, THETA = RNG.normal(size=(4, 2)), RNG.normal(size=(4, 2)), RNG.normal(size=17)


def loss_and_gradient(source: str, target: str) -> tuple[float, np.ndarray]:
    """The loss and all its derivatives, one after another."""
    module = module_from_source(source, "mine")
    if target == "python":
        rows = [module.value_and_grad(THETA.tolist(), x, y) for x, y in zip(X.tolist(), Y.tolist(), strict=True)]
        return sum(value for value, _ in rows) / len(rows), np.mean([gradient for _, gradient in rows], axis=0)
    if target == "numpy-scalar":
        value, gradient = module.value_and_grad(THETA, X, Y)
        return value, np.asarray(gradient)
    value, gradients = module.value_and_grad(module.unflatten(THETA), X, Y)
    return value, module.flatten(gradients)


@pytest.mark.parametrize("accuracy", ACCURACIES)
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", NETWORKS)
def test_every_target_writes_it_by_its_definition(name: str, target: str, accuracy: str) -> None:
    found, slopes = loss_and_gradient(symnet.generate(NETWORKS[name], target=target, accuracy=accuracy), target)
    value, gradient = loss_and_gradient(symnet.generate(SAME[name], target="numpy-plain"), "numpy-plain")
    assert found == pytest.approx(value, rel=1e-13)
    assert slopes == pytest.approx(gradient, rel=1e-11, abs=1e-14)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_oracle_and_the_counts_know_it(name: str) -> None:
    derivation, same = symnet.derive(NETWORKS[name]), symnet.derive(SAME[name])
    parts = np.split(THETA, np.cumsum([6, 3, 6]))
    shapes = {"W1": (2, 3), "b1": (3,), "W2": (3, 2), "b2": (2,)}
    given = {key: part.reshape(shape) for (key, shape), part in zip(shapes.items(), parts, strict=True)}
    values = [evaluate(each.program, {**given, "x": X, "y": Y}, digits=40) for each in (derivation, same)]
    for array in derivation.forward.parameters:
        one, other = (found[each.gradients[array.name]] for found, each in zip(values, (derivation, same), strict=True))
        assert np.allclose(one.astype(float), other.astype(float), rtol=1e-14)
    counts = symnet.count(NETWORKS[name])
    assert math.isfinite(counts.sweep)
    assert counts.sweep_cse <= counts.sweep <= counts.brute_force


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["bent", "inside"])
def test_pages_write_it_by_its_definition(name: str, form: str) -> None:
    """Every equation of a page is read back and held to the network, or the page is refused."""
    for place, notation in enumerate(sorted(notation_names())[:: 1 if form == "index" else 4]):
        chosen = sorted(FORMATS)[place % len(FORMATS)]
        assert symnet.derive(NETWORKS[name]).render(chosen, notation, form=form)
