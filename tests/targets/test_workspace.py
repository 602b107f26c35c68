"""Calls with a workspace: what they compute, in blocks of any size, and whose memory the results live in.

The optimised module equals the plain one and the oracle. What memory calls take is asked in `test_workspace_memory.py`.
"""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import copy as shallow_copy
from copy import deepcopy
from functools import cache, partial
from threading import Event
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from strategies import (
    DIGITS,
    UNHURRIED,
    Condition,
    assert_agree,
    draw_targets,
    examples,
    is_moderate,
    module_of,
    networks,
    parameters_of,
    seeds,
    values_for,
)
from test_new_layer_kind import NETWORKS

import symnet
from symnet import Network
from symnet.core.oracle import evaluate

LIMIT = {"float64": 1e-12, "float32": 1e-5}
BOUND = {"float64": 1e100, "float32": 1e12}

CLASSES = "5-7-6-3:tanh,elu,softmax;loss=cross_entropy"
REAL = "4-6-5-2:gelu_tanh,relu,identity;loss=mean_squared_error;l1=0.02;l2=0.1"
BINARY = "3-6-1:silu,sigmoid;loss=binary_cross_entropy"
PRECISE = "3-5-2:softplus,identity;loss=gaussian_nll"
WIDE = "40-36-50-3:leaky_relu,selu,softmax;loss=cross_entropy"
TALL = "300-40-2[bias=false]:softsign,identity;loss=huber;reduction=sum"
MIXED = "5-5[residual]-40[radial_basis]-6[bias=false]-2;loss=log(cosh(a-y))"
GROWING = "4-2:exp(z);loss=mean_squared_error"
CONSTANT = "3-2:identity;loss=1+relu(-1-a**2)"
ARCHITECTURES = (CLASSES, REAL, BINARY, PRECISE, WIDE, TALL, MIXED, CONSTANT)

ROWS = 23
FUNCTIONS = ("forward", "loss", "gradient", "value_and_grad")


@cache
def module(architecture: str, dtype: str = "float64", target: str = "numpy") -> ModuleType:
    return symnet.compile(symnet.parse(architecture), dtype=dtype, target=target)


@cache
def case(architecture: str, rows: int = ROWS, seed: int = 1, dtype: str = "float64") -> tuple[Any, Any, Any]:
    """Parameters, inputs and targets."""
    of = module(architecture, dtype)
    rng = np.random.default_rng(seed)
    params = of.Parameters(*(np.asarray(array + np.asarray(0.125, dtype)) for array in of.init(rng)))
    y = draw_targets(rng, (rows, of.OUTPUTS), of.TARGETS)
    return params, rng.standard_normal((rows, of.INPUTS)).astype(dtype), y.astype(dtype)


def workspaces(of: ModuleType, rows: int) -> Iterator[tuple[str, Any]]:
    """None, and workspaces of any size, those that do not hold all rows among them."""
    yield "none", None
    for size in (rows, rows + 3):
        yield f"Workspace({size})", of.Workspace(size)
    for options in ({"block_rows": 1}, {"block_rows": 2}, {"block_rows": 7}):
        yield f"Workspace({rows}, {options})", of.Workspace(rows, **options)
    for size in (1, max(1, rows // 2), 3):
        yield f"Workspace({size})", of.Workspace(size)


def everything(of: ModuleType, params: Any, x: Any, y: Any, work: Any = None) -> dict[str, np.ndarray[Any, Any]]:
    """All results, copied, by the names of the functions and parameters.

    Without those of functions that need more rows at once than the workspace holds: such a one is refused.
    """
    options = {} if work is None else {"workspace": work}
    too_large = of.WHOLE if work is not None and len(x) > work.rows else frozenset()
    found: dict[str, np.ndarray[Any, Any]] = {}
    for name in FUNCTIONS:
        data = (x,) if name == "forward" else (x, y)
        if name in too_large:
            with pytest.raises(ValueError, match=r"^x: expected at most "):
                getattr(of, name)(params, *data, **options)
            continue
        found |= told_apart(name, getattr(of, name)(params, *data, **options))
    return found


def told_apart(name: str, result: Any) -> dict[str, np.ndarray[Any, Any]]:
    """What a function returns, copied."""
    if name == "value_and_grad":
        return {"value": np.array(result[0])} | {each: array.copy() for each, array in result[1]._asdict().items()}
    if name == "gradient":
        return {f"{each} alone": array.copy() for each, array in result._asdict().items()}
    return {name: np.array(result)}


def assert_same(found: dict[str, Any], expected: dict[str, Any], limit: float, told: str = "") -> None:
    """Hold arrays to others norm-wise."""
    assert found.keys() == expected.keys()
    for name, array in found.items():
        assert array.shape == expected[name].shape, (name, told)
        assert np.abs(array - expected[name]).max() <= limit * np.abs(expected[name]).max(), (name, told)


# What they compute.


@given(
    network=networks(deepest=3),
    count=st.integers(1, 9),
    seed=seeds,
    dtype=st.sampled_from(("float64",) * 3 + ("float32",)),
)
@settings(max_examples=examples(12), **UNHURRIED)
def test_random_networks_equal_the_oracle_in_any_blocks(network: Network, count: int, seed: int, dtype: str) -> None:
    check_against_oracle(network, count, seed, dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ["batch_norm-classifier", "gated", "layer_norm", "attention", "bilinear"])
def test_new_kinds_of_layers_equal_the_oracle_in_any_blocks(name: str, dtype: str) -> None:
    check_against_oracle(NETWORKS[name], 5, 1, dtype)


def check_against_oracle(network: Network, count: int, seed: int, dtype: str) -> None:
    derivation = symnet.derive(network)
    program, outputs = derivation.program, derivation.program.outputs
    values = values_for(network, program, count, seed, dtype)
    if not is_moderate(program, values, BOUND[dtype]):
        reject()
    exact = evaluate(program, values, digits=DIGITS)
    plain, fast = (module_of(derivation, dtype=dtype, target=target) for target in ("numpy-plain", "numpy"))
    data = (parameters_of(fast, values), values["x"], values["y"])
    runs = {"plain": everything(plain, plain.Parameters(*data[0]), *data[1:])}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        runs |= {told: everything(fast, *data, work) for told, work in workspaces(fast, count)}
    public, condition = {"forward": "prediction", "value": "loss"}, Condition(program, values, dtype)
    for told, found in runs.items():
        named = {outputs[public.get(name.split()[0], name.split()[0])]: array for name, array in found.items()}
        try:
            assert_agree(program, values, exact, named, LIMIT[dtype], dtype, condition)
        except AssertionError as error:
            raise AssertionError(f"{told}: {error}") from None


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_any_workspace_gives_what_the_plain_module_gives(architecture: str, dtype: str) -> None:
    plain, fast = module(architecture, dtype, "numpy-plain"), module(architecture, dtype)
    params, x, y = case(architecture, dtype=dtype)
    expected = everything(plain, plain.Parameters(*params), x, y)
    for told, work in workspaces(fast, ROWS):
        for _ in range(2):
            assert_same(everything(fast, params, x, y, work), expected, LIMIT[dtype], told)


FORMS: dict[str, Callable[[Any], Any]] = {
    "lists": lambda array: array.tolist(),
    "columns first": np.asfortranarray,
    "every second of more": lambda array: np.repeat(array, 2, axis=-1)[..., ::2] if array.ndim else array,
    "backwards": lambda array: np.ascontiguousarray(array[::-1])[::-1] if array.ndim else array,
    "the other byte order": lambda array: array.astype(array.dtype.newbyteorder()),
    "single precision": lambda array: array.astype(np.float32).astype(np.float64),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("architecture", [CLASSES, REAL, TALL])
def test_data_of_any_form(architecture: str, form: str) -> None:
    fast, change = module(architecture), FORMS[form]
    params, x, y = case(architecture)
    if form == "single precision":
        params, x, y = type(params)(*map(change, params)), change(x), change(y)
        change = lambda array: array.astype(np.float32)  # noqa: E731
    expected = everything(fast, params, x, y)
    for work in (None, fast.Workspace(ROWS), fast.Workspace(7), fast.Workspace(8, block_rows=3)):
        found = everything(fast, fast.Parameters(*map(change, params)), change(x), change(y), work)
        assert_same(found, expected, 1e-13, form)


@pytest.mark.parametrize("kind", [np.int64, np.uint8, list])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_labels_are_one_hot_rows_in_any_blocks(dtype: str, kind: Any) -> None:
    fast = module(CLASSES, dtype)
    params, x, _ = case(CLASSES, dtype=dtype)
    labels = np.random.default_rng(5).integers(0, fast.OUTPUTS, ROWS)
    given_labels = labels.tolist() if kind is list else labels.astype(kind)
    expected = everything(fast, params, x, np.eye(fast.OUTPUTS, dtype=dtype)[labels])
    for told, work in workspaces(fast, ROWS):
        assert_same(everything(fast, params, x, given_labels, work), expected, LIMIT[dtype], told)


# Whose memory it is.


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_results_live_in_the_workspace_that_was_given(architecture: str) -> None:
    fast = module(architecture)
    params, x, y = case(architecture)
    _, other_x, other_y = case(architecture, seed=2)
    work = fast.Workspace(ROWS)
    _, early = fast.value_and_grad(params, x, y, workspace=work)
    _, late = fast.value_and_grad(params, other_x, other_y, workspace=work)
    assert all(np.shares_memory(*pair) for pair in zip(early, late, strict=True))
    assert all(np.array_equal(*pair) for pair in zip(early, late, strict=True))
    arguments = [*params, x, y, other_x, other_y]
    assert not any(np.shares_memory(array, other) for array in late for other in arguments)
    assert not any(np.shares_memory(a, b) for place, a in enumerate(late) for b in late[:place])
    kept = fast.forward(params, x, workspace=work)
    copy = kept.copy()
    fast.forward(params, other_x, workspace=work)
    assert np.array_equal(kept, copy), "predictions are always new"


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("options", [None, {}, {"block_rows": 4}], ids=str)
def test_arguments_are_not_changed(architecture: str, options: dict[str, int] | None) -> None:
    fast = module(architecture)
    params, x, y = case(architecture)
    arguments = [*(array.copy() for array in params), x.copy(), y.copy()]
    for array in arguments:
        array.flags.writeable = False
    work = None if options is None else fast.Workspace(ROWS, **options)
    everything(fast, fast.Parameters(*arguments[:-2]), arguments[-2], arguments[-1], work)
    assert all(np.array_equal(*pair) for pair in zip(arguments, [*params, x, y], strict=True))


def test_two_workspaces_and_two_modules_do_not_know_each_other() -> None:
    first, second = module(CLASSES), module(WIDE)
    again = symnet.compile(symnet.parse(CLASSES))
    cases = [(first, CLASSES, 1), (first, CLASSES, 2), (second, WIDE, 1), (again, CLASSES, 3)]
    data = []
    for of, architecture, seed in cases:
        params, x, y = case(architecture, seed=seed)
        data.append((of.Parameters(*params), x, y))
    works = [of.Workspace(5) for of, _, _ in cases]
    found = [of.gradient(*its, workspace=work) for (of, _, _), its, work in zip(cases, data, works, strict=True)]
    for gradients, (of, _, _), its in zip(found, cases, data, strict=True):
        assert_same(gradients._asdict(), of.gradient(*its)._asdict(), 1e-13)


def test_a_workspace_of_another_module_is_refused() -> None:
    params, x, y = case(CLASSES)
    for wrong in (module(WIDE).Workspace(ROWS), 5, "work", module(CLASSES).Workspace):
        with pytest.raises(ValueError, match=r"^workspace: expected a Workspace of this module, got "):
            module(CLASSES).value_and_grad(params, x, y, workspace=wrong)


@pytest.mark.parametrize("architecture", [CLASSES, REAL, TALL, MIXED])
@pytest.mark.parametrize("options", [{}, {"block_rows": 3}, {"block_rows": 5}], ids=str)
def test_one_workspace_serves_all_functions_in_turn(architecture: str, options: dict[str, int]) -> None:
    """With batches of all sizes, so that buffers and their ones move about."""
    fast = module(architecture)
    rng = np.random.default_rng(3)
    work = fast.Workspace(16, **options)
    for rows in (16, 3, 16, 1, 40, 5, 17, 16):
        params, x, y = case(architecture, rows, seed=rows)
        for name in rng.permutation(FUNCTIONS):
            arguments = (params, x) if name == "forward" else (params, x, y)
            alone = getattr(fast, name)(*arguments)
            found = getattr(fast, name)(*arguments, workspace=work)
            assert_same(by_name(found), by_name(alone), 1e-12, f"{name} of {rows} rows")


def by_name(result: Any) -> dict[str, Any]:
    """The arrays of a result."""
    if isinstance(result, tuple) and not hasattr(result, "_asdict"):
        return {"value": np.array(result[0]), **result[1]._asdict()}
    found: dict[str, Any] = result._asdict() if hasattr(result, "_asdict") else {"result": np.asarray(result)}
    return found


def test_more_sizes_of_batches_than_views_are_kept_of() -> None:
    fast, work = module(CLASSES), module(CLASSES).Workspace(80)
    params, x, y = case(CLASSES, 80)
    for rows in (*range(1, 81), 3, 80):
        value, gradients = fast.value_and_grad(params, x[:rows], y[:rows], workspace=work)
        wanted, expected = fast.value_and_grad(params, x[:rows], y[:rows])
        assert value == pytest.approx(wanted, rel=1e-13)
        assert_same(gradients._asdict(), expected._asdict(), 1e-12, str(rows))


def test_what_an_earlier_call_left_behind_is_not_seen() -> None:
    """A call that overflows, and one that loses its data to NaN: the next neither changes nor warns."""
    fast = module(REAL)
    params, x, y = case(REAL)
    expected = everything(fast, params, x, y)
    for options in ({}, {"block_rows": 4}):
        work = fast.Workspace(ROWS, **options)
        for bad in (np.full_like(x, 1e300), np.full_like(x, np.nan), -np.full_like(x, np.inf)):
            for name in FUNCTIONS:
                with np.errstate(all="ignore"):
                    fast.value_and_grad(params, bad, y, workspace=work)
                arguments = (params, x) if name == "forward" else (params, x, y)
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    getattr(fast, name)(*arguments, workspace=work)
            assert_same(everything(fast, params, x, y, work), expected, 1e-12, str(options))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_what_the_memory_held_before_is_not_seen(architecture: str) -> None:
    """A new workspace is not cleared: neither results nor warnings may come from what stood there."""
    fast = module(architecture)
    params, x, y = case(architecture)
    expected = everything(fast, params, x, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for left in (float(np.finfo(np.float64).max), np.nan):
            for _, work in workspaces(fast, ROWS):
                fill(work, left)
                assert_same(everything(fast, params, x, y, work), expected, LIMIT["float64"])


def fill(work: Any, number: float) -> None:
    """Write a number all over a workspace."""
    for part in vars(work).values() if work is not None else ():
        if isinstance(part, np.ndarray):
            part.fill(number)
        for other in part if isinstance(part, list) else ():
            fill(other, number)


@given(data=st.data(), architecture=st.sampled_from((CLASSES, BINARY, PRECISE, MIXED)))
@settings(max_examples=examples(20), **UNHURRIED)
def test_any_calls_with_one_workspace_are_the_pure_ones(data: Any, architecture: str) -> None:
    """And gradients stay as they are through calls that return none."""
    fast = module(architecture)
    work = fast.Workspace(data.draw(st.integers(1, 9)), block_rows=data.draw(st.integers(1, 9)))
    kept: list[tuple[Any, Any]] = []
    names, rows, number = st.sampled_from(FUNCTIONS), st.integers(1, 20), st.integers(1, 3)
    for name, count, seed in data.draw(st.lists(st.tuples(names, rows, number), min_size=1, max_size=12)):
        params, x, y = case(architecture, count, seed)
        arguments = (params, x) if name == "forward" else (params, x, y)
        found, pure = getattr(fast, name)(*arguments, workspace=work), getattr(fast, name)(*arguments)
        if name in ("gradient", "value_and_grad"):
            gradients = found if name == "gradient" else found[1]
            kept = [(gradients, copied(gradients))]
        elif name == "forward":
            kept.append((found, copied(found)))
        assert_same(named(found), named(pure), 1e-12, name)
        for early, before in kept:
            assert_same(named(early), named(before), 0, name)


def copied(result: Any) -> Any:
    return result.copy() if isinstance(result, np.ndarray) else type(result)(*(array.copy() for array in result))


def named(result: Any) -> dict[str, np.ndarray[Any, Any]]:
    """The arrays of a result, by their places in it."""
    if isinstance(result, tuple):
        return {f"{place} {key}": array for place, part in enumerate(result) for key, array in named(part).items()}
    return {"": np.asarray(result)}


# One call at a time.


@pytest.mark.parametrize("first", ["loss", "value_and_grad", "value_and_grad_flat"])
@pytest.mark.parametrize("second", [*FUNCTIONS, "value_and_grad_flat"])
def test_a_workspace_in_use_is_refused_to_another_thread(
    first: str, second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast = module(CLASSES)
    params, x, y = case(CLASSES)
    calls = {name: partial(getattr(fast, name), params, x, y) for name in FUNCTIONS[1:]}
    calls |= {"forward": partial(fast.forward, params, x)}
    calls |= {"value_and_grad_flat": partial(fast.value_and_grad_flat, fast.flatten(params), x, y)}
    expected, work = calls[first](), fast.Workspace(ROWS, block_rows=4)
    entered, leave = Event(), Event()
    held = f"_{first.removesuffix('_flat')}_block"
    block = fast.__dict__[held]

    def slow(*arguments: Any) -> None:
        entered.set()
        assert leave.wait(60)
        block(*arguments)

    monkeypatch.setattr(fast, held, slow)
    with ThreadPoolExecutor(1) as other:
        waiting = other.submit(calls[first], workspace=work)
        assert entered.wait(60)
        with pytest.raises(RuntimeError, match=r"^workspace: expected one that is free, got one in use; ") as caught:
            calls[second](workspace=work)
        leave.set()
        found = waiting.result()
    assert "\n" not in str(caught.value)
    assert_same(named(found), named(expected), 1e-12)
    monkeypatch.undo()
    assert_same(named(calls[second](workspace=work)), named(calls[second]()), 1e-12)


def test_a_call_from_within_a_call_is_refused() -> None:
    """What NumPy calls on an overflow may call the module again, in the midst of a block."""
    fast = module(GROWING)
    params, x, y = case(GROWING)
    work = fast.Workspace(ROWS)
    expected = everything(fast, params, x, y)

    def again(kind: str, flag: int) -> None:
        fast.loss(params, x, y, workspace=work)

    huge = 1e4 * np.sign(params.W1[:, 0]) * np.ones((ROWS, 1))
    with np.errstate(over="call", call=again), pytest.raises(RuntimeError, match=r"^workspace: .* in use"):
        fast.value_and_grad(params, huge, y, workspace=work)
    assert_same(everything(fast, params, x, y, work), expected, 1e-12)


def test_a_call_that_raises_gives_the_workspace_back() -> None:
    fast = module(GROWING)
    params, x, y = case(GROWING)
    work = fast.Workspace(ROWS)
    expected = everything(fast, params, x, y)
    huge = 1e4 * np.sign(params.W1[:, 0]) * np.ones((ROWS, 1))
    for name in FUNCTIONS:
        arguments = (params, huge) if name == "forward" else (params, huge, y)
        with np.errstate(over="raise"), pytest.raises(FloatingPointError):
            getattr(fast, name)(*arguments, workspace=work)
        with pytest.raises(ValueError, match=r"^params: "):
            getattr(fast, name)((), *arguments[1:], workspace=work)
        assert_same(everything(fast, params, x, y, work), expected, 1e-12)


@pytest.mark.parametrize("architecture", [CLASSES, REAL, PRECISE])
def test_gradients_in_the_workspace_are_no_parameters_of_a_call_that_writes_there(architecture: str) -> None:
    fast = module(architecture)
    params, x, y = case(architecture)
    work = fast.Workspace(ROWS)
    gradients = fast.value_and_grad(params, x, y, workspace=work)[1]
    if architecture == PRECISE:
        gradients.beta[...] = 1  # which has to be positive
    own = copied(gradients)
    assert fast.loss(gradients, x, y, workspace=work) == fast.loss(own, x, y)
    assert np.array_equal(fast.forward(gradients, x, workspace=work), fast.forward(own, x))
    mixed = params._replace(b1=gradients.b1[:])
    for wrong in (gradients, mixed, tuple(gradients)):
        for call in (fast.gradient, fast.value_and_grad):
            with pytest.raises(ValueError, match=r"^params: expected arrays of their own, got gradients"):
                call(wrong, x, y, workspace=work)
    assert_same(named(fast.gradient(gradients, x, y)), named(fast.gradient(own, x, y)), 0, "without the workspace")
    assert_same(named(fast.gradient(own, x, y, workspace=work)), named(fast.gradient(own, x, y)), 1e-12)


@pytest.mark.parametrize("rows", [2, 4])
@pytest.mark.parametrize("name", ["x", "y"])
def test_gradients_in_the_workspace_are_no_data_of_a_call_that_writes_there(name: str, rows: int) -> None:
    """They were overwritten from the second block of rows on, and the loss was that of what stood there then."""
    fast = module("2-3-3")
    params, rng = fast.init(0), np.random.default_rng(0)
    x, y, work = rng.standard_normal((4, 2)), np.ones((4, 3)), fast.Workspace(rows)
    gradients = fast.gradient(params, x, y, workspace=work)
    data = (gradients.W1.T, y[:3]) if name == "x" else (x[:3], gradients.W2)
    own = tuple(map(np.copy, data))
    for call in (fast.gradient, fast.value_and_grad):
        with pytest.raises(ValueError, match=rf"^{name}: expected arrays of their own, got gradients"):
            call(params, *data, workspace=work)
    assert all(map(np.array_equal, data, own))
    assert fast.loss(params, *data, workspace=work) == pytest.approx(fast.loss(params, *own), rel=1e-14)


@pytest.mark.parametrize("copy", [pickle.dumps, deepcopy, shallow_copy])
def test_a_workspace_is_not_copied(copy: Callable[[Any], Any]) -> None:
    """Its arrays lie in one another's memory, which those of a copy would not."""
    with pytest.raises(TypeError, match=r"a Workspace is memory .*; make another one"):
        copy(module(CLASSES).Workspace(3))


def test_scipy_trains_with_a_workspace() -> None:
    fast = module("2-8-2:tanh,softmax;loss=cross_entropy")
    rng = np.random.default_rng(2)
    x = rng.uniform(-1, 1, (60, 2))
    y = (x[:, 0] * x[:, 1] > 0).astype(int)
    start = fast.flatten(fast.init(5))
    options = {"jac": True, "method": "L-BFGS-B", "options": {"maxiter": 60}}
    for work in (fast.Workspace(60), fast.Workspace(25), fast.Workspace(60, block_rows=20)):
        found = minimize(partial(fast.value_and_grad_flat, x=x, y=y, workspace=work), start, **options)
        assert found.fun < fast.value_and_grad_flat(start, x, y)[0] / 5
        assert fast.loss(fast.unflatten(found.x), x, y) == pytest.approx(found.fun, rel=1e-12)
        early = fast.value_and_grad_flat(start, x, y, workspace=work)[1]
        kept = early.copy()
        fast.value_and_grad_flat(found.x, x, y, workspace=work)
        assert np.array_equal(early, kept), "optimisers keep the vectors that they get"


# What is refused.


@pytest.mark.parametrize("wrong", [0, -1, True, False, 1.5, 2.0, "3", None, [4], np.float64(3)])
@pytest.mark.parametrize("name", ["batch_size", "block_rows"])
def test_sizes_of_a_workspace_are_positive_integers(name: str, wrong: Any) -> None:
    arguments = {"batch_size": 4, name: wrong}
    with pytest.raises(ValueError, match=rf"^{name}: expected a positive integer, got "):
        module(CLASSES).Workspace(**arguments)


@pytest.mark.parametrize("kind", [int, np.int32, np.uint8, np.int64])
def test_sizes_of_a_workspace_may_be_any_integer(kind: Callable[[int], Any]) -> None:
    params, x, y = case(CLASSES)
    work = module(CLASSES).Workspace(kind(5), block_rows=kind(3))
    assert module(CLASSES).loss(params, x, y, workspace=work) == pytest.approx(module(CLASSES).loss(params, x, y))


@pytest.mark.parametrize("name", ["batch_norm", "gated"])
def test_rows_that_depend_on_all_rows_must_fit_into_the_workspace(name: str) -> None:
    fast = symnet.compile(NETWORKS[name])
    values = values_for(NETWORKS[name], symnet.derive(NETWORKS[name]).program, 9, 1)
    params, x, y = parameters_of(fast, values), values["x"], values["y"]
    work = fast.Workspace(8, block_rows=2)
    for call in (fast.loss, fast.gradient, fast.value_and_grad):
        with pytest.raises(ValueError, match=r"^x: .*\b8 rows\b.*\b9\b"):
            call(params, x, y, workspace=work)
    with pytest.raises(ValueError, match=r"^x: .*\b8 rows\b.*\b9\b"):
        fast.forward(params, x, workspace=work)
    assert_same(everything(fast, params, x[:8], y[:8], work), everything(fast, params, x[:8], y[:8]), 1e-13)


@pytest.mark.parametrize("place", [0, 4, 21, 22])
@pytest.mark.parametrize("options", [{}, {"block_rows": 4}, {"block_rows": 7}], ids=str)
def test_targets_that_are_refused_leave_the_workspace_as_good_as_new(options: dict[str, int], place: int) -> None:
    fast = module(CLASSES)
    params, x, y = case(CLASSES)
    expected = everything(fast, params, x, y)
    labels, shares = np.zeros(ROWS, int), y.copy()
    labels[place], shares[place] = fast.OUTPUTS, 0.5
    work = fast.Workspace(ROWS, **options)
    for wrong in (labels, shares):
        for call in (fast.loss, fast.gradient, fast.value_and_grad):
            with pytest.raises(ValueError, match=r"^y: expected "):
                call(params, x, wrong, workspace=work)
            assert_same(everything(fast, params, x, y, work), expected, 1e-12)
