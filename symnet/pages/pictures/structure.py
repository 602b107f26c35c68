"""The structure of a network that a picture shows.

It is read from the forward equations, so that a new kind of layer needs no change here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Add, Expr, Indexed

from symnet.core import Array, Program, Size, extent, walk
from symnet.formula import Formula
from symnet.network import Activated, Network
from symnet.notation import Symbols

MAX_UNITS, FIRST_UNITS = 10, 4
MAX_COLUMNS, FIRST_COLUMNS, LAST_COLUMNS = 7, 3, 2


@dataclass(frozen=True)
class LayerView:
    """A layer; the input is layer 0.

    Attributes:
        number: the number of the layer.
        units: the number of its units.
        output: the array of their values, with the units as last axis.
        function: the name of the activation, or of the kind if there is none.
        weight: the parameter with an entry for each pair of an input unit and a unit, if there is one.
        bias: the parameter with an entry for each unit, if there is one.
        parameters: all parameters, in the order of the program.
        values: the arrays that it computes, in order.
        is_dense: whether a unit is connected to all units of the layer before, not only to the one of the same number.
        skips: the earlier layers whose outputs are used at the same unit.
        added: those of them whose outputs are added unchanged.
    """

    number: int
    units: int
    output: Array
    function: str = ""
    weight: Array | None = None
    bias: Array | None = None
    parameters: tuple[Array, ...] = ()
    values: tuple[Array, ...] = ()
    is_dense: bool = False
    skips: tuple[int, ...] = ()
    added: tuple[int, ...] = ()

    def unit(self, symbols: Symbols, unit: int) -> Formula:
        """The symbol of the value of a unit, counted from 0."""
        return symbols.entry(self.output, (symbols.unit(unit),))

    def weight_entry(self, symbols: Symbols, source: int, target: int) -> Formula | None:
        """The symbol of the weight between two units, counted from 0."""
        return self._entry(symbols, self.weight, source, target)

    def bias_entry(self, symbols: Symbols, unit: int) -> Formula | None:
        """The symbol of the bias of a unit, counted from 0."""
        return self._entry(symbols, self.bias, unit, unit)

    def _entry(self, symbols: Symbols, array: Array | None, source: int, target: int) -> Formula | None:
        if array is None:
            return None
        own = Size(self.number)
        units = [target if extent(idx) == own else source for idx in array.indices]
        return symbols.entry(array, [symbols.unit(unit) for unit in units])


def whole(symbols: Symbols, array: Array, *, of_batch: bool = False, cotangent: bool = False) -> Formula:
    """The symbol of a whole array, or of ∂C/∂v, as a number, a vector or a matrix.

    Args:
        symbols: the notation.
        array: any array of a network.
        of_batch: whether the array has the batch as an axis; else it is that of one example.
        cotangent: whether to write ∂C/∂v.
    """
    shown = array.cotangent() if cotangent else array
    if not array.indices:
        return symbols.entry(shown)
    has_batch = len(array.unit_axes) < len(array.indices)
    counts_batch = has_batch and of_batch and symbols.notation.batch != "single"
    return symbols.whole(shown, is_matrix=len(array.unit_axes) + counts_batch > 1)


def layer_views(network: Network, program: Program) -> list[LayerView]:
    """The input and every layer of a network, by its forward program."""
    x = program.array("x")
    views = [LayerView(0, network.sizes[0], x, values=(x,))]
    for number in range(1, len(network.sizes)):
        views.append(_view(program, network, number, [view.output.name for view in views]))
    return views


def _view(program: Program, network: Network, number: int, before: list[str]) -> LayerView:
    layer = network.layers[number - 1]
    own = [array for array in program.declared.values() if array.layer == number]
    parameters = [array for array in own if array.is_parameter]
    values = [array for array in own if not array.is_parameter]
    here, previous = Size(number), Size(number - 1)
    references = [node for value in values for node in _references(program.by_name[value.name].rhs)]
    beside = {(str(node.base.name), _is_own(node, here)) for node in references if str(node.base.name) in before}
    is_dense = (before[-1], False) in beside
    skips = [
        source for source, name in enumerate(before) if (name, True) in beside and (is_dense or source != number - 1)
    ]
    terms = Add.make_args(program.by_name[values[-1].name].rhs)
    added = {str(term.base.name) for term in terms if isinstance(term, Indexed) and _is_own(term, here)}
    return LayerView(
        number,
        network.sizes[number],
        values[-1],
        layer.function.name if isinstance(layer, Activated) else layer.kind.replace("_", " "),
        _first(parameters, [{here, previous}]),
        _first(parameters, [{here}]),
        tuple(parameters),
        tuple(values),
        is_dense,
        tuple(skips),
        tuple(source for source in skips if before[source] in added),
    )


def _references(expression: Expr) -> list[Indexed]:
    return [node for node in walk(expression) if isinstance(node, Indexed)]


def _is_own(node: Indexed, here: Expr) -> bool:
    """Whether a reference to an earlier output has the unit's own index."""
    return bool(extent(node.indices[-1]) == here)


def _first(arrays: Sequence[Array], wanted: list[set[Expr]]) -> Array | None:
    """The first array whose axes run over the wanted sizes, one axis each."""
    for array in arrays:
        sizes = [extent(idx) for idx in array.indices]
        if set(sizes) in wanted and len(sizes) == len(set(sizes)):
            return array
    return None


def layer_title(number: int, last: int) -> str:
    """The title of a layer for readers."""
    return {0: "input", last: "output"}.get(number, f"hidden layer {number}")


def shown_units(units: int) -> list[int | None]:
    """The units to draw, counted from 0; None stands for omitted ones."""
    return list(range(units)) if units <= MAX_UNITS else [*range(FIRST_UNITS), None, units - 1]


def shown_layers(layers: int) -> list[int | None]:
    """The layers to draw, the input is layer 0; None stands for omitted ones."""
    if layers + 1 <= MAX_COLUMNS:
        return list(range(layers + 1))
    return [*range(FIRST_COLUMNS), None, *range(layers + 1 - LAST_COLUMNS, layers + 1)]
