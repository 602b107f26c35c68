"""Type checks for arguments of the public API: text, paths, integers."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from pathlib import Path
from typing import SupportsIndex

from symnet.support.errors import FileError, SymnetError
from symnet.support.names import shown


def unfit(what: str, given: object, wanted: str, error: type[SymnetError] = SymnetError) -> SymnetError:
    """The error for an argument of a wrong type."""
    return error(f"{what} is of type {type(given).__name__}; {wanted} is needed")


def text_of(given: object, what: str, wanted: str = "a string", error: type[SymnetError] = SymnetError) -> str:
    """Return an argument that must be a string.

    Raises:
        SymnetError: of the given class, if it is not a string.
    """
    if not isinstance(given, str):
        raise unfit(what, given, wanted, error)
    return given


def names_of(given: object, what: str, error: type[SymnetError] = SymnetError) -> list[str]:
    """Return names that are given as a sequence of strings, or as one string with commas.

    Raises:
        SymnetError: of the given class, if they are neither.
    """
    if isinstance(given, str):
        given = given.split(",") if given.strip() else []
    if not isinstance(given, Iterable):
        raise unfit(f"the name of {what}", given, "a string, or a sequence of strings", error)
    return [text_of(name, what, error=error).strip() for name in given]


def path_of(given: object, what: str) -> str:
    """Return an argument that must be a path, as `str` or `Path`.

    Raises:
        FileError: it is neither; `open` would take a number as a file descriptor, and bytes as a path.
    """
    if not isinstance(given, str | Path):
        raise unfit(what, given, "a path, as str or Path,", FileError)
    return str(given)


def whole_of(given: object, what: str, least: int, most: int, error: type[SymnetError] = SymnetError) -> int:
    """Return an argument that must be an integer, also one of NumPy's.

    Raises:
        SymnetError: of the given class, if it is not an integer, or out of range.
    """
    if not isinstance(given, bool) and isinstance(given, SupportsIndex) and least <= operator.index(given) <= most:
        return operator.index(given)
    wanted = f"a whole number from {least} to {most}" if most < 2**63 else f"a whole number from {least}"
    raise error(f"{what} is {shown(given)}; {wanted} is needed")
