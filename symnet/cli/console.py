"""Helpers of the commands: strict reading of numbers, error output, and clean termination by signals."""

from __future__ import annotations

import io
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from types import FrameType
from typing import Any

import click

from symnet.support import GradcheckError, SymnetError, shown, visible

MAX_MESSAGE = 2_000
"""The largest length of an error message; longer ones are shortened in the middle."""

_WHOLE = re.compile(r"[0-9]{1,20}", re.ASCII)
_NUMBER = re.compile(r"([0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?", re.ASCII)


def whole(least: int, most: int) -> Callable[[str | int], int]:
    """Return the type of an option for an integer in ASCII digits; `int` would accept any script's, and `1_0`."""

    def number(given: str | int) -> int:
        found = int(given) if isinstance(given, int) or _WHOLE.fullmatch(given) else None
        if found is None or not least <= found <= most:
            raise click.BadParameter(f"{shown(given)} is not a whole number from {least:,} to {most:,}.")
        return found

    return number


def decimal(least: float, most: float) -> Callable[[str | float], float]:
    """Return the type of an option for a decimal number in ASCII, without `nan`, `inf` and `1_0`."""

    def number(given: str | float) -> float:
        found = float(given) if not isinstance(given, str) or _NUMBER.fullmatch(given) else None
        if found == 0 and Decimal(given) != 0:
            found = None  # a nonzero number that underflows
        if found is None or not least <= found <= most:
            raise click.BadParameter(f"{shown(given)} is not a number from {least:g} to {most:g}.")
        return found

    return number


def one_line(message: str) -> str:
    """Return a message on one line, with control characters escaped: it may quote untrusted text."""
    line = visible(" ".join(message.split()))
    half = MAX_MESSAGE // 2
    return line if len(line) <= MAX_MESSAGE else f"{line[:half]} ... {line[-half:]}"


def write_utf8() -> None:
    """Let standard output accept every character.

    Files and pipes get UTF-8, like `-o`, whatever the code page of Windows; a terminal shows characters that it lacks
    as escapes.
    """
    stream = sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")


class Terminated(BaseException):
    """Raised by a terminating signal, whose number it carries, so that temporary files are removed."""


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise `Terminated` in the body, like Ctrl-C, unless they have a handler already."""

    def end(number: int, frame: FrameType | None) -> None:
        raise Terminated(number)

    names = ("SIGTERM", "SIGHUP") if threading.current_thread() is threading.main_thread() else ()
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    taken = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def strange_code(where: str) -> Iterator[None]:
    """Run untrusted code in the body, and report any exception of it in one line.

    It may raise any exception, also `SystemExit`; only terminating signals and Ctrl-C pass through.

    Args:
        where: the name of the code in the message.

    Raises:
        SymnetError: the code raised an exception.
    """
    try:
        yield
    except (SymnetError, KeyboardInterrupt, Terminated):
        raise
    except BaseException as error:  # noqa: BLE001 - what is raised here is the stranger's choice
        raise GradcheckError(f"cannot check {where}: {_described(error)}") from None


def _described(error: BaseException) -> str:
    """The class and the message of an exception, whose own methods may fail."""
    try:
        return f"{type(error).__name__}: {error}"
    except (KeyboardInterrupt, Terminated):
        raise
    except BaseException:  # noqa: BLE001 - as above
        return "an error that has no message"


def watched(label: str) -> dict[str, Any]:
    """Return the options of a long computation, which is announced on standard error, with a bar on a terminal."""

    def progress_bar(steps: int) -> Any:
        return click.progressbar(length=steps, label=label, file=sys.stderr)

    bar = {"progress": progress_bar} if sys.stderr.isatty() else {}
    return {"announce": partial(click.echo, err=True), **bar}
