"""How an equation is written: in a general layer l, in a layer with its number, or unit by unit."""

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
    """A group of layers, and how its equations are typeset.

    Attributes:
        page: the program of the page.
        group: the layers; the equations of the first are written.
        scalar: whether they are written unit by unit.
        only: by the name of an array, the instances that are written; all if None. Unless `scalar`, an instance may
            give numbers to some indices and leave the others general.
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
        """Yield the positions at which an array's equation is written; the empty one leaves all indices general."""
        for _, position in self.numbered(array):
            yield position

    def numbered(self, array: Array) -> Iterator[tuple[int, Position]]:
        """Yield the instances of an array, each with its place among all of them (0 if it is not `scalar`)."""
        wanted = None if self.only is None else self.only.get(array.name, ())
        if self.scalar:
            every = enumerate(self._all(array))
            yield from ((place, position) for place, position in every if wanted is None or position in wanted)
        else:
            yield from ((0, position) for position in ([{}] if wanted is None else wanted))

    def _all(self, array: Array) -> Iterator[Position]:
        return positions(self.page.forward, in_printed_order(self.page.notation, array))

    def place_of(self, array: Array, reference: Expr) -> int:
        """Return the place of a reference at single units among the instances of its array, counted from 0."""
        wanted = tuple(getattr(reference, "indices", ()))
        return next(
            place
            for place, position in enumerate(self._all(array))
            if tuple(position[idx] for idx in array.indices) == wanted
        )

    def at(self, node: Expr, position: Position) -> Expr:
        """Return an expression at an instance; unit by unit, its sums are written out."""
        if self.scalar:
            return at_entry(self.page.forward, node, position)
        return substitute(rows_as_sums(node, position), position) if position else node

    def sums(self, indices: Sequence[Idx], position: Position) -> list[Position]:
        """Return the positions of a sum's terms where it is written out; else the position itself."""
        if not self.scalar:
            return [position]
        return [{**position, **inner} for inner in positions(self.page.forward, indices)]

    def typesetter(self, target: Array, *nodes: Expr) -> Typesetter:
        """Return a typesetter with a letter for every index of an equation.

        Args:
            target: the array that the equation defines; its indices come first.
            nodes: all expressions that are written with it.

        Raises:
            NotationError: the notation has too few letters.
        """
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
        """Whether layers differ in their activation function, so that its letter needs the number of the layer."""
        return len(activation_names(self.page)) > 1


def in_printed_order(notation: Notation, array: Array) -> tuple[Idx, ...]:
    """Return the indices of an array in the order in which its symbol prints them, as in w_jk."""
    turned = is_turned(notation, axes_of_array(array))
    return tuple(reversed(array.indices)) if turned else array.indices


def activation_names(page: PageProgram) -> dict[str, int]:
    """Return the names of the activations that are written as σ(z), each with the first layer that has it.

    Layers without a pre-activation z have their activation written out.
    """
    names: dict[str, int] = {}
    for number, activation in lettered(page.network, page.forward):
        names.setdefault(activation.name, number)
    return names


@dataclass(frozen=True)
class Scenes:
    """All scenes of a page, and the scene in which an equation is printed.

    Attributes:
        page, scalar, only: as in `Scene`.
        apart: whether each layer has a scene of its own, without general layers.
    """

    page: PageProgram
    scalar: bool = False
    only: Mapping[str, tuple[Position, ...]] | None = None
    apart: bool = False

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The groups of layers: one for each layer if `scalar` or `apart`, else those that share their equations."""
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
        """Return the array of the first layer in its group, whose equation is printed for this array."""
        return array if array.layer is None else twin(self.page, array, self.group_of(array).first)

    def consumers(self, array: Array) -> list[Array]:
        """Return the arrays whose printed equations contain this array or its twins in the group, each once."""
        own = members(self.page, array, self.group_of(array))
        found = [path.consumer for member in own for path in self.page.cotangents[member.name].paths]
        return list(dict.fromkeys(map(self.representative, found)))


def twin(page: PageProgram, array: Array, layer: int) -> Array:
    """Return the array (or cotangent) with the same letter in another layer."""
    found = page.forward.by_layer[array.stem, layer]
    return found if array.of is None else found.cotangent()


def members(page: PageProgram, array: Array, group: Group) -> list[Array]:
    """Return the arrays with the same letter in the layers of a group; the array alone if it is in no layer."""
    if array.layer is None:
        return [array]
    layers = range(group.first, group.last + 1)
    return [twin(page, array, layer) for layer in layers if (array.stem, layer) in page.forward.by_layer]


def function_signs(scenes: Scenes) -> dict[Expr, Formula]:
    """Return the printed sign of each layer's activation function, by the expression of the activation at z."""
    page = scenes.page
    setter = Typesetter(page.symbols, marked_functions=scenes.last.page_marks_functions)
    named = {written: call.func for written, call in activations(page.network, page.forward).items()}
    return {written: setter.activation(function.layer, 0) for written, function in named.items() if function.order == 0}
