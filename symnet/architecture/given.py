"""A network however it is given: `network_of`, and its two ways of being written."""

from __future__ import annotations

from pathlib import Path

from symnet.architecture.network import Network
from symnet.architecture.string import parse, string_of
from symnet.architecture.toml import load, toml_of
from symnet.errors import ArchitectureError
from symnet.given import unfit
from symnet.names import path_shown

SUFFIX = ".toml"
"""What the path of a network's file ends in; a string that does not is an architecture."""

WANTED = "an architecture string, the path of a .toml file (str or Path) or a Network"


Given = Network | str | Path
"""What stands for a network at every function of the public API."""


def network_of(given: Given, wanted: str = WANTED) -> Network:
    """The network that a string, the path of a TOML file or a `Network` stands for.

    Args:
        given: a `Network`; a string, which is the path of a file if it ends in `.toml` and an
            architecture otherwise; a `Path`, which has to end in `.toml`.
        wanted: what is allowed, for the message where something else is given.

    Raises:
        ArchitectureError: it is something else, or what it says is wrong.
        ExpressionError: a formula lies outside the grammar.
        FileError: the file cannot be read.
    """
    if isinstance(given, Network):
        return given
    if not isinstance(given, str | Path):
        raise unfit("the network", given, wanted, ArchitectureError)
    if str(given).endswith(SUFFIX):
        return load(given)
    if isinstance(given, Path):
        raise ArchitectureError(f"the path {path_shown(given)} does not end in {SUFFIX}; {wanted} is needed")
    return parse(given)


def to_string(network: Given) -> str:
    """The string that `parse` reads back to an equal network.

    Raises as `network_of` does, and
        ArchitectureError: a layer is of a kind that text cannot name.
    """
    return string_of(network_of(network))


def architecture_text(network: Network) -> str:
    """The string form of the network, or where text cannot name a layer, the Python form."""
    try:
        return string_of(network)
    except ArchitectureError:
        return repr(network)


def to_toml(network: Given) -> str:
    """The TOML text that `from_toml` reads back to an equal network; errors are those of `to_string`."""
    return toml_of(network_of(network))
