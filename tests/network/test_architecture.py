"""A network as a string, as TOML and as Python objects: the same network, sensible defaults, and errors in one line."""

import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from strategies import examples

import symnet
from symnet import (
    BaseLayer,
    Conv,
    Dense,
    Network,
    Pool,
    RadialBasis,
    Residual,
    SymnetError,
    from_toml,
    load,
    parse,
    to_string,
    to_toml,
)
from symnet.network.activations import ACTIVATIONS, FORMULA_FUNCTIONS, activation
from symnet.network.forward import forward_equations
from symnet.network.layers.base import Activated, Layer
from symnet.network.losses import LOSSES, loss

LINE = re.compile(r"[ -~]+")


def function_names(network: Network) -> list[str]:
    return [layer.function.name for layer in network.layers if isinstance(layer, Activated)]


def shapes(network: Network) -> dict[str, list[int]]:
    """The parameters and their shapes."""
    program = forward_equations(network).program
    return {array.name: [int(size) for size in program.shape(array)] for array in program.parameters}


def from_repr(network: Network) -> Network:
    again: Network = eval(repr(network), {name: getattr(symnet, name) for name in symnet.__all__})
    return again


# ---- round trips ----

FORMULAS = (
    *("z*tanh(log(1 + exp(z)))", "z", "-z**2 + 0.1*z", "maximum(z, 0.1)*minimum(z, 1)", "1/(1 + exp(-1.702*z))"),
    *(
        "sqrt(z**2 + 1)",
        "exp(-abs(z))",
        "z/7000 + 1e-7",
        "softplus(z) - 1",
        "relu(z)**2",
        "z**(1/3)",
        "sign(z)*log1p(abs(z))",
    ),
)
LOSS_FORMULAS = (
    "(a - y)**4",
    "log(cosh(a - y))",
    "abs(a - y)**1.5",
    "maximum(0, 1 - a*y)**2",
    "a - y*log(a)",
    "sqrt(1 + (a - y)**2)",
)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Networks that `Network` accepts; the layers need not fit one another."""
    chosen = draw(drawn_losses())
    sizes = st.integers(1, 9)
    hidden = [draw(layers(draw(sizes))) for _ in range(draw(st.integers(0, 4)))]
    if chosen.kind.only:
        output: Layer = Dense(
            draw(st.integers(2, 9)), draw(st.sampled_from([None, chosen.kind.output])), draw(st.booleans())
        )
    else:
        output = draw(layers(draw(sizes)))
    penalty = st.sampled_from([0.0, 0, 1, 0.5, 1e-4, 1e-12, 3e20]) | st.floats(1e-300, 1e300)
    return Network(
        draw(sizes),
        [*hidden, output],
        loss=chosen,
        reduction=draw(st.sampled_from(["mean", "sum"])),
        l1=draw(penalty),
        l2=draw(penalty),
        name=draw(st.just("") | st.text(max_size=200) | st.text('"\\\n\r\t;=x\x7f\u2028', max_size=9)),
    )


@st.composite
def layers(draw: st.DrawFn, units: int) -> Layer:
    kind = draw(st.sampled_from([Dense, Residual, RadialBasis]))
    if kind is RadialBasis:
        return RadialBasis(units)
    function = draw(functions(units))
    if kind is Residual:
        return Residual(units, function, bias=draw(st.booleans()), skip=draw(st.integers(1, 5)))
    return Dense(units, function, bias=draw(st.booleans()))


@st.composite
def shaped_networks(draw: st.DrawFn) -> Network:
    """Networks on one to four axes, of every kind that fits, some layers in a form that numbers of units have not."""
    shape = tuple(draw(st.lists(st.integers(3, 9), min_size=1, max_size=4)))
    inputs, stack = shape, list[Layer | BaseLayer]()
    for _ in range(draw(st.integers(0, 3))):
        stack.append(draw(windows(shape) if len(shape) > 1 else layers(draw(st.integers(1, 9)))))
        shape = stack[-1].shape(shape)
    output = draw(st.integers(2, 9))
    return Network(inputs, [*stack, Dense(output, draw(functions(output)), bias=draw(st.booleans()))])


@st.composite
def windows(draw: st.DrawFn, shape: tuple[int, ...]) -> BaseLayer:
    """A layer of windows that fits its input, or any other."""
    places = shape[:-1]

    def lengths(least: int, most: int) -> st.SearchStrategy[Any]:
        one = st.integers(least, most)
        tuples = st.tuples(*[one] * len(places))
        return one | tuples | tuples.map(lambda numbers: "x".join(map(str, numbers)))

    kind = draw(st.sampled_from([Conv, Pool, Dense]))
    if kind is Pool:
        stride, method = draw(st.none() | lengths(1, 3)), draw(st.sampled_from(["max", "mean"]))
        return Pool(draw(lengths(1, min(places))), method, stride)
    if kind is Conv:
        kernel, filters = draw(lengths(1, min(places))), draw(st.integers(1, 9))
        function = draw(functions(filters))
        return Conv(
            filters, kernel, draw(lengths(1, 2)), draw(lengths(0, 3)), 1, draw(st.booleans()), activation=function
        )
    return draw(layers(draw(st.integers(1, 9))))


def functions(units: int) -> st.SearchStrategy[str | None]:
    """An activation for so many units, or the default."""
    known = [name for name in ACTIVATIONS if units > 1 or name != "softmax"]
    own = [*FORMULAS, *(f"act{number}={formula}" for number, formula in enumerate(FORMULAS)), "elu(alpha=0.5)"]
    return st.sampled_from([None, *known, *own])


def drawn_losses() -> st.SearchStrategy[Any]:
    number = st.floats(1e-300, 1e300) | st.sampled_from([0.5, 1.0, 2.0, 1e16, 1e-5])
    return st.one_of(
        st.sampled_from(sorted(LOSSES)),
        number.map(lambda delta: f"huber(delta={delta!r})"),
        number.map(lambda beta: f"gaussian_nll(beta={beta!r})"),
        st.sampled_from(LOSS_FORMULAS),
        st.sampled_from(LOSS_FORMULAS).map(lambda formula: f"mine={formula}"),
    ).map(loss)


@settings(deadline=None, max_examples=examples(50))
@given(networks() | shaped_networks())
def test_a_network_is_the_same_in_its_three_forms(network: Network) -> None:
    assert parse(to_string(network)) == network
    assert from_toml(to_toml(network)) == network
    assert from_repr(network) == network
    assert to_string(from_toml(to_toml(network))) == to_string(network)
    assert "\n" not in to_string(network)


@settings(deadline=None, max_examples=examples(20))
@given(network=networks() | shaped_networks())
def test_a_toml_file_is_the_same_network(network: Network, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("networks") / "net.toml"
    path.write_bytes(to_toml(network).encode())
    assert load(path) == network
    assert load(str(path)) == network


@pytest.mark.parametrize("name", sorted(set(FORMULA_FUNCTIONS) - {"maximum", "minimum", "clip"}))
def test_a_formula_that_calls_any_function_survives_every_form(name: str) -> None:
    network = parse("2-3-1", hidden=f"0.5*z + {name}(2*z)", output=f"mine=z + {name}(z)*0.25", loss=f"{name}(a - y)")
    assert parse(to_string(network)) == network
    assert from_toml(to_toml(network)) == network
    assert from_repr(network) == network


@pytest.mark.parametrize(
    "formula",
    ["1.4142135623730951*z", "sqrt(2*z**2 + 2)", "sqrt(2*z)", "z*atan(z/z)", "exp(z/z)*z", "z + log(z/z + 1)"],
)
def test_constants_with_many_digits_survive_every_form(formula: str) -> None:
    network = parse("2-3-1", hidden=formula)
    assert parse(to_string(network)) == network
    assert from_toml(to_toml(network)) == network


def test_the_longest_network_survives_every_form() -> None:
    layer = Residual(1_000, "leaky_relu", bias=False, skip=2)
    network = Network(1_000, [Dense(1_000), *[layer] * 999])
    assert from_toml(to_toml(network)) == network
    assert parse(to_string(network)) == network


def test_a_kind_that_only_python_knows_has_no_text_form() -> None:
    class Twice(Layer):
        kind = "twice"
        formula = "a = 2 x"

        def equations(self, scope: symnet.Scope) -> None:
            scope.output(2 * scope.input[scope.n, scope.i])

    for write in (to_string, to_toml):
        with pytest.raises(SymnetError, match="Python only"):
            write(Network(2, [Twice(2)]))


def test_a_toml_document_as_a_person_writes_it(tmp_path: Path) -> None:
    (tmp_path / "net.toml").write_text(
        """
        [network]
        name = "digits"
        inputs = 64
        loss = "mine"
        reduction = "sum"
        l2 = 1

        [[layers]]                      # kind is dense unless said otherwise
        units = 32
        activation = "my_mish"

        [[layers]]
        kind = "residual"
        units = 32
        skip = 2
        bias = false

        [[layers]]
        kind = "radial_basis"
        units = 5

        [activations.my_mish]
        expression = "z*tanh(log(1+exp(z)))"

        [losses.mine]
        expression = "(a - y)**4"
        """
    )
    written = Network(
        64,
        [Dense(32, "my_mish=z*tanh(log(1+exp(z)))"), Residual(32, bias=False, skip=2), RadialBasis(5)],
        loss="mine=(a - y)**4",
        reduction="sum",
        l2=1.0,
        name="digits",
    )
    assert load(tmp_path / "net.toml") == written
    assert (
        parse(
            "64-32-32[residual,skip=2,bias=false]-5[radial_basis]:my_mish=z*tanh(log(1+exp(z))),sigmoid"
            ';loss=mine=(a - y)**4;reduction=sum;l2=1;name="digits"'
        )
        == written
    )


# ---- defaults ----


@pytest.mark.parametrize(
    ("given_loss", "loss_name", "output"),
    [
        (None, "half_squared_error", "identity"),
        ("cross_entropy", "cross_entropy", "softmax"),
        ("binary_cross_entropy", "binary_cross_entropy", "sigmoid"),
        ("gaussian_nll", "gaussian_nll", "identity"),
        ("hinge", "hinge", "identity"),
        ("(a - y)**4", "(a - y)**4", "identity"),
    ],
)
def test_defaults_are_what_people_expect(given_loss: str | None, loss_name: str, output: str) -> None:
    network = parse("4-3-3-2", loss=given_loss)
    assert function_names(network) == ["sigmoid", "sigmoid", output]
    assert (network.loss.name, network.reduction, network.l1, network.l2) == (loss_name, "mean", 0.0, 0.0)
    assert network.sizes == (4, 3, 3, 2)
    assert network.title == "4-3-3-2"
    assert all(isinstance(layer, Dense) and layer.bias for layer in network.layers)


def test_an_open_activation_is_filled_in() -> None:
    assert function_names(parse("2-2-1", hidden="relu")) == ["relu", "identity"]
    assert function_names(parse("2-2-2", output="softmax")) == ["sigmoid", "softmax"]
    assert function_names(parse("2-2[radial_basis]-1", hidden="relu")) == ["identity"]


def test_spaces_in_a_string_do_not_matter() -> None:
    assert parse(
        " 2 - 8 [ residual , skip = 1 ] - 1 : tanh , identity ; loss = huber( delta = 2 ) ; l1 = 1e-3 "
    ) == parse("2-8[residual,skip=1]-1:tanh,identity;loss=huber(delta=2);l1=1e-3")


def test_activation_and_loss_by_name_formula_and_named_formula() -> None:
    assert activation("tanh") is ACTIVATIONS["tanh"]
    assert activation("tanh(z)*1").expression == ACTIVATIONS["tanh"].expression
    assert activation("bump = exp(-z**2/2)").name == "bump"
    assert loss("huber").expression == loss("huber(delta=1)").expression
    assert loss("gaussian_nll").learned == ("beta",)
    assert loss("gaussian_nll(beta=2)").learned == ()


# ---- kinds with their sizes, and a layer's own activation ----


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (
            "4-dense(5)-residual(5,skip=1)-radial_basis(3)-1",
            "4-5-5[residual]-3[radial_basis]-1:sigmoid,sigmoid,identity",
        ),
        ("4-dense(5,false)-dense(5,bias=false)-1", "4-5[bias=false]-5[bias=false]-1:sigmoid,sigmoid,identity"),
        ("2-8:tanh-1", "2-8-1:tanh,identity"),
        ("2-8:tanh-4:relu-1:sigmoid", "2-8-4-1:tanh,relu,sigmoid"),
        ("2-8:leaky_relu(slope=0.2)-1", "2-8-1:leaky_relu(slope=0.2),identity"),
        ("2-8:(z*tanh(z))-8[residual]-1", "2-8-8[residual]-1:z*tanh(z),sigmoid,identity"),
        ("2-8:(bump=z*exp(-z**2))-dense(1)", "2-8-1:bump=z*exp(-z**2),identity"),
        ("64-dense(32):(z - 1)-1", "64-32-1:z - 1,identity"),
        ("8x8-10", "8x8-10:identity"),
        ("8x8-4-10:tanh,(bump=z-1)", "8x8-4:tanh-10:(bump=z-1)"),
        ("8x8-4[bias=false]-10:tanh,z*2", "8x8-dense(4,bias=false):tanh-10:(z*2)"),
        (" 8 x 8 x 3 - pool( 2 , mean ) - 10 : tanh ", "8x8x3-pool(2,mean)-10:tanh"),
        ("8x8x3-pool(size=2,method=mean,stride=1)-10", "8x8x3-pool(2,mean,stride=1)-10:identity"),
        (
            "28x28x1-conv(8,3x3,pad=1):relu-pool(2)-conv(16,3x3,stride=2):relu-10;loss=cross_entropy",
            "28x28x1-conv(8,3x3,pad=1):relu-pool(2)-conv(16,3x3,stride=2):relu-10:softmax;loss=cross_entropy",
        ),
        ("9x2-conv(3,3,1,2,1,false)-4", "9x2-conv(3,3,pad=2,bias=false):sigmoid-4:identity"),
        ("3x3-3x3".replace("-3x3", "-radial_basis(2)-residual(2)"), "3x3-radial_basis(2)-residual(2):identity"),
    ],
)
def test_a_string_of_kinds_and_how_it_is_written(text: str, written: str) -> None:
    assert to_string(parse(text)) == written
    assert parse(written) == parse(text)


DASHES = (
    "z-1",
    "z - 1",
    "(z)-1",
    "-z",
    "(z**2)-4",
    "tanh(z)-1",
    "e-z",
    "1e-3*z",
    "(z)-1 - 4*z",
    "softplus(z) - 1",
    "f=z-1",
)


@given(
    st.lists(st.tuples(st.integers(1, 9), st.sampled_from((*DASHES, *FORMULAS, "tanh", "(z)"))), min_size=1, max_size=4)
)
@settings(deadline=None, max_examples=examples(60))
def test_the_list_behind_units_is_read_wherever_it_can_be(drawn: list[tuple[int, str]]) -> None:
    """2-8:(z)-1 is one layer with the activation z - 1, as it always was, and not two."""
    text = f"3-{'-'.join(str(units) for units, _ in drawn)}:{','.join(function for _, function in drawn)}"
    assert parse(text) == Network(3, [Dense(*layer) for layer in drawn])


def test_what_is_left_out_beside_own_activations_is_what_the_options_say() -> None:
    text = "8x8-conv(2,3):relu-pool(2,mean)-4-3"
    assert function_names(parse(text)) == ["relu", "sigmoid", "identity"]
    assert function_names(parse(text, hidden="tanh", output="sine")) == ["relu", "tanh", "sine"]
    assert "layer 4: its activation is given both after ':' and by output" in refusal(
        parse, f"{text}:tanh", output="sine"
    )
    assert "given both after ':' and by hidden or output" in refusal(parse, "8x8-3-2:tanh,tanh", hidden="sine")


# ---- what is refused ----


def refusal(make: Any, *arguments: Any, **options: Any) -> str:
    """The one-line message with which something is refused, when its equations are asked for at the latest."""
    with pytest.raises(SymnetError) as caught:
        forward_equations(make(*arguments, **options))
    message = str(caught.value)
    assert LINE.fullmatch(message), message
    return message


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("2-2-1:tnah,identity", "layer 1: unknown activation 'tnah'; did you mean 'tanh'?"),
        ("2-2-1:tanh,identiy", "layer 2: unknown activation 'identiy'; did you mean 'identity'?"),
        ("2-2-1;loss=cross_entrpy", "did you mean 'cross_entropy'?"),
        ("2-2-1;reduction=men", "did you mean 'mean'?"),
        ("2-2-1;los=hinge", "did you mean 'loss'?"),
        ("2-2[resdual]-1", "layer 1: unknown kind 'resdual'; did you mean 'residual'?"),
        ("2-resdual(2)-1", "layer 1: unknown kind 'resdual'; did you mean 'residual'?"),
        ("2-2-dens", "layer 2: unknown kind 'dens'; did you mean 'dense'?"),
        ("8x8-cnov(2,3)-1", "layer 1: unknown kind 'cnov'; did you mean 'conv'?"),
        ("8x8-conv(2,3,strid=2)-1", "layer 1: unknown conv option 'strid'; did you mean 'stride'?"),
        ("8x8-conv(2,3):tnah-1", "layer 1: unknown activation 'tnah'; did you mean 'tanh'?"),
        ("2-2[residual,skp=1]-1", "did you mean 'skip'?"),
        ("2-2[dense,bais=false]-1", "did you mean 'bias'?"),
        ("2-1;loss=huber(detla=1)", "did you mean 'delta'?"),
        ("2-1:sigmiod(z)", "did you mean 'sigmoid'?"),
        ("2-1;loss=coshh(a - y)", "did you mean 'cosh'?"),
    ],
)
def test_the_nearest_known_name_is_offered(text: str, part: str) -> None:
    assert part in refusal(parse, text)


@pytest.mark.parametrize(
    "size", ["0", "-1", "2.5", "1000000000", "1000001", "\uff12", "1e9", "", "0x2", "1_0", "+2", "\u0662"]
)
@pytest.mark.parametrize("pattern", ["{}-1", "2-{}-1", "2-2-{}"])
def test_sizes_out_of_range_are_refused(size: str, pattern: str) -> None:
    assert "whole number" in refusal(parse, pattern.format(size))


@pytest.mark.parametrize(
    "size",
    [0, -1, 2.5, 2.0, 10**9, True, "2", None, math.nan, math.inf, [2], 10**5000],
    ids=lambda size: type(size).__name__,  # the largest has more digits than Python writes
)
def test_sizes_out_of_range_are_refused_in_python(size: Any) -> None:
    for make in (
        lambda: Dense(size),
        lambda: Network([size], [Dense(1)]) if isinstance(size, list) else Network(size, [Dense(1)]),
        lambda: Residual(2, skip=size),
        lambda: RadialBasis(size),
    ):
        assert "whole number from 1 to 1,000,000" in refusal(make)


def test_at_most_two_to_the_31_parameters() -> None:
    assert shapes(parse("65536-32768[bias=false]")) == {"W1": [65536, 32768]}
    for text in ("65536-32768", "1000000-2148", "1000000-1000000-1000000", "2-65536-65536-1"):
        assert "2,147,483,648" in refusal(parse, text)


def test_at_most_1000_layers() -> None:
    assert len(parse("-".join(["1"] * 1001)).layers) == 1000
    assert "1,000" in refusal(parse, "-".join(["1"] * 1002))
    assert "1,000" in refusal(Network, 1, [Dense(1)] * 1001)
    assert "1,000" in refusal(from_toml, "[network]\ninputs = 1\n" + "[[layers]]\nunits = 1\n" * 1001)


@pytest.mark.parametrize("text", ["2-1:softmax", "2-2-1;loss=cross_entropy", "2-1[residual]-2:softmax,identity"])
def test_softmax_over_one_unit_is_refused_with_the_remedy(text: str) -> None:
    assert "sigmoid" in refusal(parse, text)


@pytest.mark.parametrize(
    ("text", "fitting"),
    [
        ("3-3:sigmoid;loss=cross_entropy", "softmax"),
        ("3-3:identity;loss=cross_entropy", "softmax"),
        ("3-3:tanh;loss=binary_cross_entropy", "sigmoid"),
        ("3-3:softmax;loss=binary_cross_entropy", "sigmoid"),
        ("3-3:z;loss=cross_entropy", "softmax"),
        ("3-3[radial_basis];loss=cross_entropy", "softmax"),
        ("3-3[residual]:softmax;loss=cross_entropy", "softmax"),
        ("3-3[residual]:sigmoid;loss=binary_cross_entropy", "sigmoid"),
    ],
)
def test_an_output_that_does_not_fit_the_loss_is_refused_with_the_fitting_one(text: str, fitting: str) -> None:
    message = refusal(parse, text)
    assert f"needs the output activation {fitting}" in message
    assert message.startswith("layer 1: ")


@pytest.mark.parametrize(
    "text", ["3-3:softmax", "3-3-2:softmax,tanh", "3-3[residual]:softmax", "3-3:sigmoid;loss=squared_error"]
)
def test_outputs_that_fit_are_not_refused(text: str) -> None:
    assert forward_equations(parse(text)).program.outputs["loss"] == "C"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("2-3[residual]-1", "layer 1: 3 units cannot be added to the 2"),
        ("2-2[residual,skip=2]-1", "layer 1: the connection starts 2 layers back, before the input"),
        ("2-3-2[residual,skip=1]", "layer 2: 2 units cannot be added to the 3"),
    ],
)
def test_a_connection_that_fits_nowhere_is_refused(text: str, part: str) -> None:
    assert part in refusal(parse, text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "-",
            "2",
            "2-",
            "-1",
            "2--1",
            "2-2-",
            ":",
            ";",
            "2:tanh",
            "2-1:tanh,tanh",
            "2-2-1:tanh",
            "2-2-1:,,",
        ),
        *(
            "2-2[",
            "2-2]",
            "2-2[residual",
            "2-[2]",
            "2-2[x]",
            "2-2[dense][dense]",
            "2-2[bias]",
            "2-2[bias=]",
            "2-2[=false]",
        ),
        *(
            "2-2[bias=1]",
            "2-2[bias=no]",
            "2-2[residual,skip=0]",
            "2-2[residual,skip=true]",
            "2-2[skip=1]",
            "2-2[units=3]",
        ),
        *("2-2[radial_basis,bias=false]", "2-2[radial_basis]:tanh", "2-2[activation=tanh]", "2[bias=false]-1"),
        *(
            "2-1;l1",
            "2-1;l1=",
            "2-1;l1=-1",
            "2-1;l1=x",
            "2-1;l1=1e400",
            "2-1;l1=1e-301",
            "2-1;l1=nan",
            "2-1;l1=inf",
            "2-1;l2=1_0",
        ),
        *(
            "2-1;loss=",
            "2-1;loss",
            "2-1;reduction=",
            "2-1;reduction=max",
            "2-1;=",
            "2-1;x",
            "2-1;inputs=3",
            "2-1;hidden=tanh",
        ),
        *(
            "2-1;loss=huber()",
            "2-1;loss=huber(",
            "2-1;loss=huber(1)",
            "2-1;loss=huber(delta=0)",
            "2-1;loss=huber(delta=-1)",
        ),
        *("2-1;loss=huber(delta=1e999)", "2-1;loss=huber(delta=)", "2-1;loss=hinge(delta=1)", "2-1;loss=mine(delta=1)"),
        *(
            "2-1;loss=z",
            "2-1;loss=a-z",
            "2-1:a",
            "2-1:y",
            "2-1:z+",
            "2-1:z=",
            "2-1:=z",
            "2-1:f==z",
            "2-1:f=g=z",
            "2-1;loss=f=g=a",
        ),
        # said twice
        *("2-1;loss=hinge;loss=hinge", "2-1;l1=1;l1=1", "2-1;name=a;name=b", "2-1;reduction=sum;reduction=sum"),
        *(
            "2-2[residual,skip=1,skip=1]",
            "2-2[bias=true,bias=false]",
            "2-2[residual,residual]",
            "2-1;loss=huber(delta=1,delta=1)",
        ),
        # kinds in parentheses, several axes, and activations of a layer's own
        *("x-1", "2x-1", "2xx2-1", "2x2x-1", "2X2-1", "2x2-", "2x2-2x2", "x2x2-1", "2x0-1", "2x2:tanh-1"),
        *("2-dense-1", "2-dense()-1", "2-dense(2", "2-dense(2))-1", "2-dense((2))-1", "2-dense(2)(2)-1", "2-dense 2-1"),
        *("2-dense(2,units=2)-1", "2-dense(2,true,3)-1", "2-dense(bias=false,2)-1", "2-dense(x)-1", "2-dense(,2)-1"),
        *("2-dense(2,activation=tanh)-1", "2-2[conv,kernel=3]-1", "2-2[pool]-1", "2-residual(2,skip=0)-1"),
        *("9x2-conv(2)-1", "9x2-conv(2,3x3)-1", "9x2-conv(2,10)-1", "9x2-conv(2,3,pad=-1)-1", "9x2-conv(2,3x)-1"),
        *("9x2-conv(2,3):-1", "9x2-conv(2,3):()-1", "9x2-conv(2,3):(-1", "9x2-conv(2,3):z-1", "9x2-conv(2,3):z*2-1"),
        *(
            "9x2-conv(2,3):tanh:tanh-1",
            "9x2-pool(2,mean):tanh-1",
            "9x2-pool(2,mean)-1:tanh,tanh",
            "9x2-conv(2,3)-1:tanh",
        ),
        *("9x2-conv(2,3):(f=z*2)-1:(f=z*3)", "9x2-conv(2,3):tanh(z)-1", "9x2-4:tanh,tanh-1", "9x2-conv(2,3):tanh"),
        # two formulas of one name
        "2-2-1:f=z*2,f=z*3",
        # quotes that are not closed, or that do not end the name
        *(
            '2-1;name="',
            '2-1;name="x',
            '2-1;name=5" nail;loss=hinge',
            '2-1;name="a"b"',
            '2-1;name="\\N{DASH}"',
            '2-1;name="\\x"',
        ),
    ],
)
def test_a_malformed_string_is_refused_in_one_line(text: str) -> None:
    refusal(parse, text)


@pytest.mark.parametrize("escape", [r"\e", r"\x2", r"\u22", r"\N{DASH}", r"\400", "\\\n"])
def test_escapes_that_a_title_cannot_hold_are_refused(escape: str) -> None:
    with pytest.raises(SymnetError, match=r"name is |escape it as in Python"):
        parse(f'2-2-1;name="a{escape} b"')


def test_a_setting_after_a_name_that_ends_in_a_backslash() -> None:
    network = parse('2-1;name="a\\\\";l1=1')
    assert (network.name, network.l1) == ("a\\", 1.0)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("2-2-1:tanh,identity", {"hidden": "relu"}),
        ("2-2-1:tanh,identity", {"output": "identity"}),
        ("2-2-1;loss=hinge", {"loss": "hinge"}),
        ("2-2-1;reduction=sum", {"reduction": "mean"}),
        ("2-2-1;l1=1", {"l1": 1.0}),
        ("2-2-1;l2=1", {"l2": 0.0}),
        ("2-2-1;name=x", {"name": "x"}),
    ],
)
def test_what_is_said_twice_is_refused(text: str, options: dict[str, Any]) -> None:
    refusal(parse, text, **options)


RESERVED = (
    *("relu", "softmax", "identity", "exp", "abs", "maximum", "erf", "gelu_tanh", "step"),  # what a formula may call
    *("lambda", "match", "None", "print", "type"),  # Python's own
    *("np", "params", "x", "loss", "forward", "Parameters", "value_and_grad_flat"),  # the generated module's own
    *("_f", "a b", "\u00e9", "q" * 41, "f-g", "1f"),  # no identifiers
)


@pytest.mark.parametrize("name", [*RESERVED, "z"])
def test_reserved_names_for_activations_are_refused(name: str) -> None:
    refusal(parse, f"2-1:{name}=z*2")
    refusal(from_toml, f"[network]\ninputs = 2\n[[layers]]\nunits = 1\n[activations.'{name}']\nexpression = 'z*2'")


@pytest.mark.parametrize("name", [*RESERVED, "hinge", "half_squared_error", "a", "y"])
def test_reserved_names_for_losses_are_refused(name: str) -> None:
    refusal(parse, f"2-1;loss={name}=a - 2*y")
    refusal(from_toml, f"[network]\ninputs = 2\n[[layers]]\nunits = 1\n[losses.'{name}']\nexpression = 'a - 2*y'")


@pytest.mark.parametrize(
    "options",
    [
        *({"hidden": 3}, {"hidden": ""}, {"output": ["tanh"]}, {"loss": 3}, {"loss": ["hinge"]}, {"loss": ""}),
        *({"reduction": 3}, {"reduction": ["mean"]}, {"reduction": True}, {"reduction": "Mean"}),
        *({"l1": True}, {"l1": "1"}, {"l1": math.nan}, {"l1": math.inf}, {"l2": -1}, {"l2": 10**400}, {"l2": 1j}),
        *({"name": 3}, {"name": "x" * 201}),
    ],
    ids=lambda options: str(options)[:30],
)
def test_options_of_a_wrong_type_or_range_are_refused(options: dict[str, Any]) -> None:
    refusal(parse, "2-2-1", **options)


@pytest.mark.parametrize("text", [3, None, b"2-1", ["2", "1"], "1" * 20_001 + "-1"], ids=lambda text: str(text)[:10])
def test_what_is_no_short_string_is_refused(text: Any) -> None:
    refusal(parse, text)


@pytest.mark.parametrize("layer_list", [[], [3], "2-1", [Dense], [None], Dense(1), None], ids=str)
def test_layers_of_a_wrong_type_are_refused(layer_list: Any) -> None:
    refusal(Network, 2, layer_list)


@pytest.mark.parametrize(
    "option", [{"bias": 1}, {"bias": None}, {"bias": "no"}, {"activation": 3}, {"activation": ["relu"]}]
)
def test_options_of_a_wrong_type_are_refused_by_a_layer(option: dict[str, Any]) -> None:
    refusal(Dense, 2, **option)


# ---- TOML ----

HEAD = "[network]\ninputs = 2\n"
LAYER = "[[layers]]\nunits = 1\n"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "no inputs"),
        ("[network]", "no inputs"),
        ("[[layers]]\nunits = 1", "no inputs"),
        (HEAD, "0 layers"),
        ("inputs = 2", "unknown key 'inputs'"),
        ("network = 3\n" + LAYER, "a table is needed"),
        (HEAD + "losss = 'hinge'\n" + LAYER, "did you mean 'loss'?"),
        (HEAD + "[[layer]]\nunits = 1", "did you mean 'layers'?"),
        (HEAD + LAYER + "activaton = 'tanh'", "layer 1: unknown key 'activaton'; did you mean 'activation'?"),
        (HEAD + LAYER + "skip = 1", "layer 1: unknown key 'skip'"),
        (HEAD + LAYER + "activation = 'tnah'", "layer 1: unknown activation 'tnah'; did you mean 'tanh'?"),
        (HEAD + LAYER + "kind = 'dens'", "did you mean 'dense'?"),
        (HEAD + LAYER + "kind = 3", "unknown kind"),
        (HEAD + "[[layers]]\nkind = 'dense'", "layer 1 has no units"),
        (HEAD + "[[layers]]\nkind = 'conv'\nfilters = 2", "layer 1 has no kernel"),
        (HEAD + "[[layers]]\nkind = 'conv'\nfilters = 2\nkernel = 3\nunits = 2", "layer 1: unknown key 'units'"),
        (HEAD + "[[layers]]\nkind = 'conv'\nfilters = 2\nkernel = [3, 0]", "layer 1: kernel is '[3, 0]'"),
        (HEAD + "[[layers]]\nkind = 'conv'\nfilters = 2\nkernel = 3", "layer 1: a conv layer cannot stand behind"),
        (HEAD + "[[layers]]\nkind = 'pool'\nsize = 2\nmethod = ['max']", "layer 1: unknown method of pooling"),
        ("[network]\ninputs = []\n" + LAYER, "the inputs have 0 axes"),
        ("[network]\ninputs = [2, '3']\n" + LAYER, "axis 2 of the inputs is '3'"),
        (HEAD + "[[layers]]\nunits = true", "whole number"),
        (HEAD + "[[layers]]\nunits = 2.0", "whole number"),
        (HEAD + "[[layers]]\nunits = '2'", "whole number"),
        (HEAD + "[[layers]]\nunits = 0", "layer 1: units is '0'"),
        (HEAD + "[layers]\nunits = 1", "[[layers]]"),
        (HEAD + LAYER + "bias = 1", "true or false"),
        (HEAD + LAYER + "bias = 'no'", "true or false"),
        (HEAD + LAYER + "kind = 'residual'\nskip = true", "whole number"),
        (HEAD + LAYER + "activation = 3", "layer 1: activation is '3'"),
        (HEAD + "l1 = true\n" + LAYER, "l1 is 'True'"),
        (HEAD + "l2 = nan\n" + LAYER, "l2 is 'nan'"),
        (HEAD + "name = 3\n" + LAYER, "name is '3'"),
        (HEAD + "loss = 3\n" + LAYER, "loss is '3'"),
        (HEAD + "reduction = 3\n" + LAYER, "reduction"),
        (HEAD + "reduction = ['mean']\n" + LAYER, "reduction"),
        ("[network]\ninputs = true\n" + LAYER, "inputs is 'True'"),
        ("[network]\ninputs = 2026-01-01\n" + LAYER, "inputs is '2026-01-01'"),
        ("[network]\ninputs = 2\ninputs = 2", "not TOML"),
        ("[network", "not TOML"),
        ("x", "not TOML"),
        ("a = " + "[" * 5_000, "nested deeper than 32 levels"),
        ("[network]\ninputs = " + "9" * 5_000, "not TOML"),
        (HEAD + "'a\nb' = 1", "not TOML"),
        (HEAD + '"a\\nb" = 1\n' + LAYER, "unknown key"),
        (HEAD + LAYER + "[activations]\nf = 'z'", "[activations.f]"),
        (HEAD + LAYER + "[activations.f]", "needs an expression"),
        (HEAD + LAYER + "[activations.f]\nexpression = 3", "needs an expression"),
        (HEAD + LAYER + "[activations.f]\nexpresion = 'z'", "did you mean 'expression'?"),
        (HEAD + LAYER + "[activations.f]\nexpression = 'z^2'", "a power is written **"),
        (HEAD + LAYER + "[losses.f]\nexpression = 'z'", "allowed: a, y"),
        (HEAD + LAYER + '[activations."a\\nb"]\nexpression = "z"', "is not a name"),
        (HEAD + LAYER + "[activation.f]\nexpression = 'z'", "did you mean 'activations'?"),
    ],
    ids=lambda text: ascii(text)[-40:],
)
def test_toml_that_describes_no_network_is_refused_in_one_line(text: str, part: str) -> None:
    assert part in refusal(from_toml, text)


def test_a_toml_document_of_windows() -> None:
    text = """
    [network]
    inputs = [8, 8, 3]
    [[layers]]
    kind = "conv"
    filters = 4
    kernel = "3x3"
    activation = "relu"
    pad = [1, 0]
    [[layers]]
    kind = "pool"
    size = 2
    method = "mean"
    [[layers]]
    units = 2
    """
    network = from_toml(text)
    assert to_string(network) == "8x8x3-conv(4,3x3,pad=1x0):relu-pool(2,mean)-2:identity"
    assert "kernel = [3, 3]" in to_toml(network)
    assert from_toml(to_toml(network)) == network == parse(to_string(network)) == from_repr(network)


def test_an_error_in_one_of_the_users_functions_names_it() -> None:
    two = "[activations.good]\nexpression = 'z'\n[activations.bad]\nexpression = 'z +'\n"
    assert "bad" in refusal(from_toml, HEAD + LAYER + two)


@pytest.mark.parametrize("content", ["x", HEAD + LAYER + "[activations.f]\nexpression = 'z +'"])
def test_an_error_in_a_file_names_the_file_in_one_line(content: str, tmp_path: Path) -> None:
    path = tmp_path / "net\n\x1b[31mwork.toml"
    path.write_text(content)
    assert "work.toml" in refusal(load, path)


@pytest.mark.parametrize("name", ["missing.toml", ".", "a\0b.toml", "\x1b[31m.toml"])
def test_a_file_that_cannot_be_read_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    assert "cannot read" in refusal(load, tmp_path / name)


# ---- fuzz ----


def refused_or_read(read: Any, text: str) -> None:
    """Anything but a network or a one-line `SymnetError` is a bug."""
    try:
        network = read(text)
    except SymnetError as error:
        message = str(error)
    else:
        assert read({parse: to_string, from_toml: to_toml}[read](network)) == network
        return
    assert LINE.fullmatch(message)


SHAPED = "9x8x2-conv(3,3x2,pad=1):relu-pool(2,mean,stride=1)-4[bias=false]:(z*2)-dense(2,bias=false):tanh;l1=1e-3"
MUTATED = '2-8[residual,skip=2]-3[bias=false]-1:tanh,f=z*2,;loss=huber(delta=0.5);l1=1e-3;name="a b"'


@settings(deadline=None, max_examples=examples(300))
@given(
    st.text()
    | st.text('0123-:;,=[]()"\\ .znhlosre*+e_\n\uff12\u00e9', max_size=40)
    | st.lists(st.sampled_from(("3x3", "-", "2", ":", "conv(2,2)", "pool(2,mean)", "dense(", ")", "(z)", "tanh", ",")))
    .map("".join)
    .map(lambda text: f"4x4x2-{text}")
    | st.builds(
        lambda start, length, piece, text: text[:start] + piece + text[start + length :],
        st.integers(0, len(MUTATED)),
        st.integers(0, 6),
        st.text('02-:;,=[]()"\\zx\n', max_size=2) | st.text(max_size=2),
        st.sampled_from((MUTATED, SHAPED)),
    )
)
@example("1-1:z=z")
def test_arbitrary_text_into_parse(text: str) -> None:
    refused_or_read(parse, text)


VALUES = st.sampled_from(
    [
        *(
            "true",
            "0",
            "1",
            "2",
            "-1",
            "1.5",
            "nan",
            "inf",
            "''",
            "'z'",
            "'tanh'",
            "'f'",
            "'hinge'",
            "'sum'",
            "'dense'",
        ),
        *(
            "[]",
            "[1]",
            "['mean']",
            "{}",
            "{a = 1}",
            "2026-01-01",
            "12:00:00",
            "'residual'",
            "'conv'",
            "'pool'",
            "'3x3'",
            "[2, 3]",
            "[[2], 3]",
            "'mean'",
            "'a - y'",
            '"\\n"',
            '"\\u0000"',
        ),
    ]
)


def tables(header: str, *keys: str) -> st.SearchStrategy[str]:
    """A TOML table with some of the keys, and any values."""
    entries = st.dictionaries(st.sampled_from(keys), VALUES, max_size=4)
    return entries.map(lambda found: "\n".join([header, *(f"{key} = {entry}" for key, entry in found.items())]))


@settings(deadline=None, max_examples=examples(300))
@given(
    st.tuples(
        st.sampled_from(("2", "[2]", "[5, 4, 2]", "[]", "[3, [3]]", "[true]")).flatmap(
            lambda inputs: tables(f"[network]\ninputs = {inputs}", "name", "loss", "reduction", "l1", "l2")
        ),
        tables("[[layers]]\nunits = 2", "kind", "activation", "bias", "skip")
        | tables("[[layers]]\nkind = 'conv'", "filters", "kernel", "stride", "pad", "dilation", "bias", "activation")
        | tables("[[layers]]\nkind = 'pool'\nsize = 2", "method", "stride", "pad").map(f"{{}}\n{LAYER}".format),
        st.sampled_from(["", "[activations.f]\nexpression = 'z**2'"]) | tables("[activations.f]", "expression"),
        st.sampled_from(["", "[losses.f]\nexpression = '(a - y)**4'"]) | tables("[losses.f]", "expression"),
    ).map("\n".join)
    | st.text()
    | st.text("[]network\n='\"iputs23layers", max_size=60)
)
def test_arbitrary_text_into_from_toml(text: str) -> None:
    refused_or_read(from_toml, text)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("99999999999999999999-1", "1 to 1,000,000"),
        ("2-0-1", "1 to 1,000,000"),
        ("2-1000001-1", "1 to 1,000,000"),
        (f"{'9' * 5000}-1", "1 to 1,000,000"),
        ("2.5-1", "1 to 1,000,000"),
        ("2--1", "1 to 1,000,000"),
        ("1e3-1", "1 to 1,000,000"),
        ("1-1[residual,skip=99999999999999999999]", "1 to 1,000,000"),
        ("1000000-1000000-1", "2,147,483,648"),
        ("2-" * 1200 + "1", "1 to 1,000"),
        ("2-2-1;l2=1e999", "1e-300 to 1e300"),
        ("2-2-1;l2=1e-400", "1e-300 to 1e300"),
        ("2-1:leaky_relu(slope=1e999)", "1e-300 to 1e300"),
        ("2-1;loss=huber(delta=1e-999)", "1e-300 to 1e300"),
    ],
)
def test_a_size_that_is_out_of_range_is_told_the_range_in_one_line(text: str, allowed: str) -> None:
    with pytest.raises(symnet.support.errors.ArchitectureError, match=re.escape(allowed)) as refusal:
        symnet.derive(symnet.parse(text))
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 250
