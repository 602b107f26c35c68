"""Writes the parts of docs/notations.md that come from the profiles: `python tools/notations.py`.

Each part stands between `<!-- NAME -->` and `<!-- end of NAME -->`; what is around them is written by hand.
"""

import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

from symnet.core.program import Array
from symnet.formula.latex import formula_latex
from symnet.formula.tree import Fenced, Formula, Fraction, Number, Operator, Scripts, Space, Total, product, row
from symnet.notation.conventions import Notation, letter
from symnet.notation.profile import COUNTS, OPTIONAL, TEXTS, load_notation, notation_names
from symnet.notation.symbols import Place, Symbols

PAGE = Path(__file__).parent.parent / "docs" / "notations.md"

LAST = 3
"""The general layer of the table is layer 2 of a network with three."""

MEANINGS = {
    "name": "what the derivation calls the notation; the name of the file where it is left out",
    "title": "whose notation it is",
    "source": "where it is printed",
    "remarks": "what differs from the printed source, and why",
    "pre_activation": "what an activation function is applied to",
    "activation": "what a unit hands on",
    "input": "the network's input",
    "output": "the network's output; empty where it is written as the last layer's activation",
    "target": "what the output should be",
    "loss": "the loss",
    "weight": "a weight",
    "bias": "a bias; not used where `bias_index` is `0`",
    "error": "the derivative of the loss by a pre-activation; empty where it is written as a derivative",
    "function": "a layer's activation function",
    "rate": "the learning rate",
    "derivative": "∂C/∂v as a fraction, or as dv",
    "bias_index": "a bias as the weight from a unit 0; empty where it has a letter of its own",
    "weight_order": "the unit that a weight's first index names: the one it leads to, or the one it comes from",
    "weight_layer": "the layer that a weight and a bias are numbered by: the one they lead to, or come from",
    "separator": "what stands between two indices",
    "base": "the number of a layer's first unit",
    "input_layer": "the number of the input layer",
    "layer_mark": "where the layer stands: z^l, z^{(l)}, z^{[l]} or z_{j,l}",
    "layer": "a general layer",
    "last_layer": "the last layer",
    "own": "a unit of the layer spoken of",
    "before": "a unit of the layer before it",
    "after": "a unit of the layer after it; may be the same letter as `before`",
    "spare": "further indices, where those three do not suffice",
    "example": "an example of a batch",
    "examples": "the number of examples",
    "size": "the number of units of a layer",
    "batch": "one example with column vectors, or a batch as the rows or the columns of a matrix",
    "errors_of": "whether the errors of a batch carry the factor 1/N (`batch`), or the gradients do (`example`)",
    "broadcast": "whether a bias is added to all examples without a vector of ones",
    "half": "whether the squared error usually has a factor ½ in this notation",
    "mean": "whether the loss of a batch is usually the mean over its examples",
    "vectors": "how vectors and matrices are set",
    "transpose": "its sign",
    "hadamard": "the sign of the elementwise product",
}


def five(notation: Notation) -> list[Formula]:
    """Pre-activation, activation, weight, error, loss and matrix form of a layer, as a notation writes them."""
    labels = {layer: Place(notation.layer, layer - LAST + 1) for layer in range(LAST)}
    last = {LAST: Place(notation.last_layer)}
    symbols = Symbols(notation, LAST, {**labels, **last}, general_input=True)
    own, before, example = (letter(text) for text in (notation.own, notation.before, notation.example))
    unit = (own,) if notation.batch == "single" else (example, own)
    return [
        symbols.entry(Array("z", layer=2), unit),
        symbols.entry(Array("a", layer=2), unit),
        symbols.entry(Array("W", layer=2), (before, own)),
        symbols.cotangent(Array("z", layer=2), unit),
        row(symbols.loss(), Operator("="), squared_error(notation, symbols, unit)),
        weighted(notation, symbols),
    ]


def squared_error(notation: Notation, symbols: Symbols, unit: tuple[Formula, ...]) -> Formula:
    """The squared error as the notation usually has it."""
    is_mean = notation.mean and notation.batch != "single"
    below = [*([Number("2")] if notation.half else []), *([letter(notation.examples)] if is_mean else [])]
    factor = Fraction(Number("1"), row(*below)) if below else None
    summed = row(unit[0], *(part for index in unit[1:] for part in (Operator("comma"), index)))
    residual = row(symbols.entry(Array("a", layer=LAST), unit), Operator("-"), symbols.entry(Array("y"), unit))
    return product(factor, row(Total(summed), Space(), Scripts(Fenced(residual), above=Number("2"))))


def weighted(notation: Notation, symbols: Symbols) -> Formula:
    """The pre-activations of a layer as vectors and matrices."""
    is_batch = notation.batch != "single"
    weights, bias = (
        symbols.whole(Array("W", layer=2), is_matrix=True),
        symbols.whole(Array("b", layer=2), is_matrix=False),
    )
    above, below = (symbols.whole(array, is_matrix=is_batch) for array in (Array("z", layer=2), Array("a", layer=1)))
    if (notation.weight_order == "to-from") == (notation.batch == "rows"):
        weights = Scripts(Fenced(weights), above=transpose_sign(notation))
    factors = (below, weights) if notation.batch == "rows" else (weights, below)
    return row(above, Operator("="), product(*factors), Operator("+"), bias)


def transpose_sign(notation: Notation) -> Formula:
    """What stands above a transposed matrix."""
    return letter("T") if notation.transpose == "T" else Operator(notation.transpose)


def table() -> str:
    """How each profile writes the same things."""
    head = ("notation", "pre-activation", "activation", "weight", "error", "usual loss", "a layer as matrices")
    lines = [head, ("---",) * len(head)]
    for name in notation_names():
        cells = (f"${formula_latex(formula)}$" for formula in five(load_notation(name)))
        lines.append((f"[`{name}`](#{name})", *cells))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def sections() -> str:
    """Source and remarks of each profile."""
    return "\n\n".join(_section(load_notation(name)) for name in notation_names())


def _section(notation: Notation) -> str:
    head = f"### {notation.name}\n\n{notation.title}.\nFrom {notation.source}."
    return "\n".join((head, *(["", *(f"- {remark}" for remark in notation.remarks)] if notation.remarks else [])))


def keys() -> str:
    """Each key of a profile with what it may hold."""
    hints = get_type_hints(Notation)
    rows = [
        f"| `{entry.name}` | {_allowed(entry.name, hints[entry.name])} | {MEANINGS[entry.name]} |"
        for entry in fields(Notation)
    ]
    return "\n".join(("| key | values | what it says |", "| --- | --- | --- |", *rows))


def _allowed(key: str, hint: object) -> str:
    if get_origin(hint) is Literal:
        return ", ".join(f"`{value}`" if isinstance(value, int) else f'`"{value}"`' for value in get_args(hint))
    if hint is bool:
        return "`true`, `false`"
    what = f"text of at most {TEXTS[key]} characters" if key in TEXTS else "a letter"
    if key in COUNTS:
        return "a list of {} to {}, each {}".format(*COUNTS[key], what)
    return f'{what}, or `""`' if key in OPTIONAL else what


PARTS: dict[str, Callable[[], str]] = {"table": table, "sections": sections, "keys": keys}


def written(page: str) -> str:
    """The page with its parts as the profiles have them now."""
    for name, make in PARTS.items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        before, *others = pattern.split(page)
        assert len(others) == 1, f"{PAGE.name} has {len(others)} parts {name}"
        page = f"{before}{begin}\n{make()}\n{end}{others[0]}"
    return page


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
