"""Floor 1: equations in index notation, their verification, and the oracle that evaluates them."""

from symnet.equations.oracle import evaluate, numerical_gradient
from symnet.equations.program import (
    BATCH,
    Array,
    Constraint,
    Contribution,
    Equation,
    Program,
    Role,
    Step,
    bound_apart,
    extent,
    fresh_index,
    index,
    size_symbol,
    substitute,
    summation,
)
from symnet.equations.text import equation_text, expression_text
from symnet.equations.verify import verify

__all__ = [
    "BATCH",
    "Array",
    "Constraint",
    "Contribution",
    "Equation",
    "Program",
    "Role",
    "Step",
    "bound_apart",
    "equation_text",
    "evaluate",
    "expression_text",
    "extent",
    "fresh_index",
    "index",
    "numerical_gradient",
    "size_symbol",
    "substitute",
    "summation",
    "verify",
]
