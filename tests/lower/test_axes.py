"""Functions of rows over any index of any array, and what follows for blocks of rows and for forms that have no rows.

Every layer here computes something else if its softmax runs along another axis, and with sizes that are all alike no
length tells which.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from types import ModuleType
from typing import ClassVar

import numpy as np
import pytest
from differential import place_of
from strategies import (
    DIGITS,
    assert_agree,
    assert_are_gradients,
    module_of,
    parameters_of,
    positions_to_check,
    values_for,
)
from sympy import Integer, Rational, Sum, cos, exp, log, sin, sqrt, tanh
from test_planted_errors import Plant, planted
from test_workspace import check_against_oracle

import symnet
from symnet import Dense, Layer, Network, Scope
from symnet.core.chain_rule import reverse_sweep
from symnet.core.index_algebra import extent, index
from symnet.core.oracle import evaluate
from symnet.core.sizes import BATCH
from symnet.functions.piecewise import select
from symnet.functions.rows import log_softmax, softmax
from symnet.simplify.inline import tidy_cotangents
from symnet.support.errors import ArchitectureError, LoweringError, VerificationError
from symnet.support.modules import module_from_source

Equations = Callable[[Scope], None]

UNITS = 3
ROWS = 5


def over_inputs_of_a_weight(scope: Scope) -> None:
    n, i, j, x, w = scope.n, scope.i, scope.j, scope.input, scope.weight()
    scope.output(Sum(x[n, i] * softmax(w[i, j], i), i))


def over_outputs_of_a_weight(scope: Scope) -> None:
    n, i, j, x, w = scope.n, scope.i, scope.j, scope.input, scope.weight()
    scope.output(Sum(x[n, i] * log_softmax(w[i, j], j), i))


def over_a_vector(scope: Scope) -> None:
    n, i, j, x, w = scope.n, scope.i, scope.j, scope.input, scope.weight()
    g = scope.parameter("g", i, initial="ones")
    scope.output(Sum(x[n, i] * w[i, j] * softmax(g[i], i), i))


def over_the_first_of_two_axes(scope: Scope) -> None:
    n, i, j, x, w = scope.n, scope.i, scope.j, scope.input, scope.weight()
    u = scope.define("u", softmax(x[n, i] * w[i, j], i), n, i, j)
    scope.output(Sum(u[n, i, j] * x[n, i], i))


def over_the_last_of_two_axes(scope: Scope) -> None:
    n, i, j, x, w = scope.n, scope.i, scope.j, scope.input, scope.weight()
    u = scope.define("u", log_softmax(x[n, i] * w[i, j], j), n, i, j)
    scope.output(Sum(u[n, i, j] * x[n, i], i))


def over_the_rows(scope: Scope) -> None:
    n, i, j, x, w = scope.n, scope.i, scope.j, scope.input, scope.weight()
    z = scope.define("z", Sum(x[n, i] * w[i, j], i))
    scope.output(softmax(z[n, j], n))


def log_over_the_rows(scope: Scope) -> None:
    n, i, j, x, w = scope.n, scope.i, scope.j, scope.input, scope.weight()
    z = scope.define("z", Sum(x[n, i] * w[i, j], i))
    scope.output(log_softmax(z[n, j], n) * z[n, j])


def rows_last(scope: Scope) -> None:
    n, i, j, x, w = scope.n, scope.i, scope.j, scope.input, scope.weight()
    u = scope.define("u", softmax(x[n, i] * w[i, j], i), j, i, n)
    scope.output(Sum(u[j, i, n] * w[i, j], i))


def nested(scope: Scope) -> None:
    n, i, j, x, w = scope.n, scope.i, scope.j, scope.input, scope.weight()
    scope.output(Sum(softmax(3 * softmax(x[n, i] * w[i, j], i), j) * x[n, i], i))


def of_what_does_not_depend_on_it(scope: Scope) -> None:
    n, i, j, x, w = scope.n, scope.i, scope.j, scope.input, scope.weight()
    g = scope.parameter("g", i, initial="ones")
    scope.output(Sum(x[n, i] * w[i, j], i) + Sum(g[i], i, index("m", extent(j))) * Sum(softmax(x[n, i] ** 2, j), i))


def beside_itself_turned(scope: Scope) -> None:
    """An array and its transpose, of which neither may be written over while the other is read."""
    n, i, j, x = scope.n, scope.i, scope.j, scope.input
    q = index("q", extent(i))
    w, s = scope.weight(), scope.parameter("S", i, q, initial="ones")
    u = scope.define("u", sin(s[i, q]) + sin(s[q, i]), i, q)
    v = scope.define("v", x[n, i] * x[n, q] ** 2 + x[n, q] * x[n, i] ** 2, n, i, q)
    chosen = select(cos(s[i, q]) - Rational(1, 2), cos(s[q, i]), cos(s[i, q]))
    scope.output(Sum(u[i, q] * v[n, i, q] * chosen * x[n, q] * w[i, j], i, q))


def level_beside_a_scalar(scope: Scope) -> None:
    """One array, but no function of one number: a parameter without indices stands beside it."""
    n, i, j, x, w = scope.n, scope.i, scope.j, scope.input, scope.weight()
    t = scope.parameter("t", initial="ones")
    scope.output(Sum(tanh(t * exp(x[n, i])) * exp(-(w[i, j] ** 2) * t) * w[i, j] ** 4 + log(2 + t + exp(w[i, j])), i))


def level_over_a_row(scope: Scope) -> None:
    """One array, but all of its row counts."""
    n, i, j, x, w = scope.n, scope.i, scope.j, scope.input, scope.weight()
    scope.output(Sum(tanh(exp(softmax(x[n, i], i))) * w[i, j], i) + tanh(Sum(exp(w[i, j]), i)))


def level_over_the_rows(scope: Scope) -> None:
    n, i, j, x, w = scope.n, scope.i, scope.j, scope.input, scope.weight()
    z = scope.define("z", Sum(x[n, i] * w[i, j], i))
    scope.output(tanh(exp(log_softmax(3 * z[n, j], n)) / BATCH) + log(2 + exp(z[n, j]) / BATCH))


def into_what_does_not_depend_on_it(scope: Scope) -> None:
    """A function of rows over an index that its argument lacks: its derivative is 0."""
    n, i, j, x, w = scope.n, scope.i, scope.j, scope.input, scope.weight()
    q, m = index("q", extent(j)), index("m", extent(j))
    z = scope.define("z", Sum(x[n, i] * w[i, j], i))
    u = scope.define("u", z[n, j] * Sum(z[n, q] ** 2, q))
    scope.output(z[n, j] * (1 + Sum(log_softmax(u[n, j], m), m)) + softmax(z[n, j], n))


def self_attention(scope: Scope) -> None:
    n, i, j, x = scope.n, scope.i, scope.j, scope.input
    r = index("r", BATCH)
    q, k, v = (scope.define(name, Sum(x[n, i] * scope.weight(name.upper())[i, j], i)) for name in "qkv")
    share = scope.define("s", softmax(Sum(q[n, j] * k[r, j], j) / sqrt(UNITS), r), n, r)
    scope.output(Sum(share[n, r] * v[r, j], r))


def self_attention_at_once(scope: Scope) -> None:
    n, i, j, x, w = scope.n, scope.i, scope.j, scope.input, scope.weight()
    r, q = index("r", BATCH), index("q", extent(scope.i))
    scope.output(Sum(softmax(Sum(x[n, q] * x[r, q], q), r) * x[r, i] * w[i, j], r, i))


def summed_beside_its_own(scope: Scope) -> None:
    """One contraction that keeps a row and sums over all."""
    n, i, j, x, w = scope.n, scope.i, scope.j, scope.earlier(1), scope.weight()
    r, q, m = index("r", BATCH), index("q", extent(i)), index("m", extent(i))
    scope.output(Sum(w[q, j], q) + Sum(x[n, i] * x[r, m], i, m, r) / (2 * BATCH))


def all_that_meet(scope: Scope) -> None:
    """Three indices over the batch, and a choice for every pair of rows and unit."""
    n, i, j, x, w = scope.n, scope.i, scope.j, scope.input, scope.weight()
    r, t = index("r", BATCH), index("t", BATCH)
    u = scope.define("u", softmax(Sum(x[n, i] * x[r, i] * x[t, i], i), t), n, r, t)
    v = scope.define("v", select(Sum(x[n, i] * x[r, i], i) - Rational(1, 3), x[r, j], 1 - x[n, j] ** 2), n, r, j)
    scope.output(Sum(u[n, r, t] * v[n, r, j] * x[t, i] * w[i, j], r, t, i) / BATCH)


ALONG_UNITS = (
    over_inputs_of_a_weight,
    over_outputs_of_a_weight,
    over_a_vector,
    over_the_first_of_two_axes,
    over_the_last_of_two_axes,
    rows_last,
    nested,
    of_what_does_not_depend_on_it,
    beside_itself_turned,
    level_beside_a_scalar,
    level_over_a_row,
)
ALONG_ROWS = (
    into_what_does_not_depend_on_it,
    over_the_rows,
    log_over_the_rows,
    level_over_the_rows,
    self_attention,
    self_attention_at_once,
    summed_beside_its_own,
    all_that_meet,
)


def network(equations: Equations) -> Network:
    @dataclass(frozen=True)
    class Own(Layer):
        kind: ClassVar[str] = "own"
        formula: ClassVar[str] = "a[n,j] = ..."

        def equations(self, scope: Scope) -> None:
            equations(scope)

    return Network(UNITS, [Dense(UNITS, activation="tanh"), Own(UNITS), Dense(2)], loss="half_squared_error")


@cache
def module(equations: Equations) -> ModuleType:
    return symnet.compile(network(equations))


@pytest.mark.parametrize("equations", ALONG_UNITS + ALONG_ROWS, ids=lambda each: each.__name__)
def test_any_axis_in_any_blocks(equations: Equations) -> None:
    check_against_oracle(network(equations), ROWS, 1, "float64")


@pytest.mark.parametrize(
    "equations", [over_the_first_of_two_axes, log_over_the_rows, self_attention], ids=lambda each: each.__name__
)
def test_any_axis_in_float32(equations: Equations) -> None:
    check_against_oracle(network(equations), ROWS, 1, "float32")


@pytest.mark.parametrize("equations", ALONG_UNITS + ALONG_ROWS, ids=lambda each: each.__name__)
def test_any_axis_in_the_tails(equations: Equations) -> None:
    own = network(equations)
    derivation = symnet.derive(own, accuracy="tails")
    values = values_for(own, derivation.program, ROWS, 1)
    exact = evaluate(derivation.program, values, digits=DIGITS)
    positions = positions_to_check(derivation.forward, values, 1)
    assert_are_gradients((derivation.equations, derivation.program), derivation.forward, values, positions)
    for target in ("numpy", "numpy-plain"):
        made = module_of(derivation, target=target)
        value, gradients = made.value_and_grad(parameters_of(made, values), values["x"], values["y"])
        found = {derivation.program.outputs["loss"]: np.asarray(value)}
        found |= {derivation.gradients[name]: array for name, array in gradients._asdict().items()}
        assert_agree(derivation.program, values, exact, found, 1e-12)


@pytest.mark.parametrize("equations", ALONG_UNITS + ALONG_ROWS, ids=lambda each: each.__name__)
def test_rows_are_worked_through_together_where_one_depends_on_another(equations: Equations) -> None:
    every = {"forward", "loss", "gradient", "value_and_grad"}
    assert set(module(equations).WHOLE) == (every if equations in ALONG_ROWS else set())


@pytest.mark.parametrize("equations", ALONG_UNITS + ALONG_ROWS, ids=lambda each: each.__name__)
def test_a_workspace_says_what_it_has_no_room_for(equations: Equations) -> None:
    pairs = equations in (self_attention, self_attention_at_once, all_that_meet)
    assert ("pair of rows" in module(equations).Workspace.__doc__) == pairs


@pytest.mark.parametrize("equations", ALONG_ROWS, ids=lambda each: each.__name__)
def test_the_rows_in_another_order_give_the_same_loss(equations: Equations) -> None:
    of = module(equations)
    rng = np.random.default_rng(3)
    params, order = of.init(rng), rng.permutation(ROWS)
    x, y = rng.standard_normal((ROWS, UNITS)), rng.standard_normal((ROWS, 2))
    assert of.loss(params, x[order], y[order]) == pytest.approx(of.loss(params, x, y), rel=1e-13)
    assert of.forward(params, x[order]) == pytest.approx(of.forward(params, x)[order], rel=1e-12)


# Verification of which axis it is.

WRONG_AXES = (
    Plant("translate", "symnet.lower.contractions:collapsed", "letter != unit", "letter == unit", "verification"),
    Plant("translate", "symnet.lower.translate:Translation.row_call", "unit = node.unit", "unit = node.axes[0]", ""),
    Plant("lower", "symnet.lower.lowering:_Lowering.call", "along(value, unit)", "along(value, self.order[1])", ""),
    Plant("lower", "symnet.lower.lowering:_Lowering.along", "idx != unit), unit", "idx == unit), unit", ""),
)


@pytest.mark.parametrize("plant", WRONG_AXES, ids=str)
def test_a_wrong_axis_of_the_right_length_is_seen(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    own = network(over_the_first_of_two_axes)
    symnet.compile(own)
    planted(plant, monkeypatch)
    with pytest.raises(VerificationError):
        symnet.compile(own)


def test_the_wrong_axis_of_sums_over_others_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    own = network(over_the_first_of_two_axes)
    symnet.compile(own, accuracy="tails")
    planted(Plant("", "symnet.lower.row_functions:sum_of_others", "along=(unit,)", "along=axes[1:2]", ""), monkeypatch)
    with pytest.raises(VerificationError, match="sum_before runs along"):
        symnet.compile(own, accuracy="tails")


@pytest.mark.parametrize("equations", ALONG_ROWS, ids=lambda each: each.__name__)
def test_blocks_of_rows_that_depend_on_each_other_are_seen(
    equations: Equations, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = "not each.joins_rows and not sums.intersection(each.reads)"
    planted(Plant("schedule", "symnet.lower.schedule:_stages", right, "True", ""), monkeypatch)
    with pytest.raises(VerificationError):
        symnet.compile(network(equations))


# What has no array form is refused.


def over_other_rows(scope: Scope) -> None:
    n, i, j, x, w = scope.n, scope.i, scope.j, scope.input, scope.weight()
    scope.output(Sum(x[n - 1, i] * w[i, j], i))


def over_an_index_as_a_number(scope: Scope) -> None:
    n, i, j, x, w = scope.n, scope.i, scope.j, scope.input, scope.weight()
    scope.output(Sum(i * x[n, i] * w[i, j], i))


def over_rows_of_a_parameter(scope: Scope) -> None:
    scope.output(scope.input[scope.n, scope.j] * scope.parameter("s", scope.n)[scope.n])


@pytest.mark.parametrize("target", ["numpy", "numpy-plain"])
@pytest.mark.parametrize(
    ("equations", "error", "problem"),
    [
        (over_other_rows, LoweringError, "a position over the rows of the batch that is no plain index has no array"),
        (over_an_index_as_a_number, LoweringError, "the index j as a number has no array form in a2"),
        (over_rows_of_a_parameter, ArchitectureError, "s2 has the index n, which runs over the rows of the batch"),
    ],
)
def test_what_has_no_array_form_is_refused(
    equations: Equations, error: type[Exception], problem: str, target: str
) -> None:
    with pytest.raises(error, match=problem):
        symnet.compile(network(equations), target=target)


# Straight-line code has a row of numbers, or a column for each unit.


@pytest.mark.parametrize("equations", ALONG_ROWS, ids=lambda each: each.__name__)
def test_columns_in_which_a_row_needs_others_are_refused(equations: Equations) -> None:
    with pytest.raises(LoweringError, match="needs other rows than its own"):
        symnet.generate(network(equations), target="numpy-scalar")


@pytest.mark.parametrize("equations", ALONG_ROWS, ids=lambda each: each.__name__)
def test_a_row_by_itself_in_which_a_row_needs_others_is_refused(equations: Equations) -> None:
    """The code computed a batch of its one row, which is another network than that of a batch."""
    with pytest.raises(LoweringError, match="one row at a time, and a layer sums over the rows of a batch"):
        symnet.generate(network(equations), target="python")


@pytest.mark.parametrize("equations", [over_the_first_of_two_axes], ids=lambda each: each.__name__)
def test_a_row_of_numbers_is_a_batch_of_one(equations: Equations) -> None:
    of = module(equations)
    source = symnet.generate(network(equations), target="python")
    scalar = module_from_source(source, "scalar_python")
    rng = np.random.default_rng(3)
    params = of.init(rng)
    x, y = rng.standard_normal((1, UNITS)), rng.standard_normal((1, 2))
    numbers = [float(getattr(params, name)[position]) for name, position in map(place_of, scalar.PARAMETERS)]
    value, flat = scalar.value_and_grad(numbers, x[0].tolist(), y[0].tolist())
    loss, gradients = of.value_and_grad(params, x, y)
    assert value == pytest.approx(loss, rel=1e-13)
    assert flat == pytest.approx(of.flatten(gradients), rel=1e-11, abs=1e-14)


@pytest.mark.parametrize("equations", [nested, self_attention, all_that_meet], ids=lambda each: each.__name__)
def test_a_cotangent_that_is_a_number_is_put_in_under_any_indices(equations: Equations) -> None:
    """And once: what is put in where it does not stand is no change."""
    forward = symnet.derive(network(equations)).forward
    swept = reverse_sweep(forward, [array.name for array in forward.parameters])
    for cotangent in swept.equations:
        if cotangent.array.role != "cotangent" or cotangent.name in swept.outputs.values():
            continue
        zeroed = [replace(each, rhs=Integer(0)) if each is cotangent else each for each in swept.equations]
        tidied = tidy_cotangents(swept.with_equations(zeroed))
        assert not any(cotangent.name in each.array_names for each in tidied.equations)
