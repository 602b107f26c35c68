"""A sheet of exercises, as a document without and with solutions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from symnet.exercises.draw import Draw
from symnet.exercises.header import header
from symnet.exercises.kinds import Kind, chosen_kinds
from symnet.exercises.setting import Part, Problem, Setting
from symnet.formats import Block, Display, Document, Inline, Paragraph, Ref, Section, Step
from symnet.network import Network
from symnet.notation import Notation
from symnet.pages import Scenes, symbol_infos
from symnet.support import ExerciseError, unfit, visible, whole_of

MAX_COUNT = 50
REDRAWS = 20
"""How often an exercise is redrawn if it is already on the sheet."""


@dataclass(frozen=True, repr=False)
class Sheet:
    """Exercises on a network.

    Attributes:
        setting: the network and the notation.
        seed: the seed that the exercises were drawn with.
        items: the exercises, in order.
    """

    setting: Setting
    seed: int
    items: tuple[Problem, ...]

    def __repr__(self) -> str:
        kinds = ", ".join(problem.kind for problem in self.items)
        return f"<Sheet {self.seed} on {visible(self.setting.network.title)}: {kinds}>"

    @cached_property
    def problems(self) -> Document:
        """The document of the exercises alone."""
        return self._document("Exercises", [Section(title, tuple(problem.task)) for title, problem in self._titled()])

    @cached_property
    def solutions(self) -> Document:
        """The document of the exercises with the same numbers, each with its solution."""
        sections = []
        for number, (title, problem) in enumerate(self._titled(), start=1):
            blocks = labelled((*problem.task, *_solution(problem.solution)), f"exercise-{number}-")
            sections.append(Section(title, blocks))
        return self._document("Solved exercises", sections)

    def _titled(self) -> Iterator[tuple[str, Problem]]:
        for number, problem in enumerate(self.items, start=1):
            yield f"Exercise {number}: {problem.title}", problem

    def _document(self, kind: str, sections: Sequence[Section]) -> Document:
        setting = self.setting
        return Document(
            title=f"{kind} on backpropagation: {setting.network.title}",
            subtitle=f"In the notation of {setting.notation.title}; sheet {self.seed}",
            sections=(header(setting), *sections),
            symbols=symbol_infos(Scenes(setting.single, setting.is_small, apart=True)),
            numbered=False,
        )


def draw_sheet(
    network: Network, notation: Notation, *, seed: int = 0, count: int | None = None, kinds: Sequence[str] = ()
) -> Sheet:
    """Draw a sheet of exercises on a network.

    Args:
        network: the architecture.
        notation: the notation of the sheet.
        seed: the seed of all random choices; the same seed gives the same sheet.
        count: the number of exercises, from 1 to 50; one of each kind if None.
        kinds: the names of the kinds to draw from; if empty, all kinds that the network is fit for.

    Raises:
        ExerciseError: the seed or the count is out of range, a kind is unknown, or the network is unfit for it.
        ArchitectureError: the layers do not fit together.
        NotationError: the notation uses a letter for something else that this network needs.
    """
    seed = whole_of(seed, "seed", 0, 10**18, ExerciseError)
    if count is not None:
        count = whole_of(count, "count", 1, MAX_COUNT, ExerciseError)
    if isinstance(kinds, str):
        raise unfit("kinds", kinds, "a sequence of names", ExerciseError)
    setting = Setting(network, notation)
    available = chosen_kinds(setting, kinds)
    wanted = _wanted(available, len(available) if count is None else count, Draw(seed, "kinds"))
    items: list[Problem] = []
    for kind, group in itertools.groupby(wanted, lambda kind: kind.name):
        for number, entry in enumerate(group):
            items.append(_fresh(entry, setting, items, (seed, kind, number)))
    return Sheet(setting, seed, tuple(items))


def _wanted(available: Sequence[Kind], count: int, draw: Draw) -> list[Kind]:
    """Return `count` kinds in the order of their table, each as often as the others or once more."""
    rounds, more = divmod(count, len(available))
    extra = draw.several(available, more)
    return [kind for kind in available for _ in range(rounds + (kind in extra))]


def _fresh(kind: Kind, setting: Setting, items: Sequence[Problem], keys: tuple[object, ...]) -> Problem:
    """Draw an exercise, and redraw it up to `REDRAWS` times while it is already on the sheet."""
    for turn in range(REDRAWS):
        problem = kind.make(setting, Draw(*keys, turn))
        if all(problem.task != other.task for other in items):
            break
    return problem


def _solution(steps: Sequence[Step]) -> Iterator[Step]:
    """Yield the steps of a solution, with the word solution before the first title."""
    for place, step in enumerate(steps):
        yield step if place else replace(step, title=("Solution. ", *step.title))


def labelled(blocks: Sequence[Block], prefix: str) -> tuple[Block, ...]:
    """Prefix the labels in blocks, so that several exercises can be in one document.

    References to other labels are kept: they refer to equations in the header of the sheet.
    """
    parts = [part for block in blocks for part in (block.body if isinstance(block, Step) else (block,))]
    own = {part.label for part in parts if isinstance(part, Display) and part.label}

    def inline(text: Inline) -> Inline:
        return tuple(
            Ref(prefix + piece.label) if isinstance(piece, Ref) and piece.label in own else piece for piece in text
        )

    def part_of(part: Part) -> Part:
        if isinstance(part, Paragraph):
            return Paragraph(inline(part.text))
        return replace(part, label=prefix + part.label) if isinstance(part, Display) and part.label else part

    found: list[Block] = []
    for block in blocks:
        if isinstance(block, Step):
            found.append(Step(inline(block.title), tuple(map(part_of, block.body))))
        else:
            found.append(part_of(block) if isinstance(block, Part) else block)
    return tuple(found)
