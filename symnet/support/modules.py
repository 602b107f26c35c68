"""Modules compiled from generated source, and pickling of their parameters."""

from __future__ import annotations

import builtins
import linecache
from collections import namedtuple
from collections.abc import Sequence
from hashlib import sha256
from types import ModuleType
from typing import Any
from weakref import WeakValueDictionary

Parameters = Any
"""The class of named tuples of arrays that each module defines."""

_KNOWN: WeakValueDictionary[str, Parameters] = WeakValueDictionary()
"""The parameter class of every module in use, by the digest of its source."""


def module_from_source(source: str, name: str) -> ModuleType:
    """Compile source from `generate` to a module; tracebacks and `inspect` show its lines.

    The module cannot be imported, so its `Parameters` are pickled as names and arrays: see `restored`.
    Modules of the same source share the class.
    """
    filename = f"<{name} {len(linecache.cache)}>"
    module = ModuleType(name)
    module.__file__ = filename
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    exec(builtins.compile(source, filename, "exec"), module.__dict__)  # noqa: S102
    made = module.__dict__.get("Parameters")
    if made is not None:
        module.__dict__["Parameters"] = _known(sha256(source.encode()).hexdigest(), made)
    return module


def restored(digest: str, names: Sequence[str], arrays: Sequence[Any]) -> Any:
    """Unpickle parameters.

    They have the class of the module with that source. In a process that has not compiled it they are named tuples
    with the same names, which its functions accept too: unpickling runs no generated code.

    Args:
        digest: SHA-256 of the module's source.
        names: the names of the parameters.
        arrays: their values.
    """
    known = _KNOWN.get(digest)
    return (_known(digest, namedtuple("Parameters", names)) if known is None else known)(*arrays)


def _known(digest: str, made: Parameters) -> Parameters:
    """The parameter class for a source: a known one, else `made`."""

    def reduced(params: Any) -> tuple[Any, ...]:
        return restored, (digest, params._fields, tuple(params))

    made.__reduce__ = reduced
    return _KNOWN.setdefault(digest, made)
