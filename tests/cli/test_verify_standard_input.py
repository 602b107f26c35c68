"""`symnet verify ARCHITECTURE -`: a document on standard input is told from an equation, and read as its file is."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from conftest import Command

RIGHT, WRONG = r"\delta^L = a^L - y", r"\delta^L = y - a^L"
DOCUMENTS = {
    "text.tex": f"Words.\n$$ {RIGHT} $$\nand % \\[ x \\]\n\\begin{{equation}}\n{WRONG}\n\\end{{equation}}\n",
    "two.tex": f"\\[ {RIGHT} \\]\n\\[ {WRONG} \\]\n",
    "text.md": f"# Notes\n\n```math\n{RIGHT}\n```\n\n$$ {WRONG} $$\n",
    "text.ipynb": json.dumps({"cells": [{"cell_type": "markdown", "source": [f"$$ {RIGHT} $$\n", f"$$ {WRONG} $$"]}]}),
}
ALONE = [
    RIGHT,
    f"\n {RIGHT}\n",
    f"$$ {RIGHT} $$",
    rf"\[ {RIGHT} \]",
    rf"\begin{{align*}} \delta^L &= a^L - y \\ {RIGHT} \end{{align*}}",
    r"\delta^L = \begin{aligned} a^L - y \end{aligned}",
]


def piped(monkeypatch: pytest.MonkeyPatch, text: str) -> tuple[str, str, str, str, str]:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode("utf-8"))))
    return ("verify", "2-2-1", "-", "--notation", "nielsen")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_answered_as_its_file_is(
    name: str, symnet_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(name).write_text(DOCUMENTS[name], encoding="utf-8")
    of_file = symnet_command("verify", "2-2-1", name, "--notation", "nielsen")
    found = symnet_command(*piped(monkeypatch, DOCUMENTS[name]))
    assert found == of_file
    assert (found.status, "1 right, 1 wrong" in found.out) == (1, True)


@pytest.mark.parametrize("text", ALONE)
def test_an_equation_alone_has_no_lines(text: str, symnet_command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    found = symnet_command(*piped(monkeypatch, text))
    assert found.status == 0, found
    assert found.out.startswith("right")
