"""Reading and writing files: read within limits, written whole or not at all."""

import os
import re
import secrets
import stat
import sys
import tomllib
from pathlib import Path
from typing import Any, TextIO

from symnet.errors import FileError, SymnetError
from symnet.names import path_shown, shown

STANDARD = "-"
"""What stands for standard input or standard output where a file is named."""

MAX_BYTES = 1_000_000
MAX_NESTING = 32
"""How many tables and arrays of a TOML file may stand in one another, and how many parts a key may have."""

MAX_PARTS = 100_000
"""How many of the characters that part keys, values and lines a TOML file may have: tomllib takes microseconds each."""

_PARTING = "=,.[{\n"
_NO_FILE = "not a regular file"
_TOO_MANY_LINKS = "too many levels of symbolic links"
_TOO_DEEP = f"nested deeper than {MAX_NESTING} levels"
_KEY = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"?+|'[^'\n]*+'?+)"""
_SKIPPED = r"""\"{3}(?:[^"\\]|\\[\s\S]|"(?!""))*+(?:\"{3})?+|'{3}(?:[^']|'(?!''))*+(?:'{3})?+|\#[^\n]*+"""
_KEYS = re.compile(rf"{_SKIPPED}|(?P<long>{_KEY}(?:[ \t]*+\.[ \t]*+{_KEY}){{{MAX_NESTING}}})|{_KEY}")
"""The keys of TOML and what looks like one, from left to right; no character is looked at more than 33 times."""


def read_text(path: str | Path) -> str:
    """The text of a regular UTF-8 file of at most 1,000,000 bytes, without a byte order mark at its start.

    Raises:
        FileError: the file is missing, not regular, too large or not UTF-8.
    """
    where = path_shown(path)
    try:
        # Asked before it is opened, since opening a device does something to it, and again of what has been opened.
        _check_regular(where, Path(path).stat())
        with open(path, "rb", opener=_without_waiting) as file:
            _check_regular(where, os.fstat(file.fileno()))
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise FileError(f"cannot read {where}: {_reason(error)}") from None
    return _decoded(data, where)


def read_standard_input() -> str:
    """The text of standard input, to its end, within the limits of a file's.

    Raises:
        FileError: there is none, or it is too large or not UTF-8.
    """
    where = "standard input"
    try:
        return _decoded(sys.stdin.buffer.read(MAX_BYTES + 1), where)
    except (OSError, ValueError, AttributeError) as error:
        raise FileError(f"cannot read {where}: {_reason(error)}") from None


def _decoded(data: bytes, where: str) -> str:
    if len(data) > MAX_BYTES:
        raise FileError(f"cannot read {where}: larger than {MAX_BYTES:,} bytes")
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise FileError(f"cannot read {where}: not UTF-8 at byte {error.start}") from None


def _check_regular(where: str, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise FileError(f"cannot read {where}: {_NO_FILE}")


def _without_waiting(path: str, flags: int) -> int:
    """Open a file without waiting for whoever writes into a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def write_text(path: str | Path, text: str) -> None:
    """Put `text` at `path` as UTF-8; otherwise as `write_bytes`."""
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise FileError(f"cannot write {path_shown(path)}: {error}") from None
    write_bytes(path, data)


def write_bytes(path: str | Path, data: bytes) -> None:
    """Put `data` at `path`, atomically: an existing file is replaced whole or left as it was.

    The bytes go to a temporary file beside the target, which then takes the target's name. A symbolic link to a
    file is replaced, not followed; one on the way to it is followed, but for another user's in a folder where
    everybody may write. `/dev/stdout` and `/dev/stderr` are written to as the streams that they are.

    Raises:
        FileError: the folder does not exist or cannot be written, a link on the way is another user's, or what is
            at the target, or what a link there leads to, is not a regular file.
    """
    try:
        target = _reached(Path(path))
        stream = _streams().get(target)
        if stream is None:
            _replace(target, data)
        else:
            _send(stream, data)
    except (OSError, ValueError) as error:
        raise FileError(f"cannot write {path_shown(path)}: {_reason(error)}") from None


DEVICES, PROCESSES = Path("/dev"), Path("/proc")
MAX_LINKS = 40
"""How many symbolic links may lead to a file, as on Linux."""


def _streams() -> dict[Path, TextIO | None]:
    """What stands in the file system for the standard streams of this process."""
    folders = (DEVICES / "fd", PROCESSES / str(os.getpid()) / "fd")
    named = {DEVICES / "stdout": sys.stdout, DEVICES / "stderr": sys.stderr}
    numbered = ((1, sys.stdout), (2, sys.stderr))
    return named | {folder / str(number): stream for folder in folders for number, stream in numbered}


def _send(stream: TextIO, data: bytes) -> None:
    stream.flush()
    stream.buffer.write(data)
    stream.flush()


def _replace(target: Path, data: bytes) -> None:
    _check_replaceable(target)
    is_new = target.is_symlink() or not target.exists()
    # Its name is known before there is such a file, so that whenever a run is interrupted it is taken away.
    temporary = target.with_name(f".{target.name[:50]}.{secrets.token_hex(8)}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if not is_new:
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _check_replaceable(target: Path) -> None:
    """Raise unless there is nothing at the target, a file that may be written, or a link to no more than a file."""
    followed, links = target, 0
    # A link to `/dev/stdin` is one to a device, though what that leads to may be a file at the moment.
    while followed.is_symlink() and not _is_of_the_system(followed):
        followed, links = _reached(followed.parent / followed.readlink()), links + 1
        if links > MAX_LINKS:
            raise ValueError(_TOO_MANY_LINKS)
    if _is_of_the_system(followed) or (target.exists() and not target.is_file()):
        raise ValueError(_NO_FILE)
    if followed == target and target.exists() and not os.access(target, os.W_OK):
        raise ValueError("permission denied")


def _is_of_the_system(path: Path) -> bool:
    """Whether a path is one of devices or processes; `/dev/shm` holds files like any other folder."""
    return path.parent == DEVICES or PROCESSES in path.parents


def _reached(target: Path) -> Path:
    """The path by way of folders that are no links, from the current folder or the root on.

    Raises:
        ValueError: a link on the way is another user's, in a folder where everybody may write, or there are too many.
    """
    folder = Path(target.anchor) if target.anchor else Path.cwd()
    ahead = [*reversed(target.parent.relative_to(target.anchor).parts)]
    links = 0
    while ahead:
        part = ahead.pop()
        step = folder.parent if part == ".." else folder / part
        if not step.is_symlink():
            folder = step
            continue
        _check_trusted(step)
        links += 1
        if links > MAX_LINKS:
            raise ValueError(_TOO_MANY_LINKS)
        to = step.readlink()
        folder = Path(to.anchor) if to.anchor else folder
        ahead += reversed(to.relative_to(to.anchor).parts)
    return folder / target.name


def _check_trusted(link: Path) -> None:
    """Raise for a link that somebody else has put into a folder where everybody may, such as `/tmp`.

    As Linux does itself where `fs.protected_symlinks` is set; links of root and of the folder's owner are trusted.
    """
    folder = link.parent.stat()
    trusted = {0, folder.st_uid, *([os.geteuid()] if hasattr(os, "geteuid") else [])}
    if folder.st_mode & stat.S_IWOTH and link.lstat().st_uid not in trusted:
        raise ValueError(
            f"{shown(link.name)} is another user's symbolic link in a folder where everybody may write; "
            "name the folder that it leads to itself"
        )


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error)


def toml_table(text: str, error_class: type[SymnetError]) -> dict[str, Any]:
    """The table that TOML text holds; nesting too deep or a number too long is an error like any other.

    Raises:
        SymnetError: of the given class, if the text is no TOML, has too many parts or is nested deeper than 32 levels.
    """
    if sum(map(text.count, _PARTING)) > MAX_PARTS:
        raise error_class(f"more than {MAX_PARTS:,} keys, values and lines")
    if any(found.lastgroup == "long" for found in _KEYS.finditer(text)):
        # tomllib takes the cube of its parts.
        raise error_class(f"a key of more than {MAX_NESTING} parts")
    try:
        table = tomllib.loads(text)
    except RecursionError:
        raise error_class(_TOO_DEEP) from None
    except (tomllib.TOMLDecodeError, ValueError, TypeError, AttributeError) as error:
        raise error_class(f"not TOML: {' '.join(str(error).split())}") from None
    if _is_deep(table):
        raise error_class(_TOO_DEEP)
    return table


def _is_deep(table: dict[str, Any]) -> bool:
    """Whether tables and arrays stand in one another deeper than is allowed."""
    level: list[Any] = [table]
    for _ in range(MAX_NESTING):
        inner = [entry.values() if isinstance(entry, dict) else entry for entry in level]
        level = [value for values in inner for value in values if isinstance(value, dict | list)]
    return bool(level)
