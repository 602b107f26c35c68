"""The command that checks equations."""

from __future__ import annotations

import sys
from typing import Any

import click

from symnet.cli.network_options import (
    ARCHITECTURE_HELP,
    at_option,
    json_option,
    network_options,
    notation_option,
    read_given,
    read_network,
    read_numbers,
    read_profile,
)
from symnet.cli.option_values import (
    EQUATION,
)
from symnet.support import STANDARD

VERIFY_HELP = f"""{ARCHITECTURE_HELP}

EQUATION is LaTeX in the symbols of the notation, or the path of a LaTeX, Markdown or notebook file (.tex, .md, .ipynb),
of which every displayed equation is checked, or - for either on standard input. Standard input with anything beside a
displayed equation is a document, and Markdown if it has headings or code fences.
Exit status: 0 all right, 1 some wrong, 2 not understood or bad usage."""


@click.command(
    short_help="Say whether an equation is right.",
    epilog=VERIFY_HELP,
    context_settings={"ignore_unknown_options": True},
)
@network_options
@click.argument("equation", type=EQUATION)
@notation_option
@at_option
@json_option
def verify(
    architecture: str, equation: str, notation: str, values_path: str | None, as_json: bool, **options: Any
) -> None:
    """Check whether an equation is right, and if not, say what is wrong with it."""
    from symnet.api import verify as verify_equation
    from symnet.api import verify_file, verify_given
    from symnet.check import SUFFIXES

    profile = read_profile(notation)
    network = read_network(architecture, **options)
    values = read_numbers(values_path, network)
    if equation.lower().endswith(SUFFIXES):
        verification = verify_file(network, equation, profile, at=values)
    elif equation == STANDARD:
        verification = verify_given(network, read_given(equation), profile, at=values)
    else:
        verification = verify_equation(network, equation, profile, at=values)
    click.echo(verification.to_json() if as_json else str(verification))
    sys.exit(verification.exit_status)
