"""Simplification: textbook forms come out of the algebra, nothing is lost, and no operation is added."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from strategies import (
    DIGITS,
    UNHURRIED,
    assert_is_gradient,
    difference,
    draw_values,
    examples,
    is_moderate,
    largest,
    networks,
    plain_equation,
    rows,
    seeds,
    values_for,
)
from sympy import Expr, Indexed, Integer, Rational, Sum, Symbol, exp, log, sqrt
from sympy import simplify as prove_simplify

import symnet
from symnet import Dense, Derivation, Network
from symnet.core.chain_rule import reverse_sweep
from symnet.core.index_algebra import index, summation, walk
from symnet.core.oracle import evaluate
from symnet.core.program import Array, Constraint, Program
from symnet.core.sizes import BATCH, Size, size_symbol
from symnet.core.text import equation_text
from symnet.core.verify import verify
from symnet.counts.operations import count_expression, count_program
from symnet.functions.bells import gaussian
from symnet.functions.logistic import sigmoid
from symnet.functions.rows import softmax
from symnet.network.activations import ACTIVATIONS, Z
from symnet.network.losses import LOSSES
from symnet.simplify.passes import ALGEBRA, optimize, simplify
from symnet.simplify.stable import use_stable_forms

SOURCES = Path(symnet.__file__).parent

X = Symbol("x", real=True)

WRITTEN_SIGMOIDS = ("sigmoid", "1/(1+exp(-z))", "1/(exp(-z)+1)", "exp(z)/(1+exp(z))", "mine=1/(1+exp(-z))")
WRITTEN_TANHS = ("tanh", "(exp(z)-exp(-z))/(exp(z)+exp(-z))", "sinh(z)/cosh(z)", "2*sigmoid(2*z) - 1")


def derivation_of(text: str, **options: Any) -> Derivation:
    return symnet.derive(symnet.parse(text, **options))


def rhs(derivation: Derivation, name: str, stage: str = "equations") -> Expr:
    return getattr(derivation, stage).by_name[name].rhs


def reference(derivation: Derivation, name: str) -> Expr:
    return derivation.forward.declared[name].reference


def last_names(derivation: Derivation) -> tuple[Expr, Expr, Expr]:
    """The prediction, the target, and the pre-activation's cotangent as it is written."""
    prediction = derivation.equations.outputs["prediction"]
    number = len(derivation.network.layers)
    return reference(derivation, prediction), reference(derivation, "y"), rhs(derivation, f"z{number}_bar")


@pytest.mark.parametrize(("reduction", "rows_of"), [("mean", BATCH), ("sum", Integer(1))])
@pytest.mark.parametrize(("loss", "outputs"), [("cross_entropy", 2), ("cross_entropy", 5), ("binary_cross_entropy", 1)])
def test_delta_is_prediction_minus_target(loss: str, outputs: int, reduction: str, rows_of: Expr) -> None:
    derivation = derivation_of(f"3-4-{outputs}", loss=loss, reduction=reduction)
    prediction, target, delta = last_names(derivation)
    assert delta == (prediction - target) / rows_of
    assert not any(equation.name in ("p2_bar", "a2_bar") for equation in derivation.equations.equations)


@pytest.mark.parametrize("loss", ["half_squared_error", "squared_error", "mean_squared_error"])
def test_delta_of_squared_losses_with_identity_output(loss: str) -> None:
    derivation = derivation_of("3-4-2", loss=loss, reduction="sum")
    prediction, target, delta = last_names(derivation)
    factor = {"half_squared_error": 1, "squared_error": 2, "mean_squared_error": 2 / Size(2)}[loss]
    assert delta.equals(factor * (prediction - target)) or (delta - factor * (prediction - target)).expand() == 0


@pytest.mark.parametrize("activation", WRITTEN_SIGMOIDS)
def test_derivative_of_a_sigmoid_however_written(activation: str) -> None:
    derivation = derivation_of(f"2-3-1:{activation},identity")
    a, a_bar = reference(derivation, "a1"), derivation.equations.declared["a1_bar"].reference
    assert rhs(derivation, "z1_bar") == a * (1 - a) * a_bar


@pytest.mark.parametrize("activation", WRITTEN_TANHS[:3])
def test_derivative_of_a_tanh_however_written(activation: str) -> None:
    derivation = derivation_of(f"2-3-1:{activation},identity")
    a, a_bar = reference(derivation, "a1"), derivation.equations.declared["a1_bar"].reference
    assert rhs(derivation, "z1_bar") == (1 - a**2) * a_bar


@pytest.mark.parametrize(
    ("activation", "slope"),
    [
        ("exp", lambda a, z: a),
        ("gaussian", lambda a, z: -2 * z * a),
        ("exp(-z**2)", lambda a, z: -2 * z * a),
        ("exp(2*z)", lambda a, z: 2 * a),
        ("sqrt(1+z**2)", lambda a, z: z / a),
    ],
)
def test_forward_values_are_reused_in_derivatives(activation: str, slope: Any) -> None:
    derivation = derivation_of(f"2-3-1:{activation},identity")
    a, z = reference(derivation, "a1"), reference(derivation, "z1")
    assert rhs(derivation, "z1_bar") == slope(a, z) * derivation.equations.declared["a1_bar"].reference


def test_binary_cross_entropy_of_a_written_out_sigmoid_as_a_custom_loss() -> None:
    """δ = (a - y)/N is no matter of the loss's name."""
    derivation = derivation_of("2-3-2:tanh,1/(1+exp(-z))", loss="-(y*log(a) + (1-y)*log(1-a))")
    prediction, target, delta = last_names(derivation)
    assert delta == (prediction - target) / BATCH


N_INDEX = index("r", BATCH)
K_INDEX = index("c", size_symbol("classes"))
SCORES = Array("s", (N_INDEX, K_INDEX), "parameter")
WANTED = Array("t", (N_INDEX, K_INDEX), "target")
SHARES = Array("q", (N_INDEX, K_INDEX))
ENERGY = Array("E")


def cross_entropy_by_hand(*, constrained: bool) -> Program:
    """Softmax with cross-entropy under names that no table could hold."""
    return verify(
        Program(
            (SCORES, WANTED),
            (
                plain_equation(SHARES, softmax(SCORES.reference, K_INDEX)),
                plain_equation(ENERGY, Sum(-WANTED.reference * log(SHARES.reference), N_INDEX, K_INDEX) / (3 * BATCH)),
            ),
            {size_symbol("classes"): 4},
            {"loss": "E"},
            (Constraint(Sum(WANTED.reference, K_INDEX), Integer(1)),) if constrained else (),
        )
    )


def test_cross_entropy_by_hand_under_other_names() -> None:
    swept = reverse_sweep(cross_entropy_by_hand(constrained=True), ["s"], output="E")
    simple = simplify(swept)
    assert simple.by_name["s_bar"].rhs == (SHARES.reference - WANTED.reference) / (3 * BATCH)
    assert "q_bar" not in simple.by_name


def test_cross_entropy_without_the_constraint_keeps_the_sum_of_the_targets() -> None:
    program = cross_entropy_by_hand(constrained=False)
    simple = simplify(reverse_sweep(program, ["s"], output="E"))
    assert simple.by_name["s_bar"].rhs != (SHARES.reference - WANTED.reference) / (3 * BATCH)
    values = draw_values(program, 2, seed=1)
    assert_is_gradient(simple, program, values, [("s", (0, 1)), ("s", (1, 3))])


def test_squared_error_behind_a_softmax_by_hand() -> None:
    """Another loss on the same output must not get the same δ."""
    program = replace(
        cross_entropy_by_hand(constrained=True),
        equations=(
            plain_equation(SHARES, softmax(SCORES.reference, K_INDEX)),
            plain_equation(ENERGY, Sum((SHARES.reference - WANTED.reference) ** 2, N_INDEX, K_INDEX)),
        ),
    )
    values = draw_values(program, 2, seed=1, targets="probabilities")
    swept = reverse_sweep(program, ["s"], output="E")
    for stage in (simplify(swept), optimize(simplify(swept))):
        assert_is_gradient(stage, program, values, [("s", (0, 1)), ("s", (1, 3))])


@pytest.mark.parametrize("source", ["simplify", "core/chain_rule.py"])
def test_no_table_of_activations_or_losses(source: str) -> None:
    """No string in these sources names an activation or a loss; docstrings may."""
    place = SOURCES / source
    files = sorted(place.glob("*.py")) if place.is_dir() else [place]
    assert files
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        literals = {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
        }
        assert not literals & ({*ACTIVATIONS, *LOSSES} - {"exp"}), file.name
        assert not imported_modules(tree) & {
            "symnet.network.activations",
            "symnet.network.losses",
            "symnet.network.layers",
        }, file.name


def imported_modules(tree: ast.Module) -> set[str]:
    return {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


@given(network=networks(), count=rows, seed=seeds)
@settings(max_examples=examples(25), **UNHURRIED)
def test_simplify_and_optimize_keep_all_outputs(network: Network, count: int, seed: int) -> None:
    derivation = symnet.derive(network)
    swept = reverse_sweep(derivation.forward, [array.name for array in derivation.forward.parameters])
    values = values_for(network, swept, count, seed)
    assume(is_moderate(swept, values, 1e20))
    expected = evaluate(swept, values, digits=DIGITS)
    simplified = simplify(swept)
    for stage in (simplified, optimize(swept), optimize(simplified), optimize(use_stable_forms(swept))):
        assert set(stage.outputs) == set(swept.outputs)
        assert_outputs_equal(stage, swept, values, expected)


def assert_outputs_equal(
    stage: Program, swept: Program, values: Mapping[str, Any], expected: Mapping[str, np.ndarray]
) -> None:
    found = evaluate(stage, values, digits=DIGITS)
    for public, name in swept.outputs.items():
        error = difference(found[stage.outputs[public]], expected[name])
        assert error <= 1e-28 * (1 + largest(expected[name])), public


@given(network=networks(), count=rows)
@settings(max_examples=examples(25), **UNHURRIED)
def test_simplify_and_optimize_add_no_operation(network: Network, count: int) -> None:
    """At the nominal size that the passes decide by; logarithms opened for stability are what they cost."""
    derivation = symnet.derive(network)
    swept = reverse_sweep(use_stable_forms(derivation.forward), [array.name for array in derivation.forward.parameters])
    counts = [
        sum(count_program(at_nominal_size(stage), count).values())
        for stage in (swept, derivation.equations, derivation.program)
    ]
    assert counts[1] <= counts[0]
    opened = any("logarithm" in step.rule for step in derivation.program.by_name["C"].steps)
    assert opened or counts[2] <= counts[1]


def at_nominal_size(program: Program) -> Program:
    return replace(program, sizes=dict.fromkeys(program.sizes, 8))


def test_passes_add_no_operation_one_by_one() -> None:
    derivation = derivation_of("3-4-4[residual]-2;loss=cross_entropy;l2=0.1")
    program = reverse_sweep(derivation.forward, ["W1", "b1", "W2", "b2", "W3", "b3"])
    before = sum(count_program(program).values())
    for run in ALGEBRA:
        program = verify(run(program))
        after = sum(count_program(program).values())
        assert after <= before
        before = after


def eights(_: Any) -> int:
    return 8


@pytest.mark.parametrize(
    ("expression", "operations"),
    [
        (exp(X**2), 2),
        (2 * X * exp(X**2), 4),
        (sqrt(X**2 + exp(X**2)), 5),
        (X * (1 + exp(X**2)) / sqrt(X**2 + exp(X**2)), 10),
        (X, 0),
        (Integer(3), 0),
        (X + 1, 1),
        (1 - X, 1),
        (3 * X, 1),
        (X / 2, 1),
        (1 / X, 1),
        (X**2, 1),
        (X**3, 2),
        (X**4, 2),
        (X**-2, 2),
        (sqrt(X), 1),
        (X**2 - 1, 2),
        (sigmoid(X), 4),
    ],
)
def test_counts_in_the_convention_of_the_notes(expression: Expr, operations: int) -> None:
    assert sum(count_expression(expression, eights).values()) == operations


def test_counts_of_the_notes_with_intermediates() -> None:
    """f = √(x² + exp x²): 4 for f with a = x², b = exp a, d = f, and 3 for f' = x(1 + b)/d."""
    a, b, d = (Symbol(letter, real=True) for letter in "abd")
    forward = [X**2, exp(a), sqrt(a + b)]
    assert sum(sum(count_expression(step, eights).values()) for step in forward) == 4
    assert sum(count_expression(X * (1 + b) / d, eights).values()) == 3


@pytest.mark.parametrize("axes", [0, 1])
@pytest.mark.parametrize(
    ("formula", "shared"),
    [("exp(z**2)", 4), ("sqrt(z**2 + exp(z**2))", 7)],
)
def test_counts_of_the_notes_come_out_of_the_passes(formula: str, shared: int, axes: int) -> None:
    """f and f' together, of a scalar and of a vector of one entry, as the passes leave them."""
    indices = (index("i", size_symbol("one")),)[:axes]
    x, f, total = Array("x", indices, "parameter"), Array("f", indices), Array("C")
    function = Dense(1, activation=formula).function
    program = verify(
        Program(
            (x,),
            (
                plain_equation(f, function.expression.xreplace({Z: x.reference})),
                plain_equation(total, summation(f.reference, *indices)),
            ),
            {size_symbol("one"): 1},
            {"loss": "C"},
        )
    )
    final = optimize(simplify(reverse_sweep(program, ["x"])))
    assert sum(count_program(final).values()) == shared
    assert_is_gradient(final, program, draw_values(program, 1, seed=2), [("x", (0,) * axes)])


def test_sums_and_arrays_in_counts() -> None:
    """A matrix product of (2, 3) by (3, 4) takes 2·4·(3 multiplications and 2 additions)."""
    i, j, k = (index(letter, size_symbol(size)) for letter, size in (("i", "rows"), ("j", "inner"), ("k", "columns")))
    left, right = Array("l", (i, j), "parameter"), Array("r", (j, k), "parameter")
    program = Program(
        (left, right),
        (plain_equation(Array("z", (i, k)), Sum(left.reference * right.reference, j)),),
        {size_symbol("rows"): 2, size_symbol("inner"): 3, size_symbol("columns"): 4},
    )
    assert dict(count_program(program)) == {"multiplications": 24, "additions": 16}


@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error", "huber"])
def test_equations_do_not_depend_on_the_widths(loss: str) -> None:
    wide, narrow = (
        symnet.derive(symnet.parse(sizes, hidden="tanh", loss=loss, l2=0.5))
        for sizes in ("784-4096-4096-10", "2-3-2-2")
    )
    for stage in ("equations", "program"):
        left, right = getattr(wide, stage), getattr(narrow, stage)
        assert left.equations == right.equations
        assert [equation_text(equation) for equation in left.equations] == [
            equation_text(equation) for equation in right.equations
        ]
        numbers = {node for equation in left.equations for node in walk(equation.rhs) if node.is_Integer}
        assert not numbers & {Integer(size) for size in (784, 4096, 10)}
        text = " ".join(equation_text(equation) for equation in left.equations)
        assert not any(size in text for size in ("784", "4096"))


def test_equations_do_not_depend_on_equal_sizes() -> None:
    """Axes of one length by chance are still different axes."""
    equal, unequal = (derivation_of(sizes, hidden="tanh") for sizes in ("3-3-3-3", "2-3-4-5"))
    assert equal.program.equations == unequal.program.equations


def test_nothing_is_computed_twice_and_nothing_is_unused() -> None:
    derivation = derivation_of("3-4-2:z*exp(-z**2),sqrt(1+z**2)", loss="log(cosh(a-y))")
    right_sides = [equation.rhs for equation in derivation.program.equations if not isinstance(equation.rhs, Indexed)]
    assert len(set(right_sides)) == len(right_sides)
    used = {name for names in derivation.program.dependencies.values() for name in names}
    used |= set(derivation.program.outputs.values())
    assert {equation.name for equation in derivation.program.equations} <= used
    exponentials = [node for right in right_sides for node in walk(right) if isinstance(node, exp | gaussian)]
    assert len(exponentials) == 1


def test_fractions_stay_exact() -> None:
    derivation = derivation_of("2-2", l2=0.1)
    weight = reference(derivation, "W1")
    assert Rational(1, 10) * weight in rhs(derivation, "W1_bar").args


def test_simplified_derivatives_are_proved_equal_by_sympy() -> None:
    """SymPy, asked for the derivative of the textbook's formula, agrees with what the passes leave."""
    z = Symbol("z", real=True)
    for text, formula in (("1/(1+exp(-z))", 1 / (1 + exp(-z))), ("sqrt(1+z**2)", sqrt(1 + z**2))):
        derivation = derivation_of(f"1-1-1:{text},identity")
        a, pre = reference(derivation, "a1"), reference(derivation, "z1")
        slope = rhs(derivation, "z1_bar") / derivation.equations.declared["a1_bar"].reference
        assert prove_simplify(slope.xreplace({a: formula, pre: z}) - formula.diff(z)) == 0


def test_dense_layers_take_an_unnamed_network_apart() -> None:
    """The passes see equations only: they also work where the layers were built in Python."""
    network = Network(2, [Dense(3, activation="1/(1+exp(-z))"), Dense(2)], loss="cross_entropy")
    assert (
        symnet.derive(network).equations.equations
        == derivation_of("2-3-2:1/(1+exp(-z)),softmax;loss=cross_entropy").equations.equations
    )
