"""Equations as statements over whole arrays, and those as calls that write into buffers.

    equations -> lower -> Translation (three-address code) -> schedule -> assign_buffers

Each stage is verified: `verify_statements`, `verify_schedule`, `verify_buffers`.
"""

from symnet.lower.arrays import (
    Axes,
    Call,
    Delta,
    Einsum,
    Expand,
    Fill,
    Literal,
    Load,
    Matmul,
    Node,
    Place,
    Power,
    Product,
    Reduce,
    RowCall,
    Scatter,
    Statement,
    Terms,
    Transpose,
    Window,
)
from symnet.lower.blocking import (
    block_rows,
)
from symnet.lower.buffers import (
    Buffer,
    Buffers,
    Chain,
    assign_buffers,
)
from symnet.lower.instructions import (
    OR_INF,
    Argument,
    Instruction,
    Number,
    Operand,
    Spot,
    Value,
)
from symnet.lower.lowering import (
    lower,
)
from symnet.lower.schedule import (
    Schedule,
    schedule,
)
from symnet.lower.translate import (
    Translation,
)
from symnet.lower.verify_schedule import (
    verify_buffers,
    verify_schedule,
)

__all__ = [
    "OR_INF",
    "Argument",
    "Axes",
    "Buffer",
    "Buffers",
    "Call",
    "Chain",
    "Delta",
    "Einsum",
    "Expand",
    "Fill",
    "Instruction",
    "Literal",
    "Load",
    "Matmul",
    "Node",
    "Number",
    "Operand",
    "Place",
    "Power",
    "Product",
    "Reduce",
    "RowCall",
    "Scatter",
    "Schedule",
    "Spot",
    "Statement",
    "Terms",
    "Translation",
    "Transpose",
    "Value",
    "Window",
    "assign_buffers",
    "block_rows",
    "lower",
    "schedule",
    "verify_buffers",
    "verify_schedule",
]
