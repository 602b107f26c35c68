"""The header of every sheet: the network, its activation functions, its loss and its symbols."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import fields

from symnet.exercises.setting import Setting
from symnet.formats import Block, Paragraph, Section
from symnet.network import Activated, BaseLayer, Dense
from symnet.pages import ForwardSteps, Scenes, network_picture, symbol_table

PLAIN = ("units", "activation")
"""The options of a layer that are described elsewhere."""

MAX_APART = 2
"""The most layers whose symbols are listed for each; in deeper networks, layers that are alike share theirs."""


def header(setting: Setting) -> Section:
    """Return the section that describes the network."""
    return Section("The network", tuple(_blocks(setting)))


def _blocks(setting: Setting) -> Iterator[Block]:
    page = setting.single
    forward = ForwardSteps(Scenes(page, setting.is_small, apart=setting.is_small))
    yield Paragraph((" ".join(_sentences(setting)),))
    yield network_picture(page.network, page.whole, setting.symbols)
    functions = forward.functions()
    yield from functions.body if functions else ()
    yield from _special_layers(setting)
    yield Paragraph(("The loss of one example is",))
    yield from forward.loss().body
    yield from forward.usual()
    yield symbol_table(Scenes(page, apart=page.depth <= MAX_APART))


def _special_layers(setting: Setting) -> Iterator[Block]:
    """Yield the equations of layers that are not dense, one layer of each kind."""
    page = setting.single
    scenes = Scenes(page, apart=True)
    forward = ForwardSteps(scenes)
    first = {_described(layer): number for number, layer in reversed(list(enumerate(page.network.layers, start=1)))}
    for number, scene in enumerate(scenes.scenes, start=1):
        layer = page.network.layers[number - 1]
        if type(layer) is not Dense and first[_described(layer)] == number:
            yield Paragraph((f"Layer {number + setting.notation.input_layer} computes",))
            for equation in page.forward.equations:
                if equation.array.layer == number:
                    yield from forward.equation(scene, equation, None)


def _sentences(setting: Setting) -> Iterator[str]:
    """Describe the layers, with one sentence for layers that are alike."""
    network = setting.network
    inputs, hidden, outputs = network.sizes[0], len(network.layers) - 1, network.sizes[-1]
    layers = "no hidden layer" if not hidden else f"{hidden} hidden layer{'s' if hidden > 1 else ''}"
    yield f"A network with {_counted(inputs, 'input')}, {layers} and {_counted(outputs, 'output')}."
    start = 1
    for words, group in itertools.groupby(network.layers, _described):
        end = start + len(list(group)) - 1
        first, last = (number + setting.notation.input_layer for number in (start, end))
        yield f"Layer {first} is {words}." if first == last else f"Layers {first} to {last} are {words}."
        start = end + 1


def _described(layer: BaseLayer) -> str:
    options = [
        f"{entry.name} {_value(getattr(layer, entry.name))}"
        for entry in fields(layer)
        if entry.name not in PLAIN and getattr(layer, entry.name) != entry.default
    ]
    kind = layer.kind.replace("_", " ") + (f" ({', '.join(options)})" if options else "")
    return f"{kind} with activation {layer.function.name}" if isinstance(layer, Activated) else kind


def _value(value: object) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number > 1 else ''}"
