"""`symnet verify` as its user meets it: right, wrong with the cause, not understood; files; exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Command

WRONG = r"\frac{\partial C}{\partial w_{00}^{(1)}} = \delta_0^{(1)} a_0^{(1)}"
RIGHT = r"\frac{\partial C}{\partial w_{00}^{(1)}} = \delta_0^{(1)} a_0^{(0)}"
HERE = ("verify", "2-2-1", "--notation", "hjorth-jensen")


def test_a_right_equation(symnet_command: Command) -> None:
    done = symnet_command(*HERE, RIGHT)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("right: ")


def test_a_wrong_one_is_explained_and_corrected(symnet_command: Command) -> None:
    done = symnet_command(*HERE, WRONG)
    assert done.status == 1
    assert done.out == (
        "wrong: a_0^{(1)} should be a_0^{(0)} (the input of layer 1, not its output). Correct: "
        r"\frac{\partial C}{\partial w_{00}^{(1)}} = \delta_0^{(1)} a_0^{(0)}" + "\n"
    )


def test_what_is_not_understood(symnet_command: Command) -> None:
    done = symnet_command(*HERE, r"q_0 = \delta_0^{(1)}")
    assert done.status == 2
    assert done.out == (
        "not understood: character 1: found the letter q; expected a symbol of this notation, C (loss), w (weight), "
        "b (bias), z (pre-activation), a (activation), x (input), y (target), delta (error)\n"
    )


TEX = r"""
\documentclass{article}
\begin{document}
% $$ a = b $$
\begin{align}
  z_1^{(1)} &= w_{11}^{(1)} x_1 + w_{12}^{(1)} x_2 + b_1^{(1)}, \label{eq:z} \\
  \epsilon &= a_1^{(2)} - y \\
  \frac{\partial R}{\partial w_{11}^{(2)}} &= 2\epsilon a_1^{(2)} \\
   R &= \foo{x}
\end{align}
\[ \delta_j^{(1)} = 2 \epsilon\, w_{1j}^{(2)} \sigma'(z_j^{(1)}) \]
$$ \frac{\partial R}{\partial w_{jk}^{(1)}} = \delta_j^{(1)} x_k \quad (3) $$
\end{document}
"""


def test_every_equation_of_a_file_with_its_line(symnet_command: Command) -> None:
    Path("homework.tex").write_text(TEX, encoding="utf-8")
    done = symnet_command(
        "verify", "2-2-1", "--loss", "squared_error", "--notation", "downie", "homework.tex", "--json"
    )
    found = json.loads(done.out)
    assert done.status == 2
    assert [(answer["line"], answer["verdict"]) for answer in found["answers"]] == [
        (6, "right"),
        (7, "definition"),
        (8, "wrong"),
        (9, "not understood"),
        (11, "definition"),
        (12, "right"),
    ]
    assert found["answers"][2]["cause"] == "activation instead of input"
    assert found["answers"][3]["column"] == TEX.splitlines()[8].index(r"\foo") + 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("2-2-1", "none.tex"), "cannot read 'none.tex'"),
        (("2-2-1", "x=y", "--notation", "einstein"), "unknown notation"),
        (("2-x-1", "x=y"), "unknown kind"),
    ],
)
def test_bad_usage_is_one_line(arguments: tuple[str, ...], words: str, symnet_command: Command) -> None:
    done = symnet_command("verify", *arguments)
    assert (done.status, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert words in done.err


# ---- the loss that a notation usually has ----

TWICE = r"\frac{\partial R}{\partial b_1^{(2)}} = 2 (a_1^{(2)} - y_1)"
DOWNIE = ("verify", "2-2-1", "--notation", "downie")


def test_right_with_the_usual_loss_is_wrong_for_the_network_and_says_with_which_option_it_is_right(
    symnet_command: Command,
) -> None:
    done = symnet_command(*DOWNIE, TWICE)
    assert (done.status, done.err) == (1, "")
    assert done.out == (
        "wrong: right with `--loss squared_error`, which is usual in this notation, but the network has "
        "half_squared_error: the factor 2 is one too many. "
        r"Correct: \frac{\partial R}{\partial b_1^{(2)}} = a_1^{(2)} - y_1" + "\n"
    )
    (answer,) = json.loads(symnet_command(*DOWNIE, TWICE, "--json").out)["answers"]
    assert (answer["verdict"], answer["right_with"]) == ("wrong", "--loss squared_error")
    assert symnet_command(*DOWNIE, *answer["right_with"].split(), TWICE).status == 0
    assert symnet_command(*DOWNIE, answer["correction"]).status == 0


def test_what_no_usual_loss_makes_right_is_only_wrong(symnet_command: Command) -> None:
    for equation in (TWICE.replace("2 (", "3 ("), TWICE.replace("2 (", "-("), "a_1^{(2)} = y_1"):
        (answer,) = json.loads(symnet_command(*DOWNIE, equation, "--json").out)["answers"]
        assert (answer["verdict"], answer["right_with"]) == ("wrong", "")


def test_a_network_that_names_a_loss_means_it(symnet_command: Command) -> None:
    done = symnet_command(*DOWNIE, "--loss", "huber", TWICE)
    assert done.status == 1
    assert "right with" not in done.out


def test_the_usual_reduction_and_both_of_them(symnet_command: Command) -> None:
    Path("sums.toml").write_text('base_profile = "d2l"\nmean = false\n', encoding="utf-8")
    Path("both.toml").write_text('base_profile = "d2l"\nmean = false\nhalf = false\n', encoding="utf-8")
    error = r"\frac{\partial J}{\partial z_{ij}^{(2)}} = "
    for notation, right_side, options in (
        ("sums.toml", r"\hat{y}_{ij} - y_{ij}", "--reduction sum"),
        ("both.toml", r"\hat{y}_{ij} - y_{ij}", "--reduction sum"),
        ("both.toml", r"\frac{2}{n} (\hat{y}_{ij} - y_{ij})", "--loss squared_error"),
        ("both.toml", r"2 (\hat{y}_{ij} - y_{ij})", "--loss squared_error --reduction sum"),
    ):
        arguments = ("verify", "2-3-2", "--notation", notation, error + right_side)
        assert json.loads(symnet_command(*arguments, "--json").out)["answers"][0]["right_with"] == options
        assert symnet_command(*arguments).status == 1
        assert symnet_command(*arguments, *options.split()).status == 0


def test_the_symbols_that_a_text_defines_hold_with_the_usual_loss_too(symnet_command: Command) -> None:
    Path("homework.tex").write_text(TEX, encoding="utf-8")
    found = json.loads(symnet_command(*DOWNIE, "homework.tex", "--json").out)["answers"]
    last = found[-1]
    assert (last["line"], last["verdict"], last["right_with"]) == (12, "wrong", "--loss squared_error")
