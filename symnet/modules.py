"""`symnet.support.modules` by the name that it had, which pickled parameters know it by."""

from symnet.support import module_from_source, restored

__all__ = ["module_from_source", "restored"]
