"""The reverse sweep: its gradients are those of the forward equations, to 25 digits, and its record of steps holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings
from strategies import (
    DIGITS,
    UNHURRIED,
    assert_are_gradients,
    difference,
    draw_values,
    examples,
    is_moderate,
    largest,
    networks,
    plain_equation,
    positions_to_check,
    rows,
    seeds,
    values_for,
)
from sympy import Add, Expr, Indexed, Integer, KroneckerDelta, Sum, exp, log, tanh

import symnet
from symnet import Dense, Derivation, Network
from symnet.core.chain_rule import reverse_sweep
from symnet.core.index_algebra import index, indices_of, substitute, summation
from symnet.core.oracle import evaluate
from symnet.core.program import Array, Contribution, Equation, Program
from symnet.core.sizes import BATCH, Size, size_symbol
from symnet.core.verify import verify
from symnet.functions.piecewise import positive
from symnet.functions.rows import leave_one_out, log_softmax, softmax
from symnet.network.activations import ACTIVATIONS
from symnet.simplify.passes import optimize, simplify
from symnet.simplify.tails import choose_derivatives, restore_functions
from symnet.support.errors import NotDifferentiableError

MODERATE = 1e3
"""Above, third derivatives may be so large that a central difference is no longer right to 25 digits."""

SMOOTH = "2-3-3[residual]-2-1:tanh,sigmoid,softplus,identity;loss=log(cosh(a-y));l2=0.1"


@given(network=networks(), count=rows, seed=seeds)
@settings(max_examples=examples(25), **UNHURRIED)
def test_every_stage_has_the_gradient_of_the_forward_equations(network: Network, count: int, seed: int) -> None:
    derivation = symnet.derive(network)
    values = values_for(network, derivation.forward, count, seed)
    assume(is_moderate(derivation.program, values, MODERATE))
    positions = positions_to_check(derivation.forward, values, seed)
    stages = (raw_sweep(derivation), derivation.equations, derivation.program)
    assert_are_gradients(stages, derivation.forward, values, positions)


@given(network=networks(deepest=2), count=rows, seed=seeds)
@settings(max_examples=examples(20), **UNHURRIED)
def test_every_recorded_step_holds(network: Network, count: int, seed: int) -> None:
    derivation = symnet.derive(network)
    values = values_for(network, derivation.forward, count, seed)
    assume(is_moderate(derivation.program, values, MODERATE))
    results = all_results(derivation, values)
    check_steps(derivation, (*derivation.equations.equations, *derivation.program.equations), results)


def raw_sweep(derivation: Derivation) -> Program:
    """The textbook's forward equations swept, nothing simplified."""
    return reverse_sweep(derivation.forward, [array.name for array in derivation.forward.parameters])


def all_results(derivation: Derivation, values: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Every array that any stage of the derivation speaks of."""
    return evaluate(raw_sweep(derivation), values, digits=DIGITS) | evaluate(derivation.program, values, digits=DIGITS)


def check_steps(derivation: Derivation, equations: Iterable[Equation], results: Mapping[str, np.ndarray]) -> None:
    """Each form that an equation has had has the value that the equation has."""
    asked, wanted = [], []
    for equation in equations:
        assert equation.steps, f"{equation.name} has no steps"
        for entry in equation.steps:
            assert entry.rule
            assert set(entry.uses) <= set(results), f"{equation.name}: {entry.rule} uses what there is not"
            if entry.contributions:
                assert entry.form == Add(*(contribution.term for contribution in entry.contributions))
        for form in (*(entry.form for entry in equation.steps), equation.rhs):
            asked.append(plain_equation(Array(f"asked{len(asked)}", equation.array.indices), form))
            wanted.append(equation.name)
    for form, found, name in zip(asked, values_of(asked, results, derivation), wanted, strict=True):
        assert_same(found, results[name], f"{name} = {form.rhs}")


def assert_same(found: np.ndarray, expected: np.ndarray, what: str) -> None:
    assert difference(found, expected) <= 1e-40 * (1 + largest(expected)), what


def values_of(asked: Sequence[Equation], results: Mapping[str, np.ndarray], derivation: Derivation) -> list[np.ndarray]:
    """The values of the right-hand sides of equations, all that they refer to being given."""
    declared = raw_sweep(derivation).declared | derivation.program.declared
    arrays = tuple(replace(array, role="input") for array in declared.values())
    program = verify(Program(arrays, tuple(asked), derivation.forward.sizes, {"loss": asked[0].name}))
    found = evaluate(program, results, digits=DIGITS)
    return [found[equation.name] for equation in asked]


@pytest.mark.parametrize(
    "text",
    [
        "2-3-3[residual]-2;loss=cross_entropy",
        "3-3[residual]-3[residual,skip=2]-2:tanh,softmax,identity;l1=0.1;l2=0.2",
        "2-4[radial_basis]-1;loss=gaussian_nll;reduction=sum",
    ],
)
def test_each_contribution_is_the_sum_over_its_local_derivative(text: str) -> None:
    """Cotangent of the consumer times `local`, summed wherever the operand stands: no delta removed, the same value."""
    network = symnet.parse(text)
    derivation = symnet.derive(network)
    swept = raw_sweep(derivation)
    results = all_results(derivation, values_for(network, swept, 3, seed=5))
    checked = 0
    for equation, contribution in contributions_of(swept):
        unsolved = by_deltas(swept, equation, contribution)
        if unsolved is not None:
            solved = plain_equation(Array("solved", equation.array.indices), contribution.term)
            assert_same(*values_of([solved, unsolved], results, derivation), f"{equation.name} from {contribution}")
            checked += 1
    assert checked > len(swept.parameters)


def contributions_of(program: Program) -> Iterator[tuple[Equation, Contribution]]:
    for equation in program.equations:
        for entry in equation.steps:
            for contribution in entry.contributions:
                yield equation, contribution


def by_deltas(program: Program, equation: Equation, contribution: Contribution) -> Equation | None:
    """The contribution with no delta removed; None where a sum was over an index that its terms lack."""
    consumer = program.array(contribution.consumer)
    local = indices_of(contribution.local) | indices_of(contribution.operand) | set(consumer.indices)
    if not set(contribution.summed) <= local:
        return None
    targets = tuple(index(f"q{axis}", idx.upper + 1) for axis, idx in enumerate(equation.array.indices))
    places = contribution.operand.indices if isinstance(contribution.operand, Indexed) else ()
    body = program.array(f"{consumer.name}_bar").reference * contribution.local
    for target, place in zip(targets, places, strict=True):
        body *= KroneckerDelta(target, place)
    return plain_equation(Array("unsolved", targets), Sum(body, *sorted(local, key=str)) if local else body)


# Indices that are no plain indices: the delta of such an index cannot be solved, so it stays.


def by_hand(rhs: Mapping[Array, Expr], given_arrays: tuple[Array, ...], sizes: dict[Any, int]) -> Program:
    """A program of the equations given, the last of them the loss C."""
    equations = tuple(plain_equation(array, expression) for array, expression in rhs.items())
    return verify(Program(given_arrays, equations, sizes, {"loss": "C"}))


def every_position(program: Program, values: Mapping[str, np.ndarray]) -> list[tuple[str, tuple[int, ...]]]:
    return [
        (array.name, position) for array in program.parameters for position in np.ndindex(*values[array.name].shape)
    ]


def check_by_hand(program: Program, count: int = 2) -> Program:
    """The raw, the simplified and the optimised sweep of a program, fast and accurate, checked at every entry."""
    swept = reverse_sweep(program, [array.name for array in program.parameters])
    values = draw_values(program, count, seed=6)
    simple = simplify(swept)
    chosen = reverse_sweep(choose_derivatives(program), [array.name for array in program.parameters])
    accurate = simplify(chosen, accurate=True)
    found = (swept, simple, optimize(simple), restore_functions(chosen), accurate, optimize(accurate))
    assert_are_gradients(found, program, values, every_position(program, values))
    return swept


n = index("n", BATCH)
i, j, k = (index(letter, Size(number)) for number, letter in enumerate("ijk"))
C = Array("C")


def test_each_contribution_carries_the_indices_that_its_deltas_solve() -> None:
    """Cotangent of the consumer times `local` at the solved indices, and the deltas that are left: the same value.

    An array under one index twice, under numbers and in the rows of a softmax has deltas of every kind.
    """
    first, second = size_symbol("d1"), size_symbol("d2")
    i, j, k, q = index("i", first), index("j", first), index("k", second), index("q", first)
    weight, square, x = Array("W", (i, k), "weight"), Array("A", (i, q), "weight"), Array("x", (n, i), "input")
    z, p, t = Array("z", (n, k)), Array("p", (n, k)), Array("t", (n,))
    fixed = square.at((Integer(0), Integer(1)))
    program = by_hand(
        {
            z: Sum(x.reference * weight.reference * square.at((i, i)), i) + fixed,
            t: Sum(square.at((i, j)) * square.at((j, i)) * x.at((n, j)), i, j),
            p: softmax(z.reference, k),
            C: Sum(p.reference**3 * t.reference, n, k),
        },
        (weight, square, x),
        {first: 2, second: 3},
    )
    swept = reverse_sweep(program, ["W", "A"])
    values = draw_values(swept, 3, seed=2)
    found = list(contributions_of(swept))
    assert len(found) == 9
    assert sorted(len(contribution.deltas) for _, contribution in found)[-3:] == [0, 1, 2]
    for equation, contribution in found:
        term = plain_equation(Array("term", equation.array.indices), contribution.term)
        solution = by_solution(swept, equation, contribution)
        results = evaluate(swept.with_equations([*swept.equations, term, solution]), values, digits=DIGITS)
        assert_same(results["solution"], results["term"], f"{equation.name} from {contribution}")


def by_solution(program: Program, equation: Equation, contribution: Contribution) -> Equation:
    """A contribution from what it carries of its deltas, under letters of its own for the wanted indices."""
    targets = {idx: index(f"q{axis}", idx.upper + 1) for axis, idx in enumerate(equation.array.indices)}
    mapping = {idx: targets[wanted] for idx, wanted in contribution.solved.items()}
    consumer = program.array(contribution.consumer)
    local = indices_of(contribution.local) | set(consumer.indices) | set(contribution.inner)
    body = substitute(consumer.cotangent().reference * contribution.local, mapping)
    for position, wanted in contribution.deltas:
        body *= KroneckerDelta(substitute(position, mapping), targets[wanted])
    remaining = sorted(local - mapping.keys(), key=str)
    return plain_equation(Array("solution", tuple(targets.values())), Sum(body, *remaining) if remaining else body)


def has_delta(program: Program, name: str) -> bool:
    return program.by_name[name].rhs.has(KroneckerDelta)


@pytest.mark.parametrize("stride", [1, 2])
def test_affine_index_of_a_convolution(stride: int) -> None:
    """With the stride 1 the delta removes the sum over places; with another one it stays."""
    length, places, taps = (size_symbol(name) for name in ("length", "places", "taps"))
    t, p, u = index("t", length), index("p", places), index("u", taps)
    x, w = Array("x", (n, t), "parameter"), Array("w", (u,), "weight")
    z = Array("z", (n, p))
    program = by_hand(
        {
            z: Sum(x.at((n, stride * p + u)) * w.reference, u),
            C: Sum(tanh(z.reference) ** 2, n, p) / BATCH,
        },
        (x, w),
        {length: 2 * stride + 3, places: 3, taps: 3},
    )
    swept = check_by_hand(program)
    assert has_delta(swept, "x_bar") == (stride > 1)
    assert not has_delta(swept, "w_bar")


def test_repeated_index_of_a_trace() -> None:
    matrix = Array("A", (i, index("j", Size(0))), "parameter")
    program = by_hand({C: Sum(matrix.at((i, i)), i) ** 2 + Sum(matrix.reference**3, *matrix.indices)}, (matrix,), D3)
    assert has_delta(check_by_hand(program, 1), "A_bar")


D3 = {Size(0): 3}


T, S = index("t", Size(0)), index("s", Size(0))
SQUARE = Array("A", (T, S), "parameter")
SERIES = Array("x", (n, T), "parameter")
M, M0 = index("m", BATCH), index("m", Size(0))
KEPT: dict[str, tuple[Array, Expr]] = {
    "diagonal": (SQUARE, Sum(tanh(SQUARE.at((T, T))) ** 2, T)),
    "before and after": (SERIES, Sum(tanh(SERIES.at((n, T - 1)) * SERIES.at((n, T + 1))), n, T)),
    "every second": (SERIES, Sum(exp(SERIES.at((n, 2 * T + 1 - S))) * SERIES.at((n, T)) ** 2, n, T, S)),
    "backwards": (SERIES, Sum(exp(SERIES.at((n, Size(0) - 1 - T))) * SERIES.at((n, T)) ** 2, n, T)),
    "at a number": (SERIES, Sum(tanh(SERIES.at((n, Integer(1)))) * exp(SERIES.at((n, T - 1))), n, T)),
    "softmax": (SQUARE, Sum(softmax(SQUARE.at((T, S)) * SQUARE.at((S, S)), S) * SQUARE.at((T, S)), T, S)),
}
NESTED: dict[str, tuple[Array, Expr]] = {
    "one in the other": (SQUARE, Sum(softmax(tanh(softmax(SQUARE.at((T, S)), S)), S) * SQUARE.at((T, S)), T, S)),
    "along both axes": (SQUARE, Sum(softmax(2 * softmax(SQUARE.at((T, S)), T), S) * SQUARE.at((T, S)), T, S)),
    "the letter of another": (SQUARE, Sum(softmax(SQUARE.at((T, S)), S) * SQUARE.at((T, M0)), T, S, M0)),
    "side by side": (SQUARE, Sum(softmax(SQUARE.at((T, S)), T) * log_softmax(SQUARE.at((S, T)), T), T, S)),
    "others": (SQUARE, Sum(leave_one_out(tanh(SQUARE.at((T, S))) ** 2, S) * exp(SQUARE.at((T, S))), T, S)),
    "rows with rows": (
        SERIES,
        Sum(softmax(Sum(SERIES.at((n, T)) * SERIES.at((M, T)), T), n) * SERIES.at((M, S)) * SERIES.at((n, S)), n, M, S),
    ),
}


@pytest.mark.parametrize("name", KEPT)
def test_positions_and_deltas_that_stay(name: str) -> None:
    array, loss = KEPT[name]
    check_by_hand(by_hand({C: loss}, (array,), D3))


@pytest.mark.parametrize("name", NESTED)
def test_row_functions_of_row_functions(name: str) -> None:
    array, loss = NESTED[name]
    check_by_hand(by_hand({C: loss}, (array,), D3))


@pytest.mark.parametrize("name", [*KEPT, *NESTED])
def test_a_second_sweep_gives_products_with_the_hessian(name: str) -> None:
    """Of the sweep as it comes, and of the simplified one: the sweep over Sum(v g) against its differences."""
    array, loss = (KEPT | NESTED)[name]
    program = by_hand({C: loss}, (array,), D3)
    for once in (reverse_sweep(program, [array.name]), simplify(reverse_sweep(program, [array.name]))):
        along, total = Array("v", array.indices, "input"), Array("total")
        gradient = once.array(once.outputs[array.name])
        product = plain_equation(total, Sum(along.reference * gradient.reference, *array.indices))
        directed = replace(
            once, arrays=(*once.arrays, along), equations=(*once.equations, product), outputs={"loss": "total"}
        )
        twice = reverse_sweep(verify(directed), [array.name], output="total", mark="dot")
        values = draw_values(directed, 2, seed=6)
        assert_are_gradients((twice,), directed, values, every_position(program, values))


def test_a_definition_is_not_put_in_where_a_row_function_would_run_along_another_index() -> None:
    """softmax(g[t] h[s], s) at s = t is not softmax(g[t] h[t], t), nor is its logarithm."""
    g, h, p = Array("g", (T,), "parameter"), Array("h", (S,), "parameter"), Array("p", (T, S))
    diagonal = p.at((T, T))
    loss = -Sum(log(diagonal), T) + Sum(diagonal**2, T)
    program = by_hand({p: softmax(g.reference * h.reference, S), C: loss}, (g, h), D3)
    swept = simplify(check_by_hand(program, 1))
    values = draw_values(program, 1, seed=6)
    expected = float(evaluate(program, values)["C"][()])
    assert float(evaluate(optimize(swept), values)["C"][()]) == pytest.approx(expected, rel=1e-14)


def test_a_sum_inside_a_derivative_keeps_its_index_apart() -> None:
    """The derivative of Sum(v[i], i)**2 by v[i] holds a sum over i: it needs another letter there."""
    vector = Array("v", (i,), "parameter")
    check_by_hand(by_hand({C: Sum(vector.reference, i) ** 2}, (vector,), D3), 1)


def test_a_sum_over_rows_inside_a_derivative_keeps_its_index_apart() -> None:
    """The same where the index is that of the batch, and the sum stands in one equation with its operand."""
    x, r = Array("x", (n, i), "parameter"), index("r", BATCH)
    centred = Array("c", (n, i))
    program = by_hand(
        {
            centred: x.reference / (2 + Sum(x.at((r, i)) ** 2, r)),
            C: Sum(centred.reference**3, n, i),
        },
        (x,),
        D3,
    )
    check_by_hand(program, 3)


def test_numeric_index() -> None:
    matrix = Array("A", (i, index("j", Size(0))), "parameter")
    program = by_hand({C: matrix.at((0, 1)) ** 2 * matrix.at((2, 2)) + matrix.at((0, 1))}, (matrix,), D3)
    assert has_delta(check_by_hand(program, 1), "A_bar")


def test_numeric_index_beside_a_plain_one() -> None:
    matrix = Array("A", (i, index("j", Size(0))), "parameter")
    row = Array("row", (matrix.indices[1],))
    program = by_hand(
        {row: tanh(matrix.at((0, matrix.indices[1]))), C: Sum(row.reference**2, *row.indices)}, (matrix,), D3
    )
    check_by_hand(program, 1)


def test_shifted_index_of_a_recurrence() -> None:
    """Each entry is reached from two neighbours, once through a shift."""
    t = index("t", Size(0))
    s = index("s", size_symbol("steps"))
    h, z = Array("h", (t,), "parameter"), Array("z", (s,))
    program = by_hand(
        {z: tanh(h.at((s + 2,)) - h.at((s + 1,)) ** 2), C: Sum(z.reference**2, s)},
        (h,),
        {Size(0): 5, size_symbol("steps"): 3},
    )
    check_by_hand(program, 1)


def test_transposed_use_and_an_array_used_twice_in_one_equation() -> None:
    other = index("j", Size(0))
    matrix, product = Array("A", (i, other), "parameter"), Array("S", (i, other))
    program = by_hand(
        {
            product: Sum(matrix.at((i, q)) * matrix.at((other, q)), q) + matrix.at((other, i)) * matrix.reference,
            C: Sum(log(2 + product.reference**2), i, other),
        },
        (matrix,),
        D3,
    )
    assert not has_delta(check_by_hand(program, 1), "A_bar")


q = index("q", Size(0))


def test_row_functions_over_expressions() -> None:
    """softmax and log_softmax of more than a reference, with the unit index in other factors too."""
    scores, scale = Array("s", (i,), "parameter"), Array("g", (i,), "parameter")
    row = Array("row", (i,))
    program = by_hand(
        {
            row: softmax(scores.reference * scale.reference + tanh(scores.reference), i) * scale.reference,
            C: Sum(row.reference**2 * log_softmax(row.reference - scores.reference**2, i), i),
        },
        (scores, scale),
        D3,
    )
    check_by_hand(program, 1)


def test_sum_over_terms_that_lack_the_index() -> None:
    """Sum(b, n, k) is N·K·b."""
    scalar, vector = Array("b", (), "parameter"), Array("v", (i,), "parameter")
    x = Array("x", (n, i), "input")
    program = by_hand({C: Sum(scalar.reference**2 + vector.reference**2 * x.reference, n, i)}, (x, scalar, vector), D3)
    check_by_hand(program, 3)


def test_a_parameter_that_the_loss_does_not_use_has_gradient_zero() -> None:
    vector, idle = Array("v", (i,), "parameter"), Array("u", (i,), "parameter")
    swept = check_by_hand(by_hand({C: Sum(vector.reference**2, i)}, (vector, idle), D3), 1)
    assert swept.by_name["u_bar"].rhs == 0


def test_cotangents_accumulate_over_all_consumers() -> None:
    derivation = symnet.derive(symnet.parse("3-3-3[residual]-1:tanh,tanh,identity"))
    first = raw_sweep(derivation).by_name["a1_bar"].steps[0]
    assert first.rule == "chain rule, cotangents accumulated"
    assert set(first.uses) == {"z2", "a2"}
    assert [contribution.consumer for contribution in first.contributions].count("z2") == 1
    assert len(first.contributions) == 2


def test_seed_comes_first_and_each_cotangent_once() -> None:
    swept = raw_sweep(symnet.derive(symnet.parse("2-3-2")))
    cotangents = [equation for equation in swept.equations if equation.array.role == "cotangent"]
    assert (cotangents[0].name, cotangents[0].rhs, cotangents[0].steps[0].rule) == ("C_bar", 1, "seed")
    assert len({equation.name for equation in cotangents}) == len(cotangents)
    assert all(equation.array.indices == swept.array(equation.name[:-4]).indices for equation in cotangents)


def test_only_what_the_wanted_gradients_need_is_swept() -> None:
    forward = symnet.derive(symnet.parse("2-3-2")).forward
    swept = reverse_sweep(forward, ["W2"])
    assert [equation.name for equation in swept.equations if equation.array.role == "cotangent"] == [
        "C_bar",
        "a2_bar",
        "z2_bar",
        "W2_bar",
    ]


# A second sweep over forward and backward gives Hessian-vector products.


def with_direction(derivation: Derivation, program: Program, names: tuple[str, ...]) -> Program:
    """The program followed by S = Σ gradient · direction, over the named parameters."""
    directions = {name: Array(f"v_{name}", program.array(name).indices, "input") for name in names}
    total = Add(
        *(
            summation(program.declared[derivation.gradients[name]].reference * array.reference, *array.indices)
            for name, array in directions.items()
        )
    )
    return replace(
        program,
        arrays=(*program.arrays, *directions.values()),
        equations=(*program.equations, plain_equation(Array("S"), total)),
        outputs={**program.outputs, "loss": "S"},
    )


@pytest.mark.parametrize("stage", ["equations", "program"])
@pytest.mark.parametrize(
    "text", [SMOOTH, "2-3-2;loss=cross_entropy", "2-2[radial_basis]-1;loss=gaussian_nll;reduction=sum"]
)
def test_hessian_vector_products(text: str, stage: str) -> None:
    """H v by a second sweep, against a difference of the gradient along v; and uᵀHv = vᵀHu."""
    network = symnet.parse(text)
    derivation = symnet.derive(network)
    names = tuple(array.name for array in derivation.forward.parameters)
    first = getattr(derivation, stage)
    values = values_for(network, first, 2, seed=7)
    rng = np.random.default_rng(8)
    u, v = ({name: rng.uniform(-1, 1, np.shape(values[name])) for name in names} for _ in range(2))
    second = reverse_sweep(with_direction(derivation, first, names), names, output="S", mark="hat")
    along_v = hessian_times(second, values, v)
    differenced = difference_along(derivation, values, v)
    for name in names:
        assert difference(along_v[name], differenced[name]) <= 1e-25 * (1 + largest(differenced[name])), name
    along_u = hessian_times(second, values, u)
    with mpmath.workdps(DIGITS):
        left = sum(np.sum(u[name] * along_v[name]) for name in names)
        right = sum(np.sum(v[name] * along_u[name]) for name in names)
        assert abs(left - right) <= 1e-40 * (1 + abs(left))
        assert abs(left) > 1e-6


def hessian_times(
    second: Program, values: Mapping[str, np.ndarray], direction: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    given_values = {**values, **{f"v_{name}": array for name, array in direction.items()}}
    result = evaluate(second, given_values, digits=DIGITS)
    return {name: result[second.outputs[name]] for name in direction}


def difference_along(
    derivation: Derivation, values: Mapping[str, np.ndarray], direction: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """(g(θ + hv) - g(θ - hv))/2h at 50 digits."""
    with mpmath.workdps(DIGITS):
        width = mpmath.mpf(10) ** -17
        gradients = []
        for sign in (1, -1):
            moved = {
                name: np.array(values[name], dtype=object) + sign * width * np.array(array, dtype=object)
                for name, array in direction.items()
            }
            result = evaluate(derivation.program, {**values, **moved}, digits=DIGITS)
            gradients.append({name: result[derivation.gradients[name]] for name in direction})
        return {name: (gradients[0][name] - gradients[1][name]) / (2 * width) for name in direction}


def test_second_sweep_of_a_simplified_second_sweep_still_verifies_and_holds() -> None:
    derivation = symnet.derive(symnet.parse("2-2-1:tanh,identity"))
    values = values_for(derivation.network, derivation.forward, 2, seed=9)
    values |= {"v_W1": np.array([[0.5, -1.0], [0.25, 2.0]])}
    program = with_direction(derivation, derivation.equations, ("W1",))
    raw = reverse_sweep(program, ["W1"], output="S", mark="hat")
    expected = evaluate(raw, values, digits=DIGITS)[raw.outputs["W1"]]
    short = optimize(simplify(raw))
    assert difference(evaluate(short, values, digits=DIGITS)[short.outputs["W1"]], expected) <= 1e-40


@pytest.mark.parametrize("name", ["step", "bipolar_step", "sign"])
@pytest.mark.parametrize("layer", [1, 2])
def test_flat_activations_are_refused_with_the_layer(name: str, layer: int) -> None:
    given_names = [name if number == layer else "tanh" for number in (1, 2)]
    network = Network(2, [Dense(2, activation=activation) for activation in given_names])
    with pytest.raises(NotDifferentiableError, match=f"layer {layer}: {name} .*derivative is 0"):
        symnet.derive(network)


def test_derivatives_at_kinks_are_those_that_are_settled() -> None:
    """relu, absolute error, hinge and perceptron 0; leaky_relu and selu their left slope."""
    at_zero = {"x": np.zeros((1, 1)), "W1": np.ones((1, 1)), "b1": np.zeros(1), "y": np.ones((1, 1))}
    scale, alpha = 1.0507009873554805, 1.6732632423543773
    slopes = {"relu": 0, "leaky_relu": 0.01, "selu": scale * alpha, "elu": 1, "softsign": 1}
    for name, slope in slopes.items():
        derivation = symnet.derive(Network(1, [Dense(1, activation=name)]))
        found = evaluate(derivation.program, at_zero, digits=DIGITS)[derivation.gradients["b1"]][0]
        assert float(found) == pytest.approx(-slope, rel=1e-15), name
    assert set(slopes) <= set(ACTIVATIONS)
    on_kink = {**at_zero, "b1": np.ones(1)}
    for loss, values in (("absolute_error", on_kink), ("hinge", on_kink), ("perceptron", at_zero)):
        derivation = symnet.derive(Network(1, [Dense(1)], loss=loss))
        assert evaluate(derivation.program, values)[derivation.gradients["b1"]][0] == 0, loss


def test_step_has_derivative_zero() -> None:
    vector = Array("v", (i,), "parameter")
    swept = reverse_sweep(by_hand({C: Sum(positive(vector.reference), i)}, (vector,), D3), ["v"])
    assert swept.by_name["v_bar"].rhs == 0
