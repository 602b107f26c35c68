"""The examples of the README and of the documentation are true: they are run, and compared with what is printed."""

import io
import re
import shlex
import sys
import textwrap
from pathlib import Path

import pytest
from conftest import Command

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

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
    """The TOML files that the pages show, by the name in their first line."""
    shown = (block for page in PAGES for block in blocks(page, "toml"))
    return {match[1]: block for block in shown if (match := re.match(r"# (\S+\.toml)\n", block))}


PROGRAMS = [(page, block) for page in PAGES for block in blocks(page, "python") if "import" in block]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_a_page_does_what_is_shown(
    page: Path, symnet_command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after the other in one folder, which has the files that the pages show and those of docs/ beside it."""
    (tmp_path / "docs").mkdir()
    for path in (ROOT / "docs").glob("*.toml"):
        (tmp_path / "docs" / path.name).write_bytes(path.read_bytes())
    for name, text in named_files().items():
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
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_the_readme_states_what_the_record_of_the_release_check_says() -> None:
    record = (ROOT / "docs" / "release-check.md").read_text(encoding="utf-8")
    (sentence,) = re.findall(r"^[\d,]+ random architectures .*(?=\.$)", record, re.MULTILINE)
    assert sentence in " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
