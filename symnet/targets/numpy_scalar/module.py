"""Modules of networks that compute on the columns of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from symnet.core import BATCH
from symnet.targets.numpy_scalar.language import NumpyLanguage
from symnet.targets.python_text import listed
from symnet.targets.straight_line import GraphCode, Language, NetworkCode, unpacked


class ColumnCode(NetworkCode):
    """Params are floats; x and y have a row for each sample, and the code computes on their columns."""

    template: ClassVar[str] = "numpy-scalar/module.py.jinja"
    language_of: ClassVar[type[Language]] = NumpyLanguage
    batched: ClassVar[bool] = True
    row: ClassVar[str] = "Array"
    given: ClassVar[str] = "ArrayLike"

    def about(self) -> list[str]:
        return [
            f"A batch: params is a sequence of {len(self.parameters)} floats in the order of PARAMETERS, "
            "x and y have a row",
            f"for each sample. {self.naming}",
        ]

    def arguments(self) -> dict[str, str]:
        return {
            "params": f"{len(self.parameters)} floats in the order of PARAMETERS",
            "x": f"inputs of shape (N, {len(self.names('x'))})" + f": {self.flat}" * bool(self.flat),
            "y": "targets, with a row for each row of x",
        }

    def floats(self) -> frozenset[str] | None:
        return frozenset({*self.parameters, str(BATCH)})

    def outputs(self, code: GraphCode, nodes: Sequence[int]) -> list[str]:
        return listed("return np.column_stack(", [self.column(code, node) for node in nodes], ")")

    def column(self, code: GraphCode, node: int) -> str:
        """Return an output as a column; one that does not depend on x is repeated for every row."""
        symbols = {code.graph.detail[part] for part in code.graph.reachable([node]) if not code.graph.operands[part]}
        varies = not symbols.isdisjoint(self.names("x"))
        return code.text(node) if varies else f"np.full(len(x), {code.text(node)})"

    def listed(self, before: str, values: Sequence[str]) -> list[str]:
        return listed(f"{before}np.array(", values, ")")

    def number(self, text: str) -> str:
        return f"float({text})"

    def outputs_taken(self, names: Sequence[str], used: set[str]) -> list[str]:
        lines = self.taken(used, data=(), parameters=bool(used & set(self.parameters)))
        # y must have as many rows as x, which `forward` has checked.
        lines += [*unpacked(names, "forward(params, x).T", used), *self.columns("y", used)]
        return [*lines, f"{BATCH} = len(y)"] if str(BATCH) in used else lines

    def taken(self, used: set[str], *, data: Sequence[str], parameters: bool = True) -> list[str]:
        vector = f'_array("params", params, {len(self.parameters)}).tolist()'
        lines = unpacked(self.parameters, vector, used | self.positive) if parameters else []
        lines += [line for letter in data for line in self.columns(letter, used)]
        return [*lines, *(self.positive_checked() if parameters else [])]

    def columns(self, letter: str, used: set[str]) -> list[str]:
        """Return the lines that check a batch of inputs or targets and unpack its columns."""
        checks = {"x": f'_array("x", x, None, {len(self.names("x"))})', "y": "_targets(y, np.shape(x)[0])"}
        return [f"{letter} = {checks[letter]}", *unpacked(self.names(letter), f"{letter}.T", used)]
