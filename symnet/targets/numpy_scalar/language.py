"""NumPy on arrays and floats, elementwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from symnet.functions import FUNCTIONS, Code, Helper, helpers_needed
from symnet.support import ATOM, PRODUCT, SUM
from symnet.targets.straight_line import Language, Printed, held


@dataclass
class NumpyLanguage(Language):
    """NumPy; `scipy` are the names that the printed code imports from `scipy.special`."""

    kind: ClassVar[str] = "Array"

    scipy: set[str] = field(default_factory=set)

    def known(self, function: str) -> Code | None:
        return FUNCTIONS[function].numpy if function in FUNCTIONS else None

    def gives_float(self, operation: str) -> bool:
        """Whether an operation on Python floats gives one: NumPy's functions return NumPy scalars instead."""
        return operation in ("add", "multiply", "power")

    def call(self, function: str, arguments: Sequence[Printed], least: Sequence[float]) -> Printed:
        if function == "batch_sum":
            return f"np.sum({arguments[0][0]})", ATOM
        code = self.code_of(function)
        self.helpers.update({code.helper.name} if code.helper else ())
        self.scipy.update(code.scipy)
        strength = ATOM if code.tight else SUM
        text = code.template.format(*(held(argument, strength) for argument in arguments))
        return text, PRODUCT if code.tight else ATOM

    def operator(self, name: str, *operands: str) -> str:
        return f"np.{name}({', '.join(operands)})"

    def root(self, argument: str, least: float) -> str:
        return f"np.sqrt({argument})"

    def defined(self) -> Sequence[Helper]:
        return helpers_needed(self.helpers, "numpy")

    def needs(self) -> dict[str, Any]:
        return {**super().needs(), "scipy_names": sorted(self.scipy)}
