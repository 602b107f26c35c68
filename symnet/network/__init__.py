"""A network as text, TOML or Python objects, its layers, activations and losses, and its forward equations."""

from symnet.network.activations import (
    ACTIVATIONS,
    A,
    Activation,
    Z,
    read_function,
)
from symnet.network.forward import (
    LOSS,
    LOSS_PARTS,
    PENALTY,
    PENALTY_FREE,
    forward_equations,
    mixes_examples,
    penalty_apart,
)
from symnet.network.given import (
    WANTED,
    Given,
    architecture_text,
    network_of,
    to_string,
    to_toml,
)
from symnet.network.layers import (
    LAYER_KINDS,
    Activated,
    ActivatedLayer,
    Attention,
    BaseLayer,
    Conv,
    Dense,
    Initial,
    Layer,
    LayerNorm,
    Pool,
    RadialBasis,
    Residual,
    Scope,
    shape_text,
)
from symnet.network.losses import (
    LOSSES,
)
from symnet.network.network import (
    Network,
    check_differentiable,
    left_out,
)
from symnet.network.string import (
    parse,
)
from symnet.network.toml import (
    from_toml,
    load,
)

__all__ = [
    "ACTIVATIONS",
    "LAYER_KINDS",
    "LOSS",
    "LOSSES",
    "LOSS_PARTS",
    "PENALTY",
    "PENALTY_FREE",
    "WANTED",
    "A",
    "Activated",
    "ActivatedLayer",
    "Activation",
    "Attention",
    "BaseLayer",
    "Conv",
    "Dense",
    "Given",
    "Initial",
    "Layer",
    "LayerNorm",
    "Network",
    "Pool",
    "RadialBasis",
    "Residual",
    "Scope",
    "Z",
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
    "read_function",
    "shape_text",
    "to_string",
    "to_toml",
]
