"""Letters for arrays without a letter in the notation: those of radial-basis layers and of a user's layers.

An array keeps its stem as letter if that is free in the notation; else it gets an accent, and if all accents are
taken, another letter. So no two kinds of arrays on a page are written alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from string import ascii_letters, ascii_lowercase

from sympy import Expr

from symnet.core import BATCH, Array, Program, extent, layer_of_size
from symnet.formula import GREEK
from symnet.functions import BY_CLASS
from symnet.network import Activated, Network, shape_text
from symnet.notation.clashes import Look, taken_looks
from symnet.notation.conventions import Notation, look
from symnet.support import NotationError, shown

Axis = int | str
"""What an axis runs over: `EXAMPLES`, the units of a layer (as offset from the array's own), or a size."""

EXAMPLES = "examples"
WEIGHT: tuple[Axis, ...] = (-1, 0)
"""The axes of a weight: the units of the layer before, and the layer's own."""

STANDARD: Mapping[str, tuple[tuple[Axis, ...], bool]] = {
    "z": ((EXAMPLES, 0), False),
    "W": (WEIGHT, True),
    "b": ((0,), True),
}
"""The arrays of a layer, other than its output, with a letter in every notation: axes, and whether they are learned."""

OUTPUTS = ("a", "p")
"""The stems of a layer's output in the equations; every notation has a letter for it."""

LETTERED = {kind: record.page_letter for kind, record in BY_CLASS.items() if record.page_letter}
"""Functions that have a letter in every notation."""

ACCENTS_TRIED = ("tilde", "bar", "hat")
"""In this order; the hat is last, since it usually marks predictions."""


@dataclass(frozen=True)
class ExtraArray:
    """The letters of an array that has none in the notation.

    Attributes:
        stem: its stem in the equations.
        letter: its letter, in the syntax of profiles: `s`, `tilde s` or `beta`.
        whole: the letter of the whole array: upper case for a matrix, lower case for a vector, if free.
        axes: what each axis runs over, including that of the examples.
        is_parameter: whether it is learned.
    """

    stem: str
    letter: str
    whole: str
    axes: tuple[Axis, ...]
    is_parameter: bool


def _check_axes(network: Network) -> None:
    """Raise where the input or an output has several axes: a notation numbers the units of a layer by one index."""
    for number, shape in enumerate(network.shapes):
        if len(shape) != 1:
            what = f"the output of layer {number}" if number else "the input"
            raise NotationError(
                f"{what} is {shape_text(shape)}; a notation has symbols for {'outputs' if number else 'inputs'} "
                "of one axis (generate and equations take any)"
            )


def extra_arrays(network: Network, program: Program, notation: Notation) -> dict[str, ExtraArray]:
    """The letters of the arrays without one in the notation, by name.

    Args:
        network: the architecture.
        program: its forward equations for a batch.
        notation: the profile.

    Raises:
        NotationError: the layers have more arrays than there are letters, or an output has several axes.
    """
    _check_axes(network)
    outputs = set(layer_outputs(program).values())
    taken = taken_looks(notation) | {look(text) for text in letters_needed(network, program)}
    if any(isinstance(layer, Activated) and layer.function.has_letter for layer in network.layers):
        taken.add(look(notation.variable))
    kinds: dict[tuple[object, ...], ExtraArray] = {}
    found = {}
    for array in _of_layers(program):
        axes = axes_of_array(array)
        is_output = array.stem in OUTPUTS and array.name in outputs
        if is_output or STANDARD.get(array.stem) == (axes, array.is_parameter):
            continue
        kind = (array.stem, axes, array.is_parameter)
        if kind not in kinds:
            kinds[kind] = _chosen(ExtraArray(array.stem, "", "", axes, array.is_parameter), notation, taken)
            taken |= {look(kinds[kind].letter), look(kinds[kind].whole)}
        found[array.name] = kinds[kind]
    return found


def letters_needed(network: Network, program: Program) -> set[str]:
    """The further letters on the page of a network: keys of `SOMETIMES_ON_THE_PAGE`."""
    found = {name for name in network.loss.learned if name in program.declared}
    if network.l1 or network.l2:
        found.add("Omega")
    if any(equation.rhs.has(*LETTERED) for equation in program.equations):
        found |= set(LETTERED.values())
    return found


def layer_outputs(program: Program) -> dict[int, str]:
    """The output array of each layer, by its number: the last array that it computes."""
    layers = ((equation.array.layer, equation.name) for equation in program.equations)
    return {layer: name for layer, name in layers if layer is not None}


def _of_layers(program: Program) -> list[Array]:
    """The arrays of layers, parameters first."""
    arrays = (*program.parameters, *(equation.array for equation in program.equations))
    return [array for array in arrays if array.layer is not None]


def axes_of_array(array: Array) -> tuple[Axis, ...]:
    """What the axes of an array run over."""
    layer = array.layer or 0
    return tuple(axis_of(extent(idx), layer) for idx in array.indices)


def axis_of(size: Expr, layer: int) -> Axis:
    """What an axis of this size runs over, seen from a layer."""
    number = layer_of_size(size)
    if number is not None:
        return number - layer
    return EXAMPLES if size == BATCH else str(size)


def axes_shown(notation: Notation, axes: Iterable[Axis]) -> tuple[Axis, ...]:
    """The axes that a page shows: a notation for single examples omits the axis of the examples."""
    return tuple(axis for axis in axes if axis != EXAMPLES or notation.batch != "single")


def is_turned(notation: Notation, axes: Iterable[Axis]) -> bool:
    """Whether a symbol has its two axes in the opposite order of the program.

    An array from the units before to a layer's own follows the order of weights; one with an axis of examples has it
    first or last, depending on whether the notation has examples as rows or columns.
    """
    found = axes_shown(notation, axes)
    if found == WEIGHT:
        return notation.weight_order == "to-from"
    if len(found) != 2 or found.count(EXAMPLES) != 1:
        return False
    return (found[0] == EXAMPLES) == (notation.batch == "columns")


def spare_letters(notation: Notation, extra: Mapping[str, ExtraArray]) -> list[str]:
    """Letters for further indices: those of the notation, then others, except letters in use."""
    taken = taken_looks(notation) | {look(text) for array in extra.values() for text in (array.letter, array.whole)}
    return [text for text in dict.fromkeys((*notation.spare, *ascii_lowercase)) if look(text) not in taken]


def _chosen(extra: ExtraArray, notation: Notation, taken: set[Look]) -> ExtraArray:
    """An array with the first free letter; the whole array in the case for its shape, if that is free too."""
    for text in _candidates(extra.stem):
        if look(text) not in taken:
            cased = _cased(text, len(axes_shown(notation, extra.axes)))
            return replace(extra, letter=text, whole=text if look(cased) in taken else cased)
    raise NotationError(
        f"no letter is left for the array {shown(extra.stem)}; the layers have more arrays than a page can"
    )


def _candidates(stem: str) -> Iterator[str]:
    """The letter of a stem, plain and with accents, then all other letters."""
    own = stem if stem in GREEK else stem[0]
    for letters in ((own,), ascii_letters):
        for accent, text in product(("", *ACCENTS_TRIED), letters):
            yield f"{accent} {text}".strip()


def _cased(text: str, axes: int) -> str:
    """A letter in lower case for a vector, in upper case for a matrix; unchanged for Greek letters and other arrays."""
    *accent, name = text.split()
    if len(name) == 1 and axes in (1, 2):
        name = name.upper() if axes == 2 else name.lower()
    return " ".join((*accent, name))
