"""The scalar form: each unit, weight and bias is a symbol of its own."""

from symnet.scalar_form.bounds import least_power, least_values
from symnet.scalar_form.expression import derivative_program, elementary_program, written_programs
from symnet.scalar_form.formulas import Naming, ScalarForm, elementary, scalar_form
from symnet.scalar_form.graph import Graph, GraphArithmetic, Number, entry_name, magnitude, scalar_graph
from symnet.scalar_form.modes import cotangents, slope_of, tangents
from symnet.scalar_form.verify import verify_graph

__all__ = [
    "Graph",
    "GraphArithmetic",
    "Naming",
    "Number",
    "ScalarForm",
    "cotangents",
    "derivative_program",
    "elementary",
    "elementary_program",
    "entry_name",
    "least_power",
    "least_values",
    "magnitude",
    "scalar_form",
    "scalar_graph",
    "slope_of",
    "tangents",
    "verify_graph",
    "written_programs",
]
