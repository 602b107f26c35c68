"""NumPy on arrays and floats, elementwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from symnet.emit.helpers import Helper, NumpyFunction
from symnet.emit.numpy_functions import HELPERS, NUMPY_FUNCTIONS
from symnet.precedence import ATOM, PRODUCT, SUM
from symnet.targets.straight_line import Language, Printed, held


@dataclass
class NumpyLanguage(Language):
    """NumPy; `scipy` are the names that the printed code takes from `scipy.special`."""

    functions: ClassVar[Mapping[str, NumpyFunction]] = NUMPY_FUNCTIONS
    helpers_known: ClassVar[Mapping[str, Helper]] = HELPERS
    kind: ClassVar[str] = "Array"

    scipy: set[str] = field(default_factory=set)

    def gives_float(self, operation: str) -> bool:
        """NumPy's functions give numbers of NumPy's, whose operators do not raise."""
        return operation in ("add", "multiply", "power")

    def call(self, function: str, arguments: Sequence[Printed], least: Sequence[float]) -> Printed:
        if function == "batch_sum":
            return f"np.sum({arguments[0][0]})", ATOM
        known = NUMPY_FUNCTIONS[function]
        self.helpers.update({known.helper} - {""})
        self.scipy.update({known.scipy} - {""})
        strength = ATOM if known.tight else SUM
        code = known.code.format(*(held(argument, strength) for argument in arguments))
        return code, PRODUCT if known.tight else ATOM

    def operator(self, name: str, *operands: str) -> str:
        return f"np.{name}({', '.join(operands)})"

    def root(self, argument: str, least: float) -> str:
        return f"np.sqrt({argument})"

    def needs(self) -> dict[str, Any]:
        return {**super().needs(), "scipy_names": sorted(self.scipy)}
