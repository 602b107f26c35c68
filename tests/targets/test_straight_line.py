"""Straight-line modules: what they import, that linters pass them, stable functions, and errors in one line."""

from __future__ import annotations

import ast
import math
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
import pytest
from conftest import Command
from hypothesis import example, given, reject, settings
from hypothesis import strategies as st
from strategies import (
    CUSTOM_ACTIVATIONS,
    LOSS_TEXTS,
    TRAINABLE,
    UNHURRIED,
    examples,
    is_moderate,
    networks,
    parameters_of,
    relative_error,
    rows,
    seeds,
    values_for,
)
from sympy import IndexedBase, Rational, Sum

import symnet
import symnet.targets as symnet_targets
from symnet import Dense, Layer, Network, Scope, SymnetError
from symnet.core.index_algebra import index
from symnet.core.sizes import BATCH
from symnet.network.activations import Activation
from symnet.scalar_form.graph import Graph
from symnet.scalar_form.instantiate import GraphArithmetic, scalar_graph
from symnet.support.errors import NotDifferentiableError, OptionError
from symnet.support.modules import module_from_source

ROOT = Path(__file__).parents[2]
ALLOWED = {"python": {"math"}, "numpy": {"typing", "numpy", "numpy.typing", "scipy.special"}}
TARGETS = tuple(ALLOWED)
NAMES = {"python": "python", "numpy": "numpy-scalar"}
"""Of the targets of networks; a function of one's own is written for "numpy"."""


def source_of(network: Network | str, target: str) -> str:
    parsed = symnet.parse(network) if isinstance(network, str) else network
    return symnet.generate(parsed, target=NAMES[target])


@cache
def module_of(text: str, target: str) -> ModuleType:
    return module_from_source(source_of(text, target), f"straight_{target}")


@cache
def array_module(text: str) -> ModuleType:
    return symnet.compile(symnet.parse(text))


def imports_of(source: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module))
    return found


# ---- what is written ----


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", [*TRAINABLE, *CUSTOM_ACTIVATIONS])
def test_a_module_imports_no_more_than_it_may(name: str, target: str) -> None:
    source = source_of(Network(2, [Dense(2, activation=name), Dense(2)]), target)
    imports = imports_of(source)
    assert imports <= ALLOWED[target]
    assert ("scipy.special" in imports) <= (name in {"gelu", "erf(z) + cos(z)/3"})
    assert len(imports) < 2 or target == "numpy"


def test_every_module_passes_the_linter_and_the_type_checker(tmp_path: Path) -> None:
    """All activations and losses and some shapes of networks, in one run of each tool.

    To read NumPy's types takes mypy most of its time: what `make lint` has read of them serves here.
    """
    nets = [
        *(Network(2, [Dense(3, activation=name), Dense(2)]) for name in (*TRAINABLE, *CUSTOM_ACTIVATIONS)),
        *(Network(2, [Dense(2), Dense(2)], loss=loss, l1=0.1) for loss in LOSS_TEXTS),
        *map(
            symnet.parse,
            ("1-1", "1-1:elu(alpha=2.5)", "3-1[bias=false]", "2-3[radial_basis]-3[residual]-1;l2=0.1", "9-12-1"),
        ),
    ]
    for number, network in enumerate(nets):
        for target in TARGETS:
            (tmp_path / f"net{number}_{target}.py").write_text(source_of(network, target))
    tails = symnet.parse("3-2-2-2-2-2-2-2:silu,gelu,gelu_tanh,mish,gaussian,tanh,sigmoid;loss=binary_cross_entropy")
    for target in TARGETS:
        source = symnet.generate(tails, target=NAMES[target], accuracy="tails")
        (tmp_path / f"tails_{target}.py").write_text(source)
    for number, formula in enumerate(("exp(x**2)", "2*x + y", "sqrt(x**2 + exp(x**2))", "relu(x)*abs(y) + erf(x)")):
        for target in TARGETS:
            source = symnet.differentiate(formula, target=target, hessian=True)
            (tmp_path / f"function{number}_{target}.py").write_text(source)
    ruff = [*("check", "--isolated", "--no-cache", "--line-length", "120", "--select", "E,F,W,I,B,UP"), "."]
    settings_of_lint = ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(ROOT / ".mypy_cache")]
    mypy = ["--strict", *settings_of_lint, "."]
    for tool, arguments in (("ruff", ruff), ("mypy", mypy)):
        done = subprocess.run(
            [sys.executable, "-m", tool, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=1200
        )
        assert done.returncode == 0, f"{tool}: {done.stdout[-3000:]}{done.stderr[-1000:]}"


@pytest.mark.parametrize("target", TARGETS)
def test_a_module_says_what_it_is(target: str) -> None:
    module = module_of("2-2-1", target)
    assert module.ARCHITECTURE == "2-2-1:sigmoid,identity"
    names = ("W1_1_1", "W1_1_2", "W1_2_1", "W1_2_2", "b1_1", "b1_2", "W2_1_1", "W2_2_1", "b2_1")
    assert names == module.PARAMETERS
    assert "2-2-1" in str(module.__doc__)
    for function in ("forward", "loss", "value_and_grad"):
        assert getattr(module, function).__doc__


def test_the_same_network_gives_the_same_text() -> None:
    assert source_of("3-3-2-1:tanh,mish,identity", "python") == source_of("3-3-2-1:tanh,mish,identity", "python")


def test_the_graph_over_a_batch_is_looked_at_once_a_node(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each sum over rows once asked for all that lies below it: 23 s for 6,000 weights, four times that for twice."""
    program = symnet.derive(symnet.parse("8-16-1")).program
    graph, visited = Graph(), [0]

    def counted(self: Graph, roots: Sequence[int]) -> list[int]:
        nodes = reachable(self, roots)
        visited[0] += len(nodes)
        return nodes

    reachable = Graph.reachable
    monkeypatch.setattr(Graph, "reachable", counted)
    scalar_graph(program, GraphArithmetic(graph, batched=True))
    assert visited[0] <= 2 * len(graph.operation)


# ---- what is computed ----


@dataclass(frozen=True)
class Lifted(Layer):
    """a[n,j] = x[n,j] + N s[j]²/2, a sum over rows of what no row changes."""

    kind: ClassVar[str] = "lifted"
    formula: ClassVar[str] = "a[n,j] = x[n,j] + Sum(s[j]**2, r)/2"
    name: str = "s"

    def equations(self, scope: Scope) -> None:
        s = scope.parameter(self.name, scope.j)
        assert isinstance(s, IndexedBase)
        scope.output(scope.earlier(1)[scope.n, scope.j] + Sum(s[scope.j] ** 2, index("r", BATCH)) / 2)


@pytest.mark.parametrize("name", ["s", "x_s", "y_s"])
def test_what_has_a_column_is_no_question_of_names(name: str) -> None:
    """A parameter `y_s` was taken for a column of targets, and what is summed over the rows counted once."""
    module = module_from_source(source_of(Network(2, [Lifted(2, name=name)]), "numpy"), "lifted")
    x, y, s = np.arange(6.0).reshape(3, 2), np.ones((3, 2)), np.array([0.5, 0.25])
    wanted = np.sum((x + len(x) * s**2 / 2 - y) ** 2) / 2 / len(x)
    assert module.loss(s, x, y) == pytest.approx(wanted, rel=1e-14)


@given(network=networks(deepest=2), count=rows, seed=seeds)
@example(network=symnet.parse("1-1;loss=absolute_error"), count=1, seed=0)
@settings(max_examples=examples(12), **UNHURRIED)
def test_the_python_module_is_the_array_module_row_by_row(network: Network, count: int, seed: int) -> None:
    derivation = symnet.derive(network)
    values = values_for(network, derivation.program, count, seed)
    if not is_moderate(derivation.program, values, 1e50):
        reject()
    arrays, floats = symnet.compile(network), module_from_source(source_of(network, "python"), "drawn")
    params = parameters_of(arrays, values)
    numbers = numbers_for(floats, values)
    for x, y in zip(values["x"], values["y"], strict=True):
        value, gradients = arrays.value_and_grad(params, x[None], y[None])
        row, target = tuple(map(float, x)), tuple(map(float, y))
        found, slopes = floats.value_and_grad(numbers, row, target)
        assert type(found) is float
        assert all(type(slope) is float for slope in slopes)
        # Cancellation may take digits of the loss; all that flows into it is of this size.
        assert found == pytest.approx(value, rel=1e-10, abs=1e-12)
        flat = [float(entry) for array in gradients for entry in array.ravel()]
        assert np.allclose(slopes, flat, rtol=0, atol=1e-10 * max(1.0, *map(abs, flat)))
        assert np.allclose(floats.forward(numbers, row), arrays.forward(params, x[None])[0], rtol=1e-10, atol=1e-12)


def numbers_for(module: ModuleType, values: dict[str, np.ndarray]) -> list[float]:
    """The parameters by the documented names: W1_1_2 is W1[0, 1]."""
    numbers = []
    for name in module.PARAMETERS:
        array, *position = name.split("_")
        numbers.append(float(values[array][tuple(int(place) - 1 for place in position)]))
    return numbers


def test_params_x_and_y_may_be_lists_or_tuples_and_are_left_alone() -> None:
    module = module_of("2-2-1", "python")
    params, x, y = [0.1 * place for place in range(9)], [0.5, -1.0], [0.25]
    before = params.copy(), x.copy(), y.copy()
    assert module.value_and_grad(params, x, y) == module.value_and_grad(tuple(params), tuple(x), tuple(y))
    assert (params, x, y) == before


@pytest.mark.parametrize("z", [-800.0, -750.0, 0.0, 750.0, 800.0])
@pytest.mark.parametrize("name", [name for name in TRAINABLE if name not in ("softmax", "exp")])
def test_activations_at_any_input(name: str, z: float) -> None:
    """No overflow where the function is finite: `math` raises where NumPy has inf."""
    network = f"1-1-1:{name},identity"
    arrays = array_module(network)
    params = arrays.Parameters(*(np.ones(shape) for shape in arrays.SHAPES.values()))
    value, gradients = arrays.value_and_grad(params, [[z - 1.0]], [[0.5]])
    for target in TARGETS:
        module = module_of(network, target)
        x, y = ([[z - 1.0]], [[0.5]]) if target == "numpy" else ((z - 1.0,), (0.5,))
        found, slopes = module.value_and_grad([1.0] * 4, x, y)
        assert found == pytest.approx(value, rel=1e-12)
        assert list(slopes) == pytest.approx([float(array.item()) for array in gradients], rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("z", [-40.0, -30.0, -12.0, -5.0])
@pytest.mark.parametrize("name", ["sigmoid", "silu", "gelu_tanh", "gelu", "softplus", "mish", "elu", "gaussian"])
def test_small_values_of_activations_keep_their_digits(name: str, z: float) -> None:
    """1e-12 relative is promised; 0.5 + 0.5*tanh(z/2) has cancelled them away at z = -30."""
    network = f"1-1:{name}"
    expected = array_module(network)
    params = expected.Parameters(np.ones((1, 1)), np.zeros(1))
    exact = expected.forward(params, [[z]])
    assert relative_error(np.reshape(module_of(network, "python").forward([1.0, 0.0], (z,)), (1, 1)), exact) <= 1e-12
    assert relative_error(module_of(network, "numpy").forward([1.0, 0.0], [[z]]), exact) <= 1e-12


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("text", ["2-2;loss=cross_entropy", "2-2;loss=binary_cross_entropy", "2-2:softmax"])
def test_losses_are_finite_at_large_logits(text: str, target: str) -> None:
    module = module_of(text, target)
    params = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]
    for x in ((1000.0, -1000.0), (-1000.0, 1000.0), (1000.0, 1000.0)):
        for y in ((1.0, 0.0), (0.25, 0.75)):
            given_x, given_y = ([x], [y]) if target == "numpy" else (x, y)
            value, slopes = module.value_and_grad(params, given_x, given_y)
            assert math.isfinite(value)
            assert all(map(math.isfinite, slopes))
            assert np.isfinite(module.forward(params, given_x)).all()
    value, _ = module.value_and_grad(
        params, *(([(1000.0, -1000.0)], [(0.0, 1.0)]) if target == "numpy" else ((1000.0, -1000.0), (0.0, 1.0)))
    )
    assert value == pytest.approx(1.0 if "softmax" in text else 2000.0)


@pytest.mark.parametrize("formula", ["exp(z)", "expm1(z)", "cosh(z)", "sinh(z)", "exp(z)*2 - z"])
def test_what_overflows_is_inf_as_in_numpy(formula: str) -> None:
    """The functions of `math` raise OverflowError where the result of NumPy is inf."""
    assert module_of(f"1-1:{formula}", "python").forward([1.0, 0.0], (1e200,)) == (math.inf,)


# ---- what has no finite value ----

UNUSUAL = (
    *(0.0, -0.0, math.inf, -math.inf, math.nan, 1.0, -1.0, 2.5, -4.0, 0.3, -0.7, 40.0, -40.0, 710.0, -710.0),
    *(1e308, -1e308, 1e-308, -1e-308, 5e-324, 1e200, -1e200, 1e-200),
)
SMOOTH_AT_0 = (
    *("exp", "log", "sqrt", "sinh", "cosh", "tanh", "sin", "cos", "tan", "atan", "log1p", "expm1", "softplus"),
    *("sigmoid", "gaussian", "softsign", "erf", "gelu", "gelu_tanh", "silu", "mish"),
)
KINKED = ("abs", "relu", "sign", "step", "bipolar_step", "elu", "selu", "maximum", "minimum")
RECOGNISED = (
    *("log({0} + sqrt({0}**2 + 1))", "sqrt({0}**2 + 4)", "{0}/sqrt({0}**2 + 1)", "{0} + sqrt({0}**2 + 1)"),
    *("log(cosh({0}))", "1/cosh({0})", "{0}*log({0})", "{0}*log({0}/2)", "sin({0})/{0}", "sqrt(maximum({0}, 0))"),
    *("sign({0})*log(1 + abs({0}))", "exp(log({0}))", "sqrt({0})**2", "(exp(2*{0}) - 1)/(exp(2*{0}) + 1)"),
    *("{0}*tanh(exp({0}))", "log(1 + exp({0}))", "{0}*(1 + erf({0}/sqrt(2)))/2", "maximum(0, {0}) + minimum(0, {0})"),
)
"""Formulas that are evaluated by functions of symnet's own."""
EXPONENTS = ("2", "3", "4", "(-1)", "(-2)", "(-3)", "2.5", "0.5", "(-0.5)", "0.25", "(-1.5)")


def formulas(*variables: str) -> st.SearchStrategy[str]:
    """Functions, powers and quotients of one another, in these variables."""
    recognised = st.builds(
        "({})".format, st.builds(str.format, st.sampled_from(RECOGNISED), st.sampled_from(variables))
    )
    leaves = st.one_of(st.sampled_from((*variables, *variables, "2", "0.5")), recognised)

    def larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.builds("{}({})".format, st.sampled_from((*SMOOTH_AT_0, *KINKED[:-2])), parts),
            st.builds("{}({}, {})".format, st.sampled_from(KINKED[-2:]), parts, parts),
            st.builds("({})**{}".format, parts, st.sampled_from(EXPONENTS)),
            st.builds("({} {} {})".format, parts, st.sampled_from("+-*/"), parts),
        )

    return st.recursive(leaves, larger, max_leaves=4)


def floats_of(result: tuple[object, ...]) -> list[float]:
    """The value and the derivatives of a call, one after the other."""
    return [float(np.ravel(entry)[0]) for entry in (result[0], *result[1])]  # type: ignore[misc]


def alike(found: list[float], expected: list[float]) -> bool:
    """Not a number where the other is, infinite with the same sign, else the same but for rounding.

    What comes out of subnormal numbers has fewer digits, which powers scale up by some orders of magnitude.
    """
    return all(
        (math.isnan(one) and math.isnan(other))
        or one == other
        or (math.isfinite(one) and math.isfinite(other) and math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-250))
        for one, other in zip(found, expected, strict=True)
    )


def drawn_point(data: st.DataObject, formula: str, count: int) -> list[float]:
    """Unusual numbers; at a kink, NumPy's functions do not say which sign a 0 has."""
    point = [data.draw(st.sampled_from(UNUSUAL)) for _ in range(count)]
    return [number + 0.0 for number in point] if any(name in formula for name in KINKED) else point


@given(formula=formulas("x", "y"), data=st.data())
@example(formula="x**2.5/y", data=None).via("complex numbers and divisions by 0")
@settings(max_examples=examples(60), **UNHURRIED)
def test_a_function_in_floats_is_the_function_in_arrays(formula: str, data: st.DataObject | None) -> None:
    """At any number, with NumPy's infinities and none of Python's exceptions, and Python floats for NumPy too."""
    try:
        floats, arrays = (module_from_source(symnet.differentiate(formula, target=name), "drawn") for name in TARGETS)
    except SymnetError:
        reject()
    count = floats.value.__code__.co_argcount
    points = [[-4.0, 0.0], [0.0, -0.0]] if data is None else [drawn_point(data, formula, count) for _ in range(8)]
    for point in points:
        with np.errstate(all="ignore"):
            found = floats.value_and_grad(*point)
            columns = floats_of(arrays.value_and_grad(*(np.array([number]) for number in point)))
            mixed = floats_of(arrays.value_and_grad(*point))
            nearby = [floats.value_and_grad(*(math.nextafter(number, way) for number in point)) for way in (-1e9, 1e9)]
        assert all(type(number) is float for number in (found[0], *found[1]))
        # A difference of the last bits of a function may be all that is left of a sum.
        if alike(*map(floats_of, nearby)) or not all(map(math.isfinite, floats_of(found))):
            assert alike(floats_of(found), columns), (point, found, columns)
            assert alike(floats_of(found), mixed), (point, found, mixed)


@given(formula=formulas("z", "z"), numbers=st.lists(st.sampled_from(UNUSUAL), min_size=8, max_size=8))
@example(formula="z**2.5", numbers=[-4.0])
@example(formula="1/z", numbers=[0.0, -0.0])
@example(formula="log(z)", numbers=[0.0, -1.0])
@example(formula="maximum(z, 0.5)", numbers=[math.nan])
@example(formula="exp(z)", numbers=[math.nan, math.inf])
@example(formula="identity(z)", numbers=[math.inf])
@example(formula="((z + sqrt(z**2 + 1)))**2", numbers=[1e200]).via("a value of 4e400 with a slope of 8e200")
@settings(max_examples=examples(30), **UNHURRIED)
def test_all_targets_are_infinite_or_not_a_number_together(formula: str, numbers: list[float]) -> None:
    """By the bias of one unit; of a number that overflows on the way in the one form, another may keep it in range."""
    text = f"1-1:{formula};loss=a"
    try:
        plain, fast = (symnet.compile(symnet.parse(text), target=target) for target in ("numpy-plain", "numpy"))
    except SymnetError:
        reject()
    for number in numbers:
        bias = number + 0.0 if any(name in formula for name in KINKED) else number
        given_arrays = plain.Parameters(np.ones((1, 1)), np.array([bias])), np.zeros((1, 1)), np.zeros((1, 1))
        with np.errstate(all="ignore"):
            one, other = (module.value_and_grad(*given_arrays) for module in (plain, fast))
            expected, faster = ([value, float(slopes.b1[0])] for value, slopes in (one, other))
            rows = module_of(text, "numpy").value_and_grad([1.0, bias], np.zeros((1, 1)), np.zeros((1, 1)))
            floats = module_of(text, "python")
            found = floats.value_and_grad((1.0, bias), (0.0,), (0.0,))
            nearby = [
                floats.value_and_grad((1.0, math.nextafter(bias, way)), (0.0,), (0.0,)) for way in (-math.inf, math.inf)
            ]
        assert all(type(entry) is float for entry in (found[0], *found[1]))
        in_floats, in_columns = ([value, float(slopes[1])] for value, slopes in (found, rows))
        if math.isfinite(bias) and math.isinf(in_floats[0]):
            assert not any(map(math.isnan, (*in_floats, *in_columns))) or any(map(math.isnan, expected))
            # Of a loss beyond the largest number, each form overflows at another place on the way to the slope.
            expected, faster, in_floats, in_columns = (
                [entries[0]] for entries in (expected, faster, in_floats, in_columns)
            )
        in_range = math.isfinite(bias) and all(map(math.isfinite, in_floats))
        if alike(expected, faster) and not in_range:
            assert alike(in_floats, expected), (bias, in_floats, expected)
        # The sine of cosh(710) goes by the last bit of what it is taken of.
        if alike(*map(floats_of, nearby)) or not all(map(math.isfinite, in_floats)):
            assert alike(in_floats, in_columns), (bias, in_floats, in_columns)


@pytest.mark.parametrize("accuracy", ["fast", "tails"])
@pytest.mark.parametrize(
    ("name", "accuracies", "below", "above"),
    [
        ("atan(z)", ("fast", "tails"), (-math.pi / 2, 0.0), (math.pi / 2, 0.0)),
        ("gelu", ("tails",), (0.0, 0.0), (math.inf, 1.0)),
        ("own_asinh=log(z + sqrt(z**2 + 1))", ("fast", "tails"), (-math.inf, 0.0), (math.inf, 0.0)),
    ],
)
def test_limits_are_values_at_infinity_in_every_module(
    name: str, accuracies: Sequence[str], below: Sequence[float], above: Sequence[float], accuracy: str
) -> None:
    """The value and the slope, by the bias of one unit whose input is 0."""
    network = symnet.parse(f"1-1:{name};loss=a")
    if accuracy not in accuracies:
        return
    for target in symnet_targets.TARGETS:
        module = module_from_source(symnet.generate(network, accuracy=accuracy, target=target), "limits")
        for bias, expected in ((-math.inf, below), (math.inf, above)):
            with np.errstate(all="ignore"):
                if target in NAMES.values():
                    data = ((0.0,), (0.0,)) if target == "python" else ([[0.0]], [[0.0]])
                    value, slopes = module.value_and_grad([1.0, bias], *data)
                    found = value, float(slopes[1])
                else:
                    params = module.Parameters(np.ones((1, 1)), np.array([bias]))
                    value, gradients = module.value_and_grad(params, np.zeros((1, 1)), np.zeros((1, 1)))
                    found = value, float(gradients.b1[0])
            assert found == pytest.approx(expected), (target, bias)


@pytest.mark.parametrize("target", TARGETS)
def test_a_parameter_of_0_may_divide(target: str) -> None:
    """The widths of a radial-basis layer are Python floats in either target."""
    module = module_of("1-1[radial_basis]", target)
    names = list(module.PARAMETERS)
    params = [0.0 if name.startswith("s") else 0.5 for name in names]
    x, y = ([[0.25]], [[0.0]]) if target == "numpy" else ((0.25,), (0.0,))
    with np.errstate(all="ignore"):
        value, slopes = module.value_and_grad(params, x, y)
    assert value == 0.0
    assert math.isnan(slopes[names.index("s1_1")])


@pytest.mark.parametrize(
    ("text", "divides"),
    [
        ("2-2-1", False),
        ("2-3;loss=cross_entropy", False),
        ("2-3:softmax", False),
        ("1-1:1/(1+exp(-z))", False),
        ("1-1:1/(2+z**2)", False),
        ("1-1:1/z", True),
        ("1-1:1/(z**2+exp(z))", True),
        ("1-1:1/(exp(z)-1)", True),
    ],
)
def test_only_a_divisor_that_may_be_0_is_asked_for(text: str, divides: bool) -> None:
    """All others keep Python's own operators, so that they cost what they did."""
    assert ("_divide" in source_of(text, "python") or "_power" in source_of(text, "python")) == divides


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    ("formula", "over_1e100"),
    [
        ("1e-300*x**2*y", 0.5),
        ("1e-300*x**2*y + 1e-300*x**2*sin(y)", 0.5 + math.sin(0.5)),
        ("1e-300*x**2*y + 2e-300*x**2*sin(y) + 1e-300*x**2", 1.5 + 2 * math.sin(0.5)),
        ("1e-300*x**2 - x**2*3e-300*exp(y)", 1 - 3 * math.exp(0.5)),
        ("1e-300*x**2*tanh(1e-200*x)", math.tanh(1)),
    ],
)
def test_a_scaled_square_is_held_where_the_square_is_not(formula: str, over_1e100: float, target: str) -> None:
    """At 1e200, whose square is beyond floats; also where the square stands in several products."""
    module = module_from_source(symnet.differentiate(formula, target=target), "scaled")
    point = (1e200, 0.5) if "y" in formula else (1e200,)
    assert module.value(*point) == pytest.approx(over_1e100 * 1e100, rel=1e-12)
    assert module.value_and_grad(*point)[0] == pytest.approx(over_1e100 * 1e100, rel=1e-12)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    ("exponent", "raised"), [("2", 0), ("3", 0), ("0.5", 0), ("(-1)", 0), ("(-0.5)", 0), ("2.5", 1)]
)
def test_only_a_power_that_has_no_other_name_is_written_as_one(exponent: str, raised: int, target: str) -> None:
    """A square is a product, an inverse a division: exact to one rounding, and each root one function."""
    source = symnet.differentiate(f"(1 + y*y)**{exponent}*x", target=target)
    body = source[source.index("def value(") : source.index("def ", source.index("def value(") + 4)]
    assert len(re.findall(r"\*\*|power\(|pow\(", body)) == raised, body
    assert body.count(" / ") + body.count("divide(") == (exponent in ("(-1)", "(-0.5)")), body
    module = module_from_source(source, "powers")
    for y in (0.0, 0.7, -3.0):
        value, (by_x, by_y) = module.value_and_grad(2.0, y)
        power = float(exponent.strip("()"))
        assert value == pytest.approx(2 * (1 + y * y) ** power, rel=1e-15)
        assert by_x == pytest.approx((1 + y * y) ** power, rel=1e-15)
        assert by_y == pytest.approx(4 * y * power * (1 + y * y) ** (power - 1), rel=1e-14)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("text", ["1-1;loss=a", "2-2;loss=exp(a)", "1-1:exp(z);loss=a**2"])
def test_a_loss_may_know_nothing_of_the_targets(text: str, target: str) -> None:
    module = module_of(text, target)
    params, width = [0.5] * len(module.PARAMETERS), int(text[0])
    x, y = [0.25] * width, [0.0] * width
    given_x, given_y = ([x], [y]) if target == "numpy" else (x, y)
    assert module.loss(params, given_x, given_y) == module.value_and_grad(params, given_x, given_y)[0]


@pytest.mark.parametrize("widths", [(1, 1), (2, 2), (1, 3, 1)])
def test_a_constant_output_has_a_row_for_each_sample(widths: tuple[int, ...]) -> None:
    """A formula that is constant is refused, but an activation in Python may be."""
    constant = Activation("constant", Rational(5, 2))
    network = Network(widths[0], [Dense(units, constant) for units in widths[1:]])
    module = module_from_source(symnet.generate(network, target="numpy-scalar"), "constant")
    outputs = module.forward([0.0] * len(module.PARAMETERS), np.zeros((4, widths[0])))
    assert outputs.shape == (4, widths[-1])
    assert (outputs == 2.5).all()


# ---- errors ----


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    ("params", "x", "y"),
    [(8, 2, 1), (10, 2, 1), (0, 2, 1), (9, 1, 1), (9, 3, 1), (9, 0, 1), (9, 2, 0), (9, 2, 2)],
)
def test_wrong_lengths_are_value_errors(params: int, x: int, y: int, target: str) -> None:
    module = module_of("2-2-1", target)
    arguments: list[object] = [[0.5] * params]
    arguments += [[[0.5] * x], [[0.5] * y]] if target == "numpy" else [[0.5] * x, [0.5] * y]
    wrong = "params" if params != 9 else "x" if x != 2 else "y"
    for function in (module.value_and_grad, module.loss):
        with pytest.raises(ValueError, match=rf"^{wrong}: expected (shape|\d+ numbers)"):
            function(*arguments)


@pytest.mark.parametrize(("place", "name"), [(0, "params"), (1, "x"), (2, "y")])
def test_what_is_no_sequence_is_named(place: int, name: str) -> None:
    arguments: list[object] = [[0.5] * 9, [0.5] * 2, [0.5]]
    arguments[place] = 0.5
    for function in (module_of("2-2-1", "python").value_and_grad, module_of("2-2-1", "python").loss):
        with pytest.raises(ValueError, match=rf"^{name}: expected \d numbers, got a float"):
            function(*arguments)


@pytest.mark.parametrize(("x_rows", "y_rows"), [(3, 1), (1, 3), (3, 2)])
def test_x_and_y_must_have_as_many_rows(x_rows: int, y_rows: int) -> None:
    """NumPy would stretch one row over the others and give a wrong loss in silence."""
    module = module_of("2-2-1", "numpy")
    for function in (module.loss, module.value_and_grad):
        with pytest.raises(ValueError, match=r"\by\b"):
            function([0.5] * 9, np.ones((x_rows, 2)), np.ones((y_rows, 1)))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([["1", "2"]], "real numbers, got dtype <U1"),
        ([[1j, 2]], "real numbers, got dtype complex128"),
        (np.ones((1, 2), object), "real numbers, got dtype object"),
        ([[None, 1]], "real numbers, got dtype object"),
        ([[1, 2], [3]], "an array of numbers, got list"),
        (np.ones((0, 2)), "at least one row, got shape (0, 2)"),
    ],
    ids=str,
)
def test_numpy_columns_must_hold_real_numbers(values: object, expected: str) -> None:
    module = module_of("2-2-1", "numpy")
    for function in (module.forward, module.loss, module.value_and_grad):
        with pytest.raises(ValueError, match=rf"^x: expected {re.escape(expected)}"):
            function([0.5] * 9, values, *([[0.5]],) * (function is not module.forward))


def test_numpy_columns_are_no_masked_arrays() -> None:
    module = module_of("2-2-1", "numpy")
    x, y = np.ones((3, 2)), np.ones((3, 1))
    for name, data in {"x": (np.ma.array(x, mask=x > 0), y), "y": (x, np.ma.array(y))}.items():
        for function in (module.loss, module.value_and_grad):
            with pytest.raises(ValueError, match=rf"^{name}: expected an array without a mask, .*filled"):
                function([0.5] * 9, *data)


def test_numpy_targets_without_an_axis_of_outputs_are_a_column_where_there_is_one_output() -> None:
    one, two = module_of("2-2-1", "numpy"), module_of("2-2-2", "numpy")
    x, y = np.random.default_rng(0).standard_normal((2, 3, 2))
    assert one.loss([0.5] * 9, x, y[:, 0]) == one.loss([0.5] * 9, x, y[:, :1])
    for found, expected in zip(*(one.value_and_grad([0.5] * 9, x, part) for part in (y[:, 0], y[:, :1])), strict=True):
        assert np.array_equal(found, expected)
    for short in (y[:2, 0], y.ravel()):
        with pytest.raises(ValueError, match=r"^y: expected shape \(3, 1\)"):
            one.loss([0.5] * 9, x, short)
    with pytest.raises(ValueError, match=r"^y: expected shape \(3, 2\), got \(3,\)"):
        two.loss([0.5] * 12, x, y[:, 0])
    with pytest.raises(ValueError, match=r"^x: expected shape"):
        module_of("1-2-1", "numpy").forward([0.5] * 7, x[:, 0])


@pytest.mark.parametrize("shape", [(2,), (1, 2, 1), ()])
def test_numpy_columns_must_be_two_dimensional(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"x: expected shape \(N, 2\)"):
        module_of("2-2-1", "numpy").forward([0.5] * 9, np.ones(shape))


@pytest.mark.parametrize(
    "options",
    [
        {"target": "python", "forward_only": True},
        {"target": "python", "dtype": "float32"},
        {"target": "numpy-scalar", "forward_only": True},
        {"target": "numpy-scalar", "dtype": "float32"},
    ],
)
def test_what_scalar_form_does_not_have_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(OptionError, match=r"not in float32|with its gradients"):
        symnet.generate(symnet.parse("2-2-1"), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("target", "old"),
    [
        ("numpy", {"form": "array", "optimize": "full"}),
        ("numpy-plain", {"optimize": "none"}),
        ("numpy-scalar", {"form": "scalar"}),
    ],
)
def test_an_old_spelling_writes_what_its_target_does(target: str, old: dict[str, Any]) -> None:
    with pytest.warns(DeprecationWarning, match=f"argument .* is now target='{target}'"):
        written = symnet.generate("2-2-1", **old)
    assert written == symnet.generate("2-2-1", target=target)


@pytest.mark.parametrize(
    "asked",
    [
        {"form": "scalar", "optimize": "none"},
        {"form": "scalar", "optimize": "full"},
    ],
)
def test_options_that_contradict_each_other_are_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(
        OptionError, match=r"^form scalar does not go with optimize \w+; the targets are numpy, numpy-pl"
    ):
        symnet.generate("2-2-1", **asked)


def test_step_cannot_be_trained_in_scalar_form_either() -> None:
    with pytest.raises(NotDifferentiableError, match="step"):
        source_of("2-2-1:step,identity", "python")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--target", "c"), "target 'c'"),
        (("--form", "tensor"), "form 'tensor'"),
        (("--form", "scalar", "--target", "python"), "--form is now --target; give one of them"),
        (("--form", "scalar", "--forward-only"), "target numpy-scalar"),
        (("--target", "python", "--dtype", "float32"), "target python"),
        (("--optimize", "none", "--form", "scalar"), "form scalar does not go with optimize none"),
        (("--target", "python", "--hidden", "step"), "step"),
    ],
)
def test_the_command_refuses_in_one_line(
    arguments: tuple[str, ...], said: str, symnet_command: Command, tmp_path: Path
) -> None:
    status, out, err = symnet_command("generate", "2-2-1", *arguments, "-o", str(tmp_path / "net.py"))
    assert (status, out) == (2, "")
    assert re.fullmatch(r"symnet: [ -~]+\n", err)
    assert said in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [("--target", "python"), ("--form", "scalar")])
def test_the_command_writes_what_the_call_gives(
    arguments: tuple[str, ...], symnet_command: Command, tmp_path: Path
) -> None:
    path = tmp_path / "tiny.py"
    status, _, err = symnet_command("generate", "2-2-1", *arguments, "-o", str(path))
    assert status == 0
    assert "tiny.py" in err
    assert path.read_text() == source_of("2-2-1", "python" if "python" in arguments else "numpy")
