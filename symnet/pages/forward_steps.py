"""The forward pass as a page shows it: the equations of each layer, the activation functions, the loss."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Add, Expr, Indexed, Mul, Sum, Symbol

from symnet.core import Equation, substitute
from symnet.formats import Display, Inline, Line, Math, Paragraph, Ref, Step
from symnet.formula import Fenced, Formula, Number, Operator, Total, row
from symnet.functions import Composite, huber, relu
from symnet.network import A, Z, left_out
from symnet.notation import layer_function
from symnet.pages.chain import ENDS
from symnet.pages.entries import rows_as_sums
from symnet.pages.layers import all_layers, layered, range_of
from symnet.pages.matrix_form import MatrixSetter
from symnet.pages.matrix_steps import MATRIX, matrix_parts
from symnet.pages.meanings import meaning_of
from symnet.pages.numbers import Worked
from symnet.pages.page_program import PageProgram, activations, lettered
from symnet.pages.scene import Scene, Scenes, activation_names
from symnet.support import PRODUCT

ABOUT: Mapping[str, str] = {
    "z": "The pre-activation of a unit is the weighted sum of what comes in, with its bias:",
    "a": "Its activation is what the unit hands on:",
    "p": "The output of a unit is a probability; those of all units sum to 1:",
}
"""The sentence before an equation of a layer, by the stem of the array that it defines."""

USUAL: Mapping[str, str] = {
    "squared_error": "the squared error without the factor ½",
    "sum": "the sum over the examples of a batch",
}
"""In words, the loss or reduction that texts in a notation usually have where this network has symnet's default."""

Part = Paragraph | Display

TARGETS = "targets"
"""The label of the equation that the targets satisfy."""

MAX_DISPLAYS_OF_ONE = 2
"""How many displays one activation function takes: its definition and its derivative."""


def label_of(name: str, number: int = 0) -> str:
    """Return the label of the equation that defines an array, for the instance with this number."""
    return f"{name}-{number}" if number else name


def is_weighted_sum(rhs: Expr) -> bool:
    """Whether an expression is a sum over products of two entries, possibly plus single entries (a bias)."""
    terms = Add.make_args(rhs)
    products = [Mul.make_args(term.function) for term in terms if isinstance(term, Sum)]
    are_pairs = all(len(pair) == 2 and all(isinstance(factor, Indexed) for factor in pair) for pair in products)
    return bool(products) and are_pairs and all(isinstance(term, Indexed | Sum) for term in terms)


def references(names: Iterable[str]) -> Inline:
    """Return references to the equations that define some arrays, as in (1), (2) and (3)."""
    return listed([Ref(label_of(name)) for name in names])


def listed(parts: Sequence[Ref | Math]) -> Inline:
    """Join parts with commas, the last with `and`."""
    joined: list[str | Ref | Math] = []
    for place, part in enumerate(parts):
        if place:
            joined.append(" and " if place == len(parts) - 1 else ", ")
        joined.append(part)
    return tuple(joined)


@dataclass(frozen=True)
class ForwardSteps:
    """Writes the forward pass of a page.

    Attributes:
        scenes: the page and its layers.
        matrices: whether the matrix form follows each equation.
        worked: the values to put into the equations; None for none.
    """

    scenes: Scenes
    matrices: bool = False
    worked: Worked | None = None

    @property
    def page(self) -> PageProgram:
        return self.scenes.page

    @cached_property
    def _activations(self) -> dict[Expr, Expr]:
        return activations(self.page.network, self.page.forward)

    def layers(self) -> Iterator[Step]:
        """Yield a step for each group of layers that share their equations."""
        for scene in self.scenes.scenes:
            yield Step(self._title(scene), (*self._input(scene), *self._layer(scene)))

    def _input(self, scene: Scene) -> Iterator[Part]:
        """Say before the first general layer that the input is the activation of layer 0."""
        if scene is not self.scenes.scenes[0] or not scene.symbols.general_input:
            return
        array = self.page.forward.array("x")
        symbols = self.page.symbols
        letters = scene.typesetter(array).letters
        indices = [letters[idx] for idx in array.indices]
        left = replace(symbols, general_input=True).entry(array, indices)
        yield Paragraph(("The input stands for the activations of layer ", Math(symbols.place(0).formula()), ":"))
        yield Display((Line(left, "=", symbols.entry(array, indices)),), "x")

    def _title(self, scene: Scene) -> Inline:
        layer = Math(scene.symbols.place(scene.group.first).formula())
        kind = "The last layer, " if scene.group.last == self.page.depth else "Layer "
        return kind, layer

    def _layer(self, scene: Scene) -> Iterator[Part]:
        where = range_of(self.page, scene.group, backward=False)
        for equation in self.page.forward.equations:
            if equation.array.layer == scene.group.first:
                yield Paragraph((self._about(equation),))
                yield from self.equation(scene, equation, where)

    def _about(self, equation: Equation) -> str:
        stem = self.page.symbols.stem(equation.array)
        if not stem:
            return f"The layer computes its {meaning_of(self.page, equation.array)}:"
        if stem == "z" and not is_weighted_sum(equation.rhs):
            return "The pre-activation of a unit is, in this layer,"
        used = [self.page.arrays[name] for name in self.page.forward.uses(equation.rhs)]
        if stem == "z" and not any(array.stem.startswith("b") for array in used):
            return "The pre-activation of a unit is the weighted sum of what comes in:"
        if stem == "z" and self.matrices and self.page.notation.batch != "single" and self.page.notation.broadcast:
            return (
                "The pre-activation of a unit is the weighted sum of what comes in; every example gets the same bias:"
            )
        values = {array.layer == equation.array.layer for array in used if not array.is_parameter}
        if stem == "a" and len(values) > 1:
            return "The unit hands on its activation together with an earlier output:"
        return ABOUT.get(stem, "The layer computes")

    def loss(self) -> Step:
        """Return the equation of the loss, those of its two parts if there is a penalty, and that of the targets."""
        parts: list[Part] = []
        for equation in self.page.forward.equations:
            if equation.name in ENDS:
                over_layers = self._over_layers(equation)
                parts += over_layers or self.equation(self.scenes.last, equation, None)
        return Step((self._loss_title(),), (*parts, *self._targets()))

    def usual(self) -> Iterator[Paragraph]:
        """Say where the network's default loss or reduction is not the one that texts in this notation have."""
        notation = self.page.notation
        own = left_out(self.page.network)
        usual = {"loss": notation.usual_loss, "reduction": notation.usual_reduction}
        told = [USUAL[usual[key]] for key, value in own.items() if usual[key] != value]
        if told:
            yield Paragraph((f"Texts in this notation usually have {' and '.join(told)}.",))

    def _targets(self) -> Iterator[Part]:
        """Write the constraints on the targets, which the simplification uses."""
        scene, y = self.scenes.last, self.page.forward.array("y")
        for constraint in self.page.forward.constraints:
            left, right = (scene.at(side, {}) for side in (constraint.left, constraint.right))
            setter = scene.typesetter(y, left, right)
            yield Paragraph(("The targets of an example are probabilities:",))
            yield Display((Line(setter.expression(left), "=", setter.expression(right)),), TARGETS)

    def _over_layers(self, equation: Equation) -> list[Part]:
        """Write the penalty as a sum over layers, if every layer has the same term and layers have letters."""
        first = layered(self.page, equation.rhs) if self.scenes.last.group.label else None
        if first is None:
            return []
        scene = Scene(self.page, all_layers(self.page))
        setter = scene.typesetter(equation.array, first)
        general, last = scene.symbols.place(1).formula(), self.scenes.last.symbols.place(self.page.depth).formula()
        start = Number(str(1 + self.page.notation.input_layer))
        over = Total(row(general, Operator("="), start), last)
        left = setter.expression(equation.lhs)
        label = label_of(equation.name)
        parts: list[Part] = [Display((Line(left, "=", row(over, setter.at_least(first, PRODUCT))),), label)]
        if self.matrices:
            whole, strength = MatrixSetter(scene, setter).spread(first, (None, None))
            body = whole if strength >= PRODUCT else Fenced(whole)
            parts += [Paragraph(("For whole arrays,",)), Display((Line(left, "=", row(over, body)),), label + MATRIX)]
        return parts

    def _loss_title(self) -> str:
        name = self.page.network.loss.name.replace("_", " ")
        return f"The loss: {name}" if not self.page.network.loss.is_custom else "The loss"

    def equation(self, scene: Scene, equation: Equation, where: Formula | None) -> Iterator[Part]:
        """Yield an equation of the forward pass at each of its instances, in matrix form and in numbers if asked.

        Args:
            scene: the layers that it is written in.
            equation: the equation.
            where: the range of layers that it holds for; None if it is said by their number.
        """
        rhs = self.written(equation.rhs)
        for number, position in scene.numbered(equation.array):
            left, right = scene.at(equation.lhs, position), scene.at(rhs, position)
            setter = scene.typesetter(equation.array, left, right)
            lines = [Line(setter.expression(left), "=", setter.expression(right))]
            if self.worked and scene.scalar:
                lines += self.worked.lines(setter, right, self.worked.of(left))
            yield Display(tuple(lines), label_of(equation.name, number), where)
        if self.matrices:
            yield from matrix_parts(scene, equation.array, [self._named(equation.rhs)], label_of(equation.name), where)
        if self.worked and not scene.scalar:
            yield from self.worked.whole(self.page, scene, equation.array)

    def _named(self, rhs: Expr) -> Expr:
        return rhs.xreplace(self._activations)

    def written(self, rhs: Expr) -> Expr:
        """Return a right-hand side with activations as σ(z); softmax, huber and relu are written out."""
        rhs = self._named(rhs)
        for node in rhs.atoms(huber, relu):
            rhs = rhs.xreplace({node: node.definition})
        return rows_as_sums(rhs)

    def functions(self) -> Step | None:
        """Define each activation function that has a letter, with its derivative; None if there is none."""
        displays: list[Part] = []
        first = activation_names(self.page).values()
        for number, activation in lettered(self.page.network, self.page.forward):
            if number not in first:
                continue
            z = self.page.forward.by_layer["z", number]
            scene = Scene(self.page, self.scenes.group_of(z), self.scenes.scalar)
            variable = Symbol(self.page.notation.variable, real=True)
            value, slope = (layer_function(number, order)(variable) for order in (0, 1))
            at = {Z: variable}
            expression = substitute(_defined(activation.expression), at)
            through = substitute(activation.derivative, {**at, A: value})
            setter = scene.typesetter(z)
            where = range_of(self.page, scene.group, backward=False) if scene.page_marks_functions else None
            defined, differentiated = (
                Line(setter.expression(left), "=", setter.expression(right))
                for left, right in ((value, expression), (slope, through))
            )
            displays.append(Display((defined,), label_of(f"function{number}"), where))
            displays.append(Display((differentiated,), label_of(f"slope{number}"), where))
        if not displays:
            return None
        several = len(displays) > MAX_DISPLAYS_OF_ONE
        title = "The activation functions" if several else "The activation function"
        return Step((title,), (Paragraph((f"{title}{', each' if several else ''} with its derivative:",)), *displays))


def _defined(expression: Expr) -> Expr:
    """Return the textbook definition of an activation, the expression itself if it is one."""
    return expression.definition if isinstance(expression, Composite) else expression
