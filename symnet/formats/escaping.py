"""Escaping of plain text for each language that a document is written in.

Text may come from the user: commands for a terminal, a browser or TeX are shown, never executed.
Control characters and those that change the writing direction become escapes, such as `\\u202e`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from html import escape

from symnet.formula import is_plain
from symnet.support import unobeyed, visible

MAX_WORD = 24
"""TeX may break longer words anywhere."""

_GREEK = {
    character: rf"$\{unicodedata.name(character).rsplit(' ', 1)[1].lower().replace('lamda', 'lambda')}$"
    for character in "αβγδεζηθικλμνξπρστυφχψω"
}

TEX = {
    **{character: "\\" + character for character in "{}_%&#"},
    **_GREEK,
    **{character: f"${character}$" for character in "<>|"},
    "\\": r"\textbackslash{}",
    "$": r"$\$$",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    '"': "''",
    "`": "{`}",
    "[": "{[}",
    "]": "{]}",
    "’": "'",
    "‘": "{`}",
    "“": "``",
    "”": "''",
    "–": "{--}",
    "—": "{---}",
    "…": r"\ldots{}",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "−": "$-$",
    "±": r"$\pm$",
    "∂": r"$\partial$",
    "∇": r"$\nabla$",
    "→": r"$\to$",
    "←": r"$\leftarrow$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "≠": r"$\neq$",
    "≈": r"$\approx$",
    "∞": r"$\infty$",
    "⊙": r"$\odot$",
    "⊤": r"$\top$",
    "Σ": r"$\Sigma$",
    "Δ": r"$\Delta$",
    "½": r"$\frac12$",
}
"""Characters that are TeX commands or missing in its fonts."""

_WORD = re.compile(rf"\S{{{MAX_WORD + 1},}}")
_AT_START = re.compile(r"(?P<number>\d+|[A-Za-z]|[ivxlcdm]+)(?P<mark>[.)])|[-+=:%(]")
_MARKDOWN = re.compile(r"[\\`*_{}\[\]|$~^@#]")


def tex_text(text: str) -> str:
    """Text for a paragraph, a title or a cell in LaTeX; characters missing in its fonts are shown by code point."""
    shown = unicodedata.normalize("NFC", visible(text))
    pieces = []
    place = 0
    for word in _WORD.finditer(shown):
        pieces.append(_tex_run(shown[place : word.start()]))
        chunks = [word[0][at : at + MAX_WORD // 3] for at in range(0, len(word[0]), MAX_WORD // 3)]
        pieces.append(r"\allowbreak{}".join(map(_tex_run, chunks)))
        place = word.end()
    return "".join([*pieces, _tex_run(shown[place:])])


def _tex_run(text: str) -> str:
    return "".join(map(_tex_character, text)).replace("--", "-{}-")


def _tex_character(character: str) -> str:
    known = TEX.get(character)
    if known is not None:
        return known
    return character if character.isascii() or is_plain(character) else f"U+{ord(character):04X}"


def pdf_text(text: str) -> str:
    """Text for the title in the metadata of a PDF, in characters that every viewer shows."""
    return "".join(character if re.match(r"[A-Za-z0-9 .,:;()/+=-]", character) else " " for character in text).strip()


def comment_text(text: str) -> str:
    """Text for a comment: one line of ASCII."""
    return ascii(unobeyed(text))[1:-1]


def markdown_text(text: str) -> str:
    """Text inside a line of Markdown, in any of its dialects."""
    shown = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(lambda match: "\\" + match[0], shown)


def markdown_start(text: str) -> str:
    """Markdown at the start of a paragraph, escaped if its first characters would start another block."""
    text = text.lstrip()
    match = _AT_START.match(text)
    if match is None:
        return text
    return f"{match['number']}\\{text[match.end() - 1 :]}" if match["number"] else "\\" + text


def yaml_text(text: str) -> str:
    """Text as a quoted YAML value."""
    return json.dumps(visible(text), ensure_ascii=False)


def html_text(text: str) -> str:
    """Text for HTML, inside an element or a quoted attribute."""
    return escape(visible(text))
