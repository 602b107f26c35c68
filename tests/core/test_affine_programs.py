"""Programs that read arrays at affine positions: the sweep and every pass keep the gradient of the equations."""

from __future__ import annotations

from affine_programs import Drawn, affine_programs
from hypothesis import given, settings
from strategies import UNHURRIED, assert_are_gradients, draw_values, examples, positions_to_check, seeds

from symnet.core.chain_rule import reverse_sweep
from symnet.core.program import Program
from symnet.simplify.passes import optimize, simplify
from symnet.simplify.tails import choose_derivatives, restore_functions


def swept(program: Program) -> Program:
    return reverse_sweep(program, [array.name for array in program.parameters])


@given(drawn=affine_programs(), seed=seeds)
@settings(max_examples=examples(40), **UNHURRIED)
def test_every_stage_has_the_gradient_of_an_affine_program(drawn: Drawn, seed: int) -> None:
    program = drawn.program
    values = draw_values(program, 2, seed)
    simple = simplify(swept(program))
    chosen = swept(choose_derivatives(program))
    accurate = simplify(chosen, accurate=True)
    stages = (swept(program), simple, optimize(simple), restore_functions(chosen), accurate, optimize(accurate))
    assert_are_gradients(stages, program, values, positions_to_check(program, values, seed))
