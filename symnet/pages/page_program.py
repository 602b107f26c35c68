"""The program of a page: the network's equations as a notation looks at them, and their derivatives.

The forward program is looked at through the views of a notation; there is one reverse sweep, and everything else
on the page and behind it is made from these two.
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
"""The cotangents of the loss, and of what it is split into."""


@dataclass(frozen=True)
class Factor:
    """∂above/∂below = value, with the same written through the derivative of the activation, where it is that."""

    above: Expr
    below: Expr
    value: Expr
    reused: Expr
    named: Expr | None


@dataclass(frozen=True)
class Path:
    """One path of the chain rule: the sum over `summed` of ∂C/∂consumer times the factor."""

    consumer: Array
    indices: tuple[Expr, ...]
    factor: Factor
    summed: tuple[Idx, ...]


@dataclass(frozen=True)
class Cotangent:
    """∂C/∂array: the paths that lead to it, and what the algebra makes of their sum.

    Attributes:
        array: the array to be differentiated by.
        paths: one for each array in whose equation it stands; none for the loss itself.
        result: the same as simply as the algebra can write it.
        stands: whether the simplified equations still have it; else it has been put into another.
    """

    array: Array
    paths: tuple[Path, ...]
    result: Expr
    stands: bool


@dataclass(frozen=True)
class PageProgram:
    """What is on the page.

    Attributes:
        network: the architecture, its formulas as they were written.
        notation: how it is looked at.
        whole: its forward program for a batch, before any view.
        forward: the forward program.
        swept: the same with the cotangents of inputs and parameters, as the sweep leaves them.
        equations: forward and backward equations as one program, a cotangent for every value that has one.
        cotangents: ∂C/∂v for every array v that needs one, in the order of the sweep, by name.
        extra: how arrays are written that no notation has a letter for, by their names.
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
        """What writes the symbols of a layer with its number."""
        return Symbols(self.notation, self.depth, extra=self.extra, arrays=self.arrays)

    @cached_property
    def arrays(self) -> Mapping[str, Array]:
        """Every array of the forward program and its cotangent, by name."""
        return self.forward.declared | self.forward.cotangents

    @property
    def depth(self) -> int:
        return len(self.network.layers)

    @property
    def errors_are_of_examples(self) -> bool:
        """Whether ∂C/∂v of a batch's array is written without the factor 1/N, which the gradients then carry."""
        return in_errors_of_examples(self.network, self.notation)


def forward_as_written(network: Network) -> Program:
    """The forward program that pages are made from: for a batch, with formulas and decimals as they were written.

    Raises:
        ArchitectureError: the layers do not fit together.
    """
    return forward_equations(network, as_written=True).program


def page_program(network: Network, notation: Notation, whole: Program | None = None) -> PageProgram:
    """The equations of a network, forward and backward, as a notation looks at them.

    Args:
        network: the architecture.
        notation: how it is looked at.
        whole: what `forward_as_written` gives of the network, where it is known.

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
    """A cotangent as the algebra leaves it, on its own where it has been put into its consumer."""
    rhs = _reused(forward, raw) if simple is None else simple.rhs
    return replace(raw, rhs=substitute(rhs, _values_only(named)))


def _of_parameters(swept: Program, forward: Program) -> Program:
    """What a sweep finds for the parameters alone, without the cotangents that only the inputs need."""
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
    """What an elementwise activation and its derivative are at each layer's pre-activation, by name."""
    named: dict[Expr, Expr] = {}
    for number, activation in lettered(network, program):
        z = program.by_layer["z", number].reference
        for order, written in enumerate((activation.at(z), activation.slope_at(z))):
            if written.has(z):
                named[written] = layer_function(number, order)(z)
    return named


def lettered(network: Network, program: Program) -> Iterator[tuple[int, Activation]]:
    """The layers whose elementwise activation has the letter of a function: that of a pre-activation z."""
    for number, layer in enumerate(network.layers, start=1):
        if isinstance(layer, Activated) and layer.function.has_letter and ("z", number) in program.by_layer:
            yield number, layer.function


def opened(network: Network, node: Expr) -> Expr:
    """An expression in which the letters of activation functions are replaced by what these functions are."""
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
    """∂consumer/∂array, with the consumer's indices told apart from the array's."""
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
    """The partial derivative of a contribution in the letters of the page.

    Where the page keeps an index of the consumer apart from the one that the sweep has put for it, the delta stays.
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
    """Map the indices that a partial derivative sums over to others, where these letters stand for something else."""
    taken = {str(idx) for idx in letters | summed}
    for idx in sorted(summed & letters - set(mapping), key=written_order):
        mapping[idx] = fresh = fresh_index(idx, taken)
        taken.add(str(fresh))


def _values_only(named: Mapping[Expr, Expr]) -> dict[Expr, Expr]:
    """What activations are, without their derivatives."""
    return {node: written for node, written in named.items() if written.func.order == 0}


def _with_values(program: Program, value: Expr) -> Expr:
    """A partial derivative with forward values reused in it: σ(z)(1 - σ(z)) as a(1 - a)."""
    letters = tuple(sorted(indices_of(value), key=written_order))
    array = Array("slope", letters, "cotangent")
    extended = program.with_equations([*program.equations, Equation(array, value)])
    return reuse_forward_values(extended).equations[-1].rhs


def _reused(forward: Program, equation: Equation) -> Expr:
    """What becomes of a cotangent that the algebra has put into its consumer, on its own."""
    return tidy(forward, _with_values(forward, substitute(equation.rhs, SEEDS)))
