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
    done = symnet_command("verify", "2-2-1", "--notation", "downie", "homework.tex", "--json")
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
        (("2-x-1", "x=y"), "number of units"),
    ],
)
def test_bad_usage_is_one_line(arguments: tuple[str, ...], words: str, symnet_command: Command) -> None:
    done = symnet_command("verify", *arguments)
    assert (done.status, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert words in done.err
