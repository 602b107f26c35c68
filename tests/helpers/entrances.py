"""The places where a stranger's text is read, each with what must hold of whatever comes in.

The properties run them on drawn text (`test_hostile_text.py`), and the fuzzers at length (`fuzz/parsers.py`). Every
argument and option of the commands that takes text stands in `DOORS`, with the entrances that it leads to.
"""

from __future__ import annotations

import atexit
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import click
from work import counted, ticking

import symnet
from symnet.check.truth.reader import Reader
from symnet.check.verdicts.documents import Display, displays_of
from symnet.check.verdicts.texts import verify_text
from symnet.check.verdicts.verifier import Verifier
from symnet.cli.catalogue import catalogue
from symnet.cli.console import decimal, whole
from symnet.cli.option_values import names_in, weights_of
from symnet.counts.plot import check_plot
from symnet.counts.text import expression_counts_text
from symnet.exercises.kinds import KINDS
from symnet.formats.formats import format_of
from symnet.formats.sections import only
from symnet.network.activations import Z, custom_activation, read_function
from symnet.network.losses import loss
from symnet.notation.profile import load_notation, read_notation
from symnet.pages.values import read_values
from symnet.support.errors import ArchitectureError, SymnetError
from symnet.targets.face import Argument, Documented
from symnet.templating import templates_of

SECONDS = 1.0
"""In which any text has to be answered, counted in work."""


@dataclass(frozen=True)
class Entrance:
    """A parser, and seeds and words from which texts near its grammar are made.

    Attributes:
        read: reads a text, and asserts what must hold of what has been accepted.
        use: what a command does with a text that has been accepted, for which no time is promised; it may refuse it
            yet, but raises nothing else.
        is_path: whether it is the path of a file, which a message shows as it is where it can be seen.
    """

    read: Callable[[str], None]
    seeds: tuple[str, ...]
    words: tuple[str, ...]
    use: Callable[[str], object] = str
    is_path: bool = False


def accepted(entrance: Entrance, text: str) -> bool:
    """Whether a text is accepted; it must be answered in a second, and refused in one line if at all."""
    with counted() as work:
        message = refusal(entrance.read, text, is_path=entrance.is_path)
    assert work.took_at_most(SECONDS), f"{work.calls:,} calls, {work.seconds:.1f} s for {text!a}"
    if message is None:
        refusal(entrance.use, text, is_path=entrance.is_path)
    return message is None


def refusal(act: Callable[[str], object], text: str, *, is_path: bool = False) -> str | None:
    """The line with which a text is refused, in ASCII unless it shows a path; None where it is not."""
    try:
        act(text)
    except (SymnetError, click.BadParameter) as error:
        message = error.message if isinstance(error, click.BadParameter) else str(error)
        assert is_line(message, is_path=is_path), ascii(message)
        return message
    return None


def is_line(message: str, *, is_path: bool = False) -> bool:
    """Whether a message is a line that cannot steer a terminal."""
    return bool(message.isprintable() if is_path else re.fullmatch("[ -~]*", message)) and 0 < len(message) <= 2_100


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


TICK = 0.05
"""Of the clock by which claims are judged: a search of four seconds ends after 80 steps."""


@cache
def _verifier() -> Verifier:
    return Verifier(symnet.parse("2-3-2", hidden="tanh"), load_notation("nielsen"), may_define=False)


def judge(text: str) -> None:
    with ticking(TICK):
        for answer in _verifier().answers(Display(text)):
            assert "\n" not in str(answer)


def document(path: str) -> dict[str, Callable[[str], object]]:
    """How the equations of a file of such a name are taken from it and judged."""

    def read(text: str) -> None:
        for display in displays_of(text, path):
            assert display.line >= 1
            assert len(display.latex) <= len(text)

    def use(text: str) -> None:
        with ticking(TICK):
            verify_text(symnet.parse("1-1"), text, load_notation("nielsen"), path=path).to_json()

    return {"read": read, "use": use}


def use_function(text: str) -> None:
    expression_counts_text(text, symnet.count_expression(text))
    for target in ("numpy", "python"):
        compile(symnet.differentiate(text, target=target), "module", "exec")


def read_names(text: str) -> None:
    symnet.differentiate("x + y*z", names_in(text))


def read_kinds(text: str) -> None:
    names = names_in(text)
    if not names or set(names) <= set(KINDS):
        return
    symnet.exercise_sheet(symnet.parse("1-1"), kinds=names)
    raise AssertionError("a kind that is not listed was accepted")


def read_sections(text: str) -> None:
    assert len(only(page().document(), names_in(text)).sections) <= 9


def read_weight(text: str) -> None:
    weights = weights_of((text,))
    assert symnet.count_expression("x + 1", weights=weights)


def read_title(text: str) -> None:
    network = symnet.parse("1-1", name=text)
    assert symnet.from_toml(symnet.to_toml(network)) == network
    assert symnet.parse(symnet.to_string(network)) == network


ONE = symnet.parse("1-1")
PAGES = ("scalar", "index", "matrix", "short", "lecture", "full")
"""Words that are taken for a page, which is long to write."""

CHOICES: tuple[Callable[[str], object], ...] = (
    *(catalogue, load_notation),
    lambda text: format_of(text, None),
    lambda text: symnet.parse("1-1", reduction=text),
    *(lambda text, name=name: symnet.generate(ONE, **{name: text}) for name in ("dtype", "target", "accuracy")),
    *(lambda text, name=name: text in PAGES or page().document(**{name: text}) for name in ("form", "level")),
)
"""Where one of a few words is taken."""

page = cache(lambda: symnet.derive(ONE))


def read_choice(text: str) -> None:
    messages = [refusal(choose, text) for choose in CHOICES]
    if all(messages):
        raise ArchitectureError(messages[0] or "")


@cache
def _style() -> Path:
    """A folder for a template, in place of what function docstrings are laid out by."""
    folder = Path(mkdtemp(prefix="symnet-style-"))
    atexit.register(rmtree, folder)
    return folder


def read_template(text: str) -> None:
    """A template of a user's; it is rendered too, since much of what is wrong shows only then."""
    path = _style() / "function_doc.py.jinja"
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
    function = Documented("forward", "The outputs.", (Argument("x", "inputs"),), "the outputs")
    rendered = templates_of(_style()).render("function_doc.py.jinja", function=function)
    assert "bound method" not in rendered


def read_output(text: str) -> None:
    """What a name says of the file: its format; nothing is written, and no folder made."""
    messages = [refusal(act, text, is_path=True) for act in (lambda path: format_of(None, path), check_plot)]
    if all(messages):
        raise ArchitectureError(messages[0] or "")


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
            *("7x6x2-conv(3,3x2,pad=1):relu-pool(2,mean)-10:softmax;loss=cross_entropy", "2-8:tanh-8:(z*z)-1"),
            *("9x2-conv(2,3,stride=2,bias=false):(bump=z**2)-4-residual(4,skip=1)-radial_basis(3)-dense(1)",),
        ),
        (
            *FORMULA_WORDS,
            "-",
            ":",
            ";",
            "[residual,",
            "skip=",
            "bias=false]",
            "conv(",
            "pool(",
            "3x3",
            "pad=",
            "mean",
            ":(",
            ";loss=",
            ";name=",
            '"',
            "\\",
            ";l2=",
        ),
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
        judge,
    ),
    "function": Entrance(
        read_function,
        ("x", "sqrt(x**2 + exp(x**2))", "log(x*y)", "x**4*y**2", "exp(x)*0 + y", "maximum(x, y)/z", "-x", "z"),
        (*FORMULA_WORDS, "x", "y", "theta", "f", "x1", "N", "np"),
        use_function,
    ),
    "names": Entrance(read_names, ("x", "x,y", " z , y ", ""), ("x", ",", " ", "w", "x, ", "\t", "np", "__class__")),
    "kinds": Entrance(read_kinds, ("forward", "forward,count", ""), ("forward", ",", "local", " ", "0")),
    "sections": Entrance(
        read_sections, ("forward", "loss, update", "symbols,network"), ("forward", ",", "backward", " ", "0", "counts")
    ),
    "weight": Entrance(read_weight, ("exp=20", "add=1.5", "sqrt=0"), ("=", "exp", "multiply", "1e9", ".", "-1", "nan")),
    "title": Entrance(read_title, ("a title", "\\write18", '"""', "<b>"), ('"', "\\", "\n", "\x1b[31m", "%", "\u202e")),
    "whole": Entrance(whole(1, 1_000), ("1", "1000"), ("1_0", "+1", "0x1", " 1", "\uff11", "1" * 5_000, "-", ".0")),
    "decimal": Entrance(decimal(0, 1e300), ("1", ".5", "1e-3"), ("1_0", "nan", "inf", "e", "-", "9" * 400, "\uff11")),
    "choice": Entrance(
        read_choice, ("float32", "sum", "losses"), ("numpy", "full", "none", " ", "tex", "\x1b[31m", "downie")
    ),
    "template": Entrance(
        read_template,
        (
            '    """{{ function.doc }}"""\n',
            "{% for argument in function.arguments %}{{ argument.name }}: {{ argument.about }}{% endfor %}",
            "{% include 'symnet/function_doc.py.jinja' %}",
            "{# a comment #}{% set n = function.name | upper %}{{ n }}{% if n %}a{% endif %}",
        ),
        (
            *("{{", "}}", "{%", "%}", "{#", "#}", "function", ".doc", ".__class__", "| upper", "| attr('doc')", "for "),
            *("in ", "include ", "'licence.py.jinja'", "'../secret'", "extends ", "import ", "'", "(", ")", "[0]", "~"),
            *("block ", "endblock", "macro ", "self", "loop", "set ", "-", "is ", "not ", "\n", "\u00e9", "\0"),
        ),
        is_path=True,
    ),
    "output": Entrance(
        read_output,
        ("a.tex", "b.ipynb", "c.svg"),
        (".", "/", "\0", "\n", "..", ".html", "\x1b[31m", "~", "\u00e9", "\u202e"),
        is_path=True,
    ),
    "tex-file": Entrance(
        seeds=(
            r"\[ z_j^1 = \sum_k w_{jk}^1 x_k + b_j^1 \] % \[ \]",
            r"\begin{align*} C &= C \\ x_1 &= x_2 \end{align*}",
            "$$ s = x_1 $$ and $$ s = x_2",
        ),
        words=(
            "$$",
            r"\[",
            r"\]",
            r"\begin{align}",
            r"\end{align}",
            r"\\",
            "%",
            r"\begin{verbatim}",
            "{",
            "x_1",
            "=",
            "\n\n",
        ),
        **document("a.tex"),
    ),
    "markdown-file": Entrance(
        seeds=("# A\n$$C = C$$\n```math\nC = C\n```\n", "`$$x_1 = x_2$$` $$ x_1 = x_1 $$ <!-- $$ -->"),
        words=("$$", "```", "~~~", "math", "\n", "<!--", "-->", "`", "\\$", r"\\", "x_1", "="),
        **document("a.md"),
    ),
    "notebook": Entrance(
        seeds=(
            '{"nbformat": 4, "cells": [{"cell_type": "markdown", "source": ["$$C = C$$"]}]}',
            '{"cells": [{"cell_type": "code", "source": "x"}, {"cell_type": "markdown", "source": "$$x_1=x_1$$"}]}',
        ),
        words=("{", "}", "[", "]", '"', ":", ",", "null", '"cells"', '"source"', "1" * 5_000, "NaN", "\\ud800", "$$"),
        **document("a.ipynb"),
    ),
}

PATHS = ("path", "plot", "solutions_path", "values_path", "templates")
NETWORK, PROFILE, OUTPUT = ("architecture", "toml"), ("choice", "notation"), ("output",)
DOORS: dict[str, tuple[str, ...]] = {
    # A file that ends in .py is a module, which is run and so must be trusted.
    "architecture": NETWORK,
    "subject": NETWORK,
    **dict.fromkeys(("hidden", "output"), ("expression",)),
    "loss": ("loss",),
    "name": ("title",),
    **dict.fromkeys(("l1", "l2", "tolerance"), ("decimal",)),
    **dict.fromkeys(("points", "rows", "seed", "digits", "count", "entries"), ("whole",)),
    **dict.fromkeys(("dtype", "target", "optimize", "accuracy", "reduction", "form", "level"), ("choice",)),
    **dict.fromkeys(("format_name", "what"), ("choice",)),
    **dict.fromkeys(("path", "plot", "solutions_path"), OUTPUT),
    "notation": PROFILE,
    "values_path": ("values",),
    "equation": ("latex", "tex-file", "markdown-file", "notebook"),
    "expression": ("function",),
    "templates": ("template",),
    "wrt": ("names",),
    "kinds": ("kinds",),
    "section": ("sections",),
    "given": ("weight",),
}
"""The arguments and options of the commands by the names of their values in the code, and what is read through them.

Flags, and options that take one of the words that click lists, take no free text and stand in no row.
"""
