"""The public API of `symnet.check.verdicts`: check whether equations of a network are right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from symnet.network import Given, network_of
from symnet.support import path_of, read_text, renamed, text_of

if TYPE_CHECKING:
    from symnet.check import Verification
    from symnet.notation import Notation
    from symnet.pages import Values


OF_NUMBERS = renamed({"values": "at"})


@OF_NUMBERS
def verify(
    network: Given, latex: str, notation: str | Path | Notation = "symnet", *, at: str | Path | Values | None = None
) -> Verification:
    r"""Check equations about a network: whether each is right, and if not, what is wrong with it.

    Args:
        network: a string such as `2-2-1`, the path of a TOML file (`str` or `Path`) or a `Network`.
        latex: one equation, a chain of them or several, in LaTeX; see `docs/verify.md`.
        notation: a built-in notation, the path of a TOML file, or a `Notation`.
        at: the numbers behind results in numbers, such as z = 0.7: the path of a TOML file, or the result of
            `pages.read_values`. Without them, such results are not judged.

    Returns:
        The verification, true if all equations are right; `answers` has one answer for each equation.

    Raises:
        NotationError: the notation is unknown or malformed.
        ArchitectureError: the description of the network is wrong.
        ReadingError: the network is too large.

    >>> print(symnet.verify("2-2-1", r"\delta^{(2)} = \frac{1}{N}(A^{(2)} - Y)"))
    right: proved symbolically
    >>> bool(symnet.verify("2-2-1", r"\delta^{(2)} = A^{(2)} - Y"))
    False
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
    r"""Check every displayed equation of a LaTeX, Markdown or notebook file.

    Args:
        network, notation, at: as in `verify`.
        path: the file, whose suffix says of which kind it is.

    Raises:
        NotationError, ArchitectureError, ReadingError: as in `verify`.
        FileError: the file cannot be read, or has an unknown suffix.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = pathlib.Path(folder) / "claims.tex"
    ...     _ = page.write_text(r"\[ A^{(1)} = \sigma(Z^{(1)}) \]")
    ...     bool(symnet.verify_file("2-2-1", page))
    True
    """
    path = path_of(path, "the file of equations")
    return _verified(network, read_text(path), notation, path, at)


@OF_NUMBERS
def verify_given(
    network: Given, text: str, notation: str | Path | Notation = "symnet", *, at: str | Path | Values | None = None
) -> Verification:
    """Check text without a file name: one equation, or all displayed equations of a document.

    Raises:
        NotationError, ArchitectureError, ReadingError: as in `verify`.
        FileError: the text starts like a notebook but is not one, or has too many equations.
    """
    # Imported late: generating code does not need the reader of equations.
    from symnet.check import kind_of

    kind = kind_of(text)
    return _verified(network, text, notation, f"standard input{kind}" if kind else "", at)


def _verified(
    network: Given, text: str, notation: str | Path | Notation, path: str = "", at: str | Path | Values | None = None
) -> Verification:
    # Imported late: generating code does not need the reader of equations.
    from symnet.check import verify_text
    from symnet.notation import load_notation
    from symnet.pages import values_of

    network = network_of(network)
    return verify_text(network, text, load_notation(notation), path=path, values=values_of(at, network))
