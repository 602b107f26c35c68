"""The language of straight-line code: how it writes functions, divisions and powers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from symnet.functions import Code, Helper, helper_context
from symnet.support import LoweringError

Printed = tuple[str, int]
"""Code, and how tightly it binds."""


@dataclass
class Language(ABC):
    """A language for straight-line code, which `GraphCode` prints sums and products in.

    A target's own has its table of functions and says how a call of one is written. Where the language's operators
    raise or turn complex and NumPy's have inf or nan, the code is a call that has that too.

    Attributes:
        kind: the type of a value.
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
        """The code of a function, None where the language has none."""

    def code_of(self, function: str) -> Code:
        """The code of a function.

        Raises:
            LoweringError: there is none.
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
        return {"helpers": [helper_context(helper, self.kind) for helper in self.defined()]}

    def defined(self) -> Sequence[Helper]:
        """The helpers that a module defines for the printed code, each before what calls it."""
        return ()


def held(printed: Printed, strength: int) -> str:
    """Printed code for a place that asks for at least this binding strength."""
    return f"({printed[0]})" if printed[1] < strength else printed[0]
