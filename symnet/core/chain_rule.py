"""The chain rule over equations in index notation: one reverse sweep.

The sweep visits the equations from last to first. For each equation v = rhs(u, ...) and each
operand u it adds to the cotangent of u

    u_bar[q] += Sum(v_bar[I] * ∂rhs/∂u[e] * δ(q, e), I, ...)

where e are the positions of u in rhs. Each Kronecker delta of a plain index, or of ±p + r with an index p of v,
removes one sum; others stay, as for x[2*p + u]. The result is again a list
of equations of the same form, so a second sweep over it gives Hessian-vector products. See
`hjorth-jensen.txt`, "Chain rule", and Baydin et al. (2018), section 3.2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from sympy import Add, Expr, Idx, Indexed, Integer, KroneckerDelta, Mul, Sum, Symbol, expand

from symnet.core.derivatives import derivative
from symnet.core.index_algebra import bound_apart, bound_by, fresh_index, indices_of, others, substitute, summation
from symnet.core.program import Array, Contribution, Equation, Program, Step
from symnet.core.verify import has_plain_sizes, verify
from symnet.functions import ROW_FUNCTIONS, ROWS, AccurateSoftmax, leave_one_out, softmax


@dataclass(frozen=True)
class Partial:
    """∂rhs/∂operand at one occurrence of the operand: the sum of `slope` over `summed`.

    The sum is restricted to different values of the two indices of each pair in `apart`; the first of a pair is not an
    index of the operand.
    """

    operand: Expr
    slope: Expr
    summed: tuple[Idx, ...] = ()
    apart: tuple[tuple[Idx, Idx], ...] = ()


def reverse_sweep(program: Program, with_respect_to: Sequence[str], *, output: str = "C", mark: str = "bar") -> Program:
    """Differentiate in reverse mode: append the equations of the cotangents that the gradients need.

    Args:
        program: a verified program with a scalar `output`.
        with_respect_to: names of arrays; the result has their gradients among its outputs, in their
            shapes, under their names.
        output: the scalar to differentiate.
        mark: the cotangent of `v` is called `v_<mark>`.

    Raises:
        NotDifferentiableError: a function between an array and the output has no derivative.
        VerificationError: the result is not a well-formed program (a bug of the sweep).
    """
    sweep = _Sweep(program, output, mark, on_the_way(program, output, with_respect_to))
    equations = sweep.run()
    gradients = {name: sweep.cotangent(name).name for name in with_respect_to}
    swept = replace(
        program,
        equations=(*program.equations, *equations),
        outputs={**program.outputs, **gradients},
    )
    return verify(swept)


def on_the_way(program: Program, output: str, wanted: Sequence[str]) -> set[str]:
    """The arrays between a wanted array and the output, the wanted ones included."""
    affected = set(wanted)
    needed = program.needed_for([output])
    for equation in needed.equations:
        if affected.intersection(program.dependencies[equation.name]):
            affected.add(equation.name)
    return affected & ({equation.name for equation in needed.equations} | set(wanted))


class _Sweep:
    def __init__(self, program: Program, output: str, mark: str, on_the_way: set[str]) -> None:
        self.program = program
        self.output = output
        self.mark = mark
        self.on_the_way = on_the_way
        self.contributions: dict[str, list[Contribution]] = {name: [] for name in on_the_way}
        self.finished: list[Equation] = []
        self.order = {name: place for place, name in enumerate(program.declared)}

    def cotangent(self, name: str) -> Array:
        """The array ∂C/∂name, in the shape of `name`."""
        return self.program.array(name).cotangent(self.mark)

    def run(self) -> list[Equation]:
        consumers = [
            equation for equation in self.program.equations if equation.name in self.on_the_way | {self.output}
        ]
        waiting = Counter(name for equation in consumers for name in self._operands(equation))
        seed = Integer(1)
        self.finished.append(Equation(self.cotangent(self.output), seed, (Step("seed", (self.output,), seed),)))
        for equation in reversed(consumers):
            for name in self._operands(equation):
                self.contributions[name] += self._contributions(equation, name)
                waiting[name] -= 1
                if waiting[name] == 0:
                    self._finish(name)
        done = {equation.name for equation in self.finished}
        for name in sorted(self.on_the_way - {self.output}):
            if self.cotangent(name).name not in done:
                self._finish(name)
        return self.finished

    def _operands(self, equation: Equation) -> list[str]:
        """The operands to differentiate by: parameters in order of declaration, then values."""
        uses = self.on_the_way.intersection(self.program.dependencies[equation.name])
        return sorted(uses, key=self.order.__getitem__)

    def _contributions(self, equation: Equation, name: str) -> Iterator[Contribution]:
        seed = self.cotangent(equation.name).reference
        for partial in partials(self.program, equation.rhs, name, equation.array.indices):
            yield self._contribution(equation, name, partial, seed)

    def _contribution(self, equation: Equation, name: str, partial: Partial, seed: Expr) -> Contribution:
        """v_bar times the partial derivative, summed over the indices that no Kronecker delta removes."""
        deltas = _Deltas.of(partial, self.program.array(name).indices, equation.array.indices)
        body, mapping = deltas.put_into(seed, partial.slope)
        if deltas.affine and not has_plain_sizes(self.program, body):
            # x[p-1]*y[p-1] of arrays of different lengths: y[t] with the index t of x would not have the size of y.
            deltas = deltas.without_affine()
            body, mapping = deltas.put_into(seed, partial.slope)
        summed_over = [mapping.get(idx, idx) for idx in deltas.remaining]
        for pair in partial.apart:
            summed, kept = (mapping.get(idx, idx) for idx in pair)
            body = _over_others(body, summed, kept)
            summed_over.remove(summed)
        return Contribution(
            equation.name,
            partial.operand,
            partial.slope,
            tuple(summed_over),
            summation(body, *summed_over),
            partial.summed,
            deltas.solutions,
            deltas.left,
        )

    def _finish(self, name: str) -> None:
        """Write the equation of a cotangent: the sum of the contributions of all consumers."""
        contributions = tuple(self.contributions[name])
        total = Add(*(contribution.term for contribution in contributions))
        uses = tuple(dict.fromkeys(contribution.consumer for contribution in contributions))
        rule = "chain rule" if len(contributions) < 2 else "chain rule, cotangents accumulated"
        step = Step(rule, uses, total, contributions)
        self.finished.append(Equation(self.cotangent(name), total, (step,)))


@dataclass(frozen=True)
class _Deltas:
    """The Kronecker deltas between where an operand is read and the entry that is differentiated by.

    δ(q, p) removes the sum over p. So does δ(q, ±p + r) for an index p of the consumer's own array, whose cotangent is
    0 outside of its range, if p stands in no other position and r holds no other index of that array: else a sum over
    an index that is gone would take its place.

    Attributes:
        local: the indices of the consumer's equation and of the sums around the operand.
        wanted: those of the cotangent that is wanted.
        plain: what stands for an index p by a delta δ(q, p).
        affine: q, r and the sign for an index p by a delta δ(q, ±p + r).
        left: the positions and the wanted indices whose deltas stay.
    """

    local: tuple[Idx, ...]
    wanted: tuple[Idx, ...]
    plain: dict[Idx, Idx]
    affine: dict[Idx, tuple[Idx, Expr, Expr]]
    left: tuple[tuple[Expr, Idx], ...]

    @staticmethod
    def of(partial: Partial, wanted: tuple[Idx, ...], own: tuple[Idx, ...]) -> _Deltas:
        """The deltas of an occurrence of an operand in an equation with these indices of its own."""
        local = (*own, *partial.summed)
        positions = partial.operand.indices if isinstance(partial.operand, Indexed) else ()
        plain: dict[Idx, Idx] = {}
        others: list[tuple[Expr, Idx]] = []
        for position, target in zip(positions, wanted, strict=True):
            if isinstance(position, Idx) and position in local and position not in plain:
                plain[position] = target
            else:
                others.append((position, target))
        affine: dict[Idx, tuple[Idx, Expr, Expr]] = {}
        left = []
        stands = Counter(idx for position in positions for idx in indices_of(position))
        fixed = {idx for pair in partial.apart for idx in pair}
        for position, target in others:
            position = expand(position)
            inside = [idx for idx in own if idx in indices_of(position)]
            step = position.coeff(inside[0]) if len(inside) == 1 else Integer(0)
            if abs(step) == 1 and stands[inside[0]] == 1 and inside[0] not in fixed:
                affine[inside[0]] = target, position - step * inside[0], step
            else:
                left.append((position, target))
        return _Deltas(local, wanted, plain, affine, tuple(left))

    def without_affine(self) -> _Deltas:
        """The same with only plain deltas solved."""
        back = ((step * idx + rest, target) for idx, (target, rest, step) in self.affine.items())
        return replace(self, affine={}, left=(*self.left, *back))

    @property
    def remaining(self) -> list[Idx]:
        """The indices that are still summed over."""
        return [idx for idx in self.local if idx not in self.plain and idx not in self.affine]

    @property
    def solutions(self) -> dict[Idx, Expr]:
        """What stands for each index that is gone."""
        return self.plain | {idx: step * (target - rest) for idx, (target, rest, step) in self.affine.items()}

    def put_into(self, seed: Expr, slope: Expr) -> tuple[Expr, dict[Expr, Expr]]:
        """seed*slope with indices solved, times the deltas that are left; and what stands for each index."""
        mapping: dict[Expr, Expr] = dict(self.plain)
        used, clashing = {idx.name for idx in (*self.wanted, *self.local)}, {idx.name for idx in self.wanted}
        for idx in self.remaining:
            if idx.name in clashing:
                mapping[idx] = fresh = fresh_index(idx, used)
                used.add(fresh.name)
        for idx, (target, rest, step) in self.affine.items():
            mapping[idx] = expand(step * (target - substitute(rest, mapping)))
        deltas = (KroneckerDelta(target, substitute(position, mapping)) for position, target in self.left)
        return Mul(substitute(seed * bound_apart(slope, used), mapping), *deltas), mapping


def _over_others(body: Expr, summed: Idx, kept: Idx) -> Expr:
    """Sum(body) over all values of one index except that of the other; as a difference if a factor has both indices."""
    factors = Mul.make_args(body)
    over = Mul(*(factor for factor in factors if summed in indices_of(factor)))
    rest = Mul(*(factor for factor in factors if summed not in indices_of(factor)))
    if kept in indices_of(over):
        return rest * (summation(over, summed) - substitute(over, {summed: kept}))
    return rest * others(substitute(over, {summed: kept}), kept)


def partials(program: Program, expression: Expr, name: str, indices: Iterable[Idx] = ()) -> list[Partial]:
    """The partial derivatives of an expression by each occurrence of an array in it.

    SymPy differentiates the scalar bodies; sums and row functions have the rules

        ∂ Sum(f, k) = Sum(∂f, k)
        ∂ softmax(f, k) = p_k (∂f_k - Sum(p_m ∂f_m, m)),  p = softmax(f, k)
        ∂ log_softmax(f, k) = ∂f_k - Sum(p_m ∂f_m, m)

        ∂ leave_one_out(f, k) = Sum(∂f_m, m) over all m but k
        ∂ first_largest(f, k) = 0

    and for accuracy in the tails ∂ softmax(f, k) = p_k (Sum(p_m, m) ∂f_k - Sum(p_m ∂f_m, m)) over all m but k.

    Args:
        program: the program that declares the array.
        expression: the expression to differentiate.
        name: the name of the array.
        indices: further indices of the equation, which no new sum may bind.
    """
    taken = {idx.name for idx in (*indices, *expression.atoms(Idx))} | {str(each) for each in expression.free_symbols}
    return _partials(program, expression, name, taken)


def _partials(program: Program, expression: Expr, name: str, taken: set[str]) -> list[Partial]:
    """`partials`, given the letters in use; the letters of new sums are added to `taken`."""
    slots = _slots(program, expression, name)
    if not slots:
        return []
    names = {node: Symbol(f"slot{number}", real=True) for number, node in enumerate(slots)}
    others = {
        node: Symbol(f"other{number}", real=True) for number, node in enumerate(_leaves(program, expression, name))
    }
    body = _replace_nodes(expression, names | others)
    back = {symbol: node for node, symbol in (names | others).items()}
    found = []
    for node, symbol in names.items():
        slope = substitute(_derivative(body, symbol), back)
        for inner in _through(program, node, name, taken):
            if slope != 0:
                found.append(replace(inner, slope=slope * inner.slope))
    return found


def _through(program: Program, node: Expr, name: str, taken: set[str]) -> list[Partial]:
    """The partial derivatives of a reference, a sum or a row function."""
    if program.name_of(node) == name:
        return [Partial(node, Integer(1))]
    if isinstance(node, Sum):
        inside = _partials(program, node.function, name, taken)
        return [replace(inner, summed=(*bound_by(node), *inner.summed)) for inner in inside]
    return _row_partials(program, node, name, taken)


def _row_partials(program: Program, node: Expr, name: str, taken: set[str]) -> list[Partial]:
    if ROWS[node.func.__name__].is_flat:
        return []
    body, unit = node.args
    other = fresh_index(unit, taken)
    taken.add(other.name)
    summed_up = isinstance(node, leave_one_out)
    accurate = isinstance(node, AccurateSoftmax)
    factor = node if isinstance(node, softmax) else Integer(1)
    own = factor * leave_one_out(node, unit) if accurate else factor
    apart = ((unit, other),) if accurate or summed_up else ()
    found = []
    for inner in _partials(program, body, name, taken):
        moved = _at_other(inner, unit, other)
        moved = replace(moved, summed=(*moved.summed, other), apart=(*apart, *moved.apart))
        if summed_up:
            found.append(moved)
            continue
        weight = substitute(softmax(body, unit), {unit: other})
        found.append(replace(inner, slope=own * inner.slope))
        found.append(replace(moved, slope=-factor * (weight * moved.slope)))
    return found


def _at_other(partial: Partial, unit: Idx, other: Idx) -> Partial:
    """A partial derivative inside a row function, moved from the function's index to another one."""
    at_other = {unit: other}
    operand, slope = substitute(partial.operand, at_other), substitute(partial.slope, at_other)
    apart = tuple((at_other.get(first, first), at_other.get(second, second)) for first, second in partial.apart)
    return replace(partial, operand=operand, slope=slope, apart=apart)


def _slots(program: Program, expression: Expr, name: str) -> list[Expr]:
    """The outermost nodes that contain the array: references to it, sums and row functions."""
    if program.name_of(expression) == name:
        return [expression]
    if isinstance(expression, Indexed | Idx) or name not in program.uses(expression):
        return []
    if isinstance(expression, (Sum, *ROW_FUNCTIONS)):
        return [expression]
    return list(dict.fromkeys(slot for child in expression.args for slot in _slots(program, child, name)))


def _leaves(program: Program, expression: Expr, name: str) -> list[Expr]:
    """The outermost nodes that do not contain the array and are not numbers."""
    opaque = isinstance(expression, (Idx, Indexed, KroneckerDelta, Symbol, Sum, *ROW_FUNCTIONS))
    if program.name_of(expression) == name or not (expression.args or opaque):
        return []
    if opaque:
        return [] if name in program.uses(expression) else [expression]
    return list(dict.fromkeys(leaf for child in expression.args for leaf in _leaves(program, child, name)))


def _replace_nodes(expression: Expr, names: dict[Expr, Symbol]) -> Expr:
    """Replace whole nodes by symbols, top-down."""
    if expression in names:
        return names[expression]
    if not expression.args:
        return expression
    return expression.func(*(_replace_nodes(child, names) for child in expression.args))


@lru_cache(maxsize=4096)
def _derivative(body: Expr, symbol: Symbol) -> Expr:
    """The derivative of a scalar body, cached."""
    return derivative(body, symbol)
