"""What strangers give to the commands: numbers in other alphabets, text that steers terminals, signals, odd files."""

from __future__ import annotations

import math
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import Command

import symnet
from symnet.modules import module_from_source
from symnet.names import PYTHON_NAMES

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
        (("count", "2-1", "--weight", "exp=\uff12"), "a number such as 20"),
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

    monkeypatch.setattr("symnet.catalogue.catalogue", fail)
    result = symnet_command("list", "losses")
    assert result.status == 2
    assert ONE_LINE.fullmatch(result.err)


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
        assert process.wait(timeout=60) == 128 + number
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
    return tmp_path


FILES = ("pipe", "folder", "device", "loop", "huge", "latin", "utf16", "null", "deep", "key", "missing", "a\nb", "\x1b")


@pytest.mark.usefixtures("odd")
@pytest.mark.parametrize("name", FILES, ids=ascii)
def test_an_odd_file_is_one_line_at_once(symnet_command: Command, name: str) -> None:
    path = f"{name}.toml"
    symnet_command("list", "losses")
    for arguments in (
        ("generate", path),
        ("equations", path),
        ("count", path),
        ("gradcheck", path),
        ("derive", "1-1", "--notation", path),
        ("derive", "1-1", "--at", path),
    ):
        started = time.process_time()
        result = symnet_command(*arguments)
        assert time.process_time() - started < 2
        assert (result.status, result.out) == (2, "")
        assert ONE_LINE.fullmatch(result.err), ascii(result.err)


def test_a_plot_is_written_whole_and_through_no_link(symnet_command: Command, tmp_path: Path) -> None:
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (outside / "kept.svg").write_bytes(b"kept")
    (folder / "link.svg").symlink_to(outside / "kept.svg")
    (folder / "out").symlink_to(outside)
    assert symnet_command("count", "1-1-1", "--plot", "folder/link.svg").status == 0
    assert (folder / "link.svg").read_bytes().startswith(b"<?xml")
    refused = symnet_command("count", "1-1-1", "--plot", "folder/out/kept.svg")
    assert refused.status == 2
    assert "symbolic link" in refused.err
    assert (outside / "kept.svg").read_bytes() == b"kept"


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
