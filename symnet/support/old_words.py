"""Words of arguments that have been replaced: the old one works, and says which is the new one."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def warn_of(old: str, new: str, level: int = 3) -> None:
    """Warn the caller of a public function that an argument has another name now."""
    warnings.warn(f"{old} is now {new}", DeprecationWarning, stacklevel=level + 1)


def renamed(
    words: Mapping[str, str], values: Mapping[str, Mapping[str, str]] | None = None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a function take keyword arguments by their old names, with a `DeprecationWarning` that names the new one.

    Args:
        words: the new name of an argument by its old one.
        values: the new spellings of values, by the old name of the argument.

    The function raises `TypeError` where both names of one argument are given.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def taking_old_words(*arguments: P.args, **options: P.kwargs) -> R:
            for old in words.keys() & options.keys():
                new = words[old]
                if new in options:
                    raise TypeError(f"{function.__name__}() got {old} and {new}, which are two names of one argument")
                warn_of(f"argument {old}", new)
                given = options.pop(old)
                meant = (values or {}).get(old, {})
                options[new] = meant.get(given, given) if isinstance(given, str) else given
            return function(*arguments, **options)

        return taking_old_words

    return decorate
