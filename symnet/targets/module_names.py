"""Check that a module from a user's templates still has the public names of the one that was asked for."""

from __future__ import annotations

import ast
from pathlib import Path

from symnet.support import TemplateError, path_shown, shown


def check_same_names(text: str, ours: str, folder: Path) -> None:
    """Check that a module has a docstring, and the public names and arguments of the module by symnet's templates.

    It may have further names.

    Args:
        text: the module.
        ours: the module by symnet's templates.
        folder: the folder of the user's templates, for the message.

    Raises:
        TemplateError: it is not valid Python, has no docstring, or lacks a name or an argument.
    """
    where = f"the module by the templates in {path_shown(folder)}"
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = f" at line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        reason = error.msg if isinstance(error, SyntaxError) else error
        raise TemplateError(f"{where} is no Python{line}: {reason}") from None
    if ast.get_docstring(tree) is None:
        raise TemplateError(f"{where} has no docstring")
    found = _names(tree)
    for name, arguments in _names(ast.parse(ours)).items():
        if name not in found:
            raise TemplateError(f"{where} has no {name}")
        if found[name] != arguments:
            raise TemplateError(f"{where} has {shown(name + found[name])[1:-1]}, not {name}{arguments}")


def _names(tree: ast.Module) -> dict[str, str]:
    """Return the public names at the top level of a module, each with the arguments if it is a function."""
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = f"({ast.unparse(node.args)})"
        elif isinstance(node, ast.ClassDef):
            found[node.name] = ""
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]
            found.update(dict.fromkeys(names, ""))
    return {name: arguments for name, arguments in found.items() if not name.startswith("_")}
