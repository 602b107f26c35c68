"""Typical mistakes as data (`table`), and the nearest correct equation (`repair`)."""

from symnet.check.mistakes.repair import (
    Correction,
    nearest,
    nearest_throughout,
)
from symnet.check.mistakes.scope import (
    is_per_example,
)

__all__ = [
    "Correction",
    "is_per_example",
    "nearest",
    "nearest_throughout",
]
