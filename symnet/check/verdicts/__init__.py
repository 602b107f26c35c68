"""Decide whether an equation is right, and if not, what is wrong with it.

text → displays (`documents`) → chains (`latex`) → answers (`verifier`), with corrections in the notation (`writing`)
"""

from symnet.check.verdicts.answer import (
    Verification,
)
from symnet.check.verdicts.documents import (
    SUFFIXES,
    kind_of,
)
from symnet.check.verdicts.planting import (
    Planted,
    RightEquation,
)
from symnet.check.verdicts.texts import (
    verify_text,
)

__all__ = [
    "SUFFIXES",
    "Planted",
    "RightEquation",
    "Verification",
    "kind_of",
    "verify_text",
]
