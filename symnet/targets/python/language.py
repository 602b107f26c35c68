"""Python on floats, with `math` alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from symnet.functions import FUNCTIONS, OPERATORS, Code, Helper, helpers_needed
from symnet.support import ATOM, LOOSE, SIGN
from symnet.targets.straight_line import Language, Printed, held


@dataclass
class PythonLanguage(Language):
    """Python; `imports` are the names that the printed code imports from `math`."""

    kind: ClassVar[str] = "float"

    imports: set[str] = field(default_factory=set)

    def known(self, function: str) -> Code | None:
        return FUNCTIONS[function].python if function in FUNCTIONS else None

    def gives_float(self, operation: str) -> bool:
        return True

    def call(self, function: str, arguments: Sequence[Printed], least: Sequence[float]) -> Printed:
        code = self.code_of(function).where(least[0])
        self._note(code)
        helper = code.helper.name if code.helper else ""
        strength = LOOSE if code.template in (f"{function}({{0}})", f"{helper}({{0}})") else SIGN
        text = code.template.format(*(held(argument, strength) for argument in arguments))
        return (text[1:-1], LOOSE) if text.startswith("(") else (text, ATOM)

    def operator(self, name: str, *operands: str) -> str:
        code = OPERATORS[name]
        self._note(code)
        return code.template.format(*operands)

    def _note(self, code: Code) -> None:
        self.imports.update(code.math)
        self.helpers.update({code.helper.name} if code.helper else ())

    def root(self, argument: str, least: float) -> str:
        return self.call("sqrt", [(argument, LOOSE)], [least])[0]

    def defined(self) -> Sequence[Helper]:
        return helpers_needed(self.helpers, "python")

    def needs(self) -> dict[str, Any]:
        return {**super().needs(), "math_names": sorted(self.imports)}
