"""What the functions of a module do, counted: matrix products, passes over arrays with rows, and their buffers.

The counts are exact, and each is what the mathematics asks for; `EXPECTED` says how.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from schedules import Plan, freed, plans
from strategies import UNHURRIED, examples, networks
from test_new_layer_kind import NETWORKS

import symnet
from symnet import Network
from symnet.lower.instructions import Instruction, Value

FUNCTIONS = ("forward", "loss", "gradient", "value_and_grad")


class Counts(NamedTuple):
    """What a function takes.

    Attributes:
        products: of matrices.
        passes: of elementwise operations over arrays with rows and units.
        row_passes: of elementwise operations over one number for each row.
        buffers: for arrays with rows.
    """

    products: int
    passes: int
    row_passes: int
    buffers: int


DEEP = "30-" + "32-" * 8 + "1:" + "tanh," * 8 + "identity;loss=mean_squared_error"
CLASSIFIER = "64-64-64-10:{0},{0},softmax;loss=cross_entropy"

EXPECTED: dict[tuple[str, str], tuple[Counts, Counts, Counts, Counts]] = {
    # Passes forward: 2 tanh, and for the softmax z/2, less its max, exp, squared, times 1/s; the loss needs no p and is
    # without the last, but y takes its scale. Backward: y/N and p/N less it, or with the loss, which has y/N already,
    # p/N less it, and for each hidden layer a², 1 - a², times a_bar; the loss adds log s over the rows. Buffers: x over
    # its ones; a1 and a2, which stay for their dW; z3, which becomes its δ; y, whose place a hidden δ takes; the other
    # hidden δ; max, then s; and if log s is wanted too, 1/s, and what is left of z/2.
    (CLASSIFIER.format("tanh"), "float64"): (
        Counts(3, 7, 1, 3),
        Counts(3, 7, 1, 5),
        Counts(8, 15, 1, 6),
        Counts(8, 15, 2, 8),
    ),
    # An elu is e = expm1(min(z, 0)) and max(z, e): three passes, and two for (e + 1) a_bar, with e kept for each layer.
    (CLASSIFIER.format("elu"), "float64"): (
        Counts(3, 11, 1, 4),
        Counts(3, 11, 1, 5),
        Counts(8, 17, 1, 8),
        Counts(8, 17, 2, 10),
    ),
    # A silu is σ = 1/(1 + exp(-z)), in four passes, and zσ; its slope is σ + a(1 - σ), times a_bar: four more.
    (CLASSIFIER.format("silu"), "float64"): (
        Counts(3, 15, 1, 3),
        Counts(3, 15, 1, 5),
        Counts(8, 25, 1, 8),
        Counts(8, 25, 2, 10),
    ),
    # Weights of 784 inputs are not copied to stand over their bias, which is a pass; relu is one, its step and the
    # product with it two. x stays where it is.
    ("784-128-10:relu,softmax;loss=cross_entropy", "float64"): (
        Counts(2, 7, 1, 2),
        Counts(2, 7, 1, 4),
        Counts(5, 11, 1, 4),
        Counts(5, 11, 2, 6),
    ),
    # As above, with three layers whose bias is a pass.
    ("784-512-512-10:relu,relu,softmax;loss=cross_entropy", "float64"): (
        Counts(3, 10, 1, 2),
        Counts(3, 10, 1, 4),
        Counts(8, 16, 1, 5),
        Counts(8, 16, 2, 7),
    ),
    # A residual of one unit for each row: z - y, times 2/N, and for its squares times 1/N. Forward, two buffers
    # take turns, and x has its own; backward, one for each hidden layer, x, y, and two for δ to take turns.
    (DEEP, "float64"): (Counts(9, 8, 0, 3), Counts(9, 8, 2, 4), Counts(26, 32, 2, 11), Counts(26, 32, 3, 11)),
    # Narrow layers have the same layout in float32.
    (DEEP, "float32"): (Counts(9, 8, 0, 3), Counts(9, 8, 2, 4), Counts(26, 32, 2, 11), Counts(26, 32, 3, 11)),
    # A sigmoid is four passes, and 1 - a, times a, times a_bar three. Columns of one number take turns with wider ones.
    ("2-2-1:sigmoid,sigmoid;loss=half_squared_error", "float64"): (
        Counts(2, 4, 4, 2),
        Counts(2, 4, 6, 3),
        Counts(5, 7, 9, 4),
        Counts(5, 7, 10, 5),
    ),
}

DENSE = ("3-1", "5-4-3", "3-4-4-2", "40-70-50-30-20", "300-10-2", "3-4[bias=false]-4[bias=false]-1")
LOSSES = ("half_squared_error", "cross_entropy", "binary_cross_entropy", "huber", "gaussian_nll")
MEANT = [(text, loss) for text in DENSE for loss in LOSSES if loss != "cross_entropy" or text[-2:] != "-1"]
"""A softmax over one unit is refused."""

KINDS = (
    *(CLASSIFIER.format(name) for name in ("tanh", "elu", "silu", "relu", "leaky_relu", "selu", "gelu", "softplus")),
    "5-5[residual]-5[residual,skip=2]-2;loss=absolute_error;l1=0.1;l2=0.2",
    "3-4[radial_basis]-2;loss=huber",
    "3-4-2:mine=z*tanh(log(1+exp(z))),identity;loss=log(cosh(a-y))",
)


@cache
def planned(architecture: str, dtype: str = "float64") -> dict[str, Plan]:
    return plans(architecture, dtype)


def counts(plan: Plan) -> Counts:
    return Counts(plan.count("dot"), len(plan.passes), len(plan.row_passes), plan.buffers.live)


@pytest.mark.parametrize(("architecture", "dtype"), EXPECTED)
def test_counts(architecture: str, dtype: str) -> None:
    found = {name: counts(plan) for name, plan in planned(architecture, dtype).items()}
    assert found == dict(zip(FUNCTIONS, EXPECTED[architecture, dtype], strict=True))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("architecture", "loss"), MEANT)
def test_products_are_those_that_the_mathematics_needs(architecture: str, loss: str, dtype: str) -> None:
    """One for each layer forward, then dW of each layer and dX of all but the first; nothing else is a contraction."""
    made = symnet.parse(f"{architecture};loss={loss}", hidden="tanh")
    depth = len(made.layers)
    for name, plan in plans(made, dtype).items():
        assert plan.count("dot") == (depth if name in ("forward", "loss") else 3 * depth - 1), name
        assert plan.count("einsum") == 0


@pytest.mark.parametrize("name", ["cosine", "cosine-output", "tempered", "pairs", "scaled", "weight_norm"])
def test_products_with_scalars_and_vectors_among_their_factors_are_matrix_products(name: str) -> None:
    """Scalars and vectors go to a factor first: nothing is a sum of arrays over rows, units and units."""
    for plan in plans(NETWORKS[name]).values():
        for each in plan.schedule.instructions:
            assert each.target.axes <= 2, each
            assert each.operation != "einsum" or not any(value.batched for value in each.reads), each


@pytest.mark.parametrize("depth", [1, 2, 5, 20])
def test_buffers_grow_by_one_for_each_hidden_layer_and_not_at_all_without_gradients(depth: int) -> None:
    """A hidden layer is kept for its dW; all else takes turns, however deep the network is."""
    text = "30-" + "32-" * depth + "3:" + "tanh," * depth + "softmax;loss=cross_entropy"
    found = {name: plan.buffers.live for name, plan in planned(text).items()}
    assert found["forward"] <= 3
    assert found["loss"] <= 4
    assert found["gradient"] <= depth + 5
    assert found["value_and_grad"] <= depth + 6


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("width", [5, 64])
def test_a_tanh_and_its_slope_take_no_buffer_of_their_own(width: int, dtype: str) -> None:
    """z, a, a² and 1 - a² stand in one place, a_bar and z_bar in another."""
    plan = planned(f"{width}-{width}-{width}-3:tanh,tanh,softmax;loss=cross_entropy", dtype)["gradient"]
    held = {plan.names[value]: plan.holder(value) for value in plan.names if plan.holder(value) is not None}
    for layer in ("1", "2"):
        slope = [each for each in plan.schedule.block if each.equation == f"z{layer}_bar"]
        assert [each.operation for each in slope] == ["square", "subtract", "multiply"]
        places = [plan.holder(each.target) for each in slope]
        assert places == [held[f"a{layer}"], held[f"a{layer}"], held[f"a{layer}_bar"]]
        assert held[f"z{layer}"] == held[f"a{layer}"] != held[f"a{layer}_bar"] == held[f"z{layer}_bar"]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("architecture", KINDS)
def test_a_pass_whose_operand_nobody_reads_any_more_is_done_in_place(architecture: str, dtype: str) -> None:
    assert out_of_place(planned(architecture, dtype)) == []


def out_of_place(found: dict[str, Plan]) -> list[Instruction]:
    """Passes that take another buffer than that of an operand which they could overwrite."""
    return [
        each
        for plan in found.values()
        for each in plan.schedule.block
        if each.is_elementwise and each.target.batched
        for dying in [[value for value in freed(plan.schedule)[each.target] if could_hold(each, value)]]
        if dying and plan.holder(each.target) not in map(plan.holder, dying)
    ]


def could_hold(each: Instruction, value: Value) -> bool:
    """Whether an operand is an array just as the result is, so that the result may take its place."""
    where = [operand.places for operand in each.operands if operand.value == value]
    if each.operation == "select":
        where = [operand.places for operand in each.operands[2:] if operand.value == value]
    alike = (value.units, value.batched, value.rows_first, value.mask)
    target = each.target
    in_order = bool(where) and all(places == tuple(range(target.axes)) for places in where)
    return in_order and alike == (target.units, target.batched, target.rows_first, target.mask)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("architecture", [*EXPECTED, *KINDS], ids=str)
def test_nothing_is_computed_that_no_result_needs(architecture: str | tuple[str, str], dtype: str) -> None:
    text = architecture if isinstance(architecture, str) else architecture[0]
    check_need(planned(text, dtype))


@given(network=networks())
@settings(max_examples=examples(15), **UNHURRIED)
def test_nothing_is_computed_in_vain_in_random_networks(network: Network) -> None:
    check_need(plans(network))


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS.keys())
def test_nothing_is_computed_in_vain_in_new_kinds_of_layers(network: Network) -> None:
    check_need(plans(network))


def check_need(found: dict[str, Plan]) -> None:
    """A loss asked alone computes no gradient, a gradient no loss, and both together nothing twice."""
    for name, plan in found.items():
        wanted = {
            *plan.schedule.results.values(),
            *(value for each in plan.schedule.instructions for value in each.reads),
        }
        for each in plan.schedule.instructions:
            assert wanted.intersection(each.targets), f"{name}: nobody reads {each}"
        assert len(targets(plan)) == sum(len(each.targets) for each in plan.schedule.instructions), name
    for name in ("forward", "loss"):
        assert not [each for each in found[name].schedule.instructions if each.equation.endswith("_bar")], name
    assert "C" not in {found["gradient"].names.get(value) for value in targets(found["gradient"])}
    assert work(found["value_and_grad"]) == work(found["loss"]) | work(found["gradient"])


def targets(plan: Plan) -> set[Value]:
    return {value for each in plan.schedule.instructions for value in each.targets}


def work(plan: Plan) -> set[Value]:
    """What is computed; copies that hand a result out have numbers of their own in each function."""
    return {value for each in plan.schedule.instructions if each.operation != "fill" for value in each.targets}


def test_a_classifier_takes_a_logarithm_for_its_loss_only() -> None:
    """And the sums of the loss: Sum(y u) is a product of all entries, Sum(log s) a sum over the rows."""
    found = planned(CLASSIFIER.format("tanh"))
    assert {name: plan.count("log") for name, plan in found.items()} == dict(zip(FUNCTIONS, (0, 1, 0, 1), strict=True))
    assert {name: plan.count("vdot") for name, plan in found.items()} == dict(zip(FUNCTIONS, (0, 1, 0, 1), strict=True))
    assert {name: plan.count("exp") for name, plan in found.items()} == dict.fromkeys(FUNCTIONS, 1)


@pytest.mark.parametrize("architecture", KINDS)
def test_sums_over_rows_of_a_gradient_are_gradients(architecture: str) -> None:
    plan = planned(architecture)["gradient"]
    for each in plan.schedule.block:
        if each.sums_over_rows:
            assert set(each.targets) <= set(plan.schedule.slots), each


def test_a_bias_and_its_gradient_are_part_of_the_products() -> None:
    """Below a layer of 64 units stands a row of ones, and [W; b] is one array, as is the place of their gradients."""
    found = planned(CLASSIFIER.format("tanh"))
    assert found["forward"].count("stack") == 3
    assert found["forward"].count("add") == 0
    joined = [each for each in found["gradient"].schedule.block if each.below is not None]
    assert len(joined) == 3
    assert found["gradient"].count("sum") == 1, "that of the softmax"


def test_rows_that_depend_on_sums_over_all_rows_are_not_divided_into_blocks() -> None:
    for name, network in NETWORKS.items():
        divided = {plan.schedule.in_blocks for plan in plans(network).values()}
        assert divided == {not name.startswith(("batch_norm", "gated"))}, name


@pytest.mark.parametrize(("name", "bounds"), [("elu", 1), ("selu", 2)])
def test_the_slope_of_an_elu_takes_its_exponential_from_the_forward_pass(name: str, bounds: int) -> None:
    """Where a ≤ 0 it is a + 1 or a multiple of a + λα: nothing is chosen by a mask, and an elu not bounded again."""
    plan = planned(CLASSIFIER.format(name))["value_and_grad"]
    hidden = planned(CLASSIFIER.format(name))["forward"].count("expm1")
    assert hidden == 2
    assert (plan.count("expm1"), plan.count("minimum"), plan.count("select")) == (hidden, bounds * hidden, 0)


def test_the_checks_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    found = planned(KINDS[0])
    for wrong, right in (("gradient", "value_and_grad"), ("forward", "loss"), ("loss", "value_and_grad")):
        longer = replace(found[wrong].schedule, block=found[right].schedule.block)
        with pytest.raises(AssertionError, match="nobody reads"):
            check_need({**found, wrong: replace(found[wrong], schedule=longer)})
    with pytest.raises(AssertionError):
        check_need({**found, "value_and_grad": found["gradient"]})
    monkeypatch.setattr("symnet.lower.buffers._overwritten", lambda *_: None)
    wasteful = plans(KINDS[0])
    assert out_of_place(wasteful)
    assert wasteful["gradient"].buffers.live > found["gradient"].buffers.live
