"""The language of straight-line code: how functions, divisions and powers are written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from symnet.functions import Code, Helper, helper_context
from symnet.support import LoweringError

Printed = tuple[str, int]
"""Code with its precedence."""


@dataclass
class Language(ABC):
    """A language for straight-line code; `GraphCode` prints sums and products itself.

    A target's language has its table of functions, and says how calls are written. Where its operators raise or give
    complex numbers and NumPy's give inf or nan, it prints a call of a helper that gives inf or nan too.

    Attributes:
        kind: the type annotation of a value.
        floats: the symbols that stand for Python floats, not for arrays; None if all may.
        helpers: the names of the helpers that the printed code calls.
    """

    kind: ClassVar[str]

    floats: frozenset[str] | None = None
    helpers: set[str] = field(default_factory=set)

    def must_be_name(self, function: str) -> bool:
        """Whether the code of a function repeats its arguments, so that each must be a name."""
        known = self.known(function)
        return known is not None and any(known.template.count(place) > 1 for place in ("{0}", "{1}", "{2}"))

    @abstractmethod
    def known(self, function: str) -> Code | None:
        """Return the code of a function; None if the language has none."""

    def code_of(self, function: str) -> Code:
        """Return the code of a function.

        Raises:
            LoweringError: the language has none.
        """
        code = self.known(function)
        if code is None:
            raise LoweringError(f"the target has no code for {function}, which has no definition to be written by")
        return code

    @abstractmethod
    def gives_float(self, operation: str) -> bool:
        """Whether an operation on Python floats gives one."""

    @abstractmethod
    def call(self, function: str, arguments: Sequence[Printed], least: Sequence[float]) -> Printed:
        """Return a call of a function, and record the helpers and imports that it needs.

        Args:
            function: the name of the function.
            arguments: the printed arguments.
            least: a lower bound of each argument.
        """

    @abstractmethod
    def operator(self, name: str, *operands: str) -> str:
        """Return a division ("divide") or a power ("power") of Python floats as a call that never raises."""

    @abstractmethod
    def root(self, argument: str, least: float) -> str:
        """Return the square root of an argument that is at least `least`."""

    def needs(self) -> dict[str, Any]:
        """Return the template's values that depend on the printed code: the helpers that the module defines."""
        return {"helpers": [helper_context(helper, self.kind) for helper in self.defined()]}

    def defined(self) -> Sequence[Helper]:
        """Return the helpers that the module defines, each before its callers."""
        return ()


def held(printed: Printed, strength: int) -> str:
    """Return printed code, in parentheses if its precedence is lower than `strength`."""
    return f"({printed[0]})" if printed[1] < strength else printed[0]
