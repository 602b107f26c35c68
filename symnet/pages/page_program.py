"""The program of a page: the network's equations in the views of a notation, and their derivatives.

The views of the notation rewrite the forward program, and one reverse sweep differentiates it. Everything else on
the page is computed from these two programs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Add, Expr, Idx, Integer, KroneckerDelta, Mul, Sum, factor_terms
from sympy.core.function import AppliedUndef

from symnet.core import (
    BATCH,
    Array,
    Contribution,
    Equation,
    Program,
    bound_apart,
    bound_once,
    extent,
    fresh_index,
    indices_of,
    on_the_way,
    reverse_sweep,
    substitute,
    written_order,
)
from symnet.network import LOSS, LOSS_PARTS, Activated, Activation, Network, forward_equations
from symnet.notation import ExtraArray, Notation, Symbols, check_free, extra_arrays, layer_function, letters_needed
from symnet.pages.views import counted_out, in_errors_of_examples, viewed
from symnet.simplify import reuse_forward_values, simplify, tidy

SEEDS = {part.cotangent().reference: Integer(1) for part in (LOSS, *LOSS_PARTS)}
"""The seeds: the cotangents of the loss and of its parts, all 1."""


@dataclass(frozen=True)
class Factor:
    """A factor of the chain rule, ∂above/∂below.

    Attributes:
        above, below: what is differentiated, and by what: arrays at indices.
        value: the derivative as the sweep finds it.
        reused: the derivative with forward values reused in it, as in a(1 - a).
        named: the derivative as σ'(z), if it is that of an activation with a letter; else None.
    """

    above: Expr
    below: Expr
    value: Expr
    reused: Expr
    named: Expr | None


@dataclass(frozen=True)
class Path:
    """One term of the chain rule: the sum over `summed` of ∂C/∂consumer · ∂consumer/∂array.

    Attributes:
        consumer: an array in whose equation the array occurs.
        indices: the indices at which the consumer is taken.
        factor: ∂consumer/∂array.
        summed: those of `indices` that are not indices of the array.
    """

    consumer: Array
    indices: tuple[Expr, ...]
    factor: Factor
    summed: tuple[Idx, ...]


@dataclass(frozen=True)
class Cotangent:
    """∂C/∂array: the terms of the chain rule, and their simplified sum.

    Attributes:
        array: the array that the loss is differentiated by.
        paths: one for each array in whose equation it occurs; none for the loss itself.
        result: the simplified right-hand side.
        stands: whether the simplified program has an equation for it; else it was inlined into its consumers.
    """

    array: Array
    paths: tuple[Path, ...]
    result: Expr
    stands: bool


@dataclass(frozen=True)
class PageProgram:
    """The equations of a page in the views of its notation.

    Attributes:
        network: the architecture, with its formulas as they were written.
        notation: the notation.
        whole: the forward program for a batch, before any view.
        forward: the forward program in the views of the notation.
        swept: `forward` with the cotangents of inputs and parameters as the sweep leaves them, not simplified.
        equations: the forward equations and the simplified ones of all `cotangents` as one program.
        cotangents: ∂C/∂v for every array v on the way to a parameter, by the name of v, in the order of the sweep.
        extra: by name, how arrays are written that the notation has no letter for.
    """

    network: Network
    notation: Notation
    whole: Program
    forward: Program
    swept: Program
    equations: Program
    cotangents: Mapping[str, Cotangent]
    extra: Mapping[str, ExtraArray]

    @property
    def symbols(self) -> Symbols:
        """The symbols of the page, with layers printed as numbers."""
        return Symbols(self.notation, self.depth, extra=self.extra, arrays=self.arrays)

    @cached_property
    def arrays(self) -> Mapping[str, Array]:
        """Every array of the forward program and every cotangent, by name."""
        return self.forward.declared | self.forward.cotangents

    @property
    def depth(self) -> int:
        return len(self.network.layers)

    @property
    def errors_are_of_examples(self) -> bool:
        """Whether N ∂C/∂v is written for arrays of the batch, so that 1/N is in the gradients instead."""
        return in_errors_of_examples(self.network, self.notation)


def forward_as_written(network: Network) -> Program:
    """Return the forward program of a batch, with formulas and decimals as they were written, for pages.

    Raises:
        ArchitectureError: the layers do not fit together.
    """
    return forward_equations(network, as_written=True).program


def page_program(network: Network, notation: Notation, whole: Program | None = None) -> PageProgram:
    """Derive the equations of a network, forward and backward, in the views of a notation.

    Args:
        network: the architecture.
        notation: the notation, which chooses the views.
        whole: the result of `forward_as_written`, if it is already known.

    Raises:
        ArchitectureError: the layers do not fit together.
        NotationError: the notation uses a letter for something else that this network needs.
    """
    network = network.as_written
    whole = whole or forward_as_written(network)
    check_free(notation, letters_needed(network, whole))
    extra = extra_arrays(network, whole, notation)
    forward = viewed(whole, network, notation)
    swept = reverse_sweep(forward, [array.name for array in forward.arrays if array.role != "target"])
    learned = _of_parameters(swept, forward)
    simple = simplify(learned)
    named = activations(network, forward)
    raw = learned.equations[len(forward.equations) :]
    results = [_result(forward, equation, simple.by_name.get(equation.name), named) for equation in raw]
    seen = viewed(forward.with_equations([*forward.equations, *results]), network, notation, after_sweep=True)
    cotangents = {}
    for equation in raw:
        array = equation.array.primal
        paths = tuple(
            _path(forward, array, consumer, contributions, named)
            for consumer, contributions in _by_consumer(equation.steps[0].contributions)
        )
        result, stands = seen.by_name[equation.name].rhs, equation.name in simple.by_name
        cotangents[array.name] = Cotangent(array, paths, result, stands)
    equations = [replace(equation, rhs=opened(network, equation.rhs)) for equation in seen.equations]
    return PageProgram(network, notation, whole, forward, swept, seen.with_equations(equations), cotangents, extra)


def _result(forward: Program, raw: Equation, simple: Equation | None, named: Mapping[Expr, Expr]) -> Equation:
    """Return the simplified equation of a cotangent, also of one that simplification has inlined."""
    rhs = _reused(forward, raw) if simple is None else simple.rhs
    return replace(raw, rhs=substitute(rhs, _values_only(named)))


def _of_parameters(swept: Program, forward: Program) -> Program:
    """Drop the cotangents from a swept program that only the gradients of the inputs need."""
    names = [array.name for array in forward.parameters]
    wanted = on_the_way(forward, forward.outputs["loss"], names) | {forward.outputs["loss"]}
    kept = [each for each in swept.equations if each.array.of is None or each.array.primal.name in wanted]
    outputs = {**forward.outputs, **{name: swept.outputs[name] for name in names}}
    return replace(swept, equations=tuple(kept), outputs=outputs)


def _by_consumer(contributions: Iterable[Contribution]) -> list[tuple[str, list[Contribution]]]:
    found: dict[str, list[Contribution]] = {}
    for contribution in contributions:
        found.setdefault(contribution.consumer, []).append(contribution)
    return list(found.items())


def activations(network: Network, program: Program) -> dict[Expr, Expr]:
    """Return the calls f_l(z) and f_l'(z) of elementwise activations, by the expressions that they stand for."""
    named: dict[Expr, Expr] = {}
    for number, activation in lettered(network, program):
        z = program.by_layer["z", number].reference
        for order, written in enumerate((activation.at(z), activation.slope_at(z))):
            if written.has(z):
                named[written] = layer_function(number, order)(z)
    return named


def lettered(network: Network, program: Program) -> Iterator[tuple[int, Activation]]:
    """Yield the number and the activation of each layer whose activation is written as a function of z."""
    for number, layer in enumerate(network.layers, start=1):
        if isinstance(layer, Activated) and layer.function.has_letter and ("z", number) in program.by_layer:
            yield number, layer.function


def opened(network: Network, node: Expr) -> Expr:
    """Replace the calls of activation functions by letter in an expression by their definitions."""
    written: dict[Expr, Expr] = {}
    for call in node.atoms(AppliedUndef):
        layer = network.layers[call.func.layer - 1]
        assert isinstance(layer, Activated)
        write = (layer.function.at, layer.function.slope_at)[call.func.order]
        written[call] = write(*call.args)
    return substitute(node, written)


def _path(
    program: Program, array: Array, consumer: str, contributions: list[Contribution], named: Mapping[Expr, Expr]
) -> Path:
    """Return the path from an array to a consumer, with indices of the consumer that differ from the array's."""
    target, source = array.indices, program.array(consumer)
    first, *others = (contribution.solved for contribution in contributions)
    taken = {str(idx) for idx in (*target, *source.indices)}
    moved: dict[Expr, Expr] = {}
    for idx in source.indices:
        if idx in first and all(other.get(idx) == first[idx] for other in others):
            moved[idx] = first[idx]
        elif idx in target:
            moved[idx] = fresh_index(idx, taken)
            taken.add(str(moved[idx]))
    value = Add(*(_slope(contribution, target, source, moved) for contribution in contributions))
    indices = tuple(moved.get(idx, idx) for idx in source.indices)
    summed = tuple(idx for idx in indices if idx not in target)
    value = counted_out(factor_terms(value) if value.has(KroneckerDelta) else tidy(program, value))
    value = bound_once(value, {*target, *indices_of(value)})
    reused = counted_out(substitute(_with_values(program, value), _values_only(named)))
    factor = Factor(source.at(indices), array.reference, value, reused, named.get(contributions[0].local))
    return Path(source, indices, factor, summed)


def _slope(contribution: Contribution, target: tuple[Idx, ...], source: Array, moved: Mapping[Expr, Expr]) -> Expr:
    """Return the partial derivative of a contribution, in the indices of the page.

    The sweep solves Kronecker deltas by substituting indices. Where the page keeps such an index of the consumer
    separate, its delta is put back.
    """
    kept = {idx: wanted for idx, wanted in contribution.solved.items() if idx in source.indices}
    mapping: dict[Expr, Expr] = {idx: wanted for idx, wanted in contribution.solved.items() if idx not in kept}
    mapping |= moved
    apart = [(idx, wanted) for idx, wanted in kept.items() if mapping.get(idx, idx) != wanted]
    unsolved = [*contribution.deltas, *apart]
    letters = {*target, *(moved.get(idx, idx) for idx in source.indices)}
    summed = indices_of(contribution.local) - set(source.indices)
    _keep_apart(summed, letters, mapping)
    deltas = [KroneckerDelta(substitute(position, mapping), wanted) for position, wanted in unsolved]
    slope = substitute(bound_apart(contribution.local, {str(idx) for idx in mapping.values()}), mapping)
    inner = indices_of(slope) - set(target) - {mapping.get(idx, idx) for idx in source.indices}
    if inner:
        slope = Sum(slope, *sorted(inner, key=lambda idx: (extent(idx) != BATCH, written_order(idx))))
    unseen = set(contribution.inner) - contribution.solved.keys() - indices_of(contribution.local)
    return Mul(slope, *deltas, *map(extent, unseen))


def _keep_apart(summed: set[Idx], letters: set[Expr], mapping: dict[Expr, Expr]) -> None:
    """Add fresh indices to `mapping` for those of `summed` whose letters are already in use."""
    taken = {str(idx) for idx in letters | summed}
    for idx in sorted(summed & letters - set(mapping), key=written_order):
        mapping[idx] = fresh = fresh_index(idx, taken)
        taken.add(str(fresh))


def _values_only(named: Mapping[Expr, Expr]) -> dict[Expr, Expr]:
    """Return the entries of `activations` without those of derivatives."""
    return {node: written for node, written in named.items() if written.func.order == 0}


def _with_values(program: Program, value: Expr) -> Expr:
    """Reuse forward values in a partial derivative: σ(z)(1 - σ(z)) becomes a(1 - a)."""
    letters = tuple(sorted(indices_of(value), key=written_order))
    array = Array("slope", letters, "cotangent")
    extended = program.with_equations([*program.equations, Equation(array, value)])
    return reuse_forward_values(extended).equations[-1].rhs


def _reused(forward: Program, equation: Equation) -> Expr:
    """Return the simplified right-hand side of a cotangent that simplification has inlined into its consumers."""
    return tidy(forward, _with_values(forward, substitute(equation.rhs, SEEDS)))
