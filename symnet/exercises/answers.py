"""What exercises in numbers ask and answer alike, whether a whole network is worked through or one unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from symnet.exercises.setting import DIGITS, Place, Setting
from symnet.formats import Display, Inline, Line, Math, Paragraph, Table
from symnet.formula import Formula, is_exact, number
from symnet.formula import tree as f
from symnet.notation import letter

NUDGE = 0.01


def rate_of(setting: Setting, rate: float) -> Math:
    """η = 0.1."""
    return Math(f.row(letter(setting.notation.rate), f.Operator("="), number(rate, DIGITS)))


def fenced(of: float) -> Formula:
    """A number as a factor, its sign in parentheses."""
    written = number(of, DIGITS)
    return written if of >= 0 else f.Fenced(written)


def worked_out_line(written: Formula, result: float) -> Line:
    """Numbers and what they give."""
    return Line(written, "=" if is_exact(result, DIGITS) else "approx", number(result, DIGITS))


def influence_question(named: Inline = ()) -> Paragraph:
    """Which of some parameters matters most, or of all where none is named."""
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
    """The derivatives side by side, from the largest in size to the smallest, and what follows."""
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
