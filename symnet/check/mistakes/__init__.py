"""Typical mistakes as data (`table`), and the nearest correct equation (`repair`)."""

from symnet.check.mistakes.repair import (
    Correction,
    Trial,
    holds,
    nearest,
    nearest_throughout,
    trials,
)
from symnet.check.mistakes.scope import (
    Scope,
    is_per_example,
)
from symnet.check.mistakes.shapes import (
    is_array,
)
from symnet.check.mistakes.table import (
    CAUSES,
)

__all__ = [
    "CAUSES",
    "Correction",
    "Scope",
    "Trial",
    "holds",
    "is_array",
    "is_per_example",
    "nearest",
    "nearest_throughout",
    "trials",
]
