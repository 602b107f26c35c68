"""`verify_text`: the answers on a whole text."""

from __future__ import annotations

from symnet.check.verdicts.answer import Verification
from symnet.check.verdicts.documents import Display, checked_number, displays_of
from symnet.check.verdicts.verifier import Verifier
from symnet.check.verdicts.wrappers import unwrapped
from symnet.network import Network, to_string
from symnet.notation import Notation
from symnet.pages import Values

TEXT_SECONDS = 120.0
"""How long a whole text may take."""


def verify_text(
    network: Network, text: str, notation: Notation, *, path: str = "", values: Values | None = None
) -> Verification:
    """The answers on one equation, or on all displayed equations of a file.

    Args:
        network: the architecture.
        text: LaTeX of one display, or what stands in a file.
        notation: the profile that it is written in.
        path: the name of the file; empty for LaTeX alone.
        values: the numbers at which it says what comes out, if it does.

    Raises:
        FileError: the file is of a kind that equations are not taken from, or there are more than 2,000 equations.
    """
    displays = displays_of(text, path) if path else checked_number([Display(unwrapped(text))], "the text")
    verifier = Verifier(network, notation, may_define=bool(path), values=values)
    verifier.reader.deadline.set_all(TEXT_SECONDS)
    found = [answer for display in displays for answer in verifier.answers(display)]
    return Verification(to_string(network), notation.name, tuple(found))
