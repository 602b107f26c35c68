"""The common parts of exercises in numbers, on whole networks (`worked`) and on single units (`local`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from symnet.exercises.setting import DIGITS, Place, Setting
from symnet.formats import Display, Inline, Line, Math, Paragraph, Table
from symnet.formula import Formula, is_exact, number
from symnet.formula import tree as f
from symnet.notation import letter

NUDGE = 0.01


def rate_of(setting: Setting, rate: float) -> Math:
    """Return the learning rate as η = 0.1."""
    return Math(f.row(letter(setting.notation.rate), f.Operator("="), number(rate, DIGITS)))


def fenced(of: float) -> Formula:
    """Return a number as a factor, in parentheses if it is negative."""
    written = number(of, DIGITS)
    return written if of >= 0 else f.Fenced(written)


def worked_out_line(written: Formula, result: float) -> Line:
    """Return an expression in numbers with its result."""
    return Line(written, "=" if is_exact(result, DIGITS) else "approx", number(result, DIGITS))


def influence_question(named: Inline = ()) -> Paragraph:
    """Ask which of the named parameters matters most; which of all if none is named."""
    which: Inline = ("Which of ", *named, " changes") if named else ("Which parameter changes",)
    nudge = Math(number(NUDGE, DIGITS))
    return Paragraph(
        (
            *which,
            " the loss most when it is nudged by a small amount? By how much does the loss change, to first order, "
            "when that parameter is increased by ",
            *(nudge, "?"),
        )
    )


def comparison(setting: Setting, slopes: Mapping[Place, float]) -> Iterator[Paragraph | Display | Table]:
    """Tabulate derivatives in descending order of their absolute values, and draw the conclusion."""
    ordered = sorted(slopes, key=lambda place: -abs(slopes[place]))
    most = ordered[0]
    loss = Math(setting.symbols.loss())
    rows: list[tuple[Inline, ...]] = [
        ((Math(setting.symbol(place)),), (Math(number(slopes[place], DIGITS)),)) for place in ordered
    ]
    yield Paragraph(
        (
            "To first order the loss changes by the nudge times the derivative. From the largest in size to the ",
            "smallest:",
        )
    )
    yield Table((("Parameter",), ("Derivative of ", loss)), tuple(rows), (1,))
    yield Paragraph(
        (
            *(Math(setting.symbol(most)), " matters most. If it is increased by ", Math(number(NUDGE, DIGITS))),
            ", the loss changes by about",
        )
    )
    rounded = float(f"{slopes[most]:.{DIGITS}g}")
    times = f.row(number(NUDGE, DIGITS), f.Operator("times"), fenced(slopes[most]))
    yield Display((worked_out_line(times, NUDGE * rounded),))
