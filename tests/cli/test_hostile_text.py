"""What strangers write stays text: parsers answer at once, and titles cannot leave the place they are written in."""

from __future__ import annotations

import ast
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import click
import pytest
from conftest import Command
from entrances import DOORS, ENTRANCES, PATHS, Entrance, accepted, is_line, refusal
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import UNHURRIED, examples
from work import counted

import symnet
from symnet.cli.main import main
from symnet.formats.formats import FORMATS, render
from symnet.notation.profile import load_notation
from symnet.pages.contents import Options, derivation_document

# ---- parsers ----


def nearly(entrance: Entrance) -> st.SearchStrategy[str]:
    """Texts near the grammar of a parser: its seeds with words of it, or any characters, put in or over."""
    pieces = st.sampled_from(entrance.words) | st.text(max_size=3)

    @st.composite
    def changed(draw: st.DrawFn) -> str:
        text = draw(st.sampled_from(entrance.seeds))
        for _ in range(draw(st.integers(1, 3))):
            start = draw(st.integers(0, len(text)))
            end = draw(st.integers(start, min(start + 8, len(text))))
            text = text[:start] + draw(pieces) * draw(st.sampled_from((1, 1, 1, 40))) + text[end:]
        return text

    return changed() | st.lists(st.sampled_from(entrance.words), max_size=12).map("".join) | st.text(max_size=20)


@pytest.mark.parametrize("name", ENTRANCES)
def test_any_text_is_answered_at_once_and_refused_in_one_line(name: str) -> None:
    entrance = ENTRANCES[name]
    refusal(entrance.read, entrance.seeds[0])  # What is imported on first use is not to be counted.
    for seed in entrance.seeds:
        assert accepted(entrance, seed), seed

    @settings(**UNHURRIED, max_examples=examples(120))
    @given(nearly(entrance))
    def answered(text: str) -> None:
        accepted(entrance, text)

    answered()


# ---- doors ----


def doors() -> list[tuple[click.Command, click.Parameter]]:
    """The arguments and options of all commands that take text."""
    return [
        (command, parameter)
        for command in main.commands.values()
        for parameter in command.params
        if not getattr(parameter, "is_flag", False) and not isinstance(parameter.type, click.Choice)
    ]


def test_every_door_of_the_commands_is_in_the_table() -> None:
    """A new option needs a row in `entrances.DOORS`, or values that click lists."""
    found = {parameter.name for _, parameter in doors()}
    assert found - set(DOORS) == set(), "without an entrance"
    every = {parameter.name for command in main.commands.values() for parameter in command.params}
    assert set(DOORS) - every == set(), "no longer an option"
    assert {name for names in DOORS.values() for name in names} == set(ENTRANCES)


BASE = {"verify": ["1-1", "C = C"], "differentiate": ["--expression", "x"], "exercise": ["1-1", "--count", "1"]}
SPOILT = ("", "-", "\x1b[31m\u202e", "\uff11", "x\ny=\0", "9" * 5_000, "--", "\ud800")


def with_text(command: click.Command, parameter: click.Parameter, text: str) -> list[str]:
    """The words of a command with a text at one of its doors."""
    if isinstance(parameter, click.Argument):
        place = [other for other in command.params if isinstance(other, click.Argument)].index(parameter)
        words = BASE.get(str(command.name), ["1-1"])
        return [*words[:place], text, *words[place + 1 :]]
    if command.name == "count" and parameter.name in ("expression", "wrt"):
        words = [] if parameter.name == "expression" else ["--expression", "x"]
    else:
        words = BASE.get(str(command.name), ["1-1"])
    return [*words, parameter.opts[0], text]


@pytest.mark.parametrize(
    ("command", "parameter"), doors(), ids=lambda value: value.name if hasattr(value, "name") else None
)
def test_spoilt_text_at_any_door_is_answered_or_refused_in_one_line(
    symnet_command: Command, monkeypatch: pytest.MonkeyPatch, command: click.Command, parameter: click.Parameter
) -> None:
    for text in SPOILT:
        given_in = io.BytesIO(text.encode("utf-8", "surrogatepass"))
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(given_in, encoding="utf-8"))
        result = symnet_command(str(command.name), *with_text(command, parameter, text))
        assert result.status in (0, 1, 2), (text, result)
        if result.status == 2 and not result.out:
            is_path = parameter.name in PATHS
            assert is_line(result.err.removesuffix("\n"), is_path=is_path), ascii(result.err)
            assert result.err.startswith("symnet: ")


LAYERS = "[network]\ninputs = 2\n" + "[[layers]]\nunits = 1\n" * 15_000
ONE = "[network]\ninputs = 2\n[[layers]]\nunits = 1\n"
BIG = "+".join(f"sqrt(1+z**{n})" for n in range(2, 50))
LONG: dict[str, tuple[tuple[str, str], ...]] = {
    "toml": (
        # tomllib takes the cube of the parts of a key
        (".".join(["a"] * 50_000) + " = 1", "more than 32 parts"),
        ("[" + " . ".join(['"a"'] * 50_000) + "]", "more than 32 parts"),
        ('["' + '".'.join(["a" * 900 + '"'] * 1_000) + "]", ""),
        ("x = {" + ".".join(["'a'"] * 50_000) + " = 1}", "more than 32 parts"),
        ("a" * 900_000, ""),
        ('"' + '\\"' * 400_000, ""),
        ("[network]\ninputs = " + "[" * 33 + "]" * 33, "deeper than 32"),
        ("[network]\ninputs = " + "[" * 300 + "]" * 300, "deeper than 32"),
        ("[network]\ninputs = " + "[" * 9_000, "deeper than 32"),
        ("[network]\ninputs = " + "{a = " * 9_000, ""),
        (".".join(["a"] * 32) + " = [[1]]", "deeper than 32"),
        (LAYERS, "15000 layers"),
        # within the limit of bytes, and two seconds of tomllib's time
        (LAYERS * 2, "more than 100,000 keys, values and lines"),
        ("".join(f"k{n}=1\n" for n in range(90_000)), "more than 100,000"),
        ("x = [" + "1," * 490_000 + "]", "more than 100,000"),
        ("".join(f"{'a.' * 31}k{n} = 1\n" for n in range(13_000)), "more than 100,000"),
        ("".join(f"k{n}=1\n" for n in range(45_000)), ""),
        ("x = [" + "{}," * 45_000 + "]", ""),
        (ONE + "".join(f"[activations.a{n}]\nexpression = 'z+{n}'\n" for n in range(33)), "33 formulas"),
        (ONE + "".join(f"[losses.a{n}]\nexpression = 'a+{n}'\n" for n in range(33)), "33 formulas"),
        (
            "[network]\ninputs = 2\n" + "".join(f"[[layers]]\nunits = 1\nactivation = 'z+{n}'\n" for n in range(33)),
            "33",
        ),
    ),
    "expression": (
        # activations that are formulas of z themselves, each twice as large as what it is called with
        *((f"{name}(" * 50 + "z" + ")" * 50, "more than 2,000") for name in ("gelu", "mish", "silu", "gelu_tanh")),
        ("+".join(["gelu(gelu(z))"] * 40), ""),
    ),
    "values": (("x = " + "[" * 200 + "]" * 200, "deeper than 32"),),
    "notation": (("spare = " + "[" * 200 + "]" * 200, "deeper than 32"),),
    "architecture": (
        ("1-" * 450_000 + "1", "450000 layers"),
        ("-" * 450_000, "450000 layers"),
        ("2-1" + ";" * 900_000, ""),
        ("2-1:" + "(" * 900_000, ""),
        ("9" * 900_000, ""),
        ("-".join("1" * 34) + ":" + ",".join(f"z+{n}" for n in range(33)), "33 formulas"),
        ("-".join(["1"] * 1_001) + ":" + ",".join([BIG] * 1_000), ""),
    ),
    "latex": (
        # patterns that took the square of a run of spaces
        (r"a \\ " + " " * 15_000 + "b", ""),
        (r"a \\ &" + r"\quad " * 2_500 + "b", ""),
        (r"a \\ [ 1 " + " " * 15_000 + "b", ""),
        # found by fuzzing: messages that were not ASCII
        (r"\|}", r"\| first"),
        (r"\frac{\partial \mathrm{diag}C}{\partial a_j^2} = 1", r"behind \partial"),
        (r"9^{9^{9^{9^{9}}}} = \exp(\exp(\exp(\exp(9^9))))", ""),
    ),
}


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [(name, text, part) for name, rows in LONG.items() for text, part in rows],
    ids=lambda value: ascii(value)[:30],
)
def test_long_text_is_answered_at_once(name: str, text: str, part: str) -> None:
    entrance = ENTRANCES[name]
    refusal(entrance.read, entrance.seeds[0])
    if not part:
        accepted(entrance, text)
        return
    with pytest.raises(symnet.SymnetError, match=re.escape(part)):
        entrance.read(text)
    assert not accepted(entrance, text)


GROWING: dict[str, tuple[str, Callable[[int], str], int]] = {
    "sums": ("expression", lambda size: "+".join(f"sqrt({k}+z**2)" for k in range(1, size)), 16),
    "nested powers": ("expression", lambda size: "(" * size + "z" + ")**1.01" * size, 8),
    "nested functions": ("expression", lambda size: "tanh(1 + " * size + "z" + ")" * size, 12),
    "losses": ("loss", lambda size: "+".join(f"log(cosh({k}*a - y))" for k in range(1, size)), 8),
    "variables": ("function", lambda size: "+".join(f"exp(x{k})" for k in range(size)), 16),
    "layers": ("architecture", lambda size: "-".join("1" * size), 200),
    "tables": ("toml", lambda size: "[network]\ninputs = 1\n" + "[[layers]]\nunits = 1\n" * size, 200),
    "keys": ("toml", lambda size: "".join(f"k{n} = 1\n" for n in range(size)), 5_000),
    "numbers": ("values", lambda size: f"x = [{'1,' * size}]", 10_000),
    "terms": ("latex", lambda size: "x_1 = " + " + ".join(["x_1 x_2"] * size), 100),
    "chains": ("latex", lambda size: r" \\ ".join(["C = C"] * size), 50),
    "lines": ("tex-file", lambda size: "\\[ C = C \\] % $$ \n" * size, 500),
    "fences": ("markdown-file", lambda size: "```math\nC = C\n```\n<!-- $$ -->" * size, 200),
}
"""Texts of a size, each with the size that is doubled."""


@pytest.mark.parametrize("kind", GROWING)
def test_the_work_on_a_text_twice_as_long_is_four_times_as_much_at_most(kind: str) -> None:
    """What takes the square of a text ends within the limits of its length; what takes an exponential does not."""
    name, text, size = GROWING[kind]
    read = ENTRANCES[name].read
    refusal(read, ENTRANCES[name].seeds[0])  # What is imported on first use is not to be counted.
    found = []
    for length in (size, 2 * size):
        with counted() as work:
            refusal(read, text(length))
        found.append(work.calls)
    assert found[1] <= 4 * found[0] + 20_000, found


def test_a_deep_formula_is_derived_as_fast_as_a_shallow_one() -> None:
    """SymPy took time exponential in the depth: 2 s at 8, 20 s at 10."""
    deep = symnet.parse(f"1-1:{'tanh(' * 25}z{')' * 25}")
    compiled = symnet.compile(deep)
    assert symnet.gradcheck(compiled)


# ---- titles ----

PLAIN = "a title"
TITLES = (
    "two\nlines\r\nthree\u2028four\u2029\x0b\x0c\x85five",
    '"""; import os; """ \'\'\' \\',
    "ends in a backslash \\",
    'ends in quotes """',
    r"\write18{touch x} \input{/etc/passwd} \csname end\endcsname \end{document} ^^5cinput #1 & ~ $x$ $$ % }{",
    "<script>alert(1)</script> <!-- --> ]]> </title> <img src=x onerror=alert(1)> &lt; \" '",
    "\u202ereversed \u2066isolated\u2069 zero\u200bwidth \ufeff \u00ad joined\u200d",
    "-*- coding: utf-7 -*-",
    "# coding: utf-7",
    "coding=utf-7",
    "x vim: set foldexpr=f(): ex: vi:x vim>700: x",
    "!TEX program = lualatex --shell-escape",
    "% !TEX root = /etc/passwd",
    "arara: pdflatex: {shell: yes}",
    "# heading `code` *a* _b_ [link](javascript:alert(1)) ![i](x) {{< include x >}} {{ jinja }} {% raw %} ```{python}",
    "--- : yaml",
    "\x1b[31mred\x1b]0;x\x07 \x9b \x7f \x00",
    "filled\u3164\u115f joined\u034f varied\ufe0f\U000e0100",
    "\ud800 lone",
    "x" * 200,
)
MODULES: dict[str, dict[str, str]] = {
    "full": {},
    "none": {"target": "numpy-plain"},
    "scalar": {"target": "numpy-scalar"},
    "python": {"target": "python"},
}


def written(title: str, **options: str) -> str:
    return symnet.generate(symnet.parse("1-1", name=title), **options)


def code_of(source: str) -> str:
    """A module's code without its docstring and the text of its architecture."""
    tree = ast.parse(source)
    assert isinstance(tree.body[0], ast.Expr)
    body = [
        node
        for node in tree.body[1:]
        if not (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "ARCHITECTURE")
    ]
    return "\n".join(ast.dump(node) for node in body)


OBEYED = re.compile(r"coding[:=]|-\*-|\b(vim?|ex)[<>=]?\d*:|!TEX|arara:", re.IGNORECASE)
"""Of editors and tools, as PEP 263 and the manuals of Emacs, Vim, TeXworks and arara have it."""


@pytest.mark.parametrize("kind", MODULES)
@pytest.mark.parametrize("title", TITLES, ids=lambda title: ascii(title)[:30])
def test_a_title_stays_in_the_docstring_of_a_module(title: str, kind: str) -> None:
    source = written(title, **MODULES[kind])
    assert source.isascii()
    assert set(source) - {"\n"} <= set(map(chr, range(32, 127)))
    assert code_of(source) == code_of(written(PLAIN, **MODULES[kind]))
    docstring = ast.get_docstring(ast.parse(source), clean=False)
    assert docstring is not None
    assert not OBEYED.search(docstring)
    assert not any(OBEYED.search(line) for line in source.splitlines()[:5])


@cache
def pages(title: str) -> dict[str, str]:
    """A derivation in all formats."""
    network = symnet.parse("1-1", name=title)
    # Without reading it back, which has nothing to do with titles and takes most of the time.
    document = derivation_document(network, load_notation("symnet"), Options(level="short")).document
    document = replace(document, module=symnet.generate(network, target="numpy-plain"))
    return {name: render(document, name) for name in FORMATS}


class Tags(HTMLParser):
    """The elements and attributes of a page, and the text in its scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[object] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, [name for name, _ in attributes]))

    def handle_comment(self, data: str) -> None:
        self.found.append("comment")


def commands(tex: str) -> set[str]:
    shown = [line for line in tex.splitlines() if not line.startswith("%")]
    return set(re.findall(r"\\(?:[A-Za-z@]+|[^A-Za-z@\s])", "\n".join(shown)))


SHOWN_BY = {rf"\{name}" for name in ("textbackslash", "textasciicircum", "textasciitilde", "allowbreak", "ldots")}
SHOWN_BY |= {rf"\{character}" for character in "{}_%&#$"}
"""How a title's characters are shown in LaTeX."""


@pytest.mark.parametrize("title", TITLES, ids=lambda title: ascii(title)[:30])
def test_a_title_stays_a_title_on_every_page(title: str) -> None:
    plain, found = pages(PLAIN), pages(title)
    for name, page in found.items():
        lines = page.split("\n")
        assert name in ("text", "beamer", "ipynb") or len(lines) == len(plain[name].split("\n")), name
        assert all(line.isprintable() for line in lines), name
        assert not re.search(
            "[\u034f\u115f\u200b-\u200f\u202a-\u202e\u2066-\u2069\u3164\ufe0f\ufeff\U000e0100]", page
        ), name
    for name in ("tex", "fragment", "beamer"):
        assert commands(found[name]) <= commands(plain[name]) | SHOWN_BY, name
        comment = found[name].splitlines()[0]
        assert comment.startswith("% ")
        assert comment.isascii()
        assert not OBEYED.search(comment)
    assert Tags(found["html"]).found == Tags(plain["html"]).found
    heads = [line[2:] for name in ("markdown", "myst") for line in found[name].splitlines() if line.startswith("# ")]
    heads += [json.loads(line[7:]) for line in found["quarto"].splitlines() if line.startswith("title: ")]
    assert len(heads) == 3
    assert not any(re.search(r"[<>]|(?<!\\)(?:\\\\)*[`*_\[\]{}$~^|@#]", head) for head in heads)
    notebook, other = json.loads(found["ipynb"]), json.loads(plain["ipynb"])
    assert [cell["cell_type"] for cell in notebook["cells"]] == [cell["cell_type"] for cell in other["cells"]]
    codes = [[cell["source"] for cell in book["cells"] if cell["cell_type"] == "code"] for book in (notebook, other)]
    assert code_of("".join(codes[0][0])) == code_of("".join(codes[1][0]))
    assert codes[0][1:] == codes[1][1:]
