"""Checks that a profile writes no two things on a page alike."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Literal

from symnet.notation.conventions import SYMBOLS, Notation, look
from symnet.support import NotationError, shown

Kind = Literal["vector", "matrix"]
Look = tuple[str, str, str]

ACTIVATIONS = ("pre_activation", "activation", "input", "output", "target")
"""The arrays that are vectors for one example and matrices for a batch."""

MAY_BE_ONE = (frozenset(("before", "after")),)
"""Letters that may be equal: an equation that needs both uses a spare letter for the second."""

ALWAYS_ON_THE_PAGE = {"e": "the exponential", "pi": "the number"}

LETTERS_OF_SIGNS = ("d", "T", "Phi", "varphi", "Sigma", "Pi")
"""Letters that some notation reads as a derivative, a transpose, a function, a sum or a product."""

SOMETIMES_ON_THE_PAGE = {
    "Omega": "a penalty",
    "beta": "a learned precision",
    "Phi": "the normal distribution function",
    "varphi": "the normal density",
}
"""Letters with a fixed meaning on the pages of some networks, in every notation; see `check_free`."""


def check_together(notation: Notation) -> None:
    """Check that no two things on a page are written alike.

    Raises:
        NotationError: two things are.
    """
    if notation.bias_index == "0" and notation.base == 0:
        raise NotationError("bias_index is '0', which is a unit's number where base is 0; base = 1 is needed")
    if notation.errors_of == "example" and notation.derivative == "partial" and notation.batch != "single":
        raise NotationError(
            "errors_of is 'example', and derivative 'partial' writes ∂C/∂a for the loss of the batch; "
            "derivative = 'd' or errors_of = 'batch' is needed"
        )
    _check_letters(notation)
    _check_wholes(notation)
    page = {**ALWAYS_ON_THE_PAGE, notation.variable: "the variable in which activation functions are defined"}
    if notation.derivative == "d":
        page["d"] = "the derivative"
    for name, meaning in page.items():
        taken = _taken(notation, name)
        if taken:
            raise NotationError(f"{taken} is {name}, which is {meaning} on every page; choose another letter")
    layers = {look(notation.layer): "layer", look(notation.last_layer): "last_layer"}
    if notation.transpose == "T" and look("T") in layers:
        raise NotationError(f"{layers[look('T')]} is T, which is the transpose; choose another letter, or transpose")


def _check_letters(notation: Notation) -> None:
    by_key = notation.letters()
    for key, others in by_key.items():
        for first, second in combinations(others, 2):
            if look(first) == look(second):
                raise NotationError(f"{key} has {shown(first)} twice; indices need letters of their own")
    for (one, firsts), (other, seconds) in combinations(by_key.items(), 2):
        shared = [first for first in firsts if any(look(first) == look(second) for second in seconds)]
        if shared and frozenset((one, other)) not in MAY_BE_ONE:
            raise NotationError(f"{one} and {other} are both {shown(shared[0])}; each needs a letter of its own")


def _check_wholes(notation: Notation) -> None:
    """Check that no whole array, in upper or lower case, is written like another one."""
    letters = {key: look(text) for key in SYMBOLS for text in notation.letters()[key]}
    wholes = {key: look(_cased(text, kind)) for key, text, kind in _wholes(notation)}
    for key, text, kind in _wholes(notation):
        others = [other for table in (letters, wholes) for other in table if table[other] == wholes[key]]
        clash = next((other for other in others if other != key), "")
        if clash:
            cased = shown(_cased(text, kind))
            raise NotationError(f"{key} is {cased} as a {kind}, and so is {clash}; each needs a letter of its own")


def _wholes(notation: Notation) -> list[tuple[str, str, Kind]]:
    """The arrays that a page writes without indices: key, letter and kind."""
    activations: Kind = "vector" if notation.batch == "single" else "matrix"
    kinds: dict[str, Kind] = {"weight": "matrix", "bias": "vector", **dict.fromkeys(ACTIVATIONS, activations)}
    return [(key, text, kind) for key, kind in kinds.items() for text in notation.letters()[key]]


def _cased(text: str, kind: Kind) -> str:
    """A letter in lower case for a vector, in upper case for a matrix; Greek letters are unchanged."""
    *style, name = text.split()
    if len(name) == 1:
        name = name.upper() if kind == "matrix" else name.lower()
    return " ".join((*style, name))


def _taken(notation: Notation, name: str) -> str:
    """The key that has a letter in a notation, or an empty string."""
    found = (key for key, texts in notation.letters().items() if any(look(text) == look(name) for text in texts))
    return next(found, "")


def taken_looks(notation: Notation) -> set[Look]:
    """The looks of letters in use, which a further array must not have.

    Spare letters are free: an index takes another one if an array has one of them.
    """
    letters = {text for key, texts in notation.letters().items() if key != "spare" for text in texts}
    wholes = {_cased(text, kind) for _, text, kind in _wholes(notation)}
    never = {*ALWAYS_ON_THE_PAGE, *LETTERS_OF_SIGNS}
    return {look(text) for text in letters | wholes | never}


def check_free(notation: Notation, needed: Iterable[str]) -> None:
    """Check that the letters which a page needs in addition are free in the notation.

    Args:
        notation: the profile.
        needed: keys of `SOMETIMES_ON_THE_PAGE`.

    Raises:
        NotationError: the notation gives one of them another meaning.
    """
    for name in needed:
        taken = _taken(notation, name)
        if taken:
            raise NotationError(
                f"notation {shown(notation.name)} has {name} for its {taken}, and this network needs it for "
                f"{SOMETIMES_ON_THE_PAGE[name]}; choose another notation or a profile of your own"
            )
