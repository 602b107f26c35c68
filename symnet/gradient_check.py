"""The gradient check: a generated module's gradients against central differences of its loss.

What it can see: an entry of a gradient that is wrong by 1e-4 of its size, so long as that size is
at least 1e-7 of the loss; below, the rounding of the loss hides it. What it cannot see: a loss that
is itself not the one that was meant, since gradient and difference then agree (`symnet equations`
and the oracle are for that); faults at inputs that it does not draw, which are normal numbers in
batches of a few rows: tails, long batches, workspaces. It runs the module that it is given.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symnet.errors import GradcheckError
from symnet.modules import module_from_source
from symnet.tables import table

TOLERANCE = 1e-5
STEPS = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7)
ROUNDING = 4e-15
"""Of a central difference of fourth order: this times the loss, over the step."""

EPS32 = float(np.finfo(np.float32).eps)
FLOAT32_MARGIN = 16
"""A float32 gradient may differ by this times what moving everything by one rounding changes in it."""

RETRIES = 5
GROUPS = 20_000
NEEDED = ("ARCHITECTURE", "INPUTS", "OUTPUTS", "TARGETS", "DTYPE", "SHAPES", "init", "loss", "gradient", "Parameters")

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class ParameterCheck:
    """The result for one parameter: its largest relative error, and where that is."""

    name: str
    shape: tuple[int, ...]
    error: float
    position: tuple[int, ...]
    gradient: float
    difference: float


@dataclass(frozen=True)
class Gradcheck:
    """The report of a gradient check; it is true if all gradients agree."""

    architecture: str
    parameters: tuple[ParameterCheck, ...]
    points: int
    rows: int
    tolerance: float

    def __bool__(self) -> bool:
        return all(check.error <= self.tolerance for check in self.parameters)

    @property
    def error(self) -> float:
        """The largest relative error of any entry."""
        return max(check.error for check in self.parameters)

    def to_json(self) -> str:
        """The report as JSON; an error that is no number is null."""
        content = {"agree": bool(self), "error": self.error, **asdict(self)}
        return json.dumps(_finite(content), indent=2)

    def __str__(self) -> str:
        rows = [
            (
                check.name,
                str(check.shape),
                f"{check.error:.1e}",
                str(list(check.position)),
                f"{check.gradient:.10g}",
                f"{check.difference:.10g}",
                "agrees" if check.error <= self.tolerance else "WRONG",
            )
            for check in self.parameters
        ]
        verdict = "all gradients agree" if self else "the gradients do not agree"
        return (
            f"{table(('parameter', 'shape', 'largest error', 'at', 'gradient', 'difference', ''), rows)}\n"
            f"{verdict} with central differences: largest relative error {self.error:.1e}, "
            f"tolerance {self.tolerance:g}, {self.points} points of {self.rows} rows"
        )


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # what is not finite is drawn again, or an error
def check_gradients(
    module: ModuleType,
    *,
    points: int = 3,
    rows: int = 5,
    seed: int = 0,
    tolerance: float = TOLERANCE,
    progress: Callable[[Sequence[Any]], Iterable[Any]] = iter,
) -> Gradcheck:
    """Compare every entry of every gradient with a central difference of the loss.

    Args:
        module: a generated module. The loss of a float32 module is differenced in float64, its
            gradient allowed the rounding of float32.
        points: how many random parameters, inputs and targets to check at, from 1.
        rows: the rows of the batch, from 1.
        seed: of the random draws.
        tolerance: the largest relative error that counts as agreement.
        progress: wraps the sequence of what is to be done, to show how far it is.

    Raises:
        GradcheckError: the module is none that symnet generated, it has no gradients, or its loss
            is not finite at random points.
    """
    _check_module(module)
    if not 0 < tolerance <= 1:
        raise GradcheckError(f"the tolerance is {tolerance:g}; a number between 0 and 1 is needed")
    rng = np.random.default_rng(seed)
    draws = [_Point(module, rng, rows) for _ in range(points)]
    found: dict[str, ParameterCheck] = {}
    for point, name in progress([(point, name) for name in module.SHAPES for point in draws]):
        check, settled = point.check(name, rng, tolerance)
        for _ in range(RETRIES):
            if settled:
                break
            check, settled = _Point(module, rng, rows).check(name, rng, tolerance)
        if name not in found or check.error > found[name].error:
            found[name] = check
    return Gradcheck(module.ARCHITECTURE, tuple(found.values()), points, rows, tolerance)


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

    def check(self, name: str, rng: np.random.Generator, tolerance: float) -> tuple[ParameterCheck, bool]:
        """The largest error of one gradient, and whether the differences have settled it.

        Entries are differenced one by one; where there are more than 20,000, in groups of similar
        size along random signs, and a group that does not agree is halved until the entry is found.
        """
        shape, gradient = self.module.SHAPES[name], self.gradients[name]
        if gradient.shape != shape:
            return ParameterCheck(name, shape, np.inf, (), np.nan, np.nan), True
        place = list(self.module.SHAPES).index(name)
        difference = _Difference(self, place, gradient.ravel(), self.allowances[name], tolerance)
        order = np.argsort(np.abs(gradient), axis=None, kind="stable")
        pending = list(np.array_split(order, min(len(order), GROUPS)))
        worst, found = order[:1], Outcome(-1.0, 0.0, 0.0, settled=True)
        while pending:
            group = pending.pop()
            outcome = difference.outcome(group, rng)
            if outcome.error > tolerance and len(group) > 1:
                pending += np.array_split(group, 2)
            elif outcome.gravity(tolerance) > found.gravity(tolerance):
                worst, found = group, outcome
        position = tuple(int(index) for index in np.unravel_index(worst[0], shape)) if shape else ()
        checked = ParameterCheck(name, shape, found.error, position, found.gradient, found.difference)
        return checked, found.settled or found.error <= tolerance


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


def _finite(value: Any) -> Any:
    """The same content with null for numbers that JSON does not have."""
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value
