"""Ties of maximum and minimum: each argument has half the slope, in every form of the code."""

from __future__ import annotations

import math

import numpy as np
import pytest
from formulas import WAYS, at
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import UNHURRIED, examples

import symnet
from symnet.support.modules import module_from_source


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("formula", "z", "value", "slope"),
    [
        ("maximum(0,z)+minimum(0,z)", 0.0, 0.0, 1.0),
        ("maximum(z,0)+minimum(z,0)", 0.0, 0.0, 1.0),
        ("maximum(z,0)+minimum(exp(z)-1,0)", 0.0, 0.0, 1.0),
        ("maximum(0,z)+minimum(0,2*(exp(z/2)-1))", 0.0, 0.0, 1.0),
        ("log1p(exp(-abs(z)))+maximum(z,0)", 0.0, 0.6931471805599453, 0.5),
        ("maximum(0,z)+0.1*minimum(0,z)", 0.0, 0.0, 0.55),
        ("maximum(z,0)", 0.0, 0.0, 0.5),
        ("maximum(0,z)", 0.0, 0.0, 0.5),
        ("relu", 0.0, 0.0, 0.0),
        ("maximum(z**2,z)", 1.0, 1.0, 1.5),
        ("minimum(z**2,z)", 0.0, 0.0, 0.5),
        ("minimum(maximum(z,-1),1)", -1.0, -1.0, 0.5),
    ],
)
def test_each_argument_has_half_the_slope_at_a_tie(
    formula: str, z: float, value: float, slope: float, way: str
) -> None:
    assert at(formula, z, way) == (pytest.approx(value), pytest.approx(slope))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("formula", "slope"),
    [("relu", 0.0), ("maximum(z,0.5)", 0.0), ("leaky_relu", 0.01), ("identity", 1.0), ("abs(z)", math.nan)],
)
def test_where_a_unit_is_not_a_number_every_comparison_is_false(formula: str, slope: float, way: str) -> None:
    """The value is not a number in any form of the code, and the slopes of a choice are the same in all."""
    value, found = at(formula, math.nan, way)
    assert math.isnan(value)
    assert found == pytest.approx(slope, nan_ok=True)


@pytest.mark.parametrize("target", ["numpy", "numpy-plain"])
@pytest.mark.parametrize("activation", ["step", "bipolar_step", "sign", "relu"])
@pytest.mark.parametrize("shape", [(1, 1), (3, 2)])
def test_a_step_of_what_is_not_a_number_is_none(activation: str, target: str, shape: tuple[int, int]) -> None:
    source = symnet.generate(f"{shape[1]}-1:{activation}", target=target, forward_only=True)
    module = module_from_source(source, "steps")
    params = module.Parameters(np.ones((shape[1], 1)), np.zeros(1))
    assert np.all(np.isnan(module.forward(params, np.full(shape, np.nan))))


SMOOTH = ("z", "exp(z)", "sin(z)", "z**2", "tanh(z)", "2*z - 1", "1/(1 + z**2)")
"""Functions, of which two are met in a maximum and in a minimum."""


@settings(max_examples=examples(40), **UNHURRIED)
@given(st.sampled_from(SMOOTH), st.sampled_from(SMOOTH), st.sampled_from((-1.0, 0.0, 0.5, 1.0)))
def test_the_larger_and_the_smaller_of_two_add_up_to_both(one: str, two: str, z: float) -> None:
    """Whether they tie or not, and whatever the order of the arguments."""
    both = f"maximum({one}, {two}) + minimum({two}, {one})"
    assert at(both, z) == pytest.approx(at(f"{one} + {two} + 0*z", z), abs=1e-14)


def test_a_page_reads_its_step_of_a_tie_back() -> None:
    """Every equation of a page is held to the network before it is handed out."""
    for formula in ("maximum(0,z)+minimum(0,z)", "maximum(z**2,z)", "maximum(z,0.1*z)"):
        for notation in ("symnet", "nielsen", "trujillo"):
            assert symnet.derive(symnet.parse(f"2-2-1:{formula},identity")).render("fragment", notation)
