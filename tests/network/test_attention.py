"""Attention and layer normalisation: values by hand, gradients by differences at 50 digits, modules by the oracle."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from strategies import assert_are_gradients, positions_to_check, values_for
from test_workspace import check_against_oracle

import symnet
from symnet.support.errors import ArchitectureError

NETWORKS = {
    "one head": "3x2-attention(1)-2",
    "two heads": "3x4-attention(2,bias=false)-2;loss=cross_entropy",
    "normed": "4-layer_norm-3:tanh-layer_norm(eps=0.01)-2",
    "block": "2x4-layer_norm-attention(2)-layer_norm-2;loss=huber;l2=0.1",
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", NETWORKS)
def test_modules_compute_what_the_equations_say(name: str, dtype: str) -> None:
    check_against_oracle(symnet.parse(NETWORKS[name]), 4, 2, dtype)


@pytest.mark.parametrize("accuracy", ["fast", "tails"])
@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_are_those_of_the_forward_equations(name: str, accuracy: str) -> None:
    derivation = symnet.derive(NETWORKS[name], accuracy=accuracy)
    values = values_for(derivation.network, derivation.forward, 2, seed=5)
    positions = positions_to_check(derivation.forward, values, 1)
    assert_are_gradients((derivation.equations, derivation.program), derivation.forward, values, positions)


def attention(params: Any, x: np.ndarray) -> np.ndarray:
    """Head by head, as the paper has it."""
    _, heads, size = params.Wq1.shape
    out = np.zeros_like(x) + params.bo1
    for head in range(heads):
        query, key, value = (
            x @ getattr(params, f"W{letter}1")[:, head] + getattr(params, f"b{letter}1")[head] for letter in "qkv"
        )
        scores = query @ key.transpose(0, 2, 1) / np.sqrt(size)
        weights = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
        out += weights @ value @ params.Wo1[head]
    return out


@pytest.mark.parametrize("target", ["numpy", "numpy-plain"])
@pytest.mark.parametrize("heads", [1, 2, 3])
def test_attention_is_that_of_each_head_by_hand(heads: int, target: str) -> None:
    module = symnet.compile(f"5x6-attention({heads})-2", target=target)
    rng = np.random.default_rng(heads)
    params = module.Parameters(*(rng.standard_normal(shape) / 2 for shape in module.SHAPES.values()))
    x = rng.standard_normal((4, 5, 6))
    expected = np.tensordot(attention(params, x), params.W2, 2) + params.b2
    np.testing.assert_allclose(module.forward(params, x), expected, rtol=0, atol=1e-13)


def test_a_layer_norm_has_mean_0_and_variance_1_before_its_gain() -> None:
    module = symnet.compile("2x5-layer_norm-1;loss=a")
    rng = np.random.default_rng(1)
    gain, bias, weight = rng.standard_normal(5), rng.standard_normal(5), rng.standard_normal((2, 5, 1))
    params = module.Parameters(gain, bias, weight, np.zeros(1))
    x = rng.standard_normal((3, 2, 5)) * 4 + 7
    normed = (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)
    expected = np.tensordot(normed * gain + bias, weight, 2)
    np.testing.assert_allclose(module.forward(params, x), expected, rtol=1e-12)


@pytest.mark.parametrize("text", NETWORKS.values())
def test_strings_and_toml_give_the_same_network(text: str) -> None:
    network = symnet.parse(text)
    assert symnet.parse(symnet.to_string(network)) == network
    assert symnet.from_toml(symnet.to_toml(network)) == network


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (
            "3x4-attention(3)-2",
            "layer 1: attention with 3 heads cannot stand behind an output of 3 x 4; one axis",
        ),
        ("4-attention(2)-2", "attention with 2 heads cannot stand behind an output of 4;"),
        ("3x4-attention(0)-2", "heads is '0'"),
        ("4-layer_norm(eps=0)-2", "eps is '0'"),
    ],
)
def test_what_does_not_fit_is_refused(text: str, part: str) -> None:
    with pytest.raises(ArchitectureError, match=re.escape(part)):
        symnet.parse(text)
