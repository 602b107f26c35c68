"""Modules of networks on one row of floats, and of functions of floats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from symnet.scalar_form import Graph
from symnet.targets.python.language import PythonLanguage
from symnet.targets.python_text import WIDTH, broken, listed
from symnet.targets.straight_line import FunctionCode, GraphCode, Language, NetworkCode, unpacked


def _sum_to_one(names: Sequence[str]) -> str:
    signs = " and ".join(f"{name} >= 0.0" for name in names)
    return f"{signs} and abs({' + '.join(names)} - 1.0) <= {4 * len(names)} * 2.0**-52"


OUT_OF_RANGE: dict[str, Callable[[Sequence[str]], str]] = {
    "signs": lambda names: " or ".join(f"{name} not in (-1.0, 1.0)" for name in names),
    "unit interval": lambda names: " or ".join(f"not 0.0 <= {name} <= 1.0" for name in names),
    "probabilities": lambda names: f"not ({_sum_to_one(names)})",
}
"""The condition on which a row's targets are refused, by the kind of the loss's targets; others are not checked."""


class RowCode(NetworkCode):
    """Params, x and y are sequences of floats: one row of a batch."""

    template: ClassVar[str] = "python/module.py.jinja"
    language_of: ClassVar[type[Language]] = PythonLanguage
    batched: ClassVar[bool] = False
    row: ClassVar[str] = "tuple[float, ...]"
    given: ClassVar[str] = "Row"

    def about(self) -> list[str]:
        return [
            f"One row of the batch: params is a sequence of {len(self.parameters)} floats in the order of PARAMETERS,",
            f"x and y are sequences of floats. {self.naming}",
        ]

    def arguments(self) -> dict[str, str]:
        lengths = self.lengths
        return {
            "params": f"a sequence of {lengths['params']} floats in the order of PARAMETERS",
            "x": f"the inputs of one row, a sequence of {lengths['x']} floats" + f": {self.flat}" * bool(self.flat),
            "y": f"the targets of that row, a sequence of {lengths['y']} floats",
        }

    def floats(self) -> frozenset[str] | None:
        return None

    def needs(self) -> dict[str, Any]:
        return {"lengths": self.lengths, "wrong_targets": self.targets if self.targets in OUT_OF_RANGE else ""}

    @property
    def lengths(self) -> dict[str, int]:
        """The lengths of params, x and y."""
        return {"params": len(self.parameters), **{letter: len(self.array(letter)) for letter in ("x", "y")}}

    def outputs(self, code: GraphCode, nodes: Sequence[int]) -> list[str]:
        return listed("return ", [code.text(node) for node in nodes], "")

    def listed(self, before: str, values: Sequence[str]) -> list[str]:
        return listed(before, values, "")

    def number(self, text: str) -> str:
        return text

    def outputs_taken(self, names: Sequence[str], used: set[str]) -> list[str]:
        lines = self.taken(used, data=("y",), parameters=bool(used & set(self.parameters)))
        return [*lines, *unpacked(names, "forward(params, x)", used)]

    def taken(self, used: set[str], *, data: Sequence[str], parameters: bool = True) -> list[str]:
        """Return the lines that unpack one row, after checks of lengths and of the range of targets."""
        given = [*["params"] * parameters, *data]
        if not given:
            return []
        # A container of Python's numbers is recognised by its class alone, which is cheap.
        lines = [f"if {' or '.join(f'{name}.__class__ not in _PLAIN' for name in given)}:"]
        arguments = ", ".join(f"{name}={name}" for name in given)
        lines += [f"    {', '.join(given)}{',' * (len(given) == 1)} = _plain({arguments})", "try:"]
        wrong = OUT_OF_RANGE.get(self.targets) if "y" in given else None
        used = used | self.positive | set(self.names("y") if wrong else ())
        # Summing the data finds entries that are not numbers; for the parameters this would take a third of the time.
        odd = " or ".join(f"sum({name}, 0.0).__class__ is not float" for name in data)
        lines += [f"    if ({odd}) and _has_mask({', '.join(data)}):", "        raise TypeError"]
        for name in given:
            parts = self.parameters if name == "params" else self.names(name)
            lines += [f"    {line}" for line in unpacked(parts, name, used, indent=8)]
        lines += ["except (TypeError, ValueError):", f"    raise _misfit({arguments}) from None"]
        if wrong:
            condition = broken(wrong(self.names("y")), WIDTH - 12)
            lines += (
                [f"if {condition[0]}:"] if len(condition) == 1 else ["if (", *(f"    {c}" for c in condition), "):"]
            )
            lines.append("    raise _wrong_targets(y)")
        return [*lines, *(self.positive_checked() if parameters else [])]


class FloatFunctionCode(FunctionCode):
    """Arguments and values are floats."""

    template: ClassVar[str] = "python/function.py.jinja"
    language_of: ClassVar[type[Language]] = PythonLanguage
    kind: ClassVar[str] = "float"
    about: ClassVar[str] = "floats"

    def values(self, graph: Graph, roots: Sequence[int], texts: Sequence[str], *, alone: bool) -> list[str]:
        return list(texts)
