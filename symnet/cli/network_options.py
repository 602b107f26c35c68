"""What the commands share: the options that describe a network, and where a text is put."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click
from click.core import ParameterSource

from symnet.cli.console import decimal
from symnet.cli.option_values import (
    ACTIVATION,
    ARCHITECTURE,
    FILE,
    FORMAT,
    LOSS,
    NOTATION,
    TARGET,
    TEMPLATES,
    VALUES,
    Chosen,
)
from symnet.support import REDUCTIONS, STANDARD, FileError, OptionError, SymnetError, located, path_shown, visible

if TYPE_CHECKING:
    from symnet.network import Network
    from symnet.notation import Notation
    from symnet.pages import Values

Command = TypeVar("Command", bound=Callable[..., Any])

ARCHITECTURE_HELP = """ARCHITECTURE is a string such as 2-2-1, 2-8-8-1:tanh,tanh,identity or
"2-8-1;loss=huber(delta=0.5)", the path of a TOML file, or - for standard input."""

IMPORTED = sys.stdlib_module_names | {"numpy", "scipy", "symnet", "sitecustomize", "usercustomize"}
"""Modules that a file of the same name would be imported in place of."""


def network_options(command: Command) -> Command:
    """An architecture, and the options that complete its string."""
    options = (
        click.argument("architecture", required=command.__name__ != "count", type=ARCHITECTURE),
        click.option("--hidden", type=ACTIVATION, help="Activation of the hidden layers [default: sigmoid]."),
        click.option("--output", type=ACTIVATION, help="Activation of the output [default: what the loss brings]."),
        click.option("--loss", type=LOSS, help="The loss [default: half_squared_error]."),
        click.option(
            "--reduction",
            type=Chosen("reduction", REDUCTIONS),
            help="Of the losses of a batch, over its rows [default: mean].",
        ),
        click.option(
            "--l1", type=decimal(0, 1e300), metavar="NUMBER", help="Penalty l1*Sum(|W|) on the weights [default: 0]."
        ),
        click.option(
            "--l2", type=decimal(0, 1e300), metavar="NUMBER", help="Penalty l2/2*Sum(W**2) on the weights [default: 0]."
        ),
        click.option("--name", help="A title for the network."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def read_network(architecture: str, **options: Any) -> Network:
    """The network that the command line describes."""
    from symnet.network import load, parse

    if architecture == STANDARD:
        return network_in(read_given(architecture), **options)
    if not architecture.endswith(".toml"):
        return parse(architecture, **options)
    _check_alone(architecture, options)
    return load(architecture)


def network_in(text: str, **options: Any) -> Network:
    """The network that standard input describes: by a string, which begins with the number of inputs, or as TOML."""
    from symnet.network import from_toml, parse

    if text.strip()[:1].isdigit():
        return parse(text.strip(), **options)
    _check_alone(STANDARD, options)
    try:
        return from_toml(text)
    except SymnetError as error:
        raise located(error, named(STANDARD)) from None


def is_module(text: str) -> bool:
    """Whether a text is a module that symnet generated: below comments it begins with what it says of itself."""
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    return first.startswith(('"""', "'''"))


def _check_alone(architecture: str, options: dict[str, Any]) -> None:
    """Raise if an option is given beside a TOML file, which says all of it itself."""
    given = [f"--{option}" for option, value in options.items() if value is not None]
    if given:
        raise OptionError(f"{given[0]} does not go with a TOML file; write it into {named(architecture)}")


def read_given(path: str) -> str:
    """The text of a file, or of standard input where the path is `-`.

    Raises:
        FileError: it cannot be read.
    """
    from symnet.support import read_standard_input, read_text

    return read_standard_input() if path == STANDARD else read_text(path)


def read_numbers(path: str | None, network: Network) -> Values | None:
    """The numbers of `--at` for a network; None where no file is given."""
    from symnet.pages import read_values

    return read_values(read_given(path), network, named(path)) if path else None


def named(path: str) -> str:
    """How a message calls what is read."""
    return "standard input" if path == STANDARD else path_shown(path)


def emit(text: str, path: str | None) -> None:
    """Put the text where the user asked for it: into a file, whole or not at all, or to standard output.

    Raises:
        FileError: the file cannot be written, or Python would import it in place of a module of its own.
    """
    from symnet.support import write_text

    if path in (None, STANDARD):
        click.echo(text, nl=False)
        sys.stdout.flush()
    else:
        check_module_name(str(path))
        write_text(str(path), text)
        click.echo(f"wrote {visible(str(path))}", err=True)


def check_module_name(path: str) -> None:
    """Refuse a file that would be imported in place of a module that generated modules, or NumPy, import."""
    file = Path(path)
    name = file.resolve().parent.name if file.name == "__init__.py" else file.stem
    if file.suffix == ".py" and name in IMPORTED:
        taken = f"Python would import it in place of the module {name}; choose another name"
        raise FileError(f"cannot write {path_shown(path)}: {taken}")


def read_profile(notation: str) -> Notation:
    """The notation of a name, of a file, or of standard input where it is `-`."""
    from symnet.notation import load_notation, read_notation

    return read_notation(read_given(notation), named(notation)) if notation == STANDARD else load_notation(notation)


def choice(option: str, what: str, names: Sequence[str], default: str, about: str) -> Callable[[Command], Command]:
    """An option that takes one of a few names."""
    return click.option(option, type=Chosen(what, names), default=default, show_default=True, help=about)


def told(old: str, new: str, value: str) -> None:
    """Say on standard error that an option has another name now, and what is to be written for it."""
    click.echo(f"{old} is now {new}: {new} {value}", err=True)


def old_word(
    old: str, new: str, kind: click.ParamType[str], meant: Mapping[str, str] | None = None
) -> Callable[[Command], Command]:
    """An option by its old name, which the help leaves out: it works, and says what the new one is.

    Args:
        old: the old name, such as `--detail`.
        new: the new one, which the command has.
        kind: of the values that the old one took.
        meant: what these are called now, where that differs.
    """
    name, own = new.removeprefix("--"), f"old_{old.removeprefix('--')}"

    def decorate(command: Command) -> Command:
        @wraps(command)
        def called(*arguments: Any, **options: Any) -> Any:
            given = options.pop(own)
            if given is None:
                return command(*arguments, **options)
            if click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE:
                raise click.UsageError(f"{old} is now {new}; give one of them")
            options[name] = (meant or {}).get(given, given)
            result = command(*arguments, **options)
            # Last, so that a refusal is one line.
            told(old, new, options[name])
            return result

        add = click.option(old, own, type=kind, hidden=True, help=f"The old name of {new}.")
        return cast("Command", add(called))

    return decorate


def number(
    option: str, kind: Callable[[Any], int | float], metavar: str, default: float, about: str
) -> Callable[[Command], Command]:
    """An option that takes a number."""
    return click.option(option, type=kind, metavar=metavar, default=default, show_default=True, help=about)


output_option = click.option("-o", "path", type=FILE, help="Where to write [default: -, standard output].")
notation_option = click.option(
    "--notation",
    type=NOTATION,
    default="symnet",
    show_default=True,
    help="Whose letters it is written in; see `symnet list notations`.",
)
format_option = click.option(
    "--format",
    "format_name",
    type=FORMAT,
    help="What is written; see `symnet list formats` [default: by the suffix of FILE].",
)
json_option = click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
at_option = click.option(
    "--at", "values_path", type=VALUES, help="Numbers to work it through with, or to judge it at, from this file."
)
wrt_option = click.option("--wrt", metavar="x,y", help="The variables to differentiate by [default: all].")
target_option = click.option(
    "--target", type=TARGET, default="numpy", show_default=True, help="What code is written; see `symnet list targets`."
)


def expression_option(*, required: bool) -> Callable[[Command], Command]:
    """The option that gives a function of one's own in place of an architecture."""
    about = "A function of your own, such as sqrt(x**2 + exp(x**2))."
    return click.option("--expression", required=required, metavar="FORMULA", help=about)


templates_option = click.option(
    "--templates", type=TEMPLATES, help="Templates that take the place of symnet's; see docs/templates.md."
)
