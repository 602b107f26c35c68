"""Check a document: read every equation back from its LaTeX and evaluate it on the network at random numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from symnet.check.latex import TooLarge
from symnet.check.truth import Finding, Reader
from symnet.formats import Display, Document
from symnet.formula import Operator, Space, formula_latex, row
from symnet.network import BaseLayer, Layer, Network
from symnet.notation import Notation
from symnet.pages import Derived, Options, PageProgram, Values, derivation_document, groups
from symnet.support import ArchitectureError, NotationError, ReadingError, VerificationError


@dataclass(frozen=True)
class Printed:
    """A displayed equation as LaTeX, with its number in the document; 0 where it has none."""

    latex: str
    number: int


def printed_equations(document: Document) -> Iterator[Printed]:
    """Yield the displayed equations of a document in order, each on its own."""
    for display in document.displays():
        yield Printed(display_latex(display), document.numbers.get(display.label, 0))


def display_latex(display: Display) -> str:
    """Return a displayed equation as LaTeX, with its range of layers if it has one."""
    lines = [formula_latex(row(line.left, Operator(line.relation), line.right)) for line in display.lines]
    condition = formula_latex(row(Space("wide"), display.where)) if display.where is not None else ""
    body = r" \\ ".join(lines) + condition
    return rf"\begin{{aligned}} {body} \end{{aligned}}"


def check_document(
    document: Document, page: PageProgram, values: Values | None = None
) -> list[tuple[Printed, Finding]]:
    """Return what does not hold in a document, each with its equation; empty if everything is right.

    Args:
        document: the document.
        page: the program that it was written from.
        values: the values that were put into its equations; if None, they are evaluated at random numbers.

    Raises:
        ReadingError: an equation cannot be read, which is a bug in the page.
    """
    reader = reader_of(page, values)
    found = []
    for printed in printed_equations(document):
        found += [(printed, finding) for finding in reader.check(printed.latex)]
    return found


def reader_of(page: PageProgram, values: Values | None = None) -> Reader:
    """Return a reader of a page's equations, at its values or at random numbers."""
    given = given_numbers(values, page.notation) if values else None
    return Reader(page.network, page.notation, values=given, forward=page.whole, swept=page.swept)


def given_numbers(values: Values, notation: Notation) -> dict[str, object]:
    """Return the values of a page for its reader: of the first example for single examples, else of the batch."""
    rows = slice(0, 1) if notation.batch == "single" else slice(None)
    given: dict[str, object] = {
        name: array[rows] if name in ("x", "y") else array for name, array in values.arrays.items()
    }
    return given | {"rate": values.rate or ANY_RATE}


ANY_RATE = 0.125
"""The learning rate at which the update is checked if the values have none."""

MAX_UNITS = 5
"""Wider layers are checked at a smaller width: the equations of a general unit do not depend on widths."""

MAX_ALIKE = 3
"""The most layers of a group that are checked: the equations of a general layer do not depend on their number."""


def assure(derived: Derived, options: Options) -> None:
    """Check every equation of a derivation against its network.

    Raises:
        NotationError: an equation is too large to be read.
        VerificationError: an equation does not hold or cannot be read, which is a bug in symnet.
    """
    document, page, values = derived.document, derived.page, options.values
    if values is None:
        document, page = _smaller(derived, options)
    try:
        found = check_document(document, page, values)
    except TooLarge as error:
        raise NotationError(f"an equation of {page.network.title} is too large for a page: {error}") from None
    except ReadingError as error:
        raise VerificationError(f"an equation of the page cannot be read back: {error}") from None
    if found:
        printed, finding = found[0]
        number = f"({printed.number})" if printed.number else "without a number"
        raise VerificationError(f"equation {number} of the page does not hold: {finding.message}")


def _smaller(derived: Derived, options: Options) -> tuple[Document, PageProgram]:
    """Return the derivation of a smaller network if its equations are the same, else the one given."""
    for network in (narrowed(shortened(derived.page)), narrowed(derived.page.network)):
        if network != derived.page.network:
            smaller = derivation_document(network, derived.page.notation, options)
            if _latex(smaller) == _latex(derived):
                return smaller.document, smaller.page
    return derived.document, derived.page


def _latex(derived: Derived) -> list[str]:
    return [printed.latex for printed in printed_equations(derived.document)]


def shortened(page: PageProgram) -> Network:
    """Return the network with at most 3 layers of each group of layers that share their equations."""
    network = page.network
    kept = [
        network.layers[layer - 1]
        for group in groups(page)
        for layer in range(group.first, min(group.last, group.first + MAX_ALIKE - 1) + 1)
    ]
    try:
        return _like(network, network.sizes[0], kept)
    except ArchitectureError:
        return network


def _like(network: Network, inputs: int, layers: Sequence[BaseLayer]) -> Network:
    settings = {key: getattr(network, key) for key in ("loss", "reduction", "l1", "l2", "name")}
    return Network(inputs, layers, **settings)


def narrowed(network: Network) -> Network:
    """Return the network with few units in each layer; equal widths stay equal and different ones different."""
    sizes = sorted({*network.sizes})
    small = {size: min(size, MAX_UNITS + place) for place, size in enumerate(sizes)}
    if len(set(small.values())) < len(sizes):
        return network
    layers = [
        replace(layer, units=small[layer.units]) if isinstance(layer, Layer) else layer for layer in network.layers
    ]
    return _like(network, small[network.sizes[0]], layers)
