"""Verification behind each stage: every rule broken once, and the message names it and shows the statement."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from schedules import Plan, plans, plans_of
from strategies import UNHURRIED, examples, networks, plain_equation
from sympy import Integer

import symnet
from symnet import Derivation, Network
from symnet.core.index_algebra import index
from symnet.core.program import Array
from symnet.core.sizes import BATCH, Size
from symnet.lower.arrays import (
    Call,
    Einsum,
    Expand,
    Fill,
    Literal,
    Load,
    Matmul,
    Node,
    Power,
    Product,
    Reduce,
    RowCall,
    Statement,
    Terms,
    Transpose,
)
from symnet.lower.buffers import Buffer, Chain
from symnet.lower.instructions import Instruction, Operand, Value
from symnet.lower.lowering import lower
from symnet.lower.schedule import Schedule
from symnet.lower.verify import statement_text, verify_statements
from symnet.lower.verify_schedule import instruction_text, verify_buffers, verify_schedule
from symnet.scalar_form.graph import Graph
from symnet.scalar_form.instantiate import GraphArithmetic, scalar_graph
from symnet.scalar_form.verify import node_text, verify_graph
from symnet.support.errors import LoweringError, VerificationError

CLASSIFIER = "2-5-3;loss=cross_entropy"


@pytest.fixture(scope="module", name="derivation")
def classifier() -> Derivation:
    return symnet.derive(symnet.parse(CLASSIFIER))


def problem_of(verify: Callable[[], object]) -> str:
    """The first line of what verification says."""
    with pytest.raises(VerificationError) as caught:
        verify()
    return str(caught.value).splitlines()[0]


# The array program.

n, i, j, k = index("n", BATCH), *(index(letter, Size(number)) for number, letter in enumerate("ijk"))
X, W, Z, B = Load((n, i), "x"), Load((i, j), "W1"), Load((n, j), "z1"), Load((j,), "b1")


def with_value(derivation: Derivation, name: str, value: Node) -> list[Statement]:
    """The statements with another value in one of them."""
    statements = lower(derivation.program)
    return [replace(each, value=value) if each.name == name else each for each in statements]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (Load((n, j), "a9"), "a9 is used before it is defined"),
        (Load((n, j), "p2"), "p2 is used before it is defined"),
        (Load((n,), "z1"), "z1[n] has 1 axes; z1 has 2"),
        (Load((n, j), "x"), "axis j of x[n,j] has the length 5, that of x 2"),
        (Load((j, j), "z1"), "z1[j,j] repeats an axis"),
        (Transpose((j, n), Z), "a1 has the axes [n,j]; its value has [j,n]"),
        (Literal((), 1), "a1 has the axes [n,j]; its value has []"),
        (Literal((n, j), 1), "the axes of 1 are not"),
        (Terms((n, j), ((False, Z), (False, X))), "the axes of terms(z1[n,j], x[n,i])[n,j] are not"),
        (Product((n, j), False, (B,), (B,)), "the axes of product(b1[j], b1[j])[n,j] are not"),
        (Product((n, j), False, (Z, Load((n,), "z1")), ()), "z1[n] has 1 axes"),
        (Power((n, i), Z, 2), "the axes of power(z1[n,j])[n,i] are not"),
        (Call((j, n), "tanh", (Z,)), "the axes of tanh(z1[n,j])[j,n] are not"),
        (RowCall((n,), "softmax", Z, n), "the axes of softmax(z1[n,j])[n] are not"),
        (RowCall((), "softmax", Literal((), 1), j), "the axes of softmax(1) are not"),
        (RowCall((n, j), "softmax", Z, n), "the axes of softmax(z1[n,j])[n,j] are not"),
        (RowCall((n, j), "softmax", Z, j), "j is summed or run along in a1, but not in its equation"),
        (Matmul((n, j), X, W), "i is summed or run along in a1, but not in its equation"),
        (Reduce((n, j), Expand((n, i, j), W)), "i is summed or run along in a1"),
        (Expand((j, n), Z), "the axes of expand(z1[n,j])[j,n] are not"),
        (Transpose((n, i), Z), "the axes of transpose(z1[n,j])[n,i] are not"),
        (Transpose((n,), Z), "the axes of transpose(z1[n,j])[n] are not"),
        (Reduce((n, j), Z), "the axes of reduce(z1[n,j])[n,j] are not"),
        (Reduce((i,), Z), "the axes of reduce(z1[n,j])[i] are not"),
        (Fill((n, j), B, ("N",)), "the axes of fill(b1[j])[n,j] are not"),
        (Fill((j, n), Z, (5, "N")), "the axes of fill(z1[n,j])[j,n] are not"),
        (Matmul((n, j), X, Transpose((j, i), W)), "the axes of matmul(x[n,i], transpose(W1[i,j])[j,i])[n,j] are not"),
        (Matmul((j, n), X, W), "the axes of matmul(x[n,i], W1[i,j])[j,n] are not"),
        (Matmul((n, j), Literal((), 1), W), "the axes of matmul(1, W1[i,j])[n,j] are not"),
        (Einsum((n, j), "ni,ij->n", (X, W)), "the axes of einsum(x[n,i], W1[i,j])[n,j] are not"),
        (Einsum((n, j), "ni,nj->nj", (X, W)), "the axes of einsum(x[n,i], W1[i,j])[n,j] are not"),
        (Einsum((n, j), "nn,nj->nj", (X, W)), "the axes of einsum(x[n,i], W1[i,j])[n,j] are not"),
        (Einsum((n, k), "ni,ij->nk", (X, W)), "the axes of einsum(x[n,i], W1[i,j])[n,k] are not"),
        (Node((n, j)), "the axes of node()[n,j] are not"),
        (Call((n, j), "tanh", (Call((n, j), "exp", (Load((n, j), "a9"),)),)), "a9 is used before it is defined"),
    ],
)
def test_a_statement_that_is_not_well_formed(derivation: Derivation, value: Node, problem: str) -> None:
    statements = with_value(derivation, "a1", value)
    assert problem_of(lambda: verify_statements(derivation.program, statements)).startswith(problem)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("z1", Einsum((n, j), "ab,bc->ac", (X, W))),
        ("z1", Matmul((n, j), X, W)),
        ("a1", Fill((n, j), B, ("N", 5))),
        ("a1", Terms((n, j), ((False, Z), (True, B)))),
        ("z1", Reduce((n, j), Expand((n, i, j), Expand((n, i, j), W)))),
    ],
)
def test_a_statement_that_is_well_formed(derivation: Derivation, name: str, value: Node) -> None:
    statements = with_value(derivation, name, value)
    assert verify_statements(derivation.program, statements) == statements


def test_an_array_that_is_assigned_twice(derivation: Derivation) -> None:
    statements = lower(derivation.program)
    twice = [*statements, statements[0]]
    assert problem_of(lambda: verify_statements(derivation.program, twice)) == "z1 is assigned twice"


def test_statements_in_another_order(derivation: Derivation) -> None:
    first, second, *rest = lower(derivation.program)
    problem = problem_of(lambda: verify_statements(derivation.program, [second, first, *rest]))
    assert problem == "z1 is used before it is defined"


def test_the_message_shows_the_statement_with_its_neighbours(derivation: Derivation) -> None:
    broken = with_value(derivation, "a1", Load((n, j), "a9"))
    before, wrong, after = map(statement_text, broken[:3])
    with pytest.raises(VerificationError) as caught:
        verify_statements(derivation.program, broken)
    assert str(caught.value).splitlines()[1:] == [f"  {before}", f"> {wrong}", f"  {after}"]
    assert before == "z1 = terms(matmul(x[n,i], W1[i,j])[n,j], b1[j])[n,j]"


def test_the_lowering_is_verified(derivation: Derivation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turning an axis the wrong way is seen before anything is printed."""
    monkeypatch.setattr(
        "symnet.lower.lowering._Lowering.turned", lambda self, value, axes: Transpose(axes[::-1], value)
    )
    with pytest.raises(VerificationError, match=r"are not those of its operands|has the axes"):
        symnet.generate(derivation.network)


def test_what_has_no_array_form_is_shown_as_its_equation(derivation: Derivation) -> None:
    first = derivation.program.arrays[0].at((Integer(0), j))
    program = derivation.program.with_equations([plain_equation(Array("row", (j,)), first)])
    with pytest.raises(LoweringError) as caught:
        lower(program)
    assert str(caught.value) == (
        "a position over the rows of the batch that is no plain index has no array form in row[j] = x[0,j]"
    )


# Schedules.


@pytest.fixture(scope="module", name="plan")
def value_and_grad() -> Plan:
    return plans(CLASSIFIER)["value_and_grad"]


def parameters_of(plan: Plan) -> dict[str, Value]:
    read = (value for each in plan.schedule.instructions for value in each.reads)
    return {value.given: value for value in read if value.given and not value.batched}


def verified(plan: Plan, planned: Schedule) -> Callable[[], object]:
    return lambda: verify_schedule(planned, parameters_of(plan))


def changed(planned: Schedule, old: Instruction, *new: Instruction) -> Schedule:
    """The schedule with other instructions in the place of one."""

    def stage(instructions: tuple[Instruction, ...]) -> tuple[Instruction, ...]:
        return tuple(each for one in instructions for each in (new if one is old else (one,)))

    return replace(planned, before=stage(planned.before), block=stage(planned.block), after=stage(planned.after))


def first(plan: Plan, operation: str, **wanted: Any) -> Instruction:
    """The first instruction of an operation, over an array with these attributes."""
    return next(
        each
        for each in plan.schedule.instructions
        if each.operation == operation and all(getattr(each.target, key) == value for key, value in wanted.items())
    )


def test_each_instruction_left_out_is_missed(plan: Plan) -> None:
    for each in plan.schedule.instructions:
        problem = problem_of(verified(plan, changed(plan.schedule, each)))
        assert "is used before it is computed" in problem or problem.startswith("no instruction computes"), each


def test_each_instruction_done_twice_is_seen(plan: Plan) -> None:
    for each in plan.schedule.instructions:
        assert "is computed twice" in problem_of(verified(plan, changed(plan.schedule, each, each, each)))


def test_each_operand_that_is_another_array_is_seen_by_its_shape(plan: Plan) -> None:
    """Where another value that is computed by then has other lengths; a sum and a maximum may be over any length."""
    instructions = plan.schedule.instructions
    planted = 0
    for place, each in enumerate(instructions):
        known = {target for one in instructions[:place] for target in one.targets}
        for operand in each.operands if each.operation not in ("sum", "max") else ():
            for other in known:
                if (other.units, other.batched) != (operand.value.units, operand.value.batched):
                    arguments = tuple(
                        replace(operand, value=other) if one is operand else one for one in each.arguments
                    )
                    problem_of(verified(plan, changed(plan.schedule, each, replace(each, arguments=arguments))))
                    planted += 1
    assert planted > 100


def test_each_axis_under_another_index_is_seen_where_lengths_differ(plan: Plan) -> None:
    planted = 0
    for each in plan.schedule.instructions:
        for operand in each.operands:
            if len(operand.places) == 2 and each.operation not in ("store", "stack"):
                turned = replace(operand, places=operand.places[::-1])
                arguments = tuple(turned if one is operand else one for one in each.arguments)
                problem_of(verified(plan, changed(plan.schedule, each, replace(each, arguments=arguments))))
                planted += 1
    assert planted >= 8


def test_each_axis_that_is_lost_unasked_is_seen(plan: Plan) -> None:
    """What an instruction was asked to run along, and what its operands lose, must be the same."""
    running = [each for each in plan.schedule.instructions if each.along]
    assert {each.operation for each in running} >= {"dot", "sum", "max"}
    for each in running:
        for along in ((), (0,), (*each.along, each.along[-1] + 1)):
            if along != each.along:
                problem = problem_of(verified(plan, changed(plan.schedule, each, replace(each, along=along))))
                assert f"{each.operation} removes the axes" in problem, each


def test_every_result_has_another_shape_seen(plan: Plan) -> None:
    """Units, rows and ones one more than they are."""
    for each in plan.schedule.instructions:
        value = each.target
        for wrong in (replace(value, units=(*value.units, 7)), replace(value, batched=not value.batched)):
            problem_of(verified(plan, with_target(plan.schedule, value, wrong)))


def with_target(planned: Schedule, value: Value, wrong: Value) -> Schedule:
    """The schedule with a value of another shape, wherever it stands."""

    def renamed(each: Instruction) -> Instruction:
        arguments = tuple(
            replace(one, value=wrong) if isinstance(one, Operand) and one.value == value else one
            for one in each.arguments
        )
        return replace(each, target=wrong if each.target == value else each.target, arguments=arguments)

    stages = {name: tuple(map(renamed, getattr(planned, name))) for name in ("before", "block", "after")}
    results = {name: wrong if result == value else result for name, result in planned.results.items()}
    return replace(planned, results=results, **stages)


def test_operations_with_the_wrong_number_of_arguments(plan: Plan) -> None:
    dot = first(plan, "dot")
    alone = replace(dot, arguments=dot.arguments[:1])
    assert problem_of(verified(plan, changed(plan.schedule, dot, alone))) == "dot takes 2 arguments"


def test_an_operand_under_too_few_axes_or_one_axis_twice(plan: Plan) -> None:
    add = first(plan, "subtract", units=(3,))
    for places in ((0,), (0, 0)):
        wrong = replace(add, arguments=(replace(add.operands[0], places=places), *add.arguments[1:]))
        assert "is placed at" in problem_of(verified(plan, changed(plan.schedule, add, wrong)))


def test_an_elementwise_operation_that_sums_is_seen(plan: Plan) -> None:
    total = first(plan, "vdot")
    assert "add removes an axis" in problem_of(
        verified(plan, changed(plan.schedule, total, replace(total, operation="add")))
    )


def test_a_result_with_an_axis_from_nowhere_is_seen(plan: Plan) -> None:
    exponential = first(plan, "exp", units=(3,))
    wrong = replace(exponential, arguments=(2,))
    assert "has an axis that no operand has" in problem_of(verified(plan, changed(plan.schedule, exponential, wrong)))


def test_weights_over_another_bias_are_seen(plan: Plan) -> None:
    stack = first(plan, "stack")
    weights, bias = stack.operands
    other = replace(bias, value=replace(bias.value, units=(9,)))
    wrong = replace(stack, arguments=(weights, other))
    problem = problem_of(verified(plan, changed(plan.schedule, stack, wrong)))
    assert re.fullmatch(r"W1\[2,5\] over b1\[9\] is not v\d+\[3,5\]", problem)


def test_the_last_row_of_a_product_has_its_columns(plan: Plan) -> None:
    joined = next(each for each in plan.schedule.instructions if each.below is not None)
    assert joined.below is not None
    wrong = replace(joined, below=replace(joined.below, units=(9,)))
    assert problem_of(verified(plan, changed(plan.schedule, joined, wrong))).startswith("the last row of")


def test_ones_that_an_operand_lacks_are_seen_by_the_length(plan: Plan) -> None:
    dot = first(plan, "dot")
    arguments = tuple(replace(operand, over_ones=not operand.over_ones) for operand in dot.operands)
    assert "has the length" in problem_of(
        verified(plan, changed(plan.schedule, dot, replace(dot, arguments=(dot.arguments[0], arguments[1]))))
    )


def test_a_stored_prediction_of_another_width_is_seen() -> None:
    plan = plans(CLASSIFIER)["forward"]
    store = first(plan, "store")
    wrong = replace(store, target=replace(store.target, units=(4,)))
    results = {**plan.schedule.results, "prediction": wrong.target}
    broken = replace(changed(plan.schedule, store, wrong), results=results)
    assert "is a copy of" in problem_of(verified(plan, broken))


def test_what_has_rows_must_stand_in_the_blocks(plan: Plan) -> None:
    planned = plan.schedule
    moved = replace(planned, before=(*planned.before, *planned.block), block=())
    assert "has rows but is used outside the blocks" in problem_of(verified(plan, moved))


def test_a_sum_over_rows_read_in_a_block_is_seen() -> None:
    plan = plans("2-3[bias=false]-1;l2=0.1")["value_and_grad"]
    planned = plan.schedule
    assert planned.after
    moved = replace(planned, block=(*planned.block, *planned.after), after=())
    assert "before all rows have been summed" in problem_of(verified(plan, moved))
    verify_schedule(replace(moved, in_blocks=False), parameters_of(plan))


def test_a_result_that_nothing_computes_is_seen(plan: Plan) -> None:
    results = {**plan.schedule.results, "loss": Value(10**6)}
    assert problem_of(verified(plan, replace(plan.schedule, results=results))) == (
        "no instruction computes loss, which is v1000000[]"
    )


def test_gradients_that_have_changed_places_are_seen(plan: Plan) -> None:
    results = dict(plan.schedule.results)
    results["W1"], results["W2"] = results["W2"], results["W1"]
    problem = problem_of(lambda: verify_schedule(replace(plan.schedule, results=results), declared_parameters()))
    assert problem.startswith("the gradient of W1 is")


def declared_parameters() -> dict[str, Value]:
    shapes: dict[str, tuple[int, ...]] = {"W1": (2, 5), "b1": (5,), "W2": (5, 3), "b2": (3,)}
    return {name: Value(0, units, given=name) for name, units in shapes.items()}


def test_the_message_shows_the_instruction_with_its_neighbours(plan: Plan) -> None:
    instructions = plan.schedule.instructions
    wrong = replace(instructions[3], arguments=())
    with pytest.raises(VerificationError) as caught:
        verify_schedule(changed(plan.schedule, instructions[3], wrong), {})
    shown = str(caught.value).splitlines()[1:]
    expected = [instruction_text(each) for each in (instructions[2], wrong, instructions[4])]
    assert shown == [f"{mark} {text}" for mark, text in zip(" > ", expected, strict=True)]


def test_an_instruction_reads_as_an_assignment() -> None:
    x, w, total = (
        Value(1, (2,), batched=True, given="x", rows_first=True),
        Value(2, (3, 5)),
        Value(3, (5,), batched=True),
    )
    dot = Instruction("dot", total, (Operand(w, (2, 0)), Operand(x, (1, 2), over_ones=True)), "z1")
    assert instruction_text(dot) == "v3[5,n] = dot(v2[3,5] at 2,0, x[n,2] over ones at 1,2)  # z1"
    scaled = Instruction("multiply", Value(4), (Operand(Value(5)), 0.5), "C")
    assert instruction_text(scaled) == "v4[] = multiply(v5[] at (), 0.5)  # C"
    joined = Instruction("dot", Value(6, (2, 5)), (), "W1_bar", Value(7, (5,)))
    assert instruction_text(joined) == "v6[2,5] over v7[5] = dot()  # W1_bar"


def test_lengths_that_differ_are_both_named() -> None:
    rows, units = Value(1, (5,), batched=True), Value(2, (3,), batched=True)
    wrong = Instruction("add", Value(3, (5,), batched=True), (Operand(units, (0, 1)), 1), "z1")
    planned = Schedule((), (wrong,), (), True, {}, {})
    given = replace(units, given="z")
    wrong = replace(wrong, arguments=(Operand(given, (0, 1)), 1))
    assert problem_of(lambda: verify_schedule(replace(planned, block=(wrong,)), {})) == (
        "axis 0 has the length 5, that of z[3,n] 3"
    )
    turned = replace(wrong, arguments=(Operand(replace(rows, given="z"), (1, 0)), 1))
    assert problem_of(lambda: verify_schedule(replace(planned, block=(turned,)), {})) == (
        "axis 1 has the length of the rows, that of z[5,n] 5"
    )


# Buffers.


def test_the_buffers_of_known_networks_pass(plan: Plan) -> None:
    assert verify_buffers(plan.schedule, plan.buffers) is plan.buffers


def test_a_value_without_a_buffer_is_seen(plan: Plan) -> None:
    values = [value for chain in plan.chains for value in chain.values]
    assert len(values) > 10
    for value in values:
        parts = {
            kind: tuple(replace(each, chains=without(each, value)) for each in getattr(plan.buffers, kind))
            for kind in ("rows", "fixed")
        }
        kept = {kind: tuple(each for each in several if each.chains) for kind, several in parts.items()}
        broken = replace(plan.buffers, **kept)
        with pytest.raises(VerificationError, match=r"has no buffer|is read when its buffer holds"):
            verify_buffers(plan.schedule, broken)


def test_buffers_that_overlap_are_seen(plan: Plan) -> None:
    rows = [replace(buffer, start=0) for buffer in plan.buffers.rows]
    problem = problem_of(lambda: verify_buffers(plan.schedule, replace(plan.buffers, rows=tuple(rows))))
    assert problem.startswith("among the buffers of rows, one starts at 0, but the one before it ends at")


def test_a_buffer_that_is_too_narrow_is_seen(plan: Plan) -> None:
    for kind in ("rows", "fixed"):
        several = [replace(buffer, width=buffer.width - 1) for buffer in getattr(plan.buffers, kind)]
        broken = replace(plan.buffers, **{kind: tuple(several)})
        with pytest.raises(VerificationError, match="does not fit into one of width"):
            verify_buffers(plan.schedule, broken)


def test_ones_that_are_missing_are_seen(plan: Plan) -> None:
    rows = tuple(replace(buffer, over_ones=False) for buffer in plan.buffers.rows)
    assert "has no row of ones below it" in problem_of(
        lambda: verify_buffers(plan.schedule, replace(plan.buffers, rows=rows))
    )


def test_a_product_written_over_its_operand_is_seen(plan: Plan) -> None:
    """In place is for elementwise operations only."""
    product = next(each for each in plan.schedule.block if each.operation == "dot" and each.target.batched)
    (operand,) = (one.value for one in product.operands if one.value.batched)
    joined = Chain([operand, product.target], 0, len(plan.schedule.instructions))
    kept = [replace(buffer, chains=without(buffer, operand, product.target)) for buffer in plan.buffers.rows]
    end = sum(buffer.size for buffer in plan.buffers.rows)
    rows = (*(buffer for buffer in kept if buffer.chains), Buffer(9, True, end, [joined]))
    with pytest.raises(VerificationError, match="has no row of ones below it"):
        verify_buffers(plan.schedule, replace(plan.buffers, rows=rows))
    rows = (*rows[:-1], Buffer(operand.width, True, end, [joined]))
    with pytest.raises(VerificationError, match="does not fit"):
        verify_buffers(plan.schedule, replace(plan.buffers, rows=rows))
    elementwise = replace(product, arguments=(replace(product.operands[1], over_ones=False),) * 2)
    broken = changed(plan.schedule, product, elementwise)
    rows = (*rows[:-1], Buffer(9, False, end, [joined]))
    with pytest.raises(VerificationError, match=r"overwrites .* while that is read"):
        verify_buffers(broken, replace(plan.buffers, rows=rows))


def without(buffer: Buffer, *values: Value) -> list[Chain]:
    """The chains of a buffer without some values."""
    left = [replace(chain, values=[value for value in chain.values if value not in values]) for chain in buffer.chains]
    return [chain for chain in left if chain.values]


@given(network=networks())
@settings(max_examples=examples(8), **UNHURRIED)
def test_random_networks_pass_every_verification(network: Network) -> None:
    derivation = symnet.derive(network)
    verify_statements(derivation.program, lower(derivation.program))
    for dtype in ("float64", "float32"):
        for plan in plans_of(derivation, dtype).values():
            verify_buffers(verify_schedule(plan.schedule, parameters_of(plan)), plan.buffers)


# Scalar graphs.


@pytest.fixture(name="graph")
def small_graph() -> Graph:
    """x_1, x_2, 3, exp(x_1), x_1 x_2, x_2², a sum and a sum over the batch."""
    graph = Graph(columns={"x_1", "x_2"})
    first, second = graph.symbol("x_1"), graph.symbol("x_2")
    graph.number(3)
    terms = [graph.node("exp", (first,)), graph.multiply([first, second]), graph.power(second, 2)]
    graph.node("batch_sum", (graph.add(terms),))
    return graph


def put(graph: Graph, node: int, operation: str, operands: tuple[int, ...], detail: Any = None) -> None:
    """Make another operation of a node, and let the graph know it so."""
    del graph.known[graph.operation[node], graph.operands[node], graph.detail[node]]
    graph.operation[node], graph.operands[node], graph.detail[node] = operation, operands, detail
    graph.known[operation, operands, detail] = node


@pytest.mark.parametrize(
    ("node", "operation", "operands", "detail", "problem"),
    [
        (3, "exp", (5,), None, "node 5 is used before it is defined"),
        (3, "exp", (3,), None, "node 3 is used before it is defined"),
        (3, "exp", (-1,), None, "node -1 is used before it is defined"),
        (3, "exp", (0, 1), None, "exp has 2 operands"),
        (3, "maximum", (0,), None, "maximum has 1 operands"),
        (3, "gamma", (0,), None, "gamma has 1 operands"),
        (0, "symbol", (), 7, "symbol has the detail 7"),
        (2, "number", (), "3", "number has the detail '3'"),
        (3, "exp", (0,), 2, "exp has the detail 2"),
        (4, "multiply", (0, 1), 0, "multiply has the detail 0"),
        (4, "multiply", (), 1, "multiply has 0 operands"),
        (5, "power", (1,), None, "power has the detail None"),
        (6, "add", (3,), None, "add has 1 operands"),
        (7, "batch_sum", (2,), None, "node 2 has no rows to be summed over"),
    ],
)
def test_a_node_that_is_not_well_formed(
    graph: Graph, node: int, operation: str, operands: tuple[int, ...], detail: Any, problem: str
) -> None:
    verify_graph(graph, [7])
    put(graph, node, operation, operands, detail)
    assert problem_of(lambda: verify_graph(graph)) == problem


def test_two_equal_nodes_are_seen(graph: Graph) -> None:
    graph.operation.append("exp")
    graph.operands.append((0,))
    graph.detail.append(None)
    assert problem_of(lambda: verify_graph(graph)) == "node 8 is the same as node 3"


def test_a_sum_over_the_batch_of_a_sum_over_the_batch_is_seen(graph: Graph) -> None:
    graph.node("batch_sum", (7,))
    assert problem_of(lambda: verify_graph(graph)) == "node 7 has no rows to be summed over"


def test_a_name_for_two_nodes_is_seen(graph: Graph) -> None:
    graph.names |= {3: "a1_1", 4: "a1_1"}
    assert problem_of(lambda: verify_graph(graph)) == "a1_1 is the name of node 3 and of node 4"


def test_a_root_that_is_no_node_is_seen(graph: Graph) -> None:
    assert problem_of(lambda: verify_graph(graph, [8])) == "root 8 is not one of the 8 nodes"


def test_the_message_shows_the_node_with_its_neighbours(graph: Graph) -> None:
    graph.names[4] = "z1_1"
    put(graph, 5, "power", (1,), None)
    with pytest.raises(VerificationError) as caught:
        verify_graph(graph)
    assert str(caught.value).splitlines()[1:] == [
        "  #4 (z1_1) = multiply(1, #0, #1)",
        "> #5 = power(#1)",
        "  #6 = add(#3, #4, #5)",
    ]
    assert node_text(graph, 0) == "#0 = symbol(x_1)"


def test_the_graph_of_a_network_is_verified(derivation: Derivation, monkeypatch: pytest.MonkeyPatch) -> None:
    """An arithmetic that forgets to look whether there is such a node already."""
    monkeypatch.setattr("symnet.scalar_form.graph.Graph.node", _always_new)
    with pytest.raises(VerificationError, match="is the same as node"):
        scalar_graph(derivation.equations, GraphArithmetic(Graph()))


def _always_new(graph: Graph, operation: str, operands: tuple[int, ...] = (), detail: Any = None) -> int:
    graph.known.setdefault((operation, operands, detail), len(graph.operation))
    graph.operation.append(operation)
    graph.operands.append(operands)
    graph.detail.append(detail)
    return len(graph.operation) - 1
