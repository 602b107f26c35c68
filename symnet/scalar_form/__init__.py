"""Floor 3: the scalar form, in which each unit, weight and bias is a symbol of its own."""

from symnet.scalar_form.graph import Graph, GraphArithmetic, entry_name, scalar_graph

__all__ = ["Graph", "GraphArithmetic", "entry_name", "scalar_graph"]
