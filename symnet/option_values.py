"""The values of options that are lists: weights of operations, names."""

from __future__ import annotations

import re

from symnet.errors import ArchitectureError
from symnet.names import shown


def weights_of(given: tuple[str, ...]) -> dict[str, float]:
    """The weights of operations from NAME=NUMBER."""
    weights = {}
    for entry in given:
        name, _, number = entry.partition("=")
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", number):
            raise ArchitectureError(f"the weight of {shown(name)} is {shown(number)}; a number such as 20 is needed")
        weights[name] = float(number) if "." in number else int(number)
    return weights


def names_in(text: str | None) -> list[str]:
    """The names in `x,y`."""
    return [name.strip() for name in text.split(",")] if text else []
