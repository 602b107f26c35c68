"""Operation counts: those of the notes, of whole networks by every method, and that rewriting keeps the values.

The recurrence for brute force follows SymPy's `diff` exactly for networks of the smooth elementary
activations. It differs by its convention, and is not compared, where SymPy rearranges products of sums
or has no like: softmax and cross-entropy (12 % more at most), radial_basis (380 for 364), silu, mish and
softsign (up to 4 % less), gelu, gelu_tanh, squared_error (589 for 593), gaussian_nll (353 for 356), hinge,
binary_cross_entropy (16 % more); relu, leaky_relu, elu, selu and huber are conditions, which SymPy counts
as one function.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Command
from hypothesis import assume, example, given, reject, settings
from hypothesis import strategies as st
from strategies import LOSS_TEXTS, UNHURRIED, activations, examples, networks, penalties

import symnet
from symnet import Dense, Layer, Network, RadialBasis, Residual, SymnetError
from symnet.core.derivatives import derivative
from symnet.core.index_algebra import index
from symnet.core.program import Array, Program
from symnet.core.sizes import BATCH, size_symbol
from symnet.counts.brute_force import BruteForce
from symnet.counts.comparison import NetworkCounts, count_one_by_one, count_shared, nodes_of, over_entries, written_cost
from symnet.counts.operations import OPERATIONS, count_operations, count_program
from symnet.counts.plot import CURVES, growth, plot_counts
from symnet.counts.text import METHODS, expression_counts_text, multiple, network_counts_text
from symnet.counts.text import number as number_text
from symnet.counts.widths import count_by_widths
from symnet.functions.floats import FloatMath
from symnet.functions.record import FUNCTIONS
from symnet.functions.rows import log_softmax, softmax
from symnet.network.activations import read_function
from symnet.network.losses import LOSSES
from symnet.scalar_form.formulas import elementary, scalar_form
from symnet.scalar_form.graph import Graph
from symnet.scalar_form.graph_counts import count_graph, power_operations, weighted
from symnet.scalar_form.instantiate import GraphArithmetic, scalar_graph
from symnet.scalar_form.modes import cotangents, tangents
from symnet.scalar_form.products import share_products
from symnet.simplify.stable import use_stable_forms

SWEEP = {"2-2-1": 37, "3-3-2-1": 100, "4-4-4-1": 199, "8-8-8-1": 651, "16-16-16-1": 2323, "32-32-32-1": 8739}
CASADI = {"2-2-1": 33, "3-3-2-1": 93, "4-4-4-1": 195, "8-8-8-1": 675, "16-16-16-1": 2499, "32-32-32-1": 9603}
BRUTE_FORCE = {"2-2-1": 314, "3-3-2-1": 4942, "8-8-1": 17_036, "8-8-8-1": 464_284}

_counted: dict[str, NetworkCounts] = {}


def counts_of(text: str) -> NetworkCounts:
    """The counts of an architecture, worked out once."""
    if text not in _counted:
        _counted[text] = symnet.count(symnet.parse(text))
    return _counted[text]


# ---- the notes ----


def test_the_first_function_of_the_notes() -> None:
    counts = symnet.count_expression("sqrt(x**2 + exp(x**2))")
    assert (counts.value, counts.gradient, counts.total, counts.shared) == (5, 10, 15, 7)
    steps = [(step.name, step.formula, step.operations) for step in counts.steps]
    assert steps[:4] == [("a", "x**2", 1), ("b", "exp(a)", 1), ("c", "a + b", 1), ("d", "sqrt(c)", 1)]
    assert steps[4][1:] == ("x*(1 + b)/d", 3)
    assert [step.result for step in counts.steps] == ["", "", "", "f", "df/dx"]


def test_the_second_function_of_the_notes() -> None:
    counts = symnet.count_expression("exp(x**2)")
    assert (counts.value, counts.gradient, counts.total, counts.shared) == (2, 4, 6, 4)
    assert [step.formula for step in counts.steps] == ["x**2", "exp(a)", "2*b*x"]


@pytest.mark.parametrize(
    ("exponent", "operations"),
    [(2, 1), (3, 2), (4, 2), (7, 4), (8, 3), (-1, 1), (-2, 2), (0.5, 1), (-0.5, 2), (1.5, 1)],
)
def test_powers_take_repeated_squaring(exponent: float, operations: int) -> None:
    assert sum(power_operations(exponent).values()) == operations


def test_expression_counts_by_some_variables_only() -> None:
    both, one = symnet.count_expression("x**2*y"), symnet.count_expression("x**2*y", ["y"])
    assert (one.value, one.gradient) == (2, 1)
    assert both.gradient > one.gradient
    assert {step.result for step in one.steps} - {""} == {"f", "df/dy"}


# ---- sharing never costs more than brute force ----


def expressions() -> st.SearchStrategy[str]:
    """Formulas in x and y with what powers, quotients and products have in common."""

    def larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        functions = ("exp", "log", "sqrt", "sin", "tanh", "abs", "softplus", "sigmoid", "relu", "erf")
        return st.one_of(
            st.builds("{}({})".format, st.sampled_from(functions), parts),
            st.builds("({})**{}".format, parts, st.sampled_from(("2", "3", "5", "(-1)", "(-2)", "2.5", "(-0.5)"))),
            st.builds("({} {} {})".format, parts, st.sampled_from("+-*/"), parts),
        )

    return st.recursive(st.sampled_from(("x", "y", "x", "y", "2", "0.5")), larger, max_leaves=5)


@given(formula=expressions())
@example(formula="log(x*y)")
@example(formula="log(x/y)")
@example(formula="x")
@example(formula="x/y**2.5")
@settings(max_examples=examples(25), **UNHURRIED)
def test_intermediates_never_cost_more_than_writing_out(formula: str) -> None:
    """Nor than what SymPy's `cse` finds; and the steps are what is counted."""
    try:
        counts = symnet.count_expression(formula)
    except SymnetError:
        reject()
    expression, variables = read_function(formula)
    written = [expression, *(derivative(expression, symbol) for symbol in variables)]
    assert counts.shared <= min(counts.total, count_shared(written))
    assert counts.shared == sum(step.operations for step in counts.steps)


@st.composite
def small_networks(draw: st.DrawFn) -> Network:
    """Up to two layers of up to three units, so that the gradient can be written out."""
    sizes = [draw(st.integers(1, 3))]
    stack: list[Layer] = []
    loss = draw(st.sampled_from(LOSS_TEXTS))
    for _ in range(draw(st.integers(1, 2))):
        kind = draw(st.sampled_from(("dense", "dense", "residual", "radial_basis")))
        units = sizes[-1] if kind == "residual" else draw(st.integers(1, 3))
        build = Residual if kind == "residual" else Dense
        activation = draw(activations(units))
        layer = (
            RadialBasis(units)
            if kind == "radial_basis"
            else build(units, activation=activation, bias=draw(st.booleans()))
        )
        stack.append(layer)
        sizes.append(units)
    if loss in LOSSES and LOSSES[loss].only:
        stack.append(Dense(draw(st.integers(2, 3))))
    return Network(sizes[0], stack, loss=loss, l1=draw(penalties), l2=draw(penalties))


@given(network=small_networks())
@example(network=symnet.parse("2-2-1;loss=absolute_error", hidden="relu"))
@example(network=symnet.parse("1-1;loss=sqrt(1+(a-y)**2)"))
@example(network=symnet.parse("2-2-1", hidden="softplus"))
@example(network=symnet.parse("2-2-1", hidden="z**3"))
@example(network=Network(1, [Dense(3, activation="sine", bias=False)], loss="squared_error"))
@settings(max_examples=examples(12), **UNHURRIED)
def test_a_shared_sweep_never_costs_more_than_brute_force(network: Network) -> None:
    counts = symnet.count(network)
    assert counts.sweep_cse <= min(counts.sweep, counts.brute_force)
    if counts.brute_force_cse is not None:
        assert counts.sweep_cse <= counts.brute_force_cse <= counts.brute_force


# ---- networks ----


@pytest.mark.parametrize("text", SWEEP)
def test_the_reverse_sweep_and_casadi(text: str) -> None:
    counts = counts_of(text)
    assert counts.sweep == SWEEP[text]
    assert counts.sweep_cse <= min(counts.sweep, CASADI[text])
    assert counts.forward < counts.sweep_cse < 5 * counts.forward


@pytest.mark.parametrize("text", BRUTE_FORCE)
def test_brute_force_by_recurrence(text: str) -> None:
    assert counts_of(text).brute_force == BRUTE_FORCE[text]


@pytest.mark.parametrize(("text", "shared"), [("2-2-1", 37), ("3-3-2-1", 136)])
def test_brute_force_after_common_subexpressions(text: str, shared: int) -> None:
    assert counts_of(text).brute_force_cse == shared


def test_large_networks_have_no_brute_force_with_shared_subexpressions() -> None:
    assert counts_of("8-8-8-1").brute_force_cse is None


@pytest.mark.parametrize(
    "text",
    [
        "1-1",
        "2-2-1",
        "1-1-1-1",
        "3-2-2",
        "2-2-1;reduction=sum",
        "2-2-1:tanh,identity",
        "2-2-2-1:tanh,tanh,identity",
        "2-2-1:softplus,identity",
        "2-2-1:sine,identity",
        "2-2-1:exp,identity",
        "2-2-1:gaussian,identity",
        "2-2-1:sqrt(1+z**2),identity",
        "2-2[residual]-1",
        "2-2-2;loss=mean_squared_error",
        "2-2-1;loss=absolute_error",
        "2-2-1;loss=log(cosh(a-y))",
        "2-2-1;l2=0.1",
        "2-2-1;l1=0.1",
    ],
)
def test_the_recurrence_counts_what_sympy_writes(text: str) -> None:
    """Without building it; here it is built, and each ∂C/∂w counted."""
    derivation = symnet.derive(symnet.parse(text))
    form = derivation.scalar_form()
    loss = form.substituted(form.loss)
    expected = written_cost([loss, *(loss.diff(parameter) for parameter in form.gradients)])
    assert derivation.count().brute_force == expected


@pytest.mark.parametrize(
    "text",
    ["2-2[radial_basis]-1", "2-2;loss=cross_entropy", "2-2:softmax", "2-2-1:silu,identity", "2-3-1;loss=squared_error"],
)
def test_elsewhere_the_recurrence_is_near_what_sympy_writes(text: str) -> None:
    derivation = symnet.derive(symnet.parse(text))
    form = derivation.scalar_form()
    loss = form.substituted(form.loss)
    expected = written_cost([loss, *(loss.diff(parameter) for parameter in form.gradients)])
    assert derivation.count().brute_force == pytest.approx(expected, rel=0.15)


@pytest.mark.parametrize(
    "text",
    [
        "3-4-2",
        "2-3-3-2:tanh,softmax,identity",
        "3-3[residual]-2:gelu,tanh",
        "2-3[radial_basis]-2;l2=0.1",
        "3-3;loss=cross_entropy",
        "2-2-2;loss=gaussian_nll",
        "3-3-3-3[residual,skip=2]-2",
    ],
)
def test_one_entry_stands_for_all_that_cost_the_same(text: str) -> None:
    forward = use_stable_forms(symnet.derive(symnet.parse(text)).forward)
    graph = Graph()
    entries = scalar_graph(forward, GraphArithmetic(graph, expand=True))
    (loss,) = nodes_of(entries[forward.outputs["loss"]])
    brute = BruteForce(graph)
    for array in forward.parameters:
        every = [brute.derivative(loss, node) for node in nodes_of(entries[array.name])]
        assert over_entries(entries[array.name], lambda node: brute.derivative(loss, node)) == sum(every)


def test_beyond_its_limit_shared_brute_force_is_a_bound(symnet_command: Command) -> None:
    _, out, _ = symnet_command("count", "8-8-8-1")
    (row,) = (line for line in out.splitlines() if "at most" in line)
    assert f"{counts_of('8-8-8-1').brute_force:,}" in row
    _, out, _ = symnet_command("count", "2-2-1")
    assert "at most" not in out


def test_the_largest_network_of_the_issue_answers() -> None:
    counts = counts_of("64-64-64-1")
    assert counts.brute_force > 1e9
    assert counts.brute_force_cse is None
    assert counts.sweep_cse < 3 * counts.forward
    assert counts.parameters == 8385


def test_the_sweep_is_linear_and_brute_force_exponential_in_depth() -> None:
    width = 4
    deep = [counts_of("-".join(map(str, [width] * (depth + 1) + [1]))) for depth in range(1, 6)]
    swept = np.diff([counts.sweep for counts in deep])
    assert len(set(swept.tolist())) == 1
    factors = [after.brute_force / before.brute_force for before, after in itertools.pairwise(deep)]
    assert all(factor > width for factor in factors)


def test_the_sweep_is_linear_in_the_parameters() -> None:
    """At most some operations a parameter, whatever the width; brute force takes ever more of them."""
    wide = [counts_of(f"{width}-{width}-{width}-1") for width in (8, 16, 32)]
    assert all(3 < counts.sweep / counts.parameters < 5 for counts in wide)
    assert all(
        after.brute_force / after.parameters > 4 * before.brute_force / before.parameters
        for before, after in itertools.pairwise(wide)
    )


@pytest.mark.parametrize("text", ["2-2-1", "4-4-4-1", "8-8-8-1", "3-3[residual]-1"])
def test_array_program_and_shared_graph_take_the_same_operations(text: str) -> None:
    """For one row; by the sum over rows, since the array form divides by N and one row does not."""
    derivation = symnet.derive(symnet.parse(f"{text};reduction=sum"))
    assert sum(count_program(derivation.program).values()) == derivation.count().sweep


def test_no_method_is_below_the_forward_pass() -> None:
    for text in (*SWEEP, "1-8-8-20", "20-8-8-1"):
        counts = counts_of(text)
        assert counts.forward < counts.sweep_cse <= counts.sweep < counts.forward_mode < counts.brute_force


# ---- forward mode and reverse mode ----


def test_each_mode_wins_where_it_should() -> None:
    many_outputs, many_inputs = counts_of("1-8-8-20"), counts_of("20-8-8-1")
    assert many_outputs.jacobian_forward < many_outputs.jacobian_reverse / 3
    assert many_inputs.jacobian_reverse < many_inputs.jacobian_forward / 3


def values_of(graph: Graph, roots: Sequence[int], given_values: dict[str, float]) -> list[float]:
    """The values of some nodes in floats."""
    found: dict[int, float] = {}
    for node in graph.reachable(roots):
        operation, detail = graph.operation[node], graph.detail[node]
        operands = [found[operand] for operand in graph.operands[node]]
        if operation == "symbol":
            found[node] = given_values[detail]
        elif operation == "number":
            found[node] = float(detail)
        elif operation == "add":
            found[node] = math.fsum(operands)
        elif operation == "multiply":
            found[node] = math.prod(operands) * float(detail)
        elif operation == "power":
            found[node] = operands[0] ** (detail if isinstance(detail, int) else float(detail))
        else:
            found[node] = float(FUNCTIONS[operation].value(FloatMath, *operands))
    return [found[root] for root in roots]


def drawn_values(graph: Graph, seed: int) -> dict[str, float]:
    """Small positive numbers for all symbols, so that logarithms and powers are real."""
    rng = np.random.default_rng(seed)
    names = [str(detail) for detail, kind in zip(graph.detail, graph.operation, strict=True) if kind == "symbol"]
    return {name: float(rng.uniform(0.1, 0.6)) for name in names}


@given(network=networks(deepest=2), seed=st.integers(0, 99))
@settings(max_examples=examples(12), **UNHURRIED)
def test_both_modes_give_the_same_derivatives(network: Network, seed: int) -> None:
    forward = use_stable_forms(symnet.derive(network).forward)
    graph = Graph()
    entries = scalar_graph(forward, GraphArithmetic(graph, expand=True))
    (loss,) = nodes_of(entries[forward.outputs["loss"]])
    symbols = [node for array in forward.parameters for node in nodes_of(entries[array.name])][:12]
    zero = graph.number(0)
    reverse_found = cotangents(graph, loss)
    by_reverse = [reverse_found.get(symbol, zero) for symbol in symbols]
    by_forward = [tangents(graph, symbol, loss).get(loss, zero) for symbol in symbols]
    given_values = drawn_values(graph, seed)
    try:
        one, other = (values_of(graph, roots, given_values) for roots in (by_forward, by_reverse))
    except (ArithmeticError, ValueError):
        assume(False)
    assume(all(math.isfinite(value) and abs(value) < 1e9 for value in one))
    assert other == pytest.approx(one, rel=1e-8, abs=1e-9 * max(1.0, *map(abs, one)))


# ---- common parts of products ----


@given(network=networks(deepest=2), seed=st.integers(0, 99), expand=st.booleans())
@settings(max_examples=examples(15), **UNHURRIED)
def test_sharing_products_keeps_the_values(network: Network, seed: int, expand: bool) -> None:
    derivation = symnet.derive(network)
    program = derivation.equations if expand else derivation.program
    graph = Graph()
    entries = scalar_graph(program, GraphArithmetic(graph, expand=expand))
    roots = [node for name in program.outputs.values() for node in nodes_of(entries[name])]
    shared, shared_roots = share_products(graph, roots)
    given_values = drawn_values(graph, seed)
    try:
        before = values_of(graph, roots, given_values)
    except (ArithmeticError, ValueError):
        assume(False)
    assume(all(math.isfinite(value) and abs(value) < 1e9 for value in before))
    after = values_of(shared, shared_roots, given_values)
    assert after == pytest.approx(before, rel=1e-8, abs=1e-9 * max(1.0, *map(abs, before)))


@given(network=networks(deepest=2))
@settings(max_examples=examples(12), **UNHURRIED)
def test_sharing_products_never_takes_more_operations(network: Network) -> None:
    equations = symnet.derive(network).equations
    graph = Graph()
    entries = scalar_graph(equations, GraphArithmetic(graph, expand=True))
    roots = [node for name in equations.outputs.values() for node in nodes_of(entries[name])]
    shared, shared_roots = share_products(graph, roots)
    assert weighted(count_graph(shared, shared_roots)) <= weighted(count_graph(graph, roots))


def shared_alone(text: str) -> tuple[int, int]:
    """What the sweep takes by the search for common parts alone, and what SymPy's `cse` finds of brute force."""
    equations = symnet.derive(text).equations
    graph = Graph()
    entries = scalar_graph(equations, GraphArithmetic(graph, expand=True))
    names = ("loss", *(array.name for array in equations.parameters))
    roots = [node for name in names for node in nodes_of(entries[equations.outputs[name]])]
    form = scalar_form(equations, written_in=elementary)
    loss = form.substituted(form.loss)
    written = [loss, *(derivative(loss, parameter) for parameter in form.gradients)]
    return int(weighted(count_graph(*share_products(graph, roots, exact=False)))), int(count_shared(written))


@pytest.mark.parametrize(
    "text",
    [
        "2-3:softplus;loss=gaussian_nll",
        "1-3;loss=gaussian_nll",
        "2-2-3:tanh,softplus;loss=gaussian_nll",
        "1-1:1/(1+exp(-z));loss=(a-y)**4/4+abs(a)",
        "2-3;loss=(a-y)**2+2.5",
    ],
)
def test_the_search_finds_what_cse_finds(text: str) -> None:
    """Terms that do not depend on the index of their sum are added once, and exponentials are positive."""
    by_search, by_cse = shared_alone(text)
    assert by_search <= by_cse


@pytest.mark.parametrize("exact", [True, False])
def test_equal_terms_of_a_sum_are_a_multiple(exact: bool) -> None:
    """(x + c) + (y + c) + (z + c) is x + y + z + 3c, but for one of the inner sums that is wanted itself."""
    graph = Graph()
    x, y, z, c = map(graph.symbol, "xyzc")
    parts = [graph.add([each, c]) for each in (x, y, z)]
    total = graph.add(parts)
    shared, roots = share_products(graph, [total], exact=exact)
    assert count_graph(shared, roots) == {"add": 3, "multiply": 1}
    shared, roots = share_products(graph, [total, parts[0]], exact=exact)
    assert count_graph(shared, roots) == {"add": 4, "multiply": 1}
    given_values = {"x": 1.5, "y": -2.0, "z": 4.25, "c": 0.5}
    assert values_of(shared, roots, given_values) == values_of(graph, [total, parts[0]], given_values)


@pytest.mark.parametrize("function", ["abs", "sign"])
def test_only_what_is_positive_everywhere_is_its_own_magnitude(function: str) -> None:
    graph = Graph()
    growth = graph.node("exp", (graph.symbol("x"),))
    above = graph.power(graph.add([graph.number(1), growth]), -1)
    for argument, positive in [
        (above, True),
        (graph.multiply([above, growth], 3), True),
        (graph.multiply([above], -1), False),
        (graph.add([growth, graph.number(-1)]), False),
        (graph.power(graph.symbol("x"), 2), False),
    ]:
        root = graph.node(function, (argument,))
        counted, roots = share_products(graph, [root], exact=False)
        assert (function not in counted.operation) == positive
        code, roots = share_products(graph, [root])
        assert function in {code.operation[node] for node in code.reachable(roots)}


# ---- large networks, by polynomials in their widths ----


def one_by_one(network: Network, weights: dict[str, float] | None = None) -> NetworkCounts:
    derivation = symnet.derive(network)
    return count_one_by_one(use_stable_forms(derivation.forward), derivation.equations, weights, written_out=False)


def by_widths(network: Network, weights: dict[str, float] | None = None) -> NetworkCounts | None:
    """The same by polynomials, also of what is small enough to be written out."""
    derivation = symnet.derive(network)
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr("symnet.counts.widths.MAX_WRITTEN_OUT", 0)
        return count_by_widths(use_stable_forms(derivation.forward), derivation.equations, weights, at_any_cost=True)


@pytest.mark.parametrize(
    "text",
    [
        "9-10-11",
        "12-11-1",
        "1-16-16-2",
        "12-12[residual]-9",
        "9-10[radial_basis]-11",
        "11-9:softmax",
        "10-12-9;loss=cross_entropy",
        "11-9-10;l1=0.1;l2=0.1",
        "9-10[bias=false]-11:gelu,identity",
        "9-10-11;loss=mean_squared_error",
    ],
)
def test_polynomials_in_the_widths_are_what_is_counted_one_by_one(text: str) -> None:
    assert by_widths(symnet.parse(text)) == one_by_one(symnet.parse(text))


@st.composite
def wide_networks(draw: st.DrawFn) -> Network:
    """One or two layers of any kind whose widths are large enough to be other ones."""
    wide = st.sampled_from((9, 10, 12))
    sizes, stack = [draw(wide)], list[Layer]()
    loss = draw(st.sampled_from(LOSS_TEXTS))
    for _ in range(draw(st.integers(0, 1))):
        kind = draw(st.sampled_from(("dense", "residual", "radial_basis")))
        units = sizes[-1] if kind == "residual" else draw(wide)
        build = Residual if kind == "residual" else Dense
        activation = draw(activations(units))
        layer = build(units, activation=activation, bias=draw(st.booleans()))
        stack.append(RadialBasis(units) if kind == "radial_basis" else layer)
        sizes.append(units)
    stack.append(Dense(draw(st.sampled_from((2, 9, 11))), bias=draw(st.booleans())))
    return Network(sizes[0], stack, loss=loss, l1=draw(penalties), l2=draw(penalties))


@given(network=wide_networks())
@settings(max_examples=examples(5), **UNHURRIED)
def test_polynomials_of_drawn_networks_are_exact_or_not_trusted(network: Network) -> None:
    counts = by_widths(network)
    assume(counts is not None)
    assert counts == one_by_one(network)


def test_polynomials_with_weights_of_operations() -> None:
    """Whole weights give whole numbers, others floats, as where operations are counted one by one."""
    network = symnet.parse("9-10-11")
    for weights in ({"exp": 20}, {"exp": 20.5, "add": 0.25}, {"sqrt": 0.5}):
        found, expected = by_widths(network, weights), one_by_one(network, weights)
        assert found is not None
        assert found == expected
        assert [type(number) for number in asdict(found).values()] == [
            type(number) for number in asdict(expected).values()
        ]


@pytest.mark.parametrize("figure", ["forward", "sweep_cse"])
@pytest.mark.parametrize(
    "strange",
    [lambda widths: min(2 * widths[0], widths[-1]), lambda widths: 2 ** sum(widths), lambda widths: widths[0] % 2],
)
def test_figures_that_are_no_polynomials_are_not_trusted(
    strange: Callable[[Sequence[int]], int], figure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def counted(forward: Program, *given_: Any, **options: Any) -> NetworkCounts:
        counts = count_one_by_one(forward, *given_, **options)
        changes: dict[str, Any] = {figure: strange(sorted(set(forward.sizes.values())))}
        return replace(counts, **changes)

    monkeypatch.setattr("symnet.counts.widths.count_one_by_one", counted)
    assert by_widths(symnet.parse("20-14-11")) is None


def test_a_large_network_is_counted_by_small_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """784-128-10 once took most of a minute; its figures are those that were counted then, one by one."""
    sizes = []

    def counted(forward: Program, *given_: Any, **options: Any) -> NetworkCounts:
        counts = count_one_by_one(forward, *given_, **options)
        sizes.append(counts.parameters)
        return counts

    monkeypatch.setattr("symnet.counts.widths.count_one_by_one", counted)
    figures = 101_770, 203_687, 205_737_220_529, None, 5_733_799, 308_263, 308_135, 705_008, 2_213_632
    assert symnet.count("784-128-10") == NetworkCounts(*figures)
    assert symnet.count("784-512-512-10").parameters == 669_706
    assert max(sizes) < 10_000
    assert sum(sizes) < 100_000


def test_what_small_networks_do_not_tell_shows_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, symnet_command: Command
) -> None:
    """Eight units are too few to be other ones: each operation is counted."""
    steps: list[int] = []
    said: list[str] = []

    class Bar:
        def update(self, n_steps: int, /) -> None:
            steps.append(n_steps)

    @contextmanager
    def progress(total: int) -> Iterator[Bar]:
        steps.append(-total)
        yield Bar()

    monkeypatch.setattr("symnet.counts.comparison.LONG", 0.0)
    symnet.count("8-8-8-8-1", progress=progress, announce=said.append)
    assert (sum(steps), len(steps) > 10) == (0, True)
    assert len(said) == 1
    assert "operations" in said[0]
    status, out, err = symnet_command("count", "2-2-1", "--json")
    assert (status, json.loads(out)["sweep"], err.count("\n")) == (0, 37, 1)


# ---- weights ----


@pytest.mark.parametrize("operation", ["exp", "add", "multiply", "divide"])
def test_counts_are_linear_in_each_weight(operation: str) -> None:
    network = symnet.parse("2-3-1")
    names = [field.name for field in fields(NetworkCounts) if field.name not in ("parameters", "brute_force_cse")]
    one, two, twenty = (asdict(symnet.count(network, {operation: weight})) for weight in (1, 2, 20))
    plain = asdict(symnet.count(network))
    # The best of two forms is taken in sweep_cse, so that it may be less than linear there.
    for name in (name for name in names if name != "sweep_cse"):
        assert one[name] == plain[name]
        assert twenty[name] - one[name] == 19 * (two[name] - one[name]) >= 0
    assert twenty["sweep_cse"] <= one["sweep_cse"] + 19 * (two["sweep_cse"] - one["sweep_cse"])


@pytest.mark.parametrize("text", ["2-3-2:sigmoid,identity;l2=0.1", "2-2-2:sqrt(1+z**2),z*(1+z**2)**(-1.25);l1=0.2"])
def test_each_operation_is_counted_under_just_one_name(text: str) -> None:
    """One more for each operation of a name, over all names, is what there are operations in all."""
    network = symnet.parse(text)
    names = [field.name for field in fields(NetworkCounts) if field.name not in ("parameters", "sweep_cse")]
    plain = asdict(symnet.count(network))
    dearer = [asdict(symnet.count(network, {operation: 2})) for operation in sorted(OPERATIONS)]
    for name in names:
        assert sum(each[name] - plain[name] for each in dearer) == plain[name], name


def test_each_operation_of_an_expression_is_counted_under_just_one_name() -> None:
    for formula in ("sqrt(x**2 + exp(x**2))", "(x*y)**1.25/(1 + x)", "tanh(x)*sin(y) - x/y"):
        plain = symnet.count_expression(formula)
        dearer = [symnet.count_expression(formula, weights={operation: 2}) for operation in sorted(OPERATIONS)]
        for name in ("value", "gradient", "total"):
            expected = getattr(plain, name)
            assert sum(getattr(each, name) - expected for each in dearer) == expected, (formula, name)
        # The best of some forms is taken with intermediates, so that it may be less than linear there.
        assert sum(each.shared - plain.shared for each in dearer) <= plain.shared


def test_roots_and_powers_are_told_apart() -> None:
    """√(1 + z²) in each of two units, (2 + sin z)^-1.25 in the one behind them; forward, none is computed again."""
    network = symnet.parse("2-2-1:sqrt(1+z**2),z*(2+sin(z))**(-1.25)")
    plain = symnet.count(network).forward
    assert symnet.count(network, {"sqrt": 10}).forward == plain + 9 * 2
    assert symnet.count(network, {"power": 10}).forward == plain + 9


def test_a_softmax_takes_its_exponentials_and_their_sum_once_a_row() -> None:
    """Of K entries each takes an exponential, a quotient and its share of K - 1 sums and of one logarithm."""
    n, k = index("n", BATCH), index("k", size_symbol("K"))
    z = Array("z", (n, k)).reference
    assert count_operations(softmax(z, k), lambda idx: 4) == {"exp": 1, "add": Fraction(3, 4), "divide": 1}
    expected = {"exp": 1, "add": Fraction(3, 4) + 1, "log": Fraction(1, 4)}
    assert count_operations(log_softmax(z, k), lambda idx: 4) == expected


def test_all_counts_of_the_network_of_the_notes() -> None:
    """Of the passes of tangents, one for each input, all but the first cost the same."""
    assert symnet.count(symnet.parse("2-2-1")) == NetworkCounts(9, 21, 314, 37, 85, 37, 31, 42, 36)
    one, two, three = (symnet.count(symnet.parse(f"{inputs}-2-1")) for inputs in (1, 2, 3))
    passes = [counts.jacobian_forward for counts in (one, two, three)]
    assert passes[1] - passes[0] == passes[2] - passes[1] > 0


def test_an_expensive_exp_counts_for_each_hidden_unit() -> None:
    plain, dear = counts_of("2-2-1"), symnet.count(symnet.parse("2-2-1"), {"exp": 20})
    assert dear.forward - plain.forward == 19 * 2
    assert dear.sweep - plain.sweep == 19 * 2
    assert dear.brute_force - plain.brute_force >= 19 * 9


def test_weights_in_an_expression() -> None:
    counts = symnet.count_expression("sqrt(x**2 + exp(x**2))", weights={"exp": 20, "sqrt": 5})
    assert (counts.value, counts.shared) == (5 + 19 + 4, 7 + 19 + 4)
    assert counts.total == counts.value + counts.gradient
    assert symnet.count_expression("exp(x**2)", weights={"exp": 0.5}).value == 1.5


@pytest.mark.parametrize("weights", [{"exp": math.nan}, {"exp": -1}, {"exp": math.inf}, {"exp": "20"}])
def test_weights_are_numbers_from_0_on(weights: dict[str, Any]) -> None:
    for count, subject in ((symnet.count, "1-1"), (symnet.count_expression, "exp(x)")):
        with pytest.raises(SymnetError, match="weight of exp"):
            count(subject, weights=weights)


@pytest.mark.parametrize("weights", [{"expp": 20}, {"additions": 2}, {"": 1}])
def test_unknown_operations_have_no_weight(weights: dict[str, float]) -> None:
    """A misspelt name would else leave the counts as they are, in silence."""
    with pytest.raises(SymnetError, match="operation"):
        symnet.count(symnet.parse("1-1"), weights)
    with pytest.raises(SymnetError, match="operation"):
        symnet.count_expression("exp(x)", weights=weights)


# ---- the command ----


def test_json_of_a_network(symnet_command: Command) -> None:
    status, out, err = symnet_command("count", "3-3-2-1", "--json")
    assert (status, err) == (0, "")
    found = json.loads(out)
    wanted = {"parameters": 23, "forward": 52, "brute_force": 4942, "brute_force_cse": 136, "sweep": 100}
    assert {name: found[name] for name in wanted} == wanted
    assert found["sweep_cse"] <= 93
    _, out, _ = symnet_command("count", "8-8-8-1", "--json")
    assert json.loads(out)["brute_force_cse"] is None


def test_json_of_an_expression(symnet_command: Command) -> None:
    status, out, _ = symnet_command("count", "--expression", "exp(x**2)", "--json")
    found = json.loads(out)
    assert status == 0
    assert list(found) == ["value", "gradient", "total", "shared", "steps"]
    assert [found[name] for name in ("value", "gradient", "total", "shared")] == [2, 4, 6, 4]
    assert found["steps"][0] == {"name": "a", "formula": "x**2", "operations": 1, "result": ""}


def test_tables_for_people(symnet_command: Command) -> None:
    _, out, _ = symnet_command("count", "32-32-32-1")
    assert "8,739" in out
    assert "2,145 derivatives" in out
    _, out, _ = symnet_command("count", "--expression", "sqrt(x**2 + exp(x**2))")
    assert "f 5, its derivatives 10, total 15" in out
    assert "with intermediates: 7" in out
    assert "x*(1 + b)/d" in out


def cells(line: str) -> list[str]:
    return re.split(r"  +", line.strip())


@pytest.mark.parametrize("text", ["2-2-1", "8-8-8-1", "3-3:relu"])
def test_the_table_of_a_network_has_every_count_and_what_it_is_of_a_forward_pass(text: str) -> None:
    counts = counts_of(text)
    said = network_counts_text("a title", counts)
    head, _, *rows, _, jacobian = said.split("\n")
    assert head == f"a title: the loss and its {counts.parameters:,} derivatives, for one row"
    assert cells(rows[0]) == ["operations", "forward passes"]
    bounded = counts.brute_force_cse is None
    for row, (method, description) in zip(rows[1:], METHODS.items(), strict=True):
        number = getattr(counts, method) if getattr(counts, method) is not None else counts.brute_force
        named = f"{description}: at most" if bounded and method == "brute_force_cse" else description
        assert cells(row) == [named, f"{number:,}", f"{number / counts.forward:,.2f}"]
    numbers = f"{counts.jacobian_forward:,} operations in forward mode, {counts.jacobian_reverse:,} in reverse mode"
    assert jacobian == f"All outputs by all inputs: {numbers}."


@pytest.mark.parametrize("formula", ["sqrt(x**2 + exp(x**2))", "x*y + sin(x*y)/3", "x"])
def test_the_table_of_an_expression_has_every_step_with_its_operations(formula: str) -> None:
    counts = symnet.count_expression(formula)
    said = expression_counts_text(formula, counts)
    first, _, written_out, shared, _, head, *rows = said.split("\n")
    assert first == f"f = {formula}"
    assert cells(head) == ["step", "operations"]
    assert [int(number) for number in re.findall(r"\d+", written_out)] == [counts.value, counts.gradient, counts.total]
    name = shared.removeprefix(f"with intermediates: {counts.shared} operations, where f = ")
    assert [step.name for step in counts.steps if step.result == "f"] == [name]
    for row, step in zip(rows, counts.steps, strict=True):
        named = step.result if step.result.startswith("d") else step.name
        assert cells(row) == [named, f"= {step.formula}", f"{step.operations}"]
    assert sum(int(cells(row)[-1]) for row in rows) == counts.shared


@pytest.mark.parametrize(
    ("count", "said"), [(None, "-"), (0, "0"), (1234567, "1,234,567"), (1234.5, "1,234.5"), (0.1 + 0.2, "0.3")]
)
def test_a_count_is_told_with_its_thousands_apart(count: float | None, said: str) -> None:
    assert number_text(count) == said


def test_a_multiple_of_nothing_is_a_dash() -> None:
    assert [multiple(*given) for given in ((3, 2), (None, 2), (3, 0), (0, 3), (5000, 2))] == [
        *("1.50", "-", "-", "0.00", "2,500.00")
    ]


def test_weights_of_the_command(symnet_command: Command) -> None:
    _, out, _ = symnet_command("count", "2-2-1", "--weight", "exp=20", "--weight", "add=0.5", "--json")
    assert json.loads(out) == asdict(symnet.count(symnet.parse("2-2-1"), {"exp": 20, "add": 0.5}))


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("2-2-1", "--expression", "x**2"),
        ("2-2-1", "--weight", "expp=20"),
        ("2-2-1", "--weight", "exp"),
        ("2-2-1", "--weight", "exp=-1"),
        ("2-2-1", "--weight", "exp=nan"),
        ("2-2-1", "--weight", "exp=1e9"),
        ("2-2-1:step,identity",),
        ("2-2-1", "--plot", "counts.txt"),
        ("--expression", "x**2", "--plot", "counts.svg"),
        ("--expression", "x**2", "--wrt", "y"),
        ("--expression", "2 + 3"),
        ("--expression", "x**x"),
    ],
)
def test_the_command_refuses_in_one_line(arguments: tuple[str, ...], symnet_command: Command, tmp_path: Path) -> None:
    status, out, err = symnet_command("count", *arguments)
    assert (status, out) == (2, "")
    assert err.startswith("symnet: ")
    assert err.count("\n") == 1
    assert err.isascii()
    assert list(tmp_path.iterdir()) == []


def test_a_plot(symnet_command: Command, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "counts.svg"
    status, _, err = symnet_command("count", "2-2-1", "--plot", str(path))
    assert status == 0, err
    assert path.read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize(("suffix", "start"), [("png", b"\x89PNG\r"), ("pdf", b"%PDF-")])
def test_a_plot_in_another_format(suffix: str, start: bytes, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / f"counts.{suffix}"
    points = [(1, counts_of("1-1")), (2, counts_of("2-2-1"))]
    plot_counts(str(path), points, points)
    assert path.read_bytes().startswith(start)


def test_a_plot_shows_each_method_at_each_size(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    figures = pytest.importorskip("matplotlib.figure")
    drawn: list[Any] = []
    monkeypatch.setattr(figures.Figure, "savefig", lambda figure, *args, **options: drawn.append((figure, options)))
    by_width = [(2, counts_of("2-2-1")), (3, counts_of("3-3-2-1")), (8, counts_of("8-8-1"))]
    by_depth = [(1, counts_of("2-2-1")), (2, counts_of("8-8-8-1"))]
    plot_counts(str(tmp_path / "counts.svg"), by_width, by_depth)
    ((figure, options),) = drawn
    assert options["format"] == "svg"
    assert options["metadata"] == {"Date": None}, "two runs would give two files"
    for panel, points, label in zip(figure.axes, (by_width, by_depth), ("units", "hidden layers"), strict=True):
        assert label in panel.get_xlabel()
        assert panel.get_yscale() == "log"
        assert len(panel.lines) == len(CURVES)
        for line, (method, name) in zip(panel.lines, CURVES.items(), strict=True):
            assert line.get_label() == name
            assert list(line.get_xdata()) == [size for size, _ in points]
            assert list(line.get_ydata()) == [getattr(counts, method) for _, counts in points]
            assert (line.get_marker(), line.get_linestyle()) == ("o", "-"), "each size that is counted, and the course"
        assert all(float(tick).is_integer() for tick in panel.xaxis.get_major_locator().tick_values(1, 4))
    assert "operations" in figure.axes[0].get_ylabel()
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == list(CURVES.values())


def test_growth_is_counted_up_to_a_width_and_up_to_a_depth() -> None:
    by_width, by_depth = growth(lambda sizes: list(sizes), 12, 3)  # type: ignore[arg-type,return-value]
    assert by_width == [(units, [units] * 4 + [1]) for units in (2, 4, 6, 8, 10, 12)]
    assert by_depth == [(hidden, [12] * (hidden + 1) + [1]) for hidden in (1, 2, 3)]
    assert [units for units, _ in growth(lambda sizes: list(sizes), 2, 1)[0]] == [1, 2]  # type: ignore[arg-type,return-value]
