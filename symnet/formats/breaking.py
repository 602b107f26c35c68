"""Line breaking of long equations: before a sign, else before a factor, else inside parentheses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from symnet.formats.blocks import Display, Line
from symnet.formula import Fenced, Formula, Operator, Reveal, Row, Space, Total, formula_width, is_operand, row

BREAKS = frozenset(("+", "-", "=", "approx", "equiv"))
HANGING = 0.4
"""A left-hand side wider than this fraction of the line gets a line of its own."""

FULL = 0.45
"""A line is broken at a better place only if at least this fraction of it is filled there."""


@dataclass(frozen=True)
class Measure:
    """The widths that line breaking needs, in one unit.

    Attributes:
        width: of the whole line; infinite if lines are not broken.
        of: the width of a formula.
        relation: the width of an operator between the sides.
        indent: the indent of a continued line.
        number: the width of the number of an equation.
    """

    width: float
    of: Callable[[Formula], float] = formula_width
    relation: float = 1.4
    indent: float = 1.3
    number: float = 3.2


@dataclass(frozen=True)
class Printed:
    """A line as it is printed.

    Attributes:
        source: the line of the display that it belongs to, from 0.
        left: the left-hand side, if it is on this line.
        relation: the operator between the sides; empty if the line is continued.
        right: the right-hand side or a part of it; None if the line has only the left-hand side.
    """

    source: int
    left: Formula | None
    relation: str
    right: Formula | None


@dataclass(frozen=True)
class _Token:
    """A part of a row, or a fence that opens or closes.

    Attributes:
        part: the part; None for a fence.
        fence: the character of the fence.
        opens: whether the fence opens.
        penalty: the cost of a break before it: 0 at a sign, more at a factor or inside fences; None if not allowed.
        factor: whether a break before it needs a product sign.
    """

    part: Formula | None
    fence: str = ""
    opens: bool = False
    penalty: int | None = None
    factor: bool = False


def printed_lines(display: Display, measure: Measure) -> tuple[list[Printed], float]:
    """Break the lines of a display that are too wide.

    Returns:
        The lines, and the width of the widest as a fraction of the available width: above 1 if a part is
        too wide and cannot be broken.
    """
    width = measure.width - (measure.number if display.label else 0)
    lefts = [measure.of(line.left) for line in display.lines if line.left is not None]
    left = max(lefts, default=0.0)
    hangs = left > HANGING * width and any(
        left + measure.relation + measure.of(line.right) > width for line in display.lines
    )
    offset = 0.0 if hangs else left
    printed: list[Printed] = []
    for source, line in enumerate(display.lines):
        if hangs and line.left is not None:
            printed.append(Printed(source, line.left, "", None))
        printed += _right_lines(source, line, None if hangs else line.left, width - offset - measure.relation, measure)
    if display.where is not None:
        printed = _with_condition(printed, display.where, width - offset - measure.relation, measure)
    used = [offset + measure.relation + measure.of(line.right) for line in printed if line.right is not None]
    return printed, max([left, *used]) / width


def _right_lines(source: int, line: Line, left: Formula | None, width: float, measure: Measure) -> Iterator[Printed]:
    pieces = broken(line.right, width, measure)
    yield Printed(source, left, line.relation, pieces[0])
    for piece in pieces[1:]:
        yield Printed(source, None, "", piece)


def _with_condition(lines: list[Printed], where: Formula, width: float, measure: Measure) -> list[Printed]:
    """Put the condition beside the last line, or below it if there is no room."""
    last = lines[-1]
    assert last.right is not None
    beside = row(last.right, Space("wide"), where)
    if measure.of(beside) <= width:
        return [*lines[:-1], Printed(last.source, last.left, last.relation, beside)]
    return [*lines, Printed(last.source, None, "", where)]


def broken(formula: Formula, width: float, measure: Measure) -> list[Formula]:
    """Break a formula into lines of at most this width, the first without an indent."""
    if measure.of(formula) <= width:
        return [formula]
    tokens = list(_tokens(formula, 0))
    lines: list[Formula] = []
    depth: tuple[str, ...] = ()
    while tokens:
        room = width - (measure.indent if lines else 0)
        count = _fitting(tokens, room, depth, measure)
        line, depth = _assembled(tokens[:count], depth, bool(lines))
        lines.append(line)
        tokens = tokens[count:]
    return lines


def _tokens(formula: Formula, depth: int) -> Iterator[_Token]:
    """The parts of a formula with the places where it may break, also inside fences."""
    if isinstance(formula, Reveal):
        parts: Sequence[Formula] = [Reveal(part, formula.turn) for part in _parts(formula.body)]
    else:
        parts = _parts(formula)
    previous: Formula | None = None
    after_space = False
    for part in parts:
        if part == Space() and not isinstance(previous, Total):
            after_space = previous is not None and previous != Operator("comma")
            continue
        sign = isinstance(part, Operator) and part.name in BREAKS and is_operand(previous)
        wide = part == Space("wide")
        factor = after_space and not sign and not wide
        loose = sign or wide or previous == Operator("comma")
        penalty = 2 * depth if loose else 2 * depth + 1 if factor else None
        if after_space and sign:
            yield _Token(Space())
        after_space = False
        if isinstance(part, Fenced):
            yield _Token(None, part.left, True, penalty, factor)
            yield from _tokens(part.body, depth + 1)
            yield _Token(None, part.right)
        else:
            yield _Token(part, penalty=penalty, factor=factor)
        previous = part


def _parts(formula: Formula) -> Sequence[Formula]:
    return formula.parts if isinstance(formula, Row) else (formula,)


def _fitting(tokens: Sequence[_Token], room: float, depth: tuple[str, ...], measure: Measure) -> int:
    """The number of tokens on the next line."""
    places = [at for at, token in enumerate(tokens) if token.penalty is not None and at > 0] + [len(tokens)]
    fitting: list[tuple[int, float]] = []
    for place in places:
        used = measure.of(_assembled(tokens[:place], depth, False)[0])
        if used > room and fitting:
            break
        fitting.append((place, used))
        if used > room:
            break
    if fitting[-1][0] == len(tokens):
        return len(tokens)
    penalties = {place: tokens[place].penalty or 0 for place, _ in fitting}
    full = [place for place, used in fitting if used >= FULL * room] or [fitting[-1][0]]
    best = min(penalties[place] for place in full)
    return max(place for place in full if penalties[place] == best)


def _assembled(tokens: Sequence[_Token], depth: tuple[str, ...], continued: bool) -> tuple[Formula, tuple[str, ...]]:
    """The formula of one line, and the fences that are still open at its end.

    Args:
        tokens: the tokens of the line.
        depth: the fences open before it, outermost first.
        continued: whether the line continues another one, so that a factor at its start needs a product sign.
    """
    levels: list[tuple[str | None, list[Formula]]] = [(None, []), *(("", []) for _ in depth)]
    for at, token in enumerate(tokens):
        parts = levels[-1][1]
        if token.factor:
            sign = continued and at == 0
            parts.append(Operator("times") if sign else Space())
        if token.part is not None:
            parts.append(token.part)
        elif token.opens:
            levels.append((token.fence, []))
        else:
            opened, body = levels.pop()
            levels[-1][1].extend(_fenced(body, opened or "", token.fence))
    still_open = tuple("(" for _ in levels[1:])
    while len(levels) > 1:
        opened, body = levels.pop()
        levels[-1][1].extend(_fenced(body, opened or "", ""))
    return row(*levels[0][1]), still_open


def _fenced(body: list[Formula], left: str, right: str) -> list[Formula]:
    """A body in fences, one or both of which may be on another line; a sign at its start stays outside."""
    if left or right:
        outside = body[:1] if not left and body and isinstance(body[0], Operator) else []
        return [*outside, Fenced(row(*body[len(outside) :]), left, right)]
    return body
