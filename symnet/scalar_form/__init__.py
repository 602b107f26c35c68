"""The scalar form, in which each unit, weight and bias is a symbol of its own, as a shared graph."""

from symnet.scalar_form.bounds import (
    least_power,
    least_values,
)
from symnet.scalar_form.expression import (
    derivative_program,
    written_programs,
)
from symnet.scalar_form.formulas import (
    Naming,
    ScalarForm,
    elementary,
    scalar_form,
)
from symnet.scalar_form.graph import Graph, Number, magnitude
from symnet.scalar_form.graph_counts import (
    count_graph,
    node_operations,
    power_operations,
    weighted,
)
from symnet.scalar_form.instantiate import GraphArithmetic, scalar_graph
from symnet.scalar_form.modes import (
    cotangents,
    slope_of,
    tangents,
)
from symnet.scalar_form.products import (
    share_products,
)
from symnet.scalar_form.verify import verify_graph

__all__ = [
    "Graph",
    "GraphArithmetic",
    "Naming",
    "Number",
    "ScalarForm",
    "cotangents",
    "count_graph",
    "derivative_program",
    "elementary",
    "least_power",
    "least_values",
    "magnitude",
    "node_operations",
    "power_operations",
    "scalar_form",
    "scalar_graph",
    "share_products",
    "slope_of",
    "tangents",
    "verify_graph",
    "weighted",
    "written_programs",
]
