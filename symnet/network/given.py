"""A network in any accepted form: `network_of`, and the string and TOML of a network."""

from __future__ import annotations

from pathlib import Path

from symnet.network.network import Network
from symnet.network.string import parse, string_of
from symnet.network.toml import load, toml_of
from symnet.support import ArchitectureError, path_shown, unfit

SUFFIX = ".toml"
"""The suffix of a network's file; a string without it is an architecture."""

WANTED = "an architecture string, the path of a .toml file (str or Path) or a Network"


Given = Network | str | Path
"""The argument type for a network in every public function."""


def network_of(given: Given, wanted: str = WANTED) -> Network:
    """The network given by a string, the path of a TOML file or a `Network`.

    Args:
        given: a `Network`; a string, which is the path of a file if it ends in `.toml` and an
            architecture otherwise; a `Path`, which has to end in `.toml`.
        wanted: what is allowed, for the error message.

    Raises:
        ArchitectureError: the argument is of another type, or the description is wrong.
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
    """The string form of a network, which `parse` reads back to an equal one.

    Raises as `network_of` does, and
        ArchitectureError: a layer has a kind that exists in Python only.

    >>> symnet.to_string("2-2-1")
    '2-2-1:sigmoid,identity'
    """
    return string_of(network_of(network))


def architecture_text(network: Network) -> str:
    """The string form of the network, or where text cannot name a layer, the Python form."""
    try:
        return string_of(network)
    except ArchitectureError:
        return repr(network)


def to_toml(network: Given) -> str:
    """The TOML form of a network, which `from_toml` reads back to an equal one. Raises as `to_string` does.

    >>> print(symnet.to_toml("2-1"), end="")
    [network]
    inputs = 2
    loss = "half_squared_error"
    reduction = "mean"
    <BLANKLINE>
    [[layers]]
    kind = "dense"
    units = 1
    activation = "identity"
    """
    return toml_of(network_of(network))
