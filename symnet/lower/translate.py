"""Translate the array program to three-address code, with scalar factors moved to where they cost least."""

from __future__ import annotations

from itertools import pairwise

from sympy import Idx, Sum

from symnet.core import Array, Program, bound_by
from symnet.functions import FUNCTIONS
from symnet.lower.arrays import (
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
from symnet.lower.builder import Builder, Ref, Term, is_rows, is_scalar, rank
from symnet.lower.contractions import affine, collapsed, contract, contract_all, inner_product, reduce
from symnet.lower.instructions import Instruction, Operand, Spot, Value
from symnet.lower.row_functions import first_largest, log_of_sum, shifted_exponentials, sum_of_others, with_axis
from symnet.lower.verify_schedule import verify_axes
from symnet.support import LoweringError

ROWS = "N"
"""The number of rows of the batch, known at run time."""


class Translation:
    """The three-address code of all equations of a program.

    Attributes:
        instructions: in the order of the equations.
        values: by the name of the array, defined or given.
    """

    def __init__(self, program: Program, statements: list[Statement], dtype: str, accuracy: str = "fast") -> None:
        self.program = program
        self.accuracy = accuracy
        self.builder = Builder(program, dtype)
        self.values: dict[str, Value] = {}
        self.orders: dict[str, tuple[int, ...]] = {}
        for array in program.arrays:
            self._declare(array)
        self.parameters = {array.name: self.values[array.name] for array in program.parameters}
        self.rows = Ref(self.builder.given(ROWS, ()))
        for statement in statements:
            self.builder.equation = statement.name
            self._define(statement)
        verify_axes(program, self.instructions)

    @property
    def instructions(self) -> list[Instruction]:
        return self.builder.instructions

    def _declare(self, array: Array) -> None:
        units = tuple(self.builder.length(letter) for letter in array.indices if not is_rows(letter))
        batched = len(array.indices) - len(units)
        self.values[array.name] = self.builder.given(array.name, units, batched=batched)
        self.orders[array.name] = tuple(range(len(array.indices)))

    def _define(self, statement: Statement) -> None:
        """Translate one equation; a gradient gets an array of its own, with the axes of its declaration."""
        b, indices = self.builder, statement.equation.array.indices
        term = self.term(statement.value)
        if isinstance(term, Ref) and not set(term.letters) <= set(indices):
            raise LoweringError(f"the value of {statement.name} has an axis that its equation lacks")
        if not isinstance(term, Ref) or set(term.letters) != set(indices):
            argument = b.operand(term, b.ordered(indices)) if isinstance(term, Ref) else term
            term = b.made("fill", (argument,), b.ordered(indices))
        term = b.in_layout(term)
        is_gradient = statement.name in self.program.outputs.values() and not any(map(is_rows, indices))
        if is_gradient and term.letters != indices:
            term = b.turned(term, indices)
        self.values[statement.name] = term.value
        self.orders[statement.name] = tuple(indices.index(letter) for letter in term.letters)

    def term(self, node: Node) -> Term:
        """The value of a node; moving axes needs no instruction, since a `Ref` carries its indices."""
        match node:
            case Load(name=name, axes=axes):
                ref = Ref(self.values[name], tuple(axes[place] for place in self.orders[name]))
                # Targets are always copied: that is where labels become one-hot rows and values are checked.
                return self.builder.in_layout(ref) if self.program.array(name).role == "target" else ref
            case Literal(value=value):
                return self.rows if isinstance(value, str) else value
            case Expand(operand=operand) | Transpose(operand=operand):
                return self.term(operand)
            case Terms():
                return self.terms(node)
            case Product():
                return self.product(node)
            case Power(base=base, exponent=exponent):
                return self.power(self.term(base), exponent)
            case Call(function=function, arguments=arguments):
                expansion = FUNCTIONS[function].expansion(self.accuracy)
                found: Term = expansion(self.builder, *(self.term(argument) for argument in arguments))
                return found
            case RowCall():
                return self.row_call(node)
            case Window():
                return self.window(node)
            case Scatter():
                return self.scatter(node)
            case Delta(axes=axes, place=(offset, steps)):
                spot = offset, tuple((axes.index(idx), step) for idx, step in steps)
                return self.builder.made("delta", (), axes, spots=(spot,))
        return self.contraction(node)

    def window(self, node: Window) -> Ref:
        """A copy of the entries of an array at affine positions.

        Of two indices that an axis moves with, the shorter comes first, and rows last: what is summed over, such as a
        kernel, then stands side by side, and so does what is left.
        """
        b = self.builder
        declared = self.program.array(node.name).indices
        array = b.in_layout(Ref(self.values[node.name], tuple(declared[place] for place in self.orders[node.name])))
        places = dict(zip(declared, node.places, strict=True))
        longest = {max((idx for idx, _ in steps), key=self.length, default=None) for _, steps in node.places}
        axes = b.ordered(sorted(node.axes, key=lambda idx: idx in longest and len(self.moving(node, idx)) > 1))
        spots = tuple(_spot(places[axis], axes) for axis in array.letters)
        numbers = (node.outside,) if node.outside else ()
        return b.made("window", (Operand(array.value, _plain(spots)), *numbers), axes, spots=spots)

    def moving(self, node: Window, idx: Idx) -> tuple[Idx, ...]:
        """The indices that the axis of one of them moves with."""
        return next(tuple(each for each, _ in steps) for _, steps in node.places if idx in dict(steps))

    def length(self, idx: Idx) -> int:
        return 0 if is_rows(idx) else self.builder.length(idx)

    def scatter(self, node: Scatter) -> Ref:
        """An array to which the entries of another are added at affine positions."""
        b = self.builder
        term = self.term(node.operand)
        if not isinstance(term, Ref) or {*term.letters} != {*node.operand.axes}:
            axes = b.ordered(node.operand.axes)
            term = b.made("fill", (b.operand(term, axes) if isinstance(term, Ref) else term,), axes)
        term = b.in_layout(term)
        places = dict(zip(node.axes, node.places, strict=True))
        axes = b.ordered(sorted(node.axes, key=lambda idx: places[idx] != (0, ((idx, 1),))))
        spots = tuple(_spot(places[axis], term.letters) for axis in axes)
        return b.made("scatter", (Operand(term.value, _plain(spots, term.letters)),), axes, spots=spots)

    def terms(self, node: Terms) -> Term:
        """A sum of terms, cheapest first; a matrix product with weights absorbs its bias."""
        parts = [(negative, part) for negative, part in node.terms]
        joined = self.with_bias([part for negative, part in parts if not negative])
        if joined is not None:
            product, used = joined
            rest = [(negative, self.term(part)) for negative, part in parts if all(part is not each for each in used)]
            found = [(False, product), *rest]
        else:
            found = [(negative, self.term(part)) for negative, part in parts]
        found.sort(key=lambda pair: rank(pair[1]))
        return self.total(found)

    def total(self, terms: list[tuple[bool, Term]]) -> Term:
        """Add signed terms, cheapest first."""
        b = self.builder
        negative, result = terms[0]
        for sign, term in terms[1:]:
            if negative == sign:
                result = b.add(result, term)
            else:
                result = b.subtract(term, result) if negative else b.subtract(result, term)
                negative = False
        return b.multiply(result, -1) if negative else result

    def with_bias(self, parts: list[Node]) -> tuple[Ref, tuple[Node, Node]] | None:
        """Sum(a*W) + b as one product, if b is the parameter declared after W."""
        for product in parts:
            if not isinstance(product, Matmul):
                continue
            operands = sorted(
                (_bare(product.left), _bare(product.right)), key=lambda load: not self._is_parameter(load)
            )
            for bias in parts:
                loaded = _bare(bias)
                if isinstance(loaded, Load) and all(isinstance(each, Load) for each in operands):
                    made = self.affine(operands, loaded)
                    if made is not None:
                        return made, (product, bias)
        return None

    def affine(self, operands: list[Node], bias: Load) -> Ref | None:
        weights, units, added = (self.reference(self.term(node)) for node in (*operands, bias))
        follows = (weights.value.given, bias.name) in pairwise(self.parameters)
        summed = set(weights.letters) & set(units.letters)
        if not follows or not units.value.batched or len(summed) != 1 or len(weights.letters) != 2:
            return None
        return affine(self.builder, weights, units, added, *summed)

    def _is_parameter(self, node: Node) -> bool:
        return isinstance(node, Load) and self.program.array(node.name).is_parameter

    def product(self, node: Product) -> Term:
        """A quotient of products: scalars scale the smallest array, and small arrays are multiplied first."""
        b = self.builder
        above = self.factors(node.above)
        below = sorted((self.term(factor) for factor in node.below), key=rank)
        scale: Term = -1 if node.negative else 1
        for factor in _scalars(above):
            scale = b.multiply(scale, factor)
        for factor in _scalars(below):
            scale = b.divide(scale, factor)
        arrays, divisors = _arrays(above), _arrays(below)
        divisor = self.multiplied(divisors)
        if divisor is not None:
            if arrays and max(rank(array) for array in arrays) <= rank(divisor):
                return b.divide(self.multiplied(self.scaled(arrays, scale)) or 1, divisor)
            arrays.append(self.reference(b.divide(scale, divisor)))
            scale = 1
        product = self.multiplied(self.scaled(arrays, scale))
        return scale if product is None else product

    def factors(self, nodes: tuple[Node, ...]) -> list[Term]:
        """The factors of a product; known arrays are multiplied before the other factors are computed.

        In a_bar a (1 - a) the buffer of a can then be overwritten by 1 - a. A step function comes before factors that
        may overflow where it is 0.
        """
        if any(isinstance(bare := _bare(node), Call) and FUNCTIONS[bare.function].is_step for node in nodes):
            return [self.term(node) for node in nodes]
        known = [node for node in nodes if isinstance(_bare(node), Load) and node.axes]
        computed = [node for node in nodes if node not in known]
        if len(known) < 2 or not any(node.axes for node in computed):
            return [self.term(node) for node in nodes]
        arrays = [self.reference(self.term(node)) for node in known]
        if len({array.value.rank for array in arrays}) > 1:
            return [self.term(node) for node in nodes]
        product = self.multiplied(arrays)
        return [self.reference(product or 1), *(self.term(node) for node in computed)]

    def scaled(self, arrays: list[Ref], scale: Term) -> list[Ref]:
        """The factors with a scalar multiplied into the smallest of them."""
        if not arrays or scale == 1:
            return arrays
        place = min(range(len(arrays)), key=lambda place: rank(arrays[place]))
        changed = self.reference(self.builder.multiply(arrays[place], scale))
        return [*arrays[:place], changed, *arrays[place + 1 :]]

    def multiplied(self, arrays: list[Ref]) -> Ref | None:
        """The product of arrays, small ones first; None if there are none."""
        product: Ref | None = None
        for array in sorted(arrays, key=rank):
            product = array if product is None else self.reference(self.builder.multiply(product, array))
        return product

    def reference(self, term: Term) -> Ref:
        assert isinstance(term, Ref)
        return term

    def power(self, base: Term, exponent: int | float) -> Term:
        """Integer powers up to 4 by squaring, roots by `sqrt`, else NumPy's `power`."""
        b = self.builder
        if exponent == 0.5:
            return b.apply("sqrt", base)
        if exponent in (2, 3, 4):
            square = b.multiply(base, base)
            return square if exponent == 2 else b.multiply(square, base if exponent == 3 else square)
        return b.apply("power", base, exponent)

    def row_call(self, node: RowCall) -> Term:
        """A function along an axis: softmax = e/s, half of log_softmax = u - log(s)/2, or the sum of the others."""
        b = self.builder
        unit = node.unit
        argument = with_axis(b, self.term(node.argument), unit)
        if node.function == "leave_one_out":
            return sum_of_others(b, argument, unit)
        if node.function == "first_largest":
            return first_largest(b, argument, unit)
        shifted, exponentials = shifted_exponentials(b, argument, unit)
        if node.function == "softmax":
            return b.multiply(exponentials, b.divide(1, collapsed(b, exponentials, unit)))
        return b.subtract(shifted, b.multiply(log_of_sum(b, shifted, exponentials, unit, self.accuracy), 0.5))

    def contraction(self, node: Node) -> Term:
        """A contraction or reduction."""
        match node:
            case Matmul(left=left, right=right):
                return self.matmul(left, right, node.axes)
            case Reduce(operand=operand):
                return self.reduction(operand, node.axes)
            case Einsum(operands=operands):
                arrays = [self.reference(self.term(operand)) for operand in operands]
                return contract_all(self.builder, arrays, node.axes)
            case Fill(operand=operand):
                return self.term(operand)
        raise LoweringError(f"no instruction for {type(node).__name__}")

    def factored(self, node: Node) -> tuple[Term, list[Node], list[Node]]:
        """The scalar factor of a node, then its other factors in the numerator and in the denominator."""
        if isinstance(node, Expand | Transpose):
            return self.factored(node.operand)
        if not isinstance(node, Product):
            return 1, [node], []
        scale: Term = -1 if node.negative else 1
        for factor in node.above:
            scale = scale if factor.axes else self.builder.multiply(scale, self.term(factor))
        for factor in node.below:
            scale = scale if factor.axes else self.builder.divide(scale, self.term(factor))
        above = [factor for factor in node.above if factor.axes]
        return scale, above, [factor for factor in node.below if factor.axes]

    def joined(self, above: list[Node], below: list[Node]) -> Term:
        """Multiply the factors that `factored` has split."""
        axes = tuple(dict.fromkeys(letter for node in (*above, *below) for letter in node.axes))
        return self.term(Product(axes, False, tuple(above), tuple(below))) if above or below else 1

    def matmul(self, left: Node, right: Node, axes: tuple[Idx, ...]) -> Term:
        """A matrix product; scalar factors have been moved out of it."""
        return contract(self.builder, self.reference(self.term(left)), self.reference(self.term(right)), axes)

    def reduction(self, operand: Node, axes: tuple[Idx, ...]) -> Term:
        """A reduction of a product; over all entries it is an inner product of two factors.

        A scale stays inside, where `add_up_parts` has put it: a mean may be finite where the sum overflows.
        """
        b = self.builder
        scale, above, below = self.factored(operand)
        base = above[0] if len(above) == 1 and not below else None
        if isinstance(base, Power) and base.exponent == 2 and not axes:
            root = self.term(base.base)
            return b.multiply(inner_product(b, root, root, axes), scale)
        logarithms = [node for node in above if isinstance(node, RowCall) and node.function == "half_log_softmax"]
        if len(logarithms) == 1 and not axes:
            others = [node for node in above if node is not logarithms[0]]
            return self.log_likelihood(self.joined(others, below), logarithms[0], scale)
        if len(above) > 1:
            return inner_product(b, self.term(above[0]), b.multiply(self.joined(above[1:], below), scale), axes)
        term = b.multiply(self.joined(above, below), scale)
        return reduce(b, term, axes) if isinstance(term, Ref) else term

    def log_likelihood(self, factor: Term, node: RowCall, scale: Term) -> Term:
        """c Sum(y (u - log(s)/2)) = Sum(c y u) - Sum(c/2 log(s) Sum(y, k)), where the rows of targets may sum to 1."""
        b = self.builder
        argument = with_axis(b, self.term(node.argument), node.unit)
        shifted, exponentials = shifted_exponentials(b, argument, node.unit)
        logarithm = log_of_sum(b, shifted, exponentials, node.unit, self.accuracy)
        half = b.multiply(scale, 0.5)
        if not isinstance(factor, Ref) or set(factor.letters) != set(shifted.letters):
            halves = b.apply("subtract", shifted, b.multiply(logarithm, 0.5))
            return inner_product(b, b.multiply(factor, scale), halves, ())
        factor = b.in_layout(factor)
        # The logarithm of a sum over units is small, so the sum may be scaled at the end. Only 1/N has to stay in the
        # sum, as it does in the derivative.
        number, inside = self.parted(scale)
        first = b.multiply(inner_product(b, b.multiply(factor, inside), shifted, ()), number)
        if self.sums_to_one(factor, node.unit):
            return b.subtract(first, b.multiply(reduce(b, logarithm, ()), half))
        weights = reduce(b, factor, logarithm.letters)
        return b.subtract(first, b.multiply(inner_product(b, weights, logarithm, ()), half))

    def parted(self, scale: Term) -> tuple[Term, Term]:
        """(k, 1/N) of a scalar k/N; (1, scalar) for other scalars."""
        match self.builder.made_by(scale, "divide"):
            case (int() | float() as number, Operand(value=divisor)):
                return number, self.builder.divide(1, Ref(divisor))
        return 1, scale

    def sums_to_one(self, factor: Ref, unit: Idx) -> bool:
        """Whether the factor is the targets and the loss constrains them to sum to 1 along the axis of `unit`."""
        match self.builder.made_by(factor, "transpose"):
            case (Operand() as copied,):
                given = self.builder.at(factor, copied)
            case _:
                return False
        return any(
            constraint.right == 1
            and isinstance(constraint.left, Sum)
            and str(constraint.left.function.base.name) == copied.value.given
            and isinstance(given, Ref)
            and given.letters[constraint.left.function.indices.index(*bound_by(constraint.left))] == unit
            for constraint in self.program.constraints
        )


def _spot(place: Place, axes: tuple[Idx, ...]) -> Spot:
    """A position in terms of the axes of a window."""
    offset, steps = place
    return offset, tuple((axes.index(idx), step) for idx, step in steps)


def _plain(spots: tuple[Spot, ...], operand: tuple[Idx, ...] = ()) -> tuple[int, ...]:
    """For each axis of an operand the axis of the result that it is by itself, else 0."""
    alone = [steps[0][0] if len(steps) == 1 else 0 for _, steps in spots]
    return tuple(alone.index(axis) if axis in alone else 0 for axis in range(len(operand))) if operand else tuple(alone)


def _bare(node: Node) -> Node:
    return _bare(node.operand) if isinstance(node, Expand | Transpose) else node


def _scalars(terms: list[Term]) -> list[Term]:
    return [term for term in terms if is_scalar(term)]


def _arrays(terms: list[Term]) -> list[Ref]:
    return [term for term in terms if isinstance(term, Ref) and term.letters]
