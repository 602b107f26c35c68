"""What a caller of the Python API hands over, held to its type: text, the path of a file."""

from __future__ import annotations

import operator
from pathlib import Path
from typing import SupportsIndex

from symnet.errors import FileError, SymnetError
from symnet.names import shown


def unfit(what: str, given: object, wanted: str, error: type[SymnetError] = SymnetError) -> SymnetError:
    """The error for an argument of another type than is wanted."""
    return error(f"{what} is of type {type(given).__name__}; {wanted} is needed")


def text_of(given: object, what: str, wanted: str = "a string", error: type[SymnetError] = SymnetError) -> str:
    """The text that was given.

    Raises:
        SymnetError: of the given class, if it is no string.
    """
    if not isinstance(given, str):
        raise unfit(what, given, wanted, error)
    return given


def path_of(given: object, what: str) -> str:
    """The path of a file, given as a string or a `Path`.

    Raises:
        FileError: it is neither; a number would be read as an open file, and bytes as a path of another kind.
    """
    if not isinstance(given, str | Path):
        raise unfit(what, given, "a path, as str or Path,", FileError)
    return str(given)


def whole_of(given: object, what: str, least: int, most: int, error: type[SymnetError] = SymnetError) -> int:
    """The whole number that was given, one of NumPy's included.

    Raises:
        SymnetError: of the given class, if it is none, or out of range.
    """
    if not isinstance(given, bool) and isinstance(given, SupportsIndex) and least <= operator.index(given) <= most:
        return operator.index(given)
    wanted = f"a whole number from {least} to {most}" if most < 2**63 else f"a whole number from {least}"
    raise error(f"{what} is {shown(given)}; {wanted} is needed")
