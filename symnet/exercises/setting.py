"""The setting of exercises, a network in a notation (`Setting`), and an exercise (`Problem`)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Expr, Integer

from symnet.check import narrowed
from symnet.core import Array, Program, extent
from symnet.formats import Display, Paragraph, Step, Table
from symnet.formula import Formula
from symnet.network import Network
from symnet.notation import Notation, Symbols, Typesetter
from symnet.pages import (
    MAX_SCALAR,
    ForwardSteps,
    PageProgram,
    Scenes,
    Values,
    forward_as_written,
    in_printed_order,
    page_program,
)

Part = Paragraph | Display | Table

Place = tuple[str, tuple[int, ...]]
"""An entry of an array: the name of the array, and the position in it."""

DIGITS = 3
"""The significant digits of results."""

REACH = 3
"""The most layers that a derivation goes back from the loss."""

NAMED_UNITS = 5
"""Exercises are about the first units of a layer, at most this many."""


@dataclass(frozen=True)
class Form:
    """A form of a solution: its name in the task, whether it is unit by unit, and whether it has matrix forms."""

    text: str
    scalar: bool = False
    matrices: bool = False


@dataclass(frozen=True)
class Setting:
    """A network in the notation of a sheet."""

    network: Network
    notation: Notation

    @cached_property
    def written(self) -> Program:
        """The forward program for a batch, from which `single` and `whole` are made."""
        return forward_as_written(self.network)

    @cached_property
    def narrow(self) -> Setting:
        """The setting with few units in each layer, for checking equations that do not depend on widths."""
        return self if self.is_small else Setting(narrowed(self.network), self.notation)

    def checked(self, page: PageProgram) -> PageProgram:
        """Return the page of the narrow setting that a page of this setting is checked with."""
        return self.narrow.single if page is self.single else self.narrow.whole

    @cached_property
    def single(self) -> PageProgram:
        """The program of a page for one example."""
        return page_program(self.network, replace(self.notation, batch="single"), self.written)

    @cached_property
    def whole(self) -> PageProgram:
        """The program of a page in the views of the notation: for one example, or for a batch."""
        if self.notation.batch == "single":
            return self.single
        return page_program(self.network, self.notation, self.written)

    @cached_property
    def parameters(self) -> int:
        """The number of weights, biases and other parameters."""
        program = self.single.forward
        return program.entries(*program.parameters)

    @property
    def is_small(self) -> bool:
        """Whether the network is small enough for equations unit by unit and in numbers."""
        return self.parameters <= MAX_SCALAR

    @cached_property
    def symbols(self) -> Symbols:
        return self.single.symbols

    def places(self, array: Array) -> list[Place]:
        """Return the entries of an array of one example in the order of printed symbols; a few per axis if wide."""
        program = self.single.forward
        axes = in_printed_order(self.single.notation, array)
        sizes = [int(program.size(extent(idx))) for idx in axes]
        ranges = [range(size if self.is_small else min(size, NAMED_UNITS)) for size in sizes]
        found = []
        for entry in itertools.product(*ranges):
            at = dict(zip(axes, entry, strict=True))
            found.append((array.name, tuple(at[idx] for idx in array.indices)))
        return found

    def symbol(self, place: Place) -> Formula:
        """Return the symbol of an entry."""
        name, position = place
        return self.symbols.entry(self.single.arrays[name], [self.symbols.unit(unit) for unit in position])

    def reference(self, place: Place) -> Expr:
        """Return the reference to an entry in equations."""
        name, position = place
        return self.single.arrays[name].at(tuple(map(Integer, position)))

    def setter(self) -> Typesetter:
        """Return a typesetter of formulas whose indices are numbers."""
        return Typesetter(self.symbols)

    def parameters_of(self, layers: Iterable[int]) -> list[Array]:
        """Return the parameters of some layers."""
        wanted = set(layers)
        return [array for array in self.single.forward.parameters if array.layer in wanted]

    @property
    def last_layers(self) -> range:
        """The layers that a derivation from the loss reaches."""
        depth = self.single.depth
        return range(max(1, depth - REACH + 1), depth + 1)

    @property
    def hidden_layers(self) -> list[int]:
        """The hidden layers that a derivation from the loss reaches."""
        return [layer for layer in self.last_layers if layer < self.single.depth]

    def errors_of(self, layer: int) -> str:
        """Return the name of the array by which the derivatives of the loss are the errors of a layer: its first."""
        return next(eq.name for eq in self.single.forward.equations if eq.array.layer == layer)

    def is_narrow(self, layer: int, most: int) -> bool:
        """Whether a layer has at most `most` units in a small network, so that each can have its equations."""
        return self.is_small and self.network.sizes[layer] <= most

    def loss_of(self, page: PageProgram) -> Iterator[Step]:
        """Yield the loss of a page, unless it is that of one example, which is in the header of the sheet."""
        if page is not self.single:
            yield ForwardSteps(Scenes(page, apart=True)).loss()


@dataclass(frozen=True, repr=False)
class Problem:
    """One exercise with its solution.

    Attributes:
        kind: the name of its kind.
        title: its subject, in a few words.
        task: what is asked.
        solution: the steps of the solution.
        page: the program that its equations are checked against.
        values: the numbers that its equations are evaluated at; None if they hold for all.
        planted: the display of the task with a planted error; None for none.
        cause: the cause of the planted error, in the words of `symnet verify`; empty for none.
    """

    kind: str
    title: str
    task: tuple[Part, ...]
    solution: tuple[Step, ...]
    page: PageProgram
    values: Values | None = None
    planted: Display | None = None
    cause: str = ""

    def __repr__(self) -> str:
        return f"<Problem {self.kind}: {self.title}>"

    @property
    def right_part_of_task(self) -> tuple[Part, ...]:
        """The task without the display with the planted error."""
        return tuple(part for part in self.task if part != self.planted)
