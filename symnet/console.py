"""What the commands need beside themselves: numbers read strictly, and an end by signals that leaves nothing half."""

from __future__ import annotations

import io
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from types import FrameType

import click

from symnet.errors import GradcheckError, SymnetError
from symnet.names import shown, visible

MAX_MESSAGE = 2_000
"""Characters of an error; the middle of a longer one is left out."""

_WHOLE = re.compile(r"[0-9]{1,20}", re.ASCII)
_NUMBER = re.compile(r"([0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?", re.ASCII)


def whole(least: int, most: int) -> Callable[[str | int], int]:
    """The type of an option that takes a whole number in ASCII digits; Python takes those of any script, and `1_0`."""

    def number(given: str | int) -> int:
        found = int(given) if isinstance(given, int) or _WHOLE.fullmatch(given) else None
        if found is None or not least <= found <= most:
            raise click.BadParameter(f"{shown(given)} is not a whole number from {least:,} to {most:,}.")
        return found

    return number


def decimal(least: float, most: float) -> Callable[[str | float], float]:
    """The type of an option that takes a decimal number in ASCII; `nan`, `inf` and `1_0` are none."""

    def number(given: str | float) -> float:
        found = float(given) if not isinstance(given, str) or _NUMBER.fullmatch(given) else None
        if found == 0 and Decimal(given) != 0:
            found = None  # it is too small for a float, and no 0
        if found is None or not least <= found <= most:
            raise click.BadParameter(f"{shown(given)} is not a number from {least:g} to {most:g}.")
        return found

    return number


def one_line(message: str) -> str:
    """A message, which may quote what a stranger wrote, so that it stays on a line and cannot steer a terminal."""
    line = visible(" ".join(message.split()))
    half = MAX_MESSAGE // 2
    return line if len(line) <= MAX_MESSAGE else f"{line[:half]} ... {line[-half:]}"


def write_utf8() -> None:
    """Let standard output take every character.

    In a file or a pipe all is UTF-8, as `-o` writes it, whatever the code page of Windows is; a terminal shows
    characters that it lacks as escapes.
    """
    stream = sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")


class Terminated(BaseException):
    """The run is to end by a signal, whose number it carries; what it was writing is taken away on the way out."""


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end what runs inside as Ctrl-C does, unless somebody has said what they should do."""

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
    """Let code that symnet has not written run inside, and answer whatever it raises in one line.

    It may raise any class of its own, `SystemExit` among them; only what ends the run from outside goes through.

    Args:
        where: what runs, as the message is to name it.

    Raises:
        SymnetError: the code raised something.
    """
    try:
        yield
    except (SymnetError, KeyboardInterrupt, Terminated):
        raise
    except BaseException as error:  # noqa: BLE001 - what is raised here is the stranger's choice
        raise GradcheckError(f"cannot check {where}: {_described(error)}") from None


def _described(error: BaseException) -> str:
    """The class and the message of an error, whose own code may fail when it is asked for them."""
    try:
        return f"{type(error).__name__}: {error}"
    except (KeyboardInterrupt, Terminated):
        raise
    except BaseException:  # noqa: BLE001 - as above
        return "an error that has no message"
