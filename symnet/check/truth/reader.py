"""`Reader`: check whether equations of a network hold at random numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import mpmath

from symnet.check.latex import Deadline, Known, extra_roles, parse_latex
from symnet.check.latex import tree as t
from symnet.check.truth.draws import drawn_points
from symnet.check.truth.evaluate import Evaluator, LengthNeeded
from symnet.check.truth.links import Failure, Link, links_of
from symnet.check.truth.matrices import Mismatch, Value, entries, is_matrix
from symnet.check.truth.places import Places, Setting
from symnet.check.truth.point import DIGITS, Point, forward_program, given_point
from symnet.core import Program
from symnet.network import Network
from symnet.notation import Notation, extra_arrays

MAX_INSTANCES = 12
RATE = "rate"
"""The key of the learning rate in the values."""


@dataclass(frozen=True)
class Finding:
    """A link of a displayed formula that does not hold.

    Attributes:
        text: the link as it is printed.
        where: the values of its letters as the notation counts layers and units, such as `l = 1, j = 2`.
        left, right: the values of the sides there: a number, a matrix or its shape; empty if it has none.
        message: what is wrong, in one line.
    """

    text: str
    where: str
    left: str
    right: str
    message: str


class Reader:
    """Reads formulas of a network in a notation, and checks them by its forward equations.

    Args:
        network: the architecture.
        notation: the notation that the formulas are written in.
        rows: the number of examples, increased until it is no layer's size, so that a wrong transpose changes a
            shape; in a notation for single examples it is 1.
        seed: the seed of the random numbers.
        values: numbers to evaluate at instead, by the names of the arrays (`x`, `y`, `W1`, `b1`, ...); `rate` is the
            learning rate. Floats are taken as their shortest decimals.
        deadline: the time limit; a new one without limits if None.
        forward: the forward equations of the network; derived if None.
        swept: the forward equations, of the batch or of one example, with the cotangents of inputs and parameters;
            computed if None. It only serves to choose points by the signs of its values: formulas are not checked
            against it.

    Raises:
        ReadingError: the values do not fit the network.
    """

    def __init__(
        self,
        network: Network,
        notation: Notation,
        *,
        rows: int = 3,
        seed: int = 0,
        values: Mapping[str, Any] | None = None,
        deadline: Deadline | None = None,
        forward: Program | None = None,
        swept: Program | None = None,
    ) -> None:
        self.network = network
        self.notation = notation
        self.program = forward_program(network, forward)
        self.has_values = values is not None
        self.rate = None if values is not None else mpmath.mpf("0.137")
        self.extra = extra_arrays(network, self.program, notation)
        self.letters = extra_roles(self.program, notation, self.extra)
        self.deadline = deadline or Deadline()
        self.points = self._points(rows, seed, values, swept)
        self.definitions: tuple[t.Definition, ...] = ()
        self.places = self._places()

    def _places(self) -> list[Places]:
        return [
            Places(self.program, self.notation, self.network.sizes, point.examples, self.definitions)
            for point in self.points
        ]

    def define(self, definition: t.Definition) -> None:
        """Add the definition of a symbol."""
        self.definitions = (*self.definitions, definition)
        self.places = self._places()

    def known(self, *, may_define: bool) -> Known:
        """Return what is known for reading an equation; `may_define` allows it to define symbols."""
        return Known(self.network.sizes, self.letters, self.defined if may_define else None)

    @property
    def defined(self) -> frozenset[t.DefinedSymbol]:
        """The symbols that have been defined."""
        return frozenset(definition.symbol.symbol for definition in self.definitions)

    def _points(self, rows: int, seed: int, values: Mapping[str, Any] | None, swept: Program | None) -> list[Point]:
        if values is not None:
            given = dict(values)
            rate = given.pop(RATE, None)
            self.rate = mpmath.mpf(str(rate)) if rate is not None else None
            return [given_point(self.network, self.program, given)]
        if self.notation.batch == "single":
            rows = 1
        else:
            while rows in self.network.sizes:
                rows += 1
        return drawn_points(self.network, self.program, rows, seed, self.deadline, swept)

    def check(self, latex: str) -> list[Finding]:
        """Return what does not hold in a displayed formula; empty if everything does.

        Each link of a chain is checked for all layers and units that it applies to, or for a sample of a dozen; of
        each, the first failure is returned.

        Raises:
            ReadingError: the formula cannot be read; the message says at which character.
        """
        findings = []
        with mpmath.workdps(DIGITS):
            for chain in parse_latex(latex, self.notation, self.known(may_define=False)):
                for link in links_of(chain):
                    finding = self._checked(link, latex)
                    if finding is not None:
                        findings.append(finding)
        return findings

    def _checked(self, link: Link, latex: str) -> Finding | None:
        printed = closed(latex, link.left.span.start, link.right.span.end)
        text = " ".join(printed.replace("&", " ").replace(r"\\", " ").split())
        failure = self.failure(link)
        if failure is None:
            return None
        where = f" at {failure.where}" if failure.where else ""
        sides = f": left {shown_value(failure.left)}, right {shown_value(failure.right)}" if failure.has_values else ""
        reason = f": {failure.reason}" if failure.reason else sides
        message = f"{text} does not hold{where}{reason}"
        return Finding(text, failure.where, shown_value(failure.left), shown_value(failure.right), message)

    def instances(self, link: Link) -> int:
        """Return the number of instances of a link that are checked; 0 if it applies to no layer or unit.

        Raises:
            ReadingError: a condition cannot be read.
        """
        try:
            return link.instances(self.places[0], MAX_INSTANCES)
        except Mismatch:
            return 1

    def value(self, node: t.Node, failure: Failure) -> Value:
        """Return the value of a part of an equation at a failure; None if it has none.

        Raises:
            ReadingError: it cannot be evaluated as it is written, or no time is left.
        """
        rate = mpmath.mpf(0) if self.rate is None else self.rate
        evaluator = Evaluator(self.points[failure.point], self.places[failure.point], rate)
        with mpmath.workdps(DIGITS):
            try:
                return evaluator.value(node, failure.setting or Setting())
            except (Mismatch, LengthNeeded, KeyError):
                return None

    def failure(self, link: Link) -> Failure | None:
        """Return the first failure of a link; None if it holds at all points at which it has a value.

        Raises:
            ReadingError: a side cannot be evaluated as it is written, or no time is left.
        """
        undefined: list[Failure] = []
        with mpmath.workdps(DIGITS):
            for number, (point, places) in enumerate(zip(self.points, self.places, strict=True)):
                failure = link.failure(point, places, self.rate, self.has_values or link.is_of_numbers, MAX_INSTANCES)
                if failure is not None and not failure.is_undefined:
                    return replace(failure, point=number)
                undefined += [replace(failure, point=number)] if failure is not None else []
        return undefined[0] if len(undefined) == len(self.points) else None


def shown_value(value: Value) -> str:
    """Return a value as text: a number at ten digits, a small matrix entry by entry, a larger one by its shape."""
    if value is None:
        return ""
    if not is_matrix(value):
        return str(mpmath.nstr(value, 10))
    rows, columns = value.shape
    if rows * columns > 6:
        return f"a {rows} x {columns} matrix"
    written = (", ".join(mpmath.nstr(entry, 6) for entry in entries(row)) for row in value)
    return f"[{'; '.join(written)}]"


_FENCES = re.compile(r"\\[{}]|[{}()]")


def closed(latex: str, start: int, end: int) -> str:
    """Return a part of a formula, extended so that its braces and parentheses are balanced."""
    opened: list[int] = []
    for match in _FENCES.finditer(latex):
        if match[0] in ("{", "("):
            opened.append(match.start())
        elif match[0] in ("}", ")") and opened:
            opener = opened.pop()
            if start <= opener < end <= match.start():
                end = match.end()
            elif opener < start < match.end() <= end:
                start = opener
    return latex[start:end]
