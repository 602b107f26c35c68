"""The size of a block of rows."""

from __future__ import annotations

CACHE_BYTES = 3 * 2**19
"""The buffers of a block should fit into this: about the second-level cache of a core."""

FEWEST_ROWS = 512
"""With fewer rows, matrix products lose more time than elementwise passes gain."""

SMALL_PRODUCT = 9 * 10**5
"""Up to about this many multiplications OpenBLAS computes a product without packing its operands."""

LINE_BYTES = 64


def block_rows(parameters: int, numbers_per_row: int, largest_weights: int, dtype: str) -> int:
    """The number of rows of a block whose buffers stay in cache between passes.

    Each block after the first costs a pass over all gradients, so a network with many parameters per
    unit gets larger blocks.

    Args:
        parameters: the number of scalar parameters.
        numbers_per_row: the numbers that the buffers hold for each row.
        largest_weights: the number of entries of the largest parameter array.
        dtype: "float64" or "float32".
    """
    item = int(dtype.removeprefix("float")) // 8
    rows = CACHE_BYTES // (max(1, numbers_per_row) * item)
    small = SMALL_PRODUCT // (largest_weights + 1)
    if small >= FEWEST_ROWS:
        rows = min(rows, small)
    rows = max(FEWEST_ROWS, rows, 4 * parameters // max(1, numbers_per_row))
    # An odd number of cache lines: in rows-last layout, rows 4096 bytes apart would evict each other.
    lines = rows * item // LINE_BYTES
    return (lines | 1) * LINE_BYTES // item
