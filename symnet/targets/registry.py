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

SPELLINGS: dict[str, tuple[str, str, str | None]] = {
    "numpy": ("numpy", "array", "full"),
    "numpy-plain": ("numpy", "array", "none"),
    "numpy-scalar": ("numpy", "scalar", None),
    "python": ("python", "scalar", None),
}
"""The deprecated spellings of targets: the language, its form, and its optimization if there was a choice."""


def target_of(given: str | Target, form: str | None = None, optimization: str | None = None) -> Target:
    """Return the target with this name, or that of a deprecated spelling: `numpy` with form `scalar` is `numpy-scalar`.

    Args:
        given: a name, or a `Target`, which is returned as it is.
        form, optimization: the words of the deprecated spelling; None if not given.

    Raises:
        OptionError: a word is unknown, or they contradict each other.
    """
    if isinstance(given, Target) and form is optimization is None:
        return given
    name = given.name if isinstance(given, Target) else given
    if not isinstance(name, str):
        raise unfit("the target", given, "its name or a Target", OptionError)
    for what, word, known in (
        ("target", name, TARGETS),
        ("form", form, _spelled(1)),
        ("optimization", optimization, _spelled(2)),
    ):
        if word is not None and word not in known:
            raise OptionError(unknown(what, word, known))
    if form is optimization is None:
        return TARGETS[name]
    for own, (language, *spelling) in SPELLINGS.items():
        if name in (own, language) and all(
            word in (None, known) for word, known in zip((form, optimization), spelling, strict=True)
        ):
            return TARGETS[own]
    asked = " and ".join(f"{what} {word}" for what, word in (("form", form), ("optimize", optimization)) if word)
    raise OptionError(f"target {name} does not go with {asked}; the targets are {', '.join(TARGETS)}")


def old_spellings(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function that takes a target take `form` and `optimize` too, with a `DeprecationWarning`."""

    @wraps(function)
    def taking_old_spellings(*arguments: P.args, **options: P.kwargs) -> R:
        old = {word: options.pop(word) for word in ("form", "optimize") if word in options}
        given = {word: value for word, value in old.items() if value is not None}
        if given:
            asked: Any = {"given": options.get("target", "numpy"), **old}
            target = target_of(asked["given"], asked.get("form"), asked.get("optimize"))
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
