r"""Equations on a network in every notation, spelt from the profiles alone, and what goes wrong in them.

Nothing here comes from symnet's printer or from its list of mistakes: a planted error is another argument to the
speller, or another piece of text, and its cause is written beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from symnet.network.network import Network, left_out
from symnet.network.string import parse
from symnet.notation.conventions import Notation
from symnet.notation.profile import load_notation, notation_names

SIZES = (2, 4, 3, 2)
NETWORK = "2-4-3-2:sigmoid,sigmoid,identity"
STYLES = {"calligraphic": "mathcal", "bb": "mathbb", "bold": "mathbf", "hat": "hat"}
NOTATIONS = notation_names()


def with_usual_loss(architecture: str, notation: Notation) -> Network:
    """The network with the loss and the reduction that the notation usually has, where it says none of its own."""
    network = parse(architecture)
    usual = {"loss": notation.usual_loss, "reduction": notation.usual_reduction}
    return replace(network, **{key: usual[key] for key in left_out(network)})


def glyph(text: str) -> str:
    """LaTeX of a letter of a profile."""
    style, _, name = text.rpartition(" ")
    letter = name if len(name) == 1 else "\\" + name
    return rf"\{STYLES[style]}{{{letter}}}" if style else letter


@dataclass(frozen=True)
class Speller:
    """Spells symbols as a profile has it; layers are `l`, `l-1`, `L` or numbers that count the input as 0."""

    notation: Notation

    def label(self, layer: str) -> str:
        n = self.notation
        if layer.isdigit():
            return str(int(layer) + n.input_layer)
        return layer.replace("L", "@").replace("l", glyph(n.layer)).replace("@", glyph(n.last_layer))

    def shifted(self, layer: str, by: int) -> str:
        if layer.isdigit():
            return str(int(layer) + by)
        match = re.fullmatch(r"([lL])([+-]\d)?", layer)
        assert match is not None
        offset = int(match[2] or 0) + by
        return match[1] + (f"{offset:+d}" if offset else "")

    def scripted(self, base: str, layer: str, *indices: str) -> str:
        n = self.notation
        below = n.separator.join(indices)
        if not layer:
            return base + (f"_{{{below}}}" if indices else "")
        label = self.label(layer)
        if n.layer_mark == "subscript":
            return f"{base}_{{{below}{',' if indices else ''}{label}}}"
        fences = {"superscript": ("", ""), "parenthesised": ("(", ")"), "bracketed": ("[", "]")}[n.layer_mark]
        lower = f"_{{{below}}}" if indices else ""
        return f"{base}{lower}^{{{fences[0]}{label}{fences[1]}}}"

    def unit(self, number: int) -> str:
        return str(number + self.notation.base)

    def indexed(self, unit: str) -> tuple[str, ...]:
        example = {"single": (), "rows": (self.notation.example,), "columns": (self.notation.example,)}[
            self.notation.batch
        ]
        return (unit, *example) if self.notation.batch == "columns" else (*example, unit)

    def z(self, layer: str, unit: str) -> str:
        return self.scripted(glyph(self.notation.pre_activation), layer, *self.indexed(unit))

    def a(self, layer: str, unit: str) -> str:
        n = self.notation
        if layer == "0":
            return self.scripted(glyph(n.input), "", *self.indexed(unit))
        if layer == "L" and n.output:
            return self.scripted(glyph(n.output), "", *self.indexed(unit))
        return self.scripted(glyph(n.activation), layer, *self.indexed(unit))

    def y(self, unit: str) -> str:
        return self.scripted(glyph(self.notation.target), "", *self.indexed(unit))

    def w(self, layer: str, to: str, source: str) -> str:
        n = self.notation
        layer = self.shifted(layer, -1) if n.weight_layer == "source" else layer
        indices = (to, source) if n.weight_order == "to-from" else (source, to)
        return self.scripted(glyph(n.weight), layer, *indices)

    def b(self, layer: str, unit: str) -> str:
        n = self.notation
        layer = self.shifted(layer, -1) if n.weight_layer == "source" else layer
        if n.bias_index:
            return self.scripted(glyph(n.weight), layer, unit, n.bias_index)
        return self.scripted(glyph(n.bias), layer, unit)

    @property
    def loss(self) -> str:
        return glyph(self.notation.loss)

    def over(self, symbol: str) -> str:
        """∂C by a symbol."""
        if self.notation.derivative == "d":
            return f"d{symbol}"
        return rf"\frac{{\partial {self.loss}}}{{\partial {symbol}}}"

    def delta(self, layer: str, unit: str) -> str:
        n = self.notation
        if not n.error:
            return self.over(self.z(layer, unit))
        return self.scripted(glyph(n.error), layer, *self.indexed(unit))

    def slope(self, layer: str, unit: str) -> str:
        return f"{glyph(self.notation.function)}'({self.z(layer, unit)})"

    @property
    def summed(self) -> str:
        """What stands before δ a in the gradient of a weight: the sum over the batch, its mean."""
        n = self.notation
        if n.batch == "single":
            return ""
        mean = rf"\frac{{1}}{{{glyph(n.examples)}}} " if n.errors_of == "example" else ""
        return rf"{mean}\sum_{{{n.example}}} "

    @property
    def averaged(self) -> str:
        """What divides the error of the last layer."""
        n = self.notation
        return rf"\frac{{1}}{{{glyph(n.examples)}}} " if n.batch != "single" and n.errors_of == "batch" else ""

    @property
    def letters(self) -> tuple[str, str, str]:
        """The indices of a unit, of one in the layer before, of one in the layer behind."""
        n = self.notation
        after = n.after if n.after not in (n.own, n.before) else n.spare[0]
        return n.own, n.before, after


@dataclass(frozen=True)
class Plant:
    """A piece of an equation exchanged, and the cause that should be told."""

    cause: str
    old: str
    new: str


@dataclass(frozen=True)
class Case:
    """A correct equation, in other spellings too, with the errors to plant in it."""

    name: str
    latex: str
    variants: tuple[str, ...] = ()
    plants: tuple[Plant, ...] = ()


@cache
def all_cases(name: str) -> tuple[Case, ...]:
    """The equations in a notation."""
    return tuple(cases(name))


def cases(name: str) -> Iterator[Case]:
    s = Speller(load_notation(name))
    yield from _forward(s)
    yield from _backward(s)
    yield from _numbered(s)
    yield from _matrices(s)


def _forward(s: Speller) -> Iterator[Case]:
    j, i, _ = s.letters
    size = rf"{glyph(s.notation.size)}_{{{s.label('l-1')}}}"
    z, w, a, b = s.z("l", j), s.w("l", j, i), s.a("l-1", i), s.b("l", j)
    total = rf"\sum_{{{i}}}"
    yield Case(
        "pre-activation",
        f"{z} = {total} {w} {a} + {b}",
        (
            f"{z} = {b} + {total} {a} {w}",
            rf"{z} - {b} = \sum\limits_{{{i}}} {w} \cdot {a}",
            rf"0 = {z} - \left( {total} {w} \, {a} \right) - {b}",
            rf"\begin{{align}} {z} &= \sum_{{{i}=1}}^{{{size}}} {w} {a} \\ &\quad + {b} \label{{eq:z}} \end{{align}}",
        ),
        (
            Plant("index order", w, s.w("l", i, j)),
            Plant("activation instead of input", a, s.a("l", i)),
            Plant("layer index", w, s.w("l-1", j, i)),
            Plant("sum", total, rf"\sum_{{{j}}}"),
            Plant("sign", f"+ {b}", f"- {b}"),
            Plant("missing term", f" + {b}", ""),
        ),
    )
    yield Case(
        "by a weight",
        rf"\frac{{\partial {z}}}{{\partial {w}}} = {a}",
        (rf"\dfrac{{ \partial {{{z}}} }}{{ \partial {w} }} = {a}", rf"{a} = \partial {z} / \partial {w}"),
        (
            Plant("activation instead of input", f"= {a}", f"= {s.a('l', i)}"),
            Plant("index", f"= {a}", f"= {s.a('l-1', j)}"),
        ),
    )
    yield Case(
        "by an activation",
        rf"\frac{{\partial {z}}}{{\partial {a}}} = {w}",
        (rf"{w} - \frac{{\partial}}{{\partial {a}}} {z} = 0",),
        (
            Plant("index order", f"= {w}", f"= {s.w('l', i, j)}"),
            Plant("layer index", f"= {w}", f"= {s.w('l-1', j, i)}"),
        ),
    )


def _backward(s: Speller) -> Iterator[Case]:
    j, i, k = s.letters
    delta, a, slope = s.delta("l", j), s.a("l-1", i), s.slope("l", j)
    gradient, w, behind = s.over(s.w("l", j, i)), s.w("l+1", k, j), s.delta("l+1", k)
    hidden = rf" \qquad {s.label('l')} = {s.label('1')}, \dots, {s.label('L-1')}"
    yield Case(
        "gradient of a weight",
        f"{gradient} = {s.summed}{delta} {a}",
        (
            f"{gradient} = {s.summed}{a} {delta}",
            f"-{gradient} + {s.summed}{delta} \\cdot {a} = 0",
            rf"\left[ {gradient} \right] = {s.summed} \left( {delta} {a} \right)",
            rf"\frac{{{gradient}}}{{2}} = \tfrac12 {s.summed} {delta} {{{a}}}",
        ),
        (
            Plant("activation instead of input", f"{delta} {a}", f"{delta} {s.a('l', i)}"),
            Plant("layer index", f"{delta} {a}", f"{s.delta('l+1', j)} {a}"),
            Plant("sign", f"= {s.summed}", f"= -{s.summed}"),
            Plant("factor", f"= {s.summed}", f"= 2 {s.summed}"),
            Plant("missing factor", f"{delta} {a}", f"{delta}"),
            Plant("extra factor", f"{delta} {a}", f"{delta} {a} {s.slope('l', j)}"),
        ),
    )
    yield Case(
        "gradient of a bias",
        f"{s.over(s.b('l', j))} = {s.summed}{delta}",
        (f"{s.summed}{delta} = {s.over(s.b('l', j))}",),
        (
            Plant("extra factor", f"{s.summed}{delta}", f"{s.summed}{delta} {s.slope('l', j)}"),
            Plant("layer index", f"{s.summed}{delta}", f"{s.summed}{s.delta('l+1', j)}"),
        ),
    )
    total = rf"\sum_{{{k}}}"
    own = s.a("l", j)
    yield Case(
        "error of a hidden layer",
        f"{delta} = {slope} {total} {w} {behind}{hidden}",
        (
            f"{delta} = {total} {behind} {w} {slope}{hidden}",
            f"{delta} = {own} (1 - {own}) {total} {w} {behind}{hidden}",
            f"{delta} = ({own} - {own}^2) {total} {w} {behind}{hidden}"
            if s.notation.layer_mark == "subscript"
            else f"{delta} = \\left({own} - ({own})^2\\right) {total} {w} {behind}{hidden}",
            rf"\frac{{{delta}}}{{{slope}}} = {total} {w} {behind}{hidden}",
        ),
        (
            Plant("index order", w, s.w("l+1", j, k)),
            Plant("derivative at the wrong value", slope, s.slope("l", j).replace(s.z("l", j), s.a("l", j))),
            Plant("derivative at the wrong value", slope, s.slope("l+1", k)),
            Plant("layer index", f"{w} {behind}", f"{s.w('l', k, j)} {behind}"),
            Plant("missing factor", f" {w} ", " "),
            Plant("missing factor", f"{slope} ", ""),
            Plant("sum", f"{total} ", ""),
            Plant("function or derivative", "'(", "("),
        ),
    )
    out, target = s.a("L", j), s.y(j)
    yield Case(
        "error of the last layer",
        f"{s.delta('L', j)} = {s.averaged}({out} - {target})"
        if s.notation.half
        else f"{s.delta('L', j)} = 2 ({out} - {target})",
        (f"{s.delta('L', j)} - {'' if s.notation.half else '2'}{s.averaged}\\left( {out} - {target} \\right) = 0",),
        (
            Plant("sign", f"({out} - {target})", f"({target} - {out})"),
            Plant("factor", "= ", r"= \frac{1}{2} ") if s.notation.half else Plant("factor", "= 2", "="),
            Plant("sign", f"{out} - {target}", f"{out} + {target}"),
            Plant("extra factor", f"({out} - {target})", f"({out} - {target}) {s.z('L', j)}"),
        ),
    )


def _numbered(s: Speller) -> Iterator[Case]:
    one, two, three = (s.unit(number) for number in range(3))
    z, x1, x2 = s.z("1", one), s.a("0", one), s.a("0", two)
    w1, w2, b = s.w("1", one, one), s.w("1", one, two), s.b("1", one)
    yield Case(
        "a numbered pre-activation",
        f"{z} = {w1} {x1} + {w2} {x2} + {b}",
        (f"{b} + {x2} {w2} + {w1} {x1} = {z}", rf"{z} = \left( {w1} {x1} + {w2} {x2} \right) + {b}"),
        (
            Plant("index", f"{w2} {x2}", f"{w2} {x1}"),
            Plant("index order", w2, s.w("1", two, one)),
            Plant("sign", f"+ {w2}", f"- {w2}"),
            Plant("activation instead of input", f"{w2} {x2}", f"{w2} {s.a('1', two)}"),
        ),
    )
    gradient = s.over(s.w("2", one, two))
    delta, a = s.delta("2", one), s.a("1", two)
    yield Case(
        "a numbered gradient",
        f"{gradient} = {s.summed}{delta} {a}",
        (f"{gradient} = {s.summed}{a} \\, {delta}", f"{s.summed}{delta} {a} - {gradient} = 0"),
        (
            Plant("activation instead of input", f"{delta} {a}", f"{delta} {s.a('2', two)}"),
            Plant("index", f"{delta} {a}", f"{delta} {s.a('1', one)}"),
            Plant("layer index", f"{delta} {a}", f"{s.delta('1', one)} {a}"),
        ),
    )
    own = s.a("2", one)
    terms = f"{s.w('3', one, one)} {s.delta('3', one)} + {s.w('3', two, one)} {s.delta('3', two)}"
    yield Case(
        "a numbered error",
        f"{s.delta('2', one)} = {own} (1 - {own}) \\left( {terms} \\right)",
        (f"{s.delta('2', one)} = {s.slope('2', one)} ({terms})",),
        (
            Plant("derivative at the wrong value", f"(1 - {own})", f"(1 - {s.a('3', one)})"),
            Plant("index order", s.w("3", two, one), s.w("3", one, two)),
            Plant("sum", f" + {s.w('3', two, one)} {s.delta('3', two)}", ""),
            Plant("missing factor", f"(1 - {own}) ", ""),
        ),
    )
    yield Case("an activation", f"{s.a('2', three)} = {glyph(s.notation.function)}({s.z('2', three)})", (), ())
    exponential = rf"e^{{-{s.z('2', three)}}}"
    yield Case(
        "a sigmoid",
        rf"{s.a('2', three)} = \frac{{1}}{{1 + {exponential}}}",
        (rf"{s.a('2', three)} = (1 + \exp(-{s.z('2', three)}))^{{-1}}", rf"{s.a('2', three)} (1 + {exponential}) = 1"),
        (Plant("sign", "e^{-", "e^{"), Plant("sign", "1 + e", "1 - e")),
    )


def _matrices(s: Speller) -> Iterator[Case]:
    n = s.notation
    mark = {"T": "T", "top": r"\top", "prime": r"\prime"}[n.transpose]
    is_plain = n.vectors == "plain"

    def whole(text: str, layer: str, upper: bool) -> str:
        style, _, name = text.rpartition(" ")
        letter = name.upper() if upper and len(name) == 1 else glyph(name)
        bold = letter if is_plain else rf"\boldsymbol{{{letter}}}" if letter[0] == "\\" else rf"\mathbf{{{letter}}}"
        return s.scripted(rf"\{STYLES[style]}{{{bold}}}" if style else bold, layer)

    in_batch = n.batch != "single"
    weight = lambda layer: whole(n.weight, s.shifted(layer, -1) if n.weight_layer == "source" else layer, True)  # noqa: E731
    z, a = whole(n.pre_activation, "l", in_batch), whole(n.activation, "l-1", in_batch)
    out = whole(n.activation, "l", in_batch)
    delta, behind = (
        whole(n.error, layer, in_batch) if n.error else s.over(whole(n.pre_activation, layer, in_batch))
        for layer in ("l", "l+1")
    )
    turned = lambda text: rf"({text})^{mark}"  # noqa: E731
    slope = rf"{glyph(n.function)}'({z})"
    odot = {"odot": r"\odot", "circ": r"\circ", "ast": r"\ast"}[n.hadamard]
    hidden = rf" \qquad {s.label('l')} = {s.label('1')}, \dots, {s.label('L-1')}"
    mean = rf"\frac{{1}}{{{glyph(n.examples)}}} " if in_batch and n.errors_of == "example" else ""
    back = weight("l+1") if n.weight_order == "from-to" else turned(weight("l+1"))
    if n.batch == "rows":
        product = f"{behind} {turned(weight('l+1')) if n.weight_order == 'from-to' else weight('l+1')}"
        pair = (turned(a), delta) if n.weight_order == "from-to" else (turned(delta), a)
    else:
        product = f"{back} {behind}" if n.weight_order == "to-from" else f"{weight('l+1')} {behind}"
        pair = (delta, turned(a))
    gradient = s.over(weight("l"))
    plain = tuple(part[1:].rpartition(")^")[0] if part.endswith(f")^{mark}") else part for part in pair)
    yield Case(
        "gradient in matrices",
        f"{gradient} = {mean}{pair[0]} {pair[1]}",
        (f"{gradient} - {mean}{pair[0]} \\, {pair[1]} = 0", f"{turned(gradient)} = {mean}({pair[0]} {pair[1]})^{mark}"),
        (
            Plant("missing transpose", f"{pair[0]} {pair[1]}", f"{plain[0]} {plain[1]}"),
            Plant("activation instead of input", a, out),
            Plant("sign", "= ", "= -"),
        ),
    )
    yield Case(
        "error in matrices",
        f"{delta} = \\left( {product} \\right) {odot} {slope}{hidden}",
        (f"{delta} = {slope} {odot} ({product}){hidden}", f"{delta} - {product} {odot} {slope} = 0{hidden}"),
        (
            Plant("hadamard or matrix product", f") {odot} {slope}", f") {slope}"),
            Plant("derivative at the wrong value", f"'({z})", f"'({out})"),
            Plant("missing transpose", turned(weight("l+1")), weight("l+1"))
            if turned(weight("l+1")) in product
            else Plant("extra transpose", weight("l+1"), turned(weight("l+1"))),
            Plant("missing factor", f" {odot} {slope}", ""),
        ),
    )
