"""The command that lists the available choices."""

from __future__ import annotations

import click

from symnet.cli.option_values import (
    Chosen,
)
from symnet.support import LISTS


@click.command(name="list", short_help="List the available choices.")
@click.argument("what", type=Chosen("list", LISTS), metavar="|".join(LISTS))
def list_(what: str) -> None:
    """List the activations, losses or layers with their formulas, the notations, formats, targets or exercises."""
    from symnet.cli.catalogue import catalogue

    click.echo(catalogue(what))
