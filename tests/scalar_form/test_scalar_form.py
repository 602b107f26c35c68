"""Scalar form: every unit and weight a SymPy symbol, every ∂C/∂w a formula; it agrees with all other forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from strategies import (
    DIGITS,
    UNHURRIED,
    assert_agree,
    examples,
    is_moderate,
    networks,
    parameters_of,
    rows,
    seeds,
    values_for,
)
from sympy import Expr, Symbol

import symnet
from symnet import Dense, Derivation, Layer, Naming, Network, RadialBasis, Residual, ScalarForm
from symnet.core.oracle import evaluate
from symnet.support.errors import OptionError
from symnet.support.modules import module_from_source

SMOOTH = ("identity", "sigmoid", "tanh", "softplus", "silu", "gelu", "gelu_tanh", "mish", "sine", "gaussian", "exp")
SMOOTH_LOSSES = ("half_squared_error", "squared_error", "mean_squared_error", "gaussian_nll", "log(cosh(a-y))")

LIMIT = 1e-12
EXACT_LIMIT = 1e-30
"""At 50 digits two forms of the same equations differ by rounding at the 50th; cancellation takes its share."""


@st.composite
def smooth_networks(draw: st.DrawFn) -> Network:
    """Up to two hidden layers of up to three units, all infinitely often differentiable."""
    sizes = [draw(st.integers(1, 3))]
    stack: list[Layer] = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(("dense", "dense", "residual", "radial_basis")))
        units = sizes[-1] if kind == "residual" else draw(st.integers(1, 3))
        if kind == "radial_basis":
            stack.append(RadialBasis(units))
        else:
            build = Dense if kind == "dense" else Residual
            stack.append(build(units, activation=draw(st.sampled_from(SMOOTH)), bias=draw(st.booleans())))
        sizes.append(units)
    return Network(sizes[0], stack, loss=draw(st.sampled_from(SMOOTH_LOSSES)), l2=draw(st.sampled_from((0.0, 0.3))))


def numbers_of(form: ScalarForm, values: Mapping[str, np.ndarray]) -> dict[Symbol, float]:
    """The number of each symbol that is given."""
    return {
        form.entries[array.name][position]: float(values[array.name][position])
        for array in form.program.arrays
        for position in np.ndindex(*form.entries[array.name].shape)
    }


def computed(form: ScalarForm, values: Mapping[str, np.ndarray], module: str) -> dict[str, np.ndarray]:
    """Every array that the formulas define, one formula after the other, by SymPy's `lambdify`."""
    given_numbers = numbers_of(form, values)
    plain = {symbol: Symbol(f"s{place}") for place, symbol in enumerate((*given_numbers, *form.formulas))}
    steps = [(plain[symbol], formula.xreplace(plain)) for symbol, formula in form.formulas.items()]
    names = [plain[symbol] for symbol in given_numbers]
    # What `cse` is to find is known here: the intermediates themselves.
    function = sympy.lambdify(names, [name for name, _ in steps], modules=module, cse=lambda results: (steps, results))
    convert = mpmath.mpf if module == "mpmath" else float
    results = dict(zip(form.formulas, function(*map(convert, given_numbers.values())), strict=True))
    arrays = {}
    for name, entries in form.entries.items():
        if name not in {array.name for array in form.program.arrays}:
            arrays[name] = np.empty(entries.shape, dtype=object)
            for position in np.ndindex(*entries.shape):
                arrays[name][position] = results[entries[position]]
    return arrays


def scalar_module(network: Network, target: str) -> ModuleType:
    name = {"numpy": "numpy-scalar", "python": "python"}[target]
    return module_from_source(symnet.generate(network, target=name), f"scalar_{target}")


def by_name(derivation: Derivation, prediction: Any, value: float, gradient: Any, rows: int = 1) -> dict[str, Any]:
    """The results of a straight-line module as arrays by the names that they have in the program."""
    outputs = derivation.program.outputs
    last = derivation.network.layers[-1].units
    found: dict[str, Any] = {
        outputs["prediction"]: np.reshape(prediction, (rows, last)),
        outputs["loss"]: np.array(value),
    }
    flat = list(gradient)
    for array in derivation.program.parameters:
        shape = tuple(int(size) for size in derivation.program.shape(array))
        count = int(np.prod(shape))
        found[outputs[array.name]] = np.reshape(flat[:count], shape)
        flat = flat[count:]
    assert flat == []
    return found


def flat_parameters(module: ModuleType, derivation: Derivation, values: Mapping[str, np.ndarray]) -> list[float]:
    """The parameters in the order that the module documents."""
    named = {}
    for array in derivation.program.parameters:
        for position in np.ndindex(*values[array.name].shape):
            named["_".join([array.name, *(str(place + 1) for place in position)])] = float(values[array.name][position])
    assert set(named) == set(module.PARAMETERS)
    return [named[name] for name in module.PARAMETERS]


# ---- names and formulas ----


@pytest.fixture(scope="module")
def tiny() -> Derivation:
    return symnet.derive(symnet.parse("2-2-1"))


def names_in(form: ScalarForm, array: str) -> list[str]:
    return [str(symbol) for symbol in form.entries[array].ravel()]


def test_names_count_from_one_and_name_the_source_first(tiny: Derivation) -> None:
    form = tiny.scalar_form()
    assert names_in(form, "W1") == ["w_{11}^{(1)}", "w_{12}^{(1)}", "w_{21}^{(1)}", "w_{22}^{(1)}"]
    assert names_in(form, "W2") == ["w_{11}^{(2)}", "w_{21}^{(2)}"]
    assert names_in(form, "b1") == ["b_{1}^{(1)}", "b_{2}^{(1)}"]
    assert names_in(form, "x") == ["x_{1}", "x_{2}"]
    assert names_in(form, "y") == ["y_{1}"]
    assert names_in(form, "z1_bar") == [r"\delta_{1}^{(1)}", r"\delta_{2}^{(1)}"]


def test_names_may_count_from_zero_and_name_the_target_first(tiny: Derivation) -> None:
    zero = tiny.scalar_form(Naming(base=0))
    assert names_in(zero, "W1") == ["w_{00}^{(1)}", "w_{01}^{(1)}", "w_{10}^{(1)}", "w_{11}^{(1)}"]
    to_from = tiny.scalar_form(Naming(to_from=True))
    assert names_in(to_from, "W1") == ["w_{11}^{(1)}", "w_{21}^{(1)}", "w_{12}^{(1)}", "w_{22}^{(1)}"]
    assert names_in(to_from, "W2") == ["w_{11}^{(2)}", "w_{12}^{(2)}"]


@pytest.mark.parametrize("naming", [Naming(), Naming(base=0), Naming(to_from=True)])
@pytest.mark.parametrize("text", ["12-11-2", "3-4-2:tanh,softmax;loss=cross_entropy", "2-3[radial_basis]-2"])
def test_no_two_entries_have_one_name(text: str, naming: Naming) -> None:
    form = symnet.derive(symnet.parse(text)).scalar_form(naming)
    symbols = [symbol for entries in form.entries.values() for symbol in entries.ravel()]
    assert len(symbols) == len(set(symbols))


def test_the_formulas_of_the_notes_network(tiny: Derivation) -> None:
    """δ's and activations, as the notes write them for two inputs, two hidden units and one output."""
    form = tiny.scalar_form()
    s = {str(symbol): symbol for entries in form.entries.values() for symbol in entries.ravel()}
    delta, a = s[r"\delta_{1}^{(1)}"], s["a_{1}^{(1)}"]
    assert form.gradient("W1", 0, 0) == delta * s["x_{1}"]
    assert form.gradient("W1", 1, 0) == delta * s["x_{2}"]
    assert form.gradient("W2", 0, 0) == s[r"\delta_{1}^{(2)}"] * a
    assert form.gradient("b1", 0) == delta
    assert form.formulas[s[r"\delta_{1}^{(2)}"]] == s["a_{1}^{(2)}"] - s["y_{1}"]
    assert sympy.expand(form.formulas[delta] - s[r"\bar{a}_{1}^{(1)}"] * a * (1 - a)) == 0
    assert form.loss == (s["a_{1}^{(2)}"] - s["y_{1}"]) ** 2 / 2
    assert list(form.gradients) == [s[name] for array in ("W1", "b1", "W2", "b2") for name in names_in(form, array)]


def test_an_unknown_parameter_is_refused(tiny: Derivation) -> None:
    with pytest.raises(OptionError, match="unknown parameter 'W9'"):
        tiny.scalar_form().gradient("W9", 0, 0)


def test_formulas_are_in_what_comes_before_them(tiny: Derivation) -> None:
    form = tiny.scalar_form()
    known = {symbol for array in form.program.arrays for symbol in form.entries[array.name].ravel()}
    for symbol, formula in form.formulas.items():
        assert formula.free_symbols <= known
        known.add(symbol)


def test_users_can_go_on_with_the_expressions(tiny: Derivation) -> None:
    form = tiny.scalar_form()
    given_symbols = [symbol for array in form.program.arrays for symbol in form.entries[array.name].ravel()]
    slope = form.substituted(form.gradient("W1", 0, 1))
    assert slope.free_symbols <= set(given_symbols)
    numbers = {symbol: sympy.Rational(place + 1, 7) for place, symbol in enumerate(given_symbols)}
    by_subs = float(slope.subs(numbers))
    by_lambdify = sympy.lambdify(given_symbols, slope, "math")(*map(float, numbers.values()))
    assert by_subs == pytest.approx(by_lambdify, rel=1e-14)
    text = sympy.latex(form.gradient("W1", 0, 1))
    assert r"\delta_{2}^{(1)}" in text
    assert "x_{1}" in text
    assert text.count("{") == text.count("}")
    assert "w_{12}^{(1)}" in sympy.latex(slope)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "elu", "selu", "softplus", "gelu", "softsign", "silu"])
def test_substituted_formulas_hold_no_function_of_symnets_own(activation: str) -> None:
    """So that whoever has SymPy alone can evaluate, print and pickle them."""
    form = symnet.derive(symnet.parse("1-1-1", hidden=activation)).scalar_form()
    slope = form.substituted(form.gradient("W1", 0, 0))
    for node in sympy.preorder_traversal(slope):
        assert not type(node).__module__.startswith("symnet"), type(node)
    assert not re.search("symnet", sympy.srepr(slope))


# ---- the gradient is the derivative ----


def check_against_diff(network: Network, seed: int) -> None:
    """Each substituted ∂C/∂w against SymPy's derivative of the substituted loss, at a random point, 30 digits."""
    derivation = symnet.derive(network)
    values = values_for(network, derivation.program, 1, seed)
    if not is_moderate(derivation.program, values, 1e50):
        reject()
    form = derivation.scalar_form()
    numbers = numbers_of(form, values)
    loss = form.substituted(form.loss)
    gradients = form.gradients
    ours = [form.substituted(gradient) for gradient in gradients.values()]
    assert all(slope.free_symbols <= set(numbers) for slope in ours)
    theirs = [loss.diff(parameter) for parameter in gradients]
    found, expected = (at_a_point(expressions, numbers) for expressions in (ours, theirs))
    largest = max(map(abs, expected))
    for left, right in zip(found, expected, strict=True):
        assert abs(left - right) <= LIMIT * max(largest, mpmath.mpf(10) ** -12)


def at_a_point(expressions: list[Expr], numbers: Mapping[Symbol, float]) -> list[Any]:
    with mpmath.workdps(DIGITS):
        function = sympy.lambdify(list(numbers), expressions, modules="mpmath", cse=True)
        return [mpmath.mpf(value) for value in function(*map(mpmath.mpf, numbers.values()))]


@given(network=smooth_networks(), seed=seeds)
@settings(max_examples=examples(8), **UNHURRIED)
def test_substituted_gradients_are_the_derivatives_of_the_loss(network: Network, seed: int) -> None:
    check_against_diff(network, seed)


@pytest.mark.parametrize(
    "text",
    [
        "2-2-1",
        "3-4-2:tanh,softmax;loss=cross_entropy",
        "2-2-2:tanh,sigmoid;loss=binary_cross_entropy",
        "2-2-2:softmax,softmax",
        "2-2[radial_basis]-2[residual];l2=0.2",
        "2-2-1:relu,identity;loss=huber(delta=0.5);l1=0.1",
        "2-2-1:elu,identity;loss=hinge",
    ],
)
def test_substituted_gradients_of_known_networks(text: str) -> None:
    check_against_diff(symnet.parse(text), seed=4)


# ---- all forms agree ----


@given(network=networks(deepest=2), seed=seeds)
@settings(max_examples=examples(10), **UNHURRIED)
def test_scalar_form_array_module_and_straight_line_code_agree_with_the_oracle(network: Network, seed: int) -> None:
    check_all_forms(network, seed)


@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy", "gaussian_nll", "hinge", "huber"])
@pytest.mark.parametrize("hidden", ["sigmoid", "softmax", "gelu", "selu"])
def test_known_networks_agree_in_all_forms(hidden: str, loss: str) -> None:
    check_all_forms(symnet.parse("2-3-2", hidden=hidden, loss=loss, l1=0.1, l2=0.2), seed=7)


@pytest.mark.parametrize(
    "text",
    [
        "1-1[bias=false];loss=sqrt(1+(a-y)**2)",
        "2-2-1:sqrt(1+z**2),identity",
        "2-2-1:z/sqrt(1+z**2),identity",
        "1-2-1:z*(1+z**2)**(-1.5),identity",
        "1-1:z/sqrt(2)+sqrt(3*z**2+1)",
    ],
)
def test_roots_and_constants_agree_in_all_forms(text: str) -> None:
    check_all_forms(symnet.parse(text), seed=0)


def check_all_forms(network: Network, seed: int) -> None:
    derivation = symnet.derive(network)
    program = derivation.program
    values = values_for(network, program, 1, seed)
    if not is_moderate(program, values, 1e50):
        reject()
    exact = evaluate(program, values, digits=DIGITS)
    public = {name: exact[name] for name in program.outputs.values()}

    form = derivation.scalar_form()
    inner = form.program.outputs
    with mpmath.workdps(DIGITS):
        precise = computed(form, values, "mpmath")
    for key, name in program.outputs.items():
        assert_agree(program, values, public, {name: precise[inner[key]]}, EXACT_LIMIT)

    array_module = symnet.compile(network)
    params = parameters_of(array_module, values)
    x, y = values["x"], values["y"]
    value, gradients = array_module.value_and_grad(params, x, y)
    flat = [float(entry) for array in gradients for entry in array.ravel()]
    found = by_name(derivation, array_module.forward(params, x), value, flat)
    assert_agree(program, values, public, found, LIMIT)

    straight = scalar_module(network, "python")
    numbers = flat_parameters(straight, derivation, values)
    first_x, first_y = tuple(map(float, x[0])), tuple(map(float, y[0]))
    value, gradient = straight.value_and_grad(numbers, first_x, first_y)
    assert isinstance(value, float)
    assert straight.loss(numbers, first_x, first_y) == pytest.approx(value, rel=1e-12, abs=1e-13)
    found = by_name(derivation, straight.forward(numbers, first_x), value, gradient)
    assert_agree(program, values, public, found, LIMIT)

    columns = scalar_module(network, "numpy")
    value, gradient = columns.value_and_grad(numbers, x, y)
    assert type(value) is float
    assert_agree(program, values, public, by_name(derivation, columns.forward(numbers, x), value, gradient), LIMIT)


@given(network=networks(deepest=2), count=rows, seed=seeds)
@settings(max_examples=examples(12), **UNHURRIED)
def test_scalar_numpy_module_equals_the_oracle_over_a_batch(network: Network, count: int, seed: int) -> None:
    derivation = symnet.derive(network)
    program = derivation.program
    values = values_for(network, program, count, seed)
    if not is_moderate(program, values, 1e50):
        reject()
    exact = evaluate(program, values, digits=DIGITS)
    module = scalar_module(network, "numpy")
    numbers = flat_parameters(module, derivation, values)
    prediction = module.forward(numbers, values["x"])
    assert prediction.shape == (count, network.layers[-1].units)
    value, gradient = module.value_and_grad(numbers, values["x"], values["y"])
    found = by_name(derivation, prediction, value, gradient, count)
    assert_agree(program, values, exact, found, LIMIT)
