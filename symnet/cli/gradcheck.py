"""The command that compares gradients with differences."""

from __future__ import annotations

import sys
from typing import Any

import click

from symnet.cli.console import decimal, strange_code, watched, whole
from symnet.cli.network_options import (
    ARCHITECTURE_HELP,
    is_module,
    json_option,
    named,
    network_in,
    number,
    read_given,
    read_network,
)
from symnet.cli.option_values import (
    ARCHITECTURE,
    or_all,
)
from symnet.support import STANDARD

GRADCHECK_HELP = f"""SUBJECT is a module that symnet generated (.py, or on standard input), which is run and so must be
trusted, or an architecture.
{ARCHITECTURE_HELP}

It detects entries that are wrong by 1e-4 of their size at random points; it cannot detect a wrong loss, nor errors of
entries below 1e-7 of the loss."""


@click.command(short_help="Compare gradients with central differences.", epilog=GRADCHECK_HELP)
@click.argument("subject", type=ARCHITECTURE, metavar="SUBJECT")
@number("--points", whole(1, 1000), "1..1000", 3, "The number of random points.")
@number("--rows", whole(1, 10_000), "1..10000", 5, "The number of rows of the batch.")
@number("--seed", whole(0, 2**64 - 1), "WHOLE", 0, "The seed of the random draws.")
@number("--tolerance", decimal(1e-12, 1), "NUMBER", 1e-5, "The largest relative error that counts as agreement.")
@click.option(
    "--entries",
    type=or_all(whole(1, 10**9)),
    metavar="all|N",
    default=1_000,
    show_default=True,
    help="The entries of each parameter to check at each point, drawn at random if it has more.",
)
@json_option
def gradcheck(
    subject: str, points: int, rows: int, seed: int, tolerance: float, entries: int | None, as_json: bool
) -> None:
    """Compare every gradient with central differences; exit status 1 if they disagree."""
    from symnet.api import gradcheck as check

    options: dict[str, Any] = {"points": points, "rows": rows, "seed": seed, "tolerance": tolerance, "entries": entries}
    options |= watched("differences")
    source = read_given(subject) if subject == STANDARD or subject.endswith(".py") else None
    if source is not None and (subject != STANDARD or is_module(source)):
        from symnet.support import module_from_source

        # What a module names itself and its parameters is its own too, so the report is written inside.
        with strange_code(named(subject)):
            report = check(module_from_source(source, "symnet_subject"), **options)
            text = report.to_json() if as_json else str(report)
    else:
        report = check(read_network(subject) if source is None else network_in(source), **options)
        text = report.to_json() if as_json else str(report)
    click.echo(text)
    sys.exit(0 if report else 1)
