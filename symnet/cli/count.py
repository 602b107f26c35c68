"""The command that counts operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from symnet.cli.console import watched
from symnet.cli.network_options import (
    ARCHITECTURE_HELP,
    expression_option,
    json_option,
    network_options,
    read_network,
    wrt_option,
)
from symnet.cli.option_values import (
    FILE,
    WEIGHT,
    names_in,
    weights_of,
)
from symnet.support import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from symnet.counts import NetworkCounts
    from symnet.network import Network


@click.command(
    short_help="Count operations by each method.", epilog=f"Give an architecture or --expression. {ARCHITECTURE_HELP}"
)
@network_options
@expression_option(required=False)
@wrt_option
@click.option("--weight", "given", multiple=True, type=WEIGHT, help="The weight of an operation, such as exp=20.")
@click.option("--plot", type=FILE, help="Draw operations against width and depth, up to those of the network.")
@json_option
def count(
    architecture: str | None,
    expression: str | None,
    wrt: str | None,
    given: tuple[str, ...],
    plot: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Count operations: brute force, forward mode and the reverse sweep, each with shared subexpressions."""
    if (architecture is None) == (expression is None):
        raise click.UsageError("give either an architecture or --expression")
    from symnet.api import count as count_network
    from symnet.api import count_expression
    from symnet.counts import check_plot, counts_json, expression_counts_text, network_counts_text

    weights = weights_of(given)
    if expression is not None:
        given_too = [f"--{name}" for name, value in {"plot": plot, **options}.items() if value is not None]
        if given_too:
            raise click.UsageError(f"{given_too[0]} goes with an architecture")
        counted = count_expression(expression, names_in(wrt), weights)
        click.echo(counts_json(counted) if as_json else expression_counts_text(expression, counted))
        return
    if wrt is not None:
        raise click.UsageError("--wrt goes with --expression; an architecture is differentiated by all parameters")
    network = read_network(str(architecture), **options)
    if plot:
        check_plot(plot)
    counts = count_network(network, weights, **watched("arrays"))
    if plot:
        draw(plot, network, weights)
    click.echo(counts_json(counts) if as_json else network_counts_text(visible(network.title), counts))


def draw(path: str, network: Network, weights: dict[str, float]) -> None:
    """Plot operations against width and depth, for networks with this one's first hidden activation."""
    from symnet.api import count as count_network
    from symnet.counts import growth, plot_counts
    from symnet.network import Activated, parse

    first = network.layers[0]
    hidden = first.function.text if isinstance(first, Activated) and len(network.layers) > 1 else None

    def measure(sizes: Sequence[int]) -> NetworkCounts:
        return count_network(parse("-".join(map(str, sizes)), hidden=hidden), weights, **watched("arrays"))

    plot_counts(path, *growth(measure, max(network.sizes), max(len(network.layers) - 1, 5)))
    click.echo(f"wrote {visible(path)}", err=True)
