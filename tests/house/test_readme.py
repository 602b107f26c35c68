"""The examples of the README and of the documentation are true: they are run, and compared with what is printed."""

import ast
import io
import re
import shlex
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Command

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

LITERATE = ROOT / "docs" / "how-it-works.md"
"""The page whose blocks are one program, run from top to bottom, each followed by what it prints."""

NOT_RUN = {
    "make demo && source .venv/bin/activate": "makes an environment, which needs a package index",
    "make fuzz-parsers": "installs a fuzzer, and runs for minutes",
    "make fuzz-parsers SECONDS=600": "the same",
    ".venv/bin/python tests/fuzz/parsers.py --seconds 600 latex": "the same",
}
"""Commands of the pages that are not run here, each with the reason."""


def blocks(page: Path, language: str) -> list[str]:
    """The fenced code blocks of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def commands(page: Path) -> list[tuple[str, str | None]]:
    """The commands of a page in order, each with what the page shows that it prints; None where it shows nothing."""
    found: list[tuple[str, str | None]] = []
    text = page.read_text(encoding="utf-8")
    for language, block in re.findall(r"^```(sh|console)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        if language == "sh":
            found += [(" ".join(line.partition(" #")[0].split()), None) for line in block.splitlines()]
            continue
        for entry in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = entry.partition("\n")
            found.append((command, shown))
    return found


def named_files() -> dict[str, str]:
    """The TOML files that the pages show, by the name in their first line, and templates, by the name above them."""
    shown = (block for page in PAGES for block in blocks(page, "toml"))
    files = {match[1]: block for block in shown if (match := re.match(r"# (\S+\.toml)\n", block))}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        files.update(re.findall(r"`(\S+\.jinja)`:\n\n```jinja\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    return files


PROGRAMS = [
    (page, block) for page in PAGES if page != LITERATE for block in blocks(page, "python") if "import" in block
]


def steps(text: str) -> list[tuple[str, str]]:
    """The blocks of Python in order, each with what is shown right below it as its output."""
    return re.findall(r"^```python\n(.*?)^```\n(?:\n```(?:text|math)\n(.*?)^```\n)?", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def built() -> dict[str, Any]:
    """What the literate page has built before it comes to symnet itself."""
    namespace: dict[str, Any] = {"__name__": "example"}
    before, _, _ = LITERATE.read_text(encoding="utf-8").rpartition("\n## ")
    for code, _ in steps(before):
        exec(compile(code, LITERATE.name, "exec"), namespace)
    return namespace


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_a_page_does_what_is_shown(
    page: Path, symnet_command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after the other in one folder, which has the files that the pages show and those of docs/ beside it."""
    (tmp_path / "docs").mkdir()
    for path in (ROOT / "docs").glob("*.toml"):
        (tmp_path / "docs" / path.name).write_bytes(path.read_bytes())
    for name, text in named_files().items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    for command, shown in commands(page):
        if command in NOT_RUN:
            continue
        piped, _, main = command.rpartition(" | ")
        program, *arguments = shlex.split(main)
        assert program == "symnet", command
        if piped:
            said = piped.removeprefix("echo ") + "\n"
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(said.encode("utf-8"))))
        done = symnet_command(*arguments)
        if shown is None:
            assert done.status == 0, f"{command}: {done.err}"
        else:
            assert (done.out + done.err).rstrip() == shown.rstrip(), command


def test_the_commands_that_are_not_run_are_on_the_pages() -> None:
    assert set(NOT_RUN) <= {command for page in PAGES for command, _ in commands(page)}
    assert sum(len(commands(page)) for page in PAGES) > 40


@pytest.mark.parametrize(("page", "block"), PROGRAMS, ids=lambda value: getattr(value, "name", ""))
def test_program(page: Path, block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(block, page.name, "exec"), {"__name__": "example"})


def test_every_step_of_the_literate_page_prints_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    namespace = {"__name__": "example"}
    text = LITERATE.read_text(encoding="utf-8")
    assert [code for code, _ in steps(text)] == blocks(LITERATE, "python")
    for code, shown in steps(text):
        exec(compile(code, LITERATE.name, "exec"), namespace)
        assert capsys.readouterr().out == shown, code


def test_the_literate_page_is_short_and_has_symnet_only_at_its_end() -> None:
    lines = [line for block in blocks(LITERATE, "python") for line in block.splitlines() if line.strip()]
    assert len(lines) <= 300
    before, _, last = LITERATE.read_text(encoding="utf-8").rpartition("\n## ")
    imported = {module for code, _ in steps(before) for module in imports(code)}
    assert imported - sys.stdlib_module_names == {"numpy", "sympy"}
    assert "symnet" in {module for code, _ in steps(last) for module in imports(code)}


def imports(code: str) -> set[str]:
    """The packages that a block imports from."""
    nodes = list(ast.walk(ast.parse(code)))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names}


OTHER_PROGRAM = """
m, p, q = Idx("m", N), Idx("p", d0), Idx("q", d0)
u, w, V, V_bar, V_dot = (IndexedBase(name, real=True) for name in ("u", "w", "V", "V_bar", "V_dot"))
other = [
    Equation(u[n,p], Sum(x[n,q]*V[q,p], q)),
    Equation(w[n,m], sigmoid(Sum(u[n,q]*u[m,q], q))),
    Equation(C, Sum(w[n,n]*exp(-Sum(w[n,m]*u[m,p], m))*V[p,p], n, p)/N),
]
swept = sweep(other, C, [V[p,q]])
along = Equation(s, Sum(V_bar[p,q]*V_dot[p,q], p, q))
"""


def test_the_sweep_of_the_literate_page_holds_for_other_programs(built: dict[str, Any]) -> None:
    """Each letter in several roles, arrays of rows by rows, and diagonals, whose Kronecker deltas stay: both sweeps."""
    exec(OTHER_PROGRAM, built)
    rng = np.random.default_rng(1)
    shapes = {"x": (3, 2), "V": (2, 2), "V_dot": (2, 2)}
    given = {"N": 3, "d0": 2} | built["precise"]({name: rng.standard_normal(shape) for name, shape in shapes.items()})
    first = [*built["swept"], built["along"]]
    second = built["sweep"](first, built["s"], [built["V"][built["p"], built["q"]]], "_hat")
    values = built["run"](second, given)
    for position in np.ndindex(2, 2):
        for program, output, mark in ((built["other"], "C", "_bar"), (first, "s", "_hat")):
            wanted = built["difference"](program, output, "V", position, given)
            assert abs(values[f"V{mark}"][position] - wanted) < 1e-25


def test_the_lowering_of_the_literate_page_holds_or_refuses(built: dict[str, Any]) -> None:
    """Functions of both sweeps agree with the oracle; an array that has no place among the axes is refused."""
    names = [f"{built['name_of'](parameter)}_hat" for parameter in built["parameters"]]
    arrays = built["data"] | built["direction"]
    exec(built["numpy_function"]("product", built["reuse"](built["second"]), arrays, names), built["namespace"])
    expected = built["run"](built["second"], built["given"] | built["precise"](built["direction"]))
    for name, computed in zip(names, built["namespace"]["product"](**arrays), strict=True):
        assert np.max(abs(computed - expected[name])) < 1e-14
    n, i, j = (built[letter] for letter in "nij")
    for refused, axes in (("x[n,i] + b1[i]", (n, j)), ("b1[j]", (n, j)), ("x[n,i]*W1[j,i]*a1[j,n]", (n, i, j))):
        with pytest.raises(NotImplementedError, match="has no lowering"):
            built["lower"](eval(refused, built), axes)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_toml(page: Path) -> None:
    from symnet import from_toml, to_toml

    for block in (block for block in blocks(page, "toml") if "[network]" in block):
        network = from_toml(block)
        assert from_toml(to_toml(network)) == network


def test_first_screen_shows_the_committed_examples() -> None:
    """The derivation, the function and the counts of the first screen are those of generated/."""
    source = (ROOT / "generated" / "two_two_one_plain.py").read_text(encoding="utf-8")
    fast = (ROOT / "generated" / "digits.py").read_text(encoding="utf-8")
    readme = ROOT / "README.md"
    assert blocks(readme, "math")[0].strip() == (ROOT / "generated" / "two_two_one.tex").read_text("utf-8").strip()
    assert blocks(readme, "python")[0].strip() in source
    assert textwrap.indent(blocks(readme, "python")[2].strip(), "    ") in fast
    for line in blocks(readme, "text")[0].strip().splitlines():
        assert line.strip() in source


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Outside of code, where a bracket before a parenthesis is a call."""
    prose = re.sub(r"^ *```.*?^ *```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)#]+)", prose):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_the_readme_states_what_the_record_of_the_release_check_says() -> None:
    record = (ROOT / "docs" / "release-check.md").read_text(encoding="utf-8")
    (sentence,) = re.findall(r"^[\d,]+ random architectures .*(?=\.$)", record, re.MULTILINE)
    assert sentence in " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
