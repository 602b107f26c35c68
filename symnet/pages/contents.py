"""The derivation of a network as a document: its sections and their order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from symnet.core import Program, reverse_sweep
from symnet.counts import METHODS, compare_methods, multiple, number
from symnet.formats import Block, Document, Paragraph, Section, Table
from symnet.network import Network, forward_equations, mixes_examples
from symnet.notation import Notation
from symnet.pages.forward_steps import ForwardSteps
from symnet.pages.nudges import nudges
from symnet.pages.numbers import Worked
from symnet.pages.page_program import PageProgram, forward_as_written, page_program
from symnet.pages.pictures import graph_picture, network_picture
from symnet.pages.scene import Scenes, function_signs
from symnet.pages.signs import signs_of
from symnet.pages.steps import BackwardSteps
from symnet.pages.symbol_table import symbol_infos, symbol_table
from symnet.pages.values import Values, worked_out
from symnet.simplify import simplify, use_stable_forms
from symnet.support import PAGE_FORMS as FORMS
from symnet.support import PAGE_LEVELS as LEVELS
from symnet.support import NotationError, shown, unknown

BATCHES = {
    "single": "Everything is derived for one example; ",
    "rows": "The examples of a batch are the rows of a matrix; ",
    "columns": "The examples of a batch are the columns of a matrix; ",
}
"""What the page says of the batch, by the notation's choice of `batch`."""

MAX_DIGITS = 15
MAX_SCALAR = 40
"""The most parameters for which a derivation unit by unit is readable."""


@dataclass(frozen=True)
class Options:
    """The options of a derivation.

    Attributes:
        form: `scalar` derives for each weight of a small network, `index` for a general layer, `matrix` for
            whole arrays, each matrix equation after its index form.
        level: `short` gives results; `lecture` also names and evaluates each factor of the chain rule; `full` also
            counts the operations.
        values: numbers put into the equations; None for none.
        digits: how many significant digits of them are shown, from 1 to 15.
        counts: whether the operations are counted.

    Raises:
        NotationError: the form or the level is unknown, or the digits are out of range.
    """

    form: str = "index"
    level: str = "lecture"
    values: Values | None = None
    digits: int = 3
    counts: bool = False

    def __post_init__(self) -> None:
        if self.form not in FORMS:
            raise NotationError(unknown("form", self.form, FORMS))
        if self.level not in LEVELS:
            raise NotationError(unknown("level", self.level, LEVELS))
        if not isinstance(self.digits, int) or not 1 <= self.digits <= MAX_DIGITS:
            raise NotationError(f"digits is {shown(self.digits)}; a whole number from 1 to {MAX_DIGITS} is needed")


@dataclass(frozen=True)
class Derived:
    """A derivation as a document, and the program that it was written from."""

    document: Document
    page: PageProgram


def derivation_document(network: Network, notation: Notation, options: Options) -> Derived:
    """Derive a network's gradients and write them as a document.

    Raises:
        NotationError: a scalar derivation would have more than 40 parameters, the notation uses a letter that
            the network needs for something else, or the values lie outside the domain of the network.
        ArchitectureError: the layers do not fit together.
    """
    scalar = options.form == "scalar"
    whole = forward_as_written(network)
    if scalar:
        notation = replace(notation, batch="single")
        _check_readable(network, whole)
    page = page_program(network, notation, whole)
    scenes = Scenes(page, scalar)
    document = Document(
        title=f"Backpropagation for {network.title}",
        subtitle=f"{options.form} form, in the notation of {notation.title}",
        sections=_with_signs(tuple(_sections(network, scenes, options))),
        symbols=symbol_infos(scenes),
    )
    return Derived(document, page)


def _check_readable(network: Network, program: Program) -> None:
    parameters = program.entries(*program.parameters)
    if parameters > MAX_SCALAR:
        raise NotationError(
            f"{network.title} has {parameters:,} parameters; a derivation unit by unit is readable up to "
            f"{MAX_SCALAR}; ask for --form index, which takes any size"
        )


def _sections(network: Network, scenes: Scenes, options: Options) -> Iterator[Section]:
    page = scenes.page
    matrices, brief, values = options.form == "matrix", options.level == "short", options.values
    numbers = worked_out(page, values) if values else None
    worked = Worked(page, numbers, options.digits) if numbers else None
    forward = ForwardSteps(scenes, matrices, worked)
    backward = BackwardSteps(scenes, brief, matrices, worked, _rate(page, values))
    symbols = page.symbols
    picture = network_picture(page.network, page.whole, symbols, detail="matrix" if matrices else "scalar")
    yield Section("The network", (_about(scenes, values), picture), "network")
    yield Section("Symbols", (symbol_table(scenes),), "symbols")
    functions = forward.functions()
    yield Section("The forward pass", (*forward.layers(), *([functions] if functions else [])), "forward")
    loss = forward.loss()
    yield Section("The loss", (replace(loss, body=(*loss.body, *forward.usual())),), "loss")
    floats = {name: np.asarray(array, dtype=np.float64) for name, array in (numbers or {}).items()}
    graph = graph_picture(
        page.equations, symbols, values=floats, digits=options.digits, functions=function_signs(scenes)
    )
    yield Section("The computational graph", (_about_graph(), graph), "graph")
    chain = None if brief else backward.link_by_link()
    if chain:
        yield Section("The chain rule", (chain,), "chain")
    *hidden, last = scenes.scenes
    of_last = (*backward.of_loss(), *backward.of_layer(last, parameters=False))
    yield Section("The error of the last layer", of_last, "backward")
    if hidden:
        steps = [step for scene in reversed(hidden) for step in backward.of_layer(scene, parameters=False)]
        yield Section("The errors propagated back", tuple(steps), "backward")
    gradients = [step for scene in reversed(scenes.scenes) for step in backward.of_layer(scene, parameters=True)]
    yield Section("The gradients", tuple(gradients), "backward")
    yield Section("The update", (backward.update(),), "update")
    if values:
        moved = tuple(nudges(page, values, options.digits))
        yield Section("Nudges and the direction of steepest descent", moved, "numbers")
    if options.counts or options.level == "full":
        yield Section("What it costs", tuple(operation_counts(network)), "counts")


def _with_signs(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Append the signs that the sections use to the table of symbols, which is the second section."""
    network, symbols, *others = sections
    (table,) = symbols.blocks
    if isinstance(table, Table):
        table = replace(table, rows=(*table.rows, *signs_of(sections)))
    return network, replace(symbols, blocks=(table,)), *others


def _rate(page: PageProgram, values: Values | None) -> float | None:
    """Return the learning rate for the update in numbers.

    None if none is given, or if the page derives one of several examples: the update needs the gradient of all.
    """
    one_by_one = values is not None and page.notation.batch == "single" and values.rows > 1
    return None if values is None or one_by_one else values.rate


def _about(scenes: Scenes, values: Values | None) -> Paragraph:
    """Describe the network in a sentence or two, and say which example the numbers belong to."""
    network = scenes.page.network
    sizes = network.sizes
    hidden = len(sizes) - 2
    layers = "no hidden layer" if not hidden else f"{hidden} hidden layer{'s' if hidden > 1 else ''}"
    text = f"A network with {_counted(sizes[0], 'input')}, {layers} and {_counted(sizes[-1], 'output')}. "
    batch = BATCHES[scenes.page.notation.batch]
    rest = ", and so are its gradients."
    if mixes_examples(scenes.page.whole):
        rest = ". A layer sums over the batch, so that the loss of an example depends on the others too."
        if scenes.page.notation.batch == "single":
            rest = ". A layer sums over the batch, which is this one example here: the gradients of others are no mean."
    over = {"mean": "the loss of a batch is the mean", "sum": "the loss of a batch is the sum"}[network.reduction]
    shown = ""
    if values is not None and scenes.page.notation.batch == "single" and values.rows > 1:
        shown = f" The numbers are those of the first of {values.rows} examples."
    return Paragraph((f"{text}{batch}{over} of the losses of its examples{rest}{shown}",))


def _about_graph() -> Paragraph:
    return Paragraph(
        (
            "Values flow from left to right; the derivatives of the loss flow back along the same edges, and where an "
            "array feeds several others they are added.",
        )
    )


def operation_counts(network: Network) -> Iterator[Block]:
    """Tabulate the operations that the loss and all its derivatives take by each method, for one example."""
    forward = use_stable_forms(forward_equations(network).program)
    equations = simplify(reverse_sweep(forward, [array.name for array in forward.parameters]))
    counts = compare_methods(forward, equations)
    rows = tuple(
        ((description,), (number(getattr(counts, method)),), (multiple(getattr(counts, method), counts.forward),))
        for method, description in METHODS.items()
    )
    yield Paragraph(
        (
            f"The loss and its {counts.parameters:,} derivatives, for one example. Each elementary function, "
            "addition, subtraction, multiplication, division and squaring is one operation; what has been computed "
            "already costs nothing.",
        )
    )
    yield Table((("Method",), ("Operations",), ("Forward passes",)), rows, (1, 2))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number > 1 else ''}"
