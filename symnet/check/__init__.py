"""Checks of pages, of equations that people write, and of gradients.

latex (text → tree) · truth (points, values, proofs) · mistakes (likely corrections) · verdicts (answers to the user)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_HOMES = {
    "symnet.check.gradient_check": ("check_gradients",),
    "symnet.check.gradient_report": ("Gradcheck",),
    "symnet.check.read_back": (
        "assure",
        "check_document",
        "display_latex",
        "narrowed",
        "reader_of",
    ),
    "symnet.check.truth": ("Reader",),
    "symnet.check.verdicts": (
        "SUFFIXES",
        "Planted",
        "RightEquation",
        "Verification",
        "kind_of",
        "verify_text",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

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


def __getattr__(name: str) -> Any:
    """Load a name when it is first asked for: a gradient check needs no reader of equations."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'symnet.check' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)
