"""The former name of `symnet.support.modules`, which pickled parameters refer to."""

from symnet.support import module_from_source, restored

__all__ = ["module_from_source", "restored"]
