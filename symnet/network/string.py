"""The string form of a network: `2-8-1:tanh,identity;loss=huber(delta=0.5);reduction=sum`.

Sizes are joined by `-`; an input of several axes is `28x28x1`. A layer is its units, which may carry a kind and its
options in brackets, `8[residual,skip=2]`, or a kind with its sizes and options in parentheses, `conv(8,3x3,pad=1)`.

After `:` behind the last layer comes one activation for each layer that takes one: a name, a formula in z, or
NAME=FORMULA. Elsewhere what follows a colon is the layer's own activation, a name or one of the others in parentheses:
`28x28x1-conv(8,3x3):relu-10`. Where all layers are units, `2-8:z-1`, the text behind the first colon is the list if
it can be read as such. After each `;` comes one setting of the network.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from symnet.network.activations import activation, check_few
from symnet.network.layer_text import (
    WrittenLayer,
    has_own,
    read_layer,
    split,
    text_of_kind,
    text_of_units,
    unwrapped,
    whole,
)
from symnet.network.layers import Activated, BaseLayer, Layer
from symnet.network.losses import loss as read_loss
from symnet.network.network import DEFAULT_LOSS, DEFAULT_REDUCTION, Network, check_axes, check_depth
from symnet.support import (
    ArchitectureError,
    SymnetError,
    located,
    shown,
    text_of,
    unknown,
)

MAX_LENGTH = 1_000_000
SETTINGS = ("loss", "reduction", "l1", "l2", "name")

_QUOTED = re.compile(r'"([^"\\]|\\.)*"')
_ESCAPED = re.compile(r"(?:[^\\]|\\(?:[\\'\"abfnrtv]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}))*", re.DOTALL)
_NUMBER = re.compile(r"[0-9]+\.?[0-9]*([eE][+-]?[0-9]{1,3})?|\.[0-9]+", re.ASCII)


def parse(
    text: str,
    *,
    hidden: str | None = None,
    output: str | None = None,
    loss: str | None = None,
    reduction: str | None = None,
    l1: float | None = None,
    l2: float | None = None,
    name: str | None = None,
) -> Network:
    """Parse the string form of a network.

    Args:
        text: such as `2-2-1`, `2-8-8-1:tanh,tanh,identity`, `28x28x1-conv(8,3x3):relu-10`, or the full form of
            `symnet.to_string`; at most 1,000,000 characters.
        hidden: the activation of every hidden layer that takes one and has none of its own; by default sigmoid.
        output: the activation of the output layer; the default depends on the loss, as in `Network`.
        loss, reduction, l1, l2, name: as in `Network`, for settings that the string leaves out.

    Raises:
        ArchitectureError: the string is malformed, or a setting is given in the string and as an argument.
        ExpressionError: a formula lies outside the grammar.

    >>> network = symnet.parse("2-8-1:tanh,identity;l2=0.1", reduction="sum")
    >>> network.reduction, network.l2
    ('sum', 0.1)
    """
    text_of(text, "the architecture", error=ArchitectureError)
    if len(text) > MAX_LENGTH:
        raise ArchitectureError(f"an architecture is a string of at most {MAX_LENGTH:,} characters")
    body, *settings = split(text, ";")
    inputs, layers, listed = _body(text, body)
    chosen = _chosen(layers, listed, hidden, output)
    given = {"loss": loss, "reduction": reduction, "l1": l1, "l2": l2, "name": name}
    said: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    for key, value in _settings(settings).items():
        if key in said:
            raise ArchitectureError(f"{key} is given twice, in {shown(text)} and as an argument")
        said[key] = value
    return Network(_inputs(inputs), _built(layers, chosen), **said)


def string_of(network: Network) -> str:
    """The string form of a network, which `parse` reads back to an equal one.

    Raises:
        ArchitectureError: a layer has a kind that exists in Python only.
    """
    if isinstance(network.inputs, int) and all(isinstance(layer, Layer) for layer in network.layers):
        sizes = [str(network.inputs), *map(text_of_units, network.layers)]
        activations = [layer.function.text for layer in network.layers if isinstance(layer, Activated)]
        text = "-".join(sizes) + (f":{','.join(activations)}" if activations else "")
    else:
        text = "-".join(["x".join(map(str, network.shapes[0])), *map(text_of_kind, network.layers)])
    if network.loss.text != DEFAULT_LOSS:
        text += f";loss={network.loss.text}"
    if network.reduction != DEFAULT_REDUCTION:
        text += f";reduction={network.reduction}"
    text += "".join(f";{key}={value!r}" for key in ("l1", "l2") if (value := getattr(network, key)))
    return text + (f";name={_quoted(network.name)}" if network.name else "")


def _inputs(text: str) -> int | tuple[int, ...]:
    parts = [part.strip() for part in text.split("x")]
    if len(parts) == 1:
        return whole("the number of inputs", text)
    check_axes(len(parts))
    return tuple(whole(f"axis {number} of the inputs", part) for number, part in enumerate(parts, start=1))


def _body(text: str, body: str) -> tuple[str, list[WrittenLayer], list[str] | None]:
    """The text of the inputs, the layers, and the list of activations behind the last one, if there is one."""
    head, colon, rest = body.partition(":")
    inputs, *parts = split(head, "-")
    if parts:
        check_depth(len(parts))
    own = split(body, "-")[1:] if colon else []
    if not colon or not any(":" in part for part in own[:-1]):
        of_units = _is_of_units(inputs, parts)
        listed = [item if of_units else unwrapped(item) for item in split(rest, ",")] if colon else None
        return inputs, _layers(text, parts), listed
    if _is_of_units(inputs, parts):
        listed, layers = split(rest, ","), _layers(text, parts)
        if _fit(listed, layers) or not all(map(has_own, own)):
            return inputs, layers, listed
    return inputs, _layers(text, own), None


def _is_of_units(inputs: str, parts: Sequence[str]) -> bool:
    """Whether nothing is written but numbers of units and options in brackets."""
    return "x" not in inputs and not any(part[:1].isalpha() for part in parts)


def _fit(listed: list[str], layers: list[WrittenLayer]) -> bool:
    """Whether the entries of a list are one activation for each layer that takes one."""
    if len(listed) != sum(layer.is_activated for layer in layers):
        return False
    try:
        check_few(listed)
        for entry in listed:
            activation(entry)
    except SymnetError:
        return False
    return True


def _layers(text: str, parts: Sequence[str]) -> list[WrittenLayer]:
    if not parts:
        raise ArchitectureError(f"{shown(text)} has no layer after the input; write sizes such as 2-2-1")
    check_depth(len(parts))
    return [read_layer(number, part) for number, part in enumerate(parts, start=1)]


def _chosen(
    layers: list[WrittenLayer], listed: list[str] | None, hidden: str | None, output: str | None
) -> list[str | None]:
    """The activation of each layer, None for the default or if the layer takes none."""
    takers = [layer.is_activated for layer in layers]
    if listed is not None:
        if hidden is not None or output is not None:
            raise ArchitectureError("activations are given both after ':' and by hidden or output; choose one of them")
        if len(listed) != sum(takers):
            raise ArchitectureError(f"{len(listed)} activations after ':' for {sum(takers)} layers that take one")
        names = iter(listed)
        return [next(names) if takes else None for takes in takers]
    ends = [hidden] * (len(layers) - 1) + [output]
    if output is not None and not takers[-1]:
        raise ArchitectureError(f"layer {len(layers)}: a {layers[-1].kind.kind} layer takes no activation")
    if output is not None and layers[-1].activation is not None:
        raise ArchitectureError(f"layer {len(layers)}: its activation is given both after ':' and by output")
    return [
        (end if layer.activation is None else layer.activation) if layer.is_activated else None
        for end, layer in zip(ends, layers, strict=True)
    ]


def _built(layers: list[WrittenLayer], chosen: list[str | None]) -> list[BaseLayer]:
    check_few(chosen)
    built = []
    for number, (layer, function) in enumerate(zip(layers, chosen, strict=True), start=1):
        options = layer.options if function is None else {**layer.options, "activation": function}
        try:
            built.append(layer.kind(**options))
        except SymnetError as error:
            raise located(error, f"layer {number}") from None
    return built


def _settings(parts: list[str]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for part in filter(None, parts):
        key, _, value = (piece.strip() for piece in part.partition("="))
        if key not in SETTINGS:
            raise ArchitectureError(unknown("setting", key, SETTINGS))
        if key in said:
            raise ArchitectureError(f"{key} is given twice")
        said[key] = _setting_value(key, value)
    return said


def _setting_value(key: str, value: str) -> Any:
    if key == "loss":
        return read_loss(value)
    if key in ("l1", "l2"):
        # A number that underflows to 0 is refused.
        if not _NUMBER.fullmatch(value) or (float(value) == 0 and Decimal(value) != 0):
            raise ArchitectureError(f"{key} is {shown(value)}; 0 or a positive number from 1e-300 to 1e300 is needed")
        return float(value)
    return _unquoted(value) if key == "name" else value


def _quoted(text: str) -> str:
    escaped = text.encode("unicode_escape").decode("ascii")
    return '"' + escaped.replace('"', "\\x22") + '"'


def _unquoted(text: str) -> str:
    if '"' not in text:
        return text
    if not _QUOTED.fullmatch(text):
        raise ArchitectureError(f"name is {shown(text)}; a name that contains quotes must be quoted as a whole")
    wrong = ArchitectureError(f"name {shown(text)} cannot be read; escape it as in Python")
    if not _ESCAPED.fullmatch(text):
        raise wrong
    try:
        return text[1:-1].encode("ascii").decode("unicode_escape")
    except UnicodeError:
        raise wrong from None
