"""From an array to its symbol on the page: `W1` at [i,j] as w_{ji}^{(1)}, as a notation has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from symnet.architecture import LOSS, LOSS_PARTS, PENALTY, PENALTY_FREE
from symnet.equations import Array
from symnet.notation.extra import ExtraArray, is_turned
from symnet.notation.formula import (
    Formula,
    Fraction,
    Letter,
    Number,
    Operator,
    Row,
    Scripts,
    Symbol,
    Words,
    row,
)
from symnet.notation.profile import Notation, letter

WEIGHTS_AND_BIASES = ("W", "b")


@dataclass(frozen=True)
class Place:
    """The label of a layer: a number, or a letter with a whole number added to it."""

    letter: str = ""
    offset: int = 0

    def moved(self, by: int) -> Place:
        return Place(self.letter, self.offset + by)

    def formula(self) -> Formula:
        if not self.letter:
            return Number(str(self.offset))
        sign = Operator("+" if self.offset > 0 else "-")
        return row(letter(self.letter), *((sign, Number(str(abs(self.offset)))) if self.offset else ()))


class Named(Protocol):
    """What can be written: an `Array`, or the same array of a general layer."""

    @property
    def stem(self) -> str: ...

    @property
    def layer(self) -> int | Place | None: ...

    @property
    def of(self) -> Named | None: ...

    @property
    def primal(self) -> Named: ...

    @property
    def name(self) -> str: ...

    def cotangent(self) -> Named: ...


@dataclass(frozen=True)
class GeneralArray:
    """An array of a layer that has a letter for its number, or its cotangent, with how it is written."""

    stem: str
    layer: Place
    of: GeneralArray | None = None

    @property
    def name(self) -> str:
        return f"{self.stem}_{self.layer}" if self.of is None else f"{self.of.name}_bar"

    @property
    def primal(self) -> GeneralArray:
        return self if self.of is None else self.of.primal

    def cotangent(self) -> GeneralArray:
        return GeneralArray(self.stem, self.layer, self)


@dataclass(frozen=True)
class Symbols:
    """Writes symbols in a notation.

    Attributes:
        notation: the profile.
        depth: the last layer, by its number or its letter; the input is layer 0.
        labels: what stands for a layer's number where a general layer is spoken of.
        general_input: whether the input is written as the activation of layer 0, for a general layer's sake.
        extra: how arrays are written that no notation has a letter for, by their names.
        arrays: the arrays that stand in expressions, by name.
    """

    notation: Notation
    depth: int | Place
    labels: Mapping[int, Place] = field(default_factory=dict)
    general_input: bool = False
    extra: Mapping[str, ExtraArray] = field(default_factory=dict)
    arrays: Mapping[str, Array] = field(default_factory=dict)

    def stem(self, array: Named) -> str:
        """The stem of an array that every notation has a letter for, or of its cotangent; else nothing."""
        return "" if self.extra_of(array) is not None else array.stem

    def extra_of(self, array: Named) -> ExtraArray | None:
        """How an array, or that whose cotangent it is, is written where no notation has a letter for it."""
        return self.extra.get(array.primal.name)

    def place(self, layer: int | Place) -> Place:
        """The label of a layer as the notation numbers it."""
        if isinstance(layer, Place):
            return layer
        return self.labels.get(layer) or Place("", layer + self.notation.input_layer)

    def unit(self, number: int) -> Formula:
        """The number of a unit, counted from 0 by the program, as the notation counts it."""
        return Number(str(number + self.notation.base))

    def loss(self) -> Formula:
        """The symbol of the loss."""
        return self.entry(LOSS)

    def entry(self, array: Named, indices: Sequence[Formula] = ()) -> Formula:
        """The symbol of an array at indices of its axes, in the order of the program; a batch index first.

        Units are formulas as they stand on the page, so a unit's number already counts from the
        notation's base.
        """
        if array.of is not None:
            return self.cotangent(array.of, indices)
        ordered = list(reversed(indices)) if self._reverses(array, len(indices)) else list(indices)
        if self.stem(array) == "b" and self.notation.bias_index:
            ordered.append(Number(self.notation.bias_index))
        return Symbol(self._scripted(self.letter_of(array), array, ordered), array.name)

    def cotangent(self, array: Named, indices: Sequence[Formula] = ()) -> Formula:
        """∂C/∂v at indices: as δ for a pre-activation, as dv or as a fraction, as the notation has it."""
        notation = self.notation
        if self.stem(array) == "z" and notation.error:
            ordered = list(reversed(indices)) if notation.batch == "columns" else list(indices)
            return Symbol(self._scripted(letter(notation.error), array, ordered), array.cotangent().name)
        return self._by_loss(array, self.entry(array, indices))

    def _by_loss(self, array: Named, below: Formula) -> Formula:
        if self.notation.derivative == "d" and array not in LOSS_PARTS:
            return row(Letter("d"), below)
        return self.derivative(self.loss(), below)

    def whole(self, array: Named, *, is_matrix: bool) -> Formula:
        """The symbol of a whole array, as a vector in lower or a matrix in upper case."""
        notation = self.notation
        if array.of is not None:
            if self.stem(array) == "z" and notation.error:
                return Symbol(self._scripted(self._set(letter(notation.error)), array, []), array.name)
            return self._by_loss(array.of, self.whole(array.of, is_matrix=is_matrix))
        base, extra = self.letter_of(array), self.extra_of(array)
        if extra is not None:
            base = letter(extra.whole)
        elif isinstance(base, Letter) and len(base.text) == 1:
            base = replace(base, text=base.text.upper() if is_matrix else base.text.lower())
        is_numbered = self.stem(array) == "b" and bool(notation.bias_index)
        marks: list[Formula] = [Number(notation.bias_index)] if is_numbered else []
        return Symbol(self._scripted(self._set(base), array, marks), array.name)

    def _set(self, base: Formula) -> Formula:
        """A letter in the type of vectors and matrices."""
        is_plain = self.notation.vectors == "plain" or not isinstance(base, Letter) or base.style != "italic"
        return base if is_plain or not isinstance(base, Letter) else replace(base, style="bold")

    def derivative(self, above: Formula, below: Formula) -> Formula:
        """∂above/∂below."""
        return Fraction(row(Operator("partial"), above), row(Operator("partial"), below))

    def letter_of(self, array: Named) -> Formula:
        """The letter of an array, without marks."""
        notation, extra = self.notation, self.extra_of(array)
        if extra is not None:
            return letter(extra.letter)
        if array.stem in ("a", "p"):
            is_output = array.layer == self.depth and bool(notation.output)
            return letter(notation.output if is_output else notation.activation)
        letters = {
            "z": notation.pre_activation,
            "x": notation.activation if self.general_input else notation.input,
            "y": notation.target,
            "W": notation.weight,
            "b": notation.weight if notation.bias_index else notation.bias,
            "C": notation.loss,
        }
        if array == PENALTY_FREE:
            return Scripts(letter(notation.loss), below=Number("0"))
        if array == PENALTY:
            return Letter("Omega")
        if array.stem in letters:
            return letter(letters[array.stem])
        return letter(array.stem)

    def layer_of(self, array: Named) -> Place | None:
        """The label of the layer that the symbol of an array carries; None where it carries none."""
        notation, extra = self.notation, self.extra_of(array)
        if array.layer is None:
            return self.place(0) if array.stem == "x" and self.general_input else None
        if extra is None and array.stem in ("a", "p") and array.layer == self.depth and notation.output:
            return None
        is_parameter = extra.is_parameter if extra is not None else array.stem in WEIGHTS_AND_BIASES
        return self.place(array.layer).moved(-1 if is_parameter and notation.weight_layer == "source" else 0)

    def _reverses(self, array: Named, axes: int) -> bool:
        """Whether the symbol names the axes in the other order than the program."""
        extra = self.extra_of(array)
        if extra is not None:
            return axes == 2 and is_turned(self.notation, extra.axes)
        if array.stem == "W":
            return self.notation.weight_order == "to-from"
        return axes == 2 and self.notation.batch == "columns" and array.stem not in WEIGHTS_AND_BIASES

    def _scripted(self, base: Formula, array: Named, indices: list[Formula]) -> Formula:
        place = self.layer_of(array)
        label = place.formula() if place else None
        if label is not None and self.notation.layer_mark == "subscript":
            return Scripts(base, below=row(*self.listed(indices), *((Operator("comma"),) if indices else ()), label))
        below = row(*self.listed(indices)) if indices else None
        above = self.marked(label) if label is not None else None
        return _scripts(base, below, above)

    def marked(self, label: Formula) -> Formula:
        """A layer's label as it stands above a symbol."""
        fences = {"parenthesised": ("(", ")"), "bracketed": ("[", "]")}.get(self.notation.layer_mark)
        return row(Words(fences[0]), label, Words(fences[1])) if fences else label

    def listed(self, indices: Sequence[Formula]) -> list[Formula]:
        """Indices beside one another, with commas where the notation has them or two would run together."""
        long = any(isinstance(index, Row) or (isinstance(index, Number) and len(index.text) > 1) for index in indices)
        if len(indices) < 2 or not (self.notation.separator or long):
            return list(indices)
        listed: list[Formula] = []
        for index in indices:
            listed += [Operator("comma"), index] if listed else [index]
        return listed


def _scripts(base: Formula, below: Formula | None, above: Formula | None) -> Formula:
    """Scripts on a base, joined with those that it has."""
    if below is None and above is None:
        return base
    if isinstance(base, Scripts):
        inner = row(base.below, below) if base.below is not None or below is not None else None
        return Scripts(base.base, inner, above if above is not None else base.above)
    return Scripts(base, below, above)
