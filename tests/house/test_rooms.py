"""The house: imports go down and through faces, functions stay small, nothing hides."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import rooms  # noqa: E402 - a tool of the repository, not of the package

SOURCES = list(rooms.MODULES.values())
FOREIGN = "console.py"
"""Where the commands run the modules that `gradcheck` is given, which may raise anything."""
MAX_FUNCTION_LINES = 60

DEEP: frozenset[str] = frozenset()
"""Modules that are imported past the face of their package from outside of it."""


def shown(path: Path) -> str:
    return str(path.relative_to(rooms.PACKAGE))


def test_imports_go_down_without_a_circle() -> None:
    """The floors exist: graphlib raises where rooms import each other in a circle."""
    floor = rooms.floors(rooms.rooms())
    assert all(floor[below] < floor[name] for name, imported in rooms.rooms().items() for below in imported)


def test_modules_import_each_other_in_no_circle() -> None:
    """What holds for rooms holds for the modules in them, imports for type checkers included."""
    graph = {}
    for module, path in rooms.MODULES.items():
        reached = {
            f"{imported}.{name}" if f"{imported}.{name}" in rooms.MODULES else imported
            for imported, name in rooms.imports(path)
        }
        graph[module] = reached - {module}
    rooms.floors(graph)


@pytest.mark.parametrize("module", sorted(rooms.MODULES))
def test_a_package_is_imported_through_its_face(module: str) -> None:
    for imported, _ in rooms.imports(rooms.MODULES[module]):
        parts = imported.split(".")
        outer = [".".join(parts[:length]) for length in range(2, len(parts))]
        passed = [package for package in outer if not f"{module}.".startswith(f"{package}.")]
        assert not passed or imported in DEEP, f"{module} imports {imported} past the face of {passed[0]}"


def test_the_drawing_of_the_design_is_what_the_imports_are() -> None:
    assert rooms.page() == rooms.PAGE.read_text(encoding="utf-8"), "run `python tools/rooms.py`"


def test_a_circle_is_seen() -> None:
    with pytest.raises(ValueError, match="cycle"):
        rooms.floors({"core": {"pages"}, "pages": {"core"}})


@pytest.mark.parametrize("path", SOURCES, ids=shown)
def test_functions_stay_small(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < MAX_FUNCTION_LINES, node.name


@pytest.mark.parametrize("path", SOURCES, ids=shown)
def test_nothing_is_evaluated_and_nothing_swallowed(path: Path) -> None:
    """No `eval`, `sympify` or `parse_expr`; `exec` only of generated source; no broad `except` but one."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            assert called not in ("eval", "sympify", "parse_expr", "lambdify")
            assert called != "exec" or path.name == "modules.py"
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, "a bare except"
            names = {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)}
            assert path.name == FOREIGN or not names & {"Exception", "BaseException"}
