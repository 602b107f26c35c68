"""Pages of functions that have no value at some numbers are checked at those where they have one."""

from __future__ import annotations

import pytest

import symnet
from symnet.check.truth.reader import Reader
from symnet.notation.profile import load_notation

PARTIAL = [
    "log(z)",
    "sqrt(z)",
    "z**1.5",
    "z**-1.5",
    "log1p(z)",
    "log(z-3)",
    "log(-z)",
    "sqrt(1-z**2)",
    "sqrt(z)+log(z)",
]


@pytest.mark.parametrize("formula", [*PARTIAL, "asinh(z)"])
def test_a_page_is_written(formula: str) -> None:
    assert r"\sigma'" in symnet.derive(f"2-2-1:{formula},identity").to_latex("nielsen")


@pytest.mark.parametrize("form", ["scalar", "matrix"])
def test_a_page_of_a_deeper_network_is_written(form: str) -> None:
    assert symnet.derive("2-2-2-1:sqrt(z),log(z),identity").to_latex("nielsen", form=form)


@pytest.mark.parametrize(
    ("formula", "right", "wrong"),
    [
        ("log(z)", r"\frac{1}{u}", r"\frac{2}{u}"),
        ("sqrt(z)", r"\frac{1}{2 \sqrt{u}}", r"\frac{1}{\sqrt{u}}"),
        ("z**1.5", r"\frac{3}{2} \sqrt{u}", r"\frac{3}{2} u"),
        ("log(z-3)", r"\frac{1}{u - 3}", r"\frac{1}{u + 3}"),
        ("sqrt(1-z**2)", r"- \frac{u}{\sqrt{1 - u^{2}}}", r"\frac{u}{\sqrt{1 - u^{2}}}"),
    ],
)
def test_a_wrong_derivative_is_still_found(formula: str, right: str, wrong: str) -> None:
    reader = Reader(symnet.parse(f"2-2-1:{formula},identity"), load_notation("nielsen"))
    assert reader.check(rf"\sigma'(u) = {right}") == []
    assert len(reader.check(rf"\sigma'(u) = {wrong}")) == 1


@pytest.mark.parametrize(
    "equation",
    [r"\sigma(u) = \sqrt{u}", r"\sigma(u) = \log(u) + e^{u}", r"\sigma(u) = (u^{2})^{3}", r"\sigma(u) = \frac{1}{u}"],
)
def test_a_finding_is_printed_with_all_its_braces(equation: str) -> None:
    reader = Reader(symnet.parse("2-2-1:tanh,identity"), load_notation("nielsen"))
    (finding,) = reader.check(equation)
    assert finding.message.startswith(f"{equation} does not hold")
    (finding,) = reader.check(rf"\begin{{aligned}} {equation} \end{{aligned}}")
    assert finding.message.startswith(f"{equation} does not hold")
