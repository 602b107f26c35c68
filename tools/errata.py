"""Writes docs/errata.md from the tables in tests/notes_formulas: `python tools/errata.py`."""

import tomllib
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent.parent / "docs" / "errata.md"
TABLES = PAGE.parent.parent / "tests" / "notes_formulas"
NAMES = ("hjorth-jensen", "downie", "bishop", "bessa", "trujillo")

Entry = dict[str, Any]

INTRODUCTION = """\
# Errata of five lecture notes

symnet has several of its notations from five lecture notes on neural networks, and is held to their formulas:
{formulas} in all, each with the answer that a check of it should give
([tests/notes_formulas](../tests/notes_formulas)). Of these, {claims} say something of a network, in symbols for which
a notation has a place. Each was read as it is printed, with what the note leaves to its reader written out, and
evaluated against the network's own equations, at random numbers or at those of the worked example: **{right} are
right**, and {wrong} have a slip. The other {others} are on other matters, or have symbols for which a notation has no
place. They were gone through by hand: {right_by_hand} are right, {wrong_by_hand} have a slip, and {rest} are
definitions, assumptions, or no statements at all.

Here are the {slips} formulas with a slip, as they are printed and as they should be; what a note says in words is
written as a formula here, and quoted below it. Most are slips of a letter, as they happen to everyone who writes
formulas by the hundred. We thank the authors for notes from which we learnt, and which they have given to everyone.

Lines are those of a text version of the notes; the heading above a formula says where it is in any other. What the
extraction of that text had evidently lost was mended first, but a slip or two may still be its own. Should a correction
be in need of one itself, please tell us.
"""

COUNTS = """\
| note | formulas | on a network: right | with a slip | other: right | with a slip | no statement |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |"""


def tables() -> list[Entry]:
    """The tables of all notes."""
    return [tomllib.loads((TABLES / f"{name}.toml").read_text(encoding="utf-8")) for name in NAMES]


def counted(formulas: list[Entry]) -> dict[str, int]:
    """How many formulas there are of each kind."""
    verdicts = [entry["verdict"] for entry in formulas]
    by_hand = [entry.get("by_hand", "") for entry in formulas if entry["verdict"] == "not understood"]
    right, wrong = verdicts.count("right"), verdicts.count("wrong")
    return {
        "formulas": len(formulas),
        "claims": right + wrong,
        "right": right,
        "wrong": wrong,
        "others": len(by_hand),
        "right_by_hand": by_hand.count("right"),
        "wrong_by_hand": by_hand.count("wrong"),
        "rest": by_hand.count(""),
        "slips": wrong + by_hand.count("wrong"),
    }


def erratum(entries: list[Entry]) -> str:
    """One slip, with every place where it stands."""
    first = entries[0]
    lines = [str(entry["line"]) for entry in entries]
    where = f"line {lines[0]}" if len(lines) == 1 else f"lines {', '.join(lines[:-1])} and {lines[-1]}"
    sections = " and ".join(dict.fromkeys(f"*{entry['section']}*" for entry in entries))
    return "\n\n".join(
        (
            f"{sections}, {where}. Printed:",
            f"$$\n{first['latex']}\n$$",
            "Corrected:",
            f"$$\n{first['correct']}\n$$",
            first["remark"],
        )
    )


def without_point(latex: str) -> str:
    """A formula without the comma or the point behind it."""
    return latex.rstrip(" .,")


def section(table: Entry) -> str:
    """The errata of a note; a slip that stands at several places is told once."""
    groups: dict[str, list[Entry]] = {}
    for entry in table["formula"]:
        if "correct" in entry:
            groups.setdefault(without_point(entry["latex"]), []).append(entry)
    about = " ".join(table.get("about", "").split())
    by = f"{table['author']}, {table['source']}" if table["author"] else table["source"]
    parts = [f"## {table['title']}", f"{by[0].upper()}{by[1:]}.", *([about] if about else [])]
    parts += [f"**{number}.** {erratum(group)}" for number, group in enumerate(groups.values(), 1)]
    return "\n\n".join(parts)


def row(title: str, count: dict[str, int]) -> str:
    """A line of the table of counts."""
    keys = ("formulas", "right", "wrong", "right_by_hand", "wrong_by_hand", "rest")
    return f"| {title} | {' | '.join(str(count[key]) for key in keys)} |"


def page() -> str:
    """The whole page."""
    found = tables()
    total = counted([entry for table in found for entry in table["formula"]])
    rows = [row(table["title"], counted(table["formula"])) for table in found]
    counts = "\n".join((COUNTS, *rows, row("all", total)))
    return "\n\n".join((INTRODUCTION.format(**total).strip(), counts, *map(section, found))) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
