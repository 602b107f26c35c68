"""The contract of a generated module: its names, its parameters, pure calls, dtypes, and training through it."""

from __future__ import annotations

import gc
import inspect
import pickle
import subprocess
import sys
from collections.abc import Callable
from copy import copy as shallow_copy
from copy import deepcopy
from functools import cache, partial
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize
from strategies import draw_targets

import symnet
from symnet.support.errors import NotDifferentiableError

NAMES = (
    *("Parameters", "init", "forward", "loss", "gradient", "value_and_grad", "flatten", "unflatten"),
    *("value_and_grad_flat", "ARCHITECTURE", "INPUTS", "OUTPUTS", "TARGETS", "DTYPE", "SHAPES"),
)
WORKING = ("forward", "loss", "gradient", "value_and_grad", "value_and_grad_flat")
"""What takes a workspace."""
GRADIENT_NAMES = ("gradient", "value_and_grad", "value_and_grad_flat")

KINDS = (
    "3-4-2:tanh,identity",
    "3-4-2;loss=cross_entropy",
    "3-4-1:relu,sigmoid;loss=binary_cross_entropy",
    "3-4-2:silu,identity;loss=gaussian_nll",
    "3-3[residual]-2[bias=false];loss=absolute_error;l1=0.01;l2=0.02",
    "3-4[radial_basis]-2:identity;loss=huber",
    "3-2[bias=false]",
    # The slope of layer 1 is 0 everywhere: its gradients are arrays of zeros, which must not be one array.
    "3-4-2:1+relu(-1-z**2),identity",
    # The sum over one unit leaves the target as the whole cotangent: nothing may hand it out.
    "3-1:identity;loss=a*y;reduction=sum",
    # A loss that is flat: every gradient is zero, and its own array.
    "3-4-2;loss=y**2+relu(-1-a**2)",
)


OFFSET = np.float32(0.25)
"""Added to what `init` draws, so that no parameter is all zeros."""


@cache
def module(architecture: str, dtype: str = "float64") -> ModuleType:
    return symnet.compile(symnet.parse(architecture), dtype=dtype)


def batch(of: ModuleType, rows: int = 5, seed: int = 1) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Inputs and targets that fit the module."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((rows, of.INPUTS)).astype(of.DTYPE)
    y = draw_targets(rng, (rows, of.OUTPUTS), of.TARGETS)
    return x, y.astype(of.DTYPE)


def calls(of: ModuleType) -> dict[str, Callable[[Any, Any, Any], Any]]:
    """Every public function, as a call on parameters, inputs and targets."""
    return {
        "forward": lambda params, x, y: of.forward(params, x),
        "loss": of.loss,
        "gradient": of.gradient,
        "value_and_grad": of.value_and_grad,
        "flatten": lambda params, x, y: of.flatten(params),
        "unflatten": lambda params, x, y: of.unflatten(of.flatten(params)),
        "value_and_grad_flat": lambda params, x, y: of.value_and_grad_flat(of.flatten(params), x, y),
    }


def pickled(protocol: int, value: Any) -> Any:
    return pickle.loads(pickle.dumps(value, protocol))


def arrays_in(result: Any) -> list[np.ndarray[Any, Any]]:
    if isinstance(result, tuple):
        return [array for part in result for array in arrays_in(part)]
    return [result] if isinstance(result, np.ndarray) else []


def test_every_name_of_the_contract_is_there() -> None:
    made = module(KINDS[0])
    assert [name for name in NAMES if not hasattr(made, name)] == []
    assert issubclass(made.Parameters, tuple)
    assert made.Parameters._fields == tuple(made.SHAPES) == ("W1", "b1", "W2", "b2")
    signatures = {name: list(inspect.signature(getattr(made, name)).parameters) for name in NAMES[1:9]}
    assert signatures == {
        "init": ["rng"],
        "forward": ["params", "x", "workspace"],
        "loss": ["params", "x", "y", "workspace"],
        "gradient": ["params", "x", "y", "workspace"],
        "value_and_grad": ["params", "x", "y", "workspace"],
        "flatten": ["params"],
        "unflatten": ["theta"],
        "value_and_grad_flat": ["theta", "x", "y", "workspace"],
    }
    for name in WORKING:
        workspace = inspect.signature(getattr(made, name)).parameters["workspace"]
        assert (workspace.kind, workspace.default) == (inspect.Parameter.KEYWORD_ONLY, None), name
    sizes = inspect.signature(made.Workspace).parameters
    assert list(sizes) == ["batch_size", "block_rows"]
    assert sizes["block_rows"].default == made.BLOCK_ROWS


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_plain_module_has_the_same_names_but_for_the_workspace(dtype: str) -> None:
    plain = symnet.compile(symnet.parse(KINDS[0]), dtype=dtype, target="numpy-plain")
    full = symnet.compile(symnet.parse(KINDS[0]), dtype=dtype, target="numpy")
    assert [name for name in NAMES if not hasattr(plain, name)] == []
    assert not hasattr(plain, "Workspace")
    for name in NAMES[1:9]:
        expected = [each for each in inspect.signature(getattr(full, name)).parameters if each != "workspace"]
        assert list(inspect.signature(getattr(plain, name)).parameters) == expected
    with pytest.raises(symnet.SymnetError, match="most"):
        symnet.compile(symnet.parse(KINDS[0]), target="most")


def test_shapes_are_batches_by_rows_and_weights_by_input_and_unit() -> None:
    made = module(KINDS[0])
    assert made.SHAPES == {"W1": (3, 4), "b1": (4,), "W2": (4, 2), "b2": (2,)}
    params = made.init(0)
    x, y = batch(made, rows=7)
    assert made.forward(params, x).shape == (7, 2)
    np.testing.assert_allclose(made.forward(params, x), np.tanh(x @ params.W1 + params.b1) @ params.W2 + params.b2)
    assert {name: array.shape for name, array in made.gradient(params, x, y)._asdict().items()} == made.SHAPES


def test_parameters_keep_layer_numbers_where_a_bias_is_left_out() -> None:
    made = module("3-4[bias=false]-2")
    assert made.Parameters._fields == ("W1", "W2", "b2")
    made = module("3-4-2[bias=false]")
    assert made.Parameters._fields == ("W1", "b1", "W2")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("architecture", KINDS)
def test_init_is_reproducible_and_has_the_shapes_and_the_dtype(architecture: str, dtype: str) -> None:
    made = module(architecture, dtype)
    by_seed, again, by_generator = made.init(7), made.init(7), made.init(np.random.default_rng(7))
    other = made.init(8)
    for name, shape in made.SHAPES.items():
        first = getattr(by_seed, name)
        assert isinstance(first, np.ndarray)
        assert (first.shape, first.dtype) == (shape, np.dtype(dtype))
        assert np.array_equal(first, getattr(again, name))
        assert np.array_equal(first, getattr(by_generator, name))
    assert not np.array_equal(by_seed[0], other[0])
    assert not np.array_equal(made.init()[0], made.init()[0])


def test_init_goes_on_with_a_generator_and_leaves_the_global_one_alone() -> None:
    made = module(KINDS[0])
    rng = np.random.default_rng(3)
    assert not np.array_equal(made.init(rng).W1, made.init(rng).W1)
    state = np.random.get_state(legacy=False)["state"]["key"].copy()
    made.init(3)
    assert np.array_equal(state, np.random.get_state(legacy=False)["state"]["key"])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("activation", "variance"),
    [("tanh", 2 / 500), ("sigmoid", 2 / 500), ("relu", 2 / 200), ("gelu", 2 / 200), ("selu", 1 / 200)],
)
def test_weights_are_drawn_with_the_variance_that_the_activation_asks_for(
    activation: str, variance: float, dtype: str
) -> None:
    weight = module(f"200-300:{activation}", dtype).init(11).W1.astype(np.float64)
    # 60,000 draws: the relative standard error of the variance is √(2/60000) = 0.6 %, that of the mean 0.4 %.
    assert weight.var() == pytest.approx(variance, rel=0.03)
    assert abs(weight.mean()) < 0.02 * variance**0.5
    assert (np.abs(weight) > 2 * variance**0.5).mean() == pytest.approx(0.0455, rel=0.1), "not a normal distribution"


def test_biases_start_at_zero_and_precision_and_widths_at_one() -> None:
    assert not module(KINDS[0]).init(0).b1.any()
    assert module("3-2;loss=gaussian_nll").init(0).beta == 1
    assert (module("3-4[radial_basis]-2").init(0).s1 == 1).all()


@pytest.mark.parametrize("architecture", KINDS)
def test_no_argument_is_changed(architecture: str) -> None:
    made = module(architecture)
    params, (x, y) = made.init(0), batch(made)
    kept = [array.copy() for array in (*params, x, y)]
    for array in (*params, x, y):
        array.flags.writeable = False
    for call in calls(made).values():
        call(params, x, y)
    for array, before in zip((*params, x, y), kept, strict=True):
        assert np.array_equal(array, before)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("architecture", KINDS)
@pytest.mark.parametrize("rows", [1, 4])
def test_results_share_no_memory(architecture: str, rows: int, dtype: str) -> None:
    made = module(architecture, dtype)
    params, (x, y) = made.init(0), batch(made, rows)
    for name, call in calls(made).items():
        found = arrays_in(call(params, x, y))
        for place, array in enumerate(found):
            assert array.flags.writeable, name
            others = [*params, x, y, *found[:place]]
            assert not any(np.shares_memory(array, other) for other in others), name


@pytest.mark.parametrize("architecture", KINDS)
def test_earlier_results_stay_when_later_calls_are_made(architecture: str) -> None:
    made = module(architecture)
    first, second = (made.init(0), *batch(made, seed=1)), (made.init(1), *batch(made, seed=2))
    for name, call in calls(made).items():
        early = arrays_in(call(*first))
        kept = [array.copy() for array in early]
        late = arrays_in(call(*second))
        assert all(np.array_equal(array, before) for array, before in zip(early, kept, strict=True)), name
        assert not any(np.shares_memory(array, other) for array in early for other in late), name


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("architecture", KINDS)
def test_the_functions_agree_with_each_other(architecture: str, dtype: str) -> None:
    made = module(architecture, dtype)
    params, (x, y) = made.init(0), batch(made)
    value, gradients = made.value_and_grad(params, x, y)
    assert type(value) is type(made.loss(params, x, y)) is float
    assert value == pytest.approx(made.loss(params, x, y), rel=1e-6)
    assert type(gradients) is made.Parameters
    assert all((array.dtype, array.shape) == (dtype, made.SHAPES[name]) for name, array in gradients._asdict().items())
    for first, second in zip(gradients, made.gradient(params, x, y), strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-5, atol=1e-7)
    assert made.forward(params, x).dtype == dtype


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("architecture", KINDS)
def test_flatten_and_unflatten_are_inverse_and_copies(architecture: str, dtype: str) -> None:
    made = module(architecture, dtype)
    params = made.Parameters(*(array + OFFSET for array in made.init(0)))
    theta = made.flatten(params)
    assert (theta.ndim, theta.dtype) == (1, np.dtype(dtype))
    assert np.array_equal(theta, np.concatenate([np.ravel(array) for array in params]))
    back = made.unflatten(theta)
    for first, second in zip(params, back, strict=True):
        assert np.array_equal(first, second)
        assert (first.shape, first.dtype) == (second.shape, second.dtype)
    kept = [array.copy() for array in back]
    theta[:] = 0
    assert all(np.array_equal(array, before) for array, before in zip(back, kept, strict=True))
    back[0][...] = 5
    assert not theta.any()


@pytest.mark.parametrize("architecture", KINDS)
def test_value_and_grad_flat_is_value_and_grad_in_one_vector(architecture: str) -> None:
    made = module(architecture)
    params, (x, y) = made.init(0), batch(made)
    value, vector = made.value_and_grad_flat(made.flatten(params), x, y)
    expected, gradients = made.value_and_grad(params, x, y)
    assert (type(value), value) == (float, expected)
    assert vector.dtype == np.float64
    assert np.array_equal(vector, np.concatenate([array.ravel() for array in gradients]))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    "architecture",
    ["2-8-1:tanh,identity", "2-8-2:sigmoid,softmax;loss=cross_entropy", "2-8-1:tanh,sigmoid;loss=binary_cross_entropy"],
)
def test_scipy_trains_a_network_through_the_flat_interface(architecture: str, dtype: str) -> None:
    made = module(architecture, dtype)
    rng = np.random.default_rng(2)
    x = rng.uniform(-1, 1, (60, 2)).astype(dtype)
    inside = (x[:, 0] * x[:, 1] > 0).astype(int)
    y = inside if made.TARGETS == "probabilities" else inside[:, None].astype(dtype)
    start = made.flatten(made.init(5))
    before, _ = made.value_and_grad_flat(start, x, y)
    result = minimize(
        made.value_and_grad_flat, start, args=(x, y), jac=True, method="L-BFGS-B", options={"maxiter": 150}
    )
    assert made.loss(made.unflatten(result.x), x, y) < before / 10


def test_a_float64_module_converts_what_holds_no_more_than_it() -> None:
    made = module(KINDS[0])
    params = made.Parameters(*(np.round(array * 4) for array in made.init(0)))
    x, y = np.array([[1, 0, 1], [0, 1, 1]]), np.array([[1, 0], [0, 1]])
    expected = made.value_and_grad(params, x.astype(np.float64), y.astype(np.float64))
    for kind in (np.float32, np.float16, np.int64, np.int32, np.uint8, np.bool_, np.dtype(">f8"), np.dtype(">i2")):
        found = made.value_and_grad(params, x.astype(kind), y.astype(kind))
        assert found[0] == expected[0], kind
        assert all(np.array_equal(a, b) for a, b in zip(found[1], expected[1], strict=True)), kind
        assert all(array.dtype == np.float64 for array in found[1]), kind
    assert made.loss(params, x.tolist(), y.tolist()) == expected[0]
    assert made.loss(params, x.astype(bool).tolist(), y.astype(float).tolist()) == expected[0]
    whole = made.Parameters(*(array.astype(np.int64) for array in params))
    assert made.loss(whole, x, y) == expected[0]
    assert made.loss([array.tolist() for array in params], x, y) == expected[0]


def test_arrays_of_any_layout_are_taken() -> None:
    made = module(KINDS[0])
    params, (x, y) = made.init(0), batch(made)
    expected = made.loss(params, x, y)
    wide = np.repeat(x, 2, axis=1)[:, ::2]
    assert made.loss(params, np.asfortranarray(x), y[::-1][::-1]) == pytest.approx(expected, rel=1e-15)
    assert made.loss(params, wide, y) == pytest.approx(expected, rel=1e-15)


def test_a_float32_module_takes_integers_and_bools_and_refuses_float64_with_the_remedy() -> None:
    made = module(KINDS[0], "float32")
    params, (x, y) = made.init(0), batch(made)
    for kind in (np.float32, np.float16, np.int64, np.uint8, np.bool_):
        value, gradients = made.value_and_grad(params, (x > 0).astype(kind), (y > 0).astype(kind))
        assert type(value) is float
        assert all(array.dtype == np.float32 for array in gradients), kind
    wide = np.float64
    for name, arguments in {
        "x": (params, x.astype(wide), y),
        "y": (params, x, y.astype(wide)),
        "W2": (params._replace(W2=params.W2.astype(wide)), x, y),
    }.items():
        with pytest.raises(ValueError, match=rf"^{name}: .*float32.*float64.*np\.asarray\({name}, dtype=np\.float32\)"):
            made.loss(*arguments)


def test_a_float64_module_refuses_wider_floats() -> None:
    if np.dtype(np.longdouble).itemsize <= 8:
        pytest.skip("there are none on this machine")
    made = module(KINDS[0])
    x, y = batch(made)
    with pytest.raises(ValueError, match=r"^x: .*float64.*np\.asarray\(x, dtype=np\.float64\)"):
        made.loss(made.init(0), x.astype(np.longdouble), y)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("activation", ["step", "bipolar_step", "sign", "tanh"])
def test_a_module_for_forward_use_has_no_gradients(activation: str, dtype: str) -> None:
    network = symnet.parse("2-3-1", hidden=activation)
    made = symnet.compile(network, dtype=dtype, forward_only=True)
    assert [name for name in GRADIENT_NAMES if hasattr(made, name)] == []
    params = made.init(0)
    x = np.array([[1, 2], [0, 0], [-1, 1]], dtype=dtype)
    functions: dict[str, Any] = {
        "step": lambda z: (z >= 0).astype(dtype),
        "bipolar_step": lambda z: np.where(z < 0, -1, 1).astype(dtype),
        "sign": np.sign,
        "tanh": np.tanh,
    }
    expected = functions[activation](x @ params.W1 + params.b1) @ params.W2 + params.b2
    np.testing.assert_allclose(made.forward(params, x), expected, rtol=1e-6)
    assert made.forward(params, x).dtype == dtype
    assert made.loss(params, x, np.zeros((3, 1), dtype)) == pytest.approx((expected**2).sum() / 6, rel=1e-6)
    assert np.array_equal(made.flatten(made.unflatten(made.flatten(params))), made.flatten(params))


@pytest.mark.parametrize("activation", ["step", "sign"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_gradient_through_a_step_is_refused_with_the_layer_and_the_reason(activation: str, number: int) -> None:
    names = ["tanh", "tanh", "identity"]
    names[number - 1] = activation
    network = symnet.parse(f"2-3-3-1:{','.join(names)}")
    for ask in (symnet.derive, symnet.generate, symnet.compile):
        with pytest.raises(NotDifferentiableError, match=rf"^layer {number}: {activation} .*derivative is 0"):
            ask(network)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_learned_precision_goes_through_every_function(dtype: str) -> None:
    made = module("2-3-2:tanh,identity;loss=gaussian_nll", dtype)
    assert made.SHAPES["beta"] == ()
    x, y = batch(made, rows=6)
    for precision in (0.05, 1.0, 30.0):
        params = made.init(0)._replace(beta=np.array(precision, dtype))
        residuals = (made.forward(params, x) - y).astype(np.float64)
        value, gradients = made.value_and_grad(params, x, y)
        expected = (precision * residuals**2 - np.log(precision) + np.log(2 * np.pi)).sum() / 12
        assert value == pytest.approx(expected, rel=1e-5)
        assert isinstance(gradients.beta, np.ndarray)
        assert (gradients.beta.shape, gradients.beta.dtype) == ((), np.dtype(dtype))
        slope = (residuals**2 - 1 / precision).sum() / 12
        assert float(gradients.beta) == pytest.approx(slope, rel=1e-4)
        theta = made.flatten(params)
        assert theta[-1] == params.beta
        assert made.unflatten(theta).beta.shape == ()
        # The slope of the precision is negative where the precision is too small: that is no wrong parameter.
        flat_value, vector = made.value_and_grad_flat(theta, x, y)
        assert flat_value == pytest.approx(value, rel=1e-6)
        assert vector[-1] == pytest.approx(slope, rel=1e-4)
    assert made.loss(made.init(0)._replace(beta=2), x, y) > 0, "an integer is a scalar too"


PICKLED = """
import pickle, sys
import numpy as np
params = pickle.loads(sys.stdin.buffer.read())
again = pickle.loads(pickle.dumps(params))
assert type(again) is type(params), "pickled once more"
import symnet
module = symnet.compile(symnet.parse({architecture!r}), dtype={dtype!r})
assert isinstance(params, module.Parameters)
assert params._fields == module.Parameters._fields
x, y = np.ones((3, module.INPUTS), module.DTYPE), np.full((3, module.OUTPUTS), 1 / module.OUTPUTS, module.DTYPE)
print(module.loss(params, x, y).hex())
print(symnet.compile(symnet.parse({architecture!r}), dtype={dtype!r}, target="numpy-plain").loss(params, x, y).hex())
"""


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("architecture", ["2-3-1", "2-3-2:tanh,softmax;loss=cross_entropy"])
def test_parameters_are_taken_to_another_process(architecture: str, dtype: str) -> None:
    """Where no module has been compiled when they are unpickled, and those that are compiled later take them."""
    made = module(architecture, dtype)
    params = made.Parameters(*(array + OFFSET for array in made.init(0)))
    x, y = np.ones((3, made.INPUTS), dtype), np.full((3, made.OUTPUTS), 1 / made.OUTPUTS, dtype)
    script = PICKLED.format(architecture=architecture, dtype=dtype)
    given = pickle.dumps(params)
    run = subprocess.run([sys.executable, "-c", script], input=given, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode()
    full, plain = map(float.fromhex, run.stdout.decode().split())
    assert full == made.loss(params, x, y)
    assert plain == pytest.approx(full, rel=1e-5)


@pytest.mark.parametrize("target", ["numpy", "numpy-plain"])
@pytest.mark.parametrize("copied", [deepcopy, shallow_copy, *(partial(pickled, protocol) for protocol in range(6))])
def test_copied_and_pickled_parameters_are_parameters_of_the_module(copied: Callable[[Any], Any], target: str) -> None:
    made, again = (symnet.compile(symnet.parse("2-3-1;loss=gaussian_nll"), target=target) for _ in range(2))
    params = made.init(0)
    found = copied(params)
    assert type(found) is type(params) is made.Parameters is again.Parameters
    assert all(map(np.array_equal, found, params))
    assert found.beta.shape == ()
    if copied is not shallow_copy:
        assert not any(np.shares_memory(*pair) for pair in zip(found, params, strict=True))


def test_pickled_parameters_of_one_module_are_taken_by_another_of_the_same_shapes() -> None:
    """A module that is no longer there leaves its parameters behind: their names and arrays."""
    blob = pickle.dumps(symnet.compile(symnet.parse("4-5-1:relu,identity")).init(0))
    other = symnet.compile(symnet.parse("4-5-1:tanh,identity"))
    gc.collect()
    found, x = pickle.loads(blob), np.ones((2, 4))
    assert found._fields == other.Parameters._fields
    assert other.loss(found, x, np.ones(2)) == other.loss(other.Parameters(*found), x, np.ones(2))


@pytest.mark.parametrize("loss", ["half_squared_error", "cross_entropy", "gaussian_nll", "hinge"])
def test_the_sum_over_rows_is_the_mean_times_their_number(loss: str) -> None:
    mean, total = (module(f"3-4-2;loss={loss};reduction={reduction}") for reduction in ("mean", "sum"))
    params, (x, y) = mean.init(0), batch(mean, rows=6)
    mean_value, mean_gradients = mean.value_and_grad(params, x, y)
    sum_value, sum_gradients = total.value_and_grad(params, x, y)
    assert sum_value == pytest.approx(6 * mean_value, rel=1e-14)
    for first, second in zip(mean_gradients, sum_gradients, strict=True):
        np.testing.assert_allclose(6 * first, second, rtol=1e-12, atol=1e-15)


def test_penalties_are_not_divided_by_the_number_of_rows() -> None:
    plain, penalised = module("3-4-2"), module("3-4-2;l1=0.5;l2=0.25")
    params, (x, y) = plain.init(0), batch(plain, rows=6)
    weights = np.concatenate([params.W1.ravel(), params.W2.ravel()])
    penalty = 0.5 * np.abs(weights).sum() + 0.125 * (weights**2).sum()
    assert penalised.loss(params, x, y) == pytest.approx(plain.loss(params, x, y) + penalty, rel=1e-14)
    before, after = plain.gradient(params, x, y), penalised.gradient(params, x, y)
    np.testing.assert_allclose(after.W1, before.W1 + 0.5 * np.sign(params.W1) + 0.25 * params.W1, rtol=1e-13)
    assert np.array_equal(after.b1, before.b1), "biases bear no penalty"


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_integer_labels_one_hot_rows_and_probabilities_are_the_same_targets(dtype: str) -> None:
    made = module("3-4-3;loss=cross_entropy", dtype)
    params, (x, _) = made.init(0), batch(made, rows=6)
    labels = np.array([0, 2, 1, 1, 0, 2])
    one_hot = np.eye(3, dtype=dtype)[labels]
    expected = made.value_and_grad(params, x, one_hot)
    forms = [labels.astype(kind) for kind in (np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint64)]
    for targets in (
        *forms,
        labels.tolist(),
        one_hot.astype(np.int64),
        one_hot.astype(bool),
        one_hot.astype(int).tolist(),
    ):
        value, gradients = made.value_and_grad(params, x, targets)
        assert value == expected[0]
        assert all(np.array_equal(a, b) for a, b in zip(gradients, expected[1], strict=True))
    assert made.loss(params, x, labels.astype(np.int8)) == expected[0]


def test_soft_targets_give_the_mixture_of_the_losses_of_their_labels() -> None:
    made = module("3-4-3;loss=cross_entropy")
    params, (x, _) = made.init(0), batch(made, rows=2)
    mixed = np.array([[0.3, 0.7, 0.0], [0.1, 0.1, 0.8]])
    rows = [[made.loss(params, x[[row]], np.array([label])) for label in range(3)] for row in range(2)]
    assert made.loss(params, x, mixed) == pytest.approx((mixed * rows).sum() / 2, rel=1e-14)
    # Probabilities that another program computed in float32 sum to 1 within its rounding only.
    narrow = np.random.default_rng(0).dirichlet(np.ones(3), 2).astype(np.float32)
    assert made.loss(params, x, narrow) > 0


@pytest.mark.parametrize("architecture", ["3-2:identity;loss=relu(-1-a**2)+1", "3-2:identity;loss=relu(-1-a**2)"])
def test_a_loss_that_is_flat_has_gradients_of_zero(architecture: str) -> None:
    made = module(architecture)
    x, y = batch(made)
    value, gradients = made.value_and_grad(made.init(0), x, y)
    assert value == (2 if architecture.endswith("1") else 0), "of two outputs, the mean over rows"
    assert not any(array.any() for array in gradients)
