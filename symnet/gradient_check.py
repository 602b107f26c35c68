"""The gradient check: a generated module's gradients against central differences of its loss.

Of a parameter with many entries a sample is checked, drawn by the seed, and the report says of how many;
the entry with the largest gradient is always in it.

What it can see: an entry of a gradient that is wrong by 1e-4 of its size, so long as that size is
at least 1e-7 of the loss; below, the rounding of the loss hides it. What it cannot see: a loss that
is itself not the one that was meant, since gradient and difference then agree (`symnet equations`
and the oracle are for that); faults at inputs that it does not draw, which are normal numbers in
batches of a few rows: tails, long batches, workspaces. It runs the module that it is given.
"""

from __future__ import annotations

import inspect
import math
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from numbers import Real
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symnet.errors import GradcheckError
from symnet.given import whole_of
from symnet.gradient_report import Entry, Gradcheck, ParameterCheck
from symnet.modules import module_from_source
from symnet.names import shown
from symnet.progress import Progress, Unseen, Watched, about, unseen
from symnet.scalar_modules import as_arrays, is_scalar

TOLERANCE = 1e-5
ENTRIES = 1_000
"""Of a parameter with more entries so many are drawn at each point."""

MANY, LONG = 2_000, 3.0
"""Differences, and seconds, from both of which on a check says before it starts how long it may take."""

STEPS = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7)
VALUES = 4
"""Of the loss, for one difference."""

ROUNDING = 4e-15
"""Of a central difference of fourth order: this times the loss, over the step."""

EPS32 = float(np.finfo(np.float32).eps)
FLOAT32_MARGIN = 16
"""A float32 gradient may differ by this times what moving everything by one rounding changes in it."""

RETRIES = 5
GROUPS = 20_000
NEEDED = ("ARCHITECTURE", "INPUTS", "OUTPUTS", "TARGETS", "DTYPE", "SHAPES", "init", "loss", "gradient", "Parameters")

Vector = NDArray[np.float64]


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # what is not finite is drawn again, or an error
def check_gradients(
    module: ModuleType,
    *,
    points: int = 3,
    rows: int = 5,
    seed: int = 0,
    tolerance: float = TOLERANCE,
    entries: int | None = ENTRIES,
    progress: Watched = unseen,
    announce: Callable[[str], object] = str,
) -> Gradcheck:
    """Compare the entries of every gradient with central differences of the loss.

    Args:
        module: a generated module, of arrays or in scalar form. The loss of a float32 module is differenced in
            float64, its gradient allowed the rounding of float32.
        points: how many random parameters, inputs and targets to check at, from 1.
        rows: the rows of the batch, from 1.
        seed: of the random draws.
        tolerance: the largest relative error that counts as agreement.
        entries: how many entries of a parameter are checked at each point, from 1, drawn where it has more; None
            for all.
        progress: called with the number of steps; gives what is told of them, to show how far the work is.
        announce: called with how long the work may take before it starts, where that is long.

    Raises:
        GradcheckError: the module is none that symnet generated, it has no gradients, its loss is not finite at
            random points, or an option is out of range.
    """
    module = as_arrays(module) if is_scalar(module) else module
    _check_module(module)
    points, rows = (whole_of(*given, 1, 2**63, GradcheckError) for given in ((points, "points"), (rows, "rows")))
    entries = None if entries is None else whole_of(entries, "entries", 1, 2**63, GradcheckError)
    seed = whole_of(seed, "seed", 0, 2**64 - 1, GradcheckError)
    if not isinstance(tolerance, Real) or not 0 < tolerance <= 1:
        raise GradcheckError(f"the tolerance is {shown(tolerance)}; a number between 0 and 1 is needed")
    rng = np.random.default_rng(seed)
    draws = [_Point(module, rng, rows) for _ in range(points)]
    checked = {name: min(math.prod(shape), entries or math.inf) for name, shape in module.SHAPES.items()}
    steps = points * sum(int(min(number, GROUPS)) for number in checked.values())
    if steps >= MANY and (seconds := draws[0].seconds() * VALUES * steps) > LONG:
        announce(f"{steps:,} differences of the loss, which take {about(seconds)}")
    found: dict[str, ParameterCheck] = {}
    with progress(steps) as bar:
        for name, point in ((name, point) for name in module.SHAPES for point in draws):
            check, settled = point.check(name, rng, tolerance, int(checked[name]), bar)
            for _ in range(RETRIES):
                if settled:
                    break
                check, settled = _Point(module, rng, rows).check(name, rng, tolerance, int(checked[name]), Unseen())
            found[name] = _worse(found[name], check) if name in found else check
    return Gradcheck(module.ARCHITECTURE, tuple(found.values()), points, rows, tolerance, seed)


def _worse(one: ParameterCheck, other: ParameterCheck) -> ParameterCheck:
    """Of two points the one with the larger error, with the largest gradient of both."""
    largest = max(one.largest, other.largest, key=lambda entry: abs(entry.gradient))
    return replace(other if other.error > one.error else one, largest=largest)


def _check_module(module: ModuleType) -> None:
    missing = [name for name in NEEDED if not hasattr(module, name)]
    if missing == ["gradient"]:
        raise GradcheckError("the module was generated for forward use only; it has no gradients to check")
    if missing:
        raise GradcheckError(f"not a module that symnet generated: it has no {missing[0]}")


def _in_float64(module: ModuleType) -> ModuleType:
    """The module itself, or for float32 a second copy of it that computes in float64."""
    if np.dtype(module.DTYPE) == np.float64:
        return module
    source, changed = re.subn(r"^(DTYPE\b.*= np\.)float32$", r"\1float64", inspect.getsource(module), flags=re.M)
    if changed != 1:
        raise GradcheckError("not a module that symnet generated: its source has no line that sets DTYPE to float32")
    return module_from_source(source, "symnet_float64")


class _Point:
    """One random point: parameters, inputs and targets at which the loss is finite."""

    def __init__(self, module: ModuleType, rng: np.random.Generator, rows: int) -> None:
        self.module = module
        self.twin = _in_float64(module)
        self.x = rng.standard_normal((rows, module.INPUTS)).astype(module.DTYPE)
        self.y = _draw_targets(module, rng, rows).astype(module.DTYPE)
        self.parameters = [
            (array + 0.1 * rng.standard_normal(array.shape)).astype(module.DTYPE) for array in module.init(rng)
        ]
        for _ in range(8):
            self.value = self.loss(self.parameters)
            if np.isfinite(self.value):
                break
            self.x = self.x / 2
            self.parameters = [array if array.ndim == 0 else array / 2 for array in self.parameters]
        else:
            raise GradcheckError("the loss is not finite at random points")
        self.gradients = self._gradients(module, self.parameters, self.x)
        self.allowances = dict.fromkeys(module.SHAPES, 0.0)
        if np.dtype(module.DTYPE) == np.float32:
            self._allow_for_float32(rng)

    def _gradients(self, module: ModuleType, parameters: Sequence[NDArray[Any]], x: NDArray[Any]) -> dict[str, Vector]:
        gradients = module.gradient(module.Parameters(*parameters), x, self.y)
        return {name: np.asarray(array, np.float64) for name, array in zip(module.SHAPES, gradients, strict=True)}

    def _allow_for_float32(self, rng: np.random.Generator) -> None:
        """Set how far a right float32 gradient may be off: what roundings of the inputs do to it in float64."""
        parameters = [np.asarray(array, np.float64) for array in self.parameters]
        exact = self._gradients(self.twin, parameters, self.x)
        for _ in range(4):
            moved = [array * (1 + EPS32 * rng.standard_normal(array.shape)) for array in parameters]
            x = self.x * (1 + EPS32 * rng.standard_normal(self.x.shape))
            for name, array in self._gradients(self.twin, moved, x).items():
                change = float(np.abs(array - exact[name]).max()) + EPS32 * float(np.abs(exact[name]).max())
                self.allowances[name] = max(self.allowances[name], FLOAT32_MARGIN * change)

    def loss(self, parameters: Sequence[NDArray[Any]]) -> float:
        return float(self.twin.loss(self.twin.Parameters(*parameters), self.x, self.y))

    def seconds(self) -> float:
        """How long the loss takes here: the shortest of three calls, since a busy machine makes others longer."""
        times = []
        for _ in range(3):
            start = time.perf_counter()
            self.loss(self.parameters)
            times.append(time.perf_counter() - start)
        return min(times)

    def check(
        self, name: str, rng: np.random.Generator, tolerance: float, entries: int, bar: Progress
    ) -> tuple[ParameterCheck, bool]:
        """The largest error of one gradient, and whether the differences have settled it.

        Entries are differenced one by one; where there are more than 20,000, in groups of similar
        size along random signs, and a group that does not agree is halved until the entry is found.
        The entry with the largest gradient is always among them, by itself.
        """
        shape, gradient = self.module.SHAPES[name], self.gradients[name]
        if gradient.shape != shape:
            none = Entry((), np.nan, np.nan)
            return ParameterCheck(name, shape, np.inf, (), np.nan, np.nan, entries, none), True
        place = list(self.module.SHAPES).index(name)
        difference = _Difference(self, place, gradient.ravel(), self.allowances[name], tolerance)
        pending = _groups(np.abs(gradient.ravel()), entries, rng)
        worst = largest = pending[-1]
        found = highest = difference.outcome(largest, rng)
        bar.update(len(pending))
        for group in pending[:-1]:
            halves = [group]
            while halves:
                part = halves.pop()
                outcome = difference.outcome(part, rng)
                if outcome.error > tolerance and len(part) > 1:
                    halves += np.array_split(part, 2)
                elif outcome.gravity(tolerance) > found.gravity(tolerance):
                    worst, found = part, outcome
        place_of = partial(_position, shape)
        entry = Entry(place_of(largest), highest.gradient, highest.difference)
        checked = ParameterCheck(
            name, shape, found.error, place_of(worst), found.gradient, found.difference, entries, entry
        )
        return checked, found.settled or found.error <= tolerance


def _groups(sizes: Vector, entries: int, rng: np.random.Generator) -> list[NDArray[np.intp]]:
    """The entries that are differenced together, in the order of their sizes; the last is the largest, by itself."""
    order = np.argsort(sizes, kind="stable")
    others, largest = order[:-1], order[-1:]
    if entries < len(order):
        others = others[np.sort(rng.choice(len(others), entries - 1, replace=False))]
    groups = np.array_split(others, max(1, min(len(others), GROUPS - 1)))
    return [*(group for group in groups if len(group)), largest]


def _position(shape: tuple[int, ...], group: NDArray[np.intp]) -> tuple[int, ...]:
    """Where the first entry of a group is."""
    return tuple(int(index) for index in np.unravel_index(group[0], shape))


@dataclass(frozen=True)
class Outcome:
    """The relative error of a group of entries, and the derivative along it by gradient and by difference."""

    error: float
    gradient: float
    difference: float
    settled: bool

    def gravity(self, tolerance: float) -> tuple[bool, float]:
        """What makes one outcome worse than another: being proved wrong first, then the error."""
        return self.settled and self.error > tolerance, self.error


@dataclass
class _Difference:
    """Central differences of the loss along entries of one parameter."""

    point: _Point
    place: int
    gradient: Vector
    allowance: float
    tolerance: float

    def outcome(self, group: NDArray[np.intp], rng: np.random.Generator) -> Outcome:
        """Compare the derivative along a group of entries.

        Relative is to the size of the entry, or where that is below what rounding lets a difference
        see, to the size that it would let it see within the tolerance.

        A difference that straddles a kink changes with the step; so the step is reduced until the
        difference agrees with the gradient or with the difference before, which settles that the
        gradient is wrong.
        """
        signs = rng.choice([-1.0, 1.0], len(group)) if len(group) > 1 else np.ones(1)
        expected = float(self.gradient[group] @ signs)
        smallest = float(np.abs(self.gradient[group]).min())
        error, numeric, before, rounding_before = np.inf, np.nan, np.nan, 0.0
        if not np.isfinite(expected):
            return Outcome(np.inf, expected, numeric, settled=True)
        for step in STEPS:
            numeric, rounding = self.along(group, signs, step)
            scale = max(abs(numeric), abs(expected)) if len(group) == 1 else smallest
            size = max(scale, (rounding + self.allowance * len(group)) / self.tolerance)
            error = abs(numeric - expected) / size if size > 0 else 0.0
            repeated = abs(numeric - before) <= rounding + rounding_before + 0.1 * self.tolerance * abs(numeric)
            if error <= self.tolerance or repeated:
                return Outcome(error, expected, numeric, settled=True)
            before, rounding_before = numeric, rounding
        return Outcome(error if np.isfinite(numeric) else np.inf, expected, numeric, settled=False)

    def along(self, group: NDArray[np.intp], signs: Vector, step: float) -> tuple[float, float]:
        """The derivative by a central difference of fourth order, and the rounding it is subject to."""
        values = [self._shifted(group, signs * (multiple * step)) for multiple in (-2, -1, 1, 2)]
        numeric = (8 * (values[2] - values[1]) - (values[3] - values[0])) / (12 * step)
        return numeric, ROUNDING * max(map(abs, values)) / step

    def _shifted(self, group: NDArray[np.intp], shift: Vector) -> float:
        parameters = list(self.point.parameters)
        moved = np.array(parameters[self.place], dtype=np.float64)
        flat = moved.reshape(-1)
        flat[group] += shift
        parameters[self.place] = moved
        return self.point.loss(parameters)


def _draw_targets(module: ModuleType, rng: np.random.Generator, rows: int) -> Vector:
    shape = (rows, module.OUTPUTS)
    if module.TARGETS == "probabilities":
        drawn = rng.random(shape)
        return np.asarray(drawn / drawn.sum(axis=1, keepdims=True))
    if module.TARGETS == "signs":
        return rng.choice((-1.0, 1.0), shape)
    return rng.random(shape) if module.TARGETS == "unit interval" else rng.standard_normal(shape)
