"""Modules made from generated source, and their parameters in other processes."""

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
"""A class of named tuples of arrays, such as each module has one."""

_KNOWN: WeakValueDictionary[str, Parameters] = WeakValueDictionary()
"""The class of parameters of every module in use, by the digest of its source."""


def module_from_source(source: str, name: str) -> ModuleType:
    """A module from source that `generate` has made; tracebacks and `inspect` show its lines.

    No import finds it, so its `Parameters` are pickled as their names and arrays: see `restored`.
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
    """Parameters from what was pickled of them.

    They are of the class of the module with that source. A process that has compiled none gets named tuples of the
    same names, which every function of such a module takes as well: unpickling runs no generated code.

    Args:
        digest: SHA-256 of the module's source.
        names: of the parameters.
        arrays: one for each.
    """
    known = _KNOWN.get(digest)
    return (_known(digest, namedtuple("Parameters", names)) if known is None else known)(*arrays)


def _known(digest: str, made: Parameters) -> Parameters:
    """The class of parameters for a source: the one that is known already, or the one that was made."""

    def reduced(params: Any) -> tuple[Any, ...]:
        return restored, (digest, params._fields, tuple(params))

    made.__reduce__ = reduced
    return _KNOWN.setdefault(digest, made)
