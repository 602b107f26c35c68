"""Text in Python source: comments beside code, line breaks, and untrusted text inside docstrings."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence

from symnet.support import unobeyed

WIDTH = 110


def docstring_text(text: str) -> str:
    """Escape a text for one line of a docstring: ASCII, with backslashes and quotes escaped."""
    visible = unobeyed(text).encode("unicode_escape").decode("ascii")
    return visible.replace("\\", "\\\\").replace('"', '\\"')


def beside(statements: Sequence[tuple[str, str]], indent: int = 4) -> list[str]:
    """Return lines of code with comments: aligned beside the code if all lines are narrow enough, else above it.

    Args:
        statements: pairs of a line of code and its comment.
        indent: the indentation that the lines will get.
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
            lines += wrapped(code, room)
    return lines


def wrapped(code: str, room: int = WIDTH - 4) -> list[str]:
    """Return an assignment or a call as lines; if it is too long, broken between words inside parentheses."""
    if len(code) <= room:
        return [code]
    name, assigns, value = code.partition(" = ")
    if not assigns:
        name, _, value = code.removesuffix(")").partition("(")
    return [f"{name}{assigns}(", *(f"    {piece}" for piece in broken(value, room - 4)), ")"]


def number_text(number: float) -> str:
    """Return a number as NumPy code: -np.inf for what Python prints as -inf."""
    return f"{number}".replace("inf", "np.inf")


def listed(before: str, items: Sequence[str], after: str, indent: int = 4) -> list[str]:
    """Return `before(a, b, c)after`, or `a, b, cafter` if `before` is empty, on as many lines as needed."""
    joined = ", ".join(items) + ("," if len(items) == 1 else "")
    line = f"{before}({joined}){after}" if before else f"{joined}{after}"
    if len(line) <= WIDTH - indent:
        return [line]
    return [f"{before}(", *_filled(items, WIDTH - indent - 4), f"){after}"]


def _filled(items: Sequence[str], room: int) -> list[str]:
    """Return items with commas, as many on a line as fit; an item longer than a line is broken between words."""
    lines, current = [], ""
    for item in items:
        if current and len(current) + len(item) + 2 > room:
            lines.append(current)
            current = ""
        current += f" {item}," if current else f"{item},"
    return [f"    {part}" for line in (*lines, current) for part in broken(line, room)]


def broken(line: str, room: int) -> list[str]:
    """Split a line at spaces into pieces of at most `room` characters; longer words stay whole."""
    pieces = []
    while len(line) > room and " " in line:
        space = line.rfind(" ", 0, room + 1)
        space = space if space > 0 else line.find(" ")
        pieces.append(line[:space])
        line = line[space + 1 :]
    return [*pieces, line]


def shortened(text: str, length: int) -> str:
    """Cut an escaped text to at most `length` characters, with an ellipsis if it was longer."""
    return text if len(text) <= length else f"{text[: length - 3].rstrip(chr(92))}..."


def literal_lines(name: str, literal: str) -> list[str]:
    """Return `name = "..."` for a JSON string, as adjacent literals in parentheses if it is too long for a line."""
    if len(literal) <= WIDTH - 20:
        return [f"{name} = {literal}"]
    text = json.loads(literal)
    parts = [text[start : start + WIDTH - 30] for start in range(0, len(text), WIDTH - 30)]
    return [f"{name} = (", *(f"    {json.dumps(part)}" for part in parts), ")"]
