"""Reading files within limits, and writing them atomically."""

import os
import re
import secrets
import stat
import sys
import tomllib
from pathlib import Path
from typing import Any, TextIO

from symnet.support.errors import FileError, SymnetError
from symnet.support.names import path_shown, shown

STANDARD = "-"
"""The file name for standard input or output."""

MAX_BYTES = 1_000_000
MAX_NESTING = 32
"""The largest nesting depth of tables and arrays in a TOML file, and the largest number of parts of a key."""

MAX_PARTS = 100_000
"""The largest number of separators of keys, values and lines in a TOML file: tomllib takes microseconds for each."""

_PARTING = "=,.[{\n"
_NO_FILE = "not a regular file"
_TOO_MANY_LINKS = "too many levels of symbolic links"
_TOO_DEEP = f"nested deeper than {MAX_NESTING} levels"
_KEY = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"?+|'[^'\n]*+'?+)"""
_SKIPPED = r"""\"{3}(?:[^"\\]|\\[\s\S]|"(?!""))*+(?:\"{3})?+|'{3}(?:[^']|'(?!''))*+(?:'{3})?+|\#[^\n]*+"""
_KEYS = re.compile(rf"{_SKIPPED}|(?P<long>{_KEY}(?:[ \t]*+\.[ \t]*+{_KEY}){{{MAX_NESTING}}})|{_KEY}")
"""Matches TOML keys, and text that looks like one, from left to right; visits no character more than 33 times."""


def read_text(path: str | Path) -> str:
    """Read a regular UTF-8 file of at most 1,000,000 bytes; a byte order mark is dropped.

    Raises:
        FileError: the file is missing, not regular, too large or not UTF-8.
    """
    where = path_shown(path)
    try:
        # Check before opening (opening a device has side effects) and again on the handle (race).
        _check_regular(where, Path(path).stat())
        with open(path, "rb", opener=_without_waiting) as file:
            _check_regular(where, os.fstat(file.fileno()))
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise FileError(f"cannot read {where}: {_reason(error)}") from None
    return _decoded(data, where)


def read_standard_input() -> str:
    """Read standard input to its end, within the limits of `read_text`.

    Raises:
        FileError: standard input is closed, too large or not UTF-8.
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
    """Open a file without blocking on a pipe that has no writer."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def write_text(path: str | Path, text: str) -> None:
    """Write text as UTF-8, like `write_bytes`."""
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise FileError(f"cannot write {path_shown(path)}: {error}") from None
    write_bytes(path, data)


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a file atomically: an existing file is replaced completely or left unchanged.

    The bytes go to a temporary file in the same folder, which is then renamed. A symbolic link to a file is
    replaced, not followed; links among the parent folders are followed, except another user's in a
    world-writable folder. `/dev/stdout` and `/dev/stderr` are written as streams.

    Raises:
        FileError: the folder does not exist or is not writable, a parent is another user's link, or the target,
            or the target of a link there, is not a regular file.
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
"""The largest number of symbolic links on a path, as on Linux."""


def _streams() -> dict[Path, TextIO | None]:
    """The paths of the standard streams of this process."""
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
    # The name is chosen before the file is created, so that an interrupted run removes it.
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
    """Raise unless the target is missing, a writable regular file, or a link to a regular file."""
    followed, links = target, 0
    # A link to `/dev/stdin` counts as a device, even if that leads to a file at the moment.
    while followed.is_symlink() and not _is_of_the_system(followed):
        followed, links = _reached(followed.parent / followed.readlink()), links + 1
        if links > MAX_LINKS:
            raise ValueError(_TOO_MANY_LINKS)
    if _is_of_the_system(followed) or (target.exists() and not target.is_file()):
        raise ValueError(_NO_FILE)
    if followed == target and target.exists() and not os.access(target, os.W_OK):
        raise ValueError("permission denied")


def _is_of_the_system(path: Path) -> bool:
    """Whether a path lies in /dev or /proc; `/dev/shm` holds ordinary files."""
    return path.parent == DEVICES or PROCESSES in path.parents


def _reached(target: Path) -> Path:
    """The path with links among its parent folders resolved.

    Raises:
        ValueError: a link is another user's in a world-writable folder, or there are too many links.
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
    """Raise for another user's link in a world-writable folder such as `/tmp`.

    Linux does the same if `fs.protected_symlinks` is set; links of root and of the folder's owner are trusted.
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
    """Parse TOML text within limits.

    Raises:
        SymnetError: of the given class, if the text is not TOML, has too many parts or is nested deeper than 32 levels.
    """
    if sum(map(text.count, _PARTING)) > MAX_PARTS:
        raise error_class(f"more than {MAX_PARTS:,} keys, values and lines")
    if any(found.lastgroup == "long" for found in _KEYS.finditer(text)):
        # tomllib takes cubic time in the parts of a key.
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
    """Whether tables and arrays are nested deeper than `MAX_NESTING`."""
    level: list[Any] = [table]
    for _ in range(MAX_NESTING):
        inner = [entry.values() if isinstance(entry, dict) else entry for entry in level]
        level = [value for values in inner for value in values if isinstance(value, dict | list)]
    return bool(level)
