"""The string form of a network: `2-8-1:tanh,identity;loss=huber(delta=0.5);reduction=sum`.

Sizes are joined by `-`; a size may carry a kind and its options in brackets, `8[residual,skip=2]`.
After `:` comes one activation for each layer that takes one: a name, a formula in z, or
NAME=FORMULA. After each `;` comes one setting of the network.
"""

from __future__ import annotations

import re
from dataclasses import fields
from decimal import Decimal
from typing import Any

from symnet.network.activations import check_few
from symnet.network.layers import LAYER_KINDS, MAX_UNITS, ActivatedLayer, Layer
from symnet.network.losses import loss as read_loss
from symnet.network.network import DEFAULT_LOSS, DEFAULT_REDUCTION, Network, check_depth
from symnet.support import ArchitectureError, SymnetError, located, shown, text_of, unknown

MAX_LENGTH = 1_000_000
SETTINGS = ("loss", "reduction", "l1", "l2", "name")

_SIZE = re.compile(r"(?P<units>[^\[\]]*)(?:\[(?P<options>[^\[\]]*)\])?")
_WHOLE = re.compile(r"[0-9]{1,12}", re.ASCII)
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
        text: such as `2-2-1`, `2-8-8-1:tanh,tanh,identity`, or the full form of `symnet.to_string`;
            at most 1,000,000 characters.
        hidden: the activation of every hidden layer that takes one; by default sigmoid.
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
    body, *settings = _split(text, ";")
    sizes, colon, activations = body.partition(":")
    inputs, *parts = _split(sizes, "-")
    if not parts:
        raise ArchitectureError(f"{shown(text)} has no layer after the input; write sizes such as 2-2-1")
    check_depth(len(parts))
    layers = [_layer(number, part) for number, part in enumerate(parts, start=1)]
    chosen = _chosen(layers, _split(activations, ",") if colon else None, hidden, output)
    given = {"loss": loss, "reduction": reduction, "l1": l1, "l2": l2, "name": name}
    said: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    for key, value in _settings(settings).items():
        if key in said:
            raise ArchitectureError(f"{key} is given twice, in {shown(text)} and as an argument")
        said[key] = value
    return Network(_whole("the number of inputs", inputs), _built(layers, chosen), **said)


def string_of(network: Network) -> str:
    """The string form of a network, which `parse` reads back to an equal one.

    Raises:
        ArchitectureError: a layer has a kind that exists in Python only.
    """
    sizes = [str(network.inputs), *(_size_text(layer) for layer in network.layers)]
    activations = [layer.function.text for layer in network.layers if isinstance(layer, ActivatedLayer)]
    text = "-".join(sizes) + (f":{','.join(activations)}" if activations else "")
    if network.loss.text != DEFAULT_LOSS:
        text += f";loss={network.loss.text}"
    if network.reduction != DEFAULT_REDUCTION:
        text += f";reduction={network.reduction}"
    text += "".join(f";{key}={value!r}" for key in ("l1", "l2") if (value := getattr(network, key)))
    return text + (f";name={_quoted(network.name)}" if network.name else "")


def layer_options(layer: Layer) -> dict[str, Any]:
    """The options of a layer beyond its kind, units and activation that differ from their defaults."""
    return {
        entry.name: getattr(layer, entry.name)
        for entry in fields(layer)
        if entry.name not in ("units", "activation") and getattr(layer, entry.name) != entry.default
    }


def kind_of(layer: Layer) -> str:
    """The name of a layer's kind.

    Raises:
        ArchitectureError: the kind exists in Python only.
    """
    if LAYER_KINDS.get(layer.kind) is not type(layer):
        raise ArchitectureError(f"a layer of kind {shown(layer.kind)} has no text form; it exists in Python only")
    return layer.kind


def _split(text: str, separator: str) -> list[str]:
    """Split at separators outside parentheses, brackets and quotes."""
    parts, depth, quoted, escaped, start = [], 0, False, False, 0
    for position, character in enumerate(text):
        if escaped:
            escaped = False
        elif quoted and character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif not quoted:
            depth += (character in "([") - (character in ")]")
            if character == separator and depth == 0:
                parts.append(text[start:position].strip())
                start = position + 1
    if quoted:
        raise ArchitectureError(f"{shown(text)} has an opening quote without a closing one")
    return [*parts, text[start:].strip()]


def _whole(what: str, text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ArchitectureError(f"{what} is {shown(text)}; a whole number from 1 to {MAX_UNITS:,} is needed")
    return int(text)


def _layer(number: int, text: str) -> tuple[type[Layer], dict[str, Any]]:
    """The kind and the options of one layer, without its activation."""
    match = _SIZE.fullmatch(text)
    if not match:
        raise ArchitectureError(f"layer {number} is {shown(text)}; write its units, such as 8 or 8[residual,skip=2]")
    options: dict[str, Any] = {"units": _whole(f"layer {number}: the number of units", match["units"].strip())}
    kind: type[Layer] = LAYER_KINDS["dense"]
    for position, part in enumerate(filter(None, (match["options"] or "").split(","))):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if position == 0 and not equals:
            if key not in LAYER_KINDS:
                raise ArchitectureError(f"layer {number}: {unknown('kind', key, LAYER_KINDS)}")
            kind = LAYER_KINDS[key]
            continue
        known = [entry.name for entry in fields(kind) if entry.name not in ("units", "activation")]
        if key not in known:
            raise ArchitectureError(f"layer {number}: {unknown(f'{kind.kind} option', key, known)}")
        if key in options:
            raise ArchitectureError(f"layer {number}: {key} is given twice")
        options[key] = _option_value(value)
    return kind, options


def _option_value(text: str) -> bool | int | str:
    if text in ("true", "false"):
        return text == "true"
    return int(text) if _WHOLE.fullmatch(text) else text


def _chosen(
    layers: list[tuple[type[Layer], dict[str, Any]]], listed: list[str] | None, hidden: str | None, output: str | None
) -> list[str | None]:
    """The activation of each layer, None for the default or if the layer takes none."""
    takers = [issubclass(kind, ActivatedLayer) for kind, _ in layers]
    if listed is not None:
        if hidden is not None or output is not None:
            raise ArchitectureError("activations are given both after ':' and by hidden or output; choose one of them")
        if len(listed) != sum(takers):
            raise ArchitectureError(f"{len(listed)} activations after ':' for {sum(takers)} layers that take one")
        names = iter(listed)
        return [next(names) if takes else None for takes in takers]
    ends = [hidden] * (len(layers) - 1) + [output]
    if layers and output is not None and not takers[-1]:
        raise ArchitectureError(f"layer {len(layers)}: a {layers[-1][0].kind} layer takes no activation")
    return [end if takes else None for end, takes in zip(ends, takers, strict=False)]


def _built(layers: list[tuple[type[Layer], dict[str, Any]]], chosen: list[str | None]) -> list[Layer]:
    check_few(chosen)
    built = []
    for number, ((kind, options), activation) in enumerate(zip(layers, chosen, strict=True), start=1):
        try:
            built.append(kind(**options if activation is None else {**options, "activation": activation}))
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


def _size_text(layer: Layer) -> str:
    kind = kind_of(layer)
    parts = [kind] if kind != "dense" else []
    for key, value in layer_options(layer).items():
        parts.append(f"{key}={str(value).lower() if isinstance(value, bool) else value}")
    return f"{layer.units}[{','.join(parts)}]" if parts else str(layer.units)
