"""Decide whether an equation holds: evaluate it at points (`reader`), and prove it (`symbolic`)."""

from symnet.check.truth.links import (
    Failure,
    Link,
    links_of,
)
from symnet.check.truth.matrices import (
    is_matrix,
)
from symnet.check.truth.places import (
    free_layer_letters,
    free_letters,
)
from symnet.check.truth.reader import (
    Finding,
    Reader,
    closed,
    shown_value,
)
from symnet.check.truth.symbolic import (
    Prover,
)

__all__ = [
    "Failure",
    "Finding",
    "Link",
    "Prover",
    "Reader",
    "closed",
    "free_layer_letters",
    "free_letters",
    "is_matrix",
    "links_of",
    "shown_value",
]
