"""Read the subscripts and superscripts of symbols: layer, indices, transpose and power."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from symnet.check.latex import layout as l
from symnet.check.latex.failure import not_understood
from symnet.check.latex.letters import Key, Role, letter_key
from symnet.check.latex.tree import Index, Layer, Reference
from symnet.notation import Notation, letter

FENCES = ("", "(", "[")
"""The fences around a layer in a superscript; all are read, whichever the notation prints."""

SHOWN_MARKS = {"superscript": "^{l}", "parenthesised": "^{(l)}", "bracketed": "^{[l]}", "subscript": "_{j,l}"}


@dataclass(frozen=True)
class Marks:
    """The scripts of a symbol.

    Attributes:
        layer: its layer, counted as in programs.
        indices: the indices of units and examples in the order of the page; None for a whole array.
        is_bias: whether it is a weight from unit 0, which is a bias in some notations.
        transposed: whether the symbol is transposed.
        power: the power that it is raised to; None for none.
    """

    layer: Layer | None
    indices: tuple[Index, ...] | None
    is_bias: bool = False
    transposed: bool = False
    power: l.Part | None = None


def pieces(parts: Sequence[l.Part]) -> list[l.Part]:
    """Return the adjacent parts of scripts, with unprinted braces removed."""
    found: list[l.Part] = []
    for part in parts:
        if isinstance(part, l.Group) and not part.fence and not part.operator:
            found += pieces(part.items)
        elif isinstance(part, l.Product) and all(not operator and not minus for operator, minus, _ in part.factors):
            found += [factor for _, _, factor in part.factors]
        else:
            found.append(part)
    return found


def listed(parts: Sequence[l.Part]) -> list[l.Part]:
    """Return the parts between the commas of a subscript."""
    found: list[l.Part] = []
    for part in parts:
        found += part.items if isinstance(part, l.Group) and not (part.fence or part.operator) else [part]
    return found


def is_transpose(part: l.Part) -> bool:
    return isinstance(part, l.Mark) or (isinstance(part, l.Letter) and part.name == "T" and not part.accent)


def plain_letter(part: l.Part) -> str | None:
    """Return the name of a letter without style and accent; None for any other part."""
    return part.name if isinstance(part, l.Letter) and not part.style and not part.accent else None


@dataclass(frozen=True)
class ScriptReader:
    """Reads scripts in a notation.

    Attributes:
        notation: the notation.
        sizes: the units of each layer, if known; the index of a layer's only unit may then be omitted.
    """

    notation: Notation
    sizes: tuple[int, ...] = ()

    def marks(self, role: Role, base: l.Part, below: Sequence[l.Part], above: Sequence[l.Part]) -> Marks:
        """Read the scripts of a symbol with this role.

        Args:
            role: what the symbol stands for.
            base: its letter.
            below, above: its subscripts and superscripts.

        Raises:
            NotUnderstood: the layer is missing or in the wrong place, or the number of indices is wrong.
        """
        lower, upper = listed(below), pieces(above)
        layer: Layer | None = None
        if role.layered:
            layer = self._taken_layer(base, lower, upper)
            if role.is_parameter and self.notation.weight_layer == "source":
                layer = replace(layer, offset=layer.offset + 1)
        is_bias = self._is_bias(role, lower)
        if is_bias:
            lower = lower[:-1] if len(lower) > 1 else _split(pieces(lower))[:-1]
        indices = self._indices(replace(role, units=1) if is_bias else role, lower, layer) if lower else None
        if indices is None and not self._counted_indices(role):
            indices = ()
        transposed = bool(upper) and is_transpose(upper[0])
        power = upper[1:] if transposed else upper
        if len(power) > 1 or (power and indices is None and is_transpose(power[0])):
            raise not_understood(power[0].span.start, "one power at most behind a symbol")
        return Marks(layer, indices, is_bias, transposed, power[0] if power else None)

    def _is_bias(self, role: Role, lower: list[l.Part]) -> bool:
        """Whether the symbol is a weight from unit 0, which is how this notation may write a bias."""
        last = lower[-1:] if len(lower) > 1 else _split(pieces(lower))[-1:]
        is_zero = bool(last) and isinstance(last[0], l.Number) and last[0].text == self.notation.bias_index
        return role.kind == "W" and is_zero

    def _taken_layer(self, base: l.Part, lower: list[l.Part], upper: list[l.Part]) -> Layer:
        """Remove the layer from the scripts that contain it, and return it."""
        style = self.notation.layer_mark
        if style == "subscript":
            if not lower:
                raise not_understood(base.span.end, f"the layer of the symbol, as in {SHOWN_MARKS[style]}", "none")
            return self.layer(lower.pop())
        if not upper and len(lower) == 1 and self.sizes and max(self.sizes) == 1:
            return self.layer(lower.pop())
        fence = upper[0].fence if upper and isinstance(upper[0], l.Group) else ""
        if not upper or fence not in FENCES or (not fence and is_transpose(upper[0])):
            raise not_understood(base.span.end, f"the layer of the symbol, marked {SHOWN_MARKS[style]}", "none")
        return self.layer(upper.pop(0))

    def layer(self, part: l.Part) -> Layer:
        """Return the layer with this label, counted as in programs.

        Raises:
            NotUnderstood: the part is no label of a layer.
        """
        if isinstance(part, l.Group) and len(part.items) == 1 and not part.operator:
            return self.layer(part.items[0])
        notation = self.notation
        letters = {letter_key(letter(text)): text for text in (notation.layer, notation.last_layer)}
        found, offset = _counted(part)
        name = letters.get(found) if found else ""
        if found is None or name is None:
            raise not_understood(
                part.span.start,
                f"a layer: a number, {notation.layer} or {notation.last_layer}, or one of these and a number",
            )
        return Layer(name, offset - (0 if name else notation.input_layer))

    def fixed_layer(self, part: l.Part) -> Layer:
        """Return the layer at an end of a range: a number or one relative to the last layer, not a general one.

        Raises:
            NotUnderstood: the part is no such label.
        """
        layer = self.layer(part)
        if layer.letter == self.notation.layer:
            raise not_understood(part.span.start, f"a number, {self.notation.last_layer}, or that and a number")
        return layer

    def _counted_indices(self, role: Role) -> int:
        """Return the number of indices that an entry has on the page."""
        return role.units + (role.examples if self.notation.batch != "single" else 0)

    def _indices(self, role: Role, lower: list[l.Part], layer: Layer | None) -> tuple[Index, ...]:
        count = self._counted_indices(role)
        if role.kind == "C" and not count:
            count = 1 if self.notation.batch != "single" else 0
        found = lower if len(lower) == count and not _runs_together(lower) else _split(pieces(lower))
        lone = self._lone_units(role, layer, count)
        if len(found) != count and len(found) == count - sum(lone):
            given = iter(found)
            return tuple(Index("", 0) if alone else self.index(next(given)) for alone in lone)
        if len(found) != count:
            noun = "index" if count == 1 else "indices"
            raise not_understood(lower[0].span.start, f"{count or 'no'} {noun} at this symbol", str(len(found)))
        return tuple(self.index(part) for part in found)

    def in_program_order(self, role: Role, indices: tuple[Index, ...] | None) -> tuple[Index, ...] | None:
        """Return indices in the order of the program's axes, given in the order of the page."""
        is_turned = role.is_turned
        if role.kind == "W":
            is_turned = self.notation.weight_order == "to-from"
        elif role.kind and role.examples:
            is_turned = self.notation.batch == "columns"
        return indices[::-1] if indices is not None and len(indices) == 2 and is_turned else indices

    def _lone_units(self, role: Role, layer: Layer | None, count: int) -> list[bool]:
        """Return for each index of a symbol, in the order of the page, whether its layer has only one unit."""
        widths = [0] * count
        number = None if role.is_extra else self._number(role, layer)
        if number is not None and 0 < number < len(self.sizes) and role.stem == "W":
            widths = [self.sizes[number], self.sizes[number - 1]]
            widths = widths if self.notation.weight_order == "to-from" else widths[::-1]
        elif number is not None and 0 <= number < len(self.sizes) and role.is_array and role.units == 1:
            unit = 0 if self.notation.batch == "columns" else count - 1
            widths[unit] = self.sizes[number]
        return [width == 1 for width in widths]

    def _number(self, role: Role, layer: Layer | None) -> int | None:
        """Return the number of a symbol's layer; None if it depends on the letter of a general layer."""
        if layer is None:
            return {"x": 0, "y": len(self.sizes) - 1, "output": len(self.sizes) - 1}.get(role.stem)
        if layer.letter == self.notation.last_layer:
            return len(self.sizes) - 1 + layer.offset
        return None if layer.letter else layer.offset

    def unit_alone(self, reference: Reference) -> bool:
        """Whether a whole array is a single number: one unit, in a notation for single examples."""
        if reference.indices is not None or reference.kind not in ("z", "a", "y", "b"):
            return False
        number = self._number(Role(reference.stem), reference.layer)
        is_single = reference.stem == "b" or self.notation.batch == "single"
        return is_single and number is not None and 0 <= number < len(self.sizes) and self.sizes[number] == 1

    def of_definition(
        self, below: Sequence[l.Part], above: Sequence[l.Part]
    ) -> tuple[Layer | None, tuple[Index, ...], list[l.Part]]:
        """Read the scripts of a symbol that the text defined: layer, indices, and the remaining superscripts."""
        lower, upper = listed(below), pieces(above)
        layer: Layer | None = None
        is_fenced = bool(upper) and isinstance(upper[0], l.Group) and upper[0].fence in ("(", "[")
        is_bare = bool(upper) and self.notation.layer_mark == "superscript" and not is_transpose(upper[0])
        if is_fenced or is_bare:
            layer = self.layer(upper.pop(0))
        found = lower if len(lower) > 1 and not _runs_together(lower) else _split(pieces(lower))
        return layer, tuple(self.index(part) for part in found), upper

    def index(self, part: l.Part) -> Index:
        """Return an index, with numbers counted from 0.

        Raises:
            NotUnderstood: the part is no index.
        """
        if isinstance(part, l.Group) and not (part.fence or part.operator) and len(part.items) == 1:
            return self.index(part.items[0])
        found, offset = _counted(part)
        if found is None or found[1:] not in ((), ("", "")):
            raise not_understood(part.span.start, "an index: a letter or a number")
        if found == letter_key(letter(self.notation.layer)):
            raise not_understood(part.span.start, f"the index of a unit; {self.notation.layer} is that of a layer")
        return Index(found[0], offset) if found else Index("", offset - self.notation.base)


def _runs_together(parts: Sequence[l.Part]) -> bool:
    return any(isinstance(part, l.Product) for part in parts)


def _split(parts: Sequence[l.Part]) -> list[l.Part]:
    """Split numbers into digits, as the indices 1 and 2 in w_12."""
    found: list[l.Part] = []
    for part in parts:
        if isinstance(part, l.Number) and part.text.isdigit():
            found += [l.Number(part.span, digit) for digit in part.text]
        else:
            found.append(part)
    return found


def _counted(part: l.Part) -> tuple[Key | tuple[()] | None, int]:
    """Return a letter's key and the integer added to it: for j + 1, 1; the key is () for a number, None otherwise."""
    if isinstance(part, l.Number) and part.text.isdigit() and len(part.text) < 8:
        return (), int(part.text)
    if isinstance(part, l.Letter):
        return letter_key(part), 0
    if isinstance(part, l.Sum) and len(part.terms) == 2 and not part.terms[0][0]:
        (_, first), (minus, second) = part.terms
        (found, start), (none, step) = _counted(first), _counted(second)
        if found and none == ():
            return found, start - step if minus else start + step
    return None, 0
