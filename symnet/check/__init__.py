"""Checks of pages, of equations that people write, and of gradients.

latex (text → tree) · truth (points, values, proofs) · mistakes (likely corrections) · verdicts (answers to the user)
"""

from symnet.check.gradient_check import (
    check_gradients,
)
from symnet.check.gradient_report import (
    Gradcheck,
)
from symnet.check.read_back import (
    assure,
    check_document,
    display_latex,
    narrowed,
    reader_of,
)
from symnet.check.truth import (
    Reader,
)
from symnet.check.verdicts import (
    SUFFIXES,
    Planted,
    RightEquation,
    Verification,
    kind_of,
    verify_text,
)

__all__ = [
    "SUFFIXES",
    "Gradcheck",
    "Planted",
    "Reader",
    "RightEquation",
    "Verification",
    "assure",
    "check_document",
    "check_gradients",
    "display_latex",
    "kind_of",
    "narrowed",
    "reader_of",
    "verify_text",
]
