"""The formulas of five lecture notes, each with the answer that it should get: the tables in `notes_formulas/`.

A table has the `title`, `author` and `source` of a note, what there is to say `about` it, and a list of `[[formula]]`,
each with

- `section`, `line`: where it stands in the note, by the heading above it and the number of the line in the
  note's text;
- `network`: the architecture that it speaks of, its loss included;
- `notation`: a built-in profile, or one of `notes_formulas/notations/`, where a note writes the same thing
  in several ways;
- `values`: the table of numbers at which it is to be evaluated, for worked examples;
- `shorthand`: what the note leaves to its reader, as a list of replacements that write it out;
- `latex`: the formula as it is printed; what extraction to text has lost is mended, and `remark` says so;
  numbers of equations are tags;
- `verdict`: what a check of it should answer: `right`, `wrong`, or `not understood` where it claims nothing
  of a network or has symbols for which a notation has no place;
- `by_hand`: what is true of a formula of the last kind, where it can be told: `right` or `wrong`;
- `cause`, `correct`, `remark`: the typical error that was made, the corrected formula, and why.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from symnet.notation.conventions import Notation
from symnet.notation.profile import load_notation, notation_names

TABLES = Path(__file__).parents[1] / "notes_formulas"
NAMES = ("hjorth-jensen", "downie", "bishop", "bessa", "trujillo")
CAUSES = (
    *("index order", "layer index", "activation instead of input", "missing transpose", "extra transpose", "sign"),
    *("factor", "derivative at the wrong value", "missing factor", "extra factor", "sum"),
    *("hadamard or matrix product", "index", "other"),
)


@dataclass(frozen=True)
class NotesFormula:
    """A formula of a note; see above."""

    note: str
    section: str
    line: int
    latex: str
    verdict: str
    network: str = ""
    notation: str = ""
    values: str = ""
    shorthand: str = ""
    by_hand: str = ""
    cause: str = ""
    correct: str = ""
    remark: str = ""

    @property
    def is_claim(self) -> bool:
        """Whether it says something of a network, in symbols for which there is a notation."""
        return self.verdict != "not understood"

    @property
    def truth(self) -> str:
        """`right` or `wrong`; empty for what claims nothing."""
        return self.verdict if self.is_claim else self.by_hand

    @property
    def profile(self) -> Notation:
        """The notation it is written in."""
        built_in = self.notation in notation_names()
        return load_notation(self.notation if built_in else str(TABLES / "notations" / f"{self.notation}.toml"))


@dataclass(frozen=True)
class Note:
    """A note with its formulas."""

    name: str
    title: str
    author: str
    source: str
    formulas: tuple[NotesFormula, ...]
    about: str = ""
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    shorthand: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def in_full(self, formula: NotesFormula, latex: str) -> str:
        """LaTeX of a formula with what the note leaves to its reader written out."""
        for pattern, replacement in self.shorthand.get(formula.shorthand, ()):
            latex = re.sub(pattern, replacement, latex)
        return latex


@cache
def note(name: str) -> Note:
    """The table of a note."""
    table = tomllib.loads((TABLES / f"{name}.toml").read_text(encoding="utf-8"))
    formulas = tuple(NotesFormula(note=name, **entry) for entry in table.pop("formula"))
    return Note(name=name, formulas=formulas, **table)


NOTES = tuple(note(name) for name in NAMES)
