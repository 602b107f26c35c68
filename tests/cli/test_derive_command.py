"""`symnet derive` as its user meets it: formats by suffix, notations from files, one line for what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Command

from symnet.formats.formats import FORMATS
from symnet.notation.profile import notation_names

SIGNS = {
    "notes.tex": r"\documentclass",
    "notes.md": "$$",
    "notes.qmd": "---\n",
    "notes.ipynb": '"nbformat"',
    "notes.html": "<!doctype html>",
    "notes.txt": "═══",
}
"""What a file of each suffix begins with or holds."""


@pytest.mark.parametrize("name", SIGNS)
def test_the_suffix_decides_the_format(name: str, symnet_command: Command) -> None:
    done = symnet_command("derive", "2-2-1", "-o", name)
    assert (done.status, done.out) == (0, "")
    assert done.err == f"wrote {name}\n"
    assert SIGNS[name].lower() in Path(name).read_text(encoding="utf-8").lower()


def test_a_named_format_goes_before_the_suffix(symnet_command: Command) -> None:
    assert symnet_command("derive", "2-2-1", "--format", "beamer", "-o", "slides.tex").status == 0
    assert "{beamer}" in Path("slides.tex").read_text(encoding="utf-8")


def test_without_a_file_it_is_printed_for_the_terminal(symnet_command: Command) -> None:
    done = symnet_command("derive", "2-2-1", "--notation", "nielsen")
    assert done.status == 0
    assert max(map(len, done.out.splitlines())) <= 100
    assert "δⱼˡ = σ′(zⱼˡ)" in done.out


def test_a_network_from_a_file_in_a_notation_from_a_file(symnet_command: Command) -> None:
    Path("net.toml").write_text(
        '[network]\ninputs = 2\nname = "mine"\n[[layers]]\nkind = "dense"\nunits = 3\n'
        '[[layers]]\nkind = "dense"\nunits = 1\n',
        encoding="utf-8",
    )
    Path("course.toml").write_text('base_profile = "bishop"\nloss = "Q"\nhalf = false\n', encoding="utf-8")
    done = symnet_command("derive", "net.toml", "--notation", "course.toml", "--format", "fragment")
    assert done.status == 0, done.err
    assert r"\frac{\partial Q}" in done.out
    assert "The loss: half squared error" in done.out
    assert "usually have the squared error without the factor" in done.out


def test_counts_are_those_of_the_count_command(symnet_command: Command) -> None:
    done = symnet_command("derive", "2-2-1;loss=half_squared_error", "--counts")
    counts = json.loads(symnet_command("count", "2-2-1", "--json").out)
    for method in ("forward", "brute_force", "sweep"):
        assert f"{counts[method]:,} " in done.out or f"{counts[method]:,}\n" in done.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("2-2-1", "--notation", "einstein"), "unknown notation 'einstein'"),
        (("2-2-1", "--notation", "none.toml"), "cannot read 'none.toml'"),
        (("2-2-1", "--form", "tensor"), "unknown form 'tensor'"),
        (("2-2-1", "--format", "pdf"), "unknown format 'pdf'"),
        (("2-2-1", "--level", "some"), "unknown level 'some'"),
        (("2-2-1", "-o", "notes.pdf"), "'notes.pdf' has no suffix of a format"),
        (("2-2-1", "--digits", "99"), "--digits"),
        (("2-2-1", "--at", "none.toml"), "cannot read 'none.toml'"),
        (("9-9-9-1", "--form", "scalar"), "up to 40; ask for --form index"),
        (("2-2-1:step,identity",), "cannot be trained through"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_wrong_is_one_line(arguments: tuple[str, ...], words: str, symnet_command: Command) -> None:
    done = symnet_command("derive", *arguments)
    assert done.status == 2
    assert done.out == ""
    assert len(done.err.splitlines()) == 1
    assert words in done.err
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("command", ["derive", "exercise"])
def test_a_notation_that_needs_a_letter_for_something_else_is_refused(command: str, symnet_command: Command) -> None:
    Path("own.toml").write_text('rate = "beta"\n', encoding="utf-8")
    assert symnet_command(command, "2-2-1", "--notation", "own.toml").status == 0
    done = symnet_command(command, "2-2-1;loss=gaussian_nll", "--notation", "own.toml")
    assert (done.status, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert "a learned precision" in done.err
    assert "choose another notation" in done.err


def test_the_lists(symnet_command: Command) -> None:
    notations = symnet_command("list", "notations").out
    assert all(f"\n{name} " in notations for name in notation_names())
    formats = symnet_command("list", "formats").out
    assert all(f"\n{name} " in formats for name in FORMATS)
