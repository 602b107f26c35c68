"""Constants stand as they were written: on pages, in printed equations and in the comments of modules."""

from __future__ import annotations

import math
import re

import pytest
from sympy import Rational, Symbol

import symnet
from symnet.core.text import expression_text
from symnet.pages.listing import listing_program
from symnet.support.choices import PAGE_FORMS as FORMS

CASES = (
    ("2-2-1:0.5*z**2,identity", ("0.5",)),
    ("2-2-1:0.25*z+0.75*tanh(z),identity", ("0.25", "0.75")),
    ("2-2-1:z*huber(z,delta=0.5),identity", ("0.5",)),
    ("2-2-1:leaky_relu,identity", ("0.01",)),
    ("2-2-1:z*leaky_relu(z),identity", ("0.01",)),
    ("2-2-1:leaky_relu(slope=0.125),identity", ("0.125",)),
    ("2-2-1:abs(z)**1.5,identity", ("1.5",)),
    ("2-2-1;l2=0.001", ("0.001",)),
    ("2-2-1;l1=0.002", ("0.002",)),
    ("2-2-1;l1=0.5;l2=0.1", ("0.5", "0.1")),
    ("2-2-1;loss=huber(delta=0.3)", ("0.3",)),
    ("2-2-1;loss=0.5*(a-y)**2", ("0.5",)),
    ("2-2-1:z/sqrt(2),identity;loss=0.75*log(cosh(a-y))", ("0.75",)),
)
FRACTION = r"(?<![\d.])%d/%d(?!\d)|frac\{%d\}\{%d\}"


def fraction_of(text: str) -> str:
    """What a decimal would be as a fraction."""
    number = Rational(text)
    return FRACTION % (number.p, number.q, number.p, number.q)


@pytest.mark.parametrize(("architecture", "decimals"), CASES, ids=[architecture for architecture, _ in CASES])
def test_decimals_stay_decimals_everywhere(architecture: str, decimals: tuple[str, ...]) -> None:
    network = symnet.parse(architecture)
    derivation = symnet.derive(network)
    module = symnet.generate(network, target="numpy-plain").partition('"""')[2].partition('"""')[0]
    shown = {
        "the comments": module.partition("Equations")[2],
        "the printed equations": "\n".join(map(str, listing_equations(network))),
        **{form: derivation.render("fragment", form=form) for form in FORMS},
    }
    for where, text in shown.items():
        text = re.sub(r"\\begin\{tikzpicture\}.*?\\end\{tikzpicture\}", "", text, flags=re.DOTALL)
        for decimal in decimals:
            assert re.search(rf"(?<![\d.]){re.escape(decimal)}(?!\d)", text), (where, decimal)
            if Rational(decimal) != Rational(1, 2):
                assert not re.search(fraction_of(decimal), text), (where, decimal)


def listing_equations(network: symnet.Network) -> list[str]:
    return [expression_text(equation.rhs) for equation in listing_program(network).equations]


@pytest.mark.parametrize("formula", ["z**2/2", "-z**3/4", "3*z/4+z**2/8", "(z+1)/(2*z)", "z**(5/2)/2", "-3/(4*z)"])
def test_what_is_printed_with_decimals_has_the_same_value(formula: str) -> None:
    """Fractions that are printed as decimals stand where the fraction stood."""
    z = Symbol("z", real=True)
    expression = symnet.network.activations.read_formula(formula, z)
    fractions = frozenset(Rational(top, bottom) for top in range(1, 10) for bottom in (2, 4, 8))
    printed = expression_text(expression, fractions)
    assert re.search(r"\d\.\d", printed), printed
    assert math.isclose(eval(printed, {"z": 1.7, "sqrt": math.sqrt}), float(expression.subs(z, 1.7)), rel_tol=1e-14)
