"""What is not read is refused where it stands, with what was found there and what was expected."""

from __future__ import annotations

from functools import cache

import pytest

from symnet.check.latex.failure import NotUnderstood, TooLarge
from symnet.check.truth.reader import Reader
from symnet.network.string import parse
from symnet.notation.profile import load_notation

LETTERS = "a symbol of this notation, R (loss), w (weight), b (bias), z (pre-activation), a (activation)"
RANGE = "a number, L, or that and a number"
REFUSED = (
    (r"z_1^{(1)} = \mathrm{foo}(x_1)", 13, "the name 'foo'", "a known function"),
    (r"x_1 = \operatorname{bar\_2} x_1", 7, "the name 'bar_2'", "a known function"),
    (r"z_1^{(1)} = \text{ + 1 }", 13, "'+ 1'", "words alone in text"),
    (r"\sigma[u] = u", 8, "the letter u", LETTERS),
    (r"\sigma\{u\} = \sigma(u)", 9, "the letter u", LETTERS),
    (r"\sigma u = u", 7, "", "the argument of the function, in parentheses"),
    (r"q = 3", 1, "the letter q", LETTERS),
    (r"\sigma(u) = u < 3", 10, "the relation <", "an equation"),
    (r"x_1 \ge 0", 4, "the relation >=", "an equation"),
    (r"x_1 = \sum_{k} ", 14, "", "what is summed"),
    (r"x_1 = \sum_k + x_k", 13, "", "what is summed"),
    (r"x_1 = \sum + 1", 11, "", "the index of the sum under it"),
    (r"x_1 = \sum_{k=1} x_k", 13, "", "a range such as i = 1 with its end above the sum"),
    (r"x_1 = \sum_{(k)} x_k", 13, "", "the letter of an index"),
    (r"x_1 = \sum_{k=1}^{2,3} x_k", 18, "", "one end of the sum"),
    (r"\sigma'''(u) = 1", 1, "", "a first or a second derivative"),
    (r"\sigma'(u, v) = 1", 8, "", "one argument of the activation function"),
    (r"x_1 = \max(x_1)", 11, "", "2 arguments of maximum"),
    (r"x_1 = \log_2 x_1", 12, "", "no subscript at this function"),
    (r"x_1 = \log(x_1)_2", 17, "", "no subscript behind a function"),
    (r"\nabla x_1 = 1", 8, "", "the loss"),
    (r"\nabla_{x_1, x_2} R = 1", 1, "", "one symbol under this"),
    (r"x_{1,2} = 1", 4, "2", "1 index at this symbol"),
    (r"w_{1}^{(1)} = 1", 4, "1", "2 indices at this symbol"),
    (r"R_1 = 1", 3, "1", "no indices at this symbol"),
    (r"x_{l} = 1", 4, "", "the index of a unit; l is that of a layer"),
    (r"a_1^{(l)} = a_1^{(l)} \qquad l = 1, \dots, 2, \dots, 3", 37, "", r"a range such as 1, \dots, L"),
    (r"a_1^{(l)} = a_1^{(l)} \qquad l = 1, \dots, l", 44, "", RANGE),
    (r"x_1 = (x_1, x_2)", 7, "", "one expression in these fences"),
    (r"x_1 = (x_1 = 2)", 8, "", "no relation in these fences"),
    (r"x_1 = [x_1 = 2 = 3]", 8, "", "no relation in these fences"),
    (r"x_1 = \underbrace{x_1}_{1, 2}", 24, "", "one thing under a brace"),
    (r"x_1 = (x_1 + 1)_2", 17, "", "no subscript behind this"),
    (r"x_1 = \begin{cases} 1 & x_1 \\ 2 \end{cases}", 34, r"'\\end{cases}'", "'&'"),
    (r"x_1 = \begin{cases} 1 & x_1 \\ 2 & x_1 > 0 \end{cases}", 25, "", "a condition such as z > 0"),
    (r"\frac{\partial R}{\partial dx_1} = 1", 28, "", r"a symbol of the network behind \partial"),
    (r"x_1 + 1 \leftarrow x_1", 1, "", "a symbol to the left of an arrow"),
    (r"x_1 = 2 \cdot", 14, "the end", "a symbol, a number or a fence"),
    (r"x_1 = ^2", 7, "'^'", "a symbol, a number or a fence"),
    (r"x_1 = x_1^", 11, "the end", "'{'"),
    (r"x_1 = \begin{pmatrix} 1 & 2", 7, "none", r"a partner that closes '\\begin{pmatrix}'"),
    (r"x_1 = \| x_1", 7, "none", "a partner that closes"),
    (r"x_1 = x_1 )", 11, "')'", "no closing fence, since none is open"),
    (r"x_1 = ( x_1 ]", 13, "']'", ") first"),
    (r"x_1 = \begin{pmatrix} x_1 \end{cases}", 27, r"'\\end{cases}'", r"\end{pmatrix} first"),
    (r"x_1 = \unknown x_1", 7, r"the unknown command '\\unknown'", "mathematics of a derivation"),
    (r"x_1 = §", 7, r"the character '\xa7'", "mathematics of a derivation"),
    (r"x_1 = \frac{\partial }{R \partial x_1} x_1", 24, "", r"\partial and a symbol"),
    ("x_1 = 0." + "1" * 39, 7, "", "a number of at most 40 digits"),
    (r"x_1 = \frac{d\sigma}{dx_1}", 20, "", "the argument of the function, in parentheses"),
)


@cache
def downie() -> Reader:
    return Reader(parse("2-2-1"), load_notation("downie"))


@pytest.mark.parametrize(("latex", "position", "found", "expected"), REFUSED)
def test_a_refusal_says_where_what_was_found_and_what_was_expected(
    latex: str, position: int, found: str, expected: str
) -> None:
    with pytest.raises(NotUnderstood) as caught:
        downie().check(latex)
    error = caught.value
    assert (error.position, error.found) == (position, found), str(error)
    assert error.expected.startswith(expected), str(error)
    told = f"found {found}; expected " if found else "expected "
    assert str(error) == f"character {position}: {told}{error.expected}"


@pytest.mark.parametrize(
    ("latex", "position", "expected"),
    [
        ("x_1 = " + "+1" * 6_000, 8_003, "at most 8,000 parts"),
        ("x_1 = " + "(" * 41 + "1" + ")" * 41, 47, "at most 40 parts inside one another"),
        ("x_1 = " + r"\sum_k " * 41 + "x_k", 287, "at most 40 sums and functions inside one another"),
    ],
    ids=["parts", "fences", "sums"],
)
def test_what_is_too_large_is_refused_where_it_becomes_so(latex: str, position: int, expected: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        downie().check(latex)
    assert (caught.value.position, caught.value.expected) == (position, expected), str(caught.value)


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(TooLarge, match=r"^a formula of 20,001 characters; at most 20,000 are read$"):
        downie().check("x_1 = " + "1" * 19_995)
