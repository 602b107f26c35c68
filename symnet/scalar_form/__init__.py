"""Floor 3: the scalar form, in which each unit, weight and bias is a symbol of its own."""

from symnet.scalar_form.formulas import Naming, ScalarForm, scalar_form
from symnet.scalar_form.graph import Graph, GraphArithmetic, entry_name, scalar_graph
from symnet.scalar_form.modes import cotangents, slope_of, tangents

__all__ = [
    "Graph",
    "GraphArithmetic",
    "Naming",
    "ScalarForm",
    "cotangents",
    "entry_name",
    "scalar_form",
    "scalar_graph",
    "slope_of",
    "tangents",
]
