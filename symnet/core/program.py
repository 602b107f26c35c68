"""`Equation` and `Program`: a network as a list of equations in index notation.

Each equation assigns one fresh array, as lecture notes write it:

    z1[n,j] = Sum(x[n,i]*W1[i,j], i) + b1[j]

Arrays are SymPy `IndexedBase`s (plain `Symbol`s when they have no index), indices are `Idx`s that
carry their range, and contractions are SymPy `Sum`s over such an index.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from sympy import Add, Expr, Idx, Indexed, IndexedBase, Integer, Symbol, expand

from symnet.core.index_algebra import array_base, bound_apart, bound_once, extent, indexed, indices_of, substitute, walk
from symnet.core.sizes import BATCH
from symnet.functions import ROW_FUNCTIONS

Role = Literal["input", "target", "weight", "parameter", "value", "cotangent", "shared"]
PARAMETER_ROLES: tuple[Role, ...] = ("weight", "parameter")


@dataclass(frozen=True)
class Array:
    """A declared array. Its name is printed from its attributes and never parsed.

    Attributes:
        stem: the name within its layer: `W`, `z`, `beta`.
        indices: an index for each axis.
        role: its role in the network.
        layer: the number of its layer, from 1; None for the input, the target, the loss and its parameters.
        of: the primal of a cotangent or tangent, which may itself be a cotangent or tangent; else None.
        mark: `bar` for a cotangent, `dot` for a tangent.
    """

    stem: str
    indices: tuple[Idx, ...] = ()
    role: Role = "value"
    layer: int | None = None
    of: Array | None = None
    mark: str = ""

    @cached_property
    def name(self) -> str:
        """`W1`, and `W1_bar` for its cotangent."""
        if self.of is not None:
            return f"{self.of.name}_{self.mark}"
        return self.stem if self.layer is None else f"{self.stem}{self.layer}"

    def cotangent(self, mark: str = "bar") -> Array:
        """The array of ∂C/∂v for this array v, of the same shape."""
        return Array(self.stem, self.indices, "cotangent", self.layer, self, mark)

    @property
    def primal(self) -> Array:
        """The array whose cotangent or tangent this is, or the array itself."""
        return self if self.of is None else self.of.primal

    @cached_property
    def base(self) -> IndexedBase | Symbol:
        """The SymPy object to index; the value itself if there are no axes."""
        return array_base(self.name) if self.indices else Symbol(self.name, real=True)

    @cached_property
    def reference(self) -> Expr:
        """The array at its own indices, the left-hand side of its equation."""
        return self.at(self.indices)

    @cached_property
    def unit_axes(self) -> tuple[int, ...]:
        """The axes that do not run over the batch."""
        return tuple(axis for axis, idx in enumerate(self.indices) if extent(idx) != BATCH)

    def at(self, indices: tuple[Expr, ...]) -> Expr:
        """The array at other indices."""
        return indexed(self.base, *indices) if self.indices else self.base

    @property
    def is_parameter(self) -> bool:
        return self.role in PARAMETER_ROLES


@dataclass(frozen=True)
class Contribution:
    """One path of the chain rule: the term that `consumer` contributes to the cotangent of its operand.

    The term is the sum over `summed` of the consumer's cotangent times `local`, the partial derivative
    ∂consumer/∂operand, after its Kronecker deltas have each removed an index. `local` is in the letters of the
    consumer's equation.

    Attributes:
        consumer: the name of the array whose equation it comes from.
        operand: the reference to the array to be differentiated by, as it stands there.
        local: ∂consumer/∂operand at that place.
        summed: what the term sums over.
        term: what is added to the cotangent.
        inner: the indices of the sums around the operand.
        solved: what stands for an index of the consumer's equation, by its delta: an index of the wanted cotangent, or
            such an index less the rest of the position.
        deltas: the pairs of an index where the operand stands and one of the wanted cotangent whose deltas are left.
    """

    consumer: str
    operand: Expr
    local: Expr
    summed: tuple[Idx, ...]
    term: Expr
    inner: tuple[Idx, ...] = ()
    solved: Mapping[Idx, Expr] = field(default_factory=dict)
    deltas: tuple[tuple[Expr, Idx], ...] = ()


@dataclass(frozen=True)
class Step:
    """One step of a derivation: the rule, the arrays whose equations it used, and the right-hand side after it."""

    rule: str
    uses: tuple[str, ...] = ()
    form: Expr = Integer(0)
    contributions: tuple[Contribution, ...] = ()


@dataclass(frozen=True)
class Equation:
    """`array = rhs`, with the steps of its derivation in order."""

    array: Array
    rhs: Expr
    steps: tuple[Step, ...] = ()

    @property
    def name(self) -> str:
        return self.array.name

    @property
    def lhs(self) -> Expr:
        return self.array.reference

    @cached_property
    def leaves(self) -> tuple[Expr, ...]:
        """The distinct references to arrays and symbols in the right-hand side."""
        return tuple(node for node in walk(self.rhs) if isinstance(node, Indexed | Symbol))

    @cached_property
    def array_names(self) -> frozenset[str]:
        """The names of the indexed arrays in the right-hand side."""
        return frozenset(str(node.base.name) for node in self.leaves if isinstance(node, Indexed))

    @cached_property
    def symbol_names(self) -> frozenset[str]:
        """The names of the symbols in the right-hand side: scalars and sizes."""
        return frozenset(str(node.name) for node in self.leaves if isinstance(node, Symbol))

    def rewritten(self, rhs: Expr, rule: str, uses: Iterable[str] = ()) -> Equation:
        """The equation with a new right-hand side, and a step with the rule appended."""
        rhs = bound_once(rhs, set(self.array.indices))
        return replace(self, rhs=rhs, steps=(*self.steps, Step(rule, tuple(uses), rhs)))


@dataclass(frozen=True)
class Constraint:
    """An equality that holds for the targets of a loss, which simplification may use."""

    left: Expr
    right: Expr


@dataclass(frozen=True, repr=False)
class Program:
    """Equations in order of evaluation, over declared arrays and sizes.

    Attributes:
        arrays: inputs, targets and parameters; `array` also finds the arrays that equations define.
        equations: each assigns one new array.
        sizes: the value of each size symbol; `BATCH` stays symbolic.
        outputs: the name of the array of each output by public name: `prediction`, `loss`, and after
            the reverse sweep a gradient under each parameter's name.
        constraints: equalities that hold for admissible targets.
    """

    arrays: tuple[Array, ...]
    equations: tuple[Equation, ...]
    sizes: Mapping[Symbol, int] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    constraints: tuple[Constraint, ...] = ()

    def __repr__(self) -> str:
        return (
            f"<Program of {len(self.equations)} equations, from {', '.join(array.name for array in self.arrays[:8])}>"
        )

    @cached_property
    def declared(self) -> dict[str, Array]:
        """Every array by name: the declared ones, then those that the equations define."""
        given = {array.name: array for array in self.arrays}
        return given | {equation.name: equation.array for equation in self.equations}

    @cached_property
    def by_name(self) -> dict[str, Equation]:
        return {equation.name: equation for equation in self.equations}

    @property
    def parameters(self) -> tuple[Array, ...]:
        return tuple(array for array in self.arrays if array.is_parameter)

    def array(self, name: str) -> Array:
        return self.declared[name]

    @cached_property
    def cotangents(self) -> dict[str, Array]:
        """The cotangent of every array by its name, whether the program computes it or not."""
        found = (array.cotangent() for array in self.declared.values() if array.of is None)
        return {cotangent.name: cotangent for cotangent in found}

    @cached_property
    def by_layer(self) -> dict[tuple[str, int | None], Array]:
        """The arrays that are not cotangents, by stem and layer."""
        return {(array.stem, array.layer): array for array in self.declared.values() if array.of is None}

    def size(self, value: Expr) -> Expr:
        """A size with numbers substituted; an expression in N if it depends on the batch."""
        return value.xreplace(self._numbers) if value.args or value in self._numbers else value

    @cached_property
    def _numbers(self) -> dict[Expr, Expr]:
        return {symbol: Integer(number) for symbol, number in self.sizes.items()}

    def shape(self, array: Array) -> tuple[Expr, ...]:
        """The shape of an array, in numbers and N."""
        return tuple(self.size(extent(idx)) for idx in array.indices)

    def affine(self, position: Expr) -> tuple[Expr, dict[Idx, Expr]]:
        """What a position is beside its indices, and the step of each of these; sizes are put in, but not N."""
        numbers = expand(substitute(position, self._numbers))
        steps = {idx: numbers.coeff(idx) for idx in indices_of(numbers)}
        return expand(numbers - Add(*(step * idx for idx, step in steps.items()))), steps

    def bounds(self, position: Expr) -> tuple[int, int] | None:
        """The least and the greatest value of a position that is affine in its indices; None if it depends on N."""
        offset, steps = self.affine(position)
        ends = [step * (self.size(extent(idx)) - 1) for idx, step in steps.items()]
        if not all(number.is_Integer for number in (offset, *ends)):
            return None
        start = int(offset)
        return start + sum(min(0, int(end)) for end in ends), start + sum(max(0, int(end)) for end in ends)

    def is_outside(self, node: Indexed) -> bool:
        """Whether a reference lies outside of its array for all values of its indices, so that it is 0."""
        for position, length in zip(node.indices, self.shape(self.array(node.base.name)), strict=True):
            bounds = None if isinstance(position, Idx) else self.bounds(position)
            if bounds is not None and (bounds[1] < 0 or (length.is_Integer and bounds[0] >= length)):
                return True
        return False

    def entries(self, *arrays: Array) -> int:
        """The number of entries of arrays over units, all together."""
        return sum(math.prod(map(int, self.shape(array))) for array in arrays)

    def with_equations(self, equations: Iterable[Equation]) -> Program:
        return replace(self, equations=tuple(equations))

    def operands(self, expression: Expr) -> list[Expr]:
        """The distinct references to declared arrays in an expression, in a fixed order."""
        return sorted(
            (node for node in walk(expression) if self.name_of(node) is not None),
            key=lambda node: node.sort_key(),
        )

    def name_of(self, node: Expr) -> str | None:
        """The name of the array that a node refers to, or None if it is not a reference."""
        if isinstance(node, Indexed):
            return str(node.base.name)
        if isinstance(node, Symbol) and node.name in self.declared and not self.declared[node.name].indices:
            return str(node.name)
        return None

    def uses(self, expression: Expr) -> list[str]:
        """The names of the arrays that an expression refers to, sorted."""
        return sorted({name for node in walk(expression) if (name := self.name_of(node)) is not None})

    @cached_property
    def dependencies(self) -> dict[str, list[str]]:
        """The names of the arrays that the equation of each array refers to."""
        scalars = {name for name, array in self.declared.items() if not array.indices}
        return {
            equation.name: sorted(equation.array_names | (equation.symbol_names & scalars))
            for equation in self.equations
        }

    def needed_for(self, names: Iterable[str]) -> Program:
        """The program reduced to the equations that the named arrays depend on."""
        wanted, kept = set(names), []
        for equation in reversed(self.equations):
            if equation.name in wanted:
                kept.append(equation)
                wanted.update(self.dependencies[equation.name])
        return self.with_equations(reversed(kept))


def definition_at(equation: Equation, indices: Sequence[Expr]) -> Expr | None:
    """The right-hand side of an equation at other indices.

    None if an index is an expression, such as p + u - 1: the array is 0 outside of its range, and its right-hand side
    may be none there. None also if it contains a row function and the indices are not distinct: a row function binds
    its index, so softmax(g[i]*h[k], k) at k = i is not softmax(g[i]*h[i], i).
    """
    renamed = {own: new for own, new in zip(equation.array.indices, indices, strict=True) if own != new}
    if not renamed:
        return equation.rhs
    if not all(isinstance(new, Idx) for new in indices):
        return None
    if len(set(indices)) < len(indices) and equation.rhs.has(*ROW_FUNCTIONS):
        return None
    return substitute(bound_apart(equation.rhs, {idx.name for new in indices for idx in indices_of(new)}), renamed)
