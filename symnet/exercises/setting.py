"""What an exercise is made from, and what it is."""

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
"""One entry of an array: the array's name, and the position in it."""

DIGITS = 3
"""To how many significant digits results are given."""

REACH = 3
"""Derivations start from the loss; they go back through so many layers at most."""

NAMED_UNITS = 5
"""Of a wide layer, units are named from its first few."""


@dataclass(frozen=True)
class Form:
    """A form that a solution may be asked for in: in words, whether unit by unit, and whether in matrices."""

    text: str
    scalar: bool = False
    matrices: bool = False


@dataclass(frozen=True)
class Setting:
    """A network in a notation.

    Attributes:
        network: the architecture.
        notation: the profile of the sheet.
    """

    network: Network
    notation: Notation

    @cached_property
    def written(self) -> Program:
        """The forward program for a batch that both of its pages are made from."""
        return forward_as_written(self.network)

    @cached_property
    def narrow(self) -> Setting:
        """The setting at few units in each layer, at which equations are checked that speak of no widths."""
        return self if self.is_small else Setting(narrowed(self.network), self.notation)

    def checked(self, page: PageProgram) -> PageProgram:
        """The page of the narrow setting that one of this setting is checked by."""
        return self.narrow.single if page is self.single else self.narrow.whole

    @cached_property
    def single(self) -> PageProgram:
        """The program for one example."""
        return page_program(self.network, replace(self.notation, batch="single"), self.written)

    @cached_property
    def whole(self) -> PageProgram:
        """The program as the notation looks at it: for one example, or for a batch."""
        if self.notation.batch == "single":
            return self.single
        return page_program(self.network, self.notation, self.written)

    @cached_property
    def parameters(self) -> int:
        """How many weights, biases and other parameters there are."""
        program = self.single.forward
        return program.entries(*program.parameters)

    @property
    def is_small(self) -> bool:
        """Whether equations can be written unit by unit, and numbers be put into them."""
        return self.parameters <= MAX_SCALAR

    @cached_property
    def symbols(self) -> Symbols:
        return self.single.symbols

    def places(self, array: Array) -> list[Place]:
        """The entries of an array of one example, in the order of its symbols; of a wide one a few of each axis."""
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
        """The symbol of an entry."""
        name, position = place
        return self.symbols.entry(self.single.arrays[name], [self.symbols.unit(unit) for unit in position])

    def reference(self, place: Place) -> Expr:
        """An entry as it stands in equations."""
        name, position = place
        return self.single.arrays[name].at(tuple(map(Integer, position)))

    def setter(self) -> Typesetter:
        """Writes formulas in entries that are named by numbers."""
        return Typesetter(self.symbols)

    def parameters_of(self, layers: Iterable[int]) -> list[Array]:
        """The parameters of some layers."""
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
        """The array by which the loss is differentiated to give the errors of a layer: its first equation."""
        return next(eq.name for eq in self.single.forward.equations if eq.array.layer == layer)

    def is_narrow(self, layer: int, most: int) -> bool:
        """Whether the equations of a layer can be written for each of its units."""
        return self.is_small and self.network.sizes[layer] <= most

    def loss_of(self, page: PageProgram) -> Iterator[Step]:
        """The loss as a page has it, where it differs from that of one example, which the sheet begins with."""
        if page is not self.single:
            yield ForwardSteps(Scenes(page, apart=True)).loss()


@dataclass(frozen=True, repr=False)
class Problem:
    """One exercise with its solution.

    Attributes:
        kind: the name of its kind.
        title: what it is about, in a few words.
        task: what is asked.
        solution: how it is solved, step by step.
        page: the program that its equations are held to.
        values: the numbers that it is worked through with; None where it speaks of any.
        planted: the display of the task that is wrong on purpose; None where there is none.
        cause: what is wrong with it, in the words of `symnet verify`; empty where nothing is.
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
        """The task without what is wrong on purpose."""
        return tuple(part for part in self.task if part != self.planted)
