"""Write trees back to LaTeX in the symbols of a notation: the inverse of `symnet.check.latex`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from symnet.check.latex import Span
from symnet.check.latex import tree as t
from symnet.core import Array
from symnet.formula import Formula, formula_latex, row
from symnet.formula import tree as f
from symnet.notation import ExtraArray, GeneralArray, Named, Notation, Place, Symbols, letter, transpose_mark
from symnet.support import ATOM, FACTOR, HADAMARD, PRODUCT, SUM

_SHORT = re.compile(r"([_^])\{([A-Za-z0-9])\}")

SPACE = f.Space()
HADAMARDS: tuple[Literal["odot", "circ", "ast"], ...] = ("odot", "circ", "ast")
RELATIONS = {"=": "=", "approx": "approx", "update": "leftarrow"}
SIGNS = {"<=": "≤", ">=": "≥", "!=": "≠"}

Written = tuple[Formula, int]


@dataclass(frozen=True)
class Writer:
    """Writes nodes of `symnet.check.latex.tree`.

    Attributes:
        notation: the notation.
        sizes: the units of each layer.
        input_letter: whether the input is written by its own letter, not as the activation of layer 0.
        output_letter: whether the output is written by its own letter, if the notation has one.
        lone_indices: whether the only unit of a layer has an index.
        on_page: whether arrays of one unit are vectors, and transposes stand behind parentheses, as on pages.
        extra: by name, how arrays are written that the notation has no letter for.
    """

    notation: Notation
    sizes: tuple[int, ...]
    input_letter: bool = True
    output_letter: bool = True
    lone_indices: bool = True
    on_page: bool = False
    extra: Mapping[str, ExtraArray] = field(default_factory=dict)

    @property
    def depth(self) -> int:
        return len(self.sizes) - 1

    def latex(self, node: t.Node) -> str:
        """Return a node as LaTeX."""
        return short(formula_latex(self.formula(node)))

    def chain(self, sides: tuple[t.Node, ...], relations: tuple[str, ...]) -> str:
        """Return an equation or a chain of equations as LaTeX."""
        parts: list[Formula] = [self.formula(sides[0])]
        for relation, side in zip(relations, sides[1:], strict=True):
            parts += [f.Operator(RELATIONS[relation]), self.formula(side)]
        return short(formula_latex(row(*parts)))

    def formula(self, node: t.Node) -> Formula:
        return self.written(node)[0]

    def written(self, node: t.Node) -> Written:
        return _WRITERS[type(node)](self, node)

    def within(self, node: t.Node, strength: int) -> Formula:
        """Return a node, in parentheses if its precedence is lower than `strength`."""
        formula, own = self.written(node)
        return formula if own >= strength else f.Fenced(formula)

    def _literal(self, node: t.Literal) -> Written:
        return f.Number(node.text), ATOM

    def _constant(self, node: t.Constant) -> Written:
        names = {"rate": self.notation.rate, "examples": self.notation.examples}
        return letter(names.get(node.name, node.name)), ATOM

    def _size(self, node: t.Size) -> Written:
        return f.Scripts(letter(self.notation.size), below=self._label(node.layer)), ATOM

    def _label(self, layer: t.Layer) -> Formula:
        offset = layer.offset if layer.letter else layer.offset + self.notation.input_layer
        return Place(layer.letter, offset).formula()

    def _variable(self, node: t.Variable) -> Written:
        return f.Letter(node.name), ATOM

    def _defined(self, node: t.Defined) -> Written:
        base: Formula = f.Letter(node.symbol.name, *_look(node.symbol))
        symbols = Symbols(self.notation, self.depth)
        below = row(*symbols.listed([self.index(index) for index in node.indices])) if node.indices else None
        if node.layer is None:
            return (f.Scripts(base, below=below) if below is not None else base), ATOM
        label = self._label(node.layer)
        if self.notation.layer_mark == "subscript":
            inner = row(below, f.Operator("comma"), label) if below is not None else label
            return f.Scripts(base, below=inner), ATOM
        return f.Scripts(base, below=below, above=symbols.marked(label)), ATOM

    def index(self, index: t.Index) -> Formula:
        """Return an index as the notation counts."""
        if not index.letter:
            return f.Number(str(index.offset + self.notation.base))
        return Place(index.letter, index.offset).formula()

    def _reference(self, node: t.Reference) -> Written:
        formula = self._symbol(node)
        is_fraction = node.cotangent and isinstance(formula, f.Fraction)
        return formula, FACTOR if is_fraction or isinstance(formula, f.Row) else ATOM

    def _symbol(self, node: t.Reference) -> Formula:
        primal, symbols = self._named(node)
        array = primal.cotangent() if node.cotangent else primal
        in_batch = self.notation.batch != "single"
        if node.indices is not None:
            return self._entry(symbols, array, node)
        is_alone = not self.on_page and self._width(node.layer) == 1
        if not in_batch and node.stem in ("z", "a", "y", "b") and is_alone:
            return symbols.entry(array)
        is_matrix = node.stem == "W" or (in_batch and node.stem in ("z", "a", "p", "y"))
        if node.stem in ("C", "E", "R"):
            return symbols.entry(array)
        return symbols.whole(array, is_matrix=is_matrix)

    def _entry(self, symbols: Symbols, array: Named, node: t.Reference) -> Formula:
        """Write an entry, without the indices of layers' only units if the text omits them."""
        assert node.indices is not None
        alone = [False] * len(node.indices)
        if not self.lone_indices and node.stem == "W" and node.layer is not None:
            before = replace(node.layer, offset=node.layer.offset - 1)
            alone = [self._width(before) == 1, self._width(node.layer) == 1]
        elif not self.lone_indices and node.stem in ("z", "a", "y", "b"):
            alone[-1] = self._width(node.layer) == 1
        if not any(alone):
            return symbols.entry(array, [self.index(index) for index in node.indices])
        pairs = list(zip(node.indices, alone, strict=True))
        return symbols.entry(array, [self.index(index) for index, is_alone in pairs if not is_alone])

    def _width(self, layer: t.Layer | None) -> int:
        """Return the units of a layer; 0 if its number is unknown."""
        if layer is None or layer.letter == self.notation.last_layer:
            number = self.depth + (layer.offset if layer is not None else 0)
        else:
            number = -1 if layer.letter else layer.offset
        return self.sizes[number] if 0 <= number <= self.depth else 0

    def _named(self, node: t.Reference) -> tuple[Named, Symbols]:
        """Return the array of a reference, and the symbols to write it with."""
        layer = node.layer
        if layer is None:
            return Array(node.stem), Symbols(self.notation, self.depth)
        if not layer.letter:
            if node.stem == "a" and layer.offset == 0:
                return Array("x"), Symbols(self.notation, self.depth, general_input=not self.input_letter)
            depth = self.depth if self.output_letter else -1
            return Array(node.stem, layer=layer.offset), Symbols(self.notation, depth, extra=self.extra)
        is_last = self.output_letter and layer == t.Layer(self.notation.last_layer)
        array = GeneralArray(node.stem, Place(layer.letter, layer.offset))
        alike = [written for written in self.extra.values() if node.is_extra and written.stem == node.stem]
        extra = {array.name: alike[0]} if alike else {}
        return array, Symbols(self.notation, array.layer if is_last else self.depth, extra=extra)

    def _derivative(self, node: t.Derivative) -> Written:
        above, below = (row(f.Operator("partial"), self.formula(part)) for part in (node.above, node.below))
        return f.Fraction(above, below), FACTOR

    def _gradient(self, node: t.Gradient) -> Written:
        return row(f.Operator("nabla"), letter(self.notation.loss)), FACTOR

    def _activation(self, node: t.Activation) -> Written:
        base: Formula = letter(self.notation.function)
        primes = [f.Operator("prime")] * node.order
        symbols = Symbols(self.notation, self.depth)
        if node.layer is None:
            base = f.Scripts(base, above=row(*primes)) if primes else base
        elif self.notation.layer_mark == "subscript":
            base = f.Scripts(base, below=self._label(node.layer), above=row(*primes) if primes else None)
        else:
            base = f.Scripts(base, above=row(symbols.marked(self._label(node.layer)), *primes))
        return row(base, f.Fenced(self.formula(node.argument))), FACTOR

    def _call(self, node: t.Call) -> Written:
        base: Formula = f.Function(node.name)
        if node.index is not None:
            base = f.Scripts(base, below=self.index(node.index))
        inner = f.joined((self.formula(argument) for argument in node.arguments), f.Operator("comma"))
        return row(base, f.Fenced(inner)), FACTOR

    def _sum(self, node: t.Sum) -> Written:
        parts: list[Formula] = []
        for place, (minus, term) in enumerate(node.terms):
            if minus or place:
                parts.append(f.Operator("-" if minus else "+"))
            parts.append(self.within(term, HADAMARD))
        return row(*parts), SUM

    def _product(self, node: t.Product) -> Written:
        hadamard = any(operator in ("hadamard", "elementwise divide") for operator, _ in node.factors)
        parts: list[Formula] = []
        last = len(node.factors) - 1
        for place, (operator, factor) in enumerate(node.factors):
            if operator == "divide" and parts:
                above = parts.pop()
                bare = above.body if isinstance(above, f.Fenced) else above
                parts.append(f.Fraction(bare, self.formula(factor)))
                continue
            strength = PRODUCT if place == last and not isinstance(factor, t.Product) else FACTOR
            parts += (
                [self._operator(operator), self.within(factor, strength)] if parts else [self.within(factor, strength)]
            )
        if len(parts) == 1:
            return parts[0], FACTOR
        return row(*parts), HADAMARD if hadamard else PRODUCT

    def _operator(self, operator: str) -> Formula:
        names = {"times": "times", "hadamard": self.notation.hadamard, "elementwise divide": "oslash"}
        return f.Operator(names[operator]) if operator in names else SPACE

    def _power(self, node: t.Power) -> Written:
        if node.exponent == HALF:
            return f.Root(self.formula(node.base)), FACTOR
        base = self.formula(node.base)
        is_free = isinstance(node.base, t.Literal | t.Constant | t.Variable) or (
            isinstance(base, f.Symbol) and not (isinstance(base.body, f.Scripts) and base.body.above is not None)
        )
        return f.Scripts(base if is_free else f.Fenced(base), above=self.formula(node.exponent)), FACTOR

    def _transposed(self, node: t.Transposed) -> Written:
        mark = transpose_mark(self.notation)
        formula = self.formula(node.body)
        inner = formula.body if isinstance(formula, f.Symbol) else formula
        runs_together = isinstance(inner, f.Scripts) and inner.above and self.notation.layer_mark == "superscript"
        is_fenced = isinstance(inner, f.Scripts) and (runs_together or (self.on_page and inner.above is not None))
        if isinstance(inner, f.Scripts) and not is_fenced:
            return f.Scripts(inner.base, inner.below, row(inner.above, mark)), ATOM
        is_letter = isinstance(inner, f.Letter)
        return f.Scripts(inner if is_letter else f.Fenced(formula), above=mark), ATOM

    def _absolute(self, node: t.Absolute) -> Written:
        return f.Fenced(self.formula(node.body), "|", "|"), ATOM

    def _norm(self, node: t.Norm) -> Written:
        fenced = f.Fenced(self.formula(node.body), "‖", "‖")
        return (fenced if node.order == 2 else f.Scripts(fenced, below=f.Number("1"))), ATOM

    def _total(self, node: t.Total) -> Written:
        ranged = [bound for bound in node.bounds if bound.lower is not None or bound.upper is not None]
        signs = [self._sign((bound,)) for bound in ranged]
        rest = tuple(bound for bound in node.bounds if bound not in ranged)
        if rest:
            signs.insert(0, self._sign(rest))
        return row(*signs, SPACE, self.within(node.body, HADAMARD)), PRODUCT

    def _sign(self, bounds: tuple[t.Bound, ...]) -> Formula:
        below = f.joined((self._bound(bound) for bound in bounds), f.Operator("comma"))
        upper = bounds[0].upper
        return f.Total(below, self._end(upper) if upper is not None else None)

    def _bound(self, bound: t.Bound) -> Formula:
        index = letter(bound.letter)
        if bound.excluded is not None:
            return row(index, f.Words("≠"), self.index(bound.excluded))
        return index if bound.lower is None else row(index, f.Operator("="), self._end(bound.lower))

    def _end(self, end: t.Node | t.Layer) -> Formula:
        return self._label(end) if isinstance(end, t.Layer) else self.formula(end)

    def _same(self, node: t.Same) -> Written:
        relation = f.Words("≠") if node.differ else f.Operator("=")
        return f.Fenced(row(self.index(node.left), relation, self.index(node.right)), "[", "]"), ATOM

    def _comparison(self, node: t.Comparison) -> Written:
        return f.Fenced(self._condition(node), "[", "]"), ATOM

    def _condition(self, node: t.Node) -> Formula:
        if not isinstance(node, t.Comparison):
            return self.formula(node)
        sign = f.Operator("=") if node.relation == "=" else f.Words(SIGNS.get(node.relation, node.relation))
        return row(self.formula(node.left), sign, self.formula(node.right))

    def _choice(self, node: t.Choice) -> Written:
        rows = tuple(
            (self.formula(body), f.Words("else") if condition is None else self._condition(condition))
            for body, condition in node.rows
        )
        return f.Cases(rows), ATOM

    def _table(self, node: t.Table) -> Written:
        return f.Grid(tuple(tuple(self.formula(entry) for entry in line) for line in node.rows)), ATOM

    def _ones(self, node: t.Ones) -> Written:
        one = f.Letter("1", "bold")
        return (one if node.length is None else f.Scripts(one, below=self.formula(node.length))), ATOM

    def _shaped(self, node: t.Shaped) -> Written:
        rows, columns = (self.formula(size) for size in node.shape)
        return f.Under(self.formula(node.body), row(rows, f.Operator("times"), columns)), ATOM

    def _valued(self, node: t.Valued) -> Written:
        return f.Under(self.formula(node.body), self.formula(node.value)), ATOM


def writer_of(
    latex: str, notation: Notation, sizes: tuple[int, ...], extra: Mapping[str, ExtraArray] | None = None
) -> Writer:
    """Return a writer that follows a text where the notation leaves a choice.

    Args:
        latex: the text.
        notation: the notation.
        sizes: the units of each layer.
        extra: by name, how arrays are written that the notation has no letter for.
    """
    bare = latex.replace(" ", "")
    fence = {"parenthesised": "(", "bracketed": "["}.get(notation.layer_mark)
    if fence and not re.search(rf"\^\{{?\{fence}", bare):
        notation = replace(notation, layer_mark="superscript")
    for name in HADAMARDS:
        if rf"\{name}" in latex:
            notation = replace(notation, hadamard=name)
            break
    own = [letter(text) for text in (notation.input, notation.output or notation.input)]
    input_letter, output_letter = (formula_latex(each) in bare for each in own)
    is_one = notation.input == notation.activation
    return Writer(
        notation,
        sizes,
        input_letter=input_letter and not is_one,
        output_letter=bool(notation.output) and output_letter,
        lone_indices=not _leaves_out(bare),
        extra=extra or {},
    )


def _leaves_out(latex: str) -> bool:
    """Whether a symbol with its layer in a superscript has no subscript, so that the text omits some indices."""
    return bool(re.search(r"(?<![a-zA-Z_^}\\])([a-zA-Z]|\\[a-z]+)\^\{?[(\[]", latex))


def short(latex: str) -> str:
    """Drop the braces around single characters in scripts and the thin spaces between factors of LaTeX."""
    return _SHORT.sub(r"\1\2", latex).replace(r" \, ", " ")


def _look(symbol: t.DefinedSymbol) -> tuple[Any, Any]:
    return symbol.style or "italic", symbol.accent


_NOWHERE = Span(0, 0)
HALF = t.Product(_NOWHERE, (("", t.Literal(_NOWHERE, "1")), ("divide", t.Literal(_NOWHERE, "2"))))

_WRITERS: dict[type, Callable[[Any, Any], Written]] = {
    t.Literal: Writer._literal,
    t.Constant: Writer._constant,
    t.Size: Writer._size,
    t.Variable: Writer._variable,
    t.Defined: Writer._defined,
    t.Reference: Writer._reference,
    t.Derivative: Writer._derivative,
    t.Gradient: Writer._gradient,
    t.Activation: Writer._activation,
    t.Call: Writer._call,
    t.Sum: Writer._sum,
    t.Product: Writer._product,
    t.Power: Writer._power,
    t.Transposed: Writer._transposed,
    t.Absolute: Writer._absolute,
    t.Norm: Writer._norm,
    t.Total: Writer._total,
    t.Same: Writer._same,
    t.Comparison: Writer._comparison,
    t.Choice: Writer._choice,
    t.Table: Writer._table,
    t.Ones: Writer._ones,
    t.Shaped: Writer._shaped,
    t.Valued: Writer._valued,
}
