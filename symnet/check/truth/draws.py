"""Draw random points at which a wrong equation fails.

An equation with |u| or max(0, u) in place of u holds wherever u is positive, and an equation for one piece of a
piecewise function holds on that piece. So the points are chosen such that every number takes both signs, and both
sides of every kink occur, as far as the network allows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import mpmath
import numpy as np
from numpy.typing import NDArray
from sympy import Rational, preorder_traversal

from symnet.check.latex import Deadline
from symnet.check.truth.point import DIGITS, Numbers, Point, exactly
from symnet.core import BATCH, FLOATS, Interpreter, Program, oracle, reverse_sweep
from symnet.functions import FloatMath, Written
from symnet.network import LOSS_PARTS, Network
from symnet.support import NotDifferentiableError, ReadingError

TRIES = 12
"""How many points are drawn from the usual ranges, the later ones with positive parameters."""

POSITIVE = ((0.5, 2.0), (0.05, 0.4), (1.5, 4.0))
"""The ranges that inputs and parameters are drawn from, in turn, if the network has no value at any of those points."""

SIXTEENTHS = 16
"""Drawn probabilities are multiples of one over this times the number of units."""

CANDIDATES = 24
"""How many further points are tried for signs and sides of kinks that have not occurred."""

MAX_POINTS = 8

NEW = 0.3
"""In candidates near the first point, the share of entries that differ from it."""

GAINS = (4, 8)
"""The factors by which inputs are larger in some candidates, to reach kinks further out."""

HUGE = 1e6

CLOSE = 1e-9
"""Numbers closer to 0 count for neither sign, since an equation for one sign nearly holds for the other there."""

TURNED = (("weight", "parameter", "input", "target"), ("weight", "parameter"), ("input",), ("target",))
"""For each of the first candidates, the roles of the arrays whose signs are flipped from the first point's."""

POSITIVE_STEMS = ("beta", "s")
"""Stems of parameters that are always positive: a precision, and the widths of radial-basis units."""

SIDES: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(
        ("abs", "sign", "relu", "positive", "half_step", "step", "bipolar_step", "elu", "selu"), lambda z: z
    ),
    **dict.fromkeys(("maximum", "minimum"), lambda u, v: u - v),
    **dict.fromkeys(("select", "blend"), lambda condition, u, v: condition),
    "huber": lambda residual, threshold: abs(residual) - threshold,
}
"""For each piecewise function, a number that is positive on one piece and negative on the other."""


class _Way(NamedTuple):
    """How points are drawn: whether all parameters are positive, and the range of numbers (None for the usual)."""

    is_positive: bool = False
    between: tuple[float, float] | None = None


@dataclass(frozen=True)
class _Recorder(oracle.Numbers):
    """Arithmetic of floats that records the side of each kink, in the order of evaluation."""

    namespace: Any = FloatMath
    convert: Callable[[Any], Any] = float
    sides: list[float] = field(default_factory=list)

    def function(self, name: str, arguments: Sequence[Any]) -> Any:
        if name in SIDES:
            self.sides.append(SIDES[name](*arguments))
        return super().function(name, arguments)


def drawn_points(
    network: Network,
    program: Program,
    rows: int,
    seed: int,
    deadline: Deadline | None = None,
    swept: Program | None = None,
) -> list[Point]:
    """Draw points at which a wrong equation fails.

    An inactive unit hides errors in the layers before it, and a unit that is always active hides its slope (1). So
    the first two points are one with few zeros and one with many, if they differ. Further points are added that show
    new signs and sides of kinks.

    Args:
        network: the architecture.
        program: its forward program.
        rows: the number of examples.
        seed: the seed of the random draws.
        deadline: the time limit on computations at the points.
        swept: the forward program, of the batch or of one example, with the cotangents of inputs and parameters;
            computed if None.

    Raises:
        ReadingError: no numbers were found at which the network can be evaluated.
    """
    first, way = _first(network, program, rows, seed)
    candidates = _candidates(network, program, first[0], way, rows, seed)
    chosen = [*first, *_with_other_signs(swept or _swept(program), first, candidates)]
    return [Point(network, program, exactly(numbers), deadline) for numbers in chosen]


def _first(network: Network, program: Program, rows: int, seed: int) -> tuple[list[Numbers], _Way]:
    """Draw the one or two first points, and return how they were drawn.

    They are the points with the fewest and the most zeros. If the network has no value at the first draws (it may
    take logarithms or roots), parameters are drawn positive, and then inputs too.

    Raises:
        ReadingError: the network has no finite value at any draw.
    """
    found: dict[int, Numbers] = {}
    way = _Way()
    for attempt in range(2 * TRIES):
        if not found:
            between = POSITIVE[attempt % len(POSITIVE)] if attempt >= TRIES else None
            way = _Way(is_positive=attempt > TRIES // 2, between=between)
        numbers = _drawn(network, program, rows, np.random.default_rng((seed, attempt)), _Way() if found else way)
        zeros = _zeros(program, numbers)
        if zeros is not None:
            found.setdefault(zeros, numbers)
        if (zeros is not None and attempt == TRIES // 2 and len(found) == 1) or (found and attempt >= TRIES - 1):
            break
    if not found:
        raise ReadingError("the network has no finite values at the random numbers that were tried")
    return [found[zeros] for zeros in sorted({min(found), max(found)})], way


def _candidates(
    network: Network, program: Program, first: Numbers, way: _Way, rows: int, seed: int
) -> Iterator[Numbers]:
    """Yield points that may show other signs than the first one.

    Some have flipped signs; some share most entries with the first, for a network with a small domain; some have
    targets near the output, at distances of the size of the loss's constants; some have larger inputs.
    """
    kind = network.loss.kind.targets
    scales = _scales(program)
    roles = {array.name: array.role for array in program.arrays}
    fixed = POSITIVE_STEMS if kind in ("real", "signs") else (*POSITIVE_STEMS, "y")
    turnable = [array.name for array in program.arrays if array.stem not in fixed]
    for attempt in range(CANDIDATES):
        rng = np.random.default_rng((seed, 2 * TRIES + attempt))
        numbers = _drawn(network, program, rows, rng, way if attempt // 8 % 2 else _Way())
        if attempt < len(TURNED):
            numbers = _turned(program, first, numbers, [name for name in turnable if roles[name] in TURNED[attempt]])
        elif attempt % 4 == 1:
            for array in program.arrays:
                if array.role != "target":
                    is_new = rng.random(first[array.name].shape) < NEW
                    numbers[array.name] = np.where(is_new, numbers[array.name], first[array.name])
        elif attempt % 2 == 0 and kind == "real":
            numbers = _with_targets_about(program, numbers, scales[attempt // 2 % len(scales)], rng)
        elif attempt % 8 == 7:
            numbers["x"] = GAINS[attempt // 8 % len(GAINS)] * numbers["x"]
        yield numbers


def _turned(program: Program, first: Numbers, drawn: Numbers, names: Sequence[str]) -> Numbers:
    """Return drawn magnitudes with the signs of the first point, flipped in the named arrays.

    If the network has no value there, return the first point with as many of these arrays flipped as possible.
    """
    signs = {name: -first[name] if name in names else first[name] for name in first}
    numbers = {name: sign if sign.dtype == object else np.copysign(drawn[name], sign) for name, sign in signs.items()}
    if _zeros(program, numbers) is not None:
        return numbers
    numbers = first
    for name in names:
        turned = {**numbers, name: -first[name]}
        numbers = turned if _zeros(program, turned) is not None else numbers
    return numbers


def _scales(program: Program) -> list[float]:
    """Return 1 and the constants in the loss without its penalty, sorted."""
    nodes = preorder_traversal(program.by_name[LOSS_PARTS[0].name].rhs)
    numbers = {abs(float(node)) for node in nodes if isinstance(node, Rational | Written)}
    return sorted({1.0} | {number for number in numbers if 1e-6 < number < 1e3})


def _with_targets_about(program: Program, numbers: Numbers, scale: float, rng: np.random.Generator) -> Numbers:
    """Replace the targets by ones about `scale` from the output, on either side; no change if it has no value."""
    results = _evaluated(program, numbers, FLOATS)
    if results is None:
        return numbers
    output = results[program.outputs["prediction"]].astype(float)
    residuals = scale * rng.uniform(0.2, 1.8, output.shape) * rng.choice((-1.0, 1.0), output.shape)
    return {**numbers, "y": np.round(output - residuals, 8)}


def _evaluated(program: Program, numbers: Numbers, arithmetic: oracle.Numbers) -> Numbers | None:
    """Evaluate every array of the program in floats; None outside its domain."""
    floats = {name: np.array(array, dtype=float).astype(object) for name, array in numbers.items()}
    try:
        return Interpreter(program, floats, arithmetic, len(numbers["x"])).run()
    except (ArithmeticError, ValueError):
        return None


def _swept(program: Program) -> Program:
    """Add the cotangents of inputs and parameters to the program if it is differentiable."""
    try:
        return reverse_sweep(program, [array.name for array in program.arrays if array.role != "target"])
    except NotDifferentiableError:
        return program


def _with_other_signs(program: Program, first: Sequence[Numbers], candidates: Iterable[Numbers]) -> list[Numbers]:
    """Select candidates greedily: each time the one that shows most signs that have not occurred."""
    missing = np.logical_and.reduce([~shown for numbers in first if (shown := _shown(program, numbers)) is not None])
    further = [(numbers, shown) for numbers in candidates if (shown := _shown(program, numbers)) is not None]
    chosen: list[Numbers] = []
    while further and len(first) + len(chosen) < MAX_POINTS:
        numbers, shown = max(further, key=lambda candidate: np.count_nonzero(missing & candidate[1]))
        if not np.any(missing & shown):
            break
        chosen.append(numbers)
        missing = missing & ~shown
    return chosen


def _shown(program: Program, numbers: Numbers) -> NDArray[np.bool_] | None:
    """Return which signs entries, residuals and kinks show: all positive ones, then all negative ones.

    None if an entry is huge, or not finite.
    """
    recorder = _Recorder()
    results = _evaluated(program, _shaped(program, numbers), recorder)
    if results is None:
        return None
    entries = {name: array.ravel().astype(float) for name, array in results.items()}
    if not all(np.all(np.abs(array) < HUGE) for array in entries.values()):
        return None
    # Of cotangents, the first and the last entry are enough: equations with letters are evaluated at these.
    ends = [array[[0, -1]] if program.array(name).of else array for name, array in entries.items()]
    residuals = (results[program.outputs["prediction"]] - results["y"]).ravel().astype(float)
    found = np.concatenate([*ends, residuals, np.array(recorder.sides, dtype=float)])
    return np.concatenate([found > CLOSE, found < -CLOSE])


def _shaped(program: Program, numbers: Numbers) -> Numbers:
    """Reshape numbers to a program's shapes; a program for a single example has no axis of the batch."""
    rows = len(numbers["x"])
    shapes = {
        array.name: [rows if size == BATCH else int(size) for size in program.shape(array)] for array in program.arrays
    }
    return {name: numbers[name].reshape(shape) for name, shape in shapes.items()}


def _drawn(network: Network, program: Program, rows: int, rng: np.random.Generator, way: _Way) -> Numbers:
    """Draw numbers of four decimals; widths of radial-basis units and a learned β are positive."""
    numbers: Numbers = {}
    for array in program.arrays:
        shape = tuple(rows if size == BATCH else int(size) for size in program.shape(array))
        if array.role == "target":
            numbers[array.name] = _targets(network.loss.kind.targets, shape, rng)
            continue
        is_width = array.stem == "beta" or array.stem.startswith("s") or (way.is_positive and array.is_parameter)
        low, high = way.between or ((0.5, 2.0) if is_width else (-1.5, 1.5))
        fan_in = shape[0] if array.role == "weight" else 1
        numbers[array.name] = np.round(rng.uniform(low, high, shape) / fan_in**0.5, 4)
    return numbers


def _targets(kind: str, shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[Any]:
    """Draw targets that the loss allows; probabilities are positive, and sum to 1 in each row."""
    if kind == "probabilities":
        units = shape[-1]
        parts = SIXTEENTHS * units
        counts = rng.multinomial(parts - units, np.full(units, 1 / units), size=shape[:-1]) + 1
        exact = np.empty(shape, dtype=object)
        with mpmath.workdps(DIGITS):
            for position in np.ndindex(*shape):
                exact[position] = mpmath.mpf(int(counts[position])) / parts
        return exact
    if kind == "unit interval":
        return np.round(rng.uniform(0.05, 0.95, shape), 4)
    if kind == "signs":
        return rng.choice((-1.0, 1.0), shape)
    return np.round(rng.standard_normal(shape), 4)


def _zeros(program: Program, numbers: Numbers) -> int | None:
    """Count the computed entries that are exactly 0 (inactive units); None if one is huge or not finite."""
    results = _evaluated(program, numbers, FLOATS)
    if results is None:
        return None
    entries = [float(entry) for equation in program.equations for entry in results[equation.name].ravel()]
    if not all(abs(entry) < HUGE for entry in entries):
        return None
    penalty = results["R"][()]
    return sum(entry == 0 for entry in entries) - int(penalty == 0)
