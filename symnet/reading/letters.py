"""What each letter of a notation stands for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from symnet.notation.profile import Notation, letter
from symnet.reading import layout as l
from symnet.reading.tree import DefinedSymbol

SPECIAL_STYLES = {"calligraphic": "calligraphic", "blackboard": "blackboard"}
"""Styles that make another letter; bold, italic and upright only say whether it is a vector."""

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Role:
    """What a letter stands for.

    Attributes:
        stem: that of arrays, or `function`, `rate`, `examples`, `size`.
        units: how many indices of units an entry has.
        per_example: whether there is one for each example of a batch.
        layered: whether the symbol carries its layer.
        cotangent: whether it is ∂C by the array.
    """

    stem: str
    units: int = 0
    per_example: bool = False
    layered: bool = False
    cotangent: bool = False

    @property
    def is_array(self) -> bool:
        return self.stem not in ("function", "rate", "examples", "size")


@dataclass(frozen=True)
class Known:
    """What is known of the network and of the text when an equation is read.

    Attributes:
        sizes: the units of each layer; the index of a layer's only unit may then be left out.
        stems: the kinds of arrays that the network has; None for all that there are.
        defined: the symbols that the text has defined so far; None where it may define none.
    """

    sizes: tuple[int, ...] = ()
    stems: frozenset[str] | None = None
    defined: frozenset[DefinedSymbol] | None = None


@dataclass(frozen=True)
class Alphabet:
    """The letters of a notation; of those that no profile has only what is in `stems`, where that is given."""

    notation: Notation
    stems: frozenset[str] | None = None

    def roles(self, found: l.Letter) -> list[Role]:
        """What a letter may stand for, first its exact form, then the other case, in which matrices are set."""
        name, style, accent = letter_key(found)
        other = self._table.get((name[0].swapcase() + name[1:], style, accent), [])
        return [*self.exact(found), *(role for role in other if role.is_array and role.stem != "C")]

    def exact(self, found: l.Letter) -> list[Role]:
        """What a letter in its exact form may stand for."""
        return self._table.get(letter_key(found), [])

    @cached_property
    def _table(self) -> dict[Key, list[Role]]:
        table: dict[Key, list[Role]] = {}
        for text, role in self._own():
            table.setdefault(letter_key(letter(text)), []).append(role)
        for name, role in OTHERS.items() if self.stems is None else self._others():
            table.setdefault((name, "", ""), [role])
        for key, role in self._usual():
            table.setdefault(key, [role])
        return table

    def _others(self) -> Iterator[tuple[str, Role]]:
        return ((name, role) for name, role in OTHERS.items() if role.stem in (self.stems or ()))

    def _usual(self) -> Iterator[tuple[Key, Role]]:
        """What people write whatever the notation: the target with a hat for the output, a calligraphic loss."""
        target, loss = letter(self.notation.target), letter(self.notation.loss)
        for accent in ("hat", "tilde") if not target.accent else ():
            yield (target.text, "", accent), Role("output", 1, True)
        if not loss.style.startswith(("calligraphic", "blackboard")):
            yield (loss.text, "calligraphic", ""), Role("C")

    def _own(self) -> Iterator[tuple[str, Role]]:
        n = self.notation
        yield n.pre_activation, Role("z", 1, True, True)
        yield n.activation, Role("a", 1, True, True)
        yield n.input, Role("x", 1, True)
        if n.output:
            yield n.output, Role("output", 1, True)
        yield n.target, Role("y", 1, True)
        yield n.loss, Role("C")
        yield n.weight, Role("W", 2, layered=True)
        if not n.bias_index:
            yield n.bias, Role("b", 1, layered=True)
        if n.error:
            yield n.error, Role("z", 1, True, True, cotangent=True)
        yield n.function, Role("function")
        yield n.rate, Role("rate")
        yield n.examples, Role("examples")
        yield n.size, Role("size")


OTHERS = {
    "c": Role("c", 2, layered=True),
    "s": Role("s", 1, layered=True),
    "r": Role("r", 1, True, True),
    "beta": Role("beta"),
    "Omega": Role("R"),
}
"""Arrays that no profile has a letter for: of radial-basis layers, the learned β, the penalty."""


def letters_told(notation: Notation) -> str:
    """The letters of a notation that somebody may have looked for, with what they stand for."""
    n = notation
    kinds = {
        "loss": n.loss,
        "weight": n.weight,
        "bias": n.bias,
        "pre-activation": n.pre_activation,
        "activation": n.activation,
        "input": n.input,
        "target": n.target,
        "error": n.error,
    }
    return ", ".join(f"{letter(text).text} ({kind})" for kind, text in kinds.items() if text)


class Printed(Protocol):
    """A letter as a profile or a page has it."""

    @property
    def style(self) -> str: ...
    @property
    def accent(self) -> str: ...


def letter_key(found: Printed) -> Key:
    """What makes a letter another one than its neighbours: its name, a style that is not weight, its accent."""
    name = getattr(found, "name", "") or getattr(found, "text", "")
    return name, SPECIAL_STYLES.get(found.style, ""), found.accent
