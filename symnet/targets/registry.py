"""The targets by name, and their deprecated spellings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, ParamSpec, TypeVar

from symnet.support import OptionError, unfit, unknown, warn_of
from symnet.targets.target import Target

P = ParamSpec("P")
R = TypeVar("R")

HERE = Path(__file__).parent


def _found() -> Iterator[Target]:
    """Yield the `TARGET` of each package in this folder, in alphabetical order."""
    for name in sorted(entry.name for entry in iter_modules([str(HERE)]) if entry.ispkg):
        target = getattr(import_module(f"symnet.targets.{name}"), "TARGET", None)
        if target is not None:
            yield target


TARGETS: dict[str, Target] = {target.name: target for target in _found()}
"""The targets by name, in the order of lists and messages."""

SPELLINGS: dict[str, tuple[str, str | None]] = {
    "numpy": ("array", "full"),
    "numpy-plain": ("array", "none"),
    "numpy-scalar": ("scalar", None),
}
"""The deprecated spellings of targets: the form, and the optimization if there was a choice."""


def target_of(given: str | Target) -> Target:
    """Return the target with this name; a `Target` is returned as it is.

    Raises:
        OptionError: the name is unknown.
    """
    if isinstance(given, Target):
        return given
    if not isinstance(given, str):
        raise unfit("the target", given, "its name or a Target", OptionError)
    if given not in TARGETS:
        raise OptionError(unknown("target", given, TARGETS))
    return TARGETS[given]


def old_target(form: str | None, optimization: str | None) -> Target:
    """Return the target of a deprecated spelling: form `scalar` is `numpy-scalar`.

    Raises:
        OptionError: a word is unknown, or they contradict each other.
    """
    for place, (what, word) in enumerate((("form", form), ("optimization", optimization))):
        if word is not None and word not in _spelled(place):
            raise OptionError(unknown(what, word, _spelled(place)))
    for name, spelling in SPELLINGS.items():
        if all(word in (None, known) for word, known in zip((form, optimization), spelling, strict=True)):
            return TARGETS[name]
    raise OptionError(f"form {form} does not go with optimize {optimization}; the targets are {', '.join(TARGETS)}")


def old_spellings(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function that takes a target take `form` or `optimize` in its place, with a `DeprecationWarning`."""

    @wraps(function)
    def taking_old_spellings(*arguments: P.args, **options: P.kwargs) -> R:
        old: dict[str, Any] = {word: options.pop(word) for word in ("form", "optimize") if word in options}
        given = {word: value for word, value in old.items() if value is not None}
        if given:
            if "target" in options:
                raise OptionError(f"{' and '.join(given)} and target are given; target alone is needed")
            target = old_target(old.get("form"), old.get("optimize"))
            warn_of(f"argument {' and '.join(given)}", f"target={target.name!r}")
            options["target"] = target
        return function(*arguments, **options)

    return taking_old_spellings


def function_target(given: str | Target) -> Target:
    """Return the target with this name, which must write functions; a `Target` is returned as it is.

    Raises:
        OptionError: the name is unknown, or the target writes networks alone.
    """
    if isinstance(given, Target):
        return given
    if not isinstance(given, str):
        raise unfit("the target", given, "its name or a Target", OptionError)
    known = {name: target for name, target in TARGETS.items() if target.write_function}
    if given not in known:
        raise OptionError(unknown("target", given, known))
    return known[given]


def _spelled(place: int) -> list[str]:
    return list(dict.fromkeys(word for spelling in SPELLINGS.values() if (word := spelling[place]) is not None))
