"""Pictures of a network and of its computational graph, as TikZ, as SVG and for a terminal."""

from symnet.pages.pictures.graph import (
    graph_picture,
)
from symnet.pages.pictures.network import (
    network_picture,
)

__all__ = [
    "graph_picture",
    "network_picture",
]
