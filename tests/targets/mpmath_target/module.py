"""What data look like: sequences of numbers, which are taken apart as they are."""

from __future__ import annotations

from collections.abc import Sequence

from mpmath_target.language import MpmathLanguage
from symnet.targets.straight_line.graph_code import GraphCode
from symnet.targets.straight_line.network import NetworkCode, unpacked


class NumberCode(NetworkCode):
    """One row of numbers."""

    template = "mpmath/module.py.jinja"
    language_of = MpmathLanguage
    batched = False
    row = "tuple"
    given = "Row"

    def about(self) -> list[str]:
        return ["Numbers of mpmath, to mp.mp.dps digits."]

    def arguments(self) -> dict[str, str]:
        return {"params": "numbers in the order of PARAMETERS", "x": "inputs", "y": "targets"}

    def floats(self) -> frozenset[str]:
        return frozenset()

    def taken(self, used: set[str], *, data: Sequence[str], parameters: bool = True) -> list[str]:
        names = {"params": self.parameters, **{letter: self.names(letter) for letter in data}}
        given = [*["params"] * parameters, *data]
        return [line for each in given for line in unpacked(names[each], f"map(mp.mpf, {each})", used)]

    def outputs_taken(self, names: Sequence[str], used: set[str]) -> list[str]:
        return [*self.taken(used, data=("y",)), *unpacked(names, "forward(params, x)", used)]

    def listed(self, before: str, values: Sequence[str]) -> list[str]:
        return [f"{before}({', '.join(values)},)"]

    def outputs(self, code: GraphCode, nodes: Sequence[int]) -> list[str]:
        return self.listed("return ", [code.text(node) for node in nodes])

    def number(self, text: str) -> str:
        return text
