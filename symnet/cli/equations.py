"""The command that prints the equations."""

from __future__ import annotations

from typing import Any

import click

from symnet.cli.network_options import (
    ARCHITECTURE_HELP,
    emit,
    json_option,
    network_options,
    output_option,
    read_network,
    templates_option,
)


@click.command(short_help="Print the equations forward and backward.", epilog=ARCHITECTURE_HELP)
@network_options
@click.option("--backward", is_flag=True, help="The equations of the gradients too.")
@click.option("--latex", is_flag=True, help="As LaTeX, for a page that has amsmath or MathJax.")
@json_option
@templates_option
@output_option
def equations(
    architecture: str,
    backward: bool,
    latex: bool,
    as_json: bool,
    templates: str | None,
    path: str | None,
    **options: Any,
) -> None:
    """Print the program: the equations forward and backward, with their shapes."""
    from symnet.pages import listing_latex, listing_program, program_json, program_text
    from symnet.templating import templates_of

    if latex and as_json:
        raise click.UsageError("--latex and --json are two formats; one is enough")
    if templates is not None and as_json:
        raise click.UsageError("--templates does not go with --json, which is written without templates")
    network = read_network(architecture, **options)
    laid_out = templates_of(templates)
    if latex:
        text = listing_latex(network, backward=backward, templates=laid_out)
    elif as_json:
        text = program_json(network, listing_program(network, backward=backward))
    else:
        text = program_text(network, listing_program(network, backward=backward), laid_out)
    laid_out.check_used("what equations prints")
    emit(f"{text}\n", path)
