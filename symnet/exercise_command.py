"""The command that writes exercises."""

from __future__ import annotations

import os
from typing import Any

import click

from symnet.console import whole
from symnet.network_options import ARCHITECTURE_HELP, emit, network_options, output_option, read_network
from symnet.option_values import names_in

EXERCISE_HELP = f"""{ARCHITECTURE_HELP}

The same seed gives the same exercises. `symnet list exercises` names the kinds; formats are chosen as for derive."""


@click.command(epilog=EXERCISE_HELP)
@network_options
@click.option("--notation", default="symnet", show_default=True, metavar="NAME|FILE.toml")
@click.option("--seed", type=whole(0, 10**18), default=0, show_default=True, metavar="N", help="Of all that is drawn.")
@click.option("--count", "number", type=whole(1, 50), metavar="N", help="How many [default: one of each kind].")
@click.option("--kinds", metavar="A,B", help="The kinds to draw from [default: all that suit the network].")
@click.option("--format", "format_name", metavar="NAME", help="See `symnet list formats`.")
@click.option("--solutions", "solutions_path", metavar="FILE", help="Write the exercises with their solutions too.")
@output_option
def exercise(
    architecture: str,
    notation: str,
    seed: int,
    number: int | None,
    kinds: str | None,
    format_name: str | None,
    solutions_path: str | None,
    path: str | None,
    **options: Any,
) -> None:
    """Write a sheet of exercises, and if asked for the same with worked solutions."""
    from symnet.document import format_of, render
    from symnet.notation.profile import load_notation
    from symnet.pipeline import exercise_sheet, render_document

    if solutions_path is not None and path is not None and os.path.realpath(solutions_path) == os.path.realpath(path):
        raise click.UsageError("-o and --solutions name the same file")
    chosen = format_of(format_name, path)
    chosen_for_solutions = format_of(format_name, solutions_path)
    profile = load_notation(notation)
    network = read_network(architecture, **options)
    sheet = exercise_sheet(network, profile, seed=seed, count=number, kinds=names_in(kinds))
    problems = render(sheet.problems, chosen)
    if solutions_path is not None:
        emit(render_document(sheet.solutions, chosen_for_solutions, network), solutions_path)
    emit(problems, path)
