"""The command that writes a module of a network."""

from __future__ import annotations

from typing import Any

import click

from symnet.cli.network_options import (
    ARCHITECTURE_HELP,
    choice,
    emit,
    network_options,
    output_option,
    read_network,
    target_option,
    templates_option,
    told,
    was_given,
)
from symnet.cli.option_values import Chosen
from symnet.support import ACCURACIES, DTYPES, MODULE_FORMS, OPTIMIZATIONS


@click.command(short_help="Write a module with functions and gradients.", epilog=ARCHITECTURE_HELP)
@network_options
@choice("--dtype", "dtype", DTYPES, "float64", "The type of parameters, inputs and results.")
@click.option("--forward-only", is_flag=True, help="Leave the gradients out; step and sign need it.")
@target_option
@click.option("--form", type=Chosen("form", MODULE_FORMS), hidden=True, help="An old name of --target.")
@click.option("--optimize", type=Chosen("optimization", OPTIMIZATIONS), hidden=True, help="An old name of --target.")
@choice("--accuracy", "accuracy", ACCURACIES, "fast", "Derivatives for speed, or for full precision of every entry.")
@templates_option
@output_option
def generate(
    architecture: str,
    dtype: str,
    forward_only: bool,
    target: str,
    form: str | None,
    optimize: str | None,
    accuracy: str,
    templates: str | None,
    path: str | None,
    **options: Any,
) -> None:
    """Write a module with the network's functions and their gradients, which imports NumPy only."""
    from symnet.api import generate as generate_module
    from symnet.targets import old_target, target_of

    old = {"--form": form, "--optimize": optimize}
    given = [option for option, word in old.items() if word is not None]
    if given and was_given("target"):
        raise click.UsageError(f"{given[0]} is now --target; give one of them")
    chosen = old_target(form, optimize) if given else target_of(target)
    network = read_network(architecture, **options)
    source = generate_module(
        network,
        dtype=dtype,
        forward_only=forward_only,
        target=chosen,
        accuracy=accuracy,
        templates=templates,
    )
    emit(source, path)
    for option in given:
        told(option, "--target", chosen.name)
