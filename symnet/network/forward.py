"""The forward equations of a `Network` and its loss, as lecture notes write them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from sympy import Abs, Add, Expr, Idx, Indexed, Integer, Rational, Sum, Symbol

from symnet.core import (
    BATCH,
    Array,
    Constraint,
    Equation,
    Program,
    Size,
    Step,
    bound_by,
    extent,
    index,
    summation,
    verify,
    walk,
)
from symnet.functions import ROW_FUNCTIONS, decimal_number
from symnet.network.layers import Initial, Scope, axis_index
from symnet.network.losses import UNITS, A, Y
from symnet.network.network import Network
from symnet.support import ArchitectureError, located

MAX_PARAMETERS = 2**31

LOSS = Array("C")
PENALTY_FREE, PENALTY = Array("E"), Array("R")
LOSS_PARTS = (PENALTY_FREE, PENALTY)
"""What the loss is the sum of: what the data bring, and the penalty."""


@dataclass(frozen=True)
class Forward:
    """The forward program of a network, and the initial values of its parameters."""

    program: Program
    initial: dict[str, Initial]


def forward_equations(network: Network, *, as_written: bool = False) -> Forward:
    """The equations of every layer in order, then that of the loss C.

    Outputs of the program: `prediction`, the last layer's output, and `loss`.

    Args:
        network: the architecture.
        as_written: whether decimals stay as they were typed, for pages; code computes with fractions.

    Raises:
        ArchitectureError: a layer does not fit to those before it, or there are more than 2³¹ parameters.
    """
    network = network.as_written if as_written else network
    n = index("n", BATCH)
    x = Array("x", (n, *(axis_index(0, axis) for axis in range(len(network.shapes[0])))), "input")
    scopes, outputs = _layers(network, x, as_written=as_written)
    output = outputs[-1]
    y = Array("y", output.indices, "target")
    learned = tuple(Array(name, (), "parameter") for name in network.loss.learned)
    parameters = (*(array for scope in scopes for array in scope.arrays), *learned)
    equations = [equation for scope in scopes for equation in scope.written]
    number = decimal_number if as_written else Rational
    loss = _loss(network, output, y, [array for array in parameters if array.role == "weight"], number)
    program = Program(
        arrays=(x, *parameters, y),
        equations=(*equations, Equation(LOSS, loss, (Step("definition", form=loss),))),
        sizes=dict(_lengths(network, scopes)),
        outputs={"prediction": output.name, "loss": LOSS.name},
        constraints=_constraints(network, y),
    )
    _check_size(program)
    initial: dict[str, Initial] = {name: start for scope in scopes for name, start in scope.initial.items()}
    return Forward(verify(program), initial | dict.fromkeys(network.loss.learned, "ones"))


def _layers(network: Network, x: Array, *, as_written: bool) -> tuple[list[Scope], list[Array]]:
    outputs, scopes, known, shapes = [x], list[Scope](), dict[str, Array](), network.shapes
    for number, layer in enumerate(network.layers, start=1):
        scope = Scope(number, layer, tuple(outputs), shapes[: number + 1], known, as_written=as_written)
        try:
            layer.equations(scope)
        except ArchitectureError as error:
            raise located(error, f"layer {number}") from None
        if scope.result is None:
            raise ArchitectureError(
                f"layer {number}: the {layer.kind} layer has no output; its equations end with scope.output(...)"
            )
        outputs.append(scope.result)
        scopes.append(scope)
    return scopes, outputs


def _lengths(network: Network, scopes: list[Scope]) -> Iterator[tuple[Symbol, int]]:
    """The length of every axis of the input and of the outputs, and of every index that a layer has declared."""
    for layer, shape in enumerate(network.shapes):
        for axis, length in enumerate(shape):
            yield Size(layer, axis), length
    for scope in scopes:
        yield from scope.sizes.items()


def _loss(network: Network, output: Array, y: Array, weights: list[Array], number: Callable[[Fraction], Expr]) -> Expr:
    """C = Sum(loss of one output, n, k), divided by N for the mean, plus the penalties."""
    one = network.loss.expression.xreplace({A: output.reference, Y: y.reference})
    one = one.xreplace({UNITS: extent(output.indices[-1])})
    total = Sum(one, *output.indices) if one.has(Indexed) else summation(one, *output.indices)
    if network.reduction == "mean":
        total /= BATCH
    return Add(total, *(_penalties(network, weight, number) for weight in weights))


def _penalties(network: Network, weight: Array, number: Callable[[Fraction], Expr]) -> Expr:
    l1, l2 = (number(Fraction(repr(given))) for given in (network.l1, network.l2))
    absolute = l1 * summation(Abs(weight.reference), *weight.indices) if l1 else Integer(0)
    return absolute + (l2 / 2 * summation(weight.reference**2, *weight.indices) if l2 else Integer(0))


def _constraints(network: Network, y: Array) -> tuple[Constraint, ...]:
    if network.loss.kind.targets != "probabilities":
        return ()
    return (Constraint(Sum(y.reference, y.indices[-1]), Integer(1)),)


def _check_size(program: Program) -> None:
    total = program.entries(*program.parameters)
    if total > MAX_PARAMETERS:
        raise ArchitectureError(f"the network has {total:,} parameters; at most 2^31 = {MAX_PARAMETERS:,} are allowed")


def penalty_apart(program: Program) -> Program:
    """C = E + R: what inputs and targets bring to the loss, and the penalty, which is 0 where there is none."""
    *layers, loss = program.equations
    data = {array.name for array in program.arrays if array.role in ("input", "target")}
    data |= {equation.name for equation in layers}
    terms: dict[Array, list[Expr]] = {part: [] for part in LOSS_PARTS}
    for term in Add.make_args(loss.rhs):
        terms[PENALTY if data.isdisjoint(program.uses(term)) else PENALTY_FREE].append(term)
    parts = [Equation(part, Add(*own), (Step("definition", form=Add(*own)),)) for part, own in terms.items()]
    total = loss.rewritten(Add(*(part.reference for part in LOSS_PARTS)), "loss split")
    return program.with_equations([*layers, *parts, total])


def mixes_examples(program: Program) -> bool:
    """Whether a layer sums or runs over the examples of a batch, so that the loss of one depends on the others.

    Args:
        program: the forward equations for a batch, the loss the last of them.
    """
    *layers, _ = program.equations
    over = (idx for equation in layers for node in walk(equation.rhs) for idx in _run_over(node))
    return any(extent(idx) == BATCH for idx in over)


def _run_over(node: Expr) -> tuple[Idx, ...]:
    """The indices that a sum or a row function binds."""
    if isinstance(node, ROW_FUNCTIONS):
        return (node.args[1],)
    return bound_by(node) if isinstance(node, Sum) else ()
