"""What is answered of an equation, and of a whole text: right, wrong or not understood."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal

Verdict = Literal["right", "wrong", "not understood", "definition", "not judged"]

ASIDE = frozenset(("definition", "not judged"))
"""Verdicts on what is neither right nor wrong."""


@dataclass(frozen=True)
class Answer:
    """The answer on one equation, or on one chain of them.

    Attributes:
        verdict: `right`, `wrong` or `not understood`; `definition` for an equation that only gives a name to
            something, which later equations may use; `not judged` for one that says what comes out at certain
            numbers, which have not been given.
        latex: the equation as it was given.
        message: the answer in one line, without the verdict.
        how: of a right one, `proved symbolically` or `equal at random points`.
        cause: of a wrong one, the typical mistake that explains it; empty where no single one does.
        printed, meant: the part that is wrong, and what should stand there; empty where something is missing
            or one too many.
        correction: the corrected equation in the same notation.
        right_with: of a wrong one, the options of the command line with which it would be right, such as
            `--loss squared_error` where that is the loss that the notation usually has; else empty.
        where: of a wrong one, the layers and units at which the sides differ.
        left, right: their values there.
        factors: the values of the factors of both sides there, each with its LaTeX.
        character: of one that is not understood, at which character of `latex` reading stopped.
        expected: what was expected there.
        line, column, cell: where it stands in a file, counted from 1; 0 for what stands in none.
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
    """The answers on a text, which is true if all its equations that are judged are right and there is one at least.

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
        """`right` if all are, else `not understood` if one is not, else `wrong`."""
        found = {answer.verdict for answer in self.answers}
        if "not understood" in found or not found - ASIDE:
            return "not understood"
        return "wrong" if "wrong" in found else "right"

    @property
    def exit_status(self) -> int:
        """0 if all are right, 1 if some are wrong, 2 if some are not understood or there is none."""
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
