"""How a function is written in a generated module: as an expression, or as a call of a helper that it then defines."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from typing import Any

SCIPY = frozenset({"erf", "erfc", "erfcx"})
"""Functions that `scipy.special` has and NumPy has not."""

MATH = frozenset(dir(math))

_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")


@dataclass(frozen=True)
class Helper:
    """A private function of the generated module: its name, arguments, equation and body.

    The first argument is an array (or a float, in code for floats), others are floats unless their type stands there.
    """

    name: str
    arguments: str
    equation: str
    body: tuple[str, ...]

    @property
    def names(self) -> frozenset[str]:
        """All names that stand in its body, other helpers among them."""
        return frozenset(name for line in self.body for name in _NAME.findall(line.partition("#")[0]))


@dataclass(frozen=True)
class Code:
    """How a function is written: `{0}`, `{1}` stand for its arguments.

    A template for Python that repeats an argument needs it to be a name. Python's operators and functions raise, or
    turn complex, where NumPy has inf or nan: there functions that would overflow are conditions, written so that what
    is not a number stays so, or calls of a helper that gives what NumPy gives.

    Attributes:
        template: the code; of NumPy its arguments are printed with the binding strength that `tight` asks for.
        tight: whether arguments stand beside an operator in the template and may need parentheses.
        helper: the helper that it calls.
        comparison: the same as true or false, which will do for NumPy as a factor beside an array.
        from_bound: a number, and the plainer code that will do where the argument is not below it.
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
        """The names that it takes from `math`."""
        return self.names & MATH

    @property
    def scipy(self) -> frozenset[str]:
        """The names that it takes from `scipy.special`."""
        return self.names & SCIPY

    def where(self, least: float) -> Code:
        """The code for an argument that is not below a number."""
        return self.from_bound[1] if self.from_bound and least >= self.from_bound[0] else self


def helped(arguments: str, equation: str, body: tuple[str, ...], **options: Any) -> Code:
    """A function that is a helper of its own name, which `named` gives it: its arguments, equation and body."""
    return Code("", helper=Helper("", arguments, equation, body), **options)


def helpers(arguments: str, equation: str, *, numpy: tuple[str, ...], python: tuple[str, ...]) -> dict[str, Any]:
    """The columns of a function that is a helper in both languages, by the bodies of these."""
    plain = ", ".join(argument.partition(":")[0] for argument in arguments.split(", "))
    return {"numpy": helped(arguments, equation, numpy), "python": helped(plain, equation, python)}


def named(code: Code | str, name: str) -> Code:
    """The code of a function of this name; a helper is called _name."""
    code = Code(code) if isinstance(code, str) else code
    if code.helper is None or code.helper.name:
        return code
    helper = replace(code.helper, name=f"_{name}")
    places = ", ".join(f"{{{place}}}" for place in range(len(helper.arguments.split(","))))
    return replace(code, template=f"{helper.name}({places})", helper=helper)


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
