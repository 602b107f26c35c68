"""Resolve symbols: the array of the program, the position in it, and the ranges of its indices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sympy import Idx

from symnet.check.latex import tree as t
from symnet.check.truth.matrices import Mismatch
from symnet.core import BATCH, Array, Program, extent, layer_of_size
from symnet.notation import Notation


@dataclass(frozen=True)
class Setting:
    """Values of letters.

    Attributes:
        layers: the layers, numbered as in programs.
        indices: the indices, counted from 0.
        variables: the variables of a definition.
        depth: the number of nested definitions that are being evaluated.
    """

    layers: Mapping[str, int] = field(default_factory=dict)
    indices: Mapping[str, int] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    depth: int = 0


@dataclass(frozen=True)
class Axis:
    """The range of an index: how many values it has, and what they are called in messages."""

    size: int
    label: str

    @property
    def is_batch(self) -> bool:
        return self.label == EXAMPLES


EXAMPLES = "the examples"

NOUNS = {"z": "pre-activations", "a": "activations", "W": "weights", "b": "bias"}
"""The names in messages of arrays that a network may not have."""

MAX_DEPTH = 12
"""The most definitions that may be nested."""


class Places:
    """The arrays of a program that symbols of a notation refer to.

    Args:
        program: the forward program.
        notation: the notation.
        sizes: the units of each layer.
        examples: the number of examples.
        definitions: the symbols that the text has defined.
    """

    def __init__(
        self,
        program: Program,
        notation: Notation,
        sizes: tuple[int, ...],
        examples: int,
        definitions: tuple[t.Definition, ...] = (),
    ) -> None:
        self.definitions = tuple(sorted(definitions, key=_generality))
        self.program = program
        self.notation = notation
        self.sizes = sizes
        self.examples = examples
        self.depth = len(sizes) - 1
        self._axes: dict[str, list[Axis]] = {}

    def layer(self, layer: t.Layer, setting: Setting) -> int:
        """Return the number of a layer.

        Raises:
            Mismatch: there is no such layer.
            KeyError: its letter has no value.
        """
        if layer.letter == self.notation.last_layer:
            number = self.depth + layer.offset
        else:
            number = (setting.layers[layer.letter] if layer.letter else 0) + layer.offset
        if not 0 <= number <= self.depth:
            raise Mismatch(f"there is no layer {number + self.notation.input_layer}")
        return number

    def named_layers(self, condition: t.Condition) -> list[int]:
        """Return the layers that a condition names, in its order."""
        layers = [value for value in condition.values if isinstance(value, t.Layer)]
        if not condition.is_range:
            return [self.layer(layer, Setting()) for layer in layers]
        last = self.notation.last_layer
        first, final = (self.depth + layer.offset if layer.letter == last else layer.offset for layer in layers)
        downwards = layers[0].letter == last if layers[0].letter != layers[1].letter else first > final
        return list(range(first, final - 1, -1)) if downwards else list(range(first, final + 1))

    def meaning(self, node: t.Defined, setting: Setting) -> tuple[t.Definition, Setting]:
        """Return the definition of a symbol, and the values of the definition's letters.

        Definitions for single units and layers take precedence over general ones.

        Raises:
            Mismatch: no definition fits, or definitions are nested too deeply.
        """
        if setting.depth == MAX_DEPTH:
            raise Mismatch(f"more than {MAX_DEPTH} definitions that lead into one another")
        for definition in self.definitions:
            inner = self._matched(definition, node, setting)
            if inner is not None:
                return definition, inner
        raise Mismatch(f"no definition of {node.symbol.name} is for this layer and these indices")

    def _matched(self, definition: t.Definition, node: t.Defined, setting: Setting) -> Setting | None:
        """Match a symbol with a definition's left side; return the values of its letters, None if it does not match."""
        pattern = definition.symbol
        layers = self._matched_layers(definition, node, setting)
        if layers is None:
            return None
        indices: dict[str, int] = {}
        for formal, actual in zip(pattern.indices, node.indices, strict=True):
            number = (setting.indices[actual.letter] if actual.letter else 0) + actual.offset
            wanted = indices.setdefault(formal.letter, number - formal.offset) if formal.letter else 0
            if wanted != number - formal.offset:
                return None
        return Setting(layers, indices, depth=setting.depth + 1)

    def _matched_layers(self, definition: t.Definition, node: t.Defined, setting: Setting) -> dict[str, int] | None:
        """Match the layer of a symbol with a definition, its conditions, and the layers for which its body exists."""
        pattern = definition.symbol
        formal, actual = pattern.layer, node.layer
        if pattern.symbol != node.symbol or len(pattern.indices) != len(node.indices):
            return None
        layers: dict[str, int] = {}
        if formal is not None and actual is not None:
            number = self.layer(actual, setting)
            if formal.letter == self.notation.layer:
                layers[formal.letter] = number - formal.offset
            elif self.layer(formal, Setting()) != number:
                return None
        elif formal is not actual:
            return None
        named = [condition for condition in definition.conditions if condition.letter in layers]
        if any(layers[condition.letter] not in self.named_layers(condition) for condition in named):
            return None
        return layers if self.exist((definition.body,), Setting(layers)) else None

    def _axis_of_definition(self, letter: str, node: t.Defined, setting: Setting) -> Axis | None:
        """Return the range of a letter at a symbol that the text defined, taken from the definition."""
        for definition in self.definitions if setting.depth < MAX_DEPTH else ():
            layers = self._matched_layers(definition, node, setting)
            for formal, actual in zip(definition.symbol.indices, node.indices, strict=False):
                if layers is None or actual.letter != letter or not formal.letter or actual.offset or formal.offset:
                    continue
                inner = Setting(layers, depth=setting.depth + 1)
                axis = self.runs_over(formal.letter, (definition.body,), inner)
                if axis is not None:
                    return axis
        return None

    def array(self, reference: t.Reference, setting: Setting) -> Array:
        """Return the array that a symbol refers to.

        Raises:
            Mismatch: the network has no such array.
        """
        layer = None if reference.layer is None else self.layer(reference.layer, setting)
        found = self.program.by_layer.get((reference.stem, layer))
        if layer is not None and reference.kind == "a":
            found = self._output(layer)
        if found is None:
            raise Mismatch(f"the network has no {self._described(reference, setting)}")
        return found

    def _output(self, layer: int) -> Array | None:
        """Return the output of a layer, the last array that it computes; for layer 0 the input."""
        if layer == 0:
            return next(array for array in self.program.arrays if array.role == "input")
        return next((each.array for each in reversed(self.program.equations) if each.array.layer == layer), None)

    def _described(self, reference: t.Reference, setting: Setting) -> str:
        """Name the array of a symbol in words."""
        noun = NOUNS.get(reference.kind, f"array {reference.stem}")
        if reference.layer is None:
            return noun
        return f"{noun} of layer {self.layer(reference.layer, setting) + self.notation.input_layer}"

    def exist(self, nodes: tuple[t.Node, ...], setting: Setting) -> bool:
        """Whether the network has all layers and arrays that occur in the nodes."""
        for node in nodes:
            for inner in t.walk(node):
                layer = getattr(inner, "layer", None)
                try:
                    if isinstance(inner, t.Reference):
                        self.array(inner, setting)
                    elif isinstance(layer, t.Layer):
                        self.layer(layer, setting)
                except (Mismatch, KeyError):
                    return False
        return True

    def is_per_example(self, array: Array) -> bool:
        return bool(self.example_axes(array))

    def example_axes(self, array: Array) -> list[int]:
        """Return the axes of an array that run over the examples."""
        return [axis for axis, idx in enumerate(array.indices) if extent(idx) == BATCH]

    def axes(self, array: Array) -> list[Axis]:
        """Return the ranges of the indices of an array."""
        if array.name not in self._axes:
            axes = [self._axis(idx) for idx in array.indices]
            is_single = self.notation.batch == "single"
            self._axes[array.name] = [axis for axis in axes if not (is_single and axis.is_batch)]
        return self._axes[array.name]

    def _axis(self, idx: Idx) -> Axis:
        size = extent(idx)
        if size == BATCH:
            return Axis(self.examples, EXAMPLES)
        layer = layer_of_size(size)
        label = f"an axis of {size}" if layer is None else f"layer {layer + self.notation.input_layer}"
        return Axis(int(self.program.size(size)), label)

    def shape(self, array: Array) -> tuple[int, ...]:
        """Return the shape of an array in the program."""
        sizes = (extent(idx) for idx in array.indices)
        return tuple(self.examples if size == BATCH else int(self.program.size(size)) for size in sizes)

    def position(self, reference: t.Reference, array: Array, setting: Setting) -> tuple[int, ...]:
        """Return the position of an entry in its array.

        Raises:
            Mismatch: an index is beyond the end of its axis.
        """
        assert reference.indices is not None
        found = []
        for index, axis in zip(reference.indices, self.axes(array), strict=True):
            place = (setting.indices[index.letter] if index.letter else 0) + index.offset
            if not 0 <= place < axis.size:
                count = f"{axis.size} units" if axis.size != 1 else "one unit"
                where = "the batch has no example" if axis.is_batch else f"{axis.label} has {count}, and no unit"
                raise Mismatch(f"{where} {place + self.notation.base}")
            found.append(place)
        if self.notation.batch == "single":
            for place in self.example_axes(array):
                found.insert(place, 0)
        return tuple(found)

    def runs_over(self, letter: str, nodes: tuple[t.Node, ...], setting: Setting) -> Axis | None:
        """Return the range of an index, found from its occurrences in the nodes; None if there are none.

        Raises:
            Mismatch: it occurs at axes of different ranges.
        """
        found = list(dict.fromkeys(axis for node in nodes for axis in self._axes_of(letter, node, setting)))
        if not found:
            return self._by_comparison(letter, nodes, setting)
        if len({axis.size for axis in found}) > 1:
            places = " and ".join(f"{axis.label} ({axis.size})" for axis in found)
            raise Mismatch(f"index {letter} runs over {places}")
        return found[0]

    def _by_comparison(self, letter: str, nodes: tuple[t.Node, ...], setting: Setting) -> Axis | None:
        """Return the range of an index that occurs only in [j = k]: that of the other index."""
        for node in nodes:
            for inner in t.walk(node):
                pair = {inner.left.letter, inner.right.letter} if isinstance(inner, t.Same) else set()
                if letter in pair:
                    axes = (
                        axis
                        for other in pair - {letter}
                        for each in nodes
                        for axis in self._axes_of(other, each, setting)
                    )
                    return next(axes, None)
        return None

    def _axes_of(self, letter: str, node: t.Node, setting: Setting) -> Iterator[Axis]:
        if isinstance(node, t.Reference):
            if node.indices and any(index.letter == letter for index in node.indices):
                try:
                    array = self.array(node, setting)
                except KeyError:
                    return
                for index, axis in zip(node.indices, self._entry_axes(node, array), strict=True):
                    if index.letter == letter and not index.offset:
                        yield axis
            return
        if isinstance(node, t.Defined):
            try:
                found = self._axis_of_definition(letter, node, setting)
            except KeyError:
                return
            if found is not None:
                yield found
            return
        if isinstance(node, t.Total) and letter in (bound.letter for bound in node.bounds):
            return
        for child in t.children(node):
            yield from self._axes_of(letter, child, setting)

    def _entry_axes(self, node: t.Reference, array: Array) -> list[Axis]:
        return [Axis(self.examples, EXAMPLES)] if node.kind == "C" else self.axes(array)


def _generality(definition: t.Definition) -> int:
    """Count the letters in a definition's left side; fewer are more specific."""
    symbol = definition.symbol
    is_general = symbol.layer is not None and bool(symbol.layer.letter)
    return sum(bool(index.letter) for index in symbol.indices) + is_general


def free_letters(node: t.Node) -> Iterator[str]:
    """Yield the letters of indices in a node that no sum binds, in the order of the page."""
    if isinstance(node, t.Reference):
        yield from (index.letter for index in node.indices or () if index.letter)
    elif isinstance(node, t.Defined):
        yield from (index.letter for index in node.indices if index.letter)
    elif isinstance(node, t.Same):
        yield from (index.letter for index in (node.left, node.right) if index.letter)
    elif isinstance(node, t.Call) and node.index is not None and node.index.letter:
        yield node.index.letter
    bound = {each.letter for each in node.bounds} if isinstance(node, t.Total) else set()
    for child in t.children(node):
        yield from (letter for letter in free_letters(child) if letter not in bound)


def free_layer_letters(node: t.Node) -> Iterator[str]:
    """Yield the letters of layers in a node that no sum binds."""
    layer = getattr(node, "layer", None)
    if isinstance(layer, t.Layer) and layer.letter:
        yield layer.letter
    bound = {each.letter for each in node.bounds} if isinstance(node, t.Total) else set()
    for child in t.children(node):
        yield from (letter for letter in free_layer_letters(child) if letter not in bound)
