"""The answers on an equation and on a whole text: right, wrong or not understood."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal

Verdict = Literal["right", "wrong", "not understood", "definition", "not judged"]

ASIDE = frozenset(("definition", "not judged"))
"""The verdicts on equations that are neither right nor wrong."""


@dataclass(frozen=True)
class Answer:
    """The answer on one equation, or on one chain of them.

    Attributes:
        verdict: `right`, `wrong` or `not understood`; `definition` for an equation that only defines a symbol for
            later equations; `not judged` for a result in numbers whose inputs have not been given.
        latex: the equation as it was given.
        message: the answer in one line, without the verdict.
        how: if it is right, how that was found, such as `proved symbolically` or `equal at random points`.
        cause: if it is wrong, the typical mistake that explains it; empty if no single one does.
        printed, meant: the wrong part, and what it should be; one of them is empty if a part is missing or should
            not be there.
        correction: the corrected equation in the same notation.
        right_with: if it is wrong, the command-line options with which it would be right, such as
            `--loss squared_error` if texts in the notation usually have that loss; else empty.
        where: if it is wrong, the layers and units at which the sides differ.
        left, right: the values of the sides there.
        factors: the factors of both sides in LaTeX, each with its value there.
        character: if it is not understood, the character of `latex` at which reading stopped, counted from 1; else 0.
        expected: what was expected there.
        line, column, cell: its place in a file, counted from 1; 0 if it is in no file.
    """

    verdict: Verdict
    latex: str
    message: str = ""
    how: str = ""
    cause: str = ""
    printed: str = ""
    meant: str = ""
    correction: str = ""
    right_with: str = ""
    where: str = ""
    left: str = ""
    right: str = ""
    factors: tuple[tuple[str, str], ...] = ()
    character: int = 0
    expected: str = ""
    line: int = 0
    column: int = 0
    cell: int = 0

    def __str__(self) -> str:
        return f"{self._place()}{self.verdict}: {self.message}"

    def _place(self) -> str:
        if not self.line:
            return ""
        cell = f"cell {self.cell}, " if self.cell else ""
        return f"{cell}line {self.line}: "


EXIT_STATUS = {"right": 0, "wrong": 1, "not understood": 2}


@dataclass(frozen=True, repr=False)
class Verification:
    """The answers on a text; true if at least one equation is judged and all that are judged are right.

    Attributes:
        architecture: the network, as a string.
        notation: the name of the notation.
        answers: in the order of the text.
    """

    architecture: str
    notation: str
    answers: tuple[Answer, ...]

    def __repr__(self) -> str:
        return f"<Verification of {len(self.answers)} equations in {self.notation}: {self.verdict}>"

    @property
    def verdict(self) -> str:
        """`not understood` if an equation is not or none is judged, else `wrong` if one is wrong, else `right`."""
        found = {answer.verdict for answer in self.answers}
        if "not understood" in found or not found - ASIDE:
            return "not understood"
        return "wrong" if "wrong" in found else "right"

    @property
    def exit_status(self) -> int:
        """0 for `right`, 1 for `wrong`, 2 for `not understood`."""
        return EXIT_STATUS[self.verdict]

    def __bool__(self) -> bool:
        return self.verdict == "right"

    def count(self, verdict: Verdict) -> int:
        return sum(answer.verdict == verdict for answer in self.answers)

    def to_json(self) -> str:
        """The answers as JSON, for graders."""
        content = {
            "verdict": self.verdict,
            "architecture": self.architecture,
            "notation": self.notation,
            "right": self.count("right"),
            "wrong": self.count("wrong"),
            "not_understood": self.count("not understood"),
            "not_judged": self.count("not judged"),
            "answers": [asdict(answer) for answer in self.answers],
        }
        return json.dumps(content, indent=2)

    def __str__(self) -> str:
        lines = [str(answer) for answer in self.answers]
        if len(self.answers) == 1 and not self.answers[0].line:
            return lines[0]
        counts = ", ".join(f"{self.count(verdict)} {verdict}" for verdict in ("right", "wrong", "not understood"))
        named, apart = self.count("definition"), self.count("not judged")
        more = f", {named} definition{'s' if named != 1 else ''}" if named else ""
        more += f", {apart} not judged" if apart else ""
        return "\n".join([*lines, f"{counts}{more}" if self.answers else "no displayed equation was found"])
