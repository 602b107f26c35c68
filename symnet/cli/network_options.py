"""The common parts of the commands: options that describe a network, reading of input, and writing of output."""

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
    """Add the argument ARCHITECTURE and the options that complete its string."""
    options = (
        click.argument("architecture", required=command.__name__ != "count", type=ARCHITECTURE),
        click.option("--hidden", type=ACTIVATION, help="Activation of the hidden layers [default: sigmoid]."),
        click.option("--output", type=ACTIVATION, help="Activation of the output [default: what the loss brings]."),
        click.option("--loss", type=LOSS, help="The loss [default: half_squared_error]."),
        click.option(
            "--reduction",
            type=Chosen("reduction", REDUCTIONS),
            help="Mean or sum over the losses of a batch [default: mean].",
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
    """Return the network that the command line describes."""
    from symnet.network import load, parse

    if architecture == STANDARD:
        return network_in(read_given(architecture), **options)
    if not architecture.endswith(".toml"):
        return parse(architecture, **options)
    _check_alone(architecture, options)
    return load(architecture)


def network_in(text: str, **options: Any) -> Network:
    """Return the network that standard input describes: by a string, which begins with a digit, or as TOML."""
    from symnet.network import from_toml, parse

    if text.strip()[:1].isdigit():
        return parse(text.strip(), **options)
    _check_alone(STANDARD, options)
    try:
        return from_toml(text)
    except SymnetError as error:
        raise located(error, named(STANDARD)) from None


def is_module(text: str) -> bool:
    """Whether a text is a module, not an architecture: the first line that is no comment begins a docstring."""
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    return first.startswith(('"""', "'''"))


def _check_alone(architecture: str, options: dict[str, Any]) -> None:
    """Check that no network option is combined with a TOML file, which contains them all.

    Raises:
        OptionError: one is.
    """
    given = [f"--{option}" for option, value in options.items() if value is not None]
    if given:
        raise OptionError(f"{given[0]} does not go with a TOML file; write it into {named(architecture)}")


def read_given(path: str) -> str:
    """Return the text of a file, or of standard input if the path is `-`.

    Raises:
        FileError: it cannot be read.
    """
    from symnet.support import read_standard_input, read_text

    return read_standard_input() if path == STANDARD else read_text(path)


def read_numbers(path: str | None, network: Network) -> Values | None:
    """Return the numbers of `--at` for a network; None if the option is not given."""
    from symnet.pages import read_values

    return read_values(read_given(path), network, named(path)) if path else None


def named(path: str) -> str:
    """Return the name of an input file for messages."""
    return "standard input" if path == STANDARD else path_shown(path)


def emit(text: str, path: str | None) -> None:
    """Write a text to a file (atomically), or to standard output if the path is None or `-`.

    Raises:
        FileError: the file cannot be written, or would shadow a module as in `check_module_name`.
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
    """Check that a file would not shadow a module that generated modules or NumPy import.

    Raises:
        FileError: it would.
    """
    file = Path(path)
    name = file.resolve().parent.name if file.name == "__init__.py" else file.stem
    if file.suffix == ".py" and name in IMPORTED:
        taken = f"Python would import it in place of the module {name}; choose another name"
        raise FileError(f"cannot write {path_shown(path)}: {taken}")


def read_profile(notation: str) -> Notation:
    """Return the notation given by a name, by the path of a file, or by `-` for standard input."""
    from symnet.notation import load_notation, read_notation

    return read_notation(read_given(notation), named(notation)) if notation == STANDARD else load_notation(notation)


def choice(option: str, what: str, names: Sequence[str], default: str, about: str) -> Callable[[Command], Command]:
    """Return an option that takes one of a few names."""
    return click.option(option, type=Chosen(what, names), default=default, show_default=True, help=about)


def was_given(name: str) -> bool:
    """Whether an option of the command that runs was given, by the name of its argument."""
    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE


def told(old: str, new: str, value: str) -> None:
    """Say on standard error that an option is deprecated, and what replaces it."""
    click.echo(f"{old} is now {new}: {new} {value}", err=True)


def old_word(
    old: str, new: str, kind: click.ParamType[str], meant: Mapping[str, str] | None = None
) -> Callable[[Command], Command]:
    """Return a hidden option by a deprecated name, which works and names the new option on standard error.

    Args:
        old: the deprecated name, such as `--detail`.
        new: the name of the new option, which the command has.
        kind: the type of the values of the old option.
        meant: the new values by the old ones; values that are not in it are unchanged.
    """
    name, own = new.removeprefix("--"), f"old_{old.removeprefix('--')}"

    def decorate(command: Command) -> Command:
        @wraps(command)
        def called(*arguments: Any, **options: Any) -> Any:
            given = options.pop(own)
            if given is None:
                return command(*arguments, **options)
            if was_given(name):
                raise click.UsageError(f"{old} is now {new}; give one of them")
            options[name] = (meant or {}).get(given, given)
            result = command(*arguments, **options)
            # After the command, so that an error message stays a single line.
            told(old, new, options[name])
            return result

        add = click.option(old, own, type=kind, hidden=True, help=f"The old name of {new}.")
        return cast("Command", add(called))

    return decorate


def number(
    option: str, kind: Callable[[Any], int | float], metavar: str, default: float, about: str
) -> Callable[[Command], Command]:
    """Return an option that takes a number."""
    return click.option(option, type=kind, metavar=metavar, default=default, show_default=True, help=about)


output_option = click.option("-o", "path", type=FILE, help="Where to write [default: -, standard output].")
notation_option = click.option(
    "--notation",
    type=NOTATION,
    default="symnet",
    show_default=True,
    help="The notation; see `symnet list notations`.",
)
format_option = click.option(
    "--format",
    "format_name",
    type=FORMAT,
    help="The format; see `symnet list formats` [default: by the suffix of FILE].",
)
json_option = click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
at_option = click.option(
    "--at", "values_path", type=VALUES, help="A file of numbers to put into the equations, or to check them at."
)
wrt_option = click.option("--wrt", metavar="x,y", help="The variables to differentiate by [default: all].")
target_option = click.option(
    "--target", type=TARGET, default="numpy", show_default=True, help="The kind of code; see `symnet list targets`."
)


def expression_option(*, required: bool) -> Callable[[Command], Command]:
    """Return the option `--expression`, a function in place of an architecture."""
    about = "A function of your own, such as sqrt(x**2 + exp(x**2))."

    def alone(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> str | None:
        if len(given) > 1:
            raise click.UsageError(f"--expression is given {len(given)} times; one function is taken")
        return given[0] if given else None

    # click takes the last of several without a word.
    return click.option("--expression", required=required, metavar="FORMULA", help=about, multiple=True, callback=alone)


templates_option = click.option(
    "--templates", type=TEMPLATES, help="A folder of templates that replace symnet's; see docs/templates.md."
)
