"""Equations taken from files, and the symbols that a text defines for itself."""

from __future__ import annotations

import json

import pytest

from symnet.check.verdicts.answer import Answer
from symnet.check.verdicts.documents import Display, displays_of, equations_of, kind_of
from symnet.check.verdicts.texts import verify_text
from symnet.check.verdicts.wrappers import unwrapped
from symnet.network.string import parse
from symnet.notation.profile import load_notation
from symnet.support.errors import FileError

NETWORK = parse("2-2-2:sigmoid,sigmoid;reduction=sum")
HOMEWORK = r"""
# Homework

Inline $x_1 = x_2$ is left out, and `$$ a $$` and \$$ too.

```python
s = "$$ x_1 = x_2 $$"
```

$$
\delta_0^{(2)} = \frac{\partial C}{\partial a_0^{(2)}}
$$

$$ s_j^{(l)} = \sigma'(z_j^{(l)}) $$

$$ \delta_j^{(1)} = s_j^{(1)} \sum_k w_{kj}^{(2)} \delta_k^{(2)} $$
$$ s_0^{(1)} = a_0^{(1)} (1 - a_0^{(1)}) $$
$$ s_1^{(1)} = a_1^{(1)} $$
$$ \delta_0^{(1)} = -\frac{\partial C}{\partial z_0^{(1)}} $$
$$ q = z_j^{(1)} $$
```math
C = \frac12 \sum_{k} (a_k^{(2)} - y_k)^2
```
<!-- $$ x_1 = x_2 $$ -->
$$ x_0 = a_0^{(0)}
"""


def found(text: str, path: str = "homework.md", notation: str = "hjorth-jensen") -> list[Answer]:
    return list(verify_text(NETWORK, text, load_notation(notation), path=path).answers)


def test_definitions_are_used_and_never_change_the_notation() -> None:
    answers = {answer.line: answer for answer in found(HOMEWORK)}
    assert {line: answer.verdict for line, answer in answers.items()} == {
        11: "wrong",
        14: "definition",
        16: "right",
        17: "right",
        18: "wrong",
        19: "wrong",
        20: "not understood",
        22: "right",
        25: "not understood",
    }
    assert r"\delta_0^{(2)} is the derivative of the loss by the pre-activation in this notation" in answers[11].message
    assert answers[18].cause == "missing factor"
    assert answers[19].cause == "sign"
    assert "j at the symbol that is defined" in answers[20].expected
    assert answers[25].expected == "$$"


def test_a_recursion_may_be_defined_and_one_without_end_is_refused() -> None:
    text = r"""
$$ e_j^{(2)} = (a_j^{(2)} - y_j) \sigma'(z_j^{(2)}) $$
$$ e_j^{(l)} = \sigma'(z_j^{(l)}) \sum_k w_{kj}^{(l+1)} e_k^{(l+1)} \qquad l = 1 $$
$$ \frac{\partial C}{\partial w_{ji}^{(1)}} = e_j^{(1)} x_i $$
$$ t_1 = t_2 $$
$$ t_2 = t_1 $$
$$ C = t_1 $$
"""
    answers = found(text)
    assert [answer.verdict for answer in answers] == ["definition", "definition", "right", *["definition"] * 2, "wrong"]
    assert "definitions that lead into one another" in answers[-1].message


def test_definitions_alone_are_nothing_right() -> None:
    verification = verify_text(NETWORK, "$$ s = x_1 $$", load_notation("downie"), path="a.md")
    assert not verification
    assert verification.exit_status == 2


def test_cells_of_notebooks_have_numbers() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Title\n", "$$x_0 = a_0^{(0)}$$\n"]},
        {"cell_type": "code", "source": ["'$$x_0 = x_1$$'"]},
        {"cell_type": "markdown", "source": "\\begin{align*}x_1 &= a_1^{(0)} \\\\ y_0 &= x_0\\end{align*}"},
    ]
    answers = found(json.dumps({"cells": cells, "nbformat": 4}), "notes.ipynb")
    assert [(answer.cell, answer.line, answer.verdict) for answer in answers] == [
        (1, 2, "right"),
        (3, 1, "right"),
        (3, 1, "wrong"),
    ]
    assert str(answers[2]).startswith("cell 3, line 1: wrong: ")


TEX = r"""
% $$ comment $$ and \[ another \]
100\% \\[4pt] of $a$
\begin{verbatim}
\[ x_1 = x_2 \]
\end{verbatim}
\[ a = b \]
\begin{equation*} c = d \end{equation*}
$$ e
= f $$
\begin{gather} g = h \\ i = j \end{gather}
\begin{multline*} k = l \\ + m \end{multline*}
"""


def test_displays_of_latex() -> None:
    displays = displays_of(TEX, "a.tex")
    assert [display.line for display in displays] == [7, 8, 9, 11, 12]
    assert [display.latex.strip() for display in displays[::2]] == [
        "a = b",
        "e\n= f",
        r"\begin{multline*} k = l \\ + m \end{multline*}",
    ]
    assert displays[2].at(displays[2].latex.index("f")) == (10, 3)


@pytest.mark.parametrize("options", ["", ":label: eq-1\n", ":label: eq-1\n:nowrap:\n\n", "  :class: wide\n"])
def test_the_options_of_a_directive_are_no_part_of_its_equation(options: str) -> None:
    """The equation keeps its line, and is read."""
    text = f"# Notes\n\n```{{math}}\n{options}x_0 = a_0^{{(0)}}\n```\n"
    (display,) = displays_of(text, "notes.md")
    assert (display.latex.strip(), display.line) == ("x_0 = a_0^{(0)}", 4)
    assert display.at(display.latex.index("x"))[0] == 4 + options.count("\n")
    assert [answer.verdict for answer in found(text)] == ["right"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("x_1 = 1", ""),
        ("$$ x_1 = 1 $$", ""),
        (" \n$$\nx_1 = 1\n$$\n", ""),
        (r"\[ x_1 = 1 \]", ""),
        (r"\begin{equation} x_1 = 1 \end{equation}", ""),
        (r"x_1 = \begin{aligned} 1 \end{aligned}", ""),
        ("see $$ x_1 = 1 $$", ".tex"),
        ("$$ x_1 = 1 $$ or", ".tex"),
        (r"\[ x_1 = 1 \] \[ x_1 = 1 \]", ".tex"),
        ("\\documentclass{a}\n# b\n$$ x_1 = 1 $$", ".tex"),
        ("# Notes\n$$ x_1 = 1 $$", ".md"),
        ("```math\nx_1 = 1\n```", ".md"),
        ("~~~\nx\n~~~\n\n$$ x_1 = 1 $$", ".md"),
        ('\n {"cells": []}', ".ipynb"),
        (r"{x_1} = 1", ""),
    ],
)
def test_a_text_without_a_name_is_of_the_kind_that_its_marks_say(text: str, kind: str) -> None:
    assert kind_of(text) == kind


def test_an_unreadable_line_leaves_the_others_readable() -> None:
    rows = r"a &= b \\ &= c \\ d &= \begin{pmatrix} 1 \\ 2 \end{pmatrix} \\[2pt] e &= f \\ &\quad + g"
    latex = rf"\begin{{align}} {rows} \end{{align}}"
    assert [text for _, text in equations_of(latex)] == [
        r"a &= b \\ &= c",
        r"d &= \begin{pmatrix} 1 \\ 2 \end{pmatrix}",
        r"e &= f \\ &\quad + g",
    ]
    for offset, text in equations_of(latex):
        assert latex[offset : offset + len(text)] == text


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        ("", "a.pdf", "its name has to end in"),
        ("{", "a.ipynb", "no notebook"),
        ('{"cells": 3}', "a.ipynb", "no notebook"),
        ("[" * 100_000, "a.ipynb", "no notebook"),
        ("$$a$$" * 3000, "a.md", "more than 2,000 displayed equations"),
        (r"\begin{align}" + r"a \\ " * 2001 + r"\end{align}", "a.tex", "more than 2,000 displayed equations"),
        (r"$$ a \\ b $$" * 1001, "a.md", "more than 2,000 displayed equations"),
    ],
)
def test_files_that_are_refused(text: str, path: str, words: str) -> None:
    with pytest.raises(FileError, match=words):
        displays_of(text, path)


def test_equations_are_counted_and_not_displays() -> None:
    rows = r"x_1 &= x_1 \\ " * 2000
    assert len(displays_of(rf"\begin{{align}}{rows}\end{{align}}", "a.tex")) == 1
    with pytest.raises(FileError, match="more than 2,000"):
        verify_text(NETWORK, rf"{rows} x_1 = x_1", load_notation("downie"))


PIECES = ("$$", r"\[", r"\begin{align}", "```\n", "<!--", "`", r"\begin{verbatim}", r"\\", "{", "% ")


@pytest.mark.parametrize("piece", PIECES)
def test_hostile_files_are_read_in_time(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    for path in ("a.md", "a.tex"):
        try:
            assert all(isinstance(display, Display) for display in displays_of(text, path))
        except FileError as error:
            assert "displayed equations" in str(error)  # noqa: PT017


WRAPPERS = (
    r"\boxed{%s}",
    r"\uncover<2->{%s}",
    r"\only <3> {%s}",
    r"\alert{ \visible<1>{%s} }",
    r"\resizebox{0.9\linewidth}{!}{%s}",
    r"\resizebox{0.9\linewidth}{!}{ $ %s $ }",
    r"\scalebox{0.8}{$%s$}",
    r"%s \tag{3}",
    r"%s \tag*{\uncover<2->{(2)}}",
    r"\label{eq:{one}} %s",
    r"\onslide<1-2>{%s} \label{two}",
)


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_what_stands_around_mathematics_is_left_out_and_all_else_stays_in_its_place(wrapper: str) -> None:
    for equation, verdict in ((r"x_0 = a_0^{(0)}", "right"), (r"x_0 = \boxed{a_1^{(0)}}", "wrong")):
        text = wrapper % equation
        bare = unwrapped(text)
        assert len(bare) == len(text)
        assert all(new in (old, " ") for old, new in zip(text, bare, strict=True))
        assert "".join(bare.split()) == "".join(unwrapped(equation).split())
        (answer,) = found(f"Text.\n\n$$\n{text}\n$$\n")
        assert answer.verdict == verdict, str(answer)


@pytest.mark.parametrize(
    "text", [r"\boxedness{x}", r"\resizebox{1}{x}", r"\boxed x", r"\tags{x}", r"\uncover{x", "{x}}"]
)
def test_what_only_looks_like_a_wrapper_stays(text: str) -> None:
    assert unwrapped(text) == text
