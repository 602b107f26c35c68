"""One word means one thing at every command: the table of docs/options.md, and the old words that say what is new."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from conftest import Command

import symnet
from symnet.cli.main import main
from symnet.pages.values import read_values

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "options.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(-[-\w]+)` \| ([\w, ]+) \| .+ \|$", PAGE, re.MULTILINE)
OLD = re.findall(r"^\| `(--\w+) (\w+)` \| (\w+) \| `(--\w+) ([-\w]+)` \|$", PAGE, re.MULTILINE)
PYTHON = re.findall(r"^\| `(\w+)=(?:\"\w+\")?` \| ([\w`, .]+) \| `(\w+)=(?:\"[-\w]+\")?` \|$", PAGE, re.MULTILINE)
NUMBERS = ROOT / "docs" / "downie.toml"
EQUATION = r"z_j^{(1)} = \sum_i w_{ji}^{(1)} x_i + b_j^{(1)}"


def options(*, hidden: bool) -> dict[str, dict[str, click.Option]]:
    """The options of all commands: by their name, then by the command."""
    found: dict[str, dict[str, click.Option]] = {}
    for name, command in main.commands.items():
        for parameter in command.params:
            if isinstance(parameter, click.Option) and parameter.hidden == hidden:
                found.setdefault(parameter.opts[0], {})[name] = parameter
    return found


def test_the_page_has_every_option_with_the_commands_that_take_it() -> None:
    listed = {option: set(commands.split(", ")) for option, commands in ROWS}
    assert len(listed) == len(ROWS)
    assert listed == {option: set(of) for option, of in options(hidden=False).items()}


def test_an_option_is_the_same_at_every_command() -> None:
    for option, of in options(hidden=False).items():
        facts = {
            (each.help, each.name, repr(each.default), repr(getattr(each.type, "name", ""))) for each in of.values()
        }
        assert len(facts) == 1, option


def test_the_page_has_every_old_word() -> None:
    assert {(old, command) for old, _, command, _, _ in OLD} == {
        (option, command) for option, of in options(hidden=True).items() for command in of
    }
    for old, of in options(hidden=True).items():
        for command, option in of.items():
            assert isinstance(option.type, click.Choice)
            assert {value for word, value, at, _, _ in OLD if (word, at) == (old, command)} == set(option.type.choices)


@pytest.mark.parametrize(("old", "value", "command", "new", "meant"), OLD)
def test_an_old_word_works_and_says_what_is_new(
    old: str, value: str, command: str, new: str, meant: str, symnet_command: Command
) -> None:
    done = symnet_command(command, "2-2-1", old, value)
    assert (done.status, done.err) == (0, f"{old} is now {new}: {new} {meant}\n")
    assert done.out == symnet_command(command, "2-2-1", new, meant).out
    written = symnet_command(command, "2-2-1", old, value, "-o", "written.txt")
    assert (written.status, written.out) == (0, "")
    assert old not in symnet_command(command, "--help").out or (command, old) == ("derive", "--form")


def test_an_old_word_and_the_new_one_are_refused_together(symnet_command: Command) -> None:
    done = symnet_command("derive", "2-2-1", "--detail", "brief", "--level", "short")
    assert (done.status, done.out) == (2, "")
    assert done.err == "symnet: --detail is now --level; give one of them\n"
    assert "unknown detail 'some'" in symnet_command("derive", "2-2-1", "--detail", "some").err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("count", "2-2-1", "--wrt", "x"), "--wrt goes with --expression"),
        (("count", "--expression", "x*y", "--hidden", "tanh"), "--hidden goes with an architecture"),
        (("count", "--expression", "x*y", "--l2", "0.1"), "--l2 goes with an architecture"),
        (("count", "--expression", "x*y", "--plot", "a.svg"), "--plot goes with an architecture"),
        (("count", "2-2-1", "--expression", "x"), "either an architecture or --expression"),
        (("equations", "2-2-1", "--latex", "--json"), "two formats"),
        (("equations", "2-2-1", "--templates", ".", "--json"), "--templates does not go with --json"),
        (("differentiate", "--expression", "x", "--target", "numpy-plain"), "known: numpy, python"),
        (("differentiate", "--expression", "x", "--expression", "y"), "--expression is given 2 times; one function is"),
        (("count", "--expression", "x", "--expression", "y"), "--expression is given 2 times; one function is taken"),
        (("derive", "2-2-1", "--digits", "3"), "--digits goes with --at; without numbers a page has none to show"),
        (("derive", "2-2-1", "--section", "numbers"), "a page has the section numbers only with --at"),
        (("derive", "2-2-1", "--section", "counts"), "a page has the section counts only with --counts"),
    ],
)
def test_options_that_have_no_effect_together_are_refused(
    arguments: tuple[str, ...], said: str, symnet_command: Command
) -> None:
    done = symnet_command(*arguments)
    assert (done.status, done.out) == (2, "")
    assert re.fullmatch(r"symnet: [ -~]+\n", done.err)
    assert said in done.err


# ---- in Python ----


def in_python(function: str, **given: Any) -> object:
    """What a function returns for arguments that are its options."""
    derivation = symnet.derive("2-2-1")
    calls: dict[str, Callable[..., object]] = {
        "generate": lambda **options: symnet.generate("2-2-1", **options),
        "compile": lambda **options: inspect.getsource(symnet.compile("2-2-1", **options)),
        "Derivation.document": lambda **options: derivation.document("downie", **options).sections,
        "render": lambda **options: derivation.render("markdown", "downie", **options),
        "to_latex": lambda **options: derivation.to_latex("downie", **options),
        "verify": lambda **options: str(symnet.verify("2-2-1", EQUATION, "nielsen", **options)),
        "verify_file": lambda **options: str(symnet.verify_file("2-2-1", "notes.md", "nielsen", **options)),
        "differentiate": lambda **options: symnet.differentiate("x*y**2", **options),
        "count_expression": lambda **options: symnet.count_expression("x*y**2", **options),
    }
    return calls[function](**given)


VALUES = read_values(NUMBERS.read_text(encoding="utf-8"), symnet.parse("2-2-1"), "downie")
GIVEN = {
    "form": ("scalar", "numpy-scalar"),
    "optimize": ("none", "numpy-plain"),
    "detail": ("brief", "short"),
    "values": (VALUES, NUMBERS),
    "with_respect_to": (["y"], ["y"]),
}
"""A value of each old argument, and of the new one that means it."""
CASES = [(old, function, new) for old, of, new in PYTHON for function in re.findall(r"`([\w.]+)`", of)]


def test_the_table_of_arguments_was_found() -> None:
    assert {old for old, _, _ in CASES} == set(GIVEN)
    assert len(CASES) == 14


@pytest.mark.parametrize(("old", "function", "new"), CASES)
def test_an_old_argument_works_and_warns(
    old: str, function: str, new: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("notes.md").write_text(f"$$ {EQUATION} $$\n", encoding="utf-8")
    before, now = GIVEN[old]
    told = f"argument {old} is now {new}" if new != "target" else f"argument {old} is now target='{now}'"
    with pytest.warns(DeprecationWarning, match=f"^{told}$") as caught:
        found = in_python(function, **{old: before})
    assert found == in_python(function, **{new: now})
    assert [Path(each.filename).name for each in caught] == [Path(__file__).name]


def test_two_names_of_one_argument_are_an_error() -> None:
    with pytest.raises(TypeError, match="got detail and level, which are two names of one argument"):
        symnet.derive("1-1").document(detail="brief", level="short")  # type: ignore[call-arg]


def test_a_signature_has_the_new_words_alone() -> None:
    old = {word for word, _, _ in PYTHON}
    for name in symnet.__all__:
        public = getattr(symnet, name)
        if inspect.isfunction(public):
            of_pages = {"form"} if name == "Derivation" else set()
            assert not old & set(inspect.signature(public).parameters) - of_pages, name
