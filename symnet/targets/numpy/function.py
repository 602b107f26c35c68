"""A user's function on arrays, elementwise, in straight-line code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from symnet.scalar_form import Graph
from symnet.targets.numpy_scalar import NumpyLanguage
from symnet.targets.straight_line import FunctionCode, Language


class ArrayFunctionCode(FunctionCode):
    """Arguments are arrays or floats, and values are arrays."""

    template: ClassVar[str] = "numpy/function.py.jinja"
    language_of: ClassVar[type[Language]] = NumpyLanguage
    kind: ClassVar[str] = "Array"
    about: ClassVar[str] = "arrays or floats"

    def values(self, graph: Graph, roots: Sequence[int], texts: Sequence[str], *, alone: bool) -> list[str]:
        arrays = [self.array(graph, root, text) for root, text in zip(roots, texts, strict=True)]
        # SciPy's functions have no type annotations, so type checkers need the conversion.
        return [f"np.asarray({text})" for text in arrays] if alone and self.language.needs()["scipy_names"] else arrays

    def array(self, graph: Graph, root: int, text: str) -> str:
        """Return code for a result as a new array: a constant in the arguments' shape, an argument as a copy."""
        if graph.operation[root] == "symbol":
            return f"np.array({text})"
        if graph.operation[root] != "number":
            return text
        shapes = ", ".join(f"np.shape({name})" for name in self.variables)
        return f"np.full(np.broadcast_shapes({shapes}), {text})"
