"""Lower equations to the array program: contractions become matrix products, the rest is elementwise.

A sum of a product whose factors have only the summed index in common is a matrix product, on
transposed views where that needs no copy. A sum over some indices of one factor is a reduction; any
other sum becomes an `einsum`.
"""

from __future__ import annotations

import math
import string
from collections.abc import Iterable
from dataclasses import replace

from sympy import Add, Expr, Idx, Indexed, KroneckerDelta, Mul, Pow, Rational, Sum, Symbol

from symnet.core import (
    BATCH,
    MAX_DENOMINATOR,
    Equation,
    Program,
    bound_by,
    equation_text,
    extent,
    has_minus_sign,
    indices_of,
    is_plain,
    ordered_terms,
    split_product,
    summation,
    written_order,
)
from symnet.functions import BY_CLASS, ROW_FUNCTIONS, ROWS, constant, log_softmax, power
from symnet.lower.arrays import (
    Axes,
    Call,
    Delta,
    Einsum,
    Expand,
    Fill,
    Literal,
    Load,
    Matmul,
    Node,
    Place,
    Power,
    Product,
    Reduce,
    RowCall,
    Scatter,
    Statement,
    Terms,
    Transpose,
    Window,
)
from symnet.lower.constants import check_constants
from symnet.lower.verify import verify_statements
from symnet.simplify import add_up_parts, hold_squares
from symnet.support import LoweringError


def lower(program: Program, dtype: str = "float64") -> list[Statement]:
    """Lower each equation to one array statement, scaled so that intermediates do not overflow in `dtype`.

    Raises:
        LoweringError: an equation has an affine index, or a function without an array form.
        ExpressionError: a constant is too large or too small for the dtype.
        VerificationError: a statement is not well formed (a bug of the lowering).
    """
    check_constants(program, dtype)
    held = hold_squares(add_up_parts(program), dtype)
    statements = [
        Statement(equation.name, _Lowering(program, part).lower(), equation)
        for equation, part in zip(program.equations, held.equations, strict=True)
    ]
    return verify_statements(program, statements)


class _Lowering:
    def __init__(self, program: Program, equation: Equation) -> None:
        self.program = program
        self.equation = equation
        self.order: list[Idx] = list(equation.array.indices)

    def lower(self) -> Node:
        node = self.visit(self.equation.rhs)
        axes = self.equation.array.indices
        if set(node.axes) == set(axes):
            return self.turned(node, axes)
        shape = tuple(self.size(idx) for idx in axes)
        return Fill(axes, self.spread(node, axes), shape)

    def fail(self, problem: str) -> LoweringError:
        return LoweringError(f"{problem} in {equation_text(self.equation)}")

    def size(self, idx: Idx) -> int | str:
        size = self.program.size(extent(idx))
        return int(size) if size.is_Integer else str(size)

    def visit(self, node: Expr) -> Node:
        if isinstance(node, Indexed):
            return self.reference(node)
        if isinstance(node, Rational):
            return self.number(node)
        if isinstance(node, Symbol):
            return self.symbol(node)
        if isinstance(node, Sum):
            return self.scattered(node.function, bound_by(node)) or self.contraction(node)
        if isinstance(node, KroneckerDelta):
            return self.delta(node)
        if not node.free_symbols:
            return Literal((), constant(node))
        if isinstance(node, power):
            base = self.visit(node.base)
            return Power(base.axes, base, float(node.exp))
        if isinstance(node, Add):
            terms = [(has_minus_sign(term), term) for term in ordered_terms(node)]
            values = self.together(self.visit(-term if negative else term) for negative, term in terms)
            signs = [negative for negative, _ in terms]
            return Terms(self.union(values), tuple(zip(signs, values, strict=True)))
        if isinstance(node, Mul):
            return self.scattered(node, ()) or self.product(node)
        if isinstance(node, Pow):
            return self.power(node)
        return self.call(node)

    def reference(self, node: Indexed) -> Node:
        if is_plain(node) and len(set(node.indices)) == len(node.indices):
            return Load(tuple(node.indices), node.base.name)
        places = tuple(self.place(position) for position in node.indices)
        declared = self.program.array(node.base.name).indices
        for axis, place in zip(declared, places, strict=True):
            self.check_rows(axis, place)
        self.order += [idx for idx in sorted(indices_of(node), key=written_order) if idx not in self.order]
        axes = self.sorted(indices_of(node))
        return Window(axes, node.base.name, places, self.lengths(axes))

    def place(self, position: Expr) -> Place:
        """A position as an offset and the step of each of its indices."""
        offset, steps = self.program.affine(position)
        if not all(number.is_Integer for number in (offset, *steps.values())):
            raise self.fail(f"the position {position} depends on the number of rows, which has no array form,")
        return int(offset), tuple((idx, int(steps[idx])) for idx in sorted(steps, key=written_order))

    def check_rows(self, axis: Idx, place: Place) -> None:
        """Rows are read one by one: only a plain index runs over them."""
        offset, steps = place
        if extent(axis) == BATCH or any(extent(idx) == BATCH for idx, _ in steps):
            plain = offset == 0 and len(steps) == 1 and steps[0][1] == 1
            if not plain or extent(axis) != extent(steps[0][0]):
                raise self.fail("a position over the rows of the batch that is no plain index has no array form")

    def lengths(self, axes: Axes) -> tuple[int | str, ...]:
        return tuple(self.size(idx) for idx in axes)

    def delta(self, node: KroneckerDelta) -> Node:
        """An array of zeros and ones over the indices of a Kronecker delta."""
        self.order += [idx for idx in sorted(indices_of(node), key=written_order) if idx not in self.order]
        place = self.place(node.args[0] - node.args[1])
        axes = self.sorted({idx for idx, _ in place[1]})
        if any(extent(idx) == BATCH for idx in axes):
            raise self.fail("a Kronecker delta over the rows of the batch has no array form")
        return Delta(axes, place, self.lengths(axes)) if axes else Literal((), int(place[0] == 0))

    def scattered(self, body: Expr, summed: Axes) -> Node | None:
        """Sum(f*δ(q, e), summed) as f added up at the places e along q; None where no factor is such a delta.

        q is an index that stands nowhere else and is not summed over. What e does not move with is summed before.
        """
        factors = Mul.make_args(body)
        deltas = [factor for factor in factors if isinstance(factor, KroneckerDelta)]
        others = [factor for factor in factors if not isinstance(factor, KroneckerDelta)]
        targets: dict[Idx, Place] = {}
        for delta in deltas:
            elsewhere = [*others, *(each for each in deltas if each is not delta)]
            taken = {*summed, *targets}.union(*map(indices_of, elsewhere))
            found = self.solved(delta, taken)
            if found is None:
                others.append(delta)
            else:
                targets[found[0]] = found[1]
        if not targets:
            return None
        moving = {idx for _, steps in targets.values() for idx, _ in steps}
        self.order += [idx for idx in summed if idx not in self.order]
        operand = self.visit(summation(Mul(*others), *(idx for idx in summed if idx not in moving)))
        self.order += [idx for idx in sorted({*targets, *moving}, key=written_order) if idx not in self.order]
        wanted = self.sorted({*operand.axes, *moving})
        if wanted != operand.axes:
            operand = Fill(wanted, self.spread(operand, wanted), self.lengths(wanted))
        axes = self.sorted({*wanted, *targets} - {*summed})
        places = tuple(targets.get(idx, (0, ((idx, 1),))) for idx in axes)
        for axis, place in zip(axes, places, strict=True):
            self.check_rows(axis, place)
        return Scatter(axes, operand, places, self.lengths(axes))

    def solved(self, delta: KroneckerDelta, taken: set[Idx]) -> tuple[Idx, Place] | None:
        """An index that a delta fixes, and the place that it fixes it at."""
        offset, steps = self.place(delta.args[0] - delta.args[1])
        for idx, step in steps:
            if abs(step) == 1 and idx not in taken:
                return idx, (-step * offset, tuple((other, -step * own) for other, own in steps if other != idx))
        return None

    def symbol(self, node: Symbol) -> Node:
        if node == BATCH:
            return Literal((), str(node))
        if node in self.program.sizes:
            return Literal((), self.program.sizes[node])
        return Load((), str(node))

    def number(self, node: Rational) -> Node:
        if node.q == 1 and abs(node.p) < 2**53:
            return Literal((), int(node.p))
        return Literal((), int(node.p) / int(node.q))

    def product(self, node: Mul) -> Node:
        coefficient, rest = node.as_coeff_Mul(rational=True)
        if coefficient.q > MAX_DENOMINATOR:
            above = [self.number(abs(coefficient)), self.visit(rest)]
            return self.quotient(bool(coefficient < 0), above, [])
        sign, numerator, denominator = split_product(node)
        numerator = sorted(numerator, key=lambda factor: not _is_step(factor))
        above, below = [part for factor in numerator for part in _factors(self.visit(factor))], []
        for factor in denominator:
            if isinstance(factor, Pow) and factor.exp.is_Integer and self.is_computed(factor.base):
                above.append(self.inverse_power(factor))
            else:
                below.append(self.visit(factor))
        return self.quotient(sign == "-", above, below)

    def quotient(self, negative: bool, above: list[Node], below: list[Node]) -> Node:
        values = self.together([*above, *below])
        split = len(above)
        squares = [value for value in values[:split] if isinstance(value, Power) and value.exponent == 2]
        scalars = [value for value in values if not value.axes]
        if len(squares) == 1 and squares[0].axes and len(values) == 1 + len(scalars) > 1:
            return self.scaled_square(negative, squares[0], values[:split], values[split:])
        numbers = [value for value in values[split:] if isinstance(value, Literal) and not isinstance(value.value, str)]
        others = [value for value in values[split:] if value not in numbers]
        if numbers and others and not any(value.axes for value in values) and isinstance(others[0], Load):
            # (1/2)/β may be representable where 2β overflows.
            part: Node = Product((), False, tuple(values[:split]), tuple(numbers))
            if values[:split] in ([], [Literal((), 1)]) and len(numbers) == 1:
                part = Literal((), 1 / float(numbers[0].value))
            return Product((), negative, (part,), tuple(others))
        return Product(self.union(values), negative, tuple(values[:split]), tuple(values[split:]))

    def scaled_square(self, negative: bool, square: Power, above: list[Node], below: list[Node]) -> Node:
        """c·v² as v·(c·v): v² may overflow where c·v² does not."""
        factors = tuple(square.base if value is square else value for value in above)
        scaled = Product(square.axes, False, factors, tuple(below))
        return Product(square.axes, negative, (square.base, scaled), ())

    def is_computed(self, base: Expr) -> bool:
        """Whether a base is computed, here or as a shared part, so that it may be of any size."""
        name = self.program.name_of(base)
        return not isinstance(base, Symbol) if name is None else self.program.array(name).role == "shared"

    def inverse_power(self, factor: Pow) -> Node:
        """(1/base)**n for base**-n: base**n may overflow where the quotient is 0."""
        base = self.visit(factor.base)
        return Power(base.axes, Product(base.axes, False, (Literal((), 1),), (base,)), int(factor.exp))

    def power(self, node: Pow) -> Node:
        if not node.exp.is_Rational:
            raise self.fail("a power whose exponent is not a number has no array form")
        if node.exp < 0:
            return self.product(node)
        base = self.visit(node.base)
        exponent = int(node.exp) if node.exp.is_Integer else float(node.exp)
        return Power(base.axes, base, exponent)

    def call(self, node: Expr) -> Node:
        if isinstance(node, ROW_FUNCTIONS):
            body, unit = node.args
            value = self.visit(body)
            if isinstance(value, Window) and ROWS[node.func.__name__].is_flat:
                value = replace(value, outside=-math.inf)  # what takes no part is not the largest
            argument = self.along(value, unit)
            axes = argument.axes
            if isinstance(node, log_softmax):
                # The difference of two logits may overflow; that of their halves does not.
                return Product(axes, False, (Literal((), 2), RowCall(axes, "half_log_softmax", argument, unit)), ())
            return RowCall(axes, node.func.__name__, argument, unit)
        if isinstance(node, Idx):
            raise self.fail(f"the index {node.name} as a number has no array form")
        if node.func not in BY_CLASS:
            raise self.fail(f"the function {node.func.__name__} has no array form")
        arguments = self.together(self.visit(argument) for argument in node.args)
        return Call(self.union(arguments), BY_CLASS[node.func].name, tuple(arguments))

    def along(self, value: Node, unit: Idx) -> Node:
        """The value with the axis of `unit` last; broadcast along it if the value does not depend on it."""
        axes = (*(idx for idx in value.axes if idx != unit), unit)
        if unit in value.axes:
            return self.turned(value, axes)
        spread = Expand(axes, value) if value.axes else value
        return Fill(axes, spread, tuple(self.size(idx) for idx in axes))

    def contraction(self, node: Sum) -> Node:
        summed = bound_by(node)
        used = indices_of(node.function)
        if not used.issuperset(summed):
            # A body without the summed index is multiplied by the extent of that index.
            return self.visit(summation(node.function, *summed))
        self.order += [idx for idx in summed if idx not in self.order]
        groups = self.groups(node.function)
        kept = self.sorted(set().union(*(indices_of(group) for group in groups)) - set(summed))
        values = [self.visit(group) for group in groups]
        if len(values) == 1:
            return Reduce(tuple(idx for idx in values[0].axes if idx not in summed), values[0])
        if len(values) == 2 and len(summed) == 1:
            product = self.matmul(values[0], values[1], summed[0])
            if product is not None:
                return product
        return Einsum(kept, self.subscripts([value.axes for value in values], kept), tuple(values))

    def subscripts(self, operands: list[Axes], kept: Axes) -> str:
        """The einsum subscripts, with the letters of the indices if each is a single letter."""
        indices = self.sorted({idx for axes in operands for idx in axes})
        letters = [str(idx) for idx in indices]
        if any(len(letter) > 1 for letter in letters):
            letters = list(string.ascii_letters[: len(indices)])
        letter_of = dict(zip(indices, letters, strict=True))
        inputs = ("".join(letter_of[idx] for idx in axes) for axes in operands)
        return f"{','.join(inputs)}->{''.join(letter_of[idx] for idx in kept)}"

    def groups(self, body: Expr) -> list[Expr]:
        """The factors of a product, grouped by their indices; numbers go with the first group."""
        found: dict[frozenset[Idx], list[Expr]] = {}
        sign, numerator, denominator = split_product(body)
        for factor in (*numerator, *(1 / factor for factor in denominator)):
            found.setdefault(frozenset(indices_of(factor)), []).append(factor)
        loose = found.pop(frozenset(), [])
        groups = [Mul(*factors) for factors in found.values()]
        groups[0] *= Mul(*loose) * (-1 if sign else 1)
        return groups

    def matmul(self, left: Node, right: Node, summed: Idx) -> Node | None:
        """The matrix product of two groups that share only the summed index, else None."""
        if set(left.axes) & set(right.axes) != {summed} or max(len(left.axes), len(right.axes)) > 2:
            return None
        rows = [idx for idx in left.axes if idx != summed]
        columns = [idx for idx in right.axes if idx != summed]
        if rows and columns and self.sorted({*rows, *columns}) != (*rows, *columns):
            left, right, rows, columns = right, left, columns, rows
        return Matmul((*rows, *columns), self.turned(left, (*rows, summed)), self.turned(right, (summed, *columns)))

    def together(self, values: Iterable[Node]) -> list[Node]:
        """The operands of an elementwise operation with their axes aligned for broadcasting."""
        values = list(values)
        union = self.union(values)
        return [self.spread(value, union) for value in values]

    def union(self, values: Iterable[Node]) -> Axes:
        return self.sorted({idx for value in values for idx in value.axes})

    def sorted(self, indices: set[Idx]) -> Axes:
        """Indices in axis order: the batch first, then in order of appearance in the equation."""
        return tuple(sorted(indices, key=lambda idx: (extent(idx) != BATCH, self.order.index(idx))))

    def spread(self, value: Node, axes: Axes) -> Node:
        """The value with axes inserted so that NumPy broadcasts it to `axes`."""
        value = self.turned(value, tuple(idx for idx in axes if idx in value.axes))
        aligned = value.axes == axes[len(axes) - len(value.axes) :]
        return value if aligned else Expand(axes, value)

    def turned(self, value: Node, axes: Axes) -> Node:
        return value if value.axes == axes else Transpose(axes, value)


def _is_step(factor: Expr) -> bool:
    return factor.func in BY_CLASS and BY_CLASS[factor.func].is_step


def _factors(node: Node) -> tuple[Node, ...]:
    """The factors of a product with a number, else the node itself: numbers are multiplied first."""
    doubled = isinstance(node, Product) and not node.negative and not node.below and isinstance(node.above[0], Literal)
    return node.above if isinstance(node, Product) and doubled else (node,)
