"""A user's templates in place of symnet's: what they are given, what is refused, and where a message points."""

from __future__ import annotations

import dataclasses
import io
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import jinja2
import numpy as np
import pytest
from conftest import Command
from jinja2 import nodes
from mpmath_target import TARGET

import symnet
from symnet.formats import beamer, markup
from symnet.formats.formats import FORMATS
from symnet.pages.listing import listing_latex, listing_program
from symnet.pages.program_text import program_text
from symnet.support.errors import FileError, SymnetError, TemplateError
from symnet.support.modules import module_from_source
from symnet.targets import face
from symnet.targets.numpy.module import Function as FastFunction
from symnet.targets.numpy_plain.module import Function as PlainFunction
from symnet.targets.registry import TARGETS
from symnet.targets.straight_line.network import StraightLine
from symnet.templating import FIXED, MAX_FILES, SHIPPED, Templates, templates_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
LICENCE, DOC = re.findall(r"^```jinja\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
MODULE = "numpy/module.py.jinja"
NETWORKS = (
    "2-2-1",
    "3-2:softmax;loss=cross_entropy",
    "2-3[radial_basis]-2;loss=gaussian_nll",
    "2-1:gelu;loss=hinge",
    "2-2-1:mish,sigmoid;loss=binary_cross_entropy",
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Make a folder of templates from their texts by name."""
    monkeypatch.chdir(tmp_path)

    def made(**texts: str) -> Path:
        for name, text in texts.items():
            path = Path("style", NAMES.get(name, name))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return Path("style")

    return made


EXTENDED = '{% extends "symnet/numpy/module.py.jinja" %}'
NAMES = {"licence": "licence.py.jinja", "doc": "function_doc.py.jinja", "module": MODULE, "own": "_own.jinja"}


# ---- what a template gets ----


def written() -> dict[str, list[dict[str, Any]]]:
    """The contexts of all templates that are rendered for some networks, functions and documents."""
    found: dict[str, list[dict[str, Any]]] = {}
    render = Templates.render

    def watched(self: Templates, template: str, **context: object) -> str:
        found.setdefault(template, []).append(dict(context))
        return render(self, template, **context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Templates, "render", watched)
        for network in NETWORKS:
            for target in TARGETS:
                symnet.generate(network, target=target)
        symnet.generate("2-2-1", forward_only=True)
        for target in ("numpy", "python"):
            symnet.differentiate("erf(x)*log(y)", target=target, hessian=True)
        derivation = symnet.derive("2-2-1")
        for name in FORMATS:
            derivation.render(name, "nielsen")
        listing_latex(derivation.network)
        program_text(derivation.network, listing_program(derivation.network, backward=True))
    return found


@pytest.fixture(scope="module")
def contexts() -> dict[str, list[dict[str, Any]]]:
    return written()


def tables() -> Iterator[tuple[str, dict[str, str]]]:
    """The tables of the page: the text before each, and what stands in it by name."""
    for before, table in re.findall(r"([^\n]*)\n\n\| name \| is \| what \|\n\|---\|---\|---\|\n((?:\|.*\n)+)", PAGE):
        yield before, dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", table, re.MULTILINE))


def documented() -> dict[str, dict[str, str]]:
    """What the page says that each template gets."""
    arrays, plain, fast, straight, python, numpy, *documents = (table for _, table in tables())
    first = {name: straight[name] for name in ("title", "summary", "about", "constants", "functions", "helpers")}
    math = {"math_names": python["math_names"]}
    found = {
        "numpy-plain/module.py.jinja": arrays | plain,
        "numpy/module.py.jinja": arrays | fast,
        "python/module.py.jinja": straight | python,
        "numpy-scalar/module.py.jinja": straight | numpy,
        "python/function.py.jinja": first | math,
        "numpy/function.py.jinja": first | numpy,
        **{f"notebook_{name}.jinja": {} for name in ("code.md", "check.md", "check.py")},
    }
    names = [re.findall(r"`([\w.]+\.jinja)`", before) for before, _ in tables()][6:]
    return found | {name: table for of, table in zip(names, documents, strict=True) for name in of}


IS: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number or numbers": lambda value: all(isinstance(number, int) for number in np.atleast_1d(value).tolist()),
    "yes or no": lambda value: isinstance(value, bool),
    "function": lambda value: isinstance(value, FunctionType),
    "pairs": lambda value: all(len(pair) == 2 for pair in value),
    "blocks": lambda value: all(isinstance(block, markup.View) for block in value),
    **dict.fromkeys(("lines", "texts"), lambda value: all(isinstance(line, str) for line in value)),
    "numbers": lambda value: all(isinstance(number, int) for number in value),
    "numbers by name": lambda value: all(isinstance(number, int) for number in value.values()),
    "`documented` by name": lambda value: all(type(entry) is face.Documented for entry in value.values()),
}
RECORDS: dict[str, type] = {
    "argument": face.Argument,
    "documented": face.Documented,
    "plain function": PlainFunction,
    "fast function": FastFunction,
    "straight function": StraightLine,
    "section": markup.SectionView,
    "part": beamer.PartView,
    "frame": beamer.FrameView,
    "shown": beamer.ShownView,
}


def test_the_page_says_what_every_template_gets(contexts: dict[str, list[dict[str, Any]]]) -> None:
    page = documented()
    assert page.keys() == contexts.keys() - set(FIXED)
    for template, expected in page.items():
        for context in contexts[template]:
            assert context.keys() == expected.keys(), template
            for name, kind in expected.items():
                value = context[name]
                record = re.fullmatch(r"list of `(.+)`", kind)
                if record is None:
                    assert IS[kind](value), f"{template}: {name} is no {kind}"
                elif record[1] in RECORDS:
                    assert all(type(entry) is RECORDS[record[1]] for entry in value), f"{template}: {name}"
                else:
                    assert {tuple(entry) for entry in value} <= {FIELDS[record[1]]}, f"{template}: {name}"


FIELDS = {
    name: tuple(re.findall(r"`(\w+)`", fields))
    for name, fields in re.findall(r"^\| `([\w ]+)` \| ((?:`\w+`(?:, )?)+) \|$", PAGE, re.MULTILINE)
}


def test_the_page_says_what_records_have() -> None:
    blocks = {view.kind: view for view in (markup.ParagraphView, markup.DisplayView, markup.TableView)}
    blocks |= {view.kind: view for view in (markup.PictureView, markup.StepView)}  # type: ignore[dict-item]
    for name, record in (RECORDS | blocks).items():
        assert FIELDS[name] == tuple(field.name for field in dataclasses.fields(record)), name
    assert FIELDS.keys() == {*RECORDS, *blocks, "parameter", "helper"}
    assert [field.name for field in dataclasses.fields(markup.LineView)] == ["left", "relation", "right", "turn"]


def blocks_of(template: str) -> set[str]:
    """The blocks of a template and of those that it extends."""
    source = SHIPPED.ours[template].read_text(encoding="utf-8")
    parsed = SHIPPED.environment.parse(source)
    above = [
        str(node.template.value) for node in parsed.find_all(nodes.Extends) if isinstance(node.template, nodes.Const)
    ]
    return {block.name for block in parsed.find_all(nodes.Block)}.union(*map(blocks_of, above))


def test_the_page_says_which_blocks_there_are() -> None:
    rows = re.findall(r"^  \| ((?:`[-\w/.]+\.jinja`(?:, )?)+) \| ((?:`\w+`(?:, )?)+) \|$", PAGE, re.MULTILINE)
    named = {name: set(re.findall(r"\w+", blocks)) for names, blocks in rows for name in re.findall(r"`(.+?)`", names)}
    assert {name: blocks_of(name) for name in named} == named
    assert named.keys() == {
        name for name in SHIPPED.ours if name.startswith("derivation") and not re.search(r"\.(css|js)\.", name)
    } | {name for name in SHIPPED.ours if "/" in name}


# ---- the example of the page ----


def test_the_example_of_the_page(folder: Callable[..., Path], symnet_command: Command) -> None:
    folder(licence=LICENCE, doc=DOC)
    command, told = re.findall(r"^\$ symnet (.+)\n(.+)$", PAGE, re.MULTILINE)[0]
    done = symnet_command(*command.split())
    assert (done.status, done.out, done.err) == (0, "", f"{told}\n")
    text = Path("net.py").read_text(encoding="utf-8")
    assert text.startswith(f'{LICENCE}"""2-2-1: ')
    (shown,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert shown in text


@pytest.mark.parametrize("target", [*TARGETS, TARGET], ids=lambda target: getattr(target, "name", target))
def test_a_house_style_is_the_same_for_every_target_and_changes_no_number(
    target: Any, folder: Callable[..., Path]
) -> None:
    style = folder(licence=LICENCE, doc=DOC)
    source = symnet.generate("2-2-1", target=target, templates=style)
    plain = symnet.generate("2-2-1", target=target)
    assert source.startswith(LICENCE)
    for function in ("forward", "loss", "value_and_grad"):
        before, after = f"\ndef {function}(", "\n\n    Args:\n        params: "
        assert after in source.partition(before)[2].partition("\ndef ")[0]
    without = "\n".join(line for line in source.removeprefix(LICENCE).splitlines() if '"""' not in line)
    for line in plain.splitlines():
        assert '"""' in line or line in without
    if isinstance(target, str):
        assert symnet.gradcheck(module_from_source(source, "styled"), points=1)


def test_python_takes_the_folder_as_a_path_or_a_string(folder: Callable[..., Path]) -> None:
    style = folder(licence=LICENCE)
    assert symnet.generate("1-1", templates=str(style)) == symnet.generate("1-1", templates=style.resolve())
    assert symnet.compile("1-1", templates=style).loss((np.ones((1, 1)), np.ones(1)), [[1.0]], [[2.0]]) == 0.0
    assert symnet.differentiate("x**2", templates=style).startswith(LICENCE)
    for given in (5, b"style", ["style"], True):
        with pytest.raises(FileError, match="the folder of templates is of type"):
            symnet.generate("1-1", templates=given)  # type: ignore[arg-type]


def test_a_module_in_a_house_style_is_known_on_standard_input(
    folder: Callable[..., Path], symnet_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = symnet.generate("2-1", templates=folder(licence=LICENCE))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(source.encode())))
    assert "all gradients agree" in symnet_command("gradcheck", "-").out


# ---- extending and including ----


def test_a_template_extends_symnets(folder: Callable[..., Path]) -> None:
    style = folder(module=EXTENDED + "{% block imports %}\n# ours\n{{ super() }}{% endblock %}\n")
    source = symnet.generate("2-1", templates=style)
    assert source == symnet.generate("2-1").replace('"""\n\nfrom collections', '"""\n\n# ours\nfrom collections', 1)


def test_symnets_templates_include_a_users(folder: Callable[..., Path]) -> None:
    """The base that the targets of arrays extend is the user's, who extends symnet's."""
    base = '{% extends "symnet/array_module.py.jinja" %}{% block docstring %}"""Ours."""\n{% endblock %}'
    style = folder(**{"array_module.py.jinja": base})
    for target in ("numpy", "numpy-plain"):
        assert symnet.generate("2-1", target=target, templates=style).startswith('"""Ours."""\n\n')


def test_a_file_of_ones_own_may_be_included(folder: Callable[..., Path]) -> None:
    style = folder(licence='{% include "_own.jinja" %}\n', own="# {{ version }}, {{ title }}\n")
    assert symnet.generate("2-1", templates=style).startswith(f"# {symnet.__version__}, 2-1\n")


def test_documents_are_laid_out_by_the_same_templates(folder: Callable[..., Path], symnet_command: Command) -> None:
    title = "{% block title %}\\ourtitle{ {{- title -}} }\n{% endblock %}"
    page = f'{{% extends "symnet/derivation.tex.jinja" %}}{title}'
    style = folder(**{"derivation.tex.jinja": page, "program.txt.jinja": "{{ title }}\n"})
    for arguments in (("derive", "2-1"), ("exercise", "2-1", "--count", "1")):
        done = symnet_command(*arguments, "--format", "tex", "--templates", str(style))
        assert (done.status, done.err) == (0, "")
        assert re.search(r"\\begin\{document\}\n\\ourtitle\{[^}]+\}\n\n\\section", done.out)
        refused = symnet_command(*arguments, "--format", "html", "--templates", str(style))
        assert (refused.status, refused.out) == (2, "")
        assert "takes part in format html; those that do: derivation.css.jinja, derivation.html.jinja" in refused.err
    assert symnet_command("equations", "2-1", "--templates", str(style)).out == "2-1\n"
    assert (
        "takes part in what equations prints"
        in symnet_command("equations", "2-1", "--latex", "--templates", str(style)).err
    )


# ---- what is refused, in one line ----


WRONG: list[tuple[dict[str, str], str]] = [
    ({"doc": "a\n\n{{ nosuch }}"}, "'style/function_doc.py.jinja', line 3: 'nosuch' is undefined"),
    ({"doc": "{{ function.nosuch }}"}, "'style/function_doc.py.jinja', line 1: .* has no attribute 'nosuch'"),
    ({"doc": "\n{% for %}"}, "'style/function_doc.py.jinja', line 2: Expected an expression"),
    ({"doc": "\n\n{% block a %}"}, "'style/function_doc.py.jinja', line 3: "),
    ({"doc": "\n{{ 1 | nosuch }}"}, "'style/function_doc.py.jinja', line 2: No filter named 'nosuch'"),
    ({"doc": "\n{{ 'é' é }}"}, "'style/function_doc.py.jinja', line 2: "),
    ({"licence": "{{ ''.__class__.__mro__ }}"}, "'style/licence.py.jinja', line 1: access to attribute '__class__'"),
    ({"licence": "{{ functions.append(1) }}"}, "'style/licence.py.jinja', line 1: access to attribute 'append'"),
    ({"licence": "{{ parameters[0].update(name='a') }}"}, "line 1: access to attribute 'update'"),
    ({"licence": "{{ '{0.__class__}'.format(title) }}"}, "line 1: access to attribute '__class__'"),
    ({"licence": "{{ range(10**9) | list }}"}, "'style/licence.py.jinja', line 1: Range too big"),
    ({"licence": "\n{{ 1/0 }}"}, "'style/licence.py.jinja', line 2: division by zero"),
    ({"licence": "\n{{ 1 + 'a' }}"}, "'style/licence.py.jinja', line 2: unsupported operand"),
    (
        {"licence": "{% include '../../secret' %}"},
        r"line 1: there is no template '../../secret'",
    ),
    (
        {"licence": "{% include '/etc/passwd' %}"},
        "line 1: there is no template '/etc/passwd'",
    ),
    ({"licence": "{% include 'licence.py.jinja' %}"}, "it takes itself; what it replaces is 'symnet/lic"),
    (
        {"licence": "{% include '_own.jinja' %}", "own": "\n{{ nosuch }}"},
        "'style/_own.jinja', line 2: 'nosuch'",
    ),
    (
        {"licence": "{% include '_own.jinja' %}", "own": "{% include 'licence.py.jinja' %}"},
        "call each other without end",
    ),
    ({"licence": "{% include 'license.py.jinja' %}"}, "'license.py.jinja'; did you mean 'licence.py.jinja'"),
    ({"licence": "x = ("}, "the module by the templates in 'style' is no Python"),
    ({"licence": "x = 1 + "}, "the module by the templates in 'style' has no docstring"),
    ({"module": '"""A."""'}, "the module by the templates in 'style' has no "),
    (
        {"module": EXTENDED + "{% block flat %}def value_and_grad_flat(theta): ...\n{% endblock %}"},
        r"has value_and_grad_flat\(theta\), not value_and_grad_flat\(theta: ArrayLike, x",
    ),
    ({"own": "a"}, "'style' replaces no template; those that there are: array_checks.py.jinja, "),
    ({"python/module.py.jinja": "a"}, "no template in 'style' takes part in target numpy; those that do: array_c"),
    (
        {"licence": "", "licence.jinja": ""},
        "'style/licence.jinja' replaces no template; did you mean 'lic",
    ),
    ({"licence": "", "numpy/modul.py.jinja": ""}, "'style/numpy/modul.py.jinja' replaces no template; did you mean"),
    ({"licence": "", "README.md": ""}, "'style/README.md' replaces no template; those that there are"),
    ({"licence": "", "picture.svg.jinja": ""}, "'style/picture.svg.jinja' replaces no template"),
    ({"licence": "", "more/licence.py.jinja": ""}, "'style/more' replaces no template"),
]


@pytest.mark.parametrize(("texts", "said"), WRONG, ids=[said[:60] for _, said in WRONG])
def test_what_is_wrong_with_a_template_is_one_line(
    texts: dict[str, str], said: str, folder: Callable[..., Path], symnet_command: Command
) -> None:
    Path("secret").write_text("a secret", encoding="utf-8")
    style = folder(**texts)
    done = symnet_command("generate", "2-1", "--templates", str(style), "-o", "net.py")
    assert (done.status, done.out) == (2, "")
    assert re.fullmatch(r"symnet: [ -~]+\n", done.err)
    assert re.search(said, done.err), done.err
    assert not Path("net.py").exists()
    with pytest.raises(SymnetError, match=said) as caught:
        symnet.generate("2-1", templates=style)
    assert re.fullmatch(r"[ -~]+", str(caught.value))


def test_a_folder_that_cannot_be_read_is_one_line(folder: Callable[..., Path], symnet_command: Command) -> None:
    style = folder(licence=LICENCE)
    (style / "function_doc.py.jinja").write_bytes(b"\xff\xfe")
    (style / ".hidden").write_text("left alone", encoding="utf-8")
    assert "not UTF-8 at byte 0" in symnet_command("generate", "2-1", "--templates", "style").err
    (style / "function_doc.py.jinja").unlink()
    assert symnet_command("generate", "2-1", "--templates", "style").status == 0
    for name, said in (("nowhere", "No such file"), ("style/licence.py.jinja", "Not a directory"), ("a\0b", "null")):
        done = symnet_command("generate", "2-1", "--templates", name)
        assert (done.status, done.out, len(done.err.splitlines())) == (2, "", 1)
        assert "cannot read the folder" in done.err
        assert said in done.err


def test_a_block_that_there_is_not_is_refused(folder: Callable[..., Path]) -> None:
    """It would be left out without a word; blocks inside a block may be new, and a template that extends has all."""
    own = folder(module=EXTENDED + "\n{% block functoins %}{% endblock %}")
    with pytest.raises(TemplateError) as refused:
        symnet.generate("2-2-1", templates=own)
    start = f"'{own / MODULE}', line 2: what it extends has no block 'functoins'; did you mean 'functions'?"
    assert str(refused.value).startswith(f"{start} those that there are: ")
    assert {*str(refused.value).rpartition(": ")[2].split(", ")} == blocks_of(MODULE)
    folder(module='{% extends "_own.jinja" %}{% block own %}# Ours{% endblock %}')
    folder(own=EXTENDED + "{% block imports %}{{ super() }}{% block own %}{% endblock %}\n{% endblock %}")
    assert "# Ours\n" in symnet.generate("2-2-1", templates=own)


def test_a_link_that_leads_out_of_the_folder_is_refused(folder: Callable[..., Path], tmp_path: Path) -> None:
    style, outside = folder(doc=DOC), tmp_path / "outside"
    outside.mkdir()
    (outside / "licence.py.jinja").write_text("# secret\n", encoding="utf-8")
    link = style / "licence.py.jinja"
    for target in (outside / "licence.py.jinja", Path("/dev/zero"), Path("missing")):
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        with pytest.raises(TemplateError, match=f"^'{link}' is a link that leads to nothing inside '{style}'$"):
            symnet.generate("2-2-1", templates=style)
    link.unlink()
    (style / "numpy").symlink_to(outside)
    with pytest.raises(TemplateError, match="is a link that leads to nothing inside"):
        symnet.generate("2-2-1", templates=style)
    (style / "numpy").unlink()
    link.symlink_to("_kept.jinja")
    (style / "_kept.jinja").write_text("# Ours\n", encoding="utf-8")
    (tmp_path / "linked").symlink_to(style)
    assert "# Ours" in symnet.generate("2-2-1", templates=tmp_path / "linked")


def test_a_template_without_end_of_memory_is_one_line(folder: Callable[..., Path], symnet_command: Command) -> None:
    done = symnet_command("generate", "2-2-1", "--templates", str(folder(licence='{{ "a" * 10**17 }}')))
    message = "symnet: 'style/licence.py.jinja', line 1: it makes more text than there is memory for\n"
    assert (done.status, done.out, done.err) == (2, "", message)


def test_what_is_too_much_is_refused(folder: Callable[..., Path]) -> None:
    style = folder(licence=f"{{{{ {'é' * 10_000} }}}}")
    with pytest.raises(TemplateError, match=r"^[ -~]{1,2000}$"):
        symnet.generate("1-1", templates=style)
    folder(licence="", **{f"_{number}": "" for number in range(MAX_FILES)})
    with pytest.raises(TemplateError, match="'style' has more than 200 files"):
        symnet.generate("1-1", templates=style)


def test_symnets_templates_render_the_same_in_the_sandbox(folder: Callable[..., Path]) -> None:
    for name, template in SHIPPED.ours.items():
        if name not in FIXED:
            folder(**{name: template.read_text(encoding="utf-8")})
    for target in TARGETS:
        assert symnet.generate("2-2-1", target=target, templates="style") == symnet.generate("2-2-1", target=target)
    derivation = symnet.derive("2-2-1")
    for name in FORMATS:
        assert derivation.render(name, templates="style") == derivation.render(name)


def test_errors_of_symnets_own_templates_are_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a user's templates a fault of symnet's is a traceback, as any other."""
    with pytest.raises(jinja2.UndefinedError):
        SHIPPED.render("function_doc.py.jinja")
    with pytest.raises(TemplateError):
        templates_of(ROOT / "docs")
