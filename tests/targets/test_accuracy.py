"""Every activation and its derivative, and the losses from logits, against 50 digits at any float: see `accuracy.py`.

With `--accuracy tails` each is right to a few roundings of its own; with `fast` the derivatives that go through the
forward value are right to the rounding of the largest they can be, and the rest as before. Neither gives anything that
is not finite, or a warning, where the mathematics is finite.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from types import ModuleType
from typing import Any

import accuracy
import numpy as np
import pytest
from accuracy import ACCURACIES, BOUNDS, DIGITS, DTYPES, WAYS, largest_errors
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from references import decaying, sigmoid, softplus
from strategies import UNHURRIED, examples, networks, values_for

import symnet
from symnet.core.text import equation_text
from symnet.support.errors import OptionError
from symnet.support.modules import module_from_source

EVERY = 32
"""One in so many of the exponents at which nothing changes is tried here; `make accuracy` tries all."""

OF_EACH_DTYPE = [(way, dtype) for way in WAYS for dtype in DTYPES if way != "python" or dtype == "float64"]
MAX = {dtype: float(np.finfo(dtype).max) for dtype in DTYPES}
EPS = {dtype: float(np.finfo(dtype).eps) for dtype in DTYPES}
TINY = {dtype: float(np.finfo(dtype).smallest_subnormal) for dtype in DTYPES}


@pytest.fixture(autouse=True)
def _fifty_digits() -> Iterator[None]:
    with mp.workdps(DIGITS):
        yield


@pytest.mark.parametrize(("way", "dtype"), OF_EACH_DTYPE)
@pytest.mark.parametrize("activation", BOUNDS)
def test_in_the_tails_each_value_has_its_digits(activation: str, way: str, dtype: str) -> None:
    for what, error in zip(
        ("value", "slope"), largest_errors(way, activation, dtype, "tails", every=EVERY), strict=True
    ):
        assert error.units <= BOUNDS[activation], f"{what}: {error}"


THROUGH_THE_VALUE = {"sigmoid", "tanh", "elu", "selu", "gaussian", "softplus", "silu", "gelu", "gelu_tanh", "mish"}
"""Whose derivatives, or whose products with a subnormal gate, are fast rather than right in the tails."""


@pytest.mark.parametrize(("way", "dtype"), OF_EACH_DTYPE)
@pytest.mark.parametrize("activation", BOUNDS)
def test_the_fast_forms_are_right_beside_the_largest(activation: str, way: str, dtype: str) -> None:
    """Nothing warns; errors are within some roundings of 1, and of the value itself where no cheap form is used."""
    known = accuracy.reference(activation, dtype, EVERY)
    found = WAYS[way](activation, dtype, "fast", known.points)
    for results, values, scales in zip(found, known.values, known.scales, strict=True):
        for point, result, value, scale in zip(known.points, results, values, scales, strict=True):
            allowed = BOUNDS[activation] * EPS[dtype] * (max(scale, 1) if activation in THROUGH_THE_VALUE else scale)
            error = abs(mpf(float(result)) - value)
            assert error <= allowed + 4 * TINY[dtype], f"z = {point!r}: {result!r} is not {mp.nstr(value, 17)}"


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "elu", "selu"])
def test_the_measure_sees_what_the_fast_forms_lose(activation: str) -> None:
    """Else the tests above would say nothing."""
    _, slope = largest_errors("numpy", activation, "float64", "fast", every=EVERY)
    assert slope.units > 1e10


def test_the_measure_sees_one_wrong_digit_and_what_is_not_finite(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(factor: float) -> accuracy.Way:
        right = WAYS["plain numpy"]

        def found(*arguments: Any) -> accuracy.Found:
            value, slope = right(*arguments)
            slope[arguments[-1].index(2.0)] *= factor
            return value, slope

        return found

    for factor in (1 + 32 * EPS["float64"], np.nan, np.inf):
        monkeypatch.setitem(accuracy.WAYS, "plain numpy", wrong(factor))
        value, slope = largest_errors("plain numpy", "softsign", "float64", "tails", every=EVERY)
        monkeypatch.undo()
        assert value.units <= 4 < slope.units


def test_the_same_in_a_batch() -> None:
    """Rows as well as units: a number alone, in a row and in a column comes out the same."""
    points = [-745.1, -40.0, -1e-310, 0.0, 3e-5, 17.0, 1e300]
    for activation in BOUNDS:
        kept = points[:-1] if activation == "exp" else points
        many = symnet.compile(symnet.parse(f"1-1:{activation};loss=a*y"), accuracy="tails")
        column = many.forward(many.Parameters(np.ones((1, 1)), np.zeros(1)), np.array(kept)[:, None])[:, 0]
        row, _ = WAYS["numpy"](activation, "float64", "tails", kept)
        assert column.tolist() == list(row), activation


# Losses.

Results = tuple[float, Sequence[float]]


def run(call: Callable[[], Any]) -> Any:
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        return call()


@cache
def subject(architecture: str, way: str, dtype: str, accurate: str) -> ModuleType:
    network = symnet.parse(architecture)
    if way == "python":
        return module_from_source(symnet.generate(network, target="python", accuracy=accurate), "subject")
    target = "numpy" if way == "numpy" else "numpy-plain"
    return symnet.compile(network, dtype=dtype, accuracy=accurate, target=target)


def loss_and_gradient(
    module: ModuleType, dtype: str, params: Sequence[float], y: Sequence[float], *, rows: int = 1, loss: bool = True
) -> Results:
    """At x = 0, where the pre-activations are the biases; the gradients by all parameters, weights first."""
    if not hasattr(module, "Parameters"):
        value, gradient = module.value_and_grad(params, (0.0,), y)
        assert value == module.loss(params, (0.0,), y)
        return value, gradient
    ends = np.cumsum([int(np.prod(shape)) for shape in module.SHAPES.values()])[:-1]
    parts = np.split(np.array(params, dtype), ends)
    arrays = module.Parameters(
        *(part.reshape(shape) for part, shape in zip(parts, module.SHAPES.values(), strict=True))
    )
    x, targets = np.zeros((rows, 1), dtype), np.array([y] * rows, dtype)
    if not loss:
        gradient = run(lambda: module.gradient(arrays, x, targets))
        with np.errstate(over="ignore"):
            return module.loss(arrays, x, targets), flat(gradient)
    value, gradient = run(lambda: module.value_and_grad(arrays, x, targets))
    assert value == run(lambda: module.loss(arrays, x, targets))
    return value, flat(gradient)


def flat(arrays: Sequence[Any]) -> list[float]:
    return [float(entry) for array in arrays for entry in np.ravel(array)]


def check(found: float, expected: Any, scale: Any, dtype: str, what: object) -> None:
    """To 16 roundings of the scale."""
    allowed = 16 * EPS[dtype] * scale + 8 * TINY[dtype]
    assert abs(mpf(float(found)) - expected) <= allowed, f"{what}: {found!r} is not {mp.nstr(expected, 17)}"


def log_softmax(logits: Sequence[float]) -> list[Any]:
    largest = max(logits)
    at = list(logits).index(largest)
    rest = mp.fsum(decaying(mpf(z) - largest) for place, z in enumerate(logits) if place != at)
    return [mpf(z) - largest - mp.log1p(rest) for z in logits]


def others(values: Sequence[Any], place: int) -> Any:
    return mp.fsum(mpf(value) for at, value in enumerate(values) if at != place)


@pytest.mark.parametrize("accurate", ACCURACIES)
@pytest.mark.parametrize(("way", "dtype"), OF_EACH_DTYPE)
def test_cross_entropy_from_logits_of_any_size(way: str, dtype: str, accurate: str) -> None:
    """δ = p_k Sum(y_m, m ≠ k) - y_k Sum(p_m, m ≠ k), in the tails to the rounding of these terms."""
    big = 1e308 if dtype == "float64" else 3e38
    module = subject("1-3;loss=cross_entropy", way, dtype, accurate)
    kind = np.dtype(dtype).type
    for logits in itertools.product((0.0, big, -big, MAX[dtype], 40.0, -745.0, TINY[dtype]), repeat=3):
        logits = tuple(float(kind(z)) for z in logits)
        logarithms = log_softmax(logits)
        p = [decaying(value) for value in logarithms]
        for y in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.25, 0.25, 0.5)):
            expected = -mp.fsum(mpf(t) * value for t, value in zip(y, logarithms, strict=True))
            held = expected <= MAX[dtype]
            loss, gradient = loss_and_gradient(module, dtype, [*[0.0] * 3, *logits], y, loss=held)
            exact = accurate == "tails"
            # The scalar form takes the logarithm of the whole sum, which is right to the rounding of 1.
            scale = expected if exact and way != "python" else max(mpf(1), expected)
            assert loss == np.inf or expected <= 2 * mpf(MAX[dtype])
            if held:
                check(loss, expected, scale, dtype, (logits, y))
            for k in range(3):
                terms = p[k] * others(y, k), mpf(y[k]) * others(p, k)
                scale = sum(terms) * (1 + min(mpf(800), -logarithms[k])) if exact else mpf(1)
                check(gradient[3 + k], terms[0] - terms[1], scale, dtype, (logits, y, k))


@pytest.mark.parametrize("accurate", ACCURACIES)
@pytest.mark.parametrize(("way", "dtype"), OF_EACH_DTYPE)
def test_binary_cross_entropy_from_logits_of_any_size(way: str, dtype: str, accurate: str) -> None:
    module = subject("1-1;loss=binary_cross_entropy", way, dtype, accurate)
    sizes = (0.0, TINY[dtype], 1e-10, 17.5, 36.8, 40.0, 88.0, 103.0, 700.0, 745.0, 0.5 * MAX[dtype], MAX[dtype])
    for size, sign, y in itertools.product(sizes, (1, -1), (0.0, 1.0, 0.5, 0.25)):
        z = float(np.dtype(dtype).type(sign * size))
        loss, gradient = loss_and_gradient(module, dtype, [0.0, z], [y])
        expected = y * softplus(-mpf(z)) + (1 - y) * softplus(mpf(z))
        check(loss, expected, expected, dtype, (z, y))
        upper, lower = sigmoid(mpf(z)) * (1 - y), y * sigmoid(-mpf(z))
        scale = (upper + lower) * (1 + min(size, 800)) if accurate == "tails" else 1
        check(gradient[1], upper - lower, scale, dtype, (z, y))


@pytest.mark.parametrize("accurate", ACCURACIES)
@pytest.mark.parametrize(("way", "dtype"), OF_EACH_DTYPE)
@pytest.mark.parametrize(
    ("loss", "factor"), [("half_squared_error", 0.5), ("squared_error", 1), ("mean_squared_error", 1)]
)
def test_a_squared_error_is_finite_where_it_can_be(
    loss: str, factor: float, way: str, dtype: str, accurate: str
) -> None:
    """A residual in 1.34e154 to 1.89e154 has a square that is too large, and a half of it that is not."""
    module = subject(f"1-1:identity;loss={loss}", way, dtype, accurate)
    root = float(np.sqrt(MAX[dtype]))
    for residual in (0.0, TINY[dtype], 1e-155, 1.0, 0.99 * root, 1.2 * root, 1.41 * root, -1.41 * root):
        r = float(np.dtype(dtype).type(residual))
        expected = factor * mpf(r) ** 2
        if expected <= MAX[dtype]:
            value, gradient = loss_and_gradient(module, dtype, [0.0, r], [0.0])
            check(value, expected, expected, dtype, r)
            check(gradient[1], 2 * factor * mpf(r), abs(r), dtype, r)


@pytest.mark.parametrize("accurate", ACCURACIES)
@pytest.mark.parametrize(("way", "dtype"), OF_EACH_DTYPE)
def test_gaussian_nll_for_any_precision(way: str, dtype: str, accurate: str) -> None:
    module = subject("1-1:identity;loss=gaussian_nll", way, dtype, accurate)
    end = int(np.log10(MAX[dtype]))
    root = float(np.sqrt(MAX[dtype]))
    betas = (float(np.finfo(dtype).smallest_normal), 10.0 ** (1 - end), 10.0 ** (-end // 2), 1.0, 10.0 ** (end - 1))
    residuals = (0.0, 10.0 ** (-end // 2), 1.0, 10.0 ** (end // 4), 1.3 * root, 10.0 ** (end - 3))
    for beta, residual in itertools.product((*betas, MAX[dtype]), residuals):
        b, r = (mpf(float(np.dtype(dtype).type(number))) for number in (beta, residual))
        square = b * r * r / 2
        expected = square - mp.log(b) / 2 + mp.log(2 * mp.pi) / 2
        by_precision = r * r / 2 - 1 / (2 * b)
        params, what = [0.0, float(r), float(b)], (beta, residual)
        if expected > MAX[dtype] or b * r > MAX[dtype]:
            continue
        if abs(by_precision) > MAX[dtype]:
            with np.errstate(over="ignore"):
                value = run(lambda: of_loss(module, dtype, params))  # noqa: B023
        else:
            value, gradient = loss_and_gradient(module, dtype, params, [0.0])
            check(gradient[1], b * r, b * r, dtype, what)
            check(gradient[2], by_precision, r * r / 2 + 1 / (2 * b), dtype, what)
        check(value, expected, square + abs(mp.log(b)) / 2 + 1, dtype, what)


def of_loss(module: ModuleType, dtype: str, params: Sequence[float]) -> float:
    """The loss alone, of one unit and a target of 0."""
    if not hasattr(module, "Parameters"):
        return float(module.loss(params, (0.0,), (0.0,)))
    weight, bias, beta = (np.array(number, dtype) for number in params)
    arrays = module.Parameters(weight.reshape(1, 1), bias.reshape(1), beta)
    return float(module.loss(arrays, np.zeros((1, 1), dtype), np.zeros((1, 1), dtype)))


@pytest.mark.parametrize("accurate", ACCURACIES)
@pytest.mark.parametrize("way", ["numpy", "plain numpy"])
@pytest.mark.parametrize("beta", [0.0, -1.0, -5e-324, np.nan])
def test_a_precision_that_is_not_positive_is_refused(beta: float, way: str, accurate: str) -> None:
    module = subject("1-1:identity;loss=gaussian_nll", way, "float64", accurate)
    with pytest.raises(ValueError, match="beta: expected a positive number, got"):
        of_loss(module, "float64", [0.0, 0.0, beta])


@pytest.mark.parametrize("accurate", ACCURACIES)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("way", ["numpy", "plain numpy"])
def test_a_mean_is_finite_where_the_sum_is_not(way: str, dtype: str, accurate: str) -> None:
    """A thousand rows with the same large loss have that loss as their mean."""
    big = MAX[dtype] / 2
    root = float(np.sqrt(MAX[dtype]))
    cases: dict[str, tuple[list[float], list[float]]] = {
        "1-1:identity;loss=half_squared_error": ([root], [0.0]),
        "1-1:identity;loss=absolute_error": ([big], [0.0]),
        "1-1:identity;loss=huber": ([big], [0.0]),
        "1-1;loss=binary_cross_entropy": ([-big], [1.0]),
        "1-3;loss=cross_entropy": ([big, 0.0, -big], [0.0, 1.0, 0.0]),
    }
    for architecture, (biases, y) in cases.items():
        module = subject(architecture, way, dtype, accurate)
        value, _ = loss_and_gradient(module, dtype, [*[0.0] * len(biases), *biases], y, rows=1000)
        check(value, mpf(MAX[dtype]) / 2, 100 * mpf(MAX[dtype]), dtype, architecture)


@pytest.mark.parametrize("accurate", ACCURACIES)
@pytest.mark.parametrize(("way", "dtype"), OF_EACH_DTYPE)
def test_a_radial_basis_far_away_is_0_and_so_are_its_derivatives(way: str, dtype: str, accurate: str) -> None:
    """Its distance r overflows there, and r exp(-r) does not."""
    network = "1-1[radial_basis]-1:identity"
    module = subject(network, way, dtype, accurate)
    root = float(np.sqrt(MAX[dtype]))
    for size, sign in itertools.product((0.5 * root, root, 1.5 * root, 1e5 * root, 0.99 * MAX[dtype]), (1, -1)):
        x = sign * size
        if way == "python":
            value, gradient = module.value_and_grad((0.3, 0.7, 2.0, 0.25), (x,), (1.0,))
        else:
            numbers = zip(module.SHAPES.values(), (0.3, 0.7, 2.0, 0.25), strict=True)
            parts = (np.full(shape, number, dtype) for shape, number in numbers)
            arrays = module.Parameters(*parts)
            value, found = run(
                lambda: module.value_and_grad(arrays, np.array([[x]], dtype), np.ones((1, 1), dtype))  # noqa: B023
            )
            gradient = flat(found)
        assert value == pytest.approx(0.75**2 / 2)
        assert list(gradient) == [0, 0, 0, -0.75]


# What is promised of softmax inside a network, and how the choice is made.


@pytest.mark.parametrize("way", ["numpy", "plain numpy", "python"])
@pytest.mark.parametrize("loss", ["half_squared_error", "a*y"])
def test_the_derivative_through_a_softmax_keeps_its_digits(loss: str, way: str) -> None:
    """p_k (u_k Sum(p_m) - Sum(p_m u_m)) over m ≠ k, where p_k is 1 to the last digit."""
    module = subject(f"1-3:softmax;loss={loss}", way, "float64", "tails")
    y = [1.0, 0.0, 0.0] if loss == "half_squared_error" else [1.0, -2.0, 0.5]
    for logits in ([60.0, 0.0, -3.0], [0.0, 45.0, 1.0], [700.0, 0.0, 0.0], [0.5, 0.25, 40.0]):
        _, gradient = loss_and_gradient(module, "float64", [*[0.0] * 3, *logits], y)
        p = [decaying(value) for value in log_softmax(logits)]
        upstream = [
            p[k] * (1 - mpf(y[k])) - mpf(y[k]) * others(p, k) if loss == "half_squared_error" else mpf(y[k])
            for k in range(3)
        ]
        for k in range(3):
            products = [value * slope for value, slope in zip(p, upstream, strict=True)]
            terms = p[k] * upstream[k] * others(p, k), p[k] * others(products, k)
            scale = p[k] * (abs(upstream[k]) * others(p, k) + others([abs(product) for product in products], k))
            check(gradient[3 + k], terms[0] - terms[1], 100 * scale, "float64", (logits, k))


def test_delta_comes_out_of_the_algebra() -> None:
    """No loss and no layer is known to the passes: these forms are what the chain rule and cancelling leave."""
    expected = {
        "2-3;loss=cross_entropy;reduction=sum": (
            "z1_bar[n,j] = p1[n,j]*leave_one_out(y[n,j], j) - y[n,j]*leave_one_out(p1[n,j], j)"
        ),
        "2-1;loss=binary_cross_entropy": "z1_bar[n,j] = (a1[n,j]*(1 - y[n,j]) - y[n,j]*sigmoid(-z1[n,j]))/N",
        "2-3-2:tanh,identity": "z1_bar[n,j] = a1_bar[n,j]*tanh_slope(z1[n,j])",
        "2-3-2:z/(1+exp(-z)),identity": "z1_bar[n,j] = a1_bar[n,j]*silu_slope(z1[n,j])",
        "2-2:sigmoid": "z1_bar[n,j] = (a1[n,j]*(1 - y[n,j]) - y[n,j]*sigmoid(-z1[n,j]))*sigmoid_slope(z1[n,j])/N",
    }
    for architecture, equation in expected.items():
        derived = symnet.derive(symnet.parse(architecture), accuracy="tails").equations
        assert equation in map(equation_text, derived.equations), architecture


@settings(max_examples=examples(15), **UNHURRIED)
@given(networks(), st.integers(0, 2**32 - 1), st.sampled_from(("numpy", "numpy-plain")), st.sampled_from(DTYPES))
def test_both_accuracies_agree_on_any_network(network: symnet.Network, seed: int, target: str, dtype: str) -> None:
    fast, tails = (symnet.compile(network, dtype=dtype, target=target, accuracy=accurate) for accurate in ACCURACIES)
    values = values_for(network, symnet.derive(network).program, 5, seed, dtype)
    params = [np.asarray(values[name]) for name in fast.SHAPES]
    small = {"workspace": tails.Workspace(5, block_rows=2)} if target == "numpy" and not tails.WHOLE else {}
    loss, gradient = tails.value_and_grad(tails.Parameters(*params), values["x"], values["y"], **small)
    wanted, expected = fast.value_and_grad(fast.Parameters(*params), values["x"], values["y"])
    tolerance = 1e-11 if dtype == "float64" else 1e-4
    assert loss == pytest.approx(wanted, rel=tolerance, abs=tolerance)
    for name, found, right in zip(fast.SHAPES, gradient, expected, strict=True):
        assert np.abs(found - right).max() <= tolerance * max(1, np.abs(right).max()), name


@pytest.mark.parametrize("accurate", ACCURACIES)
def test_the_module_says_which_accuracy_it_has(accurate: str) -> None:
    module = symnet.compile(symnet.parse("2-2-1"), accuracy=accurate)
    assert accurate == module.ACCURACY
    assert f"Accuracy {accurate}: " in str(module.__doc__)


def test_the_default_is_fast_and_others_are_refused() -> None:
    network = symnet.parse("2-2-1")
    assert (
        symnet.generate(network)
        == symnet.generate(network, accuracy="fast")
        != symnet.generate(network, accuracy="tails")
    )
    with pytest.raises(OptionError, match="accuracy"):
        symnet.generate(network, accuracy="exact")
