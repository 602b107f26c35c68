"""Targets: a new one is a folder, each refuses what it cannot do, and nothing asks for a target by its name."""

from __future__ import annotations

import ast
import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from conftest import Command
from mpmath_target import TARGET

import symnet
from symnet.core.oracle import evaluate
from symnet.support.choices import ACCURACIES, DTYPES
from symnet.support.errors import LoweringError, OptionError
from symnet.support.modules import module_from_source
from symnet.targets.registry import TARGETS, old_target
from symnet.targets.target import Target

ROOT = Path(__file__).parents[2]
NETWORKS = (
    "2-2-1",
    "2-3-2:relu,softmax;loss=cross_entropy",
    "3-2-2:silu,gelu_tanh;loss=huber;l2=0.1",
    "2-2[residual]-1:softplus,sigmoid;loss=binary_cross_entropy",
    "2-3[radial_basis]-2;loss=gaussian_nll",
)


# ---- a target of one's own ----


def values_of(derivation: symnet.Derivation) -> dict[str, np.ndarray[Any, Any]]:
    """One row of data, and parameters."""
    rng = np.random.default_rng(5)
    values: dict[str, np.ndarray[Any, Any]] = {}
    for array in derivation.forward.parameters:
        values[array.name] = rng.uniform(0.2, 1.0, [int(size) for size in derivation.forward.shape(array)])
    network = derivation.network
    targets = np.full((1, network.sizes[-1]), 1 / network.sizes[-1])
    return {**values, "x": rng.normal(size=(1, network.inputs)), "y": targets}


@pytest.mark.parametrize("network", NETWORKS)
def test_a_target_of_ones_own_has_the_gradients_of_the_oracle(network: str) -> None:
    """To 35 digits, in code of which symnet knows nothing: its table of functions has ten, of elementary ones."""
    derivation = symnet.derive(network)
    values = values_of(derivation)
    module = module_from_source(symnet.generate(network, target=TARGET), "own")
    with mpmath.workdps(40):
        flat = [
            mpmath.mpf(float(entry)) for array in derivation.forward.parameters for entry in values[array.name].flat
        ]
        value, gradient = module.value_and_grad(flat, values["x"][0], values["y"][0])
        exact = evaluate(derivation.program, values, digits=40)
        names = ["C", *derivation.gradients.values()]
        expected = [entry for name in names for entry in np.ravel(exact[name])]
        assert max(abs(mpmath.mpf(entry)) for entry in expected[1:]) > 1e-3
        for found, right in zip((value, *gradient), expected, strict=True):
            # Constants of symnet's functions, such as those of gelu_tanh, have the digits of a float.
            assert abs(found - right) <= 1e-15 * max(1, abs(right)), network


def test_a_target_of_ones_own_is_refused_what_it_says(symnet_command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OptionError, match="target mpmath is written in float64, not in float32"):
        symnet.generate("2-2-1", target=TARGET, dtype="float32")
    with pytest.raises(OptionError, match="target mpmath writes networks, not functions of one's own"):
        symnet.differentiate("x**2", target=TARGET)
    monkeypatch.setitem(TARGETS, TARGET.name, TARGET)
    done = symnet_command("generate", "2-2-1", "--target", "mpmath")
    assert (done.status, done.out) == (0, symnet.generate("2-2-1", target=TARGET))
    assert "mpmath" in symnet_command("list", "targets").out


@pytest.mark.parametrize("given", [None, 5, b"numpy", ("numpy",), object(), Target])
def test_what_is_no_target_is_refused(given: Any) -> None:
    with pytest.raises(OptionError, match=r"the target is of type .*; its name or a Target is needed"):
        symnet.generate("2-2-1", target=given)
    with pytest.raises(OptionError, match=r"the target is of type .*; its name or a Target is needed"):
        symnet.differentiate("x**2", target=given)


def test_a_new_target_is_one_folder(tmp_path: Path) -> None:
    """The folder put into symnet's is found, completed and written, and no other file is touched."""
    shutil.copytree(ROOT / "symnet", tmp_path / "symnet", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    folder = tmp_path / "symnet" / "targets" / "mpmath_target"
    shutil.copytree(ROOT / "tests" / "targets" / "mpmath_target", folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path in folder.glob("*.py"):
        # Inside of the package the folder is loaded by the registry, before the face of `symnet.targets` is there.
        text = path.read_text(encoding="utf-8").replace("from mpmath_target", "from symnet.targets.mpmath_target")
        path.write_text(text.replace("from symnet.targets import Target", "from symnet.targets.target import Target"))

    def printed(*arguments: str) -> str:
        program = f"import sys; sys.argv = {['symnet', *arguments]}; from symnet.cli import run; run()"
        environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    assert [line.split()[0] for line in printed("list", "targets").splitlines()[1:]] == ["mpmath", *TARGETS]
    assert printed("generate", "2-2-1", "--target", "mpmath") == symnet.generate("2-2-1", target=TARGET)
    assert printed("generate", "2-2-1") == symnet.generate("2-2-1")


def test_nothing_asks_for_a_target_by_its_name() -> None:
    """But the table of old spellings: what differs between targets is data and methods of theirs."""
    for path in sorted((ROOT / "symnet").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare | ast.Match):
                words = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
                assert not words & set(TARGETS), f"{path}, line {node.lineno}"


# ---- what a target refuses ----


ASKED = list(itertools.product(TARGETS, DTYPES, (False, True), ACCURACIES))


@pytest.mark.parametrize(("target", "dtype", "forward_only", "accuracy"), ASKED)
def test_every_target_writes_what_it_takes_and_refuses_the_rest(
    target: str, dtype: str, forward_only: bool, accuracy: str
) -> None:
    straight = target in ("numpy-scalar", "python")

    def written() -> str:
        return symnet.generate("2-1", target=target, dtype=dtype, forward_only=forward_only, accuracy=accuracy)

    if straight and (dtype == "float32" or forward_only):
        what = "is written in float64, not in float32" if dtype == "float32" else "is written with its gradients"
        with pytest.raises(OptionError, match=f"target {target} {what}"):
            written()
        return
    module = module_from_source(written(), "written")
    assert hasattr(module, "value_and_grad") == (not forward_only)
    assert accuracy in str(module.__doc__)
    assert straight or dtype in repr(module.DTYPE)


FORMS = (None, "array", "scalar")
OPTIMIZATIONS = (None, "none", "full")
MEANT = {
    ("array", None): "numpy",
    (None, "full"): "numpy",
    ("array", "full"): "numpy",
    (None, "none"): "numpy-plain",
    ("array", "none"): "numpy-plain",
    ("scalar", None): "numpy-scalar",
}
"""What the old spellings mean; all others contradict each other."""
SPELLED = [pair for pair in itertools.product(FORMS, OPTIMIZATIONS) if pair != (None, None)]


@pytest.mark.parametrize(("form", "optimization"), SPELLED)
def test_old_spellings_mean_a_target_or_contradict_each_other(
    form: str | None, optimization: str | None, symnet_command: Command
) -> None:
    given = [(word, value) for word, value in (("--form", form), ("--optimize", optimization)) if value]
    done = symnet_command("generate", "1-1", *itertools.chain(*given))
    meant = MEANT.get((form, optimization))
    if meant is None:
        assert (done.status, done.out) == (2, "")
        assert f"symnet: form {form} does not go with optimize {optimization}; the targets are" in done.err
        with pytest.raises(OptionError, match="does not go with"):
            symnet.generate("1-1", form=form, optimize=optimization)  # type: ignore[call-arg]
        return
    assert old_target(form, optimization) is TARGETS[meant]
    assert (done.status, done.out) == (0, symnet.generate("1-1", target=meant))
    assert done.err == "".join(f"{word} is now --target: --target {meant}\n" for word, _ in given)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("form", "optimization"), SPELLED)
def test_an_old_spelling_and_a_target_are_refused_together(
    form: str | None, optimization: str | None, target: str, symnet_command: Command
) -> None:
    """Also where they agree, so that `numpy` does not mean two targets."""
    old = {"form": form, "optimize": optimization}
    given = [(f"--{word}", value) for word, value in old.items() if value]
    done = symnet_command("generate", "1-1", "--target", target, *itertools.chain(*given))
    assert (done.status, done.out, done.err) == (2, "", f"symnet: {given[0][0]} is now --target; give one of them\n")
    with pytest.raises(OptionError, match="and target are given; target alone is needed"):
        symnet.generate("1-1", target=target, **old)  # type: ignore[arg-type]


def test_a_layer_over_the_batch_is_refused_row_by_row() -> None:
    """Whatever the target is called that computes one row at a time."""
    from test_axes import ALONG_ROWS, network

    for target in ("python", TARGET):
        with pytest.raises(LoweringError, match=f"target {getattr(target, 'name', target)} computes one row at a time"):
            symnet.generate(network(ALONG_ROWS[0]), target=target)
