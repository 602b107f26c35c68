"""The nearest correct equation: one typical mistake undone at a time, the likeliest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from symnet.check.latex import OutOfTime
from symnet.check.latex import tree as t
from symnet.check.mistakes.making import Change
from symnet.check.mistakes.proposals import Proposal
from symnet.check.mistakes.scope import Scope
from symnet.check.mistakes.sites import sites
from symnet.check.mistakes.symbols import THROUGHOUT, exchanged
from symnet.check.mistakes.table import MISTAKES, Mistake
from symnet.check.truth import Link, Reader, links_of
from symnet.support import ReadingError

MAX_TRIED = 3_000
"""How many changes are tried at most."""


@dataclass(frozen=True)
class Correction:
    """One change after which an equation holds.

    Attributes:
        cause: the name of the mistake.
        proposal: what is exchanged, and the words for it.
        sides: those of the corrected equation.
        relations: between them.
        words: the sentence of the mistake for a solution; empty where it is made throughout a chain.
    """

    cause: str
    proposal: Proposal
    sides: tuple[t.Node, ...]
    relations: tuple[str, ...]
    words: str = ""


@dataclass(frozen=True)
class Trial:
    """A side after one change: of which mistake, what was changed, and the whole side."""

    mistake: Mistake
    proposal: Proposal
    side: t.Node


def nearest(reader: Reader, link: Link, *, left: bool = False, tries: int = MAX_TRIED) -> Correction | None:
    """The likeliest single change of one side after which a link holds at all points; None where none is found.

    Args:
        reader: holds a link to the network.
        link: one that does not hold.
        left: whether the left side is changed, and not the right.
        tries: how many changes are tried at most.

    Raises:
        OutOfTime: before one was found.
    """
    side, other = (link.left, link.right) if left else (link.right, link.left)
    scope = Scope(link, side, other, reader.notation, len(reader.network.sizes) - 1)
    tried: set[t.Node] = {side, other}
    for trial in trials(scope, lambda mistake: mistake.undo):
        reader.deadline.check()
        if trial.side in tried:
            continue
        tried.add(trial.side)
        changed = replace(link, left=trial.side) if left else replace(link, right=trial.side)
        if holds(reader, changed):
            mistake = trial.mistake
            return Correction(mistake.cause, trial.proposal, changed.sides, (changed.relation,), mistake.words)
        if len(tried) > tries:
            return None
    return None


def nearest_throughout(reader: Reader, chain: t.Chain) -> Correction | None:
    """The likeliest change of one symbol wherever it stands in a chain, after which all of it holds.

    Raises:
        OutOfTime: before one was found.
    """
    symbols = [node for side in chain.sides for node in t.walk(side) if isinstance(node, t.Reference)]
    for cause, changes in THROUGHOUT:
        for symbol in dict.fromkeys(symbols):
            for new, reason in changes(symbol, reader.notation):
                changed: t.Node = exchanged(chain, symbol, new)
                assert isinstance(changed, t.Chain)
                if symbols.count(symbol) > 1 and all(holds(reader, link) for link in links_of(changed)):
                    proposal = Proposal(changed, symbol, new, reason=reason)
                    return Correction(cause, proposal, changed.sides, changed.relations)
    return None


def trials(scope: Scope, change: Callable[[Mistake], Change]) -> Iterator[Trial]:
    """A side with one change of each mistake, made or undone, at each place."""
    places = list(sites(scope.side))
    for mistake in MISTAKES:
        for site in places:
            for proposal in change(mistake)(site, scope):
                yield Trial(mistake, proposal, site.rebuild(proposal.node))


def holds(reader: Reader, link: Link) -> bool:
    """Whether a changed link holds; one that says nothing, or cannot be evaluated, does not."""
    try:
        return reader.failure(link) is None and reader.instances(link) > 0
    except OutOfTime:
        raise
    except ReadingError:
        return False
