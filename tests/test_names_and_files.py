"""Identifiers and messages (`names`); files read within limits, and written whole or not at all (`files`)."""

import builtins
import keyword
import os
import re
import signal
import stat
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symnet.errors import ArchitectureError, FileError
from symnet.files import MAX_BYTES, read_text, write_bytes, write_text
from symnet.names import MODULE_NAMES, check_identifier, nearest, shown, unknown

KNOWN = ("relu", "tanh", "sigmoid", "softmax", "softplus")


@given(st.text() | st.characters(categories=["Cs", "Cc", "Cf", "Zl"]))
def test_shown_text_is_short_and_cannot_steer_a_terminal(text: str) -> None:
    assert re.fullmatch(r"[ -~]{0,60}", shown(text))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("rellu", "relu"), ("RELU", "relu"), ("tnah", "tanh"), ("sigmoyd", "sigmoid"), ("soft_max", "softmax")],
)
def test_the_nearest_known_name_is_offered(typed: str, meant: str) -> None:
    assert f"did you mean {meant!r}?" in nearest(typed, KNOWN)
    message = unknown("activation", typed, KNOWN)
    assert meant in message
    assert all(name in message for name in KNOWN)


def test_no_name_is_offered_where_none_is_near() -> None:
    assert nearest("qqqq", KNOWN) == ""
    assert "did you mean" not in unknown("activation", "qqqq", KNOWN)


@pytest.mark.parametrize("value", [3, None, ["relu"], 2.5, True])
def test_a_value_that_is_no_text_is_unknown_too(value: object) -> None:
    """The message is made from whatever a TOML file or a caller gave."""
    assert "relu" in unknown("activation", value, KNOWN)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["bump", "A", "my_act_2", "x1", "q" * 40])
def test_identifiers_that_are_allowed(name: str) -> None:
    assert check_identifier(name, "activation") == name


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "1a", "_a", "__class__", "a b", "a-b", "a.b", "a\n", "a\0", "q" * 41, "é"),
        # Latin look-alikes: Cyrillic a, Greek nu, a fullwidth letter, a fullwidth digit
        *("\u0430bc", "\u03bd", "\uff41", "a\uff12"),
    ],
)
def test_what_is_not_an_identifier_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(ArchitectureError) as caught:
        check_identifier(name, "activation")
    assert re.fullmatch(r"[ -~]+", str(caught.value))
    assert "is not a name" in str(caught.value)


@pytest.mark.parametrize(
    "name",
    sorted(
        name
        for name in {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), *MODULE_NAMES, "taken"}
        if not name.startswith("_")
    ),
)
def test_reserved_names_are_refused(name: str) -> None:
    with pytest.raises(ArchitectureError, match="reserved"):
        check_identifier(name, "activation", reserved=("taken",))


@given(st.text())
def test_an_accepted_identifier_is_a_python_identifier(name: str) -> None:
    try:
        accepted = check_identifier(name, "activation")
    except ArchitectureError:
        return
    assert accepted.isidentifier()
    assert accepted.isascii()


# ---- files ----


@given(text=st.text())
def test_text_written_is_text_read(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("files") / "file.txt"
    write_text(path, text)
    assert path.read_bytes() == text.encode()
    assert read_text(path) == text.removeprefix("\ufeff")


def test_the_largest_file_that_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_bytes(b"a" * MAX_BYTES)
    assert len(read_text(path)) == MAX_BYTES
    path.write_bytes(b"a" * (MAX_BYTES + 1))
    with pytest.raises(FileError, match="larger than 1,000,000 bytes"):
        read_text(path)


def test_bytes_that_are_no_text_are_located(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_bytes(b"abc\xff")
    with pytest.raises(FileError, match="not UTF-8 at byte 3"):
        read_text(path)


@pytest.mark.parametrize("name", ["missing.txt", "missing/file.txt", "", "a\0b", "a\nb", "q" * 300, "/dev/zero"])
def test_a_file_that_cannot_be_read_is_one_line(name: str, tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        read_text(tmp_path / name)
    assert re.fullmatch(r"cannot read [ -~]+", str(caught.value))


def test_a_pipe_without_a_writer_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe.toml"
    os.mkfifo(path)

    def stop(number: int, frame: FrameType | None) -> None:
        pytest.fail("reading waits for a writer")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(2)
    try:
        with pytest.raises(FileError, match="not a regular file"):
            read_text(path)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("target", [".", "missing/out.py", "old.py/out.py", "q" * 300, "a\0b", "/proc/symnet_out.py"])
def test_a_path_that_cannot_be_written_is_one_line_and_nothing_is_left(target: str, tmp_path: Path) -> None:
    (tmp_path / "old.py").write_bytes(b"old")
    with pytest.raises(FileError) as caught:
        write_text(tmp_path / target, "new")
    assert re.fullmatch(r"cannot write [ -~]+", str(caught.value))
    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == {"old.py": b"old"}


def test_text_that_has_no_bytes_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "old.py"
    path.write_bytes(b"old")
    with pytest.raises(FileError):
        write_text(path, "new \ud800")
    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == {"old.py": b"old"}


def test_a_failure_at_the_last_moment_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.py"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(FileError, match="no space left"):
        write_text(path, "new")
    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == {"old.py": b"old"}


def test_an_existing_file_keeps_its_permissions_and_a_new_one_follows_the_mask(tmp_path: Path) -> None:
    old, new = tmp_path / "old.py", tmp_path / "new.py"
    old.write_text("old")
    old.chmod(0o640)
    mask = os.umask(0o027)
    try:
        write_text(old, "text")
        write_text(new, "text")
    finally:
        os.umask(mask)
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert stat.S_IMODE(new.stat().st_mode) == 0o640


def test_a_read_only_file_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.py"
    path.write_bytes(b"old")
    # Permissions bind no superuser, so what the system would answer anybody else is put in its mouth.
    monkeypatch.setattr(os, "access", lambda target, mode: not (Path(target) == path and mode == os.W_OK))
    with pytest.raises(FileError, match="permission denied"):
        write_text(path, "new")
    assert path.read_bytes() == b"old"


def test_a_pipe_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(FileError, match="not a regular file"):
        write_text(path, "new")
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_what_a_link_points_at_is_not_written(tmp_path: Path) -> None:
    kept, link = tmp_path / "kept.py", tmp_path / "link.py"
    kept.write_bytes(b"kept")
    link.symlink_to(kept)
    write_text(link, "new")
    assert kept.read_bytes() == b"kept"
    assert link.read_bytes() == b"new"


# ---- links ----


@pytest.fixture
def linked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder `target`, with links that lead inside it and out of it."""
    for name in ("outside", "target/real/deep"):
        (tmp_path / name).mkdir(parents=True)
    target = tmp_path / "target"
    links = {
        "inside": "real",
        "down": "real/deep",
        "self": ".",
        "out": "../outside",
        "absolute": tmp_path / "outside",
        "chain": "out",
        "real/up": "..",
        "real/deep/far": "../../..",
        "loop": "loop",
    }
    for name, to in links.items():
        (target / name).symlink_to(to)
    monkeypatch.chdir(target)
    return tmp_path


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("start", ["", "../target/", "{}/target/"])
@pytest.mark.parametrize("way", ["inside", "down", "self", "self/inside", "real", "real/../inside"])
def test_a_link_that_stays_in_its_folder_is_followed(linked: Path, way: str, start: str) -> None:
    write_text(f"{start.format(linked)}{way}/new.py", "new")
    (found,) = files_in(linked)
    assert found.startswith("target/")
    assert Path(f"{way}/new.py").read_text() == "new"


@pytest.mark.parametrize("start", ["", "../target/", "{}/target/", "self/"])
@pytest.mark.parametrize(
    "way", ["out", "absolute", "chain", "real/up", "real/deep/far", "inside/up", "down/far/outside"]
)
def test_a_link_out_of_its_folder_is_not_followed(linked: Path, way: str, start: str) -> None:
    with pytest.raises(FileError, match="is a symbolic link out of its folder"):
        write_text(f"{start.format(linked)}{way}/new.py", "new")
    assert files_in(linked) == []


def test_a_link_to_itself_is_one_line(linked: Path) -> None:
    with pytest.raises(FileError) as caught:
        write_text("loop/new.py", "new")
    assert re.fullmatch(r"cannot write [ -~]+", str(caught.value))
    assert files_in(linked) == []


def test_the_way_that_the_user_spells_out_is_free(linked: Path) -> None:
    """Two dots and the current folder's own address are the user's word, and no link's."""
    write_text("../outside/new.py", "new")
    assert files_in(linked) == ["outside/new.py"]


# ---- interrupts ----


@pytest.mark.parametrize(("owner", "place"), [(os, "fsync"), (Path, "chmod"), (Path, "replace")])
@pytest.mark.parametrize("ended_by", [KeyboardInterrupt, SystemExit, MemoryError])
def test_whatever_ends_a_run_while_it_writes_leaves_the_old_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: object, place: str, ended_by: type[BaseException]
) -> None:
    path = tmp_path / "old.py"
    path.write_bytes(b"old")

    def stop(*_: object) -> None:
        raise ended_by

    monkeypatch.setattr(owner, place, stop)
    with pytest.raises(ended_by):
        write_bytes(path, b"new")
    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == {"old.py": b"old"}


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    path.write_bytes(b"\xef\xbb\xbf[network]")
    assert read_text(path) == "[network]"


def test_a_pipe_that_takes_the_place_of_a_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the question what a file is and its being opened somebody may have put another one there."""
    pipe = tmp_path / "net.toml"
    os.mkfifo(pipe)
    regular = Path(__file__).stat()
    monkeypatch.setattr(Path, "stat", lambda self, **_: regular)
    with pytest.raises(FileError, match="not a regular file"):
        read_text(pipe)
