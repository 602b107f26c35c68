"""The command line. Bad input ends in one line and exit status 2; SymPy is loaded only when it is needed."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from symnet.cli.code_commands import differentiate, generate
from symnet.cli.console import Terminated, decimal, ended_by_signals, one_line, strange_code, whole, write_utf8
from symnet.cli.exercise_command import exercise
from symnet.cli.network_options import (
    ARCHITECTURE_HELP,
    at_option,
    choice,
    emit,
    expression_option,
    format_option,
    is_module,
    json_option,
    named,
    network_in,
    network_options,
    notation_option,
    number,
    old_word,
    output_option,
    read_given,
    read_network,
    read_profile,
    templates_option,
    wrt_option,
)
from symnet.cli.option_values import (
    ARCHITECTURE,
    EQUATION,
    FILE,
    SECTIONS,
    WEIGHT,
    Chosen,
    names_in,
    or_all,
    weights_of,
)
from symnet.support import LISTS, PAGE_DETAILS, PAGE_FORMS, PAGE_LEVELS, STANDARD, SymnetError, visible
from symnet.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from symnet.counts import NetworkCounts
    from symnet.network import Network


@click.group(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(VERSION, message="symnet %(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """From a neural network's architecture to its backpropagation: NumPy code, equations and checks."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def watched(label: str) -> dict[str, Any]:
    """What long work is told: to announce itself on standard error and, on a terminal, to show a bar there."""

    def progress_bar(steps: int) -> Any:
        return click.progressbar(length=steps, label=label, file=sys.stderr)

    bar = {"progress": progress_bar} if sys.stderr.isatty() else {}
    return {"announce": partial(click.echo, err=True), **bar}


GRADCHECK_HELP = f"""SUBJECT is a module that symnet generated (.py, or on standard input), which is run and so must be
trusted, or an architecture.
{ARCHITECTURE_HELP}

It sees entries that are wrong by 1e-4 of their size at random points; it cannot see a loss that is not what was meant,
nor entries below 1e-7 of the loss."""


@main.command(short_help="Compare gradients with central differences.", epilog=GRADCHECK_HELP)
@click.argument("subject", type=ARCHITECTURE, metavar="SUBJECT")
@number("--points", whole(1, 1000), "1..1000", 3, "How many random points to check at.")
@number("--rows", whole(1, 10_000), "1..10000", 5, "How many rows the batch has.")
@number("--seed", whole(0, 2**64 - 1), "WHOLE", 0, "Of all that is drawn.")
@number("--tolerance", decimal(1e-12, 1), "NUMBER", 1e-5, "The largest relative error that counts as agreement.")
@click.option(
    "--entries",
    type=or_all(whole(1, 10**9)),
    metavar="all|N",
    default=1_000,
    show_default=True,
    help="How many entries of each parameter to check at each point, drawn where it has more.",
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


@main.command(short_help="Print the equations forward and backward.", epilog=ARCHITECTURE_HELP)
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
    from symnet.support import templates_of

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


DERIVE_HELP = f"""{ARCHITECTURE_HELP}

Without --format the format follows the suffix of FILE; without -o the derivation is printed for the terminal."""


@main.command(short_help="Write the derivation of the gradients.", epilog=DERIVE_HELP)
@network_options
@choice("--form", "form", PAGE_FORMS, "index", "Unit by unit, for a general layer, or in matrices.")
@notation_option
@format_option
@choice("--level", "level", PAGE_LEVELS, "lecture", "Results alone, each factor of the chain rule, or the costs too.")
@old_word("--detail", "--level", Chosen("detail", tuple(PAGE_DETAILS)), PAGE_DETAILS)
@at_option
@number("--digits", whole(1, 15), "1..15", 3, "How many digits of the numbers are shown.")
@click.option("--counts", is_flag=True, help="Count the operations too.")
@click.option("--section", type=SECTIONS, help="Parts of the page alone, such as forward,backward [default: all].")
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
    from symnet.pages import read_values

    chosen = format_of(format_name, path)
    profile = read_profile(notation)
    network = read_network(architecture, **options)
    values = read_values(read_given(values_path), network, named(values_path)) if values_path else None
    page = derivation_page(
        network, profile, form=form, level=level, at=values, digits=digits, counts=counts, section=names_in(section)
    )
    emit(rendered_page(page, chosen, network, templates), path)


VERIFY_HELP = f"""{ARCHITECTURE_HELP}

EQUATION is LaTeX in the symbols of the notation, or the path of a LaTeX, Markdown or notebook file (.tex, .md, .ipynb),
of which every displayed equation is checked, or - for either on standard input: a document is what has something beside
a displayed equation, Markdown if it has headings or fences.
Exit status: 0 all right, 1 some wrong, 2 not understood or bad usage."""


@main.command(
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
    """Say of an equation whether it is right, and if not, what is wrong with it."""
    from symnet.api import verify as verify_equation
    from symnet.api import verify_file, verify_given
    from symnet.check import SUFFIXES
    from symnet.pages import read_values

    profile = read_profile(notation)
    network = read_network(architecture, **options)
    values = read_values(read_given(values_path), network, named(values_path)) if values_path else None
    if equation.lower().endswith(SUFFIXES):
        verification = verify_file(network, equation, profile, at=values)
    elif equation == STANDARD:
        verification = verify_given(network, read_given(equation), profile, at=values)
    else:
        verification = verify_equation(network, equation, profile, at=values)
    click.echo(verification.to_json() if as_json else str(verification))
    sys.exit(verification.exit_status)


@main.command(
    short_help="Count operations by each method.", epilog=f"Give an architecture or --expression. {ARCHITECTURE_HELP}"
)
@network_options
@expression_option(required=False)
@wrt_option
@click.option("--weight", "given", multiple=True, type=WEIGHT, help="What one operation costs, such as exp=20.")
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
    """The plot of operations against width and depth, for the network's first hidden activation and its loss."""
    from symnet.api import count as count_network
    from symnet.counts import growth, plot_counts
    from symnet.network import ActivatedLayer, parse

    first = network.layers[0]
    hidden = first.function.text if isinstance(first, ActivatedLayer) and len(network.layers) > 1 else None

    def measure(sizes: Sequence[int]) -> NetworkCounts:
        return count_network(parse("-".join(map(str, sizes)), hidden=hidden), weights, **watched("arrays"))

    plot_counts(path, *growth(measure, max(network.sizes), max(len(network.layers) - 1, 5)))
    click.echo(f"wrote {visible(path)}", err=True)


@main.command(name="list", short_help="List what there is to choose from.")
@click.argument("what", type=Chosen("list", LISTS), metavar="|".join(LISTS))
def list_(what: str) -> None:
    """List the activations, losses or layers with their formulas, the notations, formats, targets or exercises."""
    from symnet.cli.catalogue import catalogue

    click.echo(catalogue(what))


for _command in (generate, differentiate, exercise):
    main.add_command(_command)


def run() -> None:
    """The entry point: every error of the user's is one line, with exit status 2."""
    write_utf8()
    try:
        with ended_by_signals():
            main(standalone_mode=False)
    except SymnetError as error:
        _fail(str(error))
    except click.ClickException as error:
        _fail(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Terminated as ended:
        sys.exit(128 + ended.args[0])
    except BrokenPipeError:
        # The reader of the pipe has gone; Python would complain once more when it flushes at exit.
        _silence()
        sys.exit(1)
    except OSError as error:
        _silence()
        _fail(f"cannot write: {error.strerror or error}")
    except RecursionError:
        _fail("this takes more nested steps than Python allows; make the network or the formula smaller")
    except MemoryError:
        _fail("this takes more memory than there is; make the network or the formula smaller")


def _silence() -> None:
    """Send what standard output still holds nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str) -> None:
    click.echo(f"symnet: {one_line(message)}", err=True)
    sys.exit(2)
