"""The public API of `symnet.claims`: whether equations on a network are right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from symnet.architecture import Given, network_of
from symnet.files import read_text
from symnet.given import path_of, text_of
from symnet.old_words import renamed

if TYPE_CHECKING:
    from symnet.claims import Verification
    from symnet.explain import Values
    from symnet.notation.profile import Notation


OF_NUMBERS = renamed({"values": "at"})


@OF_NUMBERS
def verify(
    network: Given, latex: str, notation: str | Path | Notation = "symnet", *, at: str | Path | Values | None = None
) -> Verification:
    """Whether an equation on a network is right, and if not, what is wrong with it.

    Args:
        network: a string such as `2-2-1`, the path of a TOML file (`str` or `Path`) or a `Network`.
        latex: one equation, a chain of them or several, in LaTeX; see `docs/verify.md`.
        notation: a built-in notation, the path of a TOML file, or a `Notation`.
        at: numbers at which equations say what comes out: the path of a TOML file, or what `explain.read_values` reads
            from one.

    Returns:
        The answers, true if all are right; `answers` has one for each equation.

    Raises:
        NotationError, ArchitectureError: there is no such notation, or the architecture is wrong.
        ReadingError: the network is too large.
    """
    return _verified(network, text_of(latex, "the equation", "LaTeX in a string"), notation, at=at)


@OF_NUMBERS
def verify_file(
    network: Given,
    path: str | Path,
    notation: str | Path | Notation = "symnet",
    *,
    at: str | Path | Values | None = None,
) -> Verification:
    """The same for every displayed equation of a LaTeX, Markdown or notebook file.

    Raises as `verify` does, and
        FileError: the file cannot be read, or is of another kind.
    """
    path = path_of(path, "the file of equations")
    return _verified(network, read_text(path), notation, path, at)


@OF_NUMBERS
def verify_given(
    network: Given, text: str, notation: str | Path | Notation = "symnet", *, at: str | Path | Values | None = None
) -> Verification:
    """The same for a text without a name: an equation, or all displayed equations of a document.

    Raises as `verify` does, and
        FileError: it begins as a notebook and is none, or there are too many equations in it.
    """
    # What reads equations is not loaded by those who want code alone.
    from symnet.claims.documents import kind_of

    kind = kind_of(text)
    return _verified(network, text, notation, f"standard input{kind}" if kind else "", at)


def _verified(
    network: Given, text: str, notation: str | Path | Notation, path: str = "", at: str | Path | Values | None = None
) -> Verification:
    # What reads equations is not loaded by those who want code alone.
    from symnet.claims import verify_text
    from symnet.explain import values_of
    from symnet.notation.profile import load_notation

    network = network_of(network)
    return verify_text(network, text, load_notation(notation), path=path, values=values_of(at, network))
