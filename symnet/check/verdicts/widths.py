"""Wide networks: what is said of general units is checked on a narrower network that is otherwise the same."""

from __future__ import annotations

from symnet.check.latex import NotUnderstood
from symnet.check.latex import tree as t
from symnet.check.read_back import narrowed
from symnet.core import Program
from symnet.network import Network, forward_equations
from symnet.support import ReadingError

MAX_PARAMETERS = 400
"""A network of more parameters is checked at smaller widths."""

MAX_CHECKED = 4_000
"""What cannot be made narrower is checked up to so many parameters."""


def checkable(network: Network) -> tuple[Network, Program]:
    """A network at which equations can be checked in time, itself or a narrower one, and its forward equations.

    Raises:
        ReadingError: there is none.
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
    """Refuse an equation on a narrowed network that speaks of single units or of widths.

    Raises:
        NotUnderstood: at the first number of a unit or of units.
    """
    for node in t.walk(chain):
        indices = node.indices if isinstance(node, t.Reference) else None
        names_unit = any(not index.letter and index.offset for index in indices or ())
        number = int(node.text) if isinstance(node, t.Literal) and node.text.isdigit() else 0
        if names_unit or (number > 2 and number in sizes):
            raise NotUnderstood(node.span.start + 1, "letters for units and widths, since the network is too wide")
