"""The names of arrays taken apart: `W1_bar` is the cotangent of the weights W of layer 1."""

from __future__ import annotations

import re
from dataclasses import dataclass

NAME = re.compile(r"(?P<stem>[A-Za-z]+?)(?P<layer>\d*)(?P<bar>_bar)?")
"""How programs name arrays: a stem, the number of the layer, and `_bar` for the cotangent."""


@dataclass(frozen=True)
class Name:
    """An array's name taken apart: its stem, its layer (None for x, y and C) and whether it is a cotangent."""

    stem: str
    layer: int | None
    is_cotangent: bool

    @staticmethod
    def of(text: str) -> Name:
        match = NAME.fullmatch(text)
        if match is None:
            return Name(text, None, False)
        return Name(match["stem"], int(match["layer"]) if match["layer"] else None, bool(match["bar"]))
