"""Verdicts on short equations, of each kind a few in several notations: what is right, what is wrong, and by how much.

Each case takes some hundredths of a second, so that a change of what reads or judges meets many of them at once.
"""

from __future__ import annotations

import re
from functools import cache

import mpmath
import numpy as np
import pytest
from judging import answers, reader, verifier

from symnet.check.latex.failure import NotUnderstood
from symnet.check.latex.resolve import parse_latex
from symnet.check.truth.links import links_of
from symnet.check.truth.reader import Reader
from symnet.check.verdicts.documents import Display
from symnet.check.verdicts.verifier import SECONDS, Verifier
from symnet.network.string import parse
from symnet.notation.profile import load_notation
from symnet.pages.values import read_values

# The unit of a layer that has only one


LONE = (
    ("downie", "2-3-1", r"z^{(2)} = \sum_k w_k^{(2)} a_k^{(1)} + b^{(2)}", r"+ b", r"- b"),
    ("downie", "2-3-1", r"z^{(L)} = \sum_k w_k^{(L)} a_k^{(L-1)} + b^{(L)}", r"a_k^{(L-1)}", r"a_k^{(L-2)}"),
    ("downie", "2-3-1", r"z^{(2)} = \sum_k w_k^{(2)} a_k^{(1)} + b^{(2)}", r"a_k^{(1)}", r"a^{(2)}"),
    (
        *("downie", "2-3-1", r"\frac{\partial R}{\partial w_k^{(2)}} = \frac{\partial R}{\partial z^{(2)}} a_k^{(1)}"),
        *("}} a_k", "}} 2 a_k"),
    ),
    ("downie", "2-3-1", r"\frac{\partial R}{\partial z^{(2)}} = 2 (a^{(2)} - y)", "a^{(2)} - y", "y - a^{(2)}"),
    ("downie", "1-3-1", r"z_j^{(1)} = w_{j1}^{(1)} x + b_j^{(1)}", r"+ b", r"- b"),
    ("downie", "1-1-1", r"z^{(2)} = \mathbf{W}^{(2)} a^{(1)} + b^{(2)}", "a^{(1)}", "a^{(2)}"),
    ("hjorth-jensen", "2-3-1", r"\delta^{(2)} = a^{(2)} - y", "a^{(2)} - y", "y - a^{(2)}"),
    ("hjorth-jensen", "2-3-1", r"\frac{\partial a^{(2)}}{\partial a_0^{(1)}} = w_0^{(2)}", "= w", "= -w"),
    ("hjorth-jensen", "2-3-1", r"\frac{\partial C}{\partial b^{(2)}} = \delta^{(2)}", r"= \delta", r"= 2 \delta"),
    ("hjorth-jensen", "2-3-1", r"\frac{\partial C}{\partial a^{(2)}} = a^{(2)} - y", "- y", "+ y"),
    ("bessa", "2-3-1", r"u_2 = \sum_j W_{1j,1} n_{j,1} + b_1", "+ b", "- b"),
    ("ng", "2-3-1", r"z_{1i}^{[2]} = \sum_k W_{1k}^{[2]} a_{ki}^{[1]} + b_1^{[2]}", "+ b", "- b"),
    ("symnet", "2-3-1", r"z_n^{(2)} = \sum_k W_k^{(2)} a_{nk}^{(1)} + b^{(2)}", "+ b", "- b"),
)
"""Equations of layers of one unit, whose index is left out or not; and each with an error."""


def same_letters(one: str, other: str) -> bool:
    """Whether two formulas are the same but for braces, spaces and the style of their letters."""
    return len({re.sub(r"\\mathbf|\\mathrm|[{}\s]", "", text) for text in (one, other)}) == 1


@pytest.mark.parametrize(("notation", "network", "right", "old", "new"), LONE)
def test_the_index_of_a_lone_unit_is_left_out_and_kept_as_the_text_does(
    notation: str, network: str, right: str, old: str, new: str
) -> None:
    assert {answer.verdict for answer in answers(notation, right, network)} == {"right"}
    (wrong,) = answers(notation, right.replace(old, new, 1), network)
    assert wrong.verdict == "wrong"
    assert same_letters(wrong.correction, right), wrong.correction
    assert {answer.verdict for answer in answers(notation, wrong.correction, network)} == {"right"}


@pytest.mark.parametrize(
    ("notation", "network", "right", "old", "new"),
    [
        ("d2l", "2-3-1", r"\hat{y}_i = \sum_k W_k^{(2)} h_{ik}^{(1)} + \mathbf{b}^{(2)}", "+ ", "- "),
        ("d2l", "2-3-1", r"\frac{\partial J}{\partial \hat{y}_i} = \frac{1}{n} (\hat{y}_i - y_i)", r"- y", r"+ y"),
        ("d2l", "1-3-1", r"z_{ij}^{(1)} = W_j^{(1)} x_i + b_j^{(1)}", "+ ", "- "),
        ("symnet", "1-3-1", r"\frac{\partial C}{\partial W_j^{(1)}} = \sum_n x_n \delta_{nj}^{(1)}", "= ", "= -"),
        ("bishop", "2-3-1", r"\delta^{(2)} = y - t", "y - t", "t - y"),
        ("bishop", "2-3-1", r"y = \sum_j w_j^{(2)} z_j^{(1)} + w_{10}^{(2)}", "+ ", "- "),
        ("nielsen", "2-1-2", r"z^2 = \sum_k w_k^2 a_k^1 + b^2", "+ ", "- "),
    ],
)
def test_the_index_of_a_lone_unit_may_be_left_out_of_any_array(
    notation: str, network: str, right: str, old: str, new: str
) -> None:
    """Of the input, of the output by its own letter, and of the target; a correction may have it all the same."""
    assert {answer.verdict for answer in answers(notation, right, network)} == {"right"}
    (wrong,) = answers(notation, right.replace(old, new, 1), network)
    assert (wrong.verdict, wrong.cause) == ("wrong", "sign")
    assert {answer.verdict for answer in answers(notation, wrong.correction, network)} == {"right"}


@pytest.mark.parametrize(
    ("notation", "latex"),
    [
        ("downie", r"z^{(1)} = \sum_k w_{1k}^{(1)} x_k + b_1^{(1)}"),
        ("downie", r"\frac{\partial R}{\partial w_k^{(1)}} = \frac{\partial R}{\partial z_1^{(1)}} x_k"),
        ("hjorth-jensen", r"\frac{\partial C}{\partial w_0^{(1)}} = \delta_0^{(1)} x_0"),
        ("ng", r"z_i^{[1]} = \sum_k w_{1k}^{[1]} x_{ki} + b_1^{[1]}"),
    ],
)
def test_an_index_is_left_out_of_no_layer_of_several_units(notation: str, latex: str) -> None:
    assert "right" not in {answer.verdict for answer in answers(notation, latex, "2-3-1")}


# Numbers


VALUES = {
    "x": [1, 0.5],
    "y": [1],
    "W1": [[0.6, 0.1], [0.2, -0.4]],
    "b1": [0.4, 0],
    "W2": [[1], [2]],
    "b2": [0],
    "rate": 0.5,
}


@cache
def of_numbers() -> Reader:
    return Reader(parse("2-2-1:identity,identity;loss=squared_error"), load_notation("downie"), values=VALUES)


@cache
def verifier_at_numbers() -> Verifier:
    network, notation = parse("2-2-1:identity,identity;loss=squared_error"), load_notation("downie")
    text = "\n".join(f"{name} = {value}" for name, value in VALUES.items())
    return Verifier(network, notation, values=read_values(text, network, "numbers.toml"), may_define=False)


def at_numbers(latex: str) -> str:
    """The verdict on an equation at these values."""
    try:
        return "wrong" if of_numbers().check(latex) else "right"
    except NotUnderstood:
        return "not understood"


@pytest.mark.parametrize(
    ("number", "low", "high"),
    [
        ("300", 250, 350),
        ("310", 305, 315),
        ("314", 313.5, 314.5),
        ("0", -0.5, 0.5),
        ("1000", 500, 1500),
        ("1.1", 1.05, 1.15),
        ("1.10", 1.095, 1.105),
        ("10.0", 9.95, 10.05),
    ],
)
def test_a_printed_result_stands_for_what_rounds_to_it(number: str, low: float, high: float) -> None:
    """Zeros at the end count behind a point and do not before it; a little more is room for the second order."""
    width = high - low
    for inside in (low + 0.01 * width, high - 0.01 * width):
        assert at_numbers(rf"{inside:.7f} + 0 \cdot x_1 \approx {number}") == "right", inside
    for outside in (low - 0.02 * width, high + 0.02 * width):
        assert at_numbers(rf"{outside:.7f} + 0 \cdot x_1 \approx {number}") == "wrong", outside


@pytest.mark.parametrize(
    ("latex", "verdict"),
    [
        (r"\underset{1.10}{z_1^{(1)}} = z_1^{(1)}", "right"),
        (r"\underset{1.12}{z_1^{(1)}} = z_1^{(1)}", "wrong"),
        (r"\underset{1.1}{z_1^{(1)}} + \underset{-0.1}{z_2^{(1)}} = z_1^{(1)} + z_2^{(1)}", "right"),
        (r"\underset{1.1}{z_1^{(1)}} + \underset{0.1}{z_2^{(1)}} = z_1^{(1)} + z_2^{(1)}", "wrong"),
        (r"\mathbf{x} \odot \underset{\mathbf{1}}{\mathbf{1}} = \mathbf{x}", "right"),
        (r"\mathbf{x} = \underset{\begin{pmatrix} 1.0 \\ 0.5 \end{pmatrix}}{\mathbf{x}}", "right"),
        (r"\mathbf{x} = \underset{\begin{pmatrix} 0.5 \\ 1.0 \end{pmatrix}}{\mathbf{x}}", "wrong"),
        (r"\mathbf{x} = \underset{\begin{pmatrix} 1.0 & 0.5 \end{pmatrix}}{\mathbf{x}}", "wrong"),
        (r"\underset{2 \times 1}{\mathbf{x}} = \mathbf{x}", "right"),
        (r"\underset{1 \times 2}{\mathbf{x}} = \mathbf{x}", "wrong"),
        (r"\underset{n \times 2}{\mathbf{x}} = \mathbf{x}", "not understood"),
        (r"\mathbf{x}^{\mathrm{T}} \underset{1}{\mathbf{1}} = 1.5", "wrong"),
        (r"\mathbf{x}^{\mathrm{T}} \mathbf{1} = 1.5", "right"),
    ],
)
def test_what_is_printed_under_a_factor_is_its_value_or_its_shape(latex: str, verdict: str) -> None:
    assert at_numbers(latex) == verdict


@pytest.mark.parametrize(
    ("latex", "where", "left", "right"),
    [
        (r"z_1^{(1)} = %s", "", 1.1, 1.2),
        (r"z_1^{(1)} = 0.6 \cdot 1 + 0.2 \cdot 0.5 + 0.4 = %s", "", 1.1, 1.0),
        (r"z_j^{(1)} = %s", "j = 2", -0.1, 1.1),
    ],
)
def test_what_does_not_come_out_at_the_given_numbers_is_told_with_both_sides(
    latex: str, where: str, left: float, right: float
) -> None:
    claims = verifier_at_numbers()
    (wrong,) = claims.answers(Display(latex % right))
    assert (wrong.verdict, wrong.where, wrong.left, wrong.right) == ("wrong", where, f"{left:.2}", f"{right:.2}")
    place = f"at {where}: " if where else ""
    assert wrong.message.startswith(f"at the given numbers {place}the left side is {wrong.left}, the right side ")
    if not where:
        assert [answer.verdict for answer in claims.answers(Display(latex % left))] == ["right"]


PRODUCT = r"\begin{pmatrix} 0.6 & 0.2 \\ 0.1 & -0.4 \end{pmatrix} \begin{pmatrix} 1 \\ 0.5 \end{pmatrix}"
COLUMN = r"\begin{pmatrix} %s \\ %s \end{pmatrix}"


@pytest.mark.parametrize(
    ("latex", "verdict"),
    [
        (rf"\mathbf{{z}}^{{(1)}} - \mathbf{{b}}^{{(1)}} = {PRODUCT} = {COLUMN % ('0.7', '-0.1')}", "right"),
        (rf"\mathbf{{z}}^{{(1)}} - \mathbf{{b}}^{{(1)}} = {PRODUCT} = {COLUMN % ('0.8', '-0.1')}", "wrong"),
        (rf"\mathbf{{z}}^{{(1)}} = {PRODUCT} + {COLUMN % ('0.4', '0')} = {COLUMN % ('1.1', '-0.1')}", "right"),
        (rf"\mathbf{{z}}^{{(1)}} = {PRODUCT} + {COLUMN % ('0.4', '0')} = {COLUMN % ('-0.1', '1.1')}", "wrong"),
        (rf"{PRODUCT} + \mathbf{{b}}^{{(1)}} = {COLUMN % ('1.1', '-0.1')} = \mathbf{{z}}^{{(1)}}", "right"),
        (r"z_1^{(1)} = 0.7 + 0.4 = 1.1", "right"),
        (r"z_1^{(1)} = z_2^{(1)} + 1.2 = -0.1 + 1.2 = 1.1", "right"),
        (r"z_1^{(1)} = z_2^{(1)} + 1.2 = -0.1 + 1.4 = 1.3", "wrong"),
        (r"z_1^{(1)} = 1 = 1.4", "wrong"),
        # Each pair of neighbours is equal up to rounding, and both ends together are not.
        (r"x_1 = 1 \approx 1.4", "wrong"),
        (r"a_2^{(1)} \approx -0.1 \approx -0.14", "wrong"),
        (r"b_1^{(2)} \leftarrow 0 - 0.5 \times (-0.2) = 0.1", "right"),
        (r"b_1^{(2)} \leftarrow 0 + 0.5 \times (-0.2) = -0.1", "wrong"),
    ],
)
def test_a_result_in_the_middle_of_a_chain_is_held_to_the_symbols_before_it(latex: str, verdict: str) -> None:
    assert at_numbers(latex) == verdict


@pytest.mark.parametrize(
    ("notation", "right", "wrong"),
    [
        ("bishop", r"\delta_1^{(2)} \approx y_1 - t_1", r"\delta_1^{(2)} \approx t_1 - y_1"),
        (
            "downie",
            r"z_1^{(1)} - b_1^{(1)} \approx \sum_k w_{1k}^{(1)} x_k",
            r"z_1^{(1)} \approx \sum_k w_{1k}^{(1)} x_k",
        ),
        ("ng", r"dZ^{[2]} \approx A^{[2]} - Y", r"dZ^{[2]} \approx A^{[2]} + Y"),
    ],
)
def test_what_is_nearly_equal_is_checked_at_points_and_never_proved(notation: str, right: str, wrong: str) -> None:
    (found,) = answers(notation, right, "2-2-1")
    assert (found.verdict, found.how) == ("right", "equal at random points")
    (exact,) = answers(notation, right.replace(r"\approx", "="), "2-2-1")
    assert (exact.verdict, exact.how) == ("right", "proved symbolically")
    (found,) = answers(notation, wrong, "2-2-1")
    assert (found.verdict, found.correction.count(r"\approx")) == ("wrong", 1)


# Proofs of functions


@pytest.mark.parametrize(
    ("activation", "right", "wrong"),
    [
        ("relu", "[u > 0]", "u [u > 0]"),
        ("leaky_relu(slope=0.2)", r"\frac{1}{5} + \frac{4}{5} [u > 0]", r"\frac{1}{5} + [u > 0]"),
        ("softsign", r"(1 - |\sigma(u)|)^2", r"1 - |\sigma(u)|"),
        ("tanh", r"1 - \sigma(u)^2", r"1 - \sigma(u)"),
        ("sigmoid", r"\sigma(u) - \sigma(u)^2", r"\sigma(u) + \sigma(u)^2"),
        ("softplus", r"\operatorname{sigmoid}(u)", r"\operatorname{sigmoid}(-u)"),
        ("gaussian", r"-2 u \sigma(u)", r"2 u \sigma(u)"),
        ("silu", r"s(u) + \sigma(u) (1 - s(u))", r"s(u) + \sigma(u)"),
        ("log(1+z**2)", r"\frac{2 u}{1 + u^2}", r"\frac{u}{1 + u^2}"),
        ("cosh(z)", r"\sinh(u)", r"-\sinh(u)"),
        ("sinh(z)", r"\frac{e^{u} + e^{-u}}{2}", r"\frac{e^{u} - e^{-u}}{2}"),
        ("exp(z)-1", r"1 + \sigma(u)", r"1 - \sigma(u)"),
        ("maximum(z,z**2)", r"[u > u^2] + 2 u [u^2 > u]", r"[u > u^2] + u [u^2 > u]"),
        ("minimum(z,z**2)", r"[u < u^2] + 2 u [u^2 < u]", r"[u < u^2] + u [u^2 < u]"),
        ("sqrt(1+z**2)", r"\frac{u}{\sigma(u)}", r"\frac{1}{\sigma(u)}"),
    ],
)
def test_the_slope_of_a_function_is_known_in_any_way_to_write_it(activation: str, right: str, wrong: str) -> None:
    network = f"2-2-1:{activation},identity"
    in_full = [re.sub(r"s\(u\)", r"\\operatorname{sigmoid}(u)", side) for side in (right, wrong)]
    for left in (r"\sigma'(u)", r"\frac{d\sigma}{du}", r"\frac{\mathrm{d}\sigma}{\mathrm{d}u}"):
        (good,), (bad,) = (answers("downie", f"{left} = {side}", network) for side in in_full)
        assert (good.verdict, bad.verdict) == ("right", "wrong"), (left, str(good), str(bad))


SLOPE = r"\frac{\partial R}{\partial b_1^{(1)}} = \frac{\partial R}{\partial a_1^{(1)}} \sigma'(z_1^{(1)})"


@pytest.mark.parametrize(
    ("notation", "network", "latex"),
    [
        ("downie", "2-2-1", r"\max(x_1, x_2) + \min(x_1, x_2) = x_1 + x_2"),
        ("downie", "2-2-1", r"\max(x_1, x_2) = x_2 + (x_1 - x_2) [x_1 > x_2]"),
        ("downie", "2-2-1", r"\operatorname{relu}(x_1) = x_1 [x_1 > 0]"),
        ("downie", "2-2-1", r"\operatorname{relu}(x_1) = \max(x_1, 0)"),
        ("downie", "2-2-1", r"\operatorname{softsign}(x_1) = \frac{x_1}{1 + \operatorname{abs}(x_1)}"),
        ("downie", "2-2-1", r"\operatorname{abs}(x_1) = x_1 \operatorname{sign}(x_1)"),
        ("downie", "2-2-1", r"\cosh x_1 + \sinh x_1 = e^{x_1}"),
        ("downie", "2-2-1", r"\operatorname{expm1}(x_1) + 1 = e^{x_1}"),
        ("downie", "2-2-1", r"\operatorname{log1p}(x_1) = \log(1 + x_1)"),
        ("downie", "2-2-1", r"\operatorname{gaussian}(x_1) = e^{-x_1^2}"),
        ("downie", "2-2-1", r"\tanh(x_1) = \frac{e^{2 x_1} - 1}{e^{2 x_1} + 1}"),
        ("downie", "2-2-1", r"e^{-x_1} e^{x_1} = 1"),
        ("downie", "2-2-1", r"e^{x_1 - x_1} = 1"),
        ("downie", "2-2-1", r"\|\mathbf{x}\|^2 = x_1^2 + x_2^2"),
        ("downie", "2-2-1", r"\mathbf{x}^{\mathrm{T}} \mathbf{x} = x_1^2 + x_2^2"),
        ("downie", "2-2-1", r"\frac{x_1^2 - x_2^2}{x_1 - x_2} = x_1 + x_2"),
        ("downie", "2-2-1", r"(x_1 + x_2)^{-2} (x_1 + x_2)^3 = x_1 + x_2"),
        ("downie", "2-2-1", r"0.5 x_1 + \frac{1}{4} x_1 = \frac{3}{4} x_1"),
        ("downie", "2-2-1", r"[x_1 < x_2] = [x_2 > x_1]"),
        (
            "downie",
            "2-2-1:softplus,identity",
            r"\frac{\partial a_j^{(1)}}{\partial z_j^{(1)}} = \operatorname{sigmoid}(z_j^{(1)})",
        ),
        ("downie", "2-2-1:silu,identity", r"a_j^{(1)} = \frac{z_j^{(1)}}{1 + e^{-z_j^{(1)}}}"),
        ("downie", "2-2-1:mish,identity", r"a_j^{(1)} = z_j^{(1)} \tanh(\operatorname{softplus}(z_j^{(1)}))"),
        ("ng", "2-3-2", r"W^{[l]} \leftarrow W^{[l]} - \alpha \, dW^{[l]}"),
        ("ng", "2-3-2", r"db^{[l]} = \frac{1}{m} dZ^{[l]} \mathbf{1}"),
        ("ng", "2-3-2", r"J = \frac{1}{2m} \sum_{i,k} (a_{ki}^{[2]} - y_{ki})^2"),
        ("symnet", "2-3[radial_basis]-1", r"a_{nj}^{(1)} = \exp\left(-\frac{r_{nj}^{(1)}}{2 (s_j^{(1)})^2}\right)"),
        ("symnet", "2-3[radial_basis]-1", r"r_{nj}^{(1)} = \sum_i (x_{ni} - c_{ji}^{(1)})^2"),
        ("symnet", "2-3-3[residual]-1", r"a_{nj}^{(2)} = \sigma(z_{nj}^{(2)}) + a_{nj}^{(1)}"),
        ("symnet", "2-3-2;l2=0.05", r"\Omega = \frac{0.05}{2} \sum_l \sum_{i,j} (W_{ij}^{(l)})^2"),
        (
            "symnet",
            "2-3-2;l2=0.05",
            r"\frac{\partial C}{\partial W^{(l)}} = A^{(l-1)\top} \delta^{(l)} + 0.05 \, W^{(l)}",
        ),
        (
            "downie",
            "2-2-1;loss=absolute_error",
            r"\frac{\partial R}{\partial a_1^{(2)}} = \operatorname{sign}(a_1^{(2)} - y_1)",
        ),
        (
            "downie",
            "2-2-1:sigmoid,sigmoid",
            r"\frac{\partial R}{\partial w_{11}^{(1)}}"
            r" = 2 (a_1^{(2)} - y) a_1^{(2)} (1 - a_1^{(2)}) w_{11}^{(2)} a_1^{(1)} (1 - a_1^{(1)}) x_1",
        ),
        (
            "symnet",
            "2-3-3:tanh,softmax;loss=cross_entropy",
            r"\frac{\partial C}{\partial z_{nk}^{(2)}} = \frac{1}{N} (a_{nk}^{(2)} - y_{nk})",
        ),
        ("symnet", "2-3-3:tanh,softmax;loss=cross_entropy", r"\sum_k y_{nk} = 1"),
        ("downie", "2-3-3:tanh,softmax;loss=cross_entropy", r"\sum_k a_k^{(2)} = 1"),
        (
            "downie",
            "2-3-3:tanh,softmax;loss=cross_entropy",
            r"\frac{\partial a_k^{(2)}}{\partial z_m^{(2)}} = a_k^{(2)} ([k = m] - a_m^{(2)})",
        ),
        (
            "downie",
            "2-2-2:tanh,sigmoid;loss=binary_cross_entropy",
            r"\frac{\partial R}{\partial z_{k}^{(2)}} = a_{k}^{(2)} - y_{k}",
        ),
        ("downie", "2-2-1:tanh,identity", SLOPE),
        ("downie", "2-2-1:sigmoid,identity", SLOPE),
        ("downie", "2-2-1:softplus,identity", SLOPE),
        ("downie", "2-2-1:gaussian,identity", SLOPE),
        ("downie", "2-2-1:silu,identity", SLOPE),
        ("downie", "2-2-1:log(1+z**2),identity", SLOPE),
        ("downie", "2-2-1:cosh(z),identity", SLOPE),
        ("downie", "2-2-1:exp(z)-1,identity", SLOPE),
        ("downie", "2-2-1:softsign,identity", SLOPE),
    ],
)
def test_what_can_be_proved_is_proved_and_nothing_beside_it(notation: str, network: str, latex: str) -> None:
    assert [answer.how for answer in answers(notation, latex, network)] == ["proved symbolically"]
    claims = verifier(notation, network)
    left, _, right = latex.partition(" = ")
    if right and not left.startswith(("d", "W")) and r"\partial W" not in left:
        wrong = f"{left} = {right} + 10^{{-9}}"
        assert reader(notation, network).check(wrong)
        (chain,) = parse_latex(wrong, claims.notation, claims.reader.known(may_define=False))
        claims.reader.deadline.set(SECONDS)
        assert not any(claims.prover.proves(link) for link in links_of(chain))


# Arrays and their factors


@pytest.mark.parametrize(
    ("notation", "right", "old", "new"),
    [
        ("ng", r"dW^{[2]} = \frac{1}{m} dZ^{[2]} A^{[1]T}", " A^{[1]T}", ""),
        ("ng", r"dW^{[2]} = \frac{1}{m} dZ^{[2]} A^{[1]T}", "{1}{m}", "{2}{m}"),
        ("ng", r"dZ^{[1]} = W^{[2]T} dZ^{[2]} \ast g'(Z^{[1]})", r" \ast g'(Z^{[1]})", ""),
        ("ng", r"dZ^{[1]} = W^{[2]T} dZ^{[2]} \ast g'(Z^{[1]})", "W^{[2]T}", "W^{[2]}"),
        ("ng", r"dA^{[1]} = W^{[2]T} dZ^{[2]}", "W^{[2]T} dZ^{[2]}", "dZ^{[2]} W^{[2]T}"),
        ("ng", r"Z^{[1]} = W^{[1]} X + b^{[1]}", "+ b^{[1]}", "+ b^{[2]}"),
        ("ng", r"Z^{[1]} = W^{[1]} X + b^{[1]}", " + b^{[1]}", ""),
        ("d2l", r"\mathbf{Z}^{(1)} = \mathbf{X} \mathbf{W}^{(1)\top} + \mathbf{b}^{(1)}", r"^{(1)\top}", "^{(1)}"),
        ("d2l", r"\mathbf{Z}^{(1)} = \mathbf{X} \mathbf{W}^{(1)\top} + \mathbf{b}^{(1)}", r" + \mathbf{b}^{(1)}", ""),
        ("symnet", r"Z^{(1)} = X W^{(1)} + b^{(1)}", "+ b", "- b"),
        ("symnet", r"\frac{\partial C}{\partial W^{(2)}} = A^{(1)\top} \delta^{(2)}", r"^{(1)\top}", "^{(1)}"),
        ("symnet", r"\frac{\partial C}{\partial W^{(2)}} = A^{(1)\top} \delta^{(2)}", r"A^{(1)\top} ", ""),
        ("ng", r"dA^{[1]} = W^{[2]T} dZ^{[2]}", "W^{[2]T} ", ""),
        ("symnet", r"\delta^{(1)} = \delta^{(2)} W^{(2)\top} \odot \sigma'(Z^{(1)})", r" \odot \sigma'(Z^{(1)})", ""),
        ("nielsen", r"\delta^2 = ((w^3)^T \delta^3) \odot \sigma'(z^2)", r"(w^3)^T", "w^3"),
        ("nielsen", r"\delta^2 = (w^3)^T \delta^3 \odot \sigma'(z^2)", r" \odot \sigma'(z^2)", ""),
        ("nielsen", r"\nabla_{w^2} C = \delta^2 (a^1)^T", r" (a^1)^T", ""),
        ("nielsen", r"\sum_j \frac{z_j^2}{d_2} = \frac{1}{d_2} \sum_j z_j^2", "{1}{d_2}", "{1}{d_3}"),
        ("bessa", r"\mathbf{u}_2 = \mathbf{W}_1 \mathbf{n}_1 + \mathbf{b}_1", r"\mathbf{n}_1", r"\mathbf{n}_2"),
    ],
)
def test_what_is_wrong_with_an_equation_of_arrays_is_put_right(notation: str, right: str, old: str, new: str) -> None:
    network = "2-3-2:tanh,identity"
    assert {answer.verdict for answer in answers(notation, right, network)} == {"right"}
    (wrong,) = answers(notation, right.replace(old, new, 1), network)
    assert (wrong.verdict, bool(wrong.cause)) == ("wrong", True), str(wrong)
    assert {answer.verdict for answer in answers(notation, wrong.correction, network)} == {"right"}
    if notation != "nielsen" and "X" not in right:  # A^{(0)} in a correction, and Nielsen's matrices are W
        assert same_letters(wrong.correction, right), wrong.correction
    if not new:
        missing = re.match("the (?:factor|term) (.+) is missing", wrong.message)
        assert missing, wrong.message
        assert same_letters(missing[1], re.sub(r"^ *(\+|\\ast|\\odot)? ", "", old)), missing[1]


@pytest.mark.parametrize(
    ("notation", "output", "activation", "pre"),
    [
        ("downie", r"\mathbf{a}^{(2)}", r"\sigma^{(2)}", r"\mathbf{z}^{(%d)}"),
        ("ng", "A^{[2]}", "g^{[2]}", "Z^{[%d]}"),
        ("symnet", "A^{(2)}", r"\sigma^{(2)}", "Z^{(%d)}"),
        ("downie", r"\mathbf{a}^{(2)}", r"\operatorname{softmax}", r"\mathbf{z}^{(%d)}"),
        ("ng", "A^{[2]}", r"\operatorname{softmax}", "Z^{[%d]}"),
        ("symnet", "A^{(2)}", r"\operatorname{softmax}", "Z^{(%d)}"),
    ],
)
def test_probabilities_are_a_function_of_the_units_of_each_example(
    notation: str, output: str, activation: str, pre: str
) -> None:
    """By its name or the letter of the layer's activation, along the units, whether examples are rows or columns."""
    network = "2-3-3:tanh,softmax;loss=cross_entropy"
    (right,) = answers(notation, f"{output} = {activation}({pre % 2})", network)
    assert right.verdict == "right"
    (wrong,) = answers(notation, f"{output} = {activation}({pre % 1})", network)
    assert (wrong.verdict, wrong.cause) == ("wrong", "layer index")


@pytest.mark.parametrize(
    ("network", "before", "right", "wrong"),
    [
        (
            *("2-3-3", r"\frac{\partial R}{\partial z_j^{(1)}} = \frac{\partial R}{\partial a_j^{(1)}} %s"),
            *(r"\frac{\partial a_j^{(1)}}{\partial z_j^{(1)}}", r"\frac{\partial a_j^{(2)}}{\partial z_j^{(2)}}"),
        ),
        (
            *("3-3-3", r"\frac{\partial R}{\partial w_{jk}^{(1)}} = \frac{\partial R}{\partial z_j^{(1)}} %s"),
            *(r"\frac{\partial z_j^{(1)}}{\partial w_{jk}^{(1)}}", r"\frac{\partial z_j^{(2)}}{\partial w_{jk}^{(2)}}"),
        ),
    ],
)
def test_a_derivative_of_another_layer_is_named_with_the_one_that_is_meant(
    network: str, before: str, right: str, wrong: str
) -> None:
    assert [answer.verdict for answer in answers("downie", before % right, network)] == ["right"]
    (found,) = answers("downie", before % wrong, network)
    assert (found.verdict, found.cause) == ("wrong", "layer index")
    told, _, correction = found.message.partition(". Correct: ")
    old, _, new = told.partition(" should be ")
    assert same_letters(old, wrong), found.message
    assert same_letters(new, right), found.message
    assert same_letters(correction, before % right), found.message


@pytest.mark.parametrize(
    ("notation", "right", "wrong"),
    [
        ("ng", r"Z^{[1]} = W^{[1]} X + b^{[1]}", r"Z^{[1]} = W^{[1]} X + b^{[1]T}"),
        ("d2l", r"\mathbf{Z}^{(2)} = \mathbf{H}^{(1)} \mathbf{W}^{(2)\top} + \mathbf{b}^{(2)}", ""),
        ("symnet", r"Z^{(1)} = X W^{(1)} + b^{(1)}", r"Z^{(1)} = X W^{(1)} + b^{(1)\top}"),
    ],
)
def test_a_bias_is_added_to_every_example_where_examples_are_rows_and_where_they_are_columns(
    notation: str, right: str, wrong: str
) -> None:
    of = Reader(parse("2-3-2"), load_notation(notation), rows=4)
    assert of.check(right) == []
    assert not wrong or of.check(wrong)


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy", "hinge", "squared_error"])
@pytest.mark.parametrize("rows", [1, 4])
def test_targets_are_drawn_where_the_loss_takes_them(loss: str, rows: int) -> None:
    output = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}.get(loss, "identity")
    network = parse(f"2-3-2:tanh,{output};loss={loss}")
    points = Reader(network, load_notation("symnet"), rows=rows).points
    assert rows in {point.examples for point in points}
    for point in points:
        targets = np.asarray(point.given["y"])
        assert targets.shape == (point.examples, 2)
        entries = [mpmath.mpf(entry) for entry in targets.ravel()]
        within = {
            "unit interval": all(0.05 <= entry <= 0.95 for entry in entries),
            "probabilities": all(0 < entry < 1 for entry in entries) and all(sum(row) == 1 for row in targets),
            "signs": all(abs(entry) == 1 for entry in entries),
        }
        assert within.get(network.loss.kind.targets, True), entries
        assert rows == 1 or len(set(entries)) > 1


# What is told where no single change helps


@pytest.mark.parametrize(
    ("notation", "latex"),
    [
        ("downie", r"z_1^{(1)} = 3 a_1^{(2)} x_1 + x_2 z_2^{(1)}"),
        ("hjorth-jensen", r"\delta_0^{(2)} = 3 (y_0 - a_0^{(2)}) b_0^{(1)}"),
        ("ng", r"dz_{1i}^{[2]} = 3 z_{1i}^{[1]} a_{2i}^{[1]}"),
        ("symnet", r"\delta_{n1}^{(2)} = 3 b_1^{(1)} z_{n2}^{(1)}"),
    ],
)
def test_both_sides_and_the_factors_are_told_with_their_values_where_they_differ(notation: str, latex: str) -> None:
    (answer,) = answers(notation, latex, "2-2-1")
    assert (answer.verdict, answer.cause, answer.correction) == ("wrong", "", "")
    left, right = float(answer.left), float(answer.right)
    assert left != right
    place = f"at {answer.where}: " if answer.where else ""
    told = f"{place}the left side is {answer.left}, the right side {answer.right}, {right / left:.6}"
    assert answer.message.startswith(told[:-2]), answer.message
    assert " times the left; no single change makes it right (where " in answer.message
    for factor, value in answer.factors:
        assert f"{factor} = {value}" in answer.message
    numbers = [float(value) for _, value in answer.factors[1:] if value]
    if " + " not in latex:
        assert 3 * np.prod(numbers) == pytest.approx(right, rel=1e-8)


# Of which layers and units something is said


LOGISTIC = r"a_j^{(l)} = \frac{1}{1 + e^{-z_j^{(l)}}}"
SAME = r"a_j^{(1)} = a_1^{(1)}"


@pytest.mark.parametrize("behind", [r" \qquad ", r" \\ ", ", ", r" \\ & "])
@pytest.mark.parametrize(
    ("equation", "condition", "verdict"),
    [
        (LOGISTIC, "l = 1", "right"),
        (LOGISTIC, "l = 2", "wrong"),
        (LOGISTIC, "l = 1, 2", "wrong"),
        (LOGISTIC, r"l = 1, \dots, L-1", "right"),
        (LOGISTIC, r"l = 1, \dots, L", "wrong"),
        (LOGISTIC, r"l = L-1, \dots, 1", "right"),
        (LOGISTIC, r"l = L, \dots, 1", "wrong"),
        (LOGISTIC, "l = L", "wrong"),
        (f"{LOGISTIC}, {LOGISTIC}", "l = 1", "right"),
        (SAME, "j = 1", "right"),
        (SAME, "j = 2", "wrong"),
        (SAME, "j = 1, 2", "wrong"),
        (SAME, r"j = 1, \dots, h_1", "wrong"),
        (SAME, r"j = 1, \dots, 1", "right"),
        (SAME, "j = 3", "wrong"),
        (SAME, "j = 0", "wrong"),
    ],
)
def test_an_equation_is_held_to_the_layers_and_units_that_its_condition_names(
    equation: str, condition: str, verdict: str, behind: str
) -> None:
    of = reader("downie", "2-2-2:sigmoid,identity")
    latex = rf"\begin{{aligned}} {equation}{behind}{condition} \end{{aligned}}"
    assert ("wrong" if of.check(latex) else "right") == verdict
    assert of.check(equation)


@pytest.mark.parametrize(
    ("lower", "upper", "verdict"),
    [("1", "L", "right"), ("1", "2", "right"), ("1", "L-1", "wrong"), ("2", "L", "wrong"), ("2", "2", "wrong")],
)
def test_a_sum_over_layers_goes_from_one_end_to_the_other(lower: str, upper: str, verdict: str) -> None:
    of = reader("symnet", "2-2-1;l2=0.05")
    latex = rf"\Omega = \frac{{0.05}}{{2}} \sum_{{l={lower}}}^{{{upper}}} \sum_{{i,j}} (W_{{ij}}^{{(l)}})^2"
    assert ("wrong" if of.check(latex) else "right") == verdict


@pytest.mark.parametrize(
    ("notation", "wrong", "cause", "correction"),
    [
        (
            "bishop",
            r"2 \delta_1^{(2)} = y_1 - t_1 = -(t_1 - y_1)",
            "factor",
            r"\delta_1^{(2)} = y_1 - t_1 = -(t_1 - y_1)",
        ),
        ("bishop", r"\delta_k^{(L)} = t_k - y_k", "sign", r"\delta_k^{(L)} = y_k - t_k"),
        ("d2l", r"\hat{y}_{ik} = -z_{ik}^{(L)}", "sign", r"\hat{y}_{ik} = z_{ik}^{(L)}"),
        (
            "downie",
            r"z_j^{(2)} = \sum_k w_{jk}^{(2)} z_k^{(1)} + b_j^{(2)}",
            "pre-activation or activation",
            r"z_j^{(2)} = \sum_k w_{jk}^{(2)} a_k^{(1)} + b_j^{(2)}",
        ),
        (
            "downie",
            r"a_j^{(1)} = \sigma(a_j^{(1)})",
            "pre-activation or activation",
            r"a_j^{(1)} = \sigma(z_j^{(1)})",
        ),
    ],
)
def test_the_nearest_right_equation_is_told_in_the_letters_of_the_text(
    notation: str, wrong: str, cause: str, correction: str
) -> None:
    (found,) = answers(notation, wrong, "2-3-2")
    assert (found.verdict, found.cause) == ("wrong", cause), str(found)
    assert "".join(found.correction.split()) == "".join(correction.split())


@pytest.mark.parametrize(
    ("latex", "reason"),
    [
        (r"a_1^{(1)} = a_2^{(2)}", "layer 2 has one unit, and no unit 2"),
        (r"a_1^{(1)} = a_4^{(1)}", "layer 1 has 3 units, and no unit 4"),
        (r"a_1^{(1)} = x_3", "layer 0 has 2 units, and no unit 3"),
        (r"a_1^{(1)} = a_1^{(3)}", "there is no layer 3"),
    ],
)
def test_a_unit_that_is_not_there_is_named(latex: str, reason: str) -> None:
    (finding,) = reader("downie", "2-3-1").check(latex)
    assert finding.message.endswith(f": {reason}")


@pytest.mark.parametrize("space", ["", r"\quad ", r"\; ", r"\qquad ", r"~"])
def test_spaces_inside_of_matrices_cases_and_fences_mean_nothing(space: str) -> None:
    for latex in (
        rf"\mathbf{{x}} = \begin{{pmatrix}} x_1 {space} \\ {space} x_2 \end{{pmatrix}}",
        rf"\mathbf{{x}}^T = \begin{{pmatrix}} x_1 {space} & {space} x_2 \end{{pmatrix}}",
        rf"|x_1| = \begin{{cases}} x_1 {space} & {space} x_1 > 0 \\ -x_1 & \text{{else}} \end{{cases}}",
        rf"x_1 + x_2 = ( x_1 {space} + {space} x_2 )",
    ):
        assert [finding.message for finding in reader("downie", "2-3-1").check(latex)] == [], latex
