"""A function with nothing but its definition works wherever one of symnet's own does, and stably with a stable form."""

from __future__ import annotations

import ast
import doctest
import math
import subprocess
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import mpmath
import numpy as np
import pytest
from sympy import Abs, Expr, Rational, log, sqrt, tanh
from sympy import exp as exponential

import symnet
from symnet import Dense, Network
from symnet.core.oracle import evaluate
from symnet.formats.formats import FORMATS
from symnet.functions import record
from symnet.functions.bells import gaussian
from symnet.functions.declare import function
from symnet.functions.elementary import log1p
from symnet.functions.kinds import Composite
from symnet.functions.piecewise import maximum, select
from symnet.functions.record import FUNCTIONS
from symnet.functions.safe import hypot
from symnet.network.activations import Activation, Z
from symnet.notation.profile import notation_names
from symnet.support.choices import ACCURACIES
from symnet.support.choices import PAGE_FORMS as FORMS
from symnet.support.modules import module_from_source
from symnet.targets.registry import TARGETS

bent = function("bent", "z + (√(1 + z²) − 1)/2.", lambda z: z + (sqrt(1 + z**2) - 1) / 2)


class ridge(Composite):
    """u bent(u) exp(−c² u²), of two arguments, of no record, through functions of which one has no code either."""

    nargs = 2

    @property
    def definition(self) -> Expr:
        u, c = self.args
        return u * bent(u) * gaussian(c * u)


bowed = function(
    "bowed",
    "(z + √(z² + 4))/2, for z < 0 as 2/(√(z² + 4) − z).",
    lambda z: (z + sqrt(z**2 + 4)) / 2,
    stable=lambda z: select(z, (z + hypot(z, 2)) / 2, 2 / (hypot(z, 2) - z)),
)
ramp = function(
    "ramp",
    "log(1 + exp(z)).",
    lambda z: log(1 + exponential(z)),
    stable=lambda z: maximum(z, 0) + log1p(exponential(-Abs(z))),
)
lean = function(
    "lean",
    "log(exp(z) + exp(−z)), with a slope of its own.",
    lambda z: log(exponential(z) + exponential(-z)),
    stable=lambda z: Abs(z) + log1p(exponential(-2 * Abs(z))),
    slope=lambda a, z: tanh(z),
)


@pytest.mark.parametrize("name", ["bowed", "ramp", "lean"])
def test_a_record_of_a_stable_function_is_short(name: str) -> None:
    """It is one statement, all that there is of the function."""
    statements = ast.parse(Path(__file__).read_text(encoding="utf-8")).body
    named = [each for each in statements if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == name]
    assert [each.value.func.id for each in named if isinstance(each.value, ast.Call)] == ["function"]
    assert all((each.end_lineno or 0) - each.lineno < 20 for each in named)


def network(expression: Expr) -> Network:
    function = Activation("mine", expression, "a function of one's own")
    return Network(2, [Dense(3, activation=function), Dense(2)], loss="half_squared_error")


NETWORKS = {
    "bent": network(bent(Z)),
    "ridge": network(ridge(Z, Rational(3, 2))),
    "inside": network(Z / (1 + exponential(-bent(Z)))),
    "bowed": network(bowed(Z)),
    "ramp": network(ramp(Z)),
    "lean": network(lean(Z)),
}
SAME = {
    "bent": "2-3-2:z+(sqrt(1+z**2)-1)/2,identity",
    "ridge": "2-3-2:z*(z+(sqrt(1+z**2)-1)/2)*exp(-(1.5*z)**2),identity",
    "inside": "2-3-2:z/(1+exp(-(z+(sqrt(1+z**2)-1)/2))),identity",
    "bowed": "2-3-2:(z+sqrt(z**2+4))/2,identity",
    "ramp": "2-3-2:log(1+exp(z)),identity",
    "lean": "2-3-2:log(exp(z)+exp(-z)),identity",
}
RNG = np.random.default_rng(7)
X, Y, THETA = RNG.normal(size=(4, 2)), RNG.normal(size=(4, 2)), RNG.normal(size=17)


def loss_and_gradient(source: str, target: str) -> tuple[float, np.ndarray]:
    """The loss and all its derivatives, one after another."""
    module = module_from_source(source, "mine")
    if target == "python":
        rows = [module.value_and_grad(THETA.tolist(), x, y) for x, y in zip(X.tolist(), Y.tolist(), strict=True)]
        return sum(value for value, _ in rows) / len(rows), np.mean([gradient for _, gradient in rows], axis=0)
    if target == "numpy-scalar":
        value, gradient = module.value_and_grad(THETA, X, Y)
        return value, np.asarray(gradient)
    value, gradients = module.value_and_grad(module.unflatten(THETA), X, Y)
    return value, module.flatten(gradients)


@pytest.mark.parametrize("accuracy", ACCURACIES)
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", NETWORKS)
def test_every_target_writes_it_by_its_definition(name: str, target: str, accuracy: str) -> None:
    found, slopes = loss_and_gradient(symnet.generate(NETWORKS[name], target=target, accuracy=accuracy), target)
    value, gradient = loss_and_gradient(symnet.generate(SAME[name], target="numpy-plain"), "numpy-plain")
    assert found == pytest.approx(value, rel=1e-13)
    assert slopes == pytest.approx(gradient, rel=1e-11, abs=1e-14)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_oracle_and_the_counts_know_it(name: str) -> None:
    derivation, same = symnet.derive(NETWORKS[name]), symnet.derive(SAME[name])
    parts = np.split(THETA, np.cumsum([6, 3, 6]))
    shapes = {"W1": (2, 3), "b1": (3,), "W2": (3, 2), "b2": (2,)}
    given = {key: part.reshape(shape) for (key, shape), part in zip(shapes.items(), parts, strict=True)}
    values = [evaluate(each.program, {**given, "x": X, "y": Y}, digits=40) for each in (derivation, same)]
    for array in derivation.forward.parameters:
        one, other = (found[each.gradients[array.name]] for found, each in zip(values, (derivation, same), strict=True))
        assert np.allclose(one.astype(float), other.astype(float), rtol=1e-14)
    counts = symnet.count(NETWORKS[name])
    assert math.isfinite(counts.sweep)
    assert counts.sweep_cse <= counts.sweep <= counts.brute_force


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["bent", "inside", "bowed"])
def test_pages_write_it_by_its_definition(name: str, form: str) -> None:
    """Every equation of a page is read back and held to the network, or the page is refused."""
    for place, notation in enumerate(sorted(notation_names())[:: 1 if form == "index" else 4]):
        chosen = sorted(FORMATS)[place % len(FORMATS)]
        assert symnet.derive(NETWORKS[name]).render(chosen, notation, form=form)


ANYWHERE = (0.0, 1e-300, -1e-300, 0.3, -0.3, -3.0, 3.0, 30.0, -30.0, 1e3, -1e3, 1e200, -1e200)


def wide(z: float, function: Any) -> Any:
    """The value of a definition, with enough digits for what is left of its differences; exp is beyond them all."""
    with mpmath.workdps(900):
        return function(min(max(mpmath.mpf(z), -(10**3)), 10**3)) if function in LEVELLED else function(mpmath.mpf(z))


def sigmoid_of(z: Any) -> Any:
    return 1 / (1 + mpmath.exp(-z))


LEVELLED = (sigmoid_of, mpmath.tanh)
TRUE: dict[str, tuple[Any, Any]] = {
    "bowed": (lambda z: (z + mpmath.sqrt(z**2 + 4)) / 2, lambda z: (1 + z / mpmath.sqrt(z**2 + 4)) / 2),
    "ramp": (lambda z: max(z, 0) + mpmath.log(1 + mpmath.exp(-min(abs(z), 2000))), sigmoid_of),
    "lean": (lambda z: abs(z) + mpmath.log(1 + mpmath.exp(-2 * min(abs(z), 2000))), mpmath.tanh),
}
ALONE = {
    name: Network(1, [Dense(1, activation=Activation("mine", made(Z), "one's own"))], loss="half_squared_error")
    for name, made in (("bowed", bowed), ("ramp", ramp), ("lean", lean))
}


def value_and_slope(module: ModuleType, target: str, z: float) -> tuple[float, float, float]:
    """a, and ∂C/∂b of C = (a - y)²/2, at the pre-activation b = z and a target y 1 below a; and a - y."""
    theta = [0.0, z]
    if target == "python":
        (a,) = module.forward(theta, [1.0])
        return a, module.value_and_grad(theta, [1.0], [a - 1.0])[1][1], a - (a - 1.0)
    params = theta if target == "numpy-scalar" else module.unflatten(np.array(theta))
    x = np.ones((1, 1))
    a = module.forward(params, x)[0, 0]
    gradient = module.value_and_grad(params, x, np.array([[a - 1.0]]))[1]
    return a, gradient[1] if target == "numpy-scalar" else gradient.b1[0], a - (a - 1.0)


@pytest.mark.parametrize("accuracy", ACCURACIES)
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", ALONE)
def test_code_is_as_stable_as_the_stable_form(name: str, target: str, accuracy: str) -> None:
    module = module_from_source(symnet.generate(ALONE[name], target=target, accuracy=accuracy), "mine")
    value, slope = TRUE[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for z in ANYWHERE:
            found, change, residual = value_and_slope(module, target, z)
            assert found == pytest.approx(float(wide(z, value)), rel=4e-16, abs=1e-322), z
            assert change == pytest.approx(float(wide(z, slope)) * residual, rel=4e-16, abs=1e-322), z


@pytest.mark.parametrize("name", ALONE)
def test_its_value_is_that_of_the_stable_form(name: str) -> None:
    value, _ = TRUE[name]
    forward = symnet.derive(ALONE[name]).forward.needed_for(["a1"])
    for z in ANYWHERE:
        wanted = wide(z, value)
        given = {"W1": [[0.0]], "b1": [z], "x": [[1.0]], "y": [[0.0]]}
        assert FUNCTIONS[name].evaluate(z) == pytest.approx(float(wanted), rel=4e-16, abs=1e-322)
        assert evaluate(forward, given)["a1"][0, 0] == pytest.approx(float(wanted), rel=4e-16, abs=1e-322)
        precise = evaluate(forward, given, digits=50)["a1"][0, 0]
        assert abs(precise - wanted) <= abs(wanted) * mpmath.mpf(10) ** -47 + mpmath.mpf(10) ** -400, z


@pytest.mark.parametrize("name", ["bowed", "ramp"])
def test_counts_and_equations_are_those_of_the_definition(name: str) -> None:
    counts, same = symnet.count(NETWORKS[name]), symnet.count(SAME[name])
    assert counts.forward == same.forward
    rhs = symnet.derive(NETWORKS[name]).equations.equations[1].rhs
    assert rhs.func is {"bowed": bowed, "ramp": ramp}[name]


def test_claims_on_it_are_judged() -> None:
    equation = r"\frac{\partial C}{\partial b_j^2} = \delta_j^2"
    assert symnet.verify(NETWORKS["bowed"], equation, "nielsen")
    slope = r"\sigma'(z_j^2) = \frac{1}{2} \left(1 + \frac{z_j^2}{\sqrt{(z_j^2)^2 + 4}}\right)"
    assert symnet.verify(NETWORKS["bowed"], slope, "nielsen")
    assert not symnet.verify(NETWORKS["bowed"], slope.replace("1 +", "1 -"), "nielsen")


NAMED = """
from sympy import sqrt
from symnet.functions import function, hypot, select

function(
    "bowed",
    "(z + √(z² + 4))/2, for z < 0 as 2/(√(z² + 4) - z).",
    lambda z: (z + sqrt(z**2 + 4)) / 2,
    stable=lambda z: select(z, (z + hypot(z, 2)) / 2, 2 / (hypot(z, 2) - z)),
    activation="(z + sqrt(z**2 + 4))/2",
)

import symnet
from symnet.network.activations import ACTIVATIONS
from symnet.support.choices import ACCURACIES
from symnet.targets import TARGETS

network = "2-3-1:bowed,identity"
for target in TARGETS:
    for accuracy in ACCURACIES:
        assert symnet.gradcheck(symnet.compile(network, target=target, accuracy=accuracy), points=1, rows=2)
derivation = symnet.derive(network)
assert "4" in derivation.render("text")
assert symnet.exercise_sheet(network, count=2)
assert symnet.count(network).forward == symnet.count("2-3-1:(z+sqrt(z**2+4))/2,identity").forward
equation = r"\\frac{\\partial C}{\\partial w_{00}^{(1)}} = \\delta_0^{(1)} a_0^{(0)}"
assert symnet.verify(network, equation, "hjorth-jensen")
assert not symnet.verify(network, equation.replace("(0)", "(1)"), "hjorth-jensen")
assert str(symnet.parse("2-3-1:z*bowed(z),identity"))
assert ACTIVATIONS["bowed"].formula == "(z + sqrt(z**2 + 4))/2"
"""


def test_one_record_is_a_named_activation_in_every_command() -> None:
    """In a process of its own, since names of activations are read when symnet is loaded."""
    assert NAMED.partition("function(")[2].partition("\n)")[0].count("\n") < 20
    subprocess.run([sys.executable, "-c", NAMED], check=True, timeout=600)


def test_two_functions_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two functions are called bent"):
        function("bent", "z.", lambda z: z)


def test_the_example_of_a_record_is_run() -> None:
    assert doctest.testmod(record) == (0, 4)
