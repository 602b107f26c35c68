"""Text that goes into Python source: comments beside code, and strangers' words inside docstrings."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

WIDTH = 110


def docstring_text(text: str) -> str:
    """`text` so that it stays on one line inside a docstring: ASCII, with backslashes and quotes escaped."""
    visible = text.encode("unicode_escape").decode("ascii")
    return visible.replace("\\", "\\\\").replace('"', '\\"')


def beside(statements: Sequence[tuple[str, str]], indent: int = 4) -> list[str]:
    """Lines of code with a comment each: aligned to the right where all is narrow enough, else above.

    Args:
        statements: pairs of a line of code and its comment.
        indent: how far the lines will be indented.
    """
    room = WIDTH - indent
    short = [len(code) for code, comment in statements if len(code) + len(comment) + 4 <= room]
    column = max(short, default=0)
    lines = []
    for code, comment in statements:
        if len(code) <= column and column + len(comment) + 4 <= room:
            lines.append(f"{code.ljust(column)}  # {comment}")
        else:
            lines += [f"# {line}" for line in textwrap.wrap(comment, room - 2, break_long_words=False)]
            lines += _wrapped(code, room)
    return lines


def _wrapped(code: str, room: int) -> list[str]:
    """A line of code, broken after operators inside one pair of parentheses where it is too long."""
    if len(code) <= room:
        return [code]
    name, value = code.split(" = ", 1)
    pieces, current = [], ""
    for word in _terms(value):
        if current and len(current) + len(word) + 1 > room - 4:
            pieces.append(current)
            current = word
        else:
            current = f"{current} {word}" if current else word
    return [f"{name} = (", *(f"    {piece}" for piece in (*pieces, current)), ")"]


def _terms(value: str) -> list[str]:
    """The words of an expression, none broken inside brackets."""
    words, depth, start = [], 0, 0
    for place, character in enumerate(value):
        depth += (character in "([") - (character in ")]")
        if character == " " and depth == 0:
            words.append(value[start:place])
            start = place + 1
    return [*words, value[start:]]
