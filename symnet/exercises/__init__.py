"""Exercises on a network with worked solutions, in a notation, drawn by a seed."""

from symnet.exercises.checked import (
    assure,
)
from symnet.exercises.kinds import (
    KINDS,
)
from symnet.exercises.sheet import (
    Sheet,
    draw_sheet,
)

__all__ = [
    "KINDS",
    "Sheet",
    "assure",
    "draw_sheet",
]
