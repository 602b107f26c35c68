"""Put numbers into the equations of a page, shown to as many digits as were asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import mpmath
import numpy as np
from sympy import Expr, Indexed, Symbol

from symnet.core import Array
from symnet.formats import Display, Line, Paragraph
from symnet.formula import Formula, is_exact, number, row
from symnet.formula import tree as f
from symnet.functions import value
from symnet.notation import NoLayout, Typesetter, axes_of, laid_out
from symnet.pages.page_program import PageProgram, opened
from symnet.pages.scene import Scene, members
from symnet.pages.values import DIGITS
from symnet.support import ATOM, SUM

MOST_DIGITS = 10
"""The most digits shown of a number that was given, not computed."""

MAX_SHOWN = 8
"""The most rows or columns of an array that is written out in numbers."""


@dataclass(frozen=True)
class InNumbers(Typesetter):
    """A typesetter that writes the value of each entry in place of its symbol."""

    values: Mapping[str, Any] | None = None
    digits: int = 3

    def entry(self, name: str, indices: Sequence[Expr]) -> tuple[Formula, int]:
        found = float((self.values or {})[name][tuple(int(index) for index in indices)])
        written = number(found, max(self.digits, MOST_DIGITS) if is_exact(found, MOST_DIGITS) else self.digits)
        return written, SUM if found < 0 else ATOM if isinstance(written, f.Number) else SUM


@dataclass(frozen=True)
class Worked:
    """The values of a page's arrays, and how they are shown.

    Attributes:
        page: the program of the page.
        values: every array and cotangent of the page by name, in the shapes of its equations.
        digits: how many significant digits are shown, from 1 to 15.
    """

    page: PageProgram
    values: Mapping[str, Any]
    digits: int = 3

    def lines(self, setter: Typesetter, node: Expr, result: float | None = None) -> Iterator[Line]:
        """Yield an expression at single units with numbers in place of its symbols, then its value.

        Args:
            setter: the typesetter of the expression.
            node: the expression; one without any known symbol yields nothing.
            result: its value, if known; else it is computed from the expression.
        """
        entries = [entry for entry in node.atoms(Indexed, Symbol) if self._has(entry)]
        if not entries:
            return
        exact = all(is_exact(self._value(entry), self.digits) for entry in entries)
        found = self._evaluated(node, entries) if result is None else result
        in_numbers = InNumbers(
            setter.symbols, setter.letters, setter.marked_functions, f.Operator("times"), self.values, self.digits
        )
        written, final = in_numbers.expression(node), number(found, self.digits)
        if written != final:
            yield Line(None, "=" if exact else "approx", written)
        yield Line(None, "=" if exact and is_exact(found, self.digits) else "approx", final)

    def moved(self, own: float, slope: float, rate: float) -> Iterator[Line]:
        """Yield a step of gradient descent in numbers: w - η ∂C/∂w, then its value.

        Args:
            own: the parameter w.
            slope: the derivative ∂C/∂w.
            rate: the learning rate η.
        """
        step, value = number(rate, MOST_DIGITS), number(slope, self.digits)
        times = (step, f.Operator("times"), value if slope >= 0 else f.Fenced(value))
        yield Line(None, "approx", row(number(own, MOST_DIGITS), f.Operator("-"), *times))
        yield Line(None, "approx", number(own - rate * slope, self.digits))

    def of(self, entry: Expr) -> float:
        """Return the value of an array's entry, given as an `Indexed` at numbers or as a `Symbol`."""
        return float(self._value(entry))

    def _has(self, entry: Expr) -> bool:
        name = entry.base.name if isinstance(entry, Indexed) else str(entry)
        return name in self.values and (isinstance(entry, Indexed) or not np.ndim(self.values[name]))

    def _value(self, entry: Expr) -> Any:
        if isinstance(entry, Indexed):
            return self.values[entry.base.name][tuple(int(index) for index in entry.indices)]
        return self.values[str(entry)][()]

    def _evaluated(self, node: Expr, entries: Sequence[Expr]) -> float:
        with mpmath.workdps(DIGITS):
            return float(
                value(mpmath.mp, opened(self.page.network, node), {entry: self._value(entry) for entry in entries})
            )

    def whole(self, page: PageProgram, scene: Scene, array: Array) -> Iterator[Paragraph | Display]:
        """Write an array in numbers for every layer of the scene, as the notation lays it out."""
        own = members(page, array, scene.group)
        lines = [line for member in own for line in self._whole(page, member, self.values[member.name])]
        if lines:
            yield Paragraph(("In numbers",))
            yield Display(tuple(lines))

    def whole_moved(self, page: PageProgram, scene: Scene, array: Array, rate: float) -> Iterator[Display]:
        """Write a parameter in numbers after a step of gradient descent, for every layer of the scene."""
        for own in members(page, array, scene.group):
            value, slope = (np.asarray(self.values[name], np.float64) for name in (own.name, own.cotangent().name))
            lines = [replace(line, relation="leftarrow") for line in self._whole(page, own, value - rate * slope)]
            if lines:
                yield Display(tuple(lines))

    def _whole(self, page: PageProgram, array: Array, entries: Any) -> Iterator[Line]:
        own = array.primal
        found = np.asarray(entries, dtype=np.float64)
        symbols = page.symbols
        try:
            axes = axes_of(page.notation, own)
        except NoLayout:
            return
        if found.size == 0 or max(found.shape, default=1) > MAX_SHOWN:
            return
        exact = all(is_exact(float(entry), self.digits) for entry in found.ravel())
        relation = "=" if exact else "approx"
        if axes == (None, None):
            yield Line(symbols.entry(array), relation, number(float(found), self.digits))
            return
        shown = laid_out(found, own.indices, axes)
        grid = f.Grid(tuple(tuple(number(float(entry), self.digits) for entry in line) for line in shown))
        yield Line(symbols.whole(array, is_matrix=None not in axes), relation, grid)
