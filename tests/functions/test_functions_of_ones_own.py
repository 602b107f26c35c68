"""Functions of one's own: value, gradient and Hessian as code, held to SymPy's `diff` and to mpmath."""

from __future__ import annotations

import itertools
import math
import re
from pathlib import Path
from types import ModuleType

import mpmath
import numpy as np
import pytest
import sympy
from conftest import Command
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import UNHURRIED, examples
from sympy import Symbol

import symnet
from symnet import SymnetError
from symnet.functions.values import value as value_of
from symnet.network.activations import read_function
from symnet.scalar_form.formulas import standard
from symnet.support.modules import module_from_source

TARGETS = ("python", "numpy")

NOTES = {
    "exp(x**2)": (0.7,),
    "3*x**4+5*x**3-20*x**2+8*x+10": (1.3,),
    "x1**4*x2**2+(x1-1)**2*(x2-1)**4": (1.7, -0.4),
    "sqrt(x**2+exp(x**2))": (-0.9,),
}
OTHERS = {
    "x*y/z": (0.5, 1.25, -2.0),
    "1 - 1/(x + y)": (0.5, 1.25),
    "1 - 1/(1 + x)": (0.5,),
    "1 - 1/(1 + x + y)": (0.5, 1.25),
    "1 - 2/(1 + x)": (0.5,),
    "x/sqrt(1 + x**2)": (0.75,),
    "y/sqrt(x)": (2.0, 3.0),
    "y*(1 + x**2)**(-1.5)": (0.5, 2.0),
    "sqrt(x)*sqrt(y)": (2.0, 3.0),
    "1/(x*y)": (2.0, 3.0),
    "x - (y - z)": (1.0, 2.0, 4.0),
    "-(x + y)*z": (1.0, 2.0, 4.0),
    "-x**2": (1.5,),
    "(-x)**3": (1.5,),
    "exp(-x**2/2)*cos(3*y)": (0.5, 0.25),
    "log(1 + exp(x*y))": (0.5, 0.25),
    "tanh(x)*sinh(y) + cosh(z)": (0.5, -0.25, 1.0),
    "sigmoid(x)*softplus(y)": (0.5, -0.25),
    "gelu(x) + mish(y)": (0.5, -0.25),
    "atan(x*y) + erf(z)": (0.5, -0.25, 0.3),
    "log1p(x**2) - expm1(y)": (0.5, -0.25),
    "maximum(x, y)*minimum(x, y**2)": (0.5, -0.25),
    "abs(x)*relu(y)": (-0.5, 0.25),
    "x + y": (1.0, 2.0),
    "x": (3.0,),
    "2*x": (3.0,),
    "x**64": (1.01,),
    "x/3 - y/7": (1.0, 2.0),
}


def module_of(formula: str, target: str, wrt: tuple[str, ...] = (), hessian: bool = True) -> ModuleType:
    source = symnet.differentiate(formula, wrt, target=target, hessian=hessian)
    return module_from_source(source, f"function_{target}")


def exact(formula: str, point: tuple[float, ...], orders: tuple[int, ...] = (0, 1, 2)) -> list[list[mpmath.mpf]]:
    """Value, gradient and the Hessian row by row, by SymPy's `diff`, at 40 digits."""
    expression, variables = read_function(formula)
    expression = standard(expression)
    results = []
    with mpmath.workdps(40):
        numbers = {symbol: mpmath.mpf(number) for symbol, number in zip(variables, point, strict=True)}
        for order in orders:
            derivatives = [expression.diff(*by) for by in itertools.product(variables, repeat=order) if order]
            if order == 0:
                derivatives = [expression]
            # The second derivative of a kink is 0 wherever it is a number.
            function = sympy.lambdify(variables, derivatives, modules=[{"DiracDelta": lambda z: 0}, "mpmath"])
            results.append([mpmath.mpf(entry) for entry in function(*numbers.values())])
    return results


def close(found: list[float], expected: list[mpmath.mpf], limit: float = 1e-12) -> bool:
    """Norm-wise, as everywhere; a Hessian of zeros must be zeros."""
    size = max(map(abs, expected))
    return all(abs(a - b) <= limit * size for a, b in zip(found, expected, strict=True))


def check_formula(formula: str, point: tuple[float, ...]) -> None:
    value, gradient, hessian = exact(formula, point)
    for target in TARGETS:
        module = module_of(formula, target)
        arguments = point if target == "python" else tuple(map(np.float64, point))
        assert close([module.value(*arguments)], value)
        assert close(list(module.gradient(*arguments)), gradient)
        both = module.value_and_grad(*arguments)
        assert close([both[0]], value)
        assert close(list(both[1]), gradient)
        rows = module.hessian(*arguments)
        assert len(rows) == len(point)
        assert close([entry for row in rows for entry in row], hessian)
        assert all(rows[i][j] == rows[j][i] for i in range(len(point)) for j in range(i))


@pytest.mark.parametrize("formula", NOTES)
def test_the_functions_of_the_notes(formula: str) -> None:
    check_formula(formula, NOTES[formula])


@pytest.mark.parametrize("formula", OTHERS)
def test_other_functions(formula: str) -> None:
    check_formula(formula, OTHERS[formula])


def test_the_derivatives_that_the_notes_print() -> None:
    x, y = 1.7, -0.4
    assert module_of("exp(x**2)", "python").gradient(x)[0] == pytest.approx(2 * x * math.exp(x**2), rel=1e-14)
    polynomial = module_of("3*x**4+5*x**3-20*x**2+8*x+10", "python")
    assert polynomial.gradient(x)[0] == pytest.approx(12 * x**3 + 15 * x**2 - 40 * x + 8, rel=1e-14)
    assert polynomial.hessian(x)[0][0] == pytest.approx(36 * x**2 + 30 * x - 40, rel=1e-13)
    by_x, by_y = module_of("x1**4*x2**2+(x1-1)**2*(x2-1)**4", "python").gradient(x, y)
    assert by_x == pytest.approx(4 * x**3 * y**2 + 2 * (x - 1) * (y - 1) ** 4, rel=1e-13)
    assert by_y == pytest.approx(2 * x**4 * y + 4 * (x - 1) ** 2 * (y - 1) ** 3, rel=1e-13)


LEAVES = st.one_of(st.sampled_from(("x", "y", "z")), st.sampled_from(("2", "0.5", "3", "1.25")))


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    calls = ("exp", "sin", "tanh", "atan", "sigmoid", "softplus", "cos", "log1p", "expm1", "silu", "gaussian")
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda parts: f"({''.join(parts)})"),
        st.tuples(inner, inner).map(lambda parts: f"({parts[0]}/(2 + {parts[1]}**2))"),
        st.tuples(inner, inner).map(lambda parts: f"({parts[0]}/sqrt(1 + {parts[1]}**2))"),
        st.tuples(inner, st.sampled_from(("2", "3", "4", "5"))).map(lambda parts: f"{parts[0]}**{parts[1]}"),
        st.tuples(st.sampled_from(calls), inner).map(lambda parts: f"{parts[0]}({parts[1]})"),
        inner.map(lambda text: f"(-{text})"),
    )


formulas = st.recursive(LEAVES, _larger, max_leaves=6)
coordinates = st.integers(-12, 12).map(lambda sixteenths: sixteenths / 16 + 1 / 32)


@given(formula=formulas, point=st.tuples(coordinates, coordinates, coordinates))
@settings(max_examples=examples(60), **UNHURRIED)
def test_drawn_formulas(formula: str, point: tuple[float, float, float]) -> None:
    try:
        expression, variables = read_function(formula)
        assume(bool(variables))
        module = module_of(formula, "python")
    except SymnetError:
        assume(False)
    numbers = tuple(point["xyz".index(str(symbol))] for symbol in variables)
    try:
        with mpmath.workdps(40):
            known = {symbol: mpmath.mpf(number) for symbol, number in zip(variables, numbers, strict=True)}
            independent = value_of(mpmath.mp, expression, known)
        results = exact(formula, numbers)
    except (ArithmeticError, TypeError, ValueError):
        assume(False)
    assume(all(abs(entry) < 1e12 for entries in results for entry in entries))
    assert abs(independent - results[0][0]) <= 1e-30 * (1 + abs(independent))
    rows = module.hessian(*numbers)
    found = [[module.value(*numbers)], list(module.gradient(*numbers)), [entry for row in rows for entry in row]]
    for computed, expected in zip(found, results, strict=True):
        # Terms that cancel leave the rounding of what they were: their sizes are not known here.
        size = max(1.0, *(float(abs(entry)) for entries in results for entry in entries))
        assert all(abs(a - b) <= 1e-10 * size for a, b in zip(computed, expected, strict=True))
    arrays = module_of(formula, "numpy")
    columns = [np.array([number, 0.5, number]) for number in numbers]
    for place, slope in enumerate(arrays.gradient(*columns)):
        assert np.broadcast_to(slope, (3,))[0] == pytest.approx(found[1][place], rel=1e-9, abs=1e-10)


# ---- arrays ----


@pytest.mark.parametrize("formula", ["x**2*y", "2*x + y", "x", "exp(x) - y", "relu(x)*abs(y) + erf(x)", "x*y"])
def test_arrays_are_elementwise_in_every_result(formula: str) -> None:
    """Constant derivatives too have the shape of the arguments."""
    module = module_of(formula, "numpy")
    _, variables = read_function(formula)
    arguments = [np.arange(6.0).reshape(2, 3) + number for number in range(len(variables))]
    assert module.value(*arguments).shape == (2, 3)
    value, gradient = module.value_and_grad(*arguments)
    assert value.shape == (2, 3)
    for slope in (*gradient, *module.gradient(*arguments)):
        assert np.shape(slope) == (2, 3)
    for row in module.hessian(*arguments):
        for entry in row:
            assert np.shape(entry) == (2, 3)


def test_arguments_are_left_alone() -> None:
    module = module_of("x", "numpy")
    x = np.ones(3)
    result = module.value(x)
    result += 1
    assert x.tolist() == [1, 1, 1]


# ---- variables ----


def test_by_some_variables_in_the_order_that_is_asked_for() -> None:
    formula, point = "x*y**2*z**3", (2.0, 3.0, 5.0)
    module = module_of(formula, "python", ("z", "x"))
    assert module.gradient(*point) == (2 * 9 * 75, 9 * 125)
    assert module.hessian(*point) == ((2 * 9 * 30, 9 * 75), (9 * 75, 0))
    assert module_of(formula, "python", ("y",)).gradient(*point) == (2 * 2 * 3 * 125,)
    assert module_of(formula, "python", ("z", "z")).gradient(*point) == (2 * 9 * 75,)


def test_there_is_no_hessian_unless_it_is_asked_for() -> None:
    assert not hasattr(module_of("x**2", "python", hessian=False), "hessian")


@pytest.mark.parametrize("name", ["t1", "t2", "a", "b", "np_", "tanh1", "N", "C", "theta", "E"])
@pytest.mark.parametrize("target", TARGETS)
def test_names_of_ones_own_do_not_meet_those_of_the_code(name: str, target: str) -> None:
    """The same function under other names has the same values."""
    formula = "x**4*{0}**2 + (x-1)**2*({0}-1)**4 + exp({0})*x*tanh(x*{0}) + exp(x + {0})"
    plain, renamed = (module_of(formula.format(letter), target) for letter in ("y", name))
    # Arguments are in the order of the alphabet.
    order = sorted(("x", name)).index("x")
    for function in ("value", "gradient", "hessian"):
        expected = getattr(plain, function)(1.25, 0.5)
        found = getattr(renamed, function)(*((1.25, 0.5) if order == 0 else (0.5, 1.25)))
        if order == 1 and function != "value":
            found = found[::-1] if function == "gradient" else tuple(row[::-1] for row in found[::-1])
        assert np.allclose(np.array(found, float), np.array(expected, float), rtol=1e-12, atol=0)


# ---- what is refused ----

REFUSED = [
    ("x*x_bar", "'x_bar' has the form of a derivative's name"),
    ("x + x_of_y", "'x_of_y' has the form of a derivative's name"),
    ("exp(x) + 0.5*inf", "'inf' is a reserved name"),
    ("3", "no variable"),
    ("2 + 3*4", "no variable"),
    ("0*x", "no variable"),
    ("x**x", "exponent must be a number"),
    ("x**y", "exponent must be a number"),
    ("2**x", "exponent must be a number"),
    ("x**1000", "exponent"),
    ("x**9**9**9", ""),
    ("9**9**9*x", ""),
    ("1e400*x", "number lies outside"),
    ("1e-400*x", "number lies outside"),
    ("exp(1000)*x", "finite"),
    ("1/0*x", "division by zero"),
    ("lambda*x", ""),
    ("np + 1", "reserved"),
    ("value + x", "reserved"),
    ("hessian*x", "reserved"),
    ("gradient", "reserved"),
    ("value_and_grad*x", "reserved"),
    ("Array*x", "reserved"),
    ("print*x", "reserved"),
    ("f*x", "result"),
    ("foo(x)", "unknown function"),
    ("sin(x", "cannot be read"),
    ("x.real", ""),
    ("__import__('os')", ""),
    ("x; y", ""),
    ("", ""),
    ("exp", ""),
    ("sin(x, y)", "takes 1"),
    ("x" * 41, "not a name"),
]


@pytest.mark.parametrize(("formula", "said"), REFUSED)
def test_formulas_that_are_refused(formula: str, said: str) -> None:
    for call in (symnet.differentiate, symnet.count_expression):
        with pytest.raises(SymnetError, match=said or None) as error:
            call(formula)
        assert "\n" not in str(error.value)


def test_unknown_variables_and_targets_are_refused() -> None:
    with pytest.raises(SymnetError, match="unknown variable 'w'"):
        symnet.differentiate("x*y", ["w"])
    with pytest.raises(SymnetError, match="unknown variable 'w'"):
        symnet.count_expression("x*y", ["x", "w"])
    with pytest.raises(SymnetError, match="unknown target 'c'"):
        symnet.differentiate("x*y", target="c")


# ---- the command ----


@pytest.mark.parametrize("target", TARGETS)
def test_the_command_writes_what_the_call_gives(target: str, symnet_command: Command, tmp_path: Path) -> None:
    path = tmp_path / "f.py"
    arguments = ("differentiate", "--expression", "x**2*y", "--wrt", "y, x", "--target", target, "--hessian")
    status, out, err = symnet_command(*arguments, "-o", str(path))
    assert (status, out) == (0, "")
    assert "f.py" in err
    assert path.read_text() == symnet.differentiate("x**2*y", ["y", "x"], target=target, hessian=True)
    assert symnet_command(*arguments)[1] == path.read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        *(("--expression", formula) for formula, _ in REFUSED),
        ("--expression", "x*y", "--wrt", "w"),
        ("--expression", "x*y", "--wrt", ","),
        ("--expression", "x*y", "--target", "c"),
        (),
    ],
)
def test_the_command_refuses_in_one_line(arguments: tuple[str, ...], symnet_command: Command, tmp_path: Path) -> None:
    status, out, err = symnet_command("differentiate", *arguments, "-o", str(tmp_path / "f.py"))
    assert (status, out) == (2, "")
    assert re.fullmatch(r"symnet: [ -~]+\n", err)
    assert list(tmp_path.iterdir()) == []


def test_a_formula_of_many_variables() -> None:
    formula = " + ".join(f"x{number}*x{number + 1}**2" for number in range(30))
    module = module_of(formula, "python", hessian=False)
    point = [0.1 * number for number in range(31)]
    _, variables = read_function(formula)
    at = dict(zip(map(str, variables), point, strict=True))
    by_name = dict(zip(map(str, variables), module.gradient(*point), strict=True))
    assert by_name["x3"] == pytest.approx(at["x4"] ** 2 + 2 * at["x2"] * at["x3"], rel=1e-13)
    assert Symbol("x3", real=True) in variables
