"""Hypothesis strategies for networks, the data to evaluate them at, and the measures of agreement.

Shared by the tests of the derivation and of the generated code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from types import ModuleType
from typing import Any

import mpmath
import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from sympy import Expr, Idx, Indexed, Integer, KroneckerDelta, Pow, Rational, Sum

from symnet import Dense, Layer, Network, RadialBasis, Residual
from symnet.api.networks import Derivation
from symnet.core.index_algebra import indices_of
from symnet.core.oracle import evaluate, numerical_gradient
from symnet.core.program import Array, Equation, Program
from symnet.core.sizes import BATCH
from symnet.functions.rows import ROW_FUNCTIONS
from symnet.network.activations import ACTIVATIONS
from symnet.network.losses import LOSSES
from symnet.support.modules import module_from_source
from symnet.targets.registry import target_of
from symnet.targets.source import Source

UNHURRIED: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],
}
"""Settings for properties whose examples take their time."""


def examples(count: int) -> int:
    """So many examples of a property, and in the profile `fuzz` as many times more as that profile has."""
    return max(1, count * settings().max_examples // 100)


DIGITS = 50
SIXTEENTHS = 16

FLAT = ("step", "bipolar_step", "sign")
"""Activations for forward use only."""

TRAINABLE = tuple(name for name in ACTIVATIONS if name not in FLAT)
CUSTOM_ACTIVATIONS = (
    "1/(1+exp(-z))",
    "(exp(z)-exp(-z))/(exp(z)+exp(-z))",
    "z*tanh(log(1+exp(z)))",
    "bump=z*exp(-z**2)",
    "sqrt(1+z**2)",
    "z/(1+z**2)",
    "atan(2*z) - 0.3*z**3",
    "maximum(z, 0.1*z) + minimum(z, 0.5)",
    "erf(z) + cos(z)/3",
    "z/sqrt(2) + sin(2*pi*z)/4",
    "leaky_relu(slope=0.2)",
)
CUSTOM_LOSSES = ("log(cosh(a-y))", "sqrt(1+(a-y)**2)", "quartic=(a-y)**4/4 + abs(a)")
LOSS_TEXTS = (*LOSSES, "huber(delta=0.25)", "gaussian_nll(beta=2.5)", *CUSTOM_LOSSES)

widths = st.integers(1, 6)
rows = st.integers(1, 5)
seeds = st.integers(0, 2**32 - 1)
penalties = st.sampled_from((0.0, 0.0, 0.05, 0.3))


def activations(units: int) -> st.SearchStrategy[str]:
    """The text of an activation that a layer of so many units can have."""
    names = tuple(name for name in TRAINABLE if units > 1 or name != "softmax")
    return st.sampled_from((*names, *CUSTOM_ACTIVATIONS))


@st.composite
def layers(draw: st.DrawFn, before: tuple[int, ...], *, least: int = 1) -> Layer:
    """A layer of any kind that fits behind layers of these sizes, the inputs first."""
    kind = draw(st.sampled_from(("dense", "dense", "residual", "radial_basis")))
    if kind == "residual":
        skips = [skip for skip in (1, 2) if skip <= len(before) and before[-skip] >= least]
        if skips:
            skip = draw(st.sampled_from(skips))
            units = before[-skip]
            return Residual(units, activation=draw(activations(units)), bias=draw(st.booleans()), skip=skip)
    units = draw(st.integers(least, 6))
    if kind == "radial_basis":
        return RadialBasis(units)
    return Dense(units, activation=draw(activations(units)), bias=draw(st.booleans()))


@st.composite
def networks(draw: st.DrawFn, *, deepest: int = 4) -> Network:
    """A network with up to `deepest` hidden layers, any kinds, activations, loss, reduction and penalties."""
    loss = draw(st.sampled_from(LOSS_TEXTS))
    sizes = [draw(widths)]
    stack: list[Layer] = []
    for _ in range(draw(st.integers(0, deepest))):
        stack.append(draw(layers(tuple(sizes))))
        sizes.append(stack[-1].units)
    if loss in LOSSES and LOSSES[loss].only:
        stack.append(Dense(draw(st.integers(2, 6)), bias=draw(st.booleans())))
    else:
        stack.append(draw(layers(tuple(sizes))))
    return Network(
        sizes[0],
        stack,
        loss=loss,
        reduction=draw(st.sampled_from(("mean", "sum"))),
        l1=draw(penalties),
        l2=draw(penalties),
    )


def draw_values(
    program: Program, count: int, seed: int, *, targets: str = "real", dtype: str = "float64"
) -> dict[str, np.ndarray]:
    """Inputs, parameters and targets for a program, as numbers that the dtype holds exactly.

    Parameters are small enough for nothing to overflow but towers of exp; widths `s` of radial-basis
    units and a learned `beta` are positive.
    """
    rng = np.random.default_rng(seed)
    values = {}
    for array in program.arrays:
        shape = tuple(int(size.xreplace({BATCH: Integer(count)})) for size in program.shape(array))
        if array.role == "target":
            drawn = draw_targets(rng, shape, targets)
        elif array.name == "beta" or array.name[0] == "s":
            drawn = rng.uniform(0.5, 2, shape)
        else:
            fan_in = shape[0] if array.role == "weight" else 1
            drawn = rng.uniform(-1, 1, shape) / fan_in
        values[array.name] = np.asarray(drawn, dtype=dtype)
    return values


def draw_targets(rng: np.random.Generator, shape: tuple[int, ...], targets: str) -> np.ndarray:
    """Targets of a kind; probabilities are sixteenths, so that a row sums to 1 exactly in any dtype."""
    if targets == "probabilities":
        return rng.multinomial(SIXTEENTHS, np.full(shape[-1], 1 / shape[-1]), size=shape[:-1]) / SIXTEENTHS
    if targets == "signs":
        return rng.choice((-1.0, 1.0), shape)
    return rng.uniform(0, 1, shape) if targets == "unit interval" else rng.standard_normal(shape)


def values_for(network: Network, program: Program, count: int, seed: int, dtype: str = "float64") -> dict[str, Any]:
    """`draw_values` with the targets that the network's loss asks for."""
    return draw_values(program, count, seed, targets=network.loss.kind.targets, dtype=dtype)


def module_of(derivation: Derivation, *, dtype: str = "float64", target: str = "numpy") -> ModuleType:
    """The module that `symnet.compile` makes of a network, from its derivation, which takes the longest."""
    program, initial = derivation.program, derivation.initial
    source = Source(derivation.network, program, initial, dtype, derivation.accuracy)
    return module_from_source(target_of(target).write(source), "symnet_generated")


def parameters_of(module: ModuleType, values: Mapping[str, np.ndarray]) -> Any:
    """The parameters of a generated module from values by name."""
    return module.Parameters(*(values[name] for name in module.SHAPES))


def largest(array: Any) -> Any:
    """The largest magnitude in an array of floats or mpmath numbers."""
    return max((abs(entry) for entry in np.ravel(np.asarray(array, dtype=object))), default=0)


def is_moderate(program: Program, values: Mapping[str, Any], bound: float) -> bool:
    """Whether all that a program computes is finite and below a bound.

    Asked in floats: a tower of exp has no end at 50 digits.
    """
    try:
        results = evaluate(program, values)
    except (ArithmeticError, ValueError):
        return False
    return all(abs(entry) < bound for array in results.values() for entry in array.ravel())


def difference(found: Any, exact: Any) -> Any:
    """The largest magnitude of an entry of found - exact; the arrays must have one shape."""
    left, right = np.asarray(found, dtype=object), np.asarray(exact, dtype=object)
    assert left.shape == right.shape
    with mpmath.workdps(2 * DIGITS):
        return largest([mpmath.mpf(a) - mpmath.mpf(b) for a, b in zip(left.ravel(), right.ravel(), strict=True)])


def relative_error(found: Any, exact: Any, floor: float = 0.0) -> float:
    """max |found - exact| / max |exact|, the differences that a dtype's underflow explains taken out."""
    error, size = difference(found, exact), largest(exact)
    if error <= floor:
        return 0.0
    return float(error / size) if size else float("inf")


TRIALS = 12


class Condition:
    """How much arrays of a program amplify relative errors of its inputs and of all that it computes.

    Every input, every entry that an equation computes and every operation inside it is off by a
    relative ±eps of the dtype, as rounding would have it, and the 50-digit results are compared: what is 0 twice
    over is then off by eps². Of an array that is exactly 0 it is the absolute error that counts. Trials are made as
    far as they are needed, once for all that is asked about an array.
    """

    def __init__(self, program: Program, values: Mapping[str, Any], dtype: str = "float64") -> None:
        self.program, self.values = program, values
        self.eps = float(np.finfo(dtype).eps)
        self.worst: dict[str, float] = {}
        self.trials: dict[str, Iterator[float]] = {}

    @cached_property
    def exact(self) -> Mapping[str, Any]:
        return evaluate(self.program, self.values, digits=DIGITS)

    def of(self, name: str, enough: float) -> float:
        """The largest amplification in up to `TRIALS` trials, or in as many as show that it is large enough."""
        trials = self.trials.setdefault(name, self._trials(name))
        while self.worst.setdefault(name, 0.0) < enough:
            found = next(trials, None)
            if found is None:
                break
            self.worst[name] = max(self.worst[name], found)
        return self.worst[name]

    def _trials(self, name: str) -> Iterator[float]:
        program, rng = self.program.needed_for([name]), np.random.default_rng(0)
        exact = self.exact[name]
        for _ in range(TRIALS):
            result = evaluate(*_disturbed(program, self.values, rng, self.eps), digits=DIGITS)[name]
            yield float(difference(result, exact) / (largest(exact) or 1)) / self.eps


def _disturbed(
    program: Program, values: Mapping[str, Any], rng: np.random.Generator, eps: float
) -> tuple[Program, dict[str, Any]]:
    """A program with noise in all that it computes, and values for its arrays."""
    count = {BATCH: Integer(len(values["x"]))}
    noisy = _with_noise(program, rng, Rational(eps))
    with mpmath.workdps(DIGITS):
        unit = mpmath.mpf(eps)
        shifted = {}
        for array in noisy.arrays:
            given = values.get(array.name)
            signs = rng.choice([-1, 1], tuple(int(size.xreplace(count)) for size in noisy.shape(array)))
            base = np.zeros(signs.shape, object) if given is None else _exactly(given)
            shifted[array.name] = base * (1 + unit * signs) if given is not None else base + unit * signs
    return noisy, shifted


def _exactly(given: Any) -> np.ndarray:
    exact = np.empty(np.shape(given), dtype=object)
    for position in np.ndindex(*exact.shape):
        exact[position] = mpmath.mpf(float(np.asarray(given)[position]))
    return exact


def _with_noise(program: Program, rng: np.random.Generator, size: Rational) -> Program:
    """Every operation off by a relative ±size, and every entry of an array or a row by a given array of noise."""
    noises: dict[Expr, Array] = {}
    equations = []
    for equation in program.equations:
        own = noises[equation.lhs] = Array(f"noise_{equation.name}", equation.array.indices)
        equations.append(replace(equation, rhs=_noisy(equation.rhs, rng, size, noises) * (1 + own.reference)))
    return replace(program, arrays=(*program.arrays, *noises.values()), equations=tuple(equations))


def _noisy(node: Expr, rng: np.random.Generator, size: Rational, noises: dict[Expr, Array]) -> Expr:
    if isinstance(node, Indexed | Idx | KroneckerDelta) or not node.args:
        return node
    if isinstance(node, Sum):
        return Sum(_noisy(node.function, rng, size, noises), *node.limits)
    if isinstance(node, ROW_FUNCTIONS):
        # Entries of one sign would cancel in a sum over them.
        indices = tuple(sorted(indices_of(node), key=str))
        own = noises.setdefault(node, Array(f"noise_{len(noises)}", indices))
        return node.func(_noisy(node.args[0], rng, size, noises), node.args[1]) * (1 + own.reference)
    if isinstance(node, Pow):
        rebuilt = _noisy(node.base, rng, size, noises) ** node.exp
    else:
        rebuilt = node.func(*(_noisy(child, rng, size, noises) for child in node.args))
    return rebuilt * (1 + int(rng.choice([-1, 1])) * size)


def assert_agree(
    program: Program,
    values: Mapping[str, Any],
    exact: Mapping[str, np.ndarray],
    found: Mapping[str, Any],
    limit: float,
    dtype: str = "float64",
    condition: Condition | None = None,
) -> None:
    """Hold arrays to the oracle, norm-wise; where cancellation forbids the limit, to 16·eps·condition.

    Args:
        found: arrays by the names that they have in the program.
        condition: of the program at these values in this dtype, where several results are held to them.
    """
    condition = condition or Condition(program, values, dtype)
    info = np.finfo(dtype)
    for name, array in found.items():
        error = relative_error(array, exact[name], floor=float(info.tiny) * 1024)
        if not error <= limit:
            error, allowed = excused(condition, exact[name], array, name)
            assert error <= allowed, f"{name}: relative error {error:.2e}, allowed {max(limit, allowed):.1e}"


def excused(condition: Condition, exact: Any, found: Any, name: str) -> tuple[float, float]:
    """The error of an array and what its condition allows: relative ones, or of what is exactly 0 absolute ones."""
    error = relative_error(found, exact) if largest(exact) else float(difference(found, exact))
    allowed = 16 * condition.eps
    return error, allowed * condition.of(name, enough=error / allowed)


def positions_to_check(program: Program, values: Mapping[str, Any], seed: int) -> list[tuple[str, tuple[int, ...]]]:
    """A random entry of each parameter."""
    rng = np.random.default_rng(seed)
    return [
        (array.name, tuple(int(rng.integers(size)) for size in np.shape(values[array.name])))
        for array in program.parameters
    ]


def assert_is_gradient(
    swept: Program, forward: Program, values: Mapping[str, Any], positions: Iterable[tuple[str, tuple[int, ...]]]
) -> None:
    """Hold the gradients of a swept program at 50 digits to central differences of the forward one."""
    assert_are_gradients((swept,), forward, values, positions)


def assert_are_gradients(
    stages: Iterable[Program],
    forward: Program,
    values: Mapping[str, Any],
    positions: Iterable[tuple[str, tuple[int, ...]]],
    limit: float = 1e-25,
) -> None:
    """The same for several programs, each difference taken once."""
    differences = {place: numerical_gradient(forward, values, *place) for place in positions}
    for swept in stages:
        result = evaluate(swept, values, digits=DIGITS)
        for (name, position), differenced in differences.items():
            derived = result[swept.outputs[name]][position]
            error = abs(derived - differenced)
            assert error <= limit * (1 + abs(differenced)), f"{name}{list(position)}: {derived} is not {differenced}"


def plain_equation(array: Array, rhs: Expr) -> Equation:
    """An equation without a history."""
    return Equation(array, rhs)
