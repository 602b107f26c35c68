"""The places where a stranger's text is read, each with what must hold of whatever comes in.

The properties run them on drawn text (`test_hostile_text.py`), and the fuzzers at length (`fuzz/parsers.py`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import symnet
from symnet.activations import Z, custom_activation
from symnet.errors import SymnetError
from symnet.explain import read_values
from symnet.losses import loss
from symnet.notation.profile import load_notation, read_notation
from symnet.reading.reader import Reader

SECONDS = 1.0
"""Of processor time, in which any text has to be answered."""


@dataclass(frozen=True)
class Entrance:
    """A parser, and seeds and words from which texts near its grammar are made.

    Attributes:
        read: reads a text, and asserts what must hold of what has been accepted.
    """

    read: Callable[[str], None]
    seeds: tuple[str, ...]
    words: tuple[str, ...]


def accepted(entrance: Entrance, text: str) -> bool:
    """Whether a text is accepted; it must be answered in a second, and refused in one line of ASCII if at all."""
    started = time.process_time()
    try:
        entrance.read(text)
        message = None
    except SymnetError as error:
        message = str(error)
    taken = time.process_time() - started
    assert taken < SECONDS, f"{taken:.1f} s for {text!a}"
    assert message is None or re.fullmatch(r"[ -~]{1,2000}", message), ascii(message)
    return message is None


def read_expression(text: str) -> None:
    first = custom_activation(text)
    assert first.expression.free_symbols <= {Z}
    assert custom_activation(first.text) == first


def read_loss(text: str) -> None:
    first = loss(text)
    assert loss(first.text) == first


def read_architecture(text: str) -> None:
    network = symnet.parse(text)
    assert symnet.parse(symnet.to_string(network)) == network
    assert symnet.from_toml(symnet.to_toml(network)) == network


def read_toml(text: str) -> None:
    network = symnet.from_toml(text)
    assert symnet.from_toml(symnet.to_toml(network)) == network
    assert symnet.parse(symnet.to_string(network)) == network


def read_profile(text: str) -> None:
    notation = read_notation(text, "own.toml")
    assert all(letter.isascii() for letters in notation.letters().values() for letter in letters)


def read_numbers(text: str) -> None:
    values = read_values(text, symnet.parse("2-2-1"), "'at.toml'")
    assert values.arrays["x"].shape == (values.rows, 2)


@cache
def _reader(notation: str) -> Reader:
    return Reader(symnet.parse("2-3-2", hidden="tanh"), load_notation(notation))


def read_latex(text: str) -> None:
    for finding in _reader("nielsen").check(text):
        assert finding.message


GOOD_TOML = """\
[network]
name = "a \\"title\\" \\u202e"
inputs = 4
loss = "own"
reduction = "sum"
l2 = 1e-3

[[layers]]
kind = "residual"
units = 4
activation = "bump"
skip = 1

[[layers]]
units = 2
bias = false

[activations.bump]
expression = "z*exp(-z**2)"

[losses.own]
expression = "log(cosh(a - y))"
"""

GOOD_PROFILE = """\
base_profile = "nielsen"
title = "own"
error = "hat delta"
target = "t"
layer_mark = "bracketed"
spare = ["m", "p", "q"]
remarks = ["as printed"]
"""

GOOD_VALUES = """\
W1 = [[0.1, 2], [-3.5, 4e-1]]
b1 = [0, 1]
W2 = [[1], [2]]
b2 = [0.5]
x = [[1, 2], [3, 4]]
y = [[0.5], [1]]
rate = 0.1
"""

FORMULA_WORDS = (
    *("exp(", "log(", "sqrt(", "tanh(", "erf(", "gelu(", "maximum(", "abs(", "sinh(", "relu(", "sigmoid("),
    *("**", "**-", "(z)", "1e300", "1e-300", "9**9**9", "z*", "1/", "-", ", ", ")", "a - y", "0.5"),
)
TOML_WORDS = (
    *("[network]\n", "[[layers]]\n", "[activations.a]\n", "[losses.l]\n", "units = ", "inputs = ", "kind = "),
    *("activation = ", "expression = ", '"', "'''", "\\u0000", "= [", "]", "{", "}", "true", "1979-05-27", "inf"),
    *("nan", "0x10", "1_0", "a.b.c = ", "#", "\n", "skip = ", "bias = ", "loss = ", "name = ", "l1 = "),
)

ENTRANCES: dict[str, Entrance] = {
    "expression": Entrance(
        read_expression,
        ("z*tanh(log(1 + exp(z)))", "z/(1 + abs(z))", "(z**2 + 1)**0.5", "maximum(z, 0.1*z) + 2/3*erf(z)**-3"),
        FORMULA_WORDS,
    ),
    "loss": Entrance(
        read_loss,
        ("huber(delta=0.5)", "gaussian_nll(beta=2)", "q=(a - y)**4/4", "log(cosh(a - y))"),
        (*FORMULA_WORDS, "huber(", "delta=", "cross_entropy"),
    ),
    "architecture": Entrance(
        read_architecture,
        (
            *("2-2-1", "2-8[bias=false]-8[residual,skip=1]-1", '2-4[radial_basis]-1:identity;name="a \\x22 b"'),
            *("2-8-1:bump=z*exp(-z**2),identity;loss=huber(delta=0.5);reduction=sum;l1=.5;l2=1e-3",),
        ),
        (*FORMULA_WORDS, "-", ":", ";", "[residual,", "skip=", "bias=false]", ";loss=", ";name=", '"', "\\", ";l2="),
    ),
    "toml": Entrance(read_toml, (GOOD_TOML, "[network]\ninputs = 2\n[[layers]]\nunits = 1\n"), TOML_WORDS),
    "notation": Entrance(
        read_profile,
        (GOOD_PROFILE, "", 'loss = "calligraphic L"\n'),
        (*TOML_WORDS, "base_profile = ", '"hat y"', "spare = [", "layer = ", "remarks = [", '"delta"', "base = 0"),
    ),
    "values": Entrance(read_numbers, (GOOD_VALUES,), (*TOML_WORDS, "W1 = [[", "x = [", "y = ", "rate = ")),
    "latex": Entrance(
        read_latex,
        (
            r"\delta_j^2 = \frac{\partial C}{\partial a_j^2} \sigma'(z_j^2)",
            r"z_j^l = \sum_{k} w_{jk}^l a_k^{l-1} + b_j^l, \quad l = 1, 2",
            r"\begin{aligned} C &= \tfrac{1}{2} \sum_j (a_j^2 - y_j)^2 \\ \delta^2 &= (a^2 - y) \odot 1 \end{aligned}",
            r"\frac{\partial C}{\partial w_{jk}^l} = \begin{cases} 1 & j = k \\ 0 & \text{otherwise} \end{cases}",
            r"(W^2)^T \delta^2 = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} \delta^2",
        ),
        (
            *(r"\frac{", r"\partial ", r"\sum_{", "_{", "^{", "}", r"\\", " & ", r"\exp(", r"\begin{cases}", "^T"),
            *(r"\end{cases}", r"\left(", r"\right)", r"\odot ", r"\cdot ", "=", r"\sqrt{", r"\delta", "9^{9^{9}}"),
            *(r"\mathrm{diag}", r"\text{if }", r"\quad ", r"\leftarrow", r"\nabla_{", r"\tag{1}", "|", r"\|", "'"),
        ),
    ),
}
