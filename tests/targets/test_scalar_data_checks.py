"""Scalar modules refuse the data that array modules refuse, in the same words, and take the rest."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import symnet
from symnet.support.modules import module_from_source

FORMS: dict[str, dict[str, str]] = {"columns": {"target": "numpy-scalar"}, "floats": {"target": "python"}}
NETWORKS = {
    "real": "2-2-1",
    "signs": "2-2-2;loss=hinge",
    "unit interval": "2-2-2;loss=binary_cross_entropy",
    "probabilities": "2-2-2;loss=cross_entropy",
}
FITTING = {"real": [0.5], "signs": [-1.0, 1.0], "unit interval": [0.25, 1.0], "probabilities": [0.25, 0.75]}


@cache
def module(architecture: str, form: str) -> ModuleType:
    return module_from_source(symnet.generate(architecture, **FORMS[form]), f"{form}_module")


def arguments(of: ModuleType, form: str, y: Any) -> list[Any]:
    """Parameters, one row of inputs and the given targets, as the module takes them."""
    params, x = [0.5] * len(of.PARAMETERS), [0.5, -0.5]
    return [params, x, y] if form == "floats" else [params, [x], np.asarray(y)[None]]


def message(call: Any, *given: Any) -> str | None:
    """The refusal of a call; None where it goes through."""
    try:
        call(*given)
    except ValueError as error:
        return str(error)
    return None


NUMBERS = st.sampled_from([-2.0, -1.0, -0.5, 0.0, 0.25, 0.5, 0.75, 1.0, 2.0, float("nan"), float("inf")])


@pytest.mark.parametrize("kind", ["signs", "unit interval", "probabilities"])
@settings(deadline=None)
@given(y=st.lists(NUMBERS, min_size=2, max_size=2))
def test_targets_are_held_to_the_range_of_the_loss(kind: str, y: list[float]) -> None:
    """What an array module says of a row, scalar modules say too; what it takes, they take."""
    array = symnet_array(NETWORKS[kind])
    expected = message(array.loss, array.init(0), [[0.5, -0.5]], [y])
    for form in FORMS:
        of = module(NETWORKS[kind], form)
        for function in (of.loss, of.value_and_grad):
            said = message(function, *arguments(of, form, y))
            assert (said is None) == (expected is None), (form, y, said, expected)
            if said is not None and expected is not None:
                assert said.replace(", or integer labels", "") == expected.replace(", or integer labels", "")


@cache
def symnet_array(architecture: str) -> ModuleType:
    return symnet.compile(architecture)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("name", ["params", "x", "y"])
def test_what_holds_no_real_numbers_is_refused(kind: str, form: str, name: str) -> None:
    of = module(NETWORKS[kind], form)
    good = arguments(of, form, FITTING[kind])
    place = ("params", "x", "y").index(name)
    fitting = np.asarray(good[place], dtype=float)
    for wrong, words in (
        (np.ma.array(fitting, mask=fitting < 9), "an array without a mask, got a masked array; use"),
        (fitting.astype(complex), "real numbers, got dtype complex128"),
        (fitting.astype(object), "real numbers, got dtype object"),
        (fitting.astype(str), "real numbers, got dtype <U"),
        (fitting[None], ""),
    ):
        for function in (of.loss, of.value_and_grad):
            with pytest.raises(ValueError, match=rf"^{name}: expected {words}"):
                function(*(wrong if i == place else part for i, part in enumerate(good)))


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "identity"])
@pytest.mark.parametrize("kind", [list, tuple])
@pytest.mark.parametrize("name", ["x", "y"])
def test_a_masked_entry_of_a_list_is_refused(name: str, kind: Callable[[Any], Any], activation: str) -> None:
    """It is what an array with a mask gives for an entry; comparisons with it are false, so that relu makes 0 of it."""
    of = module(f"2-2-2:{activation},identity", "floats")
    given = {"params": [0.1] * len(of.PARAMETERS), "x": [1.0, 2.0], "y": [0.5, 0.25]}
    for place in (0, 1):
        wrong = {**given, name: kind([np.ma.masked if i == place else 1.0 for i in range(2)])}
        functions = (of.loss, of.value_and_grad, *([lambda params, x, y: of.forward(params, x)] if name == "x" else []))
        for function in functions:
            with pytest.raises(ValueError, match=rf"^{name}: expected an array without a mask"):
                function(*wrong.values())
    for right in ([1, True], [np.float64(1.0), 2.0], (np.int64(3), 1.5)):
        assert np.isfinite(of.loss(**{**given, name: right}))


@pytest.mark.parametrize("kind", NETWORKS)
def test_arrays_of_one_row_give_floats(kind: str) -> None:
    of = module(NETWORKS[kind], "floats")
    good = arguments(of, "floats", FITTING[kind])
    value, slopes = of.value_and_grad(*map(np.asarray, good))
    assert (value, slopes) == of.value_and_grad(*good) == of.value_and_grad(*map(tuple, good))
    assert {type(entry) for entry in (value, *slopes, of.loss(*map(np.asarray, good)))} == {float}


def test_columns_take_labels_of_classes() -> None:
    of = module(NETWORKS["probabilities"], "columns")
    params, x = [0.1 * place for place in range(len(of.PARAMETERS))], np.ones((3, 2))
    assert of.loss(params, x, [0, 1, 1]) == of.loss(params, x, np.eye(2)[[0, 1, 1]])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("beta", [0.0, -1.0, float("nan")])
def test_a_learned_precision_is_positive(form: str, beta: float) -> None:
    of = module("2-2-1;loss=gaussian_nll", form)
    params, *data = arguments(of, form, [0.5])
    for function in (of.loss, of.value_and_grad):
        with pytest.raises(ValueError, match=r"^beta: expected a positive number, got "):
            function([*params[:-1], beta], *data)
