"""The house: imports go down the floors of the design, files and functions stay small, nothing hides."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "symnet"

FLOORS = {
    0: (
        "errors",
        "names",
        "old_words",
        "parsing",
        "options",
        "files",
        "given",
        "tables",
        "modules",
        "choices",
        "precedence",
        "trees",
        "progress",
        "version",
    ),
    1: ("functions", "equations"),
    2: ("formulas", "activations", "losses", "layers", "architecture"),
    3: ("chain_rule", "scalar_form"),
    4: ("simplify",),
    5: ("lower",),
    6: (
        *("templating", "emit", "targets", "gradient_check", "gradient_report", "scalar_modules"),
        *("notation", "document", "pictures", "reading", "explain", "claims", "exercises"),
    ),
    7: (
        *("pipeline", "differentiation", "verification", "catalogue"),
        *("cli", "code_commands", "exercise_command", "__init__", "__main__"),
        *("console", "network_options", "option_values"),
    ),
}
FLOOR_OF = {module: floor for floor, modules in FLOORS.items() for module in modules}

SOURCES = sorted(PACKAGE.rglob("*.py"))
FOREIGN = "console.py"
"""Where the commands run the modules that `gradcheck` is given, which may raise anything."""
MAX_LINES = 400
MAX_FUNCTION_LINES = 60


def top_level(path: Path) -> str:
    """The module or subpackage of symnet that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(tree: ast.Module) -> list[str]:
    """The parts of symnet that a file imports, wherever in it the import stands."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "symnet":
            parts = (node.module or "").split(".")
            found += [parts[1]] if len(parts) > 1 else [alias.name for alias in node.names]
        if isinstance(node, ast.Import):
            found += [alias.name.split(".")[1] for alias in node.names if alias.name.startswith("symnet.")]
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down(path: Path) -> None:
    own = top_level(path)
    for imported in imports(ast.parse(path.read_text(encoding="utf-8"))):
        assert imported in FLOOR_OF, f"{imported} stands on no floor"
        if imported != own:
            assert FLOOR_OF[imported] <= FLOOR_OF[own], f"{own} imports {imported} from a floor above"


def test_no_cycles_between_parts() -> None:
    graph: dict[str, set[str]] = {}
    for path in SOURCES:
        graph.setdefault(top_level(path), set()).update(imports(ast.parse(path.read_text(encoding="utf-8"))))
    finished: set[str] = set()

    def visit(part: str, above: tuple[str, ...]) -> None:
        assert part not in above, " imports ".join((*above, part))
        if part not in finished:
            for imported in sorted(graph.get(part, set()) - {part}):
                visit(imported, (*above, part))
            finished.add(part)

    for part in sorted(graph):
        visit(part, ())


def _docstring_lines(tree: ast.Module) -> int:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    found = [node.body[0] for node in ast.walk(tree) if isinstance(node, documented) and ast.get_docstring(node)]
    return sum((node.end_lineno or 0) - node.lineno + 1 for node in found)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_and_functions_stay_small(path: Path) -> None:
    """Lines of docstrings do not count for a file, so that an example of a public function costs nothing."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert len(text.splitlines()) - _docstring_lines(tree) <= MAX_LINES
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < MAX_FUNCTION_LINES, node.name


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
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
