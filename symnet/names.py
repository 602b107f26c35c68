"""Identifiers: which are allowed, which are taken, and the nearest known one for a mistyped name."""

import builtins
import difflib
import keyword
import re
from collections.abc import Iterable

from symnet.errors import ArchitectureError

IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
MAX_IDENTIFIER = 40
MAX_SHOWN = 60

MODULE_NAMES = frozenset(
    (
        *("np", "params", "Parameters", "x", "y", "theta", "rng", "init", "forward", "loss", "gradient"),
        *("value_and_grad", "flatten", "unflatten", "value_and_grad_flat", "N", "C", "Array", "ArrayLike", "NDArray"),
        *("NamedTuple", "DTYPE", "SHAPES", "ARCHITECTURE", "INPUTS", "OUTPUTS", "TARGETS", "erf", "erfc"),
    )
)
"""Names that a generated module defines or takes as arguments."""

PYTHON_NAMES = frozenset(keyword.kwlist) | frozenset(keyword.softkwlist) | frozenset(dir(builtins))


def shown(text: object) -> str:
    """`text` quoted for a one-line message: ASCII only, escaped, its middle left out where it is long."""
    try:
        quoted = ascii(str(text))
    except ValueError:
        return f"a huge {type(text).__name__}"  # Python refuses to write out an int of thousands of digits
    half = MAX_SHOWN // 2 - 2
    return quoted if len(quoted) <= MAX_SHOWN else f"{quoted[:half]}...{quoted[-half:]}"


def path_shown(path: object) -> str:
    """A path in quotes as it is for a one-line message: only what a terminal would not show is escaped."""
    return f"'{visible(str(path))}'"


_OBEYED = re.compile(
    r"(?:coding|\b(?:vim?|ex)(?:[<>=]?[0-9]+)?|\barara)\s*:|coding\s*=|-\*-|!\s*tex\b", re.IGNORECASE | re.ASCII
)
"""What editors and tools obey in a comment: `coding:`, `-*-`, `vim:`, `!TEX` and `arara:`."""


def unobeyed(text: str) -> str:
    """`text` for a comment or a docstring, with a character escaped in whatever would give an order there."""
    return _OBEYED.sub(lambda found: f"{found[0][:-1]}\\x{ord(found[0][-1]):02x}", text)


_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""Characters that print nothing though Unicode counts them as letters and marks."""


def visible(text: str) -> str:
    """`text` with control characters and invisible ones escaped, so that it cannot steer a terminal or hide."""
    return "".join(
        character if character.isprintable() and not _UNSEEN.match(character) else ascii(character)[1:-1]
        for character in text
    )


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'relu'?` where a known name is close to `name`, else an empty string."""
    matches = difflib.get_close_matches(name.lower(), list(known), n=1, cutoff=0.5)
    return f"; did you mean {matches[0]!r}?" if matches else ""


def unknown(what: str, name: object, known: Iterable[str]) -> str:
    """The message for a name that is not among the known ones, with the nearest and the whole list."""
    names = sorted(known)
    return f"unknown {what} {shown(name)}{nearest(str(name), names) or ';'} known: {', '.join(names) or 'none'}"


def check_identifier(name: str, what: str, reserved: Iterable[str] = (), allowed: Iterable[str] = ()) -> str:
    """`name` if a user may give it to `what`.

    An identifier is an ASCII letter followed by at most 39 letters, digits or underscores. Python's
    keywords and builtins, the names of a generated module and those in `reserved` are taken, but
    for those in `allowed`.

    Raises:
        ArchitectureError: the name is malformed or taken.
    """
    if not IDENTIFIER.fullmatch(name) or len(name) > MAX_IDENTIFIER:
        raise ArchitectureError(
            f"{what} {shown(name)} is not a name: an ASCII letter, then at most "
            f"{MAX_IDENTIFIER - 1} letters, digits or underscores"
        )
    if name in (PYTHON_NAMES | MODULE_NAMES | set(reserved)) - set(allowed):
        raise ArchitectureError(f"{what} {name!r} is a reserved name")
    return name
