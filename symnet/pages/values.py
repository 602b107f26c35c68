"""Values for the arrays of a derivation: read from TOML, checked, and evaluated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray
from sympy import Integer

from symnet.core import Array, Program, evaluate, reverse_sweep, substitute
from symnet.network import Network, forward_equations
from symnet.pages.page_program import SEEDS, PageProgram
from symnet.simplify import simplify
from symnet.support import NotationError, located, path_of, path_shown, read_text, shown, toml_table, unknown

RATE = "rate"
MAX_ROWS = 100
DIGITS = 40
LARGEST = 1e9
SUM_TOLERANCE = 1e-6

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Values:
    """Numbers for every parameter, input and target, in the shapes of the generated module.

    Attributes:
        arrays: by name: `W1` (d0, d1), `b1` (d1,), ..., `x` (N, d0), `y` (N, units).
        rate: the learning rate; None if none is given.
    """

    arrays: Mapping[str, Numbers]
    rate: float | None = None

    @property
    def rows(self) -> int:
        return len(self.arrays["x"])

    def row(self, number: int) -> dict[str, Numbers]:
        """Return the values for one example, counted from 0, without the axis of the batch."""
        return {name: array[number] if name in ("x", "y") else array for name, array in self.arrays.items()}


def values_of(given: str | Path | Values | None, network: Network) -> Values | None:
    """Return the values given as a `Values`, as the path of a TOML file, or as None.

    Raises:
        FileError: the file cannot be read.
        NotationError: as `read_values`.
    """
    if given is None or isinstance(given, Values):
        return given
    path = path_of(given, "the file of numbers")
    return read_values(read_text(path), network, path_shown(path))


def read_values(text: str, network: Network, where: str) -> Values:
    """Read values from TOML: a key for every parameter, `x`, `y`, and optionally `rate`.

    A single row of x or y may be written as a flat list of numbers.

    Args:
        text: the TOML text.
        network: the architecture, which fixes names and shapes.
        where: the name of the file, for messages.

    Raises:
        NotationError: the text is not TOML, a key is missing or unknown, a shape does not fit, a number is not
            finite or beyond 1e9, there are more than 100 rows, or the loss does not allow the targets.
    """
    try:
        given = toml_table(text, NotationError)
    except NotationError as error:
        raise located(error, where) from None
    program = forward_equations(network).program
    expected = {array.name: array for array in program.arrays}
    for name in given:
        if name not in (*expected, RATE):
            raise NotationError(f"{where}: {unknown('value', name, (*expected, RATE))}")
    arrays = {name: _array(where, name, given.get(name), program, array) for name, array in expected.items()}
    if len(arrays["x"]) != len(arrays["y"]):
        raise NotationError(f"{where}: x has {len(arrays['x'])} rows and y {len(arrays['y'])}")
    _check_targets(where, network, arrays["y"])
    rate = given.get(RATE)
    if rate is not None and not (_is_number(rate) and 0 < rate <= LARGEST):
        raise NotationError(f"{where}: {RATE} is {shown(rate)}; a positive number is needed")
    return Values(arrays, None if rate is None else float(rate))


def _array(where: str, name: str, given: object, program: Program, array: Array) -> Numbers:
    shape = tuple(None if not size.is_Integer else int(size) for size in program.shape(array))
    wanted = f"({', '.join('N' if size is None else str(size) for size in shape)}{',' if len(shape) == 1 else ''})"
    if given is None:
        raise NotationError(f"{where}: {name} is missing; numbers in shape {wanted} are needed")
    rows = [given] if None in shape and isinstance(given, list) and given and _is_number(given[0]) else given
    found = _shape(rows)
    if found is None or 0 in found or len(found) != len(shape) or not _fits(found, shape):
        raise NotationError(f"{where}: {name} is no array of numbers in shape {wanted}")
    if None in shape and found[0] > MAX_ROWS:
        raise NotationError(f"{where}: {name} has {found[0]} rows; at most {MAX_ROWS} are worked through")
    if not all(abs(entry) <= LARGEST for entry in _entries(rows)):
        raise NotationError(f"{where}: {name} holds a number that is not finite or beyond 1e9")
    return np.asarray(rows, dtype=np.float64)


def _entries(given: Any) -> Iterator[float]:
    """Yield the numbers in nested lists."""
    if isinstance(given, list):
        for entry in given:
            yield from _entries(entry)
    else:
        yield given


def _fits(found: tuple[int, ...], shape: tuple[int | None, ...]) -> bool:
    return all(size in (None, own) for size, own in zip(shape, found, strict=True))


def _is_number(given: object) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool)


def _shape(given: object) -> tuple[int, ...] | None:
    """Return the shape of nested lists of numbers; None if they are ragged or hold anything else."""
    if _is_number(given):
        return ()
    if not isinstance(given, list):
        return None
    inner = {_shape(entry) for entry in given}
    if len(inner) > 1 or None in inner:
        return None
    return (len(given), *(inner.pop() or ())) if inner else (0,)


def _check_targets(where: str, network: Network, y: Numbers) -> None:
    kind = network.loss.kind.targets
    if kind == "probabilities" and (np.any(y < 0) or np.any(np.abs(y.sum(axis=1) - 1) > SUM_TOLERANCE)):
        raise NotationError(f"{where}: rows of y must be probabilities that sum to 1")
    if kind == "unit interval" and (np.any(y < 0) or np.any(y > 1)):
        raise NotationError(f"{where}: y must lie between 0 and 1")
    if kind == "signs" and np.any(np.abs(y) != 1):
        raise NotationError(f"{where}: y must be -1 or 1")


def worked_out(page: PageProgram, values: Values, example: int = 0) -> dict[str, Any]:
    """Evaluate every array and cotangent (`z1_bar`, ...) of a page, by name, as object arrays of mpmath numbers.

    The values are taken as exact decimals, so that 0.1 + 0.2 - 0.3 is 0 without a rounding error.

    Args:
        page: the program of the page.
        values: the parameters and examples.
        example: the example, counted from 0, that a notation for single examples is evaluated at.

    Raises:
        NotationError: the values lie outside the domain of the network.
    """
    return _evaluated(page.equations, _given(page, values, example))


def _given(page: PageProgram, values: Values, example: int) -> Mapping[str, Numbers]:
    """Return the values in the shapes of the page's equations."""
    return values.row(example) if page.notation.batch == "single" else values.arrays


def _decimals(array: Numbers) -> Any:
    """Convert floats to mpmath numbers by their shortest decimals (`repr`)."""
    found = np.empty(array.shape, dtype=object)
    for position in np.ndindex(*array.shape):
        found[position] = mpmath.mpf(repr(float(array[position])))
    return found


def _evaluated(program: Program, values: Mapping[str, Any]) -> dict[str, Any]:
    """Evaluate a program at 40 digits.

    It is evaluated in floats first: outside the domain of a function these fail, where mpmath would go on in complex
    numbers.
    """
    try:
        evaluate(program, values)
    except (ArithmeticError, ValueError) as error:
        raise NotationError(f"the network has no value at these numbers: {error}") from None
    with mpmath.workdps(DIGITS):
        exact = {name: _decimals(array) for name, array in values.items()}
    return dict(evaluate(program, exact, digits=DIGITS))


def gradient(page: PageProgram, values: Values, example: int = 0) -> dict[str, Numbers]:
    """Return ∂C/∂parameter by name, where C is the loss of the page: of the batch, or of one example."""
    return _gradients(page, worked_out(page, values, example))


def gradient_of_all(page: PageProgram, values: Values) -> dict[str, Numbers]:
    """Return ∂C/∂parameter by name, where C is the loss of all examples.

    A page for single examples has no equations for the loss of several, so the batch's program is swept for it.
    """
    if page.notation.batch != "single" or values.rows == 1:
        return gradient(page, values)
    swept = simplify(reverse_sweep(page.whole, [array.name for array in page.whole.parameters]))
    return _gradients(page, _evaluated(swept, values.arrays))


def _gradients(page: PageProgram, results: Mapping[str, Any]) -> dict[str, Numbers]:
    """Pick the cotangents of the parameters from evaluated arrays, as floats by the name of the parameter."""
    return {
        array.name: np.asarray(results[array.cotangent().name], dtype=np.float64) for array in page.forward.parameters
    }


def sensitivities(page: PageProgram, values: Values, example: int) -> list[dict[str, Numbers]]:
    """Return ∂output/∂parameter at one example: for each output, the derivatives by the name of the parameter.

    The page's sweep pulls back any cotangent of the outputs: here, for each output, the one that is 1 at this output
    and 0 at the others.
    """
    output = page.forward.array(page.forward.outputs["prediction"])
    program = _pulled_back(page, output.cotangent())
    given = _given(page, values, example)
    seeds = np.eye(given["y"].size).reshape(-1, *given["y"].shape)
    return [_gradients(page, _evaluated(program, {**given, output.cotangent().name: seed})) for seed in seeds]


def _pulled_back(page: PageProgram, seed: Array) -> Program:
    """Return the program of the parameters' gradients with `seed`, the outputs' cotangent, as an input.

    The seeds of the loss are set to 0.
    """
    nothing = dict.fromkeys(SEEDS, Integer(0))
    kept = [
        replace(equation, rhs=substitute(equation.rhs, nothing))
        for equation in page.swept.equations
        if equation.lhs not in nothing and equation.name != seed.name
    ]
    program = replace(page.swept, arrays=(*page.swept.arrays, seed), equations=tuple(kept))
    return program.needed_for(array.cotangent().name for array in page.forward.parameters)
