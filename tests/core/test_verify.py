"""Verification of programs: each rule broken once, and the message must name what is wrong and show where."""

from __future__ import annotations

from dataclasses import replace

import pytest
from strategies import plain_equation
from sympy import Expr, Integer, KroneckerDelta, Rational, Sum, Symbol, exp, tanh

import symnet
from symnet.core.index_algebra import index, substitute
from symnet.core.program import Array, Program
from symnet.core.sizes import BATCH, Size
from symnet.core.text import equation_text
from symnet.core.verify import verify
from symnet.functions.rows import softmax
from symnet.support.errors import VerificationError

N_INDEX = index("n", BATCH)
I_INDEX = index("i", Size(0))
J_INDEX = index("j", Size(1))
K_INDEX = index("k", Size(2))


@pytest.fixture(name="program")
def two_layers() -> Program:
    """x -> z1 -> a1 -> z2 -> a2 -> C, all sizes different."""
    return symnet.derive(symnet.parse("2-3-4")).forward


def planted(program: Program, name: str, rhs: Expr) -> Program:
    """The program with another right-hand side in the equation of `name`."""
    return program.with_equations(
        replace(equation, rhs=rhs) if equation.name == name else equation for equation in program.equations
    )


def message_for(program: Program) -> str:
    with pytest.raises(VerificationError) as caught:
        verify(program)
    return str(caught.value)


def reference(program: Program, name: str) -> Expr:
    return program.array(name).reference


def test_a_sound_program_passes_unchanged(program: Program) -> None:
    assert verify(program) is program


def test_unbound_index(program: Program) -> None:
    broken = planted(program, "a1", exp(program.array("z1").at((N_INDEX, index("q", Size(1))))))
    assert message_for(broken).startswith("index q of z1[n,q] is not bound")


def test_index_left_over_after_its_sum_is_gone(program: Program) -> None:
    total = next(iter(program.by_name["z1"].rhs.atoms(Sum)))
    assert "index i of " in message_for(planted(program, "z1", total.function))


def test_bare_index_that_is_not_bound(program: Program) -> None:
    assert "index i is not bound" in message_for(planted(program, "a1", reference(program, "z1") + I_INDEX))


def test_unbound_index_inside_an_affine_one(program: Program) -> None:
    broken = planted(program, "a1", program.array("z1").at((N_INDEX, 2 * J_INDEX + K_INDEX)))
    assert "index k of z1[n," in message_for(broken)


@pytest.mark.parametrize(
    "position", [J_INDEX**2, J_INDEX / 2, J_INDEX * K_INDEX, Symbol("t") + J_INDEX, Rational(1, 2), tanh(J_INDEX)]
)
def test_positions_that_are_not_affine_with_whole_coefficients(program: Program, position: Expr) -> None:
    given = program.array("z1").at((N_INDEX, position))
    problem = message_for(planted(program, "a1", Sum(given, K_INDEX) if position.has(K_INDEX) else given))
    assert f"position {position} of z1[n," in problem
    assert "is not affine in its indices, with whole coefficients" in problem
    delta = KroneckerDelta(K_INDEX, position)
    assert delta == 0 or "is not affine in its indices" in message_for(planted(program, "a1", Sum(delta, K_INDEX)))


@pytest.mark.parametrize("position", [J_INDEX - 1, J_INDEX + 7, 2 * J_INDEX, Size(1) - 1 - J_INDEX, BATCH - 1])
def test_positions_that_may_lie_outside_pass(program: Program, position: Expr) -> None:
    verify(planted(program, "a1", program.array("z1").at((N_INDEX, position))))


def test_a_row_function_over_an_index_that_does_not_stand_alone(program: Program) -> None:
    broken = planted(program, "a1", softmax(program.array("z1").at((N_INDEX, J_INDEX + 1)), J_INDEX))
    assert "softmax runs over j, which stands in the position j + 1 and must stand alone" in message_for(broken)


@pytest.mark.parametrize("count", [1, 3])
def test_wrong_number_of_indices(program: Program, count: int) -> None:
    indices = (N_INDEX, J_INDEX, J_INDEX)[:count]
    problem = message_for(planted(program, "a1", exp(program.array("z1").base[indices])))
    assert f"has {count} indices; z1 has 2" in problem


def test_axis_of_another_size(program: Program) -> None:
    broken = planted(program, "a1", reference(program, "z1") * program.array("x").at((N_INDEX, J_INDEX)))
    assert "index j of x[n,j] runs over 3 values, the axis has 2" in message_for(broken)


def test_axes_of_one_size_under_other_symbols_pass() -> None:
    program = symnet.derive(symnet.parse("3-3-3")).forward
    verify(planted(program, "a1", reference(program, "z1") * program.array("x").at((N_INDEX, J_INDEX))))


def test_use_before_the_definition(program: Program) -> None:
    first, second, *rest = program.equations
    problem = message_for(program.with_equations([second, first, *rest]))
    assert problem.startswith("z1 is used before it is defined")


def test_an_equation_that_uses_itself(program: Program) -> None:
    assert "a1 is used before it is defined" in message_for(planted(program, "a1", reference(program, "a1") + 1))


def test_double_assignment(program: Program) -> None:
    broken = program.with_equations([*program.equations, program.by_name["a1"]])
    assert message_for(broken).startswith("a1 is assigned twice")


def test_assignment_to_a_given_array(program: Program) -> None:
    broken = program.with_equations([*program.equations, plain_equation(program.array("W1"), Integer(0))])
    assert message_for(broken).startswith("W1 is assigned twice")


def test_index_repeated_on_the_left(program: Program) -> None:
    square = plain_equation(Array("square", (J_INDEX, J_INDEX)), Integer(1))
    assert "square[j,j] repeats an index" in message_for(program.with_equations([*program.equations, square]))


def test_index_bound_twice(program: Program) -> None:
    """A sum over an index of the left-hand side would capture it."""
    total = next(iter(program.by_name["z1"].rhs.atoms(Sum)))
    captured = Sum(reference(program, "x") * program.array("W1").at((I_INDEX, J_INDEX)), J_INDEX)
    assert "index j is bound twice" in message_for(planted(program, "z1", total + captured))


def test_index_bound_twice_by_nested_sums(program: Program) -> None:
    inner = Sum(reference(program, "x"), I_INDEX)
    broken = planted(program, "z1", Sum(inner * program.array("W1").reference, I_INDEX))
    assert "index i is bound twice" in message_for(broken)


def test_row_function_over_an_index_that_is_not_bound(program: Program) -> None:
    other = index("q", Size(1))
    broken = planted(program, "a1", softmax(program.array("z1").at((N_INDEX, other)), other))
    assert "softmax runs over q, which is not bound" in message_for(broken)


def test_unknown_symbol(program: Program) -> None:
    broken = planted(program, "a1", reference(program, "z1") * Symbol("gamma", real=True))
    assert "gamma is neither a size nor a scalar defined before its use" in message_for(broken)


def test_scalar_used_before_its_definition(program: Program) -> None:
    broken = planted(program, "a1", reference(program, "z1") * Symbol("C", real=True))
    assert "C is neither a size nor a scalar defined before its use" in message_for(broken)


def test_array_without_its_indices_is_an_unknown_symbol(program: Program) -> None:
    broken = planted(program, "a1", reference(program, "z1") * Symbol("W1", real=True))
    assert "W1" in message_for(broken).splitlines()[0]


def test_output_that_no_equation_defines(program: Program) -> None:
    problem = message_for(replace(program, outputs={**program.outputs, "W1": "W1_bar"}))
    assert problem == "output W1 is W1_bar, which no equation defines"


def test_the_message_shows_the_statement_with_its_neighbours(program: Program) -> None:
    broken = planted(program, "z2", substitute(program.by_name["z2"].rhs, {K_INDEX: index("q", Size(2))}))
    place = [equation.name for equation in broken.equations].index("z2")
    before, wrong, after = (equation_text(equation) for equation in broken.equations[place - 1 : place + 2])
    problem, *shown = message_for(broken).splitlines()
    assert "index q" in problem
    assert shown == [f"  {before}", f"> {wrong}", f"  {after}"]


def test_the_first_and_the_last_statement_have_one_neighbour(program: Program) -> None:
    unknown = Symbol("gamma", real=True)
    for name, marks in (("z1", "> "), ("C", " >")):
        shown = message_for(planted(program, name, unknown)).splitlines()[1:]
        assert [line[0] for line in shown] == list(marks)


def test_indices_of_a_program_are_compared_as_indices(program: Program) -> None:
    """Two indices with one letter and different ranges are different indices."""
    other = index("j", Size(2))
    broken = planted(program, "a1", program.array("z1").at((N_INDEX, other)))
    assert "index j of z1[n,j] is not bound" in message_for(broken)


def problem_after(verified: Program, program: Program) -> str:
    """The first line of what is wrong with a program made from one that has been verified."""
    with pytest.raises(VerificationError) as caught:
        verify(program, verify(verified))
    return str(caught.value).splitlines()[0]


def test_a_program_taken_over_whole_passes(program: Program) -> None:
    longer = program.with_equations([*program.equations, plain_equation(Array("twice"), 2 * reference(program, "C"))])
    assert verify(longer, verify(program)) is longer


def test_an_equation_taken_over_to_the_wrong_place(program: Program) -> None:
    first, second, *rest = program.equations
    assert problem_after(program, program.with_equations([second, first, *rest])).startswith("z1 is used before it is")


def test_an_equation_taken_over_twice(program: Program) -> None:
    again = program.with_equations([*program.equations, program.by_name["a1"]])
    assert problem_after(program, again) == "a1 is assigned twice"


def test_an_equation_taken_over_without_its_operand(program: Program) -> None:
    without = program.with_equations(equation for equation in program.equations if equation.name != "z1")
    assert problem_after(program, without) == "z1 is used before it is defined"


def test_an_equation_taken_over_whose_operand_has_another_shape(program: Program) -> None:
    row = plain_equation(Array("z1", (J_INDEX,)), program.array("b1").reference)
    reshaped = program.with_equations(row if equation.name == "z1" else equation for equation in program.equations)
    assert problem_after(program, reshaped) == "z1[n,j] has 2 indices; z1 has 1"


def test_an_equation_taken_over_whose_operand_is_no_scalar_any_more() -> None:
    program = symnet.derive(symnet.parse("2-3-1;loss=gaussian_nll")).forward
    arrays = tuple(replace(array, indices=(J_INDEX,)) if array.name == "beta" else array for array in program.arrays)
    assert problem_after(program, replace(program, arrays=arrays)).startswith("beta is neither a size nor a scalar")


def test_equations_taken_over_under_other_sizes(program: Program) -> None:
    square = planted(program, "a1", reference(program, "z1") * program.array("x").at((N_INDEX, J_INDEX)))
    sizes = {**program.sizes, Size(0): program.sizes[Size(1)]}
    equal = verify(replace(square, sizes=sizes))
    assert problem_after(equal, replace(equal, sizes=program.sizes)).startswith("index j of x[n,j] runs over 3 values")


def test_a_changed_equation_is_gone_through(program: Program) -> None:
    broken = planted(program, "a1", reference(program, "z1") + I_INDEX)
    assert problem_after(program, broken) == "index i is not bound"
