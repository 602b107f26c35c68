"""`verify_text`: check all equations of a text."""

from __future__ import annotations

from symnet.check.verdicts.answer import Verification
from symnet.check.verdicts.documents import Display, checked_number, displays_of
from symnet.check.verdicts.verifier import Verifier
from symnet.check.verdicts.wrappers import unwrapped
from symnet.network import Network, architecture_text
from symnet.notation import Notation
from symnet.pages import Values

TEXT_SECONDS = 120.0
"""The time limit for a whole text, in seconds."""


def verify_text(
    network: Network, text: str, notation: Notation, *, path: str = "", values: Values | None = None
) -> Verification:
    """Check one equation, or all displayed equations of a file.

    Args:
        network: the architecture.
        text: the LaTeX of one display, or the content of a file.
        notation: the notation that it is written in.
        path: the name of the file; empty for the LaTeX of one display.
        values: the numbers behind results in numbers, such as z = 0.7; without them these are not judged.

    Raises:
        FileError: equations cannot be read from files with this suffix, or there are more than 2,000 equations.
    """
    displays = displays_of(text, path) if path else checked_number([Display(unwrapped(text))], "the text")
    verifier = Verifier(network, notation, may_define=bool(path), values=values)
    verifier.reader.deadline.set_all(TEXT_SECONDS)
    found = [answer for display in displays for answer in verifier.answers(display)]
    return Verification(architecture_text(network), notation.name, tuple(found))
