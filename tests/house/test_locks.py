"""What the tests are run with is pinned, every part of it, and no pin says where it is to be had."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PINS = {
    canonicalize_name(name): Version(version)
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
    for name, version in [line.split("==")]
}
REQUIRED = [
    *PROJECT["build-system"]["requires"],
    *PROJECT["project"]["dependencies"],
    *PROJECT["project"]["optional-dependencies"]["digits"],
    *PROJECT["dependency-groups"]["test"],
]
RENDERERS = ROOT / "tests" / "renderers"
PACKAGES = json.loads((RENDERERS / "package-lock.json").read_text(encoding="utf-8"))["packages"]


@pytest.mark.parametrize("text", REQUIRED)
def test_a_requirement_is_pinned_to_a_version_that_it_allows(text: str) -> None:
    required = Requirement(text)
    assert required.specifier.contains(PINS[canonicalize_name(required.name)])


def test_every_package_of_node_is_pinned_by_version_and_hash() -> None:
    wanted = json.loads((RENDERERS / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert PACKAGES[""]["dependencies"] == wanted
    assert {f"node_modules/{name}" for name in wanted} <= set(PACKAGES)
    for name, package in PACKAGES.items():
        assert not name or re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", package["integrity"])


def test_no_pin_has_an_address() -> None:
    assert "://" not in (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert not any("resolved" in package for package in PACKAGES.values())


def test_make_and_ci_go_by_the_pins() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in (r"test: lint", r"\.venv/\.test:.*"):
        assert re.search(rf"^{target}\n\t\$\(PINNED\) ", makefile, re.MULTILINE)
    assert "npm ci " in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
