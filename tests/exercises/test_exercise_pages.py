"""Sheets in real renderers, and `symnet exercise` as its user meets it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import nbformat
import pytest
from conftest import Command
from rendering import as_handout, check_formulas, check_pages, compile_tex, compile_together, formulas_of
from sample_documents import HOSTILE

import symnet
from symnet.exercises.kinds import KINDS
from symnet.exercises.sheet import Sheet, draw_sheet
from symnet.formats.formats import FORMATS, render
from symnet.formats.text import WIDTH, columns
from symnet.network.string import parse
from symnet.notation.profile import load_notation, notation_names

NOTATIONS = notation_names()
NETWORKS = ("2-2-1", "3-4-2:tanh,softmax;loss=cross_entropy", "2-3-3[residual]-1", "64-32-10")


FEW = NOTATIONS[1:4:2]
"""The notations that have the second of the networks and the last."""


@cache
def sheet(notation: str) -> Sheet:
    """Another network for each notation."""
    number = NOTATIONS.index(notation)
    return draw_sheet(parse(NETWORKS[number % len(NETWORKS)]), load_notation(notation), seed=number)


@pytest.mark.needs("pdflatex")
def test_pdftex_takes_sheets_and_solutions_in_every_notation(tmp_path: Path) -> None:
    """Solutions hold all that the sheet holds, which is set by itself for two of the networks."""
    documents = {notation: render(sheet(notation).solutions, "tex") for notation in NOTATIONS}
    documents |= {f"{notation} alone": render(sheet(notation).problems, "tex") for notation in FEW}
    assert compile_together(tmp_path, "sheet", documents) == []


@pytest.mark.needs("pdflatex")
def test_pdftex_takes_slides(tmp_path: Path) -> None:
    slides = {notation: as_handout(render(sheet(notation).solutions, "beamer")) for notation in FEW}
    assert compile_together(tmp_path, "slides", slides) == []


@pytest.mark.needs("pdflatex")
def test_a_sheet_compiles_by_itself(tmp_path: Path) -> None:
    found = sheet("downie")
    assert compile_tex(tmp_path, "sheet", render(found.solutions, "tex")) == []


@pytest.mark.needs("node")
def test_katex_and_mathjax_take_every_formula() -> None:
    pages = [render(sheet(notation).solutions, "markdown") for notation in NOTATIONS]
    unique = {json.dumps(formula, sort_keys=True): formula for page in pages for formula in formulas_of(page)}
    assert len(unique) > 500
    assert check_formulas(list(unique.values())) == []


@pytest.mark.needs("chromium")
def test_the_pages_in_a_browser(tmp_path: Path) -> None:
    paths = []
    for number, document in enumerate((sheet(FEW[0]).problems, sheet(FEW[1]).solutions)):
        paths.append(tmp_path / f"{number}.html")
        paths[-1].write_text(render(document, "html"), encoding="utf-8")
    for result in check_pages(paths):
        assert result["errors"] == []
        assert result["requests"] == []
        assert result["broken"] == []
        assert result["pictures"] == 1
        assert all(result["formulas"])
        assert result["overflow"] <= 0


def test_every_format_is_written_in_every_notation() -> None:
    for notation in NOTATIONS:
        for name in FORMATS:
            assert len(render(sheet(notation).problems, name)) > 1000


def test_a_sheet_for_the_terminal_is_narrow() -> None:
    for notation in NOTATIONS:
        found = sheet(notation)
        for document in (found.problems, found.solutions):
            assert max(map(columns, render(document, "text").splitlines())) <= WIDTH


def test_the_command_writes_the_sheet_and_its_solutions(symnet_command: Command) -> None:
    arguments = ("2-2-1", "--notation", "downie", "--seed", "7", "--count", "5")
    done = symnet_command("exercise", *arguments, "-o", "sheet.tex", "--solutions", "solutions.md")
    assert (done.status, done.out) == (0, "")
    assert done.err == "wrote solutions.md\nwrote sheet.tex\n"
    sheet, solutions = Path("sheet.tex").read_text(encoding="utf-8"), Path("solutions.md").read_text(encoding="utf-8")
    assert r"\documentclass" in sheet
    assert sheet.count("Exercise ") >= 5
    assert "Solution" not in sheet
    assert solutions.count("### Solution. ") == 5
    again = symnet_command("exercise", *arguments, "--format", "tex")
    assert again.out == sheet


def test_a_notebook_of_solutions_runs_the_code(symnet_command: Command) -> None:
    """The sheet that is handed out has no code, since that would give the answers away."""
    done = symnet_command(
        "exercise", "2-2-1", "--kinds", "count,gradient", "-o", "sheet.ipynb", "--solutions", "s.ipynb"
    )
    assert done.status == 0
    for name, has_code in (("sheet.ipynb", False), ("s.ipynb", True)):
        notebook = nbformat.reads(Path(name).read_text(encoding="utf-8"), as_version=4)
        nbformat.validate(notebook)
        assert any(cell.cell_type == "code" for cell in notebook.cells) == has_code


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("2-2-1", "--notation", "einstein"), "unknown notation 'einstein'"),
        (("2-2-1", "--kinds", "essay"), "unknown kind of exercise 'essay'"),
        (("2-2-1", "--kinds", "forward,,delta"), "unknown kind of exercise ''"),
        (("2-2-1", "--count", "0"), "--count"),
        (("2-2-1", "--count", "99"), "--count"),
        (("2-2-1", "--seed", "-1"), "--seed"),
        (("2-2-1", "--seed", "x"), "--seed"),
        (("2-2-1", "--format", "pdf"), "unknown format 'pdf'"),
        (("2-2-1", "-o", "sheet.pdf"), "'sheet.pdf' has no suffix of a format"),
        (("2-2-1", "-o", "sheet.tex", "--solutions", "s.pdf"), "'s.pdf' has no suffix of a format"),
        (("2-2-1", "-o", "sheet.tex", "--solutions", "./sheet.tex"), "name the same file"),
        (("3-2", "--kinds", "delta"), "3-2 has no hidden layer"),
        (("2-2-1:step,identity",), "cannot be trained through"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_wrong_is_one_line(arguments: tuple[str, ...], words: str, symnet_command: Command) -> None:
    done = symnet_command("exercise", *arguments)
    assert done.status == 2
    assert done.out == ""
    assert len(done.err.splitlines()) == 1
    assert words in done.err
    assert list(Path().iterdir()) == []


def test_the_kinds_are_listed(symnet_command: Command) -> None:
    listed = symnet_command("list", "exercises").out
    assert all(f"\n{name} " in listed for name in KINDS)


@pytest.mark.parametrize("name", ["tex", "html", "markdown"])
def test_a_hostile_title_stays_text(name: str) -> None:
    network = symnet.Network(2, [symnet.Dense(2), symnet.Dense(1)], name=HOSTILE)
    written = render(symnet.exercise_sheet(network, kinds=("count",)).problems, name)
    command = r"\write18" if name == "tex" else "<script>alert"
    assert "write18" in written
    assert not any(command in line for line in written.splitlines() if not line.startswith("%"))


def test_what_is_usual_in_a_notation_is_said_once() -> None:
    """At the head of a sheet, and not again in the solution of each exercise."""
    for notation in notation_names():
        sheet = draw_sheet(parse("2-2-1"), load_notation(notation), seed=1, count=len(KINDS), kinds=())
        for document in (sheet.problems, sheet.solutions):
            assert render(document, "text").replace("\n", " ").count("usually have") <= 1, notation
