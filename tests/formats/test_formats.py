"""Each format is taken by the program it is for, and escapes what it is given."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest
from rendering import (
    FRAGMENT_WRAPPER,
    broken_references,
    check_formulas,
    check_pages,
    compile_tex,
    compile_together,
    formulas_of,
    objections,
)
from sample_documents import HOSTILE, derivation, every_node, hostile

from symnet.formats.blocks import Display, Document, Line, Paragraph, Section, Step
from symnet.formats.formats import FORMATS, render
from symnet.formula.latex import formula_latex
from symnet.formula.tree import Letter, Reveal, product
from symnet.support.errors import NotationError

DOCUMENTS = {"derivation": derivation, "hostile": hostile}
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def one_section(*blocks: Paragraph | Display | Step) -> Document:
    return Document("A title", "A subtitle", (Section("A section", blocks),))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_character_steers_and_output_is_the_same_again(name: str, document: str) -> None:
    text = render(DOCUMENTS[document](), name)
    assert not STEERING.search(text)
    assert text.endswith("\n")
    assert text == render(DOCUMENTS[document](), name)


def test_an_unknown_format_is_named_with_the_known_ones() -> None:
    with pytest.raises(NotationError, match=r"unknown format 'latex'.*known: beamer.*tex"):
        render(one_section(), "latex")


@pytest.mark.needs("pdflatex")
@pytest.mark.parametrize("name", ["tex", "beamer", "fragment"])
@pytest.mark.parametrize("document", DOCUMENTS)
def test_pdftex_takes_it(name: str, document: str, tmp_path: Path) -> None:
    source = render(DOCUMENTS[document](), name)
    if name == "fragment":
        (tmp_path / "fragment.tex").write_text(source, encoding="utf-8")
        source = FRAGMENT_WRAPPER
    assert compile_tex(tmp_path, "page", source, runs=1 if name == "beamer" else 2) == []
    assert not (tmp_path / "x").exists()
    assert b"/Type3" not in (tmp_path / "page.pdf").read_bytes()


@pytest.mark.needs("pdflatex")
def test_two_fragments_do_not_collide(tmp_path: Path) -> None:
    first = derivation()
    second = Document(first.title, "in another notation", first.sections)
    (tmp_path / "fragment.tex").write_text(render(first, "fragment"), encoding="utf-8")
    (tmp_path / "second.tex").write_text(render(second, "fragment"), encoding="utf-8")
    both = FRAGMENT_WRAPPER.replace(r"\input{fragment}", r"\input{fragment} \input{second}")
    assert compile_tex(tmp_path, "page", both) == []


@pytest.mark.needs("pdflatex")
def test_what_is_wrong_with_one_of_many_documents_is_named(tmp_path: Path) -> None:
    good = render(derivation(), "tex")
    end, wide = r"\end{document}", r"\noindent\rule{500pt}{1pt}\par"
    wrong = good.replace(end, rf"\nosuchcommand \eqref{{eq:nowhere}}{end}")
    sources = {"good": good, "wrong": wrong, "good again": good, "wide": good.replace(end, f"{wide}{end}")}
    missing, undefined, overfull, status = compile_together(tmp_path, "page", sources)
    assert missing == "wrong: eq:nowhere has no label"
    assert undefined == "wrong: ! Undefined control sequence."
    assert overfull.startswith(r"wide: Overfull \hbox")
    assert status.startswith("pdflatex ended")


def test_a_label_that_a_document_has_twice_is_found() -> None:
    source = r"\label{eq:a} \eqref{eq:a} \label{eq:a} \label{eq:b}"
    assert broken_references(source) == ["eq:a is a label 2 times"]


def test_objections_are_found_in_a_log() -> None:
    log = "Overfull \\hbox (5.1pt too wide) in\nOverfull \\vbox (4.9pt too high)\n! Undefined control sequence.\n"
    assert objections(log) == ["! Undefined control sequence.", "Overfull \\hbox (5.1pt too wide) in"]


@pytest.mark.needs("node")
def test_katex_and_mathjax_take_every_formula() -> None:
    formulas = [formula for name in ("markdown", "quarto") for formula in formulas_of(render(derivation(), name))]
    formulas += formulas_of(render(hostile(), "markdown"))
    formulas += [{"tex": formula_latex(node), "display": display} for node in every_node() for display in (True, False)]
    assert len(formulas) > 60
    assert check_formulas(formulas) == []


@pytest.mark.needs("node")
def test_katex_and_mathjax_object_to_what_is_wrong() -> None:
    wrong = [{"tex": r"\nosuchcommand", "display": True}, {"tex": r"\frac{1", "display": False}]
    errors = check_formulas([*wrong, {"tex": "日 + é", "display": False}])
    assert [(error["renderer"], error["tex"]) for error in errors] == [
        ("KaTeX", r"\nosuchcommand"),
        ("KaTeX", r"\frac{1"),
        ("KaTeX", "日 + é"),
        ("MathJax", r"\nosuchcommand"),
        ("MathJax", r"\frac{1"),
    ]


def test_markdown_uses_only_what_both_know() -> None:
    text = render(derivation(), "markdown")
    for command in (r"\label", r"\eqref", r"\begin{align}", r"\begin{equation}", r"\require", r"\operatorname"):
        assert command not in text
    assert re.search(r"\\end\{aligned\} \\tag\{4\}\n\$\$", text)


def test_labels_and_references_of_the_dialects() -> None:
    myst, quarto = render(derivation(), "myst"), render(derivation(), "quarto")
    for labels, references in (
        (re.findall(r"^:label: (\S+)$", myst, re.MULTILINE), re.findall(r"\{eq\}`([^`]+)`", myst)),
        (re.findall(r"^\$\$ \{#(\S+)\}$", quarto, re.MULTILINE), re.findall(r"\[-@(eq-[\w-]+)\]", quarto)),
    ):
        assert len(labels) == len(set(labels)) == len(derivation().numbers)
        assert set(references) <= set(labels)
        assert references


@pytest.mark.needs("chromium")
def test_the_page_in_a_browser(tmp_path: Path) -> None:
    pages = []
    for name, document in DOCUMENTS.items():
        pages.append(tmp_path / f"{name}.html")
        pages[-1].write_text(render(document(), "html"), encoding="utf-8")
    for page in (results := check_pages(pages)):
        assert page["errors"] == []
        assert page["requests"] == []
        assert page["broken"] == []
        assert page["pictures"] == 1
        assert all(page["formulas"])
        assert page["overflow"] <= 0
        assert page["light"] != page["dark"]
        assert page["left"] == page["escaped"] == {"tip": None, "here": [], "source": [], "use": []}
        assert page["focused"]["tip"]
    good, bad = results
    assert good["title"] == derivation().title
    assert bad["title"].startswith("a\\nb \\write18{touch x} $x$ $$ % & # _ ^ ~ {c} <script>alert(1)</script>")
    assert len(good["formulas"]) == render(derivation(), "html").count("<math")
    a1 = good["pointed"]["a1"]
    assert (a1["here"], a1["source"], a1["use"]) == (["a1"], ["z1"], ["a2"])
    assert "activations of layer 1" in a1["tip"]
    assert "shape: 2" in a1["tip"]


def test_the_notebook_is_valid_and_runs(capsys: pytest.CaptureFixture[str]) -> None:
    text = render(derivation(), "ipynb")
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert [cell["id"] for cell in json.loads(text)["cells"]] == [
        f"cell-{n}" for n in range(1, len(notebook.cells) + 1)
    ]
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    module, check = code
    names: dict[str, object] = {"__name__": "notebook"}
    for source in code:
        exec(compile(source, "cell", "exec"), names)
    assert "9 derivatives, largest relative difference" in capsys.readouterr().out
    wrong = module.replace("a1.T @ z2_bar ", "-a1.T @ z2_bar ")
    assert wrong != module
    names = {"__name__": "notebook"}
    exec(compile(wrong, "cell", "exec"), names)
    with pytest.raises(AssertionError):
        exec(compile(check, "cell", "exec"), names)


def test_text_fits_a_terminal() -> None:
    lines = render(derivation(), "text").splitlines()
    assert max(map(len, lines)) <= 100
    numbered = [line for line in lines if re.search(r"  \(\d\)$", line)]
    assert len(numbered) == len(derivation().numbers)
    assert {len(line) for line in numbered} == {100}


def test_slides_uncover_factors_and_then_lines() -> None:
    factors = product(Reveal(Letter("a"), 1), Reveal(Letter("b"), 2), Reveal(Letter("c"), 3))
    display = Display((Line(Letter("w"), "=", factors), Line(None, "=", Letter("v"))), "w")
    text = render(one_section(Step(("Why",), (Paragraph(("Since:",)), display))), "beamer")
    first, second = text[text.index(r"\begin{align}") : text.index(r"\end{align}")].splitlines()[1:3]
    assert re.findall(r"\\uncover<(\d)->\{([a-z])\}", first) == [("1", "a"), ("2", "b"), ("3", "c")]
    assert r"\uncover<4->{= v}" in second
    assert text.count(r"\begin{frame}{Why}") == 1


def test_a_long_step_is_split_into_frames() -> None:
    display = Display(tuple(Line(Letter("a"), "=", Letter("b")) for _ in range(60)), "long")
    text = render(one_section(Step(("Why",), (display,))), "beamer")
    frames = re.findall(r"Why \{\\normalfont\\small \((\d)/(\d)\)\}", text)
    assert len(frames) > 1
    assert frames == [(str(number), str(len(frames))) for number in range(1, len(frames) + 1)]
    assert text.count(r"\tag*{") == 1


def test_titles_in_comments_and_front_matter_stay_on_one_line() -> None:
    title = "a\n\\input{b} \u202e\n---\nkey: value"
    document = Document(title, "", ())
    assert render(document, "tex").splitlines()[0] == r"% a\n\\input{b} \u202e\n---\nkey: value"
    front = render(document, "quarto").split("---\n")[1]
    assert front.splitlines()[0].startswith('title: "a')
    assert len(front.splitlines()) == 2


def test_hostile_text_opens_no_script() -> None:
    html = render(hostile(), "html")
    assert html.count("<script>") == 1
    assert "<script>alert" not in html
    assert HOSTILE not in html
