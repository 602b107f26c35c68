"""The command line. Bad input gives a message of one line and exit status 2; SymPy is loaded only when needed."""

from __future__ import annotations

import os
import sys

import click

from symnet.cli.console import Terminated, ended_by_signals, one_line, write_utf8
from symnet.cli.count import count
from symnet.cli.derive import derive
from symnet.cli.differentiate import differentiate
from symnet.cli.equations import equations
from symnet.cli.exercise import exercise
from symnet.cli.generate import generate
from symnet.cli.gradcheck import gradcheck
from symnet.cli.lists import list_
from symnet.cli.verify import verify
from symnet.support import SymnetError
from symnet.version import VERSION


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


for _command in (generate, equations, derive, verify, count, differentiate, gradcheck, exercise, list_):
    main.add_command(_command)


def run() -> None:
    """The entry point: an error of the user is reported in one line, with exit status 2."""
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
        # The reader of the pipe has closed it; flushing at exit would raise again.
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
    """Discard what is still buffered for standard output."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str) -> None:
    click.echo(f"symnet: {one_line(message)}", err=True)
    sys.exit(2)
