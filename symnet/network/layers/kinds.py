"""The kinds of layers that a text description of a network can name."""

from __future__ import annotations

from symnet.network.layers.attention import Attention
from symnet.network.layers.base import BaseLayer
from symnet.network.layers.conv import Conv
from symnet.network.layers.dense import Dense
from symnet.network.layers.layer_norm import LayerNorm
from symnet.network.layers.pool import Pool
from symnet.network.layers.radial_basis import RadialBasis
from symnet.network.layers.residual import Residual

LAYER_KINDS: dict[str, type[BaseLayer]] = {
    kind.kind: kind for kind in (Dense, Residual, RadialBasis, Conv, Pool, Attention, LayerNorm)
}
