"""The programs and formulas of the lecture notes, reproduced by generated code.

`hjorth-jensen.txt`, "Code example": the printed cost of each of 50 steps. `bishop.txt`, "A Simple
Example", and `downie.txt`, "The back propagation formulae for a NN": the gradients, written out here
with plain NumPy and Python as the notes have them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import symnet

# fmt: off
PRINTED = [
    36.89563074, 23.62323175, 15.1251681, 9.68402334, 6.20020163, 3.96963458, 2.54150298,
    1.62714703, 1.0417409, 0.66694492, 0.42699034, 0.27336592, 0.17501258, 0.11204514,
    0.07173249, 0.04592382, 0.02940083, 0.01882264, 0.01205039, 0.00771475, 0.00493903,
    0.003162, 0.00202433, 0.00129599, 0.0008297, 0.00053118, 0.00034006, 0.00021771,
    0.00013938, 8.92313548e-05, 5.71263851e-05, 3.6572612e-05, 2.34139775e-05, 1.49897504e-05, 9.5965161e-06,
    6.14373934e-06, 3.93325371e-06, 2.51808934e-06, 1.61209378e-06, 1.03207075e-06, 6.60737006e-07, 4.23007231e-07,
    2.70811405e-07, 1.73374853e-07, 1.10995472e-07, 7.10598715e-08, 4.54928947e-08, 2.91247848e-08, 1.86458368e-08,
    1.19371605e-08,
]
# fmt: on
"""As the notes print them: with eight digits after the point, trailing zeros left out."""


def as_printed(cost: float) -> float:
    """The number to the digits that `print` shows of it in an array of one, which is how the notes print it."""
    return float(str(np.array([cost])).strip("[]"))


def test_the_network_with_one_hidden_unit_prints_the_costs_of_the_notes() -> None:
    module = symnet.compile(symnet.parse("1-1-1", hidden="sigmoid", loss="half_squared_error", reduction="sum"))
    legacy = np.random.RandomState(0)
    w1 = legacy.randn(1, 1)
    w2 = legacy.randn(1, 1)
    params = module.Parameters(W1=w1, b1=np.array([0.01]), W2=w2, b2=np.array([0.01]))
    x = np.array([[4.0]])
    y = 2 * x + 1
    costs = []
    for _ in PRINTED:
        cost, gradients = module.value_and_grad(params, x, y)
        costs.append(cost)
        params = module.Parameters(*(array - 0.1 * slope for array, slope in zip(params, gradients, strict=True)))
    assert len(costs) == 50
    assert [as_printed(cost) for cost in costs] == PRINTED


@pytest.mark.parametrize("rows", [1, 7])
def test_the_gradients_of_the_simple_example_with_tanh(rows: int) -> None:
    """δ_k = y_k − t_k and δ_j = (1 − z_j²) Σ w_kj δ_k; the derivatives are δ_j x_i and δ_k z_j."""
    inputs, hidden, outputs = 3, 5, 2
    module = symnet.compile(symnet.parse(f"{inputs}-{hidden}-{outputs}", hidden="tanh", reduction="sum"))
    rng = np.random.default_rng(12)
    # The notes number weights by unit and input, and take the bias as the weight of a unit 0 that is 1.
    first, second = rng.standard_normal((hidden, inputs + 1)), rng.standard_normal((outputs, hidden + 1))
    patterns, targets = rng.standard_normal((rows, inputs)), rng.standard_normal((rows, outputs))
    error, by_first, by_second = 0.0, np.zeros_like(first), np.zeros_like(second)
    for pattern, t in zip(patterns, targets, strict=True):
        x = np.append(1.0, pattern)
        z = np.append(1.0, np.tanh(first @ x))
        y = second @ z
        delta_k = y - t
        delta_j = (1 - z**2) * (second.T @ delta_k)
        error += 0.5 * (delta_k**2).sum()
        by_first += np.outer(delta_j[1:], x)
        by_second += np.outer(delta_k, z)
    params = module.Parameters(W1=first[:, 1:].T, b1=first[:, 0], W2=second[:, 1:].T, b2=second[:, 0])
    value, gradients = module.value_and_grad(params, patterns, targets)
    assert value == pytest.approx(error, rel=1e-13)
    expected = (by_first[:, 1:].T, by_first[:, 0], by_second[:, 1:].T, by_second[:, 0])
    for found, wanted in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-13 * np.abs(wanted).max())


def downie() -> tuple[Any, Any]:
    """The 2-2-1 network of `downie.txt` with the weights of its diagram, and its module.

    Of the second hidden unit the text gives no weights; those here give the a2 = 0.622 that it prints.
    """
    module = symnet.compile(symnet.parse("2-2-1", hidden="sigmoid", loss="squared_error"))
    params = module.Parameters(
        W1=np.array([[0.2, 0.3], [0.4, 0.5]]),  # the notes' w_ji is W1[i, j]
        b1=np.array([0.1, 0.6]),
        W2=np.array([[0.6], [0.2]]),
        b2=np.array([0.4]),
    )
    return module, params


@pytest.mark.parametrize(
    ("x", "y", "a1", "output"),
    [((3.0, -2.0), 1.2, 0.475, 0.809), ((-1.0, 1.0), 0.7, 0.574, 0.882)],
)
def test_the_outputs_of_the_network_with_two_hidden_units(
    x: tuple[float, float], y: float, a1: float, output: float
) -> None:
    module, params = downie()
    hidden = 1 / (1 + math.exp(-(0.2 * x[0] + 0.4 * x[1] + 0.1)))
    assert hidden == pytest.approx(a1, abs=0.0005)
    assert module.forward(params, [x])[0, 0] == pytest.approx(output, abs=0.001)
    assert module.loss(params, [x], [[y]]) == pytest.approx((y - output) ** 2, abs=0.001)


@pytest.mark.parametrize(("x", "y"), [((3.0, -2.0), 1.2), ((-1.0, 1.0), 0.7)])
def test_the_back_propagation_formulae_of_the_squared_error(x: tuple[float, float], y: float) -> None:
    """∂R/∂w11(2) = −2(y − a)a1 and ∂R/∂w11(1) = −2(y − a) w11(2) exp(−z1)(1 + exp(−z1))⁻² x1, and their like."""
    module, params = downie()
    z = [params.W1[0, j] * x[0] + params.W1[1, j] * x[1] + params.b1[j] for j in range(2)]
    a = [1 / (1 + math.exp(-value)) for value in z]
    residual = y - (params.W2[0, 0] * a[0] + params.W2[1, 0] * a[1] + params.b2[0])
    value, gradients = module.value_and_grad(params, [x], [[y]])
    assert value == pytest.approx(residual**2, rel=1e-13)
    assert gradients.b2[0] == pytest.approx(-2 * residual, rel=1e-13)
    for j in range(2):
        assert gradients.W2[j, 0] == pytest.approx(-2 * residual * a[j], rel=1e-13)
        back = -2 * residual * params.W2[j, 0] * math.exp(-z[j]) * (1 + math.exp(-z[j])) ** -2
        assert gradients.b1[j] == pytest.approx(back, rel=1e-13)
        for i in range(2):
            assert gradients.W1[i, j] == pytest.approx(back * x[i], rel=1e-13)


def test_the_nudges_that_the_notes_print() -> None:
    """By how much each nudge raises the output for the first observation: −∇R is 2e times that."""
    module, params = downie()
    gradients = module.gradient(params, [[3.0, -2.0]], [[1.2]])
    twice_residual = -gradients.b2[0]
    # The notes print 0.311 for e and leave the 2 out, but 1.2 − 0.809 is 0.391.
    assert twice_residual / 2 == pytest.approx(0.391, abs=0.0006)
    nudges = module.Parameters(*(-array / twice_residual for array in gradients))
    assert nudges.W1[:, 0] == pytest.approx([0.449, -0.299], abs=0.0006)
    assert nudges.W1[:, 1] == pytest.approx([0.141, -0.094], abs=0.0006)
    # Of the second hidden unit's bias they print 0.045: 0.141/3 is 0.047.
    assert nudges.b1 == pytest.approx([0.150, 0.047], abs=0.0006)
    assert nudges.W2[:, 0] == pytest.approx([0.475, 0.622], abs=0.0006)
    assert nudges.b2 == pytest.approx([1.0])
