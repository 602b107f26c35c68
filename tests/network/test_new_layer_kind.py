"""A new kind of layer is its forward equations: defined here in a few lines, with no derivative written.

Each kind gets code, a gradient that checks against differences at 50 digits, and a gradient check
of the generated module.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import (
    DIGITS,
    UNHURRIED,
    assert_agree,
    assert_are_gradients,
    examples,
    parameters_of,
    positions_to_check,
    values_for,
)
from sympy import Rational, Sum, exp, log, sqrt, tanh

import symnet
from symnet import ActivatedLayer, Dense, Derivation, Layer, Network, RadialBasis, Residual, Scope
from symnet.core.index_algebra import extent, index
from symnet.core.oracle import evaluate
from symnet.core.sizes import BATCH
from symnet.functions.rows import softmax
from symnet.pages.program_text import program_text
from symnet.support.choices import ACCURACIES
from symnet.support.choices import PAGE_FORMS as FORMS
from symnet.support.errors import ArchitectureError, GradcheckError, LoweringError, NotationError
from symnet.support.modules import module_from_source

EPSILON = Rational(1, 1000)


@dataclass(frozen=True)
class Bilinear(ActivatedLayer):
    """a[n,j] = f(Sum(x[n,i]*B[i,q,j]*x[n,q], i, q)): three axes, two of them over the same units."""

    kind: ClassVar[str] = "bilinear"
    formula: ClassVar[str] = "a[n,j] = f(Sum(x[n,i]*B[i,q,j]*x[n,q], i, q))"

    def equations(self, scope: Scope) -> None:
        n, i, j = scope.n, scope.i, scope.j
        q = index("q", extent(i))
        form = scope.parameter("B", i, q, j, initial=Fraction(1, 10), role="weight")
        z = scope.define("z", Sum(scope.input[n, i] * form[i, q, j] * scope.input[n, q], i, q))
        scope.output(scope.activate(z[n, j]))


@dataclass(frozen=True)
class Cosine(Layer):
    """a[n,j] = Sum(x[n,i]*W[i,j], i)/(|x[n]| |W[j]|), in one equation."""

    kind: ClassVar[str] = "cosine"
    formula: ClassVar[str] = "a[n,j] = Sum(x[n,i]*W[i,j], i)/sqrt(Sum(x[n,i]**2, i)*Sum(W[i,j]**2, i))"

    def equations(self, scope: Scope) -> None:
        n, i, j = scope.n, scope.i, scope.j
        x, weight = scope.input, scope.weight()
        lengths = sqrt((EPSILON + Sum(x[n, i] ** 2, i)) * (EPSILON + Sum(weight[i, j] ** 2, i)))
        scope.output(Sum(x[n, i] * weight[i, j], i) / lengths)


@dataclass(frozen=True)
class LayerNorm(Layer):
    """Each row brought to mean 0 and variance 1 over its units, then scaled by g and shifted by h."""

    kind: ClassVar[str] = "layer_norm"
    formula: ClassVar[str] = "a[n,j] = g[j]*(x[n,j] - m[n])/sqrt(v[n] + 0.001) + h[j]"

    def equations(self, scope: Scope) -> None:
        n, i, j, x = scope.n, scope.i, scope.j, scope.earlier(1)
        gain, shift = scope.parameter("g", j, initial="ones"), scope.parameter("h", j)
        mean = scope.define("m", Sum(x[n, i], i) / extent(i), n)
        variance = scope.define("v", Sum((x[n, i] - mean[n]) ** 2, i) / extent(i), n)
        scope.output(gain[j] * (x[n, j] - mean[n]) / sqrt(variance[n] + EPSILON) + shift[j])


@dataclass(frozen=True)
class BatchNorm(Layer):
    """Each unit brought to mean 0 and variance 1 over the batch: sums over n, sizes known at run time only."""

    kind: ClassVar[str] = "batch_norm"
    formula: ClassVar[str] = "a[n,j] = g[j]*(x[n,j] - m[j])/sqrt(v[j] + 0.001) + h[j]"

    def equations(self, scope: Scope) -> None:
        n, j, x = scope.n, scope.j, scope.earlier(1)
        gain, shift = scope.parameter("g", j, initial="ones"), scope.parameter("h", j)
        mean = scope.define("m", Sum(x[n, j], n) / BATCH, j)
        variance = scope.define("v", Sum((x[n, j] - mean[j]) ** 2, n) / BATCH, j)
        scope.output(gain[j] * (x[n, j] - mean[j]) / sqrt(variance[j] + EPSILON) + shift[j])


@dataclass(frozen=True)
class Attention(Layer):
    """Softmax over the inputs of a row as weights of their mean: a row function inside the network's equations."""

    kind: ClassVar[str] = "attention"
    formula: ClassVar[str] = "a[n,j] = Sum(softmax(x[n,i]*exp(t), i)*x[n,i]*U[i,j], i)"

    def equations(self, scope: Scope) -> None:
        n, i, j = scope.n, scope.i, scope.j
        heat, values = exp(scope.parameter("t")), scope.weight("U")
        share = scope.define("q", softmax(scope.input[n, i] * heat, i), n, i)
        scope.output(Sum(share[n, i] * scope.input[n, i] * values[i, j], i))


@dataclass(frozen=True)
class Tempered(Layer):
    """A dense layer with one scalar for all units, whose exponential has an equation of its own."""

    kind: ClassVar[str] = "tempered"
    formula: ClassVar[str] = "u[j] = exp(t);  z[n,j] = Sum(x[n,i]*W[i,j], i);  a[n,j] = tanh(u[j]*z[n,j])"

    def equations(self, scope: Scope) -> None:
        n, i, j = scope.n, scope.i, scope.j
        heat, weight = scope.parameter("t"), scope.weight()
        factor = scope.define("u", exp(heat), j)
        z = scope.define("z", Sum(scope.input[n, i] * weight[i, j], i))
        scope.output(tanh(factor[j] * z[n, j]))


@dataclass(frozen=True)
class Spread(Layer):
    """A dense layer whose gains are spread over the rows: an array with an index that its definition lacks."""

    kind: ClassVar[str] = "spread"
    formula: ClassVar[str] = "u[n,j] = exp(g[j]);  z[n,j] = Sum(x[n,i]*W[i,j], i);  a[n,j] = u[n,j]*z[n,j]"

    def equations(self, scope: Scope) -> None:
        n, i, j = scope.n, scope.i, scope.j
        gain, weight = scope.parameter("g", j), scope.weight()
        spread = scope.define("u", exp(gain[j]))
        z = scope.define("z", Sum(scope.input[n, i] * weight[i, j], i))
        scope.output(spread[n, j] * z[n, j])


@dataclass(frozen=True)
class Gated(Layer):
    """Two dense maps, one the gate of the other, with a gate that all rows share."""

    kind: ClassVar[str] = "gated"
    formula: ClassVar[str] = "a[n,j] = tanh(Sum(x[n,i]*W[i,j], i))/(1 + exp(-Sum(x[n,i]*V[i,j], i)))"

    def equations(self, scope: Scope) -> None:
        n, i, j = scope.n, scope.i, scope.j
        value, gate = scope.weight("W"), scope.weight("V")
        level = scope.define("u", log(2 + Sum(scope.input[n, i] ** 2, n, i) / BATCH), j)
        scope.output(
            level[j]
            * tanh(Sum(scope.input[n, i] * value[i, j], i))
            / (1 + exp(-Sum(scope.input[n, i] * gate[i, j], i)))
        )


@dataclass(frozen=True)
class Scaled(Layer):
    """A dense layer with one factor for all weights, inside the sum."""

    kind: ClassVar[str] = "scaled"
    formula: ClassVar[str] = "a[n,j] = tanh(Sum(t*x[n,i]*W[i,j], i))"

    def equations(self, scope: Scope) -> None:
        n, i, j = scope.n, scope.i, scope.j
        factor, weight = scope.parameter("t", initial="ones"), scope.weight()
        scope.output(tanh(Sum(factor * scope.input[n, i] * weight[i, j], i)))


@dataclass(frozen=True)
class WeightNorm(Layer):
    """Weights as a length and a direction, of Salimans and Kingma (2016)."""

    kind: ClassVar[str] = "weight_norm"
    formula: ClassVar[str] = "a[n,j] = tanh(g[j]*Sum(x[n,i]*W[i,j], i)/|W[j]|)"

    def equations(self, scope: Scope) -> None:
        n, i, j = scope.n, scope.i, scope.j
        gain, weight = scope.parameter("g", j, initial="ones"), scope.weight()
        length = sqrt(Sum(weight[i, j] ** 2, i))
        scope.output(tanh(gain[j] * Sum(scope.input[n, i] * weight[i, j], i) / length))


@dataclass(frozen=True)
class Factored(Layer):
    """A bilinear layer in six factors, no two of which have the same indices."""

    kind: ClassVar[str] = "factored"
    formula: ClassVar[str] = "a[n,j] = Sum(x[n,i]*x[n,q]*W[i,j]*S[i,q]*g[i]*h[q], i, q)"

    def equations(self, scope: Scope) -> None:
        n, i, j = scope.n, scope.i, scope.j
        q = index("q", extent(i))
        weight, mixing = scope.weight(), scope.parameter("S", i, q, initial=Fraction(1, 4))
        left, right = scope.parameter("g", i, initial="ones"), scope.parameter("h", q, initial="ones")
        factors = scope.input[n, i] * scope.input[n, q] * weight[i, j] * mixing[i, q] * left[i] * right[q]
        scope.output(Sum(factors, i, q))


@dataclass(frozen=True)
class Pairs(Layer):
    """Each unit of the layer before meets every other: the same multiple of one array under two indices."""

    kind: ClassVar[str] = "pairs"
    formula: ClassVar[str] = "a[n,j] = Sum(tanh(3*x[n,i] + 1)*tanh(3*x[n,j] + 2)*W[i,j], i) + 3*x[n,j]"

    def equations(self, scope: Scope) -> None:
        n, i, j, x = scope.n, scope.i, scope.j, scope.earlier(1)
        pairs = scope.define("s", Sum(tanh(3 * x[n, i] + 1) * tanh(3 * x[n, j] + 2) * scope.weight()[i, j], i))
        scope.output(pairs[n, j] + 3 * x[n, j])


@dataclass(frozen=True)
class Outer(ActivatedLayer):
    """Two dense maps multiplied, each unit of the one by each of the other: an output of two axes."""

    kind: ClassVar[str] = "outer"
    formula: ClassVar[str] = "a[n,j,k] = f(Sum(x[n,i]*U[i,j], i)*Sum(x[n,i]*V[i,k], i) + b[j,k])"
    columns: int = 2

    def shape(self, before: tuple[int, ...]) -> tuple[int, ...]:
        return (self.units, self.columns)

    def equations(self, scope: Scope) -> None:
        n, i, (j, k) = scope.n, scope.before_axes, scope.axes
        left, right = (
            scope.parameter(letter, *i, own, initial=Fraction(1, 2), role="weight")
            for letter, own in (("U", j), ("V", k))
        )
        bias = scope.parameter("b", j, k)
        rows = scope.define("r", Sum(scope.input[n, *i] * left[*i, j], *i), n, j)
        columns = scope.define("s", Sum(scope.input[n, *i] * right[*i, k], *i), n, k)
        z = scope.define("z", rows[n, j] * columns[n, k] + bias[j, k])
        scope.output(scope.activate(z[n, j, k]))


@dataclass(frozen=True)
class Smoothed(Layer):
    """What is carried around a map along the second axis of an output with two."""

    kind: ClassVar[str] = "smoothed"
    formula: ClassVar[str] = "a[n,j,k] = x[n,j,k] + tanh(Sum(x[n,j,l]*W[l,k], l))"
    columns: int = 2

    def shape(self, before: tuple[int, ...]) -> tuple[int, ...]:
        return before

    def equations(self, scope: Scope) -> None:
        n, (_, before), (j, k) = scope.n, scope.before_axes, scope.axes
        matrix, carried = scope.parameter("W", before, k, initial=Fraction(1, 2), role="weight"), scope.earlier(1)
        along = scope.define("z", Sum(carried[n, j, before] * matrix[before, k], before))
        scope.output(carried[n, j, k] + tanh(along[n, j, k]))


@dataclass(frozen=True)
class Axed(Layer):
    """A dense map to an output of two axes."""

    kind: ClassVar[str] = "axed"
    formula: ClassVar[str] = "a[n,j,k] = tanh(Sum(x[n,i]*W[i,j,k], i))"

    def shape(self, before: tuple[int, ...]) -> tuple[int, ...]:
        return (self.units, 2)

    def equations(self, scope: Scope) -> None:
        scope.output(tanh(Sum(scope.input[scope.n, scope.i] * scope.weight()[scope.i, *scope.axes], scope.i)))


NETWORKS = {
    "outer": Network(3, [Outer(4, activation="tanh"), Dense(2)], l2=0.1),
    "outer-classifier": Network(3, [Outer(2, activation="softmax", columns=3), Dense(3)], loss="cross_entropy"),
    "outer-between": Network(3, [Outer(2), Smoothed(2), Outer(2, activation="tanh", columns=3), Dense(2)]),
    "outer-centres": Network(3, [Outer(2, activation="sine"), RadialBasis(3), Dense(2)], l1=0.1),
    "bilinear": Network(3, [Bilinear(4, activation="tanh"), Dense(2)]),
    "bilinear-output": Network(2, [Dense(3), Bilinear(2)], loss="huber", l2=0.1, l1=0.2),
    "cosine": Network(3, [Cosine(4), Dense(3)], loss="cross_entropy", l2=0.1),
    "cosine-output": Network(3, [Dense(4), Cosine(2)], loss="mean_squared_error"),
    "layer_norm": Network(3, [Dense(4, activation="tanh"), LayerNorm(4), Dense(2)]),
    "layer_norm-twice": Network(3, [LayerNorm(3), Dense(3, activation="sine"), LayerNorm(3)], reduction="sum"),
    "batch_norm": Network(3, [Dense(4, activation="tanh", bias=False), BatchNorm(4), Dense(2)]),
    "batch_norm-classifier": Network(
        3, [BatchNorm(3), Dense(4, activation="softplus"), BatchNorm(4), Dense(3)], loss="cross_entropy"
    ),
    "attention": Network(3, [Dense(4), Attention(2)], loss="gaussian_nll"),
    "tempered": Network(3, [Tempered(4), Dense(2)]),
    "spread": Network(3, [Spread(4), Dense(2)]),
    "pairs": Network(3, [Dense(3), Pairs(3), Dense(2)]),
    "scaled": Network(3, [Scaled(4), Scaled(4), Dense(2)]),
    "factored": Network(3, [Factored(4), Dense(2)]),
    "weight_norm": Network(3, [WeightNorm(4), WeightNorm(3), Dense(2)]),
    "gated": Network(3, [Gated(4), Dense(2)], loss="cross_entropy"),
}


@pytest.fixture(scope="module", name="derivation", params=NETWORKS.values(), ids=NETWORKS.keys())
def new_derivation(request: pytest.FixtureRequest) -> Derivation:
    return symnet.derive(request.param)


def test_gradient_is_that_of_the_equations(derivation: Derivation) -> None:
    network = derivation.network
    values = values_for(network, derivation.forward, 4, seed=1)
    positions = [place for seed in range(3) for place in positions_to_check(derivation.forward, values, seed)]
    assert_are_gradients((derivation.equations, derivation.program), derivation.forward, values, positions)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_generated_code_computes_the_equations(derivation: Derivation, dtype: str) -> None:
    network = derivation.network
    values = values_for(network, derivation.program, 4, seed=2, dtype=dtype)
    exact = evaluate(derivation.program, values, digits=DIGITS)
    module = symnet.compile(network, dtype=dtype)
    value, gradients = module.value_and_grad(parameters_of(module, values), values["x"], values["y"])
    found = {derivation.program.outputs["loss"]: value}
    found |= {derivation.gradients[name]: array for name, array in gradients._asdict().items()}
    assert_agree(derivation.program, values, exact, found, {"float64": 1e-12, "float32": 1e-5}[dtype], dtype)


def test_gradient_check_of_the_network(derivation: Derivation) -> None:
    report = symnet.gradcheck(derivation.network)
    assert report, str(report)


def test_an_output_of_several_axes_is_counted_by_all_of_them() -> None:
    network = NETWORKS["outer-classifier"]
    assert network.shapes == ((3,), (2, 3), (3,))
    assert network.sizes == (3, 6, 3)
    forward = symnet.derive(network).forward
    assert forward.shape(forward.array("W2")) == (2, 3, 3)


def test_outputs_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ArchitectureError, match="layer 2: 3 units cannot be added to the 2 x 3 where the connection"):
        symnet.derive(Network(3, [Outer(2, columns=3), Residual(3), Dense(2)]))
    with pytest.raises(ArchitectureError, match="layer 1: the output of the last layer is 2 x 3; a loss is over one"):
        Network(3, [Outer(2, columns=3)])
    with pytest.raises(ArchitectureError, match="layer 1: softmax over one unit is always 1"):
        Network(3, [Outer(2, columns=1, activation="softmax"), Dense(2)])


@pytest.mark.parametrize("name", ["outer", "outer-between"])
def test_pages_of_outputs_with_several_axes_are_refused_in_one_line(name: str) -> None:
    with pytest.raises(NotationError, match=r"^the output of layer 1 is \d x 2; a notation has symbols for"):
        symnet.derive(NETWORKS[name]).render()
    with pytest.raises(NotationError, match="the output of layer 1 is"):
        symnet.verify(NETWORKS[name], "C = 0")
    assert "a1_bar[n,j,j2]" in program_text(
        symnet.derive(NETWORKS[name]).network, symnet.derive(NETWORKS[name]).equations
    )


@pytest.mark.parametrize("name", [name for name in NETWORKS if name.startswith("outer")])
def test_every_target_computes_outputs_of_several_axes(name: str) -> None:
    network = NETWORKS[name]
    derivation = symnet.derive(network)
    values = values_for(network, derivation.program, 4, seed=5)
    expected = symnet.compile(network, target="numpy-plain")
    theta = expected.flatten(parameters_of(expected, values))
    loss, gradients = expected.value_and_grad(parameters_of(expected, values), values["x"], values["y"])
    for target in ("numpy", "numpy-scalar"):
        for accuracy in ACCURACIES:
            module = symnet.compile(network, target=target, accuracy=accuracy)
            if target == "numpy":
                value, found = module.value_and_grad(module.unflatten(theta), values["x"], values["y"])
                found = module.flatten(found)
            else:
                value, found = module.value_and_grad(theta, values["x"], values["y"])
            assert value == pytest.approx(loss, rel=1e-12)
            np.testing.assert_allclose(found, expected.flatten(gradients), rtol=0, atol=1e-12 * np.abs(found).max())


def test_a_batch_of_one_row_goes_through_sums_over_the_batch() -> None:
    network = NETWORKS["batch_norm"]
    derivation = symnet.derive(network)
    values = values_for(network, derivation.program, 1, seed=3)
    module = symnet.compile(network)
    exact = evaluate(derivation.program, values, digits=DIGITS)
    found = module.forward(parameters_of(module, values), values["x"])
    assert_agree(derivation.program, values, exact, {derivation.program.outputs["prediction"]: found}, 1e-12)


def test_a_new_kind_has_no_string_form_but_a_python_form() -> None:
    with pytest.raises(symnet.SymnetError, match="bilinear"):
        symnet.to_string(NETWORKS["bilinear"])
    assert "Bilinear(units=4" in symnet.compile(NETWORKS["bilinear"]).ARCHITECTURE


@dataclass(frozen=True)
class Started(Layer):
    """A layer whose parameter starts with what is asked for."""

    kind: ClassVar[str] = "started"
    formula: ClassVar[str] = "a[n,j] = x[n,j] + g[j]"
    initial: object = "zeros"

    def equations(self, scope: Scope) -> None:
        gain = scope.parameter("g", scope.j, initial=self.initial)  # type: ignore[arg-type]
        scope.output(scope.earlier(1)[scope.n, scope.j] + gain[scope.j])


@pytest.mark.parametrize("initial", [0.25, Rational(1, 4), "twos", Fraction(-1, 4), None])
def test_a_parameter_starts_with_zeros_ones_or_draws_of_a_variance(initial: object) -> None:
    assert symnet.compile(Network(2, [Started(2, initial=Fraction(1, 4))])).init(0).g1.any()
    with pytest.raises(ArchitectureError, match=r'^layer 1.* g1 starts with .*; it can be "zeros", "ones"'):
        symnet.compile(Network(2, [Started(2, initial=initial)]))


def lettered(letter: str, *, parameter: bool) -> type[Layer]:
    """A kind of layer with one array of its own."""

    @dataclass(frozen=True)
    class Lettered(Layer):
        kind: ClassVar[str] = "lettered"
        formula: ClassVar[str] = "a[n,j] = x[n,j]*g[j]"

        def equations(self, scope: Scope) -> None:
            n, j, x = scope.n, scope.j, scope.earlier(1)
            own = scope.parameter(letter, j) if parameter else scope.define(letter, 2 * x[n, j])
            scope.output(x[n, j] * (own[j] if parameter else own[n, j]))

    return Lettered


@given(
    stem=st.sampled_from(("g", "h", "beta", "z", "W")),
    place=st.integers(1, 3),
    kinds=st.tuples(st.booleans(), st.booleans()),
)
@settings(max_examples=examples(10), **UNHURRIED)
def test_two_arrays_of_one_name_are_refused_where_the_second_is_declared(
    stem: str, place: int, kinds: tuple[bool, bool]
) -> None:
    """g1 of layer `place` and g of layer `1place` would both be g1<place>, whichever is a parameter."""
    early, late = lettered(f"{stem}1", parameter=kinds[0])(2), lettered(stem, parameter=kinds[1])(2)
    layers: list[Layer] = [Dense(2, "tanh", bias=False) for _ in range(10 + place)]
    layers[place - 1], layers[9 + place] = early, late
    message = rf"^layer 1{place}: the array '{stem}' is called {stem}1{place}, and so is '{stem}1' of layer {place}; "
    for ask in (symnet.derive, symnet.generate, symnet.count):
        with pytest.raises(ArchitectureError, match=message) as caught:
            ask(Network(2, layers))
        assert "\n" not in str(caught.value)
    layers[9 + place] = Dense(2, "tanh", bias=False) if stem == "W" else lettered(f"{stem}b", parameter=kinds[1])(2)
    if stem != "W":
        assert len(symnet.derive(Network(2, layers)).program.parameters) >= 9 + sum(kinds)


def test_an_array_that_one_layer_declares_twice_is_refused() -> None:
    with pytest.raises(ArchitectureError, match=r"^layer 2: the array 'a' is called a2, and so is 'a' of layer 2; "):
        symnet.derive(Network(2, [Dense(2), lettered("a", parameter=True)(2)]))


def test_no_derivative_is_written_here() -> None:
    """The kinds above have their forward equations and the shape of their output, nothing else."""
    kinds = {type(layer) for network in NETWORKS.values() for layer in network.layers} - {Dense, RadialBasis}
    for kind in kinds:
        own = {name for name, member in vars(kind).items() if callable(member) and not name.startswith("__")}
        assert own - {"shape"} == {"equations"}, kind


# ---- what a layer may get wrong ----


def written(write: Callable[[Scope], None], activation: str | None = None) -> Network:
    """A layer whose equations are what a function writes, and a dense one."""

    @dataclass(frozen=True)
    class Own(ActivatedLayer):
        kind: ClassVar[str] = "own"
        formula: ClassVar[str] = "..."

        def equations(self, scope: Scope) -> None:
            write(scope)

    return Network(3, [Own(3, activation=activation), Dense(2)])


def of_an_expression(scope: Scope) -> None:
    n, j = scope.n, scope.j
    e = scope.define("e", 2 * scope.earlier(1)[n, j])
    scope.output(scope.activate(e[n, j] / 3 + 1))


def centred(scope: Scope) -> None:
    """h - the mean of h over the batch."""
    n, j = scope.n, scope.j
    h = scope.define("h", Sum(scope.input[n, scope.i] * scope.weight()[scope.i, j], scope.i))
    m = scope.define("m", Sum(h[n, j], n) / BATCH, j)
    scope.output(scope.activate(h[n, j] - m[j]))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("write", [of_an_expression, centred])
def test_an_activation_is_of_any_expression(write: Callable[[Scope], None], form: str) -> None:
    """A pre-activation need not be called z, nor be an array: both were tracebacks, the first on pages alone."""
    network = written(write, "tanh")
    assert symnet.gradcheck(network)
    assert symnet.derive(network).render("fragment", form=form)


def test_a_softmax_of_an_expression_is_refused_in_one_line() -> None:
    with pytest.raises(ArchitectureError, match=r"layer 1: softmax runs along the units of an array"):
        symnet.derive(written(of_an_expression, "softmax"))


def test_a_layer_without_an_output_is_refused_in_one_line() -> None:
    with pytest.raises(ArchitectureError, match=r"layer 1: the own layer has no output"):
        symnet.derive(written(lambda scope: None))


def test_one_row_at_a_time_is_no_target_for_a_layer_that_sums_over_the_batch() -> None:
    """The code computed the layer for a batch of its one row, without a word."""
    network = written(centred, "tanh")
    with pytest.raises(LoweringError, match="a layer sums over the rows of a batch"):
        symnet.generate(network, target="python")
    assert symnet.generate(network, target="numpy-scalar")


def test_equations_of_a_kind_of_ones_own_are_judged(tmp_path: Path) -> None:
    network = Network(2, [Scaled(2), Dense(2)])
    assert symnet.verify(network, r"\delta_{nj}^{(2)} = \frac{1}{N} (a_{nj}^{(2)} - y_{nj})")
    wrong = symnet.verify(network, r"a_{nj}^{(1)} = \tanh(\sum_i 2 t^{(1)} x_{ni} W_{ij}^{(1)})")
    assert str(wrong).startswith("wrong: the factor 2 is one too many.")
    assert wrong.architecture == repr(network)
    page = tmp_path / "page.tex"
    page.write_text(symnet.derive(network).to_latex(standalone=True, level="short"), encoding="utf-8")
    assert symnet.verify_file(network, page)


@pytest.mark.parametrize("target", ["numpy-scalar", "python"])
def test_straight_line_code_of_several_axes_names_what_it_has(target: str) -> None:
    source = symnet.generate(Network(2, [Axed(2), Dense(1)]), target=target)
    assert "W1_1_1_1 is the first entry of W1." in source
    assert "W1_1_2" not in source.partition("Accuracy")[0]
    assert "W1_1_2 leads from unit 1 to unit 2 of layer 1." in symnet.generate("2-2-1", target=target)
    with pytest.raises(
        GradcheckError, match=r"^the network of this straight-line module cannot be read from its ARCHI"
    ):
        symnet.gradcheck(module_from_source(source, "straight"))
