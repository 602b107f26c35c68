"""What a generated module does with data that does not fit: a ValueError that names the argument, never a broadcast."""

from __future__ import annotations

import re
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from strategies import UNHURRIED, draw_targets, examples

import symnet

REAL = "3-4-2:tanh,identity"
COLUMN = "3-4-1:tanh,identity"
CLASSES = "3-4-2;loss=cross_entropy"
BINARY = "3-4-1;loss=binary_cross_entropy"
PRECISION = "3-4-2;loss=gaussian_nll"
SIGNS = "3-4-1:tanh,identity;loss=hinge"
ROWS = 5


@cache
def module(architecture: str) -> ModuleType:
    return symnet.compile(symnet.parse(architecture))


def fitting(of: ModuleType) -> dict[str, Any]:
    """Parameters, inputs and targets that fit the module, by argument."""
    rng = np.random.default_rng(4)
    y = draw_targets(rng, (ROWS, of.OUTPUTS), of.TARGETS)
    return {"params": of.init(0), "x": rng.standard_normal((ROWS, of.INPUTS)), "y": y}


def refused(architecture: str, argument: str, *parts: str, **wrong: Any) -> None:
    """Every function that takes the wrong argument says what is wrong with it, in one line."""
    of = module(architecture)
    given = fitting(of)
    of.value_and_grad(**given)
    given |= wrong
    calls: list[tuple[Any, list[Any]]] = [
        (function, list(given.values())) for function in (of.loss, of.gradient, of.value_and_grad)
    ]
    if "y" not in wrong:
        calls.append((of.forward, [given["params"], given["x"]]))
    if "params" in wrong:
        calls.append((of.flatten, [given["params"]]))
    else:
        calls.append((of.value_and_grad_flat, [of.flatten(given["params"]), given["x"], given["y"]]))
    for function, arguments in calls:
        with pytest.raises(ValueError, match=rf"^{argument}: expected ") as caught:
            function(*arguments)
        message = str(caught.value)
        assert [part for part in parts if part not in message] == [], message
        assert "\n" not in message


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("W1", (4, 3)),
        ("W1", (3, 5)),
        ("W1", (12,)),
        ("W1", (1, 3, 4)),
        ("W1", (1, 4)),  # would broadcast in nothing but a careless check
        ("W1", ()),
        ("b1", (1,)),
        ("b1", (4, 1)),
        ("b1", (1, 4)),
        ("b1", ()),
        ("W2", (2, 4)),
        ("W2", (4, 1)),
        ("b2", (1,)),
        ("b2", (5, 2)),
    ],
)
def test_a_parameter_of_the_wrong_shape(name: str, shape: tuple[int, ...]) -> None:
    of = module(REAL)
    wrong = of.init(0)._replace(**{name: np.zeros(shape)})
    refused(REAL, name, str(of.SHAPES[name]), str(shape), params=wrong)


@pytest.mark.parametrize("shape", [(1,), (1, 1), (2,)])
def test_a_precision_that_is_no_scalar(shape: tuple[int, ...]) -> None:
    refused(PRECISION, "beta", "()", str(shape), params=module(PRECISION).init(0)._replace(beta=np.ones(shape)))


@pytest.mark.parametrize("precision", [0.0, -1.0, -0.0, np.nan, -np.inf])
def test_a_precision_that_is_not_positive(precision: float) -> None:
    wrong = module(PRECISION).init(0)._replace(beta=np.array(precision))
    refused(PRECISION, "beta", "positive", str(precision), params=wrong)


@pytest.mark.parametrize("number", [0, 1, 3, 5, 8])
def test_too_few_or_too_many_parameters(number: int) -> None:
    params = module(REAL).init(0)
    refused(REAL, "params", "4 arrays", "W1, b1, W2, b2", f"got {number}", params=(*params, *params)[:number])


@pytest.mark.parametrize("params", [None, 3.0, np.zeros(26)])
def test_parameters_that_are_no_tuple(params: Any) -> None:
    with pytest.raises(ValueError, match=r"^params: expected 4 arrays"):
        module(REAL).forward(params, np.zeros((ROWS, 3)))


@pytest.mark.parametrize(
    "shape", [(ROWS, 2), (ROWS, 4), (ROWS, 1), (3,), (ROWS,), (2, ROWS, 3), (ROWS, 3, 1), (), (3, 5)]
)
def test_inputs_of_the_wrong_shape(shape: tuple[int, ...]) -> None:
    refused(REAL, "x", "(N, 3)", str(shape), x=np.zeros(shape))


@pytest.mark.parametrize(
    "shape", [(ROWS,), (ROWS, 1), (ROWS, 3), (ROWS + 1, 2), (1, 2), (2,), (ROWS, 2, 1), (), (2, ROWS), (0, 2)]
)
def test_real_targets_of_the_wrong_shape(shape: tuple[int, ...]) -> None:
    refused(REAL, "y", "(5, 2)", str(shape), y=np.zeros(shape))


@pytest.mark.parametrize("target", ["numpy", "numpy-plain"])
@pytest.mark.parametrize("architecture", [COLUMN, BINARY, SIGNS, "3-1;loss=perceptron", "3-1:identity;loss=a*y"])
@pytest.mark.parametrize("form", [np.ravel, lambda y: y.ravel().tolist(), lambda y: np.repeat(y, 2, axis=0)[::2, 0]])
def test_targets_without_an_axis_of_outputs_are_a_column_where_there_is_one_output(
    architecture: str, form: Any, target: str
) -> None:
    # Broadcast against (5, 1) they would give (5, 5) residuals and a plausible loss.
    of = symnet.compile(symnet.parse(architecture), target=target)
    params, x, y = fitting(of).values()
    value, gradients = of.value_and_grad(params, x, y)
    found, flat = of.value_and_grad(params, x, form(y))
    assert (found, of.loss(params, x, form(y))) == (value, of.loss(params, x, y))
    assert all(map(np.array_equal, flat, gradients))
    assert all(map(np.array_equal, of.gradient(params, x, form(y)), gradients))


@pytest.mark.parametrize("architecture", [COLUMN, BINARY, SIGNS])
@pytest.mark.parametrize("values", [np.zeros(ROWS + 1), np.zeros(1), []])
def test_too_few_or_too_many_targets_without_an_axis_of_outputs(architecture: str, values: Any) -> None:
    refused(architecture, "y", "(5, 1)", str(np.shape(values)), y=values)


@pytest.mark.parametrize("architecture", [REAL, "3-2:sigmoid;loss=binary_cross_entropy", "3-2;loss=hinge"])
def test_targets_without_an_axis_of_outputs_are_refused_where_there_are_several(architecture: str) -> None:
    refused(architecture, "y", "(5, 2)", "(5,)", "each row", "2 outputs", y=np.ones(ROWS))


@pytest.mark.parametrize("architecture", [COLUMN, BINARY])
@pytest.mark.parametrize("shape", [(1, ROWS), (1, 1), (ROWS, 2), (ROWS - 1, 1), (1,), ()])
def test_targets_of_one_unit_in_the_wrong_shape(architecture: str, shape: tuple[int, ...]) -> None:
    refused(architecture, "y", "(5, 1)", str(shape), y=np.zeros(shape))


@pytest.mark.parametrize("architecture", [REAL, CLASSES, BINARY])
def test_an_empty_batch(architecture: str) -> None:
    of = module(architecture)
    refused(architecture, "x", "at least one row", "(0, 3)", x=np.zeros((0, 3)), y=np.zeros((0, of.OUTPUTS)))


@pytest.mark.parametrize("argument", ["x", "y", "W1"])
@pytest.mark.parametrize("architecture", [REAL, CLASSES, BINARY])
@pytest.mark.parametrize(
    "kind", [np.object_, np.complex64, np.complex128, np.str_, np.bytes_, "datetime64[s]", "timedelta64[s]"]
)
def test_arrays_that_hold_no_real_numbers(argument: str, architecture: str, kind: Any) -> None:
    of = module(architecture)
    given = fitting(of)
    if argument == "W1":
        wrong = np.ones((3, 4), int).astype(kind)
        refused(architecture, "W1", "real numbers", str(wrong.dtype), params=given["params"]._replace(W1=wrong))
    else:
        wrong = np.ones(given[argument].shape, int).astype(kind)
        refused(architecture, argument, "real numbers", str(wrong.dtype), **{argument: wrong})


@pytest.mark.parametrize("argument", ["x", "y", "W1"])
@pytest.mark.parametrize("architecture", [REAL, CLASSES, BINARY])
@pytest.mark.parametrize(
    "values", [[[1.0, 2.0, 3.0], [4.0]], [[1.0], 2.0], [[1.0, None, 2.0]] * ROWS, None, "text", {}]
)
def test_what_is_no_array_of_numbers(argument: str, architecture: str, values: Any) -> None:
    if argument == "W1":
        refused(architecture, "W1", params=fitting(module(architecture))["params"]._replace(W1=values))
    else:
        refused(architecture, argument, **{argument: values})


@pytest.mark.parametrize(
    "labels", [[0, 1, 2, 0, 1], [0, 1, -1, 0, 1], [0, 1, 10**9, 0, 1], [0, 1, -(2**63), 0, 1], [0, 1, 2**63, 0, 1]]
)
def test_labels_out_of_range(labels: list[int]) -> None:
    found = np.array(labels, dtype=np.uint64 if max(labels) == 2**63 else np.int64)
    refused(CLASSES, "y", "labels from 0 to 1", f"{min(labels)} to {max(labels)}", y=found)


@pytest.mark.parametrize("number", [1, ROWS - 1, ROWS + 1])
def test_the_wrong_number_of_labels(number: int) -> None:
    refused(CLASSES, "y", f"{ROWS} labels", f"got {number}", y=np.zeros(number, int))


@pytest.mark.parametrize(
    "labels",
    [np.zeros(ROWS), np.zeros(ROWS, np.float32), np.zeros(ROWS, bool), np.zeros((ROWS, 1), int), [], [0.5] * ROWS],
)
def test_labels_that_are_no_integers_in_a_row(labels: Any) -> None:
    refused(CLASSES, "y", "integer labels of shape (5,)", "(5, 2)", str(np.shape(labels)), y=labels)


@given(
    kind=st.sampled_from(("float64", "float32", "float16", "bool", "int64", "uint8")),
    column=st.booleans(),
    classes=st.integers(2, 5),
    data=st.data(),
)
@settings(max_examples=examples(25), **UNHURRIED)
def test_the_remedy_for_labels_of_another_form_is_right(kind: str, column: bool, classes: int, data: Any) -> None:
    labels = data.draw(st.lists(st.integers(0, 1 if kind == "bool" else classes - 1), min_size=ROWS, max_size=ROWS))
    of = module(f"3-{classes};loss=cross_entropy")
    params, x, _ = fitting(of).values()
    y = np.array(labels).astype(kind).reshape((ROWS, 1) if column else ROWS)
    if not column and kind in ("int64", "uint8"):
        reject()
    with pytest.raises(ValueError, match=r"^y: expected .* integer labels of shape \(5,\), got .*; use y") as caught:
        of.loss(params, x, y)
    remedy = str(caught.value).rpartition("; use ")[2]
    mended = {".ravel()": np.ravel, ".astype(int)": lambda array: array.astype(int)}
    for step in re.findall(r"\.\w+\(\w*\)", remedy):
        y = mended[step](y)
    assert of.loss(params, x, y) == of.loss(params, x, np.array(labels))


@pytest.mark.parametrize("labels", [[0.5] * ROWS, [[0.5]] * ROWS, [np.nan] * ROWS, [2.0] * ROWS, [-1.0] * ROWS])
def test_what_is_no_label_of_a_class_has_no_remedy(labels: Any) -> None:
    with pytest.raises(ValueError, match=r"^y: expected .* integer labels") as caught:
        module(CLASSES).loss(**(fitting(module(CLASSES)) | {"y": labels}))
    assert "use" not in str(caught.value)


@pytest.mark.parametrize(
    "row",
    [
        [0.5, 0.4],
        [0.5, 0.5 + 1e-6],
        [0.0, 0.0],
        [1.0, 1.0],
        [np.nan, 1.0],
        [np.inf, 0.0],
        [np.inf, -np.inf],
        [1e308, 1e308],
    ],
)
def test_rows_that_do_not_sum_to_one(row: list[float]) -> None:
    refused(CLASSES, "y", "probabilities", "sum to 1", y=[[0.5, 0.5]] * (ROWS - 1) + [row])


@pytest.mark.parametrize("row", [[-0.5, 1.5], [2.0, -1.0]])
def test_negative_probabilities_are_named_though_the_row_sums_to_one(row: list[float]) -> None:
    refused(CLASSES, "y", "probabilities", str(min(row)), y=[[0.5, 0.5]] * (ROWS - 1) + [row])


@pytest.mark.parametrize("value", [-1e-9, 1 + 1e-9, -1.0, 2.0, np.nan, np.inf])
def test_binary_targets_outside_the_unit_interval(value: float) -> None:
    y = np.full((ROWS, 1), 0.5)
    y[3] = value
    refused(BINARY, "y", "from 0 to 1", str(value), y=y)


def test_labels_of_signs_are_no_binary_targets() -> None:
    refused(BINARY, "y", "from 0 to 1", "-1", y=np.array([[1], [-1], [1], [-1], [1]]))


@pytest.mark.parametrize("loss", ["hinge", "perceptron"])
@pytest.mark.parametrize("outputs", [1, 3])
@given(data=st.data())
@settings(max_examples=examples(15), **UNHURRIED)
def test_targets_of_a_margin_are_signs(loss: str, outputs: int, data: Any) -> None:
    """-1 and 1 in any dtype are taken and mean the same; with any other number among them they are refused by it."""
    architecture = f"3-{outputs};loss={loss}"
    params, x, y = fitting(module(architecture)).values()
    for kind in (np.int8, np.float32, np.int64):
        assert module(architecture).loss(params, x, y.astype(kind)) == module(architecture).loss(params, x, y)
    wrong = data.draw(st.floats(width=64).filter(lambda number: abs(number) != 1))
    y[data.draw(st.integers(0, ROWS - 1)), data.draw(st.integers(0, outputs - 1))] = wrong
    refused(architecture, "y", f"-1 or 1, got {wrong}", y=y)


@pytest.mark.parametrize("loss", ["hinge", "perceptron"])
@pytest.mark.parametrize("kind", [float, int, bool])
def test_the_remedy_for_labels_of_0_and_1_is_right(loss: str, kind: Any) -> None:
    architecture = f"3-1;loss={loss}"
    labels = np.array([0, 1, 1, 0, 1], kind)
    refused(architecture, "y", "-1 or 1", "2*y - 1", y=labels)
    fits, signs = fitting(module(architecture)), np.array([-1.0, 1, 1, -1, 1])
    assert module(architecture).loss(**(fits | {"y": 2 * labels - 1})) == module(architecture).loss(
        **(fits | {"y": signs})
    )


@pytest.mark.parametrize("value", [0.0, 1.0, 0.5])
def test_binary_targets_inside_the_unit_interval_are_taken(value: float) -> None:
    of = module(BINARY)
    given = fitting(of) | {"y": np.full((ROWS, 1), value)}
    assert np.isfinite(of.loss(**given))


@pytest.mark.parametrize("shape", [(25,), (27,), (0,), (1,), (26, 1), (1, 26), (2, 13), ()])
def test_a_vector_of_the_wrong_length(shape: tuple[int, ...]) -> None:
    of = module(REAL)
    given = fitting(of)
    expected = rf"^theta: expected shape \(26,\), got {re.escape(str(shape))}"
    with pytest.raises(ValueError, match=expected):
        of.unflatten(np.zeros(shape))
    with pytest.raises(ValueError, match=expected):
        of.value_and_grad_flat(np.zeros(shape), given["x"], given["y"])


@pytest.mark.parametrize(
    "theta",
    [
        np.zeros(26, complex),
        np.zeros(26, object),
        np.zeros(26).astype(str),
        np.zeros(26).astype(bytes),
        np.zeros(26).astype("datetime64[s]"),
        ["a"] * 26,
        [[1.0], [1.0, 2.0]],
        None,
        {},
    ],
)
def test_a_vector_that_holds_no_real_numbers(theta: Any) -> None:
    of = module(REAL)
    given = fitting(of)
    with pytest.raises(ValueError, match=r"^theta: expected "):
        of.unflatten(theta)
    with pytest.raises(ValueError, match=r"^theta: expected "):
        of.value_and_grad_flat(theta, given["x"], given["y"])


def test_the_flat_interface_refuses_a_precision_that_is_not_positive() -> None:
    of = module(PRECISION)
    given = fitting(of)
    theta = of.flatten(given["params"])
    theta[-1] = -1
    with pytest.raises(ValueError, match=r"^beta: expected a positive number, got -1"):
        of.value_and_grad_flat(theta, given["x"], given["y"])


@pytest.mark.parametrize("loss", ["a+y", "a**2", "abs(a)", "y-a"])
def test_targets_are_checked_even_where_the_gradient_has_no_use_for_them(loss: str) -> None:
    refused(f"3-2:identity;loss={loss}", "y", "(5, 2)", "(5,)", y=np.zeros(ROWS))


def test_a_module_for_forward_use_checks_its_data_too() -> None:
    of = symnet.compile(symnet.parse("3-4-2", hidden="step"), forward_only=True)
    params, x = of.init(0), np.zeros((ROWS, 3))
    with pytest.raises(ValueError, match=r"^x: expected shape \(N, 3\), got \(5, 2\)"):
        of.forward(params, x[:, :2])
    with pytest.raises(ValueError, match=r"^y: expected shape \(5, 2\), got \(5,\); give each row "):
        of.loss(params, x, np.zeros(ROWS))
    with pytest.raises(ValueError, match=r"^W1: expected shape \(3, 4\), got \(4, 3\)"):
        of.forward(params._replace(W1=params.W1.T), x)
