"""The code of functions in generated modules: an expression, or a call of a helper that the module defines."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from typing import Any

SCIPY = frozenset({"erf", "erfc", "erfcx"})
"""Functions that are in `scipy.special` but not in NumPy."""

MATH = frozenset(dir(math))

_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")


@dataclass(frozen=True)
class Helper:
    """A private function of the generated module: its name, arguments, equation and body.

    The first argument is an array (or a float, in code for floats); the others are floats unless they are annotated.
    """

    name: str
    arguments: str
    equation: str
    body: tuple[str, ...]

    @property
    def names(self) -> frozenset[str]:
        """All names in its body, including other helpers."""
        return frozenset(name for line in self.body for name in _NAME.findall(line.partition("#")[0]))


@dataclass(frozen=True)
class Code:
    """The code of a function in a language, with `{0}`, `{1}` for its arguments.

    A template for Python that repeats an argument needs it to be a name. Python's operators and functions raise or
    return complex numbers where NumPy's give inf or nan. So functions that may overflow are written as conditional
    expressions, in which nan stays nan, or as calls of a helper that returns what NumPy does.

    Attributes:
        template: the code.
        tight: whether arguments are operands of an operator in the template and may need parentheses.
        helper: the helper that it calls; None for none.
        comparison: the code as a boolean, which NumPy accepts as a factor of an array; empty if there is none.
        from_bound: a number, and simpler code for arguments that are at least this number; None for none.
    """

    template: str
    tight: bool = False
    helper: Helper | None = None
    comparison: str = ""
    from_bound: tuple[float, Code] | None = None
    names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        inside = self.helper.names if self.helper else frozenset()
        object.__setattr__(self, "names", frozenset(_NAME.findall(self.template)) | inside)

    @property
    def math(self) -> frozenset[str]:
        """The names that it imports from `math`."""
        return self.names & MATH

    @property
    def scipy(self) -> frozenset[str]:
        """The names that it imports from `scipy.special`."""
        return self.names & SCIPY

    def where(self, least: float) -> Code:
        """Return the code for an argument that is at least `least`."""
        return self.from_bound[1] if self.from_bound and least >= self.from_bound[0] else self


def helped(arguments: str, equation: str, body: tuple[str, ...], **options: Any) -> Code:
    """Return the code of a function that is a helper, given arguments, equation and body; `named` names it later."""
    return Code("", helper=Helper("", arguments, equation, body), **options)


def helpers(arguments: str, equation: str, *, numpy: tuple[str, ...], python: tuple[str, ...]) -> dict[str, Any]:
    """Return the columns `numpy` and `python` of a function that is a helper in both, given the two bodies."""
    plain = ", ".join(argument.partition(":")[0] for argument in arguments.split(", "))
    return {"numpy": helped(arguments, equation, numpy), "python": helped(plain, equation, python)}


def named(code: Code | str, name: str) -> Code:
    """Return the code of a function with this name; its helper is called _name."""
    code = Code(code) if isinstance(code, str) else code
    if code.helper is None or code.helper.name:
        return code
    helper = replace(code.helper, name=f"_{name}")
    places = ", ".join(f"{{{place}}}" for place in range(len(helper.arguments.split(","))))
    return replace(code, template=f"{helper.name}({places})", helper=helper)


def helper_context(helper: Helper, kind: str = "Array") -> dict[str, Any]:
    """Return the template's values for a helper; `kind` is the type of its first argument and of its result."""
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
