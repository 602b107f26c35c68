"""The reader: equations of the notes and of textbooks hold as they are printed, and each planted error is found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import cycle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import UNHURRIED, examples
from work import counted

from symnet.check.latex import tree
from symnet.check.latex.failure import NotUnderstood
from symnet.check.latex.resolve import parse_latex
from symnet.check.truth.reader import Reader
from symnet.network.string import parse
from symnet.notation.profile import load_notation
from symnet.support.errors import ReadingError


@cache
def reader(notation: str, network: str = "2-3-2", rows: int = 3) -> Reader:
    return Reader(parse(network), load_notation(notation), rows=rows)


DOWNIE = (
    r"z_1^{(1)} = w_{11}^{(1)} x_1 + w_{12}^{(1)} x_2 + b_1^{(1)}",
    r"a_1^{(1)} = \sigma(z_1^{(1)}) = \sigma(w_{11}^{(1)}x_1 + w_{12}^{(1)}x_2 + b_1^{(1)})",
    r"R = (y - a_1^{(2)})^2",
    r"\frac{\partial R}{\partial a_1^{(2)}} = -2\left(y - a_1^{(2)}\right)",
    r"\frac{\partial a_1^{(2)}}{\partial a_2^{(1)}} = w_{12}^{(2)} \tag{3}",
    r"\frac{\partial a_1^{(1)}}{\partial z_1^{(1)}} = e^{-z_1^{(1)}}\left(1+e^{-z_1^{(1)}}\right)^{-2}",
    r"""\begin{split} \frac{\partial R}{\partial w_{11}^{(1)}} &= \frac{\partial R}{\partial z_1^{(1)}}
        \frac{\partial z_1^{(1)}}{\partial w_{11}^{(1)}} \qquad \qquad \text{chain rule} \\
        &= \frac{\partial R}{\partial a_1^{(2)}} \frac{\partial a_1^{(2)}}{\partial a_1^{(1)}}
        \frac{\partial a_1^{(1)}}{\partial z_1^{(1)}} \frac{\partial z_1^{(1)}}{\partial w_{11}^{(1)}} \end{split}""",
    r"""\frac{\partial R}{\partial w_{11}^{(1)}} = -2\left(y - a_1^{(2)}\right) w_{11}^{(2)} e^{-z_1^{(1)}}
        \left(1 + e^{-z_1^{(1)}}\right)^{-2} x_1.""",
)
NIELSEN = (
    r"\delta^l_j \equiv \frac{\partial C}{\partial z^l_j}",
    r"\delta^L_j = \frac{\partial C}{\partial a^L_j} \sigma'(z^L_j)",
    r"\delta^L = \nabla_{a^L} C \odot \sigma'(z^L)",
    r"\delta^l = \left((w^{l+1})^T \delta^{l+1}\right) \odot \sigma'(z^l)",
    r"\frac{\partial C}{\partial b^l_j} = \delta^l_j",
    r"\frac{\partial C}{\partial w^l_{jk}} = a^{l-1}_k \delta^l_j",
    r"z^l_j = \sum_k w^l_{jk} a^{l-1}_k + b^l_j",
    r"C = \frac{1}{2} \sum_j (y_j - a^L_j)^2 = \frac12 \| y - a^L \|^2",
)
NG = (
    r"Z^{[l]} = W^{[l]} A^{[l-1]} + b^{[l]}",
    r"A^{[1]} = g^{[1]}(Z^{[1]})",
    r"dZ^{[2]} = A^{[2]} - Y",
    r"dW^{[l]} = \frac{1}{m} dZ^{[l]} A^{[l-1]T}",
    r"db^{[l]} = \frac{1}{m} dZ^{[l]} \mathbf{1}",
    r"dZ^{[l]} = W^{[l+1]T} dZ^{[l+1]} \ast g^{[l]\prime}(Z^{[l]}) \qquad l = L-1, \dots, 1",
    r"dA^{[l-1]} = W^{[l]T} dZ^{[l]}",
    r"dw_{jk}^{[l]} = \frac{1}{m} \sum_{i=1}^{m} dz_{ji}^{[l]} a_{ki}^{[l-1]} = \frac{dJ}{dw_{jk}^{[l]}}",
    r"W^{[l]} \leftarrow W^{[l]} - \alpha \, dW^{[l]}",
)
D2L = (
    r"\mathbf{Z}^{(1)} = \mathbf{X} \mathbf{W}^{(1)\top} + \mathbf{b}^{(1)}",
    r"\underset{n \times 3}{\mathbf{H}^{(1)}} = \sigma(\underset{n \times d_1}{\mathbf{Z}^{(1)}})",
    r"\frac{\partial J}{\partial \mathbf{Z}^{(2)}} = \frac{1}{n} (\hat{\mathbf{Y}} - \mathbf{Y})",
    r"""\frac{\partial J}{\partial \mathbf{W}^{(l)}}
        = \frac{\partial J}{\partial \mathbf{Z}^{(l)}}^\top \mathbf{H}^{(l-1)}""",
    r"\frac{\partial J}{\partial \mathbf{b}^{(l)}} = \mathbf{1}^\top \frac{\partial J}{\partial \mathbf{Z}^{(l)}}",
)
BISHOP = (
    r"a_j^{(1)} = \sum_{i=1}^{M_0} w_{ji}^{(1)} x_i + w_{j0}^{(1)} \qquad j = 1, \dots, M_1",
    r"E = \frac{1}{2} \sum_{k} \{y_k - t_k\}^2",
    r"\delta_k^{(2)} = y_k - t_k",
    r"\delta_j^{(l)} = h'(a_j^{(l)}) \sum_k w_{kj}^{(l+1)} \delta_k^{(l+1)} \qquad l = 1",
    r"""\frac{\partial E}{\partial w_{ji}^{(l)}} = \delta_j^{(l)} z_i^{(l-1)}, \qquad
        \frac{\partial E}{\partial w_{j0}^{(l)}} = \delta_j^{(l)}""",
    r"h'(u) = h(u) \left(1 - h(u)\right)",
)
BESSA = (
    r"u_{k,l} = \sum_{j} W_{kj,l-1} \, n_{j,l-1} + b_{k,l-1}",
    r"\frac{\partial\mathcal{L}}{\partial W_{kj,l-1}} = \frac{\partial\mathcal{L}}{\partial u_{k,l}} n_{j,l-1}",
    r"\mathbf{u}_{l} = \mathbf{W}_{l-1} \mathbf{n}_{l-1} + \mathbf{b}_{l-1}",
)
HJORTH_JENSEN = (
    r"\frac{\partial C}{\partial w_{00}^{(1)}} = \delta_0^{(1)} a_0^{(0)}",
    r"\delta_j^{(1)} = \sum_k \delta_k^{(2)} w_{kj}^{(2)} \sigma'(z_j^{(1)})",
)
CORRECT = [
    *(("downie", "2-2-1;loss=squared_error", latex) for latex in DOWNIE),
    *(("nielsen", "2-3-2:sigmoid,sigmoid", latex) for latex in NIELSEN),
    *((name, "2-3-2", latex) for name, group in (("ng", NG), ("d2l", D2L), ("bishop", BISHOP)) for latex in group),
    *(("bessa", "2-3-2", latex) for latex in BESSA),
    *(("hjorth-jensen", "2-2-1", latex) for latex in HJORTH_JENSEN),
]


@pytest.mark.parametrize(("notation", "network", "latex"), CORRECT)
def test_equations_of_the_notes_hold(notation: str, network: str, latex: str) -> None:
    assert [finding.message for finding in reader(notation, network).check(latex)] == []


PLANTED = {
    "wrong index": ("downie", DOWNIE[0], "x_2", "x_1"),
    "sign": ("downie", DOWNIE[7], "-2", "2"),
    "dropped factor": ("downie", DOWNIE[7], r"w_{11}^{(2)} e", "e"),
    "factor 2": ("downie", DOWNIE[3], "-2", "-"),
    "exponent": ("downie", DOWNIE[5], "^{-2}", "^{-1}"),
    "the output of the layer for its input": ("nielsen", NIELSEN[5], "a^{l-1}_k", "a^{l}_k"),
    "indices of a weight the other way": ("nielsen", NIELSEN[6], "w^l_{jk}", "w^l_{kj}"),
    "missing transpose": ("nielsen", NIELSEN[3], "(w^{l+1})^T", "w^{l+1}"),
    "layer off by one": ("nielsen", NIELSEN[3], r"\delta^{l+1}", r"\delta^{l}"),
    "slope at the activation": ("nielsen", NIELSEN[3], "(z^l)", "(a^l)"),
    "matrix for Hadamard product": ("nielsen", NIELSEN[3], r"\odot", ""),
    "the wrong example factor": ("ng", NG[3], r"\frac{1}{m}", ""),
    "extra transpose": ("ng", NG[6], "dZ^{[l]}", "dZ^{[l]T}"),
    "value for slope": ("ng", NG[5], r"[l]\prime", "[l]"),
    "sum over the wrong index": ("bishop", BISHOP[3], r"\sum_k", r"\sum_j"),
    "range of a sum": ("bishop", BISHOP[0], "i=1", "i=2"),
    "a sum too long": ("bishop", BISHOP[0], "M_0", "M_1"),
    "a layer that is not there": ("bishop", BISHOP[3], "l = 1", "l = 2"),
    "numbered by the layer it leads to": ("bessa", BESSA[0], "b_{k,l-1}", "b_{k,l}"),
    "shape under a factor": ("d2l", D2L[1], r"n \times 3", r"3 \times n"),
    "rows summed for columns": (
        "d2l",
        D2L[4],
        r"\mathbf{1}^\top \frac{\partial J}{\partial \mathbf{Z}^{(l)}}",
        r"\frac{\partial J}{\partial \mathbf{Z}^{(l)}} \mathbf{1}",
    ),
    "error of the notes": ("hjorth-jensen", HJORTH_JENSEN[0], "a_0^{(0)}", "a_0^{(1)}"),
    "update uphill": ("ng", NG[8], r"- \alpha", r"+ \alpha"),
}


@pytest.mark.parametrize("what", PLANTED)
def test_planted_error_is_found(what: str) -> None:
    notation, latex, right, wrong = PLANTED[what]
    network = next(net for name, net, text in CORRECT if (name, text) == (notation, latex))
    planted = latex.replace(right, wrong, 1)
    assert planted != latex
    assert reader(notation, network).check(planted)


def test_a_finding_says_where_and_what() -> None:
    (finding,) = reader("nielsen", "2-3-2:sigmoid,sigmoid").check(r"\delta^L_j = a^L_j + y_j")
    assert finding.text == r"\delta^L_j = a^L_j + y_j"
    assert finding.where == "j = 1"
    assert float(finding.left) != float(finding.right)
    assert "\n" not in finding.message
    (conflict,) = reader("bishop").check(r"a_j^{(1)} = \sum_i w_{ij}^{(1)} x_i + w_{j0}^{(1)}")
    assert "index j runs over layer 1 (3) and layer 0 (2)" in conflict.message


def test_every_link_of_a_chain_is_checked() -> None:
    latex = (
        r"\begin{aligned} \delta_k^{(2)} &= y_k - t_k \\ &= y_k + t_k \\ &\quad - 2 t_k \\ &= t_k - y_k \end{aligned}"
    )
    (finding,) = reader("bishop").check(latex)
    assert finding.text.endswith("= t_k - y_k")


@pytest.mark.parametrize(
    ("network", "latex"),
    [
        ("2-3-2;loss=cross_entropy", r"a_{nk}^{(2)} = \mathrm{softmax}_{k}\left(z_{nk}^{(2)}\right)"),
        ("2-3-2;loss=cross_entropy", r"A^{(2)} = \mathrm{softmax}(Z^{(2)})"),
        (
            "2-3-2;loss=cross_entropy",
            r"\frac{\partial a_{nk}^{(2)}}{\partial z_{nm}^{(2)}} = a_{nk}^{(2)} \left([k = m] - a_{nm}^{(2)}\right)",
        ),
        ("2-3-2;loss=cross_entropy", r"C = -\frac{1}{N} \sum_{n,k} y_{nk} \log a_{nk}^{(2)}"),
        ("2-3-2:relu,identity", r"\sigma'(u) = [u > 0]"),
        ("2-3-2:relu,identity", r"\sigma(u) = \begin{cases} u & \text{if } u > 0 \\ 0 & \text{otherwise} \end{cases}"),
        (
            "2-3-2:tanh,identity",
            r"\sigma'(u) = 1 - \tanh^2 u = 1 - \sigma(u)^2, \qquad \sigma''(u) = -2 \sigma(u) \sigma'(u)",
        ),
        (
            "2-3-2:tanh,identity",
            r"\frac{\partial a_{nj}^{(1)}}{\partial z_{nj}^{(1)}} = \sigma^{\prime (1)}(z_{nj}^{(1)})",
        ),
        ("2-3-2;loss=absolute_error", r"C = \frac{1}{N} \sum_{n,k} \left|a_{nk}^{(2)} - y_{nk}\right|"),
        ("2-3-2;l2=0.05", r"C = C_0 + \Omega, \qquad \Omega = \frac{0.05}{2} \sum_l \sum_{i,j} (W_{ij}^{(l)})^2"),
        ("2-3-2;l2=0.05", r"\frac{\partial C}{\partial W^{(l)}} = A^{(l-1)\top} \delta^{(l)} + 0.05 \, W^{(l)}"),
        ("2-3-2;l1=0.3", r"\Omega = 0.3 \, \lVert W^{(1)} \rVert_1 + 0.3 \, \lVert W^{(2)} \rVert_1"),
        (
            "2-3-3[residual]-1",
            r"\frac{\partial C}{\partial a_{nj}^{(1)}} = \frac{\partial C}{\partial a_{nj}^{(2)}}"
            r" + \sum_k W_{jk}^{(2)} \delta_{nk}^{(2)}",
        ),
        ("2-3[radial_basis]-1", r"r_{nj}^{(1)} = \sum_i (x_{ni} - c_{ji}^{(1)})^2"),
        ("2-3[radial_basis]-1", r"a_{nj}^{(1)} = \exp\left(-\frac{r_{nj}^{(1)}}{2 (s_j^{(1)})^2}\right)"),
        (
            "2-3-1;loss=gaussian_nll",
            r"\frac{\partial C}{\partial \beta} = \frac{1}{2N} \sum_n \left( (a_{n1}^{(2)} - y_{n1})^2"
            r" - \frac{1}{\beta} \right)",
        ),
    ],
)
def test_other_layers_losses_and_functions(network: str, latex: str) -> None:
    assert [finding.message for finding in reader("symnet", network).check(latex)] == []


VALUES = {
    "x": [1, 0.5],
    "y": [1],
    "W1": [[0.6, 0.1], [0.2, -0.4]],
    "b1": [0.4, 0],
    "W2": [[1], [2]],
    "b2": [0],
    "rate": 0.5,
}


def worked() -> Reader:
    return Reader(parse("2-2-1:identity,identity;loss=squared_error"), load_notation("downie"), values=VALUES)


@pytest.mark.parametrize(
    ("latex", "holds"),
    [
        (r"z_1^{(1)} = 0.6 \times 1 + 0.2 \times 0.5 + 0.4 = 1.1", True),
        (r"z_1^{(1)} = 0.6 \times 1 + 0.2 \times 0.5 + 0.4 = 1.2", False),
        (r"0.6 \times 0.475 + 0.2 \times 0.622 + 0.4 = 0.809", True),
        (r"0.333 \approx \frac{1}{3} \approx 0.3333", True),
        (r"\frac{1}{3} \approx 0.334", False),
        (r"\frac{\partial R}{\partial b_1^{(2)}} = 2 \times (0.9 - 1) = -0.2", True),
        (r"b_1^{(2)} \leftarrow 0 - 0.5 \times (-0.2) = 0.1", True),
        (r"b_1^{(2)} \leftarrow 0 - 0.5 \times (-0.2) = -0.1", False),
        (r"\mathbf{W}^{(1)} = \begin{pmatrix} 0.6 & 0.2 \\ 0.1 & -0.4 \end{pmatrix}", True),
        (r"\mathbf{W}^{(1)} = \begin{pmatrix} 0.6 & 0.1 \\ 0.2 & -0.4 \end{pmatrix}", False),
        (r"\underset{1.1}{z_1^{(1)}} = z_1^{(1)}", True),
        (r"\underset{1.3}{z_1^{(1)}} = z_1^{(1)}", False),
    ],
)
def test_numbers_worked_through(latex: str, holds: bool) -> None:
    assert (worked().check(latex) == []) is holds


@pytest.mark.parametrize(
    ("latex", "position", "expected"),
    [
        (r"z_1^{(1)} = ", 12, "a symbol, a number or a fence"),
        (r"z_1^{(1)} = (x_1", 13, "a partner that closes '('"),
        (r"z_1^{(1)} = \write18{ls}", 13, "mathematics"),
        (r"z_1 = x_1", 2, "the layer"),
        (r"q_1^{(1)} = x_1", 1, "a symbol of this notation"),
        (r"w_{1}^{(1)} = x_1", 4, "2 indices"),
        (r"z_1^{(p)} = x_1", 7, "a layer"),
        (r"x_1", 1, "an equation"),
        (r"z_1^{(1)} = \mathrm{foo}(x_1)", 13, "a known function"),
        (r"z_1^{(1)} = \frac{\partial R}{x_1}", 19, "a whole derivative"),
        (r"R = \sum_k", 11, "what is summed"),
        (r"\sigma = x_1", 7, "the argument"),
        (r"R = \frac{\partial }{R \partial x_1} x_1", 22, r"\partial and a symbol"),
        (r"x_1 = \frac{2 R}{\partial x_1}", 18, "a whole derivative"),
        (r"x_1 = \frac{\partial -R}{\partial x_1}", 21, "the symbol that is differentiated"),
        (r"x_1 = \frac{\partial R}{x_2 x_1}", 13, "a whole derivative"),
    ],
)
def test_unreadable_says_where_and_what_was_expected(latex: str, position: int, expected: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        reader("downie", "2-2-1").check(latex)
    assert (caught.value.position, expected in caught.value.expected) == (position, True), str(caught.value)
    assert str(caught.value).startswith(f"character {position}: ")
    assert str(caught.value).isascii()


@pytest.mark.parametrize(("notation", "network", "latex"), CORRECT)
def test_braces_and_spaces_change_nothing(notation: str, network: str, latex: str) -> None:
    """Scripts, and the layers in them, in braces of their own."""
    braced = re.sub(r"([_^])(\w)", r"\1{{\2}}", latex)
    braced = re.sub(r"\^\{([(\[])(\w)([)\]])\}", r"^{\1{\2}\3}", braced)
    spaced = re.sub(r"(?<!\\)([=+}])(?!\w*\})", r"\1 \\, ", braced)
    of = reader(notation, network)
    assert [finding.message for finding in of.check(braced) + of.check(spaced)] == []


@pytest.mark.parametrize(
    ("side", "message"),
    [
        (r"\mathbf{x} + \mathbf{a}^{(1)}", "a 2 x 1 matrix and a 3 x 1 matrix cannot be added"),
        (r"\mathbf{x} \odot \mathbf{a}^{(1)}", "a 2 x 1 matrix and a 3 x 1 matrix cannot be multiplied entry by entry"),
        (r"\mathbf{x} \oslash \mathbf{a}^{(1)}", "a 2 x 1 matrix and a 3 x 1 matrix cannot be divided entry by entry"),
        (r"\mathbf{x} \mathbf{a}^{(1)}", "a 2 x 1 matrix times a 3 x 1 matrix has no value"),
        (r"x_1 / (x_1 - x_1)", "a division by 0"),
        (r"(x_1 - x_1)^{-1}", "a division by 0"),
        (r"\log(0 - 1)", "a function outside its domain"),
        (r"\sqrt{-1}", "a function outside its domain"),
        (r"e^{e^{9}}", "a number larger than 1e400"),
        (r"x_1^{2000}", "an exponent beyond 1,000"),
        (r"\operatorname{softmax}(x_1)", "softmax of a single number"),
        (r"x_3", "layer 0 has 2 units, and no unit 3"),
        (r"a_4^{(1)}", "layer 1 has 3 units, and no unit 4"),
        (r"a_1^{(5)}", "there is no layer 5"),
        (r"h_{5}", "there is no layer 5"),
        (r"\mathbf{x}", "the left side is 3 x 1, the right side 2 x 1"),
    ],
)
def test_a_side_without_a_value_says_why(side: str, message: str) -> None:
    for latex in (rf"\mathbf{{z}}^{{(1)}} = {side}", rf"\mathbf{{z}}^{{(1)}} = 2 \left({side}\right)"):
        (finding,) = reader("downie").check(latex)
        assert finding.message.endswith(message), finding.message


@pytest.mark.parametrize(
    "latex", [r"\sigma^{(l+1)}(2) = \sigma^{(l+1)}(1 + 1)", r"h_{l+1} = h_{l-1} + h_{l+1} - h_{l-1}"]
)
def test_what_is_said_of_every_layer_is_said_of_those_that_there_are(latex: str) -> None:
    assert reader("downie", "2-3-4-2").check(latex) == []


def answer(of: Reader, latex: str) -> str:
    """What is found, or why the formula cannot be read."""
    try:
        return ", ".join(finding.message for finding in of.check(latex))
    except ReadingError as error:
        return str(error)


@pytest.mark.parametrize(
    "latex",
    [
        "{" * 5000 + "}" * 5000,
        "(" * 30 + "x_1" + ")" * 30 + " = x_1",
        r"\sqrt " * 300 + "x_1 = x_1",
        "x_1 = " + "-(" * 100 + "x_1" + ")" * 100,
        "x_1 " * 3000,
        "x_1 = 9^{9^{9^{9}}}",
        r"x_1 = e^{e^{e^{e^{e^{9}}}}}",
        "x_1 = " + "9" * 5000,
        r"R = \sum_{k=1}^{10^{300}} x_k",
        r"R = \sum_{k=1}^{999999999} x_k",
        r"x_1 = \log(0 - 1) + 1/0",
        "a = b " * 20_000,
        "x_1 = " + r"\mathbf{1}" * 50,
        "x_1 = " + "(1 + 2 " * 38 + "x_1" + ")" * 38,
        "x_1 = " + r"\frac{1}{1 + \sqrt{e^{" * 12 + "x_1" + "}}}" * 12,
        "x_1 = " + r"\sum_k " * 2000 + "x_k",
        "x_1 = " + r"\log " * 2000 + "x_1",
        "x_1 = " + r"\partial " * 2000 + "x_1",
        "x_1" + "'" * 5000 + " = x_1",
        "x_{" + "1," * 3000 + "1} = x_1",
    ],
    ids=range(20),
)
def test_hostile_input_is_answered_at_once(latex: str) -> None:
    downie = reader("downie", "2-2-1")
    answer(downie, "x_1 = x_1")
    with counted() as work:
        assert "\n" not in answer(downie, latex)
    assert work.took_at_most(3)


@pytest.mark.parametrize("latex", ["0.5 = .5", ".0 = 0.", "1 = .0 + 01", "000~0 = 00 - .00'00"])
def test_decimals_need_no_digit_on_one_side_of_the_point(latex: str) -> None:
    assert not reader("downie", "2-2-1").check(latex)


@settings(max_examples=examples(40), **UNHURRIED)
@given(
    st.sampled_from(CORRECT),
    st.integers(0, 400),
    st.sampled_from((*r"{}()[]_^&\ |'+-=/.,12lLkjzwC", r"\sum", r"\frac", "")),
)
def test_damaged_input_is_read_or_refused(case: tuple[str, str, str], place: int, piece: str) -> None:
    notation, network, latex = case
    place %= len(latex)
    damaged = latex[:place] + piece + latex[place + 1 :]
    assert "\n" not in answer(reader(notation, network), damaged)


PIECES = ("", "^2", "_", "{", "}", "'", "=", r"\sum ", r"\partial ", "q", "(", r"\frac", ",", r"\log", "_l", "|", "2")


def damaged() -> Iterator[tuple[Reader, str]]:
    """Every correct equation with one of its tokens replaced, each in turn by another piece."""
    pieces = cycle(PIECES)
    for notation, network, latex in CORRECT:
        for token in re.finditer(r"\\[A-Za-z]+|\S", latex):
            yield reader(notation, network), latex[: token.start()] + next(pieces) + latex[token.end() :]


def refusal(of: Reader, latex: str) -> ReadingError | None:
    try:
        of.check(latex)
    except ReadingError as error:
        return error
    return None


def test_a_refusal_points_to_what_it_names_and_says_what_is_expected() -> None:
    expected = set()
    for of, latex in damaged():
        error = refusal(of, latex)
        if not isinstance(error, NotUnderstood):
            assert error is None or str(error).isprintable(), latex
            continue
        place = error.position - 1
        assert 0 <= place <= len(latex), (latex, str(error))
        quoted = re.search(r"'(.+)'|the letter (\w)$", error.found)
        if quoted:
            found = (quoted[1] or quoted[2]).replace("\\\\", "\\")
            assert found in latex[place : place + len(r"\text{") + len(found)], (latex, str(error))
        words = re.sub(r"'.*?'|\\\w+|\(.*?\)", "it", f"{error.found}; {error.expected}")
        assert not re.search(r"[A-Z]{2}|None|  |; $", words), (latex, str(error))
        expected.add(words.partition("; ")[2])
    assert len(expected) > 20


DENSE = (
    r"z_j^{(l)} = \sum_{k=1}^{h_{l-1}} w_{jk}^{(l)} a_k^{(l-1)} + b_j^{(l)}",
    r"a_j^{(l)} = \sigma(z_j^{(l)}) \qquad l = 1, \dots, L-1",
    r"\frac{\partial R}{\partial z_j^{(l)}} = \sigma'(z_j^{(l)})"
    r" \sum_m w_{mj}^{(l+1)} \frac{\partial R}{\partial z_m^{(l+1)}} \qquad l = L-1, \dots, 1",
    r"\frac{\partial R}{\partial w_{jk}^{(l)}} = \frac{\partial R}{\partial z_j^{(l)}} a_k^{(l-1)}",
    r"\frac{\partial R}{\partial \mathbf{b}^{(l)}} = \frac{\partial R}{\partial \mathbf{z}^{(l)}}",
)
"""What holds of every dense network."""


@settings(max_examples=examples(8), **UNHURRIED)
@given(
    st.lists(st.integers(1, 4), min_size=3, max_size=4),
    st.sampled_from(("sigmoid", "tanh", "softplus", "relu", "softsign", "gelu")),
    st.sampled_from(("squared_error", "half_squared_error", "gaussian_nll(beta=2.5)")),
    st.integers(0, 99),
)
def test_correct_equations_of_drawn_networks_hold(sizes: list[int], activation: str, loss: str, seed: int) -> None:
    network = parse(f"{'-'.join(map(str, sizes))};loss={loss}", hidden=activation)
    drawn = Reader(network, load_notation("downie"), seed=seed)
    for latex in DENSE:
        assert [finding.message for finding in drawn.check(latex)] == []


def test_the_tree_is_in_the_terms_of_the_program() -> None:
    (chain,) = parse_latex(r"w_{12}^{(L)} = b_3^{(l+1)} \qquad l = 1, \dots, L-1", load_notation("downie"))
    left, right = chain.sides
    assert isinstance(left, tree.Reference)
    assert isinstance(right, tree.Reference)
    assert (left.stem, left.layer, left.indices) == ("W", tree.Layer("L"), (tree.Index("", 1), tree.Index("", 0)))
    assert (right.stem, right.layer, right.indices) == ("b", tree.Layer("l", 1), (tree.Index("", 2),))
    assert chain.conditions[0].values == (tree.Layer("", 1), tree.Layer("L", -1))


def test_wide_networks_are_checked_in_time() -> None:
    wide = Reader(parse("10-10-10"), load_notation("symnet"))
    latex = r"\frac{\partial C}{\partial W_{ij}^{(l)}} = \sum_n a_{ni}^{(l-1)} \delta_{nj}^{(l)}"
    with counted() as work:
        assert wide.check(latex) == []
        assert wide.check(latex.replace(r"\delta_{nj}", r"\delta_{ni}"))
    assert work.took_at_most(5)


def test_values_that_do_not_fit_are_refused() -> None:
    notation, network = load_notation("downie"), parse("2-2-1:identity,identity")
    for values, word in (
        ({**VALUES, "W9": 1}, "unknown array"),
        ({"x": [1, 2]}, "no value"),
        ({**VALUES, "b1": [1]}, "shape"),
    ):
        with pytest.raises(ReadingError, match=word):
            Reader(network, notation, values=values)


def test_relu_has_the_slope_0_at_the_output_of_a_unit_that_is_switched_off() -> None:
    """relu'(relu(z)) = relu'(z) for all z, with relu'(0) = 0."""
    latex = r"\sigma'(a^2_j) = \sigma'(z^2_j)"
    network = "2-2-1:relu,identity"
    assert reader("nielsen", network).check(latex) == []
    assert reader("nielsen", network).check(r"\sigma'(a^2_j) = 1")
