"""Preprocess the tokens of a displayed formula between the lexer and the parser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from lark import Token

from symnet.check.latex.failure import not_understood, too_large
from symnet.support import shown

MAX_LENGTH = 20_000
MAX_TOKENS = 8_000
MAX_NESTING = 40

_WORDS = re.compile(r"\\(?P<command>[a-z]+\*?)\s*\{(?P<text>.*)\}", re.DOTALL)
_ENVIRONMENT = re.compile(r"\{\s*(\w+\*?)\s*\}")

PAIRS = {"(": ")", "[": "]", r"\{": r"\}", r"\lbrace": r"\rbrace", r"\[": r"\]", "{": "}", "|": "|", "‖": "‖"}
OPENING = ("OPEN", "LBRACE", "BEGIN_CASES", "BEGIN_TABLE", "BEGIN")
CLOSING = ("CLOSE", "RBRACE", "END_CASES", "END_TABLE", "END")
OTHERWISE = ("else", "otherwise")
FUNCTION_NAME = re.compile(r"[a-z][a-z0-9_]+", re.ASCII)
SIGNS = re.compile(r"[+=*/^<>]")
"""The signs that may not occur in words, since words are skipped as remarks."""
WORD_COMMANDS = ("text", "textrm", "textit", "textnormal", "mbox")


class PutInOrder:
    """A postlexer: tells opening from closing bars, finds function names in upright words, drops alignment marks."""

    always_accept = ("BAR", "NORM", "WORDS", "AMP", "BEGIN", "END", "QUAD", "NEWLINE", "ELSE")

    def __init__(self, functions: frozenset[str]) -> None:
        self.functions = functions

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        tokens: list[Token] = []
        for token in stream:
            tokens.append(token)
            if len(tokens) > MAX_TOKENS:
                raise too_large(token.start_pos or 0, f"at most {MAX_TOKENS:,} parts")
        return iter(_separated(_fenced([self._named(token) for token in tokens])))

    def _named(self, token: Token) -> Token:
        """Turn upright words into a function name, a letter or `else`; anything else stays words.

        Raises:
            NotUnderstood: the function is unknown, or the words contain mathematics.
        """
        match = _WORDS.fullmatch(token) if token.type == "WORDS" else None
        if match is None:
            return token
        text = match["text"].replace(r"\_", "_").strip()
        if text in OTHERWISE:
            return Token.new_borrow_pos("ELSE", text, token)
        if len(text) == 1 and text.isascii() and text.isalpha():
            return Token.new_borrow_pos("LETTER", text, token)
        if text in self.functions:
            return Token.new_borrow_pos("FUNCTION", text, token)
        if match["command"] not in WORD_COMMANDS and FUNCTION_NAME.fullmatch(text):
            raise not_understood(token.start_pos or 0, "a known function", f"the name {shown(text)}")
        if SIGNS.search(text):
            raise not_understood(token.start_pos or 0, rf"words alone in {match['command']}", shown(text))
        return token


def _fenced(tokens: list[Token]) -> list[Token]:
    """Turn bars into opening or closing fences, and check that all fences and environments are balanced.

    Raises:
        NotUnderstood: a fence is not closed, or closed by another one, or they are nested too deeply.
    """
    open_: list[Token] = []
    kept: list[Token] = []
    for token in tokens:
        token = _bar(token, open_)
        if token.type in OPENING:
            open_.append(token)
            if len(open_) > MAX_NESTING:
                raise too_large(token.start_pos or 0, f"at most {MAX_NESTING} parts inside one another")
        elif token.type in CLOSING and not _is_dollar(token):
            _close(open_, token)
        if token.type not in ("BEGIN", "END"):
            kept.append(_placed(token, open_))
    if open_:
        last = open_[-1]
        raise not_understood(last.start_pos or 0, f"a partner that closes {shown(last)}", "none")
    return [token for token in kept if token.type != "DROPPED"]


def _bar(token: Token, open_: list[Token]) -> Token:
    if token.type not in ("BAR", "NORM"):
        return token
    fence = "|" if token.type == "BAR" else "‖"
    is_closing = (bool(open_) and open_[-1] == fence and not token.startswith(r"\l")) or token.startswith(r"\r")
    return Token.new_borrow_pos("CLOSE" if is_closing else "OPEN", fence, token)


def _is_dollar(token: Token) -> bool:
    return token.startswith("$")


def _close(open_: list[Token], token: Token) -> None:
    if not open_:
        raise not_understood(token.start_pos or 0, "no closing fence, since none is open", shown(token))
    partner = open_.pop()
    if _expected_end(partner) != _end(token):
        end = _expected_end(partner).replace("‖", r"\|")
        raise not_understood(token.start_pos or 0, f"{end} first", shown(token))


def _expected_end(token: Token) -> str:
    name = _ENVIRONMENT.search(token)
    if name:
        return rf"\end{{{name[1]}}}"
    return PAIRS[str(token)]


def _end(token: Token) -> str:
    name = _ENVIRONMENT.search(token)
    return rf"\end{{{name[1]}}}" if name else str(token)


def _placed(token: Token, open_: list[Token]) -> Token:
    """Make separators of `&` outside tables and of words; drop spaces and words inside fences."""
    inner = [entry.type for entry in open_ if entry.type != "BEGIN"]
    if token.type == "AMP" and not (inner and inner[-1] in ("BEGIN_CASES", "BEGIN_TABLE")):
        return Token.new_borrow_pos("COLUMN", token, token)
    if token.type == "QUAD" and inner:
        return Token.new_borrow_pos("DROPPED", token, token)
    if token.type == "WORDS":
        return Token.new_borrow_pos("DROPPED" if inner else "COLUMN", token, token)
    return token


def _separated(tokens: list[Token]) -> list[Token]:
    """Merge adjacent separators; drop them beside relations and breaks, and at the beginning and the end."""
    separators = ("QUAD", "COLUMN", "COMMA")
    merged: list[Token] = []
    for token in tokens:
        is_top = token.type in separators
        if is_top and merged and merged[-1].type in separators:
            if merged[-1].type == "COLUMN":
                merged[-1] = token
            continue
        merged.append(token)
    edges = ("RELATION", "NEWLINE", "")
    padded = [Token("", ""), *merged, Token("", "")]
    kept = []
    for (before, token), (_, after) in zip(pairwise(padded), pairwise(padded[1:]), strict=False):
        if token.type in separators and (before.type in edges or after.type in edges):
            continue
        if token.type == "COLUMN":
            token = Token.new_borrow_pos("QUAD", token, token)
        kept.append(token)
    return _lines(kept)


def _lines(tokens: list[Token]) -> list[Token]:
    """Drop line breaks at the beginning, at the end, and after another one."""
    kept: list[Token] = []
    for token in tokens:
        if token.type == "NEWLINE" and (not kept or kept[-1].type in ("NEWLINE", "BEGIN_CASES", "BEGIN_TABLE")):
            continue
        if token.type.startswith("END_") and kept and kept[-1].type == "NEWLINE":
            kept.pop()
        kept.append(token)
    if kept and kept[-1].type == "NEWLINE":
        kept.pop()
    return kept
