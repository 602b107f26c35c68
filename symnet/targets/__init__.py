"""The targets that code is generated for: a folder each, with the contract of `Target`."""

from symnet.targets.registry import TARGETS, function_target, old_spellings, old_target, target_of
from symnet.targets.source import FunctionSource, Source
from symnet.targets.target import Target

__all__ = [
    "TARGETS",
    "FunctionSource",
    "Source",
    "Target",
    "function_target",
    "old_spellings",
    "old_target",
    "target_of",
]
