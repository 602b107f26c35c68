"""A layer as text: `8`, `8[residual,skip=2]` or `conv(8,3x3,pad=1):relu`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import MISSING, dataclass, fields
from itertools import accumulate
from typing import Any

from symnet.network.layers import LAYER_KINDS, MAX_UNITS, Activated, BaseLayer, Layer
from symnet.support import CONSTANTS, IDENTIFIER, WITH_OPTIONS, ArchitectureError, shown, unknown

_SIZE = re.compile(r"(?P<units>[^\[\]]*)(?:\[(?P<options>[^\[\]]*)\])?")
_CALL = re.compile(r"(?P<kind>[A-Za-z]\w*)\s*(?:\((?P<options>[^()]*)\))?", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,12}", re.ASCII)
_DECIMAL = re.compile(r"([0-9]+\.[0-9]*|\.?[0-9]+)([eE][+-]?[0-9]{1,3})?", re.ASCII)


def needed(kind: type[BaseLayer] | BaseLayer) -> list[str]:
    """The names of what a layer must be given, such as units, in order."""
    return [entry.name for entry in fields(kind) if entry.default is MISSING]


def layer_options(layer: BaseLayer) -> dict[str, Any]:
    """The options of a layer beyond what it must be given and its activation that differ from their defaults."""
    return {
        entry.name: getattr(layer, entry.name)
        for entry in fields(layer)
        if entry.name not in (*needed(layer), "activation") and getattr(layer, entry.name) != entry.default
    }


def kind_of(layer: BaseLayer) -> str:
    """The name of a layer's kind.

    Raises:
        ArchitectureError: the kind exists in Python only.
    """
    if LAYER_KINDS.get(layer.kind) is not type(layer):
        raise ArchitectureError(f"a layer of kind {shown(layer.kind)} has no text form; it exists in Python only")
    return layer.kind


def _known(kind: type[BaseLayer]) -> list[str]:
    """The names of what a layer is given, in order, its activation left out."""
    return [entry.name for entry in fields(kind) if entry.name != "activation"]


@dataclass(frozen=True)
class WrittenLayer:
    """A layer as it is written: its kind, what it is given, and the text of its own activation."""

    kind: type[BaseLayer]
    options: dict[str, Any]
    activation: str | None = None

    @property
    def is_activated(self) -> bool:
        return issubclass(self.kind, Activated)


def read_layer(number: int, text: str) -> WrittenLayer:
    """One layer, with its own activation if there is one."""
    written, *own = split(text, ":")
    if own and not has_own(text):
        raise ArchitectureError(
            f"layer {number}: the activation is {shown(':'.join(own))}; "
            "a name such as tanh, or a formula in parentheses such as (z*tanh(z)), is needed"
        )
    call = _CALL.fullmatch(written)
    layer = _called(number, call["kind"], call["options"] or "") if call else _sized(number, written)
    if own and not layer.is_activated:
        raise ArchitectureError(f"layer {number}: a {layer.kind.kind} layer takes no activation")
    return WrittenLayer(layer.kind, layer.options, unwrapped(own[0]) if own else None)


def _called(number: int, name: str, written: str) -> WrittenLayer:
    """A layer by its kind, with values in the order of its options, then others by name: conv(8,3x3,pad=1)."""
    if name not in LAYER_KINDS:
        raise ArchitectureError(f"layer {number}: {unknown('kind', name, LAYER_KINDS)}")
    kind = LAYER_KINDS[name]
    known = _known(kind)
    parts = [part.strip() for part in written.split(",")] if written.strip() else []
    values = [part for part in parts if "=" not in part]
    if len(values) > len(known) or values != parts[: len(values)]:
        usage = ", ".join(known)
        raise ArchitectureError(f"layer {number} is {shown(f'{name}({written})')}; in order {name} has {usage}")
    options = dict(zip(known, map(_option_value, values), strict=False))
    _add_options(number, kind, known, parts[len(values) :], options)
    missing = [each for each in needed(kind) if each not in options]
    if missing:
        usage = f"{name}({','.join(needed(kind))})"
        raise ArchitectureError(f"layer {number}: a {name} layer has no {missing[0]}; write {usage}")
    return WrittenLayer(kind, options)


def _sized(number: int, text: str) -> WrittenLayer:
    """A layer by its units, with its kind and options in brackets: 8[residual,skip=2]."""
    match = _SIZE.fullmatch(text)
    if not match:
        raise ArchitectureError(f"layer {number} is {shown(text)}; write its units, such as 8 or 8[residual,skip=2]")
    options: dict[str, Any] = {"units": whole(f"layer {number}: the number of units", match["units"].strip())}
    parts = [part for part in map(str.strip, (match["options"] or "").split(",")) if part]
    name = parts.pop(0) if parts and "=" not in parts[0] else "dense"
    kinds = {known: kind for known, kind in LAYER_KINDS.items() if issubclass(kind, Layer)}
    if name not in kinds:
        raise ArchitectureError(f"layer {number}: {unknown('kind', name, kinds)}")
    kind = kinds[name]
    known = [entry.name for entry in fields(kind) if entry.name not in ("units", "activation")]
    _add_options(number, kind, known, parts, options)
    return WrittenLayer(kind, options)


def _add_options(
    number: int, kind: type[BaseLayer], known: Sequence[str], parts: Iterable[str], options: dict[str, Any]
) -> None:
    """Add what is given by name to the options of a layer."""
    for part in parts:
        key, _, value = (piece.strip() for piece in part.partition("="))
        if key not in known:
            raise ArchitectureError(f"layer {number}: {unknown(f'{kind.kind} option', key, known)}")
        if key in options:
            raise ArchitectureError(f"layer {number}: {key} is given twice")
        options[key] = _option_value(value)


def _option_value(text: str) -> bool | int | float | str:
    if text in ("true", "false"):
        return text == "true"
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


def has_own(part: str) -> bool:
    """Whether a layer is written without an activation or with one of its own."""
    _, *own = split(part, ":")
    return not own or (len(own) == 1 and (_is_name(own[0]) or unwrapped(own[0]) != own[0]))


def _is_name(text: str) -> bool:
    """Whether a text is the name of an activation, with options or without; z, pi and e are formulas."""
    return bool(WITH_OPTIONS.fullmatch(text) or (IDENTIFIER.fullmatch(text) and text not in ("z", *CONSTANTS)))


def unwrapped(text: str) -> str:
    """What stands in parentheses, if nothing stands beside them."""
    depths = list(accumulate((character == "(") - (character == ")") for character in text))
    return text[1:-1].strip() if text[:1] == "(" and 0 not in depths[:-1] and depths[-1] == 0 else text


def split(text: str, separator: str) -> list[str]:
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


def whole(what: str, text: str) -> int:
    """The whole number that a text is; its range is checked by what it is for.

    Raises:
        ArchitectureError: it is none, or has more than 12 digits.
    """
    if not _WHOLE.fullmatch(text):
        raise ArchitectureError(f"{what} is {shown(text)}; a whole number from 1 to {MAX_UNITS:,} is needed")
    return int(text)


def text_of_units(layer: BaseLayer) -> str:
    """A layer by its units, with its kind and options in brackets: 8[residual,skip=2]."""
    kind, units = kind_of(layer), layer.units if isinstance(layer, Layer) else ""
    parts = [kind] * (kind != "dense") + _option_texts(layer_options(layer))
    return f"{units}[{','.join(parts)}]" if parts else str(units)


def text_of_kind(layer: BaseLayer) -> str:
    """A layer with its kind and its own activation: conv(8,3x3,pad=1):relu."""
    kind, own, values = kind_of(layer), layer_options(layer), needed(layer)
    # A word behind what must be given says what it is: pool(2,mean).
    words = [name for name in _known(type(layer))[len(values) :][:1] if isinstance(own.get(name), str)]
    given = [_value_text(getattr(layer, name)) for name in (*values, *words)]
    named = _option_texts({name: value for name, value in own.items() if name not in words})
    inside = ",".join([*given, *named])
    text = given[0] if kind == "dense" and not own else f"{kind}({inside})" if inside else kind
    if not isinstance(layer, Activated):
        return text
    function = layer.function
    return f"{text}:({function.text})" if function.is_custom else f"{text}:{function.text}"


def _option_texts(options: dict[str, Any]) -> list[str]:
    return [f"{key}={_value_text(value)}" for key, value in options.items()]


def _value_text(value: Any) -> str:
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
