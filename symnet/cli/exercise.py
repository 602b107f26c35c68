"""The command that writes exercises."""

from __future__ import annotations

import os
from typing import Any

import click

from symnet.cli.console import whole
from symnet.cli.network_options import (
    ARCHITECTURE_HELP,
    emit,
    format_option,
    network_options,
    notation_option,
    number,
    output_option,
    read_network,
    read_profile,
    templates_option,
)
from symnet.cli.option_values import EXERCISES, FILE, names_in
from symnet.support import STANDARD

EXERCISE_HELP = f"""{ARCHITECTURE_HELP}

The same seed gives the same exercises. `symnet list exercises` names the kinds; formats are chosen as for derive."""


@click.command(short_help="Write exercises with worked solutions.", epilog=EXERCISE_HELP)
@network_options
@notation_option
@number("--seed", whole(0, 10**18), "N", 0, "The seed of the random draws.")
@click.option("--count", type=whole(1, 50), metavar="N", help="How many exercises [default: one of each kind].")
@click.option("--kinds", type=EXERCISES, help="The kinds to draw from [default: all that suit the network].")
@format_option
@click.option("--solutions", "solutions_path", type=FILE, help="Write the exercises with their solutions too.")
@templates_option
@output_option
def exercise(
    architecture: str,
    notation: str,
    seed: int,
    count: int | None,
    kinds: str | None,
    format_name: str | None,
    solutions_path: str | None,
    templates: str | None,
    path: str | None,
    **options: Any,
) -> None:
    """Write a sheet of exercises, and if asked for the same with worked solutions."""
    from symnet.api import exercise_sheet, render_document
    from symnet.formats import format_of, render
    from symnet.templating import templates_of

    if solutions_path is not None and _place(solutions_path) == _place(path):
        raise click.UsageError("-o and --solutions name the same file")
    chosen = format_of(format_name, path)
    chosen_for_solutions = format_of(format_name, solutions_path)
    laid_out = templates_of(templates)
    profile = read_profile(notation)
    network = read_network(architecture, **options)
    sheet = exercise_sheet(network, profile, seed=seed, count=count, kinds=names_in(kinds))
    problems = render(sheet.problems, chosen, laid_out)
    worked = render_document(sheet.solutions, chosen_for_solutions, network, laid_out) if solutions_path else None
    laid_out.check_used(f"format {' or '.join(dict.fromkeys((chosen, chosen_for_solutions) if worked else (chosen,)))}")
    if worked is not None:
        emit(worked, solutions_path)
    emit(problems, path)


def _place(path: str | None) -> str:
    """Return the real path of an output, to find out whether two outputs are the same file; - for standard output."""
    if path is None or path == STANDARD:
        return STANDARD
    try:
        return os.path.realpath(path)
    except ValueError:
        return path
