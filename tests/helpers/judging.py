"""Verdicts on single equations, for tests; what checks a network in a notation is kept."""

from __future__ import annotations

from functools import cache

from claim_corpus import NETWORK, with_usual_loss

from symnet.check.truth.reader import Reader
from symnet.check.verdicts.answer import Answer
from symnet.check.verdicts.documents import Display
from symnet.check.verdicts.verifier import Verifier
from symnet.notation.profile import load_notation


@cache
def verifier(notation: str, network: str = NETWORK) -> Verifier:
    profile = load_notation(notation)
    return Verifier(with_usual_loss(network, profile), profile, may_define=False)


def answers(notation: str, latex: str, network: str = NETWORK) -> list[Answer]:
    return list(verifier(notation, network).answers(Display(latex)))


@cache
def reader(notation: str, network: str) -> Reader:
    """What checks equations without an end to its time: that of a verifier's has the time of its last answer."""
    profile = load_notation(notation)
    return Reader(with_usual_loss(network, profile), profile)
