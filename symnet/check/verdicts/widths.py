"""Wide networks: equations of general units are checked on a narrower network that is otherwise the same."""

from __future__ import annotations

from symnet.check.latex import NotUnderstood
from symnet.check.latex import tree as t
from symnet.check.read_back import narrowed
from symnet.core import Program
from symnet.network import Network, forward_equations
from symnet.support import ReadingError

MAX_PARAMETERS = 400
"""The most parameters of a network that is checked at its own widths."""

MAX_CHECKED = 4_000
"""The most parameters of a network that is checked if it cannot be made narrower."""


def checkable(network: Network) -> tuple[Network, Program]:
    """Return the network itself or a narrower one, small enough for checking, and its forward equations.

    Raises:
        ReadingError: the network is too large, and cannot be made narrower.
    """
    program = forward_equations(network).program
    parameters = program.entries(*program.parameters)
    if parameters <= MAX_PARAMETERS:
        return network, program
    smaller = narrowed(network)
    narrow = forward_equations(smaller).program
    if narrow.entries(*narrow.parameters) > MAX_CHECKED:
        raise ReadingError(
            f"{network.title} has {parameters:,} parameters and too many different widths; "
            f"equations are checked up to {MAX_CHECKED:,}"
        )
    return smaller, narrow


def check_general(chain: t.Chain, sizes: tuple[int, ...]) -> None:
    """Check that an equation on a narrowed network does not depend on its widths.

    Raises:
        NotUnderstood: the equation has a number as the index of a unit, or as a width.
    """
    for node in t.walk(chain):
        indices = node.indices if isinstance(node, t.Reference) else None
        names_unit = any(not index.letter and index.offset for index in indices or ())
        number = int(node.text) if isinstance(node, t.Literal) and node.text.isdigit() else 0
        if names_unit or (number > 2 and number in sizes):
            raise NotUnderstood(node.span.start + 1, "letters for units and widths, since the network is too wide")
