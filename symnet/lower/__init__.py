"""Floor 5: equations as statements over whole arrays."""

from symnet.lower import arrays
from symnet.lower.arrays import Statement
from symnet.lower.lowering import lower

__all__ = ["Statement", "arrays", "lower"]
