"""The commands: what they print and write, their exit status; every error is one line and leaves files alone."""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from conftest import Command, Result, under_another_hash_seed

import symnet
from symnet.network.activations import ACTIVATIONS
from symnet.network.layers.kinds import LAYER_KINDS
from symnet.network.losses import LOSSES
from symnet.support.modules import module_from_source

BUSY = "3-4-4[residual]-3[radial_basis]-2:gelu,mish,softmax;loss=cross_entropy;l1=0.001;l2=0.01;reduction=sum"
"""A network with much in it whose order could depend on the hash seed."""


COMMAND = "import sys; sys.argv = {}; from symnet.cli import run; run()"


def in_a_process(arguments: Sequence[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env={**os.environ, **environment}, capture_output=True, timeout=600
    )


def assert_one_line_error(result: Result) -> str:
    assert result.status == 2
    assert result.out == ""
    assert re.fullmatch(r"symnet: [ -~]+\n", result.err), result.err
    assert "Traceback" not in result.err
    return result.err


# ---- generate ----


def imported(source: str) -> ModuleType:
    return module_from_source(source, "generated_by_the_command")


def test_generate_writes_to_standard_output_or_to_a_file(symnet_command: Command, tmp_path: Path) -> None:
    printed = symnet_command("generate", "2-3-1", "--hidden", "tanh")
    assert (printed.status, printed.err) == (0, "")
    written = symnet_command("generate", "2-3-1", "--hidden", "tanh", "-o", "net.py")
    assert (written.status, written.out) == (0, "")
    assert "net.py" in written.err
    assert (tmp_path / "net.py").read_text() == printed.out
    module = imported(printed.out)
    assert module.forward(module.init(0), np.zeros((4, 2))).shape == (4, 1)


def test_generate_is_what_the_python_call_gives(symnet_command: Command) -> None:
    arguments = ("2-3-2", "--hidden", "relu", "--loss", "cross_entropy", "--reduction", "sum")
    options = ("--l1", "0.1", "--l2", "0.5", "--name", 'a "b"', "--dtype", "float32")
    network = symnet.parse("2-3-2", hidden="relu", loss="cross_entropy", reduction="sum", l1=0.1, l2=0.5, name='a "b"')
    assert symnet_command("generate", *arguments, *options).out == symnet.generate(network, dtype="float32")


def test_generate_replaces_an_existing_file_whole(symnet_command: Command, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("old " * 100_000)
    assert symnet_command("generate", "2-1", "-o", "net.py").status == 0
    assert (tmp_path / "net.py").read_text() == symnet.generate(symnet.parse("2-1"))
    assert [entry.name for entry in tmp_path.iterdir()] == ["net.py"]


def test_generate_imports_numpy_alone(symnet_command: Command) -> None:
    tree = ast.parse(symnet_command("generate", BUSY.replace("gelu", "tanh")).out)
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in modules} - sys.stdlib_module_names == {"numpy"}


def test_generate_forward_only_serves_functions_without_a_gradient(symnet_command: Command) -> None:
    assert "--forward-only" in assert_one_line_error(symnet_command("generate", "2-3-1", "--hidden", "step"))
    result = symnet_command("generate", "2-3-1", "--hidden", "step", "--forward-only")
    assert result.status == 0
    module = imported(result.out)
    assert module.forward(module.init(0), np.ones((2, 2))).shape == (2, 1)
    assert not hasattr(module, "gradient")


def test_a_name_cannot_leave_its_docstring(symnet_command: Command) -> None:
    result = symnet_command("generate", "2-1", "--name", '"""\nimport os\nos.abort()\n"""\\')
    assert result.status == 0
    assert "os" not in vars(imported(result.out))


def test_a_toml_file_serves_as_architecture(symnet_command: Command, tmp_path: Path) -> None:
    network = symnet.parse(BUSY, name="from a file")
    (tmp_path / "net.toml").write_text(symnet.to_toml(network))
    assert symnet_command("generate", "net.toml").out == symnet.generate(network)
    assert (
        symnet_command("equations", "net.toml", "--json").out
        == symnet_command("equations", BUSY, "--name", "from a file", "--json").out
    )
    assert symnet_command("gradcheck", "net.toml").status == 0


# ---- gradcheck ----


@pytest.fixture
def generated(tmp_path: Path) -> str:
    return symnet.generate(symnet.parse("3-4-2", hidden="tanh"), target="numpy-plain")


def test_gradcheck_agrees_with_a_module_as_generated(symnet_command: Command, tmp_path: Path, generated: str) -> None:
    (tmp_path / "net.py").write_text(generated)
    result = symnet_command("gradcheck", "net.py")
    assert (result.status, result.err) == (0, "")
    assert all(name in result.out for name in ("W1", "b1", "W2", "b2", "agree"))


@pytest.mark.parametrize("name", ["W1", "b1", "W2", "b2"])
def test_gradcheck_notices_one_wrong_entry(symnet_command: Command, tmp_path: Path, generated: str, name: str) -> None:
    entry = {"W1": "[2, 3]", "b1": "[1]", "W2": "[0, 1]", "b2": "[0]"}[name]
    wrong = re.sub(rf"(\n +)({name}_bar = .*)", rf"\1\2\1{name}_bar{entry} *= 1.0001", generated)
    assert wrong != generated
    (tmp_path / "net.py").write_text(wrong)
    result = symnet_command("gradcheck", "net.py", "--json")
    assert result.status == 1
    report = json.loads(result.out)
    assert report["agree"] is False
    errors = {check["name"]: check["error"] for check in report["parameters"]}
    assert errors[name] == pytest.approx(1e-4, rel=0.05)
    assert all(error <= report["tolerance"] for other, error in errors.items() if other != name)
    assert "WRONG" in symnet_command("gradcheck", "net.py").out


def test_gradcheck_reports_json_with_its_settings(symnet_command: Command) -> None:
    result = symnet_command("gradcheck", "2-3-1", "--points", "2", "--rows", "4", "--tolerance", "1e-4", "--json")
    report = json.loads(result.out)
    assert result.status == 0
    assert report["agree"] is True
    assert (report["points"], report["rows"], report["tolerance"]) == (2, 4, 1e-4)
    assert {check["name"]: check["shape"] for check in report["parameters"]} == {
        "W1": [2, 3],
        "b1": [3],
        "W2": [3, 1],
        "b2": [1],
    }
    assert 0 <= report["error"] == max(check["error"] for check in report["parameters"]) <= 1e-4


def test_gradcheck_draws_by_its_seed(symnet_command: Command) -> None:
    first, same, other = (symnet_command("gradcheck", "2-3-1", "--seed", seed).out for seed in "001")
    assert first == same != other


@pytest.mark.parametrize(
    "source",
    [
        *(
            "",
            "x = 1",
            "x = (",
            "x = '\0'",
            "import not_there",
            "1 / 0",
            "raise KeyError('a\\nb')",
            "raise SystemExit(0)",
        ),
        *("raise RuntimeError", "def f(): f()\nf()", "print(undefined)", "assert False", "import os\nos.nothing"),
    ],
)
def test_gradcheck_of_a_module_that_was_not_generated(symnet_command: Command, tmp_path: Path, source: str) -> None:
    (tmp_path / "net.py").write_text(source)
    assert_one_line_error(symnet_command("gradcheck", "net.py"))


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (r"return Parameters\(W1_bar, b1_bar, W2_bar, b2_bar\)", "return (W1_bar, b1_bar)"),
        (r"return Parameters\(W1_bar, b1_bar, W2_bar, b2_bar\)", "return Parameters(W1_bar)"),
        (r"return Parameters\(W1_bar, b1_bar, W2_bar, b2_bar\)", "return None"),
        (r"return float\(C\)\n", "return 'much'\n"),
        (r"return float\(C\)\n", "return float('nan')\n"),
        (r"return float\(C\)\n", "return not_there\n"),
        (r"INPUTS = 3", "INPUTS = 'three'"),
        (r"INPUTS = 3", "INPUTS = 4"),
        (r"np\.float64\n_", "'much'\n_"),
    ],
)
def test_gradcheck_of_a_module_that_was_broken_by_hand(
    symnet_command: Command, tmp_path: Path, generated: str, pattern: str, replacement: str
) -> None:
    broken = re.sub(pattern, replacement, generated)
    assert broken != generated
    (tmp_path / "net.py").write_text(broken)
    assert_one_line_error(symnet_command("gradcheck", "net.py"))


def test_gradcheck_of_a_module_without_gradients(symnet_command: Command, tmp_path: Path) -> None:
    symnet_command("generate", "2-1", "--forward-only", "-o", "net.py")
    assert "forward use only" in assert_one_line_error(symnet_command("gradcheck", "net.py"))


# ---- equations ----


def test_equations_forward_and_backward(symnet_command: Command) -> None:
    forward = symnet_command("equations", "2-3-1")
    backward = symnet_command("equations", "2-3-1", "--backward")
    assert (forward.status, backward.status) == (0, 0)
    assert "W1_bar" not in forward.out
    for name in ("W1", "b1", "W2", "b2"):
        assert re.search(rf"\b{name}\b", forward.out)
        assert re.search(rf"\b{name}_bar\[.*\] = ", backward.out)
    assert all(shape in forward.out for shape in ("(N, 2)", "(2, 3)", "(3, 1)", "(N, 1)"))


def test_equations_as_json(symnet_command: Command) -> None:
    forward = json.loads(symnet_command("equations", BUSY, "--json").out)
    backward = json.loads(symnet_command("equations", BUSY, "--backward", "--json").out)
    assert symnet.parse(backward["architecture"]) == symnet.parse(BUSY)
    assert forward["gradients"] == {}
    parameters = {array["name"]: array["shape"] for array in backward["arrays"] if array["name"] not in ("x", "y")}
    assert set(backward["gradients"]) == set(parameters)
    shapes = {equation["name"]: equation["shape"] for equation in backward["equations"]}
    assert {name: shapes[gradient] for name, gradient in backward["gradients"].items()} == parameters
    known = {array["name"] for array in backward["arrays"]} | {"C"}
    for equation in backward["equations"]:
        used = set(re.findall(r"(\w+)\[", equation["equation"].partition(" = ")[2]))
        assert used <= known, "an equation uses what comes after it"
        assert equation["steps"]
        known.add(equation["name"])


def test_equations_as_latex(symnet_command: Command) -> None:
    result = symnet_command("equations", "2-3-1", "--backward", "--latex")
    assert result.status == 0
    assert result.out.count("{") == result.out.count("}")
    assert result.out.count(r"\left") == result.out.count(r"\right")
    assert sorted(re.findall(r"\\begin\{(\w+\*?)\}", result.out)) == sorted(
        re.findall(r"\\end\{(\w+\*?)\}", result.out)
    )
    assert r"\sum" in result.out


def test_a_title_cannot_steer_the_terminal(symnet_command: Command) -> None:
    for options in ((), ("--backward",), ("--json",), ("--latex",)):
        out = symnet_command("equations", "2-1", "--name", "\x1b[31mred\n\x9b", *options).out
        assert not re.search(r"[^\n -~]", out.replace("\u2026", ""))


# ---- list, help ----


@pytest.mark.parametrize(("what", "names"), [("activations", ACTIVATIONS), ("losses", LOSSES), ("layers", LAYER_KINDS)])
def test_list_names_all_with_their_formulas(symnet_command: Command, what: str, names: dict[str, object]) -> None:
    result = symnet_command("list", what)
    assert (result.status, result.err) == (0, "")
    lines = [line.split(None, 1) for line in result.out.splitlines()]
    formulas = {line[0]: line[1] for line in lines if len(line) == 2}
    assert set(names) <= set(formulas)


def test_help_and_version(symnet_command: Command) -> None:
    for command in ((), ("generate",), ("gradcheck",), ("equations",), ("list",)):
        result = symnet_command(*command, "--help")
        assert result.status == 0
        assert "Usage:" in result.out
        assert max(map(len, result.out.splitlines())) <= 100
    assert symnet_command("--version").out == f"symnet {symnet.__version__}\n"


def test_help_does_not_wait_for_sympy_or_numpy(tmp_path: Path) -> None:
    program = (
        "import sys; sys.argv = ['symnet', '--help']; import symnet.cli; symnet.cli.run(); "
        "print('loaded', sorted({'sympy', 'numpy', 'mpmath', 'jinja2'} & set(sys.modules)))"
    )
    result = in_a_process(["-c", program], tmp_path)
    assert result.stdout.decode().splitlines()[-1] == "loaded []"
    assert (result.returncode, result.stderr) == (0, b"")


# ---- the same bytes everywhere ----


def test_the_output_does_not_depend_on_the_hash_seed(symnet_command: Command, tmp_path: Path) -> None:
    for command in (["generate", BUSY], ["equations", BUSY, "--backward", "--json"]):
        here, other = symnet_command(*command), under_another_hash_seed(COMMAND.format(["symnet", *command]))
        assert here.status == 0
        assert len(here.out) > 1_000
        assert here.out == other


def test_output_does_not_depend_on_the_locale_and_a_closed_pipe_is_no_traceback(tmp_path: Path) -> None:
    plain = in_a_process(["-m", "symnet", "list", "losses"], tmp_path, PYTHONUTF8="1")
    bare = in_a_process(
        ["-m", "symnet", "list", "losses"], tmp_path, PYTHONUTF8="0", LC_ALL="C", PYTHONIOENCODING="ascii"
    )
    assert plain.stdout == bare.stdout
    read, write = os.pipe()
    os.close(read)
    closed = subprocess.run(
        [sys.executable, "-m", "symnet", "list", "losses"], stdout=write, stderr=subprocess.PIPE, check=False
    )
    os.close(write)
    assert b"Traceback" not in closed.stderr
    assert b"Exception" not in closed.stderr


# ---- bad input ----

BAD_NETWORKS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("2-2-1", "--hidden", "rellu"), "did you mean 'relu'?"),
    (("2-2-1", "--output", "idenity"), "did you mean 'identity'?"),
    (("2-2-1", "--loss", "cross_entrpy"), "did you mean 'cross_entropy'?"),
    (("2-2-1", "--reduction", "max"), "mean, sum"),
    (("2-2-1", "--hidden", "z^2"), "a power is written **"),
    (("2-2-1", "--hidden", "__import__('os').system('touch pwned')"), "a call is a function's name"),
    (("2-2-1", "--hidden", "9**9**9"), "exponent"),
    (("2-2-1", "--l1", "nan"), "l1"),
    (("2-2-1", "--l2", "-1"), "l2"),
    (("2-2-1", "--l1", "much"), "--l1"),
    (("2-2-1", "--name", "x" * 201), "200"),
    (("2-0-1",), "1,000,000"),
    (("2--1-1",), "whole number"),
    (("2-2.5-1",), "whole number"),
    (("2-1000000000-1",), "1,000,000"),
    (("2-\uff12-1",), "whole number"),
    (("-1",), ""),
    (("",), ""),
    (("\udcff",), ""),
    (("2-2\n-\x1b[31m1",), ""),
    (("65536-65536",), "2^31"),
    (("-".join(["1"] * 1002),), "1,000"),
    (("2-2-1", "--loss", "cross_entropy"), "sigmoid"),
    (("2-3-3", "--output", "tanh", "--loss", "cross_entropy"), "softmax"),
    (("2-3-3", "--output", "tanh", "--loss", "binary_cross_entropy"), "sigmoid"),
    (("2-3[residual]-1",), "layer 1"),
    (("2-2-1:tanh,identity", "--hidden", "relu"), "choose one of them"),
    (("2-2-1;loss=hinge", "--loss", "hinge"), "twice"),
    (("missing.toml",), "no such file"),
    (("folder.toml",), "cannot read"),
    (("typo.toml",), "did you mean 'units'?"),
    (("text.toml",), "not TOML"),
    (("bytes.toml",), "not UTF-8"),
    (("good.toml", "--hidden", "relu"), "--hidden does not go with a TOML file"),
    (("2-2-1", "--hiden", "relu"), "--hidden"),
    (("2-2-1", "more"), "more"),
    ((), "ARCHITECTURE"),
)


@pytest.fixture
def bad_files(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "typo.toml").write_text("[network]\ninputs = 2\n[[layers]]\nunit = 1\n")
    (tmp_path / "text.toml").write_text("2-2-1")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "good.toml").write_text("[network]\ninputs = 2\n[[layers]]\nunits = 1\n")


@pytest.mark.usefixtures("bad_files")
@pytest.mark.parametrize(("arguments", "part"), BAD_NETWORKS, ids=lambda value: ascii(value)[:40])
def test_bad_input_is_one_line_and_an_existing_file_stays(
    symnet_command: Command, tmp_path: Path, arguments: tuple[str, ...], part: str
) -> None:
    (tmp_path / "old.py").write_bytes(b"old\r\n\xff")
    before = sorted(entry.name for entry in tmp_path.iterdir())
    assert part in assert_one_line_error(symnet_command("generate", "-o", "old.py", *arguments))
    assert (tmp_path / "old.py").read_bytes() == b"old\r\n\xff"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == before
    assert part in assert_one_line_error(symnet_command("equations", "--backward", *arguments))


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("generat", "2-1"), "generat"),
        (("list",), ""),
        (("list", "activation"), "did you mean 'activations'?"),
        (("list", "everything"), "losses"),
        (("generate", "2-1", "--dtype", "float16"), "float32"),
        (("generate", "2-1", "--dtype", ""), "float32"),
        (("generate", "2-1", "-o"), "-o"),
        (("generate", "2-1", "--forward-only=1"), "--forward-only"),
        (("equations", "2-1:sign", "--backward"), "sign"),
        (("gradcheck",), "SUBJECT"),
        (("gradcheck", "2-0-1"), "1,000,000"),
        (("gradcheck", "2-3-1:step,identity"), "layer 1: step"),
        (("gradcheck", "missing.py"), "no such file"),
        (("gradcheck", "."), ""),
        (("gradcheck", "a\nb.py"), ""),
        (("gradcheck", "2-1", "--points", "0"), "--points"),
        (("gradcheck", "2-1", "--points", "2.5"), "--points"),
        (("gradcheck", "2-1", "--rows", "-1"), "--rows"),
        (("gradcheck", "2-1", "--seed", "-1"), "--seed"),
        (("gradcheck", "2-1", "--tolerance", "0"), "--tolerance"),
        (("gradcheck", "2-1", "--tolerance", "nan"), "tolerance"),
    ],
    ids=lambda value: ascii(value)[:50],
)
def test_bad_commands_and_options_are_one_line(symnet_command: Command, arguments: tuple[str, ...], part: str) -> None:
    assert part in assert_one_line_error(symnet_command(*arguments))


@pytest.mark.parametrize(
    "target",
    ["folder", "missing/net.py", "old.py/net.py", "/proc/net.py", "q" * 300 + ".py", "", ".", "folder/", "a\nb/c"],
)
def test_a_path_that_cannot_be_written_is_one_line(symnet_command: Command, tmp_path: Path, target: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "old.py").write_bytes(b"old")
    assert_one_line_error(symnet_command("generate", "2-1", "-o", target))
    assert sorted(entry.name for entry in tmp_path.rglob("*")) == ["folder", "old.py"]
    assert (tmp_path / "old.py").read_bytes() == b"old"


def test_in_a_process_an_error_is_one_line_too(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_bytes(b"old")
    result = in_a_process(["-m", "symnet", "generate", "2-2-1", "--hidden", "rellu", "-o", "old.py"], tmp_path)
    assert (result.returncode, result.stdout) == (2, b"")
    assert re.fullmatch(rb"symnet: [ -~]+\n", result.stderr)
    assert (tmp_path / "old.py").read_bytes() == b"old"
