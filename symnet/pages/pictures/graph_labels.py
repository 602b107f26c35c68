"""The labels of the nodes and edges of a graph, before layout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from symnet.core import Program
from symnet.formula import Formula, Number, Operator, Space, row
from symnet.notation import Symbols
from symnet.pages.pictures.geometry import Label, Tone
from symnet.pages.pictures.graph_structure import Node
from symnet.pages.pictures.numbers import number_formula
from symnet.pages.pictures.structure import whole

SYMBOL_SIZE, NUMBER_SIZE, WORD_SIZE = 8.0, 7.0, 7.0
MOST_REPEATED, MOST_LEAVES = 3, 4
"""The largest numbers of repeated arrays and of leaves of a node that are drawn one by one."""


@dataclass(frozen=True)
class Leaf:
    """A declared array that enters a node.

    Attributes:
        symbol: its symbol.
        flows_back: whether it has a cotangent; a target has none.
        cotangent: the label of its cotangent; None if the array is drawn elsewhere too.
        numbers: the numbers below its symbol.
        dashed: whether the array is drawn elsewhere too.
    """

    symbol: Label
    flows_back: bool = False
    cotangent: Label | None = None
    numbers: tuple[Label, ...] = ()
    dashed: bool = False


@dataclass(frozen=True)
class GraphLabels:
    """Writes the labels of a graph.

    Attributes:
        program: the equations, including those of the cotangents if their numbers are shown.
        symbols: the symbols in a notation.
        values: the numbers of arrays by name.
        digits: the number of significant digits.
    """

    program: Program
    symbols: Symbols
    values: Mapping[str, np.ndarray]
    digits: int

    @property
    def loss(self) -> str:
        """The name of the last array."""
        return self.program.outputs["loss"]

    def content(self, node: Node) -> Label:
        """The content of a node: its operation, or the symbol of an input."""
        if node.operation is None:
            return self.symbol(node.name)
        return Label(node.operation, WORD_SIZE if isinstance(node.operation, str) else SYMBOL_SIZE)

    def symbol(self, name: str, tone: Tone = "ink") -> Label:
        """The symbol of a whole array."""
        return Label(whole(self.symbols, self.program.array(name), of_batch=True), SYMBOL_SIZE, tone)

    def flows_back(self, name: str) -> bool:
        """Whether the sweep computes a cotangent of the array: inputs and targets have none."""
        return self.program.array(name).role not in ("input", "target")

    def forward(self, node: Node) -> list[Label]:
        """The labels above the edge that leaves a node, from the line upwards."""
        symbol = [self.symbol(node.name, "forward")] if node.operation is not None or node.is_dots else []
        return [*symbol, *self.value(node.name)]

    def value(self, name: str) -> list[Label]:
        """The number label of an array; empty if it has none."""
        return self._number(name, name, "forward")

    def backward(self, name: str) -> list[Label]:
        """The labels below the edge of an array, from the line downwards."""
        if not self.flows_back(name):
            return []
        if name == self.loss:
            return [Label(Number("1"), SYMBOL_SIZE, "backward")]
        return [self._cotangent(name), *self._slope(name)]

    def leaves(self, node: Node, elsewhere: Sequence[str] = ()) -> tuple[Leaf, ...]:
        """The arrays that enter a node from below: declared ones, then one leaf for all that are drawn elsewhere."""
        few = node.leaves if len(node.leaves) <= MOST_LEAVES else ()
        leaves = [self._leaf(name) for name in few]
        if not few and node.leaves:
            leaves.append(self._together(node.leaves))
        repeated = (*node.repeated, *elsewhere)
        if repeated:
            leaves.append(self._together(repeated, dashed=True))
        return tuple(leaves)

    def _together(self, names: Sequence[str], *, dashed: bool = False) -> Leaf:
        """Several arrays as one leaf."""
        symbols = listed([self.symbol(name).content for name in names])
        return Leaf(Label(symbols, SYMBOL_SIZE), any(map(self.flows_back, names)), dashed=dashed)

    def _leaf(self, name: str) -> Leaf:
        value = self.value(name)
        if not self.flows_back(name):
            return Leaf(self.symbol(name), numbers=tuple(value))
        return Leaf(self.symbol(name), True, self._cotangent(name), (*value, *self._slope(name)))

    def _cotangent(self, name: str) -> Label:
        formula = whole(self.symbols, self.program.array(name), of_batch=True, cotangent=True)
        return Label(formula, SYMBOL_SIZE, "backward")

    def _slope(self, name: str) -> list[Label]:
        return self._number(self.program.outputs.get(name, self.program.array(name).cotangent().name), name, "backward")

    def _number(self, key: str, name: str, tone: Tone) -> list[Label]:
        """The number label for a key, in the shape of the named array; empty if there is none or it is too large."""
        if key not in self.values:
            return []
        formula = number_formula(self.values[key], self.program.array(name), self.symbols.notation, self.digits)
        return [Label(formula, NUMBER_SIZE, tone)] if formula else []


def listed(symbols: Sequence[Formula | str]) -> Formula:
    """Symbols separated by commas; the middle of a long list is omitted."""
    formulas = [symbol for symbol in symbols if not isinstance(symbol, str)]
    few = formulas if len(formulas) <= MOST_REPEATED else [formulas[0], Operator("dots"), formulas[-1]]
    parts: list[Formula] = []
    for symbol in few:
        parts += [Operator("comma"), Space(), symbol] if parts else [symbol]
    return row(*parts)
