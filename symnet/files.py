"""Reading and writing text files: read within limits, written whole or not at all."""

import os
import stat
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from symnet.errors import FileError, SymnetError
from symnet.names import shown

MAX_BYTES = 1_000_000


def read_text(path: str | Path) -> str:
    """The text of a regular UTF-8 file of at most 1,000,000 bytes.

    Raises:
        FileError: the file is missing, not regular, too large or not UTF-8.
    """
    where = shown(path)
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            raise FileError(f"cannot read {where}: not a regular file")
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise FileError(f"cannot read {where}: {_reason(error)}") from None
    if len(data) > MAX_BYTES:
        raise FileError(f"cannot read {where}: larger than {MAX_BYTES:,} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FileError(f"cannot read {where}: not UTF-8 at byte {error.start}") from None


def write_text(path: str | Path, text: str) -> None:
    """Put `text` at `path`, atomically: an existing file is replaced whole or left as it was.

    The text goes to a temporary file beside the target, which then takes the target's name; a
    symbolic link at the target is replaced, not followed.

    Raises:
        FileError: the folder does not exist or cannot be written, or the target is not a regular file.
    """
    target = Path(path)
    temporary: Path | None = None
    try:
        if target.is_symlink() or target.exists():
            if not target.is_symlink() and not target.is_file():
                raise FileError(f"cannot write {shown(path)}: not a regular file")
            if not os.access(target, os.W_OK) and not target.is_symlink():
                raise PermissionError("permission denied")
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:50]}.", dir=target.parent)
        temporary = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        temporary.chmod(_mode(target))
        temporary.replace(target)
    except (OSError, ValueError) as error:
        raise FileError(f"cannot write {shown(path)}: {_reason(error)}") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _mode(target: Path) -> int:
    """The permissions of the file to be replaced, or those that a newly made file would get."""
    if target.is_file() and not target.is_symlink():
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error)


def toml_table(text: str, error_class: type[SymnetError]) -> dict[str, Any]:
    """The table that TOML text holds; nesting too deep or a number too long is an error like any other.

    Raises:
        SymnetError: of the given class, if the text is no TOML.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise error_class("not TOML: nested too deeply") from None
    except (tomllib.TOMLDecodeError, ValueError, TypeError, AttributeError) as error:
        raise error_class(f"not TOML: {' '.join(str(error).split())}") from None
