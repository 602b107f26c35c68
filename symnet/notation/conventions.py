"""`Notation`: the letters, marks and conventions in which a derivation is written, as data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from symnet.formula import GREEK, Letter, Style
from symnet.support import NotationError, shown

STYLES: dict[str, Style] = {"upright": "upright", "bold": "bold", "calligraphic": "calligraphic", "bb": "blackboard"}
ACCENTS = ("hat", "tilde", "bar")

SYMBOLS = (
    *("pre_activation", "activation", "input", "output", "target", "loss", "weight", "bias", "error", "function"),
    *("rate", "examples", "size"),
)
INDICES = ("own", "before", "after", "spare", "example", "layer", "last_layer")
"""The keys of all letters, by meaning: quantities and indices."""

_LETTER = re.compile(rf"(?:(?P<modifier>{'|'.join((*STYLES, *ACCENTS))}) )?(?P<name>[A-Za-z]|{'|'.join(GREEK)})")


@dataclass(frozen=True)
class Notation:
    """A notation. Letters are `z`, `delta`, or either after a modifier: `hat y`, `calligraphic L`, `bold n`.

    Attributes:
        name: its name for `--notation`.
        title: the author of the notation, for readers.
        source: the publication.
        remarks: differences from the published notation, and why.
        pre_activation, activation, input, target, loss, weight, bias: their letters.
        output: the letter of the network's output; empty if it is the last layer's activation.
        error: the letter of ∂C/∂z; empty if that is written like any other derivative.
        function: the letter of a layer's activation function.
        rate: the letter of the learning rate.
        derivative: `partial` writes ∂C/∂v, `d` writes dv for it.
        bias_index: `0` writes the bias as a weight from a unit 0 (w_{j0}); empty if it has a letter.
        weight_order: the unit that the first index of a weight names: the one it leads `to` or `from`.
        weight_layer: whether a weight and a bias are numbered by the layer they lead to (`target`) or come
            from (`source`).
        separator: the separator of two indices: nothing or a comma.
        base: the number of a layer's first unit.
        input_layer: the number of the input layer.
        layer_mark: the position of the layer: `superscript` z^l, `parenthesised` z^{(l)}, `bracketed` z^{[l]},
            `subscript` z_{j,l}.
        layer, last_layer: the letters of a general layer and of the last one.
        own, before, after, spare: the letters of a unit's index in the layer in question, in the one before,
            in the one after, and further ones.
        example, examples: the index of an example in a batch, and their number.
        size: the letter of a layer's number of units.
        batch: `single` derives for one example with column vectors; `rows` and `columns` hold a batch as the
            rows or the columns of a matrix.
        errors_of: the loss that the error of a batch is a derivative of: the whole `batch`, so that it has the
            factor 1/N, or one `example`, so that the gradients have it.
        broadcast: whether a bias is added to every example without an explicit vector of ones.
        half, mean: whether the squared error has a factor ½, and the loss of a batch is the mean over its
            examples; they apply if the architecture does not specify its loss.
        vectors: whether vectors and matrices are set `bold` or `plain`.
        transpose: `T`, `top` or `prime`.
        hadamard: `odot`, `circ` or `ast`.
    """

    name: str
    title: str
    source: str
    remarks: tuple[str, ...]
    pre_activation: str
    activation: str
    input: str
    output: str
    target: str
    loss: str
    weight: str
    bias: str
    error: str
    function: str
    rate: str
    derivative: Literal["partial", "d"]
    bias_index: Literal["", "0"]
    weight_order: Literal["to-from", "from-to"]
    weight_layer: Literal["target", "source"]
    separator: Literal["", ","]
    base: Literal[0, 1]
    input_layer: Literal[0, 1]
    layer_mark: Literal["superscript", "parenthesised", "bracketed", "subscript"]
    layer: str
    last_layer: str
    own: str
    before: str
    after: str
    spare: tuple[str, ...]
    example: str
    examples: str
    size: str
    batch: Literal["single", "rows", "columns"]
    errors_of: Literal["batch", "example"]
    broadcast: bool
    half: bool
    mean: bool
    vectors: Literal["bold", "plain"]
    transpose: Literal["T", "top", "prime"]
    hadamard: Literal["odot", "circ", "ast"]

    @property
    def usual_loss(self) -> str:
        """The usual loss of texts in this notation; it never changes the loss of a network."""
        return "half_squared_error" if self.half else "squared_error"

    @property
    def usual_reduction(self) -> str:
        """The usual reduction over a batch of texts in this notation."""
        return "mean" if self.mean else "sum"

    @property
    def variable(self) -> str:
        """The letter of the argument in the definition of an activation: `h(u) = tanh(u)`."""
        return "v" if look(self.pre_activation) == look("u") else "u"

    def letters(self) -> dict[str, tuple[str, ...]]:
        """The letters on a page, by key."""
        found: dict[str, tuple[str, ...]] = {}
        for key in (*SYMBOLS, *INDICES):
            value = getattr(self, key)
            found[key] = value if isinstance(value, tuple) else (value,) if value else ()
        if self.bias_index:
            found["bias"] = ()
        return found


def letter(text: str) -> Letter:
    """Read a letter of a profile, such as `delta`, `hat y` or `calligraphic L`.

    Raises:
        NotationError: it is neither a letter nor the name of a Greek letter.
    """
    match = _LETTER.fullmatch(text)
    if not match:
        raise NotationError(f"{shown(text)} is not a letter; write z, delta, 'hat y' or 'calligraphic L'")
    modifier, name = match["modifier"] or "", match["name"]
    accent: Any = modifier if modifier in ACCENTS else ""
    return Letter(name, STYLES.get(modifier, "italic"), accent)


def look(text: str) -> tuple[str, str, str]:
    """The look by which letters are distinguished; bold and upright do not count (vectors and names use them)."""
    written = letter(text)
    style = written.style if written.style in ("calligraphic", "blackboard") else "italic"
    return "phi" if written.text == "varphi" else written.text, style, written.accent
