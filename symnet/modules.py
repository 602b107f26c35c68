"""Modules made from generated source."""

from __future__ import annotations

import builtins
import linecache
from types import ModuleType


def module_from_source(source: str, name: str) -> ModuleType:
    """A module from source that `generate` has made; tracebacks and `inspect` show its lines."""
    filename = f"<{name} {len(linecache.cache)}>"
    module = ModuleType(name)
    module.__file__ = filename
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    exec(builtins.compile(source, filename, "exec"), module.__dict__)  # noqa: S102
    return module
