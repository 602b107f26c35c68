"""What strangers give to the commands: numbers in other alphabets, text that steers terminals, signals, odd files."""

from __future__ import annotations

import builtins
import io
import math
import os
import re
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from conftest import Command
from work import counted

import symnet
from symnet.support.modules import module_from_source
from symnet.support.names import PYTHON_NAMES

ONE_LINE = re.compile(r"symnet: [ -~]{1,2100}\n")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("generate", "2-1", "--l1", "\uff10.\uff11"), "--l1"),
        (("generate", "2-1", "--l1", "1_0"), "--l1"),
        (("generate", "2-1", "--l1", "nan"), "from 0 to 1e+300"),
        (("generate", "2-1", "--l2", "inf"), "--l2"),
        (("generate", "2-1", "--l2", "-1"), "--l2"),
        (("generate", "2-1", "--l2", "1e400"), "--l2"),
        (("generate", "2-1", "--l2", "1e-400"), "--l2"),
        (("generate", "2-1", "--l2", "9" * 5_000), "--l2"),
        (("generate", "2-1", "--l2", " 1"), "--l2"),
        (("generate", "2-1", "--l2", ""), "--l2"),
        (("generate", "\u0662-\u0661"), "whole number"),
        (("generate", "2\u22121"), "no layer"),
        (("gradcheck", "2-1", "--points", "\uff13"), "from 1 to 1,000"),
        (("gradcheck", "2-1", "--rows", "1_0"), "from 1 to 10,000"),
        (("gradcheck", "2-1", "--rows", "10001"), "from 1 to 10,000"),
        (("gradcheck", "2-1", "--seed", "\u0663"), "--seed"),
        (("gradcheck", "2-1", "--seed", "9" * 5_000), "--seed"),
        (("gradcheck", "2-1", "--tolerance", "1e-\uff15"), "from 1e-12 to 1"),
        (("derive", "2-1", "--digits", "\u00b2"), "from 1 to 15"),
        (("count", "2-1", "--weight", "exp=\uff12"), "a number from 0 to 10^9 such as 20"),
        (("count", "2-1", "--weight", "\x1b[31m=x"), "the weight of '\\x1b[31m'"),
        (("count", "--expression", "\uff58+1"), "printable ASCII"),
        (("differentiate", "--expression", "x", "--wrt", "\u0445"), "unknown variable"),
        (("generate", "2-1", "--\x1b[31m"), "\\x1b[31m"),
        (("\u202egenerate", "2-1"), "\\u202e"),
        (("generate", "2-1", "\x1b]0;title\x07" * 2_000), "\\x1b]0;"),
        (("list", "\u2028" * 5_000), "known"),
        (("derive", "2-1", "--notation", "../../etc/passwd"), "unknown notation"),
        (("derive", "2-1", "--notation", "/dev/zero.toml"), "no"),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_what_is_refused_is_refused_in_one_line(symnet_command: Command, arguments: tuple[str, ...], part: str) -> None:
    result = symnet_command(*arguments)
    assert result.status == 2
    assert result.out == ""
    assert ONE_LINE.fullmatch(result.err), ascii(result.err)
    assert part in result.err


@pytest.mark.parametrize("given", ["0", "1", ".5", "0.5", "1.", "1e-3", "1E3", "007.5", "1e300"])
def test_decimals_in_ascii_are_taken(symnet_command: Command, given: str) -> None:
    out = symnet_command("equations", "1-1", "--l1", given, "--json").out
    assert out == symnet_command("equations", f"1-1;l1={float(given)!r}", "--json").out


@pytest.mark.parametrize("error", [RecursionError, MemoryError])
def test_a_run_that_is_too_large_for_python_is_one_line(
    symnet_command: Command, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail(_: str) -> None:
        raise error

    monkeypatch.setattr("symnet.cli.catalogue.catalogue", fail)
    result = symnet_command("list", "losses")
    assert result.status == 2
    assert ONE_LINE.fullmatch(result.err)


# ---- characters that the place where they go may lack ----

RUN = "import sys; sys.argv = ['symnet', *sys.argv[1:]]; from symnet.cli import run; run()"
CODE_PAGES = ("cp1252", "cp437", "ascii", "utf-16", "utf-8")
WITH_GREEK = (
    ("equations", "2-2-1", "--backward", "--name", "\u0394\u4e2d\U0001f600"),
    ("list", "notations"),
    ("list", "activations"),
)


@pytest.mark.parametrize("page", CODE_PAGES)
@pytest.mark.parametrize("arguments", WITH_GREEK, ids=" ".join)
def test_what_goes_to_a_file_is_utf_8_whatever_the_code_page_is(
    symnet_command: Command, page: str, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when `symnet derive 2-2-1 > notes.txt` runs on Windows."""
    expected = symnet_command(*arguments).out
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding=page, errors="strict", newline="") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert symnet_command(*arguments).status == 0
        stream.flush()
        written = raw.getvalue()
    assert written.decode("utf-8") == expected


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONIOENCODING": "cp1252"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}],
    ids=str,
)
def test_what_goes_through_a_pipe_is_utf_8_in_a_process_of_its_own(
    symnet_command: Command, environment: dict[str, str]
) -> None:
    arguments = ("derive", "1-1", "--level", "short")
    expected = symnet_command(*arguments).out
    command = [sys.executable, "-c", RUN, *arguments]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode("utf-8").replace(os.linesep, "\n") == expected
    assert not expected.isascii()


@pytest.mark.parametrize("page", ["cp437", "utf-8"])
def test_a_terminal_shows_characters_that_it_lacks_as_escapes(symnet_command: Command, page: str) -> None:
    pty = pytest.importorskip("pty")
    expected = symnet_command("equations", "2-2-1", "--name", "\u4e2d").out
    near, far = pty.openpty()
    with os.fdopen(near, "rb", buffering=0) as terminal, os.fdopen(far, "wb", buffering=0) as shown:
        done = subprocess.run(
            [sys.executable, "-c", RUN, "equations", "2-2-1", "--name", "\u4e2d"],
            env={**os.environ, "PYTHONIOENCODING": page},
            stdin=subprocess.DEVNULL,
            stdout=shown,
            stderr=subprocess.PIPE,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        written = terminal.read(100_000)
    assert written.replace(b"\r\n", b"\n") == expected.encode(page, "backslashreplace")


# ---- modules that raise what they like ----

RAISED = sorted(
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException) and value is not KeyboardInterrupt
)
ODD = {
    "a class of its own": "class Odd(BaseException): pass\nraise Odd",
    "no message": "class Odd(Exception):\n    def __str__(self): raise Odd\nraise Odd",
    "a message that is no text": "class Odd(Exception):\n    def __str__(self): return 3\nraise Odd",
    "lines": "raise Exception('a\\nb\\x1b[31m' * 9_000)",
    "a group": "raise BaseExceptionGroup('several', [SystemExit(0), KeyboardInterrupt()])",
    "an error of symnet": "from symnet import SymnetError\nraise SymnetError('one\\ntwo')",
    "a warning": "import warnings\nwarnings.simplefilter('error')\nwarnings.warn('odd')",
    "an exit": "import sys\nsys.exit(0)",
    **{name: f"raise {name}" for name in RAISED},
}
PLACES = ("", "loss", "gradient", "init", "Parameters")
"""Where a module raises: as it is loaded, or as it is called."""


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ODD)
def test_whatever_a_module_raises_is_one_line(symnet_command: Command, tmp_path: Path, name: str, place: str) -> None:
    source = ODD[name]
    if place:
        body = source.replace("\n", "\n    ")
        source = f"{generated()}\ndef {place}(*given, **named):\n    {body}\n"
    (tmp_path / "net.py").write_text(source)
    result = symnet_command("gradcheck", "net.py")
    assert (result.status, result.out) == (2, "")
    assert ONE_LINE.fullmatch(result.err), ascii(result.err)


@cache
def generated() -> str:
    return symnet.generate(symnet.parse("1-1"))


@pytest.mark.parametrize("json", [(), ("--json",)], ids=str)
@pytest.mark.parametrize("what", ["ARCHITECTURE", "SHAPES"])
def test_a_name_that_cannot_be_printed_is_one_line(
    symnet_command: Command, tmp_path: Path, what: str, json: tuple[str, ...]
) -> None:
    """The report asks a module for names after the check is done."""
    odd = """
class Odd(BaseException): pass
class Name(str):
    def fail(self, *given): raise Odd
    __str__ = __repr__ = __format__ = __len__ = __iter__ = fail
"""
    assert symnet_command("gradcheck", "1-1").status == 0
    value = {"ARCHITECTURE": "ARCHITECTURE = Odd", "SHAPES": "SHAPES = {Name(key): SHAPES[key] for key in SHAPES}"}
    (tmp_path / "net.py").write_text(f"{generated()}\n{odd}\n{value[what]}\n")
    result = symnet_command("gradcheck", "net.py", *json)
    assert result.status == 0 or (result.status, result.out) == (2, "")
    assert result.status == 0 or ONE_LINE.fullmatch(result.err), ascii(result.err)
    assert (what, json) != ("SHAPES", ()) or result.status == 2


def test_an_interrupt_in_a_module_ends_the_run(symnet_command: Command, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("raise KeyboardInterrupt")
    assert symnet_command("gradcheck", "net.py").status == 130


# ---- signals ----

WRITING = """
import os, signal, sys, time
# What started the tests may ignore a signal, as nohup does, and its children would go on ignoring it.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, signal.SIG_DFL)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
def stopped(handle):
    print("writing", flush=True)
    time.sleep(60)
os.fsync = stopped
sys.argv = ["symnet", "generate", "1-1", "-o", "net.py"]
from symnet.cli import run
run()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_while_a_file_is_written_leaves_the_old_one(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "net.py").write_bytes(b"old")
    process = subprocess.Popen(
        [sys.executable, "-c", WRITING], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"writing\n"
        process.send_signal(number)
        assert process.wait(timeout=600) == 128 + number
        assert process.stderr.read().strip() == b""
    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == {"net.py": b"old"}


def test_a_signal_that_the_caller_ignores_stays_ignored(symnet_command: Command) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert symnet_command("list", "losses").status == 0
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    assert symnet_command("list", "losses").status == 0
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


# ---- files ----


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """Files of all kinds that nobody should read."""
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "device.toml").symlink_to("/dev/zero")
    (tmp_path / "loop.toml").symlink_to("loop.toml")
    (tmp_path / "huge.toml").write_bytes(b"#" * 1_000_001)
    (tmp_path / "latin.toml").write_bytes(b"\xe9")
    (tmp_path / "utf16.toml").write_text("[network]", encoding="utf-16")
    (tmp_path / "null.toml").write_bytes(b"\0")
    (tmp_path / "deep.toml").write_text("a = " + "[" * 5_000)
    (tmp_path / "key.toml").write_text(".".join(["a"] * 20_000) + " = 1")
    for path in list(tmp_path.glob("*.toml")):
        path.with_suffix(".tex").symlink_to(path.name)
    return tmp_path


FILES = ("pipe", "folder", "device", "loop", "huge", "latin", "utf16", "null", "deep", "key", "missing", "a\nb", "\x1b")


@pytest.mark.usefixtures("odd")
@pytest.mark.parametrize("name", FILES, ids=ascii)
def test_an_odd_file_is_one_line_at_once(symnet_command: Command, name: str) -> None:
    path = f"{name}.toml"
    # What is imported on first use is not to be counted.
    warm = (("derive", "1-1", "--level", "short"), ("verify", "1-1", "C = C"), ("count", "1-1"), ("gradcheck", "1-1"))
    for arguments in warm:
        assert symnet_command(*arguments).status == 0
    for arguments in (
        ("generate", path),
        ("equations", path),
        ("count", path),
        ("gradcheck", path),
        ("derive", "1-1", "--notation", path),
        ("derive", "1-1", "--at", path),
        ("verify", path, "C = C"),
        ("verify", "1-1", f"{name}.tex"),
    ):
        with counted() as work:
            result = symnet_command(*arguments)
        assert work.took_at_most(1)
        assert result.status == 2
        # What is no TOML may be LaTeX, in which no equation stands.
        if result.out != "no displayed equation was found\n":
            assert result.out == ""
            assert ONE_LINE.fullmatch(result.err), ascii(result.err)


def test_a_plot_is_written_whole_and_over_no_device(symnet_command: Command, tmp_path: Path) -> None:
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (outside / "kept.svg").write_bytes(b"kept")
    (folder / "link.svg").symlink_to(outside / "kept.svg")
    (folder / "device.svg").symlink_to("/dev/null")
    (folder / "out").symlink_to(outside)
    assert symnet_command("count", "1-1-1", "--plot", "folder/link.svg").status == 0
    assert (folder / "link.svg").read_bytes().startswith(b"<?xml")
    refused = symnet_command("count", "1-1-1", "--plot", "folder/device.svg")
    assert refused.status == 2
    assert "not a regular file" in refused.err
    assert (folder / "device.svg").is_symlink()
    assert (outside / "kept.svg").read_bytes() == b"kept"
    assert symnet_command("count", "1-1-1", "--plot", "folder/out/new.svg").status == 0
    assert (outside / "new.svg").exists()


def test_a_plot_is_the_same_whatever_the_folder_says(tmp_path: Path) -> None:
    """Matplotlib reads a matplotlibrc of the current folder, which may have it run LaTeX on labels."""
    plots = []
    for name, settings in (("plain", ""), ("hostile", "text.usetex: True\nlines.linewidth: 9\nsvg.hashsalt: x\n")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "matplotlibrc").write_text(settings)
        command = [sys.executable, "-m", "symnet", "count", "1-1-1", "--plot", "growth.svg"]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        plots.append((folder / "growth.svg").read_bytes())
    assert plots[0] == plots[1]


# ---- names ----


@pytest.mark.parametrize("target", ["numpy", "python"])
def test_a_variable_shadows_nothing_in_a_module(target: str) -> None:
    """Every name in the modules of one's own functions is tried as a variable: refused, or computed as any other."""
    source = symnet.differentiate("exp(v)*w + v**2", target=target, hessian=True)
    names = sorted(set(re.findall(r"[A-Za-z_]\w*", source)) - PYTHON_NAMES - {"v", "w"})
    assert {"np", "exp", "value"} & set(names)
    taken = []
    for name in names:
        try:
            written = symnet.differentiate(f"exp({name})*w + {name}**2", target=target)
        except symnet.SymnetError:
            continue
        taken.append(name)
        module = module_from_source(written, "own_function")
        value, derivatives = module.value_and_grad(**{name: 2.0, "w": 0.5})
        known = dict(zip(sorted((name, "w")), derivatives, strict=True))
        assert float(value) == pytest.approx(0.5 * math.exp(2) + 4)
        assert float(known[name]) == pytest.approx(0.5 * math.exp(2) + 4)
        assert float(known["w"]) == pytest.approx(math.exp(2))
    assert "np" not in taken
    assert "exp" not in taken
