"""The generated NumPy code computes the equations: it equals the oracle, which shares no code with it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, reject, settings
from strategies import (
    DIGITS,
    LOSS_TEXTS,
    TRAINABLE,
    UNHURRIED,
    Condition,
    assert_agree,
    examples,
    is_moderate,
    networks,
    parameters_of,
    rows,
    seeds,
    values_for,
)
from sympy import Integer, Rational

import symnet
from symnet import Dense, Derivation, Network
from symnet.core.oracle import evaluate
from symnet.functions.piecewise import select
from symnet.network.activations import Activation, Z
from symnet.network.losses import LOSSES

DTYPES = ("float64", "float32")
LIMIT = {"float64": 1e-12, "float32": 1e-5}
BOUND = {"float64": 1e100, "float32": 1e12}
"""Larger values are left out; in float32 the square of one more would overflow in between."""

ORACLE_LIMIT = 1e-10


@given(network=networks(), count=rows, seed=seeds)
@settings(max_examples=examples(60), **UNHURRIED)
def test_float64_module_equals_the_oracle(network: Network, count: int, seed: int) -> None:
    check_against_oracle(network, "float64", count, seed)


@given(network=networks(), count=rows, seed=seeds)
@settings(max_examples=examples(25), **UNHURRIED)
def test_float32_module_equals_the_oracle(network: Network, count: int, seed: int) -> None:
    check_against_oracle(network, "float32", count, seed)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TRAINABLE)
def test_each_activation_hidden_and_as_output(name: str, dtype: str) -> None:
    hidden = Network(3, [Dense(4, activation=name), Dense(2, activation="identity")])
    output = Network(3, [Dense(4, activation="tanh"), Dense(2, activation=name)], reduction="sum")
    for network in (hidden, output):
        check_against_oracle(network, dtype, count=3, seed=1)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", LOSS_TEXTS)
def test_each_loss_with_both_penalties(loss: str, dtype: str) -> None:
    check_against_oracle(Network(3, [Dense(4), Dense(2)], loss=loss, l1=0.1, l2=0.2), dtype, count=3, seed=2)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("text", ["3-1", "1-1[bias=false]", "2-2[residual]", "3-2[radial_basis]", "2-2:silu(beta=2.5)"])
def test_networks_without_hidden_layers(text: str, dtype: str) -> None:
    check_against_oracle(symnet.parse(text), dtype, count=1, seed=3)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "text",
    [
        "1-1:relu;loss=log(cosh(a-y))",
        "2-3:relu;loss=-sin(a)*y;reduction=sum",
        "2-3-2[bias=false]:relu,maximum(z, 0);loss=perceptron",
        "2-3:sign(z)*z;loss=hinge",
        "2-3-1:minimum(z, 0),relu;loss=-a",
    ],
)
def test_steps_under_a_minus(text: str, dtype: str) -> None:
    """A comparison stands for the step in the code; NumPy has no negative of one."""
    check_against_oracle(symnet.parse(text), dtype, count=3, seed=5)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("slope", [Rational(3, 2), Rational(1, 2), Rational(-1, 2), Integer(1), Integer(0)])
def test_two_slopes_of_any_size(slope: Rational, dtype: str) -> None:
    """A maximum does for z and c z only where 0 < c < 1."""
    bent = Activation("bent", select(Z, Z, slope * Z))
    check_against_oracle(Network(3, [Dense(4, bent), Dense(2)]), dtype, count=3, seed=6)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("place", [0, 1])
def test_layers_that_are_constant(place: int, dtype: str) -> None:
    """A product with a number that is spread over its axes."""
    layers = [Dense(4, "tanh"), Dense(3, "identity")]
    layers[place] = Dense(layers[place].units, Activation("constant", Rational(5, 2)))
    check_against_oracle(Network(3, layers, l2=0.1), dtype, count=3, seed=8)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", ["-y*log(a)", "-log(a)", "-(2 + y)*log(a)", "-y**2*log(a)/3"])
def test_logarithms_of_a_softmax_under_targets_of_any_kind(loss: str, dtype: str) -> None:
    """What the targets of a row sum to is known for cross_entropy only."""
    network = symnet.parse("3-4-3:tanh,softmax", loss=loss)
    check_against_oracle(network, dtype, count=3, seed=7)


@given(network=networks(), count=rows, seed=seeds)
@settings(max_examples=examples(30), **UNHURRIED)
def test_oracle_in_floats_agrees_with_the_oracle_at_50_digits(network: Network, count: int, seed: int) -> None:
    program = symnet.derive(network).program
    values = values_for(network, program, count, seed)
    assume(is_moderate(program, values, BOUND["float64"]))
    exact = evaluate(program, values, digits=DIGITS)
    assert_agree(program, values, exact, evaluate(program, values), ORACLE_LIMIT)


def test_integer_labels_mean_one_hot_rows() -> None:
    module = symnet.compile(Network(2, [Dense(3)], loss="cross_entropy"))
    params, x, labels = module.init(0), np.array([[0.5, -1.0], [2.0, 0.25]]), np.array([2, 0])
    value, gradients = module.value_and_grad(params, x, labels)
    expected, expected_gradients = module.value_and_grad(params, x, np.eye(3)[labels])
    assert value == expected
    assert all(np.array_equal(*pair) for pair in zip(gradients, expected_gradients, strict=True))


def test_every_loss_is_in_the_strategies() -> None:
    """So that a new loss cannot be left out of the comparison."""
    assert set(LOSSES) <= set(LOSS_TEXTS)


def check_against_oracle(network: Network, dtype: str, count: int, seed: int) -> None:
    """Every public function of the generated module against the oracle and against one another."""
    derivation = symnet.derive(network)
    values = values_for(network, derivation.program, count, seed, dtype)
    if not is_moderate(derivation.program, values, BOUND[dtype]):
        reject()
    exact = evaluate(derivation.program, values, digits=DIGITS)
    found = results_without_warnings(network, dtype, values)
    check_forms(derivation, dtype, found, count)
    outputs = derivation.program.outputs
    named = {outputs["prediction"]: found["prediction"], outputs["loss"]: found["loss"]}
    named |= {outputs[name]: array for name, array in zip(found["names"], found["gradients"], strict=True)}
    condition = Condition(derivation.program, values, dtype)
    assert_agree(derivation.program, values, exact, named, LIMIT[dtype], dtype, condition)
    flat = np.split(found["flat"], np.cumsum([array.size for array in found["gradients"]])[:-1])
    shaped = {
        outputs[name]: part.reshape(array.shape)
        for name, array, part in zip(found["names"], found["gradients"], flat, strict=True)
    }
    assert_agree(derivation.program, values, exact, shaped, LIMIT[dtype], dtype, condition)


def results_without_warnings(network: Network, dtype: str, values: dict[str, Any]) -> dict[str, Any]:
    """`results_of` with warnings as errors.

    Each module has a file name of its own; errors are reported from here, so that Hypothesis takes
    those of two modules for one and shrinks them.
    """
    problem = ""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return results_of(network, dtype, values)
        except (ArithmeticError, LookupError, NameError, TypeError, ValueError, Warning) as error:
            problem = f"{type(error).__name__}: {error}"
    pytest.fail(problem)


def results_of(network: Network, dtype: str, values: dict[str, Any]) -> dict[str, Any]:
    """What the public functions return; loss, gradient and value_and_grad must say the same, and change nothing."""
    module = symnet.compile(network, dtype=dtype)
    before = {name: array.copy() for name, array in values.items()}
    params, x, y = parameters_of(module, values), values["x"], values["y"]
    prediction = module.forward(params, x)
    value, gradients = module.value_and_grad(params, x, y)
    assert module.loss(params, x, y) == value
    assert all(np.array_equal(*pair) for pair in zip(module.gradient(params, x, y), gradients, strict=True))
    theta = module.flatten(params)
    assert all(np.array_equal(*pair) for pair in zip(module.unflatten(theta), params, strict=True))
    flat_value, flat = module.value_and_grad_flat(theta.astype(np.float64), x, y)
    assert flat_value == pytest.approx(value, rel=LIMIT[dtype])
    assert isinstance(flat_value, float)
    assert flat.dtype == np.float64
    assert all(np.array_equal(before[name], array) for name, array in values.items())
    shapes = list(module.SHAPES.values())
    assert [array.shape for array in gradients] == shapes
    return {"names": list(module.SHAPES), "prediction": prediction, "loss": value, "gradients": gradients, "flat": flat}


def check_forms(derivation: Derivation, dtype: str, found: dict[str, Any], count: int) -> None:
    """Types, dtypes and shapes of the results."""
    program = derivation.program
    assert type(found["loss"]) is float
    assert found["prediction"].shape == (count, derivation.network.layers[-1].units)
    assert found["prediction"].dtype == dtype
    assert found["names"] == [array.name for array in program.parameters]
    for array, gradient in zip(program.parameters, found["gradients"], strict=True):
        assert isinstance(gradient, np.ndarray)
        assert gradient.dtype == dtype
        assert gradient.shape == tuple(int(size) for size in program.shape(array))


def test_flat_gradient_of_a_learned_precision_may_be_negative() -> None:
    """beta itself must be positive; its gradient need not be."""
    module = symnet.compile(Network(1, [Dense(1)], loss="gaussian_nll"))
    params = module.init(0)
    x, y = np.ones((1, 1)), module.forward(params, np.ones((1, 1))) + 0.01
    value, gradients = module.value_and_grad(params, x, y)
    assert gradients.beta < 0
    flat_value, flat = module.value_and_grad_flat(module.flatten(params), x, y)
    assert flat_value == value
    assert np.array_equal(flat, np.concatenate([array.ravel() for array in gradients]))
