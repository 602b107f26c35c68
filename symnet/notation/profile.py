"""Profiles of notations: the built-in ones, which are the TOML files in `profiles/`, and a user's own.

A user's has the same keys, and takes what it leaves out from the profile it names as its `base_profile`
(`symnet` where it names none).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePath
from typing import Any, Literal, get_args, get_origin, get_type_hints

from symnet.errors import NotationError, located
from symnet.files import read_text, toml_table
from symnet.given import unfit
from symnet.names import path_shown, shown, unknown
from symnet.notation.clashes import check_free, check_together
from symnet.notation.conventions import INDICES, SYMBOLS, Notation, letter

__all__ = ["Notation", "check_free", "letter", "load_notation", "notation_names", "notation_rows", "read_notation"]

BASE = "symnet"
"""The profile that a user's own starts from where it names none."""

TEXTS = {"name": 40, "title": 200, "source": 200, "remarks": 500}
"""The keys that hold text and not letters, each with how many characters it may have."""

COUNTS = {"spare": (3, 12), "remarks": (0, 20)}
"""How many entries a list may have."""

OPTIONAL = ("output", "error")
"""The letters that a profile may do without."""

FURTHER_SPARE = tuple("mpqtoghwnij")
"""Letters for the spare indices of a profile that has put those of its base to other use."""


def notation_names() -> tuple[str, ...]:
    """The names of the built-in profiles, in the order of the alphabet."""
    found = (PurePath(entry.name) for entry in (files("symnet.notation") / "profiles").iterdir())
    return tuple(sorted(path.stem for path in found if path.suffix == ".toml"))


def notation_rows() -> list[tuple[str, str]]:
    """Name and title of each built-in profile."""
    return [(name, load_notation(name).title) for name in notation_names()]


def load_notation(given: Notation | str | Path) -> Notation:
    """The built-in profile of a name, a user's own from a file whose name ends in `.toml`, or a `Notation` itself.

    Raises:
        FileError: the file cannot be read.
        NotationError: there is no profile of that name, the file is no profile, or it is none of these.
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
    """A user's own profile from TOML text.

    Letters and conventions that it leaves out are those of its `base_profile`, but for spare letters that it
    has put to other use; its `name` is that of the file, its `title` that name, and its `source` and
    `remarks` are empty unless they are given.

    Args:
        text: the TOML.
        where: the name of the file, for messages.

    Raises:
        NotationError: it is not TOML, a key is unknown, a value is not allowed, or two letters are the same.
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
    """The notation with these values, each of the type that `Notation` declares for it."""
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
    """Spare letters: those of the base that nothing else has, and others for those that something has."""
    letters = [values[key] for key in (*SYMBOLS, *INDICES) if key != "spare"]
    taken = {text.split()[-1] for text in letters if isinstance(text, str) and text.split()}
    wanted = dict.fromkeys((*values["spare"], *FURTHER_SPARE))
    return tuple(text for text in wanted if text not in taken)[: max(len(values["spare"]), COUNTS["spare"][0])]


def _value(key: str, value: Any, hint: Any) -> Any:
    """A value of the kind that a type stands for: one of some choices, true or false, a string, or several."""
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
    """Text of a length that is allowed, or a letter."""
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
