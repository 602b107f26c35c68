"""Remove LaTeX commands around mathematics that do not change it: overlays of slides, scaled boxes, tags."""

from __future__ import annotations

import re
from collections.abc import Iterator

_COMMAND = re.compile(
    r"\\(?P<name>uncover|onslide|only|visible|alert|boxed|resizebox|scalebox|tag|label)\*?(?![A-Za-z])"
    r"(?:\s{0,9}<[^<>{}\n]{0,40}>)?"
)
_BRACES = re.compile(r"\\[\\{}]|[{}]")
_OPENING = re.compile(r"\s{0,9}\{")
_DOLLARS = re.compile(r"\s{0,9}\$(?P<body>[^$]*)\$\s{0,9}")

SIZES = {"resizebox": 2, "scalebox": 1}
"""The number of arguments before the one that is shown."""

NUMBERS = ("tag", "label")
"""Commands without mathematics."""


def unwrapped(text: str) -> str:
    """Replace these commands in a text by blanks, but keep what they show; all characters keep their places."""
    characters = list(text)
    for start, end in _blanks(text):
        characters[start:end] = [character if character == "\n" else " " for character in characters[start:end]]
    return "".join(characters)


def _blanks(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans to be replaced by blanks."""
    partners = _partners(text)
    left_out = 0
    for match in _COMMAND.finditer(text):
        if match.start() < left_out:
            continue
        start = end = match.end()
        for _ in range(SIZES.get(match["name"], 0) + 1):
            opening = _OPENING.match(text, end)
            if opening is None or opening.end() not in partners:
                break
            start, end = opening.end(), partners[opening.end()]
        else:
            if match["name"] in NUMBERS:
                left_out = end
                yield match.start(), end
                continue
            dollars = _DOLLARS.fullmatch(text, start, end - 1) if match["name"] in SIZES else None
            body = dollars.span("body") if dollars else (start, end - 1)
            yield match.start(), body[0]
            yield body[1], end


def _partners(text: str) -> dict[int, int]:
    """Return the end of each argument in braces, by the offset of its first character."""
    opened: list[int] = []
    found = {}
    for brace in _BRACES.finditer(text):
        if brace[0] == "{":
            opened.append(brace.end())
        elif brace[0] == "}" and opened:
            found[opened.pop()] = brace.end()
    return found
