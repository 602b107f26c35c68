"""Equations in index notation: programs and their verification, the oracle that evaluates them, the reverse sweep."""

from symnet.core.chain_rule import (
    on_the_way,
    reverse_sweep,
)
from symnet.core.derivatives import (
    derivative,
)
from symnet.core.index_algebra import (
    array_base,
    bound_apart,
    bound_by,
    bound_once,
    children,
    extent,
    fresh_index,
    index,
    indexed,
    indices_of,
    is_plain,
    others,
    references,
    resummed,
    substitute,
    summation,
    sums,
    walk,
    written_order,
)
from symnet.core.interpreter import (
    Entries,
    Interpreter,
)
from symnet.core.oracle import (
    FLOATS,
    PRECISE,
    evaluate,
)
from symnet.core.program import (
    PARAMETER_ROLES,
    Array,
    Constraint,
    Contribution,
    Equation,
    Program,
    Role,
    Step,
    definition_at,
)
from symnet.core.sizes import (
    BATCH,
    Size,
    layer_of_size,
    size_symbol,
)
from symnet.core.text import (
    MAX_DENOMINATOR,
    equation_text,
    expression_text,
    has_minus_sign,
    ordered_terms,
    split_product,
)
from symnet.core.verify import (
    neighbours,
    verify,
)

__all__ = [
    "BATCH",
    "FLOATS",
    "MAX_DENOMINATOR",
    "PARAMETER_ROLES",
    "PRECISE",
    "Array",
    "Constraint",
    "Contribution",
    "Entries",
    "Equation",
    "Interpreter",
    "Program",
    "Role",
    "Size",
    "Step",
    "array_base",
    "bound_apart",
    "bound_by",
    "bound_once",
    "children",
    "definition_at",
    "derivative",
    "equation_text",
    "evaluate",
    "expression_text",
    "extent",
    "fresh_index",
    "has_minus_sign",
    "index",
    "indexed",
    "indices_of",
    "is_plain",
    "layer_of_size",
    "neighbours",
    "on_the_way",
    "ordered_terms",
    "others",
    "references",
    "resummed",
    "reverse_sweep",
    "size_symbol",
    "split_product",
    "substitute",
    "summation",
    "sums",
    "verify",
    "walk",
    "written_order",
]
