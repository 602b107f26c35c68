"""The code of functions: elementary ones alone, so that all others are written by their definitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symnet.functions.code import Code
from symnet.support.precedence import ATOM, LOOSE, SIGN
from symnet.targets.straight_line.language import Language, Printed, held

FUNCTIONS = {
    **{name: Code(f"mp.{name}({{0}})") for name in ("exp", "expm1", "log", "log1p", "sqrt", "tanh")},
    "abs": Code("abs({0})"),
    "maximum": Code("max({0}, {1})"),
    "minimum": Code("min({0}, {1})"),
    "positive": Code("mp.mpf({0} > 0)"),
    "select": Code("({1} if {0} > 0 else {2})"),
}


@dataclass
class MpmathLanguage(Language):
    """Numbers of mpmath, with Python's operators."""

    kind = "mpf"

    def known(self, function: str) -> Code | None:
        return FUNCTIONS.get(function)

    def gives_float(self, operation: str) -> bool:
        return False

    def call(self, function: str, arguments: Sequence[Printed], least: Sequence[float]) -> Printed:
        return self.code_of(function).template.format(*(held(argument, SIGN) for argument in arguments)), ATOM

    def operator(self, name: str, *operands: str) -> str:
        return f"mp.{name}({', '.join(operands)})"

    def root(self, argument: str, least: float) -> str:
        return self.call("sqrt", [(argument, LOOSE)], [least])[0]
