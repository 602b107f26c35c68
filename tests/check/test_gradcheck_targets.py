"""The gradient check takes modules of every target, and finds an error in each entry of each."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from conftest import Command

import symnet
from symnet.support.errors import GradcheckError
from symnet.support.modules import module_from_source

TARGETS: dict[str, dict[str, Any]] = {
    "arrays": {},
    "plain": {"target": "numpy-plain"},
    "columns": {"target": "numpy-scalar"},
    "floats": {"target": "python"},
}
NETWORKS = (
    "2-2-1",
    "3-2:identity;reduction=sum",
    "2-3-2:relu,softmax;loss=cross_entropy;l2=0.1",
    "2-2-1;loss=gaussian_nll",
    "2-3[radial_basis]-2;l1=0.01",
    "2-2[residual]-1:tanh,sigmoid;loss=binary_cross_entropy",
    "2-2-1;loss=hinge",
)


def module(network: str, target: str) -> ModuleType:
    return module_from_source(symnet.generate(network, **TARGETS[target]), f"module_{target}")


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("network", NETWORKS)
def test_gradients_of_every_target_agree(network: str, target: str) -> None:
    report = symnet.gradcheck(module(network, target), points=2)
    assert report, report
    assert {check.name: check.shape for check in report.parameters} == {
        check.name: check.shape for check in symnet.gradcheck(network, points=2).parameters
    }


@pytest.mark.parametrize("target", ["columns", "floats"])
def test_an_error_in_any_entry_is_found(target: str) -> None:
    checked = module("2-2-1", target)
    right = checked.value_and_grad
    names: list[str] = list(checked.PARAMETERS)
    for place, name in enumerate(names):

        def wrong(*arguments: Any, place: int = place) -> Any:
            value, gradient = right(*arguments)
            gradient = np.array(gradient)
            gradient[place] *= 1.01
            return value, gradient

        vars(checked)["value_and_grad"] = wrong
        report = symnet.gradcheck(checked)
        failed = {check.name for check in report.parameters if check.error > report.tolerance}
        assert failed == {name.partition("_")[0]}


def test_the_command_checks_files_of_every_target(symnet_command: Command) -> None:
    for target, options in TARGETS.items():
        Path(f"{target}.py").write_text(symnet.generate("2-2-1", **options), encoding="utf-8")
        done = symnet_command("gradcheck", f"{target}.py")
        assert done.status == 0, done.err
        assert done.out.endswith("points of 5 rows\n")


def test_what_only_looks_like_a_module_in_scalar_form_is_refused() -> None:
    checked = module("2-2-1", "floats")
    for name, value, told in (
        ("PARAMETERS", ("W1",), "PARAMETERS"),
        ("ARCHITECTURE", "Network(2, ...)", "layers of your own"),
        ("value_and_grad", lambda *_: (0.0, (1.0,)), "shape"),
    ):
        broken = module("2-2-1", "floats")
        setattr(broken, name, value)
        with pytest.raises(GradcheckError, match=told):
            symnet.gradcheck(broken)
    assert symnet.gradcheck(checked)
