"""Nudges: by how much outputs and loss change for a small change of each parameter, as in `downie.txt`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from symnet.formats import Block, Display, Inline, Line, Math, Paragraph, Table
from symnet.formula import Formula, number, row
from symnet.formula import tree as f
from symnet.notation import MAX_AXES, Symbols, axes_of, laid_out, transpose_mark
from symnet.pages.page_program import PageProgram
from symnet.pages.scene import in_printed_order
from symnet.pages.values import Numbers, Values, gradient, gradient_of_all, sensitivities

MAX_ROWS = 40
"""The most parameters in a table; of more, those with the largest derivatives are listed."""

MAX_IN_VECTOR = 72
"""The most digits, signs and gaps of a gradient that is written as one vector; longer ones go array by array."""

Place = tuple[str, tuple[int, ...]]
"""An entry: the name of its array, and its indices counted from 0."""


def nudges(page: PageProgram, values: Values, digits: int) -> Iterator[Block]:
    """Yield the tables of nudges, and the direction of steepest descent.

    A notation for single examples gets a table for each example; one for batches gets a table for the batch's loss.

    Args:
        page: the program of the page.
        values: the parameters and examples at which derivatives are evaluated.
        digits: the significant digits shown.

    Raises:
        NotationError: the values lie outside the domain of the network.
    """
    symbols = page.symbols
    total = gradient_of_all(page, values)
    single, several = page.notation.batch == "single", values.rows > 1
    for example in range(values.rows if single else 1):
        about = f" at example {example + 1}" if single and several else ""
        text = "the outputs and the loss change" if single or not several else "the loss of the batch changes"
        yield Paragraph((f"If a parameter is nudged by a small amount,{about} {text} by that amount times",))
        outputs = sensitivities(page, values, example) if single or not several else []
        slopes = gradient(page, values, example) if single and several else total
        yield _table(page, symbols, slopes, outputs, values, digits)
    largest = max(_places(page, total), key=lambda place: abs(float(total[place[0]][place[1]])))
    most = Math(_symbol(page, symbols, largest))
    if single and several:
        over = "mean" if page.network.reduction == "mean" else "sum"
        start = f"For all {values.rows} examples the loss is the {over} of theirs. It changes most with "
        yield Paragraph((start, most, ", and falls fastest in the direction"))
        yield _steepest(page, symbols, total, digits)
        return
    yield Paragraph(("The loss changes most with ", most, ". It falls fastest in the direction"))
    yield Display(tuple(_descent(page, symbols, total, digits)), "descent")


def _steepest(page: PageProgram, symbols: Symbols, total: dict[str, Numbers], digits: int) -> Table:
    """Tabulate the direction of steepest descent for all examples, parameter by parameter."""
    rows = [
        ((Math(_symbol(page, symbols, place)),), (Math(number(-float(total[place[0]][place[1]]), digits)),))
        for place in _shown(page, total)
    ]
    return Table((("Parameter",), ("Direction",)), tuple(rows), (1,))


def _shown(page: PageProgram, slopes: dict[str, Numbers]) -> list[Place]:
    """Return all entries, or those with the largest derivatives if there are more than `MAX_ROWS`."""
    places = _places(page, slopes)
    if len(places) <= MAX_ROWS:
        return places
    largest = sorted(places, key=lambda place: -abs(float(slopes[place[0]][place[1]])))[:MAX_ROWS]
    return [place for place in places if place in largest]


def _places(page: PageProgram, arrays: dict[str, Numbers]) -> list[Place]:
    """Return every entry of the arrays, in the order of their printed symbols (w_11, w_12, ...)."""
    found = []
    for name, array in arrays.items():
        own = page.forward.array(name)
        turned = in_printed_order(page.notation, own) != own.indices
        places = np.ndindex(*(array.T if turned else array).shape)
        found += [(name, tuple(reversed(place)) if turned else place) for place in places]
    return found


def _symbol(page: PageProgram, symbols: Symbols, place: Place) -> Formula:
    name, position = place
    return symbols.entry(page.arrays[name], [symbols.unit(index) for index in position])


def _table(
    page: PageProgram,
    symbols: Symbols,
    slopes: dict[str, Numbers],
    outputs: list[dict[str, Numbers]],
    values: Values,
    digits: int,
) -> Table:
    prediction = page.forward.outputs["prediction"]
    heads: list[Inline] = [("Parameter",), ("Value",)]
    for unit in range(len(outputs)):
        heads.append(("Change of ", Math(_symbol(page, symbols, (prediction, (unit,))))))
    heads.append(("Change of ", Math(symbols.loss())))

    def change(of: float) -> Inline:
        return (Math(number(of, digits)),)

    rows = []
    for name, position in _shown(page, slopes):
        cells: list[Inline] = [
            (Math(_symbol(page, symbols, (name, position))),),
            (Math(number(values.arrays[name][position], digits)),),
        ]
        cells += [change(float(output[name][position])) for output in outputs]
        rows.append((*cells, change(float(slopes[name][position]))))
    return Table(tuple(heads), tuple(rows), tuple(range(1, len(heads))))


def _descent(page: PageProgram, symbols: Symbols, total: dict[str, Numbers], digits: int) -> Iterator[Line]:
    """Write -∇C as one vector if it is short, else array by array."""
    places = _places(page, total)
    nabla = row(f.Operator("-"), f.Operator("nabla"), symbols.loss())
    if len(places) * (digits + 3) <= MAX_IN_VECTOR:
        entries = [number(-float(total[name][position]), digits) for name, position in places]
        names = [_symbol(page, symbols, place) for place in places]
        glyph = transpose_mark(page.notation)
        yield Line(nabla, "=", f.Scripts(f.Grid((tuple(_slopes(symbols, names)),)), above=glyph))
        yield Line(None, "approx", f.Scripts(f.Grid((tuple(entries),)), above=glyph))
        return
    for name, array in total.items():
        own = page.forward.array(name)
        if len(own.indices) > MAX_AXES:
            continue
        axes = axes_of(page.notation, own)
        shown = laid_out(array, own.indices, axes)
        if shown.shape[1] * (digits + 3) <= MAX_IN_VECTOR and shown.shape[0] <= MAX_ROWS:
            whole = symbols.whole(own, is_matrix=None not in axes) if own.indices else symbols.entry(own)
            grid = f.Grid(tuple(tuple(number(-float(entry), digits) for entry in line) for line in shown))
            yield Line(row(f.Operator("-"), symbols.derivative(symbols.loss(), whole)), "approx", grid)


def _slopes(symbols: Symbols, names: list[Formula]) -> Iterator[Formula]:
    for name in names:
        yield row(f.Operator("-"), symbols.derivative(symbols.loss(), name))
