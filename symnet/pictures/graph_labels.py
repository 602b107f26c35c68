"""What is written at the nodes and edges of a graph, before anything has a place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from symnet.equations import Program
from symnet.notation.formula import Formula, Number, Operator, Space, row
from symnet.notation.symbols import Symbols
from symnet.pictures.geometry import Label, Tone
from symnet.pictures.graph_structure import Node
from symnet.pictures.numbers import number_formula
from symnet.pictures.setting import Setting, room, set_label
from symnet.pictures.structure import whole

SYMBOL_SIZE, NUMBER_SIZE, WORD_SIZE = 8.0, 7.0, 7.0
MOST_REPEATED, MOST_LEAVES = 3, 4
"""More arrays than these are not drawn one by one, where they stand in one place or enter one node."""


@dataclass(frozen=True)
class Mark:
    """A label without a place."""

    content: Formula | str
    size: float
    tone: Tone = "ink"
    is_number: bool = False

    @property
    def setting(self) -> Setting:
        return set_label(self.content, self.size)

    @property
    def width(self) -> float:
        """The room that it takes."""
        return room(self.setting, self.size)

    def at(self, x: float, y: float) -> Label:
        """The label with its centre at a point."""
        return Label(x, y, self.content, self.size, self.tone)


@dataclass(frozen=True)
class Leaf:
    """A given array that enters a node.

    Attributes:
        symbol: what it is.
        flows_back: whether anything flows back to it; nothing does to a target.
        cotangent: what flows back to it; None where it is drawn elsewhere too.
        numbers: what stands under its symbol.
        dashed: whether it is drawn elsewhere too.
    """

    symbol: Mark
    flows_back: bool = False
    cotangent: Mark | None = None
    numbers: tuple[Mark, ...] = ()
    dashed: bool = False


@dataclass(frozen=True)
class GraphLabels:
    """Writes the labels of a graph.

    Attributes:
        program: the equations, with those of the cotangents where numbers of them are asked for.
        symbols: the notation.
        values: numbers by the name of their array.
        digits: how many significant ones are written.
    """

    program: Program
    symbols: Symbols
    values: Mapping[str, np.ndarray]
    digits: int

    @property
    def loss(self) -> str:
        """The array at the end."""
        return self.program.outputs["loss"]

    def content(self, node: Node) -> Mark:
        """What stands in a node: its operation, or the symbol of an input."""
        if node.operation is None:
            return self.symbol(node.name)
        return Mark(node.operation, WORD_SIZE if isinstance(node.operation, str) else SYMBOL_SIZE)

    def symbol(self, name: str, tone: Tone = "ink") -> Mark:
        """The symbol of a whole array."""
        return Mark(whole(self.symbols, self.program.array(name), of_batch=True), SYMBOL_SIZE, tone)

    def flows_back(self, name: str) -> bool:
        """Whether a derivative by the array is part of the sweep: inputs and targets have none."""
        return self.program.array(name).role not in ("input", "target")

    def forward(self, node: Node) -> list[Mark]:
        """What stands above the edge that leaves a node, from the line upwards."""
        symbol = [self.symbol(node.name, "forward")] if node.operation is not None or node.is_dots else []
        return [*symbol, *self._number(node.name, node.name, "forward")]

    def backward(self, name: str) -> list[Mark]:
        """What stands below the edge of an array, from the line downwards."""
        if not self.flows_back(name):
            return []
        if name == self.loss:
            return [Mark(Number("1"), SYMBOL_SIZE, "backward")]
        return [self._cotangent(name), *self._slope(name)]

    def leaves(self, node: Node, elsewhere: Sequence[str] = ()) -> tuple[Leaf, ...]:
        """The arrays that enter a node from below: given ones, and those that are drawn elsewhere, in one place."""
        few = node.leaves if len(node.leaves) <= MOST_LEAVES else ()
        leaves = [self._leaf(name) for name in few]
        if not few and node.leaves:
            leaves.append(self._together(node.leaves))
        repeated = (*node.repeated, *elsewhere)
        if repeated:
            leaves.append(self._together(repeated, dashed=True))
        return tuple(leaves)

    def _together(self, names: Sequence[str], *, dashed: bool = False) -> Leaf:
        """Several arrays in one place."""
        symbols = listed([self.symbol(name).content for name in names])
        return Leaf(Mark(symbols, SYMBOL_SIZE), any(map(self.flows_back, names)), dashed=dashed)

    def _leaf(self, name: str) -> Leaf:
        value = self._number(name, name, "forward")
        if not self.flows_back(name):
            return Leaf(self.symbol(name), numbers=tuple(value))
        return Leaf(self.symbol(name), True, self._cotangent(name), (*value, *self._slope(name)))

    def _cotangent(self, name: str) -> Mark:
        formula = whole(self.symbols, self.program.array(name), of_batch=True, cotangent=True)
        return Mark(formula, SYMBOL_SIZE, "backward")

    def _slope(self, name: str) -> list[Mark]:
        return self._number(self.program.outputs.get(name, self.program.array(name).cotangent().name), name, "backward")

    def _number(self, key: str, name: str, tone: Tone) -> list[Mark]:
        """The value under a key, in the shape of the array of a name, if there is one that can be written."""
        if key not in self.values:
            return []
        formula = number_formula(self.values[key], self.program.array(name), self.symbols.notation, self.digits)
        return [Mark(formula, NUMBER_SIZE, tone, is_number=True)] if formula else []


def listed(symbols: Sequence[Formula | str]) -> Formula:
    """Symbols with commas between them, the middle of a long list left out."""
    formulas = [symbol for symbol in symbols if not isinstance(symbol, str)]
    few = formulas if len(formulas) <= MOST_REPEATED else [formulas[0], Operator("dots"), formulas[-1]]
    parts: list[Formula] = []
    for symbol in few:
        parts += [Operator("comma"), Space(), symbol] if parts else [symbol]
    return row(*parts)
