"""The meanings of letters in a notation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from symnet.check.latex import layout as l
from symnet.check.latex.tree import DefinedSymbol
from symnet.core import BATCH, Array, Program, extent, layer_of_size
from symnet.notation import ExtraArray, Notation, letter

SPECIAL_STYLES = {"calligraphic": "calligraphic", "blackboard": "blackboard"}
"""The styles that distinguish letters; bold, italic and upright ones are the same letter."""

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Role:
    """What a letter stands for.

    Attributes:
        stem: the stem of its arrays, or `function`, `rate`, `examples`, `size`.
        units: the number of indices of units that an entry has.
        examples: the number of indices of examples that an entry has in a notation for batches.
        layered: whether the symbol is marked with its layer.
        cotangent: whether it is the derivative of C by the array.
        is_parameter: whether it is a parameter.
        is_extra: whether it is an array that notations have no letter for.
        is_turned: for such an array, whether pages have its two indices in the reverse order of the program.
    """

    stem: str
    units: int = 0
    examples: int = 0
    layered: bool = False
    cotangent: bool = False
    is_parameter: bool = False
    is_extra: bool = False
    is_turned: bool = False

    @property
    def kind(self) -> str:
        """The stem if every notation has a letter for it, else empty."""
        return "" if self.is_extra else self.stem

    @property
    def is_array(self) -> bool:
        return self.kind not in ("function", "rate", "examples", "size")


@dataclass(frozen=True)
class Known:
    """What is known of the network and of the text when an equation is read.

    Attributes:
        sizes: the units of each layer, if known; the index of a layer's only unit may then be omitted.
        extra: the letters of this network that the notation does not have; None for the usual ones (`OTHERS`).
        defined: the symbols that the text has defined so far; None if it may define none.
    """

    sizes: tuple[int, ...] = ()
    extra: Mapping[str, Role] | None = None
    defined: frozenset[DefinedSymbol] | None = None


@dataclass(frozen=True)
class Alphabet:
    """The letters of a notation and those of `extra`, as in `Known`."""

    notation: Notation
    extra: Mapping[str, Role] | None = None

    def roles(self, found: l.Letter) -> list[Role]:
        """Return what a letter may stand for: first in its exact form, then as an array in the other case."""
        exact = self.exact(found)
        if any(role.is_extra for role in exact):
            return exact
        name, style, accent = letter_key(found)
        other = self._table.get((name[0].swapcase() + name[1:], style, accent), [])
        return [*exact, *(role for role in other if role.is_array and role.kind not in ("C", ""))]

    def exact(self, found: l.Letter) -> list[Role]:
        """Return what a letter in its exact form may stand for."""
        return self._table.get(letter_key(found), [])

    @cached_property
    def _table(self) -> dict[Key, list[Role]]:
        table: dict[Key, list[Role]] = {}
        for text, role in self._own():
            table.setdefault(letter_key(letter(text)), []).append(role)
        for text, role in (OTHERS if self.extra is None else self.extra).items():
            table.setdefault(letter_key(letter(text)), [role])
        for key, role in self._usual():
            table.setdefault(key, [role])
        return table

    def _usual(self) -> Iterator[tuple[Key, Role]]:
        """Yield letters that people use in any notation: a target with a hat for the output, a calligraphic loss."""
        target, loss = letter(self.notation.target), letter(self.notation.loss)
        for accent in ("hat", "tilde") if not target.accent else ():
            yield (target.text, "", accent), Role("output", 1, 1)
        if not loss.style.startswith(("calligraphic", "blackboard")):
            yield (loss.text, "calligraphic", ""), Role("C")

    def _own(self) -> Iterator[tuple[str, Role]]:
        n = self.notation
        yield n.pre_activation, Role("z", 1, 1, True)
        yield n.activation, Role("a", 1, 1, True)
        yield n.input, Role("x", 1, 1)
        if n.output:
            yield n.output, Role("output", 1, 1)
        yield n.target, Role("y", 1, 1)
        yield n.loss, Role("C")
        yield n.weight, Role("W", 2, layered=True, is_parameter=True)
        if not n.bias_index:
            yield n.bias, Role("b", 1, layered=True, is_parameter=True)
        if n.error:
            yield n.error, Role("z", 1, 1, True, cotangent=True)
        yield n.function, Role("function")
        yield n.rate, Role("rate")
        yield n.examples, Role("examples")
        yield n.size, Role("size")


OTHERS = {
    "c": Role("c", 2, layered=True, is_parameter=True),
    "s": Role("s", 1, layered=True, is_parameter=True),
    "r": Role("r", 1, 1, True),
    "beta": Role("beta"),
    "Omega": Role("R"),
}
"""Letters of arrays that no notation has one for: of radial-basis layers, the learned β, the penalty."""


def extra_roles(program: Program, notation: Notation, extra: Mapping[str, ExtraArray]) -> dict[str, Role]:
    """Return the meanings of the letters in a network that the notation does not have.

    Args:
        program: the forward equations of a batch.
        notation: the notation.
        extra: the letters of layers' own arrays, by the names of the arrays.
    """
    roles = {text: role for text, role in OTHERS.items() if not role.layered and role.stem in program.declared}
    for name, written in extra.items():
        array = program.array(name)
        role = Role(
            stem=array.stem,
            units=len(array.unit_axes),
            examples=len(array.indices) - len(array.unit_axes),
            layered=True,
            is_parameter=array.is_parameter,
            is_extra=True,
            is_turned=is_turned(array, notation),
        )
        for text in (written.letter, written.whole):
            roles.setdefault(text, role)
    return roles


def is_turned(array: Array, notation: Notation) -> bool:
    """Whether pages have the two axes of an array in the reverse order of the program.

    An array between the units of two layers is ordered like a weight; for one of the batch, the notation says whether
    examples are rows or columns.
    """
    is_single = notation.batch == "single"
    sizes = [size for size in map(extent, array.indices) if size != BATCH or not is_single]
    layers = [layer_of_size(size) for size in sizes]
    if array.layer is not None and layers == [array.layer - 1, array.layer]:
        return notation.weight_order == "to-from"
    if len(sizes) != 2 or sizes.count(BATCH) != 1:
        return False
    return sizes.index(BATCH) == (0 if notation.batch == "columns" else 1)


def letters_told(notation: Notation) -> str:
    """List the letters of a notation with their meanings, for messages."""
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
    """A letter of a notation or of a page."""

    @property
    def style(self) -> str: ...
    @property
    def accent(self) -> str: ...


def letter_key(found: Printed) -> Key:
    """Return what distinguishes a letter: its name, its style if that is one of `SPECIAL_STYLES`, its accent."""
    name = getattr(found, "name", "") or getattr(found, "text", "")
    return name, SPECIAL_STYLES.get(found.style, ""), found.accent
