"""The part of a derivation that some derivatives need: the equations between the loss and them, and no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sympy import Integer

from symnet.core import Array, substitute
from symnet.exercises.setting import Part, Place
from symnet.formats import Step
from symnet.network import LOSS
from symnet.pages import ENDS, BackwardSteps, ForwardSteps, PageProgram, Position, Scene, Scenes, Worked

Instances = dict[str, tuple[Position, ...]]


@dataclass(frozen=True)
class Route:
    """The derivatives of the loss by some entries, and by all values on the way from these to the loss.

    Attributes:
        page: the program of the page.
        starts: the arrays to differentiate by, by name, each with its instances: numbers for all or some indices.
        scalar: whether sums are written out.
    """

    page: PageProgram
    starts: Mapping[str, Sequence[Position]]
    scalar: bool = False

    @staticmethod
    def to(page: PageProgram, places: Sequence[Place], *, scalar: bool) -> Route:
        """Return the route to single entries."""
        starts: dict[str, list[Position]] = {}
        for name, entry in places:
            numbers = map(Integer, entry)
            starts.setdefault(name, []).append(dict(zip(page.forward.array(name).indices, numbers, strict=True)))
        return Route(page, starts, scalar)

    @cached_property
    def on_the_way(self) -> Instances:
        """The instances of the values through which the loss depends on the starts, by name."""
        every = Scenes(self.page, self.scalar, apart=True)
        found: dict[str, list[Position]] = {}
        for name in reversed(list(self.page.cotangents)):
            scene = scene_of(every, self.page.arrays[name])
            for position in (*self.starts.get(name, ()), *found.get(name, ())):
                for consumer, instance in _consumers(self.page, scene, name, position):
                    held = found.setdefault(consumer, [])
                    if instance not in held:
                        held.append(instance)
        return {name: _most_general(found[name]) for name in self.page.cotangents if name in found}

    @cached_property
    def scenes(self) -> Scenes:
        """The scenes restricted to the instances that are needed."""
        starts = {name: tuple(instances) for name, instances in self.starts.items()}
        return Scenes(self.page, self.scalar, {**self.on_the_way, **starts}, apart=True)

    def forward(self, worked: Worked | None = None, *, matrices: bool = False) -> Iterator[Part]:
        """Yield the equations of the values on the way, without the loss."""
        steps = ForwardSteps(self.scenes, matrices, worked)
        for equation in self.page.forward.equations:
            if equation.name in self.on_the_way and equation.name not in ENDS:
                yield from steps.equation(scene_of(self.scenes, equation.array), equation, None)

    def backward(self, worked: Worked | None = None, *, brief: bool = False, matrices: bool = False) -> Iterator[Step]:
        """Yield the derivatives by the values on the way and by the starts, beginning at the loss."""
        steps = BackwardSteps(self.scenes, brief, matrices, worked)
        only = self.scenes.only or {}
        for name in self.page.cotangents:
            if name in only and name != LOSS.name:
                yield steps.of(scene_of(self.scenes, self.page.arrays[name]), name)


def scene_of(scenes: Scenes, array: Array) -> Scene:
    """Return the scene in which the equation of an array is printed."""
    group = scenes.group_of(array)
    return next(scene for scene in scenes.scenes if scene.group == group)


def _consumers(page: PageProgram, scene: Scene, name: str, position: Position) -> Iterator[tuple[str, Position]]:
    """Yield the consumers of an entry, each with those of its indices that are numbers."""
    for path in page.cotangents[name].paths:
        for instance in scene.sums(path.summed, position):
            at = [substitute(place, instance) for place in path.indices]
            pairs = zip(path.consumer.indices, at, strict=True)
            yield path.consumer.name, {idx: number for idx, number in pairs if isinstance(number, Integer)}


def _most_general(instances: Sequence[Position]) -> tuple[Position, ...]:
    """Return the instances; the general one alone if it is among them."""
    return ({},) if {} in instances else tuple(instances)
