"""`Verifier`: decide on each equation of a text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import mpmath

from symnet.check.latex import Deadline, NotUnderstood, OutOfTime, parse_latex
from symnet.check.latex import tree as t
from symnet.check.mistakes import Correction, is_per_example, nearest, nearest_throughout
from symnet.check.read_back import given_numbers
from symnet.check.truth import (
    Failure,
    Link,
    Prover,
    Reader,
    closed,
    free_layer_letters,
    free_letters,
    is_matrix,
    links_of,
    shown_value,
)
from symnet.check.verdicts.answer import Answer, Verdict
from symnet.check.verdicts.documents import Display, equations_of
from symnet.check.verdicts.usual import Usual
from symnet.check.verdicts.widths import check_general, checkable
from symnet.check.verdicts.worked import has_numbers_put_in
from symnet.check.verdicts.writing import Writer, writer_of
from symnet.core import Program
from symnet.network import Network
from symnet.notation import Notation
from symnet.pages import Values
from symnet.support import ReadingError

SECONDS = 4.0
"""The time limit for one equation, without the search for a correction."""
SEARCH_SECONDS = 4.0
PROOF_SECONDS = 1.0

MEANINGS = {
    "z": "the pre-activation",
    "a": "the activation",
    "y": "the target",
    "W": "a weight",
    "b": "a bias",
    "C": "the loss",
}
UNLIKE = ("symbol", "pre-activation or activation", "function or derivative")
"""Mistakes that can come from another meaning of a symbol."""

FOR_ONE = "for one example"
"""What an answer adds if an equation omits the index of the example in a notation for batches."""

PROVED, AT_POINTS, AT_NUMBERS = "proved symbolically", "equal at random points", "equal at the given numbers"
NOT_JUDGED = "what comes out at certain numbers is not judged, unless --at gives them"


@dataclass(frozen=True)
class _Claim:
    """A chain, and its place in a display."""

    chain: t.Chain
    latex: str
    display: Display
    offset: int

    def answer(self, verdict: Verdict, message: str, how: str = "") -> Answer:
        line, column = self.display.at(self.offset) if self.display.line else (0, 0)
        return Answer(verdict, self.latex, message, how, line=line, column=column, cell=self.display.cell)


class Verifier:
    """Decides whether equations of a network are right; a symbol that one text defines is known in all later ones.

    Args:
        network: the architecture.
        notation: the notation that the equations are written in.
        may_define: whether equations may define letters that the notation does not have.
        values: the numbers behind results in numbers, such as z = 0.7; without them these are not judged.
        deadline: the time limit, shared with another verifier; a new one without limits if None.

    Raises:
        ReadingError: the network is too large.
    """

    def __init__(
        self,
        network: Network,
        notation: Notation,
        *,
        may_define: bool = True,
        values: Values | None = None,
        deadline: Deadline | None = None,
    ) -> None:
        self.network = network
        self.notation = notation
        self.may_define = may_define
        self.checked, forward = checkable(network)
        self.reader = Reader(self.checked, notation, deadline=deadline, forward=forward)
        self.values = values
        given = given_numbers(values, notation) if values is not None else None
        self.worked = self._at(given, forward) if given else None
        self.prover = Prover(self.reader)
        self.usual = Usual(self.reader, SECONDS)

    def _at(self, given: Mapping[str, object], forward: Program) -> Reader:
        """Return a reader at the given numbers, of the network itself even if a narrower one is checked."""
        own = forward if self.checked is self.network else None
        return Reader(self.network, self.notation, values=given, deadline=self.reader.deadline, forward=own)

    def answers(self, display: Display) -> Iterator[Answer]:
        """Yield the answer on each equation of a displayed formula."""
        if display.unclosed:
            end = len(display.latex.rstrip())
            yield self._not_understood(display, 0, display.latex, NotUnderstood(end + 1, display.unclosed, "the end"))
            return
        try:
            self._next_step()
            self._parsed(display.latex)
            pieces = [(0, display.latex)]
        except ReadingError:
            pieces = equations_of(display.latex) or [(0, display.latex)]
        for offset, latex in pieces:
            yield from self._of_piece(display, offset, latex)

    def _next_step(self) -> None:
        """Start the time limit of an equation.

        Raises:
            OutOfTime: no time is left for the text.
        """
        self.reader.deadline.set(SECONDS)
        self.reader.deadline.check()

    def _parsed(self, latex: str) -> list[t.Chain]:
        known = replace(self.reader.known(may_define=self.may_define), sizes=self.network.sizes)
        chains = parse_latex(latex, self.notation, known)
        if self.checked is not self.network:
            for chain in chains:
                check_general(chain, self.network.sizes)
        return chains

    @cached_property
    def of_one_example(self) -> Verifier | None:
        """A verifier of equations for one example, whose index texts may omit; None if the notation has no batch."""
        if self.notation.batch == "single":
            return None
        single = replace(self.notation, batch="single")
        own, deadline = self.may_define, self.reader.deadline
        return Verifier(self.network, single, may_define=own, values=self.values, deadline=deadline)

    def _of_piece(self, display: Display, offset: int, latex: str) -> list[Answer]:
        """Return the answers on a part of a display between line breaks, read for a batch, else for one example.

        In a layer with one unit, a single index can be that of the example or that of the unit; the reading with
        which the equation is right is taken.
        """
        found = list(self._read(display, offset, latex))
        verdicts = {answer.verdict for answer in found}
        if self.of_one_example is None or verdicts == {"right"}:
            return found
        if "wrong" in verdicts and not self.of_one_example._names_units(latex):
            return found
        others = list(self.of_one_example._read(display, offset, latex))
        unfit = {"not understood", "wrong"} if "wrong" in verdicts else {"not understood"}
        if verdicts == {"definition"} or any(answer.verdict in unfit for answer in others):
            return found
        return [_for_one(answer) for answer in others]

    def _names_units(self, latex: str) -> bool:
        """Whether an equation can be read, and every symbol in it that depends on the example has an index."""
        try:
            chains = self._parsed(latex)
        except ReadingError:
            return False
        own = [node for chain in chains for node in t.walk(chain) if isinstance(node, t.Reference)]
        return all(node.indices is not None for node in own if is_per_example(node))

    def _read(self, display: Display, offset: int, latex: str) -> Iterator[Answer]:
        try:
            self._next_step()
            chains = self._parsed(latex)
        except ReadingError as error:
            yield self._not_understood(display, offset, latex, error)
            return
        for chain in chains:
            text = closed(latex, chain.span.start, chain.span.end)
            claim = _Claim(chain, text, display, offset + chain.span.start)
            try:
                yield self._answer(claim)
            except ReadingError as error:
                yield self._not_understood(display, offset, latex, error)

    def _not_understood(self, display: Display, offset: int, latex: str, error: ReadingError) -> Answer:
        """Return the answer on an equation that cannot be read, with the place where reading stopped."""
        character, expected = (error.position, error.expected) if isinstance(error, NotUnderstood) else (0, "")
        line, column = display.at(offset + max(character - 1, 0)) if display.line else (0, 0)
        return Answer(
            "not understood",
            latex,
            str(error),
            character=character,
            expected=expected,
            line=line,
            column=column,
            cell=display.cell,
        )

    def _answer(self, claim: _Claim) -> Answer:
        self._next_step()
        chain = claim.chain
        defined = self._taken_in(chain)
        links = links_of(chain)[1 if defined else 0 :]
        if defined and not links:
            return claim.answer("definition", " ".join(claim.latex.replace("&", " ").split()))
        held = []
        for link in links:
            failure = self.reader.failure(link)
            if failure is None:
                held.append(link)
            elif not has_numbers_put_in(link):
                return self._wrong(claim, link, failure, links)
            elif self.worked is not None and (failure := self.worked.failure(link)) is not None:
                return self._wrong_in_numbers(claim, failure)
            if not self.reader.instances(link):
                raise ReadingError("the equation speaks of no layer that the network has")
        return self._right(claim, held, for_some=len(held) < len(links))

    def _right(self, claim: _Claim, held: list[Link], *, for_some: bool) -> Answer:
        """Return the answer on an equation in which nothing is wrong.

        Args:
            claim: the equation.
            held: its links that hold for all numbers.
            for_some: whether there are other links, which are results in numbers.
        """
        found = [self._how(held)] if held else []
        if not for_some or self.worked is not None:
            how = ", and ".join([*found, AT_NUMBERS] if for_some else found)
            return claim.answer("right", how, how)
        how = "".join(found)
        return claim.answer("right", f"{how}; {NOT_JUDGED}", how) if held else claim.answer("not judged", NOT_JUDGED)

    def _wrong_in_numbers(self, claim: _Claim, failure: Failure) -> Answer:
        """Return the answer on an equation with a wrong result at the given numbers."""
        sides = [shown_value(value) for value in (failure.left, failure.right)]
        told = claim.answer("wrong", f"at the given numbers {_how_far(failure, ()).removesuffix(NO_CHANGE)}")
        return replace(told, where=failure.where, left=sides[0], right=sides[1])

    def _how(self, links: list[Link]) -> str:
        self.reader.deadline.set(PROOF_SECONDS)
        return PROVED if all(self.prover.proves(link) for link in links) else AT_POINTS

    def _taken_in(self, chain: t.Chain) -> bool:
        """If a chain defines a symbol, add the definition and return True.

        Raises:
            NotUnderstood: the right side has a letter that the symbol on the left lacks.
        """
        left = chain.sides[0]
        if not isinstance(left, t.Defined) or chain.relations[0] != "=":
            return False
        if left.symbol in self.reader.defined and self._is_known(left):
            return False
        body = chain.sides[1]
        known = {index.letter for index in left.indices} | {left.layer.letter if left.layer else ""}
        fixed = {self.notation.last_layer}
        for letter in (*free_letters(body), *free_layer_letters(body)):
            if letter not in known | fixed:
                raise NotUnderstood(left.span.end + 1, f"{letter} at the symbol that is defined, as on the right")
        for reader in (self.reader, self.worked) if self.worked else (self.reader,):
            reader.define(t.Definition(left, body, chain.conditions))
        return True

    def _is_known(self, symbol: t.Defined) -> bool:
        """Whether an earlier definition already covers a symbol."""
        return any(
            definition.symbol == symbol
            or (definition.symbol.symbol == symbol.symbol and _covers(definition.symbol, symbol))
            for definition in self.reader.definitions
        )

    def _wrong(self, claim: _Claim, link: Link, failure: Failure, links: list[Link]) -> Answer:
        """Return the answer on a wrong equation: the options with which it is right if any, and a correction."""
        found = self._corrected(claim, link, failure)
        options, own = self.usual.options(links)
        if not options:
            return found
        usual = f"right with `{options}`, which is usual in this notation, but the network has {own}"
        return replace(found, message=f"{usual}: {found.message}", right_with=options)

    def _corrected(self, claim: _Claim, link: Link, failure: Failure) -> Answer:
        """Return the answer on a wrong equation, with the most similar one that is right."""
        writer = writer_of(claim.latex, self.notation, self.network.sizes, self.reader.extra)
        sides = [shown_value(value) for value in (failure.left, failure.right)]
        told = replace(claim.answer("wrong", ""), where=failure.where, left=sides[0], right=sides[1])
        self.reader.deadline.set(SEARCH_SECONDS)
        try:
            correction = self._correction(claim.chain, link)
        except OutOfTime:
            correction = None
        if correction is None:
            factors = self._factors(writer, link, failure)
            message = f"{_how_far(failure, factors)}{self._meaning(link, writer)}"
            return replace(told, message=message, factors=factors)
        proposal = correction.proposal
        old, new = (writer.latex(part) if part is not None else "" for part in (proposal.old, proposal.new))
        reason = f" ({proposal.reason})" if proposal.reason else ""
        corrected = writer.chain(correction.sides, correction.relations)
        words = proposal.words.format(old=old, new=new)
        if correction.cause in UNLIKE:
            reason += self._meaning(link, writer)
        return replace(
            told,
            message=f"{words}{reason}. Correct: {corrected}",
            cause=correction.cause,
            printed=old,
            meant=new,
            correction=corrected,
        )

    def _meaning(self, link: Link, writer: Writer) -> str:
        """Say what the notation means by the symbol on the left of an equation that looks like a definition."""
        symbol = link.left
        if not isinstance(symbol, t.Reference) or link.relation != "=":
            return ""
        noun = "the derivative of the loss by the pre-activation" if symbol.cotangent else MEANINGS.get(symbol.stem)
        noun = "the input" if (symbol.stem, symbol.layer) == ("a", t.Layer("", 0)) else noun
        return f"; {writer.latex(symbol)} is {noun} in this notation" if noun else ""

    def _correction(self, chain: t.Chain, link: Link) -> Correction | None:
        """Return the most similar right equation; None if there is none.

        The right side is changed, or else the left; the left first if it alone disagrees with the rest of the chain.
        As a last resort, one symbol is changed throughout the chain.

        Raises:
            OutOfTime: none was found in time.
        """
        attempts = [False, True]
        place = next((place for place, side in enumerate(chain.sides) if side is link.right), 0)
        rest = [Link(link.right, "=", side, chain.conditions) for side in chain.sides[place + 1 :]]
        if place == 1 and rest and all(self.reader.failure(other) is None for other in rest):
            attempts = [True, False]
        for left in attempts:
            found = nearest(self.reader, link, left=left)
            if found is not None:
                return self._in_chain(found, chain, link, left)
        return nearest_throughout(self.reader, chain)

    def _in_chain(self, found: Correction, chain: t.Chain, link: Link, left: bool) -> Correction:
        """Extend a correction to its whole chain if the corrected chain holds, else return it as it is."""
        old, new = (link.left, found.sides[0]) if left else (link.right, found.sides[1])
        sides = tuple(new if side is old else side for side in chain.sides)
        whole = replace(chain, sides=sides)
        if all(self.reader.failure(each) is None for each in links_of(whole)):
            return replace(found, sides=sides, relations=chain.relations)
        return found

    def _factors(self, writer: Writer, link: Link, failure: Failure) -> tuple[tuple[str, str], ...]:
        """Return the factors of both sides with their values where the sides differ; empty if that takes too long."""
        found = []
        self.reader.deadline.set(SECONDS)
        for side in link.sides:
            body = side.terms[0][1] if isinstance(side, t.Sum) and len(side.terms) == 1 else side
            parts = [part for _, part in body.factors] if isinstance(body, t.Product) else [body]
            for part in parts:
                if not isinstance(part, t.Literal):
                    try:
                        found.append((writer.latex(part), shown_value(self.reader.value(part, failure))))
                    except OutOfTime:
                        return ()
        return tuple(dict.fromkeys(found))


def _for_one(answer: Answer) -> Answer:
    """Add to an answer that it is for one example."""
    if answer.verdict != "right":
        return replace(answer, message=f"{FOR_ONE}: {answer.message}")
    return replace(answer, message=f"{answer.message}, {FOR_ONE}", how=f"{answer.how}, {FOR_ONE}")


def _covers(general: t.Defined, symbol: t.Defined) -> bool:
    """Whether a general definition applies to a symbol."""
    if len(general.indices) != len(symbol.indices) or (general.layer is None) != (symbol.layer is None):
        return False
    is_any_layer = general.layer is None or general.layer == symbol.layer or general.layer.letter != ""
    pairs = zip(general.indices, symbol.indices, strict=True)
    return is_any_layer and all(own.letter or own == other for own, other in pairs)


NO_CHANGE = "; no single change makes it right"


def _how_far(failure: Failure, factors: tuple[tuple[str, str], ...]) -> str:
    """Describe a failure for which no correction was found: the values of the sides and of their factors."""
    where = f" at {failure.where}" if failure.where else ""
    if failure.reason:
        return f"{failure.reason}{where}{NO_CHANGE}"
    text = f"{where.strip()}: " if where else ""
    text += f"the left side is {shown_value(failure.left)}, the right side {shown_value(failure.right)}"
    if not is_matrix(failure.left) and not is_matrix(failure.right) and failure.left != 0:
        text += f", {mpmath.nstr(failure.right / failure.left, 6)} times the left"
    values = ", ".join(f"{latex} = {value}" for latex, value in factors if value)
    return f"{text}{NO_CHANGE}" + (f" (where {values})" if values else "")
