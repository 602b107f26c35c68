"""The command that writes a derivation."""

from __future__ import annotations

from typing import Any

import click

from symnet.cli.console import whole
from symnet.cli.network_options import (
    ARCHITECTURE_HELP,
    at_option,
    choice,
    emit,
    format_option,
    network_options,
    notation_option,
    number,
    old_word,
    output_option,
    read_network,
    read_numbers,
    read_profile,
    templates_option,
    was_given,
)
from symnet.cli.option_values import (
    SECTIONS,
    Chosen,
    names_in,
)
from symnet.support import PAGE_DETAILS, PAGE_FORMS, PAGE_LEVELS

DERIVE_HELP = f"""{ARCHITECTURE_HELP}

Without --format the format follows the suffix of FILE; without -o the derivation is printed for the terminal."""


@click.command(short_help="Write the derivation of the gradients.", epilog=DERIVE_HELP)
@network_options
@choice("--form", "form", PAGE_FORMS, "index", "Unit by unit, for a general layer, or for whole matrices.")
@notation_option
@format_option
@choice("--level", "level", PAGE_LEVELS, "lecture", "Results alone, each factor of the chain rule, or the costs too.")
@old_word("--detail", "--level", Chosen("detail", tuple(PAGE_DETAILS)), PAGE_DETAILS)
@at_option
@number("--digits", whole(1, 15), "1..15", 3, "The significant digits of numbers.")
@click.option("--counts", is_flag=True, help="Count the operations too.")
@click.option("--section", type=SECTIONS, help="The parts of the page, such as forward,backward [default: all].")
@templates_option
@output_option
def derive(
    architecture: str,
    form: str,
    notation: str,
    format_name: str | None,
    level: str,
    values_path: str | None,
    digits: int,
    counts: bool,
    section: str | None,
    templates: str | None,
    path: str | None,
    **options: Any,
) -> None:
    """Write the derivation of the gradients: for a page, a slide, a notebook, the web or the terminal."""
    from symnet.api import derivation_page, rendered_page
    from symnet.formats import format_of

    if was_given("digits") and values_path is None:
        raise click.UsageError("--digits goes with --at; without numbers a page has none to show")
    chosen = format_of(format_name, path)
    profile = read_profile(notation)
    network = read_network(architecture, **options)
    values = read_numbers(values_path, network)
    page = derivation_page(
        network, profile, form=form, level=level, at=values, digits=digits, counts=counts, section=names_in(section)
    )
    emit(rendered_page(page, chosen, network, templates), path)
