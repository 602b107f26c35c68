"""The backward pass as a page shows it: for every array the chain rule, its factors, and the result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr, Indexed

from symnet.core import BATCH, Array, extent, substitute
from symnet.formats import Display, Inline, Line, Math, Paragraph, Step
from symnet.formula import Formula, Number, Operator, product, row
from symnet.network import LOSS, PENALTY_FREE, Activated
from symnet.notation import MAX_AXES, Symbols, Typesetter, letter
from symnet.pages.chain import ENDS, batch_size, by_loss, chain_of, partial, product_of, put_in, rule, with_factors
from symnet.pages.entries import Position
from symnet.pages.forward_steps import TARGETS, Part, label_of, listed, references
from symnet.pages.layers import range_of
from symnet.pages.matrix_form import MatrixSetter
from symnet.pages.matrix_steps import matrix_parts
from symnet.pages.numbers import Worked
from symnet.pages.page_program import Cotangent, PageProgram, Path
from symnet.pages.scene import Scene, Scenes, activation_names

MAX_LISTED = 4
"""The most consumers of an entry that are named one by one."""

MAX_PUT_IN = 24
"""The most operations of a derivative that is also written in forward values alone."""

KINDS: Mapping[str, str] = {
    "a": "The activations",
    "p": "The outputs",
    "z": "The errors",
    "W": "The weights",
    "b": "The biases",
}
"""The title of the derivatives by an array of a layer, by the stem of the array."""


@dataclass(frozen=True)
class BackwardSteps:
    """Writes the backward pass of a page.

    Attributes:
        scenes: the page and its layers.
        brief: whether only results are given, without the factors of the chain rule.
        matrices: whether the matrix form follows each result.
        worked: the values to put into the equations; None for none.
        rate: the learning rate of the update in numbers; None for none.
    """

    scenes: Scenes
    brief: bool = False
    matrices: bool = False
    worked: Worked | None = None
    rate: float | None = None

    @property
    def page(self) -> PageProgram:
        return self.scenes.page

    def of(self, scene: Scene, name: str) -> Step:
        """Return the step that derives ∂C/∂v for the array v with this name."""
        return _CotangentStep(self, scene, self.page.cotangents[name]).step()

    def of_layer(self, scene: Scene, *, parameters: bool) -> Iterator[Step]:
        """Yield the steps for the values of a layer, or for its parameters, in the order of the sweep."""
        own = {array.name for array in self.page.forward.parameters}
        for name in self.page.cotangents:
            if self.page.arrays[name].layer == scene.group.first and (name in own) == parameters:
                yield self.of(scene, name)

    def of_loss(self) -> Iterator[Step]:
        """Yield the steps for the parts of the loss, and for the loss's own parameters."""
        for name in self.page.cotangents:
            if self.page.arrays[name].layer is None and name != LOSS.name:
                yield self.of(self.scenes.last, name)

    def link_by_link(self) -> Step | None:
        """Write the chain rule from a weight of the last layer to the loss, factor by factor.

        None if there is no such weight, or fewer than two links.
        """
        scene = self.scenes.last
        weights = [array for array in self.page.forward.parameters if array.role == "weight"]
        own = [array for array in weights if array.layer == self.page.depth]
        paths = chain_of(self.page, own[0]) if own else []
        if len(paths) < 2:
            return None
        position = next(iter(scene.instances(own[0])))
        direct = self._from_loss(paths[-1])
        nodes = [node for path in paths for node in (path.factor.above, path.factor.below, path.factor.reused)]
        setter = scene.typesetter(own[0], *nodes, *([direct] if direct is not None else []))
        weight = scene.at(own[0].reference, position)
        loss = PENALTY_FREE if PENALTY_FREE.name in self.page.cotangents else LOSS
        instances = scene.sums([idx for path in paths for idx in path.summed], position)
        chain = Line(by_loss(setter, weight, loss), "=", product_of(scene, setter, paths, position, loss))
        factors = [line for path in reversed(paths) for line in self.factors(scene, setter, path, position)]
        consumers = [path.consumer for path in paths]
        uses = [consumer.name for consumer in reversed(consumers)]
        if direct is not None:
            lasts = [
                Line(
                    by_loss(setter, scene.at(consumers[-1].at(paths[-1].indices), at), loss),
                    "=",
                    setter.expression(scene.at(direct, at)),
                )
                for at in instances
            ]
            factors = [*dict.fromkeys(lasts), *factors]
            uses = [self.page.cotangents[consumers[-1].name].paths[0].consumer.name, *uses]
        links = dict.fromkeys(setter.expression(scene.at(path.factor.above, at)) for path in paths for at in instances)
        what = Math(setter.symbols.entry(loss)) if loss == PENALTY_FREE else "The loss"
        through = listed([Math(link) for link in links])
        text: Inline = (what, " depends on ", Math(setter.expression(weight)), " through ", *through)
        return Step(
            ("The chain rule, link by link",),
            (
                Paragraph((*text, " alone, so that its derivative is a product with a factor for each link:")),
                Display((chain,), f"chain-{own[0].name}"),
                Paragraph(("The factors are, by ", *references(uses), ",")),
                Display(tuple(factors)),
            ),
        )

    def _from_loss(self, path: Path) -> Expr | None:
        """Return ∂C/∂v at the end of a chain if v occurs in the loss (or in its part E) alone, else None."""
        cotangent = self.page.cotangents[path.consumer.name]
        if [following.consumer.name for following in cotangent.paths] not in (["C"], ["E"]):
            return None
        moved = dict(zip(cotangent.array.indices, path.indices, strict=True))
        return substitute(cotangent.paths[0].factor.value, moved)

    def factors(self, scene: Scene, setter: Typesetter, path: Path, position: Position) -> Iterator[Line]:
        """Yield the factor of a path, as in ∂v/∂u = σ'(z) = a(1 - a); for every unit of a sum that is written out."""
        factor = path.factor
        for instance in scene.sums(path.summed, position):
            above, below = (scene.at(node, instance) for node in (factor.above, factor.below))
            left: Formula | None = partial(setter, above, below)
            for value in dict.fromkeys((factor.named, factor.reused)):
                if value is not None:
                    yield Line(left, "=", setter.expression(scene.at(value, instance)))
                    left = None
            if self.worked and scene.scalar:
                yield from self.worked.lines(setter, scene.at(factor.reused, instance))

    def update(self) -> Step:
        """Return one step of gradient descent for every parameter."""
        parts: list[Part] = []
        for scene in self.scenes.scenes:
            for array in self.page.forward.parameters:
                if (array.layer or self.page.depth) == scene.group.first:
                    parts += self.descent(scene, array)
        used = [self.scenes.representative(array).cotangent().name for array in self.page.forward.parameters]
        text: Inline = (
            *("Each parameter moves against its derivative, from ", *references(dict.fromkeys(used))),
            *(", by a step of the learning rate ", Math(letter(self.page.notation.rate))),
            *([f" = {self.rate:g}:"] if self.rate else [":"]),
        )
        return Step(("Gradient descent",), (Paragraph(text), *parts))

    def descent(self, scene: Scene, array: Array) -> Iterator[Part]:
        """Yield a step of gradient descent for one parameter, also in numbers and in matrix form if asked."""
        where = range_of(self.page, scene.group, backward=False)
        for position in scene.instances(array):
            reference = scene.at(array.reference, position)
            lines = [descent_line(scene.typesetter(array, reference), reference)]
            if self.worked and self.rate and scene.scalar:
                slope = self.worked.of(array.cotangent().at(getattr(reference, "indices", ())))
                lines += self.worked.moved(self.worked.of(reference), slope, self.rate)
            yield Display(tuple(lines), "", where)
        if self.worked and self.rate and not scene.scalar:
            yield from self.worked.whole_moved(self.page, scene, array, self.rate)
        if self.matrices and 0 < len(array.indices) <= MAX_AXES:
            matrix = MatrixSetter(scene, scene.typesetter(array))
            own, gradient = matrix.symbol(array), matrix.symbol(array.cotangent())
            yield Display((_moved_against(scene.symbols, own, gradient),), "", where)


def descent_line(setter: Typesetter, reference: Expr) -> Line:
    """Return w ← w - η ∂C/∂w for a parameter at indices."""
    indices = [setter.index(index) for index in getattr(reference, "indices", ())]
    array = setter.symbols.arrays[reference.base.name if isinstance(reference, Indexed) else str(reference)]
    return _moved_against(setter.symbols, setter.expression(reference), setter.symbols.cotangent(array, indices))


def _moved_against(symbols: Symbols, own: Formula, gradient: Formula) -> Line:
    return Line(own, "leftarrow", row(own, Operator("-"), product(letter(symbols.notation.rate), gradient)))


@dataclass(frozen=True)
class _CotangentStep:
    """Writes the step that derives the cotangent of one array."""

    steps: BackwardSteps
    scene: Scene
    cotangent: Cotangent

    @property
    def page(self) -> PageProgram:
        return self.scene.page

    @property
    def array(self) -> Array:
        return self.cotangent.array

    def step(self) -> Step:
        consumers = [array.name for array in self.steps.scenes.consumers(self.array)]
        parts: list[Part] = []
        for turn, (place, position) in enumerate(self.scene.numbered(self.array)):
            parts += self._instance(consumers, position, place, turn)
        if self.steps.matrices:
            where = range_of(self.page, self.scene.group, backward=True)
            label = label_of(self.array.cotangent().name)
            parts += matrix_parts(self.scene, self.array.cotangent(), self._results({}), label, where)
        if self.steps.worked and not self.scene.scalar:
            parts += self.steps.worked.whole(self.page, self.scene, self.array.cotangent())
        return Step(self._title(), tuple(parts))

    def _title(self) -> Inline:
        stem = self.page.symbols.stem(self.array)
        setter = self.scene.typesetter(self.array)
        instances = list(self.scene.instances(self.array))
        if self.scene.scalar and stem in KINDS and not (self.scene.only and len(instances) == 1):
            return KINDS[stem], " of layer ", Math(setter.symbols.place(self.scene.group.first).formula())
        array = self.array.cotangent() if stem == "z" and self.page.notation.error else self.array
        kind = "The error " if array is not self.array else "The derivative by "
        where = range_of(self.page, self.scene.group, backward=True)
        reference = self.scene.at(array.reference, instances[0]) if len(instances) == 1 else array.reference
        return kind, Math(setter.expression(reference)), *((", ", Math(where)) if where is not None else ())

    def _instance(self, consumers: Sequence[str], position: Position, place: int, turn: int) -> Iterator[Part]:
        results = self._results(position)
        factors = [node for path in self.cotangent.paths for node in (path.factor.above, path.factor.reused)]
        reference = self.scene.at(self.array.reference, position)
        setter = self.scene.typesetter(self.array, *results, *factors)
        where = range_of(self.page, self.scene.group, backward=True)
        left, opening = self._opening(setter, reference)
        own_label = label_of(self.array.cotangent().name, place)
        if not self.cotangent.paths:
            yield Paragraph(("The loss does not depend on ", Math(setter.expression(reference)), ":"))
            yield Display((*opening, Line(None if opening else left, "=", Number("0"))), own_label, where)
            return
        direct = consumers == [LOSS.name]
        full = not self.steps.brief and not direct
        labels = self._labels(consumers, position)
        used = [label_of(name, number) for name, number in labels]
        if direct or not full:
            verb = "Differentiating " if direct else "By the chain rule on "
            if turn == 0:
                yield Paragraph((verb, *references(self._used(consumers)), ":"))
            lines = [*opening, *self._lines(left if not opening else None, setter, results, reference)]
            yield Display(tuple(lines), own_label, where)
            return
        chain = rule(self.scene, setter, self.cotangent, position)
        if turn == 0:
            yield Paragraph(self._chain_text(setter, reference, position, consumers))
            yield Display((*opening, Line(None if opening else left, "=", chain)), "", where)
            yield Paragraph(("with, by ", *references([*used, *self._activations_used()]), ","))
            paths = self.cotangent.paths
            lines = [line for path in paths for line in self.steps.factors(self.scene, setter, path, position)]
            yield Display(tuple(lines), "", where)
            yield Paragraph(self._so_that(labels))
            yield Display(tuple(self._lines(left, setter, results, reference)), own_label, where)
            return
        if turn == 1:
            yield Paragraph(("In the same way",))
        lines = [*opening, Line(None if opening else left, "=", chain), *self._lines(None, setter, results, reference)]
        yield Display(tuple(lines), own_label, where)

    def _chain_text(self, setter: Typesetter, reference: Expr, position: Position, consumers: Sequence[str]) -> Inline:
        above = [
            self.scene.at(path.factor.above, instance)
            for path in self.cotangent.paths
            for instance in self.scene.sums(path.summed, position)
        ]
        through = listed([Math(setter.expression(node)) for node in above[:MAX_LISTED]])
        if len(above) > MAX_LISTED:
            through = references(consumers)
        units = [idx for path in self.cotangent.paths for idx in path.summed if extent(idx) != BATCH]
        return (
            "The loss depends on ",
            Math(setter.expression(reference)),
            " through every " if units and not self.scene.scalar else " through ",
            *through,
            ". By the chain rule",
        )

    def _used(self, consumers: Sequence[str]) -> list[str]:
        """Return the labels of the equations that the instances of the step rest on, each once."""
        positions = [position for _, position in self.scene.numbered(self.array)]
        found = (label for position in positions for label in self._labels(consumers, position))
        return [label_of(name, number) for name, number in dict.fromkeys(found)]

    def _labels(self, consumers: Sequence[str], position: Position) -> list[tuple[str, int]]:
        """Return the consumers of the array at a position: name and place among the consumer's instances."""
        if not self.scene.scalar:
            return [(name, 0) for name in consumers]
        found = []
        for path in self.cotangent.paths:
            for instance in self.scene.sums(path.summed, position):
                at = self.scene.at(path.consumer.at(path.indices), instance)
                found.append((path.consumer.name, self.scene.place_of(path.consumer, at)))
        return found

    def _activations_used(self) -> list[str]:
        """Return the labels of the derivatives σ' that occur in the factors."""
        first = activation_names(self.page)
        found = []
        for path in self.cotangent.paths:
            layer = self.page.network.layers[(path.consumer.layer or 1) - 1]
            if path.factor.named is not None and isinstance(layer, Activated):
                found.append(f"slope{first[layer.function.name]}")
        return list(dict.fromkeys(found))

    def _so_that(self, labels: Sequence[tuple[str, int]]) -> Inline:
        """Refer to what is put into the chain rule: the consumers' derivatives, and the constraint on the targets."""
        used = [label_of(self.page.arrays[name].cotangent().name, place) for name, place in labels if name != LOSS.name]
        is_error = self.page.symbols.stem(self.array) == "z"
        if is_error and self.array.layer == self.page.depth and self.page.forward.constraints:
            used.append(TARGETS)
        return ("so that, with ", *references(used), ",") if used else ("so that",)

    def _opening(self, setter: Typesetter, reference: Expr) -> tuple[Formula, list[Line]]:
        """Return the symbol of the derivative, and a line that defines it unless it is the fraction itself."""
        indices = [setter.index(index) for index in getattr(reference, "indices", ())]
        symbol = setter.symbols.cotangent(self.array, indices)
        fraction = by_loss(setter, reference)
        scale = batch_size(self.page, self.array)
        if symbol == fraction and scale is None:
            return symbol, []
        return symbol, [Line(symbol, "equiv", product(scale, fraction))]

    def _results(self, position: Position) -> list[Expr]:
        """Return the results of the chain rule at a position: with the factors put in, then simplified."""
        written = with_factors(self.cotangent, self.page)
        stems = ("E", "R") if self.page.notation.derivative == "d" else ("a", "p", "E", "R")
        forms = [put_in(self.page, form, stems) for form in (written, self.cotangent.result)]
        results = [self.scene.at(form, position) for form in dict.fromkeys(forms)]
        if self.scene.scalar and not self.page.notation.error and self.page.notation.derivative == "partial":
            results += self._all_put_in(position)
        return results

    def _all_put_in(self, position: Position) -> Iterator[Expr]:
        """Yield the derivative in forward values alone, unless it is longer than `MAX_PUT_IN` operations."""
        written = self.cotangent.result
        for _ in range(2 * self.page.depth + len(ENDS)):
            written = put_in(self.page, written)
        at = self.scene.at(written, position)
        if at.count_ops() <= MAX_PUT_IN:
            yield at

    def _lines(
        self, left: Formula | None, setter: Typesetter, results: Sequence[Expr], reference: Expr
    ) -> Iterator[Line]:
        written: list[Formula] = []
        for result in results:
            formula = setter.expression(result)
            if formula not in written:
                yield Line(left if not written else None, "=", formula)
                written.append(formula)
        if self.steps.worked and self.scene.scalar:
            own = self.array.cotangent().at(getattr(reference, "indices", ()))
            yield from self.steps.worked.lines(setter, results[-1], self.steps.worked.of(own))
