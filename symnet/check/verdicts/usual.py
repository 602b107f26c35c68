"""What a notation usually has where a network has what stands for nothing said: another loss, another reduction.

An equation that does not hold for the network may hold for that, since a course writes its loss once and leaves it
out from then on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from itertools import combinations
from typing import Any

from symnet.check.latex import OutOfTime
from symnet.check.truth import Link, Reader
from symnet.network import left_out


class Usual:
    """Tells with which options of the command line an equation would be right.

    Args:
        reader: of the network as it is given.
        seconds: how long each attempt may take.
    """

    def __init__(self, reader: Reader, seconds: float) -> None:
        self.reader = reader
        self.seconds = seconds

    @cached_property
    def _readers(self) -> list[tuple[str, str, Reader]]:
        """The options, what the network has in their place, and a reader of the network with them: fewest first."""
        network, notation = self.reader.network, self.reader.notation
        usual = {"loss": notation.usual_loss, "reduction": notation.usual_reduction}
        own = {key: value for key, value in left_out(network).items() if usual[key] != value}
        found = []
        for keys in (keys for number in range(1, len(own) + 1) for keys in combinations(own, number)):
            changed: dict[str, Any] = {key: usual[key] for key in keys}
            options = " ".join(f"--{key} {usual[key]}" for key in keys)
            found.append(
                (options, " and ".join(own[key] for key in keys), Reader(replace(network, **changed), notation))
            )
        return found

    def options(self, links: Sequence[Link]) -> tuple[str, str]:
        """The options with which all links hold, and what the network has in their place; empty where none do."""
        for options, own, reader in self._readers:
            for definition in self.reader.definitions[len(reader.definitions) :]:
                reader.define(definition)
            reader.deadline.set(self.seconds)
            try:
                if all(reader.failure(link) is None for link in links):
                    return options, own
            except OutOfTime:
                return "", ""
        return "", ""
