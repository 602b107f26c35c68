"""Profiles of notations: built-in ones, the TOML files in `profiles/`, and a user's own.

A user's profile has the same keys, and inherits missing ones from its `base_profile` (`symnet` by
default).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePath
from typing import Any, Literal, get_args, get_origin, get_type_hints

from symnet.notation.clashes import check_free, check_together
from symnet.notation.conventions import INDICES, SYMBOLS, Notation, letter
from symnet.support import NotationError, located, path_shown, read_text, shown, toml_table, unfit, unknown

__all__ = ["Notation", "check_free", "letter", "load_notation", "notation_names", "notation_rows", "read_notation"]

BASE = "symnet"
"""The default base profile."""

TEXTS = {"name": 40, "title": 200, "source": 200, "remarks": 500}
"""The keys that hold text instead of letters, with the largest length of each."""

COUNTS = {"spare": (3, 12), "remarks": (0, 20)}
"""The smallest and largest number of entries of a list."""

OPTIONAL = ("output", "error")
"""The letters that a profile may leave out."""

FURTHER_SPARE = tuple("mpqtoghwnij")
"""Further letters for spare indices, if a profile uses those of its base otherwise."""


def notation_names() -> tuple[str, ...]:
    """The names of the built-in profiles, in alphabetical order."""
    found = (PurePath(entry.name) for entry in (files("symnet.notation") / "profiles").iterdir())
    return tuple(sorted(path.stem for path in found if path.suffix == ".toml"))


def notation_rows() -> list[tuple[str, str]]:
    """The name and title of each built-in profile."""
    return [(name, load_notation(name).title) for name in notation_names()]


def load_notation(given: Notation | str | Path) -> Notation:
    """Load a notation: a built-in profile by name, a user's from a path that ends in `.toml`, or a `Notation`.

    Raises:
        FileError: the file cannot be read.
        NotationError: the name is unknown, the file is not a valid profile, or the argument has another type.
    """
    if isinstance(given, Notation):
        return given
    if not isinstance(given, str | Path):
        raise unfit(
            "the notation", given, "its name, the path of a .toml file (str or Path) or a Notation", NotationError
        )
    name = str(given)
    if name.endswith(".toml"):
        return read_notation(read_text(name), name)
    if name not in notation_names():
        raise NotationError(f"{unknown('notation', name, notation_names())}, or a file that ends in .toml")
    return _built_in(name)


def read_notation(text: str, where: str) -> Notation:
    """Read a user's profile from TOML text.

    Missing letters and conventions are those of its `base_profile`, except spare letters that the profile
    uses otherwise. The default `name` is that of the file, the default `title` is the name, and `source` and
    `remarks` are empty by default.

    Args:
        text: the TOML.
        where: the name of the file, for messages.

    Raises:
        NotationError: it is not TOML, a key is unknown, a value is not allowed, or two letters are equal.
    """
    try:
        given = toml_table(text, NotationError)
        base = given.pop("base_profile", BASE)
        if not isinstance(base, str) or base not in notation_names():
            raise NotationError(f"base_profile: {unknown('notation', base, notation_names())}")
        stem = PurePath(where).stem
        name = stem if stem.isprintable() and 0 < len(stem) <= TEXTS["name"] else "notation"
        about = {"name": name, "title": given.get("name", name), "source": "", "remarks": []}
        values = {**vars(_built_in(base)), **about, **given}
        if "spare" not in given:
            values["spare"] = _still_free(values)
        return _notation(values)
    except NotationError as error:
        raise located(error, path_shown(where)) from None


@cache
def _built_in(name: str) -> Notation:
    text = (files("symnet.notation") / "profiles" / f"{name}.toml").read_text(encoding="utf-8")
    try:
        return _notation({"name": name, **toml_table(text, NotationError)})
    except NotationError as error:
        raise located(error, f"{name}.toml") from None


def _notation(values: Mapping[str, Any]) -> Notation:
    """The notation with these values, checked against the types that `Notation` declares."""
    hints = get_type_hints(Notation)
    known = [entry.name for entry in fields(Notation)]
    for key in values:
        if key not in known:
            raise NotationError(unknown("key", key, [*known, "base_profile"]))
    missing = [key for key in known if key not in values]
    if missing:
        raise NotationError(f"there is no {missing[0]}")
    notation = Notation(**{key: _value(key, values[key], hints[key]) for key in known})
    check_together(notation)
    return notation


def _still_free(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The spare letters of the base; those in use otherwise are replaced."""
    letters = [values[key] for key in (*SYMBOLS, *INDICES) if key != "spare"]
    taken = {text.split()[-1] for text in letters if isinstance(text, str) and text.split()}
    wanted = dict.fromkeys((*values["spare"], *FURTHER_SPARE))
    return tuple(text for text in wanted if text not in taken)[: max(len(values["spare"]), COUNTS["spare"][0])]


def _value(key: str, value: Any, hint: Any) -> Any:
    """Check a value against a type: one of several choices, a boolean, a string, or a list."""
    choices = (True, False) if hint is bool else get_args(hint) if get_origin(hint) is Literal else ()
    if choices:
        if not any(type(value) is type(choice) and value == choice for choice in choices):
            raise NotationError(f"{key} is {shown(value)}; allowed: {', '.join(map(_as_toml, choices))}")
        return value
    if hint is str:
        return _string(key, value, key)
    fewest, most = COUNTS[key]
    if not isinstance(value, list | tuple) or not fewest <= len(value) <= most:
        raise NotationError(f"{key} is {shown(value)}; a list of {fewest} to {most} is needed")
    return tuple(_string(key, entry, f"{key}[{place}]") for place, entry in enumerate(value))


def _as_toml(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _string(key: str, value: Any, where: str) -> str:
    """Check text for its length, or a letter."""
    if not isinstance(value, str):
        raise NotationError(f"{where} is {shown(value)}; {'text' if key in TEXTS else 'a letter'} in quotes is needed")
    text: str = value
    if key in TEXTS:
        if len(text) > TEXTS[key]:
            raise NotationError(f"{where} has {len(text):,} characters; at most {TEXTS[key]} are allowed")
        if not text.isprintable():
            raise NotationError(f"{where} is {shown(text)}; a line of printable characters is needed")
    elif text or key not in OPTIONAL:
        try:
            letter(text)
        except NotationError as error:
            raise located(error, where) from None
    return text
