"""Exercises on the chain rule: the derivative by one weight, and the errors of a hidden layer."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr

from symnet.exercises.draw import Draw
from symnet.exercises.forward import BATCH
from symnet.exercises.route import Route, scene_of
from symnet.exercises.setting import Form, Place, Problem, Setting
from symnet.formats import Display, Line, Math, Paragraph, Step
from symnet.pages import ENDS, PageProgram, Scene, Scenes, by_loss, put_in

MAX_IN_VALUES = 40
"""The most operations of a derivative that is also written in forward values alone."""

MAX_UNIT_BY_UNIT = 3
"""The most units of a layer whose errors are derived one by one; wider layers are derived for a general unit."""


def gradient_problem(setting: Setting, draw: Draw) -> Problem:
    """Ask for ∂C/∂w of one parameter, usually a weight."""
    parameters = setting.parameters_of(setting.last_layers)
    weights = [array for array in parameters if array.role == "weight"]
    array = draw.pick(draw.pick([weights, weights, parameters]) or parameters)
    place = draw.pick(setting.places(array))
    route = Route.to(setting.single, [place], scalar=setting.is_small)
    wanted = Math(by_loss(setting.setter(), setting.reference(place)))
    task = Paragraph(
        (
            *(
                "Find ",
                wanted,
                " for one example by the chain rule. Name the values through which the loss depends on ",
            ),
            *(Math(setting.symbol(place)), ", and evaluate every factor."),
        )
    )
    way = tuple(route.backward())
    solution = (_way(route, setting, place), *way, *_in_values(route, place, way[-1]))
    return Problem("gradient", "a derivative by the chain rule", (task,), solution, setting.single)


def _way(route: Route, setting: Setting, place: Place) -> Step:
    text = ("On the way from ", Math(setting.symbol(place)), " to the loss stand")
    return Step(("The values on the way",), (Paragraph(text), *route.forward()))


def _in_values(route: Route, place: Place, last: Step) -> Iterator[Step]:
    """Yield the derivative in forward values alone, unless it is too long or the last step already ends in it."""
    name, _ = place
    scene = scene_of(route.scenes, route.page.arrays[name])
    (position,) = scene.instances(route.page.forward.array(name))
    node = scene.at(in_forward_values(route.page, name), position)
    if node.count_ops() > MAX_IN_VALUES:
        return
    reference = scene.at(route.page.forward.array(name).reference, position)
    setter = scene.typesetter(route.page.forward.array(name), node)
    written = setter.expression(node)
    if any(line.right == written for part in last.body if isinstance(part, Display) for line in part.lines):
        return
    yield Step(
        ("The result",),
        (
            Paragraph(("With all errors put in, it is, in values of the forward pass alone,",)),
            Display((Line(by_loss(setter, reference), "=", written),), "result"),
        ),
    )


def in_forward_values(page: PageProgram, name: str) -> Expr:
    """Return the derivative of the loss by an array in forward values, with all cotangents replaced."""
    written = page.cotangents[name].result
    for _ in range(2 * page.depth + len(ENDS)):
        written = put_in(page, written)
    return written


FORMS = {
    "scalar": Form("unit by unit, for one example", scalar=True),
    "index": Form("for a general unit and one example"),
    "matrix": Form("for a general unit and then with whole vectors and matrices, for {batch}", matrices=True),
}


def delta_problem(setting: Setting, draw: Draw) -> Problem:
    """Ask for the errors of a hidden layer, derived from the loss."""
    layer = draw.pick(setting.hidden_layers)
    names = [name for name in FORMS if not FORMS[name].scalar or setting.is_narrow(layer, MAX_UNIT_BY_UNIT)]
    form = FORMS[draw.pick(names)]
    page = setting.whole if form.matrices else setting.single
    array = page.forward.array(setting.errors_of(layer))
    instances = list(Scenes(page, form.scalar, apart=True).last.instances(array))
    route = Route(page, {array.name: instances}, form.scalar)
    scene = scene_of(Scenes(page, apart=True), array)
    task = Paragraph(
        (
            *(
                "Find ",
                *_errors(scene, page, array.name),
                " of hidden layer ",
                Math(scene.symbols.place(layer).formula()),
            ),
            f", {form.text.format(batch=BATCH[page.notation.batch])}. Start from the loss, and use the chain rule from "
            "layer to layer.",
        )
    )
    first = Step(
        ("The values on the way",),
        (Paragraph(("Between the loss and the layer stand",)), *route.forward(matrices=form.matrices)),
    )
    solution = (first, *setting.loss_of(page), *route.backward(matrices=form.matrices))
    return Problem("delta", "the errors of a hidden layer", (task,), solution, page)


def _errors(scene: Scene, page: PageProgram, name: str) -> Iterator[str | Math]:
    """Name the errors by their letter, or as derivatives in a notation without a letter for them."""
    array = page.forward.array(name)
    setter = scene.typesetter(array)
    if page.notation.error and array.stem == "z":
        yield "the errors "
        yield Math(setter.expression(array.cotangent().reference))
        return
    yield "the derivatives "
    yield Math(by_loss(setter, array.reference))
