"""Convolution and pooling in one to three dimensions, and layers of one's own with windows: values and gradients."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

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
    positions_to_check,
    seeds,
    values_for,
)
from sympy import Idx, KroneckerDelta, Sum
from test_workspace import check_against_oracle

import symnet
from symnet import Activated, ActivatedLayer, BaseLayer, Conv, Dense, Layer, Network, Pool, Scope
from symnet.core.index_algebra import index
from symnet.core.oracle import evaluate
from symnet.core.sizes import size_symbol
from symnet.core.text import equation_text
from symnet.network.forward import forward_equations
from symnet.network.layers.base import Shape
from symnet.support.errors import ArchitectureError

Array = np.ndarray[Any, np.dtype[np.float64]]

# ---- the same by loops ----


def each(numbers: int | tuple[int, ...], axes: int) -> tuple[int, ...]:
    return numbers if isinstance(numbers, tuple) else (numbers,) * axes


def windows_of(x: Array, size: Any, stride: Any, pad: Any, dilation: Any = 1, outside: float = 0) -> Array:
    """All windows of padded places: (N, *places, *size, channels)."""
    axes = x.ndim - 2
    size, stride, pad, dilation = (each(numbers, axes) for numbers in (size, stride, pad, dilation))
    padded = np.pad(x, [(0, 0), *((p, p) for p in pad), (0, 0)], constant_values=outside)
    lengths = [
        (length - d * (k - 1) - 1) // s + 1
        for length, k, s, d in zip(padded.shape[1:-1], size, stride, dilation, strict=True)
    ]
    found = np.zeros((len(x), *lengths, *size, x.shape[-1]))
    for place in itertools.product(*map(range, lengths)):
        for entry in itertools.product(*map(range, size)):
            at = tuple(s * p + d * u for s, p, d, u in zip(stride, place, dilation, entry, strict=True))
            found[(slice(None), *place, *entry)] = padded[(slice(None), *at)]
    return found


def convolved(layer: Conv, x: Array, weight: Array, bias: Array) -> Array:
    axes = x.ndim - 2
    found = windows_of(x, layer.kernel, layer.stride, layer.pad, layer.dilation)
    return np.tensordot(found, weight, axes=axes + 1) + bias


def pooled(layer: Pool, x: Array) -> Array:
    axes, is_max = x.ndim - 2, layer.method == "max"
    stride = layer.size if layer.stride is None else layer.stride
    found = windows_of(x, layer.size, stride, layer.pad, outside=-np.inf if is_max else 0)
    over = tuple(range(axes + 1, 2 * axes + 1))
    return np.asarray(found.max(axis=over) if is_max else found.mean(axis=over))


def computed(network: Network, rows: int = 2, seed: int = 0) -> tuple[dict[str, Any], dict[str, Array]]:
    """Values for a network and, by the oracle, all that its forward equations compute of them."""
    program = forward_equations(network).program
    values = values_for(network, program, rows, seed)
    return values, {name: np.array(found, float) for name, found in evaluate(program, values).items()}


CONVOLUTIONS = {
    "one dimension": ((7, 2), Conv(3, 3)),
    "one dimension, all at once": ((8, 2), Conv(2, 3, stride=2, pad=2, dilation=2)),
    "one place": ((5, 3), Conv(2, 5)),
    "kernel of one": ((4, 3), Conv(2, 1)),
    "two dimensions": ((5, 4, 2), Conv(2, "3x2", pad=1)),
    "two dimensions, stride": ((6, 5, 1), Conv(2, 3, stride=(2, 1), bias=False)),
    "two dimensions, dilation": ((6, 7, 2), Conv(2, (2, 3), dilation=(3, 2), pad=(0, 1))),
    "stride beyond the kernel": ((7, 7, 1), Conv(2, 2, stride=3)),
    "pad beyond the kernel": ((3, 3, 1), Conv(1, 2, pad=3)),
    "three dimensions": ((3, 4, 3, 2), Conv(2, (2, 3, 2), stride=(1, 2, 1), pad=(1, 0, 1))),
}


@pytest.mark.parametrize(("inputs", "layer"), CONVOLUTIONS.values(), ids=CONVOLUTIONS.keys())
def test_a_convolution_computes_what_loops_compute(inputs: Shape, layer: Conv) -> None:
    network = Network(inputs, [layer, Dense(2)])
    values, found = computed(network)
    bias = values["b1"] if layer.bias else np.zeros(layer.filters)
    expected = convolved(layer, values["x"], values["W1"], bias)
    assert expected.shape[1:] == network.shapes[1]
    np.testing.assert_allclose(found["z1"], expected, rtol=0, atol=1e-14)


POOLINGS = {
    "one dimension": ((6, 2), Pool(2, "mean")),
    "one dimension, left over": ((7, 2), Pool(3, "mean", pad=1)),
    "two dimensions": ((4, 6, 2), Pool((2, 3), "mean")),
    "two dimensions, overlapping": ((5, 5, 2), Pool("3x2", "mean", stride=(2, 1), pad=1)),
    "three dimensions": ((4, 3, 2, 2), Pool((2, 3, 1), "mean", stride=1)),
    "largest": ((6, 2), Pool(2)),
    "largest in two dimensions, overlapping": ((5, 5, 2), Pool("3x2", stride=(2, 1), pad=1)),
    "largest in three dimensions": ((4, 3, 2, 2), Pool((2, 3, 1), stride=1)),
}


@pytest.mark.parametrize(("inputs", "layer"), POOLINGS.values(), ids=POOLINGS.keys())
def test_a_pooling_computes_what_loops_compute(inputs: Shape, layer: Pool) -> None:
    network = Network(inputs, [layer, Dense(2)])
    values, found = computed(network)
    expected = pooled(layer, values["x"])
    assert expected.shape[1:] == network.shapes[1]
    np.testing.assert_allclose(found["a1"], expected, rtol=0, atol=1e-14)


@st.composite
def drawn(draw: st.DrawFn) -> tuple[Shape, Conv]:
    """A convolution that fits its input, in one or two dimensions."""
    axes = draw(st.integers(1, 2))
    three = st.tuples(*[st.integers(1, 3)] * axes)
    kernel, stride, dilation = draw(three), draw(three), draw(three)
    pad = draw(st.tuples(*[st.integers(0, 3)] * axes))
    covered = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    places = [max(1, c - 2 * p) + draw(st.integers(0, 3)) for c, p in zip(covered, pad, strict=True)]
    return (*places, draw(st.integers(1, 2))), Conv(draw(st.integers(1, 2)), kernel, stride, pad, dilation)


@given(drawn(), seeds)
@settings(max_examples=examples(25), **UNHURRIED)
def test_any_convolution_computes_what_loops_compute(made: tuple[Shape, Conv], seed: int) -> None:
    inputs, layer = made
    values, found = computed(Network(inputs, [layer, Dense(1)]), rows=1, seed=seed)
    expected = convolved(layer, values["x"], values["W1"], values["b1"])
    np.testing.assert_allclose(found["z1"], expected, rtol=0, atol=1e-13)


# ---- layers of one's own ----


@dataclass(frozen=True)
class Depthwise(Activated):
    """One kernel for each channel: the output has the channels of the input."""

    kind: ClassVar[str] = "depthwise"
    formula: ClassVar[str] = "z[n,p,c] = Sum(x[n,p + u,c]*W[u,c], u);  a[n,p,c] = f(z[n,p,c])"

    kernel: int

    def shape(self, before: Shape) -> Shape:
        return (before[0] - self.kernel + 1, before[1])

    def equations(self, scope: Scope) -> None:
        n, (p, c), u = scope.n, scope.axes, scope.index("u", self.kernel)
        weight = scope.weight("W", u, c)
        z = scope.define("z", Sum(scope.input[n, p + u, c] * weight[u, c], u))
        scope.output(scope.activate(z[n, p, c]))


@dataclass(frozen=True)
class Grouped(BaseLayer):
    """Each filter of a group looks at the channels of the group: the position of a channel is affine too."""

    kind: ClassVar[str] = "grouped"
    formula: ClassVar[str] = "a[n,p,g,k] = Sum(x[n,p + u - 1,h*g + c]*W[u,c,g,k], u, c)"

    groups: int
    filters: int

    def shape(self, before: Shape) -> Shape:
        return (before[0], self.groups, self.filters)

    def equations(self, scope: Scope) -> None:
        n, (p, g, k), share = scope.n, scope.axes, scope.shapes[-2][1] // self.groups
        u, c = scope.index("u", 3), scope.index("c", share)
        weight = scope.weight("W", u, c, g, k)
        scope.output(Sum(scope.input[n, p + u - 1, share * g + c] * weight[u, c, g, k], u, c))


@dataclass(frozen=True)
class Transposed(BaseLayer):
    """Every place of the input puts a kernel into the output, `stride` places apart."""

    kind: ClassVar[str] = "transposed"
    formula: ClassVar[str] = "a[n,p,k] = Sum(x[n,q,c]*W[u,c,k]*KroneckerDelta(s*q + u, p), q, u, c) + b[k]"

    filters: int
    kernel: int = 3
    stride: int = 2

    def shape(self, before: Shape) -> Shape:
        return (self.stride * (before[0] - 1) + self.kernel, self.filters)

    def equations(self, scope: Scope) -> None:
        n, (q, c), (p, k), u = scope.n, scope.before_axes, scope.axes, scope.index("u", self.kernel)
        weight, bias = scope.weight("W", u, c, k), scope.parameter("b", k)
        put = KroneckerDelta(self.stride * q + u, p)
        scope.output(Sum(scope.input[n, q, c] * weight[u, c, k] * put, q, u, c) + bias[k])


def test_a_depthwise_convolution_is_one_of_each_channel() -> None:
    values, found = computed(Network((6, 3), [Depthwise(3), Dense(2)]))
    for channel in range(3):
        alone = convolved(Conv(1, 3), values["x"][:, :, [channel]], values["W1"][:, [channel]][:, :, None], np.zeros(1))
        np.testing.assert_allclose(found["z1"][:, :, [channel]], alone, rtol=0, atol=1e-14)


def test_a_grouped_convolution_is_one_of_each_group() -> None:
    values, found = computed(Network((5, 4), [Grouped(2, 3), Dense(2)]))
    for group in range(2):
        of_group = values["x"][:, :, 2 * group : 2 * group + 2]
        alone = convolved(Conv(3, 3, pad=1), of_group, values["W1"][:, :, group], np.zeros(3))
        np.testing.assert_allclose(found["a1"][:, :, group], alone, rtol=0, atol=1e-14)


def test_a_transposed_convolution_is_the_adjoint_of_a_convolution() -> None:
    values, found = computed(Network((4, 2), [Transposed(3), Dense(2)]))
    other = np.random.default_rng(1).standard_normal(found["a1"].shape)
    forth = convolved(Conv(2, 3, stride=2), other, values["W1"].transpose(0, 2, 1), np.zeros(2))
    assert np.vdot(forth, values["x"]) == pytest.approx(np.vdot(other, found["a1"] - values["b1"]), rel=1e-12)


# ---- gradients ----

NETWORKS = {
    "line": Network((6, 2), [Conv(2, 3, pad=1, activation="tanh"), Pool(2, "mean"), Dense(2)]),
    "line-strided": Network((7, 1), [Conv(2, 3, stride=2, pad=2, activation="sine"), Conv(2, 2), Dense(1)], l2=0.1),
    "line-dilated": Network(
        (7, 2), [Conv(2, 2, dilation=3, activation="softplus"), Conv(1, 3, dilation=2, pad=2), Dense(2)]
    ),
    "plane": Network((4, 4, 1), [Conv(2, "3x2", pad=1, activation="tanh"), Pool("2x3", "mean", stride=1), Dense(2)]),
    "plane-softmax": Network(
        (3, 3, 1), [Conv(2, 2, activation="softmax"), Conv(2, 2, pad=1, stride=2), Dense(2)], loss="cross_entropy"
    ),
    "space": Network((2, 3, 2, 1), [Conv(2, (2, 2, 1), pad=(0, 1, 0), stride=(1, 2, 1)), Dense(1)]),
    "depthwise": Network((5, 2), [Depthwise(2, activation="tanh"), Depthwise(3), Dense(2)]),
    "grouped": Network((3, 4), [Grouped(2, 2), Dense(2, "tanh"), Dense(1)]),
    "transposed": Network((3, 2), [Conv(2, 2, activation="tanh"), Transposed(1), Dense(2)]),
    "largest": Network((6, 2), [Conv(2, 3, pad=1, activation="tanh"), Pool(3, stride=2, pad=1), Dense(2)]),
    "largest-plane": Network((4, 5, 1), [Conv(2, 2, activation="tanh"), Pool("2x3", stride=1, pad=1), Dense(2)]),
    "pooled-inputs": Network((4, 5, 2), [Pool((2, 3), "mean", stride=(1, 2), pad=1), Dense(2)], loss="huber"),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_sweep_gives_the_gradients_of_windows(name: str) -> None:
    """At 50 digits, against central differences of the forward equations; simplified and with shared parts."""
    network = NETWORKS[name]
    derivation = symnet.derive(network)
    values = values_for(network, derivation.forward, 2, seed=3)
    positions = [place for seed in range(2) for place in positions_to_check(derivation.forward, values, seed)]
    assert_are_gradients((derivation.equations, derivation.program), derivation.forward, values, positions)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", NETWORKS)
def test_modules_of_arrays_compute_windows(name: str, dtype: str) -> None:
    """Plain and fast, in any blocks of rows, in every array that they compute."""
    check_against_oracle(NETWORKS[name], 5, 1, dtype)


def test_of_equal_numbers_in_a_plane_the_first_in_memory_is_the_largest() -> None:
    """In the order of rows and then columns, as PyTorch has it: its weight alone has a derivative."""
    inputs = Network((4, 4, 1), [OfEachPlace(), Pool(2), Dense(1, "identity", bias=False)], loss="a")
    x = np.zeros((1, 4, 4, 1))
    x[0, :2, :2, 0] = [[1, 3], [3, 3]]
    for target in ("numpy", "numpy-plain"):
        module = symnet.compile(inputs, target=target)
        params = module.Parameters(np.ones((4, 4, 1)), np.ones((2, 2, 1, 1)))
        slopes = module.gradient(params, x, np.zeros((1, 1))).g1[:2, :2, 0]
        assert slopes.tolist() == [[0, 3], [0, 0]]


@dataclass(frozen=True)
class OfEachPlace(BaseLayer):
    """A factor for each place."""

    kind: ClassVar[str] = "of each place"
    formula: ClassVar[str] = "a[n,p] = g[p]*x[n,p]"

    def shape(self, before: Shape) -> Shape:
        return before

    def equations(self, scope: Scope) -> None:
        factor = scope.parameter("g", *scope.axes, initial="ones")
        scope.output(factor[scope.axes] * scope.earlier(1)[scope.n, *scope.axes])


@pytest.mark.parametrize("name", ["line-strided", "plane", "transposed", "largest-plane"])
def test_straight_line_modules_compute_windows_on_flat_inputs(name: str) -> None:
    network = NETWORKS[name]
    derivation = symnet.derive(network)
    values = values_for(network, derivation.program, 3, seed=4)
    exact = evaluate(derivation.program, values, digits=DIGITS)
    module = symnet.compile(network, target="numpy-scalar")
    theta = np.concatenate([values[array.name].ravel() for array in derivation.forward.parameters])
    assert f"the {' x '.join(map(str, network.shapes[0]))} inputs of a sample in C order" in str(module.__doc__)
    loss, gradient = module.value_and_grad(theta, values["x"].reshape(3, -1), values["y"])
    found, start = {derivation.program.outputs["loss"]: loss}, 0
    for parameter, array in derivation.gradients.items():
        size, shape = values[parameter].size, values[parameter].shape
        found[array] = gradient[start : start + size].reshape(shape)
        start += size
    assert_agree(derivation.program, values, exact, found, 1e-12)


# ---- shapes, indices and weights ----


def test_shapes_sizes_and_title_of_an_image_network() -> None:
    text = "28x28x1-conv(8,3x3,pad=1):relu-pool(2)-conv(16,3x3,stride=2):relu-10;loss=cross_entropy"
    network = symnet.parse(text)
    assert network.shapes == ((28, 28, 1), (28, 28, 8), (14, 14, 8), (6, 6, 16), (10,))
    assert network.sizes == (784, 6272, 1568, 576, 10)
    assert network.title == "28x28x1-28x28x8-14x14x8-6x6x16-10"


def test_the_equation_of_a_convolution_is_as_notes_write_it() -> None:
    program = forward_equations(Network((9, 9, 2), [Conv(4, 3, 2, 1, 2), Dense(1)])).program
    expected = "z1[n,j,j2,j3] = Sum(x[n,2*j + 2*u - 1,2*j2 + 2*v - 1,i3]*W1[u,v,i3,j3], u, v, i3) + b1[j3]"
    assert equation_text(program.by_name["z1"]) == expected
    assert {str(size): length for size, length in program.sizes.items() if "_" in str(size)} == {
        "d0_2": 9,
        "d0_3": 2,
        "d1_2": 4,
        "d1_3": 4,
        "d1_u": 3,
        "d1_v": 3,
    }


@pytest.mark.parametrize(("activation", "variance"), [("relu", Fraction(2, 18)), ("tanh", Fraction(2, 18 + 45))])
def test_fans_of_kernels_count_their_places(activation: str, variance: Fraction) -> None:
    """As Keras and PyTorch have it: (3, 3) places, 2 channels before and 5 behind."""
    layer = Conv(5, 3, activation=activation)
    assert forward_equations(Network((4, 4, 2), [layer, Dense(1)])).initial["W1"] == variance


@dataclass(frozen=True)
class Indexed(Layer):
    """A layer that declares indices by a recipe."""

    kind: ClassVar[str] = "indexed"
    formula: ClassVar[str] = "a[n,j] = ..."
    asked: tuple[tuple[Any, Any], ...] = ()
    over_rows: bool = False

    def equations(self, scope: Scope) -> None:
        declared: list[Idx] = [scope.index(letter, length) for letter, length in self.asked]
        over = (scope.n,) if self.over_rows else (*declared, scope.j)
        weight = scope.weight("W", *over)
        scope.output(Sum(weight[over], *declared) + scope.earlier(1)[scope.n, scope.j])


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ([("n", 2)], "layer 1: an index is called 'n'; a letter from a to z other than i, j, n is needed"),
        ([("i", 2)], "an index is called 'i'"),
        ([("u1", 2)], "an index is called 'u1'"),
        ([("U", 2)], "an index is called 'U'"),
        ([("u", 0)], "layer 1: the length of the index u is '0'; a whole number from 1"),
        ([("u", True)], "the length of the index u is 'True'"),
        ([("u", 2), ("u", 3)], "layer 1: the index u has the length 3, and 2 before"),
    ],
)
def test_an_index_of_ones_own_needs_a_free_letter_and_one_length(asked: list[tuple[str, int]], part: str) -> None:
    with pytest.raises(ArchitectureError, match=re.escape(part)):
        forward_equations(Network(2, [Indexed(2, (*asked,))]))
    assert forward_equations(Network(2, [Indexed(2, (("u", 2), ("u", 2), ("v", 1)))]))


def test_a_weight_over_an_index_of_unknown_length_is_refused() -> None:
    @dataclass(frozen=True)
    class Foreign(Layer):
        kind: ClassVar[str] = "foreign"
        formula: ClassVar[str] = "a[n,j] = Sum(W[u,j], u)"

        def equations(self, scope: Scope) -> None:
            u = index("u", size_symbol("taps"))
            scope.output(Sum(scope.weight("W", u, scope.j)[u, scope.j], u))

    with pytest.raises(
        ArchitectureError, match="layer 1: the index u runs over taps values, which is no size of a layer"
    ):
        forward_equations(Network(2, [Foreign(2)]))


def test_a_weight_over_the_rows_is_refused() -> None:
    with pytest.raises(ArchitectureError, match="layer 1: W1 has the index n, which runs over the rows"):
        forward_equations(Network(2, [Indexed(2, (), True)]))


@pytest.mark.parametrize(
    ("inputs", "layer", "part"),
    [
        ((4, 4, 1), Conv(2, 5), "layer 1: a window of 5 x 5 does not fit into 4 x 4"),
        ((4, 4, 1), Conv(2, 7, pad=1), "layer 1: a window of 7 x 7 does not fit into 4 x 4 with pad 1 x 1"),
        ((4, 4, 1), Conv(2, 3, dilation=2), "a window of 3 x 3 with dilation 2 x 2 does not fit into 4 x 4"),
        ((4, 2), Pool(5, "mean"), "layer 1: a window of 5 does not fit into 4"),
        ((4, 2), Pool(2, "mean", pad=2), "layer 1: a pad of 2 is more than half of a window of 2"),
        (4, Conv(2, 3), "layer 1: a conv layer cannot stand behind an output of 4; one to three axes of places"),
        ((2, 2, 2, 2, 2), Pool(2, "mean"), "layer 1: a pool layer cannot stand behind an output of 2 x 2 x 2 x 2 x 2"),
        ((4, 2), Conv(2, "3x3"), "layer 1: a kernel of 3 x 3 is for 2 axes of places; the output before, 4 x 2, has 1"),
        ((4, 4, 2), Conv(2, 3, stride=(1, 1, 1)), "layer 1: a stride of 1 x 1 x 1 is for 3 axes of places"),
    ],
)
def test_windows_that_do_not_fit_are_refused(inputs: Any, layer: BaseLayer, part: str) -> None:
    with pytest.raises(ArchitectureError, match=re.escape(part)) as caught:
        Network(inputs, [layer, Dense(1)])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("make", "part"),
    [
        (lambda: Conv(0, 3), "filters is '0'; a whole number from 1 to 1,000,000 is needed"),
        (lambda: Conv(2, 0), "kernel is '0'; a whole number from 1 to 1,000,000, or one for each axis such as 3x3"),
        (lambda: Conv(2, "3x"), "kernel is '3x'"),
        (lambda: Conv(2, "9" * 5000), "kernel is '999"),
        (lambda: Conv(2, ()), "kernel is '()'"),
        (lambda: Conv(2, (3, 3, 3, 3)), "kernel is '(3, 3, 3, 3)'"),
        (lambda: Conv(2, 3, True), "stride is 'True'"),
        (lambda: Conv(2, 3, pad=-1), "pad is '-1'; a whole number from 0 to"),
        (lambda: Conv(2, 3, dilation=1.5), "dilation is '1.5'"),
        (lambda: Conv(2, 3, bias=1), "bias is '1'; true or false"),
        (lambda: Conv(2, 3, activation=3), "activation is '3'"),
        (lambda: Pool(2, "mex"), "unknown method of pooling 'mex'; did you mean 'max'?"),
        (lambda: Pool(2, 3), "unknown method of pooling '3'"),
        (lambda: Pool(0), "size is '0'"),
    ],
)
def test_options_of_windows_are_checked(make: Any, part: str) -> None:
    with pytest.raises(ArchitectureError, match=re.escape(part)):
        make()


def test_lengths_are_kept_in_one_form() -> None:
    assert Conv(2, "3x2", stride=[1, 2]) == Conv(2, (3, 2), (1, 2))
    assert Conv(2, "3") == Conv(2, (3,)) == Conv(2, [3]) == Conv(2, 3)


def test_counts_of_windows_are_refused_in_one_line() -> None:
    """All units of an axis are taken to cost the same there; at the border of a padded input they do not."""
    with pytest.raises(ArchitectureError, match=r"^z1 has windows, x\[n,j \+ u - 1,i2\]; methods are compared where"):
        symnet.count(NETWORKS["line"])
    with pytest.raises(ArchitectureError, match=r"^a1 has windows, KroneckerDelta\(2\*i \+ u, j\); methods"):
        symnet.count(Network((3, 2), [Transposed(1), Dense(2)]))
    assert symnet.derive(NETWORKS["line"]).operations["multiplications"] > 0


def test_no_layer_of_windows_has_more_than_equations() -> None:
    assert issubclass(Conv, Activated)
    assert not issubclass(Conv, ActivatedLayer)
    for kind in (Conv, Pool, Depthwise, Grouped, Transposed):
        own = {name for name, member in vars(kind).items() if callable(member) and not name.startswith("_")}
        assert own == {"shape", "equations"}, kind


@dataclass(frozen=True)
class LowRank(ActivatedLayer):
    """Weights as a product over an index of the layer's own, which stands plain everywhere."""

    kind: ClassVar[str] = "low_rank"
    formula: ClassVar[str] = "z[n,j] = Sum(x[n,i]*U[i,r]*V[r,j], i, r);  a[n,j] = f(z[n,j])"
    rank: int = 2

    def equations(self, scope: Scope) -> None:
        n, i, j, r = scope.n, scope.before_axes, scope.j, scope.index("r", self.rank)
        left, right = scope.weight("U", *i, r), scope.weight("V", r, j)
        z = scope.define("z", Sum(scope.input[n, *i] * left[*i, r] * right[r, j], *i, r))
        scope.output(scope.activate(z[n, j]))


@pytest.mark.parametrize("target", ["numpy", "numpy-plain", "numpy-scalar"])
def test_an_index_of_ones_own_that_stands_plain_goes_through_every_target(target: str) -> None:
    network = Network((3, 2), [LowRank(4, "tanh"), LowRank(3, rank=1), Dense(2)])
    derivation = symnet.derive(network)
    values = values_for(network, derivation.program, 3, seed=5)
    exact = evaluate(derivation.program, values, digits=DIGITS)
    theta = np.concatenate([values[array.name].ravel() for array in derivation.forward.parameters])
    module = symnet.compile(network, target=target)
    if target == "numpy-scalar":
        loss, gradient = module.value_and_grad(theta, values["x"].reshape(3, -1), values["y"])
    else:
        loss, gradient = module.value_and_grad_flat(theta, values["x"], values["y"])
    expected = np.concatenate([np.ravel(exact[name]) for name in derivation.gradients.values()]).astype(float)
    assert loss == pytest.approx(float(exact["C"][()]), rel=1e-12)
    np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-12 * np.abs(expected).max())
    assert symnet.count(network).sweep > 0
