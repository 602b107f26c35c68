"""Every function on a page: written as a lecture writes it, read back as it is printed, in every form and notation."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

import pytest
from sympy import Expr, Integer, Rational

import symnet
from symnet.api import networks as pipeline
from symnet.functions.record import FUNCTIONS
from symnet.functions.safe import scaled
from symnet.network.activations import Activation, Z
from symnet.notation.profile import notation_names
from symnet.support.choices import PAGE_FORMS as FORMS

ARGUMENTS: dict[str, tuple[Expr, ...]] = {
    "capped": (Z, Integer(9)),
    "near": (Z, Integer(9)),
    "far": (Z, Rational(1, 1000)),
    "above": (Z, Integer(-9)),
    "decay": (-(Z**2),),
    "log": (1 + Z**2,),
    "log1p": (Z**2,),
    "sqrt": (1 + Z**2,),
    "power": (1 + Z**2, Rational(7, 3)),
    "xlogy": (Z, 1 + Z**2),
    "select": (Z, Z**2, 3 * Z),
    "blend": (Z, Z**2, 3 * Z),
}
"""Where a function has a value, and is what it stands for; others are taken of z, and of z and 1."""

FLAT = {"positive", "step", "bipolar_step", "half_step", "sign"}
"""Functions that are trained through as factors alone."""

SPELLED = {
    *("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "erf", "sign", "softmax", "max", "min", "arctan"),
    *("arsinh", "sigmoid", "softplus", "softsign", "elu", "selu"),
}
"""The names of functions that a page may have; all else is written in signs and letters."""

FORMULAS = (
    "maximum(0,z)+minimum(0,z)",
    "z/sqrt(1+z**2)",
    "(z+sqrt(z**2+4))/2",
    "0.5*(z+sqrt(z**2+4))",
    "log(z+sqrt(z**2+1))",
    "sin(z)/z",
    "z*tanh(exp(z))",
    "1/cosh(z)",
    "(exp(2*z)-1)/(exp(2*z)+1)",
    "relu(z)-1.5*relu(1-exp(z))",
    "0.5*z*(1+erf(z/sqrt(2)))",
    "0.5*tanh(0.5*z)+0.5",
    "z*sqrt(abs(z))",
    "abs(z)**1.01",
    "(1+z**2)**-0.7",
    "sign(z)*log(1+abs(z))",
    "clip(z,-1,1)",
    "min(max(z,-1),1)",
    "z*asinh(z)",
    "atan(expm1(z))*log1p(z**2)",
    "z*gelu_tanh(z)+mish(z)+silu(0.25*z)",
    "huber(z)+z*step(z)+bipolar_step(z)*z",
)
LOSSES = (
    "2-2-1;loss=log(cosh(a-y))",
    "2-2-1:tanh,sigmoid;loss=-(y*(1-a)**2*log(a)+(1-y)*a**2*log(1-a))",
    "2-2-1:tanh,sigmoid;loss=y*log(y/a)",
    "2-2-1;loss=0.25*abs(a-y)**1.5+huber(a-y,delta=0.5)",
    "2-2-1;loss=sqrt(1+(a-y)**2)-1",
)

NAME = re.compile(r"\\mathrm\{([a-z](?:[a-z0-9]|\\_)+)\}|\\(tanh|exp|log|sin|cos|tan|sinh|cosh|arctan|max|min)\b")


def of_function(name: str, place: int) -> symnet.Network:
    """A network with a function of the table as its hidden activation."""
    function = FUNCTIONS[name]
    arguments = ARGUMENTS.get(name, (Z, Integer(1))[: function.arity])
    expression = function.build(*arguments) * (Z if name in FLAT else 1)
    if name == "largest":
        # A size has the slope 0, and stands only where it is in no result.
        expression *= scaled(Z, expression)
    network = symnet.parse("2-2-1:tanh,identity")
    layer = replace(network.layers[0], activation=Activation(f"own{place}", expression, "own"))
    return replace(network, layers=(layer, *network.layers[1:]))


def assert_printed(network: symnet.Network, form: str, notation: str) -> None:
    """A page, of which every equation is read back and held to the network while it is made."""
    document = symnet.derive(network).document(notation, form=form)
    page = pipeline.render_document(document, "fragment", network)
    assert pipeline.render_document(document, "text", network)
    names = {(one or other).replace("\\_", "_") for one, other in NAME.findall(page)}
    assert names <= SPELLED, names - SPELLED


COMBINATIONS = list(product(sorted(notation_names()), FORMS))
"""Each function is printed in three of these, so that all of them are met over all functions."""


def three(place: int) -> list[tuple[str, str]]:
    return [COMBINATIONS[(7 * place + 10 * turn) % len(COMBINATIONS)] for turn in range(3)]


@pytest.mark.parametrize(("place", "name"), list(enumerate(FUNCTIONS)), ids=str)
def test_every_function_is_printed_and_read_back(place: int, name: str) -> None:
    network = of_function(name, place)
    for notation, form in three(place):
        assert_printed(network, form, notation)


@pytest.mark.parametrize(("place", "formula"), list(enumerate(FORMULAS)), ids=str)
def test_a_formula_of_ones_own_is_printed_and_read_back(place: int, formula: str) -> None:
    for notation, form in three(place):
        assert_printed(symnet.parse(f"2-2-1:{formula},identity"), form, notation)


@pytest.mark.parametrize(("place", "text"), list(enumerate(LOSSES)), ids=str)
def test_a_loss_of_ones_own_is_printed_and_read_back(place: int, text: str) -> None:
    for notation, form in three(place):
        assert_printed(symnet.parse(text), form, notation)


def test_a_sum_in_a_sum_stands_without_fences_and_a_quotient_of_hyperbolic_functions_is_tanh() -> None:
    page = symnet.derive("2-2-1:z*bipolar_step(z)+z**2,identity;loss=log(cosh(a-y))").render("fragment", "nielsen")
    assert re.search(r"\\sigma'\(u\) = [^(]*\[u \\geq? 0\][^(]*u[^(]*$", page, re.MULTILINE), page
    assert r"\tanh(a_{j}^{L} - y_{j})" in page
    assert r"\sinh" not in page
