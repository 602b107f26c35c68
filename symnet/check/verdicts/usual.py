"""Try the loss and the reduction that are usual in a notation in place of symnet's defaults.

A course states its loss once and omits it from then on. So an equation that is wrong for a network with the default
loss may be right for the loss that texts in the notation usually have.
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
    """Finds the command-line options with which an equation would be right.

    Args:
        reader: the reader of the network as it was given.
        seconds: the time limit of each attempt.
    """

    def __init__(self, reader: Reader, seconds: float) -> None:
        self.reader = reader
        self.seconds = seconds

    @cached_property
    def _readers(self) -> list[tuple[str, str, Reader]]:
        """The combinations of usual settings, the smallest first.

        Each is the options, the defaults that they replace, and a reader of the network with them.
        """
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
        """Return the options with which all links hold and the defaults that they replace; empty if there are none."""
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
