"""The command that writes a module of a user's function."""

from __future__ import annotations

import click

from symnet.cli.network_options import (
    emit,
    expression_option,
    output_option,
    target_option,
    templates_option,
    wrt_option,
)
from symnet.cli.option_values import names_in


@click.command(short_help="Differentiate a function of your own.")
@expression_option(required=True)
@wrt_option
@target_option
@click.option("--hessian", is_flag=True, help="The second derivatives too.")
@templates_option
@output_option
def differentiate(
    expression: str, wrt: str | None, target: str, hessian: bool, templates: str | None, path: str | None
) -> None:
    """Write a module with a function of your own, its gradient and, if asked for, its Hessian."""
    from symnet.api import differentiate as differentiate_function

    source = differentiate_function(expression, names_in(wrt), target=target, hessian=hessian, templates=templates)
    emit(source, path)
