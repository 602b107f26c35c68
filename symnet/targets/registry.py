"""The targets by name, and the spellings by which they were asked for once."""

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
    """What the folders beside this file have as `TARGET`, by the names of the folders."""
    for name in sorted(entry.name for entry in iter_modules([str(HERE)]) if entry.ispkg):
        target = getattr(import_module(f"symnet.targets.{name}"), "TARGET", None)
        if target is not None:
            yield target


TARGETS: dict[str, Target] = {target.name: target for target in _found()}
"""The targets by name, in the order in which people are told of them."""

SPELLINGS: dict[str, tuple[str, str, str | None]] = {
    "numpy": ("numpy", "array", "full"),
    "numpy-plain": ("numpy", "array", "none"),
    "numpy-scalar": ("numpy", "scalar", None),
    "python": ("python", "scalar", None),
}
"""How targets were asked for once: the language, its form, and where there were two its optimization."""


def target_of(given: str | Target, form: str | None = None, optimization: str | None = None) -> Target:
    """The target with this name, or the one that old spellings mean: `numpy` with form `scalar` is `numpy-scalar`.

    Raises:
        OptionError: there is none, or the spellings contradict each other.
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
    """The target with this name, if it writes functions of one's own.

    Raises:
        OptionError: there is none, or it writes networks alone.
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
