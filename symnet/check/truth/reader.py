"""`Reader`: whether what a page says of a network holds at random numbers."""

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
"""The name under which values give the learning rate."""


@dataclass(frozen=True)
class Finding:
    """A link of a displayed formula that does not hold.

    Attributes:
        text: the link as it is printed.
        where: the values of its letters as the notation counts layers and units, such as `l = 1, j = 2`.
        left, right: the values of the sides there: numbers, shapes of matrices, or empty where there is none.
        message: what is wrong, in one line.
    """

    text: str
    where: str
    left: str
    right: str
    message: str


class Reader:
    """Reads formulas on a network in a notation, and holds them to the network's forward equations.

    Args:
        network: the architecture.
        notation: the profile that the formulas are written in.
        rows: the number of examples; one for a notation that derives for a single example, and
            otherwise the next number that is no layer's size, so that a transpose cannot hide.
        seed: of the random numbers.
        values: numbers to evaluate at instead, by the names of the arrays in the network's equations
            (`x`, `y`, `W1`, `b1`, ...); `rate` is the learning rate. Floats count as the decimals that
            they are printed as.
        deadline: until when it may take; one of its own if it is None.
        forward: the forward equations of the network, where they have been written down.
        swept: these, for a batch or for one example, with the cotangents of inputs and parameters, where a sweep has
            found them; points are chosen by the signs of what it computes, and nothing is held to it.

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
        """Take in what a symbol of the text's own stands for."""
        self.definitions = (*self.definitions, definition)
        self.places = self._places()

    def known(self, *, may_define: bool) -> Known:
        """What an equation may speak of; whether it may define symbols of its own."""
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
        """What does not hold in a displayed formula; nothing where all of it does.

        Each link of a chain is checked for all layers and units that it speaks of, or for a dozen
        drawn from them; where one fails, the first failure is told.

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
        """How many cases of a link are looked at; 0 where it speaks of no layer or unit of the network.

        Raises:
            ReadingError: a condition cannot be read.
        """
        try:
            return link.instances(self.places[0], MAX_INSTANCES)
        except Mismatch:
            return 1

    def value(self, node: t.Node, failure: Failure) -> Value:
        """The value of a part of an equation where it does not hold; None where it has none.

        Raises:
            ReadingError: it cannot be evaluated as it is written, or there is no time left.
        """
        rate = mpmath.mpf(0) if self.rate is None else self.rate
        evaluator = Evaluator(self.points[failure.point], self.places[failure.point], rate)
        with mpmath.workdps(DIGITS):
            try:
                return evaluator.value(node, failure.setting or Setting())
            except (Mismatch, LengthNeeded, KeyError):
                return None

    def failure(self, link: Link) -> Failure | None:
        """Where a link does not hold first; None where it holds at all points at which it says something.

        Raises:
            ReadingError: a side cannot be evaluated as it is written, or there is no time left.
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
    """A number at ten digits; a matrix of a few entries written out, of a larger one its shape."""
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
    """A part of a formula with the braces and parentheses that close what opens in it, and open what closes in it."""
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
