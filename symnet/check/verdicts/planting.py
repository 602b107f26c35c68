"""Right equations with one typical mistake planted in them, kept where `symnet verify` would find just that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeGuard

from symnet.check.latex import parse_latex
from symnet.check.latex import tree as t
from symnet.check.mistakes import Correction, Scope, Trial, holds, is_array, nearest, trials
from symnet.check.truth import Link, Reader, links_of
from symnet.check.verdicts.writing import Writer
from symnet.formats import Display, Inline, Line, Math
from symnet.formula import Formula
from symnet.support import ReadingError

TRIES = 300
"""A mistake is planted only where so many changes are enough to find it again."""

_PART = re.compile(r"(\{old\}|\{new\})")


@dataclass(frozen=True)
class Planted:
    """A mistake that was planted in an equation.

    Attributes:
        cause: what `symnet verify` calls it.
        wrong: the equation with the mistake.
        right: the equation without it.
        words: the sentence that tells it, with the parts that are wrong and right as formulas.
    """

    cause: str
    wrong: Display
    right: Display
    words: Inline


@dataclass(frozen=True)
class RightEquation:
    """A right equation of a page, to plant a mistake in.

    Attributes:
        reader: holds it to the network.
        writer: of the notation of the page.
        link: what it says.
    """

    reader: Reader
    writer: Writer
    link: Link

    @staticmethod
    def read(reader: Reader, latex: str, right: Formula) -> RightEquation | None:
        """The equation that is printed.

        Args:
            reader: holds it to the network.
            latex: the equation.
            right: its right-hand side.

        Returns:
            None where it has not two sides, does not hold, or would be written in another way.

        Raises:
            ReadingError: it cannot be read, which would be a fault of the page.
        """
        writer = Writer(reader.notation, reader.network.sizes, on_page=True, extra=reader.extra)
        links = _links(reader, latex)
        if len(links) != 1 or writer.formula(links[0].right) != right or not holds(reader, links[0]):
            return None
        return RightEquation(reader, writer, links[0])

    @property
    def _is_general(self) -> bool:
        """Whether it speaks of letters or of arrays, and not of single units, which have to be there."""
        parts = (node for side in self.link.sides for node in t.walk(side) if isinstance(node, t.Reference))
        return any(node.indices is None or any(index.letter for index in node.indices) for node in parts)

    def trials(self) -> Iterator[Trial]:
        """The right-hand side with one mistake, each side once for each cause."""
        link = self.link
        scope = Scope(link, link.right, link.left, self.reader.notation, len(self.reader.network.sizes) - 1)
        seen = set()
        for trial in trials(scope, lambda mistake: mistake.make):
            key = (trial.mistake.cause, trial.side)
            if key not in seen and trial.side not in link.sides:
                seen.add(key)
                yield trial

    def planted(self, trial: Trial) -> Planted | None:
        """The wrong equation, and how the search for the nearest right one tells the mistake.

        Returns:
            None where the equation still holds, cannot be printed, or the search finds another mistake in it.
        """
        wrong = replace(self.link, right=trial.side)
        correction = self._correction(wrong, trial)
        if correction is None or correction.cause != trial.mistake.cause:
            return None
        if _unordered(correction.sides[1]) != _unordered(self.link.right):
            return None
        return Planted(correction.cause, self._display(wrong), self._display(self.link), self._told(correction))

    def _correction(self, wrong: Link, trial: Trial) -> Correction | None:
        try:
            failure = self.reader.failure(wrong)
            if failure is None or not (failure.has_values or (trial.mistake.misfits and self._is_general)):
                return None
            again = _links(self.reader, self.writer.chain(wrong.sides, (wrong.relation,)))
        except ReadingError:
            return None
        return nearest(self.reader, wrong, tries=TRIES) if [link.sides for link in again] == [wrong.sides] else None

    def _display(self, link: Link) -> Display:
        left, right = map(self.writer.formula, link.sides)
        return Display((Line(left, "=", right),))

    def _told(self, correction: Correction) -> Inline:
        """The sentence of a mistake, with its parts as formulas."""
        leads = "leads to" if self.reader.notation.weight_order == "to-from" else "comes from"
        parts = {"{old}": correction.proposal.old, "{new}": correction.proposal.new}
        told: list[str | Math] = []
        for piece in _PART.split(correction.words.replace("{leads}", leads)):
            node = parts.get(piece)
            told.append(piece if node is None else Math(self.writer.formula(node)))
        return tuple(told)


def _links(reader: Reader, latex: str) -> list[Link]:
    chains = parse_latex(latex, reader.notation, reader.known(may_define=False))
    return [link for chain in chains for link in links_of(chain)]


def _unordered(side: t.Node) -> t.Node:
    """A side with its terms, and the factors of products of numbers, in an order of their own."""

    def put(node: t.Node) -> t.Node:
        if isinstance(node, t.Sum):
            return replace(node, terms=tuple(sorted(node.terms, key=repr)))
        if _is_plain(node) and not is_array(node):
            nested = (body.factors if _is_plain(body) else (("", body),) for _, body in node.factors)
            return replace(node, factors=tuple(sorted((each for inner in nested for each in inner), key=repr)))
        return node

    return t.rewrite(side, put)


def _is_plain(node: t.Node) -> TypeGuard[t.Product]:
    return isinstance(node, t.Product) and not any(operator for operator, _ in node.factors)
