"""Is an equation right, and if not, what is wrong with it?

    text → displays (`documents`) → chains (`symnet.reading`) → answers (`verifier`)

A wrong equation is held to what it would be with one typical mistake undone (`mistakes`, `repair`), and the
nearest that is right is told in the symbols of the notation (`writing`).
"""

from symnet.claims.answer import Answer, Verification
from symnet.claims.documents import SUFFIXES
from symnet.claims.mistakes import CAUSES
from symnet.claims.texts import verify_text
from symnet.claims.verifier import Verifier

__all__ = ["CAUSES", "SUFFIXES", "Answer", "Verification", "Verifier", "verify_text"]
