"""The gradient check: no false alarm on correct modules, and no wrong entry that it does not see."""

from __future__ import annotations

import inspect
import json
import re
import types
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import cache
from types import ModuleType
from typing import Any
from zlib import crc32

import numpy as np
import pytest
from sympy import Integer

import symnet
from symnet.check import gradient_check
from symnet.network.activations import ACTIVATIONS, Activation
from symnet.network.losses import LOSSES
from symnet.support.errors import GradcheckError
from symnet.support.modules import module_from_source
from symnet.support.progress import about

Array = np.ndarray[Any, Any]

DIFFERENTIABLE = [name for name in ACTIVATIONS if name not in ("step", "bipolar_step", "sign")]

SMOOTH = "3-4-2:tanh,identity"
"""Every entry of its gradients is of a size that a difference can see."""


@cache
def source(architecture: str, dtype: str) -> str:
    return symnet.generate(symnet.parse(architecture), dtype=dtype)


def compiled(architecture: str, dtype: str = "float64") -> ModuleType:
    """A module of its own, which a test may alter."""
    return module_from_source(source(architecture, dtype), "compiled")


def with_gradient(module: ModuleType, change: Callable[[dict[str, Array]], None]) -> ModuleType:
    """The module with gradients that `change` has altered, by parameter."""
    correct = module.gradient

    def altered(params: Any, x: Any, y: Any) -> Any:
        gradients = {name: array.copy() for name, array in correct(params, x, y)._asdict().items()}
        change(gradients)
        return module.Parameters(**gradients)

    module.gradient = altered  # type: ignore[attr-defined]
    return module


def one_entry_off(name: str, place: int, factor: float) -> Callable[[dict[str, Array]], None]:
    def change(gradients: dict[str, Array]) -> None:
        gradients[name].reshape(-1)[place] *= factor

    return change


@pytest.mark.parametrize("activation", DIFFERENTIABLE)
def test_each_activation_passes(activation: str) -> None:
    report = symnet.gradcheck(symnet.parse(f"3-4-2:{activation},identity"))
    assert report, str(report)


@pytest.mark.parametrize("loss", LOSSES)
def test_each_loss_passes(loss: str) -> None:
    report = symnet.gradcheck(symnet.parse("3-4-2", loss=loss))
    assert report, str(report)


@pytest.mark.parametrize(
    "architecture",
    [
        "1-1",
        "3-2[bias=false]",
        "3-3[residual]-3[residual,skip=2]-2:tanh,relu,softmax;loss=cross_entropy",
        "3-4[radial_basis]-2;loss=huber(delta=0.3)",
        "3-2[radial_basis]",
        "3-4-3:softmax,softmax;loss=squared_error;reduction=sum",
        "3-4-2:mine=z*tanh(log(1+exp(z))),identity;loss=log(cosh(a-y))",
        "3-4-2;l1=0.1;l2=0.2",
        "3-4-2:leaky_relu(slope=0.2),identity",
        "2-2-2-2-2-2-1",
    ],
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_correct_modules_of_other_kinds_pass(architecture: str, dtype: str) -> None:
    for seed in range(3):
        report = symnet.gradcheck(compiled(architecture, dtype), seed=seed)
        assert report, str(report)


@pytest.mark.parametrize("loss", LOSSES)
def test_correct_float32_modules_pass(loss: str) -> None:
    for seed in range(3):
        report = symnet.gradcheck(compiled(f"3-4-4-2;loss={loss}", "float32"), seed=seed)
        assert report, str(report)


@pytest.mark.parametrize(
    "architecture",
    [
        "5-8-8-3:relu,relu,identity;loss=absolute_error;l1=0.01",
        "4-6-6-6-2:leaky_relu,abs(z),relu,identity;loss=hinge",
    ],
)
def test_kinks_give_no_false_alarm(architecture: str) -> None:
    module = compiled(architecture)
    for seed in range(20):
        report = symnet.gradcheck(module, seed=seed, points=2)
        assert report, f"seed {seed}\n{report}"


@pytest.mark.parametrize("target", ["numpy", "numpy-plain"])
@pytest.mark.parametrize("seed", [1, 2])
def test_points_that_overflow_are_drawn_again_without_a_warning(seed: int, target: str) -> None:
    module = symnet.compile(symnet.parse("4-6-6-6-2:exp(z**2),exp(z**2),exp,exp"), target=target)
    assert symnet.gradcheck(module, seed=seed)


def test_the_loss_may_be_far_larger_than_its_derivatives() -> None:
    report = symnet.gradcheck(symnet.parse("3-4-2;loss=half_squared_error;reduction=sum"), rows=200)
    assert report, str(report)


@pytest.mark.parametrize("factor", [1 + 1e-4, 1 - 1e-4])
@pytest.mark.parametrize("name", ["W1", "b1", "W2", "b2"])
def test_one_entry_that_is_wrong_by_a_ten_thousandth_of_its_size_is_seen(name: str, factor: float) -> None:
    size = int(np.prod(compiled(SMOOTH).SHAPES[name]))
    for place in np.random.default_rng(len(name)).permutation(size)[:4]:
        report = symnet.gradcheck(with_gradient(compiled(SMOOTH), one_entry_off(name, int(place), factor)))
        assert not report
        wrong = {check.name: check for check in report.parameters if check.error > report.tolerance}
        assert list(wrong) == [name]
        assert wrong[name].error == pytest.approx(1e-4, rel=0.01)
        assert np.ravel_multi_index(wrong[name].position, wrong[name].shape) == place


@pytest.mark.parametrize(
    ("architecture", "name"),
    [
        ("3-4-2;loss=gaussian_nll", "beta"),
        ("3-4[radial_basis]-2", "c1"),
        ("3-4[radial_basis]-2", "s1"),
        ("3-4-2;loss=cross_entropy", "W1"),
        ("3-4-4-1;loss=binary_cross_entropy", "b2"),
        ("3-3[residual]-2:tanh,identity", "W1"),
        ("6-8-3:relu,identity;loss=absolute_error;l1=0.01", "W2"),
    ],
)
def test_one_wrong_entry_is_seen_in_networks_of_other_kinds(architecture: str, name: str) -> None:
    report = symnet.gradcheck(with_gradient(compiled(architecture), one_entry_off(name, 0, 1 + 1e-4)))
    assert [check.name for check in report.parameters if check.error > report.tolerance] == [name], str(report)


def transposed(gradients: dict[str, Array]) -> None:
    gradients["W2"] = gradients["W2"].T.copy()


def sign_changed(gradients: dict[str, Array]) -> None:
    gradients["W2"] *= -1


def summed_over_rows(gradients: dict[str, Array]) -> None:
    gradients["W2"] *= 5


def zero(gradients: dict[str, Array]) -> None:
    gradients["W2"] *= 0


def not_a_number(gradients: dict[str, Array]) -> None:
    gradients["W2"][1, 0] = np.nan


def infinite(gradients: dict[str, Array]) -> None:
    gradients["W2"][1, 0] = np.inf


def flattened(gradients: dict[str, Array]) -> None:
    gradients["W2"] = gradients["W2"].ravel()


def broadcastable(gradients: dict[str, Array]) -> None:
    gradients["W2"] = gradients["W2"].sum(axis=0, keepdims=True)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    "change",
    [transposed, sign_changed, summed_over_rows, zero, not_a_number, infinite, flattened, broadcastable],
)
def test_a_gradient_that_is_wrong_as_a_whole_is_seen(change: Callable[[dict[str, Array]], None], dtype: str) -> None:
    module = compiled("3-4-4-2:tanh,tanh,identity", dtype)
    report = symnet.gradcheck(with_gradient(module, change))
    assert not report
    assert [check.name for check in report.parameters if not check.error <= report.tolerance] == ["W2"]
    line = next(line for line in str(report).splitlines() if line.startswith("W2"))
    assert "WRONG" in line
    json.loads(report.to_json())


def test_two_gradients_of_the_same_shape_that_are_exchanged_are_seen() -> None:
    def exchanged(gradients: dict[str, Array]) -> None:
        gradients["W2"], gradients["W3"] = gradients["W3"], gradients["W2"]

    report = symnet.gradcheck(with_gradient(compiled("3-4-4-4"), exchanged))
    assert [check.name for check in report.parameters if check.error > report.tolerance] == ["W2", "W3"]


def test_a_gradient_where_there_should_be_none_is_seen() -> None:
    constant = symnet.Network(3, [symnet.Dense(4, Activation("constant", Integer(1))), symnet.Dense(2)])

    def added(gradients: dict[str, Array]) -> None:
        gradients["W1"][0, 0] += 1e-3

    assert not symnet.gradcheck(with_gradient(symnet.compile(constant), added))


@pytest.mark.parametrize("name", ["W1", "b1", "W2", "b2"])
def test_a_float32_gradient_that_is_off_by_a_thousandth_of_the_largest_is_seen(name: str) -> None:
    size = int(np.prod(compiled(SMOOTH).SHAPES[name]))
    for place in np.random.default_rng(5).permutation(size)[:3]:

        def change(gradients: dict[str, Array], place: int = int(place)) -> None:
            gradients[name].reshape(-1)[place] += 1e-3 * np.abs(gradients[name]).max()

        report = symnet.gradcheck(with_gradient(compiled(SMOOTH, "float32"), change))
        assert [check.name for check in report.parameters if check.error > report.tolerance] == [name]


def test_every_entry_of_a_large_parameter_is_covered(monkeypatch: pytest.MonkeyPatch) -> None:
    """W1 has more entries than are differenced one by one, and so in groups: none may hide in one."""
    monkeypatch.setattr(gradient_check, "GROUPS", 800)
    report = symnet.gradcheck(compiled("40-30-1:tanh,identity"), points=1, rows=2, entries=None)
    assert report, str(report)
    assert "drawn by seed" not in str(report)
    module = with_gradient(compiled("40-30-1:tanh,identity"), one_entry_off("W1", 17 * 30 + 23, 1 + 1e-3))
    report = symnet.gradcheck(module, points=1, rows=2, entries=None)
    wrong = [check for check in report.parameters if check.error > report.tolerance]
    assert [(check.name, check.position) for check in wrong] == [("W1", (17, 23))]


def test_the_same_seed_gives_the_same_report_and_another_seed_another() -> None:
    network = symnet.parse(SMOOTH)
    assert symnet.gradcheck(network, seed=3) == symnet.gradcheck(network, seed=3)
    assert symnet.gradcheck(network, seed=3) != symnet.gradcheck(network, seed=4)


def test_the_check_leaves_the_module_and_the_global_random_state_alone() -> None:
    module = compiled(SMOOTH, "float32")
    before = dict(vars(module))
    state = np.random.get_state(legacy=False)["state"]["key"].copy()
    symnet.gradcheck(module)
    assert {name: value for name, value in vars(module).items() if name != "__builtins__"} == {
        name: value for name, value in before.items() if name != "__builtins__"
    }
    assert np.array_equal(state, np.random.get_state(legacy=False)["state"]["key"])


def test_the_report_as_json() -> None:
    report = symnet.gradcheck(symnet.parse("3-4-2;loss=gaussian_nll"), points=2, rows=4, tolerance=1e-6)
    content = json.loads(report.to_json())
    assert content["agree"] is bool(report) is True
    assert content["architecture"] == symnet.to_string(symnet.parse("3-4-2;loss=gaussian_nll"))
    assert (content["points"], content["rows"], content["tolerance"]) == (2, 4, 1e-6)
    assert content["error"] == report.error == max(check.error for check in report.parameters)
    assert len(content["parameters"]) == 5
    for found, check in zip(content["parameters"], report.parameters, strict=True):
        assert found == {
            "name": check.name,
            "shape": list(check.shape),
            "error": check.error,
            "position": list(check.position),
            "gradient": check.gradient,
            "difference": check.difference,
            "entries": check.size,
            "largest": {
                "position": list(check.largest.position),
                "gradient": check.largest.gradient,
                "difference": check.largest.difference,
            },
        }


def test_numbers_that_json_does_not_have_are_null() -> None:
    content = json.loads(symnet.gradcheck(with_gradient(compiled("3-4-4-2"), flattened)).to_json())
    assert content["agree"] is False
    assert content["error"] is None
    assert content["parameters"][2]["error"] is None


def test_the_table_names_each_parameter_and_the_wrong_one() -> None:
    report = symnet.gradcheck(with_gradient(compiled(SMOOTH), one_entry_off("b1", 2, 1.01)))
    header, *rows, verdict = str(report).splitlines()
    assert header.split() == ["parameter", "shape", "largest", "error", "at", "gradient", "difference"]
    assert [row.split()[0] for row in rows] == ["W1", "b1", "W2", "b2"]
    assert [row.split()[-1] for row in rows] == ["agrees", "WRONG", "agrees", "agrees"]
    assert "[2]" in rows[1]
    assert verdict.startswith("the gradients do not agree")
    assert "all gradients agree" in str(symnet.gradcheck(symnet.parse(SMOOTH)))


def test_a_network_and_its_module_give_the_same_report() -> None:
    assert symnet.gradcheck(symnet.parse(SMOOTH)) == symnet.gradcheck(compiled(SMOOTH))


def test_a_module_that_came_from_elsewhere_is_refused() -> None:
    for module in (types.ModuleType("empty"), json, np):
        with pytest.raises(GradcheckError, match=r"^not a module that symnet generated: it has no "):
            symnet.gradcheck(module)


def test_a_module_for_forward_use_is_refused() -> None:
    module = symnet.compile(symnet.parse("2-2-1", hidden="step"), forward_only=True)
    with pytest.raises(GradcheckError, match="generated for forward use only"):
        symnet.gradcheck(module)


def test_a_loss_that_is_nowhere_finite_is_refused() -> None:
    module = compiled(SMOOTH)
    module.loss = lambda params, x, y: float("nan")  # type: ignore[attr-defined]
    with pytest.raises(GradcheckError, match="not finite"):
        symnet.gradcheck(module)


def test_a_float32_module_read_from_a_file_is_checked(tmp_path: Any) -> None:
    source = inspect.getsource(compiled(SMOOTH, "float32"))
    assert symnet.gradcheck(module_from_source(source, "read"))


# ---- samples, the table, progress ----

WIDE = "40-30-1:tanh,identity"


def entries_seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The parameter and the entry of every difference that is taken from now on."""
    seen: list[tuple[int, int]] = []
    along = gradient_check._Difference.along

    def watched(self: Any, group: Array, signs: Array, step: float) -> tuple[float, float]:
        seen.extend((self.place, int(entry)) for entry in group)
        return along(self, group, signs, step)

    monkeypatch.setattr(gradient_check._Difference, "along", watched)
    return seen


@pytest.mark.parametrize("entries", [1, 7, 30, 1200])
def test_as_many_entries_are_drawn_as_the_report_says(monkeypatch: pytest.MonkeyPatch, entries: int) -> None:
    seen = entries_seen(monkeypatch)
    report = symnet.gradcheck(compiled(WIDE), points=1, entries=entries)
    assert report
    assert [check.entries for check in report.parameters] == [min(entries, size) for size in (1200, 30, 30, 1)]
    assert [len({entry for place, entry in seen if place == number}) for number in range(4)] == [
        check.entries for check in report.parameters
    ]
    said = re.findall(r"([\d,]+) of the ([\d,]+) entries of (\w+)", str(report))
    sampled = [check for check in report.parameters if check.entries < check.size]
    assert said == [(f"{check.entries:,}", f"{check.size:,}", check.name) for check in sampled]


def test_the_seed_draws_the_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    draws = []
    for seed in (0, 0, 1):
        seen = entries_seen(monkeypatch)
        symnet.gradcheck(compiled(WIDE), points=1, entries=20, seed=seed)
        draws.append(sorted(set(seen)))
    assert draws[0] == draws[1] != draws[2]


def test_of_a_large_parameter_a_sample_is_checked_unless_all_are_asked_for() -> None:
    report = symnet.gradcheck(compiled("60-20-1:tanh,identity"), points=1)
    assert "1,000 of the 1,200 entries of W1, drawn by seed 0" in str(report)
    assert "entries of" not in str(symnet.gradcheck(compiled(SMOOTH)))


def test_the_largest_entry_is_in_every_sample_and_in_the_table() -> None:
    drawn: list[dict[str, Array]] = []
    report = symnet.gradcheck(with_gradient(compiled(WIDE), drawn.append), entries=1)
    assert report
    for check in report.parameters:
        largest = max(abs(gradients[check.name]).max() for gradients in drawn)
        assert abs(check.largest.gradient) == largest
        assert any(abs(gradients[check.name][check.largest.position]) == largest for gradients in drawn)
        assert check.largest.difference == pytest.approx(check.largest.gradient, rel=1e-6)
        assert f"{check.largest.gradient:.6g}" in str(report)

    def wrong(gradients: dict[str, Array]) -> None:
        flat = gradients["W1"].reshape(-1)
        flat[np.argmax(abs(flat))] *= 1.001

    report = symnet.gradcheck(with_gradient(compiled(WIDE), wrong), entries=1)
    assert [check.name for check in report.parameters if check.error > report.tolerance] == ["W1"]


def test_small_errors_are_printed_without_their_digits() -> None:
    report = symnet.gradcheck(compiled(SMOOTH))
    assert 0 < report.error < 1e-9
    assert str(report).count("< 1e-9") == 5
    wrong = symnet.gradcheck(with_gradient(compiled(SMOOTH), one_entry_off("W1", 0, 1 + 1e-4)))
    assert re.search(r"W1 +\(3, 4\) +(9\.9|1\.0)e-0[45] +\[0, 0\]", str(wrong))


def test_progress_is_told_of_every_step_and_long_work_is_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[int] = []

    class Bar:
        def update(self, number: int) -> None:
            steps.append(number)

    def progress(total: int) -> Any:
        steps.append(-total)
        return nullcontext(Bar())

    announced: list[str] = []
    symnet.gradcheck(compiled(WIDE), entries=100, points=2, progress=progress, announce=announced.append)
    assert sum(steps) == 0
    assert steps[0] == -2 * (100 + 30 + 30 + 1)
    assert announced == []
    monkeypatch.setattr(gradient_check, "LONG", 0.0)
    symnet.gradcheck(compiled(WIDE), entries=100, points=2, announce=announced.append)
    assert announced == [], "a few differences are never announced, however slow a machine is"
    monkeypatch.setattr(gradient_check, "MANY", 300)
    symnet.gradcheck(compiled(WIDE), entries=100, points=2, announce=announced.append)
    (line,) = announced
    assert re.fullmatch(r"322 differences of the loss, which take about (a second|\d+ (s|min|h))", line)


@pytest.mark.parametrize(
    "options",
    [
        *({name: value} for name in ("points", "rows", "entries") for value in (0, -1, 1.5, "3", True, [])),
        {"tolerance": 2},
    ],
    ids=str,
)
def test_options_out_of_range_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(GradcheckError, match="is needed"):
        symnet.gradcheck(compiled(SMOOTH), **options)


Point = tuple[tuple[Array, ...], Array, Array]


def with_points_watched(module: ModuleType, wrong_at: int | None = None) -> tuple[ModuleType, list[Point]]:
    """The module, and every point at which its gradient is asked for; at the point of this number it is wrong."""
    correct, points, known = module.gradient, list[Point](), list[bytes]()

    def gradient(params: Any, x: Any, y: Any) -> Any:
        if x.tobytes() not in known:
            known.append(x.tobytes())
            points.append((tuple(array.copy() for array in params), x.copy(), y.copy()))
        found = correct(params, x, y)
        if known.index(x.tobytes()) != wrong_at:
            return found
        return module.Parameters(*(1.5 * array for array in found))

    module.gradient = gradient  # type: ignore[attr-defined]
    return module, points


@pytest.mark.parametrize(("points", "rows"), [(1, 1), (2, 3), (5, 4)])
def test_every_point_is_drawn_anew(points: int, rows: int) -> None:
    module, seen = with_points_watched(compiled("3-40-2:tanh,identity"))
    assert symnet.gradcheck(module, points=points, rows=rows)
    assert len(seen) == points
    assert {(x.shape, y.shape) for _, x, y in seen} == {((rows, 3), (rows, 2))}
    for place in range(points):
        params, x, y = seen[place]
        assert 0 < abs(params[1]).max() < 1  # the biases, which a network starts with at 0
        for earlier, earlier_x, earlier_y in seen[:place]:
            pairs = [*zip(params, earlier, strict=True), (x, earlier_x), (y, earlier_y)]
            assert all((one != other).all() for one, other in pairs)


@pytest.mark.parametrize("wrong_at", range(4))
def test_a_gradient_that_is_wrong_at_one_point_alone_is_seen(wrong_at: int) -> None:
    module, seen = with_points_watched(compiled(SMOOTH), wrong_at)
    report = symnet.gradcheck(module, points=4)
    assert not report
    assert all(check.error > report.tolerance for check in report.parameters)
    assert len(seen) == 4


@pytest.mark.parametrize("loss", LOSSES)
def test_targets_are_what_the_loss_takes(loss: str) -> None:
    module, seen = with_points_watched(compiled(f"3-4-3;loss={loss}"))
    assert symnet.gradcheck(module)
    for _, _, y in seen:
        assert len(np.unique(y)) > 1
        if module.TARGETS in ("probabilities", "unit interval"):
            assert ((y >= 0) & (y <= 1)).all()
        if module.TARGETS == "probabilities":
            np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-12)


def with_error(report: symnet.Gradcheck, error: float) -> symnet.Gradcheck:
    return replace(report, parameters=tuple(replace(check, error=error) for check in report.parameters))


def test_what_is_within_the_tolerance_agrees_and_what_is_beyond_does_not() -> None:
    report = symnet.gradcheck(compiled(SMOOTH), points=1)
    at, beyond = with_error(report, report.tolerance), with_error(report, float(np.nextafter(report.tolerance, 1)))
    assert (bool(at), bool(beyond)) == (True, False)
    assert ("WRONG" in str(at), "WRONG" in str(beyond)) == (False, True)
    assert [json.loads(each.to_json())["agree"] for each in (at, beyond)] == [True, False]
    tiny = str(with_error(report, 1e-30))
    assert tiny == str(with_error(report, 2e-30))
    assert tiny != str(with_error(report, 2e-8)) != str(with_error(report, 3e-8))


@pytest.mark.parametrize("change", [None, one_entry_off("W1", 2, 1.01)])
def test_a_report_has_capitals_for_what_is_wrong_alone(change: Callable[[dict[str, Array]], None] | None) -> None:
    module = compiled("3-4-2:tanh,identity;loss=squared_error")
    report = symnet.gradcheck(with_gradient(module, change) if change else module, entries=7)
    for said in (str(report), repr(report).replace("Gradcheck", ""), report.to_json()):
        capitals = {word for word in re.findall(r"\w+", said) if re.search("[A-Z]", word)}
        assert capitals <= {*module.SHAPES, *(("WRONG",) if change else ())}, said


@pytest.mark.parametrize("seconds", [0.01, 1, 1.4, 2, 3, 59, 119, 120, 200, 3_599, 7_199, 7_200, 100_000])
def test_a_time_is_told_to_a_third(seconds: float) -> None:
    said = about(seconds).replace("a second", "1 s")
    match = re.fullmatch(r"about (\d+) (s|min|h)", said)
    assert match
    told = int(match[1]) * {"s": 1, "min": 60, "h": 3_600}[match[2]]
    assert abs(told - max(seconds, 1)) <= max(seconds, 1) / 3
    assert int(match[1]) <= 120
    assert match[1] != "1" or match[2] == "s"


@pytest.mark.parametrize("factor", [0.0, 0.25, 3.0, -1.0, 1e4])
@pytest.mark.parametrize(("name", "place"), [("W1", 5), ("b2", 1)])
def test_an_error_is_relative_to_the_larger_of_gradient_and_difference(name: str, place: int, factor: float) -> None:
    report = symnet.gradcheck(with_gradient(compiled(SMOOTH), one_entry_off(name, place, factor)), points=1)
    (wrong,) = [check for check in report.parameters if check.error > report.tolerance]
    assert np.ravel_multi_index(wrong.position, wrong.shape) == place
    assert wrong.error == pytest.approx(abs(1 - factor) / max(1, abs(factor)), rel=1e-6)
    assert wrong.gradient == pytest.approx(factor * wrong.difference, rel=1e-6)


@pytest.mark.parametrize("tolerance", [1e-7, 1e-3, 0.3, 0.9])
def test_the_tolerance_decides_what_is_wrong(tolerance: float) -> None:
    for share, right in ((0.9, True), (1.1, False)):
        module = with_gradient(compiled("3-4-2:sin(z),identity"), one_entry_off("W2", 3, 1 - share * tolerance))
        found = symnet.gradcheck(module, tolerance=tolerance)
        assert bool(found) is right, f"{share} of {tolerance}\n{found}"


def test_a_loss_of_0_everywhere_has_gradients_of_0() -> None:
    report = symnet.gradcheck(symnet.parse("2-2:identity;loss=relu(-1-a**2)"))
    assert report
    assert report.error == 0
    assert {(check.gradient, check.difference) for check in report.parameters} == {(0, 0)}


def with_noise(module: ModuleType, noisy: int) -> tuple[ModuleType, list[bytes]]:
    """The module with a loss that jumps wherever W1[1, 0] moves, for the first so many drawn inputs, which it lists."""
    correct, drawn = module.loss, list[bytes]()

    def loss(params: Any, x: Any, y: Any) -> Any:
        if x.tobytes() not in drawn:
            drawn.append(x.tobytes())
        jump = crc32(params[0][1, 0].tobytes()) % 1_000 / 1e5
        return correct(params, x, y) + jump * (drawn.index(x.tobytes()) < noisy)

    module.loss = loss  # type: ignore[attr-defined]
    return module, drawn


@pytest.mark.parametrize("noisy", [0, 1, 2, 5, 6, 7])
def test_a_point_at_which_differences_settle_nothing_is_drawn_again_five_times_at_most(noisy: int) -> None:
    module, drawn = with_noise(compiled("3-1:identity"), noisy)
    report = symnet.gradcheck(module, points=1)
    assert len(drawn) == 1 + min(noisy, 5)
    assert [check.error > report.tolerance for check in report.parameters] == [noisy > 5, False]


def test_a_loss_without_a_derivative_has_no_right_gradient() -> None:
    module, drawn = with_noise(compiled("3-1:identity"), 10**6)
    weights, bias = symnet.gradcheck(module, points=2).parameters
    assert 1e-5 < weights.error < np.inf
    assert weights.position == (1, 0)
    assert bias.error <= 1e-5
    assert len(drawn) == 2 + 2 * 5


def test_a_proof_that_an_entry_is_wrong_outweighs_a_larger_error_that_is_not_settled() -> None:
    settled, unsettled = (
        gradient_check.Outcome(error, 1.0, 2.0, settled) for error, settled in ((0.1, True), (0.9, False))
    )
    right = gradient_check.Outcome(1e-9, 1.0, 1.0, settled=True)
    ranked = sorted((settled, unsettled, right), key=lambda outcome: outcome.gravity(1e-5))
    assert ranked == [right, unsettled, settled]


@pytest.mark.parametrize("groups", [2, 3, 7, 40, 10**6])
@pytest.mark.parametrize("entries", [1, 2, 20, 29, 30])
def test_each_drawn_entry_is_in_one_group_with_those_of_similar_size(
    monkeypatch: pytest.MonkeyPatch, entries: int, groups: int
) -> None:
    monkeypatch.setattr(gradient_check, "GROUPS", groups)
    sizes = np.random.default_rng(groups).random(30)
    found = gradient_check._groups(sizes, entries, np.random.default_rng(1))
    flat = np.concatenate(found)
    assert len(flat) == len(set(flat)) == entries
    assert list(found[-1]) == [np.argmax(sizes)]
    assert (np.diff(sizes[flat]) > 0).all()
    assert len(found) == min(entries, groups)
    lengths = {len(group) for group in found[:-1]} or {1}
    assert max(lengths) - min(lengths) <= 1


@pytest.mark.parametrize("noise", [0.0, 1e-3])
def test_a_difference_of_fourth_order_is_exact_for_polynomials_of_fourth_degree(noise: float) -> None:
    """And a loss is held to be right to some roundings of itself, divided by the step."""

    class Quartic:
        parameters = (np.zeros(2), np.array([0.5, -0.25]))

        def loss(self, parameters: Any) -> float:
            one, other = parameters[1]
            return float(1e3 + noise + one**4 - 2 * one**3 * other + other)

    difference = gradient_check._Difference(Quartic(), 1, np.zeros(2), 0.0, 1e-5)  # type: ignore[arg-type]
    slopes = 4 * 0.5**3 + 6 * 0.5**2 * 0.25, 1 - 2 * 0.5**3
    for step in (0.1, 0.01):
        for group, signs in (([0], [1.0]), ([1], [-1.0]), ([0, 1], [1.0, -1.0])):
            found, rounding = difference.along(np.array(group), np.array(signs), step)
            assert found == pytest.approx(sum(s * slopes[g] for g, s in zip(group, signs, strict=True)), abs=rounding)
            assert rounding == pytest.approx(gradient_check.ROUNDING * 1e3 / step, rel=1e-2)
    assert np.array_equal(Quartic.parameters[1], [0.5, -0.25])


@pytest.mark.parametrize(("factor", "digits"), [(1.0, 6), (1.001, 10)])
def test_numbers_of_the_table_have_six_digits_and_ten_where_they_differ(factor: float, digits: int) -> None:
    report = symnet.gradcheck(with_gradient(compiled(SMOOTH), one_entry_off("b1", 1, factor)), points=1)
    check = report.parameters[1]
    row = str(report).splitlines()[2].split()
    shown = check.largest if factor == 1 else check
    assert row[-3:-1] == [f"{shown.gradient:.{digits}g}", f"{shown.difference:.{digits}g}"]
    assert f"[{shown.position[0]}]" in row


def test_an_error_is_told_from_a_billionth_on() -> None:
    report = symnet.gradcheck(compiled(SMOOTH), points=1)
    assert "< 1e-9" in str(with_error(report, float(np.nextafter(1e-9, 0))))
    assert "largest relative error 1.0e-09," in str(with_error(report, 1e-9))


def test_a_float32_gradient_is_allowed_its_own_rounding_and_a_float64_gradient_none() -> None:
    """16 times what roundings of everything change, so a few hundred roundings of the largest entry of most arrays."""
    for dtype in ("float64", "float32"):
        module = compiled(SMOOTH, dtype)
        rng = np.random.default_rng(0)
        point = gradient_check._Point(module, rng, 5)
        assert [array.dtype for array in (point.x, point.y, *point.parameters)] == [dtype] * (2 + len(module.SHAPES))
        for name, allowed in point.allowances.items():
            largest = abs(point.gradients[name]).max()
            roundings = allowed / (largest * np.finfo(np.float32).eps)
            assert (16 <= roundings <= 2_000) if dtype == "float32" else allowed == 0


def without_float32(module: ModuleType) -> ModuleType:
    """A float32 module whose source does not say so where symnet writes it."""
    return module_from_source(inspect.getsource(module).replace("= np.float32", "= (np.float32)"), "changed")


@pytest.mark.parametrize(
    ("module", "said"),
    [
        (lambda: types.ModuleType("empty"), "has no ARCHITECTURE"),
        (lambda: symnet.compile(symnet.parse("2-2-1"), forward_only=True), "forward use only; it has no gradients"),
        (lambda: without_float32(compiled(SMOOTH, "float32")), "no line that sets DTYPE to float32"),
    ],
)
def test_what_is_said_of_a_module_that_cannot_be_checked_is_a_sentence(
    module: Callable[[], ModuleType], said: str
) -> None:
    with pytest.raises(GradcheckError) as caught:
        symnet.gradcheck(module())
    message = str(caught.value)
    assert said in message
    assert re.fullmatch(r"(not a|the) module [ -~]*\w", message)
    assert not re.search(r"None|[A-Z]{2}", re.sub("DTYPE|ARCHITECTURE", "", message))


@pytest.mark.parametrize(("factor", "said"), [(1.0, "all agree"), (1.01, "do not agree")])
def test_a_report_says_in_short_whether_all_agree(factor: float, said: str) -> None:
    report = symnet.gradcheck(with_gradient(compiled(SMOOTH), one_entry_off("W1", 1, factor)), points=1)
    assert repr(report).startswith(f"<Gradcheck of '{SMOOTH}")
    assert repr(report).endswith(f": 4 gradients {said}>")


def test_a_float32_gradient_is_allowed_what_roundings_of_its_inputs_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every entry of every array is moved by a rounding of its own, and nothing else is."""
    module, seen = compiled(SMOOTH, "float32"), list[Point]()
    gradients = gradient_check._Point._gradients

    def watched(self: Any, module: ModuleType, parameters: Any, x: Array) -> Any:
        seen.append((tuple(map(np.asarray, parameters)), x, self.y))
        return gradients(self, module, parameters, x)

    monkeypatch.setattr(gradient_check._Point, "_gradients", watched)
    gradient_check._Point(module, np.random.default_rng(2), 5)
    _, exact, *moved = seen
    assert len(moved) == 4
    for point in moved:
        for array, right in zip((*point[0], point[1]), (*exact[0], exact[1]), strict=True):
            roundings = (array / right - 1) / np.finfo(np.float32).eps
            assert np.isfinite(roundings).all()
            assert len(np.unique(roundings.round(3))) > 0.9 * roundings.size
            assert 0.01 < abs(roundings).mean() < 3
