"""Identifiers for the entries of arrays, no two of them alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from symnet.core import Array, Program
from symnet.functions import MATH

_COUNTED = re.compile(r"(?P<stem>.+?)(?P<numbers>(?:_[1-9][0-9]*)*)")
_OUTPUT = re.compile(r"output_[0-9]+")

Starts = Mapping[str, str]
"""What the names of an array's entries start with, by the array's name, where that is not the name itself."""


def entry_name(array: Array, position: Sequence[int], starts: Starts) -> str:
    """The identifier of one entry: W1[i,j] at (0, 1) is W1_1_2, counted from 1; the batch index is left out."""
    return "_".join([starts.get(array.name, array.name), *[str(position[axis] + 1) for axis in array.unit_axes]])


def entry_starts(program: Program) -> Starts:
    """The starts by which no two entries of a program have one name, and none that straight-line code uses itself.

    The scalar b1_1 and entry 1 of b1 would both be b1_1: what is declared later gets underscores more.
    """
    arrays = program.declared.values()
    forms = {_form(array) for array in arrays}
    if len(forms) == len(arrays) and not any(map(_is_used, program.declared)):
        return {}
    taken: set[str] = set()
    starts = {}
    for array in arrays:
        start = array.name
        while not taken.isdisjoint(_names(program, array, start)) or _is_used(start):
            start += "_"
        taken.update(_names(program, array, start))
        if start != array.name:
            starts[array.name] = start
    return starts


def _form(array: Array) -> tuple[str, int]:
    """The stem of an array's entries and how many numbers follow; where one differs, the names do."""
    match = _COUNTED.fullmatch(array.name)
    stem, numbers = (match["stem"], match["numbers"]) if match else (array.name, "")
    return stem, numbers.count("_") + len(array.unit_axes)


def _names(program: Program, array: Array, start: str) -> Iterator[str]:
    shape = program.shape(array)
    for position in product(*(range(1, int(shape[axis]) + 1) for axis in array.unit_axes)):
        yield "_".join([start, *map(str, position)])


def _is_used(name: str) -> bool:
    """Whether straight-line code may use a name itself: for a function of `math`, or for an output without a name."""
    return name in MATH or bool(_OUTPUT.fullmatch(name))
