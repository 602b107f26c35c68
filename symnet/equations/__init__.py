"""Equations in index notation, their verification, and the oracle that evaluates them."""

from symnet.equations.index_algebra import (
    bound_apart,
    bound_by,
    children,
    extent,
    fresh_index,
    index,
    indices_of,
    others,
    references,
    resummed,
    substitute,
    summation,
    sums,
)
from symnet.equations.oracle import evaluate, numerical_gradient
from symnet.equations.program import Array, Constraint, Contribution, Equation, Program, Role, Step, definition_at
from symnet.equations.sizes import BATCH, Size, layer_of_size, size_symbol
from symnet.equations.text import equation_text, expression_text
from symnet.equations.verify import neighbours, verify

__all__ = [
    "BATCH",
    "Array",
    "Constraint",
    "Contribution",
    "Equation",
    "Program",
    "Role",
    "Size",
    "Step",
    "bound_apart",
    "bound_by",
    "children",
    "definition_at",
    "equation_text",
    "evaluate",
    "expression_text",
    "extent",
    "fresh_index",
    "index",
    "indices_of",
    "layer_of_size",
    "neighbours",
    "numerical_gradient",
    "others",
    "references",
    "resummed",
    "size_symbol",
    "substitute",
    "summation",
    "sums",
    "verify",
]
