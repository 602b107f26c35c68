"""The kinds of layers, each defined by its forward equations only."""

from symnet.layers.base import MAX_UNITS, ActivatedLayer, Initial, Layer, Scope, check_whole
from symnet.layers.dense import Dense
from symnet.layers.radial_basis import RadialBasis
from symnet.layers.residual import Residual

LAYER_KINDS: dict[str, type[Layer]] = {kind.kind: kind for kind in (Dense, Residual, RadialBasis)}
"""The kinds that the string and TOML forms of a network can name."""

__all__ = [
    "LAYER_KINDS",
    "MAX_UNITS",
    "ActivatedLayer",
    "Dense",
    "Initial",
    "Layer",
    "RadialBasis",
    "Residual",
    "Scope",
    "check_whole",
]
