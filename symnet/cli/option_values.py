"""Parameter types of options: choices, names with shell completion, lists, and weights of operations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

import click
from click.shell_completion import CompletionItem

from symnet.support import PAGE_SECTIONS, STANDARD, OptionError, shown, unknown


def weights_of(given: tuple[str, ...]) -> dict[str, float]:
    """Return the weights of operations from texts NAME=NUMBER.

    Raises:
        OptionError: a text has another form, or the number is not one.
    """
    weights = {}
    for entry in given:
        name, _, number = entry.partition("=")
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", number):
            asked = "a number from 0 to 10^9 such as 20 is needed"
            raise OptionError(f"the weight of {shown(name)} is {shown(number)}; {asked}")
        weights[name] = float(number) if "." in number else int(number)
    return weights


def names_in(text: str | None) -> list[str]:
    """Split `x,y` into names; none for None."""
    return [name.strip() for name in text.split(",")] if text else []


class Chosen(click.Choice[str]):
    """A choice of names; the error for an unknown name suggests the nearest one."""

    def __init__(self, what: str, names: Sequence[str]) -> None:
        super().__init__(names)
        self.what = what

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.choices:
            self.fail(unknown(self.what, value, self.choices), param, ctx)
        return value


class Named(click.ParamType[str]):
    """Text with shell completion from a table of names; it is validated where it is used.

    Args:
        name: the metavariable in the help.
        names: returns the names; called only for completion, since loading them takes time.
        files: whether it may be the path of a file.
        reads: whether `-` is standard input, which can be read only once.
        separator: the separator of several names; empty for a single name.
        ending: the text after a completed name.
    """

    def __init__(
        self,
        name: str,
        names: Callable[[], Iterable[str]] = tuple,
        *,
        files: bool = False,
        reads: bool = False,
        separator: str = "",
        ending: str = "",
    ) -> None:
        self.name = name
        self.names = names
        self.files = files
        self.reads = reads
        self.separator = separator
        self.ending = ending

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if self.reads and value == STANDARD and ctx is not None and ctx.meta.setdefault(STANDARD, param) is not param:
            self.fail("standard input can be read only once, but - is given twice", param, ctx)
        return value

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return self.name

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        before, separator, start = incomplete.rpartition(self.separator) if self.separator else ("", "", incomplete)
        found = [
            CompletionItem(f"{before}{separator}{name}{self.ending}") for name in self.names() if name.startswith(start)
        ]
        return [*found, *([CompletionItem(incomplete, type="file")] if self.files else [])]


def _activations() -> Iterable[str]:
    from symnet.network import ACTIVATIONS

    return ACTIVATIONS


def _losses() -> Iterable[str]:
    from symnet.network import LOSSES

    return LOSSES


def _notations() -> Iterable[str]:
    from symnet.notation import notation_names

    return notation_names()


def _formats() -> Iterable[str]:
    from symnet.formats import FORMATS

    return FORMATS


def _targets() -> Iterable[str]:
    from symnet.targets import TARGETS

    return TARGETS


def _exercises() -> Iterable[str]:
    from symnet.exercises import KINDS

    return KINDS


def _operations() -> Iterable[str]:
    from symnet.counts import OPERATIONS

    return OPERATIONS


def or_all(number: Callable[[str | int], int]) -> Callable[[str | int], int | None]:
    """Return the type of an option for a number or `all`, which becomes None."""
    return lambda given: None if given == "all" else number(given)


FILE = Named("FILE", files=True)
VALUES = Named("FILE.toml", files=True, reads=True)
EQUATION = Named("EQUATION", files=True, reads=True)
ARCHITECTURE = Named("ARCHITECTURE", files=True, reads=True)
ACTIVATION = Named("NAME|FORMULA", _activations)
LOSS = Named("NAME|FORMULA", _losses)
NOTATION = Named("NAME|FILE.toml", _notations, files=True, reads=True)
FORMAT = Named("NAME", _formats)
SECTIONS = Named("A,B", lambda: PAGE_SECTIONS, separator=",")
TARGET = Named("NAME", _targets)
TEMPLATES = Named("DIR", files=True)
EXERCISES = Named("A,B", _exercises, separator=",")
WEIGHT = Named("NAME=NUMBER", _operations, ending="=")
