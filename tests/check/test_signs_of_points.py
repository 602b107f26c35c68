"""An equation for one sign, or for one side of a kink, is not called right: the random points have both."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import UNHURRIED, examples

import symnet
from symnet.api.verification import verify
from symnet.check.truth.draws import drawn_points
from symnet.check.truth.point import Point, forward_program
from symnet.check.truth.reader import Reader
from symnet.notation.profile import load_notation
from symnet.support.errors import ReadingError

ONE_SIDED = [
    ("2-2-1", "symnet", r"\delta_{nj}^{(2)} = \frac{|a_{nj}^{(2)} - y_{nj}|}{N}"),
    ("2-2-1", "symnet", r"\delta_{nj}^{(2)} = \sqrt{(a_{nj}^{(2)} - y_{nj})^2}/N"),
    ("2-2-1", "bishop", r"\delta_1^{(2)} = |y_1 - t_1|"),
    ("2-2-1", "nielsen", r"\delta^L_j = |a^L_j - y_j|"),
    ("2-2-1", "symnet", r"W_{ij}^{(1)} = |W_{ij}^{(1)}|"),
    ("2-2-1", "symnet", r"W_{21}^{(1)} = |W_{21}^{(1)}|"),
    ("2-2-1", "symnet", r"b_j^{(1)} = |b_j^{(1)}|"),
    ("2-2-1", "symnet", r"y_{nj} = |y_{nj}|"),
    ("2-2-1", "symnet", r"z_{nj}^{(2)} = |z_{nj}^{(2)}|"),
    ("2-2-1", "symnet", r"a_{nj}^{(2)} = \max(0, z_{nj}^{(2)})"),
    ("2-2-1", "symnet", r"C = |C| + \frac{\partial C}{\partial b_1^{(2)}} - |\frac{\partial C}{\partial b_1^{(2)}}|"),
    ("2-2-1;loss=absolute_error", "symnet", r"\delta_{nj}^{(2)} = \frac{1}{N}"),
    ("2-2-1;loss=absolute_error", "symnet", r"\frac{\partial C}{\partial b_{j}^{(2)}} = 1"),
    ("2-2-1;loss=absolute_error", "symnet", r"C = \frac{1}{N}\sum_{n,j}(a_{nj}^{(2)} - y_{nj})"),
    ("2-2-1;loss=huber(delta=0.01)", "symnet", r"\delta_{nj}^{(2)} = \frac{a_{nj}^{(2)} - y_{nj}}{N}"),
    ("2-2-1;loss=huber(delta=0.01)", "symnet", r"\delta_{nj}^{(2)} = 0.01/N"),
    ("2-2-1;loss=huber", "symnet", r"\delta_{nj}^{(2)} = (a_{nj}^{(2)} - y_{nj})/N"),
    ("2-2-1:clip(z, -6, 6),identity", "symnet", r"a_{nj}^{(1)} = z_{nj}^{(1)}"),
    ("2-2-1;loss=hinge", "symnet", r"\delta_{nj}^{(2)} = -y_{nj}/N"),
    ("2-2-1:relu,identity", "nielsen", r"\sigma'(z^2_j) = 1"),
    ("2-2-1:relu,identity", "nielsen", r"\sigma'(a^2_j) = 1"),
]


@pytest.mark.parametrize(("network", "notation", "latex"), ONE_SIDED)
def test_an_equation_for_one_sign_is_not_right(network: str, notation: str, latex: str) -> None:
    assert Reader(symnet.parse(network), load_notation(notation)).check(latex)


@pytest.mark.parametrize(
    ("network", "notation", "latex"),
    [
        ("2-2-1", "symnet", r"y_{nj} = |y_{nj}|"),
        ("2-2-1;loss=huber", "symnet", r"\delta_{nj}^{(2)} = (a_{nj}^{(2)} - y_{nj})/N"),
        ("2-2-1:relu,identity", "nielsen", r"\sigma'(z^1_j) = 1"),
    ],
)
def test_no_equation_for_one_sign_is_proposed(network: str, notation: str, latex: str) -> None:
    (answer,) = verify(network, latex, notation).answers
    assert answer.verdict == "wrong"
    assert answer.correction == ""


NETWORKS = {
    "2-3-2": ("z1", "z2", "a2"),
    "3-4-2:tanh,identity": ("z1", "a1", "z2"),
    "2-3-1:relu,identity": ("z1", "z2"),
    "2-2-1;loss=absolute_error": ("z1", "z2"),
    "2-2-1;loss=huber(delta=0.01)": ("z1", "z2"),
    "2-3-2:relu,sigmoid;loss=binary_cross_entropy": ("z1", "z2"),
    "2-3-3:tanh,softmax": ("z1", "z2"),
    "4-6-5-3:tanh,relu,identity": ("z1", "z2", "z3"),
}


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("network", NETWORKS)
def test_every_number_takes_both_signs_at_few_points(network: str, seed: int, rows: int) -> None:
    points = _points(network, rows, seed)
    assert len(points) <= 8
    names = [array.name for array in points[0].program.arrays]
    if points[0].network.loss.kind.targets != "real":
        names.remove("y")
    for name in (*names, *NETWORKS[network]):
        _assert_both_signs(np.array([point.values[name] for point in points]), name)
    output = points[0].program.outputs["prediction"]
    _assert_both_signs(np.array([point.values[output] - point.values["y"] for point in points]), "a - y")


def _assert_both_signs(entries: np.ndarray, name: str) -> None:
    """At each position over the points, which lie along the first axis."""
    assert np.all(entries.max(axis=0) > 0), name
    assert np.all(entries.min(axis=0) < 0), name


def _points(network: str, rows: int = 3, seed: int = 0) -> list[Point]:
    built = symnet.parse(network)
    return drawn_points(built, forward_program(built), rows, seed)


@pytest.mark.parametrize("delta", ["0.001", "0.01", "1", "20"])
def test_both_sides_of_the_threshold_of_huber_occur(delta: str) -> None:
    points = _points(f"2-2-1;loss=huber(delta={delta})")
    residuals = np.array([abs(point.values["a2"] - point.values["y"]) for point in points])
    _assert_both_signs(residuals - mpmath.mpf(delta), "|a - y| - delta")


def test_both_sides_of_the_margin_of_hinge_occur() -> None:
    margins = np.array([1 - point.values["a2"] * point.values["y"] for point in _points("2-2-1;loss=hinge")])
    _assert_both_signs(margins, "1 - a y")


@pytest.mark.parametrize("function", ["maximum(z, 0.5)", "clip(z, -9, 1)", "abs(z + 0.7)", "elu(z)"])
def test_both_sides_of_the_kink_of_a_formula_occur(function: str) -> None:
    kinks = {"maximum(z, 0.5)": 0.5, "clip(z, -9, 1)": 1, "abs(z + 0.7)": -0.7, "elu(z)": 0}
    points = _points(f"2-2-1:{function},identity")
    _assert_both_signs(np.array([point.values["z1"] for point in points]) - kinks[function], function)


def test_a_network_that_takes_logarithms_of_its_parameters_keeps_its_points() -> None:
    """Where only positive pre-activations have values, they are positive, and everything else has both signs."""
    points = _points("2-2-1:log(z),identity")
    assert all(np.all(point.values["z1"] > 0) for point in points)
    for name in ("y", "W2", "b2", "z2"):
        _assert_both_signs(np.array([point.values[name] for point in points]), name)


WRAPPED = [
    ("residual", r"\delta_{nj}^{(2)} = \frac{1}{N} %s", "(a_{nj}^{(2)} - y_{nj})"),
    ("pre-activation", r"a_{nj}^{(2)} = %s", "z_{nj}^{(2)}"),
    ("pre-activation", r"z_{nj}^{(1)} = %s", "z_{nj}^{(1)}"),
    ("pre-activation", r"C = \frac{1}{2N} \sum_{n,j} (%s - y_{nj})^2", "z_{nj}^{(2)}"),
    ("weight", r"z_{nj}^{(1)} = \sum_i %s x_{ni} + b_j^{(1)}", "W_{ij}^{(1)}"),
    ("bias", r"z_{nj}^{(1)} = \sum_i W_{ij}^{(1)} x_{ni} + %s", "b_j^{(1)}"),
    ("bias", r"z_{n1}^{(2)} = \sum_i W_{i1}^{(2)} a_{ni}^{(1)} + %s", "b_1^{(2)}"),
    ("input", r"\frac{\partial C}{\partial W_{ij}^{(1)}} = \sum_n \delta_{nj}^{(1)} %s", "x_{ni}"),
    ("error", r"\frac{\partial C}{\partial b_j^{(2)}} = \sum_n %s", r"\delta_{nj}^{(2)}"),
    ("gradient", r"\frac{\partial C}{\partial b_j^{(2)}} = %s", r"\frac{\partial C}{\partial b_j^{(2)}}"),
]

NARROW = st.integers(1, 4)


@settings(max_examples=examples(40), **UNHURRIED)
@given(
    sizes=st.tuples(NARROW, NARROW, NARROW),
    hidden=st.sampled_from(["sigmoid", "tanh", "relu", "softplus"]),
    equation=st.sampled_from(WRAPPED),
    wrapper=st.sampled_from([r"|%s|", r"\max(0, %s)", r"(-\max(0, -%s))", r"\sqrt{(%s)^2}", r"(-|%s|)"]),
    seed=st.integers(0, 99),
)
def test_a_right_equation_with_an_operand_made_positive_is_wrong(
    sizes: tuple[int, int, int], hidden: str, equation: tuple[str, str, str], wrapper: str, seed: int
) -> None:
    network = symnet.parse(f"{'-'.join(map(str, sizes))}:{hidden},identity")
    reader = Reader(network, load_notation("symnet"), seed=seed)
    _, text, operand = equation
    assert reader.check(text % operand) == []
    assert reader.check(text % (wrapper % operand))


def test_a_network_without_values_is_told() -> None:
    with pytest.raises(ReadingError, match="no finite values"):
        _points("2-2-1:log(-exp(z)),identity")


@pytest.mark.parametrize(
    ("equation", "truth"),
    [
        (r"\log(x_2) = \log(x_2)", "right"),
        (r"\operatorname{log1p}(x_1) = \log(1 + x_1)", "right"),
        (r"\sqrt{x_1^2 + x_2} = (x_1^2 + x_2)^{1/2}", "right"),
        (r"\log(x_2) = \log(x_2) + 1", "wrong"),
        (r"\log(x_2^2) = 2 \log(x_2)", "wrong"),
        (r"\log(-x_2^2) = 1", "wrong"),
    ],
)
def test_numbers_at_which_no_side_has_a_value_say_nothing(equation: str, truth: str) -> None:
    """A logarithm of an input was wrong wherever the input was negative at one of the points."""
    (answer,) = verify("2-2-1", equation, "downie").answers
    assert answer.verdict == truth
