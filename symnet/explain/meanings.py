"""What arrays hold, in words."""

from __future__ import annotations

from collections.abc import Mapping

from symnet.equations import Array
from symnet.explain.page_program import PageProgram
from symnet.notation.names import Name

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
    name, kind = Name.of(array.name), ROLES.get(array.role, "values")
    if array.name not in page.extra or name.layer is None:
        return MEANINGS.get(name.stem, kind)
    return page.network.layers[name.layer - 1].meanings.get(name.stem, kind)
