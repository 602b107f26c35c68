"""What arrays hold, in words."""

from __future__ import annotations

from collections.abc import Mapping

from symnet.core import Array
from symnet.pages.page_program import PageProgram

MEANINGS: Mapping[str, str] = {
    "x": "input",
    "z": "pre-activations",
    "a": "activations",
    "p": "output probabilities",
    "W": "weights",
    "b": "biases",
    "y": "targets",
    "C": "loss",
    "E": "loss without its penalty",
    "R": "penalty on the weights",
    "beta": "precision, which is learned",
}
"""What an array that every notation has a letter for holds, by its stem."""

ROLES: Mapping[str, str] = {"weight": "weights", "parameter": "parameters"}
"""What any other array holds, by its role."""


def meaning_of(page: PageProgram, array: Array) -> str:
    """What an array holds: in the words of its layer, where it has a letter of the layer's."""
    kind = ROLES.get(array.role, "values")
    if array.name not in page.extra or array.layer is None:
        return MEANINGS.get(array.stem, kind)
    return page.network.layers[array.layer - 1].meanings.get(array.stem, kind)
