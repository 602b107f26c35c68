"""Generated code at any input: where the dtype can hold the result it is right, and nothing overflows or warns.

The references (`references.py`) are written out at 50 digits, apart from the tables of symnet. The test networks
carry the pre-activation z in one of two ways, through a weight of 1 or through a bias, so that
C = f(z)·y and ∂C/∂b = f'(z)·y can be read off.

What is promised of `--accuracy fast`, in float64: values of activations to 1e-12 relative, down to 1e-290; derivatives
likewise, but for those that are written through the forward value - sigmoid a(1 - a), tanh 1 - a²,
elu 1 + a, selu λα + a, and p - y of the cross-entropies - which lose relative digits where they
tend to 0; they are held to 1e-12 of max(1, |derivative|). In float32 both are 1e-5. What `--accuracy tails`
promises is in `test_accuracy.py`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf
from references import ACTIVATIONS, Function, decaying, exponential, sigmoid, softplus

import symnet

DTYPES = ("float64", "float32")
SIZES = {
    "float64": (0, 5e-324, 1e-310, 1e-300, 1e-8, 1, 20, 40, 100, 700, 1e4, 1e10, 1e30, 1e100, 1e150, 1e200, 1e300),
    "float32": (0, 1e-45, 1e-40, 1e-38, 1e-8, 1, 20, 40, 80, 100, 700, 1e4, 1e10, 1e18, 1e30, 1e38),
}
RELATIVE = {"float64": 1e-12, "float32": 1e-5}
TINY = {"float64": 1e-290, "float32": 1e-30}


def points(dtype: str) -> list[float]:
    """Every size of either sign, as the dtype holds it."""
    return [float(np.dtype(dtype).type(sign * size)) for size in SIZES[dtype] for sign in (1, -1)]


THROUGH_THE_VALUE = ("sigmoid", "tanh", "elu", "selu", "own_tanh=(exp(z)-exp(-z))/(exp(z)+exp(-z))")
"""Their derivatives lose relative digits where they tend to 0."""

BOUNDED = ("sigmoid", "tanh", "softsign", "sine", "gaussian")


@cache
def module(architecture: str, dtype: str) -> ModuleType:
    return symnet.compile(symnet.parse(architecture), dtype=dtype)


@contextmanager
def nothing_may_warn() -> Iterator[None]:
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def held(value: Any, dtype: str) -> bool:
    return bool(abs(value) <= mpf(float(np.finfo(dtype).max)))


def check(what: str, found: Any, expected: Any, dtype: str, *, absolute: bool = False) -> None:
    """`found` is `expected` to the precision promised."""
    error = abs(mpf(float(found)) - expected)
    relative = not absolute and abs(expected) > TINY[dtype]
    scale = abs(expected) if relative else max(mpf(1), abs(expected))
    assert error <= RELATIVE[dtype] * scale, f"{what}: {found!r} is not {mpmath.nstr(expected, 17)}"


def column(dtype: str, *values: float) -> np.ndarray[Any, Any]:
    return np.array(values, dtype=dtype).reshape(-1, 1)


def parameters(of: ModuleType, weight: float, bias: float) -> Any:
    """Layer 1 carries z; a layer behind it passes its output on."""
    params = [np.full(shape, 1.0 if name.startswith("W") else 0.0, of.DTYPE) for name, shape in of.SHAPES.items()]
    params[0][...] = weight
    params[1][...] = bias
    return of.Parameters(*params)


def compare(
    of: ModuleType, z: float, y: float, dtype: str, value: Any, slope: Any, *, through: str, absolute: str = ""
) -> None:
    """The loss is `value` and its derivative by z is `slope`, where the dtype holds them.

    `absolute` names what is held to the precision of max(1, |result|): "slope", or "both".
    """
    params = parameters(of, 1.0, 0.0) if through == "weight" else parameters(of, 1.0, z)
    x = column(dtype, z if through == "weight" else 0.0)
    targets = column(dtype, y)
    what = f"z = {z!r}, y = {y!r}, through a {through}"
    slope_by_weight = slope * mpf(z) if through == "weight" else mpf(0)
    with nothing_may_warn():
        if held(value, dtype):
            check(f"loss at {what}", of.loss(params, x, targets), value, dtype, absolute=absolute == "both")
        if held(slope, dtype) and held(slope_by_weight, dtype):
            gradients = of.gradient(params, x, targets)
            check(f"derivative by the bias at {what}", gradients.b1[0], slope, dtype, absolute=bool(absolute))
            # It is z times the other: as good relatively, and no better than that is absolutely.
            if abs(slope) > TINY[dtype] and not absolute:
                check(f"that by the weight at {what}", gradients.W1[0, 0], slope_by_weight, dtype)
            assert all(np.isfinite(array).all() for array in gradients)
            if held(value, dtype):
                assert np.isfinite(of.value_and_grad(params, x, targets)[0])


@pytest.fixture(autouse=True)
def _fifty_digits() -> Iterator[None]:
    with mp.workdps(50):
        yield


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("through", ["weight", "bias"])
@pytest.mark.parametrize("place", ["output", "hidden"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_an_activation_and_its_derivative(activation: str, place: str, through: str, dtype: str) -> None:
    layers = f"1-1:{activation}" if place == "output" else f"1-1-1:{activation},identity"
    of = module(f"{layers};loss=a*y", dtype)
    function, derivative = ACTIVATIONS[activation]
    absolute = "slope" if activation in THROUGH_THE_VALUE else ""
    for z in points(dtype):
        expected, slope = function(mpf(z)), derivative(mpf(z))
        compare(of, z, 1.0, dtype, expected, slope, through=through, absolute=absolute)
        if held(expected, dtype):
            with nothing_may_warn():
                found = of.forward(parameters(of, 1.0, 0.0), column(dtype, z))
            check(f"output at {z!r}", found[0, 0], expected, dtype)


GRAMMAR: dict[str, tuple[Function, Function]] = {
    "expm1(z)": (lambda z: mp.expm1(z) if abs(z) < 10**5 else exponential(z) - 1, exponential),
    "sin(z)": (mp.sin, mp.cos),
    "cos(z)": (mp.cos, lambda z: -mp.sin(z)),
    "sinh(z)": (lambda z: mp.sinh(z) if abs(z) < 10**5 else mp.inf, lambda z: mp.cosh(min(abs(z), mpf(10) ** 5))),
    "cosh(z)": (lambda z: mp.cosh(min(abs(z), mpf(10) ** 5)), lambda z: mp.sinh(z) if abs(z) < 10**5 else mp.inf),
    "atan(z)": (mp.atan, lambda z: 1 / (1 + z * z)),
    "erf(z)": (lambda z: mp.erf(max(min(z, mpf(100)), mpf(-100))), lambda z: 2 * decaying(-z * z) / mp.sqrt(mp.pi)),
    "abs(z)": (abs, mp.sign),
    "sign(z)*z": (abs, mp.sign),
    "maximum(z, 0.5)": (lambda z: max(z, mpf(1) / 2), lambda z: mpf(int(z > 0.5))),
    "minimum(z, 0.5)": (lambda z: min(z, mpf(1) / 2), lambda z: mpf(int(z < 0.5))),
}
"""The functions that a formula may call, where they are defined everywhere."""


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("formula", GRAMMAR)
def test_a_function_of_the_grammar_and_its_derivative(formula: str, dtype: str) -> None:
    of = module(f"1-1:{formula};loss=a*y", dtype)
    function, derivative = GRAMMAR[formula]
    for z in points(dtype):
        compare(of, z, 1.0, dtype, function(mpf(z)), derivative(mpf(z)), through="bias", absolute="slope")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("place", ["output", "hidden"])
@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if "=" not in name])
def test_an_activation_under_half_a_squared_error(activation: str, place: str, dtype: str) -> None:
    of = module(f"1-1:{activation}" if place == "output" else f"1-1-1:{activation},identity", dtype)
    function, derivative = ACTIVATIONS[activation]
    for z in points(dtype):
        for y in (0.0, 0.5):
            residual = function(mpf(z)) - mpf(y)
            slope = residual * derivative(mpf(z))
            # The residual is a difference: it is good to the rounding of its terms, not to its own.
            compare(of, z, y, dtype, residual**2 / 2, slope, through="weight", absolute="both")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_row_of_a_batch_at_once(activation: str, dtype: str) -> None:
    """A value at one row does not spoil the code path of the others."""
    of = module(f"1-1:{activation};loss=a*y", dtype)
    function = ACTIVATIONS[activation][0]
    zs = [z for z in points(dtype) if held(function(mpf(z)), dtype)]
    with nothing_may_warn():
        found = of.forward(parameters(of, 1.0, 0.0), column(dtype, *zs))
    for z, value in zip(zs, found[:, 0], strict=True):
        check(f"output at {z!r}", value, function(mpf(z)), dtype)


def huber(residual: Any) -> tuple[Any, Any]:
    size = abs(residual)
    return (residual**2 / 2, residual) if size <= 1 else (size - mpf(1) / 2, mp.sign(residual))


def hinged(margin: Any, y: Any) -> tuple[Any, Any]:
    return (margin, -y) if margin > 0 else (mpf(0), mpf(0))


LOSSES: dict[str, Callable[[Any, Any], tuple[Any, Any]]] = {
    "half_squared_error": lambda a, y: ((a - y) ** 2 / 2, a - y),
    "squared_error": lambda a, y: ((a - y) ** 2, 2 * (a - y)),
    "mean_squared_error": lambda a, y: ((a - y) ** 2, 2 * (a - y)),
    "absolute_error": lambda a, y: (abs(a - y), mp.sign(a - y)),
    "huber": lambda a, y: huber(a - y),
    "gaussian_nll": lambda a, y: (((a - y) ** 2 + mp.log(2 * mp.pi)) / 2, a - y),
    "perceptron": lambda a, y: hinged(-y * a, y),
    "hinge": lambda a, y: hinged(1 - y * a, y),
}
"""The loss of one row and its derivative by the output."""


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", LOSSES)
def test_a_loss_and_its_derivative(loss: str, dtype: str) -> None:
    of = module(f"1-1:identity;loss={loss}", dtype)
    for z in points(dtype):
        for y in (1.0, -1.0) if of.TARGETS == "signs" else (0.0, 1.0, -1.0, 2.0):
            value, slope = LOSSES[loss](mpf(z), mpf(y))
            if loss == "gaussian_nll":
                compare_with_precision(of, z, y, dtype, value, slope)
            else:
                compare(of, z, y, dtype, value, slope, through="weight")


def compare_with_precision(of: ModuleType, z: float, y: float, dtype: str, value: Any, slope: Any) -> None:
    params = parameters(of, 1.0, 0.0)._replace(beta=np.ones((), dtype))
    x, targets = column(dtype, z), column(dtype, y)
    by_precision = ((mpf(z) - mpf(y)) ** 2 - 1) / 2
    with nothing_may_warn():
        if held(value, dtype):
            check(f"loss at {z!r}", of.loss(params, x, targets), value, dtype)
        if held(slope * mpf(z), dtype) and held(by_precision, dtype):
            gradients = of.gradient(params, x, targets)
            check(f"derivative by the bias at {z!r}", gradients.b1[0], slope, dtype)
            check(f"that by the precision at {z!r}", gradients.beta, by_precision, dtype, absolute=True)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", ["perceptron", "hinge", "absolute_error", "huber", "half_squared_error"])
@pytest.mark.parametrize("activation", BOUNDED)
def test_a_loss_behind_a_bounded_output(activation: str, loss: str, dtype: str) -> None:
    of = module(f"1-1:{activation};loss={loss}", dtype)
    function, derivative = ACTIVATIONS[activation]
    for z in points(dtype):
        for y in (1.0, -1.0):
            value, by_output = LOSSES[loss](function(mpf(z)), mpf(y))
            slope = by_output * derivative(mpf(z))
            if abs(function(mpf(z)) - mpf(y)) < 1e-15:
                continue  # the output rounds to the kink itself
            compare_loosely(of, z, y, dtype, value, slope)


def compare_loosely(of: ModuleType, z: float, y: float, dtype: str, value: Any, slope: Any) -> None:
    """Both good to the rounding of 1, since 1 - a is a difference."""
    params, x, targets = parameters(of, 1.0, 0.0), column(dtype, z), column(dtype, y)
    with nothing_may_warn():
        check(f"loss at {z!r}", of.loss(params, x, targets), value, dtype, absolute=True)
        gradients = of.gradient(params, x, targets)
        check(f"derivative at {z!r}", gradients.b1[0], slope, dtype, absolute=True)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("y", [0.0, 1.0, 0.5])
@pytest.mark.parametrize("through", ["weight", "bias"])
def test_binary_cross_entropy_from_logits_of_any_size(y: float, through: str, dtype: str) -> None:
    of = module("1-1;loss=binary_cross_entropy", dtype)
    for z in points(dtype):
        value = y * softplus(-mpf(z)) + (1 - y) * softplus(mpf(z))
        slope = sigmoid(mpf(z)) - y
        # The loss itself keeps its relative digits, the tail of -log(p) where p is nearly 1 among them.
        compare(of, z, y, dtype, value, slope, through=through, absolute="slope")


def precise_softmax(logits: list[float]) -> list[Any]:
    exponentials = [decaying(mpf(z) - mpf(max(logits))) for z in logits]
    return [value / sum(exponentials) for value in exponentials]


LOGITS = [
    (0.0, 0.0, 0.0),
    (1e300, 1e300, 1e300),
    (-1e300, -1e300, -1e300),
    (1e300, -1e300, 0.0),
    (1e300, 1e300, -1e300),
    (-1e300, 1e300, 1e300),
    (0.0, -1e300, -1e300),
    (700.0, -700.0, 0.0),
    (1e4, 1e4 - 1, 1e4 - 2),
    (5e-324, 0.0, -5e-324),
    (40.0, 0.0, 0.0),
]
"""Of either dtype: in float32 1e300 is taken as 1e38."""


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("logits", LOGITS, ids=str)
@pytest.mark.parametrize("label", [0, 1, 2])
def test_softmax_and_cross_entropy_at_logits_of_any_size(logits: tuple[float, ...], label: int, dtype: str) -> None:
    of = module("1-3;loss=cross_entropy", dtype)
    zs = [float(np.clip(z, -1e38, 1e38)) if dtype == "float32" else z for z in logits]
    zs = [float(np.dtype(dtype).type(z)) for z in zs]
    params = of.Parameters(np.ones((1, 3), dtype), np.array(zs, dtype))
    x = np.zeros((1, 1), dtype)
    expected = precise_softmax(zs)
    largest = max(zs)
    log_total = mp.log(mp.fsum(decaying(mpf(z) - mpf(largest)) for z in zs))
    with nothing_may_warn():
        probabilities = of.forward(params, x)[0]
        value, gradients = of.value_and_grad(params, x, np.array([label]))
    for found, wanted in zip(probabilities, expected, strict=True):
        check("probability", found, wanted, dtype)
    assert probabilities.sum() == pytest.approx(1, rel=1e-6)
    check("loss", value, log_total + (mpf(largest) - mpf(zs[label])), dtype, absolute=True)
    for place, found in enumerate(gradients.b1):
        check("gradient", found, expected[place] - int(place == label), dtype, absolute=True)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", ["half_squared_error", "a*y"])
@pytest.mark.parametrize("place", ["output", "hidden"])
@pytest.mark.parametrize("logits", LOGITS, ids=str)
def test_softmax_without_cross_entropy(logits: tuple[float, ...], place: str, loss: str, dtype: str) -> None:
    layers = "1-3:softmax" if place == "output" else "1-3-3:softmax,identity"
    of = module(f"{layers};loss={loss}", dtype)
    zs = [float(np.dtype(dtype).type(np.clip(z, -1e38, 1e38) if dtype == "float32" else z)) for z in logits]
    passed_on = [np.eye(3, dtype=dtype), np.zeros(3, dtype)] if place == "hidden" else []
    params = of.Parameters(np.ones((1, 3), dtype), np.array(zs, dtype), *passed_on)
    y = [0.25, -1.0, 2.0]
    p = precise_softmax(zs)
    by_output = [mpf(t) if loss == "a*y" else a - mpf(t) for a, t in zip(p, y, strict=True)]
    mean = mp.fsum(a * slope for a, slope in zip(p, by_output, strict=True))
    with nothing_may_warn():
        gradients = of.gradient(params, np.zeros((1, 1), dtype), np.array([y], dtype))
    for place_, found in enumerate(gradients.b1):
        check("gradient", found, p[place_] * (by_output[place_] - mean), dtype, absolute=True)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("activation", "slope"),
    [
        ("relu", 0.0),
        ("leaky_relu", 0.01),
        ("selu", 1.0507009873554805 * 1.6732632423543773),
        ("elu", 1.0),
        ("abs(z)", 0.0),
        ("sign(z)*z", 0.0),
        ("softsign", 1.0),
    ],
)
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_the_derivative_at_a_kink(activation: str, slope: float, zero: float, dtype: str) -> None:
    of = module(f"1-1:{activation};loss=a*y", dtype)
    gradients = of.gradient(parameters(of, 1.0, zero), column(dtype, 0.0), column(dtype, 1.0))
    assert float(gradients.b1[0]) == pytest.approx(slope, rel=RELATIVE[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("loss", "output", "target"),
    [
        ("absolute_error", 0.0, 0.0),
        ("absolute_error", 1.5, 1.5),
        ("hinge", 1.0, 1.0),
        ("hinge", -1.0, -1.0),
        ("perceptron", 0.0, 1.0),
        ("perceptron", 0.0, -1.0),
    ],
)
def test_the_derivative_of_a_loss_at_its_kink_is_zero(loss: str, output: float, target: float, dtype: str) -> None:
    of = module(f"1-1:identity;loss={loss}", dtype)
    gradients = of.gradient(parameters(of, 1.0, output), column(dtype, 0.0), column(dtype, target))
    assert gradients.b1[0] == 0


def test_the_derivative_of_huber_joins_at_its_threshold() -> None:
    of = module("1-1:identity;loss=huber(delta=0.5)", "float64")
    slopes = [
        float(of.gradient(parameters(of, 1.0, z), column("float64", 0.0), column("float64", 0.0)).b1[0])
        for z in (-9.0, -0.5, -0.25, 0.0, 0.25, 0.5, 9.0)
    ]
    assert slopes == [-0.5, -0.5, -0.25, 0.0, 0.25, 0.5, 0.5]


def test_a_penalty_at_a_weight_of_zero_has_the_derivative_zero() -> None:
    of = module("1-1:identity;l1=0.5", "float64")
    assert of.gradient(parameters(of, 0.0, 0.0), column("float64", 1.0), column("float64", 0.0)).W1[0, 0] == 0


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_result_that_the_dtype_cannot_hold_is_infinite_with_a_warning(dtype: str) -> None:
    of = module("1-1:exp;loss=a*y", dtype)
    with pytest.warns(RuntimeWarning, match="overflow"):
        assert of.forward(parameters(of, 1.0, 0.0), column(dtype, 1e4))[0, 0] == np.inf
