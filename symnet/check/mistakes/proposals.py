"""`Proposal`: one change at one place, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass

from symnet.check.latex import tree as t

SHOULD = "{old} should be {new}"
MISSING = "{new} is missing"
EXTRA = "{old} is one too many"


@dataclass(frozen=True)
class Proposal:
    """What may have been meant at a place.

    Attributes:
        node: what is to stand there instead.
        old: the part that is told as wrong; None where something is missing.
        new: the part that is told as right; None where something is one too many.
        words: the sentence, with {old} and {new} for these parts.
        reason: what the mistake consists in.
    """

    node: t.Node
    old: t.Node | None
    new: t.Node | None
    words: str = SHOULD
    reason: str = ""


def instead(old: t.Node, new: t.Node, reason: str = "") -> Proposal:
    """Another node for the one that stands there."""
    return Proposal(new, old, new, SHOULD, reason)
