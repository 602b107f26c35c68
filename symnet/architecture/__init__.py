"""Floor 2: a network as text, TOML or Python objects, and its forward equations."""

from symnet.architecture.forward import Forward, forward_equations
from symnet.architecture.network import Network
from symnet.architecture.string import parse, to_string
from symnet.architecture.toml import from_toml, load, to_toml

__all__ = [
    "Forward",
    "Network",
    "forward_equations",
    "from_toml",
    "load",
    "parse",
    "to_string",
    "to_toml",
]
