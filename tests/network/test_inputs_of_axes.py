"""Inputs of several axes: every target computes what the same network computes on flat inputs."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

import symnet
from symnet import Dense, Network, RadialBasis
from symnet.core.text import equation_text
from symnet.network.forward import forward_equations
from symnet.support.errors import ArchitectureError, NotationError

NETWORKS = {
    "dense": ([Dense(5, "tanh"), Dense(2)], "half_squared_error"),
    "labels": ([Dense(4, "relu", bias=False), Dense(3)], "cross_entropy"),
    "output": ([Dense(1)], "binary_cross_entropy"),
    "radial": ([RadialBasis(3), Dense(2)], "huber"),
}
SHAPES = ((4, 3), (2, 3, 2), (1, 12))
SEPARATE = ("numpy", "numpy-plain")


def pair(name: str, shape: tuple[int, ...], **options: Any) -> tuple[ModuleType, ModuleType]:
    """The modules of a network on inputs of several axes, and on the same inputs in one."""
    layers, loss = NETWORKS[name]
    shaped, flat = (symnet.compile(Network(inputs, layers, loss=loss), **options) for inputs in (shape, 12))
    return shaped, flat


def data(module: ModuleType, rows: int = 5) -> tuple[Any, Any]:
    rng = np.random.default_rng(7)
    x = rng.standard_normal((rows, *module.INPUTS))
    return x, rng.integers(module.OUTPUTS, size=rows) if module.TARGETS == "probabilities" else rng.random(
        (rows, module.OUTPUTS)
    )


@pytest.mark.parametrize("target", SEPARATE)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", NETWORKS)
def test_a_module_computes_what_it_computes_on_flat_inputs(name: str, shape: tuple[int, ...], target: str) -> None:
    shaped, flat = pair(name, shape, target=target)
    assert shape == shaped.INPUTS
    x, y = data(shaped)
    theta = flat.flatten(flat.init(1))
    if "c1" in shaped.SHAPES:
        assert shaped.SHAPES["c1"] == (3, *shape)
    value, gradient = shaped.value_and_grad_flat(theta, x, y)
    expected, reference = flat.value_and_grad_flat(theta, x.reshape(len(x), -1), y)
    assert value == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(gradient, reference, rtol=0, atol=1e-14 * (1 + np.abs(reference).max()))
    outputs = shaped.forward(shaped.unflatten(theta), x)
    np.testing.assert_allclose(outputs, flat.forward(flat.unflatten(theta), x.reshape(len(x), -1)), rtol=1e-13)


@pytest.mark.parametrize("name", NETWORKS)
def test_straight_line_modules_take_inputs_flat_in_c_order(name: str) -> None:
    shaped, flat = pair(name, (2, 3, 2), target="numpy-scalar")
    x, y = data(pair(name, (2, 3, 2))[0])
    theta = np.linspace(0.1, 0.9, len(flat.PARAMETERS))
    value, gradient = shaped.value_and_grad(theta, x.reshape(len(x), 12), y)
    expected, reference = flat.value_and_grad(theta, x.reshape(len(x), 12), y)
    assert value == expected
    np.testing.assert_array_equal(gradient, reference)
    assert "A row of x is the 2 x 3 x 2 inputs of a sample in C order." in str(shaped.__doc__)
    assert "C order" not in str(flat.__doc__)
    with pytest.raises(ValueError, match=r"x: expected shape \(N, 12\), got \(5, 2, 3, 2\)"):
        shaped.forward(theta, x)


@pytest.mark.parametrize("target", ["numpy", "numpy-plain", "numpy-scalar", "python"])
def test_gradients_of_every_target_are_checked(target: str) -> None:
    layers, loss = NETWORKS["dense"]
    report = symnet.gradcheck(symnet.compile(Network((3, 2), layers, loss=loss), target=target), points=1)
    assert report, str(report)


@pytest.mark.parametrize("target", SEPARATE)
def test_data_of_another_shape_are_refused_by_name(target: str) -> None:
    module, _ = pair("dense", (4, 3), target=target)
    params, x = module.init(0), np.ones((5, 4, 3))
    for given in (x.reshape(5, 12), x[:, :3], x[..., None], x[0], np.ones((5, 3, 4))):
        with pytest.raises(ValueError, match=r"^x: expected shape \(N, 4, 3\), got \("):
            module.forward(params, given)
    with pytest.raises(ValueError, match=r"^x: expected at least one row, got shape \(0, 4, 3\)"):
        module.forward(params, x[:0])
    assert "inputs x of shape (N, 4, 3)" in str(module.forward.__doc__)
    assert "1  dense  4 x 3 -> 5" in str(module.__doc__)


@pytest.mark.parametrize("target", SEPARATE)
def test_any_layout_of_the_inputs_gives_the_same(target: str) -> None:
    module, _ = pair("dense", (4, 3), target=target)
    x, y = data(module, rows=7)
    expected = module.value_and_grad_flat(module.flatten(module.init(0)), x, y)
    for given in (np.asfortranarray(x), x.transpose(2, 0, 1).copy().transpose(1, 2, 0), x.tolist(), x[::-1][::-1]):
        value, gradient = module.value_and_grad_flat(module.flatten(module.init(0)), given, y)
        assert value == pytest.approx(expected[0], rel=1e-14)
        np.testing.assert_allclose(gradient, expected[1], rtol=0, atol=1e-14)


def test_one_axis_is_a_number_and_the_same_module() -> None:
    layers, loss = NETWORKS["dense"]
    assert Network((12,), layers, loss=loss) == Network([12], layers, loss=loss) == Network(12, layers, loss=loss)
    assert Network((12,), layers).inputs == 12
    assert symnet.generate(Network((12,), layers)) == symnet.generate(Network(12, layers))


def test_a_dense_layer_sums_over_all_axes_of_its_input() -> None:
    network = Network((4, 3), [Dense(5), Dense(2)], l2=0.1)
    program = forward_equations(network).program
    assert equation_text(program.by_name["z1"]) == "z1[n,j] = Sum(x[n,i,i2]*W1[i,i2,j], i, i2) + b1[j]"
    assert (network.shapes, network.sizes, network.title) == (((4, 3), (5,), (2,)), (12, 5, 2), "4x3-5-2")


def test_pages_verdicts_and_exercises_are_refused_in_one_line() -> None:
    network = Network((4, 3), [Dense(2)])
    message = "^the input is 4 x 3; a notation has symbols for inputs of one axis"
    for ask in (
        lambda: symnet.derive(network).render(),
        lambda: symnet.verify(network, "C = 0"),
        lambda: symnet.exercise_sheet(network),
    ):
        with pytest.raises(NotationError, match=message) as caught:
            ask()
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ((), "the inputs have 0 axes; from 1 to 8 are allowed"),
        ((1,) * 9, "the inputs have 9 axes; from 1 to 8 are allowed"),
        ((4, 0), "axis 2 of the inputs is '0'; a whole number from 1 to 1,000,000 is needed"),
        ((4, True), "axis 2 of the inputs is 'True'"),
        ((4.0, 3), "axis 1 of the inputs is '4.0'"),
        (((4, 3), 2), r"axis 1 of the inputs is '\(4, 3\)'"),
        ({4, 3}, r"inputs is '\{3, 4\}'; a whole number"),
    ],
    ids=str,
)
def test_inputs_of_a_wrong_kind_are_refused(inputs: Any, message: str) -> None:
    with pytest.raises(ArchitectureError, match=message):
        Network(inputs, [Dense(1)])


def test_counts_do_not_depend_on_how_inputs_are_laid_out() -> None:
    layers, _ = NETWORKS["dense"]
    assert symnet.count(Network((4, 3), layers)).sweep == symnet.count(Network(12, layers)).sweep
