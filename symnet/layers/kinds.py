"""The kinds of layers that a text description of a network can name."""

from __future__ import annotations

from symnet.layers.base import Layer
from symnet.layers.dense import Dense
from symnet.layers.radial_basis import RadialBasis
from symnet.layers.residual import Residual

LAYER_KINDS: dict[str, type[Layer]] = {kind.kind: kind for kind in (Dense, Residual, RadialBasis)}
