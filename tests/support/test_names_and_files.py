"""Identifiers and messages (`names`); files read within limits, and written whole or not at all (`files`)."""

import builtins
import keyword
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symnet.support.errors import ArchitectureError, FileError
from symnet.support.files import MAX_BYTES, read_text, write_bytes, write_text
from symnet.support.names import MODULE_NAMES, check_identifier, nearest, shown, unknown

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
    signal.alarm(120)
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


@pytest.mark.parametrize("start", ["", "../target/", "{}/target/", "self/"])
@pytest.mark.parametrize(
    ("way", "reached"),
    [
        *(("inside", "target/real"), ("down", "target/real/deep"), ("self", "target"), ("self/inside", "target/real")),
        *(("real", "target/real"), ("real/../inside", "target/real"), ("real/up", "target"), ("inside/up", "target")),
        # as on clusters, whose scratch folders are links in the home folder
        *(("out", "outside"), ("absolute", "outside"), ("chain", "outside"), ("down/far/outside", "outside")),
        ("absolute/../outside", "outside"),
    ],
)
def test_a_link_of_ones_own_to_a_folder_is_followed(linked: Path, way: str, reached: str, start: str) -> None:
    path = f"{start.format(linked)}{way}/new.py"
    write_text(path, "new")
    assert files_in(linked) == [f"{reached}/new.py"]
    assert Path(path).read_text() == "new"


def test_a_link_to_itself_is_one_line(linked: Path) -> None:
    with pytest.raises(FileError, match="too many levels of symbolic links"):
        write_text("loop/new.py", "new")
    assert files_in(linked) == []


def test_the_way_that_the_user_spells_out_is_free(linked: Path) -> None:
    """Two dots and the current folder's own address are the user's word, and no link's."""
    write_text("../outside/new.py", "new")
    assert files_in(linked) == ["outside/new.py"]


STRANGER, NOBODY = 54_321, 65_534
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
only_root = pytest.mark.skipif(not IS_ROOT, reason="only root can make files of other users")


@contextmanager
def shared_folder() -> Iterator[Path]:
    """A folder where everybody may write, like `/tmp`, with one of the user's own beside it."""
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        top.chmod(0o755)
        for folder, mode in (("shared", 0o1777), ("mine", 0o777)):
            (top / folder).mkdir()
            (top / folder).chmod(mode)
        yield top


def as_nobody(act: Callable[[], None]) -> str:
    """The error of what is done, in a process without the rights of root; empty where it succeeds."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of fork beside the threads of a BLAS
        child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        try:
            act()
        except FileError as error:
            os.write(writing, str(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as messages:
        message = messages.read()
    os.waitpid(child, 0)
    return message


def as_root(act: Callable[[], None]) -> str:
    try:
        act()
    except FileError as error:
        return str(error)
    return ""


@only_root
@pytest.mark.parametrize("by", [as_root, as_nobody])
@pytest.mark.parametrize("mode", [0o1777, 0o777, 0o755], ids=oct)
@pytest.mark.parametrize("owner", [0, NOBODY, STRANGER])
@pytest.mark.parametrize("way", ["shared/link", "shared/link/..//mine", "mine/link"])
def test_another_users_link_where_everybody_may_write_is_not_followed(
    owner: int, mode: int, by: Callable[[Callable[[], None]], str], way: str
) -> None:
    """As Linux has it with `fs.protected_symlinks`, whatever the machine that runs symnet is set to."""
    user = 0 if by is as_root else NOBODY
    with shared_folder() as top:
        link = top / "shared" / "link"
        link.symlink_to(top / "mine")
        os.chown(link, owner, owner, follow_symlinks=False)
        # A link of one's own may lead to the stranger's, and the way is as long.
        (top / "mine" / "link").symlink_to("../shared/link")
        os.chown(top / "mine" / "link", user, user, follow_symlinks=False)
        (top / "mine").chmod(0o777 if by is as_root else 0o755)
        os.chown(top / "mine", user, user)
        (top / "shared").chmod(mode)
        message = by(lambda: write_text(top / way / "new.py", "new"))
        is_refused = owner not in (0, user) and mode & 0o002
        assert ("another user's symbolic link" in message) == bool(is_refused), message
        assert ((top / "mine" / "new.py").exists() and not message) == (not is_refused)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no users are told apart here")
def test_a_link_of_another_user_in_the_folder_of_temporary_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the test above asks of files of several users, for those who cannot make such."""
    with shared_folder() as top:
        (top / "shared" / "link").symlink_to(top / "mine")
        before = Path.stat

        def owned(self: Path, *, follow_symlinks: bool = True) -> os.stat_result:
            found = before(self, follow_symlinks=follow_symlinks)
            owner = {"shared": 0, "link": STRANGER}.get(self.name, found.st_uid)
            return os.stat_result((*found[:4], owner, *found[5:]))

        monkeypatch.setattr(Path, "stat", owned)
        with pytest.raises(FileError, match="another user's symbolic link"):
            write_text(top / "shared" / "link" / "new.py", "new")
        assert files_in(top) == []


# ---- devices ----

LINKED_DEVICES = ("/dev/null", "/dev/stdout", "/dev/stdin", "/dev/fd/1", "/proc/self/fd/1", "/proc/self/fd/0", "pipe")


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="no devices in the file system here")
@pytest.mark.parametrize("hops", [1, 2])
@pytest.mark.parametrize("device", LINKED_DEVICES)
def test_a_link_to_a_device_is_refused_and_stays(tmp_path: Path, device: str, hops: int) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link1").symlink_to(device)
    (tmp_path / "link2").symlink_to("link1")
    with pytest.raises(FileError, match="not a regular file"):
        write_text(tmp_path / f"link{hops}", "new")
    assert (tmp_path / "link1").readlink() == Path(device)
    assert (tmp_path / "link2").is_symlink()
    assert files_in(tmp_path) in ([], ["link1", "link2"])


@pytest.mark.parametrize("to", ["folder", "."])
def test_a_link_to_a_folder_is_not_replaced_by_a_file(tmp_path: Path, to: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(to)
    with pytest.raises(FileError, match="not a regular file"):
        write_text(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()


def test_a_link_to_nothing_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("missing")
    write_text(tmp_path / "link", "new")
    assert files_in(tmp_path) == ["link"]
    assert not (tmp_path / "link").is_symlink()


WRITES = r"import sys; from symnet.support.files import write_text; print('before'); write_text(sys.argv[1], 'δ\n')"
STREAMS = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/dev/stderr", "/dev/fd/2", "/dev/../dev/stdout")


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="no devices in the file system here")
@pytest.mark.parametrize("kind", ["pipe", "file"])
@pytest.mark.parametrize("path", STREAMS)
def test_a_standard_stream_is_written_to_and_never_replaced(tmp_path: Path, path: str, kind: str) -> None:
    before = {name: os.lstat(name).st_ino for name in ("/dev/stdout", "/dev/stderr", "/dev/fd")}
    out, err = ((tmp_path / name).open("w+b") for name in ("out", "err"))
    with out, err:
        command = [sys.executable, "-c", WRITES, path]
        if kind == "pipe":
            done = subprocess.run(command, capture_output=True, check=True)
            found = {"out": done.stdout, "err": done.stderr}
        else:
            subprocess.run(command, stdout=out, stderr=err, check=True)
            found = {name: (tmp_path / name).read_bytes() for name in ("out", "err")}
    text = "δ\n".encode()
    is_error = path in ("/dev/stderr", "/dev/fd/2")
    line = f"before{os.linesep}".encode()
    assert found == ({"out": line, "err": text} if is_error else {"out": line + text, "err": b""})
    assert {name: os.lstat(name).st_ino for name in before} == before


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
