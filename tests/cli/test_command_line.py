"""What every command does alike: standard input and output, names of files, help, choices and their completion."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import numpy as np
import pytest
from click.shell_completion import ShellComplete
from conftest import Command

import symnet
from symnet.check import gradient_check
from symnet.cli.catalogue import catalogue
from symnet.cli.main import main
from symnet.cli.network_options import IMPORTED
from symnet.counts.operations import OPERATIONS
from symnet.exercises.kinds import KINDS
from symnet.formats.formats import FORMATS
from symnet.network.activations import ACTIVATIONS
from symnet.network.losses import LOSSES
from symnet.notation.profile import notation_names
from symnet.support import choices
from symnet.targets.registry import TARGETS

TOML = "# a network\n[network]\ninputs = 2\n\n[[layers]]\nunits = 1\n"
EQUATION = r"z_j^l = \sum_k w_{jk}^l a_k^{l-1} + b_j^l"
VALUES = (Path(__file__).parents[2] / "docs" / "downie.toml").read_text(encoding="utf-8")


@pytest.fixture
def given(symnet_command: Command, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """What a command prints that is given a text on standard input."""

    def command(text: str | bytes, *arguments: str, status: int = 0) -> str:
        data = text.encode("utf-8") if isinstance(text, str) else text
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
        done = symnet_command(*arguments)
        assert done.status == status, done.err
        return done.err if status == 2 else done.out

    return command


# ---- standard input and standard output ----


@pytest.mark.parametrize("command", ["generate", "equations", "derive", "count", "exercise", "gradcheck"])
@pytest.mark.parametrize("text", ["2-1\n", "  2-1:identity ;reduction=mean", TOML])
def test_an_architecture_may_come_on_standard_input(
    given: Callable[..., str], symnet_command: Command, command: str, text: str
) -> None:
    assert given(text, command, "-") == symnet_command(command, "2-1").out


def test_options_complete_a_string_on_standard_input_and_not_a_file(given: Callable[..., str]) -> None:
    expected = symnet.generate(symnet.parse("2-3-1", hidden="tanh"))
    assert given("2-3-1", "generate", "-", "--hidden", "tanh") == expected
    assert "write it into standard input" in given(TOML, "generate", "-", "--hidden", "tanh", status=2)


def test_an_equation_a_notation_numbers_and_a_module_may_come_on_standard_input(
    given: Callable[..., str], symnet_command: Command
) -> None:
    assert given(EQUATION, "verify", "2-2-1", "-", "--notation", "nielsen").startswith("right: ")
    assert given("base_profile = 'nielsen'\n", "verify", "2-2-1", EQUATION, "--notation", "-").startswith("right: ")
    Path("at.toml").write_text(VALUES, encoding="utf-8")
    assert given(VALUES, "derive", "2-2-1", "--at", "-") == symnet_command("derive", "2-2-1", "--at", "at.toml").out
    assert "all gradients agree" in given(symnet.generate("2-2-1"), "gradcheck", "-")


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify", "-", "-"),
        ("derive", "-", "--at", "-"),
        ("derive", "-", "--notation", "-"),
        ("exercise", "-", "--notation", "-"),
    ],
)
def test_standard_input_is_read_once(given: Callable[..., str], arguments: tuple[str, ...]) -> None:
    assert "standard input can be read only once" in given("2-2-1", *arguments, status=2)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"\0", b"2-", b"[network", b"x" * 1_000_001])
def test_what_cannot_be_read_on_standard_input_is_one_line(given: Callable[..., str], data: bytes) -> None:
    assert re.fullmatch(r"symnet: [ -~]+\n", given(data, "generate", "-", status=2))


def test_a_dash_is_standard_output(symnet_command: Command, tmp_path: Path) -> None:
    for arguments in (("generate", "2-1"), ("equations", "2-1"), ("derive", "2-1"), ("exercise", "2-1")):
        printed = symnet_command(*arguments)
        assert symnet_command(*arguments, "-o", "-") == printed
    assert list(tmp_path.iterdir()) == []
    done = symnet_command("exercise", "2-2-1", "-o", "sheet.md", "--solutions", "-")
    assert (done.status, done.err) == (0, "wrote sheet.md\n")
    assert "Solution" in done.out
    for arguments in (("-o", "-", "--solutions", "-"), ("--solutions", "-")):
        assert "name the same file" in symnet_command("exercise", "2-2-1", *arguments).err


# ---- names of files ----


@pytest.mark.parametrize(
    "name", ["numpy.py", "./math.py", "scipy.py", "typing.py", "random.py", "here/numpy/__init__.py", "symnet.py"]
)
@pytest.mark.parametrize("arguments", [("generate", "2-1"), ("differentiate", "--expression", "x**2")])
def test_a_module_does_not_take_the_place_of_one_that_is_imported(
    symnet_command: Command, tmp_path: Path, name: str, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "here" / "numpy").mkdir(parents=True)
    done = symnet_command(*arguments, "-o", name)
    assert (done.status, done.out) == (2, "")
    assert re.fullmatch(
        r"symnet: cannot write '[^']+': Python would import it in place of the module \w+; .*\n", done.err
    )
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert symnet_command(*arguments, "-o", "numpy_net.py").status == 0


@pytest.mark.parametrize("network", ["2-2-1", "2-2-1:gelu,identity", "3-4-2:mish,softmax;loss=cross_entropy"])
def test_all_that_modules_import_is_known(network: str) -> None:
    sources = [
        symnet.generate(network, target=target, accuracy=accuracy)
        for target in TARGETS
        for accuracy in choices.ACCURACIES
    ]
    for source in [*sources, symnet.differentiate("erf(x)*y")]:
        for node in ast.walk(ast.parse(source)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {name.partition(".")[0] for name in names} <= IMPORTED


def test_paths_are_printed_as_they_are(symnet_command: Command, tmp_path: Path) -> None:
    name = "größe der Schritte, 学習 " + "und so weiter " * 6
    done = symnet_command("generate", "2-1", "-o", f"{name}.py")
    assert done.err == f"wrote {name}.py\n"
    assert symnet_command("exercise", "2-1", "-o", f"{name}.md").err == f"wrote {name}.md\n"
    for arguments in (
        ("generate", f"{name}.toml"),
        ("gradcheck", f"{name}+.py"),
        ("derive", "2-1", "--at", f"{name}.toml"),
        ("derive", "2-1", "--notation", f"{name}.toml"),
        ("derive", "2-1", "-o", f"{name}.pdf"),
        ("verify", "2-1", f"{name}.tex"),
        ("generate", "2-1", "-o", f"{name}/net.py"),
    ):
        assert name in symnet_command(*arguments).err


def test_what_steers_a_terminal_is_escaped_in_a_path(symnet_command: Command) -> None:
    assert symnet_command("generate", "2-1", "-o", "a\x1b[31m\u202e.py").err == "wrote a\\x1b[31m\\u202e.py\n"
    assert "'b\\x1b.toml'" in symnet_command("generate", "b\x1b.toml").err


# ---- help ----


COMMANDS: list[tuple[str, click.Command]] = [("", main), *main.commands.items()]


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=lambda value: value if isinstance(value, str) else "")
def test_every_option_says_what_it_does(name: str, command: click.Command) -> None:
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert re.fullmatch(r"[A-Z`][^\n]{9,}[.\]]", parameter.help or ""), parameter.opts


@pytest.mark.parametrize("width", ["60", "80", "100", "200"])
@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=lambda value: value if isinstance(value, str) else "")
def test_no_line_of_the_help_is_cut(
    symnet_command: Command, monkeypatch: pytest.MonkeyPatch, name: str, command: click.Command, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    out = " ".join(symnet_command(*([name] if name else []), "--help").out.split())
    assert "..." not in out.replace("[ARGS]...", "")
    for _, line in command.commands.items() if isinstance(command, click.Group) else ():
        assert line.get_short_help_str(200) in out


@pytest.mark.parametrize("command", ["", *main.commands])
def test_help_waits_neither_for_sympy_nor_for_numpy(tmp_path: Path, command: str) -> None:
    arguments = ["symnet", *([command] if command else []), "--help"]
    program = (
        f"import sys; sys.argv = {arguments}; import symnet.cli; symnet.cli.run(); "
        "print('loaded', sorted({'sympy', 'numpy', 'mpmath', 'jinja2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout.splitlines()[-1] == "loaded []"


# ---- choices ----


def completed(*arguments: str) -> list[str]:
    """What a shell is offered for the last of some arguments."""
    *before, last = arguments
    completion = ShellComplete(main, {}, "symnet", "_SYMNET_COMPLETE")
    return [item.value for item in completion.get_completions(list(before), last) if item.type == "plain"]


def test_the_names_of_choices_are_those_of_the_tables() -> None:
    for name in choices.LISTS:
        assert catalogue(name)
    for accuracy in choices.ACCURACIES:
        assert symnet.derive("2-1", accuracy=accuracy).accuracy == accuracy
    for target in TARGETS:
        assert symnet.generate("2-1", target=target)
    for reduction in choices.REDUCTIONS:
        assert symnet.parse("2-1", reduction=reduction).reduction == reduction


COMPLETED = [
    *((("generate", "2-1", f"--{option}", ""), set(ACTIVATIONS)) for option in ("hidden", "output")),
    (("count", "2-1", "--loss", ""), set(LOSSES)),
    (("equations", "2-1", "--reduction", ""), {"mean", "sum"}),
    (("generate", "2-1", "--dtype", "float"), {"float64", "float32"}),
    (("generate", "2-1", "--target", ""), set(TARGETS)),
    (("generate", "2-1", "--accuracy", "t"), {"tails"}),
    (("derive", "2-1", "--form", ""), {"scalar", "index", "matrix"}),
    (("derive", "2-1", "--level", ""), {"short", "lecture", "full"}),
    (("derive", "2-1", "--format", ""), set(FORMATS)),
    (("derive", "2-1", "--section", "loss,ba"), {"loss,backward"}),
    (("exercise", "2-1", "--notation", ""), set(notation_names())),
    (("verify", "2-1", "--notation", "n"), {"ng", "nielsen"}),
    (("exercise", "2-1", "--kinds", ""), set(KINDS)),
    (("exercise", "2-1", "--kinds", "delta,mi"), {"delta,mistake"}),
    (("count", "2-1", "--weight", ""), {f"{name}=" for name in OPERATIONS}),
    (("differentiate", "--target", "py"), {"python"}),
    (("list", ""), set(choices.LISTS)),
]


@pytest.mark.parametrize(
    ("arguments", "expected"), COMPLETED, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_a_shell_completes_what_options_take(arguments: tuple[str, ...], expected: set[str]) -> None:
    assert set(completed(*arguments)) == expected


def test_every_option_that_takes_a_name_is_completed() -> None:
    """Names, numbers and formulas of the user's own aside."""
    own = {"--name", "--expression", "--wrt"}
    seen = {word for arguments, _ in COMPLETED for word in arguments if word.startswith("--")}
    for command in main.commands.values():
        for parameter in command.params:
            takes_text = isinstance(parameter, click.Option) and not parameter.is_flag
            is_number = isinstance(parameter.type, click.types.FuncParamType)
            if takes_text and not is_number and not seen & set(parameter.opts) and not own & set(parameter.opts):
                assert parameter.type.shell_complete(click.Context(command), parameter, ""), parameter.opts


def test_a_wrong_choice_names_the_nearest(symnet_command: Command) -> None:
    for arguments, words in (
        (("generate", "2-1", "--dtype", "float46"), "did you mean 'float64'?"),
        (("derive", "2-1", "--form", "matrx"), "did you mean 'matrix'?"),
        (("equations", "2-1", "--reduction", "sums"), "did you mean 'sum'?"),
        (("list", "losess"), "did you mean 'losses'?"),
    ):
        done = symnet_command(*arguments)
        assert (done.status, done.out) == (2, "")
        assert words in done.err


# ---- the gradient check ----


def test_gradcheck_draws_as_many_points_rows_and_entries_as_are_asked_for(
    symnet_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A count that is taken and not used would go unseen in a report that only repeats it."""
    drawn: list[int] = []
    targets = gradient_check._draw_targets

    def watched(module: ModuleType, rng: np.random.Generator, rows: int) -> np.ndarray[Any, Any]:
        drawn.append(rows)
        return targets(module, rng, rows)

    monkeypatch.setattr(gradient_check, "_draw_targets", watched)
    for points, rows in ((1, 2), (4, 1), (6, 3)):
        drawn.clear()
        arguments = ("gradcheck", "2-3-1", "--points", str(points), "--rows", str(rows), "--entries", "5")
        assert f"{points} points of {rows} rows" in symnet_command(*arguments).out
        assert drawn == [rows] * points
    assert "5 of the 6 entries of W1, drawn by seed 0" in symnet_command(*arguments).out
    assert "entries of" not in symnet_command(*arguments[:-1], "all").out
    for wrong in ("0", "some", "1.5", "-1", "ALL"):
        assert "--entries" in symnet_command(*arguments[:-1], wrong).err


# ---- results in Python ----


def test_results_are_one_line_each() -> None:
    derivation = symnet.derive("3-4-4-2:tanh,relu,softmax;loss=cross_entropy;l2=0.1")
    document = derivation.document()
    sheet = symnet.exercise_sheet("2-2-1", count=2)
    verification = symnet.verify("2-2-1", "1 = 1")
    results: list[object] = [
        *(derivation, derivation.forward, derivation.scalar_form(), derivation.count(), document),
        *(document.sections[0], sheet, sheet.items[0], sheet.solutions, verification),
        *(symnet.gradcheck("2-2-1"), symnet.count_expression("x*y")),
        symnet.derive(symnet.parse("2-1", name="two\nlines\x1b")).document(),
    ]
    for result in results:
        assert re.fullmatch(r"[ -~]{10,400}", repr(result)), repr(result)[:200]
        assert type(result).__name__ in repr(result)
