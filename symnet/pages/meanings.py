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
"""What the arrays hold that every notation has a letter for, by stem."""

ROLES: Mapping[str, str] = {"weight": "weights", "parameter": "parameters"}
"""What any other array holds, by role."""


def meaning_of(page: PageProgram, array: Array) -> str:
    """Return in words what an array holds; for an array of a layer's own, in the layer's words."""
    kind = ROLES.get(array.role, "values")
    if array.name not in page.extra or array.layer is None:
        return MEANINGS.get(array.stem, kind)
    return page.network.layers[array.layer - 1].meanings.get(array.stem, kind)
