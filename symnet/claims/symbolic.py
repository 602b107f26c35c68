"""Proofs: both sides as rational functions of units, weights and activations, whose difference cancels."""

from __future__ import annotations

from symnet.reading import Reader
from symnet.reading.links import Link


def proved(reader: Reader, link: Link) -> bool:
    """Whether the sides of a link are equal as formulas, for all layers and units that it speaks of."""
    return False
