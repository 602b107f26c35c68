"""Formulas as LaTeX, MathML and text: what stands where, nothing ambiguous, nothing from the user obeyed."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from html.entities import html5
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rendering import compile_tex
from sample_documents import (
    DELTA,
    HOSTILE,
    LOSS,
    SMALL,
    Z1,
    derivation,
    every_node,
    long_sum,
    marked,
    number,
    op,
    slope,
    weight,
)

from symnet.formula.latex import formula_latex
from symnet.formula.mathml import formula_mathml
from symnet.formula.plain import formula_text
from symnet.formula.tree import (
    GREEK,
    OPERATORS,
    Fenced,
    Formula,
    Fraction,
    Function,
    Letter,
    Number,
    Reveal,
    Root,
    Row,
    Scripts,
    Space,
    Symbol,
    Total,
    Words,
    parts_of,
    product,
    row,
)
from symnet.formula.typesetting import formula_height, formula_width, set_label

X, Y = Letter("x"), Letter("y")
DERIVATIVE = row(slope(LOSS, weight(1, 1, 1)), op("="), product(DELTA, Scripts(Letter("a"), number(1), marked(1))))


@pytest.mark.parametrize(
    ("node", "latex", "text"),
    [
        (
            DERIVATIVE,
            r"\frac{\partial C}{\partial w_{11}^{(1)}} = \delta_{1}^{(2)} \, a_{1}^{(1)}",
            "∂C/∂w₁₁⁽¹⁾ = δ₁⁽²⁾ a₁⁽¹⁾",
        ),
        (row(X, op("="), op("-"), Y), "x = -y", "x = −y"),
        (row(Fraction(number(1), Letter("N")), Space(), X), r"\frac{1}{N} \, x", "1/N · x"),
        (row(Fraction(number(1), number(2)), Fenced(X)), r"\frac{1}{2}(x)", "1/2 · (x)"),
        (Fraction(number(1), product(number(2), Letter("N"))), r"\frac{1}{2 \, N}", "1/(2 N)"),
        (Fraction(row(X, op("+"), Y), Fraction(X, Y)), r"\frac{x + y}{\frac{x}{y}}", "(x + y)/(x/y)"),
        (Scripts(row(X, Y), None, number(2)), "{xy}^{2}", "(xy)²"),
        (Scripts(Fraction(X, Y), None, number(2)), r"{\frac{x}{y}}^{2}", "(x/y)²"),
        (Scripts(Scripts(X, None, marked(1)), None, number(2)), "{x^{(1)}}^{2}", "(x⁽¹⁾)²"),
        (Scripts(X, row(Letter("i"), op("comma"), Letter("j")), marked(1)), "x_{i,j}^{(1)}", "x_{i,j}^(1)"),
        (Scripts(Letter("sigma"), None, op("prime")), r"\sigma'", "σ′"),
        (row(Function("tanh"), Space(), X), r"\tanh \, x", "tanh x"),
        (row(Total(Letter("i"), number(3)), Space(), X), r"\sum_{i}^{3} x", "Σᵢ³ x"),
        (Root(row(X, op("+"), Y)), r"\sqrt{x + y}", "√(x + y)"),
        (SMALL, r"1.5 \times 10^{-7}", "1.5 × 10⁻⁷"),
        (Letter("y", "bold", "hat"), r"\hat{\mathbf{y}}", "ŷ"),
        (Letter("delta", "bold"), r"\boldsymbol{\delta}", "δ"),
        (row(Function("my_bump"), Fenced(X)), r"\mathrm{my\_bump}(x)", "my_bump(x)"),
        (row(Function("bump_2"), Space(), X), r"\mathrm{bump\_2} \, x", "bump_2 x"),
        (row(Letter("sigma"), Fenced(Fraction(X, Y))), r"\sigma\!\left( \frac{x}{y} \right)", "σ(x/y)"),
        (Words("for x_1"), r"\text{for x}\_\text{1}", "for x_1"),
    ],
)
def test_what_is_written(node: Formula, latex: str, text: str) -> None:
    assert formula_latex(node) == latex
    assert formula_text(node) == text


@pytest.mark.parametrize("node", every_node(), ids=range(len(every_node())))
def test_braces_and_fences_are_balanced(node: Formula) -> None:
    latex = formula_latex(node)
    assert re.sub(r"\\[{}]", "", latex).count("{") == re.sub(r"\\[{}]", "", latex).count("}")
    assert latex.count(r"\left") - latex.count(r"\leftarrow") == latex.count(r"\right")
    assert formula_width(node) > 0
    assert formula_height(node) > 0
    assert "\n" not in formula_text(node)


@pytest.mark.parametrize("node", every_node(), ids=range(len(every_node())))
def test_mathml_is_one_element_with_the_right_number_of_children(node: Formula) -> None:
    root = ElementTree.fromstring(formula_mathml(node))
    children = {"mfrac": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3}
    for element in root.iter():
        assert len(element) == children.get(element.tag, len(element)), element.tag
        assert element.tag not in ("mi", "mn", "mo", "mtext") or len(element) == 0


@pytest.mark.parametrize("style", ["italic", "bold", "upright", "blackboard"])
@pytest.mark.parametrize("digit", ["0", "1", "9"])
def test_digits_are_bold_where_their_letter_is_and_nowhere_else(digit: str, style: str) -> None:
    """A bold digit has a character of its own, as for a vector of ones."""
    (shown,) = ElementTree.fromstring(formula_mathml(Letter(digit, style))).itertext()
    assert unicodedata.normalize("NFKC", shown) == digit
    assert ("BOLD" in unicodedata.name(shown)) == (style == "bold")


def test_symbols_carry_their_key() -> None:
    root = ElementTree.fromstring(formula_mathml(row(Z1, op("="), Symbol(X, 'a"<b>'))))
    assert [element.get("data-symbol") for element in root.iter() if element.get("data-symbol")] == ["z1", 'a"<b>']


def test_turns_are_written_where_they_are_asked_for() -> None:
    node = product(Reveal(X, 1), Reveal(Y, 2))
    assert formula_latex(node) == r"x \, y"
    assert formula_latex(node, reveal=lambda turn: rf"\turn{turn}") == r"\turn1{x} \, \turn2{y}"


def test_hostile_words_are_text() -> None:
    latex = formula_latex(Words(HOSTILE))
    assert set(re.findall(r"\\[A-Za-z]+", latex)) == {r"\text", r"\backslash", r"\wedge", r"\sim", r"\vert"}
    assert latex.isascii() or set(latex) - set(map(chr, range(128))) == {"é"}
    root = ElementTree.fromstring(formula_mathml(Words(HOSTILE)))
    assert {element.tag for element in root.iter()} == {"mrow", "mtext", "mo"}


@pytest.mark.needs("pdflatex")
def test_sizes_are_those_of_tex(tmp_path: Path) -> None:
    """Within 3 %, or a third of an em, in width, and within a quarter of an em in height; but for hostile words."""
    nodes = [*every_node(), long_sum(5), DERIVATIVE]
    nodes += [line.right for display in derivation().displays() for line in display.lines]
    nodes = [node for node in nodes if "write18" not in formula_latex(node)]
    measured = "\n".join(
        rf"\sbox0{{$\displaystyle {formula_latex(node)}$}}\typeout{{SIZE \the\wd0,\the\ht0,\the\dp0}}" for node in nodes
    )
    source = (
        f"\\documentclass{{article}}\\usepackage{{amsmath,amssymb}}\\begin{{document}}\n{measured}\nx\\end{{document}}"
    )
    assert compile_tex(tmp_path, "sizes", source, runs=1) == []
    log = (tmp_path / "sizes.log").read_text(encoding="utf-8", errors="replace")
    sizes = re.findall(r"SIZE ([-\d.]+)pt,([-\d.]+)pt,([-\d.]+)pt", log)
    assert len(sizes) == len(nodes)
    for node, size in zip(nodes, sizes, strict=True):
        width, above, below = (float(length) / 10 for length in size)
        assert formula_width(node) == pytest.approx(width, rel=0.03, abs=0.33), formula_latex(node)
        assert formula_height(node) == pytest.approx(above + below, abs=0.25), formula_latex(node)


@pytest.mark.parametrize("optical", [True, False])
def test_what_is_drawn_stays_in_its_box(optical: bool) -> None:
    for node in every_node():
        setting = set_label(node, 8.0, optical=optical)
        drawn = list(setting.inked(0.0, 0.0))
        assert drawn
        for ink in drawn:
            assert -1e-9 <= ink.x <= setting.width
            assert -setting.ascent <= ink.y <= setting.descent + 1e-9


def test_rows_of_one_part_are_that_part() -> None:
    assert formula_latex(Row((X,))) == formula_latex(X)
    assert row(X) == row(None, X) == row(row(X)) == X
    assert row(row(X, op("+")), None, Y) == row(X, op("+"), Y) == Row((X, op("+"), Y))


def leaves(node: Formula) -> Iterator[Formula]:
    inside = list(parts_of(node))
    if inside:
        for part in inside:
            yield from leaves(part)
    else:
        yield node


def characters(*texts: str) -> Counter[str]:
    """The characters of texts but for blanks, letters in their plain shape."""
    return Counter(unicodedata.normalize("NFKC", "".join(texts)).replace(" ", ""))


NESTED = (
    Scripts(Fenced(row(X, op("+"), Y)), number(3), number(2)),
    Scripts(Fenced(Fraction(X, Y)), number(3), number(2)),
    Scripts(Scripts(Letter("w", "bold"), number(1), marked(2)), None, op("prime")),
    row(Function("tanh"), Fenced(X), op("-"), Function("exp"), Space(), Y, op("+"), Total(X, Y), Space(), X),
    Fraction(Root(Scripts(Letter("Gamma"), Letter("i"))), Scripts(Letter("delta", "bold"), None, Letter("T"))),
    Scripts(Letter("y", "bold", "hat"), row(Letter("i"), op("comma"), Space(), Letter("j"))),
)


@pytest.mark.parametrize("node", [*every_node(), *NESTED])
def test_nothing_is_lost_in_mathml_or_text_and_nothing_is_added(node: Formula) -> None:
    found = [leaf for leaf in leaves(node) if isinstance(leaf, Letter | Number | Function | Words)]
    bare = [replace(leaf, accent="") if isinstance(leaf, Letter) else leaf for leaf in found]
    written = characters(*map(formula_text, bare))
    root = ElementTree.fromstring(formula_mathml(node))
    shown = characters(*root.itertext())
    assert written <= shown
    assert {sign for sign in shown if sign.isalnum()} <= set(written)
    functions = [leaf for leaf in leaves(node) if isinstance(leaf, Function)]
    assert shown["\u2061"] <= len(functions)


@pytest.mark.parametrize(
    ("node", "forms"),
    [
        (row(X, op("-"), Y), ["infix"]),
        (row(op("-"), X, op("+"), Y), ["prefix", "infix"]),
        (row(X, op("="), op("-"), Y), ["prefix"]),
        (row(X, op("times"), op("-"), Y, op("-"), Fenced(row(op("-"), X))), ["prefix", "infix", "prefix"]),
        (Fraction(row(op("-"), X), row(Fraction(X, Y), op("+"), number(1))), ["prefix", "infix"]),
    ],
)
def test_a_sign_before_a_term_stands_close_and_between_terms_apart(node: Formula, forms: list[str]) -> None:
    root = ElementTree.fromstring(formula_mathml(node))
    signs = [element for element in root.iter("mo") if element.text in ("+", "−")]
    assert [element.get("form") for element in signs] == forms
    apart = [" + " in formula_text(node), " − " in formula_text(node)]
    assert any(apart) == ("infix" in forms)


@pytest.mark.parametrize("name", [name for name in GREEK if f"{name};" in html5 and name.lower().strip("var") != "phi"])
def test_greek_letters_are_those_of_unicode(name: str) -> None:
    assert formula_text(Letter(name)) == html5[f"{name};"]
    shown = "".join(ElementTree.fromstring(formula_mathml(Letter(name, "bold"))).itertext())
    assert unicodedata.normalize("NFKC", shown) == unicodedata.normalize("NFKC", html5[f"{name};"])


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_take_space_and_letters_of_calculus_take_none(name: str) -> None:
    """MathML spaces an `mo` out, but for the signs of differentiation, of a transpose and of what is left out."""
    root = ElementTree.fromstring(formula_mathml(op(name)))
    (element,) = [element for element in root.iter() if element.text]
    assert element.tag == ("mi" if element.text in "∂∇′⊤…" else "mo")


def blanks(node: Formula) -> list[float]:
    """The widths of the spaces of a formula in MathML, in em."""
    root = ElementTree.fromstring(formula_mathml(node))
    return [float(str(element.get("width")).removesuffix("em")) for element in root.iter("mspace")]


def test_spaces_are_as_wide_as_they_are_called() -> None:
    (thin,), (wide,) = blanks(row(X, Space(), Y)), blanks(row(X, Space("wide"), Y))
    assert 0 < thin < 1 < wide
    assert blanks(row(X, op("comma"), Space(), Y)) == []
    assert blanks(row(X, op("comma"), Y)) == []
    assert blanks(row(Function("exp"), X)) == [thin]
    assert blanks(row(Function("exp"), Fenced(X))) == []
