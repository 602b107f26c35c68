"""Tables and the commit, for the records that checks write."""

from __future__ import annotations

import subprocess


class Table:
    """A table in Markdown, its first column to the left and numbers to the right."""

    def __init__(self, *head: str) -> None:
        self.head = head
        self.rows: list[tuple[object, ...]] = []

    def add(self, *cells: object) -> None:
        self.rows.append(cells)

    def markdown(self) -> str:
        lines = [self.head, ("---", *["---:"] * (len(self.head) - 1)), *self.rows]
        return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def git_commit() -> str:
    """The commit that is checked out, in short."""
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
    return done.stdout.strip()
