"""Python on floats, with `math` alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from symnet.emit.helpers import Helper, PythonFunction
from symnet.emit.python_functions import PYTHON_FUNCTIONS, PYTHON_HELPERS, PYTHON_OPERATORS, PYTHON_WHERE_REAL
from symnet.precedence import ATOM, LOOSE, SIGN
from symnet.targets.straight_line import Language, Printed, held


@dataclass
class PythonLanguage(Language):
    """Python; `imports` are the names that the printed code takes from `math`."""

    functions: ClassVar[Mapping[str, PythonFunction]] = PYTHON_FUNCTIONS
    helpers_known: ClassVar[Mapping[str, Helper]] = PYTHON_HELPERS
    kind: ClassVar[str] = "float"

    imports: set[str] = field(default_factory=set)

    def gives_float(self, operation: str) -> bool:
        return True

    def call(self, function: str, arguments: Sequence[Printed], least: Sequence[float]) -> Printed:
        bound, plain = PYTHON_WHERE_REAL.get(function, (0.0, PYTHON_FUNCTIONS.get(function)))
        known = plain if plain and least[0] >= bound else PYTHON_FUNCTIONS[function]
        self.imports.update(known.needs)
        self.helpers.update({known.helper} - {""})
        strength = LOOSE if known.code in (f"{function}({{0}})", f"{known.helper}({{0}})") else SIGN
        code = known.code.format(*(held(argument, strength) for argument in arguments))
        return (code[1:-1], LOOSE) if code.startswith("(") else (code, ATOM)

    def operator(self, name: str, *operands: str) -> str:
        known = PYTHON_OPERATORS[name]
        self.imports.update(known.needs)
        self.helpers.add(known.helper)
        return known.code.format(*operands)

    def root(self, argument: str, least: float) -> str:
        return self.call("sqrt", [(argument, LOOSE)], [least])[0]

    def needs(self) -> dict[str, Any]:
        return {**super().needs(), "math_names": sorted(self.imports)}
