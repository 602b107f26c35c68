"""How a generated module is laid out: lines are broken where they have to be, and at no other place."""

from __future__ import annotations

import itertools

import pytest

from symnet.targets.python_text import WIDTH, beside, broken, listed

WORDS = ("a", "bb" * 3, "ccc" * 9, "d" * 45)
COMMENTS = ("short", " ".join(WORDS * 4), "w" * 150, f"{'v' * 130} and {'u' * 120}", "x = y + z " * 14)
CODE = (
    "a = b + c",
    f"name = {' + '.join(['value'] * 12)}",
    f"longer = {' + '.join(['value_of_it'] * 14)}",
    f"call({', '.join(['argument'] * 16)})",
)


@pytest.mark.parametrize("indent", [0, 4, 8])
def test_comments_and_code_are_broken_where_a_line_ends_and_at_no_other_place(indent: int) -> None:
    for code, comment in itertools.product(CODE, COMMENTS):
        room = WIDTH - indent
        lines = beside([(code, comment)], indent)
        assert all(len(line) <= room or " " not in line.removeprefix("# ") for line in lines), lines
        if len(code) + len(comment) + 4 <= room:
            assert lines == [f"{code}  # {comment}"]
            continue
        above = [line.removeprefix("# ") for line in lines if line.startswith("# ")]
        assert " ".join(above).split() == comment.split()
        firsts = [line.split()[0] for line in above[1:]]
        assert all(len(line) + 1 + len(word) > room - 2 for line, word in zip(above, firsts, strict=False)), lines
        rest = lines[len(above) :]
        assert "".join("".join(rest).split()).replace("=(", "=").removesuffix(")") == "".join(
            code.split()
        ).removesuffix(")").replace("=(", "=")
        assert (len(rest) == 1) == (len(code) <= room), lines
        inner = [line.strip() for line in rest[1:-1]]
        firsts = [line.split()[0] for line in inner[1:]]
        assert all(len(line) + 1 + len(word) > room - 4 for line, word in zip(inner, firsts, strict=False)), lines


def test_comments_beside_code_begin_in_one_column() -> None:
    pairs = [("a = 1", "one"), ("long_name = 2 + 3", "two"), ("b = 4", "w" * 200)]
    lines = beside(pairs)
    assert lines[0].index("#") == lines[1].index("#") == len(pairs[1][0]) + 2
    assert lines[2:] == [f"# {'w' * 200}", "b = 4"]


@pytest.mark.parametrize("room", [1, 10, 11, 12, 40])
def test_a_line_is_broken_at_spaces_into_the_longest_pieces(room: int) -> None:
    for text in ("one", "one two three four five", "x" * 30, f"{'x' * 12} y {'z' * 12}"):
        pieces = broken(text, room)
        assert " ".join(pieces) == text
        assert all(len(piece) <= room or " " not in piece for piece in pieces)
        for piece, after in itertools.pairwise(pieces):
            assert len(piece) + 1 + len(after.split(" ")[0]) > room


def test_a_list_stands_on_one_line_while_it_fits() -> None:
    for number in (1, 2, 10, 12, 13, 14, 40):
        items = [f"item_{each}" for each in range(number)]
        for before, after in (("call", ""), ("", " = whole"), ("f", "[0]")):
            lines = listed(before, items, after)
            joined = "".join("".join(lines).split()).replace("(", "").replace(")", "")
            names = joined.removeprefix(before).removesuffix(after.replace(" ", "")).rstrip(",")
            assert names.split(",") == items
            assert all(len(line) <= WIDTH - 4 for line in lines)
            assert len(lines) == 1 or sum(len(item) + 2 for item in items) > WIDTH - 30
