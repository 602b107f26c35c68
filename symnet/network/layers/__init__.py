"""The kinds of layers, each defined by its forward equations only."""

from symnet.network.layers.attention import (
    Attention,
)
from symnet.network.layers.base import (
    MAX_UNITS,
    Activated,
    ActivatedLayer,
    BaseLayer,
    Initial,
    Layer,
    Scope,
    Shape,
    axis_index,
    check_whole,
    checked_shape,
    shape_text,
)
from symnet.network.layers.conv import (
    Conv,
)
from symnet.network.layers.dense import (
    Dense,
)
from symnet.network.layers.kinds import (
    LAYER_KINDS,
)
from symnet.network.layers.layer_norm import (
    LayerNorm,
)
from symnet.network.layers.pool import (
    Pool,
)
from symnet.network.layers.radial_basis import (
    RadialBasis,
)
from symnet.network.layers.residual import (
    Residual,
)

__all__ = [
    "LAYER_KINDS",
    "MAX_UNITS",
    "Activated",
    "ActivatedLayer",
    "Attention",
    "BaseLayer",
    "Conv",
    "Dense",
    "Initial",
    "Layer",
    "LayerNorm",
    "Pool",
    "RadialBasis",
    "Residual",
    "Scope",
    "Shape",
    "axis_index",
    "check_whole",
    "checked_shape",
    "shape_text",
]
