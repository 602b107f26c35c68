"""One table of data that do not fit, for each public function of each kind of module that takes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import symnet
from symnet.support.modules import module_from_source

ROWS = 5
REAL, CLASSES, BINARY, PRECISION, SIGNS, SEVERAL = (
    *("3-4-1:tanh,identity", "3-4-2:tanh,softmax;loss=cross_entropy"),
    *("3-4-1:tanh,sigmoid;loss=binary_cross_entropy", "3-4-1:tanh,identity;loss=gaussian_nll"),
    *("3-4-1:tanh,identity;loss=hinge", "3-4-2:tanh,identity"),
)
KINDS: dict[str, dict[str, str]] = {
    "full": {},
    "none": {"target": "numpy-plain"},
    "float32": {"dtype": "float32"},
    "workspace": {},
}


@dataclass(frozen=True)
class Given:
    """Arguments that fit, to be spoilt one at a time."""

    module: ModuleType
    params: Any
    x: Any
    y: Any
    theta: Any
    more: dict[str, Any]


@cache
def module(architecture: str, kind: str) -> ModuleType:
    return module_from_source(symnet.generate(symnet.parse(architecture), **KINDS[kind]), f"{kind}_module")


def given(architecture: str, kind: str) -> Given:
    of = module(architecture, kind)
    rng = np.random.default_rng(0)
    params = of.init(0)
    y = np.full((ROWS, of.OUTPUTS), 1.0 if architecture == SIGNS else 0.5)
    x = rng.standard_normal((ROWS, 3)).astype(of.DTYPE)
    more = {"workspace": of.Workspace(ROWS)} if kind == "workspace" else {}
    return Given(of, params, x, y.astype(of.DTYPE), of.flatten(params), more)


CALLS: dict[str, tuple[frozenset[str], Callable[[Given], Any]]] = {
    "forward": (frozenset(("params", "x")), lambda g: g.module.forward(g.params, g.x, **g.more)),
    "loss": (frozenset(("params", "x", "y")), lambda g: g.module.loss(g.params, g.x, g.y, **g.more)),
    "gradient": (frozenset(("params", "x", "y")), lambda g: g.module.gradient(g.params, g.x, g.y, **g.more)),
    "value_and_grad": (
        frozenset(("params", "x", "y")),
        lambda g: g.module.value_and_grad(g.params, g.x, g.y, **g.more),
    ),
    "value_and_grad_flat": (
        frozenset(("theta", "x", "y")),
        lambda g: g.module.value_and_grad_flat(g.theta, g.x, g.y, **g.more),
    ),
    "flatten": (frozenset(("params",)), lambda g: g.module.flatten(g.params)),
    "unflatten": (frozenset(("theta",)), lambda g: g.module.unflatten(g.theta)),
}
"""The public functions that take data, and which."""


def array(value: Any, dtype: Any) -> Any:
    return np.array(value, dtype=dtype)


OBJECTS, COMPLEX, TEXTS = (np.ones((ROWS, 3), kind) for kind in (object, complex, str))

LABELS = ("rows of probabilities of shape (5, 2) or integer labels of shape (5,)",)
MASKED = ("without a mask", "filled")

WRONG: tuple[tuple[str, str, Callable[[Given], dict[str, Any]], tuple[str, ...]], ...] = (
    # architecture, the name in the message, what is given, what the message says
    (REAL, "x", lambda g: {"x": g.x[:, :2]}, ("(N, 3)", "(5, 2)")),
    (REAL, "x", lambda g: {"x": g.x[0]}, ("(N, 3)", "(3,)")),
    (REAL, "x", lambda g: {"x": g.x[:0], "y": g.y[:0]}, ("at least one row", "(0, 3)")),
    (REAL, "x", lambda g: {"x": OBJECTS}, ("real numbers", "object")),
    (REAL, "x", lambda g: {"x": COMPLEX}, ("real numbers", "complex")),
    (REAL, "x", lambda g: {"x": TEXTS}, ("real numbers", "<U")),
    (REAL, "x", lambda g: {"x": [[1, 2, 3], [4]]}, ("an array of numbers", "list")),
    (REAL, "y", lambda g: {"y": g.y[1:, 0]}, ("(5, 1)", "(4,)")),
    (SEVERAL, "y", lambda g: {"y": g.y[:, 0]}, ("(5, 2)", "(5,)", "each row", "each of the 2 outputs")),
    (SEVERAL, "y", lambda g: {"y": g.y.ravel()}, ("(5, 2)", "(10,)", "each row", "each of the 2 outputs")),
    (REAL, "y", lambda g: {"y": g.y.T}, ("(5, 1)", "(1, 5)")),
    (REAL, "y", lambda g: {"y": g.y[:1]}, ("(5, 1)", "(1, 1)")),
    (REAL, "y", lambda g: {"y": g.y[0, 0]}, ("(5, 1)", "()")),
    (REAL, "y", lambda g: {"y": g.y.astype(object)}, ("real numbers", "object")),
    (REAL, "y", lambda g: {"y": g.y.astype(complex)}, ("real numbers", "complex")),
    (REAL, "y", lambda g: {"y": g.y.astype(str)}, ("real numbers", "<U")),
    (CLASSES, "y", lambda g: {"y": [0, 1, 2, 0, 1]}, ("labels from 0 to 1", "0 to 2")),
    (CLASSES, "y", lambda g: {"y": [0, 1, -1, 0, 1]}, ("labels from 0 to 1", "-1 to 1")),
    (CLASSES, "y", lambda g: {"y": [0, 1]}, ("5 labels", "got 2")),
    (CLASSES, "y", lambda g: {"y": np.eye(3, dtype=g.module.DTYPE)[[0, 1, 2, 0, 1]]}, ("(5, 2)", "(5, 3)")),
    (CLASSES, "y", lambda g: {"y": g.y[:, :1]}, ("(5, 2)", "(5, 1)")),
    (CLASSES, "y", lambda g: {"y": [0.0, 1.0, 0.0, 1.0, 1.0]}, (*LABELS, "float64 of shape (5,); use y.astype(int)")),
    (CLASSES, "y", lambda g: {"y": np.ones(5, bool)}, (*LABELS, "bool of shape (5,); use y.astype(int)")),
    (CLASSES, "y", lambda g: {"y": [[0], [1], [0], [1], [1]]}, (*LABELS, "int64 of shape (5, 1); use y.ravel()")),
    (CLASSES, "y", lambda g: {"y": np.ones((5, 1))}, (*LABELS, "of shape (5, 1); use y.ravel().astype(int)")),
    (SIGNS, "y", lambda g: {"y": [[0], [1], [0], [1], [1]]}, ("-1 or 1, got 0", "2*y - 1")),
    (SIGNS, "y", lambda g: {"y": np.array([True, False, True, True, False])}, ("-1 or 1", "2*y - 1")),
    (SIGNS, "y", lambda g: {"y": g.y * 2}, ("-1 or 1, got 2.0",)),
    (SIGNS, "y", lambda g: {"y": g.y * np.nan}, ("-1 or 1, got nan",)),
    (REAL, "x", lambda g: {"x": np.ma.array(g.x, mask=g.x > 0)}, MASKED),
    (REAL, "x", lambda g: {"x": np.ma.array(g.x)}, MASKED),
    (REAL, "x", lambda g: {"x": [np.ma.array(row, mask=[False, False, True]) for row in g.x]}, MASKED),
    (REAL, "y", lambda g: {"y": np.ma.array(g.y, mask=g.y > 0)}, MASKED),
    (REAL, "y", lambda g: {"y": np.ma.array(g.y[:, 0], mask=g.y[:, 0] > 0)}, MASKED),
    (CLASSES, "y", lambda g: {"y": np.ma.array([0, 1, 0, 1, 1], mask=[0, 0, 0, 0, 1])}, MASKED),
    (BINARY, "y", lambda g: {"y": np.ma.array(g.y, mask=g.y > 0)}, MASKED),
    (SIGNS, "y", lambda g: {"y": np.ma.array(g.y, mask=g.y > 0)}, MASKED),
    (REAL, "W1", lambda g: {"params": g.params._replace(W1=np.ma.array(g.params.W1, mask=g.params.W1 > 0))}, MASKED),
    (PRECISION, "beta", lambda g: {"params": g.params._replace(beta=np.ma.array(g.params.beta, mask=True))}, MASKED),
    (REAL, "theta", lambda g: {"theta": np.ma.array(g.theta, mask=g.theta > 0)}, MASKED),
    (CLASSES, "y", lambda g: {"y": g.y * 2}, ("sum to 1",)),
    (CLASSES, "y", lambda g: {"y": g.y * np.nan}, ("sum to 1", "nan")),
    (BINARY, "y", lambda g: {"y": g.y + 1}, ("from 0 to 1", "1.5")),
    (BINARY, "y", lambda g: {"y": g.y * np.nan}, ("from 0 to 1", "nan")),
    (REAL, "params", lambda g: {"params": g.params[:3]}, ("4 arrays (W1, b1, W2, b2)", "got 3")),
    (REAL, "params", lambda g: {"params": None}, ("4 arrays", "NoneType")),
    (REAL, "W1", lambda g: {"params": g.params._replace(W1=g.params.W1.T)}, ("(3, 4)", "(4, 3)")),
    (REAL, "b1", lambda g: {"params": g.params._replace(b1=g.params.b1[:, None])}, ("(4,)", "(4, 1)")),
    (REAL, "b2", lambda g: {"params": g.params._replace(b2=g.params.b2[0])}, ("(1,)", "()")),
    (REAL, "W2", lambda g: {"params": g.params._replace(W2=g.params.W2.astype(object))}, ("real numbers", "object")),
    (REAL, "W2", lambda g: {"params": g.params._replace(W2=g.params.W2 * 1j)}, ("real numbers", "complex")),
    (REAL, "W2", lambda g: {"params": g.params._replace(W2=g.params.W2.astype(str))}, ("real numbers", "<U")),
    (PRECISION, "beta", lambda g: {"params": g.params._replace(beta=array(0, g.module.DTYPE))}, ("positive", "0.0")),
    (PRECISION, "beta", lambda g: {"params": g.params._replace(beta=array([1], g.module.DTYPE))}, ("()", "(1,)")),
    (REAL, "theta", lambda g: {"theta": g.theta[:-1]}, ("(21,)", "(20,)")),
    (REAL, "theta", lambda g: {"theta": g.theta[:, None]}, ("(21,)", "(21, 1)")),
    (REAL, "theta", lambda g: {"theta": g.theta.astype(object)}, ("real numbers", "object")),
    (REAL, "theta", lambda g: {"theta": g.theta * 1j}, ("real numbers", "complex")),
    (REAL, "theta", lambda g: {"theta": g.theta.astype(str)}, ("real numbers", "<U")),
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("architecture", "name", "spoilt", "parts"), WRONG)
def test_what_does_not_fit_is_a_value_error_of_every_function_that_takes_it(
    architecture: str, name: str, spoilt: Callable[[Given], dict[str, Any]], parts: tuple[str, ...], kind: str
) -> None:
    good = given(architecture, kind)
    wrong = spoilt(good)
    taking = {call: run for call, (arguments, run) in CALLS.items() if set(wrong) & arguments}
    assert taking
    for call, run in taking.items():
        run(good)
        with pytest.raises(ValueError, match=rf"^{name}: expected ") as caught:
            run(Given(**{**vars(good), **wrong}))
        message = str(caught.value)
        assert [part for part in parts if part not in message] == [], f"{call}: {message}"
        assert "\n" not in message
        assert ", got " in message or "a row sums to" in message


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_parameters_that_are_not_finite_are_refused_where_that_is_asked_for(kind: str, value: float) -> None:
    good = given(REAL, kind)
    of = good.module
    assert of.CHECK_FINITE is False
    weights = good.params.W2.copy()
    weights[2, 0] = value
    params = good.params._replace(W2=weights)
    spoilt = Given(**{**vars(good), "params": params, "theta": of.flatten(params)})
    with np.errstate(invalid="ignore"):
        assert not np.isfinite(of.loss(params, good.x, good.y))
        of.CHECK_FINITE = True
        try:
            for call, (_, run) in CALLS.items():
                run(good)
                if call != "unflatten":
                    with pytest.raises(ValueError, match=r"^W2: expected finite .*\(4, 1\), got .* at \(2, 0\)"):
                        run(spoilt)
        finally:
            of.CHECK_FINITE = False


@pytest.mark.parametrize("rng", ["seed", -1, 1.5, [-1], object()])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_seed(rng: Any, kind: str) -> None:
    with pytest.raises(ValueError, match=r"^rng: expected a generator, a seed of at least 0 or None, got "):
        module(REAL, kind).init(rng)


def test_float32_refuses_what_is_wider_with_the_remedy() -> None:
    good = given(REAL, "float32")
    for name, run in (("x", CALLS["forward"][1]), ("y", CALLS["loss"][1]), ("y", CALLS["value_and_grad_flat"][1])):
        wide = Given(**{**vars(good), name: np.asarray(getattr(good, name), np.float64)})
        with pytest.raises(ValueError, match=rf"^{name}: expected dtype float32, got float64; convert it with "):
            run(wide)


@pytest.mark.parametrize("workspace", [5, "w", object()])
def test_what_is_no_workspace(workspace: Any) -> None:
    good = given(REAL, "full")
    for call in ("forward", "loss", "gradient", "value_and_grad", "value_and_grad_flat"):
        with pytest.raises(ValueError, match=r"^workspace: expected "):
            CALLS[call][1](Given(**{**vars(good), "more": {"workspace": workspace}}))


@pytest.mark.parametrize("name", ["batch_size", "block_rows"])
@pytest.mark.parametrize("value", [0, -1, 2.5, True, "8", None])
def test_a_workspace_of_no_size(name: str, value: Any) -> None:
    sizes = {"batch_size": 4, name: value}
    with pytest.raises(ValueError, match=rf"^{name}: expected a positive integer, got "):
        module(REAL, "full").Workspace(**sizes)
