"""Where an equation is written: in a general layer, in a layer with its number, or unit by unit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Expr, Idx

from symnet.core import Array, extent, substitute, written_order
from symnet.formula import Formula
from symnet.notation import (
    EXAMPLES,
    Axis,
    Notation,
    Symbols,
    Typesetter,
    axes_of_array,
    axis_of,
    is_turned,
    letter,
    spare_letters,
)
from symnet.pages.entries import Position, at_entry, positions, rows_as_sums
from symnet.pages.layers import Group, groups, layer_of
from symnet.pages.page_program import PageProgram, activations, lettered
from symnet.support import NotationError, shown


@dataclass(frozen=True)
class Scene:
    """One group of layers, and how its equations are typeset.

    Attributes:
        page: the program of the page.
        group: the layers; the equations of its first are written.
        scalar: whether they are written unit by unit.
        only: the instances of each array that are written, by its name; all where it is None. Where units are not
            written one by one, an instance may give numbers to some indices and leave the others general.
    """

    page: PageProgram
    group: Group
    scalar: bool = False
    only: Mapping[str, tuple[Position, ...]] | None = None

    @cached_property
    def symbols(self) -> Symbols:
        labels = self.group.labels(self.page.depth)
        return replace(self.page.symbols, labels=labels, general_input=bool(labels))

    def instances(self, array: Array) -> Iterator[Position]:
        """What the indices of an array stand for: themselves, or each combination of numbers."""
        for _, position in self.numbered(array):
            yield position

    def numbered(self, array: Array) -> Iterator[tuple[int, Position]]:
        """The instances of an array, each with its place among all that there are."""
        wanted = None if self.only is None else self.only.get(array.name, ())
        if self.scalar:
            every = enumerate(self._all(array))
            yield from ((place, position) for place, position in every if wanted is None or position in wanted)
        else:
            yield from ((0, position) for position in ([{}] if wanted is None else wanted))

    def _all(self, array: Array) -> Iterator[Position]:
        return positions(self.page.forward, in_printed_order(self.page.notation, array))

    def place_of(self, array: Array, reference: Expr) -> int:
        """Which of the instances of an array a reference at single units is, counted from 0."""
        wanted = tuple(getattr(reference, "indices", ()))
        return next(
            place
            for place, position in enumerate(self._all(array))
            if tuple(position[idx] for idx in array.indices) == wanted
        )

    def at(self, node: Expr, position: Position) -> Expr:
        """An expression at an instance."""
        if self.scalar:
            return at_entry(self.page.forward, node, position)
        return substitute(rows_as_sums(node, position), position) if position else node

    def sums(self, indices: Sequence[Idx], position: Position) -> list[Position]:
        """The instances that a sum over indices runs over; a sum that stays one is one instance."""
        if not self.scalar:
            return [position]
        return [{**position, **inner} for inner in positions(self.page.forward, indices)]

    def typesetter(self, target: Array, *nodes: Expr) -> Typesetter:
        """A typesetter whose letters suit a target and all that is written of it."""
        found = {idx for node in nodes for idx in node.atoms(Idx)} - set(target.indices)
        ordered = (*target.indices, *sorted(found, key=written_order))
        return Typesetter(self.symbols, self._letters(ordered), self.page_marks_functions)

    def _letters(self, ordered: Iterable[Idx]) -> dict[Idx, Formula]:
        notation, first = self.page.notation, self.group.first
        wanted: Mapping[Axis, str] = {
            0: notation.own,
            -1: notation.before,
            1: notation.after,
            EXAMPLES: notation.example,
        }
        spare = spare_letters(notation, self.page.extra)
        letters: dict[Idx, Formula] = {}
        used: set[str] = set()
        for idx in ordered:
            choice = wanted.get(axis_of(extent(idx), first), "")
            if not choice or choice in used:
                choice = next((free for free in spare if free not in used), "")
            if not choice:
                raise NotationError(
                    f"notation {shown(notation.name)} has too few letters for the indices of an equation"
                )
            used.add(choice)
            letters[idx] = letter(choice)
        return letters

    @cached_property
    def page_marks_functions(self) -> bool:
        """Whether layers differ in their activation function, so that its letter must say the layer's."""
        return len(activation_names(self.page)) > 1


def in_printed_order(notation: Notation, array: Array) -> tuple[Idx, ...]:
    """The indices of an array in the order of its symbol, so that w_11, w_12, ... follow one another."""
    turned = is_turned(notation, axes_of_array(array))
    return tuple(reversed(array.indices)) if turned else array.indices


def activation_names(page: PageProgram) -> dict[str, int]:
    """The elementwise activations that have a function's letter, each with the first layer that has it.

    A layer that has no pre-activation z has its activation written out.
    """
    names: dict[str, int] = {}
    for number, activation in lettered(page.network, page.forward):
        names.setdefault(activation.name, number)
    return names


@dataclass(frozen=True)
class Scenes:
    """All scenes of a page, and how to find an equation in them.

    Attributes:
        page, scalar, only: as in `Scene`.
        apart: whether no layers are joined to a general one.
    """

    page: PageProgram
    scalar: bool = False
    only: Mapping[str, tuple[Position, ...]] | None = None
    apart: bool = False

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The layers, each by itself where units are, else in groups of those that are alike."""
        if self.scalar or self.apart:
            return tuple(Group(layer, layer) for layer in range(1, self.page.depth + 1))
        return groups(self.page)

    @cached_property
    def scenes(self) -> tuple[Scene, ...]:
        return tuple(Scene(self.page, group, self.scalar, self.only) for group in self.groups)

    @property
    def last(self) -> Scene:
        return self.scenes[-1]

    def group_of(self, array: Array) -> Group:
        layer = max(layer_of(array, self.page.depth), 1)
        return next(group for group in self.groups if group.first <= layer <= group.last)

    def representative(self, array: Array) -> Array:
        """The array whose equation is printed for this one."""
        return array if array.layer is None else twin(self.page, array, self.group_of(array).first)

    def consumers(self, array: Array) -> list[Array]:
        """The printed equations in which an array stands, for all layers of its group, each once."""
        own = members(self.page, array, self.group_of(array))
        found = [path.consumer for member in own for path in self.page.cotangents[member.name].paths]
        return list(dict.fromkeys(map(self.representative, found)))


def twin(page: PageProgram, array: Array, layer: int) -> Array:
    """What another layer calls the same."""
    found = page.forward.by_layer[array.stem, layer]
    return found if array.of is None else found.cotangent()


def members(page: PageProgram, array: Array, group: Group) -> list[Array]:
    """The arrays that one stands for, one for each layer of a group that has it."""
    if array.layer is None:
        return [array]
    layers = range(group.first, group.last + 1)
    return [twin(page, array, layer) for layer in layers if (array.stem, layer) in page.forward.by_layer]


def function_signs(scenes: Scenes) -> dict[Expr, Formula]:
    """The sign of each layer's activation function on the page, by the function at the layer's pre-activation."""
    page = scenes.page
    setter = Typesetter(page.symbols, marked_functions=scenes.last.page_marks_functions)
    named = {written: call.func for written, call in activations(page.network, page.forward).items()}
    return {written: setter.activation(function.layer, 0) for written, function in named.items() if function.order == 0}
