"""Lowering: equations to statements over whole arrays, and these to calls that write into buffers.

equations -> lower -> Translation (three-address code) -> schedule -> assign_buffers

The output of each stage is verified: `verify_statements`, `verify_schedule`, `verify_buffers`.
"""

from symnet.lower import arrays
from symnet.lower.arrays import Statement
from symnet.lower.blocking import block_rows
from symnet.lower.buffers import assign_buffers
from symnet.lower.lowering import lower
from symnet.lower.schedule import schedule
from symnet.lower.translate import Translation
from symnet.lower.verify import verify_statements
from symnet.lower.verify_schedule import verify_buffers, verify_schedule

__all__ = [
    "Statement",
    "Translation",
    "arrays",
    "assign_buffers",
    "block_rows",
    "lower",
    "schedule",
    "verify_buffers",
    "verify_schedule",
    "verify_statements",
]
