"""The language of straight-line code: how it writes functions, divisions and powers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from symnet.emit.helpers import Helper, NumpyFunction, PythonFunction, helper_context, helpers_needed
from symnet.errors import LoweringError

Printed = tuple[str, int]
"""Code, and how tightly it binds."""


@dataclass
class Language(ABC):
    """A language for straight-line code, which `GraphCode` prints sums and products in.

    A target's own has its table of functions and says how a call of one is written. Where the language's operators
    raise or turn complex and NumPy's have inf or nan, the code is a call that has that too.

    Attributes:
        functions: the code of each function that it knows, by name.
        helpers_known: the functions that a module defines for itself, by name.
        kind: the type of a value.
        floats: the symbols that stand for Python floats, not for arrays; None if all may.
        helpers: the names of the helpers that the printed code calls.
    """

    functions: ClassVar[Mapping[str, NumpyFunction] | Mapping[str, PythonFunction]]
    helpers_known: ClassVar[Mapping[str, Helper]]
    kind: ClassVar[str]

    floats: frozenset[str] | None = None
    helpers: set[str] = field(default_factory=set)

    def must_be_name(self, function: str) -> bool:
        """Whether the code of a function repeats its arguments, so that each must be a name."""
        known = self.functions.get(function)
        return known is not None and any(known.code.count(place) > 1 for place in ("{0}", "{1}", "{2}"))

    def code_of(self, function: str) -> str:
        """The code of a function, with places such as `{0}` for its arguments.

        Raises:
            LoweringError: there is none.
        """
        if function not in self.functions:
            raise LoweringError(f"the target has no code for {function}, which has no definition to be written by")
        return self.functions[function].code

    @abstractmethod
    def gives_float(self, operation: str) -> bool:
        """Whether an operation on Python floats gives one."""

    @abstractmethod
    def call(self, function: str, arguments: Sequence[Printed], least: Sequence[float]) -> Printed:
        """The code of a function for printed arguments, none of which is below its number in `least`.

        It notes what the code needs in `helpers`, and what else the module has to import.
        """

    @abstractmethod
    def operator(self, name: str, *operands: str) -> str:
        """A division ("divide") or a power ("power") of Python floats as a call that never raises."""

    @abstractmethod
    def root(self, argument: str, least: float) -> str:
        """The square root of what is not below a number."""

    def needs(self) -> dict[str, Any]:
        """What the template of a module is told of the printed code: the helpers that it defines."""
        needed = helpers_needed(self.helpers, self.helpers_known)
        return {"helpers": [helper_context(helper, self.kind) for helper in needed]}


def held(printed: Printed, strength: int) -> str:
    """Printed code for a place that asks for at least this binding strength."""
    return f"({printed[0]})" if printed[1] < strength else printed[0]
