"""The symbols of arrays in a notation: `W1` at [i,j] as w_{ji}^{(1)}."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from symnet.core import Array
from symnet.formula import Formula, Fraction, Letter, Number, Operator, Row, Scripts, Symbol, Words, row
from symnet.network import LOSS, LOSS_PARTS, PENALTY, PENALTY_FREE
from symnet.notation.conventions import Notation, letter
from symnet.notation.extra import ExtraArray, is_turned

WEIGHTS_AND_BIASES = ("W", "b")


@dataclass(frozen=True)
class Place:
    """The label of a layer: a number, or a letter plus an integer."""

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
    """An array with a symbol: an `Array`, or an array of a general layer."""

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
    """An array of a general layer, whose number is a letter, or its cotangent, with its letters."""

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
        labels: the labels of layers that replace their numbers, for a general layer.
        general_input: whether the input is written as the activation of layer 0, as a general layer needs it.
        extra: the letters of arrays without one in the notation, by name.
        arrays: the arrays in expressions, by name.
    """

    notation: Notation
    depth: int | Place
    labels: Mapping[int, Place] = field(default_factory=dict)
    general_input: bool = False
    extra: Mapping[str, ExtraArray] = field(default_factory=dict)
    arrays: Mapping[str, Array] = field(default_factory=dict)

    def stem(self, array: Named) -> str:
        """The stem of an array with a letter in every notation, or of its cotangent's primal; else an empty string."""
        return "" if self.extra_of(array) is not None else array.stem

    def extra_of(self, array: Named) -> ExtraArray | None:
        """The letters of an array, or of its primal, that has none in the notation; else None."""
        return self.extra.get(array.primal.name)

    def place(self, layer: int | Place) -> Place:
        """The label of a layer in the numbering of the notation."""
        if isinstance(layer, Place):
            return layer
        return self.labels.get(layer) or Place("", layer + self.notation.input_layer)

    def unit(self, number: int) -> Formula:
        """The number of a unit in the notation; the program counts from 0."""
        return Number(str(number + self.notation.base))

    def loss(self) -> Formula:
        """The symbol of the loss."""
        return self.entry(LOSS)

    def entry(self, array: Named, indices: Sequence[Formula] = ()) -> Formula:
        """The symbol of an array at indices in the order of the program, the batch index first.

        Units are formulas as printed, so a unit's number counts from the notation's base already.
        """
        if array.of is not None:
            return self.cotangent(array.of, indices)
        ordered = list(reversed(indices)) if self._reverses(array, len(indices)) else list(indices)
        if self.stem(array) == "b" and self.notation.bias_index:
            ordered.append(Number(self.notation.bias_index))
        return Symbol(self._scripted(self.letter_of(array), array, ordered), array.name)

    def cotangent(self, array: Named, indices: Sequence[Formula] = ()) -> Formula:
        """∂C/∂v at indices: δ for a pre-activation, dv or a fraction, depending on the notation."""
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
        """The symbol of a whole array, a vector in lower case or a matrix in upper case."""
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
        """A letter in the typeface of vectors and matrices."""
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
        """The label of the layer in the symbol of an array; None if it has none."""
        notation, extra = self.notation, self.extra_of(array)
        if array.layer is None:
            return self.place(0) if array.stem == "x" and self.general_input else None
        if extra is None and array.stem in ("a", "p") and array.layer == self.depth and notation.output:
            return None
        is_parameter = extra.is_parameter if extra is not None else array.stem in WEIGHTS_AND_BIASES
        return self.place(array.layer).moved(-1 if is_parameter and notation.weight_layer == "source" else 0)

    def _reverses(self, array: Named, axes: int) -> bool:
        """Whether the symbol has its axes in the opposite order of the program."""
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
        """A layer's label as a superscript."""
        fences = {"parenthesised": ("(", ")"), "bracketed": ("[", "]")}.get(self.notation.layer_mark)
        return row(Words(fences[0]), label, Words(fences[1])) if fences else label

    def listed(self, indices: Sequence[Formula]) -> list[Formula]:
        """Indices in a row, with commas if the notation has them or they would be ambiguous."""
        long = any(isinstance(index, Row) or (isinstance(index, Number) and len(index.text) > 1) for index in indices)
        if len(indices) < 2 or not (self.notation.separator or long):
            return list(indices)
        listed: list[Formula] = []
        for index in indices:
            listed += [Operator("comma"), index] if listed else [index]
        return listed


def _scripts(base: Formula, below: Formula | None, above: Formula | None) -> Formula:
    """Add scripts to a base, joined with existing ones."""
    if below is None and above is None:
        return base
    if isinstance(base, Scripts):
        inner = row(base.below, below) if base.below is not None or below is not None else None
        return Scripts(base.base, inner, above if above is not None else base.above)
    return Scripts(base, below, above)
