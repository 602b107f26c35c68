"""In each notation, symbols are those that its source prints."""

from __future__ import annotations

import re

import pytest

import symnet
from symnet.formula.latex import formula_latex
from symnet.formula.tree import Formula, Number
from symnet.notation.conventions import letter
from symnet.notation.profile import load_notation
from symnet.notation.symbols import Place, Symbols

FORWARD = symnet.derive("3-3-2").forward
ARRAYS = FORWARD.declared | FORWARD.cotangents


def at(name: str, array: str, *indices: str | int, general: bool = False, depth: int = 2) -> str:
    """The symbol of an array at indices (letters, or numbers of units from the first, which is 0)."""
    notation = load_notation(name)
    labels = {layer: Place(notation.layer, layer - 1) for layer in range(depth + 1)} if general else {}
    if general:
        labels[depth] = Place(notation.last_layer)
    units: list[Formula] = [
        Number(str(index + notation.base)) if isinstance(index, int) else letter(index) for index in indices
    ]
    return formula_latex(Symbols(notation, depth, labels, general_input=general).entry(ARRAYS[array], units))


@pytest.mark.parametrize(
    ("symbol", "printed"),
    [
        # indices of a weight come in the order of the program: from, to; a batch index comes first
        (at("bishop", "W1", "i", "j"), "w_{ji}^{(1)}"),
        (at("bishop", "b1", "j"), "w_{j0}^{(1)}"),
        (at("bishop", "x", "i"), "x_{i}"),
        (at("bishop", "a2", "k"), "y_{k}"),
        (at("bishop", "y", "k"), "t_{k}"),
        (at("bishop", "C"), "E"),
        (at("bishop", "z1", "j"), "a_{j}^{(1)}"),
        (at("bishop", "a1", "j"), "z_{j}^{(1)}"),
        (at("bishop", "z1_bar", "j"), r"\delta_{j}^{(1)}"),
        (at("downie", "W2", 1, 0), "w_{12}^{(2)}"),
        (at("downie", "b2", 0), "b_{1}^{(2)}"),
        (at("downie", "a2", 0), "a_{1}^{(2)}"),
        (at("downie", "x", 1), "x_{2}"),
        (at("downie", "z1_bar", 0), r"\frac{\partial R}{\partial z_{1}^{(1)}}"),
        (at("downie", "W1_bar", 0, 1), r"\frac{\partial R}{\partial w_{21}^{(1)}}"),
        (at("hjorth-jensen", "W1", 1, 0), "w_{01}^{(1)}"),
        (at("hjorth-jensen", "x", 0), "x_{0}"),
        (at("hjorth-jensen", "z1_bar", 1), r"\delta_{1}^{(1)}"),
        (at("hjorth-jensen", "W2", "j", "k", general=True), "w_{kj}^{(L)}"),
        (at("hjorth-jensen", "a1", "i", general=True), "a_{i}^{(l)}"),
        (at("bessa", "a1", "k", general=True), "n_{k,l}"),
        (at("bessa", "x", "j", general=True), "n_{j,l-1}"),
        (at("bessa", "b1", "k", general=True), "b_{k,l-1}"),
        (at("bessa", "W1", "j", "k", general=True), "W_{kj,l-1}"),
        (at("bessa", "W2", 0, 1), "W_{21,1}"),
        (at("bessa", "C"), r"\mathcal{L}"),
        (at("trujillo", "W1", "i", "k", general=True), "w_{ki}^{L}"),
        (at("trujillo", "x", "i", general=True), "a_{i}^{L-1}"),
        (at("trujillo", "z2_bar", "i", general=True), r"\delta_{i}^{\mathbb{L}}"),
        (at("trujillo", "W1", 2, 0), "w_{13}^{2}"),
        (at("nielsen", "W1", "k", "j", general=True), "w_{jk}^{l}"),
        (at("nielsen", "x", "k", general=True), "a_{k}^{l-1}"),
        (at("nielsen", "z2_bar", "j", general=True), r"\delta_{j}^{L}"),
        (at("nielsen", "a1", 0), "a_{1}^{2}"),
        (at("goodfellow", "W1", general=True), "W^{(k)}"),
        (at("goodfellow", "z1", general=True), "a^{(k)}"),
        (at("goodfellow", "x", general=True), "h^{(k-1)}"),
        (at("goodfellow", "a2"), r"\hat{y}"),
        (at("goodfellow", "W1", "j", "i"), "W_{i,j}^{(1)}"),
        (at("ng", "W1"), "W^{[1]}"),
        (at("ng", "W1_bar"), "dW^{[1]}"),
        (at("ng", "W1", "k", "j", general=True), "W_{jk}^{[l]}"),
        (at("ng", "z1", "i", "j"), "z_{ji}^{[1]}"),
        (at("ng", "z2_bar", general=True), "dz^{[L]}"),
        (at("d2l", "W1", "k", "j"), "W_{jk}^{(1)}"),
        (at("d2l", "a1", "i", "j"), "h_{ij}^{(1)}"),
        (at("d2l", "a2", "i", "j"), r"\hat{y}_{ij}"),
        (at("symnet", "W1", "i", "j"), "W_{ij}^{(1)}"),
        (at("symnet", "z1_bar", "n", "j"), r"\delta_{nj}^{(1)}"),
    ],
)
def test_symbols_are_those_of_the_source(symbol: str, printed: str) -> None:
    assert re.sub(r"\s*([,])\s*", r"\1", symbol) == printed


def whole(name: str, array: str, kind: str) -> str:
    """The symbol of a whole array of layer l, without indices."""
    notation = load_notation(name)
    labels = {layer: Place(notation.layer, layer - 1) for layer in range(3)}
    symbols = Symbols(notation, 2, labels, general_input=True)
    return formula_latex(symbols.whole(ARRAYS[array], is_matrix=kind == "matrix"))


@pytest.mark.parametrize(
    ("symbol", "printed"),
    [
        (whole("bessa", "W1", "matrix"), r"\mathbf{W}_{l-1}"),
        (whole("bessa", "x", "vector"), r"\mathbf{n}_{l-1}"),
        (whole("hjorth-jensen", "z1_bar", "vector"), r"\boldsymbol{\delta}^{(l)}"),
        (whole("trujillo", "W1", "matrix"), "W^{L}"),
        (whole("trujillo", "z1_bar", "vector"), r"\delta^{L}"),
        (whole("nielsen", "x", "vector"), "a^{l-1}"),
        (whole("goodfellow", "z1_bar", "vector"), r"\mathbf{g}^{(k)}"),
        (whole("ng", "z1_bar", "matrix"), "dZ^{[l]}"),
        (whole("ng", "W1_bar", "matrix"), "dW^{[l]}"),
        (whole("ng", "b1_bar", "vector"), "db^{[l]}"),
        (whole("d2l", "a1", "matrix"), r"\mathbf{H}^{(l)}"),
        (whole("d2l", "a2", "matrix"), r"\hat{\mathbf{Y}}"),
        (whole("symnet", "z1_bar", "matrix"), r"\delta^{(l)}"),
    ],
)
def test_vectors_and_matrices_are_those_of_the_source(symbol: str, printed: str) -> None:
    assert symbol == printed
