"""Pictures: nothing overlaps, nothing leaves the page, every label is a symbol of the notation, and TeX takes them."""

from __future__ import annotations

import math
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from conftest import printed_here, under_another_hash_seed
from drawings import distance, faults, planted
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import UNHURRIED, examples, networks
from test_new_layer_kind import NETWORKS

from symnet import Dense, Network, RadialBasis, Residual, derive, parse
from symnet.core.oracle import evaluate
from symnet.core.program import Program
from symnet.core.sizes import BATCH
from symnet.formats.blocks import Display, Picture
from symnet.formula.plain import formula_text
from symnet.formula.tree import Formula, Function, Letter, Number, Operator, Row, Scripts, Symbol, parts_of
from symnet.network.forward import forward_equations
from symnet.notation.profile import load_notation, notation_names
from symnet.notation.symbols import Symbols
from symnet.pages.forward_steps import ForwardSteps
from symnet.pages.page_program import page_program
from symnet.pages.pictures.geometry import MAX_HEIGHT, MAX_WIDTH
from symnet.pages.pictures.graph import graph_picture, labelled_graph
from symnet.pages.pictures.graph_structure import graph_nodes
from symnet.pages.pictures.network import network_geometry, network_picture
from symnet.pages.pictures.numbers import number_formula
from symnet.pages.pictures.structure import layer_views, shown_layers, shown_units, whole
from symnet.pages.scene import Scenes, function_signs
from symnet.support.errors import NotationError

NOTATIONS = notation_names()
SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {SVG + name for name in ("svg", "g", "path", "circle", "rect", "text")}
ATTRIBUTES = frozenset(
    (
        *("class", "viewBox", "width", "height", "role", "aria-label", "fill", "stroke", "color", "font-family", "d"),
        *("stroke-opacity", "stroke-width", "stroke-linecap", "stroke-dasharray", "fill-opacity", "cx", "cy", "r"),
        *("x", "y", "rx", "font-size", "font-style", "font-weight", "data-symbol"),
    )
)
SHOWN = (
    *("1-1", "2-2-1", "3-3-2-1", "10-10-10", "4-10-10-10-2", "784-128-10", "2-2[residual]-1", "2-3[radial_basis]-1"),
    *("3-4-2;loss=cross_entropy", "5-5[residual]-5[residual,skip=2]-1", "-".join(["4"] * 21), "2-2-1;l2=0.1"),
)
HOSTILE = 'a<script>alert("1")</script>&\'$\\write18{ls}%\n\x00\u202e#_^~{}]]>'

wide = st.integers(1, 14) | st.sampled_from((100, 784, 1_000_000))
notations = st.sampled_from(NOTATIONS)


@st.composite
def tall_networks(draw: st.DrawFn) -> Network:
    """Networks of any width and depth, with residual and radial-basis layers among them."""
    layers: list[Dense | RadialBasis] = []
    sizes = [draw(wide)]
    for _ in range(draw(st.integers(1, 12))):
        kind = draw(st.sampled_from(("dense", "dense", "residual", "radial_basis")))
        skips = [skip for skip in (1, 2, 3) if skip <= len(sizes) and sizes[-skip] <= 1_000]
        if kind == "residual" and skips:
            skip = draw(st.sampled_from(skips))
            layers.append(Residual(sizes[-skip], "tanh", skip=skip))
        elif kind == "radial_basis" and max(sizes) < 1_000:
            layers.append(RadialBasis(draw(st.integers(1, 14))))
        else:
            layers.append(Dense(draw(wide if sizes[-1] < 15 else st.integers(1, 14)), bias=draw(st.booleans())))
        sizes.append(layers[-1].units)
    return Network(sizes[0], layers)


def symbols_for(network: Network, notation: str = "symnet") -> Symbols:
    return Symbols(load_notation(notation), len(network.layers))


def forward_program(network: Network) -> Program:
    return forward_equations(network).program


def page_program_of(text: str, notation: str) -> Program:
    """The equations as a page shows them: of one example, the loss apart from its penalty."""
    return page_program(parse(text), load_notation(notation)).equations


def numbers_for(program: Program, rows: int, seed: int) -> dict[str, np.ndarray]:
    """A number for every entry of every array and of every cotangent, of any magnitude."""
    rng = np.random.default_rng(seed)
    values = {}
    for array in program.declared.values():
        shape = tuple(int(size.xreplace({BATCH: rows})) for size in program.shape(array))
        if math.prod(shape) <= 100:
            values[array.name] = rng.normal(size=shape) * 10.0 ** rng.integers(-9, 9)
            values[f"{array.name}_bar"] = rng.normal(size=shape) * 10.0 ** rng.integers(-9, 9)
    return values


@settings(max_examples=examples(25), **UNHURRIED)
@given(tall_networks(), notations, st.sampled_from(("scalar", "matrix")))
def test_networks_are_drawn_without_fault(network: Network, notation: str, detail: str) -> None:
    assert (
        faults(network_geometry(layer_views(network, forward_program(network)), symbols_for(network, notation), detail))
        == []
    )


@settings(max_examples=examples(25), **UNHURRIED)
@given(networks(deepest=7) | tall_networks(), notations, st.booleans(), st.integers(1, 4), st.integers(1, 15))
def test_graphs_are_drawn_without_fault(
    network: Network, notation: str, has_values: bool, rows: int, digits: int
) -> None:
    program = forward_program(network)
    values = numbers_for(program, rows, seed=digits) if has_values else None
    *_, geometry = labelled_graph(program, symbols_for(network, notation), values, digits)
    assert faults(geometry) == []
    assert not has_values or geometry.height <= MAX_HEIGHT


@pytest.mark.parametrize("notation", NOTATIONS)
def test_graphs_of_pages_are_drawn_without_fault(notation: str) -> None:
    for text in ("2-2-1;l2=0.1", "3-4-2;loss=cross_entropy", "2-2[residual]-1", "2-2-1;loss=gaussian_nll;l1=0.5"):
        program = page_program_of(text, notation)
        for values in (None, numbers_for(program, 1, seed=0)):
            assert faults(labelled_graph(program, symbols_for(parse(text), notation), values)[-1]) == []


def test_every_operation_of_a_graph_is_named() -> None:
    program = page_program_of("2-2[residual]-1:tanh,1/(1+z**2);l2=0.1", "bishop")
    named = [formula_text(node.operation) for node in graph_nodes(program)[1:] if not isinstance(node.operation, str)]
    assert named == ["Σ", "tanh +", "Σ", "f"]
    assert [node.operation for node in graph_nodes(program)[5:]] == ["loss", "penalty", "+"]


@pytest.mark.parametrize("notation", NOTATIONS)
def test_functions_of_a_graph_are_called_as_in_the_equations(notation: str) -> None:
    """What stands in the box of a function is what stands before its argument where the page defines it."""
    for text in ("2-2-1:asinh(z),sigmoid", "2-2-2-1:softplus,z*tanh(log(1+exp(z))),identity", "2-2-1:relu,erf(z)"):
        page = page_program(parse(text), load_notation(notation))
        scenes = Scenes(page, apart=True)
        drawn = {node.name: node.operation for node in graph_nodes(page.equations, function_signs(scenes))}
        printed = {
            part.label: part.lines[0].right
            for step in ForwardSteps(scenes).layers()
            for part in step.body
            if isinstance(part, Display) and part.label.startswith("a")
        }
        for name, right in printed.items():
            called = right.parts[0] if isinstance(right, Row) else None
            assert called is None or drawn[name] == called, (text, name)
        assert any(isinstance(right, Row) for right in printed.values())


@pytest.mark.parametrize("text", SHOWN)
@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_unit_and_weight_is_drawn_or_abbreviated(text: str, notation: str) -> None:
    network = parse(text)
    symbols = symbols_for(network, notation)
    views = layer_views(network, forward_program(network))
    labels = [label.content for label in network_geometry(views, symbols).labels]
    chosen = [number for number in shown_layers(len(views) - 1) if number is not None]
    for number in chosen:
        view = views[number]
        for unit in shown_units(view.units):
            assert unit is None or labels.count(view.unit(symbols, unit)) == 1
        if number - 1 not in chosen or not view.weight:
            continue
        ends = [(0, 0), (views[number - 1].units - 1, view.units - 1)]
        entries = [view.weight_entry(symbols, source, target) for source, target in ends]
        assert all(labels.count(entry) == 1 for entry in entries) or whole(symbols, view.weight) in labels
        assert view.bias is None or labels.count(view.bias_entry(symbols, view.units - 1)) == 1


def test_small_networks_have_every_weight_labelled() -> None:
    for text in ("1-1", "2-2-1", "3-3-2-1", "3-4-2", "2-3[radial_basis]-1"):
        network = parse(text)
        symbols = symbols_for(network)
        views = layer_views(network, forward_program(network))
        labels = [label.content for label in network_geometry(views, symbols).labels]
        for before, view in pairwise(views):
            for source in range(before.units):
                for target in range(view.units):
                    assert labels.count(view.weight_entry(symbols, source, target)) == 1, text


def test_a_weight_is_labelled_on_its_own_line() -> None:
    """The label of w between units i and j lies on the straight line from the one to the other."""
    network = parse("3-4-2")
    symbols = symbols_for(network)
    views = layer_views(network, forward_program(network))
    at = {label.content: (label.x, label.y) for label in network_geometry(views, symbols).labels}
    for before, view in pairwise(views):
        for source in range(before.units):
            for target in range(view.units):
                ends = at[before.unit(symbols, source)], at[view.unit(symbols, target)]
                written = view.weight_entry(symbols, source, target)
                assert written is not None
                assert distance(at[written], *ends) < 1e-6


@settings(max_examples=examples(12), **UNHURRIED)
@given(tall_networks(), notations)
def test_every_symbol_is_one_of_the_notation(network: Network, notation: str) -> None:
    symbols = symbols_for(network, notation)
    program = forward_program(network)
    known = {*program.declared, *(f"{name}_bar" for name in program.declared)}
    for geometry in (
        network_geometry(layer_views(network, forward_program(network)), symbols),
        labelled_graph(program, symbols)[-1],
    ):
        for label in geometry.labels:
            keys = {node.key for node in _walk(label.content) if isinstance(node, Symbol)}
            assert keys <= known
            assert keys or isinstance(label.content, str | Function | Letter | Number) or _is_sign(label.content)


def _is_sign(content: Formula | str) -> bool:
    """Whether it is the name of a function with a plus behind it."""
    return isinstance(content, Row) and all(isinstance(part, Function | Letter | Operator) for part in content.parts)


def _walk(content: Formula | str) -> Iterator[Formula]:
    if not isinstance(content, str):
        yield content
        for part in parts_of(content):
            yield from _walk(part)


def test_the_graph_has_the_edges_of_the_program() -> None:
    """Every operand of every equation is the node before, a leaf, or carried; nothing else is."""
    for text in SHOWN:
        network = parse(text)
        program = forward_program(network)
        nodes = [node for node in graph_nodes(program) if not node.is_dots]
        for before, node in zip([None, *nodes], nodes, strict=False):
            if node.operation is None:
                continue
            led = {*node.leaves, *node.repeated, *node.carried}
            used = set(program.dependencies[node.name])
            assert led <= used
            missing = used - led
            assert len(missing) == node.follows
            assert before is None or len(network.layers) > 4 or missing <= {before.name}


@pytest.mark.parametrize("notation", NOTATIONS)
def test_numbers_of_a_graph_are_those_of_the_oracle(notation: str) -> None:
    """Every entry of every small array stands in the text, in the order of the notation."""
    network = parse("2-2-1")
    program = derive(network).equations
    rng = np.random.default_rng(0)
    given_values = {
        array.name: rng.normal(size=tuple(int(size.xreplace({BATCH: 1})) for size in program.shape(array)))
        for array in program.arrays
    }
    values = {**given_values, **evaluate(program, given_values)}
    text = graph_picture(program, symbols_for(network, notation), values=values, digits=4).text
    weight = values["W1"]
    rows = weight.T if load_notation(notation).weight_order == "to-from" else weight
    written = "; ".join(", ".join(f"{entry:#.4g}".replace("-", "−") for entry in row) for row in rows)
    assert f"({written})" in text
    assert f"{values['z2_bar'][0, 0]:#.4g}".replace("-", "−") in text


def test_numbers_too_large_for_the_page_go_first() -> None:
    """Matrices lose their numbers before the loss does; what fits keeps all of them."""
    network = parse("4-4-1")
    program, symbols = forward_program(network), symbols_for(network)
    values = numbers_for(program, 1, seed=0)
    assert 0 < len(labelled_graph(program, symbols, values, 9)[1].values) < len(values)
    ones = {name: np.ones_like(array) for name, array in values.items()}
    assert labelled_graph(program, symbols, ones)[1].values.keys() == values.keys()
    assert "9.87654321" in graph_picture(program, symbols, values={**values, "C": np.array(9.87654321)}, digits=9).text


@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.integers(1, 8))
def test_numbers_are_what_they_stand_for(value: float, digits: int) -> None:
    array = forward_program(parse("1-1")).array("C")
    formula = number_formula(np.array(value), array, load_notation("symnet"), digits)
    assert formula is not None
    assert _number(formula) == pytest.approx(value, rel=0.51 * 10.0 ** (1 - digits))


def _number(formula: Formula) -> float:
    parts = formula.parts if isinstance(formula, Row) else (formula,)
    sign = -1.0 if parts[0] == Operator("-") else 1.0
    digits, *rest = [part for part in parts if isinstance(part, Number | Scripts)]
    assert isinstance(digits, Number)
    power = 0
    if rest:
        assert isinstance(rest[0], Scripts)
        written = rest[0].above.parts if isinstance(rest[0].above, Row) else (rest[0].above,)
        assert isinstance(written[-1], Number)
        power = int(written[-1].text) * (-1 if len(written) > 1 else 1)
    return sign * float(digits.text) * 10.0**power


@cache
def pictures() -> list[tuple[str, Picture]]:
    """Pictures of many kinds, and of what a user may call a network."""
    return list(drawn())


def drawn() -> Iterator[tuple[str, Picture]]:
    for number, text in enumerate(SHOWN):
        network = parse(text)
        symbols = symbols_for(network, NOTATIONS[number % len(NOTATIONS)])
        program = forward_program(network)
        yield text, network_picture(network, forward_program(network), symbols)
        yield text, graph_picture(program, symbols)
        yield text, graph_picture(program, symbols, values=numbers_for(program, 1, number))
    hostile = Network(2, [Dense(2, "z/(1+z**2)"), Dense(2, "bump_1=z*exp(-z**2)"), Dense(1)], name=HOSTILE)
    yield "hostile", network_picture(hostile, forward_program(hostile), symbols_for(hostile))


def test_svg_is_plain_and_whole() -> None:
    """Well-formed, of known elements and attributes, with no scripts and no references."""
    for text, picture in pictures():
        root = ElementTree.fromstring(picture.svg)
        assert root.tag == f"{SVG}svg"
        for element in root.iter():
            assert element.tag in ELEMENTS, text
            assert set(element.attrib) <= ATTRIBUTES, text
            for value in element.attrib.values():
                assert not re.search(r"url\(|javascript:|//", value) or value == root.get("aria-label")
        width, height = (float(value) for value in root.attrib["viewBox"].split()[2:])
        assert 0 < width <= MAX_WIDTH + 0.01
        assert height > 0


DRAW = """
from symnet import derive, parse
from symnet.notation.profile import load_notation
from symnet.notation.symbols import Symbols
from symnet.pages.pictures import graph_picture, network_picture
network = parse("2-2[residual]-3;loss=cross_entropy;l2=0.1")
symbols = Symbols(load_notation("bishop"), 2)
derivation = derive(network)
print(network_picture(network, derivation.forward, symbols), graph_picture(derivation.equations, symbols))
"""


def test_pictures_are_the_same_each_time() -> None:
    """Whatever the seed of Python's hashes."""
    assert under_another_hash_seed(DRAW) == printed_here(DRAW)


def test_text_and_caption_hold_no_control_characters() -> None:
    for _, picture in pictures():
        assert picture.text.replace("\n", "").isprintable()
        assert picture.caption


def test_symbols_in_svg_can_be_pointed_at() -> None:
    network = parse("2-2-1")
    root = ElementTree.fromstring(network_picture(network, forward_program(network), symbols_for(network)).svg)
    keys = {element.get("data-symbol") for element in root.iter(f"{SVG}text")}
    assert {"x", "W1", "b1", "a1", "W2", "b2", "a2"} <= keys


@pytest.mark.needs("pdflatex")
def test_tikz_compiles_in_one_run(tmp_path: Path) -> None:
    body = "\n\n".join(picture.tikz for _, picture in pictures())
    page = r"\documentclass[a4paper]{article}\usepackage{amsmath,amssymb,tikz}\setlength\parindent{0pt}\begin{document}"
    (tmp_path / "all.tex").write_text(f"{page}\n{body}\n\\end{{document}}\n", encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", timeout=1200)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout
    assert "Font Warning" not in done.stdout


def test_unknown_detail_is_refused() -> None:
    network = parse("1-1")
    with pytest.raises(NotationError, match="did you mean 'scalar'"):
        network_picture(network, forward_program(network), symbols_for(network), detail="scaler")


@pytest.mark.parametrize(
    "fault",
    [
        *("two labels overlap", "two units overlap", "outside the page", "too wide", "a line through a label"),
        *("a line through a unit", "a label leaves its node"),
    ],
)
def test_a_planted_fault_is_found(fault: str) -> None:
    network = parse("2-2-1")
    geometry = network_geometry(layer_views(network, forward_program(network)), symbols_for(network))
    assert faults(geometry) == []
    assert any(found.startswith(fault) for found in faults(planted(fault, geometry)))


def test_an_arc_has_a_plus_where_its_values_are_added_as_they_are() -> None:
    residual = Network(3, [Dense(4, activation="tanh"), Residual(4), Dense(2)])
    layer_norm = NETWORKS["layer_norm"]
    for network, is_added, words in ((residual, True, "added unit by unit"), (layer_norm, False, "of its own number")):
        view = layer_views(network, forward_program(network))[2]
        assert view.skips == (1,)
        assert view.added == ((1,) if is_added else ())
        picture = network_picture(network, forward_program(network), symbols_for(network), detail="matrix")
        assert words in "".join(map(str, picture.caption))
