"""How functions are written in a generated module: as an expression, or as a call of a helper that it then defines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Helper:
    """A private function of the generated module: its name, arguments, equation and body.

    The first argument is an array (or a float, in code for floats), others are floats unless their type stands there.
    """

    name: str
    arguments: str
    equation: str
    body: tuple[str, ...]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class NumpyFunction:
    """How a function is written: `{0}`, `{1}` stand for its arguments.

    Attributes:
        code: the template; its arguments are printed with the binding strength `tight` asks for.
        tight: whether arguments stand beside an operator in the template and may need parentheses.
        helper: the helper that it calls.
        scipy: the name that it takes from `scipy.special`.
    """

    code: str
    tight: bool = False
    helper: str = ""
    scipy: str = ""


@dataclass(frozen=True)
class PythonFunction:
    """How a function is written, which names of `math` that takes, and the helper that it calls."""

    code: str
    needs: tuple[str, ...] = ()
    helper: str = ""


def helpers_needed(names: Iterable[str], table: Mapping[str, Helper]) -> list[Helper]:
    """The named helpers and those that they call, in the order of the table."""
    wanted = {needed for name in names for needed in (name, *table[name].needs)}
    return [helper for name, helper in table.items() if name in wanted]


def helper_context(helper: Helper, kind: str = "Array") -> dict[str, Any]:
    """What a template needs to write a helper; `kind` is the type of its first argument and of its result."""
    arguments = [name.strip() for name in helper.arguments.split(",")]
    kinds = [kind, *["float"] * (len(arguments) - 1)]
    signature = ", ".join(
        name if ":" in name else f"{name}: {type_}" for name, type_ in zip(arguments, kinds, strict=True)
    )
    return {
        "name": helper.name,
        "signature": f"{signature}) -> {kind}",
        "equation": helper.equation,
        "body": helper.body,
    }
