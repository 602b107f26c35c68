"""What the commands share: the options that describe a network, and where a text is put."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from symnet.console import decimal
from symnet.errors import ArchitectureError
from symnet.names import shown

if TYPE_CHECKING:
    from symnet.architecture import Network

Command = TypeVar("Command", bound=Callable[..., Any])

ARCHITECTURE_HELP = """ARCHITECTURE is a string such as 2-2-1, 2-8-8-1:tanh,tanh,identity or
"2-8-1;loss=huber(delta=0.5)", or the path of a TOML file."""


def network_options(command: Command) -> Command:
    """An architecture, and the options that complete its string."""
    options = (
        click.argument("architecture", required=command.__name__ != "count"),
        click.option("--hidden", metavar="NAME|FORMULA", help="Activation of the hidden layers [default: sigmoid]."),
        click.option("--output", metavar="NAME|FORMULA", help="Activation of the output [default: of the loss]."),
        click.option("--loss", metavar="NAME|FORMULA", help="The loss [default: half_squared_error]."),
        click.option("--reduction", metavar="mean|sum", help="Over the rows of a batch [default: mean]."),
        click.option("--l1", type=decimal(0, 1e300), metavar="NUMBER", help="Penalty l1*Sum(|W|) on the weights."),
        click.option("--l2", type=decimal(0, 1e300), metavar="NUMBER", help="Penalty l2/2*Sum(W**2) on the weights."),
        click.option("--name", help="A title for the network."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def read_network(architecture: str, **options: Any) -> Network:
    """The network that the command line describes."""
    from symnet.architecture import load, parse

    if not architecture.endswith(".toml"):
        return parse(architecture, **options)
    given = [f"--{option}" for option, value in options.items() if value is not None]
    if given:
        raise ArchitectureError(f"{given[0]} does not go with a TOML file; write it into {shown(architecture)}")
    return load(architecture)


def emit(text: str, path: str | None) -> None:
    """Put the text where the user asked for it: into a file, whole or not at all, or to standard output."""
    from symnet.files import write_text

    if path is None:
        click.echo(text, nl=False)
        sys.stdout.flush()
    else:
        write_text(path, text)
        click.echo(f"wrote {shown(path)[1:-1]}", err=True)


output_option = click.option("-o", "path", metavar="FILE", help="Where to write [default: standard output].")
