"""A network as text, TOML or Python objects, and its forward equations."""

from symnet.architecture.forward import (
    LOSS,
    LOSS_PARTS,
    PENALTY,
    PENALTY_FREE,
    Forward,
    forward_equations,
    mixes_examples,
    penalty_apart,
)
from symnet.architecture.given import WANTED, Given, architecture_text, network_of, to_string, to_toml
from symnet.architecture.network import Network, check_differentiable, left_out
from symnet.architecture.string import parse
from symnet.architecture.toml import from_toml, load

__all__ = [
    "LOSS",
    "LOSS_PARTS",
    "PENALTY",
    "PENALTY_FREE",
    "WANTED",
    "Forward",
    "Given",
    "Network",
    "architecture_text",
    "check_differentiable",
    "forward_equations",
    "from_toml",
    "left_out",
    "load",
    "mixes_examples",
    "network_of",
    "parse",
    "penalty_apart",
    "to_string",
    "to_toml",
]
