"""The oracle: textbook numbers by hand, its errors, and that comparisons with it can fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given as draws
from hypothesis import strategies as st
from strategies import (
    DIGITS,
    assert_agree,
    assert_is_gradient,
    parameters_of,
    plain_equation,
    positions_to_check,
    relative_error,
    values_for,
)
from sympy import Expr, Function, Integer, KroneckerDelta, Mul, Rational, Sum, log, pi, sqrt

import symnet
from symnet.core.index_algebra import index
from symnet.core.oracle import evaluate, numerical_gradient
from symnet.core.program import Array, Program
from symnet.core.sizes import BATCH, size_symbol
from symnet.core.verify import verify
from symnet.functions.logistic import sigmoid
from symnet.functions.rows import AccurateSoftmax, log_softmax, softmax
from symnet.lower import arrays
from symnet.lower.arrays import Statement
from symnet.lower.lowering import lower
from symnet.support.errors import LoweringError, VerificationError
from symnet.targets.numpy.module import optimized_module
from symnet.targets.numpy_plain.module import numpy_module

# The 2-2-1 network of `downie.txt`, "The principles behind back propagation". The figure with the
# weights of the second hidden node is missing there; these three give the two activations that are
# printed for it, 0.622 at (3, -2) and 0.689 at (-1, 1).
DOWNIE = {
    "W1": np.array([[0.2, 0.3], [0.4, 0.5]]),
    "b1": np.array([0.1, 0.6]),
    "W2": np.array([[0.6], [0.2]]),
    "b2": np.array([0.4]),
    "x": np.array([[3.0, -2.0], [-1.0, 1.0]]),
    "y": np.array([[1.2], [0.7]]),
}


@pytest.fixture(name="downie", scope="module")
def downie_derivation() -> symnet.Derivation:
    return symnet.derive(symnet.parse("2-2-1", loss="squared_error", reduction="sum"))


@pytest.mark.parametrize("digits", [None, DIGITS])
def test_textbook_forward_pass(downie: symnet.Derivation, digits: int | None) -> None:
    result = evaluate(downie.forward, DOWNIE, digits=digits)
    assert printed(result["z1"][0]) == [-0.1, 0.5]
    assert printed(result["a1"][0]) == [0.475, 0.622]
    assert [float(entry) for entry in result["a1"][1]] == pytest.approx([0.574, 0.689], abs=1e-3)  # printed cut off
    assert [float(entry) for entry in result["a2"][:, 0]] == pytest.approx([0.809, 0.882], abs=1e-3)
    assert float(result["C"][()]) == pytest.approx((1.2 - 0.8093) ** 2 + (0.7 - 0.8827) ** 2, abs=1e-3)


def test_textbook_nudges(downie: symnet.Derivation) -> None:
    """How much the output moves with each parameter, as printed; 0.045 there is a misprint of 0.047."""
    first = {**DOWNIE, "x": DOWNIE["x"][:1], "y": DOWNIE["y"][:1]}
    result = evaluate(downie.program, first, digits=DIGITS)
    slope = 2 * (result[downie.program.outputs["prediction"]][0, 0] - mpmath.mpf(1.2))
    nudges = {name: result[array] / slope for name, array in downie.gradients.items()}
    assert printed(nudges["W1"][:, 0]) == [0.449, -0.299]
    assert printed(nudges["b1"]) == [0.150, 0.047]
    assert printed(nudges["W1"][:, 1]) == [0.141, -0.094]
    assert printed(nudges["W2"].ravel()) == [0.475, 0.622]
    assert printed(nudges["b2"]) == [1.0]


def printed(numbers: Any) -> list[float]:
    """Numbers as the notes print them."""
    return [round(float(number), 3) for number in numbers]


def small_program(rhs: Expr, *given: Array, indices: tuple[Any, ...] = (), sizes: dict[Any, int] | None = None) -> Any:
    """A program of one equation."""
    return Program(given, (plain_equation(Array("result", indices), rhs),), sizes or {}, {"loss": "result"})


D = size_symbol("d")
J, K = index("j", D), index("k", D)
VECTOR = Array("v", (K,), "parameter")


def test_softmax_rows_at_50_digits() -> None:
    program = small_program(softmax(VECTOR.reference, K), VECTOR, indices=(K,), sizes={D: 3})
    given = np.array([0.5, -1.25, 2.0])
    found = evaluate(program, {"v": given}, digits=DIGITS)["result"]
    with mpmath.workdps(60):
        exponentials = [mpmath.exp(mpmath.mpf(entry)) for entry in given]
        for entry, exponential in zip(found, exponentials, strict=True):
            assert abs(entry - exponential / sum(exponentials)) < mpmath.mpf(10) ** -49
        assert abs(sum(found) - 1) < mpmath.mpf(10) ** -49


@pytest.mark.parametrize("digits", [None, DIGITS])
@pytest.mark.parametrize("size", [1e3, 1e300])
def test_softmax_does_not_overflow(size: float, digits: int | None) -> None:
    for function, expected in ((softmax, [1, 0]), (log_softmax, [0, -2 * size])):
        program = small_program(function(VECTOR.reference, K), VECTOR, indices=(K,), sizes={D: 2})
        found = evaluate(program, {"v": np.array([size, -size])}, digits=digits)["result"]
        assert [float(entry) for entry in found] == expected


def test_a_softmax_under_another_name_has_no_value() -> None:
    """As the twins of elementwise functions have none: it was taken for a log_softmax."""
    program = small_program(AccurateSoftmax(VECTOR.reference, K), VECTOR, indices=(K,), sizes={D: 2})
    with pytest.raises(VerificationError, match="AccurateSoftmax has no value"):
        evaluate(program, {"v": np.array([1.0, 2.0])})


def test_sums_deltas_and_fractions_by_hand() -> None:
    matrix = Array("m", (J, K), "parameter")
    values = {"m": np.array([[1.0, 2.0], [3.0, 4.0]])}
    cases = {
        Sum(matrix.reference, J, K): 10,
        Sum(matrix.at((J, J)), J): 5,
        Sum(matrix.reference * KroneckerDelta(J, K), J, K): 5,
        Sum(matrix.reference * KroneckerDelta(J, 0), J, K): 3,
        Sum((J + 1) * matrix.reference, J, K): 17,
        Sum(Sum(matrix.reference, K) ** 2, J): 58,
        Rational(1, 3) * matrix.at((1, 0)): 1,
        sqrt(matrix.at((1, 1))) - 1 / matrix.at((0, 1)): 1.5,
        D * matrix.at((0, 0)): 2,
    }
    for expression, expected in cases.items():
        for digits in (None, DIGITS):
            found = evaluate(small_program(expression, matrix, sizes={D: 2}), values, digits=digits)["result"][()]
            assert float(found) == pytest.approx(expected, rel=1e-15), expression


@pytest.mark.parametrize("digits", [None, DIGITS])
def test_a_position_outside_of_an_array_is_0(digits: int | None) -> None:
    """On either side, in any axis, at a number and from any expression; a product with such a factor is 0."""
    at = lambda position: VECTOR.at((position,))  # noqa: E731
    given = np.array([2.0, 3.0, 5.0])
    cases = {
        at(K - 1): [0, 2, 3],
        at(K + 1): [3, 5, 0],
        at(2 * K - 1): [0, 3, 0],
        at(D - 1 - K): [5, 3, 2],
        at(Integer(7)): [0, 0, 0],
        at(Integer(-1)): [0, 0, 0],
        sigmoid(at(K + 1)) - Rational(1, 2): [sigmoid_of(3) - 0.5, sigmoid_of(5) - 0.5, 0],
        at(K + 1) / (at(K) - 5): [-1, -2.5, 0],
        at(K - 1) ** 2 * log(at(K - 1)): [0, 4 * np.log(2), 9 * np.log(3)],
        Sum(KroneckerDelta(J, K + 1) / at(J), J): [1 / 3, 1 / 5, 0],
        KroneckerDelta(K, 1) / (at(K + 1) - 3): [0, 0.5, 0],
    }
    for expression, expected in cases.items():
        program = verify(small_program(expression, VECTOR, indices=(K,), sizes={D: 3}))
        found = evaluate(program, {"v": given}, digits=digits)["result"]
        assert [float(entry) for entry in found] == pytest.approx(expected, rel=1e-15), expression


def sigmoid_of(number: float) -> float:
    return 1 / (1 + float(np.exp(-number)))


@draws(step=st.integers(-2, 2), start=st.integers(-4, 4), size=st.integers(1, 4), seed=st.integers(0, 99))
def test_a_position_is_the_sum_over_all_that_fit(step: int, start: int, size: int, seed: int) -> None:
    """v[s k + c] is Sum(v[j] δ(j, s k + c), j), which has no position outside."""
    position = step * K + start
    values = {"v": np.random.default_rng(seed).standard_normal(size)}
    meant = Sum(VECTOR.at((J,)) * KroneckerDelta(J, position), J)
    found, expected = (
        evaluate(verify(small_program(each, VECTOR, indices=(K,), sizes={D: size})), values)["result"]
        for each in (VECTOR.at((position,)), meant)
    )
    assert found.tolist() == expected.tolist()


def test_constants_have_50_digits() -> None:
    found = evaluate(small_program(pi * sqrt(2) / 3), {}, digits=DIGITS)["result"][()]
    with mpmath.workdps(60):
        assert abs(found - mpmath.pi * mpmath.sqrt(2) / 3) < mpmath.mpf(10) ** -49


def test_sizes_have_50_digits() -> None:
    """1/3 from a size or from the number of rows is no float."""
    n = index("n", BATCH)
    x = Array("x", (n,), "input")
    for quotient in (1 / D, 1 / BATCH, sqrt(D), D ** Rational(1, 3)):
        found = evaluate(small_program(quotient, x, sizes={D: 3}), {"x": np.zeros(3)}, digits=DIGITS)["result"][()]
        with mpmath.workdps(60):
            exact = mpmath.mpf(3) ** (mpmath.mpf(quotient.exp.p) / quotient.exp.q)
            assert abs(found - exact) < mpmath.mpf(10) ** -49, quotient


def test_numerical_gradient_of_a_cube_is_right_to_30_digits() -> None:
    program = small_program(Sum(VECTOR.reference**3, K), VECTOR, sizes={D: 2})
    found = numerical_gradient(program, {"v": np.array([0.5, 2.0])}, "v", (1,))
    assert abs(found - 12) < mpmath.mpf(10) ** -30


def test_missing_value_is_named(downie: symnet.Derivation) -> None:
    values = {name: array for name, array in DOWNIE.items() if name != "W2"}
    with pytest.raises(VerificationError, match="no value is given for W2"):
        evaluate(downie.forward, values)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("W1", np.zeros((2, 3))),
        ("W2", np.zeros(2)),
        ("b2", np.zeros((1, 1))),
        ("x", np.zeros((2, 3))),
        ("y", np.zeros((3, 1))),
        ("y", np.zeros(2)),
    ],
)
def test_misshaped_value_is_named_with_both_shapes(downie: symnet.Derivation, name: str, array: np.ndarray) -> None:
    expected = DOWNIE[name].shape
    with pytest.raises(VerificationError) as caught:
        evaluate(downie.forward, {**DOWNIE, name: array})
    assert str(caught.value) == f"{name} has shape {array.shape}; expected {expected}"


def test_unknown_function_is_named() -> None:
    class unheard(Function):
        nargs = 1

    with pytest.raises(VerificationError, match="unheard"):
        evaluate(small_program(unheard(VECTOR.at((0,))), VECTOR, sizes={D: 1}), {"v": np.zeros(1)})


def test_given_values_are_not_changed(downie: symnet.Derivation) -> None:
    before = {name: array.copy() for name, array in DOWNIE.items()}
    evaluate(downie.program, DOWNIE)
    numerical_gradient(downie.forward, DOWNIE, "W1", (0, 0))
    assert all(np.array_equal(before[name], array) for name, array in DOWNIE.items())


# Checks that cannot fail check nothing: an error planted in each stage must be seen.


def test_a_wrong_derivative_is_seen(downie: symnet.Derivation) -> None:
    """A single term of a single cotangent off by 1e-4 of itself."""
    program = downie.program
    positions = positions_to_check(program, DOWNIE, seed=0)
    assert_is_gradient(program, downie.forward, DOWNIE, positions)
    for name in ("z1_bar", "z2_bar", "W1_bar", "b2_bar"):
        equations = [
            replace(equation, rhs=with_a_factor_off(equation.rhs)) if equation.name == name else equation
            for equation in program.equations
        ]
        with pytest.raises(AssertionError, match=" is not "):
            assert_is_gradient(program.with_equations(equations), downie.forward, DOWNIE, positions)


def with_a_factor_off(rhs: Expr) -> Expr:
    return Mul(Rational("1.0001"), rhs, evaluate=False)


def test_a_wrong_rule_of_differentiation_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    network = symnet.parse("2-3-1:sigmoid,identity;loss=log(cosh(a-y))")
    right = sigmoid.fdiff
    monkeypatch.setattr(sigmoid, "fdiff", lambda self, argindex=1: right(self, argindex) * Rational("1.0001"))
    symnet.core.chain_rule._derivative.cache_clear()
    try:
        derivation = symnet.derive(network)
    finally:
        symnet.core.chain_rule._derivative.cache_clear()
    values = values_for(network, derivation.program, 2, seed=0)
    with pytest.raises(AssertionError, match=" is not "):
        assert_is_gradient(derivation.program, derivation.forward, values, [("W1", (0, 0))])


@pytest.mark.parametrize(("write", "target"), [(numpy_module, "numpy-plain"), (optimized_module, "numpy")])
def test_a_wrong_axis_in_the_lowering_is_seen(
    write: Callable[..., str], target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows and units are equally many, so that the wrong axis goes unnoticed by the shapes."""
    network = symnet.parse("2-3-3")
    check_gradient_of_bias(network, target)
    monkeypatch.setitem(write.__globals__, "lower", lowered_wrongly)
    with pytest.raises((AssertionError, LoweringError), match=r"b2_bar(: relative error| has an axis)"):
        check_gradient_of_bias(network, target)


def check_gradient_of_bias(network: symnet.Network, target: str) -> None:
    derivation = symnet.derive(network)
    values = values_for(network, derivation.program, 3, seed=4)
    module = symnet.compile(network, target=target)
    gradients = module.gradient(parameters_of(module, values), values["x"], values["y"])
    exact = evaluate(derivation.program, values, digits=DIGITS)
    assert_agree(derivation.program, values, exact, {"b2_bar": gradients.b2}, 1e-12)


def lowered_wrongly(program: Program, dtype: str) -> list[Statement]:
    """The statements of a program, with the sum of b2_bar taken over the units instead of the rows."""
    return [
        replace(statement, value=turned_round(statement.value)) if statement.name == "b2_bar" else statement
        for statement in lower(program, dtype)
    ]


def turned_round(node: arrays.Node) -> arrays.Node:
    assert isinstance(node, arrays.Reduce)
    n, k = node.operand.axes
    assert node.axes == (k,)
    return replace(node, axes=(n,))


def test_the_measure_is_norm_wise_and_sees_a_single_entry() -> None:
    exact = np.array([1.0, 1e-3, 0.0], dtype=object)
    assert relative_error(np.array([1.0, 1e-3, 0.0]), exact) == 0
    assert relative_error(np.array([1.0, 1e-3 + 1e-9, 0.0]), exact) == pytest.approx(1e-9, rel=1e-6)
    assert relative_error(np.array([0.0, 1.0]), np.array([0.0, 0.0], dtype=object)) == float("inf")
    with pytest.raises(AssertionError):
        relative_error(np.zeros(3), np.zeros((3, 1)))


def test_the_batch_size_is_read_from_the_data() -> None:
    n = index("n", BATCH)
    x = Array("x", (n,), "input")
    program = small_program(Sum(x.reference, n) / BATCH, x)
    for count in (1, 4):
        assert evaluate(program, {"x": np.arange(count)})["result"][()] == pytest.approx((count - 1) / 2)


def test_rounding_of_what_is_exactly_zero_is_excused_and_more_is_not() -> None:
    """With two units of a softmax both on one side of their targets, the derivatives cancel."""
    network = symnet.parse("1-2[bias=false]:softmax;loss=absolute_error")
    program = symnet.derive(network).program
    values = values_for(network, program, 1, seed=0)
    exact = {"W1_bar": evaluate(program, values, digits=50)["W1_bar"]}
    assert not np.any(exact["W1_bar"])
    assert_agree(program, values, exact, {"W1_bar": np.full((1, 2), 1e-17)}, 1e-12)
    with pytest.raises(AssertionError, match="W1_bar"):
        assert_agree(program, values, exact, {"W1_bar": np.full((1, 2), 1e-13)}, 1e-12)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_rounding_of_what_is_zero_twice_over_is_excused_and_more_is_not(dtype: str) -> None:
    """A product of two sums that cancel, each of them off by a rounding."""
    n, i = index("n", BATCH), index("i", Integer(3))
    x = Array("x", (n, i), "input")
    rest = Sum(softmax(x.reference, i), i) - 1
    program = small_program(Sum(rest * rest, n), x)
    values = {"x": np.array([[0.25, -1.5, 3.0]])}
    exact = evaluate(program, values, digits=DIGITS)
    eps = float(np.finfo(dtype).eps)
    assert_agree(program, values, exact, {"result": np.array(eps**2)}, 1e-12, dtype)
    with pytest.raises(AssertionError, match="result"):
        assert_agree(program, values, exact, {"result": np.array(eps / 1000)}, 1e-12, dtype)
