"""Rewrite equations from index notation to whole vectors and matrices.

Every array is a matrix on the page: one index runs over its rows and one over its columns; a vector lacks one of
them. A sum over an index that two factors share is a matrix product, with a transpose where the index is on the
other side; factors over the same indices are multiplied element by element; a factor that lacks an index is
broadcast by a vector of ones. Every transpose follows from the positions of the indices, and an expression that
does not fit into rows and columns has no matrix form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sympy import Abs, Add, Expr, Function, Idx, Indexed, Integer, KroneckerDelta, Mul, Pow, Sum, Symbol

from symnet.core import Array, bound_by, extent, indices_of, ordered_terms, split_product, summation, written_order
from symnet.formula import Formula, row
from symnet.formula import tree as f
from symnet.functions import ROW_FUNCTIONS, blend, power, select, softmax
from symnet.notation import (
    Axes,
    NoLayout,
    Typesetter,
    axes_of,
    coefficients_out,
    shared_number,
    textbook,
    transpose_mark,
)
from symnet.pages.scene import Scene
from symnet.support import ATOM, HADAMARD, PRODUCT, SUM

MAX_REPEATED = 3
"""The highest power that is written as a product of equal factors."""

MAX_SPREADS = 1
"""With more broadcasts by vectors of ones than this, an expression is left in index form, which is clearer."""


@dataclass
class MatrixSetter:
    """Write expressions of one scene as expressions of whole arrays.

    An expression at rows and columns `axes` is returned with its precedence (`ATOM`, `PRODUCT`, ...), so that the
    caller knows whether it needs parentheses. `NoLayout` is raised for whatever has no matrix form.

    Attributes:
        scene: the layers that the equations are written in.
        setter: the typesetter of numbers, sizes and function names.
        shapes: whether shapes are written under the factors.
        transposed: filled in while writing: each transposed array, the index summed over, and whether that index
            runs along its `rows` or its `columns`.
        spreads: filled in while writing: the broadcasts by vectors of ones in the current expression.
        is_outer: filled in while writing: whether a column was multiplied by a row.
    """

    scene: Scene
    setter: Typesetter
    shapes: bool = False
    transposed: list[tuple[Formula, Idx, str]] = field(default_factory=list)
    spreads: int = 0
    is_outer: bool = False

    def side(self, node: Expr, array: Array) -> Formula:
        """Return a right-hand side in matrix form.

        Args:
            node: the right-hand side in index notation.
            array: the array that it defines.

        Raises:
            NoLayout: it does not fit into rows and columns.
        """
        self.spreads = 0
        if array.indices and not indices_of(node):
            raise NoLayout("the same number everywhere")
        return self.spread(textbook(node), self._axes(array))[0]

    def symbol(self, array: Array) -> Formula:
        """Return the symbol of a whole array, for the left-hand side."""
        axes = self._axes(array)
        return self._shaped(self._whole(array, axes), axes)

    def _array(self, reference: Indexed) -> Array:
        return self.scene.page.arrays[reference.base.name]

    def _axes(self, array: Array, indices: Sequence[Idx] | None = None) -> Axes:
        """Return the indices of an array's rows and columns, renamed to `indices` if given."""
        return axes_of(self.scene.page.notation, array.primal, indices)

    def _whole(self, array: Array, axes: Axes) -> Formula:
        if axes == (None, None):
            return self.scene.symbols.entry(array)
        return self.scene.symbols.whole(array, is_matrix=None not in axes)

    def _shaped(self, written: Formula, axes: Axes) -> Formula:
        if not self.shapes or axes == (None, None):
            return written
        sizes = [f.Number("1") if idx is None else self.setter.expression(extent(idx)) for idx in axes]
        return f.Under(written, row(sizes[0], f.Operator("times"), sizes[1]))

    def spread(self, node: Expr, axes: Axes) -> tuple[Formula, int]:
        """Write an expression at rows and columns, broadcast along one that it lacks; scalars stay as they are.

        Raises:
            NoLayout: it does not fit, or needs more than `MAX_SPREADS` broadcasts.
        """
        free = indices_of(node)
        rows, columns = axes
        own: Axes = (rows if rows in free else None, columns if columns in free else None)
        written, strength = self.fitted(node, own)
        if own == axes or own == (None, None) or self._spreads_by_itself(node):
            return written, strength
        self.spreads += 1
        if self.spreads > MAX_SPREADS:
            raise NoLayout("more vectors of ones than make it clearer")
        factor = written if strength >= PRODUCT else f.Fenced(written)
        if own[0] is None:
            return f.product(self._ones((rows, None)), factor), PRODUCT
        return f.product(factor, self._ones((None, columns))), PRODUCT

    def _spreads_by_itself(self, node: Expr) -> bool:
        """Whether this is a bias that the notation adds to every example without a vector of ones."""
        is_bias = isinstance(node, Indexed) and self.scene.symbols.stem(self._array(node)) == "b"
        return is_bias and self.scene.page.notation.broadcast

    def _ones(self, axes: Axes) -> Formula:
        one: Formula = f.Letter("1", "bold")
        return self._shaped(one if axes[1] is None else self.transpose(one), axes)

    def transpose(self, written: Formula) -> Formula:
        """Return the transpose of a whole array."""
        inner = written.body if isinstance(written, f.Symbol) else written
        fenced = isinstance(inner, f.Scripts) and inner.above is not None
        base = f.Fenced(written) if fenced or isinstance(inner, f.Fraction | f.Row) else written
        return f.Scripts(base, above=transpose_mark(self.scene.page.notation))

    def fitted(self, node: Expr, axes: Axes) -> tuple[Formula, int]:
        """Write an expression whose free indices are exactly these rows and columns; return its precedence too.

        Raises:
            NoLayout: it does not fit into these rows and columns.
        """
        if not indices_of(node) and not node.has(Sum):
            return self.setter.bound(node)
        if isinstance(node, Indexed):
            return self._reference(node, axes)
        if isinstance(node, Add):
            return self._factored(node, axes)
        if isinstance(node, Sum):
            return self._contraction(node, axes)
        if isinstance(node, Mul):
            return self._product(node, axes)
        if isinstance(node, Pow | power):
            return self._power(node, axes)
        return self._function(node, axes)

    def _reference(self, node: Indexed, axes: Axes) -> tuple[Formula, int]:
        array = self._array(node)
        own = self._axes(array, node.indices)
        written = self._whole(array, own)
        if own == axes:
            return self._shaped(written, axes), ATOM
        if own != (axes[1], axes[0]):
            raise NoLayout(f"{array.name} does not fit")
        return self._shaped(self.transpose(written), axes), ATOM

    def _factored(self, node: Add, axes: Axes) -> tuple[Formula, int]:
        """Write a sum, with a number that all its terms share as a factor before it."""
        content, rest = shared_number(node)
        if not isinstance(rest, Add):
            if axes != (None, None) and not indices_of(rest):
                raise NoLayout("terms that cancel to a number")
            return self.spread(content * rest, axes)
        if content == 1:
            return self._sum(rest, axes), SUM
        return f.product(self.setter.expression(content), f.Fenced(self._sum(rest, axes))), PRODUCT

    def _sum(self, node: Add, axes: Axes) -> Formula:
        parts: list[Formula] = []
        for term in ordered_terms(node):
            negative = bool(term.as_coeff_Mul()[0] < 0)
            written, strength = self.spread(-term if negative else term, axes)
            if parts or negative:
                parts.append(f.Operator("-" if negative else "+"))
            parts.append(written if strength >= HADAMARD else f.Fenced(written))
        return row(*parts)

    def _product(self, node: Mul, axes: Axes) -> tuple[Formula, int]:
        sign, above, below = split_product(coefficients_out(node))
        minus = (f.Operator("-"),) if sign else ()
        scalars = [factor for factor in above if not indices_of(factor) and not factor.has(Sum)]
        under = [factor for factor in below if not indices_of(factor)]
        arrays = [factor for factor in above if factor not in scalars]
        divisors = [factor for factor in below if factor not in under]
        scale = Mul(*scalars) / Mul(*under)
        parts = self._elementwise(arrays, divisors, axes)
        if scale == 1:
            return row(*minus, parts[0]), SUM if minus else parts[1]
        written = parts[0] if parts[1] >= PRODUCT and len(arrays) + len(divisors) == 1 else f.Fenced(parts[0])
        return row(*minus, f.product(self.setter.at_least(scale, PRODUCT), written)), SUM if minus else PRODUCT

    def _elementwise(self, arrays: list[Expr], divisors: list[Expr], axes: Axes) -> tuple[Formula, int]:
        """Multiply factors element by element; a factor of rows alone and one of columns alone as outer product."""
        rows, columns = axes
        if len(arrays) == 2 and not divisors and None not in axes:
            ends = [[factor for factor in arrays if indices_of(factor) == {idx}] for idx in (rows, columns)]
            if len(ends[0]) == len(ends[1]) == 1:
                self.is_outer = True
                return self._times(self.fitted(ends[0][0], (rows, None)), self.fitted(ends[1][0], (None, columns)))
        if len(arrays) == 1 and not divisors:
            return self.spread(arrays[0], axes)
        ordered = sorted(self.setter.ordered(arrays), key=lambda factor: not factor.has(Sum))
        parts = [self._fenced(self.spread(factor, axes)) for factor in ordered] or [f.Number("1")]
        by, over = (f.Operator(name) for name in (self.scene.page.notation.hadamard, "oslash"))
        joined: list[Formula] = [parts[0]]
        for part in parts[1:]:
            joined += [by, part]
        for divisor in divisors:
            joined += [over, self._fenced(self.spread(divisor, axes))]
        return row(*joined), PRODUCT if len(joined) == 1 else HADAMARD

    def _fenced(self, bound: tuple[Formula, int]) -> Formula:
        return bound[0] if bound[1] >= ATOM else f.Fenced(bound[0])

    def _times(self, left: tuple[Formula, int], right: tuple[Formula, int]) -> tuple[Formula, int]:
        """Return the matrix product of two expressions."""
        parts = [part if strength >= PRODUCT else f.Fenced(part) for part, strength in (left, right)]
        return f.product(*parts), PRODUCT

    def _contraction(self, node: Sum, axes: Axes) -> tuple[Formula, int]:
        bound, body = bound_by(node), node.function
        factors = list(Mul.make_args(body))
        if not all(indices_of(factor).intersection(bound) for factor in factors):
            return self.fitted(summation(body, *bound), axes)
        if axes == (None, None) and isinstance(body, Pow) and body.exp == 2:
            inner = self.fitted(body.base, self._layout(bound, body))[0]
            return f.Scripts(f.Fenced(inner, "‖", "‖"), above=f.Number("2")), PRODUCT
        if axes == (None, None) and isinstance(body, Abs):
            inner = self.fitted(body.args[0], self._layout(bound, body))[0]
            return f.Scripts(f.Fenced(inner, "‖", "‖"), below=f.Number("1")), PRODUCT
        if len(bound) == 2 and axes == (None, None):
            over = self._layout(bound, body)
            inside = self.fitted(body, over)
            left = self._ones((None, over[0])), ATOM
            return self._times(left, self._times(inside, (self._ones((over[1], None)), ATOM)))
        if len(bound) != 1:
            raise NoLayout("a sum over several indices at once")
        return self._matrix_product(factors, bound[0], axes)

    def _layout(self, bound: Sequence[Idx], body: Expr) -> Axes:
        """Choose rows and columns for indices that are all summed over: as in an array that has them all.

        Raises:
            NoLayout: no array in the body has them all.
        """
        if len(bound) == 1:
            return bound[0], None
        for reference in sorted(body.atoms(Indexed), key=written_order):
            if set(reference.indices) == set(bound):
                return self._axes(self._array(reference), reference.indices)
        raise NoLayout("a sum over indices that no array has together")

    def _matrix_product(self, factors: list[Expr], inner: Idx, axes: Axes) -> tuple[Formula, int]:
        rows, columns = axes
        left = [factor for factor in factors if rows is not None and rows in indices_of(factor)]
        right = [factor for factor in factors if factor not in left]
        if any(columns is not None and columns in indices_of(factor) for factor in left):
            raise NoLayout("a factor with all three indices")
        if columns is None and right and not left:
            ordered = self.setter.ordered(right)
            left, right = ordered[:1], ordered[1:]
        sides = []
        for side, over in ((left, (rows, inner)), (right, (inner, columns))):
            sides.append(self.fitted(Mul(*side), over) if side else (self._summing_ones(over, inner), ATOM))
        self._note_transposes([*left, *right], inner, axes)
        return self._times(sides[0], sides[1])

    def _summing_ones(self, over: Axes, inner: Idx) -> Formula:
        return self._ones((inner, None) if over[0] == inner else (None, inner))

    def _note_transposes(self, factors: list[Expr], inner: Idx, axes: Axes) -> None:
        for factor in factors:
            if isinstance(factor, Indexed) and len(factor.indices) == 2:
                array = self._array(factor)
                own = self._axes(array, factor.indices)
                if own not in ((axes[0], inner), (inner, axes[1])):
                    along = "rows" if own[0] == inner else "columns"
                    self.transposed.append((self._whole(array, own), inner, along))

    def _power(self, node: Expr, axes: Axes) -> tuple[Formula, int]:
        if not isinstance(node.exp, Integer) or not 2 <= abs(int(node.exp)) <= MAX_REPEATED:
            if node.exp == -1:
                return self._elementwise([], [node.base], axes)
            raise NoLayout("a power of a matrix, element by element")
        repeated = [node.base] * abs(int(node.exp))
        if node.exp < 0:
            return self._elementwise([], repeated, axes)
        base = self._fenced(self.fitted(node.base, axes))
        joined: list[Formula] = [base]
        for _ in repeated[1:]:
            joined += [f.Operator(self.scene.page.notation.hadamard), base]
        return row(*joined), HADAMARD

    def _function(self, node: Expr, axes: Axes) -> tuple[Formula, int]:
        if isinstance(node, softmax):
            return self._softmax(node, axes)
        if isinstance(node, (select, blend, KroneckerDelta, *ROW_FUNCTIONS)) or not isinstance(node, Function):
            raise NoLayout(f"{node.func.__name__} of a matrix")
        stand_ins = [Symbol(f"operand{place}") for place in range(len(node.args))]
        arguments = dict(zip(stand_ins, (self.spread(argument, axes)[0] for argument in node.args), strict=True))
        setter = _Filled(self.setter.symbols, self.setter.letters, self.setter.marked_functions, None, arguments)
        return setter.bound(node.func(*stand_ins))

    def _softmax(self, node: Expr, axes: Axes) -> tuple[Formula, int]:
        """Write a softmax of each row or each column, whichever holds the units of an example in this notation."""
        body, unit = node.args
        others = sorted(indices_of(body) - {unit}, key=written_order)
        if len(others) > 1:
            raise NoLayout("a softmax of more than two axes")
        other = others[0] if others else None
        own: Axes = (other, unit) if self.scene.page.notation.batch == "rows" else (unit, other)
        written: Formula = row(f.Function("softmax"), f.Fenced(self.spread(body, own)[0]))
        if own == axes:
            return written, ATOM
        if own != axes[::-1]:
            raise NoLayout("a softmax does not fit")
        return self.transpose(f.Fenced(written)), ATOM


@dataclass(frozen=True)
class _Filled(Typesetter):
    """A typesetter that writes a given formula for some symbols."""

    filled: dict[Symbol, Formula] = field(default_factory=dict)

    def bound(self, node: Expr) -> tuple[Formula, int]:
        if node in self.filled:
            return self.filled[node], SUM
        return super().bound(node)
