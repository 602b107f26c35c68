"""One network at one point, compared with everything that can tell whether its gradients are right.

    python tests/helpers/differential.py ARCHITECTURE --rows R --seed S --dtype D [--against REFERENCE]

runs the comparisons of one case again; a comparison that fails prints this command.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import ModuleType
from typing import Any

import mpmath
import numpy as np
from hypothesis import strategies as st
from peers import PEERS, at_a_kink, has_kinks, is_installed, numpy_peer
from strategies import (
    DIGITS,
    Condition,
    excused,
    is_moderate,
    networks,
    parameters_of,
    relative_error,
    rows,
    seeds,
    values_for,
)

import symnet
from symnet import Dense, Derivation, Network, Residual
from symnet.core.oracle import evaluate
from symnet.core.program import Program
from symnet.network.given import architecture_text
from symnet.network.layers.base import Layer
from symnet.support.errors import GradcheckError
from symnet.support.modules import module_from_source

DTYPES = ("float64", "float32")
LIMIT = {"float64": 1e-12, "float32": 1e-5}
BOUND = {"float64": 1e100, "float32": 1e12}
"""Larger values are left out; in float32 the square of one more would overflow in between."""

SMOOTH_BOUND = 1e3
"""Above, third derivatives may be so large that a difference at 50 digits is no longer right to 25."""


class Unsuitable(Exception):
    """A case that a comparison has nothing to say about: its values overflow, or it stands at a kink."""


@dataclass(frozen=True)
class Case:
    """A network, and the point that a seed draws for it."""

    network: Network
    dtype: str
    rows: int
    seed: int

    @cached_property
    def derivation(self) -> Derivation:
        return symnet.derive(self.network)

    @property
    def program(self) -> Program:
        return self.derivation.program

    @cached_property
    def values(self) -> dict[str, np.ndarray]:
        return values_for(self.network, self.program, self.rows, self.seed, self.dtype)

    @cached_property
    def module(self) -> ModuleType:
        return symnet.compile(self.network, dtype=self.dtype)

    @cached_property
    def exact(self) -> dict[str, Any]:
        """Every array of the program at 50 digits."""
        self.require(is_moderate(self.program, self.values, BOUND[self.dtype]))
        return evaluate(self.program, self.values, digits=DIGITS)

    def of(self, network: Network) -> Case:
        """Another network at the point that the same seed draws for it."""
        return replace(self, network=network)

    def require(self, condition: bool) -> None:
        if not condition:
            raise Unsuitable

    def found(self, values: Mapping[str, np.ndarray] | None = None) -> dict[str, Any]:
        """Loss and gradients of the module under the names that the program has for them."""
        return named(self.program, loss_and_gradients(self.module, values or self.values))

    def command(self, reference: str) -> str:
        """The command that runs a comparison of this case again."""
        text = shlex.quote(architecture_text(self.network))
        return (
            f"python tests/helpers/differential.py {text} --rows {self.rows} --seed {self.seed} --dtype {self.dtype} "
            f"--against {reference}"
        )


@dataclass
class Comparison:
    """What a comparison has seen.

    Attributes:
        entries: how many numbers it has compared.
        error: the largest error, relative to the largest entry of its array.
        excused: how many arrays were off by more than the limit, and by less than their condition explains.
    """

    entries: int = 0
    error: float = 0.0
    excused: int = 0

    def add(self, other: Comparison) -> None:
        self.entries += other.entries
        self.error = max(self.error, other.error)
        self.excused += other.excused


@st.composite
def cases(draw: st.DrawFn, dtypes: Sequence[str] = DTYPES, deepest: int = 3) -> Case:
    """A random network at a random point."""
    return Case(draw(networks(deepest=deepest)), draw(st.sampled_from(list(dtypes))), draw(rows), draw(seeds))


def loss_and_gradients(module: ModuleType, values: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """The loss under "loss", and each gradient under its parameter's name; warnings are errors."""
    params = parameters_of(module, values)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, gradients = module.value_and_grad(params, values["x"], values["y"])
    return {"loss": value, **dict(zip(module.SHAPES, gradients, strict=True))}


def named(program: Program, results: Mapping[str, Any]) -> dict[str, Any]:
    return {program.outputs[public]: array for public, array in results.items()}


def compared(case: Case, exact: Mapping[str, Any], found: Mapping[str, Any], limit: float | None = None) -> Comparison:
    """Hold arrays to others, norm-wise; where cancellation forbids the limit, to 16·eps·condition.

    Args:
        exact, found: arrays by the names that the program of the case has for them.
    """
    info = np.finfo(case.dtype)
    limit = LIMIT[case.dtype] if limit is None else limit
    result, condition = Comparison(), Condition(case.program, case.values, case.dtype)
    for name, array in found.items():
        result.entries += np.size(array)
        error = relative_error(array, exact[name], floor=float(info.tiny) * 1024)
        if error <= limit:
            result.error = max(result.error, error)
            continue
        result.excused += 1
        error, allowed = excused(condition, exact[name], array, name)
        assert error <= allowed, f"{name}: relative error {error:.2e}, allowed {max(limit, allowed):.1e}"
    return result


# The references.


def against_textbook(case: Case) -> Comparison:
    """The loss in plain NumPy, from the architecture alone: no gradient can tell that it is the wrong one."""
    case.require(is_moderate(case.program, case.values, SMOOTH_BOUND))
    values = {name: np.asarray(array, np.float64) for name, array in case.values.items()}
    with np.errstate(all="ignore"):
        value, _ = numpy_peer().value_and_grad(case.network, values)
    case.require(np.isfinite(value))
    name = case.program.outputs["loss"]
    # Textbook forms lose digits by cancellation; what is looked for here are wrong losses.
    return compared(case, {name: value}, {name: case.found()[name]}, limit=1e3 * LIMIT[case.dtype])


def against_equations(case: Case) -> Comparison:
    """Loss, gradients and prediction, fast and plain, against the equations at 50 digits."""
    exact, result = case.exact, Comparison()
    plain = symnet.compile(case.network, dtype=case.dtype, target="numpy-plain")
    for module in (case.module, plain):
        found = loss_and_gradients(module, case.values)
        found["prediction"] = module.forward(parameters_of(module, case.values), case.values["x"])
        result.add(compared(case, exact, named(case.program, found)))
    return result


def against_differences(case: Case) -> Comparison:
    """Every entry of the shipped module's gradients against central differences of its loss."""
    case.require(is_moderate(case.program, case.values, SMOOTH_BOUND))
    try:
        report = symnet.gradcheck(case.module, points=1, rows=case.rows, seed=case.seed)
    except GradcheckError as error:
        raise Unsuitable from error
    assert report, f"{report}\n{gradcheck_command(case)}"
    entries = sum(int(np.prod(check.shape)) for check in report.parameters)
    return Comparison(entries, report.error)


def gradcheck_command(case: Case) -> str:
    """The same by the tool itself."""
    text = shlex.quote(architecture_text(case.network))
    options = f"--points 1 --rows {case.rows} --seed {case.seed}"
    if case.dtype == "float64":
        return f"symnet gradcheck {text} {options}"
    return f"symnet generate {text} --dtype float32 -o net.py; symnet gradcheck net.py {options}"


def against_precise_differences(case: Case) -> Comparison:
    """The derivative of C along a random direction in all parameters, ⟨∇C, v⟩, by a difference at 50 digits."""
    case.require(is_moderate(case.program, case.values, SMOOTH_BOUND))
    rng = np.random.default_rng(case.seed)
    direction = {name: rng.choice([-1.0, -0.5, 0.5, 1.0], np.shape(case.values[name])) for name in case.module.SHAPES}
    forward = case.derivation.forward.needed_for(["C"])
    case.require(not kinked(case))
    with mpmath.workdps(DIGITS):
        step = mpmath.mpf(10) ** -17
        losses = []
        for sign in (1, -1):
            moved = {name: moved_by(case.values[name], direction[name], sign * step) for name in direction}
            losses.append(evaluate(forward, {**case.values, **moved}, digits=DIGITS)["C"][()])
        slope = (losses[0] - losses[1]) / (2 * step)
        gradients = {name: case.exact[case.program.outputs[name]] for name in direction}
        along = sum((np.sum(gradients[name] * direction[name]) for name in direction), mpmath.mpf(0))
        size = 1 + sum((np.sum(abs(gradients[name])) for name in direction), mpmath.mpf(0))
        error = float(abs(along - slope) / size)
    assert error <= 1e-25, f"⟨∇C, v⟩ is {along}, the derivative along v {slope}"
    found = loss_and_gradients(case.module, case.values)
    off = abs(float(sum(np.sum(found[name] * direction[name]) for name in direction)) - float(slope)) / float(size)
    # The entries' own errors add up; they are held one by one against the equations.
    assert off <= 1e3 * LIMIT[case.dtype], f"⟨∇C, v⟩ of the module is off by {off:.1e}"
    return Comparison(len(direction), error)


def in_scalar_form(case: Case) -> Comparison:
    """Straight-line code, on floats row by row and on columns, against the equations at 50 digits."""
    case.require(case.dtype == "float64" and is_moderate(case.program, case.values, 1e50))
    result = Comparison()
    for target, count in (("python", 1), ("numpy-scalar", case.rows)):
        part = replace(case, rows=count)
        source = symnet.generate(case.network, target=target)
        module = module_from_source(source, f"scalar_{target.partition('-')[0]}")
        places = [place_of(name) for name in module.PARAMETERS]
        numbers = [float(part.values[name][position]) for name, position in places]
        x, y = (part.values[name] if target != "python" else part.values[name][0].tolist() for name in "xy")
        value, flat = module.value_and_grad(numbers, x, y)
        found = {"loss": value, **{name: np.empty(shape) for name, shape in part.module.SHAPES.items()}}
        for (name, position), slope in zip(places, flat, strict=True):
            found[name][position] = slope
        result.add(compared(part, part.exact, named(part.program, found)))
    return result


def place_of(name: str) -> tuple[str, tuple[int, ...]]:
    """The array and the position of a weight by its documented name: W1_1_2 is W1[0, 1]."""
    array, *position = name.split("_")
    return array, tuple(int(place) - 1 for place in position)


def moved_by(values: np.ndarray, direction: np.ndarray, step: Any) -> np.ndarray:
    moved = np.empty(np.shape(values), dtype=object)
    for position in np.ndindex(*moved.shape):
        moved[position] = mpmath.mpf(float(np.asarray(values)[position])) + step * float(direction[position])
    return moved


def kinked(case: Case) -> bool:
    return has_kinks(case.network) and at_a_kink(case.exact)


def against_peer(name: str) -> Callable[[Case], Comparison]:
    """Loss and gradients against those of a library, in float64."""

    def against(case: Case) -> Comparison:
        case.require(case.dtype == "float64" and not kinked(case))
        value, gradients = PEERS[name]().value_and_grad(case.network, case.values)
        exact = named(case.program, {"loss": value, **gradients})
        case.require(all(np.isfinite(array).all() for array in exact.values()))
        return compared(case, exact, case.found(), limit=4 * LIMIT["float64"])

    return against


# What must stay the same, or change in a known way.


def rebuilt(network: Network, **changes: Any) -> Network:
    """The network with other settings."""
    settings = {key: getattr(network, key) for key in ("loss", "reduction", "l1", "l2")}
    layers = changes.pop("layers", network.layers)
    return Network(changes.pop("inputs", network.inputs), layers, **{**settings, **changes})


def under_permuted_units(case: Case) -> Comparison:
    """The units of every layer in another order, inputs and outputs too: the same loss, the gradients permuted."""
    order = unit_orders(case)
    permuted = {name: at_units(name, array, order, case) for name, array in case.values.items()}
    found = case.found(permuted)
    expected = {"loss": case.exact[case.program.outputs["loss"]]}
    for name in case.module.SHAPES:
        expected[name] = at_units(name, case.exact[case.program.outputs[name]], order, case)
    return compared(case, named(case.program, expected), found)


def unit_orders(case: Case) -> list[np.ndarray]:
    """A random order of the units of each layer, the inputs first; layers that are added share theirs."""
    rng = np.random.default_rng(case.seed)
    orders = [rng.permutation(case.network.inputs)]
    for number, layer in enumerate(case.network.layers, start=1):
        shared = isinstance(layer, Residual)
        orders.append(orders[number - layer.skip] if shared else rng.permutation(layer.units))
    return orders


def at_units(name: str, array: np.ndarray, order: Sequence[np.ndarray], case: Case) -> np.ndarray:
    """An array with its units in the order that their layers have; the axes of units are known by the name."""
    if name in ("x", "y"):
        return array[:, order[0] if name == "x" else order[-1]]
    if name == "beta":
        return array
    layer = int(name[1:])
    if name[0] == "W":
        return array[order[layer - 1]][:, order[layer]]
    return array[order[layer]][:, order[layer - 1]] if name[0] == "c" else array[order[layer]]


def under_a_doubled_batch(case: Case) -> Comparison:
    """Every row twice: a mean stays, a sum doubles."""
    network = case.network if case.network.reduction == "mean" else rebuilt(case.network, l1=0.0, l2=0.0)
    bare = case.of(network)
    doubled = {**case.values, "x": np.tile(case.values["x"], (2, 1)), "y": np.tile(case.values["y"], (2, 1))}
    factor = 1 if network.reduction == "mean" else 2
    names = [bare.program.outputs[public] for public in ("loss", *bare.module.SHAPES)]
    exact = {name: factor * bare.exact[name] for name in names}
    return compared(bare, exact, bare.found(doubled))


def under_a_scaled_loss(case: Case) -> Comparison:
    """The sum over the rows is the mean times their number; a formula times a number scales what comes of it."""
    mean = case.of(rebuilt(case.network, l1=0.0, l2=0.0, reduction="mean"))
    total = case.of(rebuilt(mean.network, reduction="sum"))
    pairs: list[tuple[Case, float]] = [(total, case.rows)]
    if mean.network.loss.is_custom:
        scaled = rebuilt(mean.network, loss=f"2.5*({mean.network.loss.kind.formula})")
        pairs.append((case.of(scaled), 2.5))
    result = Comparison()
    wanted = ("loss", *mean.module.SHAPES)
    for other, factor in pairs:
        exact = {other.program.outputs[name]: mean.exact[mean.program.outputs[name]] * factor for name in wanted}
        result.add(compared(other, exact, other.found()))
    return result


def collapsed(case: Case) -> Comparison:
    """Layers without bends are one layer (bessa.txt): the same loss, and gradients by the rule for products."""
    linear = rebuilt(case.network, layers=without_bends(case.network.layers))
    values = case.of(linear).values
    maps = [effective(values, number, layer) for number, layer in enumerate(linear.layers, start=1)]
    before, after = products(maps)
    weight, bias = before[-1], sum(maps[k][1] @ after[k + 1] for k in range(len(maps)))
    last = linear.layers[-1]
    one = case.of(rebuilt(linear, layers=[Dense(last.units, last.function)], l1=0.0, l2=0.0))
    bare = case.of(rebuilt(linear, l1=0.0, l2=0.0))
    single = {**values, "W1": weight.astype(case.dtype), "b1": bias.astype(case.dtype)}
    single = {name: single[name] for name in ("x", "y", *one.module.SHAPES)}
    merged = loss_and_gradients(one.module, single)
    expected: dict[str, Any] = {"loss": merged["loss"]} | ({"beta": merged["beta"]} if "beta" in merged else {})
    for k, layer in enumerate(linear.layers):
        # Earlier offsets are multiplied by the weights of this layer, too.
        from_offsets = np.outer(carried(maps, k), merged["b1"] @ after[k + 1].T)
        expected[f"W{k + 1}"] = before[k].T @ merged["W1"] @ after[k + 1].T + from_offsets
        if layer.bias:
            expected[f"b{k + 1}"] = merged["b1"] @ after[k + 1].T
    # Both sides are rounded, and the weights of the one layer are.
    return compared(bare, named(bare.program, expected), bare.found(), limit=100 * LIMIT[case.dtype])


def without_bends(layers: Sequence[Layer]) -> list[Dense]:
    """Dense layers, or residual ones around one layer, of the same sizes; the last keeps what its loss asks for."""
    kept: list[Dense] = []
    for place, layer in enumerate(layers):
        bias = getattr(layer, "bias", True)
        if isinstance(layer, Residual) and layer.skip == 1 and place < len(layers) - 1:
            kept.append(Residual(layer.units, "identity", bias=bias))
        else:
            kept.append(Dense(layer.units, "identity", bias=bias))
    last = layers[-1]
    only = isinstance(last, Dense) and last.function.name in ("softmax", "sigmoid")
    kept[-1] = Dense(last.units, last.function if only else "identity", bias=kept[-1].bias)
    return kept


def effective(values: Mapping[str, np.ndarray], number: int, layer: Dense) -> tuple[np.ndarray, np.ndarray]:
    """The matrix and the offset of a layer without a bend, in float64; a residual layer is W + 1."""
    weight = np.asarray(values[f"W{number}"], np.float64)
    if isinstance(layer, Residual):
        weight = weight + np.eye(len(weight))
    bias = np.asarray(values[f"b{number}"], np.float64) if layer.bias else np.zeros(weight.shape[1])
    return weight, bias


def products(maps: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The matrices before each layer multiplied, and those from each layer on; the last of the first are all."""
    before, after = [np.eye(len(maps[0][0]))], [np.eye(maps[-1][0].shape[1])]
    for weight, _ in maps:
        before.append(before[-1] @ weight)
    for weight, _ in reversed(maps):
        after.insert(0, weight @ after[0])
    return before, after


def carried(maps: Sequence[tuple[np.ndarray, np.ndarray]], place: int) -> np.ndarray:
    """The output of the layers before a place at input 0."""
    offset = np.zeros(len(maps[0][0]))
    for weight, bias in maps[:place]:
        offset = offset @ weight + bias
    return offset


REFERENCES: dict[str, Callable[[Case], Comparison]] = {
    "textbook": against_textbook,
    "equations": against_equations,
    "differences": against_differences,
    "directions": against_precise_differences,
    "scalar-form": in_scalar_form,
    "permuted-units": under_permuted_units,
    "doubled-batch": under_a_doubled_batch,
    "scaled-loss": under_a_scaled_loss,
    "collapsed": collapsed,
    "torch": against_peer("torch"),
    "jax": against_peer("jax"),
}
"""What a case can be compared with, by the name that the command has for it."""


def available() -> list[str]:
    """The references that can be asked here."""
    return [name for name in REFERENCES if name not in PEERS or is_installed(name)]


def compare(case: Case, reference: str) -> Comparison:
    """One comparison; a failure says how to run it again.

    Raises:
        Unsuitable: there is nothing to compare.
        AssertionError: the two do not agree.
    """
    try:
        return REFERENCES[reference](case)
    except (AssertionError, ArithmeticError, LookupError, TypeError, ValueError, Warning) as error:
        kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
        text = f"{architecture_text(case.network)} against {reference}: {kind}{error}"
    # Raised from here, so that Hypothesis takes the errors of two modules for one and shrinks them.
    raise AssertionError(f"{text}\nto run it again: {case.command(reference)}")


def main(arguments: Sequence[str] | None = None) -> int:
    """The comparisons of one case; 1 if one fails."""
    parser = argparse.ArgumentParser(description="Compare the gradients of one network at one point.")
    parser.add_argument("architecture")
    parser.add_argument("--rows", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dtype", choices=DTYPES, default="float64")
    parser.add_argument("--against", choices=sorted(REFERENCES), action="append")
    given = parser.parse_args(arguments)
    case = Case(symnet.parse(given.architecture), given.dtype, given.rows, given.seed)
    status = 0
    for reference in given.against or available():
        try:
            seen = compare(case, reference)
        except Unsuitable:
            print(f"{reference}: nothing to compare")
        except AssertionError as error:
            print(error)
            status = 1
        else:
            print(f"{reference}: {seen.entries} numbers agree, largest error {seen.error:.1e}")
    return status


if __name__ == "__main__":
    sys.exit(main())
