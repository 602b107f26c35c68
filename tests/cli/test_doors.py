"""The public functions: each takes a network however it is given, files as str or Path, and nothing else."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Command

import symnet
from symnet.formats.formats import render
from symnet.notation.profile import notation_names
from symnet.support.errors import SymnetError

NETWORK = "2-2-1:tanh,identity"
EQUATION = r"z_j^{(1)} = \sum_i w_{ji}^{(1)} x_i + b_j^{(1)}"
NUMBERS = "[network]\ninputs = 2\n[[layers]]\nunits = 2\nactivation = 'tanh'\n[[layers]]\nunits = 1\n"

TAKES_A_NETWORK: dict[str, Callable[[Any], object]] = {
    "compile": lambda given: inspect.getsource(symnet.compile(given)),
    "count": lambda given: symnet.count(given).parameters,
    "derive": lambda given: symnet.derive(given).render("markdown"),
    "exercise_sheet": lambda given: symnet.exercise_sheet(given, seed=3, count=1).solutions,
    "generate": symnet.generate,
    "gradcheck": lambda given: symnet.gradcheck(given, points=1, rows=2),
    "to_string": symnet.to_string,
    "to_toml": symnet.to_toml,
    "verify": lambda given: symnet.verify(given, EQUATION, "nielsen"),
    "verify_file": lambda given: symnet.verify_file(given, "notes.md", "nielsen"),
}
TAKES_TEXT: dict[str, Callable[[Any], object]] = {
    "count_expression": symnet.count_expression,
    "differentiate": symnet.differentiate,
    "from_toml": symnet.from_toml,
    "parse": symnet.parse,
}
TAKES_A_PATH: dict[str, Callable[[Any], object]] = {
    "load": symnet.load,
    "verify_file": lambda given: symnet.verify_file(NETWORK, given, "nielsen"),
}
ELSE = (None, 5, 2.5, b"2-2-1", b"net.toml", ["2-2-1"], ("net.toml",), {"inputs": 2}, object(), True, symnet.Dense(2))


def public_functions() -> set[str]:
    return {name for name in symnet.__all__ if inspect.isfunction(getattr(symnet, name))}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.toml").write_text(NUMBERS, encoding="utf-8")
    (tmp_path / "notes.md").write_text(f"$$ {EQUATION} $$\n", encoding="utf-8")


def refused(call: Callable[[Any], object], given: object) -> str:
    with pytest.raises(SymnetError) as caught:
        call(given)
    message = str(caught.value)
    assert re.fullmatch(r"[ -~]{1,300}", message), message
    return message


def test_every_public_function_has_its_place_in_a_table() -> None:
    tables = (TAKES_A_NETWORK, TAKES_TEXT, TAKES_A_PATH)
    assert set().union(*tables) == public_functions()


def test_what_is_annotated_as_a_network_is_in_the_table_of_networks() -> None:
    """A function whose first argument is a network may not hide among those that take text."""
    for name in public_functions():
        first = next(iter(inspect.signature(getattr(symnet, name)).parameters))
        assert (first in ("network", "subject")) == (name in TAKES_A_NETWORK), name


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("name", TAKES_A_NETWORK)
def test_a_network_may_be_a_string_a_path_or_a_network(name: str) -> None:
    call = TAKES_A_NETWORK[name]
    expected = call(symnet.parse(NETWORK))
    for given in (NETWORK, "net.toml", Path("net.toml"), Path("net.toml").resolve()):
        assert call(given) == expected


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("name", TAKES_A_NETWORK)
def test_anything_else_is_refused_in_a_line_that_names_what_is_allowed(name: str) -> None:
    for given in (*ELSE, Path("net.txt"), Path("2-2-1")):
        message = refused(TAKES_A_NETWORK[name], given)
        assert "an architecture string, the path of a .toml file (str or Path) or a Network" in message
        assert ("module" in message) == (name == "gradcheck")


@pytest.mark.parametrize("name", TAKES_TEXT)
def test_text_is_a_string(name: str) -> None:
    for given in ELSE:
        assert "a string is needed" in refused(TAKES_TEXT[name], given)


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("name", TAKES_A_PATH)
def test_a_path_is_a_string_or_a_path(name: str) -> None:
    call, path = TAKES_A_PATH[name], {"load": "net.toml", "verify_file": "notes.md"}[name]
    assert call(path) == call(Path(path)) == call(Path(path).resolve())
    for given in ELSE:
        assert "a path, as str or Path, is needed" in refused(call, given)


@pytest.mark.usefixtures("files")
def test_a_notation_may_be_a_name_a_path_or_a_notation() -> None:
    Path("own.toml").write_text('base_profile = "bishop"\n', encoding="utf-8")
    calls: tuple[Callable[[Any], object], ...] = (
        lambda notation: symnet.derive(NETWORK).to_latex(notation),
        lambda notation: symnet.exercise_sheet(NETWORK, notation, count=1).problems,
        lambda notation: symnet.verify(NETWORK, "E = E", notation),
        lambda notation: symnet.verify_file(NETWORK, "notes.md", notation),
    )
    for call in calls:
        assert call("own.toml") == call(Path("own.toml"))
        for given in ELSE:
            assert "its name, the path of a .toml file (str or Path) or a Notation" in refused(call, given)


def test_an_equation_is_a_string() -> None:
    for given in ELSE:
        assert "LaTeX in a string is needed" in refused(lambda latex: symnet.verify(NETWORK, latex), given)


@pytest.mark.parametrize("notation", notation_names())
def test_a_notation_changes_how_a_network_is_written_and_never_the_network(
    notation: str, symnet_command: Command
) -> None:
    arguments = ("2-2-1", "--notation", notation)
    derivation = symnet.derive("2-2-1")
    assert symnet_command("derive", *arguments, "--format", "markdown").out == derivation.render("markdown", notation)
    sheet = symnet.exercise_sheet("2-2-1", notation, seed=1, count=1)
    assert symnet_command("exercise", *arguments, "--seed", "1", "--count", "1").out == render(sheet.problems, "text")
    told = json.loads(symnet_command("verify", *arguments, "1 = 1", "--json").out)
    assert told["architecture"] == symnet.verify("2-2-1", "1 = 1", notation).architecture == symnet.to_string("2-2-1")
    assert told["architecture"] == "2-2-1:sigmoid,identity"
