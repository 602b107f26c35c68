"""What the Python API takes as a number is a number, or refused in one line."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symnet


@pytest.mark.parametrize("value", ["a", -1, 1.5, True, None, b"1"])
def test_the_seed_of_a_sheet(value: Any) -> None:
    with pytest.raises(symnet.SymnetError, match=r"^seed is .*; a whole number from 0"):
        symnet.exercise_sheet("2-2-1", seed=value)


@pytest.mark.parametrize("value", [0, 51, True, 1.5, "3"])
def test_the_count_of_a_sheet(value: Any) -> None:
    with pytest.raises(symnet.SymnetError, match=r"^count is .*; a whole number from 1 to 50"):
        symnet.exercise_sheet("2-2-1", count=value)


def test_a_name_alone_is_no_sequence_of_kinds() -> None:
    with pytest.raises(symnet.SymnetError, match=r"^kinds is of type str; a sequence of names is needed"):
        symnet.exercise_sheet("2-2-1", kinds="delta")


@pytest.mark.parametrize("name", ["points", "rows", "entries", "seed"])
@pytest.mark.parametrize("value", ["5", -1, 1.5, True, b"1"])
def test_the_numbers_of_a_gradcheck(name: str, value: Any) -> None:
    with pytest.raises(symnet.SymnetError, match=f"^{name} is .*; a whole number from "):
        symnet.gradcheck("2-2-1", **{name: value})


@pytest.mark.parametrize("value", ["x", None, 0, 2, float("nan"), 1j])
def test_the_tolerance_of_a_gradcheck(value: Any) -> None:
    with pytest.raises(symnet.SymnetError, match=r"^the tolerance is .*; a number between 0 and 1"):
        symnet.gradcheck("2-2-1", tolerance=value)


def test_numbers_of_numpy_are_numbers() -> None:
    assert symnet.gradcheck("2-2-1", points=np.int64(1), rows=np.int8(2), seed=np.uint8(3), tolerance=np.float32(1e-5))
    sheet = symnet.exercise_sheet("2-2-1", seed=np.int64(7), count=np.int64(1))
    assert sheet.problems == symnet.exercise_sheet("2-2-1", seed=7, count=1).problems


@pytest.mark.parametrize("options", [{"target": "python"}, {"target": "numpy-scalar"}])
def test_a_module_in_scalar_form_is_checked_too(options: dict[str, str]) -> None:
    from symnet.support.modules import module_from_source

    assert symnet.gradcheck(module_from_source(symnet.generate("2-2-1", **options), "scalar_module"))
