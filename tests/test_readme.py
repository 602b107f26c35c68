"""The examples of the README and of the documentation are true: they are run, and compared with what is printed."""

import re
import shlex
import textwrap
from pathlib import Path

import pytest
from conftest import Command

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

NUMBER = re.compile(r"-?\d+\.\d+(e[+-]?\d+)?|-?\d+e[+-]\d+|\[[\d, ]*\]")
"""Rounding differs between machines, and with it the printed digits of a difference and where it is largest."""


def blocks(page: Path, language: str) -> list[str]:
    """The fenced code blocks of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def masked(text: str) -> list[str]:
    return [" ".join(NUMBER.sub("#", line).split()) for line in text.strip().splitlines()]


CONSOLES = [(page, block) for page in PAGES for block in blocks(page, "console")]
PROGRAMS = [(page, block) for page in PAGES for block in blocks(page, "python") if "import" in block]


@pytest.mark.parametrize(("page", "block"), CONSOLES, ids=lambda value: getattr(value, "name", ""))
def test_console(page: Path, block: str, symnet_command: Command) -> None:
    printed, shown = "", ""
    for entry in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, expected = entry.partition("\n")
        arguments = shlex.split(command)
        assert arguments[0] == "symnet"
        done = symnet_command(*arguments[1:])
        printed += f"$ {command}\n{done.out}{done.err}"
        shown += f"$ {command}\n{expected}"
    assert masked(printed) == masked(shown)


@pytest.mark.parametrize(("page", "block"), PROGRAMS, ids=lambda value: getattr(value, "name", ""))
def test_program(page: Path, block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(block, page.name, "exec"), {"__name__": "example"})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_toml(page: Path) -> None:
    from symnet import from_toml, to_toml

    for block in blocks(page, "toml"):
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
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_the_readme_states_what_the_record_of_the_release_check_says() -> None:
    record = (ROOT / "docs" / "release-check.md").read_text(encoding="utf-8")
    (sentence,) = re.findall(r"^[\d,]+ random architectures .*(?=\.$)", record, re.MULTILINE)
    assert sentence in " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
