"""The public API of `symnet.claims`: whether equations on a network are right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symnet.architecture import Network, parse
from symnet.files import read_text

if TYPE_CHECKING:
    from symnet.claims import Verification
    from symnet.notation.profile import Notation


def verify(network: Network | str, latex: str, notation: str | Notation = "symnet") -> Verification:
    """Whether an equation on a network is right, and if not, what is wrong with it.

    Args:
        network: the architecture, or its string, whose loss is the notation's where it names none.
        latex: one equation, a chain of them or several, in LaTeX; see `docs/verify.md`.
        notation: a built-in notation, the path of a TOML file, or a `Notation`.

    Returns:
        The answers, true if all are right; `answers` has one for each equation.

    Raises:
        NotationError, ArchitectureError: there is no such notation, or the architecture is wrong.
        ReadingError: the network is too large.
    """
    return _verified(network, latex, notation)


def verify_file(network: Network | str, path: str, notation: str | Notation = "symnet") -> Verification:
    """The same for every displayed equation of a LaTeX, Markdown or notebook file.

    Raises as `verify` does, and
        FileError: the file cannot be read, or is of another kind.
    """
    return _verified(network, read_text(path), notation, path)


def _verified(network: Network | str, text: str, notation: str | Notation, path: str = "") -> Verification:
    # What reads equations is not loaded by those who want code alone.
    from symnet.claims import verify_text
    from symnet.notation.profile import load_notation

    profile = load_notation(notation) if isinstance(notation, str) else notation
    if isinstance(network, str):
        defaults = {"loss": profile.default_loss, "reduction": profile.default_reduction}
        network = parse(network, defaults=defaults)
    return verify_text(network, text, profile, path=path)
