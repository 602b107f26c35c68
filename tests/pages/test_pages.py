"""Real derivations in real renderers: pdfTeX, KaTeX, MathJax and a browser take them in every notation and form."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import nbformat
import pytest
from rendering import (
    as_handout,
    check_formulas,
    check_pages,
    compile_tex,
    compile_together,
    formulas_of,
    with_boxes_for_pictures,
)
from sample_documents import HOSTILE

import symnet
from symnet.formats.blocks import Document
from symnet.formats.formats import render
from symnet.network.network import Network
from symnet.network.string import parse
from symnet.notation.profile import load_notation, notation_names
from symnet.pages.contents import Options, derivation_document
from symnet.pages.values import read_values
from symnet.support.choices import PAGE_FORMS as FORMS

NOTATIONS = notation_names()

NETWORKS = (
    "2-2-1",
    "3-4-2:tanh,softmax;loss=cross_entropy;l2=0.1",
    "2-3-3-1:relu,gelu,sigmoid;loss=binary_cross_entropy;l1=0.01",
    "2-2[residual]-2[residual,skip=2]-1",
    "2-3-1:z*tanh(log(1+exp(z))),identity;loss=log(cosh(a-y))",
)

VALUES = (Path(__file__).parents[2] / "docs" / "downie.toml").read_text(encoding="utf-8")


def network_for(notation: str, form: str) -> Network:
    """Another network for each notation and form; a scalar derivation takes a small one."""
    if form == "scalar":
        return parse(NETWORKS[0])
    return parse(NETWORKS[(NOTATIONS.index(notation) + FORMS.index(form)) % len(NETWORKS)])


@cache
def page(notation: str, form: str) -> Document:
    network = network_for(notation, form)
    return derivation_document(network, load_notation(notation), Options(form)).document


@cache
def worked(notation: str, form: str) -> Document:
    network = parse("2-2-1")
    options = Options(form, values=read_values(VALUES, network, "values"), counts=True)
    return derivation_document(network, load_notation(notation), options).document


@pytest.mark.needs("pdflatex")
@pytest.mark.parametrize("form", FORMS)
def test_pdftex_takes_every_notation_and_form(form: str, tmp_path: Path) -> None:
    documents = {notation: render(page(notation, form), "tex") for notation in NOTATIONS}
    assert compile_together(tmp_path, "page", documents) == []


@pytest.mark.needs("pdflatex")
@pytest.mark.parametrize("form", FORMS)
def test_pdftex_takes_slides_in_every_notation_and_form(form: str, tmp_path: Path) -> None:
    """The pictures are those of the other test."""
    slides = {
        notation: with_boxes_for_pictures(as_handout(render(page(notation, form), "beamer"))) for notation in NOTATIONS
    }
    assert compile_together(tmp_path, "slides", slides) == []


@pytest.mark.needs("pdflatex")
@pytest.mark.parametrize("form", FORMS)
def test_pdftex_takes_numbers_and_counts(form: str, tmp_path: Path) -> None:
    """Each document by itself, in two runs; slides as they are uncovered."""
    for notation in ("downie", "ng"):
        assert compile_tex(tmp_path, notation, render(worked(notation, form), "tex")) == []
    slides = render(worked("downie", form), "beamer")
    assert compile_tex(tmp_path, "slides", slides, runs=1) == []
    assert compile_tex(tmp_path, "handout", as_handout(render(worked("ng", form), "beamer")), runs=1) == []


@pytest.mark.needs("node")
def test_katex_and_mathjax_take_every_formula() -> None:
    formulas = []
    for notation in NOTATIONS:
        for form in FORMS:
            formulas += formulas_of(render(page(notation, form), "markdown"))
    formulas += formulas_of(render(worked("downie", "scalar"), "markdown"))
    unique = {json.dumps(formula, sort_keys=True): formula for formula in formulas}
    assert len(unique) > 1000
    assert check_formulas(list(unique.values())) == []


@pytest.mark.needs("chromium")
def test_the_pages_in_a_browser(tmp_path: Path) -> None:
    paths = []
    for form, notation in zip(FORMS, ("downie", "nielsen", "ng"), strict=True):
        paths.append(tmp_path / f"{form}.html")
        paths[-1].write_text(render(page(notation, form), "html"), encoding="utf-8")
    for result in check_pages(paths):
        assert result["errors"] == []
        assert result["requests"] == []
        assert result["broken"] == []
        assert result["pictures"] == 2
        assert len(result["formulas"]) > 40
        assert all(result["formulas"])
        assert result["overflow"] <= 0


def hostile_derivation() -> symnet.Derivation:
    network = parse("2-2-1")
    settings = {key: getattr(network, key) for key in ("loss", "reduction", "l1", "l2")}
    return symnet.derive(Network(network.inputs, network.layers, name=HOSTILE, **settings))


@pytest.mark.parametrize(
    ("name", "command"),
    [
        *((name, r"\write18") for name in ("tex", "fragment", "beamer")),
        *((name, "<script>alert") for name in ("html", "markdown", "myst", "quarto")),
    ],
)
def test_a_hostile_title_stays_text(name: str, command: str) -> None:
    written = hostile_derivation().render(name)
    assert "write18" in written
    assert not any(command in line for line in written.splitlines() if not line.startswith("%"))


def test_a_hostile_title_does_not_steer_a_terminal() -> None:
    written = hostile_derivation().render("text")
    assert all(line.isprintable() for line in written.split("\n"))
    title = written[: written.index("\n═")].replace("\n", " ")
    assert title.startswith(r"Backpropagation for a\nb \write18{touch x} $x$")
    assert r"\u202eevil \x1b[31m \u2028 é" in title
    assert title.endswith(r"\end{document}")


def test_a_hostile_title_is_markdown_in_a_notebook() -> None:
    written = hostile_derivation().render("ipynb")
    assert all(line.isprintable() for line in written.split("\n"))
    first, *others = nbformat.reads(written, as_version=4).cells
    assert first.cell_type == "markdown"
    title = first.source.splitlines()[0]
    assert title.startswith(r"# Backpropagation for a\\nb \\write18\{touch x\} \$x\$")
    assert r"&lt;script&gt;alert(1)&lt;/script&gt;" in title
    assert title.endswith(r"\\end\{document\}")
    assert not any("<script" in cell.source for cell in others if cell.cell_type == "markdown")


@pytest.mark.needs("pdflatex")
def test_a_hostile_title_compiles(tmp_path: Path) -> None:
    derivation = hostile_derivation()
    for name in ("tex", "beamer"):
        assert compile_tex(tmp_path, name, derivation.render(name), runs=1 + (name == "tex")) == []


def test_the_notebook_runs_the_generated_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    notebook = nbformat.reads(symnet.derive(parse("2-3-1")).render("ipynb", "nielsen", form="matrix"), as_version=4)
    nbformat.validate(notebook)
    space: dict[str, object] = {"__name__": "__main__"}
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert len(cells) >= 2
    for source in cells:
        exec(compile(source, "cell", "exec"), space)


def test_formats_without_a_renderer_are_written_in_every_notation() -> None:
    for notation in NOTATIONS:
        document = page(notation, "index")
        for name in ("fragment", "myst", "quarto", "text"):
            assert len(render(replace(document, module="x = 1\n"), name)) > 1000
