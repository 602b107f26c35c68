"""The TOML form of a network.

[network]
name = "digits"
inputs = 64
loss = "cross_entropy"
reduction = "mean"

[[layers]]
kind = "dense"
units = 10
activation = "softmax"

[activations.NAME]
expression = "z*tanh(log(1+exp(z)))"
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from symnet.network.activations import RESERVED, Activation, check_few, custom_activation
from symnet.network.layer_text import kind_of, layer_options, needed
from symnet.network.layers import LAYER_KINDS, Activated, BaseLayer
from symnet.network.losses import RESERVED_LOSSES, Loss, custom_loss
from symnet.network.network import Network, check_depth
from symnet.support import (
    ArchitectureError,
    ExpressionError,
    SymnetError,
    check_identifier,
    located,
    path_of,
    path_shown,
    read_text,
    shown,
    text_of,
    toml_table,
    unknown,
)

Made = TypeVar("Made", Activation, Loss)

TABLES = ("network", "layers", "activations", "losses")
NETWORK_KEYS = ("name", "inputs", "loss", "reduction", "l1", "l2")


def load(path: str | Path) -> Network:
    """Read a network from a TOML file.

    Raises:
        FileError: the argument is not a path, or the file cannot be read.
        ArchitectureError: the file is not TOML, a key is unknown, or a value does not fit.
        ExpressionError: a formula lies outside the grammar.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "network.toml"
    ...     _ = path.write_text(symnet.to_toml("2-2-1"))
    ...     symnet.load(path) == symnet.parse("2-2-1")
    True
    """
    path = path_of(path, "the file of a network")
    try:
        return from_toml(read_text(path))
    except (ArchitectureError, ExpressionError) as error:
        raise located(error, path_shown(path)) from None


def from_toml(text: str) -> Network:
    """Read a network from TOML text. Raises as `load` does.

    >>> network = symnet.from_toml('''
    ... [network]
    ... inputs = 2
    ... [[layers]]
    ... units = 3
    ... ''')
    >>> network.sizes
    (2, 3)
    """
    document = toml_table(text_of(text, "the TOML of a network", error=ArchitectureError), ArchitectureError)
    _check_keys("the file", document, TABLES)
    settings = dict(_table("network", document.get("network", {})))
    _check_keys("[network]", settings, NETWORK_KEYS)
    if "inputs" not in settings:
        raise ArchitectureError("[network] has no inputs")
    tables = {name: _table(name, document.get(name, {})) for name in ("activations", "losses")}
    listed = document.get("layers", [])
    if not isinstance(listed, list):
        raise ArchitectureError("layers must be an array of tables, each written [[layers]]")
    check_depth(len(listed))
    check_few([*tables["activations"], *(layer.get("activation") for layer in listed if isinstance(layer, dict))])
    check_few(tables["losses"])
    activations = {
        name: _custom(custom_activation, "activations", name, table, RESERVED)
        for name, table in tables["activations"].items()
    }
    losses = {
        name: _custom(custom_loss, "losses", name, table, RESERVED_LOSSES) for name, table in tables["losses"].items()
    }
    if isinstance(settings.get("loss"), str):
        settings["loss"] = losses.get(settings["loss"], settings["loss"])
    layers = [_layer(number, table, activations) for number, table in enumerate(listed, start=1)]
    return Network(layers=layers, **settings)


def toml_of(network: Network) -> str:
    """The TOML form of a network, which `from_toml` reads back to an equal one.

    Raises:
        ArchitectureError: a layer has a kind that exists in Python only.
    """
    lines = ["[network]"]
    if network.name:
        lines.append(f"name = {_string(network.name)}")
    loss = network.loss
    inputs = network.inputs if isinstance(network.inputs, int) else [*network.inputs]
    lines += [f"inputs = {inputs}", f"loss = {_string(_reference(loss))}"]
    lines.append(f"reduction = {_string(network.reduction)}")
    lines += [f"{key} = {value!r}" for key in ("l1", "l2") if (value := getattr(network, key))]
    for layer in network.layers:
        lines += ["", "[[layers]]", f"kind = {_string(kind_of(layer))}"]
        lines += [f"{name} = {json.dumps(getattr(layer, name))}" for name in needed(layer)]
        if isinstance(layer, Activated):
            lines.append(f"activation = {_string(_reference(layer.function))}")
        lines += [f"{key} = {json.dumps(value)}" for key, value in layer_options(layer).items()]
    for table, custom in (("activations", _named(network)), ("losses", [loss] if _is_named(loss) else [])):
        for entry in custom:
            formula = entry.text.partition("=")[2]
            lines += ["", f"[{table}.{entry.name}]", f"expression = {_string(formula)}"]
    return "\n".join(lines) + "\n"


def _table(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ArchitectureError(f"{name} is {shown(value)}; a table is needed")
    return value


def _check_keys(where: str, table: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for key in table:
        if key not in known:
            raise ArchitectureError(f"{where}: {unknown('key', key, known)}")


def _custom(make: Callable[[str, str], Made], table: str, name: str, value: Any, taken: Collection[str]) -> Made:
    """One of the user's own functions, from its table."""
    where = f"[{table}.{shown(name)[1:-1]}]"
    check_identifier(name, "activation" if table == "activations" else "loss", reserved=taken)
    _check_keys(where, _table(where, value), ("expression",))
    if not isinstance(value.get("expression"), str):
        raise ArchitectureError(f"{where} needs an expression, as a string")
    try:
        return make(value["expression"], name)
    except ExpressionError as error:
        raise located(error, where) from None


def _layer(number: int, table: Any, activations: Mapping[str, Activation]) -> BaseLayer:
    options = dict(_table(f"layer {number}", table))
    name = options.pop("kind", "dense")
    if not isinstance(name, str) or name not in LAYER_KINDS:
        raise ArchitectureError(f"layer {number}: {unknown('kind', str(name), LAYER_KINDS)}")
    kind = LAYER_KINDS[name]
    _check_keys(f"layer {number}", options, tuple(entry.name for entry in fields(kind)))
    missing = [each for each in needed(kind) if each not in options]
    if missing:
        raise ArchitectureError(f"layer {number} has no {missing[0]}")
    if isinstance(options.get("activation"), str):
        options["activation"] = activations.get(options["activation"], options["activation"])
    try:
        return kind(**options)
    except SymnetError as error:
        raise located(error, f"layer {number}") from None


def _is_named(custom: Activation | Loss) -> bool:
    return custom.is_custom and "=" in custom.text


def _reference(chosen: Activation | Loss) -> str:
    return chosen.name if _is_named(chosen) else chosen.text


def _named(network: Network) -> list[Activation]:
    """The user's own activations that have a name, each once."""
    functions = [layer.function for layer in network.layers if isinstance(layer, Activated)]
    return list({function.name: function for function in functions if _is_named(function)}.values())


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
