"""The drawing of the house in docs/design.md, made from the imports: `python tools/rooms.py` writes it anew.

A room is a package or a module directly in symnet/. The floor of a room is the length of the longest way down from it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "symnet"
PAGE = ROOT / "docs" / "design.md"
BEGIN, END = "<!-- rooms: written by tools/rooms.py -->", "<!-- end of rooms -->"

ALIASES = frozenset({"document", "modules", "reading"})
"""Import paths of earlier versions, each a module that hands on what it was."""


def module_name(path: Path) -> str:
    """symnet.core.program for symnet/core/program.py."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}
PACKAGES = {name for name, path in MODULES.items() if path.name == "__init__.py"}


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """The modules of symnet that a file imports from, wherever the import stands, each with a name that it takes."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "symnet":
            for alias in node.names:
                yield node.module or "", alias.name
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names if alias.name.split(".")[0] == "symnet")


def room(module: str) -> str:
    """The room of a module: `core` for symnet.core.program."""
    return module.split(".")[1] if "." in module else "__init__"


def rooms() -> dict[str, set[str]]:
    """The rooms that each room imports from."""
    graph: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        if room(module) not in ALIASES:
            graph.setdefault(room(module), set()).update(
                found for imported, name in imports(path) if (found := _target(imported, name)) != room(module)
            )
    return graph


def _target(imported: str, name: str) -> str:
    """The room that `from imported import name` reaches; a module of symnet itself may be the name."""
    whole = f"{imported}.{name}"
    return room(whole if imported == "symnet" and whole in MODULES else imported)


def floors(graph: dict[str, set[str]]) -> dict[str, int]:
    """The floor of each room, the lowest 0; raises graphlib.CycleError where imports go in a circle."""
    floor: dict[str, int] = {}
    for name in TopologicalSorter(graph).static_order():
        floor[name] = 1 + max((floor[below] for below in graph.get(name, ())), default=-1)
    return floor


def summary(name: str) -> str:
    """The first line of a room's docstring."""
    path = PACKAGE / name / "__init__.py" if (PACKAGE / name).is_dir() else PACKAGE / f"{name}.py"
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").splitlines()[0]


def drawing() -> str:
    """The table of rooms by floor, from the top."""
    graph = rooms()
    floor = floors(graph)
    lines = ["| floor | room | what it is | imports |", "|---:|---|---|---|"]
    for name in sorted(graph, key=lambda each: (-floor[each], each)):
        below = ", ".join(sorted(graph[name], key=lambda each: (-floor[each], each)))
        lines.append(f"| {floor[name]} | `{name}` | {summary(name)} | {below} |")
    return "\n".join(lines)


def page() -> str:
    """docs/design.md with the drawing as the imports are now."""
    text = PAGE.read_text(encoding="utf-8")
    return re.sub(f"{BEGIN}.*{END}", lambda _: f"{BEGIN}\n{drawing()}\n{END}", text, flags=re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
